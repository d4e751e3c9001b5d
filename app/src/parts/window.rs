//! A list of rows of one height that draws only those that are seen, and on paper all of them.

use super::paper::on_paper;
use leptos::html::Div;
use leptos::prelude::*;

/// Rows drawn above and below what is seen, so that a quick scroll meets no blank.
const SPARE: usize = 12;

/// The place of a scrolled box, and the height of it that is seen.
#[derive(Clone, Copy)]
pub struct Seen {
    pub element: NodeRef<Div>,
    pub top: RwSignal<f64>,
    pub left: RwSignal<f64>,
    height: RwSignal<f64>,
    /// Everything is drawn: the page is printed.
    whole: RwSignal<bool>,
    row: f64,
}

impl Seen {
    /// For rows of a height in CSS pixels.
    pub fn new(row: f64) -> Self {
        let seen = Self {
            element: NodeRef::new(),
            top: RwSignal::new(0.0),
            left: RwSignal::new(0.0),
            height: RwSignal::new(0.0),
            whole: RwSignal::new(false),
            row,
        };
        // The box has its height once it is laid out.
        Effect::new(move || {
            if seen.element.get().is_some() {
                request_animation_frame(move || seen.look());
            }
        });
        let handle = window_event_listener(leptos::ev::resize, move |_| seen.look());
        on_cleanup(move || handle.remove());
        on_paper(move |paper| {
            if seen.whole.try_set(paper).is_none() && !paper {
                seen.look();
            }
        });
        seen
    }

    /// Reads the box anew: it was scrolled or laid out.
    pub fn look(self) {
        let Some(element) = self.element.try_get_untracked().flatten() else { return };
        self.top.set(f64::from(element.scroll_top()));
        self.left.set(f64::from(element.scroll_left()));
        self.height.set(f64::from(element.client_height()));
    }

    /// The first row to draw and the one behind the last, of so many.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows on a screen")]
    pub fn range(self, rows: usize) -> (usize, usize) {
        if self.whole.get() {
            return (0, rows);
        }
        let first = (self.top.get() / self.row) as usize;
        let count = (self.height.get() / self.row) as usize + 1;
        let from = first.saturating_sub(SPARE).min(rows);
        (from, (first + count + SPARE).min(rows))
    }

    /// Rows that are wholly seen at once.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows on a screen")]
    pub fn page(self) -> usize {
        ((self.height.get_untracked() / self.row) as usize).saturating_sub(2).max(1)
    }

    /// Scrolls so that a row is seen, below a head of so many pixels.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "pixels")]
    pub fn show(self, row: usize, head: f64) {
        let Some(element) = self.element.try_get_untracked().flatten() else { return };
        let (top, height) = (self.top.get_untracked(), self.height.get_untracked());
        let at = row as f64 * self.row;
        if at < top {
            element.set_scroll_top(at as i32);
        } else if at + self.row * 2.0 > top + height - head {
            element.set_scroll_top((at + self.row * 2.0 - height + head) as i32);
        }
    }
}
