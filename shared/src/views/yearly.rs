//! 年度报表: the indicators of a board for one year, filled from what units reported and from rules
//! (S02, S66).

use super::sheet::{CellKind, Sheet, SheetCell, SheetColumn};
use crate::fold::{Progress, Standing, progress, standing_in, standing_of_total};
use crate::id::{IndicatorId, UnitId};
use crate::model::{Combine, Indicator};
use crate::publication::{number_words, target_words};
use crate::rule::Scene;
use crate::words::{Lang, Word};
use std::collections::{BTreeMap, BTreeSet};

/// The form of a year: a line for each indicator whose target is of that year or of none, with the
/// total, the gap and a column for each unit that reported. `filled` are the numbers of those that
/// rules fill; one that is not there has none.
#[must_use]
pub fn yearly(scene: &Scene<'_>, filled: &BTreeMap<IndicatorId, f64>, year: i32, language: Lang) -> Sheet {
    let of_year = |one: &Indicator| one.target.year.is_none_or(|of| of == year);
    let mut rows: Vec<(IndicatorId, &Indicator, Progress)> = scene
        .board
        .indicators
        .iter()
        .filter(|(_, one)| of_year(one))
        .map(|(id, one)| (*id, one, progress(&scene.entries.of_indicator(*id), one.reach)))
        .collect();
    rows.sort_by(|one, other| {
        (&one.1.name, &one.1.scope, one.0).cmp(&(&other.1.name, &other.1.scope, other.0))
    });
    let reporting: BTreeSet<UnitId> = rows
        .iter()
        .flat_map(|(_, one, progress)| progress.units_of(Some(year), one.combine).into_keys())
        .collect();
    let mut units: Vec<(usize, String, UnitId)> = reporting
        .into_iter()
        .map(|unit| {
            let name = scene.space.short_name(unit);
            (crate::dictionary::place(&scene.space.unit_name(unit)), name, unit)
        })
        .collect();
    units.sort();
    let column = |name: String, kind: CellKind| SheetColumn { name, kind, choices: Vec::new(), wide: false };
    let word = |word: Word| column(word.text(language).to_owned(), CellKind::Text);
    let number = |word: Word| column(word.text(language).to_owned(), CellKind::Number);
    let mut columns = vec![
        SheetColumn { wide: true, ..word(Word::IndicatorWord) },
        word(Word::Scope),
        word(Word::MeasureUnit),
        word(Word::Target),
        number(Word::Reported),
        number(Word::Gap),
        word(Word::StateWord),
    ];
    columns.extend(units.iter().map(|(_, name, _)| column(name.clone(), CellKind::Number)));
    let text = |words: &str| SheetCell { words: words.to_owned(), number: None };
    let amount =
        |number: Option<f64>| SheetCell { words: number.map(number_words).unwrap_or_default(), number };
    let line = |(id, one, progress): &(IndicatorId, &Indicator, Progress)| {
        let (total, stands) = match one.fed_by {
            Some(_) => {
                let number = filled.get(id).copied();
                (number, standing_of_total(&one.target, number))
            }
            None => {
                // A count for which no year is set is reached by all years together.
                let all_years = one.target.year.is_none() && one.combine == Combine::Sum;
                let of = (!all_years).then_some(year);
                let stands = standing_in(of, &one.target, progress, one.combine);
                (progress.total(Some(year), one.combine), stands)
            }
        };
        let gap = if let Standing::Short(gap) = stands { Some(gap) } else { None };
        let mut cells = vec![
            text(&one.name),
            text(&one.scope),
            text(&one.target.unit),
            text(&target_words(&one.target)),
            amount(total),
            amount(gap),
            text(stands.word().text(language)),
        ];
        let said = progress.units_of(Some(year), one.combine);
        cells.extend(units.iter().map(|(_, _, unit)| amount(said.get(unit).copied())));
        cells
    };
    Sheet { name: year.to_string(), columns, rows: rows.iter().map(line).collect(), frozen: 1 }
}
