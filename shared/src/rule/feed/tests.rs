//! Feeds of many indicators look at a board once for each rule.

use super::*;
use crate::fold::Entries;
use crate::id::ItemId;
use crate::model::{Board, Item, Space};
use crate::template;

const ITEMS: u8 = 50;

fn board() -> Board {
    let source = "id = \"t\"\nversion = 1\nname = [\"甲\", \"甲\", \"A\"]\npurpose = [\"甲\", \"甲\", \"A\"]\nviews = [\"list\"]\n
         [[item]]\nid = \"t\"\nname = [\"乙\", \"乙\", \"x\"]\nstate = [{ id = \"s\", name = [\"态\", \"态\", \"x\"] }]
         entries = [\"report\"]\nfield = [{ id = \"f\", name = [\"值\", \"值\", \"x\"], kind = \"text\" }]\n
         [[rule]]\nkind = \"aggregate\"\nid = \"all\"\nname = [\"数\", \"数\", \"n\"]\nover = \"t\"\nfunction = \"count\"\n
         [[rule]]\nkind = \"aggregate\"\nid = \"by\"\nname = [\"组\", \"组\", \"n\"]\nover = \"t\"\nfunction = \"count\"\ngroup = \"f\"\n";
    let mut board = Board { template: "t".into(), template_source: source.into(), ..Board::default() };
    for number in 0..ITEMS {
        let fields = [("f".to_owned(), if number < 20 { "一" } else { "二" }.to_owned())];
        let item = Item { kind: "t".into(), fields: fields.into(), ..Item::default() };
        board.items.insert(ItemId::from_bytes([number; 16]), item);
    }
    board
}

#[test]
fn each_rule_is_worked_out_once_however_many_indicators_it_fills() {
    let board = board();
    let (space, entries): (_, Entries) = (Space::default(), Entries::default());
    let template = template::of(&board).expect("a template");
    let scene = Scene::new(&template, &space, &board, &entries, "2026-01-15".parse().expect("a day"));
    let (own, other) = (BoardId::from_bytes([1; 16]), BoardId::from_bytes([2; 16]));
    let of = |rule: &str, group: Option<&str>, also: &[BoardId]| Feed {
        rule: rule.to_owned(),
        group: group.map(str::to_owned),
        also: also.iter().copied().collect(),
        ..Feed::default()
    };
    let feeds = [
        (of("all", None, &[]), Some(50.0)),
        (of("by", None, &[]), Some(50.0)),
        (of("by", Some("一"), &[]), Some(20.0)),
        (of("by", Some("二"), &[]), Some(30.0)),
        (of("by", Some("三"), &[]), None),
        (of("all", None, &[other]), Some(100.0)),
        (of("none", None, &[]), None),
        (of("all", None, &[BoardId::from_bytes([3; 16])]), None),
    ];
    let asked = |times: usize| {
        let asked = feeds.iter().cycle().take(8 * times).enumerate();
        asked.map(|(number, (feed, _))| (IndicatorId::from_bytes((number as u128).to_be_bytes()), feed, "个"))
    };
    let look = |board: BoardId, seen: &mut dyn FnMut(&Scene<'_>)| {
        if board == own || board == other {
            seen(&scene);
        }
    };
    let mut looks = Vec::new();
    for times in [1, 30] {
        let before = scene.looks().so_far();
        let found = fed(own, asked(times), look);
        looks.push(scene.looks().so_far() - before);
        for (id, feed, _) in asked(times) {
            let (_, number) = feeds.iter().find(|(one, _)| one == feed).expect("it was asked for");
            assert_eq!(found.get(&id), number.as_ref(), "{feed:?}");
        }
    }
    // Two rules of this board, one of the other.
    assert!(looks[0] >= usize::from(ITEMS) * 3 && looks[0] == looks[1], "{looks:?}");
}
