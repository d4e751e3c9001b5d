//! A newer edition of a document beside the board of an earlier one.

use tongban_shared::adopt::{Adoption, adopt};
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::fold::Entries;
use tongban_shared::id::{ItemId, SpaceId};
use tongban_shared::import::{DraftBoard, DraftDocument, Role, read};
use tongban_shared::model::{Removal, Space};
use tongban_shared::revise::{Difference, Edition, Field, Since, Take, What, differences, revise};
use tongban_shared::rule::Scene;
use tongban_shared::template;

const SPACE: SpaceId = SpaceId::from_bytes([1; 16]);

const FIRST: &str = "某政办发〔2024〕7号\n某市人民政府办公室关于印发某市养老服务工作方案的通知\n某市养老服务工作方案\n一、目标任务\n到2025年，养老床位达到3000张。\n二、重点任务\n（一）增加供给。新建养老机构，盘活闲置房屋。（责任单位：市民政局、财政局，海拉尔区人民政府）\n（二）提升质量。培训护理员，开展技能竞赛。（责任单位：市民政局、人社局）\n（三）规范价格。公布收费目录。（责任单位：市发改委）\n";

/// A measure is new at the second place, one is gone, one has other words, one another unit; the
/// number of beds is another.
const SECOND: &str = "某政办发〔2025〕3号\n某市人民政府办公室关于印发某市养老服务工作方案（修订）的通知\n某市养老服务工作方案\n一、目标任务\n到2025年，养老床位达到3500张。\n二、重点任务\n（一）增加供给。新建养老机构，盘活闲置厂房和房屋。（责任单位：市民政局、自然资源局，海拉尔区人民政府）\n（二）发展智慧养老。建设信息平台。（牵头单位：市民政局；责任单位：市大数据局）\n（三）提升质量。培训护理员，开展技能竞赛。（责任单位：市民政局、人社局）\n";

struct Board {
    space: Space,
    document: Document,
}

fn apply(space: &mut Document, edits: &[tongban_shared::edit::Edit]) {
    space.edit_all(edits, &Stamp::default()).expect("fits the space");
}

fn adopted(text: &str) -> (Document, Board) {
    let draft = read(text).expect("readable");
    let document = &draft.documents[0];
    let mut space = Document::new(Kind::Space, &[1; 16]);
    let Adoption { document, space_edits, .. } =
        adopt(SPACE, &Space::default(), document, &document.boards[0]).expect("adopts");
    apply(&mut space, &space_edits);
    let board = Board { space: space.space(), document };
    (space, board)
}

impl Board {
    fn look<T>(&self, look: impl FnOnce(&Scene<'_>) -> T) -> T {
        let (board, entries) = (self.document.board(), Entries::default());
        let template = template::of(&board).expect("a template");
        let today = "2025-06-15".parse().expect("a day");
        look(&Scene::new(&template, &self.space, &board, &entries, today))
    }

    fn differs(&mut self, document: &DraftDocument, draft: &DraftBoard) -> Vec<Difference> {
        let common = Edition::common(&mut self.document);
        self.look(|scene| differences(SPACE, scene, common.as_ref(), document, draft))
    }

    fn differs_from(&mut self, text: &str) -> Vec<Difference> {
        let draft = read(text).expect("readable");
        self.differs(&draft.documents[0], &draft.documents[0].boards[0])
    }

    /// Takes over what is chosen, and the newer edition as the common one, as the app does.
    fn take(&mut self, chosen: &[(Difference, Take)], seed: u8) -> Vec<ItemId> {
        let now = self.document.board();
        let taken = revise((SPACE, &self.space), &now, chosen, &Removal::default(), [seed; 16]);
        let mut space = Document::new(Kind::Space, &[2; 16]);
        apply(&mut space, &taken.space);
        self.space.units.extend(space.space().units);
        let edition = Edition::record(&mut self.document, &taken).expect("of this board");
        let edits: Vec<Edit> = taken.board.iter().cloned().chain(edition).collect();
        self.document.edit_all(&edits, &Stamp::default()).expect("fits");
        taken.retire
    }
}

/// Every difference as the newer document has it.
fn all_of(found: Vec<Difference>) -> Vec<(Difference, Take)> {
    found.into_iter().map(|one| (one, Take::Document)).collect()
}

#[test]
fn the_same_edition_differs_in_nothing() {
    for text in [FIRST, SECOND] {
        let (_, mut board) = adopted(text);
        let draft = read(text).expect("readable");
        let document = &draft.documents[0];
        assert_eq!(board.differs(document, &document.boards[0]), []);
    }
}

#[test]
fn a_newer_edition_shows_each_difference_once_and_leaves_none_when_taken_over() {
    let (_, mut board) = adopted(FIRST);
    let draft = read(SECOND).expect("readable");
    let document = &draft.documents[0];
    let found = board.differs(document, &document.boards[0]);
    let told: Vec<String> = found
        .iter()
        .map(|one| match &one.what {
            What::Source { to, .. } => format!("source {}", to.number),
            What::Added { item, .. } => format!("added {}", item.title),
            What::Gone { .. } => format!("gone {}", one.of),
            What::Words { field: Field::Number(_), from, to, .. } => format!("number {from} {to}"),
            What::Words { field: Field::Text(_), to, .. } => format!("text {to}"),
            What::Words { field: Field::Goal, to, .. } => format!("goal {to}"),
            What::UnitAdded { name, .. } => format!("unit {name}"),
            What::UnitGone { name, .. } => format!("no unit {name}"),
            What::Target { from, to, .. } => format!("target {} {}", from.value, to.value),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            "source 某政办发〔2025〕3号",
            "goal 到2025年，养老床位达到3500张。",
            "text 新建养老机构，盘活闲置厂房和房屋。",
            "unit 市自然资源局",
            "no unit 市财政局",
            "added 发展智慧养老",
            "number （二） （三）",
            "gone （三） 规范价格",
            "target 3000 3500",
        ]
    );
    assert!(found.iter().all(|one| one.since == Since::Document && one.offered() == Some(Take::Document)));
    let before = board.document.board();
    let gone = before.items.iter().find(|(_, item)| item.title == "规范价格").expect("there").0;
    assert_eq!(board.take(&all_of(found), 1), [*gone], "nothing is deleted: its lead puts it out of use");
    let left = board.differs(document, &document.boards[0]);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!((&left[0].what, left[0].since), (&What::Gone { item: *gone }, Since::Here));
    let content = board.document.board();
    let order: Vec<&str> = content.item_order().iter().map(|id| content.items[id].title.as_str()).collect();
    assert_eq!(order, ["增加供给", "发展智慧养老", "提升质量", "规范价格"]);
    let new = content.items.values().find(|item| item.title == "发展智慧养老").expect("there");
    let roles: Vec<Role> = new.assignments.values().map(|one| one.role).collect();
    assert!(roles.contains(&Role::Lead) && roles.len() == 2, "{roles:?}");
}

#[test]
fn one_choice_changes_nothing_else_and_keeps_what_others_wrote() {
    let (_, mut board) = adopted(FIRST);
    let draft = read(SECOND).expect("readable");
    let document = &draft.documents[0];
    let found = board.differs(document, &document.boards[0]);
    let is_text = |one: &Difference| matches!(one.what, What::Words { field: Field::Text(_), .. });
    assert_eq!(found.iter().filter(|one| is_text(one)).count(), 1);
    let take = |one: &Difference| if is_text(one) { Take::Document } else { Take::Here };
    let chosen: Vec<_> =
        found.into_iter().map(|one| (take(&one), one)).map(|(take, one)| (one, take)).collect();
    let before = board.document.board();
    let units = board.space.units.len();
    assert!(board.take(&chosen, 7).is_empty());
    assert_eq!(board.space.units.len(), units);
    let after = board.document.board();
    let changed: Vec<_> = after.items.iter().filter(|(id, item)| before.items[id] != **item).collect();
    assert_eq!((changed.len(), after.items.len()), (1, before.items.len()));
    assert_eq!(changed[0].1.text, "新建养老机构，盘活闲置厂房和房屋。");
}

/// The changes of a second text to the board of a first one, told in a few words.
fn told(first: &str, second: &str) -> (Vec<String>, Vec<Difference>, Board) {
    let (_, mut board) = adopted(first);
    let found = board.differs_from(second);
    let words = |one: &Difference| match &one.what {
        What::Words { field: Field::Headline(_), from, to, .. } => format!("headline {from} {to}"),
        What::Words { field: Field::Section(_), from, to, .. } => format!("section {from} {to}"),
        What::Words { from, to, .. } => format!("words {from} {to}"),
        What::Added { item, .. } => format!("added {} with {}", item.title, item.children.len()),
        What::Gone { .. } => format!("gone {}", one.of),
        What::TargetAdded { item, .. } => format!("target of {}", item.is_some()),
        other => format!("{other:?}"),
    };
    (found.iter().map(words).collect(), found, board)
}

fn plan(body: &str) -> String {
    format!(
        "某政办发〔2024〕7号\n某市人民政府办公室关于印发某市养老服务工作方案的通知\n某市养老服务工作方案\n{body}"
    )
}

#[test]
fn another_headline_is_the_same_measure() {
    let of = |headline: &str| {
        plan(&format!(
            "一、重点任务\n（一）{headline}。建设机构，盘活房屋，配备护理人员。（责任单位：市民政局）\n（二）提升质量。开展技能竞赛。（责任单位：市人社局）\n"
        ))
    };
    let (words, ..) = told(&of("增加养老供给"), &of("扩大养老供给"));
    assert_eq!(words, ["headline 增加养老供给 扩大养老供给"]);
}

#[test]
fn equal_numbers_below_different_measures_are_kept_apart() {
    let of = |second: &str| {
        plan(&format!(
            "一、重点任务\n（一）增加供给。\n1.新建养老机构若干家，纳入规划。（责任单位：市民政局）\n2.盘活闲置房屋改造养老设施。（责任单位：市财政局）\n（二）提升质量。\n1.{second}（责任单位：市人社局）\n2.开展护理技能竞赛活动。（责任单位：市人社局）\n"
        ))
    };
    let (words, ..) = told(&of("培训护理员五百名以上。"), &of("培训护理员八百名以上。"));
    assert_eq!(words.len(), 2, "its words and its number: {words:?}");
    assert!(words[0].contains("五百名") && words[0].contains("八百名"), "{words:?}");
}

#[test]
fn a_section_of_another_title_keeps_its_measures_and_what_is_new_stands_in_its_place() {
    let first = plan(
        "一、具体举措\n（一）增加供给。新建机构。（责任单位：市民政局）\n（二）提升质量。开展竞赛。（责任单位：市人社局）\n",
    );
    let second = plan(
        "一、主要任务\n（一）完善规划。编制专项规划。（责任单位：市发改委）\n（二）增加供给。新建机构。（责任单位：市民政局）\n（三）提升质量。开展竞赛。（责任单位：市人社局）\n二、保障措施\n（一）加强领导。建立专班。（责任单位：市民政局）\n三、监督检查\n（一）定期通报。按季通报。（责任单位：市民政局）\n",
    );
    let (words, found, mut board) = told(&first, &second);
    assert_eq!(words.iter().filter(|words| words.starts_with("added")).count(), 3, "{words:?}");
    assert_eq!(words.iter().filter(|words| *words == "section 具体举措 主要任务").count(), 1, "{words:?}");
    // Ids in no order: the order of sections must not rest on them.
    board.take(&all_of(found), 255);
    let content = board.document.board();
    let order: Vec<&str> = content.item_order().iter().map(|id| content.items[id].title.as_str()).collect();
    assert_eq!(order, ["完善规划", "增加供给", "提升质量", "加强领导", "定期通报"]);
    let sections: Vec<&str> =
        content.section_order().iter().map(|id| content.sections[id].title.as_str()).collect();
    assert_eq!(sections, ["主要任务", "保障措施", "监督检查"]);
}

#[test]
fn what_is_put_above_measures_does_not_bring_them_twice() {
    let first = plan(
        "一、重点任务\n（一）新建养老机构若干家。纳入规划。（责任单位：市民政局）\n（二）开展护理技能竞赛。每年一次。（责任单位：市人社局）\n",
    );
    let second = plan(
        "一、重点任务\n（一）扩大服务供给。由民政部门统筹推进。（责任单位：市民政局）\n1.新建养老机构若干家。纳入规划。（责任单位：市民政局）\n2.建设康复中心。（责任单位：市卫健委）\n（二）开展护理技能竞赛。每年一次。（责任单位：市人社局）\n",
    );
    let (words, found, ..) = told(&first, &second);
    let added: Vec<&String> = words.iter().filter(|words| words.starts_with("added")).collect();
    assert_eq!(added, ["added 扩大服务供给 with 1"], "{words:?}");
    assert!(!found.iter().any(|one| matches!(one.what, What::Gone { .. })), "{words:?}");
}

#[test]
fn a_unit_named_twice_differs_in_nothing() {
    let text = plan(
        "一、重点任务\n（一）增加供给。新建机构。（牵头单位：市民政局；责任单位：市民政局、市人力资源和社会保障局）\n",
    );
    let (_, mut board) = adopted(&text);
    // A name that only the dictionary knows.
    for unit in board.space.units.values_mut() {
        unit.aliases.clear();
    }
    let draft = read(&text).expect("readable");
    assert_eq!(board.differs(&draft.documents[0], &draft.documents[0].boards[0]), []);
}
