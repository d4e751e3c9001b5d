//! A unit's work never vanishes: every structural edit of a measure beside every word that a unit may
//! write, one after the other in both orders, and apart from each other, over a connection and over a
//! file. In the end both devices have the work, and where the edit would have hidden it both are told.

use crate::desk::*;
use std::collections::BTreeMap;
use tongban_shared::bundle;
use tongban_shared::document::{Document, Kind};
use tongban_shared::edit::{BoardField, Edit, LedgerField, NewIndicator};
use tongban_shared::entry::{Author, Entry, EntryKind, Measure, Reach, Subject};
use tongban_shared::fold::{self, Entries, ItemState, Retirement, Work};
use tongban_shared::id::{
    DeviceId, DocumentId, EntryId, IndicatorId, PersonId, SectionId, SpaceId, UnitId, fingerprint,
};
use tongban_shared::import::Role;
use tongban_shared::model::{Removal, Space};
use tongban_shared::rule::Scene;
use tongban_shared::template;
use tongban_shared::trust::Key;
use tongban_shared::views::{Matter, MatterKind, matters};
use tongban_shared::words::Lang;

const OFFICE: &str = "市政府办";
const BANNER: &str = "海拉尔区";
const GROUP: &str = "各旗市区";
const OTHER_SECTION: SectionId = SectionId::from_bytes([11; 16]);
/// An indicator of the measure.
const NUMBERS: IndicatorId = IndicatorId::from_bytes([13; 16]);
const SPACE: SpaceId = SpaceId::from_bytes([12; 16]);

/// An edit to a measure or to who holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Structural {
    TakeOffUnit,
    TakeOffGroup,
    LeaveGroup,
    ChangeRole,
    Retire,
    MoveItem,
    MoveSection,
    Restore,
}

impl Structural {
    const ALL: [Self; 8] = [
        Self::TakeOffUnit,
        Self::TakeOffGroup,
        Self::LeaveGroup,
        Self::ChangeRole,
        Self::Retire,
        Self::MoveItem,
        Self::MoveSection,
        Self::Restore,
    ];

    /// Whether the measure names the unit by its group.
    fn by_group(self) -> bool {
        matches!(self, Self::TakeOffGroup | Self::LeaveGroup)
    }

    /// Whether it would hide what the unit does unseen.
    fn hides(self) -> bool {
        matches!(self, Self::TakeOffUnit | Self::TakeOffGroup | Self::LeaveGroup | Self::Retire)
    }
}

/// An entry or ledger field that a unit writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Entry(EntryKind),
    /// A number of an indicator of the measure, which does not name the measure itself.
    Number,
    /// The lead, on another device, sends the unit's part back.
    Returned,
    Row(LedgerField),
    Tick,
}

/// Every kind of record of a unit. Decisions and reminders are those of others; proposals stand in the
/// plan.
fn words() -> Vec<Word> {
    let own = |kind: &EntryKind| !kind.is_decision() && !matches!(kind, EntryKind::Remind);
    let entries = EntryKind::ALL.into_iter().filter(own).map(Word::Entry);
    let rows = LedgerField::ALL.into_iter().map(Word::Row);
    entries.chain([Word::Number, Word::Returned]).chain(rows).chain([Word::Tick]).collect()
}

/// One device with all documents.
struct Seat {
    name: &'static str,
    unit: UnitId,
    space: Document,
    board: Document,
    logs: BTreeMap<UnitId, Document>,
}

fn log_of(unit: UnitId, name: &str) -> Document {
    Document::new(Kind::Log, &fingerprint(&["log", name, &unit.to_string()]))
}

impl Seat {
    fn new(name: &'static str, unit_name: &str, space: &mut Document, board: &mut Document) -> Self {
        let units = [OFFICE, BANNER, "莫旗"].map(unit);
        Self {
            name,
            unit: unit(unit_name),
            space: copy(space, &format!("space {name}")),
            board: copy(board, name),
            logs: units.into_iter().map(|unit| (unit, log_of(unit, name))).collect(),
        }
    }

    fn entries(&self) -> Entries {
        let mut all = Entries::default();
        self.logs.values().flat_map(|log| log.entries().0.into_values()).for_each(|entry| all.add(entry));
        all
    }

    fn write(&mut self, kind: EntryKind, fill: impl FnOnce(&mut Entry)) {
        let entries = self.entries();
        let seq = entries.next_seq(self.name);
        let author = Author {
            person: PersonId::from_bytes([9; 16]),
            unit: self.unit,
            device: DeviceId::from_bytes(fingerprint(&[self.name])),
            writer: self.name.into(),
        };
        let subject = Subject { board: BOARD, item: Some(ITEM), unit: None, indicator: None };
        let id = EntryId::from_bytes(fingerprint(&[self.name, &seq.to_string()]));
        let mut entry = Entry {
            seq,
            said: 1_717_200_000_000 + i64::from(seq),
            seen: entries.seen(),
            ..Entry::new(id, kind, author, subject)
        };
        fill(&mut entry);
        let bytes = entry.to_bytes();
        let log = self.logs.get_mut(&self.unit).expect("its log");
        log.edit(&Edit::AddEntry { id, bytes }, &stamp(self.name)).expect("writes");
    }

    fn edit(&mut self, edit: &Edit) {
        self.board.edit(edit, &stamp(self.name)).expect("edits");
    }

    fn does(&mut self, act: Structural) {
        let removal = Removal { by: Some(self.unit), seen: self.entries().seen(), times: 0 };
        let assign = |role| Edit::Assign {
            item: ITEM,
            unit: unit(BANNER),
            role,
            open_ended: false,
            raw: String::new(),
        };
        match act {
            Structural::TakeOffUnit => self.edit(&Edit::Unassign { item: ITEM, unit: unit(BANNER), removal }),
            Structural::TakeOffGroup => self.edit(&Edit::Unassign { item: ITEM, unit: unit(GROUP), removal }),
            Structural::LeaveGroup => {
                let edit = Edit::SetGroupMember { group: unit(GROUP), unit: unit(BANNER), present: false };
                self.space.edit(&edit, &stamp(self.name)).expect("edits");
            }
            Structural::ChangeRole => self.edit(&assign(Role::Co)),
            Structural::Retire => {
                let digest = fold::item_digest(&self.board.item(ITEM).expect("there"));
                self.write(EntryKind::Retire, |entry| entry.digest = Some(digest));
            }
            Structural::MoveItem => {
                self.edit(&Edit::MoveItem { id: ITEM, section: OTHER_SECTION, rank: "m".into() });
            }
            Structural::MoveSection => self.edit(&Edit::MoveSection { id: SECTION, rank: "z".into() }),
            Structural::Restore => self.write(EntryKind::Restore, |_| {}),
        }
    }

    fn says(&mut self, word: Word) {
        match word {
            Word::Entry(kind) => self.write(kind, |entry| {
                entry.body = "已对接".into();
                if kind == EntryKind::Value {
                    entry.subject.indicator = Some(NUMBERS);
                    entry.value = Some(3.0);
                }
            }),
            Word::Number => self.write(EntryKind::Value, |entry| {
                (entry.subject.item, entry.subject.indicator) = (None, Some(NUMBERS));
                (entry.value, entry.period) = (Some(3.0), Some("2025".into()));
                (entry.measure, entry.reach) = (Some(Measure::Level), Some(Reach::Own));
            }),
            Word::Returned => {
                self.write(EntryKind::CloseRequest, |_| {});
                let about = unit(BANNER);
                self.write(EntryKind::CloseDecision, |entry| {
                    (entry.subject.unit, entry.accepted) = (Some(about), Some(false));
                    entry.body = "缺少协议".into();
                });
            }
            Word::Row(field) => {
                let value = "张三".to_owned();
                self.edit(&Edit::SetLedger { item: ITEM, unit: unit(BANNER), field, value });
            }
            Word::Tick => {
                self.edit(&Edit::TickMilestone { item: ITEM, id: MILESTONE, by: BANNER.into(), at: 7 });
            }
        }
    }

    fn look<T>(&self, read: impl FnOnce(&Scene<'_>) -> T) -> T {
        let (space, board, entries): (Space, _, _) = (self.space.space(), self.board.board(), self.entries());
        let template = template::of(&board).expect("a template");
        read(&Scene::new(&template, &space, &board, &entries, TODAY.parse().expect("a day")))
    }

    fn matters(&self) -> Vec<Matter> {
        self.look(|scene| matters(scene, Lang::Hans))
    }

    fn state(&self) -> ItemState {
        fold::item_state(&self.space.space(), &self.board.board(), ITEM, &self.entries(), TODAY)
    }

    /// All documents as one file, taken in by another device.
    fn by_file(&mut self, other: &mut Self) {
        let mut documents = vec![
            (DocumentId::space(SPACE), self.space.changes_since(&[])),
            (DocumentId::board(BOARD), self.board.changes_since(&[])),
        ];
        for (unit, log) in &mut self.logs {
            documents.push((DocumentId::log(BOARD, *unit), log.changes_since(&[])));
        }
        let bytes = bundle::write(documents, &Key::from_seed(&[3; 32]));
        for (id, change) in bundle::read(&bytes).expect("a file") {
            let document = if id == DocumentId::space(SPACE) {
                &mut other.space
            } else if id == DocumentId::board(BOARD) {
                &mut other.board
            } else {
                let log = other.logs.iter_mut().find(|(unit, _)| DocumentId::log(BOARD, **unit) == id);
                log.expect("a log").1
            };
            document.apply(&change).expect("applies");
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The unit writes, then somebody who has seen it edits.
    WordFirst,
    /// Somebody edits, then the unit, which has seen it, writes.
    EditFirst,
    Apart,
    ApartByFile,
}

fn sync(one: &mut Seat, other: &mut Seat) {
    exchange(&mut one.board, &mut other.board);
    exchange_spaces(&mut one.space, &mut other.space);
    for (unit, log) in &mut one.logs {
        let there = other.logs.get_mut(unit).expect("the same logs");
        let (from_one, from_other) = (log.changes_since(&there.heads()), there.changes_since(&log.heads()));
        from_one.iter().for_each(|chunk| drop(there.apply(&chunk.bytes).expect("applies")));
        from_other.iter().for_each(|chunk| drop(log.apply(&chunk.bytes).expect("applies")));
    }
}

/// A measure that names the unit itself or its group, on the devices of the office and of the unit.
fn seats(act: Structural) -> (Seat, Seat) {
    let mut space = Document::new(Kind::Space, &actor("space"));
    let add = |name: &str, kind: &str| Edit::AddUnit {
        id: unit(name),
        name: name.into(),
        kind: kind.into(),
        side: String::new(),
        code: String::new(),
    };
    let mut edits = vec![add(OFFICE, ""), add(BANNER, ""), add("莫旗", ""), add(GROUP, "group")];
    for member in [BANNER, "莫旗"] {
        edits.push(Edit::SetGroupMember { group: unit(GROUP), unit: unit(member), present: true });
    }
    space.edit_all(&edits, &stamp(OFFICE)).expect("a space");
    let mut board = board();
    let named = unit(if act.by_group() { GROUP } else { BANNER });
    let edits = [
        Edit::AddIndicator {
            id: NUMBERS,
            indicator: Box::new(NewIndicator {
                name: "培训人数".into(),
                item: Some(ITEM),
                ..NewIndicator::default()
            }),
        },
        Edit::SetBoardField { field: BoardField::Template, value: "measure_plan".into() },
        Edit::AddSection {
            id: OTHER_SECTION, number: "四".into(), title: "保障".into(), rank: "k".into()
        },
        Edit::Assign {
            item: ITEM,
            unit: named,
            role: Role::Responsible,
            open_ended: false,
            raw: String::new(),
        },
    ];
    board.edit_all(&edits, &stamp(OFFICE)).expect("a board");
    let mut office = Seat::new("office", OFFICE, &mut space, &mut board);
    let mut banner = Seat::new("banner", BANNER, &mut space, &mut board);
    if act == Structural::Restore {
        office.does(Structural::Retire);
        sync(&mut office, &mut banner);
    }
    (office, banner)
}

fn act_of(office: &mut Seat, banner: &mut Seat, act: Structural, word: Word, way: Way) {
    match way {
        Way::WordFirst => {
            banner.says(word);
            sync(office, banner);
            office.does(act);
            sync(office, banner);
        }
        Way::EditFirst => {
            office.does(act);
            sync(office, banner);
            banner.says(word);
            sync(office, banner);
        }
        Way::Apart => {
            office.does(act);
            banner.says(word);
            sync(office, banner);
        }
        Way::ApartByFile => {
            office.does(act);
            banner.says(word);
            office.by_file(banner);
            banner.by_file(office);
        }
    }
}

fn has(seat: &Seat, word: Word) -> bool {
    let item = seat.board.item(ITEM).expect("the measure");
    let written = |kind: EntryKind| seat.entries().all.values().any(|entry| entry.kind == kind);
    match word {
        Word::Entry(kind) => written(kind),
        Word::Number => written(EntryKind::Value),
        Word::Returned => written(EntryKind::CloseDecision),
        Word::Row(field) => item.ledger.get(&unit(BANNER)).is_some_and(|row| row.get(field) == "张三"),
        Word::Tick => item.milestones[&MILESTONE].done.as_deref() == Some(BANNER),
    }
}

/// Whether the lead and the unit are told that the unit's work waits for a decision.
fn told(seat: &Seat) -> bool {
    seat.matters().iter().any(|matter| {
        let of_unit = matter.units.contains(&unit(BANNER)) && matter.item == Some(ITEM);
        of_unit && matches!(matter.kind, MatterKind::Left(..) | MatterKind::Retired(..))
    })
}

#[test]
fn a_units_work_never_vanishes_whatever_is_done_to_the_measure() {
    let mut pairs = 0;
    for act in Structural::ALL {
        for word in words() {
            for way in [Way::WordFirst, Way::EditFirst, Way::Apart, Way::ApartByFile] {
                let (mut office, mut banner) = seats(act);
                act_of(&mut office, &mut banner, act, word, way);
                let what = format!("{act:?} × {word:?}, {way:?}");
                assert_eq!(office.board.board(), banner.board.board(), "{what}");
                assert_eq!(office.state(), banner.state(), "{what}");
                assert_eq!(office.matters(), banner.matters(), "{what}");
                for seat in [&office, &banner] {
                    assert!(has(seat, word), "{what}: the work is there");
                    let placed = seat.board.board().item_order();
                    assert_eq!(placed, [ITEM], "{what}: the measure is in its list");
                }
                // A tick is the measure's, and no unit's: only who puts the measure away has to look.
                let of_unit = word != Word::Tick || act == Structural::Retire;
                let unseen = matches!(way, Way::Apart | Way::ApartByFile);
                // A comment is no report: it stays, and asks nobody.
                let reports = word != Word::Entry(EntryKind::Comment);
                if act.hides() && of_unit && unseen {
                    assert_eq!(told(&office) && told(&banner), reports, "{what}: both are told of work");
                }
                let state = office.state();
                if act.hides() && of_unit && act != Structural::Retire {
                    let stays =
                        state.leaving.contains_key(&unit(BANNER)) || state.left.contains_key(&unit(BANNER));
                    assert!(stays, "{what}: its records are kept under its name");
                    let keeps = state.parts.contains_key(&unit(BANNER));
                    assert!((unseen && reports) <= keeps, "{what}: it keeps its part");
                }
                if !act.hides() {
                    assert!(state.parts.contains_key(&unit(BANNER)), "{what}");
                    assert_eq!(state.retirement, Retirement::Active, "{what}");
                    assert!(!told(&office), "{what}: nothing to decide");
                }
                pairs += 1;
            }
        }
    }
    assert_eq!(pairs, 8 * words().len() * 4);
}

#[test]
fn what_was_seen_when_a_unit_was_taken_off_is_kept_and_asks_nobody() {
    for word in words().into_iter().filter(|word| *word != Word::Tick) {
        for act in [Structural::TakeOffUnit, Structural::TakeOffGroup] {
            let (mut office, mut banner) = seats(act);
            act_of(&mut office, &mut banner, act, word, Way::WordFirst);
            assert!(!told(&office) && !told(&banner), "{act:?} × {word:?}: it was seen");
            let state = office.state();
            assert!(state.left.contains_key(&unit(BANNER)), "{act:?} × {word:?}: 已不承担, its records kept");
            assert!(!state.parts.contains_key(&unit(BANNER)), "{act:?} × {word:?}");
        }
    }
}

#[test]
fn the_lead_keeps_a_unit_that_left_or_takes_it_off_with_its_records() {
    for act in [Structural::TakeOffUnit, Structural::TakeOffGroup, Structural::LeaveGroup] {
        for word in [Word::Entry(EntryKind::CloseRequest), Word::Row(LedgerField::Person), Word::Number] {
            let what = format!("{act:?} × {word:?}");
            let (mut office, mut banner) = seats(act);
            act_of(&mut office, &mut banner, act, word, Way::Apart);
            assert!(told(&office), "{what}");
            // Taken off: decided by the unit's own name, whatever hid it.
            office.does(Structural::TakeOffUnit);
            sync(&mut office, &mut banner);
            assert!(!told(&office) && !told(&banner), "{what}: decided");
            assert!(banner.state().left.contains_key(&unit(BANNER)), "{what}");
            // Later work asks again.
            banner.says(word);
            let again = word == Word::Row(LedgerField::Person);
            if again {
                let edit = Edit::SetLedger {
                    item: ITEM,
                    unit: unit(BANNER),
                    field: LedgerField::Person,
                    value: "李四".into(),
                };
                banner.edit(&edit);
            }
            sync(&mut office, &mut banner);
            assert!(told(&office) && told(&banner), "{what}: later words ask again");
            // Kept: it holds the measure as before.
            office.does(Structural::ChangeRole);
            sync(&mut office, &mut banner);
            assert!(!told(&office) && banner.state().parts.contains_key(&unit(BANNER)), "{what}: kept");
        }
    }
}

/// A unit that was taken off and writes on: its comments ask nobody, a report does, and what is told is
/// the report alone.
#[test]
fn only_reports_of_a_unit_that_left_ask_again_and_are_named() {
    let (mut office, mut banner) = seats(Structural::TakeOffUnit);
    banner.says(Word::Entry(EntryKind::Report));
    banner.says(Word::Entry(EntryKind::Comment));
    sync(&mut office, &mut banner);
    office.does(Structural::TakeOffUnit);
    sync(&mut office, &mut banner);
    for _ in 0..2 {
        banner.says(Word::Entry(EntryKind::Comment));
        sync(&mut office, &mut banner);
        assert!(!told(&office) && !told(&banner), "a comment is no report");
    }
    let kept = office.state().left[&unit(BANNER)];
    assert_eq!((kept.work.records, kept.work.comments, kept.news), (1, 3, Work::default()));

    banner.says(Word::Entry(EntryKind::CloseRequest));
    sync(&mut office, &mut banner);
    let [Matter { kind: MatterKind::Left(_, leaving), .. }] = &office.matters()[..] else {
        panic!("{:?}", office.matters())
    };
    assert_eq!(leaving.news, Work { asked: true, ..Work::default() }, "what came anew, and not the report");

    // The same of a measure that is not carried out any more.
    let (mut office, mut banner) = seats(Structural::Retire);
    office.does(Structural::Retire);
    for (word, news) in [(EntryKind::Comment, false), (EntryKind::Report, true)] {
        banner.says(Word::Entry(word));
        sync(&mut office, &mut banner);
        assert_eq!(told(&office), news, "{word:?}");
        let reports = Work { records: 1, ..Work::default() };
        let named = MatterKind::Retired([(unit(BANNER), reports)].into());
        assert_eq!(office.matters().iter().any(|matter| matter.kind == named), news, "{word:?}");
    }
}
