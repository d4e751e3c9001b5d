//! Changes that stand under one number of their author, though they differ: programs before this version let
//! two processes over one database take one each.

use automerge::{ActorId, AutoCommit, Change, ChangeHash};
use std::collections::{BTreeSet, HashMap};

/// Those of some changes, in the order in which they were stored, that go on from what the document has; and the
/// hashes of the others, which stand second under their number or rest on one that does.
pub(super) fn firsts(doc: &mut AutoCommit, changes: Vec<Change>) -> (Vec<Change>, BTreeSet<[u8; 32]>) {
    let mut last: HashMap<ActorId, u64> = HashMap::new();
    for change in doc.get_changes_meta(&[]) {
        let number = last.entry(change.actor.into_owned()).or_default();
        *number = change.seq.max(*number);
    }
    let (mut taken, mut out) = (Vec::new(), BTreeSet::new());
    // Nobody writes upon a change before it is stored: what rests on another one stands behind it.
    for change in changes {
        if doc.get_change_meta_by_hash(&change.hash()).is_some() {
            continue;
        }
        let number = last.entry(change.actor_id().clone()).or_default();
        let rests_on_one = change.deps().iter().any(|ChangeHash(hash)| out.contains(hash));
        if rests_on_one || change.seq() != *number + 1 {
            out.insert(change.hash().0);
            continue;
        }
        *number += 1;
        taken.push(change);
    }
    (taken, out)
}

#[cfg(test)]
mod tests {
    use crate::document::{Chunk, Document, DocumentError, Kind, Stamp};
    use crate::edit::{BoardField, Edit};

    fn titled(document: &mut Document, title: &str) -> Chunk {
        let edit = Edit::SetBoardField { field: BoardField::Title, value: title.to_owned() };
        document.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change")
    }

    fn load(stored: &[&Chunk]) -> Document {
        let chunks = stored.iter().map(|chunk| chunk.bytes.as_slice());
        Document::load(Kind::Board, &[9; 16], chunks).expect("loads")
    }

    #[test]
    fn of_two_changes_under_one_number_the_first_is_taken_with_what_rests_on_it() {
        let [mut one, mut other] = [(); 2].map(|()| Document::new(Kind::Board, &[1; 16]));
        let before = titled(&mut one, "before");
        other.take_change(&before.bytes).expect("taken");
        let (first, second) = (titled(&mut one, "first"), titled(&mut other, "second"));
        assert_eq!((first.number, &first.actor), (second.number, &second.actor));
        // A colleague has written on each.
        let mut colleague = load(&[&before, &first]);
        let on_first = titled(&mut colleague, "on first");
        let mut colleague =
            Document::load(Kind::Board, &[8; 16], [&*before.bytes, &second.bytes]).expect("loads");
        let on_second = titled(&mut colleague, "on second");
        let stored = [&before, &first, &second, &on_second, &on_first];
        let chunks = stored.map(|chunk| chunk.bytes.as_slice());
        assert!(matches!(Document::load(Kind::Board, &[7; 16], chunks), Err(DocumentError::Twice)));
        let (mut read, left) = Document::load_stored(Kind::Board, &[7; 16], chunks).expect("read");
        assert_eq!(read.board().title, "on first");
        assert_eq!(left, [second.hash, on_second.hash].into());
        assert!(read.has_number(&[1; 16], 2) && !read.has_number(&[1; 16], 3));
        // It is the same beside a snapshot of what was taken.
        let snapshot = read.save();
        let chunks = [snapshot.as_slice()].into_iter().chain(chunks);
        let (mut again, left) = Document::load_stored(Kind::Board, &[7; 16], chunks).expect("read");
        assert_eq!((again.heads(), left.len()), (read.heads(), 2));
    }
}
