//! Files that have come in part, each unit's in a folder of its own: nobody looks through those of others.

use super::FileError;
use std::fs::{DirEntry, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tongban_shared::attachment::FileHash;
use tongban_shared::id::{PersonId, UnitId};

/// Unfinished uploads are dropped after this time without a new piece.
const BEGUN: Duration = Duration::from_secs(7 * 24 * 3600);

/// A file that has come in part.
pub(super) struct Part {
    pub(super) hash: FileHash,
    /// Bytes of the whole, which are counted from the first piece on.
    pub(super) size: u64,
    /// The person who began it; nobody where a version before has.
    pub(super) person: Option<PersonId>,
    pub(super) here: u64,
    /// When it was gone on with the last time.
    pub(super) changed: SystemTime,
    pub(super) path: PathBuf,
}

impl Part {
    pub(super) fn name(unit: UnitId, hash: FileHash, size: u64, person: PersonId) -> String {
        format!("{unit}-{hash}-{size}-{person}")
    }

    fn read(name: &str, unit: UnitId, file: &DirEntry) -> Option<Self> {
        let mut words = name.strip_prefix(&unit.to_string())?.strip_prefix('-')?.split('-');
        let (hash, size) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let person = words.next().and_then(|person| person.parse().ok());
        let about = file.metadata().ok();
        let changed =
            about.as_ref().and_then(|about| about.modified().ok()).unwrap_or(SystemTime::UNIX_EPOCH);
        let here = about.map_or(0, |about| about.len());
        Some(Self { hash, size, person, here, changed, path: file.path() })
    }
}

/// Puts a piece behind what is there, when it belongs there; gives how many bytes are there then.
/// The lock of the file keeps other processes out.
pub(super) fn append(path: &Path, at: u64, piece: &[u8], size: u64) -> Result<u64, FileError> {
    // Only its beginning begins a file: nothing is left of a piece that came to the wrong place.
    let mut part = match open(path, at == 0) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(FileError::Elsewhere(0)),
        opened => opened?,
    };
    part.lock()?;
    let here = part.metadata()?.len();
    if here > size {
        // Spoilt: it is begun anew.
        part.set_len(0)?;
        return Err(FileError::Elsewhere(0));
    }
    // All there, and the program ended before it was whole: its last piece again.
    let here = if here == size && at < here { at } else { here };
    part.set_len(here)?;
    if here != at {
        return Err(FileError::Elsewhere(here));
    }
    part.write_all(piece)?;
    part.sync_data()?;
    Ok(here + piece.len() as u64)
}

/// Opens a part, with the folder of its unit where it begins.
fn open(path: &Path, begins: bool) -> std::io::Result<File> {
    let open = || OpenOptions::new().create(begins).append(true).open(path);
    let opened = open();
    match (&opened, path.parent()) {
        (Err(error), Some(folder)) if begins && error.kind() == ErrorKind::NotFound => {
            std::fs::create_dir_all(folder)?;
            // Another process may have found the new folder empty and removed it: the piece comes again then.
            open()
        }
        _ => opened,
    }
}

/// Removes a part, unless somebody else has, and the folder of its unit when that was the last one.
pub(super) fn remove(path: &Path) -> std::io::Result<()> {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != ErrorKind::NotFound
    {
        return Err(error);
    }
    path.parent().into_iter().for_each(drop_empty);
    Ok(())
}

/// Removes a folder that holds nothing.
fn drop_empty(folder: &Path) {
    // The system says no where it holds anything.
    let _ = std::fs::remove_dir(folder);
}

/// The folder of a unit: it is there as long as the unit has unfinished files.
pub(super) fn of(parts: &Path, unit: UnitId) -> PathBuf {
    parts.join(unit.to_string())
}

/// All that is in a folder, which need not be there.
fn inside(folder: &Path) -> std::io::Result<Vec<DirEntry>> {
    match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        found => found?.collect(),
    }
}

/// The unfinished files of a unit in its folder.
pub(super) fn all(folder: &Path, unit: UnitId) -> std::io::Result<Vec<Part>> {
    let read = |file: DirEntry| file.file_name().to_str().and_then(|name| Part::read(name, unit, &file));
    Ok(inside(folder)?.into_iter().filter_map(read).collect())
}

/// Drops what nobody has gone on with for long of a unit's unfinished files.
pub(super) fn drop_stale(folder: &Path) -> std::io::Result<()> {
    for part in inside(folder)? {
        // Another process may have been first.
        let Ok(changed) = part.metadata().and_then(|about| about.modified()) else { continue };
        if SystemTime::now().duration_since(changed).unwrap_or_default() > BEGUN {
            remove(&part.path())?;
        }
    }
    Ok(())
}

/// The same for all units. A version before put all of their files beside each other: each goes to its unit.
pub(super) fn sweep(parts: &Path) -> std::io::Result<()> {
    for found in inside(parts)? {
        let (path, name) = (found.path(), found.file_name());
        if path.is_dir() {
            drop_stale(&path)?;
            drop_empty(&path);
            continue;
        }
        let unit = name.to_str().and_then(|name| name.split('-').next()?.parse::<UnitId>().ok());
        if let Some(folder) = unit.map(|unit| of(parts, unit)) {
            std::fs::create_dir_all(&folder)?;
            match std::fs::rename(&path, folder.join(name)) {
                // Another process was first.
                Err(error) if error.kind() == ErrorKind::NotFound => drop_empty(&folder),
                moved => moved?,
            }
            drop_stale(&folder)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::app::{App, Options};
    use crate::files::Progress;
    use crate::files::parts::{BEGUN, sweep};
    use crate::store::Place;
    use bytes::Bytes;
    use std::path::Path;
    use std::time::SystemTime;
    use tongban_shared::attachment::FileHash;
    use tongban_shared::id::{PersonId, UnitId};

    /// The folders among unfinished files, each with how many files it holds.
    fn folders(parts: &Path) -> Vec<usize> {
        let inside =
            |folder: &Path| std::fs::read_dir(folder).expect("a folder").map(|one| one.expect("read").path());
        let mut all: Vec<usize> = inside(parts).map(|folder| inside(&folder).count()).collect();
        all.sort_unstable();
        all
    }

    #[tokio::test]
    async fn unfinished_files_stand_in_a_folder_of_their_unit_which_goes_with_the_last_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = async || App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let app = open().await;
        let parts = folder.path().join("files/parts");
        let person = PersonId::from_bytes([1; 16]);
        let [one, two] = [1, 2].map(|number| (person, UnitId::from_bytes([number; 16])));
        let file = |words: &'static [u8]| (FileHash::of(words), words.len() as u64);
        for (by, words) in [(one, b"12"), (one, b"13"), (two, b"12")] {
            let begun = app.files.take(by, file(words), 0, Bytes::from_static(b"1")).await.expect("begun");
            assert_eq!(begun, Progress::Begun(1));
        }
        assert_eq!(folders(&parts), [1, 2]);
        let whole = app.files.take(two, file(b"12"), 1, Bytes::from_static(b"2")).await.expect("taken");
        assert_eq!((whole, folders(&parts)), (Progress::Whole, vec![2]));
        let spoilt = app.files.take(one, file(b"12"), 1, Bytes::from_static(b"x")).await;
        assert!(spoilt.is_err() && folders(&parts) == [1], "{spoilt:?}");
        // A piece that begins nothing leaves no folder.
        assert!(app.files.take(two, file(b"14"), 1, Bytes::from_static(b"4")).await.is_err());
        assert_eq!(folders(&parts), [1]);
        app.close().await;
        // A version before had all of them beside each other: they go on.
        for path in std::fs::read_dir(parts.join(one.1.to_string())).expect("a folder") {
            let path = path.expect("read").path();
            std::fs::rename(&path, parts.join(path.file_name().expect("a name"))).expect("moved");
        }
        let app = open().await;
        assert_eq!(folders(&parts), [1]);
        let whole = app.files.take(one, file(b"13"), 1, Bytes::from_static(b"3")).await.expect("taken");
        assert_eq!((whole, folders(&parts)), (Progress::Whole, Vec::new()));
        // A file that nobody goes on with is dropped, with its folder.
        app.files.take(one, file(b"15"), 0, Bytes::from_static(b"1")).await.expect("begun");
        let path = std::fs::read_dir(parts.join(one.1.to_string())).expect("a folder").next().expect("one");
        let part = std::fs::File::options().append(true).open(path.expect("read").path()).expect("opened");
        part.set_modified(SystemTime::now() - BEGUN * 2).expect("set");
        sweep(&parts).expect("swept");
        assert_eq!(folders(&parts), [0; 0]);
        app.close().await;
    }
}
