//! This device's key and certificate, and the judgement on entries that come from elsewhere.

use super::*;
use crate::lang::Words;
use crate::storage::StorageError;
use crate::view::Uncertified;
use tongban_shared::attachment::FileHash;
use tongban_shared::fold::Apart;
use tongban_shared::id::PersonId;
use tongban_shared::trust::{Key, Stated, WRITER_BYTES};
use tongban_shared::words::Word;

const KEY: &str = "key";
/// Words that hold statements that files have brought and the space lacks.
const BROUGHT: &str = "brought/";
/// The serial of the device's certificate, as the server last said.
pub(super) const SERIAL: &str = "serial";
/// The person that the device acts for.
const OWNER: &str = "owner";

/// Signatures that are checked at once between two frames.
const AT_ONCE: usize = 24;

/// The device's own key: the device makes it itself, and it never leaves the device.
#[derive(Clone)]
pub(super) struct Own {
    pub device: DeviceId,
    pub key: Key,
    /// Names this tab's changes; begins with the device.
    pub actor: Vec<u8>,
}

impl Own {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        let tab: [u8; WRITER_BYTES] = browser::random();
        let key = Key::from_seed(seed);
        let device = key.public().device();
        let actor = [&device.bytes()[..], &tab].concat();
        Self { device, key, actor }
    }

    fn seed() -> String {
        hex(&browser::random::<32>())
    }
}

impl Storage {
    /// The device's id and key; made when they are not there yet, or cannot be used. If tabs begin at once,
    /// one of them makes both: an entry under a key that the disk does not hold is never taken.
    pub(super) async fn own(&self) -> Result<Own, StorageError> {
        loop {
            let known = self.word(KEY).await?;
            if let Some(seed) = known.as_deref().and_then(|text| unhex(text)?.try_into().ok()) {
                return Ok(Own::new(&seed));
            }
            self.set_words_if((KEY, known.as_deref()), &[(KEY.to_owned(), Own::seed())]).await?;
        }
    }

    /// The statements that files have brought.
    pub(super) async fn brought(&self) -> Proofs {
        let mut all = Proofs::default();
        for (name, text) in self.words_of(BROUGHT).await.unwrap_or_default() {
            let kind = name.split_once('/').and_then(|(kind, _)| Stated::of_word(kind));
            if let Some((kind, bytes)) = kind.zip(unhex(&text)) {
                all.of_mut(kind).insert(bytes);
            }
        }
        all
    }

    /// Whether the key can be read by now.
    pub(super) async fn has_key(&self) -> bool {
        self.own().await.is_ok()
    }

    /// Another device from now on, that of a person: this one belonged to somebody else.
    async fn renew(&self, owner: &str, person: &str) -> Result<bool, StorageError> {
        let words = [(KEY, Own::seed()), (OWNER, person.to_owned()), (SERIAL, String::new())];
        let words = words.map(|(name, value)| (name.to_owned(), value));
        self.set_words_if((OWNER, Some(owner)), &words).await
    }
}

impl Session {
    /// Makes sure that the device acts for whoever is signed in and is certified for them. Without a
    /// network it goes on as it is.
    pub(super) async fn certify(&self) {
        let Some(me) = self.with(|state| state.me.clone().filter(|_| !state.keyless)) else { return };
        let inner = self.inner();
        let owner = inner.storage.word(OWNER).await.ok().flatten().unwrap_or_default();
        if !owner.is_empty() && owner != me.person {
            // The other person's entries go out under their key, or not at all.
            if self.with(|state| state.waiting.values().sum::<usize>()) > 0 {
                return self.view.uncertified.set(Some(Uncertified::OthersUnsent));
            }
            if inner.storage.renew(&owner, &me.person).await.is_err() {
                return self.notice(Word::NotSaved.text(Words::load().lang_untracked()));
            }
            // Open documents write under the former device, in every tab; a fresh page does not.
            self.tell(&Note::Renewed);
            let _ = browser::window().location().reload();
            return;
        }
        if owner.is_empty() {
            let _ = inner.storage.set_word(OWNER, &me.person).await;
        }
        let (device, key) = self.with(|state| (state.own.device, state.own.key.public()));
        match api::certify(&device.to_string(), &key.to_string()).await {
            Ok(certified) => {
                // An enterprise has no space to read it from when it starts without a network.
                let _ = inner.storage.set_word(SERIAL, &certified.serial.to_string()).await;
                self.with(|state| state.serial = Some(certified.serial));
                self.view.uncertified.set(None);
            }
            Err(api::ApiError::Refused(why)) => self.view.uncertified.set(Some(Uncertified::Refused(why))),
            Err(_) => {}
        }
    }

    /// Keeps what trusted servers state by a file: who was certified while this device had no network
    /// is known from now on. A statement that could not be kept is not known either, and comes with the file
    /// again.
    pub(super) async fn keep_brought(&self, brought: Proofs) -> Result<(), Word> {
        if brought == Proofs::default() {
            return Ok(());
        }
        if !self.is_signed_in() {
            return Err(Word::SignedOutMeanwhile);
        }
        let words: Vec<_> =
            brought.iter().map(|(kind, bytes)| (brought_word(kind, bytes), hex(bytes))).collect();
        // All or none: a certificate without its ending would stand for a device that was cleared.
        self.inner().storage.set_words(&words).await.map_err(|_| Word::NotSaved)?;
        self.know_brought(brought);
        self.tell(&Note::Brought);
        Ok(())
    }

    /// Takes in what another tab has kept.
    pub(super) async fn hear_brought(&self) {
        let brought = self.inner().storage.brought().await;
        self.know_brought(brought);
    }

    fn know_brought(&self, brought: Proofs) {
        self.with(|state| state.brought.join(brought));
        self.show_space();
        self.show_boards();
    }

    /// Forgets of what files have brought what the space has got since: it is kept there.
    pub(super) async fn forget_brought(&self) {
        let had = self.with(|state| {
            let own = std::mem::take(&mut state.brought);
            state.brought = own.beyond(&state.space().proofs);
            own.beyond(&state.brought)
        });
        for (kind, bytes) in had.iter() {
            let _ = self.inner().storage.forget_word(&brought_word(kind, bytes)).await;
        }
    }

    /// Entries that do not count on the boards here, with the reason.
    pub fn apart(&self) -> Vec<Apart> {
        self.with(|state| state.entries.values().flat_map(Entries::apart).cloned().collect())
    }

    /// Checks signatures that were taken on the server's word, between two frames, until all are.
    pub(super) fn check_signatures_later(&self) {
        if self.with(|state| std::mem::replace(&mut state.checking, true)) {
            return;
        }
        let session = *self;
        spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(1500).await;
            while session.check_some() {
                gloo_timers::future::TimeoutFuture::new(15).await;
            }
            session.with(|state| state.checking = false);
            session.keep_checked().await;
        });
    }

    /// Checks some signatures; whether there are more.
    fn check_some(&self) -> bool {
        let boards: Vec<BoardId> = self.with(|state| state.entries.keys().copied().collect());
        for board in boards {
            let (out, more) = self.with(|state| {
                let State { entries, register, living, .. } = state;
                let (out, more) = entries.entry(board).or_default().check_signatures(register, AT_ONCE);
                if !out.is_empty()
                    && let Some(living) = living.get_mut(&board)
                {
                    living.fold_all();
                }
                (!out.is_empty(), more)
            });
            if out {
                self.show_boards();
            }
            if more {
                return true;
            }
        }
        false
    }

    /// Remembers which logs are checked as they stand, so that the next start need not.
    async fn keep_checked(&self) {
        let inner = self.inner();
        let (whole, doubtful) = self.with(|state| {
            let State { what, documents, checked, entries, register, .. } = state;
            if register.authorities().is_empty() {
                return (Vec::new(), Vec::new());
            }
            // The signature of what stands apart is not asked for before it counts: a log with such an
            // entry is looked at again each time.
            let apart: BTreeSet<(BoardId, UnitId)> =
                entries.values().flat_map(Entries::apart).map(|apart| apart.log).collect();
            let (mut whole, mut doubtful) = (Vec::new(), Vec::new());
            for (id, what) in what.iter() {
                let What::Log(board, unit) = what else { continue };
                let Some(document) = documents.get_mut(id) else { continue };
                if apart.contains(&(*board, *unit)) {
                    doubtful.extend(checked.remove(id).map(|_| *id));
                    continue;
                }
                let heads = state::heads_text(&document.heads());
                if checked.insert(*id, heads.clone()).as_ref() != Some(&heads) {
                    whole.push((*id, heads));
                }
            }
            (whole, doubtful)
        });
        for (id, heads) in whole {
            let _ = inner.storage.set_word(&format!("{CHECKED}{id}"), &heads).await;
        }
        for id in doubtful {
            let _ = inner.storage.forget_word(&format!("{CHECKED}{id}")).await;
        }
    }
}

/// The word of a statement that a file has brought.
fn brought_word(kind: Stated, bytes: &[u8]) -> String {
    format!("{BROUGHT}{}/{}", kind.word(), FileHash::of(bytes))
}

/// Words that say up to which heads the signatures of a log were checked here.
pub(super) const CHECKED: &str = "checked/";

impl State {
    /// Takes entries of a log in, each judged.
    pub(super) fn take_entries(&mut self, log: (BoardId, UnitId), new: Vec<Entry>) {
        let State { documents, entries, register, .. } = self;
        let all = entries.entry(log.0).or_default();
        let Some(board) = documents.get_mut(&DocumentId::board(log.0)) else {
            return new.into_iter().for_each(|entry| all.add(entry));
        };
        let lead = board.lead();
        let mut known: HashMap<Vec<String>, Option<UnitId>> = HashMap::new();
        for mut entry in new {
            if entry.kind.is_official() && !entry.heads.is_empty() {
                let heads = entry.heads.clone();
                entry.lead_then = *known.entry(heads).or_insert_with_key(|heads| board.lead_at(heads));
            }
            all.take(entry, log, register, lead);
        }
    }

    /// Judges the entries of a board anew: it has come, or somebody else leads it now.
    pub(super) fn judge_board(&mut self, board: BoardId) -> bool {
        let State { documents, entries, register, living, .. } = self;
        let (Some(document), Some(all)) =
            (documents.get_mut(&DocumentId::board(board)), entries.get_mut(&board))
        else {
            return false;
        };
        all.resolve_leads(|heads| document.lead_at(heads));
        let changed = all.judge_anew(register, document.lead());
        if changed && let Some(living) = living.get_mut(&board) {
            living.fold_all();
        }
        changed
    }

    /// Reads the statements of the space, and those that files have brought; whether who may act has
    /// changed.
    pub(super) fn read_register(&mut self, space: &Space) -> bool {
        let authority = self.me.as_ref().map(|me| me.authority.clone()).unwrap_or_default();
        let from = (authority.clone(), space.proofs.clone(), self.brought.clone());
        // Each statement's signature is checked: not again for every name that changes.
        if self.stated_from == from {
            return false;
        }
        self.stated_from = from;
        let root = authority.parse().ok();
        let id = self.me.as_ref().and_then(|me| me.space.parse().ok());
        let mut proofs = space.proofs.clone();
        if let Some((root, id)) = root.zip(id).filter(|_| self.brought != Proofs::default()) {
            // The statements of the space come first, also if a file was read before they were made.
            self.opened.take(id, &proofs);
            proofs.join(Register::of(&self.opened, root).addable(id, self.brought.clone()));
        }
        self.stated = (authority, proofs);
        let register = match root.zip(id) {
            Some((root, id)) => {
                self.opened.take(id, &self.stated.1);
                Register::of(&self.opened, root)
            }
            None => Register::default(),
        };
        if register == self.register {
            return false;
        }
        self.register = register;
        // Their names are those of certificates.
        self.histories.clear();
        for (board, entries) in &mut self.entries {
            let lead = self.documents.get(&DocumentId::board(*board)).and_then(Document::lead);
            if entries.judge_anew(&self.register, lead)
                && let Some(living) = self.living.get_mut(board)
            {
                living.fold_all();
            }
        }
        true
    }

    /// The serial of the certificate that this device writes under.
    pub(super) fn own_serial(&self, person: PersonId) -> Option<u32> {
        let known = self.register.certificate(self.own.device).filter(|one| one.person == person);
        known.map(|one| one.serial).max(self.serial)
    }
}
