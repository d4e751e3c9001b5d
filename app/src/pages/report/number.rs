//! A number of an indicator beside the words of a report, with its unit of measure.

use crate::app::session;
use crate::lang::{W, words};
use leptos::prelude::*;
use tongban_shared::entry::Measure;
use tongban_shared::id::{BoardId, IndicatorId, ItemId};
use tongban_shared::text::folded_text;

/// A number as it is typed.
#[derive(Clone, Copy)]
pub struct Number {
    indicator: RwSignal<Option<IndicatorId>>,
    typed: RwSignal<String>,
    measure: RwSignal<Measure>,
}

impl Number {
    pub fn new() -> Self {
        Self {
            indicator: RwSignal::new(None),
            typed: RwSignal::new(String::new()),
            measure: RwSignal::new(Measure::Increment),
        }
    }

    /// The number as it would be reported; nothing where none is typed, and why it cannot be taken.
    pub fn read(self) -> Result<Option<(IndicatorId, f64, Measure)>, W> {
        let typed = folded_text(&self.typed.get_untracked()).replace([',', ' '], "");
        if typed.is_empty() {
            return Ok(None);
        }
        let value = typed.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or(W::NotANumber)?;
        let indicator = self.indicator.get_untracked().ok_or(W::ChooseIndicator)?;
        Ok(Some((indicator, value, self.measure.get_untracked())))
    }

    /// It was reported.
    pub fn clear(self) {
        self.typed.set(String::new());
    }
}

/// Indicator, number with its unit of measure, and how it is meant; nothing where the board has none.
#[component]
pub fn NumberFields(about: Signal<Option<(BoardId, ItemId)>>, number: Number) -> impl IntoView {
    let session = session();
    let words = words();
    let all = Memo::new(move |_| {
        let board = session.view.board(about.get()?.0)?;
        let of = |one: &crate::view::IndicatorView| {
            (one.id, one.indicator.name.clone(), one.indicator.target.unit.clone())
        };
        Some(board.indicators.with(|all| all.iter().map(of).collect::<Vec<_>>()))
    });
    let all = Memo::new(move |_| all.get().unwrap_or_default());
    // Another board has other indicators.
    Effect::new(move |_| {
        let there = |id: IndicatorId| all.with(|all| all.iter().any(|(one, ..)| *one == id));
        if number.indicator.get_untracked().is_some_and(|id| !there(id)) {
            number.indicator.set(None);
        }
    });
    let unit = move || {
        let id = number.indicator.get()?;
        all.with(|all| all.iter().find(|(one, ..)| *one == id).map(|(.., unit)| unit.clone()))
    };
    let meant = move |one: Measure, word: W| {
        view! {
            <label class="check"><input type="radio" name="measure" prop:checked=move || number.measure.get() == one on:change=move |_| number.measure.set(one) />{move || words.w(word)}</label>
        }
    };
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <fieldset class="fields"><legend>{move || words.w(W::Value)}</legend>
                <select aria-label=move || words.w(W::ChooseIndicator) on:change=move |event| number.indicator.set(event_target_value(&event).parse().ok())>
                    <option value="">{move || words.w(W::ChooseIndicator)}</option>
                    <For each=move || all.get() key=|one| one.clone() let:one>
                        <option value=one.0.to_string() selected=move || number.indicator.get() == Some(one.0)>{one.1.clone()}</option>
                    </For>
                </select>
                <Show when=move || number.indicator.get().is_some()>
                    <div class="measured"><input inputmode="decimal" aria-label=move || words.w(W::Value) bind:value=number.typed />
                        <span data-testid="measure-unit">{unit}</span></div>
                    <div class="inline" role="radiogroup" aria-label=move || words.w(W::Measure)>
                        {meant(Measure::Increment, W::Increment)}{meant(Measure::Level, W::Level)}
                    </div>
                </Show>
            </fieldset>
        </Show>
    }
}
