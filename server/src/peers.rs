//! Other servers of the same space: who they are, and the ferry that keeps boards level with them.
//!
//! Each server keeps its own accounts and its own key; it endorses the keys of those it works with.
//! One of two connects to the other, over the protocol of devices. It carries what the other's unit
//! takes part in, and what the other gives it; by file the same goes by [`crate::carry`].

mod ferry;
mod files;

pub use ferry::keep_all;
pub use files::{Sizes, carried};

use crate::clock;
use crate::identity::Identity;
use crate::store::{Database, StoreError};
use sqlx::Row;
use sqlx::any::AnyRow;
use std::collections::BTreeSet;
use tongban_shared::id::{BoardId, PersonId, SpaceId, UnitId};
use tongban_shared::trust::PublicKey;

/// Another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    pub name: String,
    /// The unit that runs it: boards that name or invite this unit go there.
    pub unit: UnitId,
    /// The address that we connect to, and the secret that lets us in.
    pub reached: Option<(String, String)>,
    /// The account under which it connects to us.
    pub account: Option<PersonId>,
    /// Its key, once it is known.
    pub key: Option<PublicKey>,
}

/// The invitation for a server that is to connect: everything it must know, as one word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub space: SpaceId,
    pub authority: PublicKey,
    pub secret: String,
}

impl std::fmt::Display for Ticket {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}.{}", self.space, self.authority, self.secret)
    }
}

impl std::str::FromStr for Ticket {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "不是另一台服务器给出的口令".to_owned();
        let mut parts = text.trim().split('.');
        let mut next = || parts.next().ok_or_else(wrong);
        let space = next()?.parse().map_err(|_| wrong())?;
        let authority = next()?.parse().map_err(|_| wrong())?;
        Ok(Self { space, authority, secret: next()?.to_owned() })
    }
}

/// The peers in a store.
#[derive(Clone)]
pub struct Peers {
    store: Database,
}

impl Peers {
    /// The peers of a store.
    #[must_use]
    pub const fn new(store: Database) -> Self {
        Self { store }
    }

    /// All of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn all(&self) -> Result<Vec<Peer>, StoreError> {
        let rows = sqlx::query("select name, unit, url, token, account, key from peer order by name")
            .fetch_all(self.store.reader())
            .await?;
        Ok(rows.iter().filter_map(peer).collect())
    }

    /// A server that is to connect to us; gives the secret that lets it in.
    ///
    /// # Errors
    /// [`StoreError`] when the name is taken or the database fails.
    pub async fn expect(
        &self,
        identity: &Identity,
        name: &str,
        unit: UnitId,
    ) -> Result<String, crate::identity::IdentityError> {
        let account = identity.create_server(name, unit).await?;
        sqlx::query("insert into peer (name, unit, account, added) values ($1, $2, $3, $4)")
            .bind(name.to_owned())
            .bind(unit.bytes().to_vec())
            .bind(account.id.bytes().to_vec())
            .bind(clock::now())
            .execute(self.store.writer())
            .await?;
        identity.open_session(account.id, name).await
    }

    /// A server that we connect to.
    ///
    /// # Errors
    /// [`StoreError`] when the name is taken or the database fails.
    pub async fn add(&self, name: &str, unit: UnitId, url: &str, ticket: &Ticket) -> Result<(), StoreError> {
        sqlx::query("insert into peer (name, unit, url, token, key, added) values ($1, $2, $3, $4, $5, $6)")
            .bind(name.to_owned())
            .bind(unit.bytes().to_vec())
            .bind(url.to_owned())
            .bind(ticket.secret.clone())
            .bind(ticket.authority.bytes().to_vec())
            .bind(clock::now())
            .execute(self.store.writer())
            .await?;
        Ok(())
    }

    /// A server has given us a board that we did not have.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn gives(&self, name: &str, board: BoardId) -> Result<(), StoreError> {
        sqlx::query("insert into given (peer, board) values ($1, $2) on conflict do nothing")
            .bind(name.to_owned())
            .bind(board.bytes().to_vec())
            .execute(self.store.writer())
            .await?;
        Ok(())
    }

    /// A board that a server has given us is not shared with it any more, unless it names its unit.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keeps_back(&self, name: &str, board: BoardId) -> Result<(), StoreError> {
        sqlx::query("delete from given where peer = $1 and board = $2")
            .bind(name.to_owned())
            .bind(board.bytes().to_vec())
            .execute(self.store.writer())
            .await?;
        Ok(())
    }

    /// The boards that a server has given us.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn given(&self, name: &str) -> Result<BTreeSet<BoardId>, StoreError> {
        let rows = sqlx::query("select board from given where peer = $1")
            .bind(name.to_owned())
            .fetch_all(self.store.reader())
            .await?;
        let board = |row: &AnyRow| row.get::<Vec<u8>, _>("board").try_into().ok().map(BoardId::from_bytes);
        Ok(rows.iter().filter_map(board).collect())
    }

    /// Whether a server has given a board; not as long as the database cannot be asked.
    pub async fn gave(&self, name: &str, board: BoardId) -> bool {
        self.given(name).await.is_ok_and(|given| given.contains(&board))
    }

    /// Forgets a server; what it was trusted with stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn remove(&self, name: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from peer where name = $1")
            .bind(name.to_owned())
            .execute(self.store.writer())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Keeps the key that a server has shown at its first connection; whether it is this one.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_key(&self, account: PersonId, key: PublicKey) -> Result<Option<Peer>, StoreError> {
        sqlx::query("update peer set key = $1 where account = $2 and key is null")
            .bind(key.bytes().to_vec())
            .bind(account.bytes().to_vec())
            .execute(self.store.writer())
            .await?;
        Ok(self.of_account(account).await?.filter(|peer| peer.key == Some(key)))
    }

    /// The server that connects under an account.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn of_account(&self, account: PersonId) -> Result<Option<Peer>, StoreError> {
        Ok(self.all().await?.into_iter().find(|peer| peer.account == Some(account)))
    }
}

fn peer(row: &AnyRow) -> Option<Peer> {
    let bytes = |name: &str| row.get::<Option<Vec<u8>>, _>(name);
    let url: Option<String> = row.get("url");
    Some(Peer {
        name: row.get("name"),
        unit: UnitId::from_bytes(bytes("unit")?.try_into().ok()?),
        reached: url.zip(row.get::<Option<String>, _>("token")),
        account: bytes("account").and_then(|id| Some(PersonId::from_bytes(id.try_into().ok()?))),
        key: bytes("key").and_then(|key| Some(PublicKey::from_bytes(key.try_into().ok()?))),
    })
}
