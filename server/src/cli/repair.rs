//! Bringing a document of which more is stored than fits back to its last good state.

use crate::app::App;
use crate::audit::Act;
use crate::clock;
use crate::rooms::What;
use crate::store::Store;
use anyhow::{Context, bail};
use serde_json::json;
use std::io::Write;
use std::path::Path;
use tongban_shared::document::{Document, Kind, Stamp, hex};
use tongban_shared::edit::Edit;
use tongban_shared::id::DocumentId;
use tongban_shared::sync::room::{Extent, Rescued, signed_entries};

/// A document as it is to be stored.
struct Repaired {
    snapshot: Vec<u8>,
    total: Extent,
    kept: usize,
    left_out: usize,
    /// Signed entries that only left-out changes held.
    entries: usize,
}

/// Repairs a document that is held. Everything that is stored of it is written to a file first; signed
/// entries stay in a log also where what they rest on goes.
///
/// # Errors
/// When the document is not held, the file exists or cannot be written, or the store fails.
pub async fn repair(app: &App, id: DocumentId, file: &Path) -> anyhow::Result<()> {
    if !app.store.held().await?.contains(&id) {
        bail!("文档 {id} 没有因过大转为只读，不需要修复；tongban admin sizes 列出需要修复的文档");
    }
    let what = app.rooms.what(id).await.with_context(|| format!("空间里没有文档 {id}"))?;
    let (loaded, snapshots) = (app.store.load(id).await?, app.store.snapshots(id).await?);
    if loaded.unreadable > 0 {
        bail!("文档 {id} 有读不出的数据：请先用 tongban backup 和 restore 换到完好的数据库，再修复");
    }
    let loose = loaded.chunks[loaded.chunks.len() - loaded.hashes.len()..].to_vec();
    let all: Vec<Vec<u8>> = snapshots.iter().rev().chain(&loose).cloned().collect();
    keep(file, &all).with_context(|| format!("无法写入 {}", file.display()))?;
    let kind = what.kind();
    let made = tokio::task::spawn_blocking(move || make(kind, &snapshots, &loose, &all)).await??;
    app.store.replace(id, made.snapshot, made.total).await?;
    // Devices ask again for everything: an acknowledgement of something that is gone counts no more.
    app.store.set_setting("epoch", &hex(&clock::random::<8>())).await?;
    let about = json!({
        "document": id.to_string(), "board": what.board(), "unit": what.unit(), "kept": made.kept,
        "left_out": made.left_out, "entries_kept": made.entries, "by": "console",
    });
    app.audit.write(Act::Repaired, None, about).await?;
    println!(
        "已修复 {id}：快照之后的改动保留 {} 处，另取回已签名的记录 {} 条；{} 处改动没有保留，修复前的全部数据在 {}",
        made.kept,
        made.entries,
        made.left_out,
        file.display()
    );
    if let What::Board(_) | What::Log(..) = what {
        println!("服务器正在运行的，请重新启动；本机留有过大改动的设备，请在设备页清除本机数据后重新下载");
    }
    Ok(())
}

/// Writes chunks one behind the other into a new file, down to the disk.
fn keep(file: &Path, chunks: &[Vec<u8>]) -> std::io::Result<()> {
    let mut out = std::fs::File::create_new(file)?;
    chunks.iter().try_for_each(|chunk| out.write_all(chunk))?;
    out.sync_all()
}

fn make(kind: Kind, snapshots: &[Vec<u8>], loose: &[Vec<u8>], all: &[Vec<u8>]) -> anyhow::Result<Repaired> {
    let Rescued { mut document, kept, left_out } =
        Rescued::of(kind, &clock::random::<16>(), snapshots, loose);
    let mut entries = 0;
    if kind == Kind::Log {
        let stamp = Stamp { time: clock::now(), by: String::new() };
        for (id, bytes) in signed_entries(all) {
            if document.entry(id).is_none() {
                document.edit(&Edit::AddEntry { id, bytes }, &stamp)?;
                entries += 1;
            }
        }
    }
    let snapshot = document.save();
    let mut again = Document::load(kind, &clock::random::<16>(), [snapshot.as_slice()])?;
    if again.heads() != document.heads() {
        bail!("修复后的内容读不回来，没有改动任何数据");
    }
    let total = Extent::of(&mut again);
    Ok(Repaired { snapshot, total, kept, left_out, entries })
}
