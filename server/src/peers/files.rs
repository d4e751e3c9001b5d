//! Photos and files between two servers: what an entry on both names goes to the one that lacks it.
//!
//! A file follows its entry: it may come later, for its device sends it later.

use super::Peer;
use crate::app::App;
use crate::files::FileError;
use crate::outgoing;
use anyhow::{Context, ensure};
use bytes::Bytes;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tongban_shared::attachment::FileHash;
use tongban_shared::document::DocumentError;
use tongban_shared::entry::Entry;
use tongban_shared::id::{BoardId, PersonId, UnitId};
use tongban_shared::limits::{FILE_BYTES, PIECE};

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

/// Bytes that a file may have, each with who says so.
pub type Sizes = BTreeMap<u64, PersonId>;

/// The sizes of a file that may be carried: of each signed entry in the log of a unit that names it. More
/// than one, when somebody says something false; its content shows which is right.
///
/// # Errors
/// [`DocumentError`] when the log cannot be loaded.
pub async fn carried(
    app: &App,
    (board, unit): (BoardId, UnitId),
    hash: FileHash,
) -> Result<Sizes, DocumentError> {
    let space = app.rooms.space().await?;
    if !space.boards.contains_key(&board) || !space.units.contains_key(&unit) {
        return Ok(Sizes::new());
    }
    let log = app.rooms.log(board, unit).await?;
    let mut sizes = Sizes::new();
    // Another server may say an unsigned entry of whomever it likes.
    for entry in log.iter().filter(|entry| entry.seal.is_some()) {
        for file in entry.files().iter().filter(|file| file.hash == hash && file.bytes <= FILE_BYTES) {
            sizes.entry(file.bytes).or_insert(entry.author.person);
        }
    }
    Ok(sizes)
}

/// How far a file is on the other server.
#[derive(Deserialize)]
struct There {
    at: u64,
    whole: bool,
}

/// Files that both servers have: known over connections, for asking for all of them again takes long.
#[derive(Clone, Default)]
pub(super) struct Level(Arc<Mutex<(String, BTreeSet<Named>)>>);

impl Level {
    /// The other server has an epoch: after it was restored everything is asked for again.
    pub(super) fn in_epoch(&self, epoch: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != epoch {
            *known = (epoch.to_owned(), BTreeSet::new());
        }
    }

    fn has(&self, one: &Named) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.contains(one)
    }

    fn keep(&self, one: Named) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.insert(one);
    }
}

/// Files that are to be looked for: what was named last goes first, what was looked for in vain waits.
#[derive(Default)]
struct Queue {
    fresh: Vec<Named>,
    again: BTreeSet<(Instant, Named)>,
    waits: BTreeMap<Named, Duration>,
}

impl Queue {
    fn name(&mut self, one: Named) {
        if self.waits.insert(one, SHORTEST_WAIT).is_none() {
            self.fresh.push(one);
        }
    }

    /// The next one; until one is due, nothing.
    async fn next(&mut self) -> Named {
        if let Some(one) = self.fresh.pop() {
            return one;
        }
        match self.again.first().copied() {
            Some((due, one)) => {
                tokio::time::sleep_until(due).await;
                self.again.remove(&(due, one));
                one
            }
            None => std::future::pending().await,
        }
    }

    fn try_again(&mut self, one: Named, soon: bool) {
        let wait = self.waits.entry(one).or_insert(SHORTEST_WAIT);
        let now = if soon { *wait } else { LONGEST_WAIT };
        *wait = (now * 2).min(LONGEST_WAIT);
        self.again.insert((Instant::now() + now, one));
    }
}

/// Carries the files that are named, for as long as the link is up.
pub(super) async fn carry(app: App, peer: Peer, level: Level, mut named: mpsc::UnboundedReceiver<Named>) {
    let Some((url, token)) = peer.reached.clone() else { return };
    let client = match outgoing::client() {
        Ok(client) => client,
        Err(error) => {
            tracing::error!(peer = peer.name, error = %error, "Files are not carried");
            return;
        }
    };
    let url = url.trim_end_matches('/').to_owned();
    let other = Other { app, client, url, token };
    let mut queue = Queue::default();
    loop {
        let one = tokio::select! {
            biased;
            one = named.recv() => match one {
                Some(one) if level.has(&one) => continue,
                Some(one) => {
                    queue.name(one);
                    continue;
                }
                None => return,
            },
            one = queue.next() => one,
        };
        match other.bring_level(one).await {
            Ok(true) => level.keep(one),
            Ok(false) => queue.try_again(one, true),
            Err(error) => {
                tracing::info!(peer = peer.name, file = %one.hash, error = format!("{error:#}"), "A file was not carried");
                // Full, or other content than its name says: nothing will be otherwise soon.
                let lasting = matches!(
                    error.downcast_ref(),
                    Some(
                        FileError::Full { .. }
                            | FileError::FullOfPerson { .. }
                            | FileError::TooManyBegun
                            | FileError::OtherContent
                            | FileError::TooLarge
                    )
                );
                queue.try_again(one, !lasting);
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
        let sizes = carried(&self.app, (one.board, one.unit), one.hash).await?;
        let Some(most) = sizes.keys().next_back().copied() else { return Ok(false) };
        let here = self.app.files.whole(one.unit, one.hash).await?;
        let path = format!("{}/api/carried/{}/{}/{}", self.url, one.board, one.unit, one.hash);
        let size = here.map(|size| format!("?size={size}")).unwrap_or_default();
        let answer = self.client.get(format!("{path}{size}")).bearer_auth(&self.token).send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        let there: There = serde_json::from_slice(&read(answer, 1 << 16).await?)?;
        match (here, there.whole) {
            (Some(_), true) => Ok(true),
            (None, false) => Ok(false),
            (None, true) => {
                self.app.files.has_room(one.unit, one.hash, most).await?;
                let path = format!("{path}/content");
                let answer = self.client.get(path).bearer_auth(&self.token).send().await?;
                let content = read(answer, most).await?;
                let said = sizes.get(&(content.len() as u64)).ok_or(FileError::OtherContent)?;
                self.app.files.keep((*said, one.unit), one.hash, content.into()).await?;
                Ok(true)
            }
            (Some(_), false) => self.send(&self.app.files.content(one.hash).await?, &path, there.at).await,
        }
    }

    /// Sends the pieces that are missing; whether the file is whole there then.
    async fn send(&self, content: &Bytes, path: &str, at: u64) -> anyhow::Result<bool> {
        let mut at = usize::try_from(at).ok().filter(|at| *at < content.len()).unwrap_or_default();
        while at < content.len() {
            let piece = content.slice(at..content.len().min(at + PIECE));
            let address = format!("{path}?size={}&at={at}", content.len());
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
