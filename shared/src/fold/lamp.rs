//! Lamps: overdue, due soon, past the plan, without a date, done.

use crate::model::Board;

/// Days before a deadline from which the lamp warns.
const SOON_DAYS: i64 = 7;

/// The lamp of an item, the most urgent first; always shown with a word and a shape, never colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lamp {
    /// 逾期
    Overdue,
    /// 7 天内到期
    DueSoon,
    /// 超过实施期限: open after the plan's last year.
    PastPlan,
    /// 在期内
    OnTrack,
    /// 未定期限
    NoDate,
    /// 已完成
    Done,
}

/// The day on which something is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day<'a> {
    /// An ISO date.
    pub today: &'a str,
    /// The last year of the plan, where it names its years.
    pub last_year: Option<i64>,
}

impl<'a> Day<'a> {
    /// A day (ISO date) outside of any plan.
    #[must_use]
    pub const fn new(today: &'a str) -> Self {
        Self { today, last_year: None }
    }

    /// A day (ISO date) in the life of a board.
    #[must_use]
    pub fn of(board: &Board, today: &'a str) -> Self {
        Self { today, last_year: board.period.map(|(_, last)| last) }
    }
}

/// The lamp for a deadline (ISO date, or nothing) on a day. Without a deadline nothing is late, and nothing
/// is on time either; after the plan's last year nothing that is open is on time.
#[must_use]
pub fn lamp(deadline: &str, closed: bool, day: Day<'_>) -> Lamp {
    if closed {
        return Lamp::Done;
    }
    let Ok(today) = day.today.parse::<jiff::civil::Date>() else { return Lamp::NoDate };
    let due = deadline.parse::<jiff::civil::Date>().ok();
    let days = due.map(|due| i64::from(due.since(today).map_or(0, |span| span.get_days())));
    let past = day.last_year.is_some_and(|last| i64::from(today.year()) > last);
    match days {
        Some(..0) => Lamp::Overdue,
        Some(0..=SOON_DAYS) => Lamp::DueSoon,
        _ if past => Lamp::PastPlan,
        Some(_) => Lamp::OnTrack,
        None => Lamp::NoDate,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_not_late() {
        let lamp = |deadline, closed, today| lamp(deadline, closed, Day::new(today));
        assert_eq!(lamp("2023-12-31", false, "2023-12-31"), Lamp::DueSoon);
        assert_eq!(lamp("2023-12-31", false, "2024-01-01"), Lamp::Overdue);
        assert_eq!(lamp("2023-12-31", false, "2023-12-01"), Lamp::OnTrack);
        assert_eq!(lamp("2023-12-31", true, "2024-06-01"), Lamp::Done);
    }

    #[test]
    fn what_is_open_without_a_date_or_after_the_plan_is_never_on_time() {
        let on = |deadline, closed, today| lamp(deadline, closed, Day { today, last_year: Some(2025) });
        assert_eq!(on("", false, "2025-12-31"), Lamp::NoDate);
        assert_eq!(on("年底前", false, "2025-12-31"), Lamp::NoDate);
        assert_eq!(on("", false, "2026-01-01"), Lamp::PastPlan);
        assert_eq!(on("2027-06-30", false, "2026-01-01"), Lamp::PastPlan);
        assert_eq!(on("2025-12-31", false, "2026-01-01"), Lamp::Overdue);
        assert_eq!(on("2026-01-03", false, "2026-01-01"), Lamp::DueSoon);
        assert_eq!(on("", true, "2026-01-01"), Lamp::Done);
        assert_eq!(on("2025-12-31", false, "2025-06-01"), Lamp::OnTrack);
        assert_eq!(lamp("", false, Day::new("2026-01-01")), Lamp::NoDate);
    }
}
