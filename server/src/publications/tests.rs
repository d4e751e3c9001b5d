use super::{Acts, PublishError};
use crate::app::{App, Options};
use crate::identity::{IdentityError, Maker};
use crate::store::Place;
use std::time::Duration;
use tongban_shared::access::AccountRole;
use tongban_shared::id::{BoardId, UnitId};

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
