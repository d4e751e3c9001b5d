use super::*;
use proptest::prelude::*;

/// Values of which a model is a list, spliced as automerge does: whole ones.
#[derive(Debug, Clone)]
struct Act {
    at: usize,
    taken: usize,
    values: Vec<usize>,
}

fn act() -> impl Strategy<Value = Act> {
    let values = prop::collection::vec(prop_oneof![4 => 0..40_usize, 1 => 0..9_000_usize], 0..12);
    (any::<prop::sample::Index>(), 0..4_usize, values).prop_map(|(at, taken, values)| Act {
        at: at.index(1 << 20),
        taken,
        values,
    })
}

fn check(arena: &RawColumn, model: &[Vec<u8>]) {
    assert_eq!(arena.save(), model.concat());
    assert_eq!((arena.len(), arena.is_empty()), (model.concat().len(), model.concat().is_empty()));
    for group in &arena.groups {
        assert_eq!(group.length, group.pieces.iter().map(Bytes::len).sum::<usize>());
        assert!(
            group.pieces.iter().all(|piece| !piece.is_empty()) && (1..=GROUP).contains(&group.pieces.len())
        );
    }
    let (mut all, mut at) = (arena.iter(), 0);
    for (number, value) in model.iter().enumerate() {
        assert_eq!(all.pos(), at);
        assert_eq!(all.take(value.len()), value);
        if number % 7 == 0 {
            assert_eq!(arena.iter_at(at).take(value.len()), value);
        }
        at += value.len();
    }
    let (mut some, mut at) = (arena.iter(), 0);
    for (number, value) in model.iter().enumerate() {
        if number % 5 == 3 {
            some.seek_to(at);
            assert_eq!(some.take(value.len()), value);
        }
        at += value.len();
    }
    some.seek_to(at);
    assert_eq!(some.pos(), arena.len());
    assert_eq!(arena.iter_at(arena.len()).take(0), b"");
}

proptest! {
    #[test]
    fn it_holds_what_was_put_in(acts in prop::collection::vec(act(), 1..60), stored in 0..3_usize) {
        let mut model: Vec<Vec<u8>> = (0..stored * 50).map(|value| vec![value as u8; 300]).collect();
        let mut arena = RawColumn::load(&model.concat()).expect("loads");
        for (number, act) in acts.into_iter().enumerate() {
            let at = act.at % (model.len() + 1);
            let taken = act.taken.min(model.len() - at);
            let start = model[..at].concat().len();
            let gone = model[at..at + taken].concat().len();
            let values: Vec<_> = act.values.iter().map(|length| vec![number as u8; *length]).collect();
            arena.splice(start, gone, &values);
            model.splice(at..at + taken, values);
        }
        check(&arena, &model);
        let again = RawColumn::load(&arena.save()).expect("loads");
        check(&again, &model);
    }
}

/// Bytes of memory that its pieces keep: each stretch of what was loaded once, however it was cut.
fn pieces(arena: &RawColumn) -> usize {
    arena.groups.iter().map(|group| group.pieces.len()).sum()
}

#[test]
fn many_small_values_are_kept_in_few_pieces() {
    let mut arena = RawColumn::new();
    for number in 0..20_000_usize {
        arena.splice_slice((number * 7_919) % (number + 1) * 3, 0, &[1, 2, 3]);
    }
    assert_eq!(arena.len(), 60_000);
    assert!(pieces(&arena) <= 2 * 60_000 / PIECE + 2, "{}", pieces(&arena));
}

#[test]
fn a_cut_copies_nothing_of_what_is_large() {
    let large = vec![7; 1 << 20];
    let mut arena = RawColumn::load(&large).expect("loads");
    let start = arena.groups[0].pieces[0].as_ptr() as usize;
    for number in 0..100 {
        arena.splice_slice(number * 10_001, 0, &[9]);
    }
    let shared = start..start + large.len();
    let copied = arena.groups.iter().flat_map(|group| &group.pieces);
    let copied = copied.filter(|piece| !shared.contains(&(piece.as_ptr() as usize))).map(Bytes::len);
    assert!(copied.sum::<usize>() < 1_000);
    assert_eq!(arena.len(), large.len() + 100);
}

#[test]
fn what_is_long_is_passed_by_groups() {
    let mut arena = RawColumn::new();
    for _ in 0..3 * GROUP {
        arena.splice_slice(arena.len(), 0, &vec![1; PIECE]);
    }
    assert!(arena.groups.len() > 3);
    let mut reader = arena.iter();
    reader.seek_to(2 * GROUP * PIECE);
    assert_eq!(reader.take(PIECE).len(), PIECE);
    arena.splice_slice(PIECE, GROUP * PIECE, &[]);
    assert_eq!((arena.len(), arena.iter_at(arena.len()).pos()), (2 * GROUP * PIECE, 2 * GROUP * PIECE));
}

#[test]
#[should_panic(expected = "out of the values")]
fn nothing_is_put_in_behind_the_end() {
    RawColumn::load(b"abc").expect("loads").splice_slice(4, 0, b"d");
}

#[test]
#[should_panic(expected = "no value of 3 bytes stands at 2")]
fn no_value_is_read_beyond_the_end() {
    let arena = RawColumn::load(b"abcd").expect("loads");
    arena.iter_at(2).take(3);
}
