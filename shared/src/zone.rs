//! The day of a space: one for all its devices, its servers and its public pages, wherever they stand.
//!
//! A short table instead of a database of zones: places that have no summer time, whose one offset says all.
//! The database would be larger than the rest of the dates and would have to be kept up to date.

use crate::words::Word;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// A place whose clock a space keeps.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its IANA name, as the space stores it.
    pub id: &'static str,
    /// The name that people give its time.
    pub name: Word,
    /// Hours ahead of UTC.
    hours: i8,
}

/// The places that can be chosen; the first one is kept without a choice.
pub static ZONES: [Zone; 6] = [
    Zone { id: "Asia/Shanghai", name: Word::ZoneShanghai, hours: 8 },
    Zone { id: "Asia/Urumqi", name: Word::ZoneUrumqi, hours: 6 },
    Zone { id: "Asia/Tokyo", name: Word::ZoneTokyo, hours: 9 },
    Zone { id: "Asia/Bangkok", name: Word::ZoneBangkok, hours: 7 },
    Zone { id: "Asia/Dubai", name: Word::ZoneDubai, hours: 4 },
    Zone { id: "Etc/UTC", name: Word::ZoneUtc, hours: 0 },
];

impl Zone {
    /// The zone of a name; of one that is not known here, the first.
    #[must_use]
    pub fn of(id: &str) -> &'static Self {
        ZONES.iter().find(|zone| zone.id == id).unwrap_or(&ZONES[0])
    }

    /// Date and time on its clocks at a moment in milliseconds since 1970; none of a moment that no
    /// calendar has.
    #[must_use]
    pub fn clock(&self, milliseconds: i64) -> Option<DateTime> {
        let moment = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
        Some(Offset::constant(self.hours).to_datetime(moment))
    }

    /// The day there at a moment in seconds since 1970.
    #[must_use]
    pub fn day(&self, seconds: i64) -> Date {
        self.clock(seconds.saturating_mul(1000)).map_or(Date::ZERO, DateTime::date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_turns_at_midnight_of_its_zone() {
        // 2026-11-28 16:00 UTC is midnight in Beijing.
        let midnight = 1_795_881_600;
        let day = |id: &str, seconds| Zone::of(id).day(seconds).to_string();
        assert_eq!(day("Asia/Shanghai", midnight - 1), "2026-11-28");
        assert_eq!(day("Asia/Shanghai", midnight), "2026-11-29");
        assert_eq!(day("Asia/Urumqi", midnight), "2026-11-28");
        assert_eq!(day("Asia/Urumqi", midnight + 2 * 3600), "2026-11-29");
        assert_eq!(day("Etc/UTC", midnight), "2026-11-28");
        // It comes from another version, or is mistyped.
        for unknown in ["", "Asia/Chongqing", "+08:00"] {
            assert_eq!(Zone::of(unknown), &ZONES[0]);
        }
        assert_eq!(day("", i64::MAX), Date::ZERO.to_string());
    }
}
