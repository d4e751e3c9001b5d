//! Ways to sign in, over the real program: codes of an authenticator app, sessions that end by
//! themselves. Passkeys are used by a real browser, in `browser/ways.spec.mjs`.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tongban_tests::client::{Client, Signer, ask, http, join, sign_in};
use tongban_tests::process::{Process, age_sessions, alter, tongban};
use totp_rs::{Builder, Secret};

const PASSWORD: &str = "tongban-demo";

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs()
}

/// The code that an authenticator app shows at a time.
fn code(secret: &str, time: u64) -> String {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let totp = Builder::new().with_secret(secret).with_account_name("hailar").build().expect("a secret");
    totp.generate(time).to_string()
}

async fn try_sign_in(address: &str, login: &str, code: Option<&str>) -> (u16, Value) {
    let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
    let body = json!({ "login": login, "password": PASSWORD, "code": code }).to_string();
    let (status, _, body) = http(address, head, &body).await;
    (status, serde_json::from_str(&body).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_asked_for_after_the_password_and_counts_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = &server.address;
    let (secret, _) = sign_in(address, "hailar").await;
    // A person who finds a browser open does not get to change the means by which its owner is known.
    let wrong = json!({ "password": "not the password" }).to_string();
    for line in ["POST /api/ways/code", "POST /api/ways/code/end", "POST /api/ways/passkeys/00/end"] {
        assert_eq!(ask(address, &secret, line, &wrong).await.0, 401, "{line}");
    }
    let right = json!({ "password": PASSWORD }).to_string();
    let (status, begun) = ask(address, &secret, "POST /api/ways/code", &right).await;
    assert_eq!(status, 200, "{begun}");
    let begun: Value = serde_json::from_str(&begun).expect("an answer");
    let shown = begun["secret"].as_str().expect("a secret");
    assert!(begun["uri"].as_str().is_some_and(|uri| uri.starts_with("otpauth://totp/")), "{begun}");
    // Nothing is asked for before the app has shown that it works.
    assert_eq!(try_sign_in(address, "hailar", None).await.0, 200);
    let confirm = async |code: &str| {
        ask(address, &secret, "POST /api/ways/code/confirm", &json!({ "code": code }).to_string()).await.0
    };
    assert_eq!(confirm("12345").await, 401);
    let time = now();
    let first = code(shown, time);
    assert_eq!(confirm(&first).await, 204);
    assert_eq!(ask(address, &secret, "POST /api/ways/code", &right).await.0, 409, "a second secret");

    let (status, said) = try_sign_in(address, "hailar", None).await;
    assert_eq!((status, said["needs"].as_str()), (401, Some("code")), "{said}");
    // Used, wrong, of long ago.
    for code in [&first, "000000x", &code(shown, time - 120)] {
        let (status, said) = try_sign_in(address, "hailar", Some(code)).await;
        assert_eq!(status, 401);
        assert_eq!(said["error"], "动态验证码不对或已用过", "{code}");
    }
    let next = code(shown, time + 30);
    assert_eq!(try_sign_in(address, "hailar", Some(&next)).await.0, 200);
    assert_eq!(try_sign_in(address, "hailar", Some(&next)).await.0, 401, "a second time");
    // A wrong password says nothing of codes.
    let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
    let (status, _, body) =
        http(address, head, &json!({ "login": "hailar", "password": "x" }).to_string()).await;
    assert_eq!(status, 401);
    assert!(body.contains("用户名或密码不对"), "{body}");

    let trail = tongban(folder.path(), &["admin", "audit", "export"]).await;
    assert!(trail.contains("\"code_set\""), "{trail}");
    assert!(trail.contains("动态验证码不对或已用过"), "{trail}");
    assert!(!trail.contains(shown), "no secret on the trail");

    // A link that sets the password anew forgets the codes: the telephone may be lost as well.
    let (office, _) = sign_in(address, "office").await;
    let me = ask(address, &secret, "GET /api/session", "").await.1;
    let me: Value = serde_json::from_str(&me).expect("who is signed in");
    let reset = json!({ "unit": me["unit"], "role": me["role"], "resets": me["person"] }).to_string();
    let (_, link) = ask(address, &office, "POST /api/invitations", &reset).await;
    let link: Value = serde_json::from_str(&link).expect("a link");
    let token = link["link"].as_str().and_then(|link| link.strip_prefix("/join/")).expect("a link");
    let line = format!("POST /api/invitations/{token} HTTP/1.1\r\ncontent-type: application/json\r\n");
    assert_eq!(http(address, &line, &right).await.0, 200);
    assert_eq!(try_sign_in(address, "hailar", None).await.0, 200);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_cannot_be_guessed() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let right = json!({ "password": PASSWORD }).to_string();
    let begun = ask(&server.address, &secret, "POST /api/ways/code", &right).await.1;
    let begun: Value = serde_json::from_str(&begun).expect("an answer");
    let shown = begun["secret"].as_str().expect("a secret");
    let body = json!({ "code": code(shown, now()) }).to_string();
    assert_eq!(ask(&server.address, &secret, "POST /api/ways/code/confirm", &body).await.0, 204);
    let mut last = 0;
    for guess in 0..9 {
        last = try_sign_in(&server.address, "hailar", Some(&format!("{guess:06}"))).await.0;
    }
    assert_eq!(last, 429);
    // Nor does the right one help then.
    let next = code(shown, now() + 30);
    assert_eq!(try_sign_in(&server.address, "hailar", Some(&next)).await.0, 429);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_by_itself_when_nobody_uses_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let options: [(&[&str], i64); 2] = [(&[], 30 * 24 * 3600), (&["--session-hours", "2"], 7200)];
    for (option, idle) in options {
        let options = [&["--demo", "--listen", "127.0.0.1:0"], option].concat();
        let server = Process::start_with(folder.path(), &options).await;
        let (secret, _) = sign_in(&server.address, "hailar").await;
        for (aged, status) in [(idle - 60, 200), (idle + 60, 401)] {
            age_sessions(folder.path(), aged).await;
            assert_eq!(ask(&server.address, &secret, "GET /api/session", "").await.0, status, "{aged} s");
        }
        server.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_are_listed_and_one_is_ended_with_its_connection() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let listed = async |secret: &str| {
        let (status, body) = ask(&server.address, secret, "GET /api/sessions", "").await;
        assert_eq!(status, 200, "{body}");
        let lines: Vec<Value> = serde_json::from_str(&body).expect("sessions");
        let ids = lines.iter().map(|line| line["id"].as_str().expect("an id").to_owned());
        ids.collect::<BTreeSet<_>>()
    };
    let (lost, _) = sign_in(&server.address, "hailar").await;
    let ids = listed(&lost).await;
    assert_eq!(ids.len(), 1);
    let mut connection = Client::connect(&server.address, &lost, "lost").await;
    let (kept, _) = sign_in(&server.address, "hailar").await;
    assert_eq!(listed(&kept).await.len(), 2);
    let (stranger, _) = sign_in(&server.address, "jiaoyu").await;
    let end = format!("DELETE /api/sessions/{}", ids.first().expect("one"));
    // Nobody ends those of somebody else.
    ask(&server.address, &stranger, &end, "").await;
    assert_eq!(listed(&lost).await.len(), 2);
    assert_eq!(ask(&server.address, &kept, &end, "").await.0, 204);
    connection.closed().await;
    assert_eq!(ask(&server.address, &lost, "GET /api/session", "").await.0, 401);
    assert_eq!(listed(&kept).await.len(), 1);
    // A session that has ended ends no other, and what was done stands on the trail once.
    let last = listed(&kept).await.pop_first().expect("one");
    assert_eq!(ask(&server.address, &lost, &format!("DELETE /api/sessions/{last}"), "").await.0, 401);
    assert_eq!(ask(&server.address, &kept, &end, "").await.0, 204);
    let (office, _) = sign_in(&server.address, "office").await;
    let (_, trail) = ask(&server.address, &office, "GET /api/audit?act=own_session_ended", "").await;
    let trail: Vec<Value> = serde_json::from_str(&trail).expect("records");
    assert_eq!(trail.len(), 1, "{trail:?}");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_makes_one_account_and_ages() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let accept = async |link: &str, login: &str| {
        let secret = link.strip_prefix("/join/").expect("an invitation");
        let head = format!("POST /api/invitations/{secret} HTTP/1.1\r\ncontent-type: application/json\r\n");
        let body = json!({ "login": login, "name": login, "password": PASSWORD }).to_string();
        http(&server.address, &head, &body).await.0
    };
    let invite =
        async || tongban(folder.path(), &["admin", "invite", "海拉尔区人民政府", "--role", "reporter"]).await;
    let link = invite().await;
    assert_eq!(accept(&link, "first").await, 200);
    assert!((400..500).contains(&accept(&link, "second").await), "a link makes one account");
    for (seconds, works) in [(7 * 24 * 3600 - 60, true), (7 * 24 * 3600 + 60, false)] {
        let link = invite().await;
        alter(folder.path(), format!("update invitation set created = created - {seconds}")).await;
        let status = accept(&link, &format!("aged{works}")).await;
        assert_eq!(status == 200, works, "after {seconds} s: {status}");
    }
    server.kill().await;
}

/// A link is as good as the rights of whoever made it, and of whom it is for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_ends_with_the_rights_it_was_made_under() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let (office, _) = sign_in(&address, "office").await;
    let come = async |login: &str, role: &str| {
        let link = tongban(folder.path(), &["admin", "invite", "海拉尔区人民政府", "--role", role]).await;
        let secret = join(&address, &link, login).await;
        let (_, body) = ask(&address, &secret, "GET /api/session", "").await;
        let me: serde_json::Value = serde_json::from_str(&body).expect("a session");
        (secret, me)
    };
    let link = async |secret: &str, body: serde_json::Value| {
        let (status, body) = ask(&address, secret, "POST /api/invitations", &body.to_string()).await;
        assert_eq!(status, 200, "{body}");
        let invited: serde_json::Value = serde_json::from_str(&body).expect("a link");
        invited["link"].as_str().expect("a link").replace("/join/", "/api/invitations/")
    };
    let stands = async |link: &str| ask(&address, "", &format!("GET {link}"), "").await.0 == 200;
    let (second, me) = come("second", "administrator").await;
    let unit = &me["unit"];
    let made = link(&second, json!({ "unit": unit, "role": "administrator" })).await;
    let (_, clerk) = come("clerk", "editor").await;
    let reset = link(&office, json!({ "unit": unit, "role": "editor", "resets": clerk["person"] })).await;
    assert!(stands(&made).await && stands(&reset).await);
    // The clerk becomes more than whoever made the link might give away.
    let change = format!("POST /api/accounts/{}", clerk["person"].as_str().expect("a person"));
    let body = json!({ "unit": unit, "role": "administrator" }).to_string();
    assert_eq!(ask(&address, &office, &change, &body).await.0, 204);
    assert!(!stands(&reset).await);
    let end = format!("DELETE /api/accounts/{}", me["person"].as_str().expect("a person"));
    assert_eq!(ask(&address, &office, &end, "").await.0, 204);
    assert!(!stands(&made).await);
    server.kill().await;
}

/// An attempt with a password, from an address that a proxy saw, with cookies; gives the status and the cookies
/// that were set.
async fn attempt(address: &str, (login, password): (&str, &str), from: &str, cookie: &str) -> (u16, String) {
    let head = format!(
        "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\nx-forwarded-for: {from}\r\ncookie: {cookie}\r\n"
    );
    let body = json!({ "login": login, "password": password }).to_string();
    let (status, head, _) = http(address, &head, &body).await;
    let set = head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    (status, set.collect::<Vec<_>>().join("; "))
}

/// A guesser is slowed down in the own network. The owner comes in from another network, and in the own
/// browser however many guess.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_locks_the_owner_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let server =
        Process::start_with(folder.path(), &["--demo", "--listen", "127.0.0.1:0", "--behind-proxy"]).await;
    let address = server.address.clone();
    let (right, wrong) = (("jiaoyu", PASSWORD), ("jiaoyu", "not the password"));
    let (status, own) = attempt(&address, right, "203.0.113.7", "").await;
    assert_eq!(status, 200);
    let (status, others) = attempt(&address, ("hailar", PASSWORD), "203.0.113.8", "").await;
    assert_eq!(status, 200);
    let marks = |cookies: &str| {
        let mark = cookies.split("; ").find(|cookie| cookie.starts_with("tongban-known="));
        mark.expect("a mark").to_owned()
    };
    let (known, others) = (marks(&own), marks(&others));
    for _ in 0..8 {
        assert_eq!(attempt(&address, wrong, "203.0.113.1", "").await.0, 401);
    }
    assert_eq!(attempt(&address, right, "203.0.113.1", "").await.0, 429, "the guesser's network");
    assert_eq!(attempt(&address, right, "203.0.113.2", "").await.0, 200, "another one");
    // From many networks: unknown browsers are kept out in the end, the owner's own is not.
    let mut guesses = 8;
    for network in 0..26 {
        for _ in 0..8 {
            let status = attempt(&address, wrong, &format!("198.51.100.{network}"), "").await.0;
            guesses += usize::from(status == 401);
        }
    }
    assert_eq!(guesses, 200);
    assert_eq!(attempt(&address, right, "203.0.113.3", "").await.0, 429, "an unknown browser");
    assert_eq!(attempt(&address, right, "203.0.113.1", &known).await.0, 200, "the owner's browser");
    let session = own.split("; ").find_map(|cookie| cookie.strip_prefix("tongban=")).expect("a session");
    let again = json!({ "password": PASSWORD }).to_string();
    assert_eq!(ask(&address, session, "POST /api/ways/code", &again).await.0, 200, "what is open stays open");
    // The mark of another person, a changed one and none give nothing.
    let mut forged = known.clone();
    let last = if forged.pop() == Some('0') { '1' } else { '0' };
    forged.push(last);
    for mark in [&others, &forged, "tongban-known=00"] {
        assert_eq!(attempt(&address, right, "203.0.113.4", mark).await.0, 429, "{mark}");
    }
    // Nor is a known browser a place to guess in.
    for guess in 0..9 {
        let expected = if guess < 8 { 401 } else { 429 };
        assert_eq!(attempt(&address, wrong, "203.0.113.5", &known).await.0, expected, "{guess}");
    }
    // An account of another person, and of a server, is no way around.
    assert_eq!(attempt(&address, ("hailar", PASSWORD), "203.0.113.3", "").await.0, 200);
    server.kill().await;
}

/// A password is changed by its owner: all other sessions end with their connections, and no browser is known
/// by the one before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_changes_the_password_and_other_browsers_are_signed_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let (here, _) = sign_in(&address, "hailar").await;
    let (there, _) = sign_in(&address, "hailar").await;
    let mut connection = Client::connect(&address, &there, "there").await;
    let change = async |old: &str, new: &str| {
        let body = json!({ "password": old, "new": new }).to_string();
        ask(&address, &here, "POST /api/ways/password", &body).await
    };
    let (office, _) = sign_in(&address, "office").await;
    let me: Value = serde_json::from_str(&ask(&address, &here, "GET /api/session", "").await.1).expect("me");
    let reset = json!({ "unit": me["unit"], "role": me["role"], "resets": me["person"] }).to_string();
    let link = ask(&address, &office, "POST /api/invitations", &reset).await.1;
    let link: Value = serde_json::from_str(&link).expect("a link");
    let link = link["link"].as_str().expect("a link").replace("/join/", "GET /api/invitations/");
    assert_eq!(ask(&address, "", &link, "").await.0, 200);
    assert_eq!(change("not it", "a new password").await.0, 401);
    assert_eq!(change(PASSWORD, "short").await.0, 422);
    assert_eq!(change(PASSWORD, "a new password").await.0, 204);
    connection.closed().await;
    assert_eq!(ask(&address, &there, "GET /api/session", "").await.0, 401, "the other session");
    assert_eq!(ask(&address, &here, "GET /api/session", "").await.0, 200, "this one stays");
    assert_eq!(ask(&address, "", &link, "").await.0, 200, "a link of an administrator outlives it");
    assert_eq!(attempt(&address, ("hailar", PASSWORD), "", "").await.0, 401);
    assert_eq!(attempt(&address, ("hailar", "a new password"), "", "").await.0, 200);
    let trail = tongban(folder.path(), &["admin", "audit", "export"]).await;
    assert_eq!(trail.matches("\"password_changed\"").count(), 1, "{trail}");
    server.kill().await;
}

/// Any number of questions by strangers costs nothing that is kept, and keeps nobody from asking.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_questions_keep_nobody_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0", "--behind-proxy", "--address", "http://localhost"];
    let server = Process::start_with(folder.path(), &options).await;
    let asked = async |first: u32, many: u32| {
        let mut stream = tokio::net::TcpStream::connect(&server.address).await.expect("connects");
        let question = |number: u32| {
            format!(
                "POST /api/passkey HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 10.{}.{}.1\r\ncontent-length: 0\r\n{}\r\n",
                number / 250,
                number % 250,
                if number + 1 == first + many { "connection: close\r\n" } else { "" },
            )
        };
        let questions: String = (first..first + many).map(question).collect();
        let (mut reading, mut writing) = stream.split();
        let mut answers = Vec::new();
        let (written, read) =
            tokio::join!(writing.write_all(questions.as_bytes()), reading.read_to_end(&mut answers));
        assert!(written.is_ok() && read.is_ok());
        String::from_utf8_lossy(&answers).matches("HTTP/1.1 200").count()
    };
    let (one, other) = tokio::join!(asked(0, 5100), asked(5100, 5100));
    assert_eq!(one + other, 10_200);
    assert_eq!(asked(60_000, 1).await, 1, "and somebody else");
    server.kill().await;
}

/// A device that is certified while the role of its person changes, or the account ends, is in force under the
/// role that stands, or under none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certifying_that_races_a_changed_role_ends_with_the_role_that_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let (office, _) = sign_in(&address, "office").await;
    let (secret, _) = sign_in(&address, "hailar").await;
    let me: Value =
        serde_json::from_str(&ask(&address, &secret, "GET /api/session", "").await.1).expect("me");
    let account = format!("/api/accounts/{}", me["person"].as_str().expect("a person"));
    let in_force = async || {
        let told = ask(&address, &office, "GET /api/devices", "").await.1;
        let all: Vec<Value> = serde_json::from_str(&told).expect("devices");
        let standing = all.into_iter().filter(|one| one["in_force"] == true);
        standing.map(|one| (one["device"].clone(), one["role"].clone())).collect::<Vec<_>>()
    };
    let before = in_force().await;
    // They have their turns one after the other: the role changes between two of them.
    let at_once = async |secret: &str, act: &str, role: &str, wait: u64| {
        let mut signers = Vec::new();
        for _ in 0..9 {
            signers.push(Signer::new(&address, secret).await);
        }
        let certify = signers.iter_mut().map(|signer| signer.certify(&address, secret));
        let change = async {
            tokio::time::sleep(Duration::from_millis(wait)).await;
            let body = json!({ "unit": me["unit"], "role": role }).to_string();
            assert_eq!(ask(&address, &office, &format!("{act} {account}"), &body).await.0, 204);
        };
        tokio::join!(futures::future::join_all(certify), change);
        in_force().await.into_iter().filter(|one| !before.contains(one)).collect::<Vec<_>>()
    };
    for (round, role) in ["reporter", "editor"].into_iter().enumerate() {
        for (device, stands) in at_once(&secret, "POST", role, round as u64 * 4).await {
            assert_eq!(stands, *role, "{round}: {device}");
        }
    }
    let left = at_once(&secret, "DELETE", "", 0).await;
    assert_eq!(left, [], "nothing of an account that has ended");
    server.kill().await;
}
