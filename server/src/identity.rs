//! The identity of people: accounts of units, sessions, invitations, limits on attempts.

mod acts;
mod codes;
mod guesses;
mod hashing;
mod links;
mod logins;
mod looked;
mod passkeys;
mod passwords;
mod present;
mod provider;
mod sessions;
mod tokens;
mod unfinished;

pub use acts::{Acting, Maker};
pub use codes::NewCode;
pub(crate) use guesses::places;
pub use passkeys::{Asked, PasskeyInfo, Site};
pub use present::Standing;
pub use provider::{Back, Provider, ProviderError, Sent, Unified};
pub use sessions::{SessionInfo, Visitor};
pub use unfinished::Unfinished;

use crate::clock;
use crate::limits;
use crate::shares::{RanOut, Shares};
use crate::store::{Database, StoreError};
use hashing::{Networks, Queue};
use present::Present;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::sync::Arc;
use tongban_shared::access::{AccountRole, Who};
use tongban_shared::id::{PersonId, UnitId};
use tongban_shared::text::line_text;
use tongban_shared::trust::Key;

/// Passwords that are hashed at once.
const HASHED_AT_ONCE: usize = 2;

/// Why somebody is not let in; the words are for people.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("用户名或密码不对")]
    WrongPassword,
    #[error("尝试次数过多，请 {} 分钟后再试", .0.again_after.as_secs().div_ceil(60).max(1))]
    TooManyAttempts(#[from] RanOut),
    #[error("链接无效、已用过或已过期")]
    InvalidLink,
    #[error("用户名已被使用")]
    LoginTaken,
    #[error("用户名须为 2 至 40 个字")]
    BadLogin,
    #[error("这是最后一位管理员，请先指定另一位")]
    LastAdministrator,
    #[error("密码至少 8 位，最多 200 位")]
    BadPassword,
    #[error("登录的人太多，请稍后再试")]
    Busy,
    /// The password is right; the code of the authenticator app is asked for as well.
    #[error("请输入动态验证码")]
    CodeNeeded,
    #[error("动态验证码不对或已用过")]
    WrongCode,
    #[error("已启用动态验证码")]
    CodeSet,
    #[error("没有认出这个通行密钥，请重试或改用密码")]
    NoPasskey,
    #[error("没有用过的链接太多（最多 {} 个），请等它们用过或过期", limits::LINKS)]
    TooManyLinks,
    #[error("通行密钥太多，请先删除不用的")]
    TooManyPasskeys,
    #[error("通行密钥须在以域名打开的页面上使用")]
    NeedsDomain,
    #[error("统一身份认证暂时连不上，请稍后再试，或用密码登录")]
    NoProvider,
    #[error("统一身份认证没有通过，请重试，或用密码登录")]
    NotRecognised,
    /// Nobody was sent to the provider who could come back so.
    #[error("统一身份认证没有通过，请重试，或用密码登录")]
    NotSent,
    #[error("这个统一身份还没有绑定账号，请先用密码登录，再在“本机”中绑定")]
    NotBound,
    #[error("这个统一身份已绑定别的账号，或者您已绑定别的统一身份")]
    BoundElsewhere,
    /// The session with which somebody acts has ended before the act was done.
    #[error("请先登录")]
    SignedOut,
    /// By the rights that the maker of an act has when it is done.
    #[error("没有此权限")]
    Forbidden,
    #[error("系统暂时不能处理，请稍后再试")]
    Store(#[from] StoreError),
}

impl IdentityError {
    /// Whether the database has undone a transaction because two waited for each other.
    fn is_standstill(&self) -> bool {
        match self {
            Self::Store(StoreError::Database(sqlx::Error::Database(error))) => {
                error.code().as_deref() == Some("40P01")
            }
            _ => false,
        }
    }
}

impl From<sqlx::Error> for IdentityError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(StoreError::Database(error))
    }
}

/// A person who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: PersonId,
    pub login: String,
    pub name: String,
    pub unit: UnitId,
    pub role: AccountRole,
}

impl Account {
    /// The person as rights are asked for.
    #[must_use]
    pub const fn who(&self) -> Who {
        Who { unit: self.unit, role: self.role }
    }
}

/// The accounts of a server.
#[derive(Clone)]
pub struct Identity {
    store: Database,
    hashing: Queue,
    networks: Arc<Networks>,
    /// With which tokens are sealed.
    key: Key,
    shares: Shares,
    present: Arc<Present>,
    /// A session ends after so many seconds without use.
    idle: i64,
    /// Visits of the provider that strangers of one network begin within [`limits::ATTEMPTS_WITHIN`].
    sent: u64,
}

/// A secret of 32 random bytes as text, and the hash that is stored.
fn new_secret() -> (String, Vec<u8>) {
    let secret: String = clock::random::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    let hash = secret_hash(&secret);
    (secret, hash)
}

fn secret_hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

impl Identity {
    /// The accounts in a store; their sessions end after `idle` seconds without use. Guesses are put down in
    /// `shares`.
    #[must_use]
    pub fn new(store: Database, key: Key, shares: Shares, idle: i64) -> Self {
        let (hashing, networks, present) = (Queue::new(HASHED_AT_ONCE), Arc::default(), Arc::default());
        Self { store, hashing, networks, key, shares, present, idle, sent: limits::ATTEMPTS_OF_A_NETWORK }
    }

    /// Somebody has signed in from a network: others there come before strangers.
    pub fn joined(&self, network: &str) {
        self.networks.joined(network);
    }

    /// The same where strangers of one network begin so many visits of the provider of unified sign-in within five
    /// minutes.
    #[must_use]
    pub const fn sending(mut self, of_a_network: u64) -> Self {
        self.sent = of_a_network;
        self
    }

    /// Seconds without use after which a session ends.
    #[must_use]
    pub const fn idle(&self) -> i64 {
        self.idle
    }

    /// Whether anybody can sign in yet.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn is_empty(&self) -> Result<bool, IdentityError> {
        let row = sqlx::query("select count(*) as n from account").fetch_one(self.store.reader()).await?;
        Ok(row.get::<i64, _>("n") == 0)
    }

    /// Everybody.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn accounts(&self) -> Result<Vec<Account>, IdentityError> {
        let rows = sqlx::query("select id, login, name, unit, role from account order by created")
            .fetch_all(self.store.reader())
            .await?;
        Ok(rows.iter().filter_map(account).collect())
    }

    /// Makes an account at once (administration on the server itself).
    ///
    /// # Errors
    /// [`IdentityError`] when the login or the password does not do.
    pub async fn create(
        &self,
        login: &str,
        name: &str,
        unit: UnitId,
        role: AccountRole,
        password: &str,
    ) -> Result<Account, IdentityError> {
        let hash = self.hash(password).await?;
        let id = PersonId::from_bytes(clock::fresh_id());
        let mut transaction = self.store.begin().await?;
        insert_account(&mut transaction, id, login, name, unit, role, &hash).await?;
        transaction.commit().await?;
        self.account(id).await?.ok_or(IdentityError::InvalidLink)
    }

    /// An account for another server: nobody can sign in to it, it has sessions only.
    ///
    /// # Errors
    /// [`IdentityError::LoginTaken`] when there is one of this name.
    pub async fn create_server(&self, name: &str, unit: UnitId) -> Result<Account, IdentityError> {
        let id = PersonId::from_bytes(clock::fresh_id());
        let mut transaction = self.store.begin().await?;
        let login = format!("server {name}");
        insert_account(&mut transaction, id, &login, name, unit, AccountRole::Server, "").await?;
        transaction.commit().await?;
        self.account(id).await?.ok_or(IdentityError::InvalidLink)
    }

    /// An account by its id.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn account(&self, id: PersonId) -> Result<Option<Account>, IdentityError> {
        account_of(&mut *self.store.reader().acquire().await?, id).await
    }
}

async fn account_of(
    connection: &mut sqlx::AnyConnection,
    id: PersonId,
) -> Result<Option<Account>, IdentityError> {
    let row = sqlx::query("select id, login, name, unit, role from account where id = $1")
        .bind(id.bytes().to_vec())
        .fetch_optional(connection)
        .await?;
    Ok(row.as_ref().and_then(account))
}

async fn insert_account(
    connection: &mut sqlx::AnyConnection,
    id: PersonId,
    login: &str,
    name: &str,
    unit: UnitId,
    role: AccountRole,
    hash: &str,
) -> Result<(), IdentityError> {
    let written = login.trim();
    let login = logins::free(connection, login).await?;
    let (written, name) = (line_text(written), line_text(name));
    let name: String =
        if name.trim().is_empty() { written.trim() } else { name.trim() }.chars().take(40).collect();
    let inserted = sqlx::query("insert into account (id, login, name, unit, role, password, created) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing")
        .bind(id.bytes().to_vec())
        .bind(login)
        .bind(name)
        .bind(unit.bytes().to_vec())
        .bind(role.word())
        .bind(hash.to_owned())
        .bind(clock::now())
        .execute(connection)
        .await?;
    if inserted.rows_affected() == 1 { Ok(()) } else { Err(IdentityError::LoginTaken) }
}

fn id16(row: &AnyRow, column: &str) -> Option<[u8; 16]> {
    row.try_get::<Option<Vec<u8>>, _>(column).ok().flatten()?.try_into().ok()
}

fn account(row: &AnyRow) -> Option<Account> {
    Some(Account {
        id: PersonId::from_bytes(id16(row, "id")?),
        login: row.get("login"),
        name: row.get("name"),
        unit: UnitId::from_bytes(id16(row, "unit")?),
        role: AccountRole::from_word(row.get("role"))?,
    })
}

#[cfg(test)]
mod tests;
