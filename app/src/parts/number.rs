//! The meaning of a reported number: of the own unit or of the whole, of the period or since the year began.

use super::Choose;
use crate::lang::{W, words};
use leptos::prelude::*;
use tongban_shared::entry::{Entry, Measure, Reach};
use tongban_shared::fold::Summand;

/// The meaning of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberIs {
    reach: Reach,
    measure: Measure,
}

impl Default for NumberIs {
    fn default() -> Self {
        Self { reach: Reach::Own, measure: Measure::Level }
    }
}

impl NumberIs {
    const ALL: [Self; 4] = [
        Self { reach: Reach::Own, measure: Measure::Increment },
        Self { reach: Reach::Own, measure: Measure::Level },
        Self { reach: Reach::Whole, measure: Measure::Level },
        Self { reach: Reach::Whole, measure: Measure::Increment },
    ];

    /// The meaning of a part of a total.
    pub const fn of(one: &Summand) -> Self {
        Self { reach: one.reach, measure: one.measure }
    }

    /// Its words.
    pub const fn word(self) -> W {
        match (self.reach, self.measure) {
            (Reach::Own, Measure::Increment) => W::OwnIncrement,
            (Reach::Own, Measure::Level) => W::OwnLevel,
            (Reach::Whole, Measure::Increment) => W::WholeIncrement,
            (Reach::Whole, Measure::Level) => W::WholeLevel,
        }
    }

    /// The same of an indicator that says whose numbers are reported.
    pub fn within(self, reach: Option<Reach>) -> Self {
        Self { reach: reach.unwrap_or(self.reach), ..self }
    }

    /// Says it in an entry.
    pub const fn write(self, entry: &mut Entry) {
        (entry.reach, entry.measure) = (Some(self.reach), Some(self.measure));
    }

    fn place(self) -> usize {
        Self::ALL.iter().position(|one| *one == self).unwrap_or_default()
    }
}

/// Asks what a number is; of an indicator that says whose it is, only the rest.
#[component]
pub fn NumberChoice(#[prop(into)] reach: Signal<Option<Reach>>, meant: RwSignal<NumberIs>) -> impl IntoView {
    let words = words();
    let options = Signal::derive(move || {
        let fits = |one: &(usize, NumberIs)| reach.get().is_none_or(|reach| reach == one.1.reach);
        let all = NumberIs::ALL.into_iter().enumerate().filter(fits);
        all.map(|(place, one)| (place.to_string(), words.w(one.word()).to_owned())).collect::<Vec<_>>()
    });
    let chosen = Signal::derive(move || meant.get().within(reach.get()).place().to_string());
    let choose = move |value: String| {
        if let Some(one) = value.parse::<usize>().ok().and_then(|place| NumberIs::ALL.get(place)) {
            meant.set(*one);
        }
    };
    let label = Signal::derive(move || words.w(W::NumberIs).to_owned());
    view! { <Choose label options chosen on_choose=choose testid="number-is" /> }
}
