//! The real program over real sockets: kill and restart, rights, slow and hostile peers.

use futures::{SinkExt, StreamExt};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as Raw;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit, ItemField};
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::id::{BoardId, DeviceId, DocumentId, EntryId, ItemId, PersonId, UnitId};
use tongban_shared::limits::{FRAME_BYTES, SMALL_PART_BYTES, WHOLE_BYTES};
use tongban_shared::sync::RefusalCode;
use tongban_shared::sync::frame::Frame;
use tongban_tests::client::{Client, Signer, ask, demonstration, http, sign_in};
use tongban_tests::process::Process;
use tongban_tests::timing::memory;

/// Edits of some 20 KB beside somebody who never reads.
const EDITS: usize = 1200;

fn first_item(client: &Client, board: BoardId) -> ItemId {
    client.documents[&DocumentId::board(board)].board().item_order()[0]
}

/// How often the server is killed: so often, or as `TONGBAN_KILLS` says.
fn rounds(usual: u32) -> u32 {
    std::env::var("TONGBAN_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(usual)
}

/// A device that cannot take one document leaves it, and keeps its connection for the others; a frame that is
/// too large is refused by the name of its document.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_a_device_cannot_take_is_left_and_the_others_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut reader, board) = demonstration(&server.address, "hailar").await;
    let (mut writer, _) = demonstration(&server.address, "office").await;
    let id = DocumentId::board(board);
    let space = *reader.documents.keys().find(|document| **document != id).expect("the space");
    let retitle = |text: &str| Edit::SetBoardField { field: BoardField::Title, value: text.to_owned() };
    let name = |alias: &str, unit| Edit::SetAlias { unit, alias: alias.to_owned(), present: true };
    let unit = *writer.documents[&space].space().units.keys().next().expect("a unit");

    // It follows both.
    for (document, edit) in [(id, retitle("第一")), (space, name("一号", unit))] {
        let hash = writer.edit(document, &edit).await;
        reader.until("an edit", |client| client.has(document, &hash)).await;
    }
    let unavailable = Frame::Unavailable { document: id, sender: String::new(), target: String::new() };
    assert!(reader.say(&unavailable).await);
    // Frames are taken in their order: an answer to the next one shows that this one has arrived.
    let nowhere = DocumentId::from_bytes([77; 16]);
    let (sender, target) = (String::new(), String::new());
    assert!(reader.say(&Frame::Request { document: nowhere, sender, target, data: Vec::new() }).await);
    reader.until("an answer", |client| client.unavailable.contains(&nowhere)).await;
    (reader.unavailable, reader.refused) = (Vec::new(), Vec::new());
    let unseen = writer.edit(id, &retitle("第二")).await;
    writer.until("the server's word", |client| client.acknowledged[&id].contains(&unseen)).await;
    let seen = writer.edit(space, &name("二号", unit)).await;
    reader.until("the other document", |client| client.has(space, &seen)).await;
    assert!(!reader.has(id, &unseen), "nothing more of the board is sent");

    let head = Frame::Sync { document: id, sender: String::new(), target: String::new(), data: vec![0; 100] };
    let count = u32::try_from(WHOLE_BYTES / SMALL_PART_BYTES + 1).expect("few");
    for index in 0..3 {
        let part = Frame::Fragment { frame: 1, index, count, data: head.encode() };
        assert!(reader.say(&part).await);
    }
    reader.until("a refusal", |client| client.refused.contains(&(id, RefusalCode::TooLarge))).await;
    assert_eq!(reader.refused.len(), 1, "the other parts are passed over");
    let seen = writer.edit(space, &name("三号", unit)).await;
    reader.until("the other document", |client| client.has(space, &seen)).await;

    // Asked for again, it comes: on the same connection.
    reader.open(id, Kind::Board).await;
    assert!(reader.has(id, &unseen) && reader.unavailable.is_empty());
}

/// Rounds of: another client has seen an edit, the server is killed at that moment, started
/// again; a stranger must find the edit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_client_has_seen_survives_kill_9() {
    let rounds = rounds(10);
    let folder = tempfile::tempdir().expect("a folder");
    let mut lost = 0;
    for round in 0..rounds {
        let server = Process::start(folder.path()).await;
        let (mut writer, board) = demonstration(&server.address, "office").await;
        let (mut witness, _) = demonstration(&server.address, "hailar").await;
        let id = DocumentId::board(board);
        let item = first_item(&writer, board);
        let edit =
            Edit::SetItemField { id: item, field: ItemField::Title, value: format!("第 {round} 轮") };
        let hash = writer.edit(id, &edit).await;
        tokio::select! {
            () = witness.until("the edit", |client| client.has(id, &hash)) => {}
            () = writer.listen() => {}
        }
        server.kill().await;
        drop((writer, witness));
        let server = Process::start(folder.path()).await;
        let (mut stranger, _) = demonstration(&server.address, "hailar").await;
        if !stranger.has(id, &hash) {
            lost += 1;
        }
        server.kill().await;
    }
    println!("{rounds} rounds, {lost} lost");
    assert_eq!(lost, 0);
}

/// Rounds of: somebody writes without a pause, the server is killed at whatever moment; all that it had
/// acknowledged by then must be found.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9_at_any_moment() {
    let rounds = rounds(5);
    let mut folder = tempfile::tempdir().expect("a folder");
    let (mut written, mut acknowledged, mut lost) = (0, 0, 0);
    for round in 0..rounds {
        // A board of tens of thousands of edits takes long to open, and is another test's.
        if round % 20 == 19 {
            folder = tempfile::tempdir().expect("a folder");
        }
        let server = Process::start(folder.path()).await;
        let (mut writer, board) = demonstration(&server.address, "office").await;
        let (id, item) = (DocumentId::board(board), first_item(&writer, board));
        let mut said: Vec<[u8; 32]> = Vec::new();
        let writing = async {
            loop {
                let value = format!("{round}-{}", said.len());
                said.push(
                    writer.edit(id, &Edit::SetItemField { id: item, field: ItemField::Title, value }).await,
                );
                writer.take_within(Duration::from_millis(1)).await;
            }
        };
        let [early, late]: [u8; 2] = tongban_server::clock::random();
        let moment = Duration::from_millis(u64::from(early) + u64::from(late));
        let _ = tokio::time::timeout(moment, writing).await;
        server.kill().await;
        // Its last words are on their way here, and count.
        while writer.take_within(Duration::from_millis(200)).await {}
        let heads = writer.acknowledged[&id].clone();
        let safe = said.iter().rposition(|hash| heads.contains(hash)).map_or(0, |last| last + 1);
        let server = Process::start(folder.path()).await;
        let (mut stranger, _) = demonstration(&server.address, "hailar").await;
        lost += said[..safe].iter().filter(|hash| !stranger.has(id, hash)).count();
        (written, acknowledged) = (written + said.len(), acknowledged + safe);
        server.kill().await;
    }
    println!("{rounds} rounds: {written} edits written, {acknowledged} acknowledged, {lost} lost");
    assert!(lost == 0 && acknowledged > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_without_the_right_is_refused_whole_and_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut banner, _) = demonstration(&server.address, "hailar").await;
    let (mut office, _) = demonstration(&server.address, "office").await;
    let space =
        *banner.documents.keys().find(|id| banner.documents[id].kind() == Kind::Space).expect("the space");
    let hash = banner.edit(space, &Edit::SetSpaceName { name: "不应被接受".into() }).await;
    banner.until("the refusal", |client| client.refused.contains(&(space, RefusalCode::NoRight))).await;
    let own = office.edit(space, &Edit::SetSpaceName { name: "新名称".into() }).await;
    tokio::select! {
        () = banner.until("the office's edit", |client| client.has(space, &own)) => {}
        () = office.listen() => {}
    }
    assert!(!office.has(space, &hash), "nobody else has seen the refused change");
    server.kill().await;
}

fn entry(board: BoardId, unit: UnitId, kind: EntryKind, about: Option<UnitId>) -> Entry {
    Entry {
        body: "试".into(),
        accepted: about.map(|_| true),
        ..Entry::new(
            EntryId::from_bytes(tongban_server::clock::fresh_id()),
            kind,
            Author {
                person: PersonId::from_bytes([1; 16]),
                unit,
                device: DeviceId::from_bytes([1; 16]),
                writer: "w".into(),
            },
            Subject { board, item: None, unit: about, indicator: None },
        )
    }
}

/// A log takes entries of its own unit only, decisions only from who may decide, and never a
/// change of an entry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_takes_only_what_its_unit_may_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut banner, board) = demonstration(&server.address, "hailar").await;
    let space =
        *banner.documents.keys().find(|id| banner.documents[id].kind() == Kind::Space).expect("the space");
    let units = banner.documents[&space].space();
    let (own, other) =
        (units.unit_named("海拉尔区").expect("known"), units.unit_named("市教育局").expect("known"));
    let (mine, theirs) = (DocumentId::log(board, own), DocumentId::log(board, other));
    banner.open(mine, Kind::Log).await;
    banner.open(theirs, Kind::Log).await;
    let add = |entry: &Entry| Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() };

    // Without a signature nothing comes in, where the server certifies devices.
    let unsigned = entry(board, own, EntryKind::Report, None);
    banner.edit(mine, &add(&unsigned)).await;
    banner.until("a refusal", |client| client.refused.contains(&(mine, RefusalCode::Invalid))).await;

    let (secret, _) = sign_in(&server.address, "hailar").await;
    let mut signer = Signer::new(&server.address, &secret).await;
    assert_eq!(signer.certify(&server.address, &secret).await, 200);
    let mut banner = Client::connect(&server.address, &secret, "hailar").await;
    banner.open(mine, Kind::Log).await;
    banner.open(theirs, Kind::Log).await;
    let report = signer.entry(board, EntryKind::Report, |entry| entry.body = "试".into());
    let hash = banner.edit(mine, &add(&report)).await;
    banner.until("the acknowledgement", |client| client.acknowledged[&mine].contains(&hash)).await;

    let elsewhere = signer.entry(board, EntryKind::Report, |_| {});
    banner.edit(theirs, &add(&elsewhere)).await;
    banner.until("a refusal", |client| client.refused.contains(&(theirs, RefusalCode::Invalid))).await;
    let decision = signer.entry(board, EntryKind::CloseDecision, |entry| {
        entry.subject.unit = Some(own);
        entry.accepted = Some(true);
    });
    banner.edit(mine, &add(&decision)).await;
    banner.until("a refusal", |client| client.refused.contains(&(mine, RefusalCode::Invalid))).await;
    server.kill().await;
}

/// The first change of every document cannot be replaced; the server goes on without the change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_would_spoil_a_document_is_not_committed() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut office, board) = demonstration(&server.address, "office").await;
    let id = DocumentId::board(board);
    let saved = office.documents.get_mut(&id).expect("open").save();
    let mut spoilt = automerge::AutoCommit::load(&saved).expect("loads");
    automerge::transaction::Transactable::put(&mut spoilt, automerge::ROOT, "items", 1).expect("puts");
    let bytes = spoilt.save();
    *office.documents.get_mut(&id).expect("open") =
        Document::load(Kind::Board, &[6; 16], [bytes.as_slice()]).expect("loads");
    let section = office.documents[&id].board().section_order()[0];
    let stamp = Stamp::default();
    office
        .documents
        .get_mut(&id)
        .expect("open")
        .edit(&Edit::SetSectionTitle { id: section, title: "x".into() }, &stamp)
        .expect("edits");
    office.edit(id, &Edit::SetSectionTitle { id: section, title: "y".into() }).await;
    office.until("a refusal", |client| client.refused.contains(&(id, RefusalCode::Invalid))).await;
    let (stranger, _) = demonstration(&server.address, "hailar").await;
    assert!(!stranger.documents[&id].board().items.is_empty(), "the items are still there");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_without_a_session_or_from_another_site() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let url = format!("ws://{}/sync", server.address);
    assert!(tokio_tungstenite::connect_async(url.clone()).await.is_err(), "no session");
    let (secret, _) = sign_in(&server.address, "office").await;
    let mut foreign = format!("{url}?token={secret}").into_client_request().expect("a request");
    foreign.headers_mut().insert("origin", "https://elsewhere.example".parse().expect("a value"));
    assert!(tokio_tungstenite::connect_async(foreign).await.is_err(), "another site");
    for path in ["/api/accounts", "/api/session", "/api/sessions"] {
        let (status, _, _) = http(&server.address, &format!("GET {path} HTTP/1.1\r\n"), "").await;
        assert_eq!(status, 401, "{path}");
    }
    let (banner, _) = sign_in(&server.address, "hailar").await;
    let (status, _, _) = http(
        &server.address,
        &format!("GET /api/accounts HTTP/1.1\r\nauthorization: Bearer {banner}\r\n"),
        "",
    )
    .await;
    assert_eq!(status, 403);
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_ends_its_own_connection_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut healthy, board) = demonstration(&server.address, "office").await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    for garbage in [vec![], vec![0xff; 64], vec![0xa1, 0x64], vec![0x9f; 5000], b"hello".to_vec()] {
        let (mut socket, _) =
            tokio_tungstenite::connect_async(format!("ws://{}/sync?token={secret}", server.address))
                .await
                .expect("connects");
        let _ = socket.send(Message::Binary(garbage.into())).await;
        let ended = async { while let Some(Ok(_)) = socket.next().await {} };
        assert!(tokio::time::timeout(Duration::from_secs(30), ended).await.is_ok(), "the server ends it");
    }
    let item = first_item(&healthy, board);
    let id = DocumentId::board(board);
    let hash = healthy
        .edit(id, &Edit::SetItemField { id: item, field: ItemField::Title, value: "还在".into() })
        .await;
    healthy.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    server.kill().await;
}

/// A socket that says too much, nothing, or never reads is let go; the others go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_that_flood_stay_silent_or_never_read_are_let_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut healthy, board) = demonstration(&server.address, "office").await;
    let (mut stuck, _) = demonstration(&server.address, "hailar").await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let address = format!("ws://{}/sync?token={secret}", server.address);
    for first in [Some(FRAME_BYTES + 1), None] {
        let (mut socket, _) = tokio_tungstenite::connect_async(&address).await.expect("connects");
        if let Some(size) = first {
            // It may be ended before all of it is sent.
            let _ = socket.send(Message::Binary(vec![0x41; size].into())).await;
        }
        let ended = tokio::time::timeout(Duration::from_secs(30), async {
            while let Some(Ok(message)) = socket.next().await {
                if message.is_close() {
                    break;
                }
            }
        });
        assert!(ended.await.is_ok(), "{first:?} bytes first");
    }
    // More than any buffer on the way takes, in words that do not shrink.
    let (id, item) = (DocumentId::board(board), first_item(&healthy, board));
    let mut noise = (0_u64..).map(|number| format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let mut last = [0; 32];
    for _ in 0..EDITS {
        let value: String = noise.by_ref().take(1500).collect();
        last = healthy.edit(id, &Edit::SetItemField { id: item, field: ItemField::Title, value }).await;
        healthy.until("the acknowledgement", |client| client.acknowledged[&id].contains(&last)).await;
    }
    stuck.closed().await;
    assert!(!stuck.has(id, &last), "it was let go before the end");
    server.kill().await;
}

/// Messages that never end, in either dialect: in ours none is above a part, in the other one they hold no more
/// than the share of their account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_never_end_hold_no_more_than_a_share() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut healthy, board) = demonstration(&server.address, "office").await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let address = format!("ws://{}/sync?token={secret}", server.address);
    for (version, most) in [("tongban/1", 40.0), ("1", 130.0)] {
        let before = memory(server.id());
        let mut sockets = Vec::new();
        for number in 0..40 {
            let (mut socket, _) = tokio_tungstenite::connect_async(&address).await.expect("connects");
            let versions = vec![version.to_owned()];
            let join = Frame::Join { sender: number.to_string(), versions, ephemeral: false };
            socket.send(Message::Binary(join.encode().into())).await.expect("sent");
            assert!(socket.next().await.is_some_and(|answer| answer.is_ok()));
            for part in 0..15 {
                let kind = if part == 0 { Data::Binary } else { Data::Continue };
                let piece = Raw::message(vec![7; 250_000], OpCode::Data(kind), false);
                let sent =
                    tokio::time::timeout(Duration::from_millis(500), socket.send(Message::Frame(piece)));
                // It is closed, or not read any further.
                if !matches!(sent.await, Ok(Ok(()))) {
                    break;
                }
            }
            sockets.push(socket);
        }
        let grown = memory(server.id()) - before;
        assert!(grown < most, "{version}: {grown:.1} MiB more");
        let item = first_item(&healthy, board);
        let field = Edit::SetItemField { id: item, field: ItemField::Title, value: version.to_owned() };
        let hash = healthy.edit(DocumentId::board(board), &field).await;
        let safe = |client: &mut Client| client.acknowledged[&DocumentId::board(board)].contains(&hash);
        healthy.until("the acknowledgement", safe).await;
    }
    server.kill().await;
}

/// A device that has every change refused fills neither the trail nor the time of the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_refused_again_and_again_is_let_go_and_the_trail_stays_short() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut healthy, board) = demonstration(&server.address, "office").await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let id = DocumentId::board(board);
    let mut closed = 0;
    for connection in 0..4_u8 {
        let mut client = Client::connect(&server.address, &secret, "hailar").await;
        client.open(id, Kind::Board).await;
        let copy = client.documents.get_mut(&id).map(Document::save).expect("the board");
        for number in 0..150_u8 {
            // Under the actor of a device that is not here: each another one.
            let actor = [&[connection; 15][..], &[number], &[0; 4]].concat();
            let mut foreign = Document::load(Kind::Board, &actor, [copy.as_slice()]).expect("a copy");
            let edit = Edit::SetBoardField { field: BoardField::Title, value: "假".into() };
            let (_, chunk) = foreign.edit(&edit, &Stamp::default()).expect("an edit");
            let changes = vec![chunk.expect("a change").bytes];
            if !client.say(&Frame::Changes { document: id, changes }).await {
                break;
            }
        }
        client.closed().await;
        closed += 1;
    }
    assert_eq!(closed, 4);
    let hash = healthy.edit(id, &Edit::SetBoardField { field: BoardField::Title, value: "真".into() }).await;
    healthy.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    let (office, _) = sign_in(&server.address, "office").await;
    let (_, trail) = ask(&server.address, &office, "GET /api/audit?act=refused", "").await;
    let records: Vec<serde_json::Value> = serde_json::from_str(&trail).expect("records");
    let counted: u64 = records.iter().map(|one| one["about"]["count"].as_u64().unwrap_or(1)).sum();
    // Twenty whole, and the count that was due at a hundred; the rest is told when the hour is over.
    assert!((15..=25).contains(&records.len()) && counted >= 100, "{} of {counted}", records.len());
    let (_, closed) = ask(&server.address, &office, "GET /api/audit?act=closed", "").await;
    assert!(closed.contains("flood"), "{closed}");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_the_open_connection_and_attempts_are_limited() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let mut client = Client::connect(&server.address, &secret, "hailar").await;
    let (status, _, _) = http(
        &server.address,
        &format!("DELETE /api/session HTTP/1.1\r\nauthorization: Bearer {secret}\r\n"),
        "",
    )
    .await;
    assert_eq!(status, 204);
    client.closed().await;
    let attempt = async |password: &str| {
        let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
        let body = format!("{{\"login\":\"jiaoyu\",\"password\":\"{password}\"}}");
        http(&server.address, head, &body).await.0
    };
    for number in 1..=10 {
        assert_eq!(attempt("falsch").await, if number <= 8 { 401 } else { 429 }, "attempt {number}");
    }
    assert_eq!(attempt("tongban-demo").await, 429, "the right one has to wait as well");
    sign_in(&server.address, "office").await;
    server.kill().await;
}
