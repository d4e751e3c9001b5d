//! Answers to connections that are brought level, and the turns of accounts that ask for many.

use super::*;
use tongban_shared::document::DocumentError;
use tongban_shared::edit::BoardField;

/// A word of a device that has nothing.
pub(super) fn asks() -> Word {
    use automerge::sync::SyncDoc;
    let mut state = automerge::sync::State::new();
    let message = automerge::Automerge::new().generate_sync_message(&mut state).expect("a first message");
    Word::Sync { data: message.encode(), anew: true }
}

fn title(letters: usize) -> Edit {
    let letter = |n: usize| char::from_u32(0x4e00 + (n * 7919 % 0x5000) as u32).expect("a letter");
    let value = (0..letters).map(letter).collect();
    Edit::SetBoardField { field: BoardField::Title, value }
}

const STAMP: Stamp = Stamp { time: 0, by: String::new() };

/// A connection of an account, one of several, with the share of that account.
async fn desk(
    rooms: &Rooms,
    shares: &Shares,
    (person, number): (u8, u64),
) -> (Outlet, mpsc::Receiver<Bytes>) {
    let (mut outlet, inbox) = outlet(person);
    outlet.id = ConnectionId(number);
    outlet.weight = Arc::new(Weight::new(shares, Payer::Account(outlet.person)));
    rooms.join(board(1), outlet.clone(), Rights { write: true, ..Rights::default() }).await;
    (outlet, inbox)
}

/// Takes what waits, and gives how many answers hold the document.
fn wholes(inbox: &mut mpsc::Receiver<Bytes>) -> usize {
    let mut count = 0;
    while let Ok(bytes) = inbox.try_recv() {
        count += usize::from(bytes.len() > 50_000);
    }
    count
}

async fn until_whole(inbox: &mut mpsc::Receiver<Bytes>) {
    let whole = async {
        while wholes(inbox) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), whole).await.expect("an answer in time");
}

/// Everything before it was taken, and an answer to it was made.
async fn settled(rooms: &Rooms) -> Result<(), DocumentError> {
    rooms.board(BoardId::from_bytes([1; 16])).await.map(|_| ())
}

#[tokio::test]
async fn an_edit_is_told_between_the_answers_to_one_who_asks_with_many_connections() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    rooms.edit(board(1), vec![title(90_000)], STAMP).await.expect("an edit");
    let mut many = Vec::new();
    for number in 1..=48 {
        many.push(desk(&rooms, &shares, (1, number)).await);
    }
    let (honest, mut told) = desk(&rooms, &shares, (2, 100)).await;
    settled(&rooms).await.expect("open");
    for (outlet, _) in &many {
        rooms.message(board(1), outlet.clone(), asks(), None).await;
    }
    rooms.message(board(1), honest.clone(), asks(), None).await;
    // The first answer to the colleague, who was sent nothing before.
    let mut mine = 0;
    while mine == 0 {
        tokio::task::yield_now().await;
        mine += wholes(&mut told);
    }
    let before: usize = many.iter_mut().map(|(_, inbox)| wholes(inbox)).sum();
    assert!(before <= 8, "{before} answers to one account come before that to another");
    let begun = std::time::Instant::now();
    let mut all = before;
    while all < 48 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{all} of 48");
        tokio::time::sleep(Duration::from_millis(20)).await;
        for (outlet, inbox) in &mut many {
            outlet.weight.take_off(outlet.weight.waits());
            all += wholes(inbox);
        }
    }
}

#[tokio::test]
async fn whoever_asks_again_is_answered_when_the_last_answer_was_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    rooms.edit(board(1), vec![title(90_000)], STAMP).await.expect("an edit");
    let (outlet, mut inbox) = desk(&rooms, &shares, (1, 1)).await;
    for _ in 0..10 {
        rooms.message(board(1), outlet.clone(), asks(), None).await;
        settled(&rooms).await.expect("open");
    }
    assert_eq!(wholes(&mut inbox), 1, "of ten, while none was taken");
    outlet.weight.take_off(outlet.weight.waits());
    tokio::time::sleep(limits::ROOM_AGAIN * 3).await;
    assert_eq!(wholes(&mut inbox), 1, "and one when it was");
}

#[tokio::test]
async fn an_account_has_one_large_answer_made_at_once_and_others_have_theirs_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    lines::make_large(&rooms, board(1)).await;
    let (one, mut at_one) = desk(&rooms, &shares, (1, 1)).await;
    let (two, mut at_two) = desk(&rooms, &shares, (2, 2)).await;
    settled(&rooms).await.expect("open");
    let turn = rooms.inner.turns.now(Some(one.person)).expect("a turn");
    for outlet in [&one, &two] {
        rooms.message(board(1), outlet.clone(), asks(), None).await;
    }
    until_whole(&mut at_two).await;
    tokio::time::sleep(limits::ROOM_AGAIN * 2).await;
    assert_eq!(wholes(&mut at_one), 0);
    drop(turn);
    until_whole(&mut at_one).await;
}

#[tokio::test]
async fn whoever_asks_too_often_stands_on_the_trail_and_waits() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, shares) = (Slow::new(10), Shares::default());
    let rooms = rooms(&store, folder.path()).await;
    rooms.edit(board(1), vec![title(90_000)], STAMP).await.expect("an edit");
    let (one, mut at_one) = desk(&rooms, &shares, (1, 1)).await;
    rooms.message(board(1), one.clone(), asks(), None).await;
    settled(&rooms).await.expect("open");
    assert_eq!(wholes(&mut at_one), 1);
    one.weight.take_off(one.weight.waits());
    assert!(shares.costs().iter().any(|cost| cost.bytes > 0), "it is put down to the account");
    one.weight.answered(limits::ANSWERED);
    for _ in 0..10 {
        rooms.message(board(1), one.clone(), asks(), None).await;
        settled(&rooms).await.expect("open");
    }
    tokio::time::sleep(limits::ROOM_AGAIN * 3).await;
    assert_eq!(wholes(&mut at_one), 0);
    assert!(!one.cancel.is_cancelled(), "its connection stays, and what is small goes on");
    rooms.inner.audit.settle().await;
    let told = rooms.inner.audit.newest(None, 10).await.expect("the trail");
    let words: Vec<_> = told.iter().map(|one| (&one["act"], &one["about"]["why"])).collect();
    assert_eq!(words, [(&"ran_out".into(), &"levelling".into())], "{told:?}");
}
