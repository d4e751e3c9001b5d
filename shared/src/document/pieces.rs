//! The values of a document in small pieces.
//!
//! automerge keeps the values of what it reads in one piece. Each place at which something comes in amid it
//! cuts a piece in two, and the first part keeps the room of both (`Vec::split_off`): some hundred records amid
//! a large log would take gigabytes. Pieces that were cut before, from behind, do not grow so. The library
//! cuts only where something is written, so something is, and all of it is taken back.

use automerge::transaction::Transactable;
use automerge::{AutoCommit, AutomergeError, ObjId, ObjType, Prop, ROOT, ReadDoc, ScalarValueRef, ValueRef};

/// Bytes of values after which a piece is cut.
const PIECE: usize = 8 * 1024;

/// Bytes of a letter, and at most of a number.
const LETTER: usize = 3;
const NUMBER: usize = 8;

/// Cuts the values of a document into small pieces; nothing that it says is changed.
///
/// # Errors
/// [`AutomergeError`] when something cannot be written; the document says what it said then, too.
pub(super) fn cut(doc: &mut AutoCommit) -> Result<(), AutomergeError> {
    let places = places(doc);
    let cut = places.into_iter().rev().try_for_each(|(object, kind, place)| match place {
        // Stands right behind.
        Prop::Map(key) => doc.put(&object, format!("{key}\0"), 1_u64),
        Prop::Seq(index) if kind == ObjType::Text => doc.splice_text(&object, index, 0, " "),
        Prop::Seq(index) => doc.insert(&object, index, 1_u64),
    });
    doc.rollback();
    cut
}

/// The ends of pieces, in the order in which automerge keeps the values: by objects, in each by keys.
fn places(doc: &AutoCommit) -> Vec<(ObjId, ObjType, Prop)> {
    let mut objects = vec![(ROOT, ObjType::Map)];
    let mut next = 0;
    while let Some((object, kind)) = objects.get(next).cloned() {
        next += 1;
        match kind {
            ObjType::Map | ObjType::Table => {
                let inner = doc.map_range(&object, ..).filter_map(|item| match item.value {
                    ValueRef::Object(kind) => Some((item.id(), kind)),
                    ValueRef::Scalar(_) => None,
                });
                objects.extend(inner);
            }
            ObjType::List => {
                let inner = doc.list_range(&object, ..).filter_map(|item| match item.value {
                    ValueRef::Object(kind) => Some((item.id(), kind)),
                    ValueRef::Scalar(_) => None,
                });
                objects.extend(inner);
            }
            ObjType::Text => {}
        }
    }
    objects.sort_by(|(one, _), (other, _)| one.cmp(other));
    let (mut places, mut bytes) = (Vec::new(), 0);
    let mut is_full = |more: usize| {
        bytes += more;
        let full = bytes >= PIECE;
        bytes = if full { 0 } else { bytes };
        full
    };
    for (object, kind) in objects {
        let mut at = |place| places.push((object.clone(), kind, place));
        match kind {
            ObjType::Map | ObjType::Table => doc.map_range(&object, ..).for_each(|item| {
                if is_full(size(&item.value)) {
                    at(Prop::Map(item.key.into_owned()));
                }
            }),
            ObjType::List => doc.list_range(&object, ..).for_each(|item| {
                if is_full(size(&item.value)) {
                    at(Prop::Seq(item.index + 1));
                }
            }),
            ObjType::Text => (0..doc.length(&object)).filter(|_| is_full(LETTER)).for_each(|index| {
                at(Prop::Seq(index + 1));
            }),
        }
    }
    places
}

fn size(value: &ValueRef<'_>) -> usize {
    match value {
        ValueRef::Scalar(ScalarValueRef::Str(words)) => words.len(),
        ValueRef::Scalar(ScalarValueRef::Bytes(bytes)) => bytes.len(),
        ValueRef::Scalar(_) => NUMBER,
        ValueRef::Object(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::{ActorId, ScalarValue};

    /// A document with maps, lists and texts, of some hundred kilobytes.
    fn large() -> AutoCommit {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([1_u8; 16]));
        let map = doc.put_object(ROOT, "map", ObjType::Map).expect("a map");
        for number in 0..500_u32 {
            doc.put(&map, format!("{number:03}"), "字".repeat(30)).expect("a value");
            if number % 100 == 0 {
                doc.commit();
                let list = doc.put_object(&map, format!("{number:03} list"), ObjType::List).expect("a list");
                for place in 0..50 {
                    doc.insert(&list, place, ScalarValue::Bytes(vec![7; 400])).expect("a value");
                }
                let text = doc.put_object(&map, format!("{number:03} text"), ObjType::Text).expect("a text");
                doc.splice_text(&text, 0, 0, &"一二三四五".repeat(1_000)).expect("letters");
                doc.splice_text(&text, 1_000, 100, "六").expect("letters");
            }
        }
        doc.commit();
        doc
    }

    #[test]
    fn a_document_in_pieces_says_the_same_and_goes_on_the_same() {
        let mut whole = large();
        let mut cut_up = AutoCommit::load(&whole.save()).expect("a document");
        assert!(places(&cut_up).len() > 20);
        let before = cut_up.hydrate(ROOT, None).expect("read");
        cut(&mut cut_up).expect("cut");
        cut(&mut cut_up).expect("cut again");
        assert_eq!(
            (cut_up.hydrate(ROOT, None).expect("read"), cut_up.get_heads()),
            (before, whole.get_heads())
        );
        assert_eq!(cut_up.save(), whole.save());
        let mut other = whole.fork().with_actor(ActorId::from([2_u8; 16]));
        let (_, map) = other.get(ROOT, "map").expect("read").expect("a map");
        for number in 0..500_u32 {
            other.put(&map, format!("{number:03} more"), u64::from(number)).expect("a value");
        }
        let (_, text) = other.get(&map, "100 text").expect("read").expect("a text");
        for place in 0..100 {
            other.splice_text(&text, place * 40, 1, "七").expect("a letter");
        }
        let changes = other.get_changes(&whole.get_heads());
        cut_up.apply_changes(changes).expect("applied");
        assert_eq!(
            (cut_up.hydrate(ROOT, None).expect("read"), cut_up.get_heads()),
            (other.hydrate(ROOT, None).expect("read"), other.get_heads())
        );
        assert_eq!(
            AutoCommit::load(&cut_up.save()).expect("saved").hydrate(ROOT, None).expect("read"),
            other.hydrate(ROOT, None).expect("read")
        );
    }
}
