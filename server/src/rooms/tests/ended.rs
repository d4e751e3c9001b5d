//! Words that are on their way when the session or the role ends of whoever said them.

use super::*;
use crate::audit::Audit;
use crate::identity::{Identity, Maker, Standing};
use tongban_shared::access::AccountRole;

/// Accounts beside a store in which nothing is written before there is a permit.
struct Office {
    identity: Identity,
    audit: Audit,
    rooms: Rooms,
    store: Arc<Slow>,
    /// The ends at which frames come out.
    hears: std::sync::Mutex<Vec<mpsc::Receiver<Bytes>>>,
    _folder: tempfile::TempDir,
}

impl Office {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Slow::new(10);
        store.writes.forget_permits(usize::MAX);
        let rooms = rooms(&store, folder.path()).await;
        let database = Database::open(&Place::from(folder.path())).await.expect("a database");
        let audit = Audit::new(database.clone(), Key::from_seed(&[1; 32]));
        let identity = Identity::new(database, Key::from_seed(&[1; 32]), Shares::default(), 3600);
        Self { identity, audit, rooms, store, hears: std::sync::Mutex::default(), _folder: folder }
    }

    /// Somebody signs in and opens a board.
    async fn comes(&self, number: u8, board: What) -> (Outlet, String) {
        let unit = UnitId::from_bytes([1; 16]);
        let (login, role) = (format!("login{number}"), AccountRole::Editor);
        let made = self.identity.create(&login, "", unit, role, "tongban-demo").await;
        let account = made.expect("an account");
        let secret = self.identity.open_session(account.id, "").await.expect("a session");
        let visitor = self.identity.session(&secret).await.expect("asked").expect("signed in");
        let followed = self.identity.follow(&secret).await.expect("asked");
        let standing: Standing = self.identity.standing(&visitor, followed);
        let (outlet, hears) = outlet(number);
        self.hears.lock().expect("whole").push(hears);
        let outlet = Outlet { standing: Some(Arc::new(standing)), person: account.id, ..outlet };
        self.rooms.join(board, outlet.clone(), Rights { write: true, ..Rights::default() }).await;
        (outlet, secret)
    }

    async fn says(&self, outlet: &Outlet, what: What, change: &Change) {
        self.rooms.message(what, outlet.clone(), brings(change), None).await;
    }

    /// Changes of a board that are on the disk.
    async fn written(&self, number: u8) -> u64 {
        let id = DocumentId::board(BoardId::from_bytes([number; 16]));
        self.store.inner.loose_changes(id).await.expect("asked")
    }

    async fn until_writing(&self, count: usize) {
        while self.store.writing.load(Ordering::Relaxed) != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn change(author: u8) -> Change {
    Change { actor: vec![author; 16], ..Change::of(1) }
}

async fn shortly<T>(waits: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_millis(200), waits).await.ok()
}

#[tokio::test]
async fn nothing_is_committed_after_the_answer_that_ended_a_session() {
    let office = Office::new().await;
    let (outlet, secret) = office.comes(1, board(1)).await;
    office.says(&outlet, board(1), &change(1)).await;
    office.until_writing(1).await;
    // These wait in the queue of the room.
    for author in 2..9 {
        office.says(&outlet, board(1), &change(author)).await;
    }
    let mut ends = Box::pin(office.identity.sign_out(&secret));
    while outlet.stands() {
        assert!(shortly(&mut ends).await.is_none(), "the first is still being committed");
    }
    assert!(shortly(&mut ends).await.is_none(), "and it waits for that");
    office.store.writes.add_permits(100);
    ends.await.expect("ended");
    let at_the_answer = office.written(1).await;
    let cancelled = tokio::time::timeout(Duration::from_secs(5), outlet.cancel.cancelled()).await;
    assert!(cancelled.is_ok(), "its device is to come again");
    office.rooms.board(BoardId::from_bytes([1; 16])).await.expect("a board");
    assert_eq!((at_the_answer, office.written(1).await), (1, 1));
}

#[tokio::test]
async fn nothing_is_committed_of_a_role_that_ended_after_it_was_judged() {
    let office = Office::new().await;
    let (first, _) = office.comes(1, board(1)).await;
    let (_leaves, leaving) = office.comes(2, board(3)).await;
    let (moves, _) = office.comes(3, board(2)).await;
    office.says(&first, board(1), &change(1)).await;
    office.until_writing(1).await;
    // Somebody's session ends: whoever commits next waits until that is over, with what was judged.
    let mut ends = Box::pin(office.identity.sign_out(&leaving));
    assert!(shortly(&mut ends).await.is_none());
    office.says(&moves, board(2), &change(2)).await;
    assert!(shortly(office.rooms.board(BoardId::from_bytes([2; 16]))).await.is_none(), "it is judged");
    let unit = UnitId::from_bytes([1; 16]);
    let mut changes = Box::pin(office.identity.change(
        moves.person,
        (unit, AccountRole::Reader),
        (&office.audit, Maker::Machine),
    ));
    assert!(shortly(&mut changes).await.is_none());
    office.store.writes.add_permits(100);
    ends.await.expect("ended");
    changes.await.expect("changed");
    office.rooms.board(BoardId::from_bytes([2; 16])).await.expect("a board");
    assert_eq!((office.written(1).await, office.written(2).await), (1, 0));
    assert!(moves.cancel.is_cancelled(), "its device is to come again");
    assert!(!first.cancel.is_cancelled(), "and nobody else's");
}

#[tokio::test]
async fn an_end_that_somebody_else_has_told_is_answered_after_the_commit_all_the_same() {
    let office = Office::new().await;
    let (outlet, secret) = office.comes(1, board(1)).await;
    office.says(&outlet, board(1), &change(1)).await;
    office.until_writing(1).await;
    let mut first = Box::pin(office.identity.sign_out(&secret));
    assert!(shortly(&mut first).await.is_none(), "it is told, and the commit goes on");
    let mut again = Box::pin(office.identity.sign_out(&secret));
    assert!(shortly(&mut again).await.is_none(), "nothing new, and the commit goes on");
    office.store.writes.add_permits(100);
    first.await.expect("ended");
    again.await.expect("ended");
    assert_eq!(office.written(1).await, 1);
}

/// Words that bring nothing are of no account: nobody is sent away for them.
#[tokio::test]
async fn nobody_is_sent_away_when_a_session_ends_that_has_only_asked() {
    let office = Office::new().await;
    let (asks, secret) = office.comes(1, board(1)).await;
    let (colleague, _) = office.comes(2, board(1)).await;
    office.says(&colleague, board(1), &change(2)).await;
    office.until_writing(1).await;
    // Both wait in the queue of the room, and are of one round.
    office.rooms.message(board(1), asks, says(Vec::new()), None).await;
    office.says(&colleague, board(1), &change(3)).await;
    let mut ends = Box::pin(office.identity.sign_out(&secret));
    assert!(shortly(&mut ends).await.is_none());
    office.store.writes.add_permits(100);
    ends.await.expect("ended");
    office.rooms.board(BoardId::from_bytes([1; 16])).await.expect("a board");
    assert_eq!(office.written(1).await, 2, "the colleague's words are in");
    assert!(!colleague.cancel.is_cancelled());
}

/// A round is more than is written at once: sessions of others end meanwhile, too.
#[tokio::test]
async fn a_session_ends_between_two_portions_of_a_long_word() {
    let office = Office::new().await;
    let (outlet, secret) = office.comes(1, board(1)).await;
    let mut changes = vec![change(1)];
    for number in 2..=limits::COMMIT_ROWS as u64 + 20 {
        let ancestors = changes.last().map(|before| before.sealed().1).into_iter().collect();
        changes.push(Change { ancestors, sequence: number, start: number, ..change(1) });
    }
    office.rooms.message(board(1), outlet.clone(), brings_all(&changes), None).await;
    office.until_writing(1).await;
    let mut ends = Box::pin(office.identity.sign_out(&secret));
    // On a busy machine it takes a while until everybody has been told.
    while outlet.stands() {
        assert!(shortly(&mut ends).await.is_none(), "the first portion is still being written");
    }
    assert!(shortly(&mut ends).await.is_none(), "and it waits for that");
    office.store.writes.add_permits(1);
    ends.await.expect("ended");
    let at_the_answer = office.written(1).await;
    office.store.writes.add_permits(100);
    office.rooms.board(BoardId::from_bytes([1; 16])).await.expect("a board");
    let portion = limits::COMMIT_ROWS as u64;
    assert_eq!((at_the_answer, office.written(1).await), (portion, portion), "nothing behind the end");
}
