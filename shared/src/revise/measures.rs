//! One measure in the common edition, on the board and in the newer document.

use super::{About, Compared, Difference, Field, Place, Since, What, of_item, section_title, since};
use crate::dictionary;
use crate::id::{ItemId, SectionId, UnitId};
use crate::import::{DraftItem, Role};
use crate::model::Item;
use crate::text::folded_text;

/// A unit as a draft names it.
struct Named<'a> {
    unit: UnitId,
    name: &'a str,
    role: Role,
    open_ended: bool,
}

impl Compared<'_> {
    /// A measure that the board and the newer document have.
    pub(super) fn measure(&mut self, id: ItemId, draft: &DraftItem) {
        let item = &self.scene.board.items[&id];
        let (about, of) = (About::Item(id), of_item(self.scene.board, id));
        let begin = self.all.len();
        let empty = Item::default();
        // A measure that was added here has nothing in the edition.
        let was = self.was.map(|was| was.items.get(&id).unwrap_or(&empty));
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        let (number, deadline) = (word(&draft.number), word(&draft.deadline));
        for (field, before, from, to) in [
            (Field::Number(id), was.map(|was| &was.number), &item.number, &number),
            (Field::Headline(id), was.map(|was| &was.title), &item.title, &draft.title),
            (Field::Text(id), was.map(|was| &was.text), &item.text, &draft.text),
        ] {
            self.words(about, &of, field, before.map(String::as_str), (from, to));
        }
        // Without a common edition nobody knows whether the document ever had a date.
        if was.is_some() || !deadline.is_empty() {
            let before = was.map(|was| was.deadline.as_str());
            self.words(about, &of, Field::Deadline(id), before, (&item.deadline, &deadline));
        }
        self.units(id, &of, was, draft);
        if self.is_retired(id) {
            self.retired(id, &of, begin);
        }
    }

    pub(super) fn is_retired(&self, id: ItemId) -> bool {
        self.scene.standing(id).is_some_and(|standing| standing.retired)
    }

    /// A measure was put out of use here: it comes back by choice, and until then nothing of it is
    /// changed by itself.
    fn retired(&mut self, id: ItemId, of: &str, begin: usize) {
        let changed = self.all[begin..].iter().any(|one| matches!(one.since, Since::Document | Since::Both));
        let since = match self.was {
            None => Since::Unknown,
            Some(was) if changed || !was.items.contains_key(&id) => Since::Both,
            Some(_) => Since::Here,
        };
        for one in &mut self.all[begin..] {
            one.since = Since::Here;
        }
        let (about, what) = (About::Item(id), What::Retired { item: id });
        self.all.insert(begin, Difference { about, of: of.to_owned(), what, since });
    }

    fn units(&mut self, id: ItemId, of: &str, was: Option<&Item>, draft: &DraftItem) {
        let board = self.scene.board;
        let named = self.named(draft);
        let role = |item: &Item, unit: &UnitId| {
            item.assignments.get(unit).filter(|one| one.removal.is_none()).map(|one| one.role)
        };
        let item = &board.items[&id];
        for one in &named {
            let (before, here) = (was.map(|was| role(was, &one.unit)), role(item, &one.unit));
            let Some(since) = since(before.as_ref(), &here, &Some(one.role)) else { continue };
            let (unit, name, to) = (one.unit, one.name.to_owned(), one.role);
            let what = match here {
                Some(from) => What::Role { item: id, unit, name, from, to },
                None => What::UnitAdded { item: id, name, role: to, open_ended: one.open_ended },
            };
            self.push(About::Item(id), of, what, since);
        }
        for unit in item.assignments.keys() {
            let here = role(item, unit);
            if here.is_none() || named.iter().any(|known| known.unit == *unit) {
                continue;
            }
            let before = was.map(|was| role(was, unit));
            if let Some(since) = since(before.as_ref(), &here, &None) {
                let name = self.scene.space.unit_name(*unit);
                self.push(About::Item(id), of, What::UnitGone { item: id, unit: *unit, name }, since);
            }
        }
    }

    /// As an import reads them: a unit that is named twice has the role it was given last.
    fn named<'d>(&self, draft: &'d DraftItem) -> Vec<Named<'d>> {
        let mut named: Vec<Named<'d>> = Vec::new();
        for assignment in &draft.assignments {
            for name in &assignment.units {
                let (unit, _) = dictionary::named(self.space, self.scene.space, name);
                let (role, open_ended) = (assignment.role, assignment.open_ended);
                let one = Named { unit, name, role, open_ended };
                match named.iter_mut().find(|known| known.unit == unit) {
                    Some(known) => *known = one,
                    None => named.push(one),
                }
            }
        }
        named
    }

    /// A measure that stands in another section of the newer document than here.
    pub(super) fn moved(&mut self, id: ItemId, meant: Option<SectionId>, place: Place) {
        let board = self.scene.board;
        let item = &board.items[&id];
        // An edition that does not have the measure says nothing of its place.
        let was = self.was.map(|was| was.items.get(&id).map_or(item.section, |one| one.section));
        let Some(since) = since(was.as_ref(), &item.section, &meant) else { return };
        let from = item.section.and_then(|id| Some(board.sections.get(&id)?.title.clone()));
        let to = match place.section {
            Some(section) => board.sections[&section].title.clone(),
            None => section_title(&place.of_draft).to_owned(),
        };
        let since = if self.is_retired(id) { Since::Here } else { since };
        let what = What::Moved { item: id, from: from.unwrap_or_default(), to, place: Box::new(place) };
        self.push(About::Item(id), &of_item(board, id), what, since);
    }

    /// A measure that only the board has, or only the edition.
    pub(super) fn gone(&mut self, id: ItemId) {
        if self.scene.item(id).is_none() || self.is_retired(id) {
            return;
        }
        let since = match self.was.map(|was| was.items.get(&id)) {
            None => Since::Unknown,
            Some(None) => Since::Here,
            Some(Some(was)) if self.is_worked_on(id, was) => Since::Both,
            Some(Some(_)) => Since::Document,
        };
        self.push(About::Item(id), &of_item(self.scene.board, id), What::Gone { item: id }, since);
    }

    /// Whether people here changed a measure or reported on it since the edition.
    fn is_worked_on(&self, id: ItemId, was: &Item) -> bool {
        let item = &self.scene.board.items[&id];
        let words = |item: &Item| [&item.number, &item.title, &item.text].map(|words| folded_text(words));
        let units = |item: &Item| {
            let present = item.assignments.iter().filter(|(_, one)| one.removal.is_none());
            present.map(|(unit, one)| (*unit, one.role)).collect::<Vec<_>>()
        };
        words(item) != words(was)
            || item.deadline != was.deadline
            || units(item) != units(was)
            || item.ledger != was.ledger
            || item.milestones != was.milestones
            || !self.scene.about(id).is_empty()
    }

    /// A measure of the edition that was not taken over then.
    pub(super) fn since_left_out(&self, was: &Item, draft: &DraftItem) -> Since {
        let words =
            |number: &str, title: &str, text: &str| folded_text(&format!("{number}\n{title}\n{text}"));
        let number = draft.number.as_deref().unwrap_or_default();
        let same = words(number, &draft.title, &draft.text) == words(&was.number, &was.title, &was.text);
        if same { Since::Here } else { Since::Both }
    }
}
