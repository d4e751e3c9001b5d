//! The conflicts of domain.md b.4 that concern measure plans, each with its number.

use crate::desk::*;
use std::collections::BTreeMap;
use tongban_shared::document::history::Reader;
use tongban_shared::edit::{Edit, ItemField, LedgerField, TextPlace};
use tongban_shared::entry::{EntryKind, Measure};
use tongban_shared::event::Event;
use tongban_shared::fold::{self, PartState, Retirement, Standing};
use tongban_shared::id::SectionId;
use tongban_shared::import::{Operator, Role};
use tongban_shared::model::{Removal, Target};
use tongban_shared::register::Register;

#[test]
fn conflict_01_two_people_write_one_paragraph_and_both_keep_their_words() {
    let mut one = board();
    let mut other = copy(&mut one, "莫旗人民医院");
    let text = TextPlace::Item(ITEM);
    one.edit(&Edit::SpliceText { text, at: 0, delete: 0, insert: "甲方先写。".into() }, &stamp("市卫健委"))
        .expect("edits");
    let end = item(&other).text.encode_utf16().count();
    other
        .edit(
            &Edit::SpliceText { text, at: end, delete: 0, insert: "乙方后写。".into() },
            &stamp("莫旗人民医院"),
        )
        .expect("edits");
    exchange(&mut one, &mut other);
    assert_eq!(item(&one).text, "甲方先写。共享诊疗信息。乙方后写。");
    let changes = one.new_changes(&mut Reader::default(), i64::MIN, &[]);
    let by: Vec<String> = changes.into_iter().map(|change| change.by).collect();
    assert!(
        by.contains(&"市卫健委".to_owned()) && by.contains(&"莫旗人民医院".to_owned()),
        "the history names both: {by:?}"
    );
}

#[test]
fn conflict_02_a_report_that_the_closing_had_not_seen_is_kept_and_shown() {
    let item = item(&board());
    let (mut lead, mut banner) = (Desk::new("lead", "市乡村振兴局"), Desk::new("banner", "鄂旗"));
    banner.write(EntryKind::CloseRequest, |_| {});
    share(&mut [&mut lead, &mut banner]);
    lead.decide("鄂旗", true);
    banner.write(EntryKind::Report, |entry| entry.body = "又做了一次".into());
    share(&mut [&mut lead, &mut banner]);
    let part = state(&lead, &item).parts[&unit("鄂旗")].clone();
    assert_eq!((part.state, part.late_reports), (PartState::Closed, 1), "closed, new report arrived after");
    assert_eq!(state(&lead, &item), state(&banner, &item));
    assert!(state(&lead, &item).needs_decision());
}

#[test]
fn conflict_03a_increments_of_two_workers_add_up() {
    let (mut one, mut other) = (Desk::new("one", "鄂旗"), Desk::new("other", "鄂旗"));
    one.value(120.0, Measure::Increment);
    let corrected = other.value(90.0, Measure::Increment);
    other.value(80.0, Measure::Increment);
    let last = other
        .entries
        .all
        .values()
        .find(|entry| entry.value == Some(80.0))
        .map(|entry| entry.id)
        .expect("written");
    let mut fixed = other.entries.all[&last].clone();
    fixed.supersedes = Some(corrected.id);
    other.entries.all.insert(last, fixed);
    share(&mut [&mut one, &mut other]);
    let progress = fold::progress(&one.entries.of_indicator(INDICATOR), None);
    assert_eq!(
        progress.total(Some(2025), Default::default()),
        Some(200.0),
        "the corrected entry is replaced, the rest add"
    );
}

#[test]
fn conflict_03b_two_levels_at_the_same_time_wait_for_a_choice() {
    let (mut one, mut other) = (Desk::new("one", "鄂旗"), Desk::new("other", "鄂旗"));
    one.value(800.0, Measure::Level);
    share(&mut [&mut one, &mut other]);
    one.value(820.0, Measure::Level);
    other.value(850.0, Measure::Level);
    share(&mut [&mut one, &mut other]);
    let target = Target { op: Operator::AtLeast, value: 810.0, year: Some(2025), ..Target::default() };
    let progress = fold::progress(&one.entries.of_indicator(INDICATOR), None);
    let waiting = &progress.by_period["2025"][&unit("鄂旗")];
    assert_eq!(
        (waiting.value, waiting.waiting.clone()),
        (Some(800.0), vec![820.0, 850.0]),
        "the last settled value stays"
    );
    assert_eq!(fold::standing(&target, &progress, Default::default()), Standing::Waiting);
    one.value(850.0, Measure::Level);
    share(&mut [&mut one, &mut other]);
    let progress = fold::progress(&other.entries.of_indicator(INDICATOR), None);
    assert_eq!(fold::standing(&target, &progress, Default::default()), Standing::Met);
}

#[test]
fn conflict_04_two_moves_leave_one_item_in_one_place() {
    let mut one = board();
    let (built, done) = (SectionId::from_bytes([7; 16]), SectionId::from_bytes([8; 16]));
    for (id, title) in [(built, "建设"), (done, "竣工")] {
        one.edit(
            &Edit::AddSection { id, number: String::new(), title: title.into(), rank: "t".into() },
            &stamp("市发改委"),
        )
        .expect("adds");
    }
    let mut other = copy(&mut one, "other");
    one.edit(&Edit::MoveItem { id: ITEM, section: done, rank: "m".into() }, &stamp("甲")).expect("moves");
    other.edit(&Edit::MoveItem { id: ITEM, section: built, rank: "k".into() }, &stamp("乙")).expect("moves");
    exchange(&mut one, &mut other);
    let board = one.board();
    let places: usize = [SECTION, built, done].into_iter().map(|section| board.items_of(section).len()).sum();
    assert_eq!(places, 1, "one place, no copy");
    assert_eq!(
        item(&one).conflicts.iter().map(|clash| clash.register.clone()).collect::<Vec<_>>(),
        [Register::Place(ITEM)],
        "the clash is shown"
    );
}

#[test]
fn conflict_05_an_edit_or_report_on_a_retired_item_is_never_lost() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    let (mut lead, mut banner) = (Desk::new("lead", "市卫健委"), Desk::new("banner", "莫旗"));
    let digest = fold::item_digest(&item(&one));
    lead.write(EntryKind::Retire, |entry| entry.digest = Some(digest));
    share(&mut [&mut lead, &mut banner]);
    assert_eq!(state(&lead, &item(&one)).retirement, Retirement::Retired);
    other
        .edit(
            &Edit::SetItemField { id: ITEM, field: ItemField::Title, value: "新题目".into() },
            &stamp("莫旗"),
        )
        .expect("edits");
    exchange(&mut one, &mut other);
    assert_eq!(state(&lead, &item(&one)).retirement, Retirement::RetiredWithNews);
    assert_eq!(item(&one).title, "新题目", "the edit is readable");
    lead.write(EntryKind::Restore, |_| {});
    assert_eq!(state(&lead, &item(&one)).retirement, Retirement::Active);
}

#[test]
fn conflict_06_accepted_and_returned_at_once_is_returned() {
    let item = item(&board());
    let (mut lead, mut supervision, mut banner) =
        (Desk::new("lead", "市卫健委"), Desk::new("supervision", "督查室"), Desk::new("banner", "莫旗"));
    banner.write(EntryKind::CloseRequest, |_| {});
    share(&mut [&mut lead, &mut supervision, &mut banner]);
    lead.decide("莫旗", true);
    supervision.decide("莫旗", false);
    share(&mut [&mut lead, &mut supervision, &mut banner]);
    let part = state(&banner, &item).parts[&unit("莫旗")].clone();
    assert!(part.state == PartState::Returned && part.contested);
    banner.write(EntryKind::CloseRequest, |_| {});
    share(&mut [&mut lead, &mut banner]);
    assert_eq!(
        state(&lead, &item).parts[&unit("莫旗")].state,
        PartState::Asked,
        "asked again after the return"
    );
    lead.decide("莫旗", true);
    assert_eq!(state(&lead, &item).closed(), (1, 2));
}

#[test]
fn conflict_08_two_targets_wait_and_the_former_one_stays_in_force() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    let target = |value| Target {
        op: Operator::MoreThan,
        value,
        unit: "亿元".into(),
        year: Some(2025),
        ..Target::default()
    };
    one.edit(&Edit::SetTarget { id: INDICATOR, target: target(12.0) }, &stamp("甲")).expect("sets");
    other.edit(&Edit::SetTarget { id: INDICATOR, target: target(11.0) }, &stamp("乙")).expect("sets");
    exchange(&mut one, &mut other);
    let waiting = &one.board().indicators[&INDICATOR];
    assert_eq!(waiting.target.value, 10.0);
    assert_eq!(waiting.rivals.iter().map(|rival| rival.value).collect::<Vec<_>>(), [11.0, 12.0]);
    one.edit(&Edit::SetTarget { id: INDICATOR, target: target(12.0) }, &stamp("市乡村振兴局"))
        .expect("settles");
    exchange(&mut one, &mut other);
    let settled = &other.board().indicators[&INDICATOR];
    assert_eq!((settled.target.value, settled.rivals.len()), (12.0, 0));
}

#[test]
fn conflict_09_a_unit_that_reported_is_not_taken_off_by_a_race() {
    let mut one = board();
    let (mut lead, mut banner) = (Desk::new("lead", "市卫健委"), Desk::new("banner", "莫旗"));
    let removal = Removal { by: Some(unit("市卫健委")), seen: lead.entries.seen(), times: 0 };
    one.edit(&Edit::Unassign { item: ITEM, unit: unit("莫旗"), removal }, &stamp("市卫健委"))
        .expect("takes off");
    assert!(!state(&lead, &item(&one)).parts.contains_key(&unit("莫旗")));
    banner.write(EntryKind::Report, |_| {});
    share(&mut [&mut lead, &mut banner]);
    let state = state(&lead, &item(&one));
    assert!(state.parts.contains_key(&unit("莫旗")) && state.leaving.contains_key(&unit("莫旗")));
}

#[test]
fn conflict_09_adding_a_unit_wins_over_taking_it_off_at_the_same_time() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    one.edit(&Edit::Unassign { item: ITEM, unit: unit("莫旗"), removal: Removal::default() }, &stamp("甲"))
        .expect("takes off");
    other
        .edit(
            &Edit::Assign {
                item: ITEM,
                unit: unit("莫旗"),
                role: Role::Lead,
                open_ended: false,
                raw: String::new(),
            },
            &stamp("乙"),
        )
        .expect("adds");
    exchange(&mut one, &mut other);
    assert_eq!(item(&one).assignments[&unit("莫旗")].removal, None);
}

#[test]
fn conflict_10_a_milestone_done_twice_is_done_once_with_both_times() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    one.edit(&Edit::TickMilestone { item: ITEM, id: MILESTONE, by: "甲".into(), at: 200 }, &stamp("甲"))
        .expect("ticks");
    other
        .edit(&Edit::TickMilestone { item: ITEM, id: MILESTONE, by: "乙".into(), at: 100 }, &stamp("乙"))
        .expect("ticks");
    exchange(&mut one, &mut other);
    let milestone = &item(&one).milestones[&MILESTONE];
    assert_eq!(
        (milestone.done.as_deref(), milestone.ticks.len()),
        (Some("乙"), 2),
        "the first name, both times"
    );
}

#[test]
fn conflict_11_two_persons_in_charge_are_both_named() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    let set = |name: &str| Edit::SetLedger {
        item: ITEM,
        unit: unit("莫旗"),
        field: LedgerField::Person,
        value: name.into(),
    };
    one.edit(&set("甲某"), &stamp("甲")).expect("sets");
    other.edit(&set("乙某"), &stamp("乙")).expect("sets");
    exchange(&mut one, &mut other);
    let clash = &item(&one).conflicts[0];
    let mut values: Vec<&str> = clash.said.iter().map(|one| one.value.as_str()).collect();
    values.sort();
    assert_eq!(values, ["乙某", "甲某"]);
    one.edit(&set("甲某"), &stamp("甲")).expect("settles");
    assert!(item(&one).conflicts.is_empty());
}

/// Whichever value is chosen, also the one that is shown already, every screen must hear of it.
#[test]
fn choosing_a_value_is_an_event_on_every_device() {
    for chosen in ["甲题", "乙题"] {
        let mut one = board();
        let mut other = copy(&mut one, "other");
        let set = |value: &str| Edit::SetItemField { id: ITEM, field: ItemField::Title, value: value.into() };
        one.edit(&set("甲题"), &stamp("甲")).expect("edits");
        other.edit(&set("乙题"), &stamp("乙")).expect("edits");
        exchange(&mut one, &mut other);
        one.events();
        other.events();
        assert_eq!(item(&one).conflicts.len(), 1);
        let (events, chunk) = one.edit(&set(chosen), &stamp("甲")).expect("settles");
        assert_eq!(events, [Event::ItemChanged(ITEM)], "here, {chosen}");
        let events = other.apply(&chunk.expect("a change").bytes).expect("applies");
        assert_eq!(events, [Event::ItemChanged(ITEM)], "there, {chosen}");
        assert!(item(&one).conflicts.is_empty() && item(&other).conflicts.is_empty());
    }
}

#[test]
fn conflict_16_a_field_that_the_template_lost_keeps_its_value() {
    let mut one = board();
    let field = ItemField::Custom("投资额".into());
    one.edit(&Edit::SetItemField { id: ITEM, field, value: "2亿元".into() }, &stamp("甲")).expect("sets");
    let again = copy(&mut one, "later");
    assert_eq!(item(&again).fields, BTreeMap::from([("投资额".to_owned(), "2亿元".to_owned())]));
}

#[test]
fn conflict_18_a_late_report_counts_for_the_period_it_was_said_of() {
    let (mut one, mut other) = (Desk::new("one", "鄂旗"), Desk::new("other", "莫旗"));
    let late = other.write(EntryKind::Value, |entry| {
        entry.subject.indicator = Some(INDICATOR);
        (entry.value, entry.measure, entry.period) =
            (Some(30.0), Some(Measure::Increment), Some("2024-Q3".into()));
    });
    one.value(5.0, Measure::Increment);
    share(&mut [&mut one, &mut other]);
    let progress = fold::progress(&one.entries.of_indicator(INDICATOR), None);
    assert_eq!(progress.by_period["2024-Q3"][&late.author.unit].value, Some(30.0));
    assert_eq!(progress.total(Some(2025), Default::default()), Some(5.0));
}

#[test]
fn conflict_20_taking_the_same_changes_twice_changes_nothing() {
    let mut one = board();
    let mut other = copy(&mut one, "other");
    let (_, chunk) = one
        .edit(&Edit::SetItemField { id: ITEM, field: ItemField::Title, value: "甲".into() }, &stamp("甲"))
        .expect("edits");
    let chunk = chunk.expect("a change");
    assert_eq!(other.apply(&chunk.bytes).expect("applies").len(), 1);
    assert_eq!(other.apply(&chunk.bytes).expect("applies").len(), 0, "no event for a repeat");
    assert_eq!(other.apply(&one.save()).expect("applies").len(), 0);
}
