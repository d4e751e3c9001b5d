use super::super::{Identity, IdentityError, Maker};
use super::{PASSWORD, account, identity};
use crate::audit::Audit;
use crate::identity::hashing::Asks;
use crate::limits;
use crate::shares::Payer;
use futures::future::join_all;
use std::time::Duration;
use tongban_shared::access::AccountRole;
use tongban_shared::id::PersonId;
use tongban_shared::trust::Key;

async fn as_administrator(identity: &Identity, audit: &Audit, login: &str) -> (PersonId, String) {
    let made = account(identity, login).await;
    let administrator = (made.unit, AccountRole::Administrator);
    identity.change(made.id, administrator, (audit, Maker::Machine)).await.expect("an administrator");
    (made.id, identity.open_session(made.id, "").await.expect("a session"))
}

/// Acts wait for the writer while their maker gets another role, or ends.
#[tokio::test]
async fn an_act_is_judged_by_the_rights_of_the_moment_in_which_it_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let audit = Audit::new(identity.store.clone(), Key::from_seed(&[1; 32]));
    let (stays, _) = as_administrator(&identity, &audit, "stays").await;
    let clerk = account(&identity, "clerk").await;
    identity.open_session(clerk.id, "").await.expect("a session");
    for ends in [false, true] {
        let (id, session) = as_administrator(&identity, &audit, if ends { "ends" } else { "moves" }).await;
        let (maker, administrator) = (Maker::Person(id, &session), AccountRole::Administrator);
        let held = identity.store.begin().await.expect("begun");
        let by_machine = (&audit, Maker::Machine);
        let loses = async {
            if ends {
                identity.end_account(id, by_machine).await
            } else {
                identity.change(id, (clerk.unit, AccountRole::Keeper), by_machine).await
            }
        };
        let lets_go = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            drop(held);
        };
        let (lost, (), made, resets, changed, out, left) = tokio::join!(
            loses,
            lets_go,
            identity.invite(clerk.unit, administrator, None, (None, maker)),
            identity.invite(clerk.unit, AccountRole::Editor, Some(stays), (None, maker)),
            identity.change(clerk.id, (clerk.unit, administrator), (&audit, maker)),
            identity.end_sessions_of(stays, (&audit, maker)),
            identity.end_account(stays, (&audit, maker)),
        );
        lost.expect("lost");
        let told = [made.map(drop), resets.map(drop), changed, out.map(drop), left];
        let refused = |told: &Result<(), IdentityError>| match told {
            Err(IdentityError::SignedOut) => ends,
            Err(IdentityError::Forbidden) => !ends,
            _ => false,
        };
        assert!(told.iter().all(refused), "{told:?}");
    }
    assert_eq!(identity.sessions(clerk.id).await.expect("asked").len(), 1);
    assert_eq!(identity.account(clerk.id).await.expect("asked"), Some(clerk));
}

/// A link of which nobody knew when the rights changed under which it was made.
#[tokio::test]
async fn a_link_counts_by_the_rights_that_its_maker_has_when_it_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let audit = Audit::new(identity.store.clone(), Key::from_seed(&[1; 32]));
    let (administrator, _) = as_administrator(&identity, &audit, "administrator").await;
    let clerk = account(&identity, "clerk").await;
    let keeper = account(&identity, "keeper").await;
    let by_machine = (&audit, Maker::Machine);
    identity.change(keeper.id, (keeper.unit, AccountRole::Keeper), by_machine).await.expect("a keeper");
    let gone = PersonId::from_bytes([99; 16]);
    for (number, (maker, role, resets, counts)) in [
        (gone, AccountRole::Reader, None, false),
        (clerk.id, AccountRole::Reader, None, false),
        (keeper.id, AccountRole::Administrator, None, false),
        (keeper.id, AccountRole::Editor, Some(administrator), false),
        (keeper.id, AccountRole::Administrator, Some(clerk.id), true),
        (keeper.id, AccountRole::Reader, None, true),
        (administrator, AccountRole::Administrator, None, true),
    ]
    .into_iter()
    .enumerate()
    {
        let link = identity.invite(clerk.unit, role, resets, (None, Maker::Machine)).await.expect("a link");
        sqlx::query("update invitation set made_by = $1")
            .bind(maker.bytes().to_vec())
            .execute(identity.store.writer())
            .await
            .expect("made by");
        let login = format!("newcomer{number}");
        assert_eq!(identity.invitation(&link).await.is_ok(), counts, "{number}");
        let told = identity.accept(&link, (&login, ""), PASSWORD, ("203.0.113.1", ""), None).await;
        assert_eq!(told.is_ok(), counts, "{number}: {:?}", told.err());
        assert!(counts || matches!(told, Err(IdentityError::InvalidLink)));
    }
}

/// Somebody has links and uses each again and again: nothing is hashed for what cannot come of it, and the rest
/// has its turn.
#[tokio::test]
async fn links_take_no_turns_at_hashing_from_sign_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let audit = Audit::new(identity.store.clone(), Key::from_seed(&[1; 32]));
    let (id, session) = as_administrator(&identity, &audit, "administrator").await;
    let (maker, unit) = (Maker::Person(id, &session), account(&identity, "clerk").await.unit);
    let link = || identity.invite(unit, AccountRole::Reader, None, (None, maker));
    let (first, second) = (link().await.expect("a link"), link().await.expect("a link"));
    let from = "203.0.113.1";
    let uses = async |link: &str, login: &str, password: &str| {
        identity.accept(link, (login, ""), password, (from, ""), None).await.map(drop)
    };
    let busy = join_all((0..identity.hashing.free()).map(|_| identity.hashing.turn(Asks::Known))).await;
    for _ in 0..limits::ATTEMPTS / 2 {
        let told = [uses(&first, "x", PASSWORD).await, uses(&first, "Clerk", PASSWORD).await];
        let judged: [Result<(), _>; 2] = [Err(IdentityError::BadLogin), Err(IdentityError::LoginTaken)];
        assert_eq!(format!("{told:?}"), format!("{judged:?}"));
    }
    let told = uses(&first, "newcomer", PASSWORD).await;
    assert!(matches!(told, Err(IdentityError::TooManyAttempts(_))), "{told:?}");
    let told = uses(&second, "newcomer", "short").await;
    assert!(matches!(told, Err(IdentityError::BadPassword)), "{told:?}");
    drop(busy);
    for (payer, turns) in [
        (Payer::Account(id), limits::HASHINGS),
        (Payer::Network(from.to_owned()), limits::HASHINGS_OF_A_NETWORK),
    ] {
        let taken = join_all((0..turns).map(|_| identity.turn_of(&payer, limits::HASHING))).await;
        let told = uses(&second, "newcomer", PASSWORD).await;
        assert!(matches!(told, Err(IdentityError::Busy)), "{payer:?}: {told:?}");
        drop(taken);
    }
    uses(&second, "newcomer", PASSWORD).await.expect("an account");
    // The first one is open still.
    for number in 1..limits::LINKS {
        link().await.unwrap_or_else(|error| panic!("{number}: {error}"));
    }
    assert!(matches!(link().await, Err(IdentityError::TooManyLinks)));
    sqlx::query("update invitation set created = 0").execute(identity.store.writer()).await.expect("aged");
    link().await.expect("those that are too old are gone");
}

/// The record of a link and of its use is kept with them, or none of it is done.
#[tokio::test]
async fn a_link_is_used_with_the_record_of_it_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let audit = Audit::new(identity.store.clone(), Key::from_seed(&[1; 32]));
    let clerk = account(&identity, "clerk").await;
    let link = async |resets| {
        let by = (Some(&audit), Maker::Machine);
        identity.invite(clerk.unit, AccountRole::Editor, resets, by).await
    };
    let uses = async |link: &str, login: &str| {
        identity.accept(link, (login, ""), PASSWORD, ("203.0.113.1", ""), Some(&audit)).await.map(drop)
    };
    let (makes, resets) = (link(None).await.expect("a link"), link(Some(clerk.id)).await.expect("a link"));
    uses(&makes, "newcomer").await.expect("used");
    uses(&resets, "").await.expect("used");
    for (act, times) in [("invite", 2), ("account_made", 1), ("password_reset", 1)] {
        let told = audit.newest(Some(act), 10).await.expect("asked");
        assert_eq!(told.len(), times, "{act}: {told:#?}");
    }
    let left = link(None).await.expect("a link");
    let full = "create trigger full before insert on audit begin select raise(abort, 'full'); end";
    sqlx::query(full).execute(identity.store.writer()).await.expect("a trail that takes nothing");
    uses(&left, "second").await.expect_err("without a record");
    link(None).await.expect_err("without a record");
    assert!(identity.row_named("second").await.expect("asked").is_none());
    assert!(identity.invitation(&left).await.is_ok(), "it may be used again");
}
