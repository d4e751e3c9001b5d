//! Two servers over one PostgreSQL, any of the three killed at any moment: nothing that was seen or
//! acknowledged is lost, and what one takes the other tells.

use std::path::Path;
use std::time::{Duration, Instant};
use tongban_server::app::{App, Options};
use tongban_server::files::FilePlace;
use tongban_server::identity::Maker;
use tongban_server::store::Place;
use tongban_shared::access::AccountRole;
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::id::{DocumentId, ItemId, UnitId};
use tongban_shared::trust::Key;
use tongban_tests::client::demonstration;
use tongban_tests::postgres::Postgres;
use tongban_tests::process::Process;

const OPTIONS: [&str; 3] = ["--demo", "--listen", "127.0.0.1:0"];

fn title(item: ItemId, words: String) -> Edit {
    Edit::SetItemField { id: item, field: ItemField::Title, value: words }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_seen_or_acknowledged_survives_kills_of_servers_and_of_the_database() {
    let rounds: u32 = std::env::var("TONGBAN_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(9);
    let postgres = Postgres::start();
    let place = postgres.database();
    let place = Path::new(&place);
    let mut one = Process::start_with(place, &OPTIONS).await;
    let mut other = Process::start_with(place, &OPTIONS).await;
    let (mut seen, mut acknowledged, mut lost, mut late) = (0, 0, 0, 0);
    for round in 0..rounds {
        let (mut writer, board) = demonstration(&one.address, "office").await;
        let (mut witness, _) = demonstration(&other.address, "hailar").await;
        let id = DocumentId::board(board);
        let item = writer.documents[&id].board().item_order()[0];
        let mut last = [0; 32];
        for number in 0..3 {
            last = writer.edit(id, &title(item, format!("第 {round} 轮 {number}"))).await;
        }
        // In one round another server has told it, in the next this one has acknowledged it.
        if round % 2 == 0 {
            tokio::select! {
                () = witness.until("the edit", |client| client.has(id, &last)) => {}
                () = writer.listen() => {}
            }
            seen += 1;
        } else {
            writer.until("the acknowledgement", |client| client.acknowledged[&id].contains(&last)).await;
            acknowledged += 1;
        }
        match round % 3 {
            0 => {
                one.kill().await;
                one = Process::start_with(place, &OPTIONS).await;
            }
            1 => {
                other.kill().await;
                other = Process::start_with(place, &OPTIONS).await;
            }
            _ => {
                postgres.down();
                one.kill().await;
                postgres.up();
                one = Process::start_with(place, &OPTIONS).await;
            }
        }
        drop((writer, witness));
        // The server that was started now has read the store; the other hears of it, once the database is
        // back.
        for (server, started) in [(&one, round % 3 != 1), (&other, round % 3 == 1)] {
            // A banner: every imported board names it.
            let (mut stranger, _) = demonstration(&server.address, "hailar").await;
            assert!(stranger.unavailable.is_empty(), "the board is open to it");
            let until = Instant::now() + if started { Duration::ZERO } else { Duration::from_secs(15) };
            while !stranger.has(id, &last) && Instant::now() < until {
                late += u32::from(!stranger.take_within(Duration::from_secs(1)).await);
            }
            if !stranger.has(id, &last) {
                println!(
                    "round {round}: lost on the server that was {}",
                    if started { "started" } else { "left" }
                );
                lost += 1;
            }
        }
    }
    println!(
        "{rounds} rounds: {seen} seen and {acknowledged} acknowledged edits, {lost} lost, {late} s late"
    );
    assert_eq!(lost, 0);
    one.kill().await;
    other.kill().await;
}

/// One process gathers what a device had said while the account is changed again by another, which is to finish
/// that: it waits, and the device has the role of the account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_follow_the_last_change_of_an_account_whichever_process_finishes_it() {
    let (postgres, folder) = (Postgres::start(), tempfile::tempdir().expect("a folder"));
    let place: Place = postgres.database().parse().expect("a place");
    let open = async || {
        let files = Some(FilePlace::Folder(folder.path().to_owned()));
        App::open(&place, Options { files, ..Options::default() }).await.expect("an app")
    };
    let (one, other) = (open().await, open().await);
    let unit = UnitId::from_bytes([1; 16]);
    let made = one.identity.create("changes", "", unit, AccountRole::Editor, "tongban-demo").await;
    let (person, key) = (made.expect("an account"), Key::from_seed(&[1; 32]).public());
    one.authority.certify(key.device(), key, &person).await.expect("certified");
    let turn = one.turn_of(person.id).await.expect("its turn");
    let change = async |app: &App, role| {
        let by = (&app.audit, Maker::Machine);
        app.identity.change(person.id, (unit, role), by).await.expect("changed");
    };
    change(&one, AccountRole::Reporter).await;
    let before = one.identity.account(person.id).await.expect("asked").expect("an account");
    change(&other, AccountRole::Reader).await;
    let finishing = tokio::spawn({
        let other = other.clone();
        async move { other.finish(person.id).await }
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!finishing.is_finished(), "the other has its turn");
    one.authority.moved(&before, None).await.expect("written");
    drop(turn);
    finishing.await.expect("ended").expect("finished");
    drop(one.turn_of(person.id).await.expect("level"));
    for app in [one, other] {
        let register = app.rooms.register();
        let followed = register.certificate(key.device()).expect("in force");
        assert_eq!((followed.role, followed.serial), (AccountRole::Reader, 3));
        app.close().await;
    }
}

/// An administrator ends an account, and all its sessions, while its owner changes the password at another process:
/// both come to their end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_on_one_account_wait_for_each_other_in_one_order() {
    let (postgres, folder) = (Postgres::start(), tempfile::tempdir().expect("a folder"));
    let place: Place = postgres.database().parse().expect("a place");
    let files = Some(FilePlace::Folder(folder.path().to_owned()));
    let app = App::open(&place, Options { files, ..Options::default() }).await.expect("an app");
    let unit = UnitId::from_bytes([1; 16]);
    for (number, ends_account) in [true, false].into_iter().enumerate() {
        let login = format!("login{number}");
        let made = app.identity.create(&login, "", unit, AccountRole::Editor, "tongban-demo").await;
        let person = made.expect("an account").id;
        app.identity.open_session(person, "").await.expect("a session");
        // The other process is in the middle of it.
        let mut owner = app.store.begin().await.expect("begun");
        let id = person.bytes().to_vec();
        let steps =
            ["update account set known_since = 7 where id = $1", "delete from session where account = $1"];
        sqlx::query(steps[0]).bind(id.clone()).execute(&mut *owner).await.expect("locked");
        let ending = tokio::spawn({
            let app = app.clone();
            async move {
                let by = (&app.audit, Maker::Machine);
                if ends_account {
                    app.identity.end_account(person, by).await
                } else {
                    app.identity.end_sessions_of(person, by).await.map(drop)
                }
            }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        sqlx::query(steps[1]).bind(id).execute(&mut *owner).await.expect("nobody has them");
        owner.commit().await.expect("committed");
        ending.await.expect("ended").expect("done");
    }
    app.close().await;
}
