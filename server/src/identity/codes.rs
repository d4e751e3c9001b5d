//! One-time codes of an authenticator app (RFC 6238: six digits, 30 seconds, SHA-1, for that is what
//! every app speaks).

use super::passwords::{end_others, know_anew};
use super::{Account, Identity, IdentityError};
use crate::clock;
use crate::shares::{Payer, Spent};
use sqlx::Row;
use tongban_shared::id::PersonId;
use tongban_shared::text::folded_code;
use totp_rs::{Builder, Secret, Totp};

/// A code that was used so many steps from now was used under another clock.
const AHEAD: i64 = 20;

/// The key of a new authenticator app.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// In base 32, for typing.
    pub secret: String,
    /// As authenticator apps read it from a picture.
    pub uri: String,
}

fn totp(secret: &[u8], login: &str) -> Result<Totp, IdentityError> {
    // Colons part the issuer from the name there.
    let name = login.replace(':', " ");
    let made = Builder::new().with_secret(Secret::from(secret)).with_issuer(Some("同办"));
    made.with_account_name(name).build().map_err(|_| IdentityError::WrongCode)
}

impl Identity {
    /// A new secret for codes of a person who is signed in with the secret of a session; it is asked for once a
    /// first code was shown.
    ///
    /// # Errors
    /// As [`Identity::own_act`]; [`IdentityError::CodeSet`] when codes are asked for already.
    pub async fn begin_code(&self, account: &Account, session: &str) -> Result<NewCode, IdentityError> {
        let secret: [u8; 20] = clock::random();
        let mut transaction = self.own_act(account.id, session).await?;
        let written = sqlx::query(
            "insert into code (account, secret, used) values ($1, $2, 0)
             on conflict (account) do update set secret = excluded.secret where code.used = 0",
        )
        .bind(account.id.bytes().to_vec())
        .bind(secret.to_vec())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        if written.rows_affected() != 1 {
            return Err(IdentityError::CodeSet);
        }
        let totp = totp(&secret, &account.login)?;
        let uri = totp.to_url().map_err(|_| IdentityError::WrongCode)?;
        Ok(NewCode { secret: totp.secret().to_base32(), uri })
    }

    /// From this code on, codes are asked for. As with a new password, the session in which they are set stays
    /// and all others end, and no other browser is known any longer: whoever came in by the password alone was
    /// perhaps not the owner.
    ///
    /// # Errors
    /// [`IdentityError::WrongCode`]; [`IdentityError::TooManyAttempts`]; as [`Identity::own_act`].
    pub async fn confirm_code(
        &self,
        account: &Account,
        secret: &str,
        code: &str,
    ) -> Result<(), IdentityError> {
        let payer = [Payer::Account(account.id)];
        self.shares.spend(&payer, Spent::Codes)?;
        let step = self.step_of(account, code, true).await?;
        // Both or none: codes that are asked for while whoever came by the password stays are no protection.
        let mut transaction = self.own_act(account.id, secret).await?;
        know_anew(&mut transaction, account.id).await?;
        use_step(&mut transaction, account.id, step).await?;
        end_others(&mut transaction, account.id, secret).await?;
        transaction.commit().await?;
        self.shares.unspend(&payer, Spent::Codes);
        self.begins_anew(account.id);
        self.ended_some().await;
        Ok(())
    }

    /// Codes are asked for no more; whether they were before.
    ///
    /// # Errors
    /// As [`Identity::own_act`].
    pub async fn end_code(&self, account: PersonId, session: &str) -> Result<bool, IdentityError> {
        let mut transaction = self.own_act(account, session).await?;
        let ended = sqlx::query("delete from code where account = $1")
            .bind(account.bytes().to_vec())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Whether codes are asked for.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn has_code(&self, account: PersonId) -> Result<bool, IdentityError> {
        let row = sqlx::query("select 1 as here from code where account = $1 and used > 0")
            .bind(account.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        Ok(row.is_some())
    }

    /// A code counts once, and none before it afterwards.
    pub(super) async fn use_code(&self, account: &Account, code: &str) -> Result<(), IdentityError> {
        let step = self.step_of(account, code, false).await?;
        let mut transaction = self.store.begin().await?;
        use_step(&mut transaction, account.id, step).await?;
        Ok(transaction.commit().await?)
    }

    /// The step of time that a code stands for.
    async fn step_of(&self, account: &Account, code: &str, first: bool) -> Result<i64, IdentityError> {
        let row = sqlx::query("select secret, used from code where account = $1")
            .bind(account.id.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?
            .filter(|row| (row.get::<i64, _>("used") == 0) == first)
            .ok_or(IdentityError::WrongCode)?;
        let totp = totp(&row.get::<Vec<u8>, _>("secret"), &account.login)?;
        let step = totp.check(&folded_code(code), clock::now_ms() / 1000).ok_or(IdentityError::WrongCode)?;
        i64::try_from(step).map_err(|_| IdentityError::WrongCode)
    }
}

/// Uses the code of a step, unless it or a later one was used before.
async fn use_step(
    connection: &mut sqlx::AnyConnection,
    account: PersonId,
    step: i64,
) -> Result<(), IdentityError> {
    // A clock that was ahead and is right again must not keep a person out until it is there.
    let used = sqlx::query("update code set used = $1 where account = $2 and (used < $1 or used > $3)")
        .bind(step)
        .bind(account.bytes().to_vec())
        .bind(step + AHEAD)
        .execute(connection)
        .await?;
    if used.rows_affected() == 1 { Ok(()) } else { Err(IdentityError::WrongCode) }
}
