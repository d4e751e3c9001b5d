//! Signed-in browsers: each has a secret, of which only the hash is stored.

use super::looked::{done_or_again, lock};
use super::{Account, Identity, IdentityError, account, id16, new_secret, secret_hash};
use crate::clock;
use crate::limits;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use std::collections::HashMap;
use tongban_shared::id::{DeviceId, PersonId};

/// Somebody who is signed in, and the certified device they use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub account: Account,
    pub device: Option<DeviceId>,
}

/// A signed-in browser, as its owner sees it.
#[derive(Debug, Clone)]
pub struct SessionInfo {
    /// Names the session without giving it away.
    pub id: String,
    pub created: i64,
    pub last_seen: i64,
    pub about: String,
}

impl Identity {
    /// Opens a session for an account.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn open_session(&self, account: PersonId, about: &str) -> Result<String, IdentityError> {
        let mut transaction = self.store.begin().await?;
        let secret = insert(&mut transaction, account, about).await?;
        transaction.commit().await?;
        self.end_oldest(account, &secret).await?;
        Ok(secret)
    }

    /// Ends the sessions of an account beyond the most that it has, those first that were used longest ago and
    /// never its own of now.
    pub(super) async fn end_oldest(&self, account: PersonId, own: &str) -> Result<(), IdentityError> {
        if done_or_again!(self.end_oldest_once(account, own))? > 0 {
            self.ended_some().await;
        }
        Ok(())
    }

    async fn end_oldest_once(&self, account: PersonId, own: &str) -> Result<u64, IdentityError> {
        let mut transaction = self.store.begin().await?;
        lock(&mut transaction, [account]).await?;
        let ended = sqlx::query(
            "delete from session where account = $1 and token_hash <> $2 and token_hash not in
             (select token_hash from session where account = $1 and token_hash <> $2
              order by last_seen desc, created desc limit $3)",
        )
        .bind(account.bytes().to_vec())
        .bind(secret_hash(own))
        .bind(i64::try_from(limits::SESSIONS - 1).unwrap_or(i64::MAX))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected())
    }

    /// The person for whom a session's secret stands, and who uses it now.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn session(&self, secret: &str) -> Result<Option<Visitor>, IdentityError> {
        self.look_up(secret, true).await
    }

    /// The same without a use: that a connection is still open, or what a foreign page asks, says nothing of its
    /// owner.
    ///
    /// # Errors
    /// As [`Identity::session`].
    pub async fn session_unused(&self, secret: &str) -> Result<Option<Visitor>, IdentityError> {
        self.look_up(secret, false).await
    }

    async fn look_up(&self, secret: &str, uses: bool) -> Result<Option<Visitor>, IdentityError> {
        let hash = secret_hash(secret);
        let Some(row) = self.rows_of(std::slice::from_ref(&hash)).await?.pop() else { return Ok(None) };
        // Now and then is enough to know that it is in use; what was written under a clock that was
        // ahead is set right.
        let (last, now, step) = (row.get::<i64, _>("last_seen"), clock::now(), (self.idle / 24).min(3600));
        if uses && (last < now - step || last > now + step) {
            sqlx::query("update session set last_seen = $1 where token_hash = $2")
                .bind(clock::now())
                .bind(hash)
                .execute(self.store.writer())
                .await?;
        }
        Ok(visitor(&row))
    }

    /// Visitors by the hashes of their sessions' secrets; sessions that have ended are not among them.
    pub(super) async fn visitors(
        &self,
        hashes: &[Vec<u8>],
    ) -> Result<HashMap<Vec<u8>, Visitor>, IdentityError> {
        let rows = self.rows_of(hashes).await?;
        Ok(rows.iter().filter_map(|row| Some((row.get("token_hash"), visitor(row)?))).collect())
    }

    /// Sessions of other servers do not end by themselves: a link may be down for long, or silent.
    async fn rows_of(&self, hashes: &[Vec<u8>]) -> Result<Vec<AnyRow>, IdentityError> {
        let places: Vec<String> = (2..hashes.len() + 2).map(|number| format!("${number}")).collect();
        let question = format!(
            "select token_hash, account.id, login, name, unit, role, last_seen, device
             from session join account on account.id = session.account
             where (last_seen > $1 or role = 'server') and token_hash in ({})",
            places.join(", ")
        );
        let question = sqlx::query(AssertSqlSafe(question)).bind(clock::now() - self.idle);
        let question = hashes.iter().fold(question, |question, hash| question.bind(hash.clone()));
        Ok(question.fetch_all(self.store.reader()).await?)
    }

    /// The session of a secret is used on a certified device.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn set_device(&self, secret: &str, device: DeviceId) -> Result<(), IdentityError> {
        sqlx::query("update session set device = $1 where token_hash = $2")
            .bind(device.bytes().to_vec())
            .bind(secret_hash(secret))
            .execute(self.store.writer())
            .await?;
        Ok(())
    }

    /// Whether a session stands on a device.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn is_used(&self, device: DeviceId) -> Result<bool, IdentityError> {
        let row = sqlx::query("select 1 as one from session where device = $1 limit 1")
            .bind(device.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        Ok(row.is_some())
    }

    /// For each device that sessions were used on: its browser as it named itself, and the last contact in
    /// seconds since 1970.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn last_contacts(&self) -> Result<HashMap<DeviceId, (String, i64)>, IdentityError> {
        let asked =
            "select device, about, last_seen from session where device is not null order by last_seen";
        let rows = sqlx::query(asked).fetch_all(self.store.reader()).await?;
        // The newest comes last, and stays.
        let seen = |row: &AnyRow| {
            let device = DeviceId::from_bytes(id16(row, "device")?);
            Some((device, (row.get("about"), row.get("last_seen"))))
        };
        Ok(rows.iter().filter_map(seen).collect())
    }

    /// The sessions of a person.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn sessions(&self, person: PersonId) -> Result<Vec<SessionInfo>, IdentityError> {
        let rows = sqlx::query("select token_hash, created, last_seen, about from session where account = $1 order by last_seen desc")
            .bind(person.bytes().to_vec())
            .fetch_all(self.store.reader())
            .await?;
        let info = |row: &AnyRow| SessionInfo {
            id: session_name(&row.get::<Vec<u8>, _>("token_hash")),
            created: row.get("created"),
            last_seen: row.get("last_seen"),
            about: row.get("about"),
        };
        Ok(rows.iter().map(info).collect())
    }

    /// Ends the session of a secret.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn sign_out(&self, secret: &str) -> Result<(), IdentityError> {
        sqlx::query("delete from session where token_hash = $1")
            .bind(secret_hash(secret))
            .execute(self.store.writer())
            .await?;
        self.ended_some().await;
        Ok(())
    }

    /// A person ends one of their own sessions, named as [`Identity::sessions`] names it; whether there was one.
    ///
    /// # Errors
    /// As [`Identity::own_act`].
    pub async fn end_session(&self, person: PersonId, secret: &str, id: &str) -> Result<bool, IdentityError> {
        let mut transaction = self.own_act(person, secret).await?;
        let rows = sqlx::query("select token_hash from session where account = $1")
            .bind(person.bytes().to_vec())
            .fetch_all(&mut *transaction)
            .await?;
        let mut hashes = rows.iter().map(|row| row.get::<Vec<u8>, _>("token_hash"));
        let Some(hash) = hashes.find(|hash| session_name(hash) == id) else { return Ok(false) };
        let ends = sqlx::query("delete from session where token_hash = $1").bind(hash);
        ends.execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.ended_some().await;
        Ok(true)
    }
}

/// Writes a session for an account; gives its secret.
pub(super) async fn insert(
    connection: &mut sqlx::AnyConnection,
    account: PersonId,
    about: &str,
) -> Result<String, IdentityError> {
    let (secret, hash) = new_secret();
    let about: String = about.chars().take(200).collect();
    sqlx::query(
        "insert into session (token_hash, account, created, last_seen, about) values ($1, $2, $3, $4, $5)",
    )
    .bind(hash)
    .bind(account.bytes().to_vec())
    .bind(clock::now())
    .bind(clock::now())
    .bind(about)
    .execute(connection)
    .await?;
    Ok(secret)
}

fn visitor(row: &AnyRow) -> Option<Visitor> {
    let device = id16(row, "device").map(DeviceId::from_bytes);
    account(row).map(|account| Visitor { account, device })
}

/// Names a session without giving it away.
fn session_name(token_hash: &[u8]) -> String {
    tongban_shared::document::hex(token_hash.get(..8).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::identity::Identity;
    use crate::limits;
    use crate::shares::Shares;
    use crate::store::{Database, Place};
    use tongban_shared::access::AccountRole;
    use tongban_shared::id::UnitId;
    use tongban_shared::trust::Key;

    #[tokio::test]
    async fn an_account_has_so_many_sessions_and_the_newest_stands() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Database::open(&Place::from(folder.path())).await.expect("a database");
        let identity = Identity::new(store, Key::from_seed(&[1; 32]), Shares::default(), 3600);
        let unit = UnitId::from_bytes([1; 16]);
        let account = async |login: &str| {
            let made = identity.create(login, "", unit, AccountRole::Editor, "tongban-demo").await;
            made.expect("an account").id
        };
        let (one, other) = (account("one").await, account("other").await);
        let others = identity.open_session(other, "").await.expect("a session");
        for _ in 0..limits::SESSIONS + 20 {
            let newest = identity.open_session(one, "").await.expect("a session");
            assert!(identity.session(&newest).await.expect("asked").is_some());
        }
        assert_eq!(identity.sessions(one).await.expect("asked").len(), 200);
        assert!(identity.session(&others).await.expect("asked").is_some(), "nobody else pays");
    }
}
