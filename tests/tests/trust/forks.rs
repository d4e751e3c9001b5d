//! Two records that one device has signed under one number.

use std::time::Duration;
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Entry, EntryKind};
use tongban_shared::id::DocumentId;
use tongban_tests::client::{Client, Signer, ask, join};
use tongban_tests::process::{Process, tongban};
use tongban_tests::seat::Seat;

fn adds(entry: &Entry) -> Edit {
    Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }
}

/// The refusals on the trail: the login's person who is told to have done it, and what was wrong.
async fn blamed(address: &str, secret: &str) -> Vec<(String, String)> {
    let (status, body) = ask(address, secret, "GET /api/audit?act=refused", "").await;
    assert_eq!(status, 200, "{body}");
    let records: Vec<serde_json::Value> = serde_json::from_str(&body).expect("records");
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    records.iter().map(|one| (word(&one["by"]), word(&one["about"]["entries"][0]["doubt"]))).collect()
}

/// The words of entries of a log.
fn words(client: &Client, log: DocumentId) -> Vec<String> {
    client.documents[&log].entries().0.into_values().map(|entry| entry.body).collect()
}

/// One record goes to the server, another under its number by file to a colleague who writes on: what the
/// colleague has written comes in, now and later, and the trail names whoever has signed both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_records_under_one_number_cost_their_writer_and_nobody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let mut office = Seat::take(&address, "office").await;
    let mut colleague = Seat::take(&address, "hailar").await;
    let (board, unit) = (colleague.board, colleague.signer.unit);
    let link = tongban(folder.path(), &["admin", "invite", "海拉尔区", "--role", "reporter"]).await;
    let secret = join(&address, link.trim(), "forker").await;
    let mut signer = Signer::new(&address, &secret).await;
    assert_eq!(signer.certify(&address, &secret).await, 200);
    let mut forker = Seat::connect(&address, secret, signer).await;
    let person = forker.signer.person.to_string();

    let first = forker.signer.entry(board, EntryKind::Report, |entry| entry.body = "给服务器的".into());
    let mut second = Entry { body: "给同事的".into(), seal: None, ..first.clone() };
    second.sign(&forker.signer.key);
    assert!(forker.put(unit, &first).await);

    let actor = |signer: &Signer| [&signer.device.bytes()[..], &[0, 0, 0, 9]].concat();
    let mut file = Document::new(Kind::Log, &actor(&forker.signer));
    let (_, carried) = file.edit(&adds(&second), &Stamp::default()).expect("fits");
    let mut copy = Document::new(Kind::Log, &actor(&colleague.signer));
    let mut says =
        |words: &str| colleague.signer.entry(board, EntryKind::Report, |entry| entry.body = words.to_owned());
    // One before the file came, two upon it.
    let own = ["以前", "第一条", "第二条"].map(&mut says);
    copy.edit(&adds(&own[0]), &Stamp::default()).expect("fits");
    copy.apply(&carried.expect("new").bytes).expect("whole");
    for entry in &own[1..] {
        copy.edit(&adds(entry), &Stamp::default()).expect("fits");
    }
    let log = DocumentId::log(board, unit);
    colleague.client.open_with(log, Kind::Log, &copy.save()).await;
    colleague.client.until("that all is taken", |client| client.is_safe(log)).await;
    // On the same connection, and on the next one.
    let later = says("第三条");
    colleague.client.edit(log, &adds(&later)).await;
    colleague.client.until("that it is taken", |client| client.is_safe(log)).await;
    assert!(colleague.client.again(&address, &colleague.secret, "seat").await);
    colleague.client.until("that all is known", |client| client.is_safe(log)).await;
    let last = says("第四条");
    colleague.client.edit(log, &adds(&last)).await;
    colleague.client.until("that it is taken", |client| client.is_safe(log)).await;

    office.client.open(log, Kind::Log).await;
    let all = |client: &mut Client| words(client, log).iter().any(|words| words == "第四条");
    office.client.until("the last record", all).await;
    let told = words(&office.client, log);
    for words in ["给服务器的", "以前", "第一条", "第二条", "第三条", "第四条"] {
        assert!(told.iter().any(|one| one == words), "{words} of {told:?}");
    }
    assert!(!told.iter().any(|words| words == "给同事的"), "{told:?}");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let blamed = blamed(&address, &office.secret).await;
    assert!(!blamed.is_empty(), "the trail says so");
    assert!(blamed.iter().all(|one| *one == (person.clone(), "forked".to_owned())), "{blamed:?}");
    server.kill().await;
}
