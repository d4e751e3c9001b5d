//! All tables of one database into another, row by row: backups of PostgreSQL, and moving between
//! the two.

use super::documents::is_damage;
use super::{Database, Place, StoreError};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, Connection, Row};
use std::collections::BTreeSet;

/// The type of a column's values.
#[derive(Clone, Copy)]
enum Of {
    Text,
    Bytes,
    Number,
}

use Of::{Bytes, Number, Text};

/// A table, its columns, and an order of its rows that leaves no two alike. Marks that a database gives itself are given
/// anew.
type Table = (&'static str, &'static [(&'static str, Of)], &'static str);

const TABLES: [Table; 17] = [
    ("setting", &[("name", Text), ("value", Text)], "name"),
    ("change", &[("document", Bytes), ("hash", Bytes), ("bytes", Bytes)], "arrived"),
    // Without what they cover: all of them are read together then.
    ("snapshot", &[("document", Bytes), ("bytes", Bytes)], "saved"),
    ("held", &[("document", Bytes), ("since", Number)], "document"),
    ("extent", &[("document", Bytes), ("operations", Number), ("bytes", Number)], "document"),
    (
        "account",
        &[
            ("id", Bytes),
            ("login", Text),
            ("name", Text),
            ("unit", Bytes),
            ("role", Text),
            ("password", Text),
            ("created", Number),
            ("known_since", Number),
        ],
        "created, id",
    ),
    (
        "bound",
        &[("issuer", Text), ("subject", Text), ("account", Bytes), ("created", Number)],
        "issuer, subject",
    ),
    (
        "session",
        &[
            ("token_hash", Bytes),
            ("account", Bytes),
            ("created", Number),
            ("last_seen", Number),
            ("about", Text),
            ("device", Bytes),
        ],
        "created, token_hash",
    ),
    ("code", &[("account", Bytes), ("secret", Bytes), ("used", Number)], "account"),
    (
        "passkey",
        &[
            ("id", Bytes),
            ("account", Bytes),
            ("name", Text),
            ("fixed", Bytes),
            ("state", Bytes),
            ("created", Number),
            ("used", Number),
        ],
        "created, id",
    ),
    (
        "file",
        &[("hash", Bytes), ("size", Number), ("unit", Bytes), ("person", Bytes), ("created", Number)],
        "unit, hash",
    ),
    (
        "publication",
        &[
            ("board", Bytes),
            ("edition", Number),
            ("published", Number),
            ("content", Text),
            ("by_person", Bytes),
            ("signature", Bytes),
            ("withdrawn", Number),
            ("reason", Text),
        ],
        "board, edition",
    ),
    (
        "audit",
        &[("seq", Number), ("act", Text), ("record", Text), ("hash", Bytes), ("signature", Bytes)],
        "seq",
    ),
    (
        "peer",
        &[
            ("name", Text),
            ("unit", Bytes),
            ("url", Text),
            ("token", Text),
            ("account", Bytes),
            ("key", Bytes),
            ("added", Number),
        ],
        "name",
    ),
    ("given", &[("peer", Text), ("board", Bytes)], "peer, board"),
    ("unfinished", &[("person", Bytes), ("by_person", Bytes), ("mark", Bytes), ("lapses", Number)], "person"),
    ("lapsed", &[("device", Bytes), ("person", Bytes)], "device"),
];

/// Rows that are read at once.
const AT_ONCE: i64 = 500;

/// So many numbers in a row that lead into a damaged page are passed one by one; then ever more at once.
const ONE_BY_ONE: usize = 2000;

/// Copies every table but open invitations and ceremonies; what stands there already stays. From a damaged
/// file everything that can still be read is copied; gives the tables that are not whole.
///
/// # Errors
/// [`StoreError`] when one of the two fails; the copy is not whole then.
pub async fn tables(
    (from, place): (&AnyPool, &Place),
    to: &AnyPool,
) -> Result<BTreeSet<&'static str>, StoreError> {
    let mut reading = Database::moment(from, place).await?;
    let mut writing = to.begin().await?;
    let (there, mut damaged) = (columns_of(&mut reading, place).await?, BTreeSet::new());
    for (name, columns, order) in TABLES {
        // A file of a version before does not have all of them.
        let is_there =
            |column: &str| there.is_empty() || there.contains(&(name.to_owned(), column.to_owned()));
        let columns: Vec<(&str, Of)> =
            columns.iter().copied().filter(|(column, _)| is_there(column)).collect();
        if columns.is_empty() {
            // There from the first version on.
            if matches!(name, "setting" | "change" | "snapshot" | "account") {
                return Err(StoreError::Table(name));
            }
            continue;
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let insert = format!(
            "insert into {name} ({}) values ({}) on conflict do nothing",
            names.join(", "),
            places.join(", ")
        );
        let mut walk = Walk::of((name, &columns, order), place);
        while let Some(rows) = walk.next(&mut reading).await? {
            if put(&mut writing, &insert, &columns, &rows).await? {
                continue;
            }
            // One of them does not fit; all others do.
            for row in rows.chunks(1) {
                walk.damaged |= !put(&mut writing, &insert, &columns, row).await?;
            }
        }
        if walk.damaged {
            damaged.insert(name);
        }
    }
    writing.commit().await?;
    Ok(damaged)
}

/// Writes rows, all of them or none; `false` when one of them does not fit. PostgreSQL takes nothing more
/// in a transaction in which that happened, therefore each time in one of its own.
async fn put(
    writing: &mut AnyConnection,
    insert: &str,
    columns: &[(&str, Of)],
    rows: &[AnyRow],
) -> Result<bool, StoreError> {
    let mut inner = writing.begin().await?;
    for row in rows {
        let query = sqlx::query(AssertSqlSafe(insert.to_owned()));
        // A value that is not what its column holds is damage as well.
        let Ok(query) = columns.iter().try_fold(query, |query, (name, of)| {
            Ok::<_, sqlx::Error>(match of {
                Text => query.bind(row.try_get::<Option<String>, _>(*name)?),
                Bytes => query.bind(row.try_get::<Option<Vec<u8>>, _>(*name)?),
                Number => query.bind(row.try_get::<Option<i64>, _>(*name)?),
            })
        }) else {
            inner.rollback().await?;
            return Ok(false);
        };
        match query.execute(&mut *inner).await {
            Ok(_) => {}
            // Its owner was lost: a session of an account that cannot be read. Nor does a row that was read
            // as nothing at all fit.
            Err(sqlx::Error::Database(error)) if is_of_lost(error.as_ref()) => {
                inner.rollback().await?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
    }
    inner.commit().await?;
    Ok(true)
}

/// The columns of a SQLite file, each with its table; empty of another database, which has all.
async fn columns_of(
    reading: &mut AnyConnection,
    place: &Place,
) -> Result<BTreeSet<(String, String)>, StoreError> {
    if let Place::Postgres(_) = place {
        return Ok(BTreeSet::new());
    }
    let rows = sqlx::query(
        "select one.name as name, two.name as column_name from sqlite_master as one
         join pragma_table_info(one.name) as two where one.type = 'table'",
    )
    .fetch_all(&mut *reading)
    .await?;
    Ok(rows.iter().map(|row| (row.get("name"), row.get("column_name"))).collect())
}

/// A walk over the rows of a table, around pages that are damaged.
struct Walk {
    select: String,
    /// The number by which rows are found: nothing is read twice, and a page may be passed over.
    key: Option<&'static str>,
    /// The last number, or how many rows were read.
    at: i64,
    at_once: i64,
    /// Numbers that led into a damaged page, one behind the other.
    skipped: usize,
    /// How many numbers the last step went over.
    passed: i64,
    damaged: bool,
}

impl Walk {
    fn of((table, columns, order): (&str, &[(&'static str, Of)], &str), place: &Place) -> Self {
        let key = ["arrived", "saved", "seq"].into_iter().find(|key| *key == order);
        // SQLite numbers the rows of every table but those that are kept by their names.
        let numbered = matches!(place, Place::Folder(_)) && table != "file";
        let key = key.or_else(|| numbered.then_some("rowid"));
        let shown = |key: &&str| columns.iter().any(|(name, _)| name == key);
        let extra = key.filter(|key| !shown(key));
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).chain(extra).collect();
        let range = match key {
            Some(key) => format!("where {key} > $2 order by {key} limit $1"),
            None => format!("order by {order} limit $1 offset $2"),
        };
        let select = format!("select {} from {table} {range}", names.join(", "));
        Self { select, key, at: 0, at_once: AT_ONCE, skipped: 0, passed: 0, damaged: false }
    }

    /// The next rows; none at the end, or where what follows cannot be read.
    async fn next(&mut self, reading: &mut AnyConnection) -> Result<Option<Vec<AnyRow>>, StoreError> {
        loop {
            let select = sqlx::query(AssertSqlSafe(self.select.clone())).bind(self.at_once).bind(self.at);
            match select.fetch_all(&mut *reading).await {
                // Between here and the last number that did not lead anywhere there may be more.
                Ok(rows) if self.passed > 1 && self.leads_on(&rows, self.at) => {
                    self.turn_back(reading).await?;
                }
                Ok(rows) if rows.is_empty() => return Ok(None),
                Ok(mut rows) => {
                    let Some(key) = self.key else {
                        self.at += i64::try_from(rows.len()).unwrap_or(i64::MAX);
                        return Ok(Some(rows));
                    };
                    // A page with the content of another one leads back, and round and round.
                    let mut at = self.at;
                    let rises = |row: &AnyRow| {
                        let next = row.try_get::<i64, _>(key).ok().filter(|next| *next > at);
                        at = next.unwrap_or(at);
                        next.is_some()
                    };
                    let in_order = rows.iter().map(rises).take_while(|rises| *rises).count();
                    if in_order < rows.len() {
                        self.damaged = true;
                        rows.truncate(in_order);
                    }
                    if rows.is_empty() {
                        if !self.pass() {
                            return Ok(None);
                        }
                        continue;
                    }
                    self.at = at;
                    if self.skipped > 0 {
                        (self.skipped, self.at_once) = (0, AT_ONCE);
                    }
                    return Ok(Some(rows));
                }
                Err(error) if is_damage(&error) || is_spoilt(&error) => {
                    self.damaged = true;
                    if !self.pass() {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether an answer to a number is not of a page that leads back.
    fn leads_on(&self, rows: &[AnyRow], number: i64) -> bool {
        let first = self.key.zip(rows.first());
        first.is_none_or(|(key, row)| row.try_get::<i64, _>(key).is_ok_and(|next| next > number))
    }

    /// After a step over more than one number to one that can be asked for: to the first within it.
    async fn turn_back(&mut self, reading: &mut AnyConnection) -> Result<(), StoreError> {
        let (mut lost, mut found) = (self.at - self.passed, self.at);
        while found - lost > 1 {
            let middle = lost + (found - lost) / 2;
            let select = sqlx::query(AssertSqlSafe(self.select.clone())).bind(1_i64).bind(middle);
            match select.fetch_all(&mut *reading).await {
                Ok(rows) if self.leads_on(&rows, middle) => found = middle,
                Ok(_) => lost = middle,
                Err(error) if is_damage(&error) || is_spoilt(&error) => lost = middle,
                Err(error) => return Err(error.into()),
            }
        }
        (self.at, self.passed) = (found, 1);
        Ok(())
    }

    /// Goes on at a damaged page: up to it row by row; then from number to number, until one stands
    /// behind it. Nothing when there is nowhere to go.
    fn pass(&mut self) -> bool {
        if self.at_once > 1 {
            self.at_once = 1;
            return true;
        }
        self.skipped += 1;
        let further = self.skipped.saturating_sub(ONE_BY_ONE).min(62);
        self.passed = 1_i64.checked_shl(u32::try_from(further).unwrap_or(62)).unwrap_or(i64::MAX);
        match (self.key, self.at.checked_add(self.passed)) {
            (Some(_), Some(next)) => self.at = next,
            _ => return false,
        }
        true
    }
}

/// Whether a row does not fit because what it belongs to, or what stood in it, was lost.
fn is_of_lost(error: &dyn sqlx::error::DatabaseError) -> bool {
    use sqlx::error::ErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation};
    matches!(error.kind(), CheckViolation | ForeignKeyViolation | NotNullViolation)
}

/// Whether a value is not what its column holds, a text that is none.
const fn is_spoilt(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables that no copy has: open invitations, spent answers, numbers that tell processes over one database of
    /// each other, what a database keeps for itself.
    const LEFT_OUT: [&str; 5] = ["invitation", "spent", "author", "_sqlx_migrations", "sqlite_sequence"];

    /// Marks that a database gives itself.
    const GIVEN_ANEW: [&str; 5] = ["arrived", "saved", "covers", "heads", "behind"];

    #[tokio::test]
    async fn every_column_of_every_table_is_copied() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Database::open(&Place::from(folder.path())).await.expect("a database");
        let mut reading = store.reader().acquire().await.expect("a connection");
        let mut there = columns_of(&mut reading, store.place()).await.expect("the tables");
        there.retain(|(table, column)| {
            !LEFT_OUT.contains(&table.as_str()) && !GIVEN_ANEW.contains(&column.as_str())
        });
        let copied = TABLES.iter().flat_map(|(table, columns, _)| {
            columns.iter().map(|(column, _)| ((*table).to_owned(), (*column).to_owned()))
        });
        assert_eq!(copied.collect::<BTreeSet<_>>(), there);
    }

    #[tokio::test]
    async fn only_what_stands_on_a_damaged_page_is_passed_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::from(folder.path());
        let store = Database::open(&place).await.expect("a database");
        // Numbers far from each other, as where most changes are in snapshots by now.
        for number in 1..=400_i64 {
            let words = format!("row-{number:06}").repeat(30);
            sqlx::query("insert into change (arrived, document, hash, bytes) values ($1, $2, $3, $4)")
                .bind(number * 5000)
                .bind(vec![7_u8; 17])
                .bind(number.to_be_bytes().to_vec())
                .bind(words.into_bytes())
                .execute(store.writer())
                .await
                .expect("written");
        }
        let one = folder.path().join("one.db");
        store.backup(&one).await.expect("a whole file");
        let mut bytes = std::fs::read(&one).expect("read");
        let has = |page: &[u8], words: &[u8]| page.windows(words.len()).any(|at| at == words);
        let page = bytes.chunks_mut(4096).find(|page| has(page, b"row-000200")).expect("a page");
        let lost = (1..=400).filter(|number| has(page, format!("row-{number:06}").as_bytes())).count();
        page.fill(0);
        let damaged = folder.path().join("damaged");
        std::fs::create_dir(&damaged).expect("a folder");
        std::fs::write(Place::file(&damaged), bytes).expect("written");

        let damaged = Database::open(&Place::from(damaged.as_path())).await.expect("opens");
        let copy = folder.path().join("copy.db");
        assert_eq!(damaged.backup(&copy).await.expect("copied"), BTreeSet::from(["change"]));
        let other = Database::open(&Place::from(folder.path().join("other").as_path())).await.expect("opens");
        other.fill(&copy).await.expect("filled");
        let row = sqlx::query("select count(*) as n from change").fetch_one(other.reader()).await;
        assert!(lost > 1);
        assert_eq!(row.expect("counted").get::<i64, _>("n"), 400 - i64::try_from(lost).expect("few"));
    }
}
