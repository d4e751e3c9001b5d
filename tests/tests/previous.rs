//! Data of the version before this one goes on: its store under this server, and a device that comes back
//! with its unsent changes.
//!
//! Kept in `tests/previous`. Before a release, this test writes it anew with the version that is
//! to be released: `TONGBAN_RECORD=FOLDER cargo test -p tongban-tests --test previous`.

use serde_json::{Value, json};
use std::path::Path;
use tokio::process::Command;
use tongban_shared::attachment::{Attachment, FileHash};
use tongban_shared::document::{Document, Kind, Stamp, hex, unhex};
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::entry::EntryKind;
use tongban_shared::id::{BoardId, DocumentId};
use tongban_tests::client::{Client, Signer, ask_bytes, demonstration, sign_in};
use tongban_tests::postgres::Postgres;
use tongban_tests::process::{Process, tongban};

const SENT: &str = "升级前报送的一句";
const UNSENT: &str = "升级前离线写下的一句";

fn photo() -> Vec<u8> {
    [&[0xff, 0xd8, 0xff, 0xe0, 0, 16][..], b"JFIF\0", &[7; 300]].concat()
}

/// The documents that a person of the office may open.
async fn of_the_office(address: &str) -> (Client, Vec<(DocumentId, Kind)>) {
    let (secret, space) = sign_in(address, "office").await;
    let mut client = Client::connect(address, &secret, "office").await;
    let id = DocumentId::space(space.parse().expect("a space"));
    client.open(id, Kind::Space).await;
    let space = client.documents[&id].space();
    let mut all = vec![(id, Kind::Space)];
    for board in space.boards.keys() {
        all.push((DocumentId::board(*board), Kind::Board));
        all.extend(space.units.keys().map(|unit| (DocumentId::log(*board, *unit), Kind::Log)));
    }
    (client, all)
}

fn heads(client: &mut Client, id: DocumentId) -> Vec<String> {
    client.documents.get_mut(&id).expect("open").heads().iter().map(|head| hex(head)).collect()
}

async fn record(folder: &Path) {
    let server = Process::start(folder).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let (mut client, board) = demonstration(&server.address, "hailar").await;
    let mut signer = Signer::new(&server.address, &secret).await;
    assert_eq!(signer.certify(&server.address, &secret).await, 200);
    let content = photo();
    let line = format!("POST /api/files/{}?size={}&at=0", FileHash::of(&content), content.len());
    assert_eq!(ask_bytes(&server.address, &secret, &line, &content).await.0, 200);
    let log = DocumentId::log(board, signer.unit);
    client.open(log, Kind::Log).await;
    let item = client.documents[&DocumentId::board(board)].board().item_order()[0];
    let mut report = |words: &str, files: Option<Vec<Attachment>>| {
        let entry = signer.entry(board, EntryKind::Report, |entry| {
            entry.subject.item = Some(item);
            entry.body = words.to_owned();
            entry.attachments = files;
        });
        Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }
    };
    let file = Attachment {
        hash: FileHash::of(&content),
        name: "照片.jpg".to_owned(),
        bytes: content.len() as u64,
        picture: true,
    };
    let hash = client.edit(log, &report(SENT, Some(vec![file]))).await;
    client.until("the report", |client| client.acknowledged[&log].contains(&hash)).await;

    let (mut office, all) = of_the_office(&server.address).await;
    let mut documents = Vec::new();
    for (id, kind) in all {
        office.open(id, kind).await;
        let heads = heads(&mut office, id);
        if heads.len() != 1 || heads != [hex(&Document::new(kind, &[1]).heads()[0])] {
            documents.push(json!({ "id": id.to_string(), "kind": format!("{kind:?}"), "heads": heads }));
        }
    }

    // Both go on without the network: nothing of this is sent.
    let stamp = Stamp { time: tongban_server::clock::now(), by: "海拉尔区".to_owned() };
    let kept = |document: &mut Document, edit: &Edit| {
        let (_, chunk) = document.edit(edit, &stamp).expect("it fits");
        (hex(&chunk.expect("a change").hash), hex(&document.save()))
    };
    let edit = report(UNSENT, None);
    let of_log = kept(client.documents.get_mut(&log).expect("open"), &edit);
    let board_id = DocumentId::board(board);
    let edit = Edit::SetItemField { id: item, field: ItemField::Title, value: UNSENT.to_owned() };
    let of_board = kept(office.documents.get_mut(&board_id).expect("open"), &edit);
    let pid = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill").success());
    drop((client, office));
    tokio::time::sleep(std::time::Duration::from_secs(8)).await;
    let left = json!({
        "board": board.to_string(), "item": item.to_string(), "documents": documents,
        "devices": [
            { "login": "hailar", "id": log.to_string(), "kind": "Log", "unsent": of_log.0, "copy": of_log.1 },
            { "login": "office", "id": board_id.to_string(), "kind": "Board", "unsent": of_board.0, "copy": of_board.1 },
        ],
    });
    std::fs::write(folder.join("left.json"), serde_json::to_vec_pretty(&left).expect("JSON"))
        .expect("written");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).expect("copied");
        }
    }
}

fn kind_of(word: &Value) -> Kind {
    let kinds = [Kind::Space, Kind::Board, Kind::Log];
    kinds.into_iter().find(|kind| *word == format!("{kind:?}")).expect("a kind")
}

fn bytes(word: &Value) -> Vec<u8> {
    word.as_str().and_then(unhex).expect("hexadecimal")
}

fn left() -> Value {
    serde_json::from_slice(&std::fs::read("previous/left.json").expect("read")).expect("JSON")
}

/// Every document is as it was.
async fn as_they_were(address: &str, left: &Value) {
    let (mut client, _) = of_the_office(address).await;
    for told in left["documents"].as_array().expect("documents") {
        let id: DocumentId = told["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        client.open(id, kind_of(&told["kind"])).await;
        assert_eq!(json!(heads(&mut client, id)), told["heads"], "{} {id}", told["kind"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_and_devices_of_the_previous_version_go_on() {
    if let Some(folder) = std::env::var_os("TONGBAN_RECORD") {
        return record(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().expect("a folder");
    copy(Path::new("previous"), folder.path());
    let left = left();
    let server = Process::start_with(folder.path(), &["--listen", "127.0.0.1:0"]).await;

    as_they_were(&server.address, &left).await;
    let board: BoardId = left["board"].as_str().and_then(|id| id.parse().ok()).expect("a board");
    let item = left["item"].as_str().and_then(|id| id.parse().ok()).expect("an item");

    // The photo is given as before.
    let (office, _) = sign_in(&server.address, "office").await;
    let content = photo();
    let line = format!("GET /api/boards/{board}/files/{}", FileHash::of(&content));
    let (status, _, given) = ask_bytes(&server.address, &office, &line, b"").await;
    assert_eq!((status, given), (200, content));

    // The devices come back with what they had not sent.
    for device in left["devices"].as_array().expect("devices") {
        let (secret, _) = sign_in(&server.address, device["login"].as_str().expect("a login")).await;
        let mut back = Client::connect(&server.address, &secret, "back").await;
        let id: DocumentId = device["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let unsent: [u8; 32] = bytes(&device["unsent"]).try_into().expect("a hash");
        back.open_with(id, kind_of(&device["kind"]), &bytes(&device["copy"])).await;
        back.until("what was unsent", |back| {
            back.acknowledged.get(&id).is_some_and(|heads| heads.contains(&unsent))
        })
        .await;
        assert!(back.refused.is_empty(), "{:?}", back.refused);
    }
    server.kill().await;

    // And it counts: on the board, in the log, by its signature.
    let server = Process::start_with(folder.path(), &["--listen", "127.0.0.1:0"]).await;
    let (office, _) = sign_in(&server.address, "office").await;
    let mut client = Client::connect(&server.address, &office, "later").await;
    client.open(DocumentId::board(board), Kind::Board).await;
    assert_eq!(client.documents[&DocumentId::board(board)].board().items[&item].title, UNSENT);
    server.kill().await;
    let file = folder.path().join("all.tongban");
    let file = file.to_string_lossy();
    tongban(folder.path(), &["bundle", "out", &file]).await;
    let said = tongban(folder.path(), &["verify", &file]).await;
    assert!(said.contains("全部签名有效") && said.contains("举措清单：有签名 2 条"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_the_previous_version_is_restored_into_either_database() {
    let (postgres, folder) = (Postgres::start(), tempfile::tempdir().expect("a folder"));
    // Restoring writes nothing into the file.
    let file = "previous/tongban.db";
    for place in [postgres.database(), folder.path().join("data").to_string_lossy().into_owned()] {
        let place = Path::new(&place);
        tongban(place, &["restore", file]).await;
        let server = Process::start_with(place, &["--listen", "127.0.0.1:0"]).await;
        as_they_were(&server.address, &left()).await;
        server.kill().await;
    }
}
