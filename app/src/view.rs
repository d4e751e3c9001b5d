//! The state that screens read: signals by id, changed by events of documents only, so that one edit of
//! somebody else changes one text node.

use crate::api::Me;
use crate::browser;
use crate::parts::Question;
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tongban_shared::access::{self, AccountRole, Action, Who};
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Entry, EntryKind};
use tongban_shared::event::Event;
use tongban_shared::fold::{self, Entries, ItemStanding, ItemState, Offer, Progress, Standing};
use tongban_shared::id::{BoardId, DocumentId, IndicatorId, ItemId, SectionId};
use tongban_shared::model::{Board, Indicator, Item, Section, Space};
use tongban_shared::publication::Projects;
use tongban_shared::sync::RefusalCode;
use tongban_shared::views;
use tongban_shared::views::Clash;

/// The content of the badge; always the truth, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Badge {
    pub connected: bool,
    /// Edits whose transaction is not complete.
    pub saving: usize,
    /// The acts on this device that the server has not acknowledged: entries, sittings of
    /// writing, photos.
    pub waiting: usize,
    /// Whether the server has not answered yet for all that was asked since the connection was made.
    pub receiving: bool,
    pub refused: usize,
    /// The device could not keep an edit.
    pub failed: bool,
}

/// All signals.
#[derive(Clone, Copy)]
pub struct View {
    pub ready: RwSignal<bool>,
    pub me: RwSignal<Option<Me>>,
    pub space: RwSignal<Arc<Space>>,
    pub boards: RwSignal<BTreeMap<BoardId, BoardView>>,
    /// The boards that the person here may read and that have come, in the order of every list.
    pub listed: Memo<Vec<BoardId>>,
    /// An enterprise's items.
    pub projects: RwSignal<Option<Arc<Projects>>>,
    /// Counts what came into logs; whoever shows what was said follows it.
    pub said: RwSignal<u64>,
    pub badge: RwSignal<Badge>,
    pub refused: RwSignal<Vec<(DocumentId, RefusalCode)>>,
    /// Documents that are nearly full, with the share of their bound in percent.
    pub full: RwSignal<BTreeMap<DocumentId, u8>>,
    /// Large boards that are on their way here, with the part that has come in percent.
    pub coming: RwSignal<BTreeMap<BoardId, u8>>,
    /// Boards of which something cannot be taken on this device; the others go on.
    pub shut: RwSignal<BTreeSet<BoardId>>,
    /// The question put to the person before an edit is written.
    pub asked: RwSignal<Option<Asked>>,
    /// A sentence that passes by: what was undone, why something failed.
    pub notice: RwSignal<Option<String>>,
    /// Whether what the sentence tells can be taken back as the last edit.
    pub takes_back: RwSignal<bool>,
    /// An act that the person is asked about before it is done.
    pub question: RwSignal<Option<Question>>,
    pub can_undo: RwSignal<bool>,
    pub can_redo: RwSignal<bool>,
    /// Why the server does not certify this device: what is written here counts nowhere else.
    pub uncertified: RwSignal<Option<Uncertified>>,
    /// Whether documents are on this device, also while nobody is signed in.
    pub kept: RwSignal<bool>,
    /// Whether the device is open, or waits for its PIN.
    pub gate: RwSignal<Gate>,
    /// A newer app is on the device and waits for the person's word.
    pub new_version: RwSignal<bool>,
    /// When the server was last seen to be restored, in seconds since 1970.
    pub restored: RwSignal<Option<i64>>,
}

/// Whether the device is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gate {
    #[default]
    Open,
    /// A PIN is to be chosen first.
    ToSet,
    /// The PIN is asked for.
    Locked,
}

/// Edits that would write over values which wait for a choice.
#[derive(Debug, Clone)]
pub struct Asked {
    pub board: BoardId,
    pub edits: Vec<Edit>,
    pub clashes: Vec<Clash>,
    /// The value that would be written, in the words of a screen.
    pub shown: String,
}

/// Why this device is not certified for whoever is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uncertified {
    /// Somebody else used it, whose work is not sent yet.
    OthersUnsent,
    /// In the server's words.
    Refused(String),
}

/// One item with everything that is derived for it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemView {
    pub item: Item,
    pub state: ItemState,
    /// In causal order.
    pub entries: Vec<Entry>,
}

/// One indicator with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicatorView {
    pub id: IndicatorId,
    pub indicator: Indicator,
    pub progress: Progress,
    pub standing: Standing,
}

/// The derivations of a template for a board: the states of its items, and the findings of its rules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Derived {
    pub standings: BTreeMap<ItemId, ItemStanding>,
    /// The most urgent lamp of each item's deadlines.
    pub lamps: BTreeMap<ItemId, fold::Lamp>,
    /// Findings of rules on the board or on an item, as sentences, with the lamp of a deadline.
    pub findings: Vec<(Option<ItemId>, String, Option<fold::Lamp>)>,
    /// Moves that the person here may make on the item that was asked for.
    pub offers: Vec<Offer>,
}

/// The rights of the person here on a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct May {
    pub read: bool,
    pub write: bool,
    /// Write the log of their unit; which entries, their role says.
    pub log: bool,
    pub role: Option<AccountRole>,
    pub decide: bool,
    /// Send a close-out back, as supervision may.
    pub give_back: bool,
    pub publish: bool,
}

impl May {
    /// Whether an entry of a kind may be written. Kinds that only the lead writes need `decide` as well.
    pub fn records(&self, kind: EntryKind) -> bool {
        self.log && self.role.is_some_and(|role| access::may_write(role, kind))
    }
}

/// A section and its items in their order, children behind their parents with their depth.
pub type SectionLine = (SectionId, Section, Vec<(ItemId, usize)>);

/// The signals of one board.
#[derive(Clone)]
pub struct BoardView {
    /// The board itself; its items are in `item`.
    pub head: ArcRwSignal<Arc<Board>>,
    pub order: ArcRwSignal<Arc<Vec<SectionLine>>>,
    pub indicators: ArcRwSignal<Arc<Vec<IndicatorView>>>,
    pub may: ArcRwSignal<May>,
    /// Counts what happened to the board; whoever shows derived states of a template follows it.
    pub revision: ArcRwSignal<u64>,
    items: Arc<Mutex<HashMap<ItemId, ArcRwSignal<Arc<ItemView>>>>>,
}

impl View {
    pub fn new() -> Self {
        let boards = RwSignal::new(BTreeMap::<BoardId, BoardView>::new());
        let listed = Memo::new(move |_| {
            boards.with(|boards| {
                let readable = boards.iter().filter(|(_, board)| board.may.with(|may| may.read));
                let heads: Vec<_> = readable.map(|(id, board)| (*id, board.head.get())).collect();
                let come = heads.iter().filter(|(_, head)| !head.title.is_empty());
                views::boards_in_order(come.map(|(id, head)| (*id, &**head)))
            })
        });
        Self {
            ready: RwSignal::new(false),
            me: RwSignal::new(None),
            space: RwSignal::new(Arc::default()),
            boards,
            listed,
            projects: RwSignal::new(None),
            said: RwSignal::new(0),
            badge: RwSignal::new(Badge::default()),
            restored: RwSignal::new(None),
            refused: RwSignal::new(Vec::new()),
            full: RwSignal::new(BTreeMap::new()),
            coming: RwSignal::new(BTreeMap::new()),
            shut: RwSignal::new(BTreeSet::new()),
            asked: RwSignal::new(None),
            notice: RwSignal::new(None),
            takes_back: RwSignal::new(false),
            question: RwSignal::new(None),
            can_undo: RwSignal::new(false),
            can_redo: RwSignal::new(false),
            uncertified: RwSignal::new(None),
            kept: RwSignal::new(false),
            gate: RwSignal::new(Gate::Open),
            new_version: RwSignal::new(false),
        }
    }

    /// The signals of a board, if it is on this device.
    pub fn board(&self, id: BoardId) -> Option<BoardView> {
        self.boards.with(|boards| boards.get(&id).cloned())
    }

    /// The title of a board: by the list of boards where it is not here itself.
    pub fn title_of(&self, id: BoardId) -> String {
        let here = self.board(id).map(|board| board.head.with(|head| head.title.clone()));
        let listed = || self.space.with(|space| space.boards.get(&id).map(|listing| listing.title.clone()));
        here.filter(|title| !title.is_empty()).or_else(listed).unwrap_or_default()
    }

    /// The same without following whether it comes.
    pub fn board_untracked(&self, id: BoardId) -> Option<BoardView> {
        self.boards.with_untracked(|boards| boards.get(&id).cloned())
    }

    /// The boards of [`View::listed`] with their signals.
    pub fn listed_boards(&self) -> Vec<(BoardId, BoardView)> {
        self.listed
            .with(|listed| listed.iter().filter_map(|id| Some((*id, self.board_untracked(*id)?))).collect())
    }

    /// The asker, for rights.
    pub fn who(&self) -> Option<Who> {
        self.me.with(|me| {
            let me = me.as_ref()?;
            Some(Who { unit: me.unit.parse().ok()?, role: AccountRole::from_word(&me.role)? })
        })
    }

    /// The same without following it.
    pub fn who_untracked(&self) -> Option<Who> {
        self.me.with_untracked(|me| {
            let me = me.as_ref()?;
            Some(Who { unit: me.unit.parse().ok()?, role: AccountRole::from_word(&me.role)? })
        })
    }

    /// Whether the person here may do something in the space.
    pub fn allows(&self, action: Action<'_>) -> bool {
        self.who().is_some_and(|who| self.space.with(|space| access::allowed(space, who, action)))
    }

    /// Whether the person here may write a kind of entry at all.
    pub fn writes(&self, kind: EntryKind) -> bool {
        self.who().is_some_and(|who| access::may_write(who.role, kind))
    }

    /// The space changed: names of units, members of groups.
    pub fn set_space(&self, space: Space) {
        browser::keep_zone(space.zone());
        self.space.set(Arc::new(space));
    }
}

impl BoardView {
    /// Signals of a board as it stands.
    pub fn new(view: &View, board: &Board, entries: &Entries) -> Self {
        let one = Self {
            head: ArcRwSignal::new(Arc::default()),
            order: ArcRwSignal::new(Arc::default()),
            indicators: ArcRwSignal::new(Arc::default()),
            may: ArcRwSignal::new(May::default()),
            revision: ArcRwSignal::new(0),
            items: Arc::default(),
        };
        one.refresh(view, board, entries);
        one
    }

    /// The signal of an item.
    pub fn item(&self, id: ItemId) -> Option<ArcRwSignal<Arc<ItemView>>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// Reads everything anew.
    pub fn refresh(&self, view: &View, board: &Board, entries: &Entries) {
        let space = view.space.get_untracked();
        let today = browser::today();
        for id in board.items.keys() {
            self.set_item(&space, board, *id, entries, &today);
        }
        self.set_order(board);
        self.set_indicators(board, entries);
        self.set_head(view, &space, board);
        self.went_on();
    }

    fn went_on(&self) {
        self.revision.update(|revision| *revision += 1);
    }

    fn set_head(&self, view: &View, space: &Space, board: &Board) {
        if let Some(who) = view.who() {
            let allowed = |action: Action<'_>| access::allowed(space, who, action);
            let may = May {
                read: allowed(Action::ReadBoard(board)),
                write: allowed(Action::WriteBoard(board)),
                log: allowed(Action::WriteLog { board, unit: who.unit }),
                role: Some(who.role),
                decide: allowed(Action::Decide(board)),
                give_back: allowed(Action::GiveBack(board)),
                publish: allowed(Action::Publish(board)),
            };
            if self.may.get_untracked() != may {
                self.may.set(may);
            }
        }
        let head = board.head();
        if *self.head.get_untracked() != head {
            self.head.set(Arc::new(head));
        }
    }

    fn set_order(&self, board: &Board) {
        let depth = |mut item: ItemId| {
            let mut depth = 0;
            while let Some(parent) = board.items.get(&item).and_then(|item| item.parent).filter(|_| depth < 5)
            {
                (item, depth) = (parent, depth + 1);
            }
            depth
        };
        let mut all = board.items_by_section();
        let lines: Vec<SectionLine> = board
            .section_order()
            .into_iter()
            .map(|id| {
                let items = all.remove(&id).unwrap_or_default().into_iter();
                (id, board.sections[&id].clone(), items.map(|item| (item, depth(item))).collect())
            })
            .collect();
        if *self.order.get_untracked() != lines {
            self.order.set(Arc::new(lines));
        }
    }

    fn set_indicators(&self, board: &Board, entries: &Entries) {
        let mut all: Vec<IndicatorView> = board
            .indicators
            .iter()
            .map(|(id, indicator)| {
                let progress = fold::progress(&entries.of_indicator(*id), indicator.reach);
                // A value that a rule fills is looked up when it is shown.
                let standing = match indicator.fed_by {
                    Some(_) => Standing::NoData,
                    None => fold::standing(&indicator.target, &progress, indicator.combine),
                };
                IndicatorView { id: *id, indicator: indicator.clone(), progress, standing }
            })
            .collect();
        all.sort_by(|one, other| {
            let key =
                |view: &IndicatorView| (view.indicator.target.year, view.indicator.name.clone(), view.id);
            key(one).cmp(&key(other))
        });
        if *self.indicators.get_untracked() != all {
            self.indicators.set(Arc::new(all));
        }
    }

    fn set_item(&self, space: &Space, board: &Board, id: ItemId, entries: &Entries, today: &str) {
        let Some(item) = board.items.get(&id).cloned() else { return };
        let state = fold::item_state(space, board, id, entries, today);
        let about = entries.of_item(id).into_iter().cloned().collect();
        let view = ItemView { item, state, entries: about };
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let known = items.get(&id).cloned();
        match known {
            Some(signal) => {
                drop(items);
                if *signal.get_untracked() != view {
                    signal.set(Arc::new(view));
                }
            }
            None => {
                items.insert(id, ArcRwSignal::new(Arc::new(view)));
            }
        }
    }

    /// Changes the signals that some events of the board's document touch.
    pub fn apply(&self, view: &View, board: &Board, entries: &Entries, events: &[Event]) {
        let space = view.space.get_untracked();
        let today = browser::today();
        let mut whole = false;
        for event in events {
            match event {
                Event::ItemChanged(id) | Event::ItemPlaced(id) => {
                    self.set_item(&space, board, *id, entries, &today);
                    whole |= matches!(event, Event::ItemPlaced(_));
                }
                _ => whole = true,
            }
        }
        if whole {
            self.set_order(board);
            self.set_indicators(board, entries);
            self.set_head(view, &space, board);
        }
        self.went_on();
    }

    /// Entries came: what they speak of is derived anew, once for all of them.
    pub fn entries(&self, view: &View, board: &Board, entries: &Entries, new: &[Entry]) {
        let (space, today) = (view.space.get_untracked(), browser::today());
        // A number of an indicator belongs to the work on its item.
        let item_of = |entry: &Entry| {
            let indicator = entry.subject.indicator.and_then(|id| board.indicators.get(&id));
            entry.subject.item.or(indicator.and_then(|one| one.item))
        };
        let items: BTreeSet<ItemId> = new.iter().filter_map(item_of).collect();
        for id in items {
            self.set_item(&space, board, id, entries, &today);
        }
        if new.iter().any(|entry| entry.subject.indicator.is_some()) {
            self.set_indicators(board, entries);
        }
        self.went_on();
    }
}
