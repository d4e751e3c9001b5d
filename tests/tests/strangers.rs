//! Strangers, who have no account: how much of the server they hold by being slow, silent or strange, and what
//! an answer leaves behind in a browser.

use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tongban_shared::attachment::FileHash;
use tongban_shared::limits::PIECE;
use tongban_tests::client::{ask, ask_bytes, http, sign_in};
use tongban_tests::process::Process;
use tongban_tests::timing::memory;

/// Many who read a large file of the app hold it together, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_who_read_slowly_hold_little() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = folder.path().join("app");
    std::fs::create_dir(&app).expect("a folder");
    std::fs::write(app.join("index.html"), "<!doctype html><title>x</title>").expect("written");
    std::fs::write(app.join("app.wasm"), vec![7; 8 << 20]).expect("written");
    let app = app.to_string_lossy();
    let options = ["--demo", "--listen", "127.0.0.1:0", "--app", &app];
    let server = Process::start_with(&folder.path().join("data"), &options).await;
    let before = memory(server.id());
    let mut readers = Vec::new();
    for _ in 0..60 {
        let mut reader = TcpStream::connect(&server.address).await.expect("connects");
        reader.write_all(b"GET /app.wasm HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("written");
        let mut begun = [0; 12];
        reader.read_exact(&mut begun).await.expect("a status");
        assert_eq!(&begun, b"HTTP/1.1 200");
        readers.push(reader);
    }
    // Nor under other names.
    for name in ["/./app.wasm", "/././app.wasm", "/.//app.wasm", "/x/../app.wasm", "/app.wasm/."] {
        assert_eq!(http(&server.address, &format!("GET {name} HTTP/1.1\r\n"), "").await.0, 404, "{name}");
    }
    let grown = memory(server.id()) - before;
    assert!(grown < 40.0, "{grown:.1} MiB more");
    let (status, head, _) = http(&server.address, "GET /app.wasm HTTP/1.1\r\n", "").await;
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
    assert_eq!(status, 200);
    let again = format!("GET /app.wasm HTTP/1.1\r\nif-none-match: {tag}\r\n");
    assert_eq!(http(&server.address, &again, "").await.0, 304);
    server.kill().await;
}

/// How long a connection stands that begins so, and goes on with a byte now and then.
async fn stands(address: &str, begin: &[u8], goes_on: bool) -> Duration {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(begin).await.expect("written");
    let (mut reading, mut writing) = stream.split();
    let trickle = async {
        while goes_on && writing.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut answer = Vec::new();
    let ended = async { reading.read_to_end(&mut answer).await };
    tokio::select! {
        _ = ended => {}
        () = trickle => {}
        () = tokio::time::sleep(Duration::from_secs(90)) => {}
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_says_nothing_or_never_ends_is_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = &server.address;
    let body = b"POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 20000\r\n\r\n{";
    let (nothing, begun, other, drops) = tokio::join!(
        stands(address, b"", false),
        stands(address, b"PR", false),
        stands(address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", false),
        stands(address, body, true),
    );
    let seconds = Duration::from_secs;
    assert!(other < seconds(5), "another protocol: {other:?}");
    assert!(nothing < seconds(25), "nothing: {nothing:?}");
    assert!(begun < seconds(25), "the beginning of a word: {begun:?}");
    assert!((seconds(20)..seconds(60)).contains(&drops), "a body that comes by drops: {drops:?}");
    // So is the head of a request: a longer one is not even read.
    for bytes in [32 << 10, 200 << 10] {
        let head = format!("GET /healthz HTTP/1.1\r\nx-long: {}\r\n", "x".repeat(bytes));
        assert_eq!(http(address, &head, "").await.0, 431, "{bytes}");
    }
    let head = format!("GET /healthz HTTP/1.1\r\nx-long: {}\r\n", "x".repeat(16 << 10));
    assert_eq!(http(address, &head, "").await.0, 200);
    // Words are few, pieces of files are larger.
    let long = json!({ "login": "office", "password": "x".repeat(40_000) }).to_string();
    let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
    assert_eq!(http(address, head, &long).await.0, 413);
    server.kill().await;
}

/// Bodies that do not end, from however many networks: strangers keep out strangers for a moment, and take
/// nothing of what is for those who are signed in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_of_strangers_take_nothing_from_who_is_signed_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0", "--behind-proxy"];
    let server = Process::start_with(folder.path(), &options).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let before = memory(server.id());
    let begins = async |network: usize, length: usize| {
        let mut stream = TcpStream::connect(&server.address).await.expect("connects");
        let head = format!(
            "POST /api/session HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 2001:db8:{:x}:{network:x}::1\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n",
            network / 8
        );
        // It may be refused before all of it is sent.
        let _ = stream.write_all(&[head.as_bytes(), &vec![b' '; length - 1]].concat()).await;
        stream
    };
    let mut streams = Vec::new();
    for network in 0..200 {
        streams.push(begins(network, 1_000_000).await);
    }
    // Those are refused, and leave no room behind that nobody takes.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for network in 0..240 {
        for _ in 0..6 {
            streams.push(begins(network, 30_000).await);
        }
    }
    // Smaller ones take what is left.
    for length in [3000, 2100, 1000, 500, 200, 100, 60, 60] {
        for network in 240..280 {
            streams.push(begins(network, length).await);
        }
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let grown = memory(server.id()) - before;
    // Beside what is held each connection has read ahead.
    assert!(grown < 160.0, "{grown:.1} MiB more");
    let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
    let words = |more: usize| {
        json!({ "login": "office", "password": "tongban-demo", "more": "x".repeat(more) }).to_string()
    };
    let piece = vec![7; PIECE];
    let line = format!("POST /api/files/{}?size={}&at=0", FileHash::of(&piece), 2 * PIECE);
    assert_eq!(ask_bytes(&server.address, &secret, &line, &piece).await.0, 200);
    assert_eq!(ask(&server.address, &secret, "POST /api/ways/code/end", "{}").await.0, 422);
    let begun = Instant::now();
    while http(&server.address, head, &words(32_000)).await.0 != 429 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the bound of all strangers");
    }
    // A sign-in is brief, and has room whatever is held of others.
    let (status, _, said) = http(&server.address, head, &words(0)).await;
    assert_eq!(status, 200, "{said}");
    // Nobody who is not signed in has a piece read.
    assert_eq!(http(&server.address, &format!("{line} HTTP/1.1\r\n"), &words(0)).await.0, 401);
    drop(streams);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(http(&server.address, head, &words(32_000)).await.0, 200);
    server.kill().await;
}

/// Brief bodies that lack a few bytes, from one network: they keep nobody out of another network, nor out of a
/// browser that is known, and not for long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn brief_bodies_that_do_not_end_close_sign_in_for_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0", "--behind-proxy"];
    let server = Process::start_with(folder.path(), &options).await;
    let words = json!({ "login": "office", "password": "tongban-demo" }).to_string();
    let signs_in = async |from: &str, marks: &str| {
        let head = format!(
            "POST /api/session HTTP/1.1\r\nx-forwarded-for: {from}\r\ncookie: tongban-known={marks}\r\n\
             content-type: application/json\r\n"
        );
        let (status, head, _) = http(&server.address, &head, &words).await;
        let marks = head.split("tongban-known=").nth(1).and_then(|rest| rest.split(';').next());
        (status, marks.unwrap_or_default().to_owned())
    };
    let (status, marks) = signs_in("203.0.113.7", "").await;
    assert!(status == 200 && !marks.is_empty());
    let mut streams = Vec::new();
    for _ in 0..140 {
        let mut stream = TcpStream::connect(&server.address).await.expect("connects");
        let head = "POST /api/session HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 203.0.113.7\r\n\
                    content-type: application/json\r\ncontent-length: 2048\r\n\r\n";
        stream.write_all(&[head.as_bytes(), &[b' '; 2040]].concat()).await.expect("written");
        streams.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(signs_in("203.0.113.7", "").await.0, 429, "the share of that network");
    assert_eq!(signs_in("203.0.113.7", &marks).await.0, 200, "a known browser there");
    assert_eq!(signs_in("203.0.113.8", "").await.0, 200, "another network");
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(signs_in("203.0.113.7", "").await.0, 200, "they had their time");
    server.kill().await;
}

/// Whether a connection ends with the answer to a request.
async fn ends(address: &str, head: &str, body: &[u8]) -> bool {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let head = format!("{head}host: localhost\r\n{length}\r\n");
    stream.write_all(&[head.as_bytes(), body].concat()).await.expect("written");
    let mut answer = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut answer)).await.is_ok();
    let answer = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 ") && answer.contains("connection: close") == ended, "{answer}");
    ended
}

/// As much as is read of a large request stays with its connection: that of a stranger ends with the answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_keeps_no_connection_that_has_read_much() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0", "--address", "http://localhost"];
    let server = Process::start_with(folder.path(), &options).await;
    let (address, post) = (&server.address, "POST /api/passkey HTTP/1.1\r\n");
    let (secret, _) = sign_in(address, "office").await;
    let large = vec![b' '; 30_000];
    assert!(!ends(address, post, b" ").await && !ends(address, "GET /p HTTP/1.1\r\n", b"").await);
    assert!(ends(address, post, &large).await);
    assert!(ends(address, &format!("{post}x-long: {}\r\n", "x".repeat(8000)), b"").await);
    let piece = "POST /api/files/00 HTTP/1.1\r\n";
    assert!(ends(address, piece, &large).await, "nor by a piece, of which nothing is kept");
    // An account has its share, and its pieces come over one connection.
    assert!(!ends(address, &format!("{post}cookie: tongban={secret}\r\n"), &large).await);
    server.kill().await;
}

/// An act goes on when its asker is gone, and so does what is held for its body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_is_held_until_its_act_is_over_also_when_nobody_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0", "--behind-proxy"];
    let server = Process::start_with(folder.path(), &options).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let from = "203.0.113.7";
    let mut streams = Vec::new();
    for number in 0..30 {
        let words =
            json!({ "login": format!("nobody{number}"), "password": "x", "more": "x".repeat(28_000) });
        let words = words.to_string();
        let length = words.len();
        let request = format!(
            "POST /api/session HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {from}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{words}"
        );
        let mut stream = TcpStream::connect(&server.address).await.expect("connects");
        stream.write_all(request.as_bytes()).await.expect("written");
        streams.push(stream);
    }
    let held = || async {
        let (_, costs) = ask(&server.address, &secret, "GET /api/costs", "").await;
        let costs: Vec<serde_json::Value> = serde_json::from_str(&costs).expect("costs");
        let of_network = costs.iter().find(|cost| cost.to_string().contains(from));
        of_network.and_then(|cost| cost["bytes"].as_u64()).unwrap_or_default()
    };
    drop(streams);
    // Passwords of one network are looked at by turns: most of these wait.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let bytes = held().await;
    assert!(bytes > 28_000, "{bytes}");
    let begun = Instant::now();
    while held().await > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "they end");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    server.kill().await;
}

/// Nothing of an answer stays in the browser for the next one at that computer, and no database is asked to keep
/// what it cannot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_are_kept_nowhere_and_strange_words_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let signed_in = format!("cookie: tongban={secret}\r\n");
    for path in ["session", "audit", "accounts", "ways", "sessions", "devices", "projects", "nothing"] {
        let line = format!("GET /api/{path} HTTP/1.1\r\n{signed_in}");
        let (_, head, _) = http(&server.address, &line, "").await;
        assert!(head.contains("cache-control: no-store"), "{path}: {head}");
    }
    let (_, head, _) = http(&server.address, "GET /p HTTP/1.1\r\n", "").await;
    assert!(head.contains("cache-control: public"), "public pages may be kept: {head}");

    let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
    let strange = "{\"login\":\"off\\u0000ice\",\"password\":\"tongban-demo\"}";
    let (status, _, said) = http(&server.address, head, strange).await;
    assert!(status == 422 && said.contains("不能保存的字符"), "{status}: {said}");
    assert_eq!(ask(&server.address, &secret, "GET /api/audit?act=%00", "").await.0, 422);
    assert_eq!(ask(&server.address, &secret, "GET /api/audit?act=sign_in", "").await.0, 200);

    let line = format!("DELETE /api/session HTTP/1.1\r\n{signed_in}");
    let (status, head, _) = http(&server.address, &line, "").await;
    assert!(status == 204 && head.contains("clear-site-data: \"cache\""), "{head}");
    server.kill().await;
}
