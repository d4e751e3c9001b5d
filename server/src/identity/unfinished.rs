//! Accounts that were changed or ended, whose devices still say what was before: kept in the transaction that
//! changed them until nothing remains to be done.

use super::{Identity, IdentityError, id16};
use crate::clock;
use sqlx::Row;
use sqlx::any::AnyRow;
use tongban_shared::id::PersonId;

/// The rest of a change of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    pub person: PersonId,
    /// The administrator who changed it; none for the machine's own keeper.
    pub by: Option<PersonId>,
    mark: Vec<u8>,
}

/// Keeps that a change of an account is to be finished.
pub(super) async fn keep(
    connection: &mut sqlx::AnyConnection,
    person: PersonId,
    by: Option<PersonId>,
) -> Result<(), IdentityError> {
    sqlx::query(
        "insert into unfinished (person, by_person, mark) values ($1, $2, $3)
         on conflict (person) do update set by_person = excluded.by_person, mark = excluded.mark",
    )
    .bind(person.bytes().to_vec())
    .bind(by.map(|by| by.bytes().to_vec()))
    .bind(clock::random::<16>().to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

impl Identity {
    /// The rest of the last change of a person's account, if something remains of it.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn unfinished_of(&self, person: PersonId) -> Result<Option<Unfinished>, IdentityError> {
        let row = sqlx::query("select person, by_person, mark from unfinished where person = $1")
            .bind(person.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        Ok(row.as_ref().and_then(unfinished))
    }

    /// The people whose accounts were changed or ended, and something remains to be done.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn unfinished(&self) -> Result<Vec<PersonId>, IdentityError> {
        let rows = sqlx::query("select person, by_person, mark from unfinished")
            .fetch_all(self.store.reader())
            .await?;
        Ok(rows.iter().filter_map(unfinished).map(|one| one.person).collect())
    }

    /// Nothing remains of a change; something may of a later one of the same account.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn is_finished(&self, change: &Unfinished) -> Result<(), IdentityError> {
        sqlx::query("delete from unfinished where person = $1 and mark = $2")
            .bind(change.person.bytes().to_vec())
            .bind(change.mark.clone())
            .execute(self.store.writer())
            .await?;
        Ok(())
    }
}

fn unfinished(row: &AnyRow) -> Option<Unfinished> {
    let person = PersonId::from_bytes(id16(row, "person")?);
    Some(Unfinished { person, by: id16(row, "by_person").map(PersonId::from_bytes), mark: row.get("mark") })
}
