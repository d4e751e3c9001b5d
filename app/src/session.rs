//! The straight path of an edit: document, view, disk, tabs, wire — the same for one's own and
//! for those of others. Nothing is called saved before its transaction is complete, nothing is
//! sent before it is saved, nothing is called synced before the server said so.

mod bundle;
mod clash;
mod coming;
mod doubts;
mod edits;
mod files;
mod history;
mod lock;
mod look;
mod outbox;
mod path;
mod plan;
mod projects;
mod revise;
mod show;
mod state;
mod trust;
mod unsaved;
mod wire;

pub use plan::ProposalDraft;

use crate::api::{self, Me};
use crate::browser;
use crate::fault::UNSAVED;
use crate::slices::Slices;
use crate::socket::{self, Order};
use crate::storage::Storage;
use crate::tabs::{self, Note, Tabs};
pub use bundle::Untaken;
pub use lock::Tried;
pub use outbox::Outgoing;

use crate::view::{Badge, BoardView, Derived, View};
use futures::channel::mpsc;
use futures::future::select;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, btree_map};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use tongban_shared::access::AccountRole;
use tongban_shared::adopt::Adoption;
use tongban_shared::attachment::FileHash;
use tongban_shared::document::{Chunk, Document, DocumentError, Kind, Stamp, hex, unhex};
use tongban_shared::edit::{Edit, ItemField, NewItem};
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::event::Event;
use tongban_shared::fold::{self, Entries, Lamp};
use tongban_shared::id::{BoardId, DeviceId, DocumentId, EntryId, ItemId, SpaceId, UnitId};
use tongban_shared::lock::Lock;
use tongban_shared::model::{BoardListing, Space};
use tongban_shared::rule::{Finding, Living, Rule, Scene, Verdict};
use tongban_shared::sync::RefusalCode;
use tongban_shared::sync::frame::ServerWord;
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::template::{self, Template, Who};
use tongban_shared::trust::{Doubt, Proofs, Register};
use tongban_shared::undo::UndoStack;
use tongban_shared::words::Lang;

/// The kind of a document on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Space,
    Board(BoardId),
    Log(BoardId, UnitId),
}

impl What {
    const fn kind(self) -> Kind {
        match self {
            Self::Space => Kind::Space,
            Self::Board(_) => Kind::Board,
            Self::Log(..) => Kind::Log,
        }
    }
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
    own: trust::Own,
    /// The serial of its certificate, as the server last said.
    serial: Option<u32>,
    /// Somebody is signing in, and this device is not certified for them yet.
    joining: bool,
    /// The rights that the statements of the space give, and the statements they were read from.
    register: Register,
    stated: (String, Proofs),
    /// The sources of that: the server's key, the statements of the space, those that files have brought.
    stated_from: (String, Proofs, Proofs),
    /// Statements of which only new ones are opened.
    opened: tongban_shared::trust::Opened,
    /// Statements that files have brought and the space lacks.
    brought: Proofs,
    /// Signatures are being checked.
    checking: bool,
    /// Heads of logs up to which signatures were checked on this device.
    checked: HashMap<DocumentId, String>,
    documents: HashMap<DocumentId, Document>,
    /// Chunks of this device whose documents nothing names yet; never forgotten.
    stored: HashMap<DocumentId, Vec<Vec<u8>>>,
    /// Documents whose chunks cannot be read: they are left as they are.
    broken: BTreeSet<DocumentId>,
    what: HashMap<DocumentId, What>,
    entries: BTreeMap<BoardId, Entries>,
    /// Boards as they stand, read once and kept folded.
    living: BTreeMap<BoardId, Living>,
    /// Histories of boards, read as far as somebody has asked.
    histories: BTreeMap<BoardId, history::Kept>,
    /// Heads of boards as they were on the disk when this page was opened, and entries that came later.
    loaded_heads: BTreeMap<BoardId, Vec<[u8; 32]>>,
    arrived: BTreeMap<BoardId, BTreeSet<EntryId>>,
    /// Heads that the server has on its disk.
    acknowledged: HashMap<DocumentId, Vec<[u8; 32]>>,
    /// Acts of people that the server lacks, by document.
    waiting: HashMap<DocumentId, usize>,
    /// Chunks on their way to the disk.
    queue: Vec<(DocumentId, Chunk)>,
    saving: HashMap<DocumentId, usize>,
    writing: bool,
    failed: bool,
    /// Some of the disk could not be read; no later success makes that good. The device's key could not be
    /// read: what is written now would be nobody's later.
    keyless: bool,
    unread: bool,
    loaded: bool,
    /// Notes of other tabs that came while this one was still reading its disk.
    early: Vec<Note>,
    link: Option<Link>,
    leads: bool,
    connected: bool,
    /// Documents asked for on this connection that the server has not answered for yet.
    unanswered: BTreeSet<DocumentId>,
    refused: BTreeMap<DocumentId, RefusalCode>,
    /// An enterprise's items, as the server last told them.
    projects: Option<projects::Kept>,
    asking: projects::Asking,
    /// Files of this device that the server lacks.
    files: BTreeSet<FileHash>,
    sending_files: bool,
    /// How this device is to be locked, as last heard.
    lock: Option<Lock>,
    /// When the server was last asked for that, in milliseconds since 1970.
    lock_asked: u64,
    undo: UndoStack,
    epoch: String,
}

const ME: &str = "me";
const EPOCH: &str = "epoch";

/// Somebody signed out, and the server has not heard of it.
const LEAVING: &str = "leaving";

impl Session {
    /// The session of this page; loads what is on the device and goes on from there.
    pub fn start() -> Self {
        let (orders, inbox) = mpsc::unbounded();
        let state = State {
            me: None,
            own: trust::Own::new(&browser::random()),
            serial: None,
            joining: false,
            register: Register::default(),
            stated: Default::default(),
            stated_from: Default::default(),
            opened: Default::default(),
            keyless: false,
            brought: Proofs::default(),
            checking: false,
            checked: HashMap::new(),
            documents: HashMap::new(),
            stored: HashMap::new(),
            broken: BTreeSet::new(),
            unread: false,
            loaded: false,
            early: Vec::new(),
            what: HashMap::new(),
            entries: BTreeMap::new(),
            living: BTreeMap::new(),
            histories: BTreeMap::new(),
            loaded_heads: BTreeMap::new(),
            arrived: BTreeMap::new(),
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
            projects: None,
            asking: projects::Asking::No,
            files: BTreeSet::new(),
            sending_files: false,
            lock: None,
            lock_asked: 0,
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
            // Listen before reading: what another tab writes meanwhile is in one or the other.
            session.join_tabs();
            session.load().await;
            session.with(|state| state.loaded = true);
            for note in session.with(|state| std::mem::take(&mut state.early)) {
                session.hear(note);
            }
            session.view.ready.set(true);
            if session.has_left().await {
                session.look_up_me().await;
            }
            tabs::lead().await;
            session.read_disk_again().await;
            session.with(|state| state.leads = true);
            session.load_files().await;
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

    /// Whether a connection would last: one that is opened before this device is certified is closed by that.
    pub fn may_connect(&self) -> bool {
        self.with(|state| state.me.is_some() && !state.joining)
    }

    async fn load(&self) {
        let inner = self.inner();
        let word = async |name: &str| inner.storage.word(name).await.ok().flatten();
        let me: Option<Me> = word(ME).await.and_then(|text| serde_json::from_str(&text).ok());
        // Without its key nothing is written (`write_queue`): another one would be made beside it.
        let own = match inner.storage.own().await {
            Ok(own) => Some(own),
            Err(error) => {
                leptos::logging::error!("storage: {}", error.0);
                self.with(|state| state.unread = true);
                None
            }
        };
        let brought = inner.storage.brought().await;
        let serial = word(trust::SERIAL).await.and_then(|serial| serial.parse().ok());
        let checked = inner.storage.words_of(trust::CHECKED).await.unwrap_or_default();
        let checked = checked.into_iter().filter_map(|(id, heads)| Some((id.parse().ok()?, heads)));
        let epoch = word(EPOCH).await.unwrap_or_default();
        let chunks = match inner.storage.all().await {
            Ok(chunks) => chunks,
            Err(error) => {
                leptos::logging::error!("storage: {}", error.0);
                self.with(|state| state.unread = true);
                Vec::new()
            }
        };
        self.view.kept.set(!chunks.is_empty());
        let mut by_document: HashMap<DocumentId, Vec<Vec<u8>>> = HashMap::new();
        for (document, bytes) in chunks {
            by_document.entry(document).or_default().push(bytes);
        }
        self.with(|state| {
            (state.me, state.epoch) = (me.clone(), epoch);
            state.keyless = own.is_none();
            state.own = own.unwrap_or_else(|| state.own.clone());
            state.brought = brought;
            (state.checked, state.serial) = (checked.collect(), serial);
            state.stored = by_document;
        });
        self.begin_gate().await;
        self.view.me.set(me);
        self.load_projects().await;
        self.open_all().await;
        self.forget_brought().await;
        self.load_acknowledged().await;
        self.load_files().await;
        self.load_restored().await;
        self.show_badge();
    }

    /// Reads how far the server had acknowledged when this device last heard of it, in its present epoch.
    async fn load_acknowledged(&self) {
        let inner = self.inner();
        let (known, epoch): (Vec<DocumentId>, String) =
            self.with(|state| (state.documents.keys().copied().collect(), state.epoch.clone()));
        for document in known {
            let text = inner.storage.word(&format!("ack/{epoch}/{document}")).await.ok().flatten();
            if let Some(text) = text {
                let heads = state::heads_of(&text);
                self.with(|state| state.acknowledge(document, heads));
            }
        }
    }

    /// Opens the space, then its boards, then their logs, from what is stored.
    async fn open_all(&self) {
        let Some(space) = self.space_id() else { return };
        self.with(|state| {
            // An enterprise has neither the space nor what is stated in it.
            if !state.is_enterprise() {
                state.open(DocumentId::space(space), What::Space);
                // Logs are judged as they are opened.
                let space = state.space();
                state.read_register(&space);
            }
        });
        self.show_space();
        let mut slices = Slices::begin();
        loop {
            let missing = self.with(|state| state.missing());
            if missing.is_empty() {
                break;
            }
            for (id, what) in missing {
                slices.rest().await;
                self.with(|state| state.open(id, what));
            }
        }
        self.show_each_board(slices).await;
        // Changes that were taken on the server's word are checked.
        self.check_signatures_later();
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

    /// Asks the server who is signed in, and what it asks of this device.
    pub async fn look_up_me(&self) {
        match api::current().await {
            Ok(me) => self.signed_in(me).await,
            // Signed out elsewhere: the documents stay, the person must sign in to go on.
            Err(api::ApiError::SignedOut) => {
                self.view
                    .kept
                    .set(self.with(|state| !state.stored.is_empty() || !state.documents.is_empty()));
                self.with_me(None).await;
            }
            Err(_) => {}
        }
    }

    /// Somebody signed in.
    pub async fn signed_in(&self, me: Me) {
        // Nobody is to be signed out any more: it would end this session.
        let _ = self.inner().storage.forget_word(LEAVING).await;
        self.hear_lock(me.lock).await;
        let same = self.with(|state| state.me.as_ref() == Some(&me));
        self.with(|state| state.joining = !same || state.serial.is_none());
        if !same {
            self.with_me(Some(me)).await;
            self.load_projects().await;
            self.open_all().await;
            self.load_acknowledged().await;
        }
        self.certify().await;
        self.with(|state| state.joining = false);
        let _ = self.inner().orders.unbounded_send(Order::Now);
        spawn_local(async {
            browser::persist().await;
        });
    }

    /// Whether nobody is still to be signed out: whoever left without a network is, before the browser
    /// may go on under their name.
    pub async fn has_left(&self) -> bool {
        let storage = &self.inner().storage;
        if storage.word(LEAVING).await.ok().flatten().is_none() {
            return true;
        }
        api::sign_out().await.is_ok() && storage.forget_word(LEAVING).await.is_ok()
    }

    async fn with_me(&self, me: Option<Me>) {
        let text = me.as_ref().and_then(|me| serde_json::to_string(me).ok()).unwrap_or_default();
        let _ = self.inner().storage.set_word(ME, &text).await;
        self.with(|state| state.me.clone_from(&me));
        self.view.me.set(me);
    }

    /// Signs out and forgets everything on this device. The caller has made sure that nothing
    /// waits to be sent.
    /// `false` when the device could not be cleared: then nothing has happened.
    pub async fn sign_out(&self) -> bool {
        // Nothing that is still on its way here is kept for somebody who has left.
        let me = self.with(|state| state.me.take());
        // The device first: the server may be far away, and whoever waits must not gain by it.
        if self.inner().storage.clear(LEAVING).await.is_err() {
            self.with(|state| state.me = me);
            return false;
        }
        self.tell(&Note::Left);
        // Not for ever: a network that swallows everything must not hold the page.
        let told = std::pin::pin!(self.has_left());
        select(told, gloo_timers::future::TimeoutFuture::new(3000)).await;
        let _ = browser::window().location().set_href("/");
        true
    }
}
