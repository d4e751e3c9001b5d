//! 我的事项: what an enterprise sees of the items that name it (domain.md, part d): how they stand,
//! what units said to it, what it may say. Records about other firms, and records among units, never leave
//! with it.

use super::{DEEPEST, PublicItem, begun, shown_item};
use crate::access::{self, AccountRole};
use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::fold;
use crate::id::{BoardId, DeviceId, EntryId, ItemId, PersonId, UnitId};
use crate::rule::Scene;
use crate::template::ItemType;
use crate::words::Lang;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// An enterprise's view of a space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Projects {
    /// Whom it is for.
    pub person: PersonId,
    pub unit: UnitId,
    pub space: String,
    /// The time zone of the space.
    #[serde(default)]
    pub zone: String,
    /// The name of the enterprise.
    pub name: String,
    /// When the server said so, in milliseconds since 1970.
    pub at: u64,
    pub projects: Vec<Project>,
    /// The boards that name the enterprise.
    #[serde(default)]
    pub boards: BTreeMap<BoardId, ProjectBoard>,
    /// So many boards that name the enterprise have a template that cannot be read, or take too long: their items are
    /// left out.
    #[serde(default)]
    pub unread: u32,
}

/// The words of a board itself that an enterprise sees: it stands once, however many items name the enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProjectBoard {
    /// By its beginning, as the next.
    pub title: String,
    /// The unit that leads it; empty without one.
    pub lead: String,
    /// There is more of it than an answer holds: later items, and the oldest records of one, are left out.
    #[serde(default)]
    pub cut: bool,
}

/// An item as its enterprise sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    pub board: BoardId,
    pub item: ItemId,
    pub shown: PublicItem,
    /// Records between the enterprise and units, in causal order.
    pub said: Vec<Said>,
    /// Kinds of records that the enterprise may write on it, by their words.
    pub writes: Vec<String>,
    /// Empty: apps of before this version look for title and lead of the board here.
    #[serde(default)]
    pub plan: String,
    #[serde(default)]
    pub lead: String,
    /// The states to which the enterprise may bring it now.
    pub steps: Vec<Step>,
    /// For each writer of records on it, how many of its records that takes into account: what is
    /// written next is written after these.
    pub seen: BTreeMap<String, u32>,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Said {
    pub id: EntryId,
    /// The word of its kind.
    pub kind: String,
    pub by: String,
    /// The enterprise said it.
    pub own: bool,
    /// Milliseconds since 1970.
    pub said: i64,
    pub body: String,
    pub value: Option<f64>,
    /// A promised or set date, ISO.
    pub due: Option<String>,
    /// The name of the state that it brought the item into.
    pub to: Option<String>,
    pub accepted: Option<bool>,
}

/// A move that the enterprise may make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The word of the kind of its record.
    pub kind: String,
    /// The id of the state in the template, and its name.
    pub to: String,
    pub name: String,
    /// The record must have words.
    pub words: bool,
    pub number: bool,
    pub due: bool,
}

/// Kinds of records of units whose words are meant for whom they serve.
const TO_FIRMS: [EntryKind; 4] =
    [EntryKind::Answer, EntryKind::Handover, EntryKind::Receipt, EntryKind::Outcome];

/// Kinds of which an enterprise sees that they were, and where they led: their words are between units.
/// It sees nothing of reports, checks, scores, reminders and instructions.
const KNOWN_TO_FIRMS: [EntryKind; 4] =
    [EntryKind::Visit, EntryKind::Dispatch, EntryKind::Accept, EntryKind::CloseDecision];

/// Kinds that an enterprise may write on any item, and those that it may where the type of the item
/// has them.
const ALWAYS: [EntryKind; 2] = [EntryKind::Issue, EntryKind::Comment];
const WHERE_KNOWN: [EntryKind; 4] =
    [EntryKind::Answer, EntryKind::Report, EntryKind::Receipt, EntryKind::Score];

/// An enterprise's view of a board, in the order of the board; items out of use are left out. It is cut where it
/// has more bytes as JSON than are left, of which its own are taken.
#[must_use]
pub fn projects_of(
    scene: &Scene<'_>,
    board: BoardId,
    unit: UnitId,
    left: &mut usize,
) -> (ProjectBoard, Vec<Project>) {
    let firms = access::enterprises(scene.space);
    let draft = draft(scene, board, unit);
    // The next words of its device have seen what `Project::seen` says.
    let seen = scene.as_seen_by(&draft);
    let own = access::own_items(scene.space, scene.board, unit, false);
    // An item that another firm began is between that firm and the units, with everything below it.
    let mut hidden: BTreeSet<ItemId> = BTreeSet::new();
    let lead = scene.board.lead.map(|lead| begun(&scene.space.unit_name(lead))).unwrap_or_default();
    let mut of_board = ProjectBoard { title: begun(&scene.board.title), lead, cut: false };
    let project = |id: ItemId| -> Option<Project> {
        let (item, kind) = (scene.item(id)?, scene.item_type(id)?);
        if !own.contains(&id) || scene.looks().are_used_up() {
            return None;
        }
        let about = scene.about(id);
        let named = scene.units(id).contains(&unit);
        let foreign = about.first().is_some_and(|first| is_of_another(&firms, first, unit));
        if !named && (foreign || item.parent.is_some_and(|parent| hidden.contains(&parent))) {
            hidden.insert(id);
            return None;
        }
        // Items that are shown outside the board at all, or that the enterprise wrote of itself.
        let outside = kind.parts || kind.fields.iter().any(|field| field.public);
        let spoke = about.iter().any(|entry| entry.author.unit == unit);
        let retired = scene.standing(id).is_some_and(|standing| standing.retired);
        if retired || !(named || outside || spoke) {
            return None;
        }
        let above = std::iter::successors(item.parent, |id| scene.item(*id).and_then(|item| item.parent));
        let depth = above.take_while(|id| own.contains(id)).count();
        let may_name = |named: UnitId| named == unit || !firms.contains(&named);
        let listed = |word: &EntryKind| kind.entries.iter().any(|entry| entry.0 == *word);
        let writes = ALWAYS.into_iter().chain(WHERE_KNOWN.into_iter().filter(listed));
        let writers: BTreeSet<&str> = about.iter().map(|entry| entry.author.writer.as_str()).collect();
        Some(Project {
            plan: String::new(),
            lead: String::new(),
            board,
            item: id,
            shown: shown_item(scene, (id, item, kind), depth, may_name),
            said: said(scene, &firms, (id, kind), &about, unit),
            writes: writes
                .filter(|kind| access::may_write(AccountRole::Enterprise, *kind))
                .map(|kind| kind.word().to_owned())
                .collect(),
            steps: steps((scene, &seen), id, &draft),
            seen: writers
                .into_iter()
                .filter_map(|writer| Some((writer.to_owned(), *draft.seen.get(writer)?)))
                .collect(),
        })
    };
    let mut projects = Vec::new();
    for mut project in scene.board.item_order().into_iter().filter_map(project) {
        let mut bytes = in_json(&project);
        let told = project.said.iter().take_while(|said| {
            let over = bytes > *left;
            bytes -= if over { in_json(said) } else { 0 };
            over
        });
        let oldest = told.count();
        project.said.drain(..oldest);
        of_board.cut = of_board.cut || oldest > 0 || bytes > *left;
        if bytes > *left {
            break;
        }
        *left -= bytes;
        projects.push(project);
    }
    (of_board, projects)
}

/// The bytes of something as JSON, and a sign after it.
fn in_json(said: &impl Serialize) -> usize {
    struct Counted(usize);
    impl io::Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(1);
    // Nothing of it is kept, so nothing can fail.
    let _ = serde_json::to_writer(&mut counted, said);
    counted.0
}

/// Whether another enterprise wrote a record.
fn is_of_another(firms: &BTreeSet<UnitId>, entry: &Entry, unit: UnitId) -> bool {
    entry.author.unit != unit && (entry.is_of_enterprise() || firms.contains(&entry.author.unit))
}

/// The enterprise's records, and the units' records to it.
fn said(
    scene: &Scene<'_>,
    firms: &BTreeSet<UnitId>,
    (item, kind): (ItemId, &ItemType),
    about: &[&Entry],
    unit: UnitId,
) -> Vec<Said> {
    // If another firm takes part, here or above, units say whom they speak to.
    let above = std::iter::successors(Some(item), |id| scene.item(*id).and_then(|item| item.parent));
    let several = above
        .take(DEEPEST + 1)
        .any(|id| scene.units(id).iter().any(|named| *named != unit && firms.contains(named)));
    let mut shown: BTreeSet<EntryId> = BTreeSet::new();
    let mut all = Vec::new();
    for entry in about {
        let own = entry.author.unit == unit;
        let answers_us = entry.answers.is_some_and(|answered| shown.contains(&answered));
        let to_us = answers_us || entry.subject.unit == Some(unit);
        let to_others =
            entry.answers.is_some() && !answers_us || entry.subject.unit.is_some_and(|part| part != unit);
        let words = TO_FIRMS.contains(&entry.kind);
        let meant = (words || KNOWN_TO_FIRMS.contains(&entry.kind))
            && !is_of_another(firms, entry, unit)
            && !to_others
            && (to_us || !several);
        if !own && !meant {
            continue;
        }
        shown.insert(entry.id);
        let state =
            |to: &String| kind.state(to).map_or_else(|| begun(to), |state| begun(state.name.get(Lang::Hans)));
        let told = own || words;
        all.push(Said {
            id: entry.id,
            kind: entry.kind.word().to_owned(),
            by: begun(&scene.space.unit_name(entry.author.unit)),
            own,
            said: entry.said,
            body: if told { entry.body.clone() } else { String::new() },
            value: entry.value.filter(|_| told),
            due: entry.due.clone().filter(|_| told),
            to: entry.to.as_ref().map(state),
            accepted: entry.accepted,
        });
    }
    all
}

/// An entry of an enterprise as it would be written now, which has seen everything.
fn draft(scene: &Scene<'_>, board: BoardId, unit: UnitId) -> Entry {
    let nobody = [0; 16];
    let author = Author {
        person: PersonId::from_bytes(nobody),
        unit,
        device: DeviceId::from_bytes(nobody),
        writer: String::new(),
    };
    let subject = Subject { board, item: None, unit: None, indicator: None };
    Entry {
        seen: scene.entries.seen(),
        role_then: Some(AccountRole::Enterprise),
        ..Entry::new(EntryId::from_bytes(nobody), EntryKind::Outcome, author, subject)
    }
}

/// The moves that the enterprise may make now: those that lack nothing but what it says itself.
fn steps((scene, seen): (&Scene<'_>, &Scene<'_>), item: ItemId, draft: &Entry) -> Vec<Step> {
    let offers = fold::offers((scene, seen), item, draft).into_iter();
    let may = offers
        .filter(|offer| access::may_write(AccountRole::Enterprise, offer.kind) && offer.missing.is_empty());
    let name = |to: &str| {
        let state = scene.item_type(item).and_then(|kind| kind.state(to));
        state.map_or_else(|| begun(to), |state| begun(state.name.get(Lang::Hans)))
    };
    may.map(|offer| Step {
        kind: offer.kind.word().to_owned(),
        name: name(&offer.to),
        to: offer.to,
        words: offer.words,
        number: offer.number,
        due: offer.due,
    })
    .collect()
}
