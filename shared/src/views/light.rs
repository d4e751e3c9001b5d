//! One light for one cell: shape, colour and word, the most urgent first.

use crate::fold::{CloseOut, Lamp, PartState};
use crate::words::Word;

/// How a part, a step or a whole stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Light {
    Overdue,
    Returned,
    DueSoon,
    Asked,
    NotStarted,
    Going,
    Done,
}

impl Light {
    /// Every light, the most urgent first.
    pub const ALL: [Self; 7] = [
        Self::Overdue,
        Self::Returned,
        Self::DueSoon,
        Self::Asked,
        Self::NotStarted,
        Self::Going,
        Self::Done,
    ];

    /// The light of a unit's part with the lamp of its item: a late part shows as late before it shows as
    /// going on.
    #[must_use]
    pub fn of_part(part: &CloseOut, lamp: Lamp) -> Self {
        match (part.state, lamp) {
            (PartState::Closed, _) => Self::Done,
            (_, Lamp::Overdue) => Self::Overdue,
            (PartState::Returned, _) => Self::Returned,
            (_, Lamp::DueSoon) => Self::DueSoon,
            (PartState::Asked, _) => Self::Asked,
            (PartState::InProgress, _) => Self::Going,
            (PartState::NotStarted, _) => Self::NotStarted,
        }
    }

    /// Its shape, for those who do not tell colours apart.
    #[must_use]
    pub const fn shape(self) -> &'static str {
        match self {
            Self::Overdue => "▲",
            Self::Returned => "✕",
            Self::DueSoon => "◆",
            Self::Asked => "◎",
            Self::NotStarted => "○",
            Self::Going => "●",
            Self::Done => "✓",
        }
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Overdue => Word::Overdue,
            Self::Returned => Word::Returned,
            Self::DueSoon => Word::DueSoon,
            Self::Asked => Word::Asked,
            Self::NotStarted => Word::NotStarted,
            Self::Going => Word::InProgress,
            Self::Done => Word::Done,
        }
    }

    /// Its colour on white paper.
    #[must_use]
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Overdue | Self::Returned => "#a40e26",
            Self::DueSoon | Self::Asked => "#7a4b00",
            Self::NotStarted => "#57606a",
            Self::Going => "#0b5cad",
            Self::Done => "#116329",
        }
    }
}
