//! The look behind a sign-in. A person is looked at, which takes time, and then let in or known by something new:
//! in one transaction, on condition that what was looked at stands still. One who was told meanwhile that nothing
//! of before counts any more is right.

use super::{Identity, IdentityError, secret_hash};
use crate::store::Writing;
use std::collections::BTreeSet;
use tongban_shared::id::PersonId;

/// A person as they were looked at.
pub(super) struct Looked {
    pub(super) person: PersonId,
    /// The moment since which browsers may be known, as it was then: a password or codes that are set change it.
    pub(super) since: u64,
}

/// The means by which a person was known, beside what [`Looked`] says of them.
pub(super) enum By {
    Password,
    /// Its id, and the state that it has from now on.
    Passkey(Vec<u8>, Vec<u8>),
    /// The provider of unified sign-in and who the person is there.
    Provider(String, String),
}

/// Whether somebody is still known as they were; nothing of that changes before the transaction ends.
async fn stands(
    connection: &mut sqlx::AnyConnection,
    looked: &Looked,
    by: &By,
) -> Result<bool, IdentityError> {
    let since = i64::try_from(looked.since).unwrap_or(i64::MAX);
    let person = looked.person.bytes().to_vec();
    let account = sqlx::query("update account set known_since = $1 where id = $2 and known_since = $1")
        .bind(since)
        .bind(person.clone())
        .execute(&mut *connection)
        .await?
        .rows_affected();
    let way = match by {
        By::Password => account,
        By::Passkey(id, state) => {
            sqlx::query("update passkey set state = $1, used = $2 where id = $3 and account = $4")
                .bind(state.clone())
                .bind(crate::clock::now())
                .bind(id.clone())
                .bind(person)
                .execute(connection)
                .await?
                .rows_affected()
        }
        By::Provider(issuer, subject) => sqlx::query(
            "update bound set created = created where issuer = $1 and subject = $2 and account = $3",
        )
        .bind(issuer.clone())
        .bind(subject.clone())
        .bind(person)
        .execute(connection)
        .await?
        .rows_affected(),
    };
    Ok(account == 1 && way == 1)
}

/// Does something in a transaction, and once more where the database has undone it for two that waited for each
/// other.
macro_rules! done_or_again {
    ($act:expr) => {
        match $act.await {
            Err(error) if error.is_standstill() => $act.await,
            done => done,
        }
    };
}
pub(super) use done_or_again;

/// Locks the accounts of people for the rest of a transaction. Whatever belongs to an account is locked behind it:
/// so no two transactions wait for each other.
pub(super) async fn lock(
    connection: &mut sqlx::AnyConnection,
    people: impl IntoIterator<Item = PersonId> + Send,
) -> Result<(), IdentityError> {
    let people: BTreeSet<PersonId> = people.into_iter().collect();
    for person in people {
        sqlx::query("update account set known_since = known_since where id = $1")
            .bind(person.bytes().to_vec())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Whether a person is still signed in with a secret; nobody ends that before the transaction ends.
pub(super) async fn is_here(
    connection: &mut sqlx::AnyConnection,
    person: PersonId,
    secret: &str,
) -> Result<bool, IdentityError> {
    lock(connection, [person]).await?;
    let session = sqlx::query("update session set account = account where token_hash = $1 and account = $2")
        .bind(secret_hash(secret))
        .bind(person.bytes().to_vec())
        .execute(connection)
        .await?;
    Ok(session.rows_affected() == 1)
}

impl Identity {
    /// Begins what a person does with their own ways to sign in, with the secret of their session: it may have
    /// waited, and the session does not end before it is done.
    ///
    /// # Errors
    /// [`IdentityError::SignedOut`] when the session has ended.
    pub(super) async fn own_act(&self, person: PersonId, secret: &str) -> Result<Writing, IdentityError> {
        let mut writing = self.store.begin().await?;
        let here = is_here(&mut writing, person, secret).await?;
        if here { Ok(writing) } else { Err(IdentityError::SignedOut) }
    }

    /// Opens a session for somebody who was looked at; none where they are not known so any more.
    pub(super) async fn let_in(
        &self,
        looked: &Looked,
        by: &By,
        about: &str,
    ) -> Result<Option<String>, IdentityError> {
        let mut transaction = self.store.begin().await?;
        if !stands(&mut transaction, looked, by).await? {
            return Ok(None);
        }
        let secret = super::sessions::insert(&mut transaction, looked.person, about).await?;
        transaction.commit().await?;
        self.end_oldest(looked.person, &secret).await?;
        Ok(Some(secret))
    }
}
