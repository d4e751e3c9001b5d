//! Backup while the server runs, and restore into an empty folder or database.

use crate::app::RECOVERS;
use crate::audit::{Act, Audit};
use crate::authority;
use crate::clock;
use crate::store::{Database, Place};
use anyhow::{Context, bail};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use tongban_shared::document::hex;

/// Copies a database into one new file; the server may be running. Of a damaged one what can still be read:
/// gives the tables of which that is not all.
///
/// # Errors
/// When the file exists or the database cannot be read.
pub async fn backup(data: &Place, file: &Path) -> anyhow::Result<BTreeSet<&'static str>> {
    if file.exists() {
        bail!("{} 已存在，请换一个文件名", file.display());
    }
    if let Place::Folder(folder) = data
        && !Place::file(folder).exists()
    {
        bail!("{data} 里没有数据库");
    }
    let store = Database::open(data).await?;
    // A damaged trail does not keep the rest from being saved.
    let told = match trail(&store).await {
        Ok(trail) => trail.write(Act::BackedUp, None, json!({})).await.map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    let damaged = store.backup(file).await?;
    if damaged.is_empty() {
        told?;
    }
    store.close().await;
    Ok(damaged)
}

/// Puts a backup into an empty folder or database. The store gets a new epoch, so that devices do
/// not take for saved what the backup does not hold.
///
/// # Errors
/// When the place holds data already or the file is no backup.
pub async fn restore(file: &Path, data: &Place) -> anyhow::Result<()> {
    let store = match data {
        Place::Folder(folder) => {
            let target = Place::file(folder);
            if target.exists() {
                bail!("{data} 里已有数据库，请换一个空文件夹");
            }
            std::fs::create_dir_all(folder)?;
            std::fs::copy(file, &target).with_context(|| format!("无法读取 {}", file.display()))?;
            match Database::open(data).await {
                Ok(store) => store,
                Err(error) => {
                    std::fs::remove_file(&target)?;
                    return Err(error).with_context(|| format!("{} 不是备份文件", file.display()));
                }
            }
        }
        Place::Postgres(_) => {
            let store = Database::open(data).await?;
            if !store.is_empty().await? {
                bail!("{data} 里已有数据，请换一个空数据库");
            }
            let lost = store.fill(file).await.with_context(|| format!("{} 不是备份文件", file.display()))?;
            if !lost.is_empty() {
                let tables = lost.into_iter().collect::<Vec<_>>().join("、");
                println!("备份文件有损坏（{tables}）：能读出的都已恢复，缺少的内容由各设备带回");
            }
            store
        }
    };
    begin_recovery(&store).await?;
    trail(&store).await?.write(Act::Restored, None, json!({})).await?;
    store.close().await;
    Ok(())
}

/// Devices have what is missing here, also of each other, and are asked for it.
async fn begin_recovery(store: &Database) -> anyhow::Result<()> {
    store.set_setting("epoch", &hex(&clock::random::<8>())).await?;
    store.set_setting(RECOVERS, "restored").await?;
    Ok(())
}

async fn trail(store: &Database) -> anyhow::Result<Audit> {
    Ok(Audit::new(store.clone(), authority::key_of(store).await?))
}
