//! A number of an indicator beside the words of a report, with its unit of measure.

use crate::app::session;
use crate::lang::{W, words};
use crate::parts::{NumberChoice, NumberIs};
use leptos::prelude::*;
use tongban_shared::entry::Reach;
use tongban_shared::id::{BoardId, IndicatorId, ItemId};
use tongban_shared::text::typed_number;

/// A number as it is typed.
#[derive(Clone, Copy)]
pub struct Number {
    indicator: RwSignal<Option<IndicatorId>>,
    typed: RwSignal<String>,
    meant: RwSignal<NumberIs>,
    /// The reach of numbers of the chosen indicator; none where each report says it.
    reach: RwSignal<Option<Reach>>,
}

impl Number {
    pub fn new() -> Self {
        Self {
            indicator: RwSignal::new(None),
            typed: RwSignal::new(String::new()),
            meant: RwSignal::new(NumberIs::default()),
            reach: RwSignal::new(None),
        }
    }

    /// The number as it would be reported; nothing where none is typed, and why it cannot be taken.
    pub fn read(self) -> Result<Option<(IndicatorId, f64, NumberIs)>, W> {
        let typed = self.typed.get_untracked();
        if typed.trim().is_empty() {
            return Ok(None);
        }
        let value = typed_number(&typed).ok_or(W::NotANumber)?;
        let indicator = self.indicator.get_untracked().ok_or(W::ChooseIndicator)?;
        let meant = self.meant.get_untracked().within(self.reach.get_untracked());
        Ok(Some((indicator, value, meant)))
    }

    /// It was reported.
    pub fn clear(self) {
        self.typed.set(String::new());
    }
}

/// An indicator that can be reported.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Offered {
    id: IndicatorId,
    name: String,
    unit: String,
    reach: Option<Reach>,
}

/// Indicator, number with its unit of measure, and how it is meant; nothing where the board has none.
#[component]
pub fn NumberFields(about: Signal<Option<(BoardId, ItemId)>>, number: Number) -> impl IntoView {
    let session = session();
    let words = words();
    let all = Memo::new(move |_| {
        let board = session.view.board(about.get()?.0)?;
        let of = |one: &crate::view::IndicatorView| {
            let indicator = &one.indicator;
            // A rule gives the number of such an indicator; nobody reports it.
            let reported = indicator.fed_by.is_none();
            reported.then(|| Offered {
                id: one.id,
                name: indicator.name.clone(),
                unit: indicator.target.unit.clone(),
                reach: indicator.reach,
            })
        };
        Some(board.indicators.with(|all| all.iter().filter_map(of).collect::<Vec<_>>()))
    });
    let all = Memo::new(move |_| all.get().unwrap_or_default());
    // Another board has other indicators.
    Effect::new(move |_| {
        let chosen = number.indicator.get();
        let found = all.with(|all| all.iter().find(|one| Some(one.id) == chosen).map(|one| one.reach));
        number.reach.set(found.flatten());
        if chosen.is_some() && found.is_none() {
            number.indicator.set(None);
        }
    });
    let unit = move || {
        let id = number.indicator.get()?;
        all.with(|all| all.iter().find(|one| one.id == id).map(|one| one.unit.clone()))
    };
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <fieldset class="fields"><legend>{move || words.w(W::Value)}</legend>
                <select aria-label=move || words.w(W::ChooseIndicator) on:change=move |event| number.indicator.set(event_target_value(&event).parse().ok())>
                    <option value="">{move || words.w(W::ChooseIndicator)}</option>
                    <For each=move || all.get() key=|one| one.clone() let:one>
                        <option value=one.id.to_string() selected=move || number.indicator.get() == Some(one.id)>{one.name.clone()}</option>
                    </For>
                </select>
                <Show when=move || number.indicator.get().is_some()>
                    <div class="measured"><input inputmode="decimal" aria-label=move || words.w(W::Value) bind:value=number.typed />
                        <span data-testid="measure-unit">{unit}</span></div>
                    <NumberChoice reach=number.reach meant=number.meant />
                </Show>
            </fieldset>
        </Show>
    }
}
