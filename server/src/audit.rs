//! The audit trail: what happened, in a chain of signed records that is only ever appended to.
//!
//! A record is a JSON object with sorted keys: `seq` from 1, `at` in milliseconds since 1970,
//! `act`, `by` (a person or none), `about`, and `before`, the hash of the record before it. Its
//! hash is over its bytes; the server's key signs the hash. A changed record breaks the chain at its place,
//! and a chain that is written anew lacks the signatures.

mod chain;
mod tally;

pub use chain::{Broken, Line, verify};
pub use tally::{Kind, Note, Origin};
pub use tongban_shared::trust::Act;

use crate::clock;
use crate::store::{Database, StoreError};
use serde_json::{Value, json};
use sqlx::{AnyConnection, Row};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tally::{Tally, Told};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tongban_shared::document::hex;
use tongban_shared::id::PersonId;
use tongban_shared::trust::{Key, PublicKey};

/// How often hours of counts that are over are looked for.
const MINUTE: Duration = Duration::from_secs(60);

/// Names the lock under which records are appended.
const AUDIT_LOCK: i64 = 0x746f_6e67;

/// The trail of a store.
#[derive(Clone)]
pub struct Audit {
    store: Database,
    key: Key,
    /// The counts, by a clock that nobody sets.
    tally: Arc<Mutex<Tally>>,
    /// The turn to write what was counted: records keep their order.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// Those that are writing.
    writers: TaskTracker,
}

impl Audit {
    /// The trail of a store, signed with the server's key.
    #[must_use]
    pub fn new(store: Database, key: Key) -> Self {
        Self { store, key, tally: Arc::default(), turn: Arc::default(), writers: TaskTracker::new() }
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
        self.append(&[Told { act, by, about }]).await
    }

    /// Puts an act of a person on the trail that concerns nobody else; on return it is on disk. Many of them are
    /// counted: nobody fills the trail, which is never cut.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; the record is written when it is there again.
    pub async fn own(&self, act: Act, person: PersonId, about: Value) -> Result<(), StoreError> {
        self.tally().note(Origin::Person(person), Note::own(act, about), (Instant::now(), clock::now_ms()));
        let audit = self.clone();
        let writes = self.writers.spawn(async move { audit.write_waiting().await });
        writes.await.map_err(|_| StoreError::Stopped)?
    }

    /// The same in the transaction of the act itself: both are done or none.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn write_with(
        &self,
        transaction: &mut AnyConnection,
        act: Act,
        by: Option<PersonId>,
        about: Value,
    ) -> Result<(), StoreError> {
        self.append_to(transaction, &[Told { act, by, about }]).await
    }

    /// Appends records, all or none.
    async fn append(&self, records: &[Told]) -> Result<(), StoreError> {
        let mut transaction = self.store.begin().await?;
        self.append_to(&mut transaction, records).await?;
        Ok(transaction.commit().await?)
    }

    async fn append_to(&self, transaction: &mut AnyConnection, records: &[Told]) -> Result<(), StoreError> {
        // Nobody comes between the look at the last record and the next one.
        self.store.lock(transaction, AUDIT_LOCK).await?;
        let last = sqlx::query("select seq, hash from audit order by seq desc limit 1")
            .fetch_optional(&mut *transaction)
            .await?;
        let (mut seq, mut before) = match &last {
            Some(row) => (row.get::<i64, _>("seq"), hex(&row.get::<Vec<u8>, _>("hash"))),
            None => (0, String::new()),
        };
        for Told { act, by, about } in records {
            seq += 1;
            let record = json!({
                "seq": seq, "at": clock::now_ms(), "act": act.word(),
                "by": by.map(|by| by.to_string()), "about": about, "before": before,
            });
            let line = Line::new(&record, &self.key);
            before = hex(&line.hash);
            sqlx::query("insert into audit (seq, act, record, hash, signature) values ($1, $2, $3, $4, $5)")
                .bind(seq)
                .bind(act.word())
                .bind(line.record)
                .bind(line.hash.to_vec())
                .bind(line.signature.to_vec())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(())
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a refusal, a closing or a share that ran out. The first of an origin and a reason within an hour
    /// is appended whole, and what is new after it, as far as there is room; the rest stands in counts.
    pub fn note(&self, origin: Origin, note: Note) {
        if self.tally().note(origin, note, (Instant::now(), clock::now_ms())) {
            let _writes = self.write_noted();
        }
    }

    /// Appends what was noted: when the task has ended it is on disk, or waits until the database is there
    /// again. It goes on also when nobody waits for it.
    pub fn write_noted(&self) -> JoinHandle<()> {
        let audit = self.clone();
        self.writers.spawn(async move { drop(audit.write_waiting().await) })
    }

    async fn write_waiting(&self) -> Result<(), StoreError> {
        let _turn = self.turn.lock().await;
        let noted: Vec<Told> = self.tally().waiting.drain(..).collect();
        if noted.is_empty() {
            return Ok(());
        }
        let written = self.append(&noted).await;
        if let Err(error) = &written {
            tracing::error!(%error, "What was noted could not be put on the audit trail yet");
            let waiting = &mut self.tally().waiting;
            noted.into_iter().rev().for_each(|one| waiting.push_front(one));
        }
        written
    }

    /// Appends the counts of hours that are over, for as long as the server runs.
    pub async fn watch(&self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(MINUTE) => {}
            }
            if self.tally().end_hours(Instant::now()) {
                let _writes = self.write_noted();
            }
        }
    }

    /// Appends all counts that were not told yet, for the server ends.
    pub async fn settle(&self) {
        self.tally().end_all();
        let _writes = self.write_noted();
        self.writers.close();
        self.writers.wait().await;
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
