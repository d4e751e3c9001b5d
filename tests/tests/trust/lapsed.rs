//! Devices of a person whose password was set anew by a link.

use serde_json::{Value, json};
use tongban_shared::entry::EntryKind;
use tongban_tests::client::{ask, join, sign_in};
use tongban_tests::process::{Process, tongban};
use tongban_tests::seat::Seat;

/// Somebody who knew the password has a device certified; the person sets the password anew. That device writes
/// nothing any more, over whatever connection; the person's own goes on with what it had not sent yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_does_not_outlive_a_password_that_a_link_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let mut own = Seat::take(&address, "hailar").await;
    let lost = Seat::take(&address, "hailar").await;
    let mut thief = Seat::take(&address, "hailar").await;
    let (board, unit) = (own.board, own.signer.unit);
    let before = own.signer.entry(board, EntryKind::Report, |entry| entry.body = "以前".into());
    assert!(own.put(unit, &before).await);
    let unsent = own.signer.entry(board, EntryKind::Report, |entry| entry.body = "没有网络时写的".into());

    let (office, _) = sign_in(&address, "office").await;
    let told = ask(&address, &own.secret, "GET /api/session", "").await.1;
    let me: Value = serde_json::from_str(&told).expect("a session");
    let reset = json!({ "unit": me["unit"], "role": me["role"], "resets": me["person"] }).to_string();
    let told = ask(&address, &office, "POST /api/invitations", &reset).await.1;
    let link: Value = serde_json::from_str(&told).expect("a link");
    let new = join(&address, link["link"].as_str().expect("a link"), "").await;

    // Over the connection of somebody else of the unit.
    let invited =
        tongban(folder.path(), &["admin", "invite", "海拉尔区人民政府", "--role", "reporter"]).await;
    let other = join(&address, &invited, "reporter").await;
    assert_eq!(thief.signer.certify(&address, &other).await, 409, "it is not theirs");
    let forged = thief.signer.entry(board, EntryKind::Report, |entry| entry.body = "冒名".into());
    let mut thief = Seat::connect(&address, other, thief.signer).await;
    assert!(!thief.put(unit, &forged).await, "it was certified by the password of before");

    let mut signer = own.signer;
    assert_eq!(signer.certify(&address, &new).await, 200);
    assert_eq!(signer.certificate, Some(2), "under another certificate");
    let mut own = Seat::connect(&address, new.clone(), signer).await;
    assert!(own.put(unit, &unsent).await, "nothing unsent is lost");
    let after = own.signer.entry(board, EntryKind::Report, |entry| entry.body = "以后".into());
    assert!(own.put(unit, &after).await);

    // A device that is ended as lost stays so, also if it had lapsed before.
    let mut lost = lost.signer;
    let line = format!("DELETE /api/devices/{}", lost.device);
    assert_eq!(ask(&address, &new, &line, "").await.0, 204);
    assert_eq!(lost.certify(&address, &new).await, 409);

    let counted = Seat::counted(&address, "office", unit).await;
    let counts = |id| counted.iter().any(|entry| entry.id == id);
    assert!(counts(before.id) && counts(unsent.id) && counts(after.id));
    assert!(!counts(forged.id));
    server.kill().await;
}
