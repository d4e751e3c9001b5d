//! Photos and files between two servers: what an entry on both names goes to the one that lacks it.
//!
//! A file follows its entry: it may come later, for its device sends it later.

use super::Peer;
use crate::app::App;
use crate::files::{FileError, Progress};
use crate::outgoing;
use anyhow::{Context, ensure};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tongban_shared::attachment::{FileHash, MAX_FILE_BYTES, PIECE};
use tongban_shared::document::DocumentError;
use tongban_shared::entry::Entry;
use tongban_shared::id::{BoardId, PersonId, UnitId};

/// The wait before a file is looked for again; it doubles up to the longest.
const SHORTEST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(1800);

/// A file that an entry in a log claims to stand beside. Whether it does is asked of our own rooms, which
/// have judged their entries, before anything is sent or taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    board: BoardId,
    unit: UnitId,
    hash: FileHash,
}

impl Named {
    /// The files of an entry in the log of a unit on a board; what the entry says of itself is not asked.
    pub(super) fn of(entry: &Entry, (board, unit): (BoardId, UnitId)) -> impl Iterator<Item = Self> + '_ {
        entry.files().iter().map(move |file| Self { board, unit, hash: file.hash })
    }
}

/// Whose a file is that may be carried, and its bytes: one that a signed entry in the log of a unit names.
///
/// # Errors
/// [`DocumentError`] when the log cannot be loaded.
pub async fn carried(
    app: &App,
    (board, unit): (BoardId, UnitId),
    hash: FileHash,
) -> Result<Option<(PersonId, u64)>, DocumentError> {
    let space = app.rooms.space().await?;
    if !space.boards.contains_key(&board) || !space.units.contains_key(&unit) {
        return Ok(None);
    }
    let log = app.rooms.log(board, unit).await?;
    // What is not signed another server says of whomever it likes.
    let signed = log.iter().filter(|entry| entry.seal.is_some());
    let mut files = signed.flat_map(|entry| entry.files().iter().map(|file| (entry.author.person, file)));
    Ok(files.find(|(_, file)| file.hash == hash).map(|(person, file)| (person, file.bytes)))
}

/// How far a file is on the other server.
#[derive(Deserialize)]
struct There {
    at: u64,
    whole: bool,
}

/// Carries the files that are named, for as long as the link is up.
pub(super) async fn carry(app: App, peer: Peer, mut named: mpsc::UnboundedReceiver<Named>) {
    let (Some((url, token)), Ok(client)) = (peer.reached.clone(), outgoing::client()) else { return };
    let url = url.trim_end_matches('/').to_owned();
    let other = Other { app, client, url, token };
    let mut level: BTreeSet<Named> = BTreeSet::new();
    let mut waiting: BTreeMap<Named, (Instant, Duration)> = BTreeMap::new();
    loop {
        let due =
            waiting.iter().min_by_key(|(_, (due, _))| *due).map(|(one, (due, wait))| (*one, *due, *wait));
        tokio::select! {
            biased;
            one = named.recv() => match one {
                Some(one) if level.contains(&one) => {}
                Some(one) => { waiting.entry(one).or_insert((Instant::now(), SHORTEST_WAIT)); }
                None => return,
            },
            () = tokio::time::sleep_until(due.map_or_else(Instant::now, |(_, due, _)| due)), if due.is_some() => {
                let Some((one, _, wait)) = due else { continue };
                match other.bring_level(one).await {
                    Ok(true) => {
                        waiting.remove(&one);
                        level.insert(one);
                        continue;
                    }
                    Ok(false) => {}
                    Err(error) => {
                        // Full, or other content than its name says: nothing will be otherwise soon.
                        let wait = if error.is::<FileError>() { LONGEST_WAIT } else { wait };
                        tracing::info!(peer = peer.name, file = %one.hash, error = format!("{error:#}"), "A file was not carried");
                        waiting.insert(one, (Instant::now() + wait, (wait * 2).min(LONGEST_WAIT)));
                        continue;
                    }
                }
                waiting.insert(one, (Instant::now() + wait, (wait * 2).min(LONGEST_WAIT)));
            }
        }
    }
}

/// The other server.
struct Other {
    app: App,
    client: Client,
    url: String,
    token: String,
}

impl Other {
    /// Whether both servers have a file now; one that neither has, or whose entry is not there yet, is
    /// looked for later.
    async fn bring_level(&self, one: Named) -> anyhow::Result<bool> {
        let Some((person, bytes)) = carried(&self.app, (one.board, one.unit), one.hash).await? else {
            return Ok(false);
        };
        let here = self.app.files.progress(one.unit, one.hash, Some(bytes)).await? == Progress::Whole;
        let path = format!("api/carried/{}/{}/{}", one.board, one.unit, one.hash);
        let answer = self.client.get(format!("{}/{path}", self.url)).bearer_auth(&self.token).send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        let there: There = serde_json::from_slice(&read(answer, 1 << 16).await?)?;
        match (here, there.whole) {
            (true, true) => Ok(true),
            (false, false) => Ok(false),
            (false, true) => {
                self.app.files.has_room(one.unit, one.hash, bytes).await?;
                let path = format!("{}/api/boards/{}/files/{}", self.url, one.board, one.hash);
                let answer = self.client.get(path).bearer_auth(&self.token).send().await?;
                let content = read(answer, bytes.min(MAX_FILE_BYTES)).await?;
                self.app.files.keep((person, one.unit), one.hash, content.into()).await?;
                Ok(true)
            }
            (true, false) => self.send(one, &path, there.at).await,
        }
    }

    /// Sends the pieces that are missing; whether the file is whole there then.
    async fn send(&self, one: Named, path: &str, at: u64) -> anyhow::Result<bool> {
        let content = self.app.files.content(one.hash).await?;
        let mut at = usize::try_from(at).ok().filter(|at| *at < content.len()).unwrap_or_default();
        while at < content.len() {
            let piece = content.slice(at..content.len().min(at + PIECE));
            let address = format!("{}/{path}?size={}&at={at}", self.url, content.len());
            let answer = self.client.post(address).bearer_auth(&self.token).body(piece).send().await?;
            let there: There = serde_json::from_slice(&read(answer, 1 << 16).await?)?;
            if there.whole {
                return Ok(true);
            }
            ensure!(there.at > at as u64, "the other server does not go on");
            at = usize::try_from(there.at)?;
        }
        Ok(false)
    }
}

async fn read(answer: reqwest::Response, most: u64) -> anyhow::Result<Vec<u8>> {
    let answer = answer.error_for_status().context("the other server refuses")?;
    Ok(outgoing::body(answer, most).await?)
}
