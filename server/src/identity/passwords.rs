//! Passwords: signing in with one, changing one's own, and the work of hashing them.

use super::guesses::{Guess, Turns};
use super::hashing::Asks;
use super::looked::{By, Looked, done_or_again};
use super::{Account, Identity, IdentityError, account, secret_hash};
use crate::clock;
use crate::limits;
use crate::shares::{Lease, Spent};
use crate::store::StoreError;
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use sqlx::Row;
use sqlx::any::AnyRow;
use tongban_shared::id::PersonId;

impl Identity {
    /// Signs in with a password, and a code where the person has set that; gives the session's secret.
    /// `marks` are those of the browser.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::CodeNeeded`], [`IdentityError::WrongCode`] or
    /// [`IdentityError::TooManyAttempts`].
    pub async fn sign_in(
        &self,
        login: &str,
        (password, code): (&str, Option<&str>),
        (from, marks): (&str, &str),
        about: &str,
    ) -> Result<(Account, String), IdentityError> {
        let unknown = || Guess::of_login(login, from);
        let known = if marks.is_empty() {
            None
        } else {
            self.row_named(login).await?.and_then(|row| {
                let person = account(&row)?.id;
                Some(Guess::known(self.known_browser(person, known_since(&row), marks)?, person))
            })
        };
        let guess = known.unwrap_or_else(unknown);
        let turns = self.turns(&guess).await?;
        self.count(&guess)?;
        let came = self.judge(login, (password, code), &guess, turns).await;
        match &came {
            Ok(_) => self.is_right(&guess),
            Err(IdentityError::CodeNeeded) => self.is_half_right(&guess),
            Err(IdentityError::Busy | IdentityError::Store(_)) => self.is_unjudged(&guess),
            Err(_) => {}
        }
        let (account, since) = came?;
        self.count_sign_in(account.id)?;
        // The password may have been changed, or codes have been set, while this one was looked at.
        let looked = Looked { person: account.id, since };
        let secret = self.let_in(&looked, &By::Password, about).await?.ok_or(IdentityError::WrongPassword)?;
        Ok((account, secret))
    }

    /// The account whose password and code these are, with the moment since which its browsers may be known.
    async fn judge(
        &self,
        login: &str,
        (password, code): (&str, Option<&str>),
        guess: &Guess,
        turns: Turns,
    ) -> Result<(Account, u64), IdentityError> {
        let _own = turns.own;
        let row = self.row_named(login).await?;
        // An unknown login takes as long as a wrong password.
        let stored: String = row.as_ref().map_or_else(String::new, |row| row.get("password"));
        let since = row.as_ref().map(known_since).unwrap_or_default();
        let right = self.verify(password, stored, (self.asks(guess), turns.places)).await?;
        let Some(account) = row.as_ref().and_then(account).filter(|_| right) else {
            return Err(IdentityError::WrongPassword);
        };
        if self.has_code(account.id).await? {
            let code = code.filter(|code| !code.trim().is_empty()).ok_or(IdentityError::CodeNeeded)?;
            self.count_code(&account, guess)?;
            self.use_code(&account, code).await?;
            self.code_is_right(&account, guess);
        }
        Ok((account, since))
    }

    /// A person changes their own password. The session in which they do it stays; all others end, and no other
    /// browser is known any longer. A link that somebody made to set it anew stands: whoever knows the password
    /// takes no such link from its owner.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::TooManyAttempts`]; [`IdentityError::BadPassword`]
    /// for the new one; as [`Identity::own_act`].
    pub async fn change_password(
        &self,
        account: &Account,
        said: (&str, &str),
        new: &str,
    ) -> Result<(), IdentityError> {
        fits(new)?;
        self.counted(account, Spent::Passwords, self.replace_password(account, said, new)).await
    }

    async fn replace_password(
        &self,
        account: &Account,
        (secret, password): (&str, &str),
        new: &str,
    ) -> Result<(), IdentityError> {
        // Counted apart from other confirmations: those of somebody else do not keep the owner from this.
        self.says_again(account, (secret, password)).await?;
        let hash = self.hash(new).await?;
        done_or_again!(self.set_own_password(account.id, secret, hash.clone()))?;
        self.begins_anew(account.id);
        self.ended_some().await;
        Ok(())
    }

    async fn set_own_password(&self, id: PersonId, secret: &str, hash: String) -> Result<(), IdentityError> {
        // To set it anew, by a link or elsewhere, ends this session.
        let mut transaction = self.own_act(id, secret).await?;
        set_password(&mut transaction, id, hash).await?;
        end_others(&mut transaction, id, secret).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn hash(&self, password: &str) -> Result<String, IdentityError> {
        fits(password)?;
        let password = password.to_owned();
        let hash = move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string());
        self.hashing(Asks::Known, hash).await?.map_err(|_| IdentityError::BadPassword)
    }

    /// Whether a password is the stored one. `held` is given back when it was looked at, also when whoever asked
    /// is gone before.
    pub(super) async fn verify(
        &self,
        password: &str,
        stored: String,
        (asks, held): (Asks, Vec<Lease>),
    ) -> Result<bool, IdentityError> {
        let password = password.to_owned();
        self.hashing(asks, move || {
            let _held = held;
            let (hash, counts) = checked_by(&stored);
            let fits = |hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
            PasswordHash::new(hash).is_ok_and(fits) && counts
        })
        .await
    }

    /// The moment since which browsers may be known as a person's, in milliseconds since 1970.
    pub(super) async fn known_since(&self, person: PersonId) -> Result<Option<u64>, IdentityError> {
        let row = sqlx::query("select known_since from account where id = $1")
            .bind(person.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        Ok(row.as_ref().map(known_since))
    }

    /// Hashes when there is a turn; whoever would wait too long is told so, and nobody queues for ever. The turn
    /// lasts as long as the work does: nobody has more under way by asking and leaving.
    pub(super) async fn hashing<T: Send + 'static>(
        &self,
        asks: Asks,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, IdentityError> {
        let turn = tokio::time::timeout(limits::HASHING, self.hashing.turn(asks)).await;
        let turn = turn.map_err(|_| IdentityError::Busy)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        Ok(done.await.map_err(|_| StoreError::Stopped)?)
    }
}

/// Whether a new password is as long as one must be.
pub(super) fn fits(password: &str) -> Result<(), IdentityError> {
    let fits = (8..=200).contains(&password.chars().count());
    if fits { Ok(()) } else { Err(IdentityError::BadPassword) }
}

/// The hash of no password: work for unknown logins.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The hash that a password is checked by, and whether it counts: one that is none, as accounts of servers and
/// unknown logins have it, takes as long as any other.
fn checked_by(stored: &str) -> (&str, bool) {
    let is_whole = PasswordHash::new(stored).is_ok_and(|hash| hash.salt.is_some() && hash.hash.is_some());
    if is_whole { (stored, true) } else { (DUMMY_HASH, false) }
}

/// Sets a password; browsers that were known by the one before are so no more.
pub(super) async fn set_password(
    connection: &mut sqlx::AnyConnection,
    id: PersonId,
    hash: String,
) -> Result<(), IdentityError> {
    sqlx::query("update account set password = $1 where id = $2")
        .bind(hash)
        .bind(id.bytes().to_vec())
        .execute(&mut *connection)
        .await?;
    know_anew(connection, id).await
}

/// No browser is known any longer.
pub(super) async fn know_anew(
    connection: &mut sqlx::AnyConnection,
    id: PersonId,
) -> Result<(), IdentityError> {
    // Later than every mark so far, also one of this millisecond or of a clock that was ahead: it tells whether
    // somebody is still known as they were.
    sqlx::query(
        "update account set known_since = case when known_since < $1 then $1 else known_since + 1 end
         where id = $2",
    )
    .bind(i64::try_from(clock::now_ms().saturating_add(1)).unwrap_or(i64::MAX))
    .bind(id.bytes().to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends all sessions of a person but one.
pub(super) async fn end_others(
    connection: &mut sqlx::AnyConnection,
    id: PersonId,
    secret: &str,
) -> Result<(), IdentityError> {
    sqlx::query("delete from session where account = $1 and token_hash <> $2")
        .bind(id.bytes().to_vec())
        .bind(secret_hash(secret))
        .execute(connection)
        .await?;
    Ok(())
}

/// The moment since which browsers may be known, in milliseconds since 1970.
pub(super) fn known_since(row: &AnyRow) -> u64 {
    u64::try_from(row.get::<i64, _>("known_since")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{DUMMY_HASH, checked_by};

    #[test]
    fn a_hash_that_is_none_is_checked_like_any_other_and_never_counts() {
        for none in ["", "x", "$argon2id$v=19"] {
            assert_eq!(checked_by(none), (DUMMY_HASH, false), "{none}");
        }
        let real = DUMMY_HASH.replace("AAAAAAAAAAAAAAAAAAAAAA$", "AAAAAAAAAAAAAAAAAAAAAQ$");
        assert_eq!(checked_by(&real), (real.as_str(), true));
    }
}
