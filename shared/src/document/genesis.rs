//! The fixed first change of each kind of document.
//!
//! Two devices that each begin a document must begin the same one, or the containers of one would
//! hide those of the other. The bytes are files and never change; a test compares them with what
//! today's code would write.

use super::Kind;
use automerge::{AutoCommit, LoadOptions, ROOT, ReadDoc, Value};
use std::sync::LazyLock;

/// The bytes every document of a kind begins with.
#[must_use]
pub const fn bytes(kind: Kind) -> &'static [u8] {
    match kind {
        Kind::Space => include_bytes!("genesis/space.automerge"),
        Kind::Board => include_bytes!("genesis/board.automerge"),
        Kind::Log => include_bytes!("genesis/log.automerge"),
    }
}

/// Whether the first change of a kind wrote something under a key, which nothing may replace. A
/// space's name is a register that is written anew.
#[must_use]
pub fn is_fixed(kind: Kind, key: &str) -> bool {
    static KEYS: LazyLock<Vec<(Kind, Vec<String>)>> = LazyLock::new(|| {
        let keys = |kind| document(kind).keys(ROOT).collect();
        [Kind::Space, Kind::Board, Kind::Log].into_iter().map(|kind| (kind, keys(kind))).collect()
    });
    KEYS.iter().any(|(of, keys)| *of == kind && keys.iter().any(|fixed| fixed == key))
}

/// The kind of document that a change begins, if it is a first one.
#[must_use]
pub fn begun_by(hash: &[u8; 32]) -> Option<Kind> {
    [Kind::Space, Kind::Board, Kind::Log].into_iter().find(|kind| heads(*kind).contains(hash))
}

/// The heads of a document of a kind that says nothing yet.
pub(crate) fn heads(kind: Kind) -> &'static [[u8; 32]] {
    static FIRST: LazyLock<[Vec<[u8; 32]>; 3]> = LazyLock::new(|| {
        let heads = |kind| document(kind).get_heads().into_iter().map(|head| head.0).collect();
        [heads(Kind::Space), heads(Kind::Board), heads(Kind::Log)]
    });
    match kind {
        Kind::Space => &FIRST[0],
        Kind::Board => &FIRST[1],
        Kind::Log => &FIRST[2],
    }
}

/// The document that holds the first change only.
pub(super) fn document(kind: Kind) -> AutoCommit {
    let loaded = AutoCommit::load_with_options(bytes(kind), LoadOptions::new());
    loaded.unwrap_or_else(|error| unreachable!("the bytes are part of the program: {error}"))
}

/// Whether everything that the first change wrote is in place, unchanged and undisputed.
pub(super) fn intact(kind: Kind, doc: &AutoCommit) -> bool {
    // Asked for every message that brings something: the first change is read once.
    static FIRST: LazyLock<[AutoCommit; 3]> =
        LazyLock::new(|| [document(Kind::Space), document(Kind::Board), document(Kind::Log)]);
    let first = match kind {
        Kind::Space => &FIRST[0],
        Kind::Board => &FIRST[1],
        Kind::Log => &FIRST[2],
    };
    first.keys(ROOT).all(|key| {
        let (Ok(begun), Ok(now)) = (first.get_all(ROOT, key.as_str()), doc.get_all(ROOT, key.as_str()))
        else {
            return false;
        };
        match (&begun[..], &now[..]) {
            ([(Value::Object(_), one)], [(Value::Object(_), other)]) => one.to_string() == other.to_string(),
            ([(Value::Scalar(one), _)], [(Value::Scalar(other), _)]) => one == other,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::SCHEMA;
    use automerge::transaction::{CommitOptions, Transactable};
    use automerge::{ActorId, ObjType};

    fn written(kind: Kind) -> Vec<u8> {
        let mut doc = AutoCommit::new().with_actor(ActorId::from([0_u8; 16].as_slice()));
        doc.put(ROOT, "schema", SCHEMA).expect("a register");
        doc.put(ROOT, "kind", kind.name()).expect("a register");
        let (maps, texts): (&[&str], &[&str]) = match kind {
            Kind::Space => (&["units", "persons", "boards"], &[]),
            Kind::Board => (&["meta", "members", "sections", "items", "indicators", "links"], &["goal"]),
            Kind::Log => (&["entries"], &[]),
        };
        for name in maps {
            doc.put_object(ROOT, *name, ObjType::Map).expect("a map");
        }
        for name in texts {
            doc.put_object(ROOT, *name, ObjType::Text).expect("a text");
        }
        doc.commit_with(CommitOptions::default().with_time(0));
        doc.save_nocompress()
    }

    #[test]
    fn the_stored_bytes_hold_the_first_change_of_each_kind() {
        for kind in [Kind::Space, Kind::Board, Kind::Log] {
            let path =
                format!("{}/src/document/genesis/{}.automerge", env!("CARGO_MANIFEST_DIR"), kind.name());
            if std::env::var_os("TONGBAN_WRITE_GENESIS").is_some() {
                std::fs::write(&path, written(kind)).expect("written");
                continue;
            }
            let mut now = AutoCommit::load(&written(kind)).expect("loads");
            assert_eq!(document(kind).get_heads(), now.get_heads(), "{}", kind.name());
        }
    }
}
