//! Histories of boards: read as far back as somebody asks, then extended by what is new.

use super::*;
use tongban_shared::adopt::IMPORTED;
use tongban_shared::views::{self, By, Compared, Deed, History, Line, LineWords};

/// The history of a board, read from a time on.
pub(super) struct Kept {
    since: i64,
    history: History,
}

impl Session {
    /// The acts on a board at a time (seconds since 1970) or later, and those that came to this device since
    /// this page was opened: changes, then records. Only what is new since the last call is read, unless
    /// an earlier time is asked for.
    pub fn history(&self, board: BoardId, since: i64) -> Vec<Line> {
        let space = self.view.space.get_untracked();
        let (lines, read) = self.with(|state| {
            let State { histories, documents, register, entries, loaded_heads, arrived, .. } = state;
            let Some(document) = documents.get_mut(&DocumentId::board(board)) else {
                return (Vec::new(), 0);
            };
            let new = || Kept { since, history: History::default() };
            let kept = histories.entry(board).or_insert_with(new);
            if since < kept.since {
                *kept = new();
            }
            // Nothing is told as late on a board that was not on this device.
            let here = loaded_heads.get(&board).cloned().unwrap_or_else(|| document.heads());
            let read = kept.history.read(document, kept.since, &here, |change| {
                author(register, &space, &change.by, &change.actor)
            });
            let wanted =
                kept.history.lines().iter().filter(|line| line.to >= since || line.to == 0 || line.arrived);
            let mut lines: Vec<Line> = wanted.cloned().collect();
            let by = |entry: &Entry| By {
                name: person_words(&space, entry.author.person, entry.author.unit),
                proven: true,
            };
            let none = BTreeSet::new();
            let late = arrived.get(&board).unwrap_or(&none);
            lines.extend(
                entries.get(&board).into_iter().flat_map(|all| views::said_since(all, since, late, by)),
            );
            (lines, read)
        });
        if read > 0 {
            browser::count_work("historyBoards", 1);
            browser::count_work("historyChanges", read);
        }
        lines
    }

    /// A line of a board in words; of a record, what it says and about what.
    pub fn told(&self, board: BoardId, line: &Line, lang: Lang) -> LineWords {
        browser::count_work("historyTold", 1);
        let today = browser::today().parse().unwrap_or_default();
        let space = self.view.space.get_untracked();
        let told = self.with(|state| {
            let State { documents, living, entries, .. } = state;
            let none = Entries::default();
            let entries = entries.get(&board).unwrap_or(&none);
            let document = documents.get(&DocumentId::board(board))?;
            let living = State::living(living, documents, board)?;
            if let Deed::Said(id) = line.deed {
                let entry = entries.all.get(&id)?;
                let item = entry.subject.item;
                let about = item.and_then(|item| living.board().items.get(&item));
                let about = about.map(tongban_shared::plan::measure_name).unwrap_or_default();
                let field = views::entry_word(entry).text(lang).to_owned();
                return Some(LineWords {
                    item,
                    about,
                    field,
                    new: entry.body.clone(),
                    ..LineWords::default()
                });
            }
            let template = template::of(living.board()).ok()?;
            Some(living.look(&template, &space, entries, today, |scene| {
                views::line_words(document, scene, line, lang)
            }))
        });
        told.unwrap_or_default()
    }

    /// The author of a change.
    pub fn author_of(&self, said: &str, actor: &[u8]) -> By {
        let space = self.view.space.get_untracked();
        self.with(|state| author(&state.register, &space, said, actor))
    }

    /// For whom the device that writes under an actor was certified, the newest first.
    pub fn certified_for(&self, actor: &[u8]) -> Vec<(tongban_shared::id::PersonId, UnitId)> {
        self.with(|state| state.register.certified_for(actor).collect())
    }

    /// The differences from one moment of a board to another. A moment is the heads of the document.
    pub fn compared(&self, board: BoardId, from: &[[u8; 32]], to: &[[u8; 32]], lang: Lang) -> Vec<Compared> {
        let space = self.view.space.get_untracked();
        let found = self.read(DocumentId::board(board), |document| {
            let (old, new) = (document.board_at(from), document.board_at(to));
            Some(views::compared(&old.ok()?, &new.ok()?, &space, lang))
        });
        found.flatten().unwrap_or_default()
    }
}

/// Name and unit of a person.
fn person_words(space: &Space, person: tongban_shared::id::PersonId, unit: UnitId) -> String {
    let name = space.persons.get(&person).map(|person| person.name.clone()).unwrap_or_default();
    format!("{name}（{}）", space.unit_name(unit))
}

/// The person whom the device of a change was certified for. A name that only the change itself says
/// is not proven, for anybody may write any name into it.
fn author(register: &Register, space: &Space, said: &str, actor: &[u8]) -> By {
    let proven = register.certified_for(actor).map(|(person, unit)| person_words(space, person, unit));
    let proven: Vec<String> = proven.collect();
    // A device that changed hands: the one of them whose name the change says.
    match proven.iter().find(|name| **name == said).or(proven.first()) {
        Some(name) => By { name: name.clone(), proven: true },
        // The same bytes on every device, whoever accepted the draft: it names nobody.
        None => By { name: said.to_owned(), proven: said == IMPORTED },
    }
}
