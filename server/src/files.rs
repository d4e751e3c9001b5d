//! Photos and files beside entries: their contents by hash in a folder, what is known of them in the
//! database. They come in pieces; a piece that was taken is not asked for again.

use crate::clock;
use crate::store::{Database, Place, StoreError};
use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;
use tongban_shared::attachment::{FileHash, MAX_FILE_BYTES, PIECE};
use tongban_shared::id::{PersonId, UnitId};

/// What was begun and not gone on with is dropped after this.
const BEGUN: Duration = Duration::from_secs(7 * 24 * 3600);

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("文件过大：每个最多 {} MB", MAX_FILE_BYTES >> 20)]
    TooLarge,
    #[error("本单位的附件已满：已用 {used} MB，共 {most} MB")]
    Full { used: u64, most: u64 },
    /// The piece does not begin where the last one ended.
    #[error("上传位置不符，请从 {0} 字节处继续")]
    Elsewhere(u64),
    #[error("文件内容与标识不符，请重新选择")]
    OtherContent,
    #[error("系统暂时不能处理，请稍后再试")]
    Store(#[from] StoreError),
    #[error("系统暂时不能处理，请稍后再试")]
    Disk(#[from] std::io::Error),
    #[error("系统暂时不能处理，请稍后再试")]
    Object(#[from] object_store::Error),
}

impl From<sqlx::Error> for FileError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// How far a file is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes have come.
    Begun(u64),
    Whole,
}

/// What is known of a file that a unit has sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub person: PersonId,
    /// Its type by its content.
    pub kind: String,
}

/// The files of a server.
#[derive(Clone, Debug)]
pub struct Files {
    store: Database,
    objects: Arc<dyn ObjectStore>,
    /// Where pieces are put together.
    parts: PathBuf,
    /// Bytes that the files of one unit may take.
    most: u64,
    /// One piece at a time: they are small, and a file grows in order.
    growing: Arc<Mutex<()>>,
}

impl Files {
    /// The files in a folder, which is made when it is missing.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(store: Database, folder: &Path, most: u64) -> Result<Self, FileError> {
        let (whole, parts) = (folder.join("whole"), folder.join("parts"));
        std::fs::create_dir_all(&whole)?;
        std::fs::create_dir_all(&parts)?;
        drop_stale(&parts)?;
        let objects = LocalFileSystem::new_with_prefix(whole)?.with_fsync(true);
        Ok(Self { store, objects: Arc::new(objects), parts, most, growing: Arc::default() })
    }

    /// What is known of a file that a unit has sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, unit: UnitId, hash: FileHash) -> Result<Option<Known>, FileError> {
        let row = sqlx::query("select person, kind from file where unit = $1 and hash = $2")
            .bind(unit.bytes().to_vec())
            .bind(hash.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        let person = |row: &AnyRow| row.get::<Vec<u8>, _>("person").try_into().ok().map(PersonId::from_bytes);
        Ok(row.and_then(|row| Some(Known { person: person(&row)?, kind: row.get("kind") })))
    }

    /// How far a file is that a unit sends. One that the database knows and the disk has lost is
    /// sent anew.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn progress(&self, unit: UnitId, hash: FileHash) -> Result<Progress, FileError> {
        if self.known(unit, hash).await?.is_some() && self.objects.head(&object(hash)).await.is_ok() {
            return Ok(Progress::Whole);
        }
        let begun = self.parts_of(unit)?.into_iter().find(|part| part.hash == hash);
        Ok(Progress::Begun(begun.map_or(0, |part| part.here)))
    }

    /// Takes a piece of a file of `size` bytes, which begins at `at`. The last one makes it whole:
    /// it is then on the disk under its hash, and known.
    ///
    /// # Errors
    /// [`FileError`]: what was taken before stays.
    pub async fn take(
        &self,
        (person, unit): (PersonId, UnitId),
        (hash, size): (FileHash, u64),
        at: u64,
        piece: Bytes,
    ) -> Result<Progress, FileError> {
        let ends = at.checked_add(piece.len() as u64);
        if piece.is_empty()
            || piece.len() > PIECE
            || size > MAX_FILE_BYTES
            || ends.is_none_or(|end| end > size)
        {
            return Err(FileError::TooLarge);
        }
        let _growing = self.growing.lock().await;
        if self.progress(unit, hash).await? == Progress::Whole {
            return Ok(Progress::Whole);
        }
        let path = self.parts.join(Part::name(unit, hash, size));
        if at == 0 {
            drop_stale(&self.parts)?;
            let begun = self.parts_of(unit)?.into_iter().filter(|part| part.hash != hash);
            let used = self.used(unit).await? + begun.map(|part| part.size).sum::<u64>();
            if used + size > self.most {
                return Err(FileError::Full { used: used >> 20, most: self.most >> 20 });
            }
        }
        let growing = path.clone();
        let now = tokio::task::spawn_blocking(move || append(&growing, at, &piece, size)).await;
        let now = now.map_err(|error| FileError::Disk(std::io::Error::other(error)))??;
        if now < size {
            return Ok(Progress::Begun(now));
        }
        let content = Bytes::from(tokio::fs::read(&path).await?);
        let fits = FileHash::of(&content) == hash;
        if fits {
            let kind = infer::get(&content).map_or("application/octet-stream", |kind| kind.mime_type());
            self.objects.put(&object(hash), PutPayload::from_bytes(content.clone())).await?;
            sqlx::query(
                "insert into file (hash, size, kind, unit, person, created)
                 values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
            )
            .bind(hash.bytes().to_vec())
            .bind(i64::try_from(size).unwrap_or(i64::MAX))
            .bind(kind.to_owned())
            .bind(unit.bytes().to_vec())
            .bind(person.bytes().to_vec())
            .bind(clock::now())
            .execute(self.store.writer())
            .await?;
        }
        remove(&path)?;
        if fits { Ok(Progress::Whole) } else { Err(FileError::OtherContent) }
    }

    /// The content of a file that is here.
    ///
    /// # Errors
    /// When it cannot be read, or is not what its hash says any more.
    pub async fn content(&self, hash: FileHash) -> Result<Bytes, FileError> {
        let content = self.objects.get(&object(hash)).await?.bytes().await?;
        if FileHash::of(&content) == hash { Ok(content) } else { Err(FileError::OtherContent) }
    }

    /// Bytes that the files of a unit take.
    async fn used(&self, unit: UnitId) -> Result<u64, FileError> {
        let row =
            sqlx::query("select cast(coalesce(sum(size), 0) as bigint) as used from file where unit = $1")
                .bind(unit.bytes().to_vec())
                .fetch_one(self.store.reader())
                .await?;
        Ok(u64::try_from(row.get::<i64, _>("used")).unwrap_or_default())
    }

    /// What a unit has begun.
    fn parts_of(&self, unit: UnitId) -> Result<Vec<Part>, FileError> {
        let mut parts = Vec::new();
        for file in std::fs::read_dir(&self.parts)? {
            let file = file?;
            let here = file.metadata().map(|about| about.len()).unwrap_or_default();
            let name = file.file_name();
            parts.extend(name.to_str().and_then(|name| Part::read(name, unit, here)));
        }
        Ok(parts)
    }
}

/// A file that has come in part.
struct Part {
    hash: FileHash,
    /// Bytes of the whole, which are counted from the first piece on.
    size: u64,
    here: u64,
}

impl Part {
    fn name(unit: UnitId, hash: FileHash, size: u64) -> String {
        format!("{unit}-{hash}-{size}")
    }

    fn read(name: &str, unit: UnitId, here: u64) -> Option<Self> {
        let (hash, size) = name.strip_prefix(&unit.to_string())?.strip_prefix('-')?.split_once('-')?;
        Some(Self { hash: hash.parse().ok()?, size: size.parse().ok()?, here })
    }
}

/// Puts a piece behind what is there, when it belongs there; gives how many bytes are there then.
/// The lock of the file keeps other processes out.
fn append(path: &Path, at: u64, piece: &[u8], size: u64) -> Result<u64, FileError> {
    let mut part = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    part.lock()?;
    let here = part.metadata()?.len();
    if here > size {
        // Spoilt: it is begun anew.
        part.set_len(0)?;
        return Err(FileError::Elsewhere(0));
    }
    if here != at {
        return Err(FileError::Elsewhere(here));
    }
    part.write_all(piece)?;
    part.sync_data()?;
    Ok(here + piece.len() as u64)
}

/// Removes a part, unless somebody else has.
fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The folder of the files of a store: the one that is named, else `files` in the data folder, or
/// here beside a database elsewhere.
#[must_use]
pub fn folder_of(place: &Place, named: Option<&Path>) -> PathBuf {
    match (named, place) {
        (Some(named), _) => named.to_owned(),
        (None, Place::Folder(folder)) => folder.join("files"),
        (None, Place::Postgres(_)) => PathBuf::from("files"),
    }
}

/// Copies whole files from one folder of files to another; those that are there stay. A file never
/// changes, and is on the disk before the database knows of it: what a copy of the database knows
/// is among the files that are copied after it.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<usize> {
    let mut copied = 0;
    let whole = from.join("whole");
    if !whole.exists() {
        return Ok(copied);
    }
    for folder in std::fs::read_dir(whole)? {
        let folder = folder?;
        let there = to.join("whole").join(folder.file_name());
        std::fs::create_dir_all(&there)?;
        for file in std::fs::read_dir(folder.path())? {
            let (file, name) = file.map(|file| (file.path(), file.file_name()))?;
            // What is being written has another name than its hash.
            let is_whole = name.to_str().is_some_and(|name| name.parse::<FileHash>().is_ok());
            if is_whole && !there.join(&name).exists() {
                let half = there.join(format!("{}.half", name.display()));
                std::fs::copy(file, &half)?;
                std::fs::File::open(&half)?.sync_all()?;
                std::fs::rename(half, there.join(name))?;
                copied += 1;
            }
        }
    }
    Ok(copied)
}

fn object(hash: FileHash) -> ObjectPath {
    let name = hash.to_string();
    ObjectPath::from_iter([&name[..2], &name])
}

fn drop_stale(parts: &Path) -> std::io::Result<()> {
    for part in std::fs::read_dir(parts)? {
        let part = part?;
        // Another process may have been first.
        let Ok(changed) = part.metadata().and_then(|about| about.modified()) else { continue };
        if SystemTime::now().duration_since(changed).unwrap_or_default() > BEGUN {
            remove(&part.path())?;
        }
    }
    Ok(())
}
