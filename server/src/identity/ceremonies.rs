//! The first step of a sign-in of several steps, kept in the database for some minutes: the answer may reach
//! another process.

use super::{Identity, IdentityError, id16};
use crate::clock;
use sqlx::Row;
use tongban_shared::id::PersonId;

/// A ceremony that was not finished is forgotten after so many seconds.
const SECONDS: i64 = 600;

/// So many are open at once; strangers can begin them.
const MOST: i64 = 10_000;

impl Identity {
    /// Keeps what a ceremony begins with, under its challenge; `account` where somebody is known.
    pub(super) async fn keep_ceremony(
        &self,
        challenge: [u8; 16],
        state: Vec<u8>,
        account: Option<PersonId>,
    ) -> Result<(), IdentityError> {
        sqlx::query("delete from ceremony where created < $1 or created > $2")
            .bind(clock::now() - SECONDS)
            .bind(clock::now() + SECONDS)
            .execute(self.store.writer())
            .await?;
        let row = sqlx::query("select count(*) as n from ceremony").fetch_one(self.store.reader()).await?;
        if row.get::<i64, _>("n") >= MOST {
            return Err(IdentityError::Busy);
        }
        sqlx::query("insert into ceremony (challenge, state, account, created) values ($1, $2, $3, $4)")
            .bind(challenge.to_vec())
            .bind(state)
            .bind(account.map(|account| account.bytes().to_vec()))
            .bind(clock::now())
            .execute(self.store.writer())
            .await?;
        Ok(())
    }

    /// Takes the beginning of a ceremony; it is finished once, whatever comes of it.
    pub(super) async fn take_ceremony(
        &self,
        challenge: [u8; 16],
    ) -> Result<Option<(Vec<u8>, Option<PersonId>)>, IdentityError> {
        let row = sqlx::query(
            "delete from ceremony where challenge = $1 and created >= $2 returning state, account",
        )
        .bind(challenge.to_vec())
        .bind(clock::now() - SECONDS)
        .fetch_optional(self.store.writer())
        .await?;
        Ok(row.map(|row| (row.get("state"), id16(&row, "account").map(PersonId::from_bytes))))
    }
}
