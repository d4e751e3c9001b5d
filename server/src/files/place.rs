//! The store of files: a folder, or a service that speaks S3. Both hold each file under its hash.

use super::{FileError, object};
use crate::store::Place;
use futures::TryStreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutPayload};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use tongban_shared::attachment::FileHash;

/// The place of a server's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePlace {
    Folder(PathBuf),
    /// `s3://bucket/prefix`; the address of the store and its keys are in the environment
    /// (`AWS_ENDPOINT`, `AWS_ACCESS_KEY_ID`, …).
    S3(String),
}

/// The folder of files that nobody has named.
fn own_folder(place: &Place) -> PathBuf {
    match place {
        Place::Folder(folder) => folder.join("files"),
        Place::Postgres(_) => PathBuf::from("files"),
    }
}

impl FromStr for FilePlace {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let s3 = text.starts_with("s3://");
        Ok(if s3 { Self::S3(text.to_owned()) } else { Self::Folder(text.into()) })
    }
}

impl FilePlace {
    /// The files of a database: where it was said, else `files` in the data folder, or here beside a
    /// database elsewhere.
    #[must_use]
    pub fn of(place: &Place, named: Option<&Self>) -> Self {
        match (named, place) {
            (Some(named), _) => named.clone(),
            (None, place) => Self::Folder(own_folder(place)),
        }
    }

    /// The folder where pieces are put together: they stay on this machine.
    pub(super) fn parts(&self, place: &Place) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join("parts"),
            Self::S3(_) => own_folder(place).join("parts"),
        }
    }

    /// Whether nobody has put anything there yet.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Folder(folder) if !folder.join("whole").exists())
    }

    /// The whole files.
    ///
    /// # Errors
    /// When the folder cannot be made, or the address or the environment of the store is wrong.
    pub(super) fn objects(&self) -> Result<Arc<dyn ObjectStore>, FileError> {
        match self {
            Self::Folder(folder) => {
                let whole = folder.join("whole");
                std::fs::create_dir_all(&whole)?;
                Ok(Arc::new(LocalFileSystem::new_with_prefix(whole)?.with_fsync(true)))
            }
            Self::S3(address) => {
                // None was chosen by the library.
                crate::outgoing::choose_tls();
                let store = AmazonS3Builder::from_env().with_url(address).build()?;
                let prefix = address.trim_start_matches("s3://").split_once('/').map_or("", |(_, rest)| rest);
                Ok(Arc::new(PrefixStore::new(store, ObjectPath::from(prefix))))
            }
        }
    }

    /// Copies whole files to another place; those that are there stay. A file never changes, and is
    /// kept before the database knows of it: what a copy of the database knows is among the files
    /// that are copied after it. Gives how many were copied.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub async fn copy(&self, to: &Self) -> Result<usize, FileError> {
        if self.is_missing() {
            return Ok(0);
        }
        let (from, to) = (self.objects()?, to.objects()?);
        let mut all = from.list(None);
        let mut copied = 0;
        while let Some(found) = all.try_next().await? {
            let hash = found.location.filename().and_then(|name| name.parse::<FileHash>().ok());
            let Some(name) = hash.map(object) else { continue };
            match to.head(&name).await {
                Ok(_) => continue,
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let content = from.get(&found.location).await?.bytes().await?;
            to.put(&name, PutPayload::from_bytes(content)).await?;
            copied += 1;
        }
        Ok(copied)
    }
}
