//! One account that takes, fills or claims whatever it gets.

use super::*;

/// Sockets and unfinished frames of one account end at its share; others are served meanwhile, and whatever
/// ends gives its share back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_holds_no_more_than_its_share() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0", "--sockets-of-an-account", "6"];
    let server = Process::start_with(folder.path(), &options).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let before = memory(server.id());
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(Client::connect(&server.address, &secret, "hailar").await);
    }
    let head = format!(
        "GET /sync HTTP/1.1\r\ncookie: tongban={secret}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    let (status, _, said) = http(&server.address, &head, "").await;
    assert_eq!(status, 429, "{said}");
    // Each begins a frame of 60 MiB and never ends it.
    for client in &mut open {
        for index in 0..240 {
            let part = Frame::Fragment { frame: 1, index, count: 241, data: vec![7; 256 * 1024] };
            if !client.say(&part).await {
                break;
            }
        }
    }
    let mut office = demonstration(&server.address, "office").await;
    let id = DocumentId::board(office.1);
    let title = Edit::SetBoardField { field: BoardField::Title, value: "照常".into() };
    let hash = office.0.edit(id, &title).await;
    office.0.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    let grown = memory(server.id()) - before;
    assert!(grown < 200.0, "{grown:.1} MiB more, of 360 that were sent");
    drop(open);
    for _ in 0..200 {
        let (status, ..) = http(&server.address, &head, "").await;
        if status == 101 {
            break;
        }
        assert_eq!(status, 429);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(http(&server.address, &head, "").await.0, 101, "the share is given back");
    server.kill().await;
}

/// No account fills a board alone: beyond its share of a day it is told, and others go on. Everybody who has
/// a board open is told that it is nearly full, and whoever opens it later; the total is kept with what was
/// written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_fills_no_board_and_a_board_that_is_nearly_full_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let board = demonstration(&server.address, "office").await.1;
    let id = DocumentId::board(board);
    // Devices that hear what they are told of the board, and read nothing of it.
    let open = async |secret: String| {
        let mut client = Client::connect(&server.address, &secret, "device").await;
        assert!(client.say(&sync(id, Vec::new())).await);
        client
    };
    let office = sign_in(&server.address, "office").await.0;
    let mut lead = open(office.clone()).await;
    let mut secrets = vec![sign_in(&server.address, "hailar").await.0];
    for login in ["second", "third", "fourth"] {
        let role = AccountRole::Administrator.word();
        let link = tongban(folder.path(), &["admin", "invite", "市信访局", "--role", role]).await;
        secrets.push(join(&server.address, &link, login).await);
    }
    // Each change leaves out as many numbers as it may, which count as well.
    let mut before = None;
    let leaps = |number: u64| {
        let (start, ancestors) = (1 + number * 1001, before.iter().copied().collect());
        let change = Change { ancestors, sequence: number + 1, start, ..Change::of(1) };
        let (bytes, hash) = change.sealed();
        before = Some(hash);
        (bytes, hash)
    };
    let all: Vec<(Vec<u8>, [u8; 32])> = (0..4 * 207).map(leaps).collect();
    let mut writers = Vec::new();
    for (quarter, secret) in all.chunks(207).zip(secrets) {
        let mut writer = open(secret).await;
        assert_eq!(lead.used.get(&id), None, "far off");
        assert!(writer.say(&sync(id, quarter.iter().map(|(bytes, _)| bytes.clone()).collect())).await);
        let hash = quarter[206].1;
        let has = |client: &mut Client| client.acknowledged.get(&id).is_some_and(|all| all.contains(&hash));
        writer.until("the acknowledgement", has).await;
        writers.push(writer);
        if let ([alone], next) = (&mut writers[..], &all[207..207 + 60]) {
            assert!(alone.say(&sync(id, next.iter().map(|(bytes, _)| bytes.clone()).collect())).await);
            alone.until("a refusal", |client| !client.refused.is_empty()).await;
            assert_eq!(alone.refused, [(id, RefusalCode::TooLarge)]);
            let trail = ask(&server.address, &office, "GET /api/audit?act=ran_out", "").await.1;
            assert!(trail.contains("\"operations\"") && trail.contains(&board.to_string()), "{trail}");
        }
    }
    lead.until("the word", |client| client.used.contains_key(&id)).await;
    let mut later = open(office).await;
    later.until("the word", |client| client.used.contains_key(&id)).await;
    let told = [&lead, &writers[3], &later].map(|client| client.used[&id]);
    assert!(told[0] >= NEARLY_FULL && told == [told[0]; 3], "{told:?}");
    assert!(writers[1..].iter().all(|writer| writer.refused.is_empty()), "others write on");
    server.terminate(Duration::from_secs(6)).await;
    let said = tongban(folder.path(), &["admin", "sizes"]).await;
    let first = said.lines().nth(1).unwrap_or_default();
    assert!(first.contains(&board.to_string()) && first.contains('%'), "{said}");
}

/// Somebody who is only named in an item of a board without a lead: over the raw protocol no word of its
/// lead, its guests, its template or what is settled of it comes in, and nothing of it is published.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_editor_of_a_board_without_a_lead_gets_no_right_by_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, space) = sign_in(&server.address, "hailar").await;
    let space = DocumentId::space(space.parse::<SpaceId>().expect("a space"));
    let me = ask(&server.address, &secret, "GET /api/session", "").await.1;
    let me: serde_json::Value = serde_json::from_str(&me).expect("me");
    let own: UnitId = me["unit"].as_str().expect("a unit").parse().expect("a unit");
    let open = async |board: Option<BoardId>| {
        let mut client = Client::connect(&server.address, &secret, "hailar").await;
        client.open(space, Kind::Space).await;
        let listed = client.documents[&space].space().boards;
        let title = "京蒙协作“消费帮扶”举措清单";
        let board = board.or_else(|| listed.iter().find(|(_, one)| one.title == title).map(|(id, _)| *id));
        let board = board.expect("a board of the demonstration");
        client.open(DocumentId::board(board), Kind::Board).await;
        (client, board)
    };
    let (mut first, board) = open(None).await;
    let (id, content) = (DocumentId::board(board), first.documents[&DocumentId::board(board)].board());
    assert!(content.lead.is_none() && !content.items.is_empty(), "nobody leads it");
    // The person may write it.
    let item = content.item_order()[0];
    let title = Edit::SetItemField { id: item, field: ItemField::Title, value: "照常修改".into() };
    let hash = first.edit(id, &title).await;
    first.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    let preview = format!("GET /api/publications/{board}/preview");
    assert_eq!(ask(&server.address, &secret, &preview, "").await.0, 403);
    let set = |field, value: &str| Edit::SetBoardField { field, value: value.to_owned() };
    let edits = [
        set(BoardField::Lead, &own.to_string()),
        Edit::InviteGuest { unit: own, present: true },
        set(BoardField::Template, "pairing"),
        set(BoardField::TemplateVersion, "2"),
        set(BoardField::TemplateSource, "id = 3"),
        set(BoardField::Settled, &Settled::of(&content, own, 1).to_word()),
    ];
    for (number, edit) in edits.iter().enumerate() {
        let (mut client, _) = open(Some(board)).await;
        let hash = client.edit(id, edit).await;
        let (mut taken, mut refused) = (false, false);
        client
            .until("the word of the server", |client| {
                taken = client.acknowledged.get(&id).is_some_and(|heads| heads.contains(&hash));
                refused = client.refused.contains(&(id, RefusalCode::NoRight));
                taken || refused
            })
            .await;
        assert!(refused && !taken, "{edit:?} came in");
        let now = open(Some(board)).await.0.documents[&id].board();
        assert_eq!((now.lead, &now.guests, &now.settled), (None, &content.guests, &None));
        assert_eq!((&now.template, &now.template_source), (&content.template, &content.template_source));
        assert_eq!(ask(&server.address, &secret, &preview, "").await.0, 403, "after {number}");
        let publish = format!("POST /api/publications/{board}");
        assert_eq!(ask(&server.address, &secret, &publish, "{\"digest\":\"x\"}").await.0, 403);
    }
    let (office, _) = sign_in(&server.address, "office").await;
    let (_, trail) = ask(&server.address, &office, "GET /api/audit?act=refused", "").await;
    let trail: Vec<serde_json::Value> = serde_json::from_str(&trail).expect("records");
    let of_board = trail.iter().filter(|one| one["about"]["board"] == serde_json::json!(board));
    // The first is written whole; the others say nothing new, and are counted.
    let own: Vec<_> = of_board.filter(|one| one["by"] == me["person"]).collect();
    assert!(own.len() == 1 && own[0]["about"]["why"] == "no-right", "{trail:?}");
    let (_, requests) = ask(&server.address, &office, "GET /api/audit?act=request_refused", "").await;
    let requests: Vec<serde_json::Value> = serde_json::from_str(&requests).expect("records");
    let own = requests.iter().filter(|one| one["by"] == me["person"] && one["about"]["why"] == "forbidden");
    let routes: Vec<&str> = own.filter_map(|one| one["about"]["route"].as_str()).collect();
    let both = ["POST /api/publications/{board}", "GET /api/publications/{board}/preview"];
    assert_eq!(routes, both, "by route, never by address: {requests:?}");
    assert_eq!(ask(&server.address, &office, &preview, "").await.0, 200, "who decides looks at it");
    // The city office gives it a lead, and that unit decides from then on.
    let mut chief = demonstration(&server.address, "office").await.0;
    chief.open(id, Kind::Board).await;
    let hash = chief.edit(id, &edits[0]).await;
    chief.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    assert_eq!(ask(&server.address, &secret, &preview, "").await.0, 200);
    server.kill().await;
}
