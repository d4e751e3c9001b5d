//! A damaged database: the server starts, says what is damaged, serves the rest, and gets it back from
//! any device that has it.

use tongban_shared::document::Kind;
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::id::{DocumentId, SpaceId};
use tongban_tests::client::{Client, sign_in};
use tongban_tests::process::{Process, tongban};

/// Turns some bytes of every place where `words` stand in a file; gives how many places.
fn spoil(file: &std::path::Path, words: &[u8]) -> usize {
    let mut bytes = std::fs::read(file).expect("read");
    let places: Vec<usize> =
        bytes.windows(words.len()).enumerate().filter(|(_, at)| *at == words).map(|(at, _)| at).collect();
    for at in &places {
        bytes[*at..*at + words.len()].iter_mut().for_each(|byte| *byte ^= 0x55);
    }
    std::fs::write(file, bytes).expect("written");
    places.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_document_is_named_the_rest_is_served_and_a_device_brings_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (secret, space) = sign_in(&server.address, "office").await;
    let mut office = Client::connect(&server.address, &secret, "office").await;
    let space = DocumentId::space(space.parse::<SpaceId>().expect("a space"));
    office.open(space, Kind::Space).await;
    let boards = office.documents[&space].space().boards;
    let mut imported = boards.iter().filter(|(_, listing)| !listing.doc_number.is_empty());
    let (damaged, healthy) = (imported.next().expect("one").0, imported.next().expect("another").0);
    let (id, other) = (DocumentId::board(*damaged), DocumentId::board(*healthy));
    office.open(id, Kind::Board).await;
    let items = office.documents[&id].board().item_order();
    let title = |number: usize, words: &str| Edit::SetItemField {
        id: items[number],
        field: ItemField::Title,
        value: words.to_owned(),
    };
    // One change in the middle will be damaged; later ones rest on it.
    for (number, words) in [(0, "第一处改动"), (1, "qqzzdamagedqqzz"), (0, "第三处改动")] {
        let hash = office.edit(id, &title(number, words)).await;
        office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    }
    server.kill().await;
    let copy = office.documents.get_mut(&id).expect("open").save();
    drop(office);
    // Everything into the file itself, then the disk forgets some bytes of it.
    tongban(folder.path(), &["backup", &folder.path().join("copy.db").to_string_lossy()]).await;
    std::fs::remove_file(folder.path().join("tongban.db")).expect("removed");
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.path().join(format!("tongban.db{ending}")));
    }
    std::fs::rename(folder.path().join("copy.db"), folder.path().join("tongban.db")).expect("renamed");
    assert!(
        spoil(&folder.path().join("tongban.db"), b"qqzzdamagedqqzz") > 0,
        "the change stands in the file"
    );

    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let mut stranger = Client::connect(&server.address, &secret, "stranger").await;
    stranger.open(space, Kind::Space).await;
    stranger.open(other, Kind::Board).await;
    assert!(!stranger.documents[&other].board().items.is_empty(), "the rest is served");
    stranger.open(id, Kind::Board).await;
    let left = stranger.documents[&id].board();
    assert_eq!(left.items[&items[0]].title, "第一处改动", "what was written before the damage is there");
    let trail = tongban(folder.path(), &["admin", "audit", "export"]).await;
    assert!(trail.contains("\"act\":\"damaged\"") && trail.contains(&id.to_string()), "it is named");

    // A device that has everything connects.
    let (secret, _) = sign_in(&server.address, "office").await;
    let mut office = Client::connect(&server.address, &secret, "office").await;
    office.open_with(id, Kind::Board, &copy).await;
    office
        .until("everything to be on the disk", |client| {
            let heads = client.documents.get_mut(&id).expect("open").heads();
            heads.iter().all(|head| client.acknowledged.get(&id).is_some_and(|all| all.contains(head)))
        })
        .await;
    server.kill().await;
    let server = Process::start(folder.path()).await;
    let (secret, _) = sign_in(&server.address, "hailar").await;
    let mut later = Client::connect(&server.address, &secret, "later").await;
    later.open(space, Kind::Space).await;
    later.open(id, Kind::Board).await;
    let board = later.documents[&id].board();
    assert_eq!(board.items[&items[1]].title, "qqzzdamagedqqzz");
    assert_eq!(board.items[&items[0]].title, "第三处改动");
    server.kill().await;
}
