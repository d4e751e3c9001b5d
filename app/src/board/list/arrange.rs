//! Putting measures and sections in order: by pointer, by touch and by keys alone.

use crate::app::session;
use crate::browser;
use crate::lang::{W, Words, words};
use crate::parts::{Carrier, Moving, kept};
use crate::session::Session;
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use tongban_shared::arrange::{self, Spot};
use tongban_shared::drag::{Drag, Input, Outcome};
use tongban_shared::edit::{Edit, NewItem};
use tongban_shared::id::{BoardId, DocumentId, ItemId, SectionId};
use tongban_shared::model::Board;
use tongban_shared::plan::measure_name;
use tongban_shared::template::Template;

/// Moves the rows of one list.
#[derive(Clone, Copy)]
pub struct Arranging {
    session: Session,
    words: Words,
    board: BoardId,
    carrier: Carrier,
    /// The place that the carried row would take.
    spot: RwSignal<Option<Spot>>,
    /// Before which row a new one is being written.
    inserting: RwSignal<Option<ItemId>>,
}

impl Arranging {
    pub fn new(session: Session, words: Words, board: BoardId, whole: NodeRef<Div>) -> Self {
        let spot = RwSignal::new(None::<Spot>);
        let carrier = Carrier::new(whole, move |x, y| {
            let found = spot_at(x, y);
            spot.set(found);
            found.map(|_| 0)
        });
        Self { session, words, board, carrier, spot, inserting: RwSignal::new(None) }
    }

    /// Whether what is carried would be put there.
    pub fn is_over(self, spot: Spot) -> bool {
        self.spot.get() == Some(spot)
    }

    /// Whether a row is on its way.
    pub fn carries(self, item: ItemId) -> bool {
        self.carrier.moving.get().is_some_and(|moving| moving.item == item && moving.drag.is_carried())
    }

    /// Alt with an arrow moves a row, wherever in it the focus is.
    pub fn key(self, event: &web_sys::KeyboardEvent, item: ItemId) {
        let up = match event.key().as_str() {
            "ArrowUp" => true,
            "ArrowDown" => false,
            _ => return,
        };
        if event.alt_key() && !event.ctrl_key() && !event.meta_key() {
            event.prevent_default();
            self.step(item, up);
        }
    }

    fn step(self, item: ItemId, up: bool) {
        self.moved(item, |board| arrange::step(board, item, up));
    }

    fn put(self, item: ItemId, spot: Spot) {
        self.moved(item, |board| arrange::put(board, item, spot));
    }

    fn moved(self, item: ItemId, edits: impl FnOnce(&Board) -> Option<Vec<Edit>>) {
        let told = |board: &Board| {
            let item = &board.items[&item];
            let section = item.section.and_then(|id| board.sections.get(&id));
            let section = section.map(|one| format!("{} {}", one.number, one.title)).unwrap_or_default();
            format!("{} → {}", measure_name(item), section.trim())
        };
        if self.apply(edits) {
            let told = self.session.board_now(self.board, told).unwrap_or_default();
            self.session.notice_edit(&format!("{}{told}", self.words.w(W::Moved)));
            browser::focus_soon(format!("[data-item=\"{item}\"] .item__grip"));
        }
    }

    fn step_section(self, section: SectionId, up: bool) {
        if self.apply(|board| arrange::step_section(board, section, up)) {
            self.session.notice_edit(self.words.w(W::SectionMoved));
            browser::focus_soon(format!("[data-section=\"{section}\"] .section__move"));
        }
    }

    /// Makes the edits of one step; the person is told when it cannot be made.
    fn apply(self, edits: impl FnOnce(&Board) -> Option<Vec<Edit>>) -> bool {
        match self.session.board_now(self.board, edits).flatten() {
            Some(edits) => self.session.edit_all(DocumentId::board(self.board), &edits),
            None => {
                self.session.notice(self.words.w(W::NoPlaceThere));
                false
            }
        }
    }

    /// Feeds what a pointer does with a row.
    fn feed(self, item: ItemId, input: Input) {
        let moving = self.carrier.moving;
        let drag = moving.get_untracked().filter(|moving| moving.item == item).map(|moving| moving.drag);
        let (drag, outcome) = drag.unwrap_or_default().step(input);
        moving.set(if drag == Drag::Still { None } else { Some(Moving { item, drag }) });
        let spot = self.spot.get_untracked();
        if drag == Drag::Still {
            self.spot.set(None);
        }
        if let (Outcome::DropOn(_), Some(spot)) = (outcome, spot)
            && !matches!(spot, Spot::Before(other) | Spot::After(other) if other == item)
        {
            self.put(item, spot);
        }
    }
}

/// The place of a row that is let go at a point of the window.
fn spot_at(x: f64, y: f64) -> Option<Spot> {
    if let Some(row) = browser::closest(x, y, "[data-item]") {
        let item = row.get_attribute("data-item")?.parse().ok()?;
        let drawn = row.get_bounding_client_rect();
        let upper = y < drawn.top() + drawn.height() / 2.0;
        return Some(if upper { Spot::Before(item) } else { Spot::After(item) });
    }
    let section = browser::closest(x, y, "[data-section]")?;
    section.get_attribute("data-section")?.parse().ok().map(Spot::Into)
}

/// The grip of a row, and the list of where it can go.
#[component]
pub fn MoveMenu(arranging: Arranging, item: ItemId, name: Memo<String>) -> impl IntoView {
    let session = session();
    let words = words();
    let carrier = arranging.carrier;
    let board = arranging.board;
    // Read when the list of places is opened, not for each row that is drawn.
    let open = RwSignal::new(false);
    let sections = move || {
        if !open.get() {
            return Vec::new();
        }
        let named = session.board_now(board, |now| {
            let own = now.items.get(&item).and_then(|item| item.section);
            let child = now.items.get(&item).is_some_and(|item| item.parent.is_some());
            let others = now.section_order().into_iter().filter(|id| Some(*id) != own && !child);
            others
                .map(|id| (id, format!("{} {}", now.sections[&id].number, now.sections[&id].title)))
                .collect()
        });
        named.unwrap_or_default()
    };
    let choose = move |event: leptos::ev::Event| {
        let wanted = event_target_value(&event);
        browser::choose_nothing(&event);
        match wanted.as_str() {
            "up" => arranging.step(item, true),
            "down" => arranging.step(item, false),
            "insert" => {
                arranging.inserting.set(Some(item));
                browser::focus_soon(format!("[data-item=\"{item}\"] .item__insert input"));
            }
            section => {
                if let Ok(section) = section.parse() {
                    arranging.put(item, Spot::Into(section));
                }
            }
        }
    };
    // A press that moved nothing is answered: it says how to move.
    let dragged = StoredValue::new(false);
    let tell_how = move || {
        if !dragged.get_value() {
            session.notice(words.w(W::MoveRowHint));
        }
        dragged.set_value(false);
    };
    view! {
        <div class="item__acts">
            <button type="button" class="item__grip" aria-label=move || format!("{}：{}", words.w(W::MoveRow), name.get()) title=move || words.w(W::MoveRowHint)
                on:pointerdown=move |event| carrier.press(&event, move |input| arranging.feed(item, input))
                on:pointermove=move |event| carrier.over(&event)
                on:pointerup=move |_| { dragged.set_value(carrier.carries()); carrier.end(Input::Release) }
                on:click=move |_| tell_how()
                on:pointercancel=move |_| carrier.end(Input::Cancel)
                on:contextmenu=move |event| if carrier.holds() { event.prevent_default() }
            ><span aria-hidden="true">"⠿"</span></button>
            <select class="item__move" aria-label=move || format!("{}：{}", words.w(W::MoveTo), name.get()) on:change=choose
                on:pointerdown=move |_| open.set(true) on:focus=move |_| open.set(true)>
                <option value="">{move || words.w(W::MoveTo)}</option>
                <option value="up">{move || words.w(W::MoveUp)}</option>
                <option value="down">{move || words.w(W::MoveDown)}</option>
                <option value="insert">{move || words.w(W::InsertHere)}</option>
                <For each=sections key=|one: &(SectionId, String)| one.clone() let:one><option value=one.0.to_string()>{one.1.clone()}</option></For>
            </select>
        </div>
    }
}

/// Moves a section up or down.
#[component]
pub fn MoveSection(arranging: Arranging, section: SectionId) -> impl IntoView {
    let words = words();
    let choose = move |event: leptos::ev::Event| {
        let up = event_target_value(&event) == "up";
        browser::choose_nothing(&event);
        arranging.step_section(section, up);
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        let up = event.key() == "ArrowUp";
        if event.alt_key() && (up || event.key() == "ArrowDown") {
            event.prevent_default();
            arranging.step_section(section, up);
        }
    };
    view! {
        <select class="section__move" aria-label=move || words.w(W::MoveSection) on:change=choose on:keydown=key>
            <option value="">{move || words.w(W::MoveSection)}</option>
            <option value="up">{move || words.w(W::MoveUp)}</option>
            <option value="down">{move || words.w(W::MoveDown)}</option>
        </select>
    }
}

/// A new row above one that is there.
#[component]
pub fn InsertForm(arranging: Arranging, item: ItemId, template: Option<Arc<Template>>) -> impl IntoView {
    let session = session();
    let words = words();
    let title = RwSignal::new(String::new());
    let open = move || arranging.inserting.get() == Some(item);
    let close = move || {
        arranging.inserting.set(None);
        browser::focus_soon(format!("[data-item=\"{item}\"] .item__grip"));
    };
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = title.get_untracked();
        if name.trim().is_empty() {
            return session.notice(words.w(W::NameNeeded));
        }
        let board = arranging.board;
        let place = session.board_now(board, |now| {
            let kind = now.items.get(&item).map(|item| item.kind.clone()).unwrap_or_default();
            Some((kind, arrange::place_for_new(now, Spot::Before(item))?))
        });
        let Some((kind, (section, parent, rank, room))) = place.flatten() else {
            return session.notice(words.w(W::NoPlaceThere));
        };
        if !room.is_empty() && !session.edit_all(DocumentId::board(board), &room) {
            return;
        }
        let title_words = name.trim().to_owned();
        let new =
            NewItem { kind, title: title_words, section: Some(section), parent, rank, ..NewItem::default() };
        if session.add_item(board, new) {
            title.set(String::new());
            close();
        }
    };
    let line = template.is_none_or(|template| template.item_type("").is_none_or(|kind| kind.lines));
    let word = if line { W::NewItem } else { W::NewRow };
    view! {
        <Show when=open>
            <form class="inline item__insert" on:submit=add on:keydown=move |event| if event.key() == "Escape" { event.stop_propagation(); close() }>
                <input aria-label=move || words.w(word) placeholder=move || words.w(word) bind:value=title />
                <button class="button" type="submit">{move || words.w(W::Add)}</button>
                <button class="button button--plain" type="button" on:click=move |_| close()>{move || words.w(W::LeaveIt)}</button>
            </form>
        </Show>
    }
}

/// Numbers that do not fit the order: numbering anew is offered and never done by itself.
#[component]
pub fn Renumber(arranging: Arranging, orders: Signal<bool>, revision: ArcRwSignal<u64>) -> impl IntoView {
    let session = session();
    let words = words();
    let board = arranging.board;
    let wrong = move || {
        if !orders.get_untracked() {
            return 0;
        }
        session.board_now(board, |now| arrange::renumbered(now).len()).unwrap_or_default()
    };
    let wrong = kept(revision, move || orders.track(), wrong);
    let renumber = move |_| {
        if arranging.apply(|now| Some(arrange::renumbered(now))) {
            session.notice_edit(words.w(W::Renumbered));
        }
    };
    view! {
        <Show when=move || { wrong.get() > 0 }>
            <p class="tools" data-testid="renumber"><span class="dim">{move || words.w(W::NumbersUnordered).replace("{n}", &wrong.get().to_string())}</span>
                <button type="button" class="button" on:click=renumber>{move || words.w(W::Renumber)}</button></p>
        </Show>
    }
}
