//! Proof of authorship over the real program: certified devices, forged and replayed entries, lost devices,
//! wrong roles, and the audit trail that names each.

#[path = "trust/forks.rs"]
mod forks;
#[path = "trust/lapsed.rs"]
mod lapsed;

use std::path::Path;
use std::process::Output;
use tokio::process::Command;
use tongban_shared::bundle;
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit, ItemField};
use tongban_shared::entry::{Author, Entry, EntryKind};
use tongban_shared::id::{BoardId, DocumentId, EntryId, UnitId};
use tongban_shared::sync::RefusalCode;
use tongban_shared::trust::Key;
use tongban_tests::client::{Client, Signer, ask, demonstration, join, sign_in};
use tongban_tests::process::{Process, alter, program, tongban};
use tongban_tests::seat::Seat;

/// The refusals on the trail as (doubt, entry id, claimed device).
async fn refusals(address: &str, secret: &str) -> Vec<(String, String, String)> {
    let (status, body) = ask(address, secret, "GET /api/audit?act=refused", "").await;
    assert_eq!(status, 200, "{body}");
    let records: Vec<serde_json::Value> = serde_json::from_str(&body).expect("records");
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let of = |record: &serde_json::Value| {
        let about = &record["about"];
        let entries = about["entries"].as_array().cloned().unwrap_or_default();
        let named = entries.iter().map(|entry| (word(&entry["doubt"]), word(&entry["id"]), String::new()));
        let mut all: Vec<_> = named.collect();
        if !about["claimed"].is_null() {
            all.push((String::new(), String::new(), word(&about["claimed"])));
        }
        all
    };
    records.iter().flat_map(of).collect()
}

async fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).env("TONGBAN_DATA", data);
    command.output().await.expect("the program runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_replayed_revoked_and_wrong_entries_have_no_effect_and_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let mut office = Seat::take(&address, "office").await;
    let mut banner = Seat::take(&address, "hailar").await;
    let (board, own) = (banner.board, banner.signer.unit);
    let decide = |about: UnitId| {
        move |entry: &mut Entry| {
            entry.subject.unit = Some(about);
            entry.accepted = Some(true);
        }
    };

    let report = banner.signer.entry(board, EntryKind::Report, |entry| entry.body = "已走访".into());
    assert!(banner.put(own, &report).await, "an honest report is taken");

    // Forged: words changed after signing; and a decision in the office's name.
    let mut forged = banner.signer.entry(board, EntryKind::Report, |_| {});
    forged.body = "换了一句话".into();
    assert!(!banner.put(own, &forged).await);
    let mut banner = Seat::take(&address, "hailar").await;
    let mut in_their_name = office.signer.entry(board, EntryKind::CloseDecision, decide(own));
    in_their_name.sign(&banner.signer.key);
    assert!(!banner.put(office.signer.unit, &in_their_name).await);

    // Wrong role: an editor of a banner decides on a board that another unit leads.
    let mut banner = Seat::take(&address, "hailar").await;
    let deciding = banner.signer.entry(board, EntryKind::CloseDecision, decide(own));
    assert!(!banner.put(own, &deciding).await);

    // Replayed: an entry of the office in the banner's log.
    let mut banner = Seat::take(&address, "hailar").await;
    let theirs = office.signer.entry(board, EntryKind::Report, |_| {});
    assert!(office.put(office.signer.unit, &theirs).await);
    assert!(!banner.put(own, &theirs).await);

    // Carried: what the office has signed may come by the banner's connection, where it belongs.
    let mut banner = Seat::take(&address, "hailar").await;
    let carried = office.signer.entry(board, EntryKind::Report, |entry| entry.body = "U盘带来".into());
    assert!(banner.put(office.signer.unit, &carried).await);

    // A change of the board under the actor of the office's device.
    let mut posing = Seat::take(&address, "hailar").await;
    let id = DocumentId::board(board);
    let actor = [&office.signer.device.bytes()[..], &[1, 2, 3, 4]].concat();
    posing.client.open_as(id, Kind::Board, &actor).await;
    let item = posing.client.documents[&id].board().item_order()[0];
    let title = Edit::SetItemField { id: item, field: ItemField::Title, value: "冒名改的".into() };
    posing.client.edit(id, &title).await;
    posing.client.until("a refusal", |client| client.refused.contains(&(id, RefusalCode::Invalid))).await;

    // Lost: the office ends the banner's device; a report comes later under its key.
    let mut lost = Seat::take(&address, "hailar").await;
    let before = lost.signer.entry(board, EntryKind::Report, |entry| entry.body = "丢失以前".into());
    assert!(lost.put(own, &before).await);
    let line = format!("DELETE /api/devices/{}", lost.signer.device);
    assert_eq!(ask(&address, &banner.secret, &line, "").await.0, 204, "a person's own device");
    lost.client.closed().await;
    let (secret, _) = sign_in(&address, "hailar").await;
    let mut thief = Seat::connect(&address, secret, lost.signer).await;
    assert_eq!(thief.signer.certify(&address, &thief.secret).await, 409, "an ended device stays ended");
    let later = thief.signer.entry(board, EntryKind::Report, |entry| entry.body = "丢失以后".into());
    assert!(!thief.put(own, &later).await);

    // No effect on any device.
    let of_banner: Vec<_> =
        Seat::counted(&address, "office", own).await.into_iter().map(|entry| entry.id).collect();
    for honest in [&report, &before] {
        assert!(of_banner.contains(&honest.id));
    }
    for doubtful in [&forged, &deciding, &theirs, &later] {
        assert!(!of_banner.contains(&doubtful.id));
    }
    let of_office = Seat::counted(&address, "office", office.signer.unit).await;
    let of_office: Vec<_> = of_office.into_iter().map(|entry| entry.id).collect();
    assert!(of_office.contains(&theirs.id) && of_office.contains(&carried.id));
    assert!(!of_office.contains(&in_their_name.id));

    // The trail names each.
    let named = refusals(&address, &office.secret).await;
    for (doubt, entry) in [
        ("forged", &forged),
        ("forged", &in_their_name),
        ("role", &deciding),
        ("misplaced", &theirs),
        ("ended", &later),
    ] {
        let found = named.iter().any(|(of, id, _)| of == doubt && *id == entry.id.to_string());
        assert!(found, "{doubt} {} is not on the trail: {named:?}", entry.id);
    }
    assert!(named.iter().any(|(_, _, claimed)| *claimed == office.signer.device.to_string()));
    let (status, _) = ask(&address, &banner.secret, "GET /api/audit", "").await;
    assert_eq!(status, 403, "the trail is for administrators");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_trail_is_exported_verified_and_its_first_broken_link_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    for login in ["office", "hailar", "jiaoyu"] {
        sign_in(&server.address, login).await;
    }
    let body = "{\"login\":\"office\",\"password\":\"falsch\"}";
    assert_eq!(ask(&server.address, "", "POST /api/session", body).await.0, 401);
    server.kill().await;

    let words = |output: &Output| {
        String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
    };
    let verified = run(folder.path(), &["admin", "audit", "verify"]).await;
    assert!(verified.status.success() && words(&verified).contains("首尾相接"), "{}", words(&verified));
    let exported = run(folder.path(), &["admin", "audit", "export"]).await;
    let trail = String::from_utf8(exported.stdout).expect("text");
    for act in ["sign_in", "sign_in_refused", "device_certified"] {
        assert!(trail.contains(&format!("\"act\":\"{act}\"")), "{act} in {trail}");
    }
    let file = folder.path().join("trail.jsonl");
    let path = file.to_string_lossy().into_owned();
    let check = async |text: &str| {
        std::fs::write(&file, text).expect("written");
        let output = run(folder.path(), &["admin", "audit", "verify", &path]).await;
        (output.status.success(), words(&output))
    };
    assert!(check(&trail).await.0);
    let lines: Vec<&str> = trail.lines().collect();
    let place = lines.iter().position(|line| line.contains("sign_in_refused")).expect("the refused one");
    let changed = trail.replacen("sign_in_refused", "sign_in", 1);
    let (whole, said) = check(&changed).await;
    assert!(!whole && said.contains(&format!("第 {} 条", place + 1)), "{said}");
    let mut without = lines.clone();
    without.remove(1);
    let (whole, said) = check(&(without.join("\n") + "\n")).await;
    assert!(!whole && said.contains("第 2 条"), "{said}");
}

/// Changes of rights, publishing, exports and restores stand on the trail; a record that somebody changes in
/// the database itself is named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_act_of_weight_is_on_the_trail_and_a_changed_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Process::start(&data).await;
    let address = server.address.clone();
    let (office, _) = sign_in(&address, "office").await;
    let said = async |line: &str, body: &str| ask(&address, &office, line, body).await;
    let (_, accounts) = said("GET /api/accounts", "").await;
    let accounts: Vec<serde_json::Value> = serde_json::from_str(&accounts).expect("accounts");
    let person = |login: &str| {
        let one = accounts.iter().find(|one| one["login"] == login).expect("an account");
        one["id"].as_str().expect("an id").to_owned()
    };
    let seat = Seat::take(&address, "hailar").await;
    let unit = seat.signer.unit;
    let role = serde_json::json!({ "unit": unit, "role": "reader" }).to_string();
    assert_eq!(said(&format!("POST /api/accounts/{}", person("hailar")), &role).await.0, 204);
    assert_eq!(said(&format!("DELETE /api/accounts/{}", person("jiaoyu")), "").await.0, 204);
    let invitation = serde_json::json!({ "unit": unit, "role": "editor" }).to_string();
    let (status, link) = said("POST /api/invitations", &invitation).await;
    assert_eq!(status, 200, "{link}");
    assert_eq!(said("DELETE /api/session", "").await.0, 204);
    server.kill().await;

    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    tongban(&data, &["bundle", "out", &path("bundle")]).await;
    tongban(&data, &["bundle", "in", &path("bundle")]).await;
    tongban(&data, &["backup", &path("copy")]).await;
    let restored = folder.path().join("restored");
    tongban(&restored, &["restore", &path("copy")]).await;
    let trail = tongban(&restored, &["admin", "audit", "export"]).await;
    for act in [
        "role_changed",
        "account_ended",
        "device_ended",
        "invite",
        "sign_out",
        "exported",
        "taken_in",
        "backed_up",
        "restored",
    ] {
        assert!(trail.contains(&format!("\"act\":\"{act}\"")), "{act} in {trail}");
    }
    let changed = trail.lines().find(|line| line.contains("role_changed")).expect("there");
    for words in ["\"reader\"", "\"editor\"", &person("hailar")] {
        assert!(changed.contains(words), "{words} in {changed}");
    }

    let verify = async || {
        let output = run(&restored, &["admin", "audit", "verify"]).await;
        let said = [&output.stdout[..], &output.stderr[..]].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    };
    assert!(verify().await.0);
    let place = 1 + trail.lines().position(|line| line.contains("role_changed")).expect("there");
    for statement in [
        "drop trigger audit_is_not_changed",
        "update audit set record = replace(record, '\"reader\"', '\"editor\"') where act = 'role_changed'",
    ] {
        alter(&restored, statement).await;
    }
    let (whole, said) = verify().await;
    assert!(!whole && said.contains(&format!("第 {place} 条")), "{said}");
}

/// A device's file brings to its server what the device might say over a connection, and no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_a_device_brings_what_the_device_might_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Process::start(&data).await;
    let address = server.address.clone();
    let (mut office, board) = demonstration(&address, "office").await;
    let id = DocumentId::board(board);
    let (office_secret, space) = sign_in(&address, "office").await;
    let space_id = DocumentId::space(space.parse().expect("a space"));
    let link = tongban(&data, &["admin", "invite", "海拉尔区人民政府", "--role", "reader"]).await;
    let reader_secret = join(&address, &link, "reader").await;
    let mut reader = Signer::new(&address, &reader_secret).await;
    let mut chief = Signer::new(&address, &office_secret).await;
    let before = office.documents[&space_id].space().proofs.certificates.len();
    assert_eq!(reader.certify(&address, &reader_secret).await, 200);
    assert_eq!(chief.certify(&address, &office_secret).await, 200);
    let certified =
        |client: &mut Client| client.documents[&space_id].space().proofs.certificates.len() == before + 2;
    office.until("the certificates", certified).await;
    let item = *office.documents[&id].board().items.keys().next().expect("a measure");
    let mut whole = |id: DocumentId| office.documents.get_mut(&id).expect("open").save();
    let (whole_space, whole_board) = (whole(space_id), whole(id));
    server.kill().await;

    // The data of each device, with an edit of a board that it has made without a network.
    let file = folder.path().join("file").to_string_lossy().into_owned();
    let write = |key: &Key, actor: &Key, words: &str| {
        let actor = [&actor.public().device().bytes()[..], &[0; 4]].concat();
        let space = Document::load(Kind::Space, &actor, [whole_space.as_slice()]).expect("a space");
        let mut plan = Document::load(Kind::Board, &actor, [whole_board.as_slice()]).expect("a board");
        let title = Edit::SetItemField { id: item, field: ItemField::Title, value: words.into() };
        plan.edit(&title, &Stamp::default()).expect("an edit");
        let all = [(space_id, space), (id, plan)];
        let all = all.map(|(id, mut document)| (id, document.changes_since(&[])));
        std::fs::write(&file, bundle::write(all, key)).expect("written");
    };
    let take = async || tongban(&data, &["bundle", "in", &file]).await;
    let titled = async |words: &str| {
        let out = folder.path().join(words).to_string_lossy().into_owned();
        tongban(&data, &["bundle", "out", &out]).await;
        let changes = bundle::read(&std::fs::read(&out).expect("a file")).expect("a bundle");
        bundle::open(changes).expect("documents")[&id].board().items[&item].title == words
    };
    write(&reader.key, &reader.key, "读者的改动");
    let said = take().await;
    assert!(said.contains("新增改动 0，未采纳 1"), "{said}");
    assert!(!titled("读者的改动").await);
    // Under another device's actor: that one says it itself.
    write(&chief.key, &reader.key, "替读者写的");
    let said = take().await;
    assert!(said.contains("新增改动 0，未采纳 1"), "{said}");
    assert!(!titled("替读者写的").await);
    write(&chief.key, &chief.key, "办公室的改动");
    let verified = run(&data, &["verify", &file]).await;
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("由市政府办的设备"), "{said}");
    let said = take().await;
    assert!(said.contains("新增改动 1，未采纳 0"), "{said}");
    assert!(titled("办公室的改动").await);
    // A device that was lost answers for nothing.
    let server = Process::start(&data).await;
    let (secret, _) = sign_in(&server.address, "office").await;
    assert_eq!(
        ask(&server.address, &secret, &format!("DELETE /api/devices/{}", chief.device), "").await.0,
        204
    );
    server.kill().await;
    write(&chief.key, &chief.key, "注销以后的改动");
    let said = take().await;
    assert!(said.contains("只采纳其中有签名的记录") && said.contains("新增改动 0，"), "{said}");
    assert!(!titled("注销以后的改动").await);
}

/// `tongban verify` says of an exported bundle what counts, without a network.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bundle_is_verified_offline_and_what_does_not_count_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    Process::start(&data).await.kill().await;
    let file = folder.path().join("bundle").to_string_lossy().into_owned();
    tongban(&data, &["bundle", "out", &file]).await;
    let key = tongban(&data, &["admin", "authority"]).await;
    let verify = async |arguments: &[&str]| {
        let output = run(&data, &[&["verify", &file][..], arguments].concat()).await;
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = verify(&["--authority", &key]).await;
    assert!(code == Some(0) && said.contains("全部签名有效"), "{said}");
    let (code, said) = verify(&[]).await;
    assert!(code == Some(0) && said.contains("没有指定"), "{said}");
    let stranger = "00".repeat(31) + "01";
    let (code, said) = verify(&["--authority", &stranger]).await;
    assert!(code == Some(1) && said.contains("这台设备还没有登记"), "{said}");

    // Somebody writes a decision into the file, in the name of a unit that it holds a log of.
    let genuine = std::fs::read(&file).expect("read");
    let mut documents = bundle::open(bundle::read(&genuine).expect("a bundle")).expect("documents");
    let space = documents.values().find(|document| document.kind() == Kind::Space).expect("a space").space();
    let logs: Vec<(DocumentId, Author, BoardId)> = documents
        .iter()
        .filter(|(_, document)| document.kind() == Kind::Log)
        .filter_map(|(id, document)| {
            let entry = document.entries().0.into_values().next()?;
            Some((*id, entry.author, entry.subject.board))
        })
        .collect();
    // Finds a log of a unit that may write such a decision, on a board that another one leads.
    let mut fits = logs.into_iter().filter(|(_, author, board)| {
        let lead = documents.get_mut(&DocumentId::board(*board)).and_then(|board| board.lead());
        lead.is_some_and(|lead| lead != author.unit) && !space.unit_name(author.unit).contains("企业")
    });
    let log = fits.next().expect("a log with entries").0;
    let document = documents.get_mut(&log).expect("there");
    let real = document.entries().0.into_values().next().expect("an entry");
    let mut forged = Entry {
        kind: EntryKind::Outcome,
        body: "伪造的结果".into(),
        seq: real.seq + 1000,
        id: Entry::own_id(real.said, real.subject.board, &real.author, real.seq + 1000),
        ..real.clone()
    };
    forged.sign(&Key::from_seed(&[7; 32]));
    let add = Edit::AddEntry { id: forged.id, bytes: forged.to_bytes() };
    document.edit(&add, &Stamp::default()).expect("written");
    let all = documents.iter_mut().map(|(id, document)| (*id, document.changes_since(&[])));
    let stranger = Key::from_seed(&[7; 32]);
    std::fs::write(&file, bundle::write(all, &stranger)).expect("written");
    let (code, said) = verify(&["--authority", &key]).await;
    assert!(code == Some(1) && said.contains("签名不符") && said.contains("伪造的结果"), "{said}");

    // The server that takes the file in leaves it out, and its trail says so.
    let report = tongban(&data, &["bundle", "in", &file]).await;
    assert!(report.contains("未采纳 1") && report.contains("签名不符"), "{report}");
    let trail = tongban(&data, &["admin", "audit", "export"]).await;
    assert!(trail.contains(&forged.id.to_string()), "the trail names it");

    // Changes that prove nothing alone are not taken from a file that somebody has changed on its way: a
    // report without a signature, another lead.
    let unit = real.author.unit;
    let author = Author { writer: "w".into(), ..real.author };
    let plain = Entry::new(EntryId::from_bytes([9; 16]), EntryKind::Report, author, real.subject);
    let plain = Entry { body: "无名的报告".into(), ..plain };
    let mut documents = bundle::open(bundle::read(&genuine).expect("a bundle")).expect("documents");
    let add = Edit::AddEntry { id: plain.id, bytes: plain.to_bytes() };
    documents.get_mut(&log).expect("there").edit(&add, &Stamp::default()).expect("written");
    let board = DocumentId::board(real.subject.board);
    let lead = Edit::SetBoardField { field: BoardField::Lead, value: unit.to_string() };
    let content = documents.get_mut(&board).expect("there");
    assert!(content.lead().is_some() && content.lead() != Some(unit));
    content.edit(&lead, &Stamp::default()).expect("written");
    let all: Vec<_> = documents.iter_mut().map(|(id, document)| (*id, document.changes_since(&[]))).collect();
    let changed = bundle::write(all, &stranger);
    let seal = |bytes: &[u8]| {
        let at = bytes.windows(6).rposition(|words| words == b"\nseal ").expect("a seal");
        bytes[at..].to_vec()
    };
    // Signed by a stranger; with the signature of the server that wrote the file before; not at all.
    let kept = [&changed[..changed.len() - seal(&changed).len()], &seal(&genuine)].concat();
    let lines = changed.iter().position(|byte| *byte == b'\n').expect("a line");
    let first = [b"tongban-bundle 1", &changed[lines..]].concat();
    for (bytes, taken) in [(&changed, 0), (&kept, 0), (&first, 0)] {
        std::fs::write(&file, bytes).expect("written");
        let (code, said) = verify(&["--authority", &key]).await;
        assert!(code == Some(1) && said.contains("没有可信的整体签名"), "{said}");
        let report = tongban(&data, &["bundle", "in", &file]).await;
        assert!(report.contains("只采纳其中有签名的记录"), "{report}");
        assert!(report.contains(&format!("新增改动 {taken}，未采纳 1")), "{report}");
    }
    // The server has nothing of it; the same from itself it would take.
    let again = folder.path().join("again").to_string_lossy().into_owned();
    tongban(&data, &["bundle", "out", &again]).await;
    let documents = bundle::open(bundle::read(&std::fs::read(&again).expect("read")).expect("a bundle"));
    let documents = documents.expect("documents");
    assert!(documents[&board].lead().is_some_and(|lead| lead != unit));
    assert!(!documents[&log].entries().0.contains_key(&plain.id));

    std::fs::write(&file, b"nonsense").expect("written");
    assert_eq!(verify(&[]).await.0, Some(2));
}

/// Statements stay in the space for good, so an account has few of them made in a day; that of another person is
/// not asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_certifies_few_devices_a_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let (office, space) = sign_in(&address, "office").await;
    let mut office = Client::connect(&address, &office, "office").await;
    let id = DocumentId::space(space.parse().expect("a space"));
    office.open(id, Kind::Space).await;
    office.until("the space", |client| !client.documents[&id].space().units.is_empty()).await;
    // Those of the demonstration stand there already.
    let stated = |client: &mut Client| {
        let proofs = client.documents[&id].space().proofs;
        (proofs.certificates.len(), proofs.endings.len())
    };
    let before = stated(&mut office);
    let mut told = Vec::new();
    for round in 0..22 {
        // The session on a device ends with it.
        let (secret, _) = sign_in(&address, "hailar").await;
        let mut device = Signer::new(&address, &secret).await;
        told.push(device.certify(&address, &secret).await);
        // The same device asks again: nothing is stated anew.
        if round == 0 {
            assert_eq!(device.certify(&address, &secret).await, 200);
        }
        let ended = ask(&address, &secret, &format!("DELETE /api/devices/{}", device.device), "").await.0;
        assert_eq!(ended, if round < 20 { 204 } else { 404 }, "{told:?}");
    }
    assert_eq!((told.iter().filter(|status| **status == 200).count(), told[20], told[21]), (20, 429, 429));
    let (other, _) = sign_in(&address, "jiaoyu").await;
    assert_eq!(Signer::new(&address, &other).await.certify(&address, &other).await, 200);
    office.until("the statements", |client| stated(client).0 >= before.0 + 21).await;
    let now = stated(&mut office);
    assert_eq!((now.0 - before.0, now.1 - before.1), (21, 20));
    server.kill().await;
}
