//! The real server and devices of our own protocol on the board of 1,100 items; printed, never
//! asserted.

use futures::future::join_all;
use std::time::Instant;
use tongban_shared::document::{Document, Kind};
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::id::{BoardId, DocumentId, SpaceId};
use tongban_shared::model::BoardListing;
use tongban_tests::client::{Client, sign_in};
use tongban_tests::large_board::{ITEMS, edits, item};
use tongban_tests::process::Process;
use tongban_tests::timing::processor;

const READERS: usize = 10;
const EDITS: u16 = 300;

fn print(name: &str, mut all: Vec<f64>) {
    all.sort_by(f64::total_cmp);
    let at = |share: usize| all[(all.len() - 1) * share / 100];
    println!("{name:<52} p50 {:>8.2} ms, p95 {:>8.2}, most {:>8.2}", at(50), at(95), at(100));
}

fn since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

fn edit(number: u16) -> Edit {
    let id = item(number * 37 % ITEMS);
    Edit::SetItemField { id, field: ItemField::Title, value: format!("第 {number} 次改动") }
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start_for_a_crowd(folder.path()).await;
    let (secret, space) = sign_in(&server.address, "office").await;
    let space = DocumentId::space(space.parse::<SpaceId>().expect("a space"));
    let board = BoardId::from_bytes([7; 16]);
    let id = DocumentId::board(board);
    let open = async |name: &str| {
        let mut client = Client::connect(&server.address, &secret, name).await;
        client.open(id, Kind::Board).await;
        client
    };

    let mut writer = Client::connect(&server.address, &secret, "writer").await;
    writer.open(space, Kind::Space).await;
    let listing = BoardListing { title: "并列测试".to_owned(), doc_number: String::new() };
    let listed = writer.edit(space, &Edit::ListBoard { id: board, listing }).await;
    writer.until("the listing", |client| client.acknowledged[&space].contains(&listed)).await;
    writer.open(id, Kind::Board).await;
    let start = Instant::now();
    let mut last = [0; 32];
    for edit in edits() {
        last = writer.edit(id, &edit).await;
    }
    writer.until("the board", |client| client.acknowledged[&id].contains(&last)).await;
    println!("{:<52} {:>12.0} ms", "board written, one change per edit, acknowledged", since(start));

    let mut fresh = Vec::new();
    for _ in 0..10 {
        let start = Instant::now();
        let mut client = open("fresh").await;
        client.until("the board", |client| client.has(id, &last)).await;
        fresh.push(since(start));
    }
    print("a client with nothing stored opens it", fresh);

    let mut reader = open("reader").await;
    let mut seen = Vec::new();
    for number in 0..EDITS {
        let start = Instant::now();
        let hash = writer.edit(id, &edit(number)).await;
        reader.until("the edit", |client| client.has(id, &hash)).await;
        seen.push(since(start));
    }
    print("an edit until another device has it", seen);

    let mut readers = vec![reader];
    while readers.len() < READERS {
        readers.push(open("reader").await);
    }
    let (begun, mut seen) = (processor(server.id()), Vec::new());
    for number in 0..EDITS {
        let start = Instant::now();
        let hash = writer.edit(id, &edit(EDITS + number)).await;
        join_all(
            readers.iter_mut().map(|reader| reader.until("the edit", move |client| client.has(id, &hash))),
        )
        .await;
        seen.push(since(start));
    }
    print("an edit until the last of ten has it", seen);
    let used = (processor(server.id()) - begun) * 1000.0 / f64::from(EDITS);
    println!("{:<52} {used:>12.2} ms", "server processor time per such an edit");
    drop(writer);
    drop(readers);
    server.kill().await;

    let server = Process::start(folder.path()).await;
    let start = Instant::now();
    let mut client = Client::connect(&server.address, &secret, "first").await;
    client.documents.insert(id, Document::new(Kind::Board, &[9; 16]));
    client.open(id, Kind::Board).await;
    println!("{:<52} {:>12.0} ms", "first client after a restart", since(start));
    server.kill().await;
}
