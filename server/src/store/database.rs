//! The database: SQLite in a file of the data folder, or PostgreSQL. The statements are the same; what
//! differs is here and in the migrations.

use super::StoreError;
use super::documents::is_damage;
use super::folder::Shared;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Row};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Once};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Connections to a PostgreSQL database.
const CONNECTIONS: u32 = 12;

/// How long after a lost connection the next one is tried.
const RECONNECT: Duration = Duration::from_secs(1);

/// The place of a server's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder with a SQLite file.
    Folder(PathBuf),
    /// The address of a PostgreSQL database.
    Postgres(String),
}

impl Place {
    /// The SQLite file of a folder.
    #[must_use]
    pub fn file(folder: &Path) -> PathBuf {
        folder.join("tongban.db")
    }
}

impl FromStr for Place {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        Ok(if postgres { Self::Postgres(text.to_owned()) } else { Self::Folder(text.into()) })
    }
}

impl From<&Path> for Place {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => folder.display().fmt(out),
            // Without what may be a password.
            Self::Postgres(url) => out.write_str(url.rsplit('@').next().unwrap_or_default()),
        }
    }
}

/// A transaction that writes. One that is not committed takes its connection along: after a failure
/// nobody can say what stands open on it. (On a full disk SQLite ends the transaction by itself, the
/// library goes on counting it, and what came later was told to be committed and was not.)
#[derive(Debug)]
pub struct Writing(Option<PoolConnection<Any>>);

impl Writing {
    /// The change is on the disk when this returns.
    ///
    /// # Errors
    /// When the database fails; nothing was written then.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        (&mut *self as &mut AnyConnection).execute("commit").await?;
        // Back to the others.
        self.0 = None;
        Ok(())
    }

    fn give_up(&mut self) {
        drop(self.0.take().map(PoolConnection::detach));
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl std::ops::Deref for Writing {
    type Target = AnyConnection;

    #[allow(clippy::expect_used, reason = "taken out when it ends only")]
    fn deref(&self) -> &AnyConnection {
        self.0.as_ref().expect("a transaction that stands")
    }
}

impl std::ops::DerefMut for Writing {
    #[allow(clippy::expect_used, reason = "taken out when it ends only")]
    fn deref_mut(&mut self) -> &mut AnyConnection {
        self.0.as_mut().expect("a transaction that stands")
    }
}

/// A process that is gone with its machine keeps a lock from others for a minute, one that is at work for some.
const KEPT_ALONE: [&str; 4] = [
    "set tcp_keepalives_idle = 30",
    "set tcp_keepalives_interval = 10",
    "set tcp_keepalives_count = 3",
    "set lock_timeout = '5min'",
];

/// A lock that no other process has meanwhile: the database gives it back when its connection ends.
pub struct Alone(Option<AnyConnection>);

impl Alone {
    /// Whether there may be other processes.
    #[must_use]
    pub const fn is_of_many(&self) -> bool {
        self.0.is_some()
    }
}

/// The database of a server.
#[derive(Clone, Debug)]
pub struct Database {
    place: Place,
    /// A lock on the folder: while this stands nobody replaces its file.
    _shared: Option<Shared>,
    /// SQLite has one writer anyway, and a queue in front of it is fairer than busy waiting.
    writer: AnyPool,
    reader: AnyPool,
}

impl Database {
    /// Opens a database and brings its tables up; a folder and its file are made when they are
    /// missing.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened or is of a newer version.
    pub async fn open(place: &Place) -> Result<Self, StoreError> {
        choose_drivers();
        let (writer, reader, shared) = match place {
            Place::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(sqlx::Error::from)?;
                let shared = Shared::take(folder).await.map_err(sqlx::Error::from)?;
                let file = Place::file(folder);
                let writer = sqlite_pool(&file, 1).await?;
                sqlx::migrate!("migrations/sqlite").run(&writer).await?;
                (writer, sqlite_pool(&file, 4).await?, Some(shared))
            }
            Place::Postgres(url) => {
                let options = AnyConnectOptions::from_str(url)?;
                let pool = AnyPoolOptions::new().max_connections(CONNECTIONS).connect_with(options).await?;
                sqlx::migrate!("migrations/postgres").run(&pool).await?;
                (pool.clone(), pool, None)
            }
        };
        Ok(Self { place: place.clone(), _shared: shared, writer, reader })
    }

    /// The place of its data.
    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    /// Connections for reading.
    #[must_use]
    pub const fn reader(&self) -> &AnyPool {
        &self.reader
    }

    /// Connections for writing.
    #[must_use]
    pub const fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// A transaction that writes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin(&self) -> Result<Writing, sqlx::Error> {
        // A caller that stops waiting in the middle takes the connection along as well.
        let mut writing = Writing(Some(self.writer.acquire().await?));
        // SQLite: at once, so that a process that waits for another one waits here, and is not
        // refused in the middle.
        let begin = if matches!(self.place, Place::Folder(_)) { "begin immediate" } else { "begin" };
        (&mut *writing as &mut AnyConnection).execute(begin).await?;
        Ok(writing)
    }

    /// A transaction whose reads are all of one moment, whatever other processes commit meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn moment(
        pool: &AnyPool,
        place: &Place,
    ) -> Result<sqlx::Transaction<'static, sqlx::Any>, sqlx::Error> {
        let mut transaction = pool.begin().await?;
        if let Place::Postgres(_) = place {
            let one = "set transaction isolation level repeatable read, read only";
            transaction.execute(one).await?;
        }
        Ok(transaction)
    }

    /// Takes a lock for the rest of a transaction, where several connections write: what is read
    /// then is what the write rests on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock(&self, connection: &mut AnyConnection, name: i64) -> Result<(), sqlx::Error> {
        if let Place::Postgres(_) = self.place {
            sqlx::query("select pg_advisory_xact_lock($1)").bind(name).execute(connection).await?;
        }
        Ok(())
    }

    /// Waits for a lock of a name that one process over the database has at a time, for as long as the answer
    /// lives. Over a folder, which one process serves, nobody waits.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, or somebody else keeps it for long.
    pub async fn alone(&self, name: i64) -> Result<Alone, StoreError> {
        let Place::Postgres(url) = &self.place else { return Ok(Alone(None)) };
        choose_drivers();
        // A connection of its own: it is kept for long, and its holder needs others.
        let mut connection = AnyConnection::connect(url).await?;
        for setting in KEPT_ALONE {
            connection.execute(setting).await?;
        }
        sqlx::query("select pg_advisory_lock($1)").bind(name).execute(&mut connection).await?;
        Ok(Alone(Some(connection)))
    }

    /// Wakes somebody whenever another process has written, where the database tells that.
    pub async fn wake(&self, woken: Arc<Notify>, stop: CancellationToken) {
        let Place::Postgres(url) = &self.place else { return };
        while !stop.is_cancelled() {
            if let Ok(mut listener) = sqlx::postgres::PgListener::connect(url).await
                && listener.listen("tongban").await.is_ok()
            {
                loop {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        told = listener.try_recv() => match told {
                            Ok(Some(_)) => woken.notify_one(),
                            // Back after a loss: something may have been told meanwhile.
                            Ok(None) => woken.notify_one(),
                            Err(_) => break,
                        },
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RECONNECT) => {}
            }
        }
    }

    /// A setting of this store.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("select value from setting where name = $1")
            .bind(name.to_owned())
            .fetch_optional(&self.reader)
            .await?;
        Ok(row.map(|row| row.get("value")))
    }

    /// A setting of this store; where there is none, what is made now, unless another process is
    /// quicker.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn setting_or(
        &self,
        name: &str,
        make: impl FnOnce() -> String + Send,
    ) -> Result<String, StoreError> {
        if let Some(known) = self.setting(name).await? {
            return Ok(known);
        }
        let made = make();
        sqlx::query("insert into setting (name, value) values ($1, $2) on conflict do nothing")
            .bind(name.to_owned())
            .bind(made.clone())
            .execute(&self.writer)
            .await?;
        Ok(self.setting(name).await?.unwrap_or(made))
    }

    /// Writes a setting.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.set_setting_with(&mut *self.writer.acquire().await?, name, value).await
    }

    /// The same on a connection.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn set_setting_with(
        &self,
        connection: &mut AnyConnection,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value")
            .bind(name.to_owned())
            .bind(value.to_owned())
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Forgets a setting.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove_setting(&self, name: &str) -> Result<(), StoreError> {
        sqlx::query("delete from setting where name = $1")
            .bind(name.to_owned())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Copies the database into one SQLite file while the server runs. From a damaged one everything that can
    /// still be read is copied; gives the tables that are not whole.
    ///
    /// # Errors
    /// [`StoreError`] when the file exists or cannot be written.
    pub async fn backup(&self, file: &Path) -> Result<BTreeSet<&'static str>, StoreError> {
        if let Place::Folder(_) = self.place {
            let name = file.to_string_lossy().into_owned();
            match sqlx::query("vacuum into $1").bind(name).execute(&self.writer).await {
                Ok(_) => return Ok(BTreeSet::new()),
                Err(error) if is_damage(&error) => {
                    let _ = std::fs::remove_file(file);
                }
                Err(error) => return Err(error.into()),
            }
        }
        let options = AnyConnectOptions::from_str(&sqlite_url(file))?;
        let copy = AnyPoolOptions::new().max_connections(1).connect_with(options).await?;
        sqlx::migrate!("migrations/sqlite").run(&copy).await?;
        let damaged = super::copy::tables((&self.reader, &self.place), &copy).await;
        copy.close().await;
        if damaged.is_err() {
            let _ = std::fs::remove_file(file);
        }
        damaged
    }

    /// Fills an empty database from a backup; gives the tables of which it could not read all.
    ///
    /// # Errors
    /// [`StoreError`] when the file is no backup.
    pub async fn fill(&self, file: &Path) -> Result<BTreeSet<&'static str>, StoreError> {
        let options = AnyConnectOptions::from_str(&sqlite_url(file).replace("mode=rwc", "mode=ro"))?;
        let copy = AnyPoolOptions::new().max_connections(1).connect_with(options).await?;
        let filled = super::copy::tables((&copy, &Place::Folder(file.to_owned())), &self.writer).await;
        copy.close().await;
        filled
    }

    /// Whether anything was ever written.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let row = sqlx::query("select count(*) as n from setting").fetch_one(&self.reader).await?;
        Ok(row.get::<i64, _>("n") == 0)
    }

    /// Ends all connections; what was committed is on disk already.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }
}

fn choose_drivers() {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);
}

/// Connections to a SQLite file.
async fn sqlite_pool(file: &Path, most: u32) -> Result<AnyPool, StoreError> {
    choose_drivers();
    let options = AnyConnectOptions::from_str(&sqlite_url(file))?;
    let pool = AnyPoolOptions::new()
        .max_connections(most)
        .after_connect(|connection, _| Box::pin(prepare_sqlite(connection)));
    Ok(pool.connect_with(options).await?)
}

/// A connection to a SQLite file that nobody else has open, in whatever state it is.
pub(super) async fn connection_to(file: &Path) -> Result<AnyConnection, StoreError> {
    choose_drivers();
    let options = AnyConnectOptions::from_str(&sqlite_url(file))?;
    Ok(AnyConnection::connect_with(&options).await?)
}

/// The same as a pool; `short` when the file ends before its last page, which SQLite does not read otherwise.
pub(super) async fn damaged_pool(file: &Path, short: bool) -> Result<AnyPool, StoreError> {
    choose_drivers();
    let options = AnyConnectOptions::from_str(&sqlite_url(file))?;
    // A table whose statement cannot be read is not to be taken for none: only where there is no other way.
    let way = if short { "pragma writable_schema = on" } else { "select 1" };
    let pool = AnyPoolOptions::new()
        .max_connections(1)
        .after_connect(move |connection, _| Box::pin(async move { connection.execute(way).await.map(drop) }));
    Ok(pool.connect_with(options).await?)
}

async fn prepare_sqlite(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    connection.ping().await?;
    for pragma in [
        "pragma busy_timeout = 10000",
        "pragma journal_mode = wal",
        // A commit is on the disk, not in the kernel's memory only.
        "pragma synchronous = full",
        "pragma foreign_keys = on",
    ] {
        connection.execute(pragma).await?;
    }
    Ok(())
}

/// The address of a SQLite file; what an address would read as its own signs is written out.
fn sqlite_url(file: &Path) -> String {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let path = path.to_string_lossy().replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{path}?mode=rwc")
}
