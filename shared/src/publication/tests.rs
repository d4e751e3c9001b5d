//! The repetitions of an edition, and the differences of two, grow with what is written and not with its square.

use super::*;
use crate::fold::Entries;
use crate::model::{Board, Section, Space};
use crate::template;

const MANY: u8 = 100;

/// A board whose template has very long names, of a type with a choice and a reference to an item.
fn repeating() -> Board {
    let long = |word: &str| format!("[\"{0}\", \"{0}\", \"x\"]", word.repeat(5_000));
    let source = format!(
        "id = \"t\"\nversion = 1\nname = [\"甲\", \"甲\", \"A\"]\npurpose = [\"甲\", \"甲\", \"A\"]\nviews = [\"list\"]\n
         [[item]]\nid = \"t\"\nname = {}\nstate = [{{ id = \"s\", name = {} }}]\nentries = [\"report\"]\nfield = [
         {{ id = \"c\", name = {}, kind = \"choice\", public = true, choices = [[\"one\", \"乙\", \"乙\", \"x\"]] }},
         {{ id = \"i\", name = [\"丁\", \"丁\", \"x\"], kind = \"item\", to = \"t\", public = true }}]\n",
        long("丙").replace('\n', ""),
        "[\"态\", \"态\", \"x\"]",
        "[\"选\", \"选\", \"x\"]",
    );
    let section = crate::id::SectionId::from_bytes([1; 16]);
    let mut board = Board { template: "t".into(), template_source: source, ..Board::default() };
    board.sections.insert(section, Section { title: "一".into(), ..Section::default() });
    let named = ItemId::from_bytes([0; 16]);
    for number in 0..MANY {
        let title = if number == 0 { "题".repeat(30_000) } else { "短".to_owned() };
        let fields = [("c", "one".to_owned()), ("i", named.to_string())];
        let item = Item {
            kind: "t".into(),
            title,
            section: Some(section),
            rank: format!("a{number:03}"),
            fields: fields.map(|(field, value)| (field.to_owned(), value)).into(),
            ..Item::default()
        };
        board.items.insert(ItemId::from_bytes([number; 16]), item);
    }
    board
}

fn edition(board: &Board, most: usize) -> Option<Publication> {
    let (space, entries): (_, Entries) = (Space::default(), Entries::default());
    let template = template::of(board).expect("a template");
    let scene = Scene::new(&template, &space, board, &entries, "2026-01-15".parse().expect("a day"));
    project(&scene, (BoardId::from_bytes([1; 16]), 1), &BTreeMap::new(), most)
}

#[test]
fn an_edition_repeats_long_names_by_their_beginning_and_is_left_when_it_is_too_large() {
    let board = repeating();
    let whole = edition(&board, usize::MAX).expect("an edition");
    let bytes: usize = whole.sections[0].items.iter().map(PublicItem::bytes).sum();
    // Before, each of the items held the name of the type and the title of the first.
    assert!(bytes < usize::from(MANY) * 4_000 + 100_000, "{bytes}");
    assert_eq!(whole.sections[0].items.len(), usize::from(MANY));
    assert!(edition(&board, bytes - 1).is_none() && edition(&board, bytes).is_some());
    let told = repeated(&board, &template::of(&board).expect("a template"));
    assert!(told + 100_000 > bytes && told < 2 * bytes, "{told} {bytes}");
}

#[test]
fn a_title_of_many_numbers_stands_once_in_what_is_told_of_them() {
    let mut board = repeating();
    let numbers: Vec<String> = (0..7_000).map(|number| format!("138{number:08}")).collect();
    board.items.get_mut(&ItemId::from_bytes([1; 16])).expect("an item").title = numbers.join("；");
    let found = sensitive(&edition(&board, usize::MAX).expect("an edition"));
    assert_eq!((found.len(), found.shown.len()), (7_000, crate::limits::PLACES_SHOWN));
    let bytes: usize = found.shown.iter().map(|place| place.about.len() + place.masked.len()).sum();
    assert!(bytes < crate::limits::PLACES_SHOWN * 4 * WORD_SHOWN, "{bytes}");
    // Beyond them it is only known that there are more.
    for item in board.items.values_mut() {
        item.title = numbers.join("；");
    }
    let found = sensitive(&edition(&board, usize::MAX).expect("an edition"));
    assert_eq!(found.len(), crate::limits::PLACES_COUNTED);
}

#[test]
fn what_belongs_to_a_board_stands_once_for_an_enterprise_and_too_much_is_cut() {
    let unit = UnitId::from_bytes([9; 16]);
    let mut board = repeating();
    board.title = "题".repeat(50_000);
    for item in board.items.values_mut() {
        item.assignments.insert(unit, crate::model::Assignment::default());
    }
    let (space, entries): (_, Entries) = (Space::default(), Entries::default());
    let template = template::of(&board).expect("a template");
    let scene = Scene::new(&template, &space, &board, &entries, "2026-01-15".parse().expect("a day"));
    let asked = |mut left: usize| (projects_of(&scene, BoardId::from_bytes([1; 16]), unit, &mut left), left);
    let ((of_board, all), left) = asked(usize::MAX);
    let bytes = usize::MAX - left;
    let told = serde_json::to_string(&all).expect("JSON").len();
    assert_eq!((all.len(), of_board.cut), (usize::from(MANY), false));
    assert_eq!(told, bytes + 1, "with the brackets around them");
    // Before, each of them held the title of the board, and that of the first item.
    assert!(bytes < usize::from(MANY) * 5_000 + 100_000, "{bytes}");
    assert!(of_board.title.chars().count() <= WORD_SHOWN);
    let ((of_board, some), left) = asked(bytes / 2);
    assert!(of_board.cut && some.len() < all.len() && !some.is_empty() && left < 10_000, "{left}");
    assert_eq!(some[..], all[..some.len()]);
}

#[test]
fn a_long_title_stands_by_its_beginning_beside_what_differs() {
    let with = |title: &str, value: &str| {
        let mut board = repeating();
        for (number, item) in (0..).zip(board.items.values_mut()) {
            item.title = format!("{title}{number}");
            item.number = value.to_owned();
            item.deadline = value.to_owned();
        }
        let mut edition = edition(&board, usize::MAX).expect("an edition");
        for item in &mut edition.sections[0].items {
            item.fields = (0..50).map(|field| (format!("字段{field}"), value.to_owned())).collect();
        }
        edition
    };
    let title = "长".repeat(20_000);
    let told = differences(&with(&title, "前"), &with(&title, "后"));
    // The deadline and fifty fields of each.
    assert_eq!(told.len(), usize::from(MANY) * 51);
    assert_eq!(told.shown.len(), crate::limits::DIFFERENCES_SHOWN);
    let bytes: usize = told.shown.iter().map(|one| one.about.len()).sum();
    assert!(bytes <= told.shown.len() * 3 * WORD_SHOWN, "{bytes}");
    assert!(told.shown[0].about.ends_with("字）"), "{}", told.shown[0].about);
    // Items that are gone or new, and editions of before there were ids in them.
    let (mut old, new) = (with("短", "前"), with("短", "后"));
    old.sections[0].items.remove(0);
    let told = differences(&old, &new);
    assert_eq!(told.shown.iter().filter(|one| one.field == "新增").count(), 1);
    for item in &mut old.sections[0].items {
        (item.id, item.number) = (None, "后".to_owned());
    }
    let told = differences(&old, &new);
    assert_eq!(told.len(), (usize::from(MANY) - 1) * 51 + 1, "the same by number and title");
    let mut fewer = new.clone();
    fewer.sections[0].items.remove(0);
    let told = differences(&new, &fewer).shown;
    assert_eq!(told.iter().map(|one| &*one.field).collect::<Vec<_>>(), ["不再列出"]);
}

#[test]
fn indicators_are_found_again_in_another_edition_however_many_there_are() {
    let with = |target: &str, ids: bool| {
        let mut edition = edition(&repeating(), usize::MAX).expect("an edition");
        edition.indicators = (0..20_000_u128)
            .map(|number| PublicIndicator {
                id: ids.then(|| IndicatorId::from_bytes(number.to_be_bytes())),
                name: format!("指标{number}"),
                scope: String::new(),
                kind: IndicatorKind::Target,
                target: target.to_owned(),
                year: Some(2026),
                unit: "个".to_owned(),
                reported: None,
                reported_year: None,
                standing: PublicStanding::NoData,
                gap: None,
                percent: None,
                quote: String::new(),
            })
            .collect();
        edition
    };
    let (mut old, new) = (with("十", true), with("二十", true));
    assert_eq!(differences(&old, &new).len(), 20_000);
    old.indicators.remove(7);
    let told = differences(&old, &new);
    let of_one: Vec<_> =
        told.shown.iter().filter(|one| one.about == "指标7").map(|one| &*one.field).collect();
    assert_eq!((told.len(), of_one), (20_000, vec!["新增"]));
    // Editions of before there were ids in them.
    let told = differences(&with("十", false), &new);
    assert_eq!((told.len(), &*told.shown[0].field), (20_000, "目标"));
    assert_eq!(differences(&new, &old).len(), 20_000, "all but one differ, and one is gone");
}
