//! Documents of a server as a file and back, for where no link may exist.

use crate::app::App;
use crate::audit::Act;
use crate::files::FilePlace;
use crate::rooms::What;
use anyhow::{Context, bail};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tongban_shared::bundle;
use tongban_shared::document::{Document, Kind, genesis};
use tongban_shared::id::{BoardId, DocumentId, SpaceId};

/// A bundle that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Out {
    pub bytes: Vec<u8>,
    /// Photos and files that were copied beside it.
    pub files: usize,
    /// Those that could not be read.
    pub unread: usize,
}

/// What became of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Changes that were new.
    pub new: usize,
    /// Changes whose ancestors are neither here nor in the file.
    pub waiting: usize,
    /// Why changes were not taken, each with its document.
    pub refused: Vec<String>,
    /// Documents that the space does not know.
    pub unknown: usize,
    /// Photos and files that were new.
    pub files: usize,
}

/// The space, some boards and their logs as a file; without a choice all boards. Photos and files that
/// their entries name are copied beside it.
///
/// # Errors
/// When a document or a file cannot be read.
pub async fn out(app: &App, boards: &[BoardId], beside: &FilePlace) -> anyhow::Result<Out> {
    let space = app.rooms.space().await?;
    let chosen: Vec<BoardId> =
        space.boards.keys().copied().filter(|board| boards.is_empty() || boards.contains(board)).collect();
    for board in boards {
        if !chosen.contains(board) {
            bail!("没有清单 {board}");
        }
    }
    let mut ids = vec![(DocumentId::space(app.rooms.space_id()), Kind::Space)];
    for board in &chosen {
        ids.push((DocumentId::board(*board), Kind::Board));
        ids.extend(space.units.keys().map(|unit| (DocumentId::log(*board, *unit), Kind::Log)));
    }
    let written: std::collections::BTreeSet<DocumentId> =
        app.rooms.store().documents().await?.into_iter().collect();
    let (mut documents, mut files) = (Vec::new(), BTreeSet::new());
    for (id, kind) in ids.into_iter().filter(|(id, _)| written.contains(id)) {
        let loaded = app.rooms.store().load(id).await?;
        let mut document = Document::load(kind, &[0; 16], loaded.chunks.iter().map(Vec::as_slice))?;
        if kind == Kind::Log {
            for entry in document.entries().0.into_values() {
                if entry.seal.is_some() {
                    files.extend(entry.files().iter().map(|file| (entry.author.unit, file.hash)));
                }
            }
        }
        documents.push((id, document.changes_since(&[])));
    }
    let count = documents.len();
    let bytes = bundle::write(documents);
    let (files, unread) = if files.is_empty() { (0, 0) } else { app.files.copy_to(&files, beside).await? };
    let about = json!({
        "what": "bundle", "boards": chosen, "documents": count, "files": files, "by": "console",
    });
    app.audit.write(Act::Exported, None, about).await?;
    Ok(Out { bytes, files, unread })
}

/// The space that a bundle is of.
///
/// # Errors
/// When the file is no bundle or has no space.
pub fn space_of(bytes: &[u8]) -> anyhow::Result<SpaceId> {
    let changes = bundle::read(bytes)?;
    let space = changes.iter().find(|(_, change)| {
        let header = tongban_shared::document::change_header(change);
        header.is_ok_and(|header| genesis::begun_by(&header.hash) == Some(Kind::Space))
    });
    let (id, _) = space.context("数据文件里没有空间文档")?;
    Ok(SpaceId::from_bytes(*id.bytes()))
}

/// Takes a bundle in: as often and in whatever order one likes. Every entry is judged; what does
/// not count stays out and is on the audit trail. Photos and files that its entries name are taken from
/// beside it.
///
/// # Errors
/// When the file is no bundle or of another space; nothing is taken then.
pub async fn take_in(app: &App, bytes: &[u8], beside: &FilePlace) -> anyhow::Result<Report> {
    let space = space_of(bytes)?;
    if space != app.rooms.space_id() {
        bail!("数据文件属于另一个空间（{space}），本机的空间是 {}", app.rooms.space_id());
    }
    let mut waiting: BTreeMap<DocumentId, Vec<Vec<u8>>> = BTreeMap::new();
    for (id, change) in bundle::read(bytes)? {
        waiting.entry(id).or_default().push(change);
    }
    let (mut report, mut logs) = (Report::default(), Vec::new());
    // The space names boards, boards name logs: first things first.
    for kind in [Kind::Space, Kind::Board, Kind::Log] {
        for (id, changes) in std::mem::take(&mut waiting) {
            match app.rooms.what(id).await {
                Some(what) if kind_of(what) == kind => {
                    let taken = app.rooms.take_in(what, changes).await?;
                    report.new += taken.new;
                    report.waiting += taken.waiting;
                    let words = |why: &tongban_shared::sync::room::Objection| {
                        let doubts = why.doubted.iter().map(|one| format!("{}：{}", one.id, one.doubt));
                        let doubts = doubts.collect::<Vec<_>>().join("；");
                        format!("{id} {} {doubts}", why.code.word())
                    };
                    report.refused.extend(taken.refused.iter().map(words));
                    if let What::Log(board, unit) = what {
                        logs.push((board, unit));
                    }
                }
                _ => {
                    waiting.insert(id, changes);
                }
            }
        }
    }
    report.unknown = waiting.len();
    for (board, unit) in logs {
        // What is not signed anybody may have written into a file on its way.
        for entry in app.rooms.log(board, unit).await?.iter().filter(|entry| entry.seal.is_some()) {
            for file in entry.files() {
                let by = (entry.author.person, unit);
                // One that cannot be taken does not keep the others back.
                match app.files.copy_from(beside, by, file.hash).await {
                    Ok(new) => report.files += usize::from(new),
                    Err(why) => report.refused.push(format!("{} {why}", file.hash)),
                }
            }
        }
    }
    let about = json!({
        "what": "bundle", "new": report.new, "refused": report.refused.len(), "files": report.files,
        "by": "console",
    });
    app.audit.write(Act::TakenIn, None, about).await?;
    Ok(report)
}

const fn kind_of(what: What) -> Kind {
    match what {
        What::Space => Kind::Space,
        What::Board(_) => Kind::Board,
        What::Log(..) => Kind::Log,
    }
}
