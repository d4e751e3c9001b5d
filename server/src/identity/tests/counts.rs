use super::{PASSWORD, account, identity};
use crate::identity::{IdentityError, Maker};
use crate::limits;

/// Somebody who knows the password changes it over and over: the link that an administrator made for its owner
/// counts, and the owner may change it again after that.
#[tokio::test]
async fn changes_of_a_password_are_counted_and_end_no_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = identity(&folder).await;
    let clerk = account(&identity, "clerk").await;
    let session = identity.open_session(clerk.id, "").await.expect("a session");
    let link = identity.invite(clerk.unit, clerk.role, Some(clerk.id), Maker::Machine).await.expect("a link");
    let changes =
        async |session: &str, old: &str| identity.change_password(&clerk, (session, old), PASSWORD).await;
    let told = changes(&session, "not it").await;
    assert!(matches!(told, Err(IdentityError::WrongPassword)), "{told:?}");
    for number in 0..limits::PASSWORDS {
        changes(&session, PASSWORD).await.unwrap_or_else(|error| panic!("{number}: {error}"));
    }
    let told = changes(&session, PASSWORD).await;
    assert!(matches!(told, Err(IdentityError::TooManyAttempts(_))), "{told:?}");
    let set = identity.accept(&link, ("", ""), "the owner is back", ("203.0.113.1", "")).await;
    let own = set.expect("set anew").1;
    changes(&own, "the owner is back").await.expect("nobody has used up the share of the owner");
}
