//! The straight path of an edit: document, view, disk, tabs, wire — the same for one's own and
//! for those of others. Nothing is called saved before its transaction is complete, nothing is
//! sent before it is saved, nothing is called synced before the server said so.

use crate::api::{self, Me};
use crate::browser;
use crate::offline::UNSAVED;
use crate::socket::{self, Order};
use crate::storage::Storage;
use crate::tabs::{self, Note, Tabs};
use crate::view::{Badge, BoardView, View};
use futures::channel::mpsc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use tongban_shared::adopt::Adoption;
use tongban_shared::document::{Chunk, Document, DocumentError, Kind, Stamp, hex};
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::event::Event;
use tongban_shared::fold::Entries;
use tongban_shared::id::{BoardId, DeviceId, DocumentId, EntryId, SpaceId, UnitId};
use tongban_shared::model::Space;
use tongban_shared::sync::RefusalCode;
use tongban_shared::sync::frame::ServerWord;
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::undo::UndoStack;

/// What a document of this device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Space,
    Board(BoardId),
    Log(BoardId, UnitId),
}

/// The device's copy of a space, and its connection. A handle: copying it is free.
#[derive(Clone, Copy)]
pub struct Session {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    pub view: View,
}

struct Inner {
    storage: Storage,
    state: RefCell<State>,
    orders: mpsc::UnboundedSender<Order>,
    tabs: RefCell<Option<Tabs>>,
}

struct State {
    me: Option<Me>,
    device: DeviceId,
    actor: [u8; 16],
    documents: HashMap<DocumentId, Document>,
    /// Chunks of this device whose documents nothing names yet; never forgotten.
    stored: HashMap<DocumentId, Vec<Vec<u8>>>,
    /// Documents whose chunks cannot be read: they are left as they are.
    broken: BTreeSet<DocumentId>,
    what: HashMap<DocumentId, What>,
    entries: BTreeMap<BoardId, Entries>,
    /// Heads that the server has on its disk.
    acknowledged: HashMap<DocumentId, Vec<[u8; 32]>>,
    /// Changes that the server lacks, by document.
    waiting: HashMap<DocumentId, usize>,
    /// Chunks on their way to the disk.
    queue: Vec<(DocumentId, Chunk)>,
    saving: HashMap<DocumentId, usize>,
    writing: bool,
    failed: bool,
    /// What is on the disk could not be read; no later success makes that good.
    unread: bool,
    link: Option<Link>,
    leads: bool,
    connected: bool,
    /// Documents asked for on this connection that the server has not answered for yet.
    unanswered: BTreeSet<DocumentId>,
    refused: BTreeMap<DocumentId, RefusalCode>,
    undo: UndoStack,
    epoch: String,
}

const ME: &str = "me";
const DEVICE: &str = "device";
const EPOCH: &str = "epoch";

impl Session {
    /// The session of this page; loads what is on the device and goes on from there.
    pub fn start() -> Self {
        let (orders, inbox) = mpsc::unbounded();
        let state = State {
            me: None,
            device: DeviceId::from_bytes([0; 16]),
            actor: browser::random(),
            documents: HashMap::new(),
            stored: HashMap::new(),
            broken: BTreeSet::new(),
            unread: false,
            what: HashMap::new(),
            entries: BTreeMap::new(),
            acknowledged: HashMap::new(),
            waiting: HashMap::new(),
            queue: Vec::new(),
            saving: HashMap::new(),
            writing: false,
            failed: false,
            link: None,
            leads: false,
            connected: false,
            unanswered: BTreeSet::new(),
            refused: BTreeMap::new(),
            undo: UndoStack::default(),
            epoch: String::new(),
        };
        let inner = Inner {
            storage: Storage::default(),
            state: RefCell::new(state),
            orders,
            tabs: RefCell::new(None),
        };
        let session = Self { inner: StoredValue::new_local(Rc::new(inner)), view: View::new() };
        spawn_local(async move {
            session.load().await;
            session.join_tabs();
            session.view.ready.set(true);
            session.look_up_me().await;
            tabs::lead().await;
            session.read_disk_again().await;
            session.with(|state| state.leads = true);
            socket::keep(session, inbox).await;
        });
        session
    }

    fn inner(&self) -> Rc<Inner> {
        self.inner.get_value()
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.inner().state.borrow_mut())
    }

    /// Whether somebody is signed in on this device.
    pub fn is_signed_in(&self) -> bool {
        self.with(|state| state.me.is_some())
    }

    // ---- Start ----

    async fn load(&self) {
        let inner = self.inner();
        let word = async |name: &str| inner.storage.word(name).await.ok().flatten();
        let me: Option<Me> = word(ME).await.and_then(|text| serde_json::from_str(&text).ok());
        let device = match word(DEVICE).await.and_then(|text| text.parse().ok()) {
            Some(device) => device,
            None => {
                let device = DeviceId::from_bytes(browser::fresh_id());
                let _ = inner.storage.set_word(DEVICE, &device.to_string()).await;
                device
            }
        };
        let epoch = word(EPOCH).await.unwrap_or_default();
        let chunks = match inner.storage.all().await {
            Ok(chunks) => chunks,
            Err(error) => {
                leptos::logging::error!("storage: {}", error.0);
                self.with(|state| state.unread = true);
                Vec::new()
            }
        };
        let mut by_document: HashMap<DocumentId, Vec<Vec<u8>>> = HashMap::new();
        for (document, bytes) in chunks {
            by_document.entry(document).or_default().push(bytes);
        }
        self.with(|state| {
            (state.me, state.device, state.epoch) = (me.clone(), device, epoch);
            state.stored = by_document;
        });
        self.view.me.set(me);
        self.open_all();
        self.load_acknowledged().await;
        self.show_badge();
    }

    /// What the server had acknowledged when this device last heard of it, in its present epoch.
    async fn load_acknowledged(&self) {
        let inner = self.inner();
        let (known, epoch): (Vec<DocumentId>, String) =
            self.with(|state| (state.documents.keys().copied().collect(), state.epoch.clone()));
        for document in known {
            let text = inner.storage.word(&format!("ack/{epoch}/{document}")).await.ok().flatten();
            if let Some(text) = text {
                self.with(|state| state.acknowledge(document, heads_of(&text)));
            }
        }
    }

    /// Opens the space, then its boards, then their logs, from what is stored.
    fn open_all(&self) {
        let Some(space) = self.space_id() else { return };
        self.with(|state| state.open(DocumentId::space(space), What::Space));
        self.show_space();
        loop {
            let missing = self.with(|state| state.missing());
            if missing.is_empty() {
                break;
            }
            self.with(|state| {
                for (id, what) in missing {
                    state.open(id, what);
                }
            });
        }
        self.show_boards();
    }

    /// The space that the person here belongs to.
    pub fn space_id(&self) -> Option<SpaceId> {
        self.with(|state| state.me.as_ref()?.space.parse().ok())
    }

    /// A tab that leads from now on takes in what others wrote while it only listened: one that
    /// was killed after its write has told nobody.
    async fn read_disk_again(&self) {
        let Ok(chunks) = self.inner().storage.all().await else {
            return self.with(|state| state.unread = true);
        };
        for (id, bytes) in chunks {
            self.with(|state| state.open_by_id(id));
            let applied = self.with(|state| match state.documents.get_mut(&id) {
                Some(document) => document.apply(&bytes).ok(),
                None => None,
            });
            if let Some(events) = applied.filter(|events| !events.is_empty()) {
                self.show(id, &events);
                self.with(|state| state.count_waiting(id));
            }
        }
        self.show_badge();
    }

    fn join_tabs(&self) {
        let session = *self;
        match Tabs::join(move |note| session.hear(note)) {
            Ok(tabs) => {
                tabs.tell(&Note::Hello);
                *self.inner().tabs.borrow_mut() = Some(tabs);
            }
            Err(error) => leptos::logging::warn!("tabs: {error:?}"),
        }
    }

    fn tell(&self, note: &Note) {
        if let Some(tabs) = self.inner().tabs.borrow().as_ref() {
            tabs.tell(note);
        }
    }

    async fn look_up_me(&self) {
        match api::current().await {
            Ok(me) => self.signed_in(me).await,
            // Signed out elsewhere: the documents stay, the person must sign in to go on.
            Err(api::ApiError::SignedOut) => self.with_me(None).await,
            Err(_) => {}
        }
    }

    /// Somebody signed in.
    pub async fn signed_in(&self, me: Me) {
        let same = self.with(|state| state.me.as_ref() == Some(&me));
        if !same {
            self.with_me(Some(me)).await;
            self.open_all();
            self.load_acknowledged().await;
        }
        let _ = self.inner().orders.unbounded_send(Order::Now);
        spawn_local(async {
            browser::persist().await;
        });
    }

    async fn with_me(&self, me: Option<Me>) {
        let text = me.as_ref().and_then(|me| serde_json::to_string(me).ok()).unwrap_or_default();
        let _ = self.inner().storage.set_word(ME, &text).await;
        self.with(|state| state.me.clone_from(&me));
        self.view.me.set(me);
    }

    /// Signs out and forgets everything on this device. The caller has made sure that nothing
    /// waits to be sent.
    pub async fn sign_out(&self) {
        api::sign_out().await;
        let _ = self.inner().storage.clear().await;
        let _ = browser::window().location().set_href("/");
    }

    // ---- Edits of this device ----

    fn stamp(&self) -> Stamp {
        let by = self.with(|state| {
            let Some(me) = state.me.clone() else { return String::new() };
            let unit =
                me.unit.parse::<UnitId>().map(|unit| state.space().unit_name(unit)).unwrap_or_default();
            format!("{}（{unit}）", me.name)
        });
        Stamp { time: browser::now(), by }
    }

    /// Applies an edit to a document and puts it on its way.
    pub fn edit(&self, id: DocumentId, edit: Edit) {
        let stamp = self.stamp();
        let result = self.with(|state| {
            let State { documents, undo, .. } = state;
            documents.get_mut(&id).map(|document| undo.edit(id, document, &edit, &stamp))
        });
        match result {
            Some(Ok((events, chunk))) => self.after(id, &events, chunk),
            Some(Err(error)) => self.notice(&error.to_string()),
            None => self.notice("本机还没有这张清单"),
        }
    }

    /// Applies an edit to a board.
    pub fn edit_board(&self, board: BoardId, edit: Edit) {
        self.edit(DocumentId::board(board), edit);
    }

    /// Applies edits to the space.
    pub fn edit_space(&self, edits: &[Edit]) {
        let Some(space) = self.space_id() else { return };
        let (id, stamp) = (DocumentId::space(space), self.stamp());
        let result =
            self.with(|state| state.documents.get_mut(&id).map(|document| document.edit_all(edits, &stamp)));
        match result {
            Some(Ok((events, chunk))) => self.after(id, &events, chunk),
            Some(Err(error)) => self.notice(&error.to_string()),
            None => {}
        }
    }

    /// Writes an entry into the log of this person's unit.
    pub fn write_entry(&self, subject: Subject, kind: EntryKind, fill: impl FnOnce(&mut Entry)) {
        let Some((id, entry)) = self.with(|state| state.new_entry(subject, kind)) else { return };
        let mut entry = entry;
        fill(&mut entry);
        let edit = Edit::AddEntry { id: entry.id, bytes: entry.to_bytes(None) };
        let stamp = self.stamp();
        let result =
            self.with(|state| state.documents.get_mut(&id).map(|document| document.edit(&edit, &stamp)));
        match result {
            Some(Ok((events, chunk))) => self.after(id, &events, chunk),
            Some(Err(error)) => self.notice(&error.to_string()),
            None => {}
        }
    }

    /// Takes an accepted draft: the board's document, its listing, unknown units. `false` when the
    /// board is here already.
    pub fn adopt(&self, adoption: Adoption) -> bool {
        let id = DocumentId::board(adoption.board);
        let known = self.with(|state| state.space().boards.contains_key(&adoption.board));
        if known {
            return false;
        }
        self.edit_space(&adoption.space_edits);
        self.with(|state| state.open(id, What::Board(adoption.board)));
        let applied = self
            .with(|state| state.documents.get_mut(&id).map(|document| document.apply(&adoption.chunk.bytes)));
        if let Some(Ok(events)) = applied {
            self.after(id, &events, Some(adoption.chunk));
        }
        self.open_missing();
        self.show_boards();
        true
    }

    /// Takes the last edit of this person back.
    pub fn undo(&self) {
        let stamp = self.stamp();
        let undone = self.with(|state| {
            let State { documents, undo, .. } = state;
            let id = undo.next_undo()?;
            Some(undo.undo(documents.get_mut(&id)?, &stamp))
        });
        match undone {
            Some(Ok(Some((id, events, chunk)))) => self.after(id, &events, chunk),
            Some(Ok(None)) => self.notice("别人已经改过这里，没有撤销"),
            Some(Err(error)) => self.notice(&error.to_string()),
            None => {}
        }
    }

    /// Does again what was taken back.
    pub fn redo(&self) {
        let stamp = self.stamp();
        let redone = self.with(|state| {
            let State { documents, undo, .. } = state;
            let id = undo.next_redo()?;
            undo.redo(documents.get_mut(&id)?, &stamp).ok().flatten()
        });
        if let Some((id, events, chunk)) = redone {
            self.after(id, &events, chunk);
        }
    }

    /// Shows a sentence that passes by.
    pub fn notice(&self, words: &str) {
        self.view.notice.set(Some(words.to_owned()));
    }

    /// Reads a document.
    pub fn read<T>(&self, id: DocumentId, read: impl FnOnce(&mut Document) -> T) -> Option<T> {
        self.with(|state| state.documents.get_mut(&id).map(read))
    }

    /// What an entry that is written now has seen of a board's logs.
    pub fn seen(&self, board: BoardId) -> BTreeMap<String, u32> {
        self.with(|state| state.entries.get(&board).map(Entries::seen).unwrap_or_default())
    }

    // ---- The path: view, disk, tabs, wire ----

    /// After any change: the view at once, then the disk, then the others.
    fn after(&self, id: DocumentId, events: &[Event], chunk: Option<Chunk>) {
        self.show(id, events);
        if let Some(chunk) = chunk {
            self.save(vec![(id, chunk)]);
        }
        self.with(|state| state.count_waiting(id));
        self.show_badge();
    }

    fn save(&self, chunks: Vec<(DocumentId, Chunk)>) {
        let start = self.with(|state| {
            for (id, chunk) in chunks {
                *state.saving.entry(id).or_default() += 1;
                state.queue.push((id, chunk));
            }
            UNSAVED.store(state.queue.len(), Ordering::Relaxed);
            !std::mem::replace(&mut state.writing, true)
        });
        if start {
            let session = *self;
            spawn_local(async move { session.write_queue().await });
        }
    }

    /// One writer at a time; what gathers meanwhile goes into the next transaction.
    async fn write_queue(&self) {
        let inner = self.inner();
        loop {
            let batch = self.with(|state| std::mem::take(&mut state.queue));
            if batch.is_empty() {
                self.with(|state| state.writing = false);
                return;
            }
            match inner.storage.put(&batch).await {
                Ok(()) => self.saved(&batch),
                Err(error) => {
                    leptos::logging::error!("storage: {}", error.0);
                    self.with(|state| {
                        state.failed = true;
                        let later = std::mem::take(&mut state.queue);
                        state.queue = batch;
                        state.queue.extend(later);
                    });
                    self.show_badge();
                    gloo_timers::future::TimeoutFuture::new(2000).await;
                }
            }
        }
    }

    /// Chunks are on the disk: other tabs hear of them, and the server.
    fn saved(&self, batch: &[(DocumentId, Chunk)]) {
        let documents: BTreeSet<DocumentId> = batch.iter().map(|(id, _)| *id).collect();
        self.with(|state| {
            state.failed = false;
            for (id, _) in batch {
                if let Some(count) = state.saving.get_mut(id) {
                    *count = count.saturating_sub(1);
                }
            }
            UNSAVED.store(state.queue.len(), Ordering::Relaxed);
        });
        for (id, chunk) in batch {
            self.tell(&Note::Chunk(*id, chunk.bytes.clone()));
        }
        for id in documents {
            self.poll(id);
        }
        self.show_badge();
    }

    /// Sends what the server lacks of a document, unless something of it is not on the disk yet.
    fn poll(&self, id: DocumentId) {
        let effects = self.with(|state| {
            if state.saving.get(&id).is_some_and(|count| *count > 0) {
                return Vec::new();
            }
            let State { documents, link, unanswered, .. } = state;
            match (documents.get_mut(&id), link) {
                (Some(document), Some(link)) => {
                    if link.is_open() && !link.knows(id) {
                        unanswered.insert(id);
                    }
                    link.poll(id, document)
                }
                _ => Vec::new(),
            }
        });
        self.carry_out(effects);
    }

    fn hear(&self, note: Note) {
        match note {
            Note::Chunk(id, bytes) => {
                self.with(|state| state.open_by_id(id));
                let applied =
                    self.with(|state| state.documents.get_mut(&id).map(|document| document.apply(&bytes)));
                if let Some(Ok(events)) = applied
                    && !events.is_empty()
                {
                    self.show(id, &events);
                }
                self.with(|state| state.count_waiting(id));
                self.poll(id);
            }
            Note::Ack(id, heads) => self.with(|state| state.acknowledge(id, heads)),
            Note::Connected(connected) => self.with(|state| state.connected = connected),
            Note::Hello => {
                let (leads, connected) = self.with(|state| (state.leads, state.connected));
                if leads {
                    self.tell(&Note::Connected(connected));
                }
            }
        }
        self.show_badge();
    }

    // ---- The connection ----

    /// A fresh link and its first word.
    pub fn begin_link(&self) -> Vec<u8> {
        self.with(|state| {
            let link = Link::new(&state.device.to_string());
            let Effect::Send(hello) = link.hello() else { return Vec::new() };
            state.link = Some(link);
            hello
        })
    }

    /// Tries to connect at once.
    pub fn sync_now(&self) {
        let _ = self.inner().orders.unbounded_send(Order::Now);
    }

    /// The connection is gone.
    pub fn disconnected(&self) {
        let was = self.with(|state| {
            state.link = None;
            state.unanswered.clear();
            std::mem::replace(&mut state.connected, false)
        });
        if was {
            self.tell(&Note::Connected(false));
        }
        self.show_badge();
    }

    /// Takes a message of the server.
    pub fn receive(&self, bytes: &[u8]) {
        let effects = self.with(|state| {
            let State { documents, link, .. } = state;
            link.as_mut().map(|link| link.receive(bytes, |id| documents.get_mut(&id))).unwrap_or_default()
        });
        self.carry_out(effects);
        self.show_badge();
    }

    fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(bytes) => {
                    let _ = self.inner().orders.unbounded_send(Order::Send(bytes));
                }
                Effect::Received { document, chunks, events } => {
                    self.show(document, &events);
                    // The server sends only what it has on its disk.
                    self.with(|state| state.has(document, &chunks));
                    self.save(chunks.into_iter().map(|chunk| (document, chunk)).collect());
                    self.with(|state| state.count_waiting(document));
                }
                Effect::Respond(document) => self.poll(document),
                Effect::Acknowledged { document, heads } => self.acknowledged(document, heads),
                Effect::Opened(about) => self.opened(about),
                Effect::Refused { document, code, changes } => {
                    self.with(|state| {
                        state.unanswered.remove(&document);
                        // A board that the server does not know yet comes with the space.
                        // and what this person may not even read is no refusal of theirs.
                        let wrote =
                            !changes.is_empty() || state.waiting.get(&document).is_some_and(|n| *n > 0);
                        if code != RefusalCode::UnknownDocument && wrote {
                            state.refused.insert(document, code);
                        }
                    });
                }
                Effect::Unavailable(document) => self.with(|state| {
                    state.unanswered.remove(&document);
                    if let Some(link) = &mut state.link {
                        link.forget(document);
                    }
                }),
                Effect::Rights { document, write } => self.with(|state| {
                    if write {
                        state.refused.remove(&document);
                    }
                }),
                Effect::Close(why) => {
                    leptos::logging::warn!("connection: {why}");
                    let _ = self.inner().orders.unbounded_send(Order::Close);
                }
            }
        }
    }

    fn opened(&self, about: ServerWord) {
        let inner = self.inner();
        let changed = self.with(|state| {
            state.connected = true;
            let changed = state.epoch != about.epoch;
            if changed {
                // Another store: what the former one had acknowledged is void.
                state.epoch.clone_from(&about.epoch);
                state.acknowledged.clear();
            }
            let all: Vec<DocumentId> = state.documents.keys().copied().collect();
            all.into_iter().for_each(|id| state.count_waiting(id));
            changed
        });
        if changed {
            let epoch = about.epoch;
            spawn_local(async move {
                let _ = inner.storage.set_word(EPOCH, &epoch).await;
            });
        }
        self.tell(&Note::Connected(true));
        // The space first: it tells the server which boards there are.
        let mut all: Vec<(u8, DocumentId)> = self.with(|state| {
            let order = |what: &What| match what {
                What::Space => 0,
                What::Board(_) => 1,
                What::Log(..) => 2,
            };
            state.what.iter().map(|(id, what)| (order(what), *id)).collect()
        });
        all.sort_unstable();
        for (_, id) in all {
            self.poll(id);
        }
    }

    fn acknowledged(&self, id: DocumentId, heads: Vec<[u8; 32]>) {
        let inner = self.inner();
        let text: String = heads.iter().map(|head| hex(head)).collect::<Vec<_>>().join(" ");
        self.tell(&Note::Ack(id, heads.clone()));
        let epoch = self.with(|state| state.epoch.clone());
        let space = self.with(|state| {
            let here = state
                .documents
                .get_mut(&id)
                .is_some_and(|document| heads.iter().all(|head| document.contains(head)));
            state.acknowledge(id, heads);
            if here {
                state.unanswered.remove(&id);
            }
            state.refused.remove(&id);
            state.what.get(&id) == Some(&What::Space)
        });
        spawn_local(async move {
            let _ = inner.storage.set_word(&format!("ack/{epoch}/{id}"), &text).await;
        });
        if space {
            // Boards that the server did not know before the space came.
            let boards: Vec<DocumentId> = self.with(|state| {
                let waiting = state.what.iter().filter(|(id, what)| {
                    **what != What::Space && state.waiting.get(*id).is_some_and(|n| *n > 0)
                });
                waiting.map(|(id, _)| *id).collect()
            });
            for board in boards {
                self.with(|state| {
                    if let Some(link) = &mut state.link {
                        link.forget(board);
                    }
                });
                self.poll(board);
            }
        }
    }

    // ---- The view ----

    fn show(&self, id: DocumentId, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        match self.with(|state| state.what.get(&id).copied()) {
            Some(What::Space) => {
                self.show_space();
                self.open_missing();
                self.show_boards();
            }
            Some(What::Board(board)) => {
                let view = self.view.boards.with_untracked(|boards| boards.get(&board).cloned());
                match view {
                    Some(view) => self.with(|state| {
                        if let Some(document) = state.documents.get(&id) {
                            view.apply(&self.view, document, state.entries.entry(board).or_default(), events);
                        }
                    }),
                    None => self.show_boards(),
                }
                self.open_logs_of(board, id, events);
            }
            Some(What::Log(board, _)) => self.show_entries(id, board, events),
            None => {}
        }
    }

    fn show_entries(&self, id: DocumentId, board: BoardId, events: &[Event]) {
        let view = self.view.boards.with_untracked(|boards| boards.get(&board).cloned());
        self.with(|state| {
            let State { documents, entries, .. } = state;
            let all = entries.entry(board).or_default();
            let new: Vec<Entry> = events
                .iter()
                .filter_map(|event| match event {
                    Event::EntryAdded(entry) => documents.get(&id)?.entry(*entry),
                    _ => None,
                })
                .collect();
            for entry in &new {
                all.add(entry.clone());
            }
            if let (Some(view), Some(document)) = (view, documents.get(&DocumentId::board(board))) {
                for entry in &new {
                    view.entry(&self.view, document, all, entry);
                }
            }
        });
    }

    fn show_space(&self) {
        let space = self.with(|state| state.space());
        self.view.set_space(space);
    }

    /// Views for boards that have none yet; the others are read anew.
    fn show_boards(&self) {
        let mut boards = self.view.boards.get_untracked();
        let before = boards.len();
        self.with(|state| {
            for (id, what) in &state.what {
                let (What::Board(board), Some(document)) = (what, state.documents.get(id)) else { continue };
                let entries = state.entries.entry(*board).or_default();
                match boards.get(board) {
                    Some(view) => view.refresh(&self.view, document, entries),
                    None => {
                        boards.insert(*board, BoardView::new(&self.view, document, entries));
                    }
                }
            }
        });
        if boards.len() != before {
            self.view.boards.set(boards);
        }
    }

    /// Opens documents that the space or a board names and that are not open, and asks for them.
    fn open_missing(&self) {
        loop {
            let missing = self.with(|state| state.missing());
            if missing.is_empty() {
                return;
            }
            self.with(|state| {
                for (id, what) in &missing {
                    state.open(*id, *what);
                }
            });
            for (id, _) in missing {
                self.poll(id);
            }
        }
    }

    /// Opens the logs of units that a change has named.
    fn open_logs_of(&self, board: BoardId, id: DocumentId, events: &[Event]) {
        let items_only =
            events.iter().all(|event| matches!(event, Event::ItemChanged(_) | Event::ItemPlaced(_)));
        if !items_only {
            return self.open_missing();
        }
        let new: Vec<UnitId> = self.with(|state| {
            let space = self.view.space.get_untracked();
            let named = events.iter().filter_map(|event| match event {
                Event::ItemChanged(item) | Event::ItemPlaced(item) => state.documents.get(&id)?.item(*item),
                _ => None,
            });
            let units: BTreeSet<UnitId> = named
                .flat_map(|item| item.assignments.into_keys())
                .flat_map(|unit| space.expanded(unit))
                .collect();
            units
                .into_iter()
                .filter(|unit| !state.documents.contains_key(&DocumentId::log(board, *unit)))
                .collect()
        });
        for unit in new {
            let log = DocumentId::log(board, unit);
            self.with(|state| state.open(log, What::Log(board, unit)));
            self.poll(log);
        }
    }

    fn show_badge(&self) {
        let (badge, refused, undo, redo) = self.with(|state| {
            let badge = Badge {
                connected: state.connected,
                saving: state.saving.values().sum(),
                waiting: state.waiting.values().sum(),
                receiving: state.unanswered.len(),
                refused: state.refused.len(),
                failed: state.failed || state.unread,
            };
            let refused: Vec<_> = state.refused.iter().map(|(id, code)| (*id, *code)).collect();
            (badge, refused, state.undo.next_undo().is_some(), state.undo.next_redo().is_some())
        });
        if self.view.badge.get_untracked() != badge {
            self.view.badge.set(badge);
        }
        if self.view.refused.get_untracked() != refused {
            self.view.refused.set(refused);
        }
        if self.view.can_undo.get_untracked() != undo {
            self.view.can_undo.set(undo);
        }
        if self.view.can_redo.get_untracked() != redo {
            self.view.can_redo.set(redo);
        }
    }

    // ---- Files ----

    /// Everything on this device as one file: lines of `document hash bytes`, in base 16.
    pub fn bundle(&self) -> Vec<u8> {
        let mut out = String::from("tongban-bundle 1\n");
        self.with(|state| {
            let mut ids: Vec<DocumentId> = state.documents.keys().copied().collect();
            ids.sort_unstable();
            for id in ids {
                let Some(document) = state.documents.get_mut(&id) else { continue };
                for chunk in document.changes_since(&[]) {
                    out.push_str(&format!("{id} {}\n", hex(&chunk.bytes)));
                }
            }
        });
        out.into_bytes()
    }

    /// Takes a bundle in; twice changes nothing. Gives the number of changes that were new.
    pub fn take_bundle(&self, bytes: &[u8]) -> Result<usize, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "这不是同办的数据文件".to_owned())?;
        let lines = text.strip_prefix("tongban-bundle 1\n").ok_or("这不是同办的数据文件")?;
        let mut waiting = Vec::new();
        for line in lines.lines() {
            let (id, bytes) = line.split_once(' ').ok_or("文件不完整")?;
            let id: DocumentId = id.parse().map_err(|_| "文件不完整")?;
            waiting.push((id, bytes_of(bytes).ok_or("文件不完整")?));
        }
        let mut new = 0;
        // The space names its boards, boards name their logs: go round until nothing more opens.
        loop {
            let before = waiting.len();
            let mut later = Vec::new();
            for (id, bytes) in waiting {
                self.with(|state| state.open_by_id(id));
                let applied = self.with(|state| {
                    state.documents.get_mut(&id).map(|document| {
                        let heads = document.heads();
                        let events = document.apply(&bytes)?;
                        Ok::<_, DocumentError>((events, document.changes_since(&heads)))
                    })
                });
                match applied {
                    Some(Ok((events, chunks))) => {
                        new += chunks.len();
                        self.show(id, &events);
                        self.save(chunks.into_iter().map(|chunk| (id, chunk)).collect());
                        self.with(|state| state.count_waiting(id));
                    }
                    Some(Err(error)) => return Err(error.to_string()),
                    None => later.push((id, bytes)),
                }
            }
            if later.is_empty() || later.len() == before {
                break;
            }
            waiting = later;
        }
        self.show_badge();
        Ok(new)
    }

    /// How many documents and changes are here.
    pub fn counts(&self) -> (usize, usize) {
        self.with(|state| {
            let changes =
                state.documents.values_mut().map(|document| document.changes_since(&[]).len()).sum();
            (state.documents.len(), changes)
        })
    }
}

impl State {
    fn space(&self) -> Space {
        let id = self.me.as_ref().and_then(|me| me.space.parse().ok()).map(DocumentId::space);
        id.and_then(|id| self.documents.get(&id)).map(Document::space).unwrap_or_default()
    }

    fn open(&mut self, id: DocumentId, what: What) {
        if self.documents.contains_key(&id) {
            return;
        }
        let kind = match what {
            What::Space => Kind::Space,
            What::Board(_) => Kind::Board,
            What::Log(..) => Kind::Log,
        };
        let stored = self.stored.remove(&id).unwrap_or_default();
        let document = match Document::load(kind, &self.actor, stored.iter().map(Vec::as_slice)) {
            Ok(document) => document,
            Err(error) => {
                leptos::logging::error!("document {id}: {error}");
                (self.unread, _) = (true, self.broken.insert(id));
                return;
            }
        };
        if let What::Log(board, _) = what {
            let entries = self.entries.entry(board).or_default();
            document.entries().0.into_values().for_each(|entry| entries.add(entry));
        }
        self.documents.insert(id, document);
        self.what.insert(id, what);
        self.count_waiting(id);
    }

    /// Opens a document that another tab spoke of.
    fn open_by_id(&mut self, id: DocumentId) {
        if !self.documents.contains_key(&id)
            && let Some((_, what)) = self.missing().into_iter().find(|(missing, _)| *missing == id)
        {
            self.open(id, what);
        }
    }

    /// Documents that the space or a board names and that are not open.
    fn missing(&self) -> Vec<(DocumentId, What)> {
        let space = self.space();
        let mut missing = Vec::new();
        for board in space.boards.keys() {
            let id = DocumentId::board(*board);
            match self.documents.get(&id) {
                None if self.broken.contains(&id) => {}
                None => missing.push((id, What::Board(*board))),
                Some(document) => {
                    for unit in self.units_of(&space, &document.board()) {
                        let log = DocumentId::log(*board, unit);
                        if !self.documents.contains_key(&log) && !self.broken.contains(&log) {
                            missing.push((log, What::Log(*board, unit)));
                        }
                    }
                }
            }
        }
        missing
    }

    /// The units whose logs a board has: those it names, and the one here.
    fn units_of(&self, space: &Space, board: &tongban_shared::model::Board) -> BTreeSet<UnitId> {
        let named = board
            .items
            .values()
            .flat_map(|item| item.assignments.keys())
            .chain(&board.members)
            .chain(&board.lead);
        let mut units: BTreeSet<UnitId> = named.flat_map(|unit| space.expanded(*unit)).collect();
        units.extend(self.me.as_ref().and_then(|me| me.unit.parse::<UnitId>().ok()));
        // Administrators decide for boards of others: their units' logs belong to every board.
        units.extend(
            space
                .persons
                .values()
                .filter(|person| person.role == "administrator")
                .filter_map(|person| person.unit),
        );
        units
    }

    fn new_entry(&self, subject: Subject, kind: EntryKind) -> Option<(DocumentId, Entry)> {
        let me = self.me.as_ref()?;
        let unit: UnitId = me.unit.parse().ok()?;
        let id = DocumentId::log(subject.board, unit);
        let entries = self.entries.get(&subject.board);
        let writer = hex(&self.actor);
        let entry = Entry {
            id: EntryId::from_bytes(browser::fresh_id()),
            kind,
            author: Author {
                person: me.person.parse().ok()?,
                unit,
                device: self.device,
                writer: writer.clone(),
            },
            seq: entries.map_or(1, |entries| entries.next_seq(&writer)),
            said: i64::try_from(browser::now_ms()).unwrap_or_default(),
            subject,
            body: String::new(),
            value: None,
            measure: None,
            period: None,
            accepted: None,
            supersedes: None,
            seen: entries.map(Entries::seen).unwrap_or_default(),
            heads: Vec::new(),
            digest: None,
        };
        Some((id, entry))
    }

    fn acknowledge(&mut self, id: DocumentId, heads: Vec<[u8; 32]>) {
        let known = self
            .documents
            .get_mut(&id)
            .is_some_and(|document| heads.iter().all(|head| document.contains(head)));
        let all = self.acknowledged.entry(id).or_default();
        if known {
            *all = heads;
        } else {
            // A change that is still on its way here: what was acknowledged before stays so.
            all.extend(heads);
        }
        self.count_waiting(id);
    }

    fn has(&mut self, id: DocumentId, chunks: &[Chunk]) {
        self.acknowledged.entry(id).or_default().extend(chunks.iter().map(|chunk| chunk.hash));
    }

    /// Counts what the server lacks; the first change of a kind is the server's as well.
    fn count_waiting(&mut self, id: DocumentId) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        let acknowledged = self.acknowledged.get(&id).cloned().unwrap_or_default();
        let changes = document.changes_since(&acknowledged).len();
        let begun = usize::from(acknowledged.is_empty());
        self.waiting.insert(id, changes.saturating_sub(begun));
    }
}

fn heads_of(text: &str) -> Vec<[u8; 32]> {
    text.split(' ').filter_map(|head| bytes_of(head)?.try_into().ok()).collect()
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| (byte as char).to_digit(16);
    digits.chunks_exact(2).map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()).collect()
}
