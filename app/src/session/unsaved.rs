//! Words that somebody is still writing, kept on this device with their place until they are saved.

use super::*;
use tongban_shared::limits::UNSAVED_BYTES;

/// Such words begin so among the words of the device; then come the person and the place.
const UNSAVED: &str = "unsaved/";

impl Session {
    fn unsaved_name(&self, place: &str) -> Option<String> {
        let person = self.view.me.with_untracked(|me| me.as_ref().map(|me| me.person.clone()))?;
        Some(format!("{UNSAVED}{person}/{place}"))
    }

    /// The half-written words of the person here in a place. A field that holds too many of them stops the page
    /// that it stands on, each time anew: such words are given back to nobody, also when they are kept already.
    pub async fn unsaved(&self, place: &str) -> Option<String> {
        let name = self.unsaved_name(place)?;
        let kept = self.inner().storage.word(&name).await.ok()??;
        (!kept.is_empty() && kept.len() <= UNSAVED_BYTES).then_some(kept)
    }

    /// Keeps what the person here is writing in a place; nothing is kept where the words are empty, and what was
    /// kept before stays where they are more than [`UNSAVED_BYTES`]. Says whether the words are on the disk of this device now.
    pub async fn keep_unsaved(&self, place: &str, words: &str) -> bool {
        let Some(name) = self.unsaved_name(place) else { return false };
        let storage = &self.inner().storage;
        if words.len() > UNSAVED_BYTES {
            return false;
        }
        let kept = if words.trim().is_empty() {
            storage.forget_word(&name).await
        } else {
            storage.set_word(&name, words).await
        };
        if kept.is_err() {
            self.with(|state| state.failed = true);
            self.show_badge();
        }
        kept.is_ok()
    }
}
