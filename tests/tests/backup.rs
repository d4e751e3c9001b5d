//! A backup that is made while people write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tongban_shared::bundle;
use tongban_shared::document::{Document, Kind};
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::id::DocumentId;
use tongban_tests::client::demonstration;
use tongban_tests::postgres::Postgres;
use tongban_tests::process::{Process, tongban};

const WRITERS: usize = 4;
const BACKUPS: usize = 8;

/// All documents of a store, from a bundle of them.
async fn documents(place: &Path, folder: &Path, name: &str) -> BTreeMap<DocumentId, Document> {
    let file = folder.join(name);
    tongban(place, &["bundle", "out", &file.to_string_lossy()]).await;
    let changes = bundle::read(&std::fs::read(&file).expect("a file")).expect("a bundle");
    bundle::open(changes).expect("documents")
}

/// The changes that the server has acknowledged until now.
type Acknowledged = Arc<Mutex<BTreeSet<(DocumentId, [u8; 32])>>>;

/// Writes into a board until it is told to end.
async fn write(address: String, number: usize, acknowledged: Acknowledged, end: Arc<AtomicBool>) {
    let (mut client, board) = demonstration(&address, "office").await;
    let id = DocumentId::board(board);
    let items = client.documents[&id].board().item_order();
    for turn in 0.. {
        let value = format!("第 {number} 人的第 {turn} 次改动");
        let edit = Edit::SetItemField { id: items[turn % items.len()], field: ItemField::Title, value };
        let hash = client.edit(id, &edit).await;
        client
            .until("the acknowledgement", |client| {
                client.acknowledged.get(&id).is_some_and(|all| all.contains(&hash))
            })
            .await;
        acknowledged.lock().unwrap_or_else(PoisonError::into_inner).insert((id, hash));
        if end.load(Ordering::Relaxed) {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_people_write_holds_all_that_was_acknowledged_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let postgres = Postgres::start();
    let places = [folder.path().join("live").to_string_lossy().into_owned(), postgres.database()];
    for (round, place) in places.iter().enumerate() {
        let place = Path::new(place);
        let server = Process::start(place).await;
        let (acknowledged, end) = (Acknowledged::default(), Arc::new(AtomicBool::new(false)));
        let writers = (0..WRITERS).map(|number| {
            tokio::spawn(write(server.address.clone(), number, acknowledged.clone(), end.clone()))
        });
        let writers: Vec<_> = writers.collect();
        let so_far = || acknowledged.lock().unwrap_or_else(PoisonError::into_inner).clone();
        while so_far().len() < 20 * WRITERS {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // One takes a moment only; the last of many fell among edits.
        let begun = so_far();
        let (mut before, mut file) = (begun.clone(), String::new());
        for number in 0..BACKUPS {
            file = folder.path().join(format!("copy{round}-{number}")).to_string_lossy().into_owned();
            before = so_far();
            tongban(place, &["backup", &file]).await;
        }
        let after = so_far();
        end.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.await.expect("a writer");
        }
        assert!(after.len() > begun.len() + BACKUPS, "people wrote while they were made");
        server.kill().await;

        let restored = folder.path().join(format!("restored{round}"));
        tongban(&restored, &["restore", &file]).await;
        let mut live = documents(place, folder.path(), &format!("live{round}.bundle")).await;
        let mut copies = documents(&restored, folder.path(), &format!("copy{round}.bundle")).await;
        assert_eq!(live.keys().collect::<Vec<_>>(), copies.keys().collect::<Vec<_>>(), "every document");
        for (id, copy) in &mut copies {
            let live = live.get_mut(id).expect("there");
            assert!(copy.heads().iter().all(|head| live.contains(head)), "{id} is of one moment");
        }
        // Each document is whole: none waits for what it rests on.
        let server = Process::start(&restored).await;
        let (mut client, _) = demonstration(&server.address, "office").await;
        let space = client.documents.keys().copied().find(|id| client.documents[id].kind() == Kind::Space);
        for board in client.documents[&space.expect("a space")].space().boards.into_keys() {
            client.open(DocumentId::board(board), Kind::Board).await;
        }
        server.kill().await;
        let trail = tongban(&restored, &["admin", "audit", "export"]).await;
        assert!(trail.contains("\"act\":\"restored\"") && !trail.contains("\"act\":\"damaged\""), "{trail}");
        let lost =
            before.iter().filter(|(id, hash)| !copies.get_mut(id).expect("there").contains(hash)).count();
        assert_eq!(lost, 0, "of {} that were acknowledged before it", before.len());
        println!("{} of {} edits were acknowledged before the backup, 0 lost", before.len(), after.len());
    }
}
