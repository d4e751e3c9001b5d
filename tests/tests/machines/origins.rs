//! The names of origins, of people and of secrets, as browsers and proxies know them.

use super::*;

/// A page of our own is known however its origin is written; a page of another is not, be it by its scheme
/// alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_origins_are_known_and_others_refused() {
    let body = json!({ "login": "hailar", "password": "tongban-demo" }).to_string();
    let status = async |server: &Process, origin: &str, host: &str| {
        let head = format!(
            "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\norigin: {origin}\r\nhost: {host}\r\n"
        );
        http(&server.address, &head, &body).await.0
    };
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let own = &server.address;
    for (origin, host, expected) in [
        (format!("http://{own}"), own.as_str(), 200),
        ("http://tongban.example".to_owned(), "Tongban.Example:80", 200),
        ("HTTP://Tongban.Example:80".to_owned(), "tongban.example", 200),
        ("http://tongban.example:8080".to_owned(), "tongban.example:8080", 200),
        ("http://tongban.example:8081".to_owned(), "tongban.example:8080", 403),
        ("http://tongban.example.evil.example".to_owned(), "tongban.example", 403),
        (format!("https://{own}"), own, 403),
        (format!("ftp://{own}"), own, 403),
        ("null".to_owned(), own, 403),
    ] {
        assert_eq!(status(&server, &origin, host).await, expected, "{origin} at {host}");
    }
    server.kill().await;

    let address = "https://Tongban.Example:8443/";
    let options = ["--demo", "--listen", "127.0.0.1:0", "--secure", "--behind-proxy", "--address", address];
    let server = Process::start_with(folder.path(), &options).await;
    for (origin, host, expected) in [
        ("https://tongban.example:8443", "tongban.example:8443", 200),
        // A proxy that passes on the name without its port, or a name of its own.
        ("https://tongban.example:8443", "tongban.example", 200),
        ("https://TONGBAN.example:8443", "127.0.0.1:8080", 200),
        // Under another name, over TLS as well.
        ("https://intranet.example", "intranet.example:443", 200),
        ("http://tongban.example:8443", "tongban.example:8443", 403),
        ("http://intranet.example", "intranet.example", 403),
        ("https://elsewhere.example", "tongban.example:8443", 403),
    ] {
        assert_eq!(status(&server, origin, host).await, expected, "{origin} at {host}");
    }

    // Attempts are counted by what the proxy added, on whatever line; what came before is made up.
    let wrong = json!({ "login": "nobody", "password": "x" }).to_string();
    let attempt = async |number: u32, end: &str| {
        let forged = format!("198.51.100.{}", number % 250);
        let head = format!(
            "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\nx-forwarded-for: {forged}\r\n{end}"
        );
        let body = wrong.replace("nobody", &format!("nobody{number}"));
        http(&server.address, &head, &body).await.0
    };
    let lines = "x-forwarded-for: 203.0.113.9\r\n";
    let mut last = 0;
    for number in 0..81 {
        last = attempt(number, lines).await;
    }
    assert_eq!(last, 429, "one address, however many others are named before it");
    assert_eq!(attempt(90, "x-forwarded-for: 203.0.113.10\r\n").await, 401);
    // A port is no part of an address; some proxies add it, and it is another one with every connection.
    for number in 0..81 {
        last = attempt(number, &format!("x-forwarded-for: 203.0.113.11:{}\r\n", 40_000 + number)).await;
    }
    assert_eq!(last, 429, "one address, whatever its port");
    assert_eq!(attempt(90, "x-forwarded-for: [2001:db8:1:2::3]:443\r\n").await, 401);
    // Counters are for the keeper of the machine, not for who comes through the proxy.
    let metrics =
        async |line: &str| http(&server.address, &format!("GET /metrics HTTP/1.1\r\n{line}"), "").await.0;
    assert_eq!(metrics("").await, 200);
    assert_eq!(metrics("x-forwarded-for: 203.0.113.9\r\n").await, 404);
    server.kill().await;
}

/// The cookie lives as long as the session, and each use prolongs both; logins and codes are read as phones
/// and Chinese keyboards write them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logins_are_folded_and_the_cookie_ends_with_the_session() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0", "--session-hours", "2"];
    let server = Process::start_with(folder.path(), &options).await;
    let try_in = async |login: &str, password: &str| {
        let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
        http(&server.address, head, &json!({ "login": login, "password": password }).to_string()).await
    };
    for login in ["hailar", "Hailar", " HAILAR　", "ｈａｉｌａｒ"] {
        let (status, _, body) = try_in(login, "tongban-demo").await;
        assert_eq!(status, 200, "{login}: {body}");
        assert!(body.contains("\"login\":\"hailar\""), "{login}: {body}");
    }
    let (_, head, _) = try_in("hailar", "tongban-demo").await;
    let cookie = header(&head, "set-cookie").expect("a cookie");
    assert!(cookie.contains("Max-Age=7200"), "{cookie}");
    let own = cookie.split(';').next().expect("its value");
    let (status, head, _) =
        http(&server.address, &format!("GET /api/session HTTP/1.1\r\ncookie: {own}\r\n"), "").await;
    assert_eq!(status, 200);
    let renewed = header(&head, "set-cookie").expect("the cookie anew");
    assert!(renewed.starts_with(own) && renewed.contains("Max-Age=7200"), "{renewed}");

    // A new account cannot be like another one.
    let (office, _) = sign_in(&server.address, "office").await;
    let me: Value =
        serde_json::from_str(&ask(&server.address, &office, "GET /api/session", "").await.1).expect("me");
    let accept = async |login: &str| {
        let order = json!({ "unit": me["unit"], "role": "editor" }).to_string();
        let link = ask(&server.address, &office, "POST /api/invitations", &order).await.1;
        let link: Value = serde_json::from_str(&link).expect("a link");
        let token = link["link"].as_str().and_then(|link| link.strip_prefix("/join/")).expect("a link");
        let head = format!("POST /api/invitations/{token} HTTP/1.1\r\ncontent-type: application/json\r\n");
        let body = json!({ "login": login, "name": "", "password": "tongban-demo" }).to_string();
        http(&server.address, &head, &body).await.0
    };
    assert_eq!(accept("ＨＡＩＬＡＲ").await, 409);
    assert_eq!(accept(" Wang.Fang ").await, 200);
    assert_eq!(try_in("wang.fang", "tongban-demo").await.0, 200);

    // Accounts of earlier versions that are alike go by their exact spelling.
    alter(folder.path(), "update account set login = 'Office' where login = 'wang.fang'").await;
    for (login, expected) in [("office", 200), ("Office", 200), ("OFFICE", 401)] {
        assert_eq!(try_in(login, "tongban-demo").await.0, expected, "{login}");
    }
    // Spellings are no way around the limit on attempts.
    let mut last = 0;
    for login in ["hailar", "Hailar", "HAILAR"].iter().cycle().take(9) {
        last = try_in(login, "wrong-password").await.0;
    }
    assert_eq!(last, 429);
    server.kill().await;
}

/// A log that tells everything tells no secret: invitations, codes of a provider and tokens of programs stand
/// in addresses.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_an_address_is_in_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0"];
    let log = [("RUST_LOG", "debug,tower_http=trace")];
    let server = Process::start_under(folder.path(), &options, &log).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    for line in [
        "GET /api/invitations/SECRETINVITATION HTTP/1.1\r\n",
        "GET /join/SECRETINVITATION HTTP/1.1\r\n",
        "GET /api/provider/back?state=SECRETSTATE&code=SECRETCODE HTTP/1.1\r\n",
        "GET /p/SECRETSPACE HTTP/1.1\r\n",
    ] {
        http(&server.address, line, "").await;
    }
    let socket = format!(
        "GET /sync?token={secret} HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), http(&server.address, &socket, "")).await;
    let log = server.log().await;
    assert!(log.contains("/api/invitations/{secret}") && log.contains("/sync"), "{log}");
    for secret in ["SECRET", secret.as_str()] {
        assert!(
            !log.contains(secret),
            "{}",
            log.lines().find(|line| line.contains(secret)).unwrap_or_default()
        );
    }
}
