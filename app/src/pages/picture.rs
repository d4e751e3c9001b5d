//! A template's board in small: its first two views, with its own words.

use crate::lang::words;
use leptos::prelude::*;
use tongban_shared::template::{Template, View};

/// Words that stand in a picture.
struct Words {
    kinds: Vec<String>,
    states: Vec<String>,
    sections: Vec<String>,
}

#[component]
pub fn Picture(template: Template) -> impl IntoView {
    let words = words();
    let drawn = move || {
        let language = words.lang();
        let short = |name: &str| name.chars().take(4).collect::<String>();
        let moving = template.items.iter().find(|kind| !kind.states.is_empty());
        let known = Words {
            kinds: template.items.iter().map(|kind| short(kind.name.get(language))).collect(),
            states: moving
                .map(|kind| kind.states.iter().map(|state| short(state.name.get(language))).collect())
                .unwrap_or_default(),
            sections: template.sections.iter().map(|section| short(&section[1])).collect(),
        };
        let mut views = template.views.iter().map(|view| shape(*view));
        let first = views.next().unwrap_or(Shape::Lines);
        let second = views.find(|shape| *shape != first).unwrap_or(Shape::Lines);
        view! { {draw(first, &known, 0.0)}{draw(second, &known, 84.0)} }
    };
    view! { <svg viewBox="0 0 160 64" class="gallery__picture" aria-hidden="true">{drawn}</svg> }
}

/// Views that look alike share a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Lines,
    Columns,
    Table,
    Lights,
    Axis,
    Days,
    Bars,
}

const fn shape(view: View) -> Shape {
    match view {
        View::List | View::Meeting => Shape::Lines,
        View::Kanban => Shape::Columns,
        View::Ledger | View::Roster => Shape::Table,
        View::Matrix => Shape::Lights,
        View::Timeline => Shape::Axis,
        View::Agenda => Shape::Days,
        View::Indicators | View::Scores | View::Ranking => Shape::Bars,
    }
}

/// Draws a shape into a field of 76 × 64.
fn draw(shape: Shape, words: &Words, left: f64) -> AnyView {
    let word = |list: &[String], place: usize| list.get(place).cloned().unwrap_or_default();
    let text = |x: f64, y: f64, words: String| view! { <text x=left + x y=y>{words}</text> }.into_any();
    let bar = |x: f64, y: f64, width: f64, height: f64, class: &'static str| {
        view! { <rect x=left + x y=y width=width height=height rx="1.5" class=class></rect> }.into_any()
    };
    let dot = |x: f64, y: f64, class: &'static str| {
        view! { <circle cx=left + x cy=y r="3.2" class=class></circle> }.into_any()
    };
    let mut parts: Vec<AnyView> = Vec::new();
    let rows = (0_u8..).map(f64::from);
    match shape {
        Shape::Lines => {
            for (row, place) in rows.zip(0..4) {
                parts.push(text(2.0, 10.0 + row * 15.0, word(&words.kinds, place)));
                parts.push(bar(32.0, 4.0 + row * 15.0, 42.0 - row * 6.0, 6.0, "faint"));
            }
        }
        Shape::Columns => {
            for (column, place) in rows.zip(0..3) {
                parts.push(bar(column * 26.0, 0.0, 24.0, 64.0, "faint"));
                parts.push(text(
                    column * 26.0 + 2.0,
                    9.0,
                    word(&words.states, place).chars().take(3).collect(),
                ));
                for (card, _) in (0_u8..).map(f64::from).zip(place..3) {
                    parts.push(bar(column * 26.0 + 2.0, 14.0 + card * 15.0, 20.0, 12.0, "strong"));
                }
            }
        }
        Shape::Table => {
            parts.push(bar(0.0, 0.0, 76.0, 12.0, "faint"));
            parts.push(text(2.0, 9.0, word(&words.kinds, 0)));
            parts.push(text(40.0, 9.0, word(&words.states, 0)));
            for (row, _) in rows.zip(0..4) {
                let y = 17.0 + row * 12.0;
                parts.push(bar(2.0, y, 30.0, 5.0, "strong"));
                parts.push(bar(40.0, y, 14.0, 5.0, "middle"));
                parts.push(bar(60.0, y, 14.0 - row * 2.0, 5.0, "middle"));
            }
        }
        Shape::Lights => {
            let heads = if words.sections.len() > 1 { &words.sections } else { &words.kinds };
            for (row, place) in rows.zip(0..4) {
                parts.push(text(0.0, 16.0 + row * 14.0, word(heads, place)));
                for (column, count) in (0_u8..).map(f64::from).zip(0..4) {
                    let class = ["good", "middle", "strong", "bad", "good"][(place * 2 + count) % 5];
                    parts.push(dot(36.0 + column * 11.0, 13.0 + row * 14.0, class));
                }
            }
        }
        Shape::Axis => {
            parts.push(bar(48.0, 0.0, 1.2, 64.0, "bad"));
            for (row, place) in rows.zip(0..4) {
                let y = 12.0 + row * 14.0;
                parts.push(bar(0.0, y + 5.0, 76.0, 0.8, "faint"));
                parts.push(dot(16.0 + row * 14.0, y, if place < 2 { "good" } else { "middle" }));
                parts.push(dot(32.0 + row * 12.0, y, "strong"));
            }
        }
        Shape::Days => {
            for (row, place) in rows.zip(0..3) {
                parts.push(bar(0.0, 2.0 + row * 21.0, 16.0, 17.0, "strong"));
                parts.push(text(20.0, 10.0 + row * 21.0, word(&words.kinds, place)));
                parts.push(bar(20.0, 14.0 + row * 21.0, 50.0 - row * 10.0, 4.0, "faint"));
            }
        }
        Shape::Bars => {
            for (row, place) in rows.zip(0..4) {
                let y = 3.0 + row * 15.0;
                parts.push(text(0.0, y + 7.0, word(&words.kinds, place)));
                parts.push(bar(32.0, y, 44.0, 7.0, "faint"));
                parts.push(bar(32.0, y, 40.0 - row * 9.0, 7.0, if place == 2 { "bad" } else { "strong" }));
            }
        }
    }
    parts.into_any()
}
