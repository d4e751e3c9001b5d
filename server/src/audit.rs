//! The audit trail: what happened, in a chain of signed records that is only ever appended to.
//!
//! A record is a JSON object with sorted keys: `seq` from 1, `at` in milliseconds since 1970,
//! `act`, `by` (a person or none), `about`, and `before`, the hash of the record before it. Its
//! hash is over its bytes; the server's key signs the hash. A changed record breaks the chain at its place,
//! and a chain that is written anew lacks the signatures.

mod chain;

pub use chain::{Broken, Line, verify};
pub use tongban_shared::trust::Act;

use crate::store::{Database, StoreError};
use crate::{clock, limits};
use serde_json::{Value, json};
use sqlx::Row;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tongban_shared::document::hex;
use tongban_shared::id::PersonId;
use tongban_shared::trust::{Key, PublicKey};

/// How long refusals count against those that follow.
const HOUR: Duration = Duration::from_secs(3600);

/// Names the lock under which records are appended.
const AUDIT_LOCK: i64 = 0x746f_6e67;

/// The trail of a store.
#[derive(Clone)]
pub struct Audit {
    store: Database,
    key: Key,
    /// Refusals of the last hour, by whom or from where, by a clock that nobody sets.
    refusals: Arc<Mutex<HashMap<String, (u32, Instant)>>>,
}

impl Audit {
    /// The trail of a store, signed with the server's key.
    #[must_use]
    pub fn new(store: Database, key: Key) -> Self {
        Self { store, key, refusals: Arc::default() }
    }

    /// The key that records are checked with.
    #[must_use]
    pub fn authority(&self) -> PublicKey {
        self.key.public()
    }

    /// Appends a record; on return it is on disk.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn write(&self, act: Act, by: Option<PersonId>, about: Value) -> Result<(), StoreError> {
        // Nobody comes between the look at the last record and the next one.
        let mut transaction = self.store.begin().await?;
        self.store.lock(&mut transaction, AUDIT_LOCK).await?;
        let last = sqlx::query("select seq, hash from audit order by seq desc limit 1")
            .fetch_optional(&mut *transaction)
            .await?;
        let (seq, before) = match &last {
            Some(row) => (row.get::<i64, _>("seq") + 1, hex(&row.get::<Vec<u8>, _>("hash"))),
            None => (1, String::new()),
        };
        let record = json!({
            "seq": seq, "at": clock::now_ms(), "act": act.word(),
            "by": by.map(|by| by.to_string()), "about": about, "before": before,
        });
        let line = Line::new(&record, &self.key);
        sqlx::query("insert into audit (seq, act, record, hash, signature) values ($1, $2, $3, $4, $5)")
            .bind(seq)
            .bind(act.word())
            .bind(line.record)
            .bind(line.hash.to_vec())
            .bind(line.signature.to_vec())
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Appends that something was refused, unless too much was within the hour, of whom or from where it
    /// came: the last of these records says that there may be more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn write_refusal(
        &self,
        act: Act,
        by: Option<PersonId>,
        origin: &str,
        mut about: Value,
    ) -> Result<(), StoreError> {
        let count = {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            refusals.retain(|_, (_, since)| since.elapsed() < HOUR);
            let entry = refusals.entry(origin.to_owned()).or_insert((0, Instant::now()));
            entry.0 += 1;
            entry.0
        };
        if count > limits::REFUSALS_AN_HOUR {
            return Ok(());
        }
        if count == limits::REFUSALS_AN_HOUR {
            about["more"] = json!(true);
        }
        self.write(act, by, about).await
    }

    /// The newest records, newest first; `act` leaves the others out.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn newest(&self, act: Option<&str>, most: u32) -> Result<Vec<Value>, StoreError> {
        let rows =
            sqlx::query("select record from audit where $1 = '' or act = $1 order by seq desc limit $2")
                .bind(act.unwrap_or_default().to_owned())
                .bind(i64::from(most))
                .fetch_all(self.store.reader())
                .await?;
        Ok(rows.iter().filter_map(|row| serde_json::from_str(row.get("record")).ok()).collect())
    }

    /// The whole trail as lines, oldest first, each handed on as it is read.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn lines(&self, mut take: impl FnMut(Line)) -> Result<(), StoreError> {
        let mut from = 0_i64;
        loop {
            let rows = sqlx::query(
                "select seq, record, hash, signature from audit where seq > $1 order by seq limit 1000",
            )
            .bind(from)
            .fetch_all(self.store.reader())
            .await?;
            let Some(last) = rows.last() else { return Ok(()) };
            from = last.get("seq");
            for row in &rows {
                let (hash, signature): (Vec<u8>, Vec<u8>) = (row.get("hash"), row.get("signature"));
                take(Line {
                    record: row.get("record"),
                    hash: hash.try_into().unwrap_or_default(),
                    signature: signature.try_into().unwrap_or([0; 64]),
                });
            }
        }
    }
}
