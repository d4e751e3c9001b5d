//! Small changes whose values come in amid large runs of values, wherever those stand and whether or not
//! they are still seen.

use super::*;
use automerge::{Change as Written, ObjId, ReadDoc, ScalarValue};

/// So many values of so many bytes stand beside each other: 4 MB.
const COUNT: usize = 200;
const EACH: usize = 20_000;

/// Changes that fill a document, and small ones that come in amid them.
struct Case {
    name: &'static str,
    large: Vec<Written>,
    small: Vec<Written>,
}

/// A board that somebody has put containers of their own into.
struct Began {
    doc: AutoCommit,
    heads: Vec<ChangeHash>,
    map: ObjId,
    list: ObjId,
    text: ObjId,
}

impl Began {
    fn new() -> Self {
        let board = Document::new(Kind::Board, &[1; 16]).save();
        let mut doc = AutoCommit::load(&board).expect("loads").with_actor(ActorId::from([2; 16]));
        let heads = doc.get_heads();
        let map = doc.put_object(ROOT, "map", ObjType::Map).expect("a map");
        let list = doc.put_object(ROOT, "list", ObjType::List).expect("a list");
        let text = doc.put_object(ROOT, "text", ObjType::Text).expect("a text");
        doc.commit();
        Self { doc, heads, map, list, text }
    }

    /// One change of each of these writers, none knowing of the others.
    fn side_by_side(&mut self, writers: impl Iterator<Item = u32>, value: &ScalarValue) -> Vec<Written> {
        let heads = self.doc.get_heads();
        let write = |number: u32| {
            let actor = [&number.to_be_bytes()[..], &[7; 12]].concat();
            let mut doc = self.doc.fork().with_actor(ActorId::from(actor.as_slice()));
            doc.put(&self.map, "one", value.clone()).expect("a value");
            doc.get_changes(&heads)
        };
        writers.flat_map(write).collect()
    }
}

fn large() -> ScalarValue {
    ScalarValue::Bytes(vec![7; EACH])
}

/// A device that goes on from where another one is.
fn from(doc: &mut AutoCommit, number: u8) -> AutoCommit {
    doc.fork().with_actor(ActorId::from([number; 16]))
}

fn keys(overwritten: bool) -> Case {
    let Began { mut doc, heads, map, .. } = Began::new();
    for number in 0..COUNT {
        doc.put(&map, format!("{number:04}"), large()).expect("a value");
    }
    doc.commit();
    for number in 0..if overwritten { COUNT } else { 0 } {
        doc.put(&map, format!("{number:04}"), 1_u64).expect("a value");
    }
    let large = doc.get_changes(&heads);
    let (heads, mut other) = (doc.get_heads(), from(&mut doc, 3));
    for number in 0..COUNT {
        other.put(&map, format!("{number:04} more"), 1_u64).expect("a value");
    }
    let name = if overwritten { "overwritten values" } else { "neighbouring keys" };
    Case { name, large, small: other.get_changes(&heads) }
}

fn conflicts() -> Case {
    let mut began = Began::new();
    let numbers = || (0..COUNT as u32).map(|number| 2 * number);
    let mut all = began.doc.get_changes(&began.heads);
    all.extend(began.side_by_side(numbers(), &large()));
    let small = began.side_by_side(numbers().map(|number| number + 1), &ScalarValue::Uint(1));
    Case { name: "conflicts under one key", large: all, small }
}

fn deleted_elements() -> Case {
    let Began { mut doc, heads, list, .. } = Began::new();
    for at in 0..COUNT {
        doc.insert(&list, at, large()).expect("a value");
    }
    let (before, mut other) = (doc.get_heads(), from(&mut doc, 3));
    for at in 0..COUNT {
        other.insert(&list, 2 * at + 1, 1_u64).expect("a value");
    }
    for _ in 0..COUNT {
        doc.delete(&list, 0).expect("deleted");
    }
    Case { name: "deleted elements", large: doc.get_changes(&heads), small: other.get_changes(&before) }
}

fn deleted_letters() -> Case {
    const LETTERS: usize = 90_000;
    let Began { mut doc, heads, text, .. } = Began::new();
    for _ in 0..2 {
        doc.splice_text(&text, 0, 0, &"同".repeat(LETTERS)).expect("letters");
        doc.commit();
    }
    let (before, mut other) = (doc.get_heads(), from(&mut doc, 3));
    for number in (0..2 * COUNT).rev() {
        other.splice_text(&text, number * (LETTERS / COUNT) + 1, 0, "字").expect("a letter");
    }
    for _ in 0..2 {
        doc.splice_text(&text, 0, LETTERS as isize, "").expect("deleted");
        doc.commit();
    }
    Case { name: "deleted letters", large: doc.get_changes(&heads), small: other.get_changes(&before) }
}

fn bytes_of(changes: &[Written]) -> Vec<Vec<u8>> {
    changes.iter().map(|change| change.raw_bytes().to_vec()).collect()
}

fn load(chunks: &[Vec<u8>]) -> Document {
    Document::load(Kind::Board, &[9; 16], chunks.iter().map(Vec::as_slice)).expect("a board")
}

/// Everything that a document says.
fn says(saved: &[u8]) -> automerge::hydrate::Value {
    AutoCommit::load(saved).expect("loads").hydrate(ROOT, None).expect("read")
}

/// A small change cuts what it comes in amid into many pieces: none keeps the room of what is behind it, and
/// what is behind is not copied for each.
#[test]
fn what_comes_in_amid_a_large_run_of_values_costs_little() {
    let _turn = turn();
    let mut dear = Vec::new();
    for case in [keys(false), keys(true), conflicts(), deleted_elements(), deleted_letters()] {
        let Case { name, large, small } = case;
        let (large, small) = (bytes_of(&large), bytes_of(&small));
        let size = small.concat().len();
        let mut live = room();
        live.receive(ConnectionId(1), &message(large.clone()), false).expect("goes on");
        assert_eq!(live.unsaved().expect("as they came").len(), large.len(), "{name}");
        live.flush();
        let came = message(small.clone());
        let ((), most, asked) = work(|| live.receive(ConnectionId(1), &came, false).expect("goes on"));
        eprintln!("{name}, live: {size} bytes, {most:.1} MiB, {asked:.1} MiB asked for");
        if most > BOUND || asked > 2.0 * BOUND {
            dear.push(format!("{name}, live: {most:.1} MiB, {asked:.1} MiB asked for"));
        }
        assert_eq!(live.unsaved().expect("as they came").len(), small.len(), "{name}");

        let mut chunks = vec![load(&large).save()];
        let (_, alone, needed) = work(|| load(&chunks));
        chunks.extend(small);
        let (mut together, most, asked) = work(|| load(&chunks));
        eprintln!(
            "{name}, loaded: {alone:.1} MiB alone, {most:.1} MiB, {needed:.1} and {asked:.1} asked for"
        );
        if most > 4.0 * alone || asked > 4.0 * needed {
            dear.push(format!("{name}, loaded: {most:.1} of {alone:.1} MiB, {asked:.1} asked for"));
        }
        let heads = live.document_mut().heads();
        assert_eq!(together.heads(), heads, "{name}");
        let said = [live.document_mut(), &mut together].map(|one| says(&one.save()));
        assert!(said[0] == said[1], "{name}: it says something else");
    }
    assert!(dear.is_empty(), "{dear:#?}");
}

/// An import of the largest kind is written, read and gone on with; what it costs grows with what is there,
/// not with that times what comes in.
#[test]
fn a_large_import_is_gone_on_with_by_as_much_work_as_it_has_words() {
    let _turn = turn();
    let words = "推进医疗卫生机构检验检查结果互认，".repeat(6);
    let asked_for = |count: usize| {
        let Began { mut doc, heads, map, .. } = Began::new();
        for number in 0..count {
            doc.put(&map, format!("{number:06}"), words.as_str()).expect("words");
        }
        let large = bytes_of(&doc.get_changes(&heads));
        let (heads, mut other) = (doc.get_heads(), from(&mut doc, 3));
        for number in 0..count {
            other.put(&map, format!("{number:06} more"), "同意").expect("words");
        }
        let mut chunks = vec![load(&large).save()];
        chunks.extend(bytes_of(&other.get_changes(&heads)));
        let (mut together, _, asked) = work(|| load(&chunks));
        assert_eq!(together.heads(), other.get_heads().into_iter().map(|hash| hash.0).collect::<Vec<_>>());
        asked
    };
    let (one, four) = (asked_for(2_500), asked_for(10_000));
    eprintln!("{one:.1} and {four:.1} MiB asked for");
    assert!(four < 6.0 * one, "{four:.1} MiB asked for, {one:.1} for a quarter of it");
}
