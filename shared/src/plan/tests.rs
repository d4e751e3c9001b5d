use super::*;
use crate::document::{Document, Kind, Stamp};
use crate::edit::{BoardField, Edit, ItemField, NewIndicator, NewItem, TextPlace};
use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::fold::{Entries, ProposalState, proposals};
use crate::id::{BoardId, DeviceId, EntryId, IndicatorId, ItemId, PersonId, SectionId};
use crate::import::Role;
use crate::model::{Removal, Target};

const BOARD: BoardId = BoardId::from_bytes([9; 16]);
const MEASURE: ItemId = ItemId::from_bytes([1; 16]);
const PROJECT: ItemId = ItemId::from_bytes([2; 16]);
const SECTION: SectionId = SectionId::from_bytes([3; 16]);
const SALES: IndicatorId = IndicatorId::from_bytes([4; 16]);
const LEAD: UnitId = UnitId::from_bytes([5; 16]);
const BANNER: UnitId = UnitId::from_bytes([6; 16]);
const BUREAU: UnitId = UnitId::from_bytes([7; 16]);

fn drafted(actor: u8) -> Document {
    let mut document = Document::new(Kind::Board, &[actor; 16]);
    let item = |kind: &str, title: &str| NewItem {
        kind: kind.to_owned(),
        title: title.to_owned(),
        text: "组织教师跟岗学习。".to_owned(),
        section: Some(SECTION),
        rank: "h".to_owned(),
        ..NewItem::default()
    };
    let target = Target { value: 10.0, unit: "亿元".to_owned(), ..Target::default() };
    let indicator =
        NewIndicator { name: "销售额".to_owned(), item: Some(MEASURE), target, ..NewIndicator::default() };
    let edits = [
        Edit::SetBoardField { field: BoardField::Template, value: "measure_plan".to_owned() },
        Edit::SetBoardField { field: BoardField::Lead, value: LEAD.to_string() },
        Edit::AddSection { id: SECTION, number: "一".into(), title: "教育".into(), rank: "h".into() },
        Edit::AddItem { id: MEASURE, item: Box::new(item("", "跟岗学习")) },
        Edit::AddItem { id: PROJECT, item: Box::new(item("project", "乳业项目")) },
        Edit::Assign { item: MEASURE, unit: BANNER, role: Role::Lead, open_ended: false, raw: String::new() },
        Edit::AddIndicator { id: SALES, indicator: Box::new(indicator) },
    ];
    document.edit_all(&edits, &Stamp::default()).expect("a board");
    document
}

fn state(document: &Document) -> PlanState {
    plan_state(&document.board(), &Entries::default(), false)
}

fn settled(document: &mut Document) {
    let value = Settled::of(&document.board(), LEAD, 1).to_word();
    let settle = Edit::SetBoardField { field: BoardField::Settled, value };
    document.edit(&settle, &Stamp::default()).expect("settled");
}

fn measure_edits() -> Vec<Edit> {
    let target = Target { value: 12.0, unit: "亿元".to_owned(), ..Target::default() };
    let measure = NewItem { kind: "measure".to_owned(), title: "另一条".to_owned(), ..NewItem::default() };
    vec![
        Edit::AddItem { id: ItemId::from_bytes([18; 16]), item: Box::new(measure) },
        Edit::SetBoardField { field: BoardField::SourceNumber, value: "9号".to_owned() },
        Edit::SpliceText { text: TextPlace::Goal, at: 0, delete: 0, insert: "目标".into() },
        Edit::SpliceText { text: TextPlace::Item(MEASURE), at: 0, delete: 2, insert: "选派".into() },
        Edit::SetItemField { id: MEASURE, field: ItemField::Title, value: "跟岗研修".into() },
        Edit::SetItemField { id: MEASURE, field: ItemField::Deadline, value: "2026-12-31".into() },
        Edit::Assign { item: MEASURE, unit: BUREAU, role: Role::Co, open_ended: false, raw: String::new() },
        Edit::Unassign { item: MEASURE, unit: BANNER, removal: Removal::default() },
        Edit::SetTarget { id: SALES, target },
        Edit::SetSectionTitle { id: SECTION, title: "教育合作".into() },
        Edit::AddItem { id: ItemId::from_bytes([8; 16]), item: Box::new(NewItem::default()) },
    ]
}

#[test]
fn every_edit_of_a_plan_makes_it_differ_and_the_rest_does_not() {
    let is_measure = |item: ItemId| item != PROJECT;
    for edit in measure_edits() {
        let mut document = drafted(1);
        assert_eq!(state(&document), PlanState::Drafted);
        settled(&mut document);
        assert_eq!(state(&document), PlanState::Settled);
        assert!(touches(&edit, is_measure), "{edit:?}");
        document.edit(&edit, &Stamp::default()).expect("an edit");
        assert_eq!(state(&document), PlanState::Differs, "{edit:?}");
        let before = document.board_when_settled().expect("read").expect("settled");
        let changes = changes_between(&before, &document.board());
        assert_eq!(changes.len(), 1, "{edit:?} {changes:?}");
    }
    let field = crate::edit::LedgerField::Path;
    let flows = [
        Edit::SetLedger { item: MEASURE, unit: BANNER, field, value: "分批".into() },
        Edit::SetItemField { id: PROJECT, field: ItemField::Title, value: "乳业二期".into() },
        Edit::SetItemField { id: PROJECT, field: ItemField::Custom("amount".into()), value: "3".into() },
        Edit::AddMember { unit: BUREAU },
        Edit::InviteGuest { unit: BUREAU, present: true },
    ];
    for edit in flows {
        let mut document = drafted(1);
        settled(&mut document);
        assert!(!touches(&edit, is_measure), "{edit:?}");
        document.edit(&edit, &Stamp::default()).expect("an edit");
        assert_eq!(state(&document), PlanState::Settled, "{edit:?}");
    }
}

#[test]
fn a_change_is_applied_and_taken_back_place_by_place() {
    for edit in measure_edits() {
        let mut document = drafted(1);
        let before = document.board();
        document.edit(&edit, &Stamp::default()).expect("an edit");
        let after = document.board();
        for change in changes_between(&before, &after) {
            let back = change.reversed();
            let Some(edits) = edits_of(&after, &back, &Removal::default()) else {
                assert!(!change.place.is_proposed(), "{change:?}");
                continue;
            };
            document.edit_all(&edits, &Stamp::default()).expect("taken back");
            assert_eq!(changes_between(&before, &document.board()), [], "{edit:?}");
            let again = edits_of(&document.board(), &change, &Removal::default()).expect("edits");
            document.edit_all(&again, &Stamp::default()).expect("again");
            assert_eq!(digest(&document.board()), digest(&after), "{edit:?}");
        }
    }
    let board = drafted(1).board();
    let wrong = |place, new: &str| PlanChange { place, old: String::new(), new: new.to_owned() };
    let none = Removal::default();
    assert_eq!(edits_of(&board, &wrong(PlanPlace::Deadline(MEASURE), "明年"), &none), None);
    assert_eq!(edits_of(&board, &wrong(PlanPlace::Owner(MEASURE, BUREAU), "king"), &none), None);
    assert_eq!(edits_of(&board, &wrong(PlanPlace::Target(SALES), "很多"), &none), None);
    assert_eq!(
        edits_of(&board, &wrong(PlanPlace::Headline(ItemId::from_bytes([77; 16])), "无"), &none),
        None
    );
}

/// An entry of a unit that has seen the first `seen` entries of others.
fn entry(unit: UnitId, seq: u32, kind: EntryKind, seen: &[&Entry]) -> Entry {
    let writer = unit.to_string();
    let device = DeviceId::from_bytes(*unit.bytes());
    let author = Author { person: PersonId::from_bytes(*unit.bytes()), unit, device, writer };
    let subject = Subject { board: BOARD, item: Some(MEASURE), unit: None, indicator: None };
    let mut id = *unit.bytes();
    id[15] = u8::try_from(seq).expect("few");
    let mut entry = Entry::new(EntryId::from_bytes(id), kind, author, subject);
    entry.seq = seq;
    entry.seen = seen.iter().map(|one| (one.author.writer.clone(), one.seq)).collect();
    entry
}

fn state_of(all: &[&Entry]) -> (ProposalState, bool) {
    let mut entries = Entries::default();
    // Whatever the order in which they come.
    all.iter().rev().for_each(|entry| entries.add((*entry).clone()));
    let found = proposals(&entries);
    (found[0].state, found[0].contested)
}

#[test]
fn a_proposal_is_consented_to_reviewed_and_decided_to_the_careful_side() {
    let mut proposal = entry(BANNER, 1, EntryKind::Propose, &[]);
    let change =
        PlanChange { place: PlanPlace::Headline(MEASURE), old: "跟岗学习".into(), new: "跟岗".into() };
    proposal.changes = Some(vec![change]);
    proposal.asks = Some([BUREAU].into());
    let again = Entry::from_bytes(&proposal.to_bytes()).expect("read back");
    assert_eq!(again, proposal, "a proposal keeps its changes on the way");
    assert_eq!(state_of(&[&proposal]), (ProposalState::Consulted, false));
    let answer = |unit, seq, kind, accepted, seen: &[&Entry]| {
        let mut answer = entry(unit, seq, kind, seen);
        (answer.answers, answer.accepted) = (Some(proposal.id), Some(accepted));
        answer.body = if accepted { String::new() } else { "与文件不一致".into() };
        answer
    };
    let stranger = answer(UnitId::from_bytes([66; 16]), 1, EntryKind::Consent, true, &[&proposal]);
    assert_eq!(state_of(&[&proposal, &stranger]), (ProposalState::Consulted, false), "nobody asked it");
    let consent = answer(BUREAU, 1, EntryKind::Consent, false, &[&proposal]);
    assert_eq!(state_of(&[&proposal, &consent]), (ProposalState::Ready, false));
    // A refusal gives a reason: the server takes the entry without one, and it is no answer.
    for kind in [EntryKind::Consent, EntryKind::Review] {
        let unit = if kind == EntryKind::Consent { BUREAU } else { LEAD };
        let mut bare = answer(unit, 1, kind, false, &[&proposal]);
        bare.body = " ".into();
        assert_eq!(state_of(&[&proposal, &bare]), (ProposalState::Consulted, false), "{kind:?}");
    }
    let accepted = answer(LEAD, 1, EntryKind::Review, true, &[&proposal, &consent]);
    assert_eq!(state_of(&[&proposal, &consent, &accepted]), (ProposalState::Accepted, false));
    // Another one of the lead returns it at the same time.
    let office = UnitId::from_bytes([55; 16]);
    let returned = answer(office, 1, EntryKind::Review, false, &[&proposal]);
    assert_eq!(state_of(&[&proposal, &consent, &accepted, &returned]), (ProposalState::Returned, true));
    let settles = answer(LEAD, 2, EntryKind::Review, true, &[&accepted, &returned]);
    assert_eq!(state_of(&[&proposal, &accepted, &returned, &settles]), (ProposalState::Accepted, false));
    // Taken back by its unit, unless it was reviewed.
    let mut back = entry(BANNER, 2, EntryKind::Propose, &[]);
    back.supersedes = Some(proposal.id);
    assert_eq!(state_of(&[&proposal, &back]), (ProposalState::Withdrawn, false));
    assert_eq!(state_of(&[&proposal, &back, &accepted]), (ProposalState::Accepted, false));
}

#[test]
fn what_two_leads_did_at_once_is_looked_at_before_it_counts_as_settled() {
    let merge = |one: &mut Document, other: &mut Document| {
        for chunk in other.changes_since(&one.heads()) {
            one.apply(&chunk.bytes).expect("merged");
        }
    };
    let copy = |of: &mut Document, actor: u8| {
        let saved = of.save();
        Document::load(Kind::Board, &[actor; 16], [saved.as_slice()]).expect("a copy")
    };
    let title =
        |value: &str| Edit::SetItemField { id: MEASURE, field: ItemField::Title, value: value.into() };
    let mut one = drafted(1);
    let mut other = copy(&mut one, 2);
    // Both settle the same plan: it is settled, and settling again settles it.
    settled(&mut one);
    settled(&mut other);
    merge(&mut one, &mut other);
    assert_eq!(state(&one), PlanState::Settled);
    let again = Settled { at: 9, ..Settled::of(&one.board(), LEAD, 1) }.to_word();
    let again = Edit::SetBoardField { field: BoardField::Settled, value: again };
    one.edit(&again, &Stamp::default()).expect("settled again");
    assert_eq!(state(&one), PlanState::Settled, "a clash that was settled counts nowhere else");
    // Each accepts another headline and settles with it: neither is lost without a word.
    let mut other = copy(&mut one, 3);
    for (device, words) in [(&mut one, "甲"), (&mut other, "乙")] {
        device.edit(&title(words), &Stamp::default()).expect("accepted");
        settled(device);
        assert_eq!(state(device), PlanState::Settled);
    }
    merge(&mut one, &mut other);
    assert_eq!(state(&one), PlanState::Differs);
    assert_eq!(clashes(&one.board()).len(), 1);
    one.edit(&title("甲"), &Stamp::default()).expect("chosen");
    settled(&mut one);
    assert_eq!((state(&one), clashes(&one.board()).len()), (PlanState::Settled, 0));
}

#[test]
fn what_goes_is_listed_like_what_comes() {
    let (with, mut without) = (drafted(1).board(), drafted(1).board());
    without.items.remove(&MEASURE);
    without.indicators.remove(&SALES);
    let places = |changes: Vec<PlanChange>| changes.into_iter().map(|one| one.place).collect::<Vec<_>>();
    let gone = changes_between(&with, &without);
    assert!(gone.iter().all(|change| change.new.is_empty() && !change.old.is_empty()), "{gone:?}");
    assert_eq!(places(gone), [PlanPlace::Measure(MEASURE), PlanPlace::Indicator(SALES)]);
    assert_eq!(places(changes_between(&without, &with)).len(), 2);
    // A measure that is given another type leaves the plan.
    let mut other = with.clone();
    other.items.get_mut(&MEASURE).expect("a measure").kind = "project".to_owned();
    assert_eq!(places(changes_between(&with, &other)), [PlanPlace::Measure(MEASURE)]);
}

/// A settled plan stays settled: the digest of a plan is the same in every version of the program.
#[test]
fn a_settled_plan_keeps_its_digest() {
    let plan = drafted(1).board();
    let of = |template: &str, kind: &str| {
        let mut board = plan.clone();
        board.template = template.to_owned();
        board
            .items
            .values_mut()
            .filter(|item| item.kind == "project")
            .for_each(|item| item.kind = kind.into());
        digest(&board)
    };
    let digests = [of("measure_plan", "project"), of("", "project"), of("", "line"), of("pairing", "pair")];
    let pinned = [
        "55d3098476a1ca2af4da19da01c6d585",
        "01be0618f37888dd0d2f7882fcd6ce44",
        "f657d9adf5f24e9e868aa2ff16d3bdd6",
        "5e2e74c4f59b80450509080fe8198253",
    ];
    assert_eq!(digests, pinned);
    // A word of before the template was bound.
    let word = format!("{{\"at\":1,\"by\":\"{LEAD}\",\"digest\":\"{}\"}}", digest(&plan));
    let old = Settled::from_word(&word).expect("a settled plan");
    assert_eq!(is_as_settled(&Board { settled: Some(old), ..plan }), Some(true));
}

/// A device that cannot read a template does not know what of a board is the plan: all of it is.
#[test]
fn a_plan_whose_template_cannot_be_read_is_as_settled_and_not_published() {
    let source = crate::template::FILES[0].1;
    let mut plan = drafted(1).board();
    plan.template_source = source.to_owned();
    plan.settled = Some(Settled::of(&plan, LEAD, 1));
    assert_eq!(is_as_settled(&plan), Some(true));
    let kinds = ["", "line", "measure", "project", "pair", "firm", "matter", "case", "stock", "alert", "x"];
    let guarded = |board: &Board| {
        let template = template::of(board).ok();
        let touched = |kind: &&&str| {
            let measure = |_: &str| is_measure(template.as_deref(), kind);
            touches_place(&["items", "i"], Some("title"), measure)
        };
        kinds.iter().filter(touched).count()
    };
    assert_eq!(guarded(&plan), 3, "lines and measures");
    let large = "#".repeat(crate::limits::TEMPLATE_BYTES + 1);
    for (name, source) in [("elsewhere", ""), ("measure_plan", "id = 3"), ("measure_plan", large.as_str())] {
        let board = Board { template: name.into(), template_source: source.to_owned(), ..plan.clone() };
        assert_eq!((guarded(&board), is_as_settled(&board)), (kinds.len(), Some(false)), "{name}");
        let again = Board { settled: Some(Settled::of(&board, LEAD, 2)), ..board };
        assert_eq!(is_as_settled(&again), Some(false), "nobody settles what cannot be read");
    }
    // Another file than the one that was settled is looked at by the lead, whatever it says of the plan.
    let board = Board { template_source: format!("{source}\n# 另一份"), ..plan.clone() };
    assert_eq!((digest(&board), is_as_settled(&board)), (digest(&plan), Some(false)));
}
