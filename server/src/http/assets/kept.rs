//! The files of the app as they are given: the bytes of each are held once, however many read them, and its tag
//! is made once.

use crate::http::tag;
use bytes::Bytes;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

#[cfg(feature = "embed-app")]
#[derive(rust_embed::RustEmbed)]
#[folder = "../app/dist"]
struct Embedded;

/// A file of the app.
#[derive(Debug, Clone)]
pub struct AppFile {
    pub bytes: Bytes,
    pub tag: String,
}

impl AppFile {
    fn new(bytes: Bytes) -> Self {
        Self { tag: tag::of(&bytes), bytes }
    }
}

/// A file as the disk last said: when it was changed, and its bytes.
type Seen = (Option<SystemTime>, u64);

/// The files of the app that were asked for. There are no more than the app has.
#[derive(Debug, Default)]
pub struct AppFiles(Mutex<HashMap<String, (Seen, AppFile)>>);

impl AppFiles {
    /// A file by its name, of a folder or of the program itself; one that was changed is read anew.
    #[must_use]
    pub fn read(&self, folder: Option<&Path>, name: &str) -> Option<AppFile> {
        match folder {
            Some(folder) => {
                let path = folder.join(name);
                let about = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
                self.kept(name, (about.modified().ok(), about.len()), || {
                    std::fs::read(&path).ok().map(Bytes::from)
                })
            }
            None => self.kept(name, (None, 0), || embedded(name)),
        }
    }

    /// Others wait while one is read, so that nobody makes the program read it many times at once.
    fn kept(&self, name: &str, seen: Seen, read: impl FnOnce() -> Option<Bytes>) -> Option<AppFile> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((before, file)) = kept.get(name)
            && *before == seen
        {
            return Some(file.clone());
        }
        let file = AppFile::new(read()?);
        kept.insert(name.to_owned(), (seen, file.clone()));
        Some(file)
    }
}

/// A file of the program itself, whose bytes stand in its memory already.
#[cfg(feature = "embed-app")]
fn embedded(name: &str) -> Option<Bytes> {
    use std::borrow::Cow;
    Embedded::get(name).map(|file| match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    })
}

#[cfg(not(feature = "embed-app"))]
const fn embedded(_: &str) -> Option<Bytes> {
    None
}

#[cfg(test)]
mod tests {
    use super::AppFiles;

    #[test]
    fn a_file_of_the_app_is_held_once_for_all_who_read_it() {
        let (folder, files) = (tempfile::tempdir().expect("a folder"), AppFiles::default());
        let path = folder.path().join("app.wasm");
        std::fs::write(&path, [7; 100_000]).expect("written");
        let read = || files.read(Some(folder.path()), "app.wasm").expect("a file");
        let (one, other) = (read(), read());
        assert_eq!(one.bytes.as_ptr(), other.bytes.as_ptr());
        assert_eq!(one.tag, other.tag);
        std::fs::write(&path, [8; 100_001]).expect("written");
        let changed = read();
        assert_eq!((changed.bytes[0], changed.bytes.len()), (8, 100_001));
        assert_ne!(changed.tag, one.tag);
        std::fs::remove_file(&path).expect("removed");
        assert!(files.read(Some(folder.path()), "app.wasm").is_none());
        assert!(files.read(Some(folder.path()), "").is_none(), "a folder is no file");
        assert!(files.read(None, "no such file").is_none());
    }
}
