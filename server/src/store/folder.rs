//! A data folder with a SQLite file: who has it open, and how a damaged file in it is replaced.
//!
//! Every program holds the folder's lock as long as it has the file open, together with others; a file is
//! replaced by whoever holds it alone. Without it, a program that had waited at the old file would go on
//! in it, beside the new one's journal.

use super::database::{Database, Place, connection_to, damaged_pool};
use super::documents::is_corrupt;
use super::{StoreError, copy};
use sqlx::{Connection, Row};
use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// Files up to this size are looked at whole after a run that was cut off (about a second); larger ones
/// when the last run met damage, or something is missing at their end.
const LOOKED_AT_WHOLE: u64 = 256 << 20;

/// The endings of SQLite's files.
const PARTS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// A folder that is open, together with others. The lock ends with the last of its clones.
#[derive(Debug, Clone)]
pub struct Shared {
    _lock: Option<Arc<File>>,
}

impl Shared {
    /// Waits until nobody replaces the file. A replacement that was cut off is brought to its end.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn take(folder: &Path) -> std::io::Result<Self> {
        let folder = folder.to_owned();
        let taken = tokio::task::spawn_blocking(move || {
            loop {
                let lock = lock_file(&folder)?;
                if replacement(&folder).exists() {
                    lock.lock()?;
                    finish(&folder)?;
                    lock.unlock()?;
                }
                match lock.lock_shared() {
                    // A folder without locks is never replaced either.
                    Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(Self { _lock: None }),
                    other => other?,
                }
                // Somebody may have been cut off in the meantime.
                if !replacement(&folder).exists() {
                    return Ok(Self { _lock: Some(Arc::new(lock)) });
                }
            }
        });
        taken.await.map_err(Error::other)?
    }
}

/// Puts a file into a folder that has none, while nobody has the folder open; `false` when it has one.
///
/// # Errors
/// When the file cannot be read or the folder not written; the folder has none then.
pub fn put_first(from: &Path, folder: &Path) -> std::io::Result<bool> {
    let lock = lock_file(folder)?;
    match lock.lock() {
        Err(error) if error.kind() != ErrorKind::Unsupported => return Err(error),
        _ => {}
    }
    finish(folder)?;
    if Place::file(folder).exists() {
        return Ok(false);
    }
    // Under its name only when it is whole: nobody is to take half of it for a damaged one.
    let half = folder.join("being-restored");
    let put = std::fs::copy(from, &half)
        .and_then(|_| File::open(&half)?.sync_all())
        .and_then(|()| std::fs::rename(&half, Place::file(folder)));
    if put.is_err() {
        let _ = std::fs::remove_file(&half);
    }
    put.map(|()| true)
}

/// A damaged file that nobody else has open.
#[derive(Debug)]
pub struct Damaged {
    folder: PathBuf,
    /// Held alone.
    lock: File,
}

impl Damaged {
    /// Looks at the file of a folder where there is reason to; nothing when it is whole, or another
    /// program has it open.
    ///
    /// # Errors
    /// [`StoreError`] when the folder cannot be read or written.
    pub async fn found(folder: &Path) -> Result<Option<Self>, StoreError> {
        if !Place::file(folder).exists() {
            return Ok(None);
        }
        let lock = lock_file(folder).map_err(sqlx::Error::from)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(sqlx::Error::from(error).into()),
        }
        if replacement(folder).exists() {
            finish(folder).map_err(sqlx::Error::from)?;
        }
        // A run that was cut off may have left it.
        let _ = std::fs::remove_dir_all(Self::copy_in(folder));
        if !is_doubtful(folder).map_err(sqlx::Error::from)? || is_whole(folder).await? {
            let _ = std::fs::remove_file(mark(folder));
            return Ok(None);
        }
        // Known until it is healed, also when that does not succeed this time.
        note(&Place::from(folder));
        Ok(Some(Self { folder: folder.to_owned(), lock }))
    }

    /// The folder in which the copy of everything readable is made.
    #[must_use]
    pub fn copy_in(folder: &Path) -> PathBuf {
        folder.join("being-healed")
    }

    /// Copies what can still be read; gives the tables of which that is not all.
    ///
    /// # Errors
    /// [`StoreError`] when nothing can be read or the copy cannot be written.
    pub async fn copy_to(&self, store: &Database) -> Result<BTreeSet<&'static str>, StoreError> {
        let file = Place::file(&self.folder);
        let size = std::fs::metadata(&file).map_err(sqlx::Error::from)?.len();
        let pool = damaged_pool(&file, is_short(&file, size).map_err(sqlx::Error::from)?).await?;
        let place = Place::Folder(self.folder.clone());
        let copied = copy::tables((&pool, &place), store.writer()).await;
        // The content of the journal goes into the damaged file, if that can still be.
        pool.close().await;
        copied
    }

    /// Puts a closed database into the place of the damaged one; gives under which name that one stays.
    ///
    /// # Errors
    /// When the disk fails: then one of the two is in its place, whole, at the next start.
    pub fn replace_by(self, whole: &Path) -> std::io::Result<String> {
        if part(whole, "-wal").exists() {
            return Err(Error::other("the copy is not whole"));
        }
        // Others of the machine are to read no more of it than before.
        std::fs::set_permissions(whole, std::fs::metadata(Place::file(&self.folder))?.permissions())?;
        File::open(whole)?.sync_all()?;
        // From here on the new one counts, whenever this is cut off.
        std::fs::rename(whole, replacement(&self.folder))?;
        File::open(&self.folder)?.sync_all()?;
        let kept = finish(&self.folder)?;
        self.lock.unlock()?;
        Ok(kept)
    }
}

/// Remembers for the next start that damage was met.
pub(super) fn note(place: &Place) {
    if let Place::Folder(folder) = place {
        let _ = std::fs::write(mark(folder), b"");
    }
}

/// Whether there is reason to look at a file whole.
fn is_doubtful(folder: &Path) -> std::io::Result<bool> {
    let file = Place::file(folder);
    let size = std::fs::metadata(&file)?.len();
    let cut_off = std::fs::metadata(part(&file, "-wal")).is_ok_and(|journal| journal.len() > 0);
    Ok(mark(folder).exists() || size > 0 && is_short(&file, size)? || cut_off && size <= LOOKED_AT_WHOLE)
}

/// Whether a file ends before its last page, as its head counts them.
fn is_short(file: &Path, size: u64) -> std::io::Result<bool> {
    let mut head = [0; 100];
    if File::open(file)?.read_exact(&mut head).is_err() {
        return Ok(true);
    }
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    // The count is of the last write when that left its own number beside it.
    Ok(number(24) == number(92) && size < page * u64::from(number(28)))
}

async fn is_whole(folder: &Path) -> Result<bool, StoreError> {
    let mut connection = connection_to(&Place::file(folder)).await?;
    let said = sqlx::query("pragma quick_check(1)").fetch_one(&mut connection).await;
    connection.close().await?;
    match said {
        Ok(row) => Ok(row.get::<String, _>(0) == "ok"),
        Err(error) if is_corrupt(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Puts the damaged file aside with its journal, and the new one into its place; may be begun again where
/// it was cut off. The caller holds the folder alone.
fn finish(folder: &Path) -> std::io::Result<String> {
    let (file, new) = (Place::file(folder), replacement(folder));
    let Ok(about) = std::fs::metadata(&new) else { return Ok(String::new()) };
    let written = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let names = (0..).map(|more| format!("tongban.db.damaged-{}", written + more));
    // Files that were put aside before stay; after a run that was cut off, the journal goes beside its own
    // file.
    let is_free = |name: &String| {
        PARTS.iter().all(|ending| !part(&file, ending).exists() || !part(&folder.join(name), ending).exists())
    };
    let kept = names.into_iter().find(is_free).unwrap_or_default();
    // The rest of the old journal would be read as that of the new file.
    for ending in PARTS {
        let (old, aside) = (part(&file, ending), part(&folder.join(&kept), ending));
        if old.exists() {
            std::fs::rename(old, aside)?;
        }
    }
    File::open(folder)?.sync_all()?;
    std::fs::rename(new, file)?;
    File::open(folder)?.sync_all()?;
    let _ = std::fs::remove_file(mark(folder));
    Ok(kept)
}

fn lock_file(folder: &Path) -> std::io::Result<File> {
    let lock = folder.join("tongban.lock");
    match File::options().create(true).truncate(false).write(true).open(&lock) {
        // Somebody else's program made it; locking it needs no right to write.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => File::open(lock),
        other => other,
    }
}

fn replacement(folder: &Path) -> PathBuf {
    folder.join("tongban.db.new")
}

fn mark(folder: &Path) -> PathBuf {
    folder.join("damage-met")
}

fn part(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
