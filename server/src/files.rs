//! Photos and files beside entries: their contents by hash in a folder or a store elsewhere, what is
//! known of them in the database. They come in pieces; a piece that was taken is not asked for again.

mod giving;
mod parts;
mod place;

pub use giving::Given;
pub use place::FilePlace;

use crate::store::{Database, StoreError};
use crate::{clock, limits};
use bytes::Bytes;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use parts::{Part, append, remove};
use sqlx::{AssertSqlSafe, Row};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tongban_shared::attachment::FileHash;
use tongban_shared::id::{PersonId, UnitId};
use tongban_shared::limits::{FILE_BYTES, PIECE};

/// Unfinished uploads of units that begin nothing more are looked for so often.
const SWEPT: Duration = Duration::from_secs(24 * 3600);

/// So many files of one unit are begun and not whole at most.
const MOST_BEGUN: usize = 400;

/// So many of them are of one person; beyond it the one goes that was gone on with the longest ago, and is sent
/// anew.
const MOST_BEGUN_OF_A_PERSON: usize = 20;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("文件过大：每个最多 {} MB", FILE_BYTES >> 20)]
    TooLarge,
    #[error("本单位的附件已满：已用 {used} MB，共 {most} MB")]
    Full { used: u64, most: u64 },
    #[error(
        "您上传的附件已满：已用 {used} MB，每人最多 {most} MB（本单位的一半）；请由同事上传，或联系管理员"
    )]
    FullOfPerson { used: u64, most: u64 },
    #[error("本单位没有传完的文件太多，请先传完，或过几天再试")]
    TooManyBegun,
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

/// The files of a server.
#[derive(Clone, Debug)]
pub struct Files {
    store: Database,
    objects: Arc<dyn ObjectStore>,
    /// The folder in which pieces are put together, each unit's in one of its own.
    parts: PathBuf,
    /// When those of all units were looked through.
    swept: Arc<std::sync::Mutex<Instant>>,
    /// Bytes that the files of one unit may take.
    most: u64,
    /// A file grows in order, and what a unit begins is counted before it is there.
    turns: Arc<std::sync::Mutex<HashMap<Turn, Weak<Mutex<()>>>>>,
    /// Kibibytes of files that are made whole at once: each is in memory then.
    whole: Arc<Semaphore>,
}

/// One at a time: the pieces of a file of a unit, and what a unit begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Turn {
    Growing(UnitId, FileHash),
    Beginning(UnitId),
}

/// Does something on a thread of its own: reading and hashing megabytes holds up a worker.
async fn beside<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, FileError> {
    let done = tokio::task::spawn_blocking(act).await;
    done.map_err(|error| FileError::Disk(std::io::Error::other(error)))?
}

impl Files {
    /// The files of a database; folders are made when they are missing.
    ///
    /// # Errors
    /// When a folder cannot be made, or what is said of a store elsewhere is wrong.
    pub fn open(store: Database, files: &FilePlace, most: u64) -> Result<Self, FileError> {
        let (parts, objects) = (files.parts(store.place()), files.objects()?);
        std::fs::create_dir_all(&parts)?;
        parts::sweep(&parts)?;
        let swept = Arc::new(std::sync::Mutex::new(Instant::now()));
        let whole = Arc::new(Semaphore::new(kibibytes(limits::WHOLE_FILES) as usize));
        Ok(Self { store, objects, parts, swept, most, turns: Arc::default(), whole })
    }

    async fn turn(&self, of: Turn) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.retain(|_, turn| turn.strong_count() > 0);
            let turn = turns.get(&of).and_then(Weak::upgrade).unwrap_or_default();
            turns.insert(of, Arc::downgrade(&turn));
            turn
        };
        turn.lock_owned().await
    }

    /// The person of a unit who sent a file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sender(&self, unit: UnitId, hash: FileHash) -> Result<Option<PersonId>, FileError> {
        let row = sqlx::query("select person from file where unit = $1 and hash = $2")
            .bind(unit.bytes().to_vec())
            .bind(hash.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        Ok(row.and_then(|row| row.get::<Vec<u8>, _>("person").try_into().ok()).map(PersonId::from_bytes))
    }

    /// How far a file is that a person of a unit sends, of `size` bytes where that is known. One that the
    /// database knows and the disk has lost is sent anew.
    ///
    /// # Errors
    /// When the database or the disk fails.
    pub async fn progress(
        &self,
        (person, unit): (PersonId, UnitId),
        hash: FileHash,
        size: Option<u64>,
    ) -> Result<Progress, FileError> {
        if self.is_whole(unit, hash).await? {
            return Ok(Progress::Whole);
        }
        let fits = |part: &Part| {
            part.hash == hash && part.person == Some(person) && size.is_none_or(|size| part.size == size)
        };
        let begun = self.parts_of(unit).await?.into_iter().find(fits);
        // All there and not whole: the program ended in between. The last piece is asked for again.
        let missing = |part: Part| part.here.min(part.size.saturating_sub(1) / PIECE as u64 * PIECE as u64);
        Ok(Progress::Begun(begun.map_or(0, missing)))
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
        if piece.is_empty() || piece.len() > PIECE || size > FILE_BYTES || ends.is_none_or(|end| end > size) {
            return Err(FileError::TooLarge);
        }
        let _growing = self.turn(Turn::Growing(unit, hash)).await;
        if self.is_whole(unit, hash).await? {
            return Ok(Progress::Whole);
        }
        // Nobody puts anything behind what another one has begun.
        let path = parts::of(&self.parts, unit).join(Part::name(unit, hash, size, person));
        let beginning = if at == 0 {
            let turn = self.turn(Turn::Beginning(unit)).await;
            self.has_own_room((person, unit), hash, size).await?;
            if piece.len() as u64 == size {
                self.has_room(unit, hash, size).await?;
            } else {
                self.may_begin((person, unit), hash, size).await?;
                self.drop_oldest((person, unit), &path).await?;
            }
            Some(turn)
        } else {
            None
        };
        let growing = path.clone();
        let now = beside(move || append(&growing, at, &piece, size)).await?;
        drop(beginning);
        if now < size {
            return Ok(Progress::Begun(now));
        }
        let (content, _memory) = self.read_whole(path.clone(), (hash, size)).await?;
        let Some(content) = content else {
            remove(&path)?;
            return Err(FileError::OtherContent);
        };
        if let Err(error) = self.put((person, unit), hash, content).await {
            // The last piece comes again, when the store is back.
            std::fs::OpenOptions::new().write(true).open(&path)?.set_len(at)?;
            return Err(error);
        }
        // Also what colleagues have begun of it.
        for part in self.parts_of(unit).await?.into_iter().filter(|part| part.hash == hash) {
            remove(&part.path)?;
        }
        Ok(Progress::Whole)
    }

    /// Reads a file whose last piece has come, when there is memory for it, which the reader holds as long as the
    /// content; none where it is not what its hash says.
    async fn read_whole(
        &self,
        path: PathBuf,
        (hash, size): (FileHash, u64),
    ) -> Result<(Option<Bytes>, OwnedSemaphorePermit), FileError> {
        let memory = Arc::clone(&self.whole).acquire_many_owned(kibibytes(size)).await;
        let memory = memory.map_err(|error| FileError::Disk(std::io::Error::other(error)))?;
        let content = beside(move || {
            let content = Bytes::from(std::fs::read(path)?);
            Ok((FileHash::of(&content) == hash).then_some(content))
        });
        Ok((content.await?, memory))
    }

    /// Keeps a whole file of a person of a unit, which another server or a bundle had; whether it was
    /// new.
    ///
    /// # Errors
    /// [`FileError`]
    pub async fn keep(
        &self,
        by: (PersonId, UnitId),
        hash: FileHash,
        content: Bytes,
    ) -> Result<bool, FileError> {
        let size = content.len() as u64;
        if content.is_empty() || size > FILE_BYTES {
            return Err(FileError::TooLarge);
        }
        let (looked_at, fits) = (content.clone(), move |content: &Bytes| FileHash::of(content) == hash);
        if !beside(move || Ok(fits(&looked_at))).await? {
            return Err(FileError::OtherContent);
        }
        let _growing = self.turn(Turn::Growing(by.1, hash)).await;
        let _beginning = self.turn(Turn::Beginning(by.1)).await;
        if self.is_whole(by.1, hash).await? {
            return Ok(false);
        }
        self.has_room(by.1, hash, size).await?;
        self.put(by, hash, content).await.map(|()| true)
    }

    /// Whether there is room for a file of a unit besides what it has, and what it has begun, also what
    /// says to be this one in another size.
    ///
    /// # Errors
    /// [`FileError::Full`]
    pub async fn has_room(&self, unit: UnitId, hash: FileHash, size: u64) -> Result<(), FileError> {
        self.room_beside((None, unit), hash, size).await.map(|_| ())
    }

    /// How many others a unit has begun, when there is room; what anybody has begun of this one is none of them,
    /// or what one person has.
    async fn room_beside(
        &self,
        (person, unit): (Option<PersonId>, UnitId),
        hash: FileHash,
        size: u64,
    ) -> Result<usize, FileError> {
        let all = {
            let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
            let over = swept.elapsed() > SWEPT;
            *swept = if over { Instant::now() } else { *swept };
            over
        };
        let folder = self.parts.clone();
        beside(move || {
            let swept =
                if all { parts::sweep(&folder) } else { parts::drop_stale(&parts::of(&folder, unit)) };
            Ok(swept?)
        })
        .await?;
        let mut others = self.parts_of(unit).await?;
        others.retain(|part| {
            (part.hash, part.size) != (hash, size) || person.is_some_and(|own| part.person != Some(own))
        });
        let begun = others.iter().map(|part| part.size).fold(0, u64::saturating_add);
        let used = self.used(unit, None).await?.saturating_add(begun);
        if used.saturating_add(size) > self.most {
            return Err(FileError::Full { used: used >> 20, most: self.most >> 20 });
        }
        Ok(others.len())
    }

    /// Whether a person has room within the half of a unit's share that one person takes: the rest is left to
    /// colleagues.
    async fn has_own_room(
        &self,
        (person, unit): (PersonId, UnitId),
        hash: FileHash,
        size: u64,
    ) -> Result<(), FileError> {
        let mut own = self.parts_of(unit).await?;
        own.retain(|part| part.person == Some(person) && (part.hash, part.size) != (hash, size));
        // The oldest of these make room for what is begun.
        own.sort_by_key(|part| std::cmp::Reverse(part.changed));
        let begun = own.iter().take(MOST_BEGUN_OF_A_PERSON - 1);
        let begun = begun.map(|part| part.size).fold(0, u64::saturating_add);
        let used = self.used(unit, Some(person)).await?.saturating_add(begun);
        let most = self.most / 2;
        if used.saturating_add(size) > most {
            return Err(FileError::FullOfPerson { used: used >> 20, most: most >> 20 });
        }
        Ok(())
    }

    /// The same for one that comes in pieces, of which not everything may be begun at once.
    ///
    /// # Errors
    /// [`FileError::Full`], [`FileError::TooManyBegun`]
    pub async fn may_begin(
        &self,
        (person, unit): (PersonId, UnitId),
        hash: FileHash,
        size: u64,
    ) -> Result<(), FileError> {
        let others = self.room_beside((Some(person), unit), hash, size).await?;
        if others >= MOST_BEGUN { Err(FileError::TooManyBegun) } else { Ok(()) }
    }

    /// Puts a whole file on the disk under its hash; then the database knows of it.
    async fn put(
        &self,
        (person, unit): (PersonId, UnitId),
        hash: FileHash,
        content: Bytes,
    ) -> Result<(), FileError> {
        let size = content.len();
        self.objects.put(&object(hash), PutPayload::from_bytes(content)).await?;
        sqlx::query(
            "insert into file (hash, size, unit, person, created)
             values ($1, $2, $3, $4, $5) on conflict do nothing",
        )
        .bind(hash.bytes().to_vec())
        .bind(i64::try_from(size).unwrap_or(i64::MAX))
        .bind(unit.bytes().to_vec())
        .bind(person.bytes().to_vec())
        .bind(clock::now())
        .execute(self.store.writer())
        .await?;
        Ok(())
    }

    /// The whole content of a file that is here, for carrying it elsewhere.
    ///
    /// # Errors
    /// When it cannot be read, or is not what its hash says any more.
    pub async fn content(&self, hash: FileHash) -> Result<Bytes, FileError> {
        let content = self.objects.get(&object(hash)).await?.bytes().await?;
        beside(
            move || if FileHash::of(&content) == hash { Ok(content) } else { Err(FileError::OtherContent) },
        )
        .await
    }

    /// The bytes of a file that a unit has sent, when it is here as a whole.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn whole(&self, unit: UnitId, hash: FileHash) -> Result<Option<u64>, FileError> {
        if self.sender(unit, hash).await?.is_none() {
            return Ok(None);
        }
        Ok(self.objects.head(&object(hash)).await.ok().map(|about| about.size))
    }

    async fn is_whole(&self, unit: UnitId, hash: FileHash) -> Result<bool, FileError> {
        Ok(self.whole(unit, hash).await?.is_some())
    }

    /// Bytes that the files of a unit take, or those of one of its people.
    async fn used(&self, unit: UnitId, person: Option<PersonId>) -> Result<u64, FileError> {
        let question = "select cast(coalesce(sum(size), 0) as bigint) as used from file where unit = $1";
        let question = match person {
            Some(_) => format!("{question} and person = $2"),
            None => question.to_owned(),
        };
        let question = sqlx::query(AssertSqlSafe(question)).bind(unit.bytes().to_vec());
        let question = match person {
            Some(person) => question.bind(person.bytes().to_vec()),
            None => question,
        };
        let row = question.fetch_one(self.store.reader()).await?;
        Ok(u64::try_from(row.get::<i64, _>("used")).unwrap_or_default())
    }

    /// Makes room among the unfinished files of a person for one at a place.
    async fn drop_oldest(&self, (person, unit): (PersonId, UnitId), place: &Path) -> Result<(), FileError> {
        let mut own = self.parts_of(unit).await?;
        own.retain(|part| part.person == Some(person) && part.path != place);
        own.sort_by_key(|part| std::cmp::Reverse(part.changed));
        for part in own.iter().skip(MOST_BEGUN_OF_A_PERSON - 1) {
            remove(&part.path)?;
        }
        Ok(())
    }

    /// The unit's unfinished files, looked for beside the workers.
    async fn parts_of(&self, unit: UnitId) -> Result<Vec<Part>, FileError> {
        let folder = parts::of(&self.parts, unit);
        beside(move || Ok(parts::all(&folder, unit)?)).await
    }
}

/// The kibibytes that are given for so many bytes.
fn kibibytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)
}

fn object(hash: FileHash) -> ObjectPath {
    let name = hash.to_string();
    ObjectPath::from_iter([&name[..2], &name])
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::poll;

    /// Very many files of the largest kind end in the same moment.
    #[tokio::test]
    async fn files_that_end_at_once_are_read_as_far_as_there_is_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Database::open(&crate::store::Place::from(folder.path())).await.expect("a database");
        let place = FilePlace::of(store.place(), None);
        let files = Files::open(store, &place, u64::MAX).expect("folders");
        let content = vec![7; usize::try_from(FILE_BYTES).expect("small")];
        let (hash, path) = (FileHash::of(&content), folder.path().join("part"));
        std::fs::write(&path, &content).expect("written");
        let read = || files.read_whole(path.clone(), (hash, FILE_BYTES));
        let mut all = Vec::new();
        for _ in 0..limits::WHOLE_FILES / FILE_BYTES {
            let (content, memory) = read().await.expect("read");
            all.push((content.expect("what its hash says"), memory));
        }
        assert!(!all.is_empty() && all.len() < 10, "of {} MiB", limits::WHOLE_FILES >> 20);
        let mut others: Vec<_> = (0..32).map(|_| Box::pin(read())).collect();
        for other in &mut others {
            assert!(poll!(other).is_pending());
        }
        let left = u64::try_from(files.whole.available_permits()).expect("a number") * 1024;
        assert!(left < FILE_BYTES, "{left} bytes for another one");
        // Each of them is read when an earlier one was put away.
        drop(all);
        for other in others {
            let (content, _memory) = other.await.expect("read");
            assert_eq!(content.map(|content| content.len() as u64), Some(FILE_BYTES));
        }
    }
}
