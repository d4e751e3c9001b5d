use super::*;
use crate::document::{Document, Kind, Stamp};
use crate::edit::{Edit, NewItem};
use crate::id::ItemId;
use crate::limits::TEXT_COMPARED;
use crate::text::Splice;

const ITEM: ItemId = ItemId::from_bytes([7; 16]);
const TEXT: TextPlace = TextPlace::Item(ITEM);
const BASE: &str = "建立远程医疗协作网。到2027年建成150个站点。";

fn stamp(by: &str, time: i64) -> Stamp {
    Stamp { by: by.to_owned(), time }
}

fn board(text: &str) -> Document {
    let mut document = Document::new(Kind::Board, &[1; 16]);
    let item =
        Edit::AddItem { id: ITEM, item: Box::new(NewItem { text: text.to_owned(), ..NewItem::default() }) };
    document.edit(&item, &stamp("导入", 0)).unwrap();
    document
}

fn copy(document: &mut Document, actor: u8) -> Document {
    Document::load(Kind::Board, &[actor; 16], [&document.save()[..]]).unwrap()
}

fn text(document: &Document) -> String {
    document.item(ITEM).unwrap().text
}

/// Writes as a person does who selects a range and types over it.
fn write(document: &mut Document, by: &str, time: i64, range: Range<usize>, words: &str) {
    let before = text(document);
    let splice = Splice { at: range.start, delete: range.len(), insert: words.to_owned() };
    let typed = Splice::typed(&before, &splice.apply(&before), Some((range.start, range.end))).unwrap();
    document.edit(&Edit::splice(TEXT, typed), &stamp(by, time)).unwrap();
}

fn merge(one: &mut Document, other: &mut Document) {
    let heads = [one.heads(), other.heads()];
    let chunks = [one.changes_since(&heads[1]), other.changes_since(&heads[0])];
    chunks[1].iter().for_each(|chunk| drop(one.apply(&chunk.bytes).unwrap()));
    chunks[0].iter().for_each(|chunk| drop(other.apply(&chunk.bytes).unwrap()));
    assert_eq!(one.heads(), other.heads());
    assert_eq!(text(one), text(other));
}

/// Two people change one text apart and meet in both orders; the marks are the same on both devices,
/// and on one that reads everything anew.
fn apart(
    base: &str,
    one: &[(Range<usize>, &str)],
    other: &[(Range<usize>, &str)],
) -> (String, Vec<TextMark>) {
    let mut found = Vec::new();
    for (first, second) in [(one, other), (other, one)] {
        let mut a = board(base);
        let mut b = copy(&mut a, 2);
        for (count, (range, words)) in (1..).zip(first) {
            let name = if std::ptr::eq(first, one) { "甲" } else { "乙" };
            write(&mut a, name, count, range.clone(), words);
        }
        for (count, (range, words)) in (1..).zip(second) {
            let name = if std::ptr::eq(second, one) { "甲" } else { "乙" };
            write(&mut b, name, count, range.clone(), words);
        }
        merge(&mut a, &mut b);
        let marks = a.text_marks().to_vec();
        assert_eq!(marks, b.text_marks());
        assert_eq!(marks, copy(&mut a, 3).text_marks());
        found.push((text(&a), marks));
    }
    let plain = |marks: &[TextMark]| {
        marks.iter().map(|mark| (mark.before.clone(), mark.versions.clone())).collect::<Vec<_>>()
    };
    assert_eq!(plain(&found[0].1), plain(&found[1].1), "whoever has which device");
    found.swap_remove(0)
}

fn told(marks: &[TextMark]) -> Vec<(&str, &str, &str)> {
    marks.iter().map(|mark| (&*mark.before, &*mark.versions[0].words, &*mark.versions[1].words)).collect()
}

#[test]
fn two_people_who_change_one_word_make_no_third_and_are_marked() {
    let (merged, marks) = apart(BASE, &[(2..6, "互联网诊疗")], &[(2..6, "远程会诊")]);
    assert!(
        ["建立互联网诊疗远程会诊协作网。", "建立远程会诊互联网诊疗协作网。"]
            .iter()
            .any(|text| merged.starts_with(text))
    );
    let mut versions: Vec<(&str, &str)> =
        marks[0].versions.iter().map(|one| (&*one.by, &*one.words)).collect();
    versions.sort_unstable();
    assert_eq!((marks.len(), &*marks[0].before), (1, "远程医疗"));
    assert_eq!(versions, [("乙", "远程会诊"), ("甲", "互联网诊疗")]);
    assert_eq!(marks[0].around, ["建立", "协作网。到2027年建成150个站点。"]);
    assert_eq!(marks[0].place, 2..11);
}

#[test]
fn every_kind_of_meeting_is_marked_or_left() {
    for (one, other, clash) in [
        (vec![(2..6, "诊疗")], vec![(4..4, "跨省")], Some("远程医疗")),
        (vec![(2..6, "")], vec![(4..6, "会诊")], Some("远程医疗")),
        // Taken out letter by letter, then written.
        (vec![(5..6, ""), (4..5, ""), (4..4, "会诊")], vec![(4..6, "问诊")], Some("医疗")),
        (vec![(18..21, "160")], vec![(21..21, "0")], Some("150")),
        (vec![(0..2, "建成")], vec![(6..9, "平台")], None),
        (vec![(2..6, "")], vec![(2..6, "")], None),
        (vec![(2..6, "会诊")], vec![(25..25, "新的一句。")], None),
        (vec![(25..25, "甲句。")], vec![(25..25, "乙句。")], None),
    ] {
        let (_, marks) = apart(BASE, &one, &other);
        assert_eq!(
            marks.iter().map(|mark| &*mark.before).collect::<Vec<_>>(),
            clash.into_iter().collect::<Vec<_>>(),
            "{one:?} {other:?}"
        );
    }
}

#[test]
fn a_paragraph_never_cuts_a_sentence_that_is_being_written() {
    for base in ["第一段还在", "第一段还在\n末段。"] {
        let end = 5;
        let letters = [(end..end, "写"), (end + 1..end + 1, "的"), (end + 2..end + 2, "话。")];
        let whole = [(end..end, "\n新的一段。")];
        let typed = [(end..end, "\n"), (end + 1..end + 1, "新的"), (end + 3..end + 3, "一段。")];
        for paragraph in [&whole[..], &typed[..]] {
            let (merged, marks) = apart(base, &letters, paragraph);
            assert!(merged.starts_with("第一段还在写的话。\n新的一段。"), "{merged}");
            assert_eq!(marks, []);
        }
    }
    // Two new paragraphs are two.
    let other = [(5..5, "\n"), (6..6, "乙段"), (8..8, "。")];
    let (merged, _) = apart("第一段还在", &[(5..5, "\n"), (6..6, "甲段"), (8..8, "。")], &other);
    assert!(["第一段还在\n甲段。\n乙段。", "第一段还在\n乙段。\n甲段。"].contains(&&*merged), "{merged}");
}

#[test]
fn a_person_decides_and_the_mark_is_gone_everywhere() {
    for (choice, left) in [(Choice::Version(0), 0), (Choice::Version(1), 1), (Choice::Now, 2)] {
        let mut a = board(BASE);
        let mut b = copy(&mut a, 2);
        write(&mut a, "甲", 1, 2..6, "互联网诊疗");
        write(&mut b, "乙", 2, 2..6, "远程会诊");
        merge(&mut a, &mut b);
        // Somebody goes on writing in front of it: the decision still meets its place.
        write(&mut b, "乙", 3, 0..0, "要");
        merge(&mut a, &mut b);
        let mark = a.text_marks()[0].clone();
        a.edit_all(&mark.decided(choice), &stamp("丙", 4)).unwrap();
        merge(&mut a, &mut b);
        let words = ["互联网诊疗", "远程会诊", &mark.now][left];
        assert_eq!(text(&a), format!("要建立{words}协作网。到2027年建成150个站点。"));
        for document in [&mut a, &mut b] {
            assert_eq!(document.text_marks(), []);
        }
        assert_eq!(copy(&mut a, 9).text_marks(), []);
    }
}

#[test]
fn a_decision_counts_for_what_it_had_seen() {
    let mut a = board(BASE);
    let (mut b, mut c) = (copy(&mut a, 2), copy(&mut a, 3));
    write(&mut a, "甲", 1, 2..6, "互联网诊疗");
    write(&mut b, "乙", 2, 2..6, "远程会诊");
    write(&mut c, "丙", 3, 2..6, "视频问诊");
    merge(&mut a, &mut b);
    let decided = a.text_marks()[0].decided(Choice::Version(0));
    a.edit_all(&decided, &stamp("甲", 4)).unwrap();
    assert_eq!(a.text_marks(), []);
    merge(&mut a, &mut c);
    let marks = a.text_marks().to_vec();
    assert_eq!(marks.len(), 1, "{:?}", told(&marks));
    assert!(marks[0].versions.iter().any(|version| version.words == "视频问诊"));
    a.edit_all(&marks[0].decided(Choice::Now), &stamp("甲", 5)).unwrap();
    assert_eq!(told(a.text_marks()), []);
}

#[test]
fn only_branches_are_read_and_each_once() {
    let mut a = board(BASE);
    for count in 0..200 {
        write(&mut a, "甲", count, 0..0, "字");
    }
    assert_eq!(a.text_marks(), []);
    assert_eq!(a.marks_work(), 0, "a line of changes is not read at all");
    let mut b = copy(&mut a, 2);
    for count in 0..20 {
        write(&mut a, "甲", count, 202..202, "省");
        write(&mut b, "乙", count, 200..200, "字");
    }
    merge(&mut a, &mut b);
    a.text_marks();
    let read = a.marks_work();
    assert_eq!(read, 40);
    a.text_marks();
    write(&mut a, "甲", 900, 0..0, "又");
    a.text_marks();
    assert_eq!(a.marks_work(), read, "an edit of one's own reads nothing again");

    // An open mark costs one look at its text, a decided one nothing.
    write(&mut a, "甲", 901, 0..2, "新");
    write(&mut b, "乙", 902, 0..1, "旧");
    merge(&mut a, &mut b);
    assert_eq!(a.text_marks().len(), 1);
    let read = a.marks_work();
    write(&mut a, "甲", 903, 9..9, "字");
    assert_eq!(a.text_marks().len(), 1);
    assert_eq!(a.marks_work(), read + 1);
    let decided = a.text_marks()[0].decided(Choice::Now);
    a.edit_all(&decided, &stamp("甲", 904)).unwrap();
    write(&mut a, "甲", 905, 9..9, "字");
    assert_eq!(a.text_marks(), []);
    assert_eq!(a.marks_work(), read + 1);
}

/// Two people make the very same change: what stands there twice is kept once by one press, on two devices
/// apart as well; once it stands there once, nobody is asked.
#[test]
fn the_same_words_of_two_people_are_kept_once_by_one_press() {
    for (base, range, words, merged) in [
        ("发展生物质供热。", 2..7, "电锅炉供热", "发展电锅炉供热电锅炉供热。"),
        ("建成150个。", 3..4, "6", "建成1660个。"),
        ("建立网。", 3..3, "服务", "建立网服务服务。"),
    ] {
        let mut a = board(base);
        let (mut b, mut c) = (copy(&mut a, 2), copy(&mut a, 3));
        write(&mut a, "甲", 1, range.clone(), words);
        write(&mut b, "乙", 2, range.clone(), words);
        merge(&mut a, &mut b);
        let once = Splice { at: range.start, delete: range.len(), insert: words.to_owned() }.apply(base);
        assert_eq!(text(&a), merged);
        let mark = a.text_marks()[0].clone();
        assert!(mark.is_doubled() && !mark.is_settled(), "{mark:?}");

        // Both press, and neither has seen the other.
        for (document, name) in [(&mut a, "甲"), (&mut b, "乙")] {
            document.edit_all(&mark.decided(Choice::Version(0)), &stamp(name, 3)).unwrap();
            assert_eq!(text(document), once);
        }
        merge(&mut a, &mut b);
        assert_eq!(text(&a), once, "one copy, not none and not two");
        assert_eq!(a.text_marks(), []);

        // A third who wrote something else there is never taken out with a copy.
        write(&mut c, "丙", 4, range, "另写");
        merge(&mut a, &mut c);
        assert!(text(&a).contains("另写") && a.text_marks().iter().all(|mark| !mark.is_doubled()));
    }
}

#[test]
fn a_copy_that_somebody_took_out_asks_nobody_and_other_words_stay() {
    let doubled = |third: Option<&str>| {
        let mut a = board(BASE);
        let (mut b, mut c) = (copy(&mut a, 2), copy(&mut a, 3));
        write(&mut a, "甲", 1, 2..6, "会诊");
        write(&mut b, "乙", 2, 2..6, "会诊");
        if let Some(words) = third {
            write(&mut c, "丙", 3, 2..6, words);
            merge(&mut a, &mut c);
        }
        merge(&mut a, &mut b);
        a
    };
    let mut two = doubled(None);
    assert_eq!(two.text_marks().len(), 1);
    write(&mut two, "丁", 5, 2..4, "");
    assert_eq!(two.text_marks(), []);
    assert_eq!(text(&two), BASE.replace("远程医疗", "会诊"));

    let mut three = doubled(Some("远程问诊"));
    let marks = three.text_marks().to_vec();
    assert!(marks.iter().all(|mark| !mark.is_alike() && !mark.is_doubled()), "{marks:?}");
    assert_eq!(marks.len(), 1);

    // Words that somebody wrote beside the copies are no copy.
    let mut beside = doubled(None);
    write(&mut beside, "丁", 5, 4..4, "、复诊、");
    assert!(!beside.text_marks()[0].is_doubled());
}

/// A text of so many characters in which so many people replaced the same word, none having seen another.
fn crowd(letters: usize, people: u8) -> Document {
    let base: String = "远程医疗".chars().chain(std::iter::repeat_n('网', letters - 4)).collect();
    let mut document = board(&base);
    let mut copies: Vec<Document> = (0..people).map(|one| copy(&mut document, 10 + one)).collect();
    for (count, copy) in (1..).zip(&mut copies) {
        write(copy, "甲", count, 0..4, &format!("会诊{count}"));
        let new = copy.changes_since(&document.heads());
        new.iter().for_each(|chunk| drop(document.apply(&chunk.bytes).unwrap()));
    }
    document
}

/// The characters that are kept of texts before.
fn kept(document: &Document) -> usize {
    let met = document.marks.met.values().flat_map(|one| match &one.found {
        Found::Met(met) => &met[..],
        Found::Crowded(_) => &[],
    });
    met.map(|one| (Arc::as_ptr(&one.before), one.before.len())).collect::<HashMap<_, _>>().values().sum()
}

#[test]
fn each_version_of_a_text_is_read_once_and_one_text_before_is_kept() {
    let mut document = crowd(2000, 16);
    let marks = document.text_marks().to_vec();
    assert_eq!(
        marks.iter().map(|mark| (&*mark.before, mark.whole)).collect::<Vec<_>>(),
        [("远程医疗", false)]
    );
    let letters = document.marks.letters;
    assert!(letters < 18 * 2010, "{letters}: sixteen versions, the one before and that of now");
    let of_all = kept(&document);
    assert!(of_all < 2010, "{of_all} of 120 pairs");
    let mark = marks[0].decided(Choice::Now);
    document.edit_all(&mark, &stamp("丙", 900)).unwrap();
    assert_eq!(document.text_marks(), []);
    assert_eq!(kept(&document), 0);
}

#[test]
fn a_text_of_too_many_versions_has_one_mark_and_is_looked_at_as_a_whole() {
    let mut document = crowd(5000, 50);
    let marks = document.text_marks().to_vec();
    assert_eq!(marks.len(), 1, "{marks:?}");
    assert!(marks[0].whole && !marks[0].is_settled() && !marks[0].is_doubled());
    let letters = document.marks.letters;
    assert!(letters <= TEXT_COMPARED / LETTER + 5100, "{letters}");
    assert_eq!(kept(&document), 0);

    // Whatever is chosen, nothing of the text is written over.
    let before = text(&document);
    document.edit_all(&marks[0].decided(Choice::Version(0)), &stamp("丙", 900)).unwrap();
    assert_eq!(text(&document), before);
    assert_eq!(document.text_marks(), []);
    let mut anew = copy(&mut document, 9);
    assert_eq!(anew.text_marks(), []);
    assert_eq!(anew.marks.letters, 0, "somebody has looked at all of it");

    // Another one who has seen nothing of it is asked about.
    write(&mut document, "丁", 901, 0..0, "要");
    assert_eq!(document.text_marks(), []);
}

#[test]
fn the_texts_of_a_board_take_so_much_together() {
    let mut document = crowd(2000, 16);
    document.text_marks();
    let one = document.marks.met[&TEXT].effort;
    assert!(one < TEXT_COMPARED, "{one}: a text of an ordinary size takes little of it");
    let crowded = document.marks.meet(&document.doc, TEXT, one - 1);
    assert!(matches!(crowded.found, Found::Crowded(_)) && crowded.effort == one - 1);
    let fits = document.marks.meet(&document.doc, TEXT, one);
    assert!(matches!(fits.found, Found::Met(_)));
}
