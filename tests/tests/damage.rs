//! A damaged database: the server starts, says what is damaged, serves the rest, and gets it back from
//! any device that has it.

use sqlx::Row;
use tongban_fuzz::hostile::Change;
use tongban_server::store::{Append, Damaged, Database, Place, Store};
use tongban_shared::document::{Chunk, Document, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit, ItemField};
use tongban_shared::entry::EntryKind;
use tongban_shared::id::{DocumentId, SpaceId};
use tongban_shared::sync::RefusalCode;
use tongban_shared::sync::room::Extent;
use tongban_tests::client::{Client, Signer, demonstration, sign_in};
use tongban_tests::process::{Process, tongban};
use tongban_tests::timing::memory;

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

/// Turns every page to nothing on which `words` stand; gives how many.
fn blank(file: &std::path::Path, words: &[u8]) -> usize {
    let mut bytes = std::fs::read(file).expect("read");
    let size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    let of_words = |page: &&mut [u8]| page.windows(words.len()).any(|at| at == words);
    let pages = bytes.chunks_mut(size).skip(1).filter(of_words).map(|page| page.fill(0)).count();
    std::fs::write(file, bytes).expect("written");
    pages
}

/// A store with a lost page serves the rest and may not be written any more: everything readable moves into
/// another folder, and devices bring the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_damaged_store_still_holds_is_backed_up_and_devices_bring_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Process::start(&data).await;
    let (mut office, board) = demonstration(&server.address, "office").await;
    let id = DocumentId::board(board);
    let items = office.documents[&id].board().item_order();
    // Enough for many pages, the words to be lost in the middle of them.
    for number in 0..60 {
        let mark = if number == 30 { "qqzzdamagedqqzz" } else { "" };
        // Short enough to stand in the file as it is.
        let value = format!("第 {number} 次改动{mark}");
        let edit = Edit::SetItemField { id: items[number % items.len()], field: ItemField::Title, value };
        let hash = office.edit(id, &edit).await;
        office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    }
    server.kill().await;
    let copy = office.documents.get_mut(&id).expect("open").save();
    let heads = office.documents.get_mut(&id).expect("open").heads();
    drop(office);
    settle_into_one_file(&data).await;
    assert!(blank(&data.join("tongban.db"), b"qqzzdamagedqqzz") > 0);

    // It starts, says so, and serves the rest.
    let server = Process::start(&data).await;
    let (reader, _) = demonstration(&server.address, "hailar").await;
    let served = reader.documents[&id].board();
    assert_eq!(served.items.len(), items.len());
    server.kill().await;
    let trail = tongban(&data, &["admin", "audit", "export"]).await;
    assert!(trail.contains("\"act\":\"damaged\"") && trail.contains(&id.to_string()), "{trail}");

    let file = folder.path().join("copy").to_string_lossy().into_owned();
    let said = tongban(&data, &["backup", &file]).await;
    assert!(said.contains("数据库有损坏（change）"), "{said}");
    let restored = folder.path().join("restored");
    tongban(&restored, &["restore", &file]).await;
    let server = Process::start(&restored).await;
    let (secret, space) = sign_in(&server.address, "hailar").await;
    let mut stranger = Client::connect(&server.address, &secret, "stranger").await;
    stranger.open_demonstration(space.parse().expect("a space")).await;
    stranger.open(id, Kind::Board).await;
    let left = stranger.documents[&id].board();
    assert_eq!(left.items.len(), items.len(), "what stood on other pages is there");
    assert!(!heads.iter().all(|head| stranger.documents.get_mut(&id).expect("open").contains(head)));
    // Another person's device brings back what it had of everybody.
    let mut bringer = Client::connect(&server.address, &secret, "bringer").await;
    bringer.open_with(id, Kind::Board, &copy).await;
    bringer.until("everything", |client| client.is_safe(id)).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let mut later = Client::connect(&server.address, &secret, "later").await;
    later.open(id, Kind::Board).await;
    assert!(heads.iter().all(|head| later.documents.get_mut(&id).expect("open").contains(head)));
    server.kill().await;
    assert!(tongban(&restored, &["backup", &format!("{file}2")]).await.is_empty(), "it is whole");

    // The damage that was met was noted: the next start over the damaged file heals it.
    assert_eq!(put_aside(&data), 0);
    let server = Process::start(&data).await;
    assert_eq!(put_aside(&data), 1);
    brought_back(&data, server, id, &copy).await;
}

/// Sixty edits of the demonstration's board, each on the server's disk; gives the board as its device has it.
async fn sixty_edits(server: &Process) -> (DocumentId, Vec<u8>) {
    let (mut office, board) = demonstration(&server.address, "office").await;
    let id = DocumentId::board(board);
    let items = office.documents[&id].board().item_order();
    for number in 0..60 {
        let value = format!("第 {number} 次改动");
        let edit = Edit::SetItemField { id: items[number % items.len()], field: ItemField::Title, value };
        let hash = office.edit(id, &edit).await;
        office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    }
    (id, office.documents.get_mut(&id).expect("open").save())
}

/// A device that has everything brings back what the server lost, and a further edit is taken; both are
/// there after one more start.
async fn brought_back(data: &std::path::Path, server: Process, id: DocumentId, copy: &[u8]) {
    let (secret, _) = sign_in(&server.address, "office").await;
    let mut office = Client::connect(&server.address, &secret, "bringer").await;
    office.open_with(id, Kind::Board, copy).await;
    office.until("everything", |client| client.is_safe(id)).await;
    let items = office.documents[&id].board().item_order();
    let edit = Edit::SetItemField {
        id: items[0],
        field: ItemField::Title,
        value: format!("在 {} 之后的改动", data.display()),
    };
    let hash = office.edit(id, &edit).await;
    office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    let heads = office.documents.get_mut(&id).expect("open").heads();
    server.kill().await;
    let server = Process::start(data).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let mut later = Client::connect(&server.address, &secret, "later").await;
    later.open(id, Kind::Board).await;
    assert!(heads.iter().all(|head| later.documents.get_mut(&id).expect("open").contains(head)));
    server.kill().await;
}

async fn count(store: &Database, table: &str) -> i64 {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!("select count(*) as n from {table}")));
    rows.fetch_one(store.reader()).await.expect("counted").get("n")
}

fn put_aside(data: &std::path::Path) -> usize {
    let files = std::fs::read_dir(data).expect("a folder").filter_map(Result::ok);
    files.filter(|file| file.file_name().to_string_lossy().starts_with("tongban.db.damaged-")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_lost_its_end_heals_at_its_start_when_nobody_else_has_it_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Process::start(&data).await;
    let (id, copy) = sixty_edits(&server).await;
    let items = Document::load(Kind::Board, &[1], [copy.as_slice()]).expect("a board").board().items.len();
    server.kill().await;
    settle_into_one_file(&data).await;
    let file = data.join("tongban.db");
    let bytes = std::fs::read(&file).expect("read");
    let other = Database::open(&Place::from(data.as_path())).await.expect("opens");
    let (changes, accounts) = (count(&other, "change").await, count(&other, "account").await);
    std::fs::write(&file, &bytes[..bytes.len() - 3 * 4096]).expect("cut");
    assert!(Damaged::found(&data).await.expect("looked at").is_none(), "somebody has it open");
    other.close().await;
    drop(other);
    assert!(Damaged::found(&data).await.expect("looked at").is_some());

    let server = Process::start(&data).await;
    assert_eq!(put_aside(&data), 1, "what was damaged is kept");
    // Before any device has come.
    let healed = Database::open(&Place::from(data.as_path())).await.expect("opens");
    let left = count(&healed, "account").await;
    assert!(accounts > 1 && left == accounts, "{left} of {accounts}");
    let left = count(&healed, "change").await;
    assert!(changes > 100 && left > changes - 60, "{left} of {changes}");
    healed.close().await;
    drop(healed);
    let trail = tongban(&data, &["admin", "audit", "export"]).await;
    assert!(trail.contains("\"act\":\"damaged\""), "{trail}");
    brought_back(&data, server, id, &copy).await;
    assert_eq!(put_aside(&data), 1, "once");
    assert!(tongban(&data, &["backup", &folder.path().join("copy").to_string_lossy()]).await.is_empty());

    // A replacement that was cut off is brought to its end by whoever comes next.
    std::fs::rename(&file, data.join("tongban.db.new")).expect("renamed");
    std::fs::write(data.join("tongban.db-wal"), b"of the old one").expect("written");
    tongban(&data, &["admin", "audit", "verify"]).await;
    assert!(file.exists() && !data.join("tongban.db.new").exists());
    assert_eq!(put_aside(&data), 2, "the journal of before as well");
    let again = Process::start(&data).await;
    let (secret, _) = sign_in(&again.address, "office").await;
    let mut later = Client::connect(&again.address, &secret, "later").await;
    later.open(id, Kind::Board).await;
    assert_eq!(later.documents[&id].board().items.len(), items);
    again.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_last_write_costs_nothing_but_itself_and_is_brought_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Process::start(&data).await;
    let (id, copy) = sixty_edits(&server).await;
    server.kill().await;
    let journal = data.join("tongban.db-wal");
    let bytes = std::fs::read(&journal).expect("read");
    // Torn anywhere in its last frames: cut off, or of other bytes.
    for back in [1_usize, 700, 2048, 4096, 4120, 9000] {
        let torn = folder.path().join(format!("torn-{back}"));
        std::fs::create_dir(&torn).expect("a folder");
        std::fs::copy(data.join("tongban.db"), torn.join("tongban.db")).expect("copied");
        let mut left = bytes[..bytes.len() - back].to_vec();
        if back % 2 == 0 {
            left.extend(std::iter::repeat_n(0xA5, back));
        }
        std::fs::write(torn.join("tongban.db-wal"), left).expect("written");
        let server = Process::start(&torn).await;
        assert_eq!(put_aside(&torn), 0, "nothing is damaged by that");
        brought_back(&torn, server, id, &copy).await;
    }
}

/// Everything from the journal into the file itself.
async fn settle_into_one_file(data: &std::path::Path) {
    let copy = data.join("copy.db");
    tongban(data, &["backup", &copy.to_string_lossy()]).await;
    std::fs::remove_file(data.join("tongban.db")).expect("removed");
    for ending in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(data.join(format!("tongban.db{ending}")));
    }
    std::fs::rename(copy, data.join("tongban.db")).expect("renamed");
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
    // The disk forgets some of it.
    settle_into_one_file(folder.path()).await;
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
    assert_eq!(left.items.len(), items.len());
    let title = left.items[&items[0]].title.as_str();
    assert_eq!(title, "第一处改动", "what was written before the damage is there");
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

/// Changes of before there was a bound, each by a device of its own.
fn vast(count: u8) -> Vec<Chunk> {
    let one = |number: u8| {
        let actor = vec![number + 1; 20];
        let (bytes, hash) = Change { actor: actor.clone(), ..Change::of(490_000) }.sealed();
        Chunk { hash, bytes, actor, number: 1 }
    };
    (0..count).map(one).collect()
}

/// More is stored of a board and of a log than fits: both are served as they last were, nothing comes in,
/// keepers are told once, and the command of repair keeps what people wrote and every signed entry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_held_read_only_and_repaired_with_its_signed_entries() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Process::start(&data).await;
    let (mut office, board) = demonstration(&server.address, "office").await;
    let id = DocumentId::board(board);
    let (item, titled) = (office.documents[&id].board().item_order()[0], "过大之前的标题");
    let title =
        |value: &str| Edit::SetItemField { id: item, field: ItemField::Title, value: value.to_owned() };
    let hash = office.edit(id, &title(titled)).await;
    office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let mut signer = Signer::new(&server.address, &secret).await;
    assert_eq!(signer.certify(&server.address, &secret).await, 200);
    let log = DocumentId::log(board, signer.unit);
    office.open(log, Kind::Log).await;
    let before = office.documents[&log].entries().0.len();
    server.kill().await;

    // Small changes of people rest on one that says too much: an edit, and a signed entry.
    let store = Database::open(&Place::from(data.as_path())).await.expect("a database");
    let entry = signer.entry(board, EntryKind::Comment, |entry| entry.body = "依据过大的改动".to_owned());
    for (document, kind, count, edit) in [
        (id, Kind::Board, 6, Edit::SetBoardField { field: BoardField::Title, value: "过大".into() }),
        (log, Kind::Log, 3, Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }),
    ] {
        let mut chunks = vast(count);
        let first = [chunks[0].bytes.as_slice()];
        let mut device = Document::load(kind, &[7; 16], first).expect("one of them");
        chunks.extend(device.edit(&edit, &Stamp::default()).expect("an edit").1);
        let batch = Append { document, chunks, over_damage: false, total: Extent::default() };
        store.append(batch).await.expect("appended");
    }
    // On another board the same with a flipped bit: nobody wrote that, and devices may mend it.
    let (_, space) = office.documents.iter().find(|(_, one)| one.kind() == Kind::Space).expect("the space");
    let flipped = *space.space().boards.keys().find(|other| **other != board).expect("another board");
    let flipped = DocumentId::board(flipped);
    let (mut bytes, hash) = Change::of(600_000).sealed();
    bytes[5] ^= 1;
    let chunks = vec![Chunk { hash, bytes, actor: vec![7; 16], number: 1 }];
    let batch = Append { document: flipped, chunks, over_damage: false, total: Extent::default() };
    store.append(batch).await.expect("appended");
    drop(store);

    for start in 0..2 {
        let server = Process::start(&data).await;
        let (secret, _) = sign_in(&server.address, "office").await;
        let mut reader = Client::connect(&server.address, &secret, "reader").await;
        for (document, kind) in [(id, Kind::Board), (log, Kind::Log)] {
            reader.open(document, kind).await;
            assert_eq!(reader.used.get(&document), Some(&100), "start {start}");
        }
        assert_eq!(reader.documents[&id].board().items[&item].title, titled);
        assert_eq!(reader.documents[&log].entries().0.len(), before);
        reader.open(flipped, Kind::Board).await;
        assert_eq!(reader.used.get(&flipped), None, "damage is no size");
        reader.edit(id, &title("新的标题")).await;
        reader.until("a refusal", |client| !client.refused.is_empty()).await;
        assert_eq!(reader.refused, [(id, RefusalCode::TooLarge)]);
        let most = memory(server.id());
        assert!(most < 400.0, "{most:.0} MiB");
        server.kill().await;
    }
    let trail = tongban(&data, &["admin", "audit", "export"]).await;
    let held: Vec<&str> = trail.lines().filter(|line| line.contains("\"act\":\"held\"")).collect();
    assert_eq!(held.len(), 2, "{held:?}");
    assert!(trail.contains("\"act\":\"damaged\"") && trail.contains(&flipped.to_string()), "{trail}");
    let said = tongban(&data, &["admin", "sizes"]).await;
    for (document, name) in [(id, "board.chunks"), (log, "log.chunks")] {
        assert!(said.contains(&format!("tongban admin repair {document}")), "{said}");
        let file = folder.path().join(name).to_string_lossy().into_owned();
        let repaired = tongban(&data, &["admin", "repair", &document.to_string(), &file]).await;
        assert!(repaired.contains(&document.to_string()), "{repaired}");
        assert!(std::fs::metadata(&file).expect("everything is kept").len() > 400);
    }
    assert!(!tongban(&data, &["admin", "sizes"]).await.contains("repair"), "none is held any more");

    let server = Process::start(&data).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    let mut office = Client::connect(&server.address, &secret, "office").await;
    office.open(id, Kind::Board).await;
    office.open(log, Kind::Log).await;
    assert_eq!(office.documents[&id].board().items[&item].title, titled);
    let entries = office.documents[&log].entries().0;
    assert_eq!(
        (entries.len(), &entries[&entry.id]),
        (before + 1, &entry),
        "the signed one is there as it was"
    );
    let hash = office.edit(id, &title("新的标题")).await;
    office.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    assert!(office.used.is_empty() && office.refused.is_empty(), "{:?}", office.refused);
    server.kill().await;
}
