//! A newer edition of a document beside the board that came from an earlier one: what differs,
//! measure by measure, each taken over by choice (conflict 7).
//!
//! Three are compared: the edition that both have in common ([`Edition`]), the board as people here
//! have made it since, and the newer document. Only what the newer document itself changed is offered
//! to be taken over; what was changed here stays unless somebody asks for the document's words.

mod edition;
mod likely;
mod measures;
mod numbers;
mod pairing;
mod take;

pub use edition::Edition;
pub use likely::likely;
pub use take::{Revision, Take, revise};

use crate::adopt::source_of;
use crate::id::{IndicatorId, ItemId, SectionId, SpaceId, UnitId};
use crate::import::{DraftBoard, DraftDocument, DraftIndicator, DraftItem, DraftSection, Role};
use crate::model::{Board, Source, Target};
use crate::phrases::{Together, together};
use crate::rule::Scene;
use crate::text::folded_text;
use pairing::Paired;
use std::collections::BTreeMap;

/// One difference, of one measure or of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Differences of one thing stand together.
    pub about: About,
    /// Number and headline of the measure, or the name of the section or indicator; empty for the
    /// whole.
    pub of: String,
    pub what: What,
    pub since: Since,
}

/// The thing that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum About {
    Whole,
    Section(SectionId),
    Item(ItemId),
    /// A line of the draft that no measure of the board is, by its place among all lines.
    Line(usize),
    Indicator(IndicatorId),
    /// A number of the draft, by its place.
    Number(usize),
}

/// The side that changed a place since the common edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Since {
    /// The newer document alone.
    Document,
    /// People here alone.
    Here,
    /// Both, to different ends.
    Both,
    /// The board has no edition in common with the document.
    Unknown,
}

/// A text or register of the board that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Title,
    /// First and last year, as `2023-2025`.
    Period,
    Goal,
    Section(SectionId),
    Number(ItemId),
    Headline(ItemId),
    Text(ItemId),
    Deadline(ItemId),
}

/// The difference itself: `from` is what the board says now, `to` what the newer document says.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Title, number, issuer or date of the document.
    Source {
        from: Source,
        to: Source,
    },
    /// `was` is what the common edition says.
    Words {
        field: Field,
        was: Option<String>,
        from: String,
        to: String,
    },
    /// A measure that the board does not have, with what is new below it.
    Added {
        item: Box<DraftItem>,
        place: Box<Place>,
    },
    /// A measure that the newer document does not have; it is put out of use by its lead.
    Gone {
        item: ItemId,
    },
    /// A measure that the newer document has and that was put out of use here.
    Retired {
        item: ItemId,
    },
    /// A measure that stands in another section; the titles of both.
    Moved {
        item: ItemId,
        from: String,
        to: String,
        place: Box<Place>,
    },
    UnitAdded {
        item: ItemId,
        name: String,
        role: Role,
        open_ended: bool,
    },
    UnitGone {
        item: ItemId,
        unit: UnitId,
        name: String,
    },
    Role {
        item: ItemId,
        unit: UnitId,
        name: String,
        from: Role,
        to: Role,
    },
    /// With the measure that it stands in, where the board has it already.
    TargetAdded {
        indicator: Box<DraftIndicator>,
        item: Option<ItemId>,
    },
    /// An indicator that the newer document does not name; it stays until its lead changes it.
    TargetGone {
        indicator: IndicatorId,
        target: Target,
    },
    Target {
        indicator: IndicatorId,
        from: Target,
        to: Target,
    },
}

/// The effect of taking a difference over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    Changes,
    Adds,
    TakesOff,
}

/// The part of a plan that a difference stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// A section by its title.
    Section(String),
    Numbers,
}

/// The place of a new measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The section of the board; none where the draft's section is new as well.
    section: Option<SectionId>,
    /// Its section in the draft, without its items.
    of_draft: DraftSection,
    parent: Option<ItemId>,
    /// The measure before it; none for the first of its place.
    after: Option<ItemId>,
}

impl Difference {
    /// The choice unless the person makes another one; none where both sides changed one place
    /// and somebody has to choose.
    #[must_use]
    pub fn offered(&self) -> Option<Take> {
        match (self.since, &self.what) {
            // Nothing here asks for it: an indicator cannot be taken off.
            (_, What::TargetGone { .. }) | (Since::Here, _) => Some(Take::Here),
            (Since::Document, _) => Some(Take::Document),
            (Since::Both, _) => self.together().filter(|made| made.apart).map(|_| Take::Both),
            // New words touch nothing that anybody here wrote.
            (Since::Unknown, What::Added { .. } | What::TargetAdded { .. }) => Some(Take::Document),
            (Since::Unknown, _) => Some(Take::Here),
        }
    }

    /// The part of the board that it stands in, or would.
    #[must_use]
    pub fn part(&self, board: &Board) -> Part {
        let titled = |id: Option<SectionId>| board.sections.get(&id?).map(|section| section.title.clone());
        match (&self.what, self.about) {
            (What::Added { place, .. }, _) => {
                let new = || section_title(&place.of_draft).to_owned();
                Part::Section(titled(place.section).unwrap_or_else(new))
            }
            (_, About::Item(id)) => {
                let section = board.items.get(&id).and_then(|item| item.section);
                Part::Section(titled(section).unwrap_or_default())
            }
            (_, About::Section(id)) => Part::Section(titled(Some(id)).unwrap_or_default()),
            (_, About::Indicator(_) | About::Number(_)) => Part::Numbers,
            (_, About::Whole | About::Line(_)) => Part::Whole,
        }
    }

    /// Whether taking it adds something, takes something off, or changes it.
    #[must_use]
    pub const fn way(&self) -> Way {
        match self.what {
            What::Added { .. } | What::UnitAdded { .. } | What::TargetAdded { .. } | What::Retired { .. } => {
                Way::Adds
            }
            What::Gone { .. } | What::UnitGone { .. } | What::TargetGone { .. } => Way::TakesOff,
            _ => Way::Changes,
        }
    }

    /// The choices there are.
    #[must_use]
    pub fn choices(&self) -> &'static [Take] {
        match &self.what {
            What::TargetGone { .. } => &[Take::Here],
            _ if self.together().is_some() => &[Take::Here, Take::Document, Take::Both],
            _ => &[Take::Here, Take::Document],
        }
    }

    /// The words of both where a text was changed by both.
    #[must_use]
    pub fn together(&self) -> Option<Together> {
        match &self.what {
            What::Words { field: Field::Goal | Field::Text(_), was: Some(was), from, to }
                if self.since == Since::Both =>
            {
                Some(together(was, from, to))
            }
            _ => None,
        }
    }
}

/// The side that changed a value; none where the board says what the newer document says. `was` is none
/// where there is no common edition.
fn since<T: PartialEq>(was: Option<&T>, here: &T, to: &T) -> Option<Since> {
    if here == to {
        return None;
    }
    Some(match was {
        None => Since::Unknown,
        Some(was) if was == here => Since::Document,
        Some(was) if was == to => Since::Here,
        Some(_) => Since::Both,
    })
}

/// The same of words: width, script and blanks make no difference.
fn since_words(was: Option<&str>, here: &str, to: &str) -> Option<Since> {
    since(was.map(folded_text).as_ref(), &folded_text(here), &folded_text(to))
}

/// The three that are compared: the board with its entries, the newer document, the edition before it.
struct Compared<'a> {
    space: SpaceId,
    scene: &'a Scene<'a>,
    was: Option<&'a Board>,
    draft: &'a DraftBoard,
    all: Vec<Difference>,
}

impl Compared<'_> {
    fn push(&mut self, about: About, of: &str, what: What, since: Since) {
        self.all.push(Difference { about, of: of.to_owned(), what, since });
    }

    /// Words that differ, told once; `was` says what the common edition has.
    fn words(&mut self, about: About, of: &str, field: Field, was: Option<&str>, (from, to): (&str, &str)) {
        if let Some(since) = since_words(was, from, to) {
            let was = was.map(str::to_owned);
            let what = What::Words { field, was, from: from.to_owned(), to: to.to_owned() };
            self.push(about, of, what, since);
        }
    }
}

/// Everything that a newer edition changes about a board or that was changed here since `was`, the edition
/// that they have in common.
#[must_use]
pub fn differences(
    space: SpaceId,
    scene: &Scene<'_>,
    was: Option<&Board>,
    document: &DraftDocument,
    draft: &DraftBoard,
) -> Vec<Difference> {
    let mut compared = Compared { space, scene, was, draft, all: Vec::new() };
    compared.source(document);
    compared.head();
    let (known, present) = compared.known();
    let paired = Paired::new(&known, scene.board, draft, &present);
    compared.sections(&paired);
    compared.measures(&paired, &present);
    compared.numbers(&paired);
    compared.all
}

impl Compared<'_> {
    fn source(&mut self, document: &DraftDocument) {
        let (here, to) = (&self.scene.board.source, source_of(document));
        let parts =
            |one: &Source| [&one.title, &one.number, &one.issuer, &one.date].map(|part| folded_text(part));
        // A part that the newer text does not state is not taken away.
        let filled = |one: &Source| {
            let said = parts(&to).into_iter().zip(parts(one));
            said.map(|(to, one)| if to.is_empty() { to } else { one }).collect::<Vec<_>>()
        };
        let was = self.was.map(|was| filled(&was.source));
        if let Some(since) = since(was.as_ref(), &filled(here), &parts(&to).to_vec()) {
            self.push(About::Whole, "", What::Source { from: here.clone(), to }, since);
        }
    }

    fn head(&mut self) {
        let (here, was, draft) = (self.scene.board, self.was, self.draft);
        if let Some(title) = &draft.title {
            let before = was.map(|was| was.title.as_str());
            self.words(About::Whole, "", Field::Title, before, (&here.title, title));
        }
        let years = |board: &Board| board.period.map(|(from, to)| format!("{from}-{to}")).unwrap_or_default();
        if let Some(period) = draft.period {
            let to = format!("{}-{}", period.from, period.to);
            let before = was.map(years);
            self.words(About::Whole, "", Field::Period, before.as_deref(), (&years(here), &to));
        }
        let before = was.map(|was| was.goal.as_str());
        self.words(About::Whole, "", Field::Goal, before, (&here.goal, draft.goal.trim()));
    }

    /// Every measure that the common edition or the board has, as the edition has it: its words are
    /// the ones that the newer document repeats. With their order.
    fn known(&self) -> (Board, Vec<ItemId>) {
        let mut known = self.scene.board.clone();
        if let Some(was) = self.was {
            known.sections.extend(was.sections.iter().map(|(id, section)| (*id, section.clone())));
            known.items.extend(was.items.iter().map(|(id, item)| (*id, item.clone())));
        }
        let of_document = |id: &ItemId| match self.scene.item(*id) {
            Some(_) => self.scene.item_type(*id).is_some_and(|kind| kind.lines),
            None => true,
        };
        let mut present: Vec<ItemId> = known.item_order().into_iter().filter(of_document).collect();
        // When two have the same words, the one in use is meant.
        present.sort_by_key(|id| self.is_retired(*id));
        (known, present)
    }

    fn sections(&mut self, paired: &Paired<'_>) {
        for (section, known) in self.draft.sections.iter().zip(&paired.sections) {
            let Some(id) = known else { continue };
            let from = &self.scene.board.sections[id].title;
            let was = self.was.map(|was| was.sections.get(id).map_or("", |one| one.title.as_str()));
            self.words(About::Section(*id), from, Field::Section(*id), was, (from, section_title(section)));
        }
    }

    /// Measures in the order of the newer document, then those that it does not have.
    fn measures(&mut self, paired: &Paired<'_>, present: &[ItemId]) {
        let board = self.scene.board;
        let mut last: BTreeMap<(Option<SectionId>, Option<ItemId>), ItemId> = BTreeMap::new();
        for (at, line) in paired.lines.iter().enumerate() {
            let parent = line.parent.and_then(|above| paired.same[above]);
            let section = match parent {
                Some(parent) => board.items[&parent].section,
                None => paired.sections[line.section],
            };
            let place = || Place {
                section,
                of_draft: DraftSection { items: Vec::new(), ..self.draft.sections[line.section].clone() },
                parent,
                after: last.get(&(section, parent)).copied(),
            };
            if let Some(id) = paired.same[at] {
                let place = place();
                let item = &board.items[&id];
                last.insert((item.section, item.parent), id);
                self.measure(id, line.item);
                if line.parent.is_none() && item.parent.is_none() {
                    self.moved(id, paired.meant[line.section], place);
                }
                continue;
            }
            // Items below a new one come with it.
            if line.parent.is_some_and(|above| paired.same[above].is_none()) {
                continue;
            }
            let since = match (self.was, paired.left_out[at]) {
                (None, _) => Since::Unknown,
                (Some(_), None) => Since::Document,
                (Some(was), Some(id)) => self.since_left_out(&was.items[&id], line.item),
            };
            let what = What::Added { item: Box::new(paired.new_below(at)), place: Box::new(place()) };
            let of = name(line.item.number.as_deref().unwrap_or_default(), &line.item.title, &line.item.text);
            self.push(About::Line(at), &of, what, since);
        }
        for id in present.iter().filter(|id| !paired.same.contains(&Some(**id))) {
            self.gone(*id);
        }
    }
}

/// The title that a section of a draft has on a board.
fn section_title(section: &DraftSection) -> &str {
    section.title.as_deref().unwrap_or("重点任务")
}

fn of_item(board: &Board, id: ItemId) -> String {
    let item = &board.items[&id];
    name(&item.number, &item.title, &item.text)
}

fn name(number: &str, title: &str, text: &str) -> String {
    let title = if title.is_empty() { text } else { title };
    format!("{number} {}", title.chars().take(60).collect::<String>()).trim().to_owned()
}
