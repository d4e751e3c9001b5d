use super::{Acts, LISTED, NEWEST, PublishError, STANDING};
use crate::app::{App, Options};
use crate::identity::{IdentityError, Maker};
use crate::store::{Database, Place};
use sqlx::{AssertSqlSafe, Row};
use std::time::Duration;
use tongban_shared::access::AccountRole;
use tongban_shared::id::{BoardId, UnitId};
use tongban_shared::publication::{PublicSection, Publication};

/// Strangers ask for the list of plans, of which some are large.
#[tokio::test]
async fn the_list_of_plans_holds_no_more_of_an_edition_than_it_shows() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
    for number in 1..=5_u8 {
        let board = BoardId::from_bytes([number; 16]);
        let section =
            PublicSection { number: String::new(), title: "字".repeat(400_000), items: Vec::new() };
        let edition = Publication {
            board,
            title: format!("{}{number}", "题".repeat(50_000)),
            space: String::new(),
            edition: 1,
            date: "2027-01-01".to_owned(),
            period: None,
            source_title: String::new(),
            source_number: "呼政办发〔2027〕1号".to_owned(),
            issuer: String::new(),
            goal: "目".repeat(100_000),
            sections: vec![section],
            indicators: Vec::new(),
        };
        let content = serde_json::to_string(&edition).expect("JSON");
        let put = "insert into publication (board, edition, published, content, by_person)
            values ($1, 1, 0, $2, $3)";
        let put = sqlx::query(put).bind(board.bytes().to_vec()).bind(content).bind(vec![1_u8; 16]);
        put.execute(app.store.writer()).await.expect("put");
    }
    let heads = app.publications.heads().await.expect("read");
    assert_eq!(heads.len(), 5);
    assert!(
        heads.iter().all(|head| head.source_number == "呼政办发〔2027〕1号" && head.title.starts_with('题'))
    );
    // Before, 7 MB of sections, and their titles and aims.
    let bytes = serde_json::to_string(&heads).expect("JSON").len();
    assert!(bytes < 20_000, "{bytes}");
    // It takes memory for the largest of them: the sum would be all that there is for what is heavy.
    let newest = app.publications.newest().await.expect("asked");
    let all = app.rooms.memory_of(u64::MAX).await.expect("all but what is for the small");
    assert!(app.publications.room_for_each(&app.rooms, &newest).await.is_ok(), "the largest is small");
    assert!(app.publications.room_for(&app.rooms, &newest).await.is_err(), "all together are not");
    drop(all);
    app.close().await;
}

/// In a row the marks of a withdrawal stand behind megabytes of content.
#[tokio::test]
async fn lists_of_editions_read_no_rows_of_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Database::open(&Place::from(folder.path())).await.expect("a database");
    for asked in [LISTED, STANDING, NEWEST] {
        let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {asked}"))).bind(vec![1_u8; 16]);
        let plan = plan.fetch_all(store.reader()).await.expect("a plan");
        let steps: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        assert!(steps[0].contains("publication USING COVERING INDEX publication_list"), "{steps:?}");
    }
}

/// Somebody becomes a reader while what they publish or withdraw waits for its turn.
#[tokio::test]
async fn nothing_is_published_or_withdrawn_by_who_lost_the_right_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
    let (unit, board) = (UnitId::from_bytes([1; 16]), BoardId::from_bytes([1; 16]));
    for login in ["stays", "moves"] {
        let made = app.identity.create(login, "", unit, AccountRole::Administrator, "tongban-demo").await;
        made.expect("an account");
    }
    let moves = app.identity.account_named("moves").await.expect("asked").expect("an account");
    let session = app.identity.open_session(moves.id, "").await.expect("a session");
    let maker = Maker::Person(moves.id, &session);
    let acts = Acts { identity: &app.identity, audit: &app.audit, maker };
    acts.begin(&app.rooms, Some(moves.who()), board).await.map(drop).expect("it may");
    let told = app.publications.withdraw(&app.rooms, acts, (board, 1), "错").await;
    assert!(matches!(told, Err(PublishError::NoEdition)), "{told:?}");
    let held = app.store.begin().await.expect("begun");
    let lets_go = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(held);
    };
    let reader = (unit, AccountRole::Reader);
    let (changed, published, withdrawn, ()) = tokio::join!(
        app.identity.change(moves.id, reader, (&app.audit, Maker::Machine)),
        async { acts.begin(&app.rooms, Some(moves.who()), board).await.map(drop) },
        app.publications.withdraw(&app.rooms, acts, (board, 1), "错"),
        lets_go,
    );
    changed.expect("changed");
    for told in [published, withdrawn] {
        assert!(matches!(told, Err(PublishError::Act(IdentityError::Forbidden))), "{told:?}");
    }
    app.close().await;
}
