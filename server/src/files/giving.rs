//! Giving a file as a stream: a reader holds a block or two of it, however slowly it reads.

use super::{FileError, Files, object};
use bytes::{Bytes, BytesMut};
use futures::stream::{BoxStream, StreamExt, try_unfold};
use object_store::ObjectStoreExt;
use sha2::{Digest, Sha256};
use tongban_shared::attachment::FileHash;

/// Bytes of the beginning that are read before anything is given: they tell the type of a picture.
const BEGINNING: usize = 512;

/// A file on its way.
pub struct Given {
    /// Its first bytes, which come again in the stream.
    pub beginning: Bytes,
    /// Bytes of the whole.
    pub size: u64,
    pub blocks: BoxStream<'static, Result<Bytes, FileError>>,
}

/// The state of a stream: what is still to come, what was read of it, and the block that was not given yet.
struct Reading {
    hash: FileHash,
    rest: BoxStream<'static, object_store::Result<Bytes>>,
    digest: Sha256,
    kept_back: Option<Bytes>,
}

impl Reading {
    /// The next block; the last one is given when the whole is what its hash says.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, FileError> {
        loop {
            let next = match self.rest.next().await.transpose()? {
                Some(next) => next,
                None => {
                    let fits = self.digest.clone().finalize().as_slice() == self.hash.bytes();
                    let Some(last) = self.kept_back.take() else { return Ok(None) };
                    return if fits { Ok(Some((last, self))) } else { Err(FileError::OtherContent) };
                }
            };
            self.digest.update(&next);
            if let Some(before) = self.kept_back.replace(next) {
                return Ok(Some((before, self)));
            }
        }
    }
}

impl Files {
    /// A file that is here, block by block. A stream of other content than the hash says ends in an error
    /// before its last block.
    ///
    /// # Errors
    /// When it is not here or cannot be read.
    pub async fn give(&self, hash: FileHash) -> Result<Given, FileError> {
        let found = self.objects.get(&object(hash)).await?;
        let size = found.meta.size;
        let (mut rest, mut read) = (found.into_stream(), BytesMut::new());
        while read.len() < BEGINNING
            && let Some(block) = rest.next().await
        {
            read.extend_from_slice(&block?);
        }
        let read = read.freeze();
        let beginning = read.slice(..read.len().min(BEGINNING));
        let rest = futures::stream::once(async move { Ok(read) }).chain(rest).boxed();
        let reading = Reading { hash, rest, digest: Sha256::new(), kept_back: None };
        Ok(Given { beginning, size, blocks: try_unfold(reading, Reading::next).boxed() })
    }
}
