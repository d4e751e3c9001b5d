//! An enterprise's data on its device: its items as the server last told them, and its own logs. Boards and
//! the space are not here; what it writes goes the way of every entry.

use super::*;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tongban_shared::model::Unit;
use tongban_shared::publication::Projects;

/// The key of the projects among the words of the device.
const PROJECTS: &str = "projects";

/// So old they are asked for again, in milliseconds: the server does not tell of itself.
const STALE: u64 = 60_000;

/// Projects as the server told them, and every board of which it ever told: an enterprise's own words there
/// stay in sight until the server has them, also when nothing there names the enterprise any more.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    told: Projects,
    boards: BTreeSet<BoardId>,
}

/// Asking the server: one question at a time, and once more when it came up meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Asking {
    #[default]
    No,
    Yes,
    Again,
}

impl State {
    /// Whether the person here is of an enterprise.
    pub(super) fn is_enterprise(&self) -> bool {
        self.me.as_ref().is_some_and(|me| me.role == AccountRole::Enterprise.word())
    }

    /// The space as an enterprise knows it: its own name, and the names of its boards.
    pub(super) fn enterprise_space(&self) -> Space {
        let Some(Kept { told, .. }) = &self.projects else { return Space::default() };
        let own = Unit { name: told.name.clone(), ..Unit::default() };
        let listing = |title: &str| BoardListing { title: title.to_owned(), doc_number: String::new() };
        Space {
            name: told.space.clone(),
            zone: told.zone.clone(),
            units: BTreeMap::from([(told.unit, own)]),
            boards: told.boards.iter().map(|(id, board)| (*id, listing(&board.title))).collect(),
            ..Space::default()
        }
    }

    /// Logs of the enterprise that are not open.
    pub(super) fn enterprise_logs(&self) -> Vec<(DocumentId, What)> {
        let Some(Kept { told, boards }) = &self.projects else { return Vec::new() };
        let log = |board: &BoardId| (DocumentId::log(*board, told.unit), What::Log(*board, told.unit));
        let open = |(id, _): &(DocumentId, What)| self.documents.contains_key(id) || self.broken.contains(id);
        boards.iter().map(log).filter(|log| !open(log)).collect()
    }

    /// The heads of an item's records, as the server told them: an entry of the enterprise is written after
    /// them, though they are not here.
    pub(super) fn told_of(&self, subject: &Subject) -> BTreeMap<String, u32> {
        let told = self.projects.iter().flat_map(|kept| &kept.told.projects);
        let mut about = told.filter(|one| one.board == subject.board && Some(one.item) == subject.item);
        about.next().map(|one| one.seen.clone()).unwrap_or_default()
    }
}

impl Session {
    /// Reads what was told last to whoever is signed in; what was told to somebody else is not shown.
    pub(super) async fn load_projects(&self) {
        let word = self.inner().storage.word(PROJECTS).await.ok().flatten();
        let there = word.and_then(|word| serde_json::from_str::<Kept>(&word).ok());
        // Told anew while the disk was read, or the disk cannot be read.
        let here = self.with(|state| state.projects.clone());
        let mine = [here, there].into_iter().flatten().filter(|kept| self.is_for_me(&kept.told));
        let kept = mine.max_by_key(|kept| kept.told.at);
        self.show_projects(kept);
    }

    fn is_for_me(&self, told: &Projects) -> bool {
        let own = |me: &Me| told.person.to_string() == me.person && told.unit.to_string() == me.unit;
        self.with(|state| state.is_enterprise() && state.me.as_ref().is_some_and(own))
    }

    fn show_projects(&self, kept: Option<Kept>) {
        self.view.projects.set(kept.as_ref().map(|kept| Arc::new(kept.told.clone())));
        let space = self.with(|state| {
            state.projects = kept;
            state.is_enterprise().then(|| state.space())
        });
        if let Some(space) = space {
            self.view.set_space(space);
        }
    }

    /// Another tab was told anew.
    pub(super) fn hear_projects(&self) {
        let session = *self;
        spawn_local(async move {
            session.load_projects().await;
            session.open_missing();
        });
    }

    /// Asks the server for them, unless that was done just now; `anew` asks in any case.
    pub fn ask_for_projects(&self, anew: bool) {
        self.ask_for_projects_then(anew, |_| ());
    }

    /// The same; `then` hears whether the server answered. One who asks while it is being asked is
    /// answered with that.
    pub fn ask_for_projects_then(&self, anew: bool, then: impl FnOnce(bool) + 'static) {
        let now = browser::now_ms();
        let begin = self.with(|state| {
            let stale = state.projects.as_ref().is_none_or(|kept| now.abs_diff(kept.told.at) > STALE);
            if !state.is_enterprise() || !(anew || stale) {
                return false;
            }
            let free = state.asking == Asking::No;
            state.asking = if free { Asking::Yes } else { Asking::Again };
            free
        });
        if begin {
            let session = *self;
            spawn_local(async move {
                let mut answered;
                loop {
                    answered = session.fetch_projects().await;
                    let again = session.with(|state| std::mem::take(&mut state.asking) == Asking::Again);
                    if !again {
                        break;
                    }
                    session.with(|state| state.asking = Asking::Yes);
                }
                then(answered);
            });
        } else {
            then(true);
        }
    }

    /// Whether the server answered.
    async fn fetch_projects(&self) -> bool {
        let told = match api::projects().await {
            Ok(told) => told,
            // Signed out, or of another role now.
            Err(api::ApiError::SignedOut | api::ApiError::Refused(_)) => {
                self.look_up_me().await;
                return true;
            }
            // Without a network what was told last stays.
            Err(_) => return false,
        };
        // Somebody else may have signed in, or out, meanwhile.
        if !self.is_for_me(&told) {
            return true;
        }
        let mut boards = self.with(|state| state.projects.take()).map(|kept| kept.boards).unwrap_or_default();
        boards.extend(told.boards.keys());
        let kept = Kept { told, boards };
        let word = serde_json::to_string(&kept).unwrap_or_default();
        self.show_projects(Some(kept));
        let _ = self.inner().storage.set_word(PROJECTS, &word).await;
        self.open_missing();
        self.tell(&Note::Projects);
        true
    }

    /// The enterprise's entries on an item, as they stand on this device, in causal order.
    pub fn own_said(&self, board: BoardId, item: ItemId) -> Vec<Entry> {
        self.with(|state| {
            let Some(unit) = state.projects.as_ref().map(|kept| kept.told.unit) else { return Vec::new() };
            let entries = state.entries.get(&board);
            let about = entries.map(|all| all.of_item(item)).unwrap_or_default();
            about.into_iter().filter(|entry| entry.author.unit == unit).cloned().collect()
        })
    }
}
