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
    /// The devices of before end, each until its person signs in on it again.
    pub lapses: bool,
    mark: Vec<u8>,
}

/// Keeps that a change of an account is to be finished.
pub(super) async fn keep(
    connection: &mut sqlx::AnyConnection,
    person: PersonId,
    by: Option<PersonId>,
) -> Result<(), IdentityError> {
    insert(connection, (person, by), false).await
}

/// Keeps that the devices of a person are to lapse, who has set the password anew.
pub(super) async fn keep_lapsing(
    connection: &mut sqlx::AnyConnection,
    person: PersonId,
) -> Result<(), IdentityError> {
    insert(connection, (person, Some(person)), true).await
}

async fn insert(
    connection: &mut sqlx::AnyConnection,
    (person, by): (PersonId, Option<PersonId>),
    lapses: bool,
) -> Result<(), IdentityError> {
    // Devices that are to lapse do so, whatever is changed meanwhile.
    sqlx::query(
        "insert into unfinished (person, by_person, mark, lapses) values ($1, $2, $3, $4)
         on conflict (person) do update set by_person = excluded.by_person, mark = excluded.mark,
         lapses = case when excluded.lapses = 0 then unfinished.lapses else excluded.lapses end",
    )
    .bind(person.bytes().to_vec())
    .bind(by.map(|by| by.bytes().to_vec()))
    .bind(clock::random::<16>().to_vec())
    .bind(i64::from(lapses))
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
        let row = sqlx::query("select person, by_person, mark, lapses from unfinished where person = $1")
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
        let rows = sqlx::query("select person, by_person, mark, lapses from unfinished")
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
    let by = id16(row, "by_person").map(PersonId::from_bytes);
    Some(Unfinished { person, by, lapses: row.get::<i64, _>("lapses") != 0, mark: row.get("mark") })
}
