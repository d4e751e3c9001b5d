//! Photos and files: kept on the device first, sent when there is a network, fetched when seen.

use super::*;
use crate::storage::StorageError;
use std::future::Future;
use tongban_shared::attachment::{Attachment, FileHash, is_taken, picture_kind, plain_name};
use tongban_shared::limits::{FILE_BYTES, PIECE};
use tongban_shared::sync::patience::Patience;
use tongban_shared::words::Word;

/// Files that the server lacks begin so among the words of the device.
const UPLOAD: &str = "upload/";

/// The largest file that is looked at, in bytes.
const MAX_READ_BYTES: u64 = 5 * FILE_BYTES;

/// The longer side of a photo that is scaled down, in pixels.
const LONGEST: u32 = 1920;

/// The shortest and longest wait, in milliseconds, before a file is sent again that did not reach the server.
const FIRST_WAIT: u32 = 5000;
const LAST_WAIT: u32 = 300_000;

/// How often a file is begun anew whose content came to the server spoilt.
const ATTEMPTS: usize = 3;

impl Session {
    /// Keeps a file that the person chose on this device, to be sent. A photo is drawn anew and
    /// smaller, which leaves behind where and with what it was taken, unless it is to be kept.
    pub async fn attach(&self, file: web_sys::File, keep: bool) -> Result<Attachment, Word> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size in bytes")]
        let size = file.size() as u64;
        // A photo may be larger before it is drawn anew; a film is not read into memory.
        if size > if keep { FILE_BYTES } else { MAX_READ_BYTES } {
            return Err(Word::AttachTooLarge);
        }
        let content = browser::read_file(&file).await.map_err(|_| Word::FileUnreadable)?;
        // By what it is: systems do not know every kind by its name.
        let taken =
            is_taken(&content) || ["image/", "video/"].iter().any(|kind| file.type_().starts_with(kind));
        let content = if taken && !keep {
            // A photo that cannot be drawn here would keep the place it was taken at.
            browser::scaled(&file, LONGEST).await.map_err(|_| Word::PhotoUnreadable)?
        } else {
            content
        };
        let picture = picture_kind(&content).is_some();
        if content.is_empty() || content.len() as u64 > FILE_BYTES {
            return Err(Word::AttachTooLarge);
        }
        let hash = FileHash::of(&content);
        self.keep_to_send(hash, &content).await.map_err(|_| Word::NotSaved)?;
        Ok(Attachment { hash, name: plain_name(&file.name()), bytes: content.len() as u64, picture })
    }

    /// Keeps a file of the own unit on this device and sends it when there is a network.
    pub(super) async fn keep_to_send(&self, hash: FileHash, content: &[u8]) -> Result<(), StorageError> {
        let storage = &self.inner().storage;
        storage.put_file(hash, content).await?;
        storage.set_word(&format!("{UPLOAD}{hash}"), "1").await?;
        self.with(|state| state.files.insert(hash));
        self.show_badge();
        self.tell(&Note::Files);
        self.send_files_later();
        Ok(())
    }

    /// Takes a chosen file back: it is not sent, unless an entry names it.
    pub fn detach(&self, hash: FileHash) {
        let named = self.with(|state| {
            let entries = state.entries.values().flat_map(|entries| entries.all.values());
            entries.flat_map(Entry::files).any(|file| file.hash == hash)
        });
        if named {
            return;
        }
        self.with(|state| state.files.remove(&hash));
        self.show_badge();
        let session = *self;
        spawn_local(async move {
            let storage = &session.inner().storage;
            let _ = storage.forget_word(&format!("{UPLOAD}{hash}")).await;
            let _ = storage.forget_file(hash).await;
            session.tell(&Note::Files);
        });
    }

    /// Another store than before: what stands beside entries of the own unit and is on this device
    /// is sent again, for that store may lack it.
    pub(super) async fn send_files_again(&self) {
        let Some(own) = self.view.who().map(|who| who.unit) else { return };
        let named: BTreeSet<FileHash> = self.with(|state| {
            let entries = state.entries.values().flat_map(|entries| entries.all.values());
            let own = entries.filter(|entry| entry.author.unit == own);
            own.flat_map(Entry::files).map(|file| file.hash).collect()
        });
        let storage = &self.inner().storage;
        for hash in named {
            if let Ok(Some(_)) = storage.file(hash).await {
                let _ = storage.set_word(&format!("{UPLOAD}{hash}"), "1").await;
            }
        }
        self.load_files().await;
    }

    /// The content of a file beside an entry of a board: from this device, else from the server.
    pub async fn file(&self, board: BoardId, hash: FileHash) -> Option<Vec<u8>> {
        let storage = &self.inner().storage;
        if let Ok(Some(content)) = storage.file(hash).await {
            return Some(content);
        }
        let content = api::file(&board.to_string(), hash).await.ok()?;
        // Whatever the server says it is.
        if FileHash::of(&content) != hash {
            return None;
        }
        let _ = storage.put_file(hash, &content).await;
        Some(content)
    }

    /// Looks up which files wait, from before and from other tabs, and sends them.
    pub(super) async fn load_files(&self) {
        match self.inner().storage.words_of(UPLOAD).await {
            Ok(waiting) => {
                let waiting = waiting.into_iter().filter_map(|(hash, _)| hash.parse().ok());
                self.with(|state| state.files = waiting.collect());
            }
            Err(_) => self.with(|state| state.unread = true),
        }
        self.show_badge();
        self.send_files_later();
    }

    /// Sends what waits, unless that is under way. The tab that leads does so, and no other.
    pub(super) fn send_files_later(&self) {
        let idle = self.with(|state| {
            state.leads
                && state.connected
                && !state.files.is_empty()
                && !std::mem::replace(&mut state.sending_files, true)
        });
        if idle {
            let session = *self;
            spawn_local(async move {
                session.send_files().await;
                session.with(|state| state.sending_files = false);
            });
        }
    }

    async fn send_files(&self) {
        // Files that the server does not take now are left for the next connection.
        let mut left = BTreeSet::new();
        let mut patience = Patience::new(FIRST_WAIT, LAST_WAIT);
        let next =
            |state: &mut State, left: &BTreeSet<FileHash>| state.files.difference(left).next().copied();
        while let Some(hash) = self.with(|state| next(state, &left)) {
            match self.send_file(hash).await {
                Ok(()) => {
                    patience = Patience::new(FIRST_WAIT, LAST_WAIT);
                    let _ = self.inner().storage.forget_word(&format!("{UPLOAD}{hash}")).await;
                    self.with(|state| state.files.remove(&hash));
                    self.show_badge();
                    self.tell(&Note::Files);
                }
                Err(api::ApiError::Refused(why)) => {
                    left.insert(hash);
                    self.notice(&why);
                }
                // Many send theirs now, as an office does in the morning: not all come back at one moment.
                Err(api::ApiError::Later(seconds)) if self.with(|state| state.connected) => {
                    let [chance] = browser::random::<1>();
                    let least = seconds.saturating_mul(1000).min(LAST_WAIT);
                    let wait = least + patience.ended(0, chance) / 2;
                    gloo_timers::future::TimeoutFuture::new(wait).await;
                }
                // Again soon, or with the next connection.
                Err(_) if self.with(|state| state.connected) => {
                    let [chance] = browser::random::<1>();
                    gloo_timers::future::TimeoutFuture::new(patience.ended(0, chance)).await;
                }
                Err(_) => return,
            }
        }
    }

    /// Sends a file from where the server has it on.
    async fn send_file(&self, hash: FileHash) -> Result<(), api::ApiError> {
        let content = match self.inner().storage.file(hash).await {
            Ok(Some(content)) if FileHash::of(&content) == hash => content,
            // It is not on this device any more: there is nothing to send.
            Ok(_) => return Ok(()),
            // The device could not read it now.
            Err(_) => return Err(api::ApiError::Offline),
        };
        let mut attempt = 1;
        loop {
            let sent =
                send_pieces(hash, &content, |at, piece| api::send_piece(hash, content.len(), at, piece));
            match sent.await {
                Err(api::ApiError::Refused(_)) if attempt < ATTEMPTS => attempt += 1,
                other => return other,
            }
        }
    }
}

async fn send_pieces<'a, F: Future<Output = Result<api::FileHere, api::ApiError>>>(
    hash: FileHash,
    content: &'a [u8],
    send: impl Fn(u64, &'a [u8]) -> F,
) -> Result<(), api::ApiError> {
    let mut here = api::file_progress(hash, content.len()).await?;
    while !here.whole {
        let at = usize::try_from(here.at).unwrap_or_default().min(content.len());
        let piece = &content[at..(at + PIECE).min(content.len())];
        here = send(here.at, piece).await?;
    }
    Ok(())
}
