//! Attacks from outside over HTTP: other sites, fixed sessions, paths, sizes, slowness, markup in every text
//! that is shown.

#[path = "attack/shares.rs"]
mod shares;

use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tongban_fuzz::hostile::{Change, Whole, chain};
use tongban_shared::access::AccountRole;
use tongban_shared::document::Kind;
use tongban_shared::edit::{BoardField, Edit, ItemField, TextPlace};
use tongban_shared::id::{BoardId, DocumentId, SpaceId, UnitId};
use tongban_shared::plan::Settled;
use tongban_shared::sync::RefusalCode;
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::room::NEARLY_FULL;
use tongban_tests::client::{Client, ask, demonstration, http, join, sign_in};
use tongban_tests::hostile::{sync, upon_nothing};
use tongban_tests::process::{Process, tongban};
use tongban_tests::timing::memory;

/// Every route that changes something, with a body that it would read.
const CHANGING: [(&str, &str); 27] = [
    ("POST /api/session", "{\"login\":\"office\",\"password\":\"tongban-demo\"}"),
    ("DELETE /api/session", ""),
    ("DELETE /api/sessions/x", ""),
    ("POST /api/invitations", "{\"unit\":\"u\",\"role\":\"editor\"}"),
    ("POST /api/invitations/x", "{\"password\":\"12345678\"}"),
    ("POST /api/accounts/p_00000000000000000000000000", "{}"),
    ("DELETE /api/accounts/p_00000000000000000000000000", ""),
    ("DELETE /api/accounts/p_00000000000000000000000000/sessions", ""),
    ("POST /api/ways/password", "{\"password\":\"tongban-demo\",\"new\":\"another one\"}"),
    ("POST /api/ways/code", "{\"password\":\"tongban-demo\"}"),
    ("POST /api/ways/code/confirm", "{\"code\":\"000000\"}"),
    ("POST /api/ways/code/end", "{\"password\":\"tongban-demo\"}"),
    ("POST /api/ways/passkeys", "{\"password\":\"tongban-demo\"}"),
    ("POST /api/ways/passkeys/confirm", "{\"name\":\"x\",\"credential\":\"{}\"}"),
    ("POST /api/ways/passkeys/00/end", "{\"password\":\"tongban-demo\"}"),
    ("POST /api/ways/provider", "{}"),
    ("POST /api/ways/provider/end", "{}"),
    ("POST /api/lock", "null"),
    ("POST /api/passkey", ""),
    ("POST /api/passkey/session", "{}"),
    ("POST /api/devices", "{}"),
    ("DELETE /api/devices/d_00000000000000000000000000", ""),
    ("POST /api/publications/b_00000000000000000000000000", "{\"digest\":\"\"}"),
    ("POST /api/publications/b_00000000000000000000000000/1/withdraw", "{\"reason\":\"x\"}"),
    ("POST /api/files/0000000000000000000000000000000000000000000000000000000000000000?size=1&at=0", "x"),
    (
        "POST /api/carried/b_00000000000000000000000000/u_00000000000000000000000000/0000000000000000000000000000000000000000000000000000000000000000?size=1&at=0",
        "x",
    ),
    ("GET /sync", ""),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_another_site_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let routes = include_str!("../../server/src/http.rs");
    let (acts, asks) = routes.split_once("fn asks()").expect("routes that change nothing");
    let acts = acts.split_once("fn acts(").expect("routes that may change something").1;
    let count = |routes: &str, words: &[&str]| words.iter().map(|word| routes.matches(word).count()).sum();
    let changing: usize = count(acts, &["post(", "delete(", " get("]);
    // A browser that comes back from the provider comes from there.
    assert_eq!(CHANGING.len() + 1, changing, "every route that says that it acts");
    let others: usize = count(asks, &["post(", "delete(", "put(", "patch("]);
    assert_eq!(others, 0, "these change nothing");
    for (line, body) in CHANGING {
        let upgrade = if line.starts_with("GET") {
            "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        } else {
            "content-type: application/json\r\n"
        };
        let head = format!(
            "{line} HTTP/1.1\r\norigin: https://elsewhere.example\r\ncookie: tongban={secret}\r\n{upgrade}"
        );
        let (status, _, said) = http(&server.address, &head, body).await;
        assert_eq!(status, 403, "{line}: {said}");
    }
    // A form of another site can send this type without asking: it is not read.
    let head =
        format!("POST /api/invitations HTTP/1.1\r\ncookie: tongban={secret}\r\ncontent-type: text/plain\r\n");
    let (status, _, _) = http(&server.address, &head, "{\"unit\":\"u\",\"role\":\"editor\"}").await;
    assert_eq!(status, 415);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_somebody_else_has_fixed_is_never_taken_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let fixed = "ab".repeat(32);
    let head = format!(
        "POST /api/session HTTP/1.1\r\ncookie: tongban={fixed}\r\ncontent-type: application/json\r\n"
    );
    let body = "{\"login\":\"office\",\"password\":\"tongban-demo\"}";
    let (status, head, _) = http(&server.address, &head, body).await;
    assert_eq!(status, 200);
    let cookie = head.to_lowercase();
    assert!(
        !cookie.contains(&fixed) && cookie.contains("httponly") && cookie.contains("samesite=lax"),
        "{head}"
    );
    assert_eq!(ask(&server.address, &fixed, "GET /api/session", "").await.0, 401);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paths_and_sizes_are_bounded_and_every_answer_has_its_policy() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = folder.path().join("app");
    std::fs::create_dir(&app).expect("a folder");
    std::fs::write(app.join("index.html"), "<!doctype html><title>x</title>").expect("written");
    std::fs::write(folder.path().join("secret.txt"), "root: beside the app").expect("written");
    let app = app.to_string_lossy();
    let options = ["--demo", "--listen", "127.0.0.1:0", "--app", &app];
    let server = Process::start_with(&folder.path().join("data"), &options).await;
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/x/../../secret.txt",
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/p/..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd",
        "/%00",
        "/p/s_00000000000000000000000000/b_00000000000000000000000000.../1",
        "/p/s_00000000000000000000000000/b_00000000000000000000000000/99999999999999999999",
    ] {
        let (status, _, body) = http(&server.address, &format!("GET {path} HTTP/1.1\r\n"), "").await;
        assert!(!body.contains("root:") && status < 500, "{path}: {status}");
    }
    for path in [
        "/",
        "/p",
        "/p/x",
        "/p/x/y",
        "/api/session",
        "/api/audit",
        "/healthz",
        "/metrics",
        "/x.js",
        "/join/x",
    ] {
        let (_, head, _) = http(&server.address, &format!("GET {path} HTTP/1.1\r\n"), "").await;
        let head = head.to_lowercase();
        let policy = head.lines().find(|line| line.starts_with("content-security-policy:"));
        let policy = policy.unwrap_or_else(|| panic!("{path} has no policy"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(head.contains("x-content-type-options: nosniff"), "{path}");
    }
    let large = format!("{{\"login\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
    assert_eq!(http(&server.address, head, &large).await.0, 413);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let (status, _, _) = http(&server.address, head, &deep).await;
    assert!((400..500).contains(&status), "{status}");
    server.kill().await;
}

/// A client that sends a request a byte at a time, or never ends it, is let go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_requests_are_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let begun = Instant::now();
    let slow = |part: &'static [u8]| {
        let address = server.address.clone();
        async move {
            let mut stream = TcpStream::connect(address).await.expect("connects");
            stream.write_all(part).await.expect("written");
            let mut answer = Vec::new();
            let ended = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut answer)).await;
            ended.is_ok()
        }
    };
    let head = slow(b"GET / HTTP/1.1\r\nhost:");
    let body = slow(b"POST /api/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{");
    let (head, body) = tokio::join!(head, body);
    assert!(head, "a head that never ends");
    assert!(body, "a body that never ends");
    assert!(begun.elapsed() < Duration::from_secs(60));
    // And meanwhile others were served.
    sign_in(&server.address, "office").await;
    server.kill().await;
}

/// Markup in every text of a board stays text on the public pages.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markup_in_any_text_stays_text_on_public_pages() {
    const MARKUP: &str =
        "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>";
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, space) = sign_in(&server.address, "office").await;
    let mut office = Client::connect(&server.address, &secret, "office").await;
    let space_id = DocumentId::space(space.parse::<SpaceId>().expect("a space"));
    office.open(space_id, Kind::Space).await;
    let boards = office.documents[&space_id].space().boards;
    let board: BoardId = *boards.iter().find(|(_, one)| !one.doc_number.is_empty()).expect("a board").0;
    let id = DocumentId::board(board);
    office.open(id, Kind::Board).await;
    let content = office.documents[&id].board();
    let (item, section) = (content.item_order()[0], content.section_order()[0]);
    let text = |text| Edit::SpliceText { text, at: 0, delete: 0, insert: MARKUP.into() };
    let mut edits = vec![
        Edit::SetSectionTitle { id: section, title: MARKUP.into() },
        text(TextPlace::Goal),
        text(TextPlace::Item(item)),
    ];
    for field in [BoardField::Title, BoardField::SourceTitle, BoardField::SourceNumber, BoardField::Issuer] {
        edits.push(Edit::SetBoardField { field, value: MARKUP.into() });
    }
    for field in [ItemField::Number, ItemField::Title, ItemField::Deadline] {
        edits.push(Edit::SetItemField { id: item, field, value: MARKUP.into() });
    }
    for edit in &edits {
        let hash = office.edit(id, edit).await;
        office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    }
    let hash = office.edit(space_id, &Edit::SetSpaceName { name: MARKUP.into() }).await;
    office.until("the acknowledgement", |client| client.acknowledged[&space_id].contains(&hash)).await;
    for number in 1..=2 {
        let by = UnitId::from_bytes([1; 16]);
        let value = Settled::of(&office.documents[&id].board(), by, number).to_word();
        let hash = office.edit(id, &Edit::SetBoardField { field: BoardField::Settled, value }).await;
        office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
        let preview = format!("GET /api/publications/{board}/preview");
        let (_, body) = ask(&server.address, &secret, &preview, "").await;
        let preview: serde_json::Value = serde_json::from_str(&body).expect("a preview");
        let body = serde_json::json!({ "digest": preview["digest"] }).to_string();
        let (status, said) =
            ask(&server.address, &secret, &format!("POST /api/publications/{board}"), &body).await;
        assert_eq!(status, 200, "{said}");
        let edit =
            Edit::SetItemField { id: item, field: ItemField::Title, value: format!("{MARKUP} {number}") };
        let hash = office.edit(id, &edit).await;
        office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    }
    let withdraw = format!("POST /api/publications/{board}/2/withdraw");
    let reason = serde_json::json!({ "reason": MARKUP }).to_string();
    assert_eq!(ask(&server.address, &secret, &withdraw, &reason).await.0, 204);
    for (act, count) in [("published", 2), ("withdrawn", 1)] {
        let (_, trail) = ask(&server.address, &secret, &format!("GET /api/audit?act={act}"), "").await;
        let trail: Vec<serde_json::Value> = serde_json::from_str(&trail).expect("records");
        assert_eq!(trail.len(), count, "{act}");
    }
    for (path, expected) in [
        (format!("/p/{space}"), 200),
        (format!("/p/{space}/{board}"), 200),
        (format!("/p/{space}/{board}/2"), 410),
        (format!("/p/{space}/{board}/1/2"), 410),
        (format!("/p/{space}/{board}.atom"), 200),
    ] {
        let (status, _, body) = http(&server.address, &format!("GET {path} HTTP/1.1\r\n"), "").await;
        assert_eq!(status, expected, "{path}");
        for tag in ["<script", "<img", "<svg/onload"] {
            assert!(!body.contains(tag), "{path} has {tag}");
        }
        assert!(body.contains("alert(1)"), "{path} shows the words");
    }
    server.kill().await;
}

/// A hundred bytes that say 2^60 operations, and as much work as one account may give: others are answered
/// meanwhile, the trail says it, and the program ends when it is told to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_runs_hold_up_nobody_and_the_program_ends_when_it_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut hostile, board) = demonstration(&server.address, "hailar").await;
    let id = DocumentId::board(board);
    hostile.until("the board", |client| !client.documents[&id].board().items.is_empty()).await;
    let before = memory(server.id());
    for chunks in
        [vec![Whole::of(1 << 31).sealed()], vec![Change::of(1 << 60).sealed().0], chain(40, 490_000)]
    {
        let count = hostile.refused.len();
        assert!(hostile.say(&sync(id, chunks)).await);
        hostile.until("a refusal", |client| client.refused.len() > count).await;
        assert_eq!(hostile.refused.last(), Some(&(id, RefusalCode::TooLarge)));
    }
    let grown = memory(server.id()) - before;
    assert!(grown < 64.0, "{grown:.1} MiB more");
    let (secret, space) = sign_in(&server.address, "office").await;
    let told = ask(&server.address, &secret, "GET /api/audit?act=refused", "").await.1;
    assert!(told.contains("too-large") && told.contains(&id.to_string()), "{told}");

    // Changes that may be taken, for they rest on nothing: the space is written meanwhile.
    for number in 0..12_u8 {
        let change = Change { actor: vec![number + 1; 16], ..Change::of(90_000) };
        assert!(hostile.say(&sync(id, vec![change.sealed().0])).await);
    }
    let mut other = Client::connect(&server.address, &secret, "office").await;
    let space = DocumentId::space(space.parse().expect("a space"));
    other.open(space, Kind::Space).await;
    other.until("the space", |client| !client.documents[&space].space().units.is_empty()).await;
    let unit = *other.documents[&space].space().units.keys().next().expect("a unit");
    let unit = Edit::RenameUnit { id: unit, name: "市气象局".to_owned() };
    let hash = other.edit(space, &unit).await;
    other.until("the receipt", |client| client.is_safe(space)).await;
    let (status, _, _) = http(&server.address, "GET /healthz HTTP/1.1\r\n", "").await;
    assert_eq!(status, 200);
    server.terminate(Duration::from_secs(6)).await;
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let mut again = Client::connect(&server.address, &secret, "office").await;
    again.open(space, Kind::Space).await;
    again.until("what was acknowledged", |client| client.has(space, &hash)).await;
    server.kill().await;
}

/// Changes that are malformed leave a trace: who sent them, to which board, and why; each is written once,
/// however often somebody sends it, and so is that the connection was closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_changes_are_on_the_trail_with_their_sender_board_and_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut hostile, board) = demonstration(&server.address, "hailar").await;
    let id = DocumentId::board(board);
    hostile.until("the board", |client| !client.documents[&id].board().items.is_empty()).await;
    let run = tongban_fuzz::hostile::run;
    let mut uneven = Change::of(3);
    uneven.columns[2].1 = run(4, &[1]);
    let mut roots = Change::of(1);
    roots.columns[0].1 = run(1, &tongban_fuzz::hostile::sized(b"meta"));
    let faults = [
        ("unreadable", vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 9, 0]),
        ("uneven", uneven.sealed().0),
        ("numbers", Change { start: 1 << 31, ..Change::of(1) }.sealed().0),
        ("roots", roots.sealed().0),
        ("heavy", Change::of(1 << 60).sealed().0),
    ];
    for (_, chunk) in &faults {
        for _ in 0..30 {
            let count = hostile.refused.len();
            assert!(hostile.say(&sync(id, vec![chunk.clone()])).await);
            hostile.until("a refusal", |client| client.refused.len() > count).await;
        }
    }
    // No sync message at all: the connection is closed, and the trail says that as well.
    let (sender, target) = ("device".to_owned(), "server".to_owned());
    let mut second = demonstration(&server.address, "hailar").await.0;
    assert!(second.say(&Frame::Sync { document: id, sender, target, data: vec![7; 40] }).await);
    second.closed().await;
    // One that would be written otherwise than it came: what rests on it would be lost with the next start.
    let mut third = demonstration(&server.address, "hailar").await.0;
    assert!(third.say(&sync(id, vec![upon_nothing()])).await);
    third.closed().await;
    let mut office = demonstration(&server.address, "office").await.0;
    let hash = office.edit(id, &Edit::SetBoardField { field: BoardField::Title, value: "照常".into() }).await;
    office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let me: serde_json::Value =
        serde_json::from_str(&ask(&server.address, &secret, "GET /api/session", "").await.1).expect("me");
    let (office, _) = sign_in(&server.address, "office").await;
    let (_, trail) = ask(&server.address, &office, "GET /api/audit?act=refused", "").await;
    let trail: Vec<serde_json::Value> = serde_json::from_str(&trail).expect("records");
    let mut told: Vec<&str> = trail.iter().filter_map(|one| one["about"]["why"].as_str()).collect();
    let mut expected: Vec<&str> = faults.iter().map(|(word, _)| *word).collect();
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected, "{trail:?}");
    let (_, closed) = ask(&server.address, &office, "GET /api/audit?act=closed", "").await;
    let closed: Vec<serde_json::Value> = serde_json::from_str(&closed).expect("records");
    let why: Vec<&str> = closed.iter().filter_map(|one| one["about"]["why"].as_str()).collect();
    assert_eq!(why, ["spoilt", "frame"], "{closed:?}");
    assert!(closed.iter().all(|one| one["by"] == me["person"]), "{closed:?}");
    for one in &trail {
        assert_eq!((&one["by"], &one["about"]["board"]), (&me["person"], &serde_json::json!(board)), "{one}");
    }
    server.kill().await;
}

/// A round that is spoilt ends the connection of whoever has spoilt it, and no other: the document is loaded
/// anew for those who have it open. An account that goes on is not read for a while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_spoils_a_round_is_closed_and_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut office, board) = demonstration(&server.address, "office").await;
    let id = DocumentId::board(board);
    let title = |value: &str| Edit::SetBoardField { field: BoardField::Title, value: value.to_owned() };
    for number in 0..3 {
        let mut hostile = demonstration(&server.address, "hailar").await.0;
        assert!(hostile.say(&sync(id, vec![upon_nothing()])).await);
        hostile.closed().await;
        // Over the same connection as before, and committed.
        let hash = office.edit(id, &title(&format!("第{number}次"))).await;
        office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    }
    let mut hostile = demonstration(&server.address, "hailar").await.0;
    hostile.edit(id, &title("不再接收")).await;
    hostile.until("a refusal", |client| !client.refused.is_empty()).await;
    assert_eq!(hostile.refused.last(), Some(&(id, RefusalCode::NoRight)));
    assert_eq!(office.documents[&id].board().title, "第2次");
    let (secret, _) = sign_in(&server.address, "office").await;
    let told = ask(&server.address, &secret, "GET /api/audit?act=refused", "").await.1;
    assert!(told.contains("paused") && told.contains("unreadable"), "{told}");
    server.kill().await;
}
