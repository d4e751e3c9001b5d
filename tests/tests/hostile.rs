//! Small messages cost little memory, whatever their runs say. Counted by the allocator, for all
//! threads together, so these tests go one after the other.

use automerge::sync::{ChunkList, MessageVersion};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tongban_fuzz::hostile::{Change, Whole, chain, chunk};
use tongban_fuzz::mutate::Chance;
use tongban_shared::document::chunk::{Budget, MAX_DOCUMENT_OPERATIONS, MAX_OPERATIONS, Unfit};
use tongban_shared::document::{Document, DocumentError, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit};
use tongban_shared::id::DocumentId;
use tongban_shared::sync::frame::{Frame, ServerWord};
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::sync::room::{ConnectionId, NEARLY_FULL, Outgoing, Rights, Room};
use tongban_shared::sync::{Dialect, RefusalCode};

/// Counts what is held and the most that ever was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator; only numbers are kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the layout is the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: it was allocated above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> MutexGuard<'static, ()> {
    // The standard one reads the program's symbols for a backtrace, which would be counted.
    std::panic::set_hook(Box::new(|why| eprintln!("{why}")));
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Memory that an act needs at its height, in MiB.
fn cost<T>(act: impl FnOnce() -> T) -> (T, f64) {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let done = act();
    let most = MOST.load(Ordering::Relaxed).saturating_sub(before);
    (done, most as f64 / f64::from(1 << 20))
}

/// The most that a message may cost, in MiB.
const BOUND: f64 = 64.0;

const ID: DocumentId = DocumentId::from_bytes([5; 16]);

fn may() -> Rights {
    Rights { write: true, ..Rights::default() }
}

fn room() -> Room {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    room.join(ConnectionId(1), Dialect::Tongban, may());
    room
}

/// A sync message that brings chunks.
fn message(chunks: Vec<Vec<u8>>) -> Vec<u8> {
    let changes = ChunkList::from(chunks);
    let (heads, need, have) = (Vec::new(), Vec::new(), Vec::new());
    automerge::sync::Message { heads, need, have, changes, flags: None, version: MessageVersion::V2 }.encode()
}

/// The answer of a room that has nothing new after it.
fn refused(room: &mut Room, chunks: Vec<Vec<u8>>) -> Option<RefusalCode> {
    room.receive(ConnectionId(1), &message(chunks), false).expect("the connection goes on");
    assert!(room.unsaved().is_empty(), "nothing of it is taken");
    room.flush().into_iter().find_map(|(_, outgoing)| match outgoing {
        Outgoing::Refused { why, .. } => Some(why.code),
        _ => None,
    })
}

#[test]
fn a_document_of_a_hundred_bytes_is_counted_before_it_is_read() {
    let _turn = turn();
    for operations in [1_000_000, 10_000_000, 1 << 32, 1 << 60] {
        let whole = Whole::of(operations).sealed();
        assert!(whole.len() < 250, "{} bytes", whole.len());
        let mut room = room();
        let (said, most) = cost(|| refused(&mut room, vec![whole.clone()]));
        assert!(said.is_some() && most < BOUND, "{operations} operations: {said:?}, {most:.1} MiB");
        // By a stick, in a store and as a device's own.
        let (taken, most) = cost(|| room.take_in(std::slice::from_ref(&whole), &may()).expect("goes on"));
        assert!(taken.refused.len() == 1 && most < BOUND, "{most:.1} MiB");
        if operations > MAX_DOCUMENT_OPERATIONS {
            let (read, most) = cost(|| Document::load(Kind::Board, &[1; 16], [whole.as_slice()]).is_err());
            assert!(read && most < BOUND, "{most:.1} MiB");
        }
    }
}

#[test]
fn a_change_of_a_hundred_bytes_is_counted_before_it_is_read() {
    let _turn = turn();
    for operations in [20_000_000, 80_000_000, 1 << 60] {
        let change = Change::of(operations);
        let (plain, packed) = (change.sealed().0, change.packed());
        assert!(plain.len() < 120, "{} bytes", plain.len());
        for bytes in [plain, packed] {
            let mut room = room();
            let (said, most) = cost(|| refused(&mut room, vec![bytes.clone()]));
            assert!(said.is_some() && most < BOUND, "{operations} operations: {said:?}, {most:.1} MiB");
            let mut device = Document::new(Kind::Board, &[1; 16]);
            let (read, most) = cost(|| device.apply(&bytes).is_err() && device.take_change(&bytes).is_err());
            assert!(read && most < BOUND, "{most:.1} MiB");
        }
    }
}

/// As much as a small message may say: taken, and within the bound.
#[test]
fn the_most_that_a_small_message_may_say_stays_within_the_bound() {
    let _turn = turn();
    let (mut least, mut most) = (1, MAX_OPERATIONS);
    while least + 1 < most {
        let middle = u64::midpoint(least, most);
        let bytes = Change::of(middle).sealed().0;
        let fits = Budget::of(bytes.len()).spend(&bytes).is_ok();
        *(if fits { &mut least } else { &mut most }) = middle;
    }
    assert!(least > 100_000, "a text of the greatest length may be deleted: {least}");
    for (bytes, name) in
        [(Change::of(least).sealed().0, "change"), (Whole::of(least - 1000).sealed(), "document")]
    {
        let mut room = room();
        let ((), most) = cost(|| {
            room.receive(ConnectionId(1), &message(vec![bytes]), false).expect("goes on");
            assert_eq!(room.unsaved().len(), 1, "taken");
            room.flush();
        });
        assert!(most < BOUND, "{name} of {least} operations: {most:.1} MiB");
    }
    let mut room = room();
    assert_eq!(refused(&mut room, vec![Change::of(least + 1000).sealed().0]), Some(RefusalCode::TooLarge));
}

/// Message by message, the whole is bounded: by what is stored, also after the room was loaded anew.
#[test]
fn a_document_is_bounded_by_what_is_stored_of_it() {
    let _turn = turn();
    let all = chain(12, 100_000);
    let mut stored = Vec::new();
    let mut told = Vec::new();
    let mut used = Vec::new();
    for change in all {
        let loaded = Document::load(Kind::Board, &[9; 16], stored.iter().map(Vec::as_slice)).expect("loads");
        let mut room = Room::new(ID, loaded, None);
        room.join(ConnectionId(1), Dialect::Tongban, may());
        room.receive(ConnectionId(1), &message(vec![change]), false).expect("goes on");
        stored.extend(room.unsaved().into_iter().map(|chunk| chunk.bytes));
        let why = room.flush().into_iter().find_map(|(_, outgoing)| match outgoing {
            Outgoing::Refused { why, .. } => Some(why.code),
            _ => None,
        });
        told.push(why);
        used.push(room.used());
    }
    assert_eq!(used, [0, 0, 0, 0, 0, 0, 0, 80, 90, 90, 90, 90], "who leads is told from {NEARLY_FULL} on");
    let taken = told.iter().position(Option::is_some).expect("one too many");
    assert_eq!(taken as u64, MAX_DOCUMENT_OPERATIONS / 100_000 - 1, "what every board begins with counts");
    assert_eq!(told[taken], Some(RefusalCode::TooLarge));
}

/// Containers that are well made and hold hostile runs: whatever a room makes of them costs little.
#[test]
fn hostile_runs_cost_little_wherever_they_stand() {
    let _turn = turn();
    let count =
        std::env::var("TONGBAN_MUTATIONS").ok().and_then(|number| number.parse().ok()).unwrap_or(1000);
    let (mut taken, mut unfit) = (0, 0);
    for number in 0..count {
        let bytes = chunk(&mut Chance::new(number));
        let fits = Budget::of(bytes.len()).spend(&bytes);
        (taken, unfit) = if fits.is_ok() { (taken + 1, unfit) } else { (taken, unfit + 1) };
        let mut room = room();
        let (_, most) = cost(|| room.take_in(std::slice::from_ref(&bytes), &may()));
        let allowed = BOUND + 512.0 * bytes.len() as f64 / f64::from(1 << 20);
        assert!(most < allowed, "{number}: {most:.1} MiB for {} bytes, {fits:?}", bytes.len());
    }
    assert!(taken > count / 50 && unfit > count / 4, "both kinds: {taken} and {unfit} of {count}");
}

/// A server that is not what it seems costs a device, or another server's ferry, as little.
#[test]
fn what_a_server_sends_is_counted_before_a_device_reads_it() {
    let _turn = turn();
    let (sender, target) = ("server".to_owned(), "device".to_owned());
    let version = Dialect::Tongban.version().to_owned();
    let hello =
        Frame::Peer { sender: sender.clone(), target: target.clone(), version, about: ServerWord::default() };
    let vast = || vec![Change::of(1 << 60).sealed().0];
    let frames = [
        Frame::Sync { document: ID, sender, target, data: message(vec![Whole::of(1 << 40).sealed()]) },
        Frame::Changes { document: ID, changes: vast() },
    ];
    for frame in frames {
        let (mut link, mut device) = (Link::new("device"), Document::new(Kind::Board, &[1; 16]));
        link.receive(&hello.encode(), |_| None);
        let (effects, most) = cost(|| link.receive(&frame.encode(), |_| Some(&mut device)));
        assert!(
            matches!(effects.as_slice(), [Effect::Close(_)]) && most < BOUND,
            "{effects:?}, {most:.1} MiB"
        );
    }
    // Frame by frame, too.
    let (mut link, mut device) = (Link::new("device"), Document::new(Kind::Board, &[1; 16]));
    link.receive(&hello.encode(), |_| None);
    let closed = chain(24, 100_000).into_iter().position(|change| {
        let frame = Frame::Changes { document: ID, changes: vec![change] }.encode();
        link.receive(&frame, |_| Some(&mut device)).iter().any(|effect| matches!(effect, Effect::Close(_)))
    });
    assert_eq!(closed, Some(20));
}

/// Whatever a device writes, the server takes: an edit that would weigh too much is refused on the
/// device, and leaves everything as it was.
#[test]
fn an_edit_that_no_server_would_take_is_refused_where_it_is_made() {
    let _turn = turn();
    let mut device = Document::new(Kind::Board, &[1; 16]);
    let title = |value: String| Edit::SetBoardField { field: BoardField::Title, value };
    device.edit(&title("北岭市".to_owned()), &Stamp::default()).expect("an edit");
    let edits: Vec<Edit> = (0..110_000).map(|number| title(["甲", "乙"][number % 2].to_owned())).collect();
    let before = (device.heads(), device.board());
    let refused = device.edit_all(&edits, &Stamp::default());
    assert!(
        matches!(refused, Err(DocumentError::Unfit(Unfit::TooMany))),
        "{:?}",
        refused.map(|(_, one)| one)
    );
    assert_eq!((device.heads(), device.board()), before);
    let (_, chunk) = device.edit_all(&edits[..51_000], &Stamp::default()).expect("as many as fit");
    let taken =
        room().take_in(&[device.changes_since(&[])[1].bytes.clone(), chunk.expect("a change").bytes], &may());
    assert_eq!(taken.expect("goes on").new, 2);
}

#[test]
fn forty_changes_of_half_a_million_operations_are_not_taken_together() {
    let _turn = turn();
    let all = chain(40, 490_000);
    assert!(all.concat().len() < 6000);
    let (said, most) = cost(|| refused(&mut room(), all));
    assert!(said == Some(RefusalCode::TooLarge) && most < BOUND, "{said:?}, {most:.1} MiB");
}
