//! The PIN of this device, where the administrator asks for one: opens it without a network, and too
//! many wrong ones remove everything here.
//!
//! It keeps a person away who finds the device open, not one who takes its disk apart.

use super::*;
use crate::view::Gate;
use argon2::Argon2;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use tongban_shared::lock::is_pin;
use tongban_shared::words::Word;

/// The key of the PIN among the words of the device.
const PIN: &str = "pin";

/// When any tab of this browser was last used, in milliseconds since 1970; in `localStorage`.
const LAST_USE: &str = "last-use";

/// That this tab was opened with the PIN and not locked since; in `sessionStorage`.
const OPENED: &str = "opened";

/// The server is asked so often at most how the device is to be locked, in milliseconds.
const ASK_AGAIN: u64 = 600_000;

thread_local! {
    /// The last use of this tab, for browsers that keep nothing.
    static USED: Cell<u64> = const { Cell::new(0) };
}

#[derive(Serialize, Deserialize)]
struct Pin {
    salt: [u8; 16],
    hash: [u8; 32],
    /// Wrong ones since the last right one.
    failures: u8,
    /// The lock when it was chosen, or since: it holds without anybody signed in.
    lock: Lock,
}

impl Pin {
    fn to_word(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The outcome of trying a PIN.
pub enum Tried {
    Right,
    /// So many attempts are left.
    Wrong(u8),
    /// The device can neither be read nor written; nobody is let in.
    Unreadable,
    /// There were too many: nothing is here any more.
    Removed,
}

fn hash(pin: &str, salt: &[u8]) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    Argon2::default().hash_password_into(pin.as_bytes(), salt, &mut hash).ok()?;
    Some(hash)
}

fn last_use() -> u64 {
    let storage = browser::window().local_storage().ok().flatten();
    let word = storage.and_then(|storage| storage.get_item(LAST_USE).ok()?);
    word.and_then(|word| word.parse::<u64>().ok()).unwrap_or_default().max(USED.get())
}

/// Nobody has used the device for longer than is allowed. A use that is still to come was written
/// under another clock and says nothing.
fn is_stale(lock: Lock) -> bool {
    let (now, last) = (browser::now_ms(), last_use());
    last > now + 60_000 || now.saturating_sub(last) > u64::from(lock.minutes) * 60_000
}

fn mark_opened(opened: bool) {
    if let Ok(Some(tab)) = browser::window().session_storage() {
        let _ = if opened { tab.set_item(OPENED, "1") } else { tab.remove_item(OPENED) };
    }
}

impl Session {
    fn lock(&self) -> Option<Lock> {
        self.with(|state| state.lock)
    }

    async fn pin(&self) -> Result<Option<Pin>, ()> {
        let word = self.inner().storage.word(PIN).await.map_err(|_| ())?;
        // One that cannot be read is one that nobody knows.
        word.map(|word| serde_json::from_str(&word).map_err(|_| ())).transpose()
    }

    async fn keep_pin(&self, pin: &Pin) -> bool {
        self.inner().storage.set_word(PIN, &pin.to_word()).await.is_ok()
    }

    /// Sees at the start whether the device is open.
    pub(super) async fn begin_gate(&self) {
        let asked = self.with(|state| state.me.as_ref().and_then(|me| me.lock));
        let gate = match self.pin().await {
            Err(()) => Gate::Locked,
            Ok(None) if asked.is_some() => Gate::ToSet,
            Ok(None) => Gate::Open,
            Ok(Some(pin)) => {
                self.with(|state| state.lock = Some(pin.lock));
                if pin.failures >= pin.lock.failures {
                    // It was to be removed when the page was ended.
                    self.sign_out().await;
                }
                let tab = browser::window().session_storage().ok().flatten();
                let opened = tab.and_then(|tab| tab.get_item(OPENED).ok().flatten()).is_some();
                if opened && !is_stale(pin.lock) { Gate::Open } else { Gate::Locked }
            }
        };
        if gate != Gate::Open {
            mark_opened(false);
        }
        self.with(|state| state.lock = state.lock.or(asked));
        self.view.gate.set(gate);
    }

    /// Hears from the server how the device of whoever is signed in is to be locked. A device that is
    /// locked stays so until its PIN is shown.
    pub(super) async fn hear_lock(&self, asked: Option<Lock>) {
        // While it is locked only attempts write the PIN: their count must not be written over.
        if self.view.gate.get_untracked() == Gate::Locked {
            return;
        }
        let Ok(pin) = self.pin().await else { return };
        match (asked, pin) {
            (None, Some(_)) => drop(self.inner().storage.forget_word(PIN).await),
            (None, None) => {}
            (Some(lock), Some(pin)) if pin.lock == lock => {}
            (Some(lock), Some(pin)) => drop(self.keep_pin(&Pin { lock, ..pin }).await),
            (Some(_), None) => self.view.gate.set(Gate::ToSet),
        }
        self.with(|state| state.lock = asked);
        if asked.is_none() {
            self.view.gate.set(Gate::Open);
        }
    }

    /// Asks the server now and then: a page may stay open for weeks.
    pub(super) fn ask_for_lock(&self) {
        let now = browser::now_ms();
        if self.with(|state| now.saturating_sub(std::mem::replace(&mut state.lock_asked, now))) < ASK_AGAIN {
            return;
        }
        let session = *self;
        spawn_local(async move {
            if let Ok(me) = api::current().await {
                session.hear_lock(me.lock).await;
            }
        });
    }

    /// Chooses the PIN of this device.
    pub async fn choose_pin(&self, pin: &str, again: &str) -> Result<(), Word> {
        if !is_pin(pin) {
            return Err(Word::PinUnfit);
        }
        if pin != again {
            return Err(Word::PinDiffers);
        }
        let Some(lock) = self.lock() else {
            self.open_gate();
            return Ok(());
        };
        let salt = browser::random();
        let hash = hash(pin, &salt).ok_or(Word::PinUnfit)?;
        if !self.keep_pin(&Pin { salt, hash, failures: 0, lock }).await {
            return Err(Word::NotSaved);
        }
        self.open_gate();
        Ok(())
    }

    /// Tries a PIN. The attempt is on the disk before it is looked at: ending the page saves nobody, and
    /// neither do several tabs at once.
    pub async fn unlock(&self, words: &str) -> Tried {
        let counted = loop {
            let mut pin = match self.pin().await {
                Ok(Some(pin)) => pin,
                // Forgotten by another tab: nothing of what is in memory may be shown.
                Ok(None) => {
                    let _ = browser::window().location().reload();
                    return Tried::Removed;
                }
                Err(()) => return Tried::Unreadable,
            };
            if pin.failures >= pin.lock.failures {
                break None;
            }
            let before = pin.to_word();
            pin.failures += 1;
            let words = [(PIN.to_owned(), pin.to_word())];
            match self.inner().storage.set_words_if((PIN, Some(&before)), &words).await {
                Ok(true) => break Some(pin),
                // Another tab has counted meanwhile.
                Ok(false) => {}
                Err(_) => return Tried::Unreadable,
            }
        };
        match counted {
            Some(pin) if hash(words, &pin.salt) == Some(pin.hash) => {
                self.keep_pin(&Pin { failures: 0, ..pin }).await;
                self.open_gate();
                Tried::Right
            }
            Some(pin) if pin.failures < pin.lock.failures => Tried::Wrong(pin.lock.failures - pin.failures),
            _ if self.sign_out().await => Tried::Removed,
            _ => Tried::Unreadable,
        }
    }

    fn open_gate(&self) {
        mark_opened(true);
        self.view.gate.set(Gate::Open);
        self.write_use();
    }

    /// Whether this device has a PIN to be locked with.
    pub fn can_lock(&self) -> bool {
        self.lock().is_some()
    }

    /// Locks this device at once, in every tab.
    pub fn lock_now(&self) {
        self.lock_here();
        self.tell(&Note::Locked);
    }

    /// Locks this tab.
    pub(super) fn lock_here(&self) {
        if self.can_lock() && self.view.gate.get_untracked() == Gate::Open {
            mark_opened(false);
            self.view.gate.set(Gate::Locked);
        }
    }

    fn write_use(&self) {
        let now = browser::now_ms();
        USED.set(now);
        if let Ok(Some(storage)) = browser::window().local_storage() {
            let _ = storage.set_item(LAST_USE, &now.to_string());
        }
    }

    /// Somebody uses the device: whoever comes after too long a time, while nothing ran that could
    /// have locked it, finds it locked.
    pub fn note_use(&self) {
        let Some(lock) = self.lock() else { return };
        if self.view.gate.get_untracked() != Gate::Open {
            return;
        }
        // Every few seconds is enough: this is asked for each key press.
        if browser::now_ms().abs_diff(USED.get()) < 5000 {
            return;
        }
        if is_stale(lock) { self.lock_now() } else { self.write_use() }
    }

    /// Locks the device when nobody has used it for long.
    pub fn lock_when_idle(&self) {
        if self.lock().is_some_and(is_stale) {
            self.lock_here();
        }
    }
}
