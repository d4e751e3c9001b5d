//! Many rows in portions: each is a transaction, and whoever else writes comes between two of them. A round of
//! small changes may have a hundred thousand of them, and SQLite has one writer for everybody.

use super::documents::keep_total;
use super::{Append, Database, StoreError};
use crate::limits::{COMMIT_BYTES, COMMIT_ROWS};
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use std::collections::{BTreeMap, HashSet};
use std::iter::Peekable;
use tongban_shared::document::Chunk;
use tongban_shared::id::DocumentId;

/// Rows of one statement: most of what a small row costs is the way of its statement to the database.
const ROWS: usize = 100;

/// The number of a change of an author.
struct Numbered {
    hash: [u8; 32],
    actor: Vec<u8>,
    number: u64,
}

impl Numbered {
    fn number(&self) -> i64 {
        i64::try_from(self.number).unwrap_or(i64::MAX)
    }
}

impl Append {
    /// The same by what is written in one transaction. Changes stand in the order in which they rest on each other:
    /// none rests on one of a later portion.
    pub fn portions(self) -> impl Iterator<Item = Self> + Send {
        let Self { document, chunks, over_damage, total } = self;
        let (mut chunks, mut more) = (chunks.into_iter().peekable(), true);
        std::iter::from_fn(move || {
            let portion = more.then(|| next_portion(&mut chunks))?;
            more = chunks.peek().is_some();
            Some(Self { document, chunks: portion, over_damage, total })
        })
    }
}

impl Database {
    /// Writes changes.
    pub(super) async fn append_all(&self, batch: Append) -> Result<(), StoreError> {
        for Append { document, chunks, over_damage, total } in batch.portions() {
            let mut transaction = self.begin().await?;
            // The row of the document's extent is locked from here on: nobody else writes the document meanwhile.
            keep_total(&mut transaction, document, total).await?;
            let fresh = insert(&mut transaction, (document, over_damage), chunks).await?;
            keep_numbers(&mut transaction, (document, over_damage), fresh).await?;
            transaction.commit().await?;
        }
        Ok(())
    }

    /// Deletes changes of a document.
    pub(super) async fn delete_all(
        &self,
        document: DocumentId,
        hashes: &[[u8; 32]],
    ) -> Result<(), StoreError> {
        for portion in hashes.chunks(COMMIT_ROWS) {
            let mut transaction = self.begin().await?;
            for some in portion.chunks(ROWS) {
                let named = values(2, some.len());
                let delete = format!("delete from change where document = $1 and hash in ({named})");
                let mut delete = sqlx::query(AssertSqlSafe(delete)).persistent(is_usual(some.len()));
                delete = delete.bind(document.bytes().to_vec());
                for hash in some {
                    delete = delete.bind(hash.to_vec());
                }
                delete.execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
        }
        Ok(())
    }
}

/// As much of them as is written in one transaction.
fn next_portion(chunks: &mut Peekable<impl Iterator<Item = Chunk>>) -> Vec<Chunk> {
    let (mut portion, mut bytes) = (Vec::new(), 0);
    let fits = |portion: &[Chunk], bytes: usize| {
        portion.is_empty() || portion.len() < COMMIT_ROWS && bytes <= COMMIT_BYTES
    };
    while let Some(chunk) = chunks.next_if(|next| fits(&portion, bytes + next.bytes.len())) {
        bytes += chunk.bytes.len();
        portion.push(chunk);
    }
    portion
}

/// Puts changes into the table; gives those that were not there.
async fn insert(
    connection: &mut AnyConnection,
    (document, over_damage): (DocumentId, bool),
    portion: Vec<Chunk>,
) -> Result<Vec<Numbered>, StoreError> {
    let known = if over_damage {
        "on conflict (document, hash) do update set bytes = excluded.bytes"
    } else {
        "on conflict do nothing"
    };
    let (mut all, mut written) = (Vec::new(), HashSet::new());
    let mut chunks = portion.into_iter();
    while chunks.len() > 0 {
        let some: Vec<Chunk> = chunks.by_ref().take(ROWS).collect();
        let rows = rows_of(some.len(), 3);
        let insert =
            format!("insert into change (document, hash, bytes) values {rows} {known} returning hash");
        let mut insert = sqlx::query(AssertSqlSafe(insert)).persistent(is_usual(some.len()));
        for Chunk { hash, bytes, actor, number } in some {
            insert = insert.bind(document.bytes().to_vec()).bind(hash.to_vec()).bind(bytes);
            all.push(Numbered { hash, actor, number });
        }
        let new = insert.fetch_all(&mut *connection).await?;
        written.extend(new.iter().filter_map(|row| <[u8; 32]>::try_from(row.get::<Vec<u8>, _>("hash")).ok()));
    }
    all.retain(|one| written.contains(&one.hash));
    Ok(all)
}

/// Keeps the last number of each author of changes that are new in a document.
///
/// # Errors
/// [`StoreError::Taken`] for one that was not further than those before it.
async fn keep_numbers(
    connection: &mut AnyConnection,
    (document, over_damage): (DocumentId, bool),
    fresh: Vec<Numbered>,
) -> Result<(), StoreError> {
    let actors: HashSet<&[u8]> = fresh.iter().map(|one| one.actor.as_slice()).collect();
    let actors: Vec<&[u8]> = actors.into_iter().collect();
    let mut kept = BTreeMap::new();
    for some in actors.chunks(ROWS) {
        let named = values(2, some.len());
        let question = format!("select actor, number from author where document = $1 and actor in ({named})");
        let mut question = sqlx::query(AssertSqlSafe(question)).persistent(is_usual(some.len()));
        question = question.bind(document.bytes().to_vec());
        for actor in some {
            question = question.bind(actor.to_vec());
        }
        let found = question.fetch_all(&mut *connection).await?;
        kept.extend(found.iter().map(|row| (row.get::<Vec<u8>, _>("actor"), row.get::<i64, _>("number"))));
    }
    let mut last: BTreeMap<&[u8], i64> = BTreeMap::new();
    for one in &fresh {
        let actor = one.actor.as_slice();
        let before = last.get(actor).or_else(|| kept.get(actor)).copied();
        if before.is_some_and(|before| one.number() <= before) && !over_damage {
            return Err(StoreError::Taken { hash: one.hash, actor: one.actor.clone(), number: one.number });
        }
        last.insert(actor, before.map_or(one.number(), |before| before.max(one.number())));
    }
    let last: Vec<(&[u8], i64)> = last.into_iter().collect();
    for some in last.chunks(ROWS) {
        let rows = rows_of(some.len(), 3);
        let keep = format!(
            "insert into author (document, actor, number) values {rows}
             on conflict (document, actor) do update set number = excluded.number"
        );
        let mut keep = sqlx::query(AssertSqlSafe(keep)).persistent(is_usual(some.len()));
        for (actor, number) in some {
            keep = keep.bind(document.bytes().to_vec()).bind(actor.to_vec()).bind(*number);
        }
        keep.execute(&mut *connection).await?;
    }
    Ok(())
}

/// So many values of a statement, from that number on: `$2, $3`.
fn values(first: usize, count: usize) -> String {
    (first..first + count).map(|value| format!("${value}")).collect::<Vec<_>>().join(", ")
}

/// The values of so many rows: `($1, $2), ($3, $4)`.
fn rows_of(rows: usize, columns: usize) -> String {
    let row = |row: usize| format!("({})", values(row * columns + 1, columns));
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Whether a statement of so many rows comes again often enough to be kept by its connection.
const fn is_usual(rows: usize) -> bool {
    rows == 1 || rows == ROWS
}
