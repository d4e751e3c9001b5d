//! The files of the app as they are given: the bytes of each are held once, however many read them, and its tag
//! is made once.

use crate::http::tag;
use bytes::Bytes;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
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

/// The place of one file: whoever waits here finds what the first one has read.
type Place = Arc<tokio::sync::Mutex<Option<(Seen, AppFile)>>>;

/// The files of the app that were asked for. There are no more than the app has.
#[derive(Debug, Default)]
pub struct AppFiles(Mutex<HashMap<String, Place>>);

impl AppFiles {
    /// A file by its name, of a folder or of the program itself; one that was changed is read anew. The disk is
    /// asked beside the workers, and a file that is slow to come holds up no other.
    pub async fn read(&self, folder: Option<&Path>, name: &str) -> Option<AppFile> {
        let Some(folder) = folder else {
            let bytes = embedded(name)?;
            return self.kept(name, (None, 0), move || Some(bytes)).await;
        };
        let path = folder.join(name);
        let asked = path.clone();
        let about = beside(move || std::fs::metadata(asked).ok()).await.filter(std::fs::Metadata::is_file)?;
        let seen = (about.modified().ok(), about.len());
        self.kept(name, seen, move || std::fs::read(path).ok().map(Bytes::from)).await
    }

    /// Others wait while one file is read, so that nobody makes the program read it many times at once.
    async fn kept(
        &self,
        name: &str,
        seen: Seen,
        read: impl FnOnce() -> Option<Bytes> + Send + 'static,
    ) -> Option<AppFile> {
        let place = self.place(name);
        let mut kept = place.lock().await;
        if let Some((before, file)) = &*kept
            && *before == seen
        {
            return Some(file.clone());
        }
        let file = beside(move || read().map(AppFile::new)).await?;
        *kept = Some((seen, file.clone()));
        Some(file)
    }

    fn place(&self, name: &str) -> Place {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(kept.entry(name.to_owned()).or_default())
    }
}

async fn beside<T: Send + 'static>(act: impl FnOnce() -> Option<T> + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(act).await.ok().flatten()
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
    use bytes::Bytes;

    #[tokio::test]
    async fn a_file_of_the_app_is_held_once_for_all_who_read_it() {
        let (folder, files) = (tempfile::tempdir().expect("a folder"), AppFiles::default());
        let path = folder.path().join("app.wasm");
        std::fs::write(&path, [7; 100_000]).expect("written");
        let read = || async { files.read(Some(folder.path()), "app.wasm").await.expect("a file") };
        let (one, other) = tokio::join!(read(), read());
        assert_eq!(one.bytes.as_ptr(), other.bytes.as_ptr());
        assert_eq!(one.tag, other.tag);
        std::fs::write(&path, [8; 100_001]).expect("written");
        let changed = read().await;
        assert_eq!((changed.bytes[0], changed.bytes.len()), (8, 100_001));
        assert_ne!(changed.tag, one.tag);
        std::fs::remove_file(&path).expect("removed");
        assert!(files.read(Some(folder.path()), "app.wasm").await.is_none());
        assert!(files.read(Some(folder.path()), "").await.is_none(), "a folder is no file");
        assert!(files.read(None, "no such file").await.is_none());
    }

    #[tokio::test]
    async fn a_file_that_is_slow_to_come_holds_up_no_other() {
        let (folder, files) = (tempfile::tempdir().expect("a folder"), AppFiles::default());
        std::fs::write(folder.path().join("app.css"), [7; 100]).expect("written");
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let slow = files.kept("app.wasm", (None, 1), move || {
            ended.recv().ok()?;
            Some(Bytes::from_static(b"slow"))
        });
        let other = async {
            let read = files.read(Some(folder.path()), "app.css").await;
            let _ = end.send(());
            read
        };
        let (slow, other) = tokio::join!(slow, other);
        assert!(other.is_some_and(|file| file.bytes.len() == 100));
        assert_eq!(slow.expect("it came").bytes, "slow");
    }
}
