//! Rounds are asked about one by one, and the board is read once for them.

use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::fold::{Entries, NotCounted, offers};
use crate::id::{BoardId, DeviceId, EntryId, ItemId, PersonId, UnitId};
use crate::model::{Assignment, Board, Item, Space};
use crate::rule::{Looks, Scene, Verdict};
use crate::template::{self, Template};
use std::collections::BTreeMap;
use std::sync::Arc;

const MOVES: usize = 5;

fn template() -> Arc<Template> {
    let states: String =
        (0..MOVES).map(|to| format!("{{ id = \"s{to}\", name = [\"态\", \"态\", \"x\"] }},")).collect();
    let by = "who = \"assigned\", by = \"issue\", needs = [{ rule = \"p\" }]";
    let moves: String =
        (0..MOVES).map(|to| format!("{{ from = [\"a\", \"s1\"], to = \"s{to}\", {by} }},")).collect();
    let source = format!(
        "id = \"t\"\nversion = 1\nname = [\"甲\", \"甲\", \"A\"]\npurpose = [\"甲\", \"甲\", \"A\"]\nviews = [\"list\"]\n
         [[item]]\nid = \"t\"\nname = [\"乙\", \"乙\", \"x\"]\nentries = [\"issue\", \"report\"]
         field = [{{ id = \"f\", name = [\"期\", \"期\", \"x\"], kind = \"text\" }}]
         state = [{{ id = \"a\", name = [\"态\", \"态\", \"x\"] }}, {states}]\nmove = [{moves}]\n
         [[rule]]\nkind = \"all_of\"\nid = \"p\"\nname = [\"齐\", \"齐\", \"x\"]\non = \"t\"
         over = {{ pairs = [\"t\", \"report\", \"f\"] }}\n"
    );
    let board = Board { template: "t".into(), template_source: source, ..Board::default() };
    template::of(&board).expect("a template")
}

fn unit(number: u8) -> UnitId {
    UnitId::from_bytes([number; 16])
}

fn item(number: usize) -> ItemId {
    ItemId::from_bytes((number as u128).to_be_bytes())
}

/// Items that name a unit, behind others that name none; each asks for a period of its own.
fn board(own: usize, others: usize) -> Board {
    let mut board = Board::default();
    for number in 0..own + others {
        let fields = [("f".to_owned(), format!("{number}"))];
        let mut one = Item { kind: "t".into(), fields: fields.into(), ..Item::default() };
        if number < own {
            one.assignments.insert(unit(1), Assignment::default());
        }
        board.items.insert(item(number), one);
    }
    board
}

/// The entry of a unit's only writer with a number, which has seen so many of other units.
fn entry(by: u8, seq: u32, kind: EntryKind, about: usize, seen: &[(u8, u32)]) -> Entry {
    let author = Author {
        person: PersonId::from_bytes([by; 16]),
        unit: unit(by),
        device: DeviceId::from_bytes([by; 16]),
        writer: by.to_string(),
    };
    let subject =
        Subject { board: BoardId::from_bytes([1; 16]), item: Some(item(about)), unit: None, indicator: None };
    let id = EntryId::from_bytes((u128::from(by) << 64 | u128::from(seq)).to_be_bytes());
    let seen: BTreeMap<String, u32> = seen.iter().map(|(by, seq)| (by.to_string(), *seq)).collect();
    Entry { seq, seen, said: i64::from(seq), ..Entry::new(id, kind, author, subject) }
}

fn report(by: u8, seq: u32, about: usize, period: &str) -> Entry {
    Entry { period: Some(period.to_owned()), ..entry(by, seq, EntryKind::Report, about, &[]) }
}

fn on(day: &str) -> jiff::civil::Date {
    day.parse().expect("a day")
}

/// The looks for the states of a board on which so many moves were tried, and for the moves that are offered on
/// each item after the first.
fn looks(own: usize, others: usize, tried: u32) -> (usize, usize) {
    let (template, space, board) = (template(), Space::default(), board(own, others));
    let mut entries = Entries::default();
    for seq in 1..=tried {
        let to = Some("s1".to_owned());
        entries.add(Entry { to, ..entry(1, seq, EntryKind::Issue, seq as usize % own, &[]) });
    }
    let scene = Scene::new(&template, &space, &board, &entries, on("2026-01-15"));
    let folded = scene.looks().so_far();
    let draft = Entry { seen: entries.seen(), ..entry(1, 10_000, EntryKind::Issue, 0, &[]) };
    let seen = scene.as_seen_by(&draft);
    let ask = |number| {
        let offers = offers((&scene, &seen), item(number), &draft);
        assert_eq!(offers.len(), MOVES, "each lacks the reports");
        assert!(offers.iter().all(|offer| offer.missing.len() == 1));
    };
    ask(0);
    let begun = scene.looks().so_far();
    (1..own).for_each(ask);
    (folded, scene.looks().so_far() - begun)
}

#[test]
fn a_question_about_one_round_costs_the_same_however_many_items_there_are() {
    let (few, many) = (looks(20, 200, 0), looks(20, 400, 0));
    assert_eq!(few.1, many.1, "asked about each of 19 items");
    assert!(many.0 < 2 * few.0, "{many:?} {few:?}");
    // The same for moves that somebody has written: before, each looked at all items.
    let more = |others| looks(20, others, 40).0 - looks(20, others, 20).0;
    assert_eq!(more(200), more(400));
}

#[test]
fn a_round_is_over_for_whoever_has_seen_every_answer_that_counts() {
    let (template, space) = (template(), Space::default());
    let mut board = board(2, 1);
    board.items.get_mut(&item(0)).expect("there").assignments.insert(unit(2), Assignment::default());
    let to = Some("s1".to_owned());
    let close =
        |seq, seen: &[(u8, u32)]| Entry { to: to.clone(), ..entry(1, seq, EntryKind::Issue, 0, seen) };
    let mut entries = Entries::default();
    let stands = |entries: &Entries, ask: &dyn Fn(&Scene<'_>)| {
        ask(&Scene::new(&template, &space, &board, entries, on("2026-01-15")));
    };
    let of_rule = |part, whole| {
        move |scene: &Scene<'_>| {
            let found = scene.template.rules[0].find(scene, Some(item(0))).expect("a finding");
            assert_eq!(found.verdict, Verdict::Of { part, whole });
            assert_eq!((found.because.entries.len(), found.because.values.len()), (part, whole - part));
        }
    };
    entries.add(report(1, 1, 0, "0"));
    entries.add(report(1, 2, 1, "0"));
    entries.add(report(2, 1, 0, "1"));
    stands(&entries, &of_rule(2, 3));
    entries.add(report(2, 2, 0, "0"));
    stands(&entries, &of_rule(3, 3));
    // It has not seen the last of these.
    entries.add(close(3, &[(2, 1)]));
    let not_counted = |scene: &Scene<'_>| {
        let standing = scene.standing(item(0)).expect("folded");
        assert!(matches!(standing.not_counted[..], [(_, NotCounted::Needs(_))]), "{standing:?}");
    };
    stands(&entries, &not_counted);
    // A correction to another period answers this one no more, for whoever has seen that.
    entries.add(Entry { supersedes: Some(report(2, 2, 0, "0").id), ..report(2, 3, 0, "1") });
    stands(&entries, &of_rule(2, 3));
    entries.add(close(4, &[(2, 3)]));
    stands(&entries, &|scene| assert_eq!(scene.standing(item(0)).expect("folded").state, "a"));
    entries.add(close(5, &[(2, 2)]));
    stands(&entries, &|scene| assert_eq!(scene.standing(item(0)).expect("folded").state, "s1"));
}

#[test]
fn a_board_that_takes_too_many_looks_is_not_read_to_its_end() {
    let (template, space, board) = (template(), Space::default(), board(20, 2_000));
    let entries = Entries::default();
    let read = |looks: &Looks| {
        let today = on("2026-01-15");
        Scene::within(looks, &template, &space, &board, &entries, today, |scene| scene.items_of("t").count())
    };
    let all = Looks::default();
    assert_eq!(read(&all), Some(2_020));
    let enough = Looks::at_most(all.so_far());
    assert_eq!(read(&enough), Some(2_020));
    assert_eq!(read(&enough), None, "both together are too much");
    let few = Looks::at_most(100);
    assert!(read(&few).is_none() && few.are_used_up());
    assert!(few.so_far() < 100 + 2_020, "{}", few.so_far());
}
