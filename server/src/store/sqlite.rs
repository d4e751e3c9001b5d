//! SQLite: one file under the data folder, written ahead (WAL), synced at every commit.

use super::{Append, Loaded, Store, StoreError};
use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqliteConnection};
use std::path::Path;
use std::time::Duration;
use tongban_shared::id::DocumentId;

/// The database of a server.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    /// One connection that writes: SQLite has one writer anyway, and a queue in front of it is
    /// fairer than busy waiting.
    writer: SqlitePool,
    reader: SqlitePool,
}

impl SqliteStore {
    /// Opens the database of a data folder; makes both when they are missing.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be opened or is of a newer version.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(sqlx::Error::from)?;
        let options = SqliteConnectOptions::new()
            .filename(folder.join("tongban.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: a commit is on the disk, not in the kernel's memory only.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/sqlite").run(&writer).await?;
        let reader = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        Ok(Self { writer, reader })
    }

    /// Connections for reading.
    #[must_use]
    pub const fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// The connection for writing.
    #[must_use]
    pub const fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// A setting of this store.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("select value from setting where name = ?")
            .bind(name)
            .fetch_optional(&self.reader)
            .await?;
        Ok(row.map(|row| row.get("value")))
    }

    /// Writes a setting.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query("insert into setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value")
            .bind(name)
            .bind(value)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Forgets a setting.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove_setting(&self, name: &str) -> Result<(), StoreError> {
        sqlx::query("delete from setting where name = $1").bind(name).execute(&self.writer).await?;
        Ok(())
    }

    /// Copies the database into one file while the server runs.
    ///
    /// # Errors
    /// [`StoreError`] when the file exists or cannot be written.
    pub async fn backup(&self, file: &Path) -> Result<(), StoreError> {
        sqlx::query("vacuum into ?").bind(file.to_string_lossy().into_owned()).execute(&self.writer).await?;
        Ok(())
    }

    /// Ends all connections; what was committed is on disk already.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reader.close().await;
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(&self, document: DocumentId) -> Result<Loaded, StoreError> {
        let id = document.bytes().to_vec();
        let mut transaction = self.reader.begin().await?;
        let snapshots = sqlx::query(
            "select bytes, saved from snapshot where document = $1 and saved >
             (select coalesce(max(covers), 0) from (select covers from snapshot where document = $1
              order by saved desc limit 1)) order by saved",
        )
        .bind(id.clone())
        .fetch_all(&mut *transaction)
        .await?;
        let changes = sqlx::query("select bytes from change where document = $1 order by arrived")
            .bind(id)
            .fetch_all(&mut *transaction)
            .await?;
        let over = snapshots.last().map_or(0, |row| row.get("saved"));
        let chunks = snapshots.into_iter().chain(changes).map(|row| row.get("bytes")).collect();
        Ok(Loaded { chunks, over })
    }

    async fn changes(&self, document: DocumentId, hashes: &[[u8; 32]]) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut found = Vec::new();
        for hash in hashes {
            let row = sqlx::query("select bytes from change where document = $1 and hash = $2")
                .bind(document.bytes().to_vec())
                .bind(hash.to_vec())
                .fetch_optional(&self.reader)
                .await?;
            found.extend(row.map(|row| row.get::<Vec<u8>, _>("bytes")));
        }
        Ok(found)
    }

    async fn append(&self, batch: Append) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        for chunk in batch.chunks {
            sqlx::query("insert or ignore into change (document, hash, bytes) values (?, ?, ?)")
                .bind(batch.document.bytes().to_vec())
                .bind(chunk.hash.to_vec())
                .bind(chunk.bytes)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn compact(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        covers: Vec<[u8; 32]>,
        over: i64,
    ) -> Result<(), StoreError> {
        let id = document.bytes().to_vec();
        let written = sqlx::query("insert into snapshot (document, bytes, covers) values ($1, $2, $3)")
            .bind(id.clone())
            .bind(snapshot.clone())
            .bind(over)
            .execute(&self.writer)
            .await?;
        // The snapshot is durable now. Only what reads back equal may take the place of changes.
        let row = sqlx::query("select bytes from snapshot where saved = $1")
            .bind(written.last_insert_rowid())
            .fetch_one(&self.writer)
            .await?;
        if row.get::<Vec<u8>, _>("bytes") != snapshot {
            return Ok(());
        }
        let mut transaction = self.writer.begin().await?;
        for hash in covers {
            delete_change(&mut transaction, &id, &hash).await?;
        }
        // The one before it is kept as a spare.
        sqlx::query("delete from snapshot where document = $1 and saved < $2")
            .bind(id)
            .bind(over)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn loose_changes(&self, document: DocumentId) -> Result<u64, StoreError> {
        let row = sqlx::query("select count(*) as n from change where document = ?")
            .bind(document.bytes().to_vec())
            .fetch_one(&self.reader)
            .await?;
        Ok(u64::try_from(row.get::<i64, _>("n")).unwrap_or(0))
    }

    async fn arrivals(&self, after: i64) -> Result<(i64, Vec<(DocumentId, [u8; 32])>), StoreError> {
        let rows =
            sqlx::query("select arrived, document, hash from change where arrived > $1 order by arrived")
                .bind(after)
                .fetch_all(&self.reader)
                .await?;
        let last = rows.last().map_or(after, |row| row.get("arrived"));
        let arrival = |row: &SqliteRow| {
            let document = row.get::<Vec<u8>, _>("document").try_into().ok()?;
            Some((DocumentId::from_bytes(document), row.get::<Vec<u8>, _>("hash").try_into().ok()?))
        };
        Ok((last, rows.iter().filter_map(arrival).collect()))
    }

    async fn cursor(&self) -> Result<i64, StoreError> {
        // Rows that were compacted away count as well.
        let row =
            sqlx::query("select coalesce(max(seq), 0) as last from sqlite_sequence where name = 'change'")
                .fetch_one(&self.reader)
                .await?;
        Ok(row.get("last"))
    }

    async fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        let rows = sqlx::query("select document from change union select document from snapshot")
            .fetch_all(&self.reader)
            .await?;
        let ids = rows.into_iter().filter_map(|row| row.get::<Vec<u8>, _>("document").try_into().ok());
        Ok(ids.map(DocumentId::from_bytes).collect())
    }
}

async fn delete_change(
    connection: &mut SqliteConnection,
    document: &[u8],
    hash: &[u8; 32],
) -> Result<(), StoreError> {
    sqlx::query("delete from change where document = ? and hash = ?")
        .bind(document.to_vec())
        .bind(hash.to_vec())
        .execute(connection)
        .await?;
    Ok(())
}
