//! Numbers that are added, and numbers beside a total.

use crate::desk::*;
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Entry, EntryKind, Measure, Reach};
use tongban_shared::fold::{self, Progress, Standing};
use tongban_shared::import::Operator;
use tongban_shared::model::{Combine, Target};
use tongban_shared::words::Lang;

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
        assert_eq!(folded(desk, None).units_of(Some(2025), Combine::Sum), [(banner.unit, 47.0)].into());
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
        assert!(folded(&office, None).waits(Some(2025), Combine::Sum), "{measure:?}");
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

/// 61 % of one year and 71 % of the next are 71 %, not 66 %; numbers of other years stand beside.
#[test]
fn a_ratio_is_of_one_year() {
    let (mut banner, mut other) = (Desk::new("banner", "海拉尔区"), Desk::new("other", "阿荣旗"));
    say(&mut banner, 61.0, Measure::Level, Some(Reach::Own), "2026");
    say(&mut banner, 71.0, Measure::Level, Some(Reach::Own), "２０２７年");
    let target = Target { op: Operator::AtLeast, value: 5.0, unit: "%".into(), ..Target::default() };
    let progress = folded(&banner, None);
    // Counts are of all years, where a target names none: 61 households and 71 more.
    assert_eq!(progress.total(None, Combine::Sum), Some(132.0));
    assert_eq!(progress.units_of(None, Combine::Sum), [(banner.unit, 132.0)].into());
    assert_eq!(progress.total(Some(2026), Combine::Sum), Some(61.0));
    assert_eq!(progress.unsaid_year(&target, Combine::Sum), None);
    for combine in [Combine::Mean, Combine::Latest] {
        assert_eq!(progress.total(None, combine), Some(71.0), "{combine:?}");
        assert_eq!(progress.total(Some(2026), combine), Some(61.0), "{combine:?}");
        assert_eq!(progress.units_of(None, combine), [(banner.unit, 71.0)].into(), "{combine:?}");
        let told: Vec<(f64, bool)> =
            progress.summands(None, combine).iter().map(|one| (one.value, one.counts)).collect();
        assert_eq!(told, [(61.0, false), (71.0, true)], "{combine:?}");
    }
    assert_eq!(progress.unsaid_year(&target, Combine::Mean), Some(2027));
    assert_eq!(progress.unsaid_year(&Target { year: Some(2026), ..target.clone() }, Combine::Mean), None);
    let high = Target { value: 70.0, ..target };
    assert_eq!(fold::standing(&high, &progress, Combine::Mean), Standing::Met);
    assert_eq!(fold::standing_in(Some(2026), &high, &progress, Combine::Mean), Standing::Short(9.0));

    // A number that names no year is of each; two of one year wait, those of another do not.
    say(&mut other, 81.0, Measure::Level, Some(Reach::Own), "");
    share(&mut [&mut banner, &mut other]);
    assert_eq!(folded(&banner, None).total(None, Combine::Mean), Some(76.0));
    let (mut one, mut two) = (Desk::new("one", "市政府办"), Desk::new("two", "市商务局"));
    say(&mut one, 51.0, Measure::Level, Some(Reach::Whole), "2026");
    say(&mut two, 47.0, Measure::Level, Some(Reach::Whole), "2026");
    share(&mut [&mut one, &mut two]);
    say(&mut one, 60.0, Measure::Level, Some(Reach::Whole), "2027");
    let progress = folded(&one, None);
    assert!(progress.waits(Some(2026), Combine::Mean) && !progress.waits(None, Combine::Mean));
    // A sum of all years is none while a number of one of them waits.
    assert!(progress.waits(None, Combine::Sum));
}

/// A mean is one of units, not of their reports: of each the last one of the year stands in it.
#[test]
fn a_mean_is_of_the_last_number_of_each_unit() {
    let (mut one, mut other) = (Desk::new("one", "海拉尔区"), Desk::new("other", "阿荣旗"));
    say(&mut one, 10.0, Measure::Increment, Some(Reach::Own), "2025-Q1");
    say(&mut one, 20.0, Measure::Level, None, "2025-Q2");
    say(&mut one, 30.0, Measure::Increment, Some(Reach::Own), "2025-Q3");
    say(&mut other, 50.0, Measure::Increment, Some(Reach::Own), "2025-Q3");
    share(&mut [&mut one, &mut other]);
    let progress = folded(&one, None);
    assert_eq!(progress.total(None, Combine::Mean), Some(40.0));
    assert_eq!(progress.units_of(None, Combine::Mean), [(one.unit, 30.0), (other.unit, 50.0)].into());
}

/// The words under a total are those of the way it was made, each its own, in three languages.
#[test]
fn how_a_total_came_about_is_said_as_it_was_made() {
    let all = [Combine::Sum, Combine::Mean, Combine::Latest];
    for lang in [Lang::Hans, Lang::Hant, Lang::English] {
        let words: std::collections::BTreeSet<&str> = all
            .into_iter()
            .flat_map(|combine| {
                [None, Some(Reach::Own), Some(Reach::Whole)]
                    .map(|reach| fold::combined(combine, reach).text(lang))
            })
            .collect();
        assert_eq!(words.len(), 9, "{words:?}");
    }
    for reach in [None, Some(Reach::Own)] {
        assert!(fold::combined(Combine::Mean, reach).text(Lang::Hans).contains("平均"));
        assert!(fold::combined(Combine::Sum, reach).text(Lang::Hans).contains("相加"));
        assert!(fold::combined(Combine::Latest, reach).text(Lang::Hans).contains("最近一期"));
    }
}
