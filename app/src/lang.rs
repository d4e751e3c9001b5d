//! The language of the screen: 简体中文 first, 繁體中文 and English as the person chooses.

use leptos::prelude::*;
pub use tongban_shared::words::{Lang, Word as W};

/// The words of the chosen language; reading one follows the choice.
#[derive(Clone, Copy)]
pub struct Words(RwSignal<Lang>);

const KEY: &str = "lang";

impl Words {
    /// The language this device chose before, else the first.
    pub fn load() -> Self {
        let storage = crate::browser::window().local_storage().ok().flatten();
        let chosen = storage
            .and_then(|storage| storage.get_item(KEY).ok().flatten())
            .and_then(|word| Lang::from_tag(&word));
        Self(RwSignal::new(chosen.unwrap_or_default()))
    }

    /// A word, and a dependency on the choice.
    pub fn w(self, word: W) -> &'static str {
        word.text(self.0.get())
    }

    /// A word without following the choice, for what is said once.
    pub fn w_untracked(self, word: W) -> &'static str {
        word.text(self.0.get_untracked())
    }

    /// The language now.
    pub fn lang(self) -> Lang {
        self.0.get()
    }

    /// The language now, without following it.
    pub fn lang_untracked(self) -> Lang {
        self.0.get_untracked()
    }

    /// Chooses a language for this device.
    pub fn choose(self, lang: Lang) {
        if let Ok(Some(storage)) = crate::browser::window().local_storage() {
            let _ = storage.set_item(KEY, lang.tag());
        }
        self.0.set(lang);
    }
}

/// The words of the running app.
pub fn words() -> Words {
    expect_context()
}
