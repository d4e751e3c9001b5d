//! Documents in the database: changes by hash, and snapshots.

use super::{Append, Database, Lengths, Loaded, Place, Store, StoreError, folder};
use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use std::collections::BTreeSet;
use tongban_shared::access::AccountRole;
use tongban_shared::id::{DocumentId, PersonId};
use tongban_shared::sync::room::Extent;

#[async_trait]
impl Store for Database {
    async fn load(&self, document: DocumentId) -> Result<Loaded, StoreError> {
        let id = document.bytes().to_vec();
        // Between two looks another process may compact: both are of one moment.
        let mut transaction = Self::moment(self.reader(), self.place()).await?;
        let mut loaded = Loaded::default();
        // Row by row: no second copy of them all gathers on the way.
        let mut snapshots = sqlx::query(
            "select bytes, saved from snapshot where document = $1 and saved >
             (select coalesce(max(covers), 0) from (select covers from snapshot where document = $1
              order by saved desc limit 1) as newest) order by saved",
        )
        .bind(id.clone())
        .fetch(&mut *transaction);
        loop {
            match snapshots.try_next().await {
                Ok(Some(row)) => {
                    loaded.chunks.push(row.get("bytes"));
                    loaded.over = row.get("saved");
                }
                Ok(None) => break,
                // Those that can be read are looked for one by one, by who salvages.
                Err(error) if is_damage(&error) => {
                    folder::note(self.place());
                    loaded = Loaded { unreadable: 1, ..Loaded::default() };
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        drop(snapshots);
        let snapshots = loaded.chunks.len();
        let mut changes = sqlx::query("select hash, bytes from change where document = $1 order by arrived")
            .bind(id.clone())
            .fetch(&mut *transaction);
        loop {
            match changes.try_next().await {
                Ok(Some(row)) => loaded.take(&row),
                Ok(None) => break,
                Err(error) if is_damage(&error) => {
                    folder::note(self.place());
                    loaded.chunks.truncate(snapshots);
                    loaded.hashes.clear();
                    self.load_one_by_one(&id, &mut loaded).await?;
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        drop(changes);
        Ok(loaded)
    }

    async fn lengths(&self, document: DocumentId) -> Result<Lengths, StoreError> {
        let lengths = sqlx::query(
            "select cast(coalesce(sum(length), 0) as bigint) as loaded,
                    cast(coalesce(max(length), 0) as bigint) as longest from
             (select octet_length(bytes) as length from change where document = $1
              union all select octet_length(bytes) from snapshot where document = $1 and saved >
              (select coalesce(max(covers), 0) from (select covers from snapshot where document = $1
               order by saved desc limit 1) as newest)) as stored",
        )
        .bind(document.bytes().to_vec())
        .fetch_one(self.reader())
        .await;
        match lengths {
            Ok(row) => {
                let length = |name| row.get::<i64, _>(name).unsigned_abs();
                Ok(Lengths { loaded: length("loaded"), longest: length("longest") })
            }
            Err(error) if is_damage(&error) => Ok(Lengths::UNKNOWN),
            Err(error) => Err(error.into()),
        }
    }

    async fn snapshots(&self, document: DocumentId) -> Result<Vec<Vec<u8>>, StoreError> {
        let rows = sqlx::query("select saved from snapshot where document = $1 order by saved desc")
            .bind(document.bytes().to_vec())
            .fetch_all(self.reader())
            .await?;
        let mut found = Vec::new();
        for saved in rows.iter().map(|row| row.get::<i64, _>("saved")) {
            let row = sqlx::query("select bytes from snapshot where saved = $1").bind(saved);
            match row.fetch_one(self.reader()).await {
                Ok(row) => found.push(row.get("bytes")),
                Err(error) if is_damage(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    async fn changes(&self, document: DocumentId, hashes: &[[u8; 32]]) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut found = Vec::new();
        for hash in hashes {
            let row = sqlx::query("select bytes from change where document = $1 and hash = $2")
                .bind(document.bytes().to_vec())
                .bind(hash.to_vec())
                .fetch_optional(self.reader())
                .await?;
            found.extend(row.map(|row| row.get::<Vec<u8>, _>("bytes")));
        }
        Ok(found)
    }

    async fn hashes(&self, document: DocumentId) -> Result<Vec<[u8; 32]>, StoreError> {
        let rows = sqlx::query(
            "select hash from change where document = $1
             union all select heads from snapshot where document = $1 and heads is not null",
        )
        .bind(document.bytes().to_vec())
        .fetch_all(self.reader())
        .await?;
        let all = rows.iter().flat_map(|row| row.get::<Vec<u8>, _>("hash").as_chunks().0.to_vec());
        Ok(all.collect())
    }

    async fn append(&self, batch: Append) -> Result<(), StoreError> {
        let appended = self.append_all(batch).await;
        if let Err(StoreError::Database(error)) = &appended
            && is_damage(error)
        {
            folder::note(self.place());
        }
        appended
    }

    async fn compact(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        (covers, heads): (Vec<[u8; 32]>, Vec<[u8; 32]>),
        over: i64,
    ) -> Result<(), StoreError> {
        let id = document.bytes().to_vec();
        let insert = match self.place() {
            Place::Postgres(_) => {
                "insert into snapshot (document, bytes, covers, heads) values ($1, $2, $3, $4) returning saved"
            }
            Place::Folder(_) => {
                "insert into snapshot (document, bytes, covers, heads, behind)
                 select $1, $2, $3, $4, coalesce(max(seq), 0) from sqlite_sequence where name = 'change'
                 returning saved"
            }
        };
        let written = sqlx::query(insert)
            .bind(id.clone())
            .bind(snapshot.clone())
            .bind(over)
            .bind(heads.concat())
            .fetch_one(self.writer())
            .await?;
        // The snapshot is durable now. Only what reads back equal may take the place of changes.
        let row = sqlx::query("select bytes from snapshot where saved = $1")
            .bind(written.get::<i64, _>("saved"))
            .fetch_one(self.reader())
            .await?;
        if row.get::<Vec<u8>, _>("bytes") != snapshot {
            return Ok(());
        }
        drop((row, snapshot));
        // A change that stands beside the snapshot is read with it, and goes the next time.
        self.delete_all(document, &covers).await?;
        // The one before it is kept as a spare.
        sqlx::query("delete from snapshot where document = $1 and saved < $2")
            .bind(id)
            .bind(over)
            .execute(self.writer())
            .await?;
        Ok(())
    }

    async fn loose_changes(&self, document: DocumentId) -> Result<u64, StoreError> {
        let row = sqlx::query("select count(*) as n from change where document = $1")
            .bind(document.bytes().to_vec())
            .fetch_one(self.reader())
            .await?;
        Ok(u64::try_from(row.get::<i64, _>("n")).unwrap_or(0))
    }

    async fn arrivals(&self, after: i64) -> Result<(i64, Vec<(DocumentId, [u8; 32])>), StoreError> {
        // A process that was away while rows went into a snapshot hears of its heads.
        let arrival = |row: &AnyRow| {
            let document = row.get::<Vec<u8>, _>("document").try_into().map(DocumentId::from_bytes);
            let hashes = row.get::<Vec<u8>, _>("hash");
            let hashes: Vec<[u8; 32]> = hashes.as_chunks().0.to_vec();
            document.into_iter().flat_map(move |id| hashes.clone().into_iter().map(move |hash| (id, hash)))
        };
        if let Place::Postgres(_) = self.place() {
            // In one statement: rows and horizon are of one moment.
            let rows = sqlx::query(
                "select document, hash, horizon from
                 (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon) as now
                 left join (select document, hash, tx from change
                            union all select document, heads, tx from snapshot where heads is not null) as written
                 on tx >= $1 and tx < horizon",
            )
            .bind(after)
            .fetch_all(self.reader())
            .await?;
            let next = rows.first().map_or(after, |row| row.get("horizon"));
            let written = rows.iter().filter(|row| row.get::<Option<Vec<u8>>, _>("hash").is_some());
            return Ok((next, written.flat_map(arrival).collect()));
        }
        let rows = sqlx::query(
            "select arrived, document, hash from change where arrived > $1
             union all select behind, document, heads from snapshot where behind > $1 order by 1",
        )
        .bind(after)
        .fetch_all(self.reader())
        .await?;
        let last = rows.last().map_or(after, |row| row.get("arrived"));
        Ok((last, rows.iter().flat_map(arrival).collect()))
    }

    async fn cursor(&self) -> Result<i64, StoreError> {
        let now = match self.place() {
            Place::Postgres(_) => "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as last",
            // Rows that were compacted away count as well.
            Place::Folder(_) => {
                "select coalesce(max(seq), 0) as last from sqlite_sequence where name = 'change'"
            }
        };
        Ok(sqlx::query(now).fetch_one(self.reader()).await?.get("last"))
    }

    async fn hold(&self, document: DocumentId) -> Result<bool, StoreError> {
        let done = sqlx::query("insert into held (document, since) values ($1, $2) on conflict do nothing")
            .bind(document.bytes().to_vec())
            .bind(crate::clock::now())
            .execute(self.writer())
            .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn held(&self) -> Result<Vec<DocumentId>, StoreError> {
        let rows = sqlx::query("select document from held order by since").fetch_all(self.reader()).await?;
        let ids = rows.into_iter().filter_map(|row| row.get::<Vec<u8>, _>("document").try_into().ok());
        Ok(ids.map(DocumentId::from_bytes).collect())
    }

    async fn replace(
        &self,
        document: DocumentId,
        snapshot: Vec<u8>,
        total: Extent,
    ) -> Result<(), StoreError> {
        let id = document.bytes().to_vec();
        let mut transaction = self.begin().await?;
        for gone in [
            "delete from change where document = $1",
            "delete from snapshot where document = $1",
            "delete from held where document = $1",
            "delete from author where document = $1",
        ] {
            sqlx::query(gone).bind(id.clone()).execute(&mut *transaction).await?;
        }
        sqlx::query("insert into snapshot (document, bytes, covers) values ($1, $2, 0)")
            .bind(id)
            .bind(snapshot)
            .execute(&mut *transaction)
            .await?;
        keep_total(&mut transaction, document, total).await?;
        Ok(transaction.commit().await?)
    }

    async fn largest(&self, most: u32) -> Result<Vec<(DocumentId, Extent)>, StoreError> {
        let rows = sqlx::query(
            "select document, operations, bytes from extent order by operations desc, document limit $1",
        )
        .bind(i64::from(most))
        .fetch_all(self.reader())
        .await?;
        let number = |row: &AnyRow, name| u64::try_from(row.get::<i64, _>(name)).unwrap_or_default();
        let one = |row: AnyRow| {
            let document = row.get::<Vec<u8>, _>("document").try_into().ok()?;
            let total = Extent { operations: number(&row, "operations"), bytes: number(&row, "bytes") };
            Some((DocumentId::from_bytes(document), total))
        };
        Ok(rows.into_iter().filter_map(one).collect())
    }

    async fn people(&self) -> Result<BTreeSet<PersonId>, StoreError> {
        let rows = sqlx::query("select id from account where role <> $1")
            .bind(AccountRole::Server.word())
            .fetch_all(self.reader())
            .await?;
        let person = |row: &AnyRow| row.get::<Vec<u8>, _>("id").try_into().ok().map(PersonId::from_bytes);
        Ok(rows.iter().filter_map(person).collect())
    }

    async fn people_count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("select count(*) as people from account where role <> $1")
            .bind(AccountRole::Server.word())
            .fetch_one(self.reader())
            .await?;
        Ok(u64::try_from(row.get::<i64, _>("people")).unwrap_or_default())
    }

    async fn documents(&self) -> Result<Vec<DocumentId>, StoreError> {
        let rows = sqlx::query("select document from change union select document from snapshot")
            .fetch_all(self.reader())
            .await?;
        let ids = rows.into_iter().filter_map(|row| row.get::<Vec<u8>, _>("document").try_into().ok());
        Ok(ids.map(DocumentId::from_bytes).collect())
    }
}

impl Loaded {
    fn take(&mut self, row: &AnyRow) {
        self.hashes.extend(<[u8; 32]>::try_from(row.get::<Vec<u8>, _>("hash")).ok());
        self.chunks.push(row.get("bytes"));
    }
}

impl Database {
    /// The changes of a document that a damaged page leaves readable.
    async fn load_one_by_one(&self, document: &[u8], loaded: &mut Loaded) -> Result<(), StoreError> {
        let places = sqlx::query("select arrived from change where document = $1 order by arrived")
            .bind(document.to_vec())
            .fetch_all(self.reader())
            .await?;
        for arrived in places.iter().map(|row| row.get::<i64, _>("arrived")) {
            let row = sqlx::query("select hash, bytes from change where arrived = $1").bind(arrived);
            match row.fetch_one(self.reader()).await {
                Ok(row) => loaded.take(&row),
                Err(error) if is_damage(&error) => loaded.unreadable += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Whether SQLite says that what stands in its file does not hold together: CORRUPT, NOTADB.
pub(super) fn is_corrupt(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    let code = error.code().unwrap_or_default();
    code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 11 | 26))
}

/// Whether the database says that its own file is damaged: SQLite's IOERR and CORRUPT, each of which
/// says more in its higher bits, PostgreSQL's class XX.
pub(super) fn is_damage(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else { return false };
    let code = error.code().unwrap_or_default();
    let of_page = code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 10 | 11));
    of_page || code.starts_with("XX") || error.message().contains("malformed")
}

/// Keeps how large a document is now.
pub(super) async fn keep_total(
    connection: &mut AnyConnection,
    document: DocumentId,
    total: Extent,
) -> Result<(), StoreError> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    sqlx::query(
        "insert into extent (document, operations, bytes) values ($1, $2, $3)
         on conflict (document) do update set operations = excluded.operations, bytes = excluded.bytes",
    )
    .bind(document.bytes().to_vec())
    .bind(number(total.operations))
    .bind(number(total.bytes))
    .execute(connection)
    .await?;
    Ok(())
}
