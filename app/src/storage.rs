//! The data that this device keeps: changes of documents by hash, and a few words (the person who is signed
//! in, the heads that the server has). The only user of IndexedDB.
//!
//! - store `chunks`: key `document/hash`, value the bytes of a change; written once, never changed
//! - store `words`: key a name, value a text
//! - store `files`, in a database of its own: key the hash of a photo or file, value its bytes
//!
//! A write is done when its transaction is complete, and not before.

use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{TransactionDurability, TransactionMode, TransactionOptions};
use indexed_db_futures::typed_array::TypedArray;
use std::cell::{Cell, RefCell};
use tongban_shared::attachment::FileHash;
use tongban_shared::document::{Chunk, hex};
use tongban_shared::id::DocumentId;

const CHUNKS: &str = "chunks";
const WORDS: &str = "words";
const NAME: &str = "tongban";
const VERSION: u8 = 1;
const FILES: &str = "files";
/// Apart from the other: a database cannot get a further store while an older app has it open.
const FILES_NAME: &str = "tongban-files";

/// Why the device could not keep something, for the log; people read "未能保存".
#[derive(Debug, Clone)]
pub struct StorageError(pub String);

impl<E: std::error::Error> From<E> for StorageError {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// The device's disk. A connection that died is opened again once.
#[derive(Default)]
pub struct Storage {
    open: RefCell<Option<Database>>,
    files: RefCell<Option<Database>>,
    /// Everything was forgotten: what is still on its way here is for somebody who has left.
    shut: Cell<bool>,
}

async fn open() -> Result<Database, StorageError> {
    let request = Database::open(NAME).with_version(VERSION).with_on_upgrade_needed(|_, database| {
        for store in [CHUNKS, WORDS] {
            database.create_object_store(store).build()?;
        }
        Ok(())
    });
    Ok(request.await?)
}

impl Storage {
    fn still_open(&self) -> Result<(), StorageError> {
        if self.shut.get() { Err(StorageError("everything here was forgotten".to_owned())) } else { Ok(()) }
    }

    async fn database(&self) -> Result<Database, StorageError> {
        if let Some(database) = self.open.borrow().as_ref() {
            return Ok(database.clone());
        }
        let database = open().await?;
        *self.open.borrow_mut() = Some(database.clone());
        Ok(database)
    }

    /// Writes changes; on return they are on the disk of the device.
    pub async fn put(&self, chunks: &[(DocumentId, Chunk)]) -> Result<(), StorageError> {
        let first = self.try_put(chunks).await;
        if first.is_ok() {
            return first;
        }
        // Some browsers kill the connection of a page in the background.
        self.open.borrow_mut().take();
        self.try_put(chunks).await
    }

    async fn try_put(&self, chunks: &[(DocumentId, Chunk)]) -> Result<(), StorageError> {
        self.still_open()?;
        let database = self.database().await?;
        let strict = TransactionOptions::new().with_durability(TransactionDurability::Strict);
        let transaction = database
            .transaction(CHUNKS)
            .with_mode(TransactionMode::Readwrite)
            .with_options(strict)
            .build()?;
        let store = transaction.object_store(CHUNKS)?;
        for (document, chunk) in chunks {
            // The request goes out here; nothing else is awaited inside the transaction.
            store.put(TypedArray::from(chunk.bytes.clone())).with_key(key(*document, &chunk.hash)).build()?;
        }
        Ok(transaction.commit().await?)
    }

    /// Every change on this device, by document.
    pub async fn all(&self) -> Result<Vec<(DocumentId, Vec<u8>)>, StorageError> {
        let database = self.database().await?;
        let transaction = database.transaction(CHUNKS).with_mode(TransactionMode::Readonly).build()?;
        let store = transaction.object_store(CHUNKS)?;
        let keys: Vec<String> =
            store.get_all_keys::<String>().primitive()?.await?.collect::<Result<_, _>>()?;
        let values: Vec<TypedArray<u8>> = store.get_all().primitive()?.await?.collect::<Result<_, _>>()?;
        let found = keys.into_iter().zip(values).filter_map(|(key, value)| {
            let document = key.split('/').next()?.parse().ok()?;
            Some((document, value.into_iter().collect()))
        });
        Ok(found.collect())
    }

    /// A word of this device.
    pub async fn word(&self, name: &str) -> Result<Option<String>, StorageError> {
        let first = self.try_word(name).await;
        if first.is_ok() {
            return first;
        }
        self.open.borrow_mut().take();
        self.try_word(name).await
    }

    async fn try_word(&self, name: &str) -> Result<Option<String>, StorageError> {
        let database = self.database().await?;
        let transaction = database.transaction(WORDS).with_mode(TransactionMode::Readonly).build()?;
        let store = transaction.object_store(WORDS)?;
        Ok(store.get(name).primitive()?.await?)
    }

    /// The words whose names begin alike, by the rest of their names.
    pub async fn words_of(&self, beginning: &str) -> Result<Vec<(String, String)>, StorageError> {
        let first = self.try_words_of(beginning).await;
        if first.is_ok() {
            return first;
        }
        self.open.borrow_mut().take();
        self.try_words_of(beginning).await
    }

    async fn try_words_of(&self, beginning: &str) -> Result<Vec<(String, String)>, StorageError> {
        let database = self.database().await?;
        let transaction = database.transaction(WORDS).with_mode(TransactionMode::Readonly).build()?;
        let store = transaction.object_store(WORDS)?;
        let keys: Vec<String> =
            store.get_all_keys::<String>().primitive()?.await?.collect::<Result<_, _>>()?;
        let values: Vec<String> = store.get_all().primitive()?.await?.collect::<Result<_, _>>()?;
        let all = keys.into_iter().zip(values);
        Ok(all.filter_map(|(key, value)| Some((key.strip_prefix(beginning)?.to_owned(), value))).collect())
    }

    /// Writes a word.
    pub async fn set_word(&self, name: &str, value: &str) -> Result<(), StorageError> {
        self.set_words(&[(name.to_owned(), value.to_owned())]).await
    }

    /// Writes words with their names: all of them or none.
    pub async fn set_words(&self, words: &[(String, String)]) -> Result<(), StorageError> {
        let first = self.try_set_words(words).await;
        if first.is_ok() {
            return first;
        }
        self.open.borrow_mut().take();
        self.try_set_words(words).await
    }

    async fn try_set_words(&self, words: &[(String, String)]) -> Result<(), StorageError> {
        self.still_open()?;
        let database = self.database().await?;
        let transaction = database.transaction(WORDS).with_mode(TransactionMode::Readwrite).build()?;
        let store = transaction.object_store(WORDS)?;
        for (name, value) in words {
            store.put(value.clone()).with_key(name.clone()).build()?;
        }
        Ok(transaction.commit().await?)
    }

    /// Writes words if one still says what it said (nothing where it was not there): all of them or
    /// none, whatever other tabs do meanwhile. Whether it did; on return they are on the disk.
    pub async fn set_words_if(
        &self,
        (name, said): (&str, Option<&str>),
        words: &[(String, String)],
    ) -> Result<bool, StorageError> {
        self.still_open()?;
        let database = self.database().await?;
        let strict = TransactionOptions::new().with_durability(TransactionDurability::Strict);
        let transaction =
            database.transaction(WORDS).with_mode(TransactionMode::Readwrite).with_options(strict).build()?;
        let store = transaction.object_store(WORDS)?;
        let says: Option<String> = store.get(name).primitive()?.await?;
        let fits = says.as_deref() == said;
        for (name, value) in words.iter().filter(|_| fits) {
            store.put(value.clone()).with_key(name.clone()).build()?;
        }
        transaction.commit().await?;
        Ok(fits)
    }

    /// Forgets a word.
    pub async fn forget_word(&self, name: &str) -> Result<(), StorageError> {
        let database = self.database().await?;
        let transaction = database.transaction(WORDS).with_mode(TransactionMode::Readwrite).build()?;
        transaction.object_store(WORDS)?.delete(name.to_owned()).build()?;
        Ok(transaction.commit().await?)
    }

    async fn files(&self) -> Result<Database, StorageError> {
        if let Some(database) = self.files.borrow().as_ref() {
            return Ok(database.clone());
        }
        let request = Database::open(FILES_NAME).with_version(1_u8).with_on_upgrade_needed(|_, database| {
            database.create_object_store(FILES).build()?;
            Ok(())
        });
        let database = request.await?;
        *self.files.borrow_mut() = Some(database.clone());
        Ok(database)
    }

    /// Keeps a photo or file; on return it is on the disk of the device.
    pub async fn put_file(&self, hash: FileHash, content: &[u8]) -> Result<(), StorageError> {
        let first = self.try_put_file(hash, content).await;
        if first.is_ok() {
            return first;
        }
        self.files.borrow_mut().take();
        self.try_put_file(hash, content).await
    }

    async fn try_put_file(&self, hash: FileHash, content: &[u8]) -> Result<(), StorageError> {
        self.still_open()?;
        let database = self.files().await?;
        let strict = TransactionOptions::new().with_durability(TransactionDurability::Strict);
        let transaction =
            database.transaction(FILES).with_mode(TransactionMode::Readwrite).with_options(strict).build()?;
        let store = transaction.object_store(FILES)?;
        store.put(TypedArray::from(content.to_vec())).with_key(hash.to_string()).build()?;
        Ok(transaction.commit().await?)
    }

    /// A photo or file of this device.
    pub async fn file(&self, hash: FileHash) -> Result<Option<Vec<u8>>, StorageError> {
        let first = self.try_file(hash).await;
        if first.is_ok() {
            return first;
        }
        // As with changes: the browser may have killed the connection.
        self.files.borrow_mut().take();
        self.try_file(hash).await
    }

    async fn try_file(&self, hash: FileHash) -> Result<Option<Vec<u8>>, StorageError> {
        let database = self.files().await?;
        let transaction = database.transaction(FILES).with_mode(TransactionMode::Readonly).build()?;
        let store = transaction.object_store(FILES)?;
        let found: Option<TypedArray<u8>> = store.get(hash.to_string()).primitive()?.await?;
        Ok(found.map(|bytes| bytes.into_iter().collect()))
    }

    /// Forgets a photo or file.
    pub async fn forget_file(&self, hash: FileHash) -> Result<(), StorageError> {
        let database = self.files().await?;
        let transaction = database.transaction(FILES).with_mode(TransactionMode::Readwrite).build()?;
        transaction.object_store(FILES)?.delete(hash.to_string()).build()?;
        Ok(transaction.commit().await?)
    }

    /// Forgets everything on this device (signing out of a shared machine) but one word, which says
    /// so, in one step; photos and files whatever becomes of the rest.
    pub async fn clear(&self, left: &str) -> Result<(), StorageError> {
        self.open.borrow_mut().take();
        self.shut.set(true);
        let cleared = self.clear_documents(left).await;
        let files = self.clear_files().await;
        self.shut.set(cleared.is_ok() && files.is_ok());
        files.and(cleared)
    }

    async fn clear_documents(&self, left: &str) -> Result<(), StorageError> {
        let database = self.database().await?;
        let transaction =
            database.transaction([CHUNKS, WORDS]).with_mode(TransactionMode::Readwrite).build()?;
        transaction.object_store(CHUNKS)?.clear()?;
        let words = transaction.object_store(WORDS)?;
        words.clear()?;
        words.put("1".to_owned()).with_key(left.to_owned()).build()?;
        Ok(transaction.commit().await?)
    }

    async fn clear_files(&self) -> Result<(), StorageError> {
        let files = self.files().await?;
        let transaction = files.transaction(FILES).with_mode(TransactionMode::Readwrite).build()?;
        transaction.object_store(FILES)?.clear()?;
        Ok(transaction.commit().await?)
    }
}

fn key(document: DocumentId, hash: &[u8; 32]) -> String {
    format!("{document}/{}", hex(hash))
}
