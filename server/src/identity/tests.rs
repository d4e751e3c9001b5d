use super::hashing::{Asks, Queue};
use super::looked::{By, Looked};
use super::passwords::{end_others, known_since, set_password};
use super::{Account, Identity, IdentityError, Maker, Site};
use crate::audit::Audit;
use crate::clock;
use crate::limits;
use crate::shares::Shares;
use crate::store::{Database, Place};
use futures::future::{FutureExt, join_all};
use std::sync::{Mutex, mpsc};
use std::time::Duration;
use tongban_shared::access::AccountRole;
use tongban_shared::id::UnitId;
use tongban_shared::trust::Key;
use totp_rs::{Builder, Secret};

mod acts;
mod counts;

const PASSWORD: &str = "tongban-demo";

async fn identity(folder: &tempfile::TempDir) -> Identity {
    let store = Database::open(&Place::from(folder.path())).await.expect("a database");
    Identity::new(store, Key::from_seed(&[1; 32]), Shares::default(), 3600)
}

async fn account(identity: &Identity, login: &str) -> Account {
    let unit = UnitId::from_bytes([1; 16]);
    identity.create(login, "", unit, AccountRole::Editor, PASSWORD).await.expect("an account")
}

async fn comes_in(
    identity: &Identity,
    (login, password): (&str, &str),
    there: (&str, &str),
) -> Result<Account, IdentityError> {
    identity.sign_in(login, (password, None), there, "").await.map(|(account, _)| account)
}

/// However often one account signs in at once, from however many browsers in which it is known: another one
/// waits for some of them, and not for all.
#[tokio::test]
async fn one_account_leaves_others_their_turns_at_signing_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let flooding = account(&identity, "flooding").await;
    account(&identity, "other").await;
    let done = Mutex::new(Vec::new());
    let comes = async |login: &'static str, from: &str, marks: String| {
        let came = comes_in(&identity, (login, PASSWORD), (from, &marks)).await;
        done.lock().expect("whole").push((login, came.is_ok()));
    };
    let marks = async || identity.mark(&flooding, "").await.expect("marked");
    let flood = (0..30).map(|_| async { comes("flooding", "203.0.113.1", marks().await).await });
    let (flood, other) = (join_all(flood), comes("other", "203.0.113.2", String::new()));
    tokio::join!(flood, other);
    let done = done.into_inner().expect("whole");
    let place = done.iter().position(|(login, _)| *login == "other").expect("it has ended");
    assert!(done[place].1 && place < 6, "{place}: {done:?}");
    assert!(done.iter().any(|(login, came)| *login == "flooding" && *came), "{done:?}");
}

#[tokio::test]
async fn hashing_has_its_turn_until_it_is_done_also_when_the_asker_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let free = identity.hashing.free();
    let (end, ended) = mpsc::channel::<()>();
    {
        let mut asks = std::pin::pin!(identity.hashing(Asks::Stranger, move || ended.recv().is_ok()));
        assert!(asks.as_mut().now_or_never().is_none());
        assert_eq!(identity.hashing.free(), free - 1);
    }
    assert_eq!(identity.hashing.free(), free - 1, "the work goes on");
    end.send(()).expect("it still waits");
    let back = (0..free).map(|_| identity.hashing.turn(Asks::Stranger));
    assert_eq!(join_all(back).await.len(), free);
}

#[tokio::test]
async fn a_turn_goes_to_whoever_is_known_best_and_never_to_somebody_who_left() {
    let queue = Queue::new(1);
    let first = queue.turn(Asks::Stranger).await;
    let [mut left, mut stranger, mut near, mut known] =
        [Asks::Known, Asks::Stranger, Asks::Near, Asks::Known].map(|asks| Box::pin(queue.turn(asks)));
    for waits in [&mut left, &mut stranger, &mut near, &mut known] {
        assert!(waits.now_or_never().is_none());
    }
    drop(left);
    drop(first);
    let turn = known.now_or_never().expect("the known one");
    assert!((&mut near).now_or_never().is_none() && (&mut stranger).now_or_never().is_none());
    drop(turn);
    let turn = near.now_or_never().expect("the near one");
    assert!((&mut stranger).now_or_never().is_none());
    drop(turn);
    drop(stranger.now_or_never().expect("and the stranger"));
    // One who was given a turn and went without it gives it on.
    let turn = queue.turn(Asks::Known).await;
    let mut gone = Box::pin(queue.turn(Asks::Known));
    assert!((&mut gone).now_or_never().is_none());
    drop(turn);
    drop(gone);
    assert_eq!(queue.free(), 1);
}

/// Guesses from more networks than have their turn in time keep nobody waiting who is known.
#[tokio::test]
async fn a_flood_of_strangers_keeps_nobody_waiting_who_is_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let (owner, _) = (account(&identity, "owner").await, account(&identity, "office").await);
    identity.joined("203.0.113.1");
    let done = Mutex::new(Vec::new());
    let comes = async |login: &str, password: &str, from: &str, marks: &str| {
        let came = comes_in(&identity, (login, password), (from, marks)).await;
        done.lock().expect("whole").push((login.to_owned(), came.is_ok()));
    };
    let names: Vec<(String, String)> =
        (0..250).map(|number| (format!("nobody{number}"), format!("198.51.100.{number}"))).collect();
    let flood = join_all(names.iter().map(|(login, from)| comes(login, "not it", from, "")));
    let marks = identity.mark(&owner, "").await.expect("marked");
    // The owner asks from the network of one of those who flood.
    let known = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let before = done.lock().expect("whole").len();
        tokio::join!(
            comes("owner", PASSWORD, "198.51.100.7", &marks),
            comes("office", PASSWORD, "203.0.113.1", "")
        );
        before
    };
    let (_, before) = tokio::join!(flood, known);
    let done = done.into_inner().expect("whole");
    for login in ["owner", "office"] {
        let place = done.iter().position(|(name, _)| name == login).expect("it has ended");
        assert!(done[place].1 && place < before + 40, "{login} was number {place}, came after {before}");
    }
}

#[tokio::test]
async fn an_attempt_that_nobody_looked_at_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    account(&identity, "clerk").await;
    let there = ("203.0.113.1", "");
    let busy = join_all((0..identity.hashing.free()).map(|_| identity.hashing.turn(Asks::Stranger))).await;
    let told = comes_in(&identity, ("clerk", PASSWORD), there).await;
    assert!(matches!(told, Err(IdentityError::Busy)), "{told:?}");
    drop(busy);
    for wrong in 0..limits::ATTEMPTS {
        let told = comes_in(&identity, ("clerk", "not it"), there).await;
        assert!(matches!(told, Err(IdentityError::WrongPassword)), "{wrong}: {told:?}");
    }
    let told = comes_in(&identity, ("clerk", PASSWORD), there).await;
    assert!(matches!(told, Err(IdentityError::TooManyAttempts(_))), "{told:?}");
}

#[tokio::test]
async fn right_sign_ins_are_counted_until_the_password_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    account(&identity, "other").await;
    let secret = identity.open_session(clerk.id, "").await.expect("a session");
    for _ in 1..limits::SIGN_INS {
        identity.count_sign_in(clerk.id).expect("within the share");
    }
    let there = ("203.0.113.1", "");
    assert!(comes_in(&identity, ("clerk", PASSWORD), there).await.is_ok());
    let told = comes_in(&identity, ("clerk", PASSWORD), there).await;
    assert!(matches!(told, Err(IdentityError::TooManyAttempts(_))), "{told:?}");
    assert!(comes_in(&identity, ("other", PASSWORD), there).await.is_ok(), "nobody else pays");
    let new = "another password";
    identity.change_password(&clerk, (&secret, PASSWORD), new).await.expect("changed");
    assert!(comes_in(&identity, ("clerk", new), there).await.is_ok());
}

/// Sets codes for a person who is signed in with a secret; gives a code for later.
async fn sets_codes(identity: &Identity, account: &Account, secret: &str) -> String {
    try_codes(identity, account, secret).await.expect("the first code")
}

async fn try_codes(identity: &Identity, account: &Account, secret: &str) -> Result<String, IdentityError> {
    let key = identity.begin_code(account, secret).await.expect("a key").secret;
    let now = clock::now_ms() / 1000;
    identity.confirm_code(account, secret, &code(&key, now)).await?;
    Ok(code(&key, now + 30))
}

/// The code of a key at a moment, in seconds since 1970.
fn code(key: &str, time: u64) -> String {
    let secret = Secret::try_from_base32(key).expect("base 32");
    let made = Builder::new().with_secret(secret).with_issuer(Some("同办")).with_account_name("clerk");
    made.build().expect("a secret").generate(time).to_string()
}

/// A first code is shown in a session that ends while it is on its way.
#[tokio::test]
async fn a_session_that_has_ended_sets_no_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let session = identity.open_session(clerk.id, "").await.expect("a session");
    let key = identity.begin_code(&clerk, &session).await.expect("a key").secret;
    identity.sign_out(&session).await.expect("ended");
    let told = identity.confirm_code(&clerk, &session, &code(&key, clock::now_ms() / 1000)).await;
    assert!(matches!(told, Err(IdentityError::SignedOut)), "{told:?}");
    assert!(!identity.has_code(clerk.id).await.expect("asked"));
}

/// A database that fails in between leaves everything as it was.
#[tokio::test]
async fn codes_are_set_and_other_sessions_end_or_neither() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let session = async || identity.open_session(clerk.id, "").await.expect("a session");
    let (here, there) = (session().await, session().await);
    let alter = async |statement: &'static str| {
        sqlx::query(statement).execute(identity.store.writer()).await.expect("altered");
    };
    alter("create trigger fails before delete on session begin select raise(abort, 'no'); end").await;
    let told = try_codes(&identity, &clerk, &here).await;
    assert!(matches!(told, Err(IdentityError::Store(_))), "{told:?}");
    assert!(!identity.has_code(clerk.id).await.expect("asked"), "nobody is asked for one");
    assert!(identity.session(&there).await.expect("asked").is_some());
    alter("drop trigger fails").await;
    sets_codes(&identity, &clerk, &here).await;
    assert!(identity.has_code(clerk.id).await.expect("asked"));
    assert!(identity.session(&there).await.expect("asked").is_none());
}

/// A sign-in whose password is looked at while the owner changes it gives no session that stays.
#[tokio::test]
async fn a_sign_in_that_races_a_changed_password_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let here = identity.open_session(clerk.id, "").await.expect("a session");
    let new = identity.hash("another password").await.expect("a hash");
    let busy = join_all((0..identity.hashing.free()).map(|_| identity.hashing.turn(Asks::Known))).await;
    let mut comes = Box::pin(identity.sign_in("clerk", (PASSWORD, None), ("203.0.113.1", ""), ""));
    // It has read the password of before, and waits for its turn to look at it.
    let waits = tokio::time::timeout(limits::HASHING / 4, &mut comes).await;
    assert!(waits.is_err());
    let mut transaction = identity.store.begin().await.expect("begun");
    set_password(&mut transaction, clerk.id, new).await.expect("set");
    end_others(&mut transaction, clerk.id, &here).await.expect("ended");
    transaction.commit().await.expect("changed");
    drop(busy);
    let told = comes.await;
    assert!(matches!(told, Err(IdentityError::WrongPassword)), "{:?}", told.err());
    assert_eq!(identity.sessions(clerk.id).await.expect("asked").len(), 1);
}

#[tokio::test]
async fn codes_are_counted_in_known_browsers_too_and_whoever_came_before_them_is_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let (own, other) = ("203.0.113.1", "203.0.113.2");
    let session = async || identity.open_session(clerk.id, "").await.expect("a session");
    let (here, there) = (session().await, session().await);
    let before = identity.mark(&clerk, "").await.expect("marked");
    let known = async |marks: &str| {
        let row = identity.row_named("clerk").await.expect("asked").expect("there");
        identity.known_browser(clerk.id, known_since(&row), marks)
    };
    assert!(known(&before).await.is_some());
    let next = sets_codes(&identity, &clerk, &here).await;
    assert!(known(&before).await.is_none(), "whoever knew the password only");
    assert!(identity.session(&there).await.expect("asked").is_none(), "the other session");
    assert!(identity.session(&here).await.expect("asked").is_some(), "this one stays");

    let again = identity.mark(&clerk, "").await.expect("marked");
    assert_eq!(
        known(&identity.mark(&clerk, &again).await.expect("marked")).await,
        known(&again).await,
        "the same browser"
    );
    let mut judged = 0;
    for browser in 0..3 {
        let marks = identity.mark(&clerk, "").await.expect("marked");
        for _ in 0..limits::ATTEMPTS {
            let tried = identity.sign_in("clerk", (PASSWORD, Some("000000x")), (own, &marks), "").await;
            match tried {
                Err(IdentityError::WrongCode) => judged += 1,
                Err(IdentityError::TooManyAttempts(_)) => {}
                told => panic!("{browser}: {told:?}"),
            }
        }
    }
    assert_eq!(judged, limits::CODES, "however many browsers there are");
    // Browsers that nobody knows have their own count.
    let came = identity.sign_in("clerk", (PASSWORD, Some(&next)), (other, ""), "").await;
    assert!(came.is_ok(), "{:?}", came.err());
}

/// A clock that was ahead and is set back, or a password that is set in the millisecond of a mark: the order of
/// what was done counts.
#[tokio::test]
async fn browsers_are_known_or_not_whatever_the_clock_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let here = identity.open_session(clerk.id, "").await.expect("a session");
    let ahead = i64::try_from(clock::now_ms()).expect("small") + 3_600_000;
    sqlx::query("update account set known_since = $1")
        .bind(ahead)
        .execute(identity.store.writer())
        .await
        .expect("altered");
    let is_known = async |marks: &str| {
        let since = identity.known_since(clerk.id).await.expect("asked").expect("there");
        identity.known_browser(clerk.id, since, marks).is_some()
    };
    let before = identity.mark(&clerk, "").await.expect("marked");
    assert!(is_known(&before).await, "marked after it was set");
    sets_codes(&identity, &clerk, &here).await;
    assert!(!is_known(&before).await, "marked before it was set");
    let after = identity.mark(&clerk, &before).await.expect("marked");
    assert!(is_known(&after).await);
}

#[tokio::test]
async fn questions_and_answers_of_others_close_no_way_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    account(&identity, "clerk").await;
    let from = "203.0.113.1";
    let site = Site::new("localhost", vec!["http://localhost".to_owned()]).expect("a name");
    for answer in 0..limits::ATTEMPTS_OF_A_NETWORK * 2 {
        let told = identity.sign_in_with_passkey(&site, (b"{}", &[]), ((from, ""), "")).await;
        assert!(matches!(told, Err(IdentityError::NoPasskey)), "{answer}");
    }
    let told = comes_in(&identity, ("clerk", PASSWORD), (from, "")).await;
    assert!(told.is_ok(), "answers that belong to no question are no guesses: {told:?}");
    // A whole office asks from one network, and nothing is kept of it.
    for question in 0..limits::ATTEMPTS_OF_A_NETWORK * 2 {
        assert!(identity.ask_passkey(&site).is_ok(), "{question}");
    }
}

/// Each wrong answer to a question of its own is put down to where it comes from, and to nothing that is made up.
#[tokio::test]
async fn wrong_answers_of_a_passkey_are_put_down_to_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let site = Site::new("localhost", vec!["http://localhost".to_owned()]).expect("a name");
    let answers = async |from: &str| {
        let asked = identity.ask_passkey(&site).expect("a question");
        let options: serde_json::Value = serde_json::from_str(&asked.options).expect("options");
        let asks = options.get("publicKey").unwrap_or(&options);
        let client = serde_json::json!({
            "type": "webauthn.get", "challenge": asks["challenge"], "origin": "http://localhost", "crossOrigin": false,
        });
        let client = client.to_string().into_bytes();
        let data = [&[0; 32][..], &[5], &[0; 4]].concat();
        let answer = serde_json::json!({
            "id": base64url(&[7; 16]), "rawId": base64url(&[7; 16]), "type": "public-key",
            "response": {
                "clientDataJSON": base64url(&client), "authenticatorData": base64url(&data),
                "signature": base64url(&[7; 64]), "userHandle": base64url(&[7; 16]),
            },
            "clientExtensionResults": {}, "authenticatorAttachment": "platform",
        });
        let answer = answer.to_string().into_bytes();
        identity.sign_in_with_passkey(&site, (&answer, &[asked.token]), ((from, ""), "")).await
    };
    for answer in 0..limits::ATTEMPTS_OF_A_NETWORK {
        let told = answers("203.0.113.1").await;
        assert!(matches!(told, Err(IdentityError::NoPasskey)), "{answer}: {told:?}");
    }
    let told = answers("203.0.113.1").await;
    assert!(matches!(told, Err(IdentityError::TooManyAttempts(_))), "{told:?}");
    assert!(matches!(answers("203.0.113.2").await, Err(IdentityError::NoPasskey)), "another place");
}

/// Bytes in base64, as browsers write those of passkeys.
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let letters = |group: &[u8]| {
        let number = group.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let number = number << (8 * (3 - group.len()));
        (0..=group.len()).map(move |place| LETTERS[(number >> (18 - 6 * place) & 63) as usize] as char)
    };
    bytes.chunks(3).flat_map(letters).collect()
}

/// Two administrators who take each other's role at the same moment leave one of them.
#[tokio::test]
async fn a_space_keeps_an_administrator_whoever_acts_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let (one, other) = (account(&identity, "one").await, account(&identity, "other").await);
    let audit = Audit::new(identity.store.clone(), Key::from_seed(&[1; 32]));
    let by = (&audit, Maker::Machine);
    let gives = |account: &Account, role| identity.change(account.id, (account.unit, role), by);
    for round in 0..10 {
        for account in [&one, &other] {
            gives(account, AccountRole::Administrator).await.expect("an administrator");
        }
        let takes = |account| gives(account, AccountRole::Editor);
        let (first, second) = tokio::join!(takes(&one), takes(&other));
        let refused = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert!(matches!(refused.as_slice(), [IdentityError::LastAdministrator]), "{round}: {refused:?}");
        let all = identity.accounts().await.expect("asked");
        let last: Vec<_> = all.iter().filter(|one| one.role == AccountRole::Administrator).collect();
        assert_eq!(last.len(), 1);
        let told = identity.end_account(last[0].id, by).await;
        assert!(matches!(told, Err(IdentityError::LastAdministrator)), "{round}: {told:?}");
    }
}

#[tokio::test]
async fn nobody_signs_in_as_another_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let unit = UnitId::from_bytes([1; 16]);
    let server = identity.create_server("北京", unit).await.expect("an account");
    let clerk = account(&identity, "clerk").await;
    for (account, comes) in [(&clerk, true), (&server, false)] {
        let link = identity
            .invite(unit, account.role, Some(account.id), (None, Maker::Machine))
            .await
            .expect("a link");
        assert_eq!(
            identity.accept(&link, ("", ""), "another password", ("203.0.113.1", ""), None).await.is_ok(),
            comes
        );
    }
}

/// Somebody who has the session of a person, a passkey or what they are bound to is still being looked at when the
/// person sets everything anew by a link.
#[tokio::test]
async fn nobody_comes_in_by_what_has_ended_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let session = identity.open_session(clerk.id, "").await.expect("a session");
    let there = ("https://id.example", "somebody");
    let resets = async |password: &str| {
        let link = identity
            .invite(clerk.unit, clerk.role, Some(clerk.id), (None, Maker::Machine))
            .await
            .expect("a link");
        identity.accept(&link, ("", ""), password, ("203.0.113.1", ""), None).await.expect("set anew").1
    };
    let looked = async || {
        let row = identity.row_named("clerk").await.expect("asked").expect("an account");
        Looked { person: clerk.id, since: known_since(&row) }
    };
    let comes =
        async |looked: &Looked, by: &By| identity.let_in(looked, by, "").await.expect("asked").is_some();

    identity.bind(there, clerk.id, &session).await.expect("bound");
    let (before, by) = identity.look_at_bound(there.0, there.1).await.expect("bound");
    assert!(comes(&before, &by).await && comes(&before, &By::Password).await);
    let passkey = || By::Passkey(vec![7], Vec::new());
    assert!(!comes(&before, &passkey()).await, "no passkey");
    sqlx::query("insert into passkey (id, account, name, fixed, state, created, used) values ($1, $2, '', $1, $1, 0, 0)")
        .bind(vec![7_u8])
        .bind(clerk.id.bytes().to_vec())
        .execute(identity.store.writer())
        .await
        .expect("a passkey");
    assert!(comes(&before, &passkey()).await);
    assert!(identity.unbind(there.0, (clerk.id, &session)).await.expect("asked"));
    assert!(!comes(&before, &by).await, "it is bound no more");
    assert!(identity.end_passkey((clerk.id, &session), "07").await.expect("asked"));
    assert!(!comes(&before, &passkey()).await, "it is gone");

    let mine = resets("the owner is back").await;
    assert!(!comes(&before, &By::Password).await, "another password");
    // Nor does what was known of them change by a session of before, however far that had come.
    let told = [
        identity.bind(there, clerk.id, &session).await,
        identity.unbind(there.0, (clerk.id, &session)).await.map(drop),
        identity.end_passkey((clerk.id, &session), "07").await.map(drop),
        identity.begin_code(&clerk, &session).await.map(drop),
        identity.end_code(clerk.id, &session).await.map(drop),
    ];
    assert!(told.iter().all(|told| matches!(told, Err(IdentityError::SignedOut))), "{told:?}");
    // Codes that are set count for whoever was looked at without one.
    let before = looked().await;
    sets_codes(&identity, &clerk, &mine).await;
    assert!(!comes(&before, &By::Password).await, "codes are asked for");
}
