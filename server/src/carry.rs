//! Documents of a server as a file and back, for where no link may exist.

mod file;

pub use file::{Reader, Source, source};

use crate::app::App;
use crate::audit::Act;
use crate::identity::{Account, Visitor};
use crate::rooms::What;
use anyhow::{Context, bail};
use file::Writer;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tongban_shared::access::AccountRole;
use tongban_shared::attachment::FileHash;
use tongban_shared::bundle::{self, CarriedFile};
use tongban_shared::document::{Document, Kind, genesis};
use tongban_shared::id::{BoardId, DocumentId, PersonId, SpaceId, UnitId};
use tongban_shared::limits::BUNDLE_BYTES;
use tongban_shared::model::Space;
use tongban_shared::sync::room::{Rights, TakenIn};
use tongban_shared::trust::{BundleWriter, PublicKey, writer_of};

/// A bundle that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Out {
    pub bytes: u64,
    /// Photos and files in it.
    pub files: usize,
    /// Those that could not be read.
    pub unread: usize,
    /// Documents of which something could not be read: the rest of them is written.
    pub broken: Vec<DocumentId>,
}

/// The writer of a bundle, and so the rights of its changes.
enum Bearer {
    /// A server that is trusted here and has asked its own devices; this one, where it is its own file.
    Server(PublicKey),
    /// A device that this server has certified: what it might say over a connection.
    Device(Visitor),
    /// Anybody may have changed it on its way: records that prove themselves, and nothing else.
    Nobody,
}

impl Bearer {
    async fn of(app: &App, changes: &[u8]) -> anyhow::Result<Self> {
        let space = app.rooms.space().await?;
        let known = (app.rooms.space_id(), &space.proofs);
        let certificate = match writer_of(changes, known, app.authority.public()).by {
            BundleWriter::Server => return Ok(bundle::signer(changes).map_or(Self::Nobody, Self::Server)),
            // The rights of another server's devices are for that server to ask about.
            BundleWriter::Device(one) if one.authority == app.authority.public() => one,
            BundleWriter::Device(_) | BundleWriter::Nobody => return Ok(Self::Nobody),
        };
        let account = app.identity.account(certificate.person).await?;
        Ok(account.map_or(Self::Nobody, |account| {
            Self::Device(Visitor { account, device: Some(certificate.device) })
        }))
    }

    /// The rights of changes in a document, as space and boards stand now; nothing when none are to be taken.
    async fn rights(&self, app: &App, what: What) -> anyhow::Result<Option<Rights>> {
        Ok(match (self, what) {
            (Self::Server(key), what) => {
                let rights = Rights { write: true, server: true, authority: Some(*key), ..Rights::default() };
                let ours = *key == app.authority.public();
                Some(match what {
                    What::Space => Rights { decide: ours, ..rights },
                    What::Log(board, _) => Rights { lead: app.rooms.board(board).await?.lead, ..rights },
                    What::Board(board) => {
                        // Nobody else says who leads, who is a guest and what is settled on a board that a
                        // unit of ours leads.
                        let lead = app.rooms.board(board).await?.lead;
                        let of_us = lead.is_some_and(|lead| app.rooms.register().has_people_in(lead));
                        Rights { decide: ours || !of_us, ..rights }
                    }
                })
            }
            (Self::Device(visitor), _) => app.rooms.rights(visitor, what).await?,
            (Self::Nobody, What::Log(_, unit)) => {
                // The people of the unit are who may have written it: it says what they might say themselves.
                let visitor =
                    Visitor { account: somebody_of(&*app.rooms.space().await?, unit), device: None };
                let rights = app.rooms.rights(&visitor, what).await?.filter(|rights| rights.own);
                rights.map(|rights| Rights { own: false, decide: false, ..rights })
            }
            (Self::Nobody, What::Space | What::Board(_)) => None,
        })
    }

    const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Device(visitor) => Some(visitor.account.id),
            Self::Server(_) | Self::Nobody => None,
        }
    }
}

/// Somebody of a unit, in the role that its people have: an enterprise speaks of its own items.
fn somebody_of(space: &Space, unit: UnitId) -> Account {
    let word = AccountRole::Enterprise.word();
    let is_enterprise = space.persons.values().any(|one| one.unit == Some(unit) && one.role == word);
    let role = if is_enterprise { AccountRole::Enterprise } else { AccountRole::Editor };
    Account { id: PersonId::from_bytes([0; 16]), login: String::new(), name: String::new(), unit, role }
}

/// The outcome of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Changes that were new.
    pub new: usize,
    /// Nobody answers for the file as a whole: only records that prove themselves were taken.
    pub unsigned: bool,
    /// Documents that whoever wrote it may not change.
    pub closed: usize,
    /// Changes whose ancestors are neither here nor in the file.
    pub waiting: usize,
    /// Why changes were not taken, each with its document.
    pub refused: Vec<String>,
    /// Documents that the space does not know.
    pub unknown: usize,
    /// Photos and files that were new.
    pub files: usize,
}

/// The space, some boards and their logs as a file, with the photos and files that their entries name;
/// without a choice all boards.
///
/// # Errors
/// When the documents are more than a file holds, or the file is there or cannot be written.
pub async fn out(app: &App, boards: &[BoardId], to: &Path) -> anyhow::Result<Out> {
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
        if !app.rooms.is_a_board(*board).await {
            continue;
        }
        ids.push((DocumentId::board(*board), Kind::Board));
        ids.extend(space.units.keys().map(|unit| (DocumentId::log(*board, *unit), Kind::Log)));
    }
    let mut to = Writer::create(to)?;
    let written: BTreeSet<DocumentId> = app.rooms.store().documents().await?.into_iter().collect();
    let (mut documents, mut files, mut broken) = (Vec::new(), BTreeSet::new(), Vec::new());
    for (id, kind) in ids.into_iter().filter(|(id, _)| written.contains(id)) {
        let loaded = app.rooms.store().load(id).await?;
        // One document that cannot be read does not keep the others here.
        let read = Document::load_stored(kind, &[0; 16], loaded.chunks.iter().map(Vec::as_slice));
        if loaded.unreadable > 0 || read.is_err() {
            broken.push(id);
        }
        let Ok((mut document, _)) = read else { continue };
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
    let changes = app.authority.bundle(documents);
    if changes.len() > BUNDLE_BYTES {
        bail!("这些清单共 {} MB，一个文件放不下；请用 --board 分几次导出", changes.len() >> 20);
    }
    to.write(&[&changes])?;
    let (files, unread) = write_files(app, files, &mut to).await?;
    let bytes = to.finish()?;
    let about = json!({
        "what": "bundle", "boards": chosen, "documents": count, "files": files, "by": "console",
        "broken": broken.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    app.audit.write(Act::Exported, None, about).await?;
    Ok(Out { bytes, files, unread, broken })
}

/// Writes files, each of the unit that has sent it. Gives how many were written and how many could not
/// be read; those that have not come yet are neither.
async fn write_files(
    app: &App,
    files: BTreeSet<(UnitId, FileHash)>,
    to: &mut Writer,
) -> anyhow::Result<(usize, usize)> {
    let (mut written, mut unread) = (0, 0);
    for (unit, hash) in files {
        // A bundle that only names a hash does not get the file of another unit by it.
        if app.files.sender(unit, hash).await?.is_none() {
            continue;
        }
        match app.files.content(hash).await {
            Ok(content) => {
                let line = CarriedFile { unit, hash, size: content.len() }.line();
                to.write(&[line.as_bytes(), &content, b"\n"])?;
                written += 1;
            }
            Err(_) => unread += 1,
        }
    }
    Ok((written, unread))
}

/// The space that a bundle is of, by its changes.
///
/// # Errors
/// When it is no bundle or has no space.
pub fn space_of(changes: &[u8]) -> anyhow::Result<SpaceId> {
    let changes = bundle::read(changes)?;
    let space = changes.iter().find(|(_, change)| {
        let header = tongban_shared::document::change_header(change);
        header.is_ok_and(|header| genesis::begun_by(&header.hash) == Some(Kind::Space))
    });
    let (id, _) = space.context("数据文件里没有空间文档")?;
    Ok(SpaceId::from_bytes(*id.bytes()))
}

/// Takes a bundle in: as often and in whatever order one likes. A server that is trusted answers for
/// all of it, a device for what it might say over a connection. Every entry is judged; what does not count
/// stays out and is on the audit trail. Photos and files are taken where entries name them.
///
/// # Errors
/// When the file is no bundle or of another space; nothing is taken then.
pub async fn take_in(app: &App, from: &mut Reader) -> anyhow::Result<Report> {
    let space = space_of(from.changes())?;
    if space != app.rooms.space_id() {
        bail!("数据文件属于另一个空间（{space}），本机的空间是 {}", app.rooms.space_id());
    }
    let mut waiting: BTreeMap<DocumentId, Vec<Vec<u8>>> = BTreeMap::new();
    for (id, change) in bundle::read(from.changes())? {
        waiting.entry(id).or_default().push(change);
    }
    let bearer = Bearer::of(app, from.changes()).await?;
    let unsigned = matches!(bearer, Bearer::Nobody);
    let (mut report, mut logs) = (Report { unsigned, ..Report::default() }, Vec::new());
    // The space names boards, boards name logs: first things first.
    for kind in [Kind::Space, Kind::Board, Kind::Log] {
        for (id, changes) in std::mem::take(&mut waiting) {
            match app.rooms.what(id).await {
                Some(what) if kind_of(what) == kind => {
                    let taken = match take_one(app, &bearer, what, changes).await {
                        Ok(Some(taken)) => taken,
                        Ok(None) => {
                            report.closed += 1;
                            continue;
                        }
                        // One document that cannot be read or taken does not keep the others out.
                        Err(error) => {
                            report.refused.push(format!("{id} {error}"));
                            continue;
                        }
                    };
                    report.new += taken.new;
                    report.waiting += taken.waiting.len();
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
    let mut named = BTreeMap::new();
    for (board, unit) in logs {
        let Ok(entries) = app.rooms.log(board, unit).await else {
            report.refused.push(format!("{} 读不出来，其中的附件没有采纳", DocumentId::log(board, unit)));
            continue;
        };
        // An unsigned entry could have been written into the file by anybody on its way.
        for entry in entries.iter().filter(|entry| entry.seal.is_some()) {
            named.extend(entry.files().iter().map(|file| ((unit, file.hash), entry.author.person)));
        }
    }
    take_files(app, from, &named, &mut report).await;
    let about = json!({
        "what": "bundle", "new": report.new, "refused": report.refused.len(), "files": report.files,
        "by": "console", "unsigned": report.unsigned,
    });
    app.audit.write(Act::TakenIn, None, about).await?;
    Ok(report)
}

/// Takes the changes of one document in; nothing when none of them are to be taken.
async fn take_one(
    app: &App,
    bearer: &Bearer,
    what: What,
    changes: Vec<Vec<u8>>,
) -> anyhow::Result<Option<TakenIn>> {
    let Some(rights) = bearer.rights(app, what).await? else { return Ok(None) };
    Ok(Some(app.rooms.take_in(what, changes, (rights, bearer.person())).await?))
}

/// Takes the photos and files that entries name, each with its person. One that cannot be taken does
/// not keep the others back.
async fn take_files(
    app: &App,
    from: &mut Reader,
    named: &BTreeMap<(UnitId, FileHash), PersonId>,
    report: &mut Report,
) {
    loop {
        let (file, content) = match from.next_file() {
            Ok(Some(next)) => next,
            Ok(None) => return,
            Err(cut) => return report.refused.push(cut.to_string()),
        };
        let Some(person) = named.get(&(file.unit, file.hash)) else { continue };
        match app.files.keep((*person, file.unit), file.hash, content).await {
            Ok(new) => report.files += usize::from(new),
            Err(why) => report.refused.push(format!("{} {why}", file.hash)),
        }
    }
}

const fn kind_of(what: What) -> Kind {
    match what {
        What::Space => Kind::Space,
        What::Board(_) => Kind::Board,
        What::Log(..) => Kind::Log,
    }
}
