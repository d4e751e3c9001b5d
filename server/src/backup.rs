//! Backup while the server runs, and restore into an empty folder.

use crate::app::RECOVERS;
use crate::audit::{Act, Audit};
use crate::authority;
use crate::clock;
use crate::store::sqlite::SqliteStore;
use anyhow::{Context, bail};
use serde_json::json;
use std::path::Path;
use tongban_shared::document::hex;

/// Copies a data folder's database into one new file; the server may be running.
///
/// # Errors
/// When the file exists or the database cannot be read.
pub async fn backup(data: &Path, file: &Path) -> anyhow::Result<()> {
    if file.exists() {
        bail!("{} 已存在，请换一个文件名", file.display());
    }
    if !data.join("tongban.db").exists() {
        bail!("{} 里没有数据库", data.display());
    }
    let store = SqliteStore::open(data).await?;
    trail(&store).await?.write(Act::BackedUp, None, json!({})).await?;
    store.backup(file).await?;
    store.close().await;
    Ok(())
}

/// Puts a backup into an empty data folder. The store gets a new epoch, so that devices do not
/// take for saved what the backup does not hold.
///
/// # Errors
/// When the folder holds a database or the file is no backup.
pub async fn restore(file: &Path, data: &Path) -> anyhow::Result<()> {
    let target = data.join("tongban.db");
    if target.exists() {
        bail!("{} 里已有数据库，请换一个空文件夹", data.display());
    }
    std::fs::create_dir_all(data)?;
    std::fs::copy(file, &target).with_context(|| format!("无法读取 {}", file.display()))?;
    let store = match SqliteStore::open(data).await {
        Ok(store) => store,
        Err(error) => {
            std::fs::remove_file(&target)?;
            return Err(error).with_context(|| format!("{} 不是备份文件", file.display()));
        }
    };
    store.set_setting("epoch", &hex(&clock::random::<8>())).await?;
    // Devices have what came after the backup, also of each other.
    store.set_setting(RECOVERS, "restored").await?;
    trail(&store).await?.write(Act::Restored, None, json!({})).await?;
    store.close().await;
    Ok(())
}

async fn trail(store: &SqliteStore) -> anyhow::Result<Audit> {
    Ok(Audit::new(store.clone(), authority::key_of(store).await?))
}
