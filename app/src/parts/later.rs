//! Work that is done a moment after it was asked for.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// Runs something once, after a while; what was asked for before is not run.
#[derive(Clone, Copy)]
pub struct Later(StoredValue<Option<Timeout>, LocalStorage>);

impl Later {
    pub fn new() -> Self {
        Self(StoredValue::new_local(None))
    }

    /// After so many milliseconds without another call. Nothing runs when the page is gone.
    pub fn run(self, milliseconds: u32, act: impl FnOnce() + 'static) {
        self.0.try_update_value(|waiting| *waiting = Some(Timeout::new(milliseconds, act)));
    }
}

/// Milliseconds of rest after the last change of a board before something is made of it anew.
pub const REST: u32 = 250;

/// Something made of a whole board: anew at once when what `asked` tracks changes, and a moment
/// after the last change of the board.
pub fn kept<T: Clone + PartialEq + Send + Sync + 'static>(
    revision: ArcRwSignal<u64>,
    asked: impl Fn() + 'static,
    made: impl Fn() -> T + Clone + 'static,
) -> RwSignal<T> {
    let kept = RwSignal::new(made());
    let renew = move || {
        // The page may be gone by now.
        if !kept.is_disposed() {
            let new = made();
            if kept.with_untracked(|old| *old != new) {
                kept.set(new);
            }
        }
    };
    let (at_once, soon) = (renew.clone(), Later::new());
    Effect::new(move |before: Option<()>| {
        asked();
        if before.is_some() {
            at_once();
        }
    });
    Effect::new(move |before: Option<()>| {
        revision.track();
        if before.is_some() {
            soon.run(REST, renew.clone());
        }
    });
    kept
}
