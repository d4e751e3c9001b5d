//! All tables of one database into another, row by row: backups of PostgreSQL, and moving between
//! the two.

use super::{Database, Place, StoreError};
use sqlx::{AnyPool, AssertSqlSafe, Row};
use std::collections::BTreeSet;

/// What is in a column.
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

const TABLES: [Table; 13] = [
    ("setting", &[("name", Text), ("value", Text)], "name"),
    ("change", &[("document", Bytes), ("hash", Bytes), ("bytes", Bytes)], "arrived"),
    // Without what they cover: all of them are read together then.
    ("snapshot", &[("document", Bytes), ("bytes", Bytes)], "saved"),
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
        "created, unit, hash",
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
];

/// Copies every table but open invitations and ceremonies; what stands there already stays.
///
/// # Errors
/// [`StoreError`] when one of the two fails; the copy is not whole then.
pub async fn tables((from, place): (&AnyPool, &Place), to: &AnyPool) -> Result<(), StoreError> {
    let mut reading = Database::moment(from, place).await?;
    let mut writing = to.begin().await?;
    let mut there = BTreeSet::new();
    if matches!(place, Place::Folder(_)) {
        let rows = sqlx::query("select name from sqlite_master where type = 'table'")
            .fetch_all(&mut *reading)
            .await?;
        there.extend(rows.iter().map(|row| row.get::<String, _>("name")));
    }
    for (table, columns, order) in TABLES {
        // A backup of a version before does not have all of them.
        if !there.is_empty() && !there.contains(table) {
            continue;
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let select = format!("select {} from {table} order by {order} limit $1 offset $2", names.join(", "));
        let insert = format!(
            "insert into {table} ({}) values ({}) on conflict do nothing",
            names.join(", "),
            places.join(", ")
        );
        let mut offset = 0_i64;
        loop {
            let rows = sqlx::query(AssertSqlSafe(select.clone()))
                .bind(500_i64)
                .bind(offset)
                .fetch_all(&mut *reading)
                .await?;
            if rows.is_empty() {
                break;
            }
            offset += i64::try_from(rows.len()).unwrap_or(i64::MAX);
            for row in &rows {
                let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
                for (name, of) in columns {
                    query = match of {
                        Text => query.bind(row.get::<Option<String>, _>(*name)),
                        Bytes => query.bind(row.get::<Option<Vec<u8>>, _>(*name)),
                        Number => query.bind(row.get::<Option<i64>, _>(*name)),
                    };
                }
                query.execute(&mut *writing).await?;
            }
        }
    }
    Ok(writing.commit().await?)
}
