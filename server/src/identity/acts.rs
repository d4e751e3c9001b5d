//! Acts of administration. One may wait for the writer long after it was asked for: it is judged when it is
//! done, by the session, the account of its maker and the account it touches as they stand then.

use super::links::end_links;
use super::looked::{done_or_again, is_here, lock};
use super::{Account, Identity, IdentityError, account_of, unfinished};
use crate::audit::{Act, Audit};
use crate::store::Writing;
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe};
use tongban_shared::access::{AccountRole, administers};
use tongban_shared::id::{DeviceId, PersonId, UnitId};

/// Names the lock under which acts are judged and done.
const ACTS_LOCK: i64 = 0x6163_7473;

/// The maker of an act.
#[derive(Debug, Clone, Copy)]
pub enum Maker<'a> {
    /// The machine's own keeper, on its command line.
    Machine,
    /// A person, by the secret of their session.
    Person(PersonId, &'a str),
}

impl Maker<'_> {
    /// The person; nobody for the machine's own keeper.
    #[must_use]
    pub const fn person(self) -> Option<PersonId> {
        match self {
            Self::Machine => None,
            Self::Person(person, _) => Some(person),
        }
    }
}

/// An act that was judged and is being done: roles stand as they are until it ends.
pub struct Acting {
    writing: Writing,
    by: Option<PersonId>,
    /// The account that the act touches.
    pub touched: Option<Account>,
}

impl Acting {
    /// The connection on which the act is done.
    pub fn connection(&mut self) -> &mut AnyConnection {
        &mut self.writing
    }

    /// Puts the act on the trail together with what it does.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn tell(&mut self, audit: &Audit, act: Act, about: Value) -> Result<(), IdentityError> {
        Ok(audit.write_with(&mut self.writing, act, self.by, about).await?)
    }

    /// The act is done.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails: then it is not.
    pub async fn done(self) -> Result<(), IdentityError> {
        Ok(self.writing.commit().await?)
    }
}

impl Identity {
    /// Begins an act that touches an account, or none. `may` judges its maker by both accounts as they stand.
    ///
    /// # Errors
    /// [`IdentityError::SignedOut`] when the session of the maker has ended, [`IdentityError::Forbidden`] when
    /// the maker may not.
    pub async fn act(
        &self,
        maker: Maker<'_>,
        touches: Option<PersonId>,
        may: impl FnOnce(&Account, Option<&Account>) -> bool,
    ) -> Result<Acting, IdentityError> {
        let mut writing = self.begin_judging().await?;
        lock(&mut writing, touches.into_iter().chain(maker.person())).await?;
        let touched = match touches {
            Some(id) => account_of(&mut writing, id).await?,
            None => None,
        };
        if let Maker::Person(person, secret) = maker {
            if !is_here(&mut writing, person, secret).await? {
                return Err(IdentityError::SignedOut);
            }
            let by = account_of(&mut writing, person).await?.ok_or(IdentityError::SignedOut)?;
            if !may(&by, touched.as_ref()) {
                return Err(IdentityError::Forbidden);
            }
        }
        Ok(Acting { writing, by: maker.person(), touched })
    }

    /// A transaction during which nobody gets another role, and nobody who has one ends.
    pub(super) async fn begin_judging(&self) -> Result<Writing, IdentityError> {
        let mut writing = self.store.begin().await?;
        self.store.lock(&mut writing, ACTS_LOCK).await?;
        Ok(writing)
    }

    /// Gives a person another unit or role, with the record of it. The
    /// devices remain to be certified anew: [`Identity::unfinished_of`].
    ///
    /// # Errors
    /// As [`Identity::act`]; [`IdentityError::LastAdministrator`] when nobody would administer the space any
    /// more.
    pub async fn change(
        &self,
        id: PersonId,
        (unit, role): (UnitId, AccountRole),
        by: (&Audit, Maker<'_>),
    ) -> Result<(), IdentityError> {
        done_or_again!(self.change_once(id, (unit, role), by))?;
        self.ended_some().await;
        Ok(())
    }

    async fn change_once(
        &self,
        id: PersonId,
        (unit, role): (UnitId, AccountRole),
        (audit, maker): (&Audit, Maker<'_>),
    ) -> Result<(), IdentityError> {
        let mut acting = self.act(maker, Some(id), may_give(role)).await?;
        let Some(was) = acting.touched.clone() else { return Ok(()) };
        let before = administrators(acting.connection()).await?;
        sqlx::query("update account set unit = $1, role = $2 where id = $3")
            .bind(unit.bytes().to_vec())
            .bind(role.word())
            .bind(id.bytes().to_vec())
            .execute(acting.connection())
            .await?;
        keep_an_administrator(acting.connection(), before).await?;
        end_links(acting.connection(), id).await?;
        unfinished::keep(acting.connection(), id, maker.person()).await?;
        if (was.unit, was.role) != (unit, role) {
            let was = json!({ "unit": was.unit, "role": was.role });
            let about = json!({ "person": id, "unit": unit, "role": role, "was": was });
            acting.tell(audit, Act::RoleChanged, about).await?;
        }
        acting.done().await
    }

    /// A person leaves: they can sign in no more, and their sessions end, with the record of it. The name stays
    /// where it was written. The devices remain to be ended: [`Identity::unfinished_of`].
    ///
    /// # Errors
    /// [`IdentityError::LastAdministrator`] as for another role.
    pub async fn end_account(&self, id: PersonId, by: (&Audit, Maker<'_>)) -> Result<(), IdentityError> {
        done_or_again!(self.end_account_once(id, by))?;
        self.ended_some().await;
        Ok(())
    }

    async fn end_account_once(
        &self,
        id: PersonId,
        (audit, maker): (&Audit, Maker<'_>),
    ) -> Result<(), IdentityError> {
        let mut acting = self.act(maker, Some(id), may_touch).await?;
        let Some(was) = acting.touched.clone() else { return Ok(()) };
        let before = administrators(acting.connection()).await?;
        end_links(acting.connection(), id).await?;
        for (table, column) in [
            ("session", "account"),
            ("code", "account"),
            ("passkey", "account"),
            ("bound", "account"),
            ("account", "id"),
        ] {
            sqlx::query(AssertSqlSafe(format!("delete from {table} where {column} = $1")))
                .bind(id.bytes().to_vec())
                .execute(acting.connection())
                .await?;
        }
        keep_an_administrator(acting.connection(), before).await?;
        unfinished::keep(acting.connection(), id, maker.person()).await?;
        let about = json!({ "person": id, "login": was.login, "unit": was.unit, "role": was.role });
        acting.tell(audit, Act::AccountEnded, about).await?;
        acting.done().await
    }

    /// Ends all sessions of a person, with the record of it; whether there is such an account.
    ///
    /// # Errors
    /// As [`Identity::act`].
    pub async fn end_sessions_of(
        &self,
        person: PersonId,
        by: (&Audit, Maker<'_>),
    ) -> Result<bool, IdentityError> {
        let is_there = done_or_again!(self.end_sessions_once(person, by))?;
        self.ended_some().await;
        Ok(is_there)
    }

    async fn end_sessions_once(
        &self,
        person: PersonId,
        (audit, maker): (&Audit, Maker<'_>),
    ) -> Result<bool, IdentityError> {
        let mut acting = self.act(maker, Some(person), may_touch).await?;
        let Some(of) = acting.touched.clone() else { return Ok(false) };
        sqlx::query("delete from session where account = $1")
            .bind(person.bytes().to_vec())
            .execute(acting.connection())
            .await?;
        let about = json!({ "person": person, "login": of.login, "unit": of.unit });
        acting.tell(audit, Act::SessionsEnded, about).await?;
        acting.done().await?;
        Ok(true)
    }

    /// Ends the sessions on a device of a person, who may be one of another server.
    ///
    /// # Errors
    /// As [`Identity::act`]: whoever ends a device of somebody else administers people of that role.
    pub async fn end_sessions_on(
        &self,
        device: DeviceId,
        of: Option<(PersonId, AccountRole)>,
        maker: Maker<'_>,
    ) -> Result<(), IdentityError> {
        done_or_again!(self.end_sessions_on_once(device, of, maker))?;
        self.ended_some().await;
        Ok(())
    }

    async fn end_sessions_on_once(
        &self,
        device: DeviceId,
        of: Option<(PersonId, AccountRole)>,
        maker: Maker<'_>,
    ) -> Result<(), IdentityError> {
        let may = |by: &Account, touched: Option<&Account>| {
            of.is_some_and(|(person, role)| {
                by.id == person || administers(by.role, touched.map_or(role, |account| account.role))
            })
        };
        let mut acting = self.act(maker, of.map(|(person, _)| person), may).await?;
        sqlx::query("delete from session where device = $1")
            .bind(device.bytes().to_vec())
            .execute(acting.connection())
            .await?;
        acting.done().await
    }
}

/// Whether somebody may act for an account as it stands.
fn may_touch(by: &Account, touched: Option<&Account>) -> bool {
    touched.is_none_or(|touched| administers(by.role, touched.role))
}

/// The same when the account has another role afterwards, or there is one of that role.
pub(super) fn may_give(role: AccountRole) -> impl Fn(&Account, Option<&Account>) -> bool {
    move |by, touched| administers(by.role, role) && may_touch(by, touched)
}

/// How many administrators there are. Nobody else changes any of them before the transaction ends.
async fn administrators(connection: &mut sqlx::AnyConnection) -> Result<u64, IdentityError> {
    let locked = sqlx::query("update account set role = role where role = $1")
        .bind(AccountRole::Administrator.word())
        .execute(connection)
        .await?;
    Ok(locked.rows_affected())
}

/// A space without an administrator could never get one again from the app.
async fn keep_an_administrator(
    connection: &mut sqlx::AnyConnection,
    before: u64,
) -> Result<(), IdentityError> {
    let left = administrators(connection).await?;
    if before > 0 && left == 0 { Err(IdentityError::LastAdministrator) } else { Ok(()) }
}
