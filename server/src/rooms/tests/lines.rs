//! Readers over slow lines, and the memory that is held for them.

use super::*;
use crate::shares::Held;
use tongban_shared::document::Document;
use tongban_shared::edit::ItemField;
use tongban_shared::id::ItemId;
use tongban_shared::sync::frame::{Frame, ServerWord};
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::sync::room::Written;
use tongban_shared::trust::Closing;

const PERSON: u8 = 40;
const STAMP: Stamp = Stamp { time: 0, by: String::new() };

/// A device that takes what waits for it when it is told to.
struct Device {
    outlet: Outlet,
    inbox: mpsc::Receiver<Bytes>,
    link: Link,
    document: Document,
    what: What,
    rooms: Rooms,
}

impl Device {
    async fn new(rooms: &Rooms, shares: &Shares, person: u8, what: What) -> Self {
        let (mut outlet, inbox) = outlet(person);
        outlet.weight = Arc::new(Weight::new(shares, Payer::Account(outlet.person)));
        let mut link = Link::new("device");
        let (version, about) = (Dialect::Tongban.version().to_owned(), ServerWord::default());
        let greets = Frame::Peer { sender: "server".into(), target: "device".into(), version, about };
        link.receive(&greets.encode(), |_| None);
        let rights = Rights { write: true, ..Rights::default() };
        rooms.join(what, outlet.clone(), rights).await;
        let document = Document::new(Kind::Board, &[person; 16]);
        let mut device = Self { outlet, inbox, link, document, what, rooms: rooms.clone() };
        device.poll().await;
        device
    }

    async fn poll(&mut self) {
        let effects = self.link.poll(self.rooms.id(self.what), &mut self.document);
        for effect in effects {
            let Effect::Send(bytes) = effect else { continue };
            let word = match Frame::decode(&bytes).expect("a frame") {
                Frame::Request { data, .. } => Word::Sync { data, anew: true },
                Frame::Sync { data, .. } => Word::Sync { data, anew: false },
                Frame::Changes { changes, .. } => Word::Changes(changes),
                other => panic!("{other:?}"),
            };
            self.rooms.message(self.what, self.outlet.clone(), word, None).await;
        }
    }

    /// Takes the next frame; how large it is.
    async fn take(&mut self) -> usize {
        let took = tokio::time::timeout(Duration::from_secs(60), self.inbox.recv()).await;
        let bytes = took.expect("in time").expect("a frame");
        self.outlet.weight.take_off(bytes.len());
        // A large one is looked at, and not read: a test has little memory.
        if bytes.len() < 1 << 20 {
            let document = &mut self.document;
            let effects = self.link.receive(&bytes, |_| Some(document));
            if effects.iter().any(|effect| matches!(effect, Effect::Respond(_))) {
                self.poll().await;
            }
        }
        bytes.len()
    }

    async fn until(&mut self, holds: impl Fn(&Self) -> bool) {
        while !holds(self) {
            self.take().await;
        }
    }
}

fn adds(number: u8) -> Edit {
    Edit::AddItem { id: ItemId::from_bytes([number; 16]), item: Box::default() }
}

/// Makes a board of some ten megabytes that nothing makes smaller; gives how large it is at the least.
pub(super) async fn make_large(rooms: &Rooms, what: What) -> usize {
    let (mut state, mut letters) = (1_u64, 0);
    rooms.edit(what, vec![adds(1)], STAMP).await.expect("an item");
    let edits = (0..43).map(|field| {
        let letter = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from_u32(0x4e00 + (state >> 33) as u32 % 0x5000).expect("a letter")
        };
        let value: String = std::iter::repeat_with(letter).take(99_000).collect();
        letters += 99_000;
        Edit::SetItemField {
            id: ItemId::from_bytes([1; 16]),
            field: ItemField::Custom(field.to_string()),
            value,
        }
    });
    let edits = edits.collect();
    rooms.edit(what, edits, STAMP).await.expect("within the bounds");
    // Each letter says some fourteen bits.
    letters * 7 / 4
}

/// More readers of a large board than there is memory for wait for each other; who is busy with another board
/// notices nothing, and nobody is closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_of_a_large_board_wait_for_room_and_nobody_is_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(100), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    let bytes = make_large(&rooms, board(1)).await;
    // Others have as much that there is room for one such answer, as two readers of six times as much would have.
    let others = [81, 82].map(|person| Payer::Account(PersonId::from_bytes([person; 16])));
    let others = others.map(|payer| shares.hold(&payer, Held::Outbox, 66 << 20).expect("there is room"));
    let mut slow = Vec::new();
    for person in 1..=4 {
        slow.push(Device::new(&rooms, &shares, person, board(1)).await);
    }
    let mut quick = [
        Device::new(&rooms, &shares, PERSON, board(2)).await,
        Device::new(&rooms, &shares, PERSON + 1, board(2)).await,
    ];
    let live = |device: &Device| format!("{:?}", device.link).contains("Live");
    for device in &mut quick {
        device.until(live).await;
    }
    // Time for as many answers as there is room for.
    let mut asked = 0;
    while slow.iter().any(|device| device.inbox.is_empty()) || asked < 8 {
        tokio::time::sleep(limits::ROOM_AGAIN).await;
        asked += 1;
        assert!(asked < 400, "each is told its rights");
    }
    for number in 1..=20 {
        let [writes, hears] = &mut quick;
        writes.document.edit(&adds(number), &STAMP).expect("an item");
        writes.poll().await;
        hears.until(|device| device.document.board().items.len() == usize::from(number)).await;
        writes.until(|device| device.inbox.is_empty()).await;
    }
    let (mut left, mut had) = (slow.len(), vec![false; slow.len()]);
    let begun = std::time::Instant::now();
    while left > 0 {
        assert!(begun.elapsed() < Duration::from_secs(120), "{left} wait in vain");
        for (device, had) in slow.iter_mut().zip(&mut had).filter(|(_, had)| !**had) {
            if !device.inbox.is_empty() && device.take().await > bytes {
                (*had, left) = (true, left - 1);
            }
            let closed = device.outlet.cancel.is_cancelled();
            assert!(!closed, "closed for lack of room: {:?}", device.outlet.closing.get());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    drop(others);
    assert!(quick.iter().chain(&slow).all(|device| device.outlet.closing.get().is_none()));
}

/// Everything that is heavy waits for this to end.
async fn all_memory(rooms: &Rooms) -> Vec<Option<judging::Turn>> {
    let mut all = vec![rooms.inner.memory.of(u64::MAX).await];
    while let Some(small) = rooms.inner.memory.now(limits::LIGHT) {
        all.push(Some(small));
    }
    all
}

/// A change of so many operations, whose bytes are few.
fn heavy(actor: u8) -> Change {
    Change { actor: vec![actor; 16], ..Change::of(20_000) }
}

/// A connection that may write, and its share.
async fn writer(rooms: &Rooms, shares: &Shares, person: u8) -> (Outlet, mpsc::Receiver<Bytes>) {
    let (mut outlet, inbox) = outlet(person);
    outlet.weight = Arc::new(Weight::new(shares, Payer::Account(outlet.person)));
    rooms.join(board(1), outlet.clone(), Rights { write: true, ..Rights::default() }).await;
    (outlet, inbox)
}

/// Waits until an account has written in the board.
async fn until_written(rooms: &Rooms, outlet: &Outlet) -> bool {
    let written = async {
        while outlet.weight.left_to_write(rooms.id(board(1)), 1).operations == limits::WRITTEN_OPERATIONS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), written).await.is_ok()
}

#[tokio::test]
async fn a_room_goes_on_while_something_heavy_waits_for_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    let (one, _at_one) = writer(&rooms, &shares, 1).await;
    let (two, _at_two) = writer(&rooms, &shares, 2).await;
    let (three, _at_three) = writer(&rooms, &shares, 3).await;
    // One of its changes waits for a small one of somebody else.
    let first = Change { actor: vec![2; 16], ..Change::of(1) };
    let waits = Change { ancestors: vec![first.sealed().1], start: 2, ..heavy(1) };
    rooms.message(board(1), one.clone(), brings(&waits), None).await;
    let taken = all_memory(&rooms).await;
    let waiting = tokio::spawn({
        let (rooms, three) = (rooms.clone(), three.clone());
        async move { rooms.message(board(1), three, brings(&heavy(3)), None).await }
    });
    tokio::task::yield_now().await;
    rooms.message(board(1), two.clone(), brings(&first), None).await;
    assert!(until_written(&rooms, &two).await, "the room stands for memory");
    assert!(three.weight.left_to_write(rooms.id(board(1)), 1).operations == limits::WRITTEN_OPERATIONS);
    drop(taken);
    assert!(until_written(&rooms, &one).await, "what waited comes in when there is memory");
    assert!(until_written(&rooms, &three).await);
    waiting.await.expect("it ends");
    assert!([one, two, three].iter().all(|outlet| !outlet.cancel.is_cancelled()));
}

/// A room that is read anew, and may take all memory for that, waits for nothing that stands behind itself.
#[tokio::test]
async fn heavy_words_hold_no_memory_before_their_room_takes_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    let live = |device: &Device| format!("{:?}", device.link).contains("Live");
    let mut devices = Vec::new();
    for person in 1..=3 {
        let mut device = Device::new(&rooms, &shares, person, board(1)).await;
        device.until(live).await;
        devices.push(device);
    }
    let (other, _at_other) = writer(&rooms, &shares, 4).await;
    // The room stands in a commit.
    store.writes.forget_permits(usize::MAX);
    rooms.message(board(1), other, brings(&Change { actor: vec![4; 16], ..Change::of(1) }), None).await;
    while store.writing.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for Device { outlet, .. } in &devices {
        let change = heavy(outlet.person.bytes()[0]).sealed().0;
        rooms.message(board(1), outlet.clone(), Word::Changes(vec![change]), None).await;
    }
    let all = rooms.inner.memory.now(u64::MAX);
    assert!(all.is_some(), "what waits in the inbox has taken memory");
    drop(all);
    let taken = all_memory(&rooms).await;
    // It is loaded anew while they wait.
    let (bad, _at_bad) = outlet(9);
    rooms.join(board(1), bad.clone(), Rights { write: true, ..Rights::default() }).await;
    rooms.message(board(1), bad.clone(), spoiling(), None).await;
    store.writes.add_permits(100);
    tokio::time::timeout(Duration::from_secs(30), bad.cancel.cancelled()).await.expect("it is spoilt");
    drop(taken);
    // They are brought level anew, by which their words come again.
    let (last, _at_last) = writer(&rooms, &shares, 5).await;
    rooms.message(board(1), last.clone(), brings(&heavy(5)), None).await;
    assert!(until_written(&rooms, &last).await, "the room goes on");
    assert!(devices.iter().all(|device| !device.outlet.cancel.is_cancelled()));
}

#[tokio::test]
async fn a_word_that_finds_no_memory_in_time_is_sent_away_and_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    let (one, _at_one) = writer(&rooms, &shares, 1).await;
    let _taken = all_memory(&rooms).await;
    rooms.message(board(1), one.clone(), brings(&heavy(1)), None).await;
    let closed = tokio::time::timeout(limits::ROOM_WAIT * 2, one.cancel.cancelled()).await;
    assert!(closed.is_ok(), "it waits without an end");
    // Not blamed for it: only many within an hour are told.
    assert_eq!(one.closing.get(), Some(&Closing::NoRoom));
    assert!(one.cancel.is_cancelled() && Closing::NoRoom.is_everyday());
}

#[tokio::test]
async fn what_another_process_releases_is_put_down_to_who_sent_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    let (one, _at_one) = writer(&rooms, &shares, 1).await;
    let first = Change { actor: vec![2; 16], ..Change::of(1) };
    let (bytes, hash) = first.sealed();
    let waits = Change { ancestors: vec![hash], start: 2, ..heavy(1) };
    rooms.message(board(1), one.clone(), brings(&waits), None).await;
    assert!(rooms.board(BoardId::from_bytes([1; 16])).await.is_ok(), "it waits there");
    let document = rooms.id(board(1));
    let chunks = vec![tongban_shared::document::Chunk { hash, bytes, actor: vec![2; 16], number: 1 }];
    let total = Extent { bytes: 1, operations: 1 };
    store.append(Append { document, chunks, over_damage: false, total }).await.expect("stored");
    let taken = all_memory(&rooms).await;
    rooms.tell(board(1), ToRoom::Written(vec![hash])).await;
    // The room answers, and what is heavy waits for its memory by this road too.
    assert!(rooms.board(BoardId::from_bytes([1; 16])).await.is_ok());
    assert_eq!(one.weight.left_to_write(document, 1).operations, limits::WRITTEN_OPERATIONS);
    drop(taken);
    assert!(until_written(&rooms, &one).await, "nothing is put down to anybody");
}

#[tokio::test]
async fn a_share_that_ran_out_is_told_by_one_word_whatever_it_is_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    let (one, mut at_one) = writer(&rooms, &shares, 1).await;
    let written = Written { operations: limits::WRITTEN_OPERATIONS, ..Written::default() };
    one.weight.wrote(rooms.id(board(1)), written);
    rooms.message(board(1), one.clone(), brings(&Change::of(1)), None).await;
    assert!(rooms.board(BoardId::from_bytes([1; 16])).await.is_ok());
    let mut refused = false;
    while let Ok(bytes) = at_one.try_recv() {
        refused |= matches!(Frame::decode(&bytes), Ok(Frame::Refused { .. }));
    }
    assert!(refused, "its sender is told");
    rooms.inner.audit.settle().await;
    let told = rooms.inner.audit.newest(None, 10).await.expect("the trail");
    let words: Vec<_> = told.iter().map(|one| (&one["act"], &one["about"]["why"])).collect();
    assert_eq!(words, [(&"ran_out".into(), &"operations".into())], "{told:?}");
}

#[tokio::test]
async fn a_room_that_is_gone_is_told_from_one_that_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Slow::new(0);
    let rooms = rooms(&store, folder.path()).await;
    rooms.inner.stop.cancel();
    assert_eq!(rooms.board(BoardId::from_bytes([1; 16])).await, Err(DocumentError::Away));
}
