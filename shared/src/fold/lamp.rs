//! Lamps: overdue, due soon, done.

/// Days before a deadline from which the lamp warns.
const SOON_DAYS: i64 = 7;

/// The lamp of an item; always shown with a word and a shape, never colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lamp {
    /// 逾期
    Overdue,
    /// 7 天内到期
    DueSoon,
    /// 正常
    OnTrack,
    /// 已完成
    Done,
}

/// The lamp for a deadline on a day, both ISO dates; without a deadline nothing is late.
#[must_use]
pub fn lamp(deadline: &str, closed: bool, today: &str) -> Lamp {
    if closed {
        return Lamp::Done;
    }
    let dates = deadline.parse::<jiff::civil::Date>().ok().zip(today.parse::<jiff::civil::Date>().ok());
    let Some((due, today)) = dates else { return Lamp::OnTrack };
    let days = i64::from(due.since(today).map_or(0, |span| span.get_days()));
    if days < 0 {
        Lamp::Overdue
    } else if days <= SOON_DAYS {
        Lamp::DueSoon
    } else {
        Lamp::OnTrack
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_is_not_late() {
        assert_eq!(lamp("2023-12-31", false, "2023-12-31"), Lamp::DueSoon);
        assert_eq!(lamp("2023-12-31", false, "2024-01-01"), Lamp::Overdue);
        assert_eq!(lamp("2023-12-31", false, "2023-12-01"), Lamp::OnTrack);
        assert_eq!(lamp("2023-12-31", true, "2024-06-01"), Lamp::Done);
        assert_eq!(lamp("", false, "2024-06-01"), Lamp::OnTrack);
    }
}
