//! Numbers that are added, and numbers beside a total.

use crate::desk::*;
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Entry, EntryKind, Measure, Reach};
use tongban_shared::fold::{self, Progress, Standing};
use tongban_shared::import::Operator;
use tongban_shared::model::{Combine, Target};

fn say(desk: &mut Desk, value: f64, measure: Measure, reach: Option<Reach>, period: &str) -> Entry {
    desk.write(EntryKind::Value, |entry| {
        (entry.subject.item, entry.subject.indicator) = (None, Some(INDICATOR));
        (entry.value, entry.measure, entry.reach) = (Some(value), Some(measure), reach);
        entry.period = Some(period.to_owned());
    })
}

fn folded(desk: &Desk, reach: Option<Reach>) -> Progress {
    fold::progress(&desk.entries.of_indicator(INDICATOR), reach)
}

fn total(desk: &Desk, reach: Option<Reach>) -> Option<f64> {
    folded(desk, reach).total(Some(2025), Combine::Sum)
}

/// 51 of the whole city and 47 of a banner are not 98.
#[test]
fn a_number_of_the_whole_city_is_added_to_nothing() {
    let (mut office, mut banner) = (Desk::new("office", "市政府办"), Desk::new("banner", "海拉尔区"));
    say(&mut office, 51.0, Measure::Level, Some(Reach::Whole), "2025");
    say(&mut banner, 47.0, Measure::Level, Some(Reach::Own), "2025");
    share(&mut [&mut office, &mut banner]);
    for desk in [&office, &banner] {
        assert_eq!(total(desk, None), Some(51.0));
        let summands = folded(desk, None).summands(Some(2025), Combine::Sum);
        let told: Vec<(f64, Reach, bool)> =
            summands.iter().map(|one| (one.value, one.reach, one.counts)).collect();
        assert_eq!(told, [(47.0, Reach::Own, false), (51.0, Reach::Whole, true)]);
        assert_eq!(summands[1].unit, office.unit);
        assert_eq!(folded(desk, None).units_of(Some(2025)), [(banner.unit, 47.0)].into());
    }
    let target = Target { op: Operator::AtLeast, value: 60.0, year: Some(2025), ..Target::default() };
    assert_eq!(fold::standing(&target, &folded(&office, None), Combine::Sum), Standing::Short(9.0));
}

#[test]
fn shares_of_units_add_and_a_later_level_of_a_year_holds_the_earlier() {
    let (mut one, mut other) = (Desk::new("one", "海拉尔区"), Desk::new("other", "阿荣旗"));
    say(&mut one, 10.0, Measure::Level, Some(Reach::Own), "2025-Q1");
    say(&mut one, 25.0, Measure::Level, Some(Reach::Own), "2025-Q2");
    say(&mut one, 3.0, Measure::Increment, Some(Reach::Own), "2025-Q3");
    say(&mut other, 7.0, Measure::Increment, Some(Reach::Own), "2025-Q1");
    say(&mut other, 8.0, Measure::Increment, Some(Reach::Own), "2025-Q2");
    share(&mut [&mut one, &mut other]);
    assert_eq!(total(&one, None), Some(25.0 + 3.0 + 7.0 + 8.0), "10 is within 25");
    let beside: Vec<f64> = folded(&one, None)
        .summands(Some(2025), Combine::Sum)
        .into_iter()
        .filter(|summand| !summand.counts)
        .map(|summand| summand.value)
        .collect();
    assert_eq!(beside, [10.0]);
    assert_eq!(total(&one, None), total(&other, None));
}

/// A number said before its reach was told keeps its meaning, until the indicator says otherwise.
#[test]
fn numbers_of_before_are_shares_unless_the_indicator_says_otherwise() {
    let (mut office, mut banner) = (Desk::new("office", "市政府办"), Desk::new("banner", "海拉尔区"));
    say(&mut office, 51.0, Measure::Level, None, "2025");
    share(&mut [&mut office, &mut banner]);
    say(&mut banner, 47.0, Measure::Level, None, "2025");
    share(&mut [&mut office, &mut banner]);
    assert_eq!(total(&office, None), Some(98.0));
    assert_eq!(total(&office, Some(Reach::Own)), Some(98.0));
    assert_eq!(total(&office, Some(Reach::Whole)), Some(47.0), "the one that had seen the other");
    let mut board = board();
    assert_eq!(board.board().indicators[&INDICATOR].reach, None);
    let edit = Edit::SetReach { id: INDICATOR, reach: Some(Reach::Whole) };
    let back = board.inverse(&edit);
    board.edit(&edit, &stamp("市政府办")).expect("edits");
    assert_eq!(board.board().indicators[&INDICATOR].reach, Some(Reach::Whole));
    board.edit_all(&back, &stamp("市政府办")).expect("edits");
    assert_eq!(board.board().indicators[&INDICATOR].reach, None);
}

#[test]
fn two_numbers_of_the_whole_city_said_apart_wait_for_a_choice() {
    for measure in [Measure::Level, Measure::Increment] {
        let (mut office, mut other) = (Desk::new("office", "市政府办"), Desk::new("other", "市商务局"));
        say(&mut office, 51.0, measure, Some(Reach::Whole), "2025");
        say(&mut other, 47.0, measure, Some(Reach::Whole), "2025");
        share(&mut [&mut office, &mut other]);
        assert!(folded(&office, None).waits(Some(2025)), "{measure:?}");
        assert_eq!(total(&office, None), None, "{measure:?}: neither, and not 98");
        let mut same = [Desk::new("one", "市政府办"), Desk::new("two", "市商务局")];
        for desk in &mut same {
            say(desk, 51.0, measure, Some(Reach::Whole), "2025");
        }
        let [one, two] = &mut same;
        share(&mut [one, two]);
        assert_eq!(total(one, None), Some(51.0), "{measure:?}: the same thing said twice");
    }
}
