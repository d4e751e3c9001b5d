//! A SQLite file with damaged pages: found at the start, what can still be read copied out of it, put
//! aside for whoever can read more.

use super::database::{Database, Place, sqlite_pool};
use super::documents::is_damage;
use super::{StoreError, copy};
use sqlx::{AnyPool, Row};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files up to this size are looked at whole at every start (about a second); larger ones when the last
/// run was cut off, or met damage.
const ALWAYS: u64 = 256 << 20;

/// A damaged file that nobody else has open.
pub struct Damaged {
    folder: PathBuf,
    /// Its only connection, which keeps others out.
    pool: AnyPool,
}

impl Damaged {
    /// Looks at the file of a folder; nothing when it is whole, or another program has it open.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened at all.
    pub async fn found(folder: &Path) -> Result<Option<Self>, StoreError> {
        let file = Place::file(folder);
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |about| about.len());
        let cut_off = size(&beside(&file, "-wal")) > 0;
        if size(&file) == 0 || size(&file) > ALWAYS && !cut_off && !mark(folder).exists() {
            return Ok(None);
        }
        let pool = sqlite_pool(&file, 1).await?;
        let whole = match sqlx::query("pragma quick_check(1)").fetch_one(&pool).await {
            Ok(row) => row.get::<String, _>(0) == "ok",
            Err(error) if is_damage(&error) => false,
            Err(error) => return Err(error.into()),
        };
        if whole {
            pool.close().await;
            let _ = std::fs::remove_file(mark(folder));
            return Ok(None);
        }
        for statement in ["pragma locking_mode = exclusive", "begin exclusive", "commit"] {
            if let Err(error) = sqlx::query(statement).execute(&pool).await {
                tracing::error!(error = %error, "The database is damaged, and another program has it open");
                return Ok(None);
            }
        }
        Ok(Some(Self { folder: folder.to_owned(), pool }))
    }

    /// Copies what can still be read; gives the tables of which that is not all.
    ///
    /// # Errors
    /// [`StoreError`] when the copy cannot be written.
    pub async fn copy_to(&self, store: &Database) -> Result<BTreeSet<&'static str>, StoreError> {
        copy::tables((&self.pool, &Place::Folder(self.folder.clone())), store.writer()).await
    }

    /// Puts a whole file into the place of the damaged one, which stays beside it under another name.
    ///
    /// # Errors
    /// When the disk fails; the damaged file is in its place then.
    pub async fn replace_by(self, whole: &Path, name: &str) -> std::io::Result<()> {
        let file = Place::file(&self.folder);
        std::fs::hard_link(&file, self.folder.join(name))?;
        // Its journal goes into it with the last connection. What is left of one would be read as that
        // of the new file.
        self.pool.close().await;
        for ending in ["-wal", "-shm"] {
            let journal = beside(&file, ending);
            if journal.exists() {
                std::fs::rename(&journal, self.folder.join(format!("{name}{ending}")))?;
            }
        }
        std::fs::rename(whole, &file)?;
        let _ = std::fs::remove_file(mark(&self.folder));
        std::fs::File::open(&self.folder)?.sync_all()
    }
}

/// Remembers for the next start that damage was met.
pub(super) fn note(place: &Place) {
    if let Place::Folder(folder) = place {
        let _ = std::fs::write(mark(folder), b"");
    }
}

fn mark(folder: &Path) -> PathBuf {
    folder.join("damage-met")
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
