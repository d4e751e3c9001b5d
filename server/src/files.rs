//! Photos and files beside entries: their contents by hash in a folder, what is known of them in the
//! database. They come in pieces; a piece that was taken is not asked for again.

use crate::clock;
use crate::store::{Database, StoreError};
use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use sqlx::Row;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::io::AsyncWriteExt;
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

/// What is known of a file that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub unit: UnitId,
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

    /// What is known of a file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known(&self, hash: FileHash) -> Result<Option<Known>, FileError> {
        let row = sqlx::query("select unit, kind from file where hash = $1")
            .bind(hash.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        let unit =
            |row: &sqlx::any::AnyRow| row.get::<Vec<u8>, _>("unit").try_into().ok().map(UnitId::from_bytes);
        Ok(row.and_then(|row| Some(Known { unit: unit(&row)?, kind: row.get("kind") })))
    }

    /// How far a file is that a unit sends.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn progress(&self, unit: UnitId, hash: FileHash) -> Result<Progress, FileError> {
        if self.known(hash).await?.is_some() {
            return Ok(Progress::Whole);
        }
        match tokio::fs::metadata(self.part(unit, hash)).await {
            Ok(part) => Ok(Progress::Begun(part.len())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Progress::Begun(0)),
            Err(error) => Err(error.into()),
        }
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
        if size > MAX_FILE_BYTES || piece.len() > PIECE || at + piece.len() as u64 > size {
            return Err(FileError::TooLarge);
        }
        let _growing = self.growing.lock().await;
        let here = match self.progress(unit, hash).await? {
            Progress::Whole => return Ok(Progress::Whole),
            Progress::Begun(here) => here,
        };
        if here != at {
            return Err(FileError::Elsewhere(here));
        }
        if at == 0 {
            let used = self.used(unit).await?;
            if used + size > self.most {
                return Err(FileError::Full { used: used >> 20, most: self.most >> 20 });
            }
        }
        let path = self.part(unit, hash);
        let mut part = tokio::fs::OpenOptions::new().create(true).append(true).open(&path).await?;
        part.write_all(&piece).await?;
        part.flush().await?;
        let now = here + piece.len() as u64;
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
        tokio::fs::remove_file(&path).await?;
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

    fn part(&self, unit: UnitId, hash: FileHash) -> PathBuf {
        self.parts.join(format!("{unit}-{hash}"))
    }
}

fn object(hash: FileHash) -> ObjectPath {
    let name = hash.to_string();
    ObjectPath::from_iter([&name[..2], &name])
}

fn drop_stale(parts: &Path) -> Result<(), FileError> {
    for part in std::fs::read_dir(parts)? {
        let part = part?;
        let age = SystemTime::now().duration_since(part.metadata()?.modified()?).unwrap_or_default();
        if age > BEGUN {
            std::fs::remove_file(part.path())?;
        }
    }
    Ok(())
}
