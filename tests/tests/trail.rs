//! The audit trail under attack: every refusal, closing and share that ran out is counted for its person and
//! hour, and few records say so. Keepers are told who uses most meanwhile, and can end it.

use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tongban_fuzz::hostile::Change;
use tongban_shared::edit::{BoardField, Edit};
use tongban_shared::id::DocumentId;
use tongban_shared::sync::frame::Frame;
use tongban_tests::client::{Client, Signer, ask, demonstration, http, join, sign_in};
use tongban_tests::hostile::sync;
use tongban_tests::process::{Process, tongban};

/// Messages of one kind that are refused.
const HEAVY: usize = 4180;

const OPTIONS: [&str; 5] = ["--demo", "--listen", "127.0.0.1:0", "--sockets-of-an-account", "6"];

/// The newest records of a trail.
async fn trail(address: &str) -> Vec<serde_json::Value> {
    let (office, _) = sign_in(address, "office").await;
    let (status, told) = ask(address, &office, "GET /api/audit", "").await;
    assert_eq!(status, 200);
    serde_json::from_str(&told).expect("records")
}

/// Asks for a document that is not there again and again and reads no answer, until the server has had enough.
async fn read_nothing(client: &mut Client) {
    let document = DocumentId::from_bytes([9; 16]);
    let Frame::Sync { sender, target, data, .. } = sync(document, Vec::new()) else { return };
    let asks = Frame::Request { document, sender, target, data };
    let asking = async { while client.say(&asks).await {} };
    // It is not read any more once it is closed.
    let _ = tokio::time::timeout(Duration::from_secs(15), asking).await;
}

/// 4,180 messages that are too heavy, a frame that no device sends, an outbox that nobody empties, a socket
/// too many and 30 requests without the right: each is on the trail with its person, its reason and its
/// count, and the trail has few records of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_attack_leaves_its_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start_with(folder.path(), &OPTIONS).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let (_, me) = ask(&server.address, &secret, "GET /api/session", "").await;
    let me: serde_json::Value = serde_json::from_str(&me).expect("me");

    let (mut hostile, board) = demonstration(&server.address, "hailar").await;
    let id = DocumentId::board(board);
    let heavy = sync(id, vec![Change::of(1 << 60).sealed().0]);
    for _ in 0..HEAVY / 44 {
        // More than are told of one round: they count as well.
        let count = hostile.refused.len();
        for _ in 0..44 {
            assert!(hostile.say(&heavy).await);
        }
        hostile.until("refusals", |client| client.refused.len() > count).await;
        // It reads what it is told: a reader that does not is closed for that.
        while hostile.take_within(Duration::from_millis(20)).await {}
    }
    let title = Edit::SetBoardField { field: BoardField::Title, value: "照常".into() };
    let hash = hostile.edit(id, &title).await;
    hostile.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    drop(hostile);
    let mut hostile = Client::connect(&server.address, &secret, "hailar").await;
    let twice = Frame::Join { sender: "again".to_owned(), versions: Vec::new(), ephemeral: false };
    assert!(hostile.say(&twice).await);
    hostile.closed().await;
    let mut hostile = Client::connect(&server.address, &secret, "hailar").await;
    read_nothing(&mut hostile).await;
    drop(hostile);
    let mut open = Vec::new();
    let head = format!(
        "GET /sync HTTP/1.1\r\ncookie: tongban={secret}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    for _ in 0..6 {
        open.push(Client::connect(&server.address, &secret, "hailar").await);
    }
    assert_eq!(http(&server.address, &head, "").await.0, 429);
    for _ in 0..30 {
        assert_eq!(ask(&server.address, &secret, "GET /api/audit", "").await.0, 403);
    }
    // Guesses by somebody who has the session and not the password.
    let guess = "{\"password\":\"not the one\",\"new\":\"another one\"}";
    for _ in 0..8 {
        assert_eq!(ask(&server.address, &secret, "POST /api/ways/password", guess).await.0, 401);
    }
    assert_eq!(ask(&server.address, &secret, "POST /api/ways/password", guess).await.0, 429);

    // While it goes on, the first of each is there already.
    let told = trail(&server.address).await;
    let of = |act: &str| told.iter().filter(|one| one["act"] == act && one["by"] == me["person"]).count();
    assert_eq!([of("closed"), of("ran_out"), of("request_refused")], [2, 2, 2], "{told:#?}");

    // A clean stop writes what is still to be told.
    server.terminate(Duration::from_secs(6)).await;
    let server = Process::start_with(folder.path(), &OPTIONS).await;
    let told = trail(&server.address).await;
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut records = 0;
    for one in told.iter().filter(|one| one["by"] == me["person"]) {
        if let (Some(act), Some(why)) = (one["act"].as_str(), one["about"]["why"].as_str()) {
            *counts.entry((act, why)).or_default() += one["about"]["count"].as_u64().unwrap_or(1);
            records += 1;
        }
    }
    let expected = BTreeMap::from([
        (("refused", "heavy"), HEAVY as u64),
        (("closed", "frame"), 1),
        (("closed", "outbox"), 1),
        (("ran_out", "sockets"), 1),
        (("ran_out", "guesses"), 1),
        (("request_refused", "forbidden"), 30),
        (("request_refused", "unproven"), 8),
    ]);
    assert_eq!(counts, expected, "{told:#?}");
    assert!(records <= 15, "{records} records of {} acts", expected.values().sum::<u64>());
    let first = told.iter().find(|one| one["about"]["why"] == "heavy" && one["about"]["count"].is_null());
    assert_eq!(first.map(|one| &one["about"]["board"]), Some(&serde_json::json!(board)), "{told:#?}");
    let request =
        told.iter().find(|one| one["about"]["why"] == "forbidden" && one["about"]["count"].is_null());
    assert_eq!(request.map(|one| one["about"]["route"].as_str()), Some(Some("GET /api/audit")));
    server.kill().await;
}

/// Those who use most, as the server tells somebody, once it says something of one of them.
async fn costs_once(
    address: &str,
    secret: &str,
    says: impl Fn(&serde_json::Value) -> bool,
) -> Vec<serde_json::Value> {
    let mut lines = Vec::new();
    for _ in 0..200 {
        let (status, told) = ask(address, secret, "GET /api/costs", "").await;
        assert_eq!(status, 200, "{told}");
        lines = serde_json::from_str(&told).expect("lines");
        if lines.iter().any(&says) {
            return lines;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it was never said: {lines:#?}");
}

/// The account that uses most stands first, with what it is; a keeper ends its sessions, and its connections
/// with them.
/// Nobody else is told, nor ends anything, and a keeper nothing of an administrator.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keeper_sees_who_uses_most_and_ends_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start_with(folder.path(), &OPTIONS).await;
    let link = tongban(folder.path(), &["admin", "invite", "市信访局", "--role", "keeper"]).await;
    let keeper = join(&server.address, &link, "keeper").await;
    let me = async |secret: &str| -> serde_json::Value {
        serde_json::from_str(&ask(&server.address, secret, "GET /api/session", "").await.1).expect("me")
    };
    let (hailar, _) = sign_in(&server.address, "hailar").await;
    let (office, _) = sign_in(&server.address, "office").await;
    let (greedy, chief, kept) = (me(&hailar).await, me(&office).await, me(&keeper).await);
    let _one = Client::connect(&server.address, &office, "office").await;
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(Client::connect(&server.address, &hailar, "hailar").await);
    }
    // The beginning of a frame that never ends.
    let part = Frame::Fragment { frame: 1, index: 0, count: 9, data: vec![7; 256 * 1024] };
    assert!(open[0].say(&part).await);
    let lines = costs_once(&server.address, &keeper, |line| line["bytes"].as_u64() >= Some(256 * 1024)).await;
    let first = &lines[0];
    assert_eq!((&first["person"], &first["name"]), (&greedy["person"], &greedy["name"]), "{lines:#?}");
    assert_eq!((&first["what"], &first["used"]), (&"sockets".into(), &(5 * 1000 / 6).into()), "{lines:#?}");
    assert_eq!(first["sockets"], 5, "{lines:#?}");
    assert!(first["bytes"].as_u64() >= Some(256 * 1024) && first["unit"] != "", "{lines:#?}");
    let second = lines.iter().find(|line| line["person"] == chief["person"]).expect("a socket is open");
    assert_eq!((&second["used"], &second["sockets"]), (&(1000 / 6).into(), &1.into()), "{lines:#?}");
    let used: Vec<u64> = lines.iter().filter_map(|line| line["used"].as_u64()).collect();
    assert!(used.is_sorted_by(|one, next| one >= next) && used.len() == lines.len(), "{lines:#?}");
    assert_eq!(ask(&server.address, &hailar, "GET /api/costs", "").await.0, 403);

    let end = |whose: &serde_json::Value| {
        format!("DELETE /api/accounts/{}/sessions", whose["person"].as_str().expect("a person"))
    };
    assert_eq!(ask(&server.address, &hailar, &end(&chief), "").await.0, 403);
    assert_eq!(ask(&server.address, &keeper, &end(&chief), "").await.0, 403, "of an administrator");
    // Nor any device of one: the sessions on it would go with it.
    for (login, status) in [("office", 403), ("jiaoyu", 204)] {
        let (secret, _) = sign_in(&server.address, login).await;
        let mut device = Signer::new(&server.address, &secret).await;
        assert_eq!(device.certify(&server.address, &secret).await, 200);
        let ends = format!("DELETE /api/devices/{}", device.device);
        assert_eq!(ask(&server.address, &keeper, &ends, "").await.0, status, "{login}");
        assert_eq!(me(&secret).await["person"].is_null(), status == 204, "{login}");
        // One's own.
        assert_eq!(ask(&server.address, &secret, &ends, "").await.0, if status == 403 { 204 } else { 401 });
    }
    assert_eq!(ask(&server.address, &keeper, &end(&greedy), "").await.0, 204);
    for client in &mut open {
        client.closed().await;
    }
    assert_eq!(ask(&server.address, &hailar, "GET /api/session", "").await.0, 401);
    assert_eq!(me(&office).await, chief, "nobody else is signed out");
    // They signed in, which counts for an hour; everything else was given back.
    let given_back =
        |line: &serde_json::Value| line["person"] == greedy["person"] && line["what"] == "sign_ins";
    let lines = costs_once(&server.address, &keeper, given_back).await;
    let left = lines.iter().find(|line| given_back(line)).expect("their line");
    assert_eq!((&left["sockets"], &left["used"]), (&0.into(), &10.into()), "{lines:#?}");
    let (_, told) = ask(&server.address, &keeper, "GET /api/audit?act=sessions_ended", "").await;
    let told: Vec<serde_json::Value> = serde_json::from_str(&told).expect("records");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!((&told[0]["by"], &told[0]["about"]["person"]), (&kept["person"], &greedy["person"]));
    // It is no end of the account.
    let (again, _) = sign_in(&server.address, "hailar").await;
    assert_eq!(me(&again).await["person"], greedy["person"]);
    server.kill().await;
}

/// A request that is sent and not waited for: the line is cut after so long.
async fn send_and_leave(address: &str, secret: &str, line: &str, body: &str, after: Duration) {
    let head =
        format!("{line} HTTP/1.1\r\nauthorization: Bearer {secret}\r\ncontent-type: application/json\r\n");
    leave(address, &head, body, after).await;
}

async fn leave(address: &str, head: &str, body: &str, after: Duration) {
    let request = format!("{head}host: localhost\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("written");
    tokio::time::sleep(after).await;
}

/// Somebody who finds a browser open guesses at the password and waits for no answer: the trail tells of each
/// guess, and that they had too many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_counted_also_when_nobody_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start_with(folder.path(), &OPTIONS).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let guess = "{\"password\":\"not the one\",\"new\":\"another one\"}";
    for _ in 0..9 {
        // As long as it takes to be read, and shorter than a password is looked at.
        let after = Duration::from_millis(5);
        send_and_leave(&server.address, &secret, "POST /api/ways/password", guess, after).await;
    }
    for _ in 0..100 {
        if ask(&server.address, &secret, "POST /api/ways/password", guess).await.0 == 429 {
            break;
        }
    }
    server.terminate(Duration::from_secs(6)).await;
    let server = Process::start_with(folder.path(), &OPTIONS).await;
    let mut unproven = 0;
    for one in trail(&server.address).await.iter().filter(|one| one["about"]["why"] == "unproven") {
        unproven += one["about"]["count"].as_u64().unwrap_or(1);
    }
    assert_eq!(unproven, 8, "each guess of the share");
    server.kill().await;
}

/// An administrator whose line breaks in the middle of an act: it goes to its end and is on the trail, or was
/// never begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_is_on_the_trail_also_when_nobody_waits_for_its_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let account = async || {
        let told = ask(&server.address, &secret, "GET /api/accounts", "").await.1;
        let all: Vec<serde_json::Value> = serde_json::from_str(&told).expect("accounts");
        all.into_iter().find(|one| one["login"] == "hailar").expect("an account")
    };
    let hailar = account().await;
    let (mut role, mut changes) = ("editor".to_owned(), 0);
    for number in 0..40 {
        let next = if role == "editor" { "reporter" } else { "editor" };
        let body = serde_json::json!({ "unit": hailar["unit"], "role": next }).to_string();
        let line = format!("POST /api/accounts/{}", hailar["id"].as_str().expect("an id"));
        send_and_leave(&server.address, &secret, &line, &body, Duration::from_millis(number % 20)).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = account().await["role"].as_str().expect("a role").to_owned();
        changes += usize::from(now != role);
        role = now;
    }
    // The last one may still be under way.
    tokio::time::sleep(Duration::from_secs(2)).await;
    changes += usize::from(account().await["role"] != role.as_str());
    assert!(changes > 5, "{changes} changes");
    let records = trail(&server.address).await;
    let told = records.iter().filter(|record| record["act"] == "role_changed").count();
    assert_eq!(told, changes);
    server.kill().await;
}

/// A provider of unified sign-in that takes its time and then knows nobody.
async fn slow_provider(time: Duration) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let issuer = format!("http://{}", listener.local_addr().expect("an address"));
    let about = serde_json::json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    let refuses = move || async move {
        tokio::time::sleep(time).await;
        (StatusCode::BAD_REQUEST, Json(serde_json::json!({ "error": "invalid_grant" })))
    };
    let routes = Router::new()
        .route("/.well-known/openid-configuration", get(async || Json(about)))
        .route("/keys", get(async || Json(serde_json::json!({ "keys": [] }))))
        .route("/token", post(refuses));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    issuer
}

/// A browser is sent to a slow provider and comes back, and its line breaks while the provider is asked.
async fn comes_back_and_leaves(address: &str) {
    let (status, head, _) = http(address, "GET /api/provider HTTP/1.1\r\n", "").await;
    assert_eq!(status, 303, "{head}");
    let part = |from: &str| {
        let rest = head.split_once(from).map(|(_, rest)| rest).expect("it is told");
        rest.split(['&', ';', '\r']).next().expect("a word").to_owned()
    };
    let (token, state) = (part("tongban-state="), part("&state="));
    let head =
        format!("GET /api/provider/back?state={state}&code=x HTTP/1.1\r\ncookie: tongban-state={token}\r\n");
    leave(address, &head, "", Duration::from_millis(200)).await;
}

/// The records of refused sign-ins over the provider.
async fn refused_by_provider(address: &str) -> usize {
    let records = trail(address).await;
    let refused = records.iter().filter(|one| one["act"] == "sign_in_refused");
    refused.filter(|one| one["about"]["way"] == "provider").count()
}

/// A server that is told to end while an act goes on waits for it, also when nobody else does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_act_goes_to_its_end_before_the_program_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = slow_provider(Duration::from_millis(1500)).await;
    let unified =
        ["--address", "http://localhost:8080", "--provider", &issuer, "--provider-client", "tongban"];
    let options = [&OPTIONS[..], &unified].concat();
    let server = Process::start_with(folder.path(), &options).await;
    comes_back_and_leaves(&server.address).await;
    let took = server.terminate(Duration::from_secs(5)).await;
    assert!(took > Duration::from_millis(500), "{took:?}");
    let server = Process::start_with(folder.path(), &options).await;
    assert_eq!(refused_by_provider(&server.address).await, 1);
    server.kill().await;
}

/// Coming back from the provider is an act, though a browser asks for it by GET.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn coming_back_from_the_provider_goes_to_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = slow_provider(Duration::from_millis(800)).await;
    let unified =
        ["--address", "http://localhost:8080", "--provider", &issuer, "--provider-client", "tongban"];
    let server = Process::start_with(folder.path(), &[&OPTIONS[..], &unified].concat()).await;
    comes_back_and_leaves(&server.address).await;
    let mut told = 0;
    for _ in 0..40 {
        told = refused_by_provider(&server.address).await;
        if told > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(told, 1);
    server.kill().await;
}
