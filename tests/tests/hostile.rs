//! Small messages cost little memory, whatever their runs say. Counted by the allocator, for all
//! threads together, so these tests go one after the other.

#[path = "hostile/logs.rs"]
mod logs;
#[path = "hostile/rounds.rs"]
mod rounds;
#[path = "hostile/values.rs"]
mod values;
#[path = "hostile/waiting.rs"]
mod waiting;

use automerge::sync::{ChunkList, MessageVersion};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, ChangeHash, ObjType, ROOT};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tongban_fuzz::hostile::{self, Change, Whole, chain, chunk};
use tongban_fuzz::mutate::Chance;
use tongban_shared::document::chunk::{Budget, Unfit};
use tongban_shared::document::{Document, DocumentError, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit, TextPlace};
use tongban_shared::id::DocumentId;
use tongban_shared::limits::{CHANGE_OPERATIONS, DOCUMENT_OPERATIONS, SLICE};
use tongban_shared::sync::frame::{Frame, ServerWord};
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::sync::message::peak_of;
use tongban_shared::sync::room::{ConnectionId, NEARLY_FULL, Outgoing, Rights, Room};
use tongban_shared::sync::{Dialect, RefusalCode};

/// Counts what is held, the most that ever was, and all that was asked for.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
static ASKED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator; only numbers are kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        ASKED.fetch_add(layout.size(), Ordering::Relaxed);
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

/// The same, and all that it asked for: what is copied is asked for first.
fn work<T>(act: impl FnOnce() -> T) -> (T, f64, f64) {
    let before = ASKED.load(Ordering::Relaxed);
    let (done, most) = cost(act);
    (done, most, (ASKED.load(Ordering::Relaxed) - before) as f64 / f64::from(1 << 20))
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

/// Makes the connection of the room live.
fn be_level(room: &mut Room) {
    let level = message(Vec::new());
    let mut level = automerge::sync::Message::decode(&level).expect("a message");
    level.heads = room.document_mut().heads().into_iter().map(ChangeHash).collect();
    room.receive(ConnectionId(1), &level.encode(), false).expect("level");
    room.flush();
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
    assert!(room.unsaved().expect("as they came").is_empty(), "nothing of it is taken");
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
        if operations > DOCUMENT_OPERATIONS {
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

/// Lists of numbers are charged as they are made, and what was refused is charged too: else a frame of such
/// chunks is hours of counting.
#[test]
fn counting_costs_little_however_often_something_is_refused() {
    let _turn = turn();
    for length in [1_000_000, 11_000_000, 1 << 40] {
        let mut whole = Whole::of(1);
        let ones = || hostile::run(length, &hostile::signed(1));
        whole.changes = [0x03, 0x13, 0x40, 0x43].map(|column| (column, ones())).to_vec();
        let chunk = whole.sealed();
        assert!(chunk.len() < 200, "{} bytes", chunk.len());
        let frame = message(vec![chunk.clone(); 100]);
        let (peak, most) = cost(|| peak_of(&frame, u64::MAX));
        assert!(peak == Some(0) && most < BOUND, "{length} numbers: {most:.1} MiB");
        let mut room = room();
        let (said, most) = cost(|| refused(&mut room, vec![chunk.clone(); 100]));
        assert!(said.is_some() && most < BOUND, "{length} numbers: {most:.1} MiB");
        if length >= 1 << 32 {
            // Nothing of it was listed.
            continue;
        }
        // A reader that goes on behind a refusal comes to the end of the budget, not to the end of the chunks.
        let (mut budget, mut counted) = (Budget::foreign(), 0);
        while counted < 100 && !matches!(budget.spend(&chunk), Err(Unfit::TooMany | Unfit::TooLarge)) {
            counted += 1;
        }
        assert!(counted < 20, "{length} numbers were listed {counted} times");
    }
}

/// A tower of maps in each other would cost each reader the square of its height; a low one is taken.
#[test]
fn objects_are_made_within_each_other_to_a_depth_only() {
    let _turn = turn();
    let tower = |height: usize| {
        let mut device = Document::new(Kind::Board, &[1; 16]);
        let mut copy = AutoCommit::load(&device.save()).expect("loads").with_actor(ActorId::from([1; 16]));
        let mut at = ROOT;
        for _ in 0..height {
            at = copy.put_object(&at, "k", ObjType::Map).expect("a map");
        }
        copy.commit();
        copy.get_last_local_change().expect("a change").raw_bytes().to_vec()
    };
    let mut low = room();
    room_takes(&mut low, tower(8));
    for height in [9, 20_000] {
        let bytes = tower(height);
        assert!(bytes.len() < 200_000, "{} bytes", bytes.len());
        let mut room = room();
        let (said, most) = cost(|| refused(&mut room, vec![bytes.clone()]));
        assert!(said == Some(RefusalCode::Invalid) && most < BOUND, "{height} high: {said:?}, {most:.1} MiB");
    }
}

fn room_takes(room: &mut Room, bytes: Vec<u8>) {
    room.receive(ConnectionId(1), &message(vec![bytes]), false).expect("goes on");
    assert_eq!(room.unsaved().expect("as it came").len(), 1);
}

/// automerge panics over a change that is asked for twice, and heads were compared each with each.
#[test]
fn hashes_that_stand_twice_stop_nobody() {
    let mut room = room();
    room.join(ConnectionId(2), Dialect::Tongban, Rights::default());
    let mut device = Document::new(Kind::Board, &[1; 16]);
    let edit = Edit::SetBoardField { field: BoardField::Title, value: "医疗".to_owned() };
    let bytes = device.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change").bytes;
    room.take_in(&[bytes], &may()).expect("goes on");
    room.unsaved().expect("as it came");
    room.flush();
    let asked = |heads: Vec<ChangeHash>, need: Vec<ChangeHash>| {
        let (have, changes) = (Vec::new(), ChunkList::empty());
        let message =
            automerge::sync::Message { heads, need, have, changes, flags: None, version: MessageVersion::V2 };
        message.encode()
    };
    let head = ChangeHash(device.heads()[0]);
    room.receive(ConnectionId(2), &asked(Vec::new(), vec![head; 2]), false).expect("goes on");
    let answered =
        room.flush().into_iter().any(|(to, out)| to == ConnectionId(2) && matches!(out, Outgoing::Sync(_)));
    assert!(answered, "it is asked for once");

    let made_up = |count: u32| -> Vec<ChangeHash> {
        let hash = |number: u32| {
            let mut hash = [9; 32];
            hash[..4].copy_from_slice(&number.to_be_bytes());
            ChangeHash(hash)
        };
        (0..count).map(hash).collect()
    };
    for _ in 0..2 {
        room.receive(ConnectionId(2), &asked(made_up(65_000), Vec::new()), false).expect("goes on");
    }
    assert!(room.receive(ConnectionId(2), &asked(made_up(66_000), Vec::new()), false).is_err());
    assert!(room.receive(ConnectionId(2), &asked(Vec::new(), made_up(66_000)), false).is_err());
}

/// The most operations with which something made of them is still read.
fn most_of(made: impl Fn(u64) -> Vec<u8>) -> u64 {
    let (mut least, mut most) = (1, CHANGE_OPERATIONS);
    while least + 1 < most {
        let middle = u64::midpoint(least, most);
        let bytes = made(middle);
        let fits = Budget::foreign().spend(&bytes).is_ok();
        *(if fits { &mut least } else { &mut most }) = middle;
    }
    least
}

/// As much as a small message may say: taken, and within the bound.
#[test]
fn the_most_that_a_small_message_may_say_stays_within_the_bound() {
    let _turn = turn();
    let least = most_of(|operations| Change::of(operations).sealed().0);
    assert!(least > 100_000, "a text of the greatest length may be deleted: {least}");
    for (bytes, name) in
        [(Change::of(least).sealed().0, "change"), (Whole::of(least - 1000).sealed(), "document")]
    {
        let mut room = room();
        let ((), most) = cost(|| {
            room.receive(ConnectionId(1), &message(vec![bytes]), false).expect("goes on");
            assert_eq!(room.unsaved().expect("as they came").len(), 1, "taken");
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
        stored.extend(room.unsaved().expect("as they came").into_iter().map(|chunk| chunk.bytes));
        let why = room.flush().into_iter().find_map(|(_, outgoing)| match outgoing {
            Outgoing::Refused { why, .. } => Some(why.code),
            _ => None,
        });
        told.push(why);
        used.push(room.used());
    }
    assert_eq!(used, [0, 0, 0, 0, 0, 0, 0, 80, 90, 90, 90, 90], "who leads is told from {NEARLY_FULL} on");
    let taken = told.iter().position(Option::is_some).expect("one too many");
    assert_eq!(taken as u64, DOCUMENT_OPERATIONS / 100_000 - 1, "what every board begins with counts");
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
        let fits = Budget::foreign().spend(&bytes);
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
            matches!(effects.as_slice(), [Effect::Shut { document: ID, .. }, Effect::Send(_)])
                && most < BOUND,
            "{effects:?}, {most:.1} MiB"
        );
    }
    // Frame by frame, too.
    let (mut link, mut device) = (Link::new("device"), Document::new(Kind::Board, &[1; 16]));
    link.receive(&hello.encode(), |_| None);
    let shut = chain(24, 100_000).into_iter().position(|change| {
        let frame = Frame::Changes { document: ID, changes: vec![change] }.encode();
        let effects = link.receive(&frame, |_| Some(&mut device));
        effects.iter().any(|effect| matches!(effect, Effect::Shut { document: ID, .. }))
    });
    assert_eq!(shut, Some(20));
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

/// A change in which every operation does one thing: makes objects, deletes, counts up.
fn acting(action: u8, operations: u64) -> Vec<u8> {
    let mut change = Change::of(operations);
    change.columns[2].1 = hostile::run(operations, &[action]);
    change.sealed().0
}

/// The same, each operation upon one that is not there.
fn upon_nothing(action: u8, operations: u64) -> Vec<u8> {
    let mut change = Change::of(operations);
    change.columns[2].1 = hostile::run(operations, &[action]);
    change.columns[4].1 = hostile::run(operations, &[1]);
    change.columns.push((0x71, hostile::run(operations, &[0])));
    let places = [hostile::run(1, &hostile::signed(900_000)), hostile::run(operations - 1, &[1])];
    change
        .columns
        .push((0x73, places[..places.len().min(usize::try_from(operations).unwrap_or(2))].concat()));
    change.sealed().0
}

/// So many changes of one operation, one upon the other, or each for itself.
fn tiny(count: u64, together: bool) -> Vec<Vec<u8>> {
    if together {
        return chain(count, 1);
    }
    let actor = |number: u64| [&number.to_be_bytes()[..], &[7; 12]].concat();
    (0..count).map(|number| Change { actor: actor(number), ..Change::of(1) }.sealed().0).collect()
}

/// Every kind of message at its worst: its memory, as counted by the allocator, and the operations that
/// automerge was given. Times are printed, not asked for: they are those of whatever else goes on.
#[test]
fn every_kind_of_message_is_measured_at_its_worst() {
    let _turn = turn();
    let most = |action: u8| acting(action, most_of(|operations| acting(action, operations)));
    let wholes = most_of(|operations| Whole::of(operations).sealed());
    let deletions = most_of(|operations| upon_nothing(3, operations.max(2)));
    let mut uneven = Change::of(1 << 40);
    uneven.columns[2].1 = hostile::run(1 << 41, &[1]);
    let bomb = hostile::deflated(&vec![0; 64 << 20]);
    let bomb = [&[0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 2][..], &hostile::sized(&bomb)].concat();
    let kinds: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("a document of 2^31 operations", vec![Whole::of(1 << 31).sealed()]),
        ("a change of 2^60 operations", vec![Change::of(1 << 60).sealed().0]),
        ("forty changes of 490,000", chain(40, 490_000)),
        ("columns that disagree", vec![uneven.sealed().0]),
        ("64 MB of nothing, deflated", vec![bomb]),
        (
            "a number at the end of all",
            vec![Change { start: u64::from(u32::MAX), ..Change::of(1) }.sealed().0],
        ),
        ("the most puts", vec![most(1)]),
        ("the most maps", vec![most(0)]),
        ("the most lists", vec![most(2)]),
        ("the most texts", vec![most(4)]),
        ("deletions of nothing", vec![acting(3, 100_000)]),
        ("the most deletions of what is not there", vec![upon_nothing(3, deletions)]),
        ("the most as a document", vec![Whole::of(wholes).sealed()]),
        ("5,000 changes in a row", tiny(5000, true)),
        ("5,000 changes side by side", tiny(5000, false)),
    ];
    let mut dear = Vec::new();
    for (name, chunks) in kinds {
        let bytes: usize = chunks.iter().map(Vec::len).sum();
        let mut budget = Budget::foreign();
        let counted: Result<Vec<_>, _> = chunks.iter().map(|chunk| budget.spend(chunk)).collect();
        let operations: u64 = counted.iter().flatten().flatten().map(|(_, size)| size.operations).sum();
        let (kept, sync) = (chunks.clone(), message(chunks));
        for way in ["sync", "live", "file"] {
            let mut room = room();
            if way == "live" {
                be_level(&mut room);
            }
            let given = kept.clone();
            let begun = std::time::Instant::now();
            let (_, most) = cost(|| {
                match way {
                    "sync" => drop(room.receive(ConnectionId(1), &sync, false)),
                    "live" => drop(room.receive_changes(ConnectionId(1), given)),
                    _ => drop(room.take_in(&given, &may())),
                }
                room.unsaved().is_ok().then(|| room.flush())
            });
            let time = begun.elapsed().as_millis();
            eprintln!("{name}, {way}: {bytes} bytes, {operations} operations, {most:.1} MiB, {time} ms");
            let allowed = BOUND + 512.0 * bytes as f64 / f64::from(1 << 20);
            if most >= allowed {
                dear.push(format!("{name}, {way}: {most:.1} MiB of {allowed:.1}"));
            }
        }
    }
    assert!(dear.is_empty(), "{dear:#?}");
}
