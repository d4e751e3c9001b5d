use super::{PASSWORD, account, comes_in, identity};
use crate::identity::hashing::{Asks, Queue};
use crate::identity::passkeys::{MOST, Made};
use crate::identity::{Account, Identity, IdentityError, Maker};
use crate::limits;
use futures::future::{FutureExt, join_all};
use std::sync::Mutex;
use std::time::Duration;

/// A person with a session, and a link by which the password is set anew.
async fn with_a_link(identity: &Identity) -> (Account, String, String) {
    let clerk = account(identity, "clerk").await;
    let session = identity.open_session(clerk.id, "").await.expect("a session");
    let link = identity.invite(clerk.unit, clerk.role, Some(clerk.id), (None, Maker::Machine)).await;
    (clerk, session, link.expect("a link"))
}

/// Somebody who knows the password changes it over and over: the link that an administrator made for its owner
/// counts, and the owner may change it again after that.
#[tokio::test]
async fn changes_of_a_password_are_counted_and_end_no_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let (clerk, session, link) = with_a_link(&identity).await;
    let changes =
        async |session: &str, old: &str| identity.change_password(&clerk, (session, old), PASSWORD).await;
    let told = changes(&session, "not it").await;
    assert!(matches!(told, Err(IdentityError::WrongPassword)), "{told:?}");
    for number in 0..limits::PASSWORDS {
        changes(&session, PASSWORD).await.unwrap_or_else(|error| panic!("{number}: {error}"));
    }
    let told = changes(&session, PASSWORD).await;
    assert!(matches!(told, Err(IdentityError::TooManyAttempts(_))), "{told:?}");
    let set = identity.accept(&link, ("", ""), "the owner is back", ("203.0.113.1", ""), None).await;
    let own = set.expect("set anew").1;
    changes(&own, "the owner is back").await.expect("nobody has used up the share of the owner");
}

#[tokio::test]
async fn a_password_that_is_said_again_is_counted_also_when_it_is_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let session = async || identity.open_session(clerk.id, "").await.expect("a session");
    let (here, there) = (session().await, session().await);
    for number in 0..limits::CONFIRMATIONS {
        let told = identity.confirm(&clerk, (&here, PASSWORD)).await;
        told.unwrap_or_else(|error| panic!("{number}: {error}"));
    }
    for session in [&here, &there] {
        let told = identity.confirm(&clerk, (session, PASSWORD)).await;
        assert!(matches!(told, Err(IdentityError::TooManyAttempts(_))), "{told:?}");
    }
    // The owner gets rid of who does so, and goes on.
    let new = "another password";
    identity.change_password(&clerk, (&there, PASSWORD), new).await.expect("changed");
    identity.confirm(&clerk, (&there, new)).await.expect("right");
}

/// There is no end of those who wait and are known.
#[tokio::test]
async fn one_turn_of_four_goes_to_those_who_are_not_known() {
    let queue = Queue::new(1);
    let first = queue.turn(Asks::Known).await;
    let order = Mutex::new(Vec::new());
    let takes = async |asks: Asks| {
        let turn = queue.turn(asks).await;
        order.lock().expect("whole").push(asks);
        drop(turn);
    };
    let waits = |asks: Asks, count: usize| join_all((0..count).map(move |_| takes(asks)));
    let mut gone: Vec<_> = (0..9).map(|_| Box::pin(queue.turn(Asks::Stranger))).collect();
    for one in &mut gone {
        assert!(one.now_or_never().is_none());
    }
    drop(gone);
    let lets_go = async { drop(first) };
    tokio::join!(waits(Asks::Known, 30), waits(Asks::Near, 8), waits(Asks::Stranger, 2), lets_go);
    let order = order.into_inner().expect("whole");
    let places =
        |asks: Asks| order.iter().enumerate().filter(move |(_, one)| **one == asks).map(|(at, _)| at);
    assert_eq!(places(Asks::Near).take(3).collect::<Vec<_>>(), [3, 7, 11], "{order:?}");
    assert_eq!(places(Asks::Stranger).collect::<Vec<_>>(), [15, 31], "{order:?}");
    assert_eq!(queue.free(), 1);
}

/// Somebody who has a session and the old password changes it while the person sets it anew by a link.
#[tokio::test]
async fn a_password_that_was_just_set_is_not_overwritten_by_who_knew_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let (clerk, session, link) = with_a_link(&identity).await;
    let turns = identity.hashing.free();
    let change = identity.change_password(&clerk, (&session, PASSWORD), "of somebody else");
    let mut change = std::pin::pin!(change);
    while identity.hashing.free() == turns {
        assert!((&mut change).now_or_never().is_none(), "the old one is looked at first");
        tokio::task::yield_now().await;
    }
    // The old password was looked at and is right; the change goes on when the link has set a new one.
    while identity.hashing.free() < turns {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let there = ("203.0.113.1", "");
    identity.accept(&link, ("", ""), "the owner is back", there, None).await.expect("set anew");
    let told = change.await;
    assert!(matches!(told, Err(IdentityError::SignedOut)), "{told:?}");
    assert!(comes_in(&identity, ("clerk", "the owner is back"), there).await.is_ok());
}

/// Somebody answers many questions for a passkey in one moment: each is counted where it is kept.
#[tokio::test]
async fn no_more_passkeys_are_kept_than_may_be_however_many_are_made_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let session = identity.open_session(clerk.id, "").await.expect("a session");
    let made = |number: usize| Made {
        id: number.to_be_bytes().to_vec(),
        name: String::new(),
        fixed: Vec::new(),
        state: Vec::new(),
    };
    let keeps = |number| identity.put_passkey((clerk.id, &session), made(number));
    for number in 1..MOST {
        keeps(number).await.expect("kept");
    }
    let told = join_all((MOST..MOST + 10).map(keeps)).await;
    assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1);
    let many = |told: &&Result<(), IdentityError>| matches!(told, Err(IdentityError::TooManyPasskeys));
    assert_eq!(told.iter().filter(many).count(), 9);
    assert_eq!(identity.passkeys(clerk.id).await.expect("asked").len(), MOST);
}
