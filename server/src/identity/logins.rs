//! Logins: kept folded and unique without case, width and blanks. Accounts of earlier versions were kept as
//! typed, so some may differ by that only: each of these goes by its exact spelling.

use super::{Account, Identity, IdentityError, account};
use sqlx::Row;
use sqlx::any::AnyRow;
use tongban_shared::text::folded_login;

/// A login as it is compared; what is longer than any login is cut first, for it may be anything.
pub(super) fn folded(login: &str) -> String {
    folded_login(&login.chars().take(LONGEST).collect::<String>())
}

/// Characters that are looked at.
const LONGEST: usize = 100;

/// Whether some account has a folded login, however it is spelled there. One of the same spelling that
/// comes at the same moment is met by the store.
pub(super) async fn is_taken(
    connection: &mut sqlx::AnyConnection,
    login: &str,
) -> Result<bool, IdentityError> {
    let rows = sqlx::query("select login from account").fetch_all(connection).await?;
    Ok(rows.iter().any(|row| folded(&row.get::<String, _>("login")) == login))
}

/// A login as it is kept, when an account may be made with it.
pub(super) async fn free(connection: &mut sqlx::AnyConnection, login: &str) -> Result<String, IdentityError> {
    let login = folded(login);
    if !(2..=40).contains(&login.chars().count()) {
        return Err(IdentityError::BadLogin);
    }
    if is_taken(connection, &login).await? { Err(IdentityError::LoginTaken) } else { Ok(login) }
}

impl Identity {
    /// An account by its login, by the rule of [`Identity::row_named`].
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn account_named(&self, login: &str) -> Result<Option<Account>, IdentityError> {
        Ok(self.row_named(login).await?.as_ref().and_then(account))
    }

    /// The account of a login with its password's hash: the one of this very spelling, else the only one
    /// that is the same folded.
    pub(super) async fn row_named(&self, login: &str) -> Result<Option<AnyRow>, IdentityError> {
        let exact = self.row_spelled(login.trim()).await?;
        if exact.is_some() {
            return Ok(exact);
        }
        let wanted = folded(login);
        let logins = sqlx::query("select login from account").fetch_all(self.store.reader()).await?;
        let logins = logins.iter().map(|row| row.get::<String, _>("login"));
        let mut alike = logins.filter(|login| folded(login) == wanted);
        match (alike.next(), alike.next()) {
            (Some(one), None) => self.row_spelled(&one).await,
            _ => Ok(None),
        }
    }

    async fn row_spelled(&self, login: &str) -> Result<Option<AnyRow>, IdentityError> {
        let row = sqlx::query(
            "select id, login, name, unit, role, password, known_since from account where login = $1",
        );
        Ok(row.bind(login.to_owned()).fetch_optional(self.store.reader()).await?)
    }
}
