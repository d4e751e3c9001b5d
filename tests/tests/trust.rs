//! Who did what, over the real program: certified devices, forged and replayed entries, lost
//! devices, wrong roles, and the audit trail that names each.

use std::path::Path;
use std::process::Output;
use tokio::process::Command;
use tongban_shared::bundle;
use tongban_shared::document::{Kind, Stamp};
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::entry::{Entry, EntryKind};
use tongban_shared::id::{DocumentId, UnitId};
use tongban_shared::sync::RefusalCode;
use tongban_shared::trust::Key;
use tongban_tests::client::{ask, sign_in};
use tongban_tests::process::{Process, program, tongban};
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
    assert!(code == Some(1) && said.contains("设备未经服务器认证"), "{said}");

    // Somebody writes a decision into the file, in the name of a unit that it holds a log of.
    let bytes = std::fs::read(&file).expect("read");
    let mut documents = bundle::open(bundle::read(&bytes).expect("a bundle")).expect("documents");
    let log = documents
        .iter()
        .find(|(_, document)| document.kind() == Kind::Log && !document.entries().0.is_empty())
        .map(|(id, _)| *id)
        .expect("a log with entries");
    let document = documents.get_mut(&log).expect("there");
    let real = document.entries().0.into_values().next().expect("an entry");
    let mut forged = Entry {
        kind: EntryKind::Outcome,
        body: "伪造的结果".into(),
        seq: real.seq + 1000,
        id: Entry::own_id(real.said, real.subject.board, &real.author, real.seq + 1000),
        ..real
    };
    forged.sign(&Key::from_seed(&[7; 32]));
    let add = Edit::AddEntry { id: forged.id, bytes: forged.to_bytes() };
    document.edit(&add, &Stamp::default()).expect("written");
    let all = documents.iter_mut().map(|(id, document)| (*id, document.changes_since(&[])));
    std::fs::write(&file, bundle::write(all)).expect("written");
    let (code, said) = verify(&["--authority", &key]).await;
    assert!(code == Some(1) && said.contains("签名不符") && said.contains("伪造的结果"), "{said}");

    // The server that takes the file in leaves it out, and its trail says so.
    let report = tongban(&data, &["bundle", "in", &file]).await;
    assert!(report.contains("未采纳 1") && report.contains("签名不符"), "{report}");
    let trail = tongban(&data, &["admin", "audit", "export"]).await;
    assert!(trail.contains(&forged.id.to_string()), "the trail names it");
    std::fs::write(&file, b"nonsense").expect("written");
    assert_eq!(verify(&[]).await.0, Some(2));
}
