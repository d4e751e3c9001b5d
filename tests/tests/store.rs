//! Duties of every store; run against each.

use std::sync::Arc;
use std::time::Duration;
use tongban_server::audit::{Act, Audit};
use tongban_server::limits::{COMMIT_BYTES, COMMIT_ROWS};
use tongban_server::store::memory::MemoryStore;
use tongban_server::store::{Append, Store, StoreError};
use tongban_server::store::{Database, Place};
use tongban_shared::document::{Chunk, Document, Kind, Stamp, hex};
use tongban_shared::edit::{BoardField, Edit};
use tongban_shared::id::DocumentId;
use tongban_shared::sync::room::Extent;
use tongban_shared::trust::Key;
use tongban_tests::postgres::Postgres;
use tongban_tests::small_board;

fn id(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

/// A document and the changes that made it.
fn written() -> (Document, Vec<Chunk>) {
    let mut document = Document::new(Kind::Board, &[4; 16]);
    document.edit_all(&small_board::edits(3, small_board::unit("甲")), &Stamp::default()).expect("a board");
    for number in 0..20 {
        let edit = Edit::SetBoardField { field: BoardField::Title, value: format!("第 {number} 版") };
        document.edit(&edit, &Stamp::default()).expect("an edit");
    }
    let chunks = document.changes_since(&[]);
    (document, chunks)
}

fn load(chunks: &[Vec<u8>]) -> Document {
    Document::load(Kind::Board, &[5; 16], chunks.iter().map(Vec::as_slice)).expect("loads")
}

async fn contract(store: Arc<dyn Store>) {
    let (mut document, chunks) = written();
    assert!(store.load(id(1)).await.expect("loads").chunks.is_empty(), "an unknown document is empty");

    store
        .append(Append {
            document: id(1),
            chunks: chunks[..10].to_vec(),
            over_damage: false,
            total: Extent::default(),
        })
        .await
        .expect("appends");
    store
        .append(Append {
            document: id(1),
            chunks: chunks.clone(),
            over_damage: false,
            total: Extent::default(),
        })
        .await
        .expect("appends");
    assert_eq!(store.load(id(1)).await.expect("loads").chunks.len(), chunks.len(), "a repeat is a no-op");
    assert_eq!(store.loose_changes(id(1)).await.expect("counts"), chunks.len() as u64);
    assert!(store.load(id(2)).await.expect("loads").chunks.is_empty(), "documents do not mix");
    assert_eq!(load(&store.load(id(1)).await.expect("loads").chunks).heads(), document.heads());

    let covers = chunks.iter().map(|chunk| chunk.hash).collect();
    store.compact(id(1), document.save(), (covers, document.heads()), 0).await.expect("compacts");
    assert_eq!(store.loose_changes(id(1)).await.expect("counts"), 0);
    let mut again = load(&store.load(id(1)).await.expect("loads").chunks);
    assert_eq!(again.heads(), document.heads(), "compaction keeps every change");
    assert_eq!(again.changes_since(&[]).len(), chunks.len());

    let edit = Edit::SetBoardField { field: BoardField::Title, value: "之后".into() };
    let (_, late) = again.edit(&edit, &Stamp::default()).expect("an edit");
    store
        .append(Append {
            document: id(1),
            chunks: late.into_iter().collect(),
            over_damage: false,
            total: Extent::default(),
        })
        .await
        .expect("appends");
    assert_eq!(
        load(&store.load(id(1)).await.expect("loads").chunks).board().title,
        "之后",
        "changes after a snapshot count"
    );

    // Changes that others write are told by id and hash, once.
    let cursor = store.cursor().await.expect("a cursor");
    store
        .append(Append {
            document: id(3),
            chunks: chunks[..1].to_vec(),
            over_damage: false,
            total: Extent::default(),
        })
        .await
        .expect("appends");
    store
        .append(Append {
            document: id(3),
            chunks: chunks[..1].to_vec(),
            over_damage: false,
            total: Extent::default(),
        })
        .await
        .expect("appends");
    let (next, arrived) = store.arrivals(cursor).await.expect("arrivals");
    assert_eq!(arrived, [(id(3), chunks[0].hash)]);
    assert_eq!(store.arrivals(next).await.expect("arrivals").1, []);
    let found = store.changes(id(3), &[chunks[0].hash, chunks[1].hash]).await.expect("changes");
    assert_eq!(found, [chunks[0].bytes.clone()]);

    // Two processes compact at once, each without what the other has just written: nothing is lost.
    let hashes = |chunks: &[Chunk]| chunks.iter().map(|chunk| chunk.hash).collect::<Vec<_>>();
    let of = |chunks: &[Chunk]| {
        let bytes: Vec<Vec<u8>> = chunks.iter().map(|chunk| chunk.bytes.clone()).collect();
        load(&bytes).save()
    };
    store
        .append(Append {
            document: id(4),
            chunks: chunks[..5].to_vec(),
            over_damage: false,
            total: Extent::default(),
        })
        .await
        .expect("appends");
    let over = store.load(id(4)).await.expect("loads").over;
    store
        .append(Append {
            document: id(4),
            chunks: chunks[5..9].to_vec(),
            over_damage: false,
            total: Extent::default(),
        })
        .await
        .expect("appends");
    store.compact(id(4), of(&chunks[..9]), (hashes(&chunks[..9]), Vec::new()), over).await.expect("compacts");
    store.compact(id(4), of(&chunks[..5]), (hashes(&chunks[..5]), Vec::new()), over).await.expect("compacts");
    let both = store.load(id(4)).await.expect("loads");
    let lengths = store.lengths(id(4)).await.expect("asked");
    let given = both.chunks.iter().map(|chunk| chunk.len() as u64);
    assert_eq!((lengths.loaded, Some(lengths.longest)), (given.clone().sum(), given.max()));
    assert_eq!(load(&both.chunks).changes_since(&[]).len(), 9, "the later snapshot hides nothing");
    store
        .compact(id(4), of(&chunks[..9]), (hashes(&chunks[..9]), Vec::new()), both.over)
        .await
        .expect("compacts");
    assert_eq!(store.load(id(4)).await.expect("loads").chunks.len(), 1, "one that holds both stands alone");

    let mut all = store.documents().await.expect("lists");
    all.sort();
    assert_eq!(all, [id(1), id(3), id(4)]);
    sizes(&store, &chunks).await;
    numbers(&store).await;
    compacted_unheard(&store, &chunks).await;
}

/// A process that has not heard of changes before they were compacted hears of what stands in their place.
async fn compacted_unheard(store: &Arc<dyn Store>, chunks: &[Chunk]) {
    let cursor = store.cursor().await.expect("a cursor");
    let batch =
        Append { document: id(40), chunks: chunks.to_vec(), over_damage: false, total: Extent::default() };
    store.append(batch).await.expect("appends");
    let bytes: Vec<Vec<u8>> = chunks.iter().map(|chunk| chunk.bytes.clone()).collect();
    let mut document = load(&bytes);
    let (covers, heads) = (chunks.iter().map(|chunk| chunk.hash).collect(), document.heads());
    store.compact(id(40), document.save(), (covers, heads.clone()), 0).await.expect("compacts");
    let (next, arrived) = store.arrivals(cursor).await.expect("arrivals");
    assert!(heads.iter().all(|head| arrived.contains(&(id(40), *head))), "{arrived:?}");
    assert!(store.arrivals(next).await.expect("arrivals").1.is_empty(), "once");
}

/// Each number of an author in a document is one change's, also when that is in a snapshot by now.
async fn numbers(store: &Arc<dyn Store>) {
    let append = async |chunk: &Chunk, over_damage| {
        let (chunks, total) = (vec![chunk.clone()], Extent { operations: 1, bytes: 1 });
        store.append(Append { document: id(30), chunks, over_damage, total }).await
    };
    let edited = |title: &str| {
        let mut document = Document::new(Kind::Board, &[6; 16]);
        let edit = Edit::SetBoardField { field: BoardField::Title, value: title.to_owned() };
        let first = document.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change");
        (document, first)
    };
    let ((mut document, first), (_, second)) = (edited("first"), edited("second"));
    append(&first, false).await.expect("appends");
    append(&first, false).await.expect("a repeat is a no-op");
    let refused = append(&second, false).await.expect_err("its number is taken");
    assert!(
        matches!(&refused, StoreError::Taken { hash, number: 1, .. } if *hash == second.hash),
        "{refused}"
    );
    store.compact(id(30), document.save(), (vec![first.hash], vec![first.hash]), 0).await.expect("compacts");
    assert!(append(&second, false).await.is_err(), "what is in a snapshot counts");
    let loaded = store.load(id(30)).await.expect("loads");
    assert_eq!((load(&loaded.chunks).board().title, loaded.hashes.len()), ("first".to_owned(), 0));
    // The number is that of this document, and of no other.
    let batch =
        Append { document: id(31), chunks: vec![second], over_damage: false, total: Extent::default() };
    store.append(batch).await.expect("appends");
    append(&first, true).await.expect("what was lost is brought back");
    store.replace(id(30), document.save(), Extent::default()).await.expect("replaced");
    append(&first, false).await.expect("a document that was repaired begins anew");
}

/// How large documents are, and those of which more is stored than fits.
async fn sizes(store: &Arc<dyn Store>, chunks: &[Chunk]) {
    let sized = |operations, bytes| Append {
        document: id(u8::try_from(operations / 100).expect("small")),
        chunks: Vec::new(),
        over_damage: false,
        total: Extent { operations, bytes },
    };
    for (operations, bytes) in [(21_100, 7), (21_200, 5), (21_150, 900)] {
        store.append(sized(operations, bytes)).await.expect("appends");
    }
    let largest = store.largest(2).await.expect("the largest");
    let expected = [(212, 21_200, 5), (211, 21_150, 900)];
    let expected = expected.map(|(number, operations, bytes)| (id(number), Extent { operations, bytes }));
    assert_eq!(largest, expected, "as they were last written");

    assert!(store.hold(id(211)).await.expect("held") && !store.hold(id(211)).await.expect("held"));
    assert_eq!(store.held().await.expect("those held"), [id(211)]);
    let (snapshot, total) = (chunks[0].bytes.clone(), Extent { operations: 9, bytes: 90 });
    let batch = Append {
        document: id(211),
        chunks: chunks[..3].to_vec(),
        over_damage: false,
        total: Extent::default(),
    };
    store.append(batch).await.expect("appends");
    store.replace(id(211), snapshot.clone(), total).await.expect("replaced");
    assert_eq!(store.load(id(211)).await.expect("loads").chunks, std::slice::from_ref(&snapshot));
    assert_eq!(store.snapshots(id(211)).await.expect("snapshots"), [snapshot]);
    assert!(store.held().await.expect("those held").is_empty(), "it is held no more");
    assert!(store.largest(9).await.expect("the largest").contains(&(id(211), total)));
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    contract(Arc::new(MemoryStore::default())).await;
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    contract(Arc::new(Database::open(&folder.path().into()).await.expect("opens"))).await;
}

#[tokio::test]
async fn postgres_keeps_the_contract_also_when_it_was_away() {
    let postgres = Postgres::start();
    let place: Place = postgres.database().parse().expect("a place");
    let store = Database::open(&place).await.expect("opens");
    contract(Arc::new(store.clone())).await;
    let (mut document, chunks) = written();
    store
        .append(Append {
            document: id(9),
            chunks: chunks[..10].to_vec(),
            over_damage: false,
            total: Extent::default(),
        })
        .await
        .expect("appends");
    postgres.down();
    let late = Append {
        document: id(9),
        chunks: chunks[10..].to_vec(),
        over_damage: false,
        total: Extent::default(),
    };
    assert!(store.append(late.clone()).await.is_err(), "what is not on the disk is not said to be");
    postgres.up();
    // The first connections of the pool are those that broke.
    let mut again = store.append(late.clone()).await;
    for _ in 0..20 {
        if again.is_ok() {
            break;
        }
        again = store.append(late.clone()).await;
    }
    again.expect("appends");
    let loaded = store.load(id(9)).await.expect("loads");
    assert_eq!(load(&loaded.chunks).heads(), document.heads());
    store.close().await;
}

/// Processes over one database tell each other ids and hashes, never what was written.
#[tokio::test]
async fn processes_tell_each_other_ids_and_hashes_only() {
    let postgres = Postgres::start();
    let address = postgres.database();
    let store = Database::open(&address.parse().expect("a place")).await.expect("opens");
    let mut listener = sqlx::postgres::PgListener::connect(&address).await.expect("listens");
    listener.listen("tongban").await.expect("listens");
    let (_, chunks) = written();
    let told: Vec<String> =
        chunks.iter().map(|chunk| format!("{} {}", hex(id(9).bytes()), hex(&chunk.hash))).collect();
    store
        .append(Append { document: id(9), chunks, over_damage: false, total: Extent::default() })
        .await
        .expect("appends");
    for expected in told {
        let heard = tokio::time::timeout(Duration::from_secs(20), listener.recv()).await;
        assert_eq!(heard.expect("told").expect("told").payload(), expected);
    }
    store.close().await;
}

/// A backup of PostgreSQL is restored into a folder, and that one's into PostgreSQL.
#[tokio::test]
async fn backups_move_between_the_two_databases_and_hold_every_document() {
    let postgres = Postgres::start();
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second): (Place, Place) =
        (postgres.database().parse().expect("a place"), postgres.database().parse().expect("a place"));
    let (mut document, chunks) = written();
    let store = Database::open(&first).await.expect("opens");
    store.set_setting("epoch", "first").await.expect("writes");
    for number in 1..=20 {
        store
            .append(Append {
                document: id(number),
                chunks: chunks.clone(),
                over_damage: false,
                total: Extent::default(),
            })
            .await
            .expect("appends");
    }
    let covers = chunks.iter().map(|chunk| chunk.hash).collect();
    store.compact(id(1), document.save(), (covers, document.heads()), 0).await.expect("compacts");
    let equal = async |store: &Database| {
        for number in 1..=20 {
            let loaded = store.load(id(number)).await.expect("loads");
            assert_eq!(
                load(&loaded.chunks).heads(),
                load(&chunks.iter().map(|one| one.bytes.clone()).collect::<Vec<_>>()).heads()
            );
        }
        assert_ne!(store.setting("epoch").await.expect("reads").as_deref(), Some("first"));
    };
    let file = folder.path().join("one.db");
    tongban_server::backup::backup(&first, &file).await.expect("backs up");
    let data: Place = folder.path().join("data").as_path().into();
    tongban_server::backup::restore(&file, &data).await.expect("restores");
    equal(&Database::open(&data).await.expect("opens")).await;
    let file = folder.path().join("two.db");
    tongban_server::backup::backup(&data, &file).await.expect("backs up");
    tongban_server::backup::restore(&file, &second).await.expect("restores");
    assert!(tongban_server::backup::restore(&file, &second).await.is_err(), "never over what is there");
    equal(&Database::open(&second).await.expect("opens")).await;
}

/// The trail is append-only for whoever holds a connection, too.
#[tokio::test]
async fn the_trail_is_append_only_in_both_databases() {
    let (postgres, folder) = (Postgres::start(), tempfile::tempdir().expect("a folder"));
    for place in [postgres.database().parse::<Place>().expect("a place"), folder.path().into()] {
        let store = Database::open(&place).await.expect("opens");
        let audit = Audit::new(store.clone(), Key::from_seed(&[3; 32]));
        let writes =
            (0..20).map(|number| audit.write(Act::SignIn, None, serde_json::json!({ "number": number })));
        for written in futures::future::join_all(writes).await {
            written.expect("written");
        }
        let mut lines = Vec::new();
        audit.lines(|line| lines.push(Some(line))).await.expect("lines");
        let verified = tongban_server::audit::verify(lines, audit.authority());
        assert_eq!(verified.expect("whole").0, 20, "twenty at once make one chain");
        for statement in ["update audit set act = 'x'", "delete from audit"] {
            assert!(sqlx::query(statement).execute(store.writer()).await.is_err(), "{statement}");
        }
    }
}

#[tokio::test]
async fn sqlite_has_everything_after_it_is_opened_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut document, chunks) = written();
    let store = Database::open(&folder.path().into()).await.expect("opens");
    store
        .append(Append { document: id(1), chunks, over_damage: false, total: Extent::default() })
        .await
        .expect("appends");
    store.set_setting("space", "x").await.expect("writes");
    store.close().await;
    let again = Database::open(&folder.path().into()).await.expect("opens");
    assert_eq!(load(&again.load(id(1)).await.expect("loads").chunks).heads(), document.heads());
    assert_eq!(again.setting("space").await.expect("reads").as_deref(), Some("x"));
}

#[tokio::test]
async fn a_backup_is_restored_with_a_new_epoch() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file, other) =
        (folder.path().join("data"), folder.path().join("backup.db"), folder.path().join("other"));
    let (mut document, chunks) = written();
    let store = Database::open(&data.as_path().into()).await.expect("opens");
    store
        .append(Append { document: id(1), chunks, over_damage: false, total: Extent::default() })
        .await
        .expect("appends");
    store.set_setting("epoch", "first").await.expect("writes");
    // The server goes on while the backup is made.
    tongban_server::backup::backup(&data.as_path().into(), &file).await.expect("backs up");
    assert!(
        tongban_server::backup::backup(&data.as_path().into(), &file).await.is_err(),
        "a file is never written over"
    );
    tongban_server::backup::restore(&file, &other.as_path().into()).await.expect("restores");
    assert!(
        tongban_server::backup::restore(&file, &other.as_path().into()).await.is_err(),
        "a database is never written over"
    );
    let again = Database::open(&other.as_path().into()).await.expect("opens");
    assert_eq!(load(&again.load(id(1)).await.expect("loads").chunks).heads(), document.heads());
    assert_ne!(again.setting("epoch").await.expect("reads").as_deref(), Some("first"));
    std::fs::write(&file, b"no database").expect("writes");
    assert!(
        tongban_server::backup::restore(&file, &folder.path().join("third").as_path().into()).await.is_err()
    );
}

/// Changes of one author, each of so many bytes.
fn many(count: u64, bytes: usize) -> Vec<Chunk> {
    let one = |number: u64| {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        Chunk { hash, bytes: vec![7; bytes], actor: vec![6; 16], number }
    };
    (1..=count).map(one).collect()
}

/// The changes in a store whenever somebody else writes in it, while something is done.
async fn seen_beside(store: &Database, work: impl Future<Output = Result<(), StoreError>>) -> Vec<i64> {
    use sqlx::Row;
    let mut seen = vec![store.loose_changes(id(1)).await.expect("asked").cast_signed()];
    let others = async {
        loop {
            let mut writing = store.begin().await.expect("begun");
            let row = sqlx::query("select count(*) as n from change").fetch_one(&mut *writing).await;
            seen.push(row.expect("counted").get("n"));
            writing.commit().await.expect("committed");
        }
    };
    tokio::select! {
        done = work => done.expect("done"),
        () = others => {}
    }
    seen.push(store.loose_changes(id(1)).await.expect("asked").cast_signed());
    seen
}

fn largest_step(seen: &[i64]) -> u64 {
    seen.windows(2).map(|two| two[0].abs_diff(two[1])).max().unwrap_or_default()
}

/// Many small changes, and some large ones: SQLite has one writer.
#[tokio::test]
async fn others_write_between_the_portions_of_a_long_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Database::open(&folder.path().into()).await.expect("opens");
    let append = |chunks| Append { document: id(1), chunks, over_damage: false, total: Extent::default() };
    let seen = seen_beside(&store, store.append(append(many(5000, 60)))).await;
    assert_eq!(seen.last(), Some(&5000));
    assert!(largest_step(&seen) <= COMMIT_ROWS as u64, "{seen:?}");

    // One comes second under its number: those before it stay, and none behind it comes in.
    let mut more = many(6000, 60).split_off(5000);
    (more[700].hash, more[700].number) = ([8; 32], 3);
    let taken = store.append(append(more)).await.expect_err("its number is taken");
    assert!(matches!(taken, StoreError::Taken { number: 3, .. }), "{taken}");
    assert_eq!(store.loose_changes(id(1)).await.expect("asked"), 5000 + COMMIT_ROWS as u64);
    store.append(append(many(6000, 60))).await.expect("it goes on where it stopped");
    assert_eq!(store.loose_changes(id(1)).await.expect("asked"), 6000);

    let covers = many(6000, 60).iter().map(|chunk| chunk.hash).collect();
    let seen = seen_beside(&store, store.compact(id(1), vec![1], (covers, Vec::new()), 0)).await;
    assert_eq!(seen.last(), Some(&0));
    assert!(largest_step(&seen) <= COMMIT_ROWS as u64, "{seen:?}");

    let large = many(6020, COMMIT_BYTES / 2).split_off(6000);
    let seen = seen_beside(&store, store.append(append(large))).await;
    assert!(largest_step(&seen) <= 2, "{seen:?}");
}
