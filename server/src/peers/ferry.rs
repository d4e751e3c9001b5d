//! The ferry: one replica between two servers, its own rooms on one side, a socket on the other.
//!
//! Everything that one side has on its disk goes to the other; nothing else. It keeps no state of its own, so
//! it may end at any moment: the next one finds from the heads what is missing.

mod said;

use super::Peer;
use super::files::{self, Level, Named};
use crate::app::App;
use crate::clock;
use crate::http::link::PROOF;
use crate::limits;
use crate::outgoing;
use crate::socket::Local;
use anyhow::{Context, bail, ensure};
use futures::{SinkExt, StreamExt};
use reqwest::StatusCode;
use said::{Documents, Said};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::task::AbortOnDropHandle;
use tongban_shared::access::{AccountRole, Action, Who, allowed};
use tongban_shared::document::{Document, Kind};
use tongban_shared::event::Event;
use tongban_shared::id::{BoardId, DocumentId, UnitId};
use tongban_shared::limits::DOCUMENT_BYTES;
use tongban_shared::model::Space;
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::sync::patience::Patience;

/// The first wait after a connection is gone and the longest, in milliseconds.
const FIRST_WAIT: u32 = 1000;
const LAST_WAIT: u32 = 300_000;

/// A refused change is tried again after this time: the certificate of its author may have come.
const TRY_AGAIN: Duration = Duration::from_secs(30);

/// The longest token of another server.
const TOKEN_BYTES: u64 = 4096;

/// How often it is looked whether servers were added or removed.
const LOOK: Duration = Duration::from_secs(10);

/// Keeps level with every server that we connect to, for as long as ours runs and knows it.
pub async fn keep_all(app: App) {
    let mut kept: Vec<(Peer, AbortOnDropHandle<()>)> = Vec::new();
    loop {
        // While the database is away, they stay as they are.
        if let Ok(peers) = app.peers.all().await {
            kept.retain(|(peer, _)| peers.contains(peer));
            for peer in peers.into_iter().filter(|peer| peer.reached.is_some()) {
                if kept.iter().all(|(known, _)| *known != peer) {
                    let keeping = tokio::spawn(keep(app.clone(), peer.clone()));
                    kept.push((peer, AbortOnDropHandle::new(keeping)));
                }
            }
        }
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Keeps level with a peer whenever the link is up.
async fn keep(app: App, peer: Peer) {
    let level = Level::default();
    let mut patience = Patience::new(FIRST_WAIT, LAST_WAIT);
    loop {
        let begun = Instant::now();
        // In a task of its own: what another server sends may stop it, but not those that come after.
        let (ours, theirs, level) = (app.clone(), peer.clone(), level.clone());
        let crossing =
            AbortOnDropHandle::new(tokio::spawn(async move { cross(&ours, &theirs, level).await }));
        let crossed = tokio::select! {
            () = app.stop.cancelled() => return,
            crossed = crossing => crossed.unwrap_or_else(|stopped| Err(stopped.into())),
        };
        if let Err(error) = crossed {
            tracing::info!(peer = peer.name, error = format!("{error:#}"), "The link to a server is down");
        }
        let stood = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let wait = Duration::from_millis(patience.ended(stood, clock::random::<1>()[0]).into());
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

type Remote = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Here,
    There,
}

struct Ferry {
    app: App,
    peer: Peer,
    here: Link,
    there: Link,
    local: Local,
    remote: Remote,
    documents: Documents,
    said: Said,
    /// The board and the unit of each log among them: only of boards that go there.
    logs: BTreeMap<DocumentId, (BoardId, UnitId)>,
    /// Bytes that the other server has sent of each: of no document more than a room takes.
    taken: BTreeMap<DocumentId, usize>,
    /// Boards that the other server has given, or that its unit takes part in.
    shared: BTreeSet<DocumentId>,
    /// Documents that were in our store when it was last looked at.
    stored: BTreeSet<DocumentId>,
    refused: BTreeSet<(Side, DocumentId)>,
    /// Heads of a board that says nothing yet.
    unsaid: Vec<[u8; 32]>,
    level: Level,
    /// Files that entries name; whoever carries them ends with the ferry.
    files: mpsc::UnboundedSender<Named>,
    _carrying: AbortOnDropHandle<()>,
}

/// The proof that this server has the key which it names; none for a server of a version before, which asks for
/// none.
async fn prove(app: &App, peer: &Peer, (url, token): (&str, &str)) -> anyhow::Result<Option<String>> {
    let address = format!("{}/api/link", url.trim_end_matches('/'));
    let asking = outgoing::client()?.get(address).bearer_auth(token).send();
    let answer = tokio::time::timeout(limits::HANDSHAKE, asking).await??;
    if answer.status() != StatusCode::OK {
        return Ok(None);
    }
    let body = outgoing::body(answer, TOKEN_BYTES);
    let token = String::from_utf8(tokio::time::timeout(limits::HANDSHAKE, body).await??)?;
    let is_token = token.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(peer.key.filter(|_| is_token).map(|key| app.authority.prove(&token, key)))
}

async fn cross(app: &App, peer: &Peer, level: Level) -> anyhow::Result<()> {
    let (url, token) = peer.reached.as_ref().context("no address")?;
    let base = url.trim_end_matches('/').replacen("http", "ws", 1);
    let address = format!("{base}/sync?authority={}", app.authority.public());
    // Not in the address: proxies write those down.
    let mut request =
        ClientRequestBuilder::new(address.parse()?).with_header("Authorization", format!("Bearer {token}"));
    match prove(app, peer, (url, token)).await {
        Ok(Some(proof)) => request = request.with_header(PROOF, proof),
        Ok(None) => {}
        // The other server decides what it takes without.
        Err(error) => {
            tracing::info!(peer = peer.name, error = format!("{error:#}"), "No token to prove our key with");
        }
    }
    let connecting = tokio_tungstenite::connect_async(request);
    let (remote, _) = tokio::time::timeout(limits::HANDSHAKE, connecting).await??;
    let local = Local::open(app, peer);
    let name = app.rooms.server_name().to_owned();
    let (files, named) = mpsc::unbounded_channel();
    let carrying = tokio::spawn(files::carry(app.clone(), peer.clone(), level.clone(), named));
    let mut ferry = Ferry {
        unsaid: Document::new(Kind::Board, &[0; 16]).heads(),
        level,
        files,
        _carrying: AbortOnDropHandle::new(carrying),
        app: app.clone(),
        peer: peer.clone(),
        here: Link::new(&name),
        there: Link::to_another_server(&name),
        local,
        remote,
        documents: Documents::new(),
        said: Said::default(),
        logs: BTreeMap::new(),
        taken: BTreeMap::new(),
        shared: app.peers.given(&peer.name).await?.into_iter().map(DocumentId::board).collect(),
        stored: app.rooms.store().documents().await?.into_iter().collect(),
        refused: BTreeSet::new(),
    };
    let hello = ferry.here.hello();
    ferry.carry_out(Side::Here, vec![hello]).await?;
    let hello = ferry.there.hello();
    ferry.carry_out(Side::There, vec![hello]).await?;
    ferry.go().await
}

impl Ferry {
    async fn go(&mut self) -> anyhow::Result<()> {
        let mut again = tokio::time::interval(TRY_AGAIN);
        let (mut ping, mut heard) = (tokio::time::interval(limits::PING), Instant::now());
        loop {
            tokio::select! {
                bytes = self.local.next() => {
                    let bytes = bytes.context("the server's own side has ended")?;
                    let effects = self.hear(Side::Here, &bytes).await;
                    self.carry_out(Side::Here, effects).await?;
                }
                () = tokio::time::sleep_until(heard + limits::SILENCE) => bail!("the other server is silent"),
                _ = ping.tick() => self.send(Message::Ping(Vec::new().into())).await?,
                message = self.remote.next() => match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        heard = Instant::now();
                        let effects = self.hear(Side::There, &bytes).await;
                        self.carry_out(Side::There, effects).await?;
                    }
                    Some(Ok(_)) => heard = Instant::now(),
                    Some(Err(error)) => return Err(error.into()),
                    None => bail!("the other server has closed the connection"),
                },
                _ = again.tick() => self.try_again().await?,
            }
        }
    }

    /// Takes a message of a side; what is heavy within the memory that everything heavy takes together.
    async fn hear(&mut self, side: Side, bytes: &[u8]) -> Vec<Effect> {
        let frame = match self.link(side).assemble(bytes) {
            Ok(frame) => frame,
            Err(effects) => return effects,
        };
        let peak = self.link(side).peak_of(&frame);
        let _memory = self.app.rooms.memory_of(peak).await;
        let Self { here, there, documents, .. } = self;
        let link = if side == Side::Here { here } else { there };
        link.hear(frame, |id| documents.get_mut(&id))
    }

    async fn carry_out(&mut self, side: Side, effects: Vec<Effect>) -> anyhow::Result<()> {
        // In their order: what a link sends is taken in the order in which it was made, parts of a large
        // frame above all.
        let mut work: VecDeque<(Side, Effect)> = effects.into_iter().map(|effect| (side, effect)).collect();
        while let Some((side, effect)) = work.pop_front() {
            match effect {
                Effect::Send(bytes) if side == Side::Here => self.local.send(&bytes).await?,
                Effect::Send(bytes) => self.send(Message::Binary(bytes.into())).await?,
                Effect::Opened(about) => {
                    if side == Side::There {
                        self.level.in_epoch(&about.epoch);
                    }
                    if !self.here.is_open() || !self.there.is_open() {
                        continue;
                    }
                    let space = DocumentId::space(self.app.rooms.space_id());
                    work.extend(self.open(space, Kind::Space).await?);
                }
                Effect::Received { document, events, chunks } => {
                    self.name_files(document, &events);
                    if side == Side::There {
                        let bytes = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
                        if let Some(shut) = self.take_from_there(document, bytes).await? {
                            work.extend(shut.into_iter().map(|effect| (side, effect)));
                            continue;
                        }
                    }
                    let other = if side == Side::Here { Side::There } else { Side::Here };
                    work.extend(self.poll(other, document).await?);
                    work.extend(self.open_named(document).await?);
                }
                Effect::Respond(document) => work.extend(self.poll(side, document).await?),
                Effect::Refused { document, .. } => {
                    self.refused.insert((side, document));
                }
                Effect::Unavailable(document) => self.link(side).forget(document),
                Effect::Shut { document, why } => work.extend(self.leave_out(side, document, why)?),
                Effect::Close(why) => bail!("{why}"),
                Effect::Acknowledged { .. } | Effect::Rights { .. } | Effect::Coming { .. } => {}
            }
        }
        Ok(())
    }

    /// A reader that does not read must not hold the ferry for ever.
    async fn send(&mut self, message: Message) -> anyhow::Result<()> {
        tokio::time::timeout(limits::SILENCE, self.remote.send(message)).await??;
        Ok(())
    }

    /// A document that cannot be taken from one side is left out of both for as long as this connection
    /// lasts, and the others go on; without the space there are no others.
    fn leave_out(&mut self, side: Side, id: DocumentId, why: String) -> anyhow::Result<Vec<(Side, Effect)>> {
        if self.documents.remove(&id).is_none() {
            return Ok(Vec::new());
        }
        ensure!(id != DocumentId::space(self.app.rooms.space_id()), "the space cannot be taken: {why}");
        tracing::warn!(peer = self.peer.name, document.id = %id, ?side, why, "A document is not carried");
        self.logs.remove(&id);
        self.said.forget(id);
        let other = if side == Side::Here { Side::There } else { Side::Here };
        Ok(self.link(other).shut(id, why).into_iter().map(|effect| (other, effect)).collect())
    }

    /// So many bytes of a document have come from the other server; it is left out where they are too many. A
    /// board that we did not have is one that it gives: it goes on being shared. One that we had is not its
    /// own for having sent some of it.
    async fn take_from_there(&mut self, id: DocumentId, bytes: usize) -> anyhow::Result<Option<Vec<Effect>>> {
        let taken = self.taken.entry(id).or_default();
        *taken += bytes;
        if *taken > DOCUMENT_BYTES {
            return Ok(Some(self.there.shut(id, "the other server sends too much of it".to_owned())));
        }
        let board = BoardId::from_bytes(*id.bytes());
        let known = self.shared.contains(&id) || self.stored.contains(&id);
        if known || !self.space().await?.boards.contains_key(&board) {
            return Ok(None);
        }
        // Asked now: a board may have been made here a moment ago.
        self.stored = self.app.rooms.store().documents().await?.into_iter().collect();
        if !self.stored.contains(&id) {
            self.app.peers.gives(&self.peer.name, board).await?;
            self.shared.insert(id);
        }
        Ok(None)
    }

    /// Tells of the files that new entries name.
    fn name_files(&self, id: DocumentId, events: &[Event]) {
        let (Some(document), Some(log)) = (self.documents.get(&id), self.logs.get(&id)) else { return };
        for event in events {
            let Event::EntryAdded(entry) = event else { continue };
            for named in document.entry(*entry).iter().flat_map(|entry| Named::of(entry, *log)) {
                let _ = self.files.send(named);
            }
        }
    }

    const fn link(&mut self, side: Side) -> &mut Link {
        match side {
            Side::Here => &mut self.here,
            Side::There => &mut self.there,
        }
    }

    async fn poll(&mut self, side: Side, id: DocumentId) -> anyhow::Result<Vec<(Side, Effect)>> {
        if side == Side::There && !self.goes_there(id).await? {
            return Ok(Vec::new());
        }
        let Self { here, there, documents, .. } = self;
        let link = if side == Side::Here { here } else { there };
        let Some(document) = documents.get_mut(&id) else { return Ok(Vec::new()) };
        Ok(link.poll(id, document).into_iter().map(|effect| (side, effect)).collect())
    }

    async fn open(&mut self, id: DocumentId, kind: Kind) -> anyhow::Result<Vec<(Side, Effect)>> {
        if self.documents.contains_key(&id) || self.here.is_shut(id) || self.there.is_shut(id) {
            return Ok(Vec::new());
        }
        self.documents.insert(id, Document::new(kind, &clock::random::<16>()));
        let mut effects = self.poll(Side::Here, id).await?;
        effects.extend(self.poll(Side::There, id).await?);
        Ok(effects)
    }

    /// Opens what a document names: the space its boards, a board the logs of its units.
    async fn open_named(&mut self, id: DocumentId) -> anyhow::Result<Vec<(Side, Effect)>> {
        let mut effects = Vec::new();
        if self.documents.get(&id).is_none_or(|document| document.kind() == Kind::Log) {
            return Ok(effects);
        }
        let space = self.space().await?;
        let named = BoardId::from_bytes(*id.bytes());
        let listed = match space.boards.contains_key(&named) {
            true => vec![named],
            // People of another unit may have come.
            false => space.boards.keys().copied().collect(),
        };
        let mut boards = Vec::new();
        for board in listed {
            if self.app.rooms.is_a_board(board).await {
                boards.push(board);
            }
        }
        if id == DocumentId::space(self.app.rooms.space_id()) {
            for board in &boards {
                effects.extend(self.open(DocumentId::board(*board), Kind::Board).await?);
            }
        }
        for board in boards {
            // Nobody knows whose logs go there for a board that says nothing yet.
            let document = DocumentId::board(board);
            if self.is_unsaid(document) || !self.goes_there(document).await? {
                continue;
            }
            let units = self.units_of(&space, board).await?;
            for unit in space.units.keys() {
                let log = DocumentId::log(board, *unit);
                // One that says nothing any more may have said something.
                if units.contains(unit) || self.stored.contains(&log) {
                    self.logs.insert(log, (board, *unit));
                    effects.extend(self.open(log, Kind::Log).await?);
                }
            }
        }
        Ok(effects)
    }

    fn is_unsaid(&mut self, id: DocumentId) -> bool {
        let Some(document) = self.documents.get_mut(&id) else { return false };
        document.kind() == Kind::Board && document.heads() == self.unsaid
    }

    /// The units that say or have said something on a board, as far as can be known: those it names, and
    /// those that have people. Enterprises are many and speak only where they are named.
    async fn units_of(&mut self, space: &Space, board: BoardId) -> anyhow::Result<BTreeSet<UnitId>> {
        let named = self.parties(DocumentId::board(board)).await?.named_units();
        let mut units: BTreeSet<UnitId> = named.into_iter().flat_map(|unit| space.ever(unit)).collect();
        let enterprise = AccountRole::Enterprise.word();
        units.extend(space.persons.values().filter(|who| who.role != enterprise).filter_map(|who| who.unit));
        Ok(units)
    }

    /// Whether a document is one that the other server takes part in.
    async fn goes_there(&mut self, id: DocumentId) -> anyhow::Result<bool> {
        if id == DocumentId::space(self.app.rooms.space_id()) || self.shared.contains(&id) {
            return Ok(true);
        }
        // One that is not here yet is asked for: there is nothing of it that could go there.
        if self.is_unsaid(id) {
            return Ok(true);
        }
        let Some(kind) = self.documents.get(&id).map(Document::kind) else { return Ok(false) };
        let goes = match kind {
            Kind::Space => false,
            // A log is opened only after its board was found to go.
            Kind::Log => true,
            Kind::Board => {
                let (space, board) = (self.space().await?, self.parties(id).await?);
                let who = Who { unit: self.peer.unit, role: AccountRole::Server };
                allowed(&space, who, Action::ReadBoard(&board))
            }
        };
        // For as long as this connection lasts; the other server asks for itself.
        if goes && kind == Kind::Board && self.there.knows(id) {
            self.shared.insert(id);
        }
        Ok(goes)
    }

    async fn try_again(&mut self) -> anyhow::Result<()> {
        for (side, id) in std::mem::take(&mut self.refused) {
            self.link(side).forget(id);
            let effects = self.poll(side, id).await?;
            for (side, effect) in effects {
                Box::pin(self.carry_out(side, vec![effect])).await?;
            }
        }
        self.stored = self.app.rooms.store().documents().await?.into_iter().collect();
        // Boards on which the other server takes part since.
        let boards: Vec<BoardId> = self.space().await?.boards.keys().copied().collect();
        for board in boards {
            let id = DocumentId::board(board);
            let mut effects = self.poll(Side::There, id).await?;
            effects.extend(self.open_named(id).await?);
            for (side, effect) in effects {
                Box::pin(self.carry_out(side, vec![effect])).await?;
            }
        }
        Ok(())
    }
}
