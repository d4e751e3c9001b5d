//! The pointer that carries something: a mouse drags at once, a finger lifts after a rest and scrolls
//! otherwise, and the edges scroll along.

use crate::browser;
use gloo_timers::callback::{Interval, Timeout};
use leptos::html::Div;
use leptos::prelude::*;
use std::rc::Rc;
use tongban_shared::drag::{self, Drag, HOLD, Input};
use tongban_shared::id::ItemId;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// How often the edges pull, in milliseconds.
const TICK: u32 = 16;

/// The item on its way, if any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moving {
    pub item: ItemId,
    pub drag: Drag,
}

/// Names what is under a point of the window.
type Place = Rc<dyn Fn(f64, f64) -> Option<usize>>;

/// The card that the pointer holds, and its place.
#[derive(Clone, Copy)]
pub struct Carrier {
    /// Scrolls along sideways.
    whole: NodeRef<Div>,
    pub moving: RwSignal<Option<Moving>>,
    place: StoredValue<Place, LocalStorage>,
    hand: StoredValue<Hand, LocalStorage>,
}

#[derive(Default)]
struct Hand {
    at: (f64, f64),
    /// Tells the card that is held what happens to it.
    card: Option<Rc<dyn Fn(Input)>>,
    /// Lifts when it has rested; dropped, it does not.
    _rest: Option<Timeout>,
    edges: Option<Interval>,
}

impl Carrier {
    /// `place` names what is under a point of the window, while something is carried over it.
    pub fn new(whole: NodeRef<Div>, place: impl Fn(f64, f64) -> Option<usize> + 'static) -> Self {
        let carrier = Self {
            whole,
            moving: RwSignal::new(None),
            place: StoredValue::new_local(Rc::new(place)),
            hand: StoredValue::new_local(Hand::default()),
        };
        let still = StoredValue::new_local(None::<Closure<dyn FnMut(web_sys::Event)>>);
        Effect::new(move |_| {
            let Some(element) = whole.get() else { return };
            // A finger that carries a card scrolls nothing; the browser asks only a listener that is
            // not passive.
            let hear = Closure::<dyn FnMut(web_sys::Event)>::new(move |event: web_sys::Event| {
                if carrier.carries() {
                    event.prevent_default();
                }
            });
            let options = web_sys::AddEventListenerOptions::new();
            options.set_passive(false);
            let _ = element.add_event_listener_with_callback_and_add_event_listener_options(
                "touchmove",
                hear.as_ref().unchecked_ref(),
                &options,
            );
            still.set_value(Some(hear));
        });
        carrier
    }

    /// Whether a card is carried now.
    pub fn carries(self) -> bool {
        let moving = self.moving.try_get_untracked().flatten();
        moving.is_some_and(|moving| moving.drag.is_carried())
    }

    /// Whether a pointer rests on a card or carries it.
    pub fn holds(self) -> bool {
        self.hand.try_with_value(|hand| hand.card.is_some()).unwrap_or(false)
    }

    /// A pointer goes down on a card; `card` hears what happens from now on.
    pub fn press(self, event: &web_sys::PointerEvent, card: impl Fn(Input) + 'static) {
        let touch = event.pointer_type() != "mouse";
        if !touch && event.button() != 0 {
            return;
        }
        // A mouse that leaves the card still moves it. A finger is captured by itself.
        if !touch && let Some(target) = event.current_target() {
            let element: web_sys::Element = target.unchecked_into();
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        card(Input::Press { x: at.0, y: at.1, touch });
        let rest = touch.then(|| {
            Timeout::new(HOLD, move || {
                self.tell(Input::Hold);
                self.pull_along();
            })
        });
        self.hand.update_value(|hand| {
            *hand = Hand { at, card: Some(Rc::new(card)), _rest: rest, edges: None };
        });
    }

    /// The pointer moves.
    pub fn over(self, event: &web_sys::PointerEvent) {
        if !self.holds() {
            return;
        }
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.hand.update_value(|hand| hand.at = at);
        self.move_to(at);
        if self.moving.with_untracked(Option::is_none) {
            // It scrolls.
            self.hand.set_value(Hand::default());
        } else {
            self.pull_along();
        }
    }

    /// The pointer lets go, or the browser takes it.
    pub fn end(self, input: Input) {
        self.tell(input);
        self.hand.set_value(Hand::default());
    }

    fn tell(self, input: Input) {
        let card = self.hand.try_with_value(|hand| hand.card.clone()).flatten();
        if let Some(card) = card {
            card(input);
        }
    }

    fn move_to(self, (x, y): (f64, f64)) {
        let place = self.place.try_get_value();
        self.tell(Input::Move { x, y, column: place.and_then(|place| place(x, y)) });
    }

    /// Near an edge the board scrolls along, and the page up and down, for as long as the card is carried.
    fn pull_along(self) {
        let begun = self.hand.try_with_value(|hand| hand.edges.is_some()).unwrap_or(true);
        if begun || !self.carries() {
            return;
        }
        let edges = Interval::new(TICK, move || self.pull());
        self.hand.update_value(|hand| hand.edges = Some(edges));
    }

    fn pull(self) {
        let Some(at) = self.hand.try_with_value(|hand| hand.at).filter(|_| self.carries()) else { return };
        let Some(whole) = self.whole.try_get_untracked().flatten() else { return };
        let (width, height) = browser::window_size();
        let board = whole.get_bounding_client_rect();
        let across = drag::pull(at.0, board.left().max(0.0), board.right().min(width));
        let down = drag::pull(at.1, 0.0, height);
        if across == 0.0 && down == 0.0 {
            return;
        }
        #[allow(clippy::cast_possible_truncation, reason = "pixels")]
        whole.set_scroll_left(whole.scroll_left() + across as i32);
        browser::window().scroll_by_with_x_and_y(0.0, down);
        self.move_to(at);
    }
}
