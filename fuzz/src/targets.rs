//! The targets.

use crate::Target;
use crate::hostile;
use crate::library::lives_through;
use crate::mutate::Chance;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write};
use tongban_office::run;
use tongban_shared::adopt::adopt;
use tongban_shared::bundle::{self, CarriedFile};
use tongban_shared::document::chunk::Budget;
use tongban_shared::document::history::Reader;
use tongban_shared::document::{Document, Kind, change_header};
use tongban_shared::entry::Entry;
use tongban_shared::id::{BoardId, DocumentId, SpaceId, UnitId};
use tongban_shared::import;
use tongban_shared::model::Space;
use tongban_shared::office::Job;
use tongban_shared::sync::Dialect;
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::sync::room::{ConnectionId, ReceiveError, Rights, Room};
use tongban_shared::template;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Every target.
pub const TARGETS: [Target; 10] = [
    Target { name: "frames", run: frames },
    Target { name: "links", run: |bytes| lives_through(|| links(bytes)) },
    Target { name: "documents", run: |bytes| lives_through(|| documents(bytes)) },
    Target { name: "chunks", run: |bytes| lives_through(|| chunks(bytes)) },
    Target { name: "rooms", run: |bytes| lives_through(|| rooms(bytes)) },
    Target { name: "entries", run: entries },
    Target { name: "imports", run: imports },
    Target { name: "bundles", run: bundles },
    Target { name: "templates", run: templates },
    Target { name: "office", run: office },
];

const ID: DocumentId = DocumentId::from_bytes([5; 16]);

const KINDS: [Kind; 3] = [Kind::Space, Kind::Board, Kind::Log];

/// Pieces of an input: two bytes of length before each.
#[must_use]
pub fn pieces(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while let [high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (piece, after) = rest.split_at(length);
        found.push(piece);
        bytes = after;
    }
    found
}

/// A chunk of a document with its checksum made right: otherwise nothing behind it is ever read.
fn sealed(piece: &[u8]) -> Vec<u8> {
    let mut chunk = piece.to_vec();
    if chunk.len() > 9 && chunk.starts_with(&[0x85, 0x6f, 0x4a, 0x83]) {
        let sum = Sha256::digest(&chunk[8..]);
        chunk[4..8].copy_from_slice(&sum[..4]);
    }
    chunk
}

/// A frame that is read is written as one that reads the same.
fn frames(bytes: &[u8]) {
    if let Ok(frame) = Frame::decode(bytes) {
        assert_eq!(Frame::decode(&frame.encode()).as_ref(), Ok(&frame));
    }
}

/// A device takes whatever a server sends.
fn links(bytes: &[u8]) {
    let mut link = Link::new("device");
    let mut document = Document::new(Kind::Board, &[1; 16]);
    for piece in pieces(bytes) {
        let effects = link.receive(piece, |id| (id == ID).then_some(&mut document));
        if effects.iter().any(|effect| matches!(effect, Effect::Close(_) | Effect::Shut { .. })) {
            // The connection or the document is over, and what it had in memory with it.
            return;
        }
        link.poll(ID, &mut document);
    }
    let saved = document.save();
    assert!(Document::load(Kind::Board, &[2; 16], [saved.as_slice()]).is_ok());
}

/// A stored document is read whole or refused; what is read is saved and reads the same.
fn documents(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let kind = KINDS[usize::from(*first) % KINDS.len()];
    let chunks: Vec<Vec<u8>> = pieces(rest).into_iter().map(sealed).collect();
    for chunk in &chunks {
        let _ = change_header(chunk);
    }
    let Ok(mut document) = Document::load(kind, &[1; 16], chunks.iter().map(Vec::as_slice)) else { return };
    let (space, board, entries) = (document.space(), document.board(), document.entries());
    document.new_changes(&mut Reader::default(), i64::MIN, &[]);
    let saved = document.save();
    let mut again = Document::load(kind, &[2; 16], [saved.as_slice()]).expect("what was saved");
    assert_eq!(again.heads(), document.heads());
    assert_eq!((again.space(), again.board(), again.entries()), (space, board, entries));
}

/// The input chooses well-made containers with hostile runs: each is refused when it is counted, or weighs
/// no more than may be, and a room lives through it.
fn chunks(bytes: &[u8]) {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    for piece in bytes.chunks(8).take(2) {
        let mut seed = [0; 8];
        seed[..piece.len()].copy_from_slice(piece);
        let chunk = hostile::chunk(&mut Chance::new(u64::from_be_bytes(seed)));
        let counted = Budget::foreign().spend(&chunk).is_ok();
        let taken = room.take_in(&[chunk], &Rights { write: true, ..Rights::default() });
        assert!(counted || taken.is_ok_and(|taken| taken.new == 0));
    }
}

/// A room stays whole, or says that it must be loaded anew; what it commits, others can read.
fn rooms(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let (board, unit) = (BoardId::from_bytes([1; 16]), UnitId::from_bytes([2; 16]));
    let log = first & 1 == 1;
    let kind = if log { Kind::Log } else { Kind::Board };
    let mut room = Room::new(ID, Document::new(kind, &[99; 16]), log.then_some((board, unit)));
    let rights = Rights { write: true, own: first & 2 == 2, ..Rights::default() };
    let connection = ConnectionId(1);
    room.join(connection, Dialect::Tongban, rights.clone());
    let mut kept = Vec::new();
    for piece in pieces(rest) {
        let taken = match piece.split_first() {
            Some((0, message)) => room.receive(connection, message, false),
            Some((1, changes)) => room.receive_changes(connection, vec![sealed(changes)]),
            Some((_, change)) => room.take_in(&[sealed(change)], &rights).map(|_| ()),
            None => Ok(()),
        };
        if taken == Err(ReceiveError::Poison) {
            return;
        }
        let Ok(chunks) = room.unsaved() else { return };
        kept.extend(chunks);
        room.flush();
    }
    assert!(room.document().roots_intact());
    let chunks = kept.iter().map(|chunk| chunk.bytes.as_slice());
    let mut stranger = Document::load(kind, &[3; 16], chunks).expect("what was committed is read");
    assert_eq!(stranger.heads(), room.document_mut().heads());
}

/// An entry that is read is written as it was signed.
fn entries(bytes: &[u8]) {
    if let Ok(entry) = Entry::from_bytes(bytes) {
        let written = entry.to_bytes();
        let again = Entry::from_bytes(&written).expect("what was written");
        assert_eq!(again, entry);
        assert_eq!(again.canonical(), entry.canonical());
        let _ = (entry.has_own_id(), entry.files().len());
    }
}

/// Any text becomes a draft or an error, the same each time; a draft becomes a board.
fn imports(bytes: &[u8]) {
    let Ok(text) = import::text_of_bytes(bytes) else { return };
    let Ok(draft) = import::read(text) else { return };
    assert_eq!(import::read(text).as_ref(), Ok(&draft), "the same each time");
    let (space_id, space) = (SpaceId::from_bytes([7; 16]), Space::default());
    for (document, board) in
        draft.documents.iter().flat_map(|one| one.boards.iter().map(move |board| (one, board)))
    {
        if let Ok(made) = adopt(space_id, &space, document, board) {
            let items: usize = made.document.board().items.len();
            assert_eq!(items, board.items().count(), "every item of the draft is on the board");
        }
    }
}

/// A bundle is read whole or refused; what is read is written and reads the same.
fn bundles(bytes: &[u8]) {
    let _ = bundle::signer(bytes);
    let _ = CarriedFile::read(bytes, 1);
    let Ok(changes) = bundle::read(bytes) else { return };
    let _ = bundle::open(changes);
}

/// A template is taken or refused in words.
fn templates(bytes: &[u8]) {
    if let Ok(source) = std::str::from_utf8(bytes)
        && let Ok(template) = template::parse(source)
    {
        assert!(!template.id.is_empty());
    }
}

/// A file of a word processor or a spreadsheet program is read or refused in words. The first byte
/// says how: as a whole, or as the parts of a document, for behind the sums of a packed file nothing
/// is ever reached by chance.
fn office(bytes: &[u8]) {
    let Some((way, rest)) = bytes.split_first() else { return };
    let read = |name: &str, bytes: &[u8]| {
        let _ = run(&Job::Text { name: name.to_owned() }, bytes);
        let _ = run(&Job::Tables { name: name.to_owned() }, bytes);
    };
    match way % 4 {
        0 => read("a.docx", &packed(&pieces(rest))),
        1 => read("a.xlsx", rest),
        2 => read("a.csv", rest),
        _ => read("a.txt", rest),
    }
}

/// A document of a word processor with these parts.
fn packed(parts: &[&[u8]]) -> Vec<u8> {
    let mut file = ZipWriter::new(Cursor::new(Vec::new()));
    let names = ["word/document.xml", "word/numbering.xml", "word/styles.xml"];
    for (name, part) in names.iter().zip(parts) {
        // Writing to memory does not fail.
        let _ = file.start_file(*name, SimpleFileOptions::default());
        let _ = file.write_all(part);
    }
    file.finish().map(Cursor::into_inner).unwrap_or_default()
}
