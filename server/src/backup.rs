//! Backup while the server runs, and restore into an empty folder or database.

use crate::app::RECOVERS;
use crate::audit::{Act, Audit};
use crate::authority;
use crate::clock;
use crate::store::{Damaged, Database, Place, put_first};
use anyhow::{Context, bail};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use tongban_shared::document::hex;

/// Copies a database into one new file; the server may be running. From a damaged one it copies everything
/// that can still be read, and gives the tables that are not whole.
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

/// Before a server opens its data: a damaged SQLite file is replaced by what can still be read of it, as
/// if that had been backed up and restored, and stays beside it under another name. If there is no room for
/// that, the server goes on with the damaged one and says so.
///
/// # Errors
/// When the settings of the server itself cannot be read any more.
pub async fn heal(data: &Place) -> anyhow::Result<()> {
    let Place::Folder(folder) = data else { return Ok(()) };
    let fresh = Damaged::copy_in(folder);
    let healed = match Damaged::found(folder).await {
        Ok(None) => return Ok(()),
        Ok(Some(damaged)) => replace(&fresh, damaged).await,
        Err(error) => Err(error.into()),
    };
    let (tables, kept) = match healed {
        Ok(done) => done,
        Err(error) => {
            // Half a copy is to take no room from what goes on.
            let _ = std::fs::remove_dir_all(&fresh);
            if error.is::<SettingsLost>() {
                return Err(error);
            }
            tracing::error!(error = format!("{error:#}"), "The database could not be looked at or healed");
            println!("数据库可能有损坏，检查或修复未完成：{error:#}");
            return Ok(());
        }
    };
    tracing::error!(?tables, kept, "The database was damaged; what could be read of it is served");
    println!(
        "数据库有损坏，能读出的都已保留；损坏的文件留作 {kept}。缺少的内容由各设备带回，之后请运行 tongban admin end-recovery；未用的邀请需要重新发出"
    );
    Ok(())
}

/// The server's own key and the name of its space are among the settings.
#[derive(Debug, thiserror::Error)]
#[error("数据库损坏，服务器自己的设置读不出来，请恢复备份（tongban restore）")]
struct SettingsLost;

async fn replace(fresh: &Path, damaged: Damaged) -> anyhow::Result<(BTreeSet<&'static str>, String)> {
    let store = Database::open(&Place::from(fresh)).await?;
    let copied = copied(&store, &damaged).await;
    store.close().await;
    drop(store);
    let tables = copied?;
    let kept = damaged.replace_by(&Place::file(fresh))?;
    std::fs::remove_dir_all(fresh)?;
    Ok((tables, kept))
}

async fn copied(store: &Database, damaged: &Damaged) -> anyhow::Result<BTreeSet<&'static str>> {
    let tables = damaged.copy_to(store).await?;
    if tables.contains("setting") || !is_itself(store).await? {
        bail!(SettingsLost);
    }
    begin_recovery(store).await?;
    trail(store).await?.write(Act::Damaged, None, json!({ "tables": tables })).await?;
    Ok(tables)
}

/// Whether a store has what makes it this server and no other: its key, which is made anew otherwise.
async fn is_itself(store: &Database) -> anyhow::Result<bool> {
    Ok(store.setting(authority::SETTING).await?.is_some())
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
            std::fs::create_dir_all(folder)?;
            if !put_first(file, folder).with_context(|| format!("无法读取 {}", file.display()))? {
                bail!("{data} 里已有数据库，请换一个空文件夹");
            }
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
    // A backup has the key of its server: without, that would be another one.
    if !is_itself(&store).await? {
        store.close().await;
        if let Place::Folder(folder) = data {
            std::fs::remove_file(Place::file(folder))?;
        }
        bail!("{} 里服务器自己的设置读不出来，请换一个较早的备份和一个空的位置", file.display());
    }
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
