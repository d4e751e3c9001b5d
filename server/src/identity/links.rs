//! Links: each makes an account once, or sets the password of one anew. One is worth what its maker may do when
//! it is used.

use super::acts::may_give;
use super::guesses::places;
use super::looked::lock;
use super::passwords::{self, set_password};
use super::{
    Account, Identity, IdentityError, Maker, account_of, id16, insert_account, logins, new_secret,
    secret_hash, sessions, unfinished,
};
use crate::audit::{Act, Audit};
use crate::clock;
use crate::limits;
use crate::shares::{Payer, Spent};
use serde_json::json;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use tongban_shared::access::AccountRole;
use tongban_shared::id::{PersonId, UnitId};

/// An invitation can be used for this many seconds.
const INVITATION_SECONDS: i64 = 7 * 24 * 3600;

/// A link that counts.
struct Link {
    unit: UnitId,
    role: AccountRole,
    resets: Option<PersonId>,
    made_by: Option<PersonId>,
}

/// Whether one more link of a person may be open; those that are too old to be used go.
async fn room_for_one(connection: &mut AnyConnection, by: PersonId) -> Result<(), IdentityError> {
    sqlx::query("delete from invitation where made_by = $1 and created <= $2")
        .bind(by.bytes().to_vec())
        .bind(clock::now() - INVITATION_SECONDS)
        .execute(&mut *connection)
        .await?;
    let open = sqlx::query("select count(*) as n from invitation where made_by = $1")
        .bind(by.bytes().to_vec())
        .fetch_one(connection)
        .await?;
    let open = u64::try_from(open.get::<i64, _>("n")).unwrap_or_default();
    if open < limits::LINKS { Ok(()) } else { Err(IdentityError::TooManyLinks) }
}

/// The link of a secret, when its maker is there and may make it now.
async fn link_of(connection: &mut AnyConnection, secret: &str) -> Result<Link, IdentityError> {
    let row = sqlx::query(
        "select unit, role, resets, made_by from invitation where token_hash = $1 and created > $2",
    )
    .bind(secret_hash(secret))
    .bind(clock::now() - INVITATION_SECONDS)
    .fetch_optional(&mut *connection)
    .await?
    .ok_or(IdentityError::InvalidLink)?;
    let unit = id16(&row, "unit").map(UnitId::from_bytes).ok_or(IdentityError::InvalidLink)?;
    let role = AccountRole::from_word(row.get("role")).ok_or(IdentityError::InvalidLink)?;
    let [resets, made_by] = ["resets", "made_by"].map(|column| id16(&row, column).map(PersonId::from_bytes));
    let mut given = role;
    if let Some(id) = resets {
        let account = account_of(connection, id).await?.ok_or(IdentityError::InvalidLink)?;
        // Nobody signs in as another server, by whatever link.
        if account.role == AccountRole::Server {
            return Err(IdentityError::InvalidLink);
        }
        given = account.role;
    }
    if let Some(id) = made_by {
        let maker = account_of(connection, id).await?.ok_or(IdentityError::InvalidLink)?;
        if !may_give(given)(&maker, None) {
            return Err(IdentityError::InvalidLink);
        }
    }
    Ok(Link { unit, role, resets, made_by })
}

impl Identity {
    /// A link that makes an account once, or sets the password of one anew, with the record of it on a trail; it
    /// ends with the rights of its maker.
    ///
    /// # Errors
    /// As [`Identity::act`]; [`IdentityError::TooManyLinks`].
    pub async fn invite(
        &self,
        unit: UnitId,
        role: AccountRole,
        resets: Option<PersonId>,
        (audit, maker): (Option<&Audit>, Maker<'_>),
    ) -> Result<String, IdentityError> {
        let (secret, hash) = new_secret();
        let mut acting = self.act(maker, resets, may_give(role)).await?;
        if let Some(by) = maker.person() {
            room_for_one(acting.connection(), by).await?;
        }
        sqlx::query(
            "insert into invitation (token_hash, unit, role, created, resets, made_by) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(hash)
        .bind(unit.bytes().to_vec())
        .bind(role.word())
        .bind(clock::now())
        .bind(resets.map(|id| id.bytes().to_vec()))
        .bind(maker.person().map(|id| id.bytes().to_vec()))
        .execute(acting.connection())
        .await?;
        if let Some(audit) = audit {
            let mut about = json!({ "unit": unit, "role": role, "resets": resets });
            if matches!(maker, Maker::Machine) {
                about["by"] = json!("console");
            }
            acting.tell(audit, Act::Invite, about).await?;
        }
        acting.done().await?;
        Ok(secret)
    }

    /// The hash of the password with which somebody uses a link. Whatever can be judged without hashing is judged
    /// before; then it has its turn by the link, by the place and by who made the link.
    async fn may_be_used(
        &self,
        secret: &str,
        login: &str,
        password: &str,
        (from, used): (&str, &[Payer]),
    ) -> Result<String, IdentityError> {
        let made_by = {
            let mut connection = self.store.reader().acquire().await?;
            let link = link_of(&mut connection, secret).await?;
            // Uses that fail count, those of the same moment as well.
            self.shares.spend(used, Spent::Guesses)?;
            passwords::fits(password)?;
            if link.resets.is_none() {
                logins::free(&mut connection, login).await?;
            }
            link.made_by
        };
        let waits = async {
            let mut turns = Vec::new();
            for payer in used.iter().cloned().chain(places(from)).chain(made_by.map(Payer::Account)) {
                turns.push(self.turn_of(&payer, limits::HASHING).await?);
            }
            Ok(turns)
        };
        let turns = tokio::time::timeout(limits::HASHING, waits).await.unwrap_or(Err(IdentityError::Busy));
        let hash = match turns {
            Ok(_turns) => self.hash(password).await,
            Err(error) => Err(error),
        };
        if matches!(hash, Err(IdentityError::Busy | IdentityError::Store(_))) {
            self.shares.unspend(used, Spent::Guesses);
        }
        hash
    }

    /// The purpose of an invitation.
    ///
    /// # Errors
    /// [`IdentityError::InvalidLink`] when it is unknown, used or too old, or its maker may not make it any more.
    pub async fn invitation(
        &self,
        secret: &str,
    ) -> Result<(UnitId, AccountRole, Option<PersonId>), IdentityError> {
        let mut connection = self.store.reader().acquire().await?;
        let Link { unit, role, resets, .. } = link_of(&mut connection, secret).await?;
        Ok((unit, role, resets))
    }

    /// Uses an invitation: makes the account, or sets its password, and ends the link, with the record of it on a
    /// trail. Gives the secret of a first session, in a browser that names itself as `about` says. If it sets a
    /// password, the devices remain to lapse: [`Identity::unfinished_of`].
    ///
    /// # Errors
    /// [`IdentityError`] when the link, the login or the password does not do.
    pub async fn accept(
        &self,
        secret: &str,
        (login, name): (&str, &str),
        password: &str,
        (from, about): (&str, &str),
        audit: Option<&Audit>,
    ) -> Result<(Account, String), IdentityError> {
        let used = [Payer::Session(secret_hash(secret))];
        let hash = self.may_be_used(secret, login, password, (from, &used)).await?;
        let mut transaction = self.begin_judging().await?;
        let touched = link_of(&mut transaction, secret).await?.resets;
        lock(&mut transaction, touched).await?;
        // By the rights of now: it may have waited long.
        let Link { unit, role, resets, .. } = link_of(&mut transaction, secret).await?;
        sqlx::query("delete from invitation where token_hash = $1")
            .bind(secret_hash(secret))
            .execute(&mut *transaction)
            .await?;
        let id = match resets {
            Some(id) => {
                set_password(&mut transaction, id, hash).await?;
                // Somebody who knew the password before may have certified devices.
                unfinished::keep_lapsing(&mut transaction, id).await?;
                // A person who lost the password may have lost the rest with it.
                for ended in ["session", "code", "passkey", "bound"] {
                    sqlx::query(AssertSqlSafe(format!("delete from {ended} where account = $1")))
                        .bind(id.bytes().to_vec())
                        .execute(&mut *transaction)
                        .await?;
                }
                id
            }
            None => {
                let id = PersonId::from_bytes(clock::fresh_id());
                insert_account(&mut transaction, id, login, name, unit, role, &hash).await?;
                id
            }
        };
        let session = sessions::insert(&mut transaction, id, about).await?;
        let account = account_of(&mut transaction, id).await?.ok_or(IdentityError::InvalidLink)?;
        if let Some(audit) = audit {
            let act = if resets.is_some() { Act::PasswordReset } else { Act::AccountMade };
            let made = json!({ "unit": account.unit, "role": account.role, "login": account.login });
            audit.write_with(&mut transaction, act, Some(id), made).await?;
        }
        transaction.commit().await?;
        self.shares.forget(&used, Spent::Guesses);
        self.is_vouched_for(id);
        self.ended_some().await;
        Ok((account, session))
    }
}

/// Links that a person made, and those that set the password of that person anew, were made under rights
/// that are no more.
pub(super) async fn end_links(connection: &mut AnyConnection, id: PersonId) -> Result<(), IdentityError> {
    sqlx::query("delete from invitation where made_by = $1 or resets = $1")
        .bind(id.bytes().to_vec())
        .execute(connection)
        .await?;
    Ok(())
}
