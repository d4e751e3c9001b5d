//! Doubts of an import as questions with answers, in the draft and on the board that it became.

use std::collections::BTreeSet;
use tongban_shared::adopt::{Adoption, adopt};
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::doubts::{
    Answer, Answers, Offer, Question, Why, aliases, answered, edits, offers, questions, sentence,
};
use tongban_shared::edit::Edit;
use tongban_shared::id::SpaceId;
use tongban_shared::import::{Draft, read};
use tongban_shared::model::{Removal, Space};
use tongban_shared::words::Lang;

const SPACE: SpaceId = SpaceId::from_bytes([1; 16]);

const TEXT: &str = "某政办发〔2024〕7号\n某市人民政府办公室关于印发某市文化旅游工作方案的通知\n某市文化旅游工作方案\n一、目标任务\n到2025年，莫力达瓦达斡尔族自治县接待游客不少于10万人次。\n二、重点任务\n（一）丰富产品供给。支持莫力达瓦达斡尔族自治县、鄂伦春自治旗建设营地，开发线路。（责任单位：市文旅广\n\n局、市财政局、市财政局）\n（二）扩大宣传。组织市场主体参加展会。（责任单位：市商务局，驻市企业，市直机关事务）\n（四）培训人才。每年举办培训班。（责任单位：市教育局）\n";

fn asked(text: &str, space: &Space) -> (Draft, Vec<Question>) {
    let draft = read(text).expect("readable");
    let questions = questions(&draft, space, text);
    (draft, questions)
}

fn find<'a>(all: &'a [Question], why: Why, name: &str) -> &'a Question {
    all.iter()
        .find(|one| one.why == why && one.name.contains(name))
        .unwrap_or_else(|| panic!("{why:?} {name}: {all:#?}"))
}

/// The space after a draft's boards were adopted, and the first board.
fn adopted(draft: &Draft) -> (Space, Document) {
    let document = &draft.documents[0];
    let Adoption { document, space_edits, .. } =
        adopt(SPACE, &Space::default(), document, &document.boards[0]).expect("adopts");
    let mut space = Document::new(Kind::Space, &[1; 16]);
    space.edit_all(&space_edits, &Stamp::default()).expect("fits the space");
    (space.space(), document)
}

#[test]
fn every_doubt_has_a_sentence_and_answers() {
    let space = Space::default();
    let (_, all) = asked(TEXT, &space);
    let whys: BTreeSet<Why> = all.iter().map(|one| one.why).collect();
    for why in [Why::MistakenPlace, Why::Joined, Why::Repeated, Why::Group, Why::Numbering] {
        assert!(whys.contains(&why), "{why:?}: {all:#?}");
    }
    let mut sentences = BTreeSet::new();
    for question in &all {
        let told = sentence(question, &space, Lang::Hans);
        assert!(told.contains(&question.name) && !told.contains('{'), "{told}");
        assert!(matches!(offers(question, &space)[..], [Offer::Ready(_), ..]), "{question:?}");
        assert!(sentences.insert(told));
    }
    let place = find(&all, Why::MistakenPlace, "自治县");
    assert_eq!(
        sentence(place, &space, Lang::Hans),
        "“莫力达瓦达斡尔族自治县”出现 2 处，单位字典里是“莫力达瓦达斡尔族自治旗”"
    );
    let right = Answer::Use("莫力达瓦达斡尔族自治旗".to_owned());
    assert_eq!(offers(place, &space)[..2], [Offer::Ready(right), Offer::Ready(Answer::Keep)]);
    let joined = find(&all, Why::Joined, "文旅广局");
    assert!(joined.printed.contains("市文旅广局"), "{joined:?}");
}

#[test]
fn a_line_that_was_only_wrapped_cuts_no_name() {
    let (_, all) = asked(&TEXT.replace("市文旅广\n\n局", "市文旅广\n局"), &Space::default());
    assert!(all.iter().all(|one| one.why != Why::Joined), "{all:#?}");
}

#[test]
fn an_answer_is_carried_out_in_the_draft() {
    let (draft, all) = asked(TEXT, &Space::default());
    let place = find(&all, Why::MistakenPlace, "自治县");
    let group = find(&all, Why::Group, "驻市企业");
    let repeated = find(&all, Why::Repeated, "市财政局");
    let members = vec!["甲公司".to_owned(), "乙公司".to_owned()];
    let answers = Answers::from([
        (place.key(), Answer::Use("莫力达瓦达斡尔族自治旗".to_owned())),
        (group.key(), Answer::Members(members)),
        (repeated.key(), Answer::Use("市审计局".to_owned())),
    ]);
    let made = answered(&draft, &all, &answers);
    let mut board = made.documents[0].boards[0].clone();
    board.doubts.clear();
    assert!(board.goal.contains("莫力达瓦达斡尔族自治旗") && !format!("{board:?}").contains("自治县"));
    let items: Vec<_> = board.items().collect();
    assert_eq!(items[0].assignments[0].units, ["市文旅广局", "市财政局", "市审计局"]);
    let units: Vec<&String> = items[1].assignments.iter().flat_map(|one| &one.units).collect();
    assert!(
        units.iter().any(|unit| *unit == "甲公司") && units.iter().any(|unit| *unit == "乙公司"),
        "{units:?}"
    );
    assert!(!units.iter().any(|unit| *unit == "驻市企业"));
    assert_eq!(answered(&draft, &all, &Answers::new()), draft, "without an answer nothing changes");
}

/// AC-11: what was not answered while it was imported can be answered from the board.
#[test]
fn an_answer_is_carried_out_on_the_board() {
    let (draft, all) = asked(TEXT, &Space::default());
    let (mut space, mut document) = adopted(&draft);
    let mut say = |question: &Question, answer: &Answer| {
        let (of_board, of_space) =
            edits(question, answer, &document.board(), (SPACE, &space), &Removal::default());
        let mut more = Document::new(Kind::Space, &[2; 16]);
        more.edit_all(&of_space, &Stamp::default()).expect("fits the space");
        space.units.extend(more.space().units);
        document.edit_all(&of_board, &Stamp::default()).expect("fits the board");
        let board = document.board();
        let units = |title: &str| {
            let item = board.items.values().find(|item| item.title == title).expect("there");
            let present = item.assignments.iter().filter(|(_, one)| one.removal.is_none());
            present.map(|(unit, _)| space.unit_name(*unit)).collect::<BTreeSet<_>>()
        };
        (board.goal.clone(), units("丰富产品供给"), units("扩大宣传"))
    };
    let right = Answer::Use("莫力达瓦达斡尔族自治旗".to_owned());
    let (goal, ..) = say(find(&all, Why::MistakenPlace, "自治县"), &right);
    assert!(goal.contains("自治旗") && !goal.contains("自治县"));
    let members = Answer::Members(vec!["甲公司".to_owned(), "乙公司".to_owned()]);
    let (_, _, units) = say(find(&all, Why::Group, "驻市企业"), &members);
    assert!(units.contains("甲公司") && units.contains("乙公司") && !units.contains("驻市企业"), "{units:?}");
    let (_, units, _) = say(find(&all, Why::Repeated, "市财政局"), &Answer::Use("市审计局".to_owned()));
    assert!(units.contains("市财政局") && units.contains("市审计局"), "{units:?}");
    let keep = find(&all, Why::Numbering, "（四）");
    let before = document.board();
    let (of_board, of_space) = edits(keep, &Answer::Keep, &before, (SPACE, &space), &Removal::default());
    assert!(of_board.is_empty() && of_space.is_empty());
}

#[test]
fn a_name_that_was_mended_once_is_known_from_then_on() {
    let text = TEXT.replace("市商务局", "市农牧业管理局");
    let mut known = Document::new(Kind::Space, &[3; 16]);
    let unit = tongban_shared::adopt::unit_id(SPACE, &Space::default(), "市农牧管理局");
    let add = Edit::AddUnit {
        id: unit,
        name: "市农牧管理局".to_owned(),
        kind: "department".to_owned(),
        side: String::new(),
        code: String::new(),
    };
    known.edit_all(&[add], &Stamp::default()).expect("fits");
    let (_, all) = asked(&text, &known.space());
    let new = find(&all, Why::New, "市农牧业管理局");
    let answers = Answers::from([(new.key(), Answer::Use("市农牧管理局".to_owned()))]);
    let edits = aliases(&all, &answers, (SPACE, &known.space()));
    assert_eq!(edits.len(), 1);
    known.edit_all(&edits, &Stamp::default()).expect("fits");
    let (_, again) = asked(&text, &known.space());
    assert!(again.iter().all(|one| one.name != "市农牧业管理局"), "{again:#?}");
}

#[test]
fn questions_are_kept_as_words_of_the_device() {
    let (_, all) = asked(TEXT, &Space::default());
    let words = serde_json::to_string(&all).expect("words");
    let again: Vec<Question> = serde_json::from_str(&words).expect("read");
    assert_eq!(
        again.iter().map(Question::key).collect::<Vec<_>>(),
        all.iter().map(Question::key).collect::<Vec<_>>()
    );
}

/// A name that the space has meanwhile, or knows as another one of the same unit, is not offered beside
/// keeping it; what is left out of a list may still be taken in under its own name.
#[test]
fn one_act_has_one_button() {
    let (draft, all) = asked(TEXT, &Space::default());
    let (space, _) = adopted(&draft);
    let mut near = 0;
    for question in &all {
        let offers = offers(question, &space);
        let uses = |name: &str| offers.contains(&Offer::Ready(Answer::Use(name.to_owned())));
        near += usize::from(space.near(&question.name).contains(&question.name.as_str()));
        assert!(question.why == Why::Left || !uses(&question.name), "{question:?}: {offers:?}");
        let ready: Vec<_> = offers.iter().map(|offer| format!("{offer:?}")).collect();
        assert_eq!(ready.iter().collect::<BTreeSet<_>>().len(), ready.len(), "{offers:?}");
    }
    assert!(near > 0, "the space has a name that is asked about");

    let joined = find(&all, Why::Joined, "市文旅广局");
    let mut known = Document::new(Kind::Space, &[2; 16]);
    let (unit, edits) = tongban_shared::dictionary::named(SPACE, &known.space(), "市文化旅游广局");
    known.edit_all(&edits, &Stamp::default()).expect("a unit");
    let use_known = Offer::Ready(Answer::Use("市文化旅游广局".into()));
    let far = offers(joined, &known.space());
    known
        .edit(&Edit::SetAlias { unit, alias: joined.name.clone(), present: true }, &Stamp::default())
        .expect("an alias");
    assert!(!offers(joined, &known.space()).contains(&use_known), "before it was known so: {far:?}");
    // A mistaken name is mended though the space knows whom it means.
    let place = find(&all, Why::MistakenPlace, "自治县");
    let proper = tongban_shared::dictionary::proper_place(&place.name).expect("a proper name");
    let (unit, edits) = tongban_shared::dictionary::named(SPACE, &known.space(), proper);
    known.edit_all(&edits, &Stamp::default()).expect("a unit");
    known
        .edit(&Edit::SetAlias { unit, alias: place.name.clone(), present: true }, &Stamp::default())
        .expect("an alias");
    assert!(offers(place, &known.space()).contains(&Offer::Ready(Answer::Use(proper.to_owned()))));
    let left = Question { why: Why::Left, name: "市文旅广局".into(), ..joined.clone() };
    assert!(offers(&left, &space).contains(&Offer::Ready(Answer::Use("市文旅广局".into()))));
}
