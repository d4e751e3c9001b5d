//! The intents of a person: one arm each (imperative).
//!
//! Edits are applied in `document/apply.rs`; rights are asked in [`crate::access`] before.

use crate::entry::Reach;
use crate::id::{BoardId, EntryId, IndicatorId, ItemId, LinkId, MilestoneId, PersonId, SectionId, UnitId};
use crate::import::{IndicatorKind, Role};
use crate::limits::{DEADLINE_CHARS, NUMBER_CHARS, TITLE_CHARS};
use crate::model::{BoardListing, Combine, Feed, Removal, Target};
use crate::text::is_short;
use crate::trust::Stated;
use crate::words::Word;

/// One intent.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    // A board.
    SetBoardField {
        field: BoardField,
        value: String,
    },
    /// Invites guests of a unit to the board, or takes that back.
    InviteGuest {
        unit: UnitId,
        present: bool,
    },
    AddMember {
        unit: UnitId,
    },
    SpliceText {
        text: TextPlace,
        at: usize,
        delete: usize,
        insert: String,
    },
    /// Says that what two people made of one stretch of a text was looked at and decided.
    DecideMark {
        text: TextPlace,
        /// [`crate::document::TextMark::name`].
        mark: String,
    },
    AddSection {
        id: SectionId,
        number: String,
        title: String,
        rank: String,
    },
    SetSectionTitle {
        id: SectionId,
        title: String,
    },
    SetSectionNumber {
        id: SectionId,
        number: String,
    },
    MoveSection {
        id: SectionId,
        rank: String,
    },
    AddItem {
        id: ItemId,
        item: Box<NewItem>,
    },
    SetItemField {
        id: ItemId,
        field: ItemField,
        value: String,
    },
    MoveItem {
        id: ItemId,
        section: SectionId,
        rank: String,
    },
    Assign {
        item: ItemId,
        unit: UnitId,
        role: Role,
        open_ended: bool,
        raw: String,
    },
    Unassign {
        item: ItemId,
        unit: UnitId,
        removal: Removal,
    },
    SetLedger {
        item: ItemId,
        unit: UnitId,
        field: LedgerField,
        value: String,
    },
    AddMilestone {
        item: ItemId,
        id: MilestoneId,
        title: String,
        due: String,
    },
    TickMilestone {
        item: ItemId,
        id: MilestoneId,
        by: String,
        at: i64,
    },
    AddIndicator {
        id: IndicatorId,
        indicator: Box<NewIndicator>,
    },
    SetTarget {
        id: IndicatorId,
        target: Target,
    },
    SetFeed {
        id: IndicatorId,
        feed: Option<Feed>,
    },
    /// The reach of reported numbers; none where each report says it.
    SetReach {
        id: IndicatorId,
        reach: Option<Reach>,
    },
    SetLinkRemoved {
        id: LinkId,
        removed: bool,
    },
    AddLink {
        id: LinkId,
        from: ItemId,
        to_board: BoardId,
        to: ItemId,
        kind: String,
    },
    // A log.
    AddEntry {
        id: EntryId,
        bytes: Vec<u8>,
    },
    // A space.
    SetSpaceName {
        name: String,
    },
    /// An IANA name of the table in `zone`.
    SetSpaceZone {
        zone: String,
    },
    AddUnit {
        id: UnitId,
        name: String,
        kind: String,
        side: String,
        code: String,
    },
    RenameUnit {
        id: UnitId,
        name: String,
    },
    SetAlias {
        unit: UnitId,
        alias: String,
        present: bool,
    },
    SetGroupMember {
        group: UnitId,
        unit: UnitId,
        present: bool,
    },
    AddPerson {
        id: PersonId,
        name: String,
        unit: UnitId,
        role: String,
    },
    ListBoard {
        id: BoardId,
        listing: BoardListing,
    },
    /// A server's statement about devices, signed; never changed or taken off.
    State {
        kind: Stated,
        bytes: Vec<u8>,
    },
    /// A template's file for new boards; an empty one is taken off.
    SetTemplate {
        id: String,
        source: String,
    },
}

/// Registers of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BoardField {
    Title,
    Template,
    TemplateVersion,
    /// The file of a template that is not of this project, as it was when the board began.
    TemplateSource,
    PeriodFrom,
    PeriodTo,
    SourceTitle,
    SourceNumber,
    Issuer,
    SourceDate,
    Lead,
    /// The plan as its lead settled it ([`crate::plan::Settled`]); empty while the plan is drafted.
    Settled,
    /// The edition of its document that it was compared with last ([`crate::revise::Edition`]).
    Edition,
}

/// Registers of an item; fields of its template by their id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ItemField {
    Number,
    Title,
    Deadline,
    Custom(String),
}

/// Registers of a unit's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LedgerField {
    Person,
    YearlyTask,
    Path,
    Remark,
}

/// Texts that several people write together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TextPlace {
    Goal,
    Item(ItemId),
}

/// The first values of an item.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewItem {
    /// Its type in the template; empty for a line of a document, whose units close their parts.
    pub kind: String,
    pub number: String,
    pub title: String,
    pub text: String,
    pub section: Option<SectionId>,
    pub rank: String,
    pub parent: Option<ItemId>,
    pub deadline: String,
    pub quote: String,
}

/// The first values of an indicator.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewIndicator {
    pub name: String,
    pub kind: IndicatorKind,
    pub scope: String,
    pub quote: String,
    pub item: Option<ItemId>,
    pub combine: Combine,
    pub target: Target,
}

impl Edit {
    /// Words of a text put in the place of others.
    #[must_use]
    pub fn splice(text: TextPlace, splice: crate::text::Splice) -> Self {
        Self::SpliceText { text, at: splice.at, delete: splice.delete, insert: splice.insert }
    }

    /// The short words that it writes, each with the most characters that a person writes there.
    #[must_use]
    pub fn short_words(&self) -> Vec<(&str, usize)> {
        match self {
            Self::SetBoardField { field: BoardField::Title, value: title }
            | Self::SetSectionTitle { title, .. }
            | Self::SetItemField { field: ItemField::Title, value: title, .. } => vec![(title, TITLE_CHARS)],
            Self::SetSectionNumber { number, .. }
            | Self::SetItemField { field: ItemField::Number, value: number, .. } => {
                vec![(number, NUMBER_CHARS)]
            }
            Self::SetItemField { field: ItemField::Deadline, value: day, .. } => vec![(day, DEADLINE_CHARS)],
            Self::AddSection { number, title, .. } => vec![(title, TITLE_CHARS), (number, NUMBER_CHARS)],
            Self::AddItem { item, .. } => {
                let NewItem { title, number, deadline, .. } = &**item;
                vec![(title, TITLE_CHARS), (number, NUMBER_CHARS), (deadline, DEADLINE_CHARS)]
            }
            Self::AddMilestone { title, due, .. } => vec![(title, TITLE_CHARS), (due, DEADLINE_CHARS)],
            _ => Vec::new(),
        }
    }

    /// The bound that one of its short words is over; `stands` are the edits that take it back. Anything that stands
    /// there longer already may be written as long again.
    #[must_use]
    pub fn over_bound(&self, stands: &[Self]) -> Option<usize> {
        let longest = |edits: &[Self]| {
            let words = edits.iter().flat_map(Self::short_words);
            words.map(|(word, _)| word.chars().count()).max().unwrap_or_default()
        };
        let over = self.short_words().into_iter().find(|(word, most)| !is_short(word, *most));
        over.filter(|(word, _)| word.chars().count() > longest(stands)).map(|(_, most)| most)
    }

    /// Whether it is for who decides on a board, whatever else the person may write there.
    #[must_use]
    pub fn is_of_lead(&self) -> bool {
        match self {
            Self::SetBoardField { field, .. } => BoardField::OF_THE_LEAD.contains(field),
            Self::InviteGuest { .. } => true,
            _ => false,
        }
    }
}

impl BoardField {
    /// The registers that say who decides on a board, by which template it is read, and what was settled:
    /// written by who decides there, also while nobody leads it.
    pub const OF_THE_LEAD: [Self; 5] =
        [Self::Lead, Self::Settled, Self::Template, Self::TemplateVersion, Self::TemplateSource];

    /// Its key in the document.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Template => "template",
            Self::TemplateVersion => "template_version",
            Self::TemplateSource => "template_source",
            Self::PeriodFrom => "period_from",
            Self::PeriodTo => "period_to",
            Self::SourceTitle => "source_title",
            Self::SourceNumber => "source_number",
            Self::Issuer => "issuer",
            Self::SourceDate => "source_date",
            Self::Lead => "lead",
            // `settled` counts clashes in every map (`document/write.rs`).
            Self::Settled => "plan_settled",
            Self::Edition => "edition",
        }
    }
}

impl LedgerField {
    /// Every field, in the order of the row.
    pub const ALL: [Self; 4] = [Self::Person, Self::YearlyTask, Self::Path, Self::Remark];

    /// Its key in the document.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::YearlyTask => "yearly_task",
            Self::Path => "path",
            Self::Remark => "remark",
        }
    }

    /// Its name.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Person => Word::PersonInCharge,
            Self::YearlyTask => Word::YearlyTask,
            Self::Path => Word::Path,
            Self::Remark => Word::Remark,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_writes_no_longer_title_than_stands_there_already() {
        let id = ItemId::from_bytes([1; 16]);
        let title =
            |letters: usize| Edit::SetItemField { id, field: ItemField::Title, value: "长".repeat(letters) };
        assert_eq!(title(TITLE_CHARS).over_bound(&[title(0)]), None);
        assert_eq!(title(TITLE_CHARS + 1).over_bound(&[title(3)]), Some(TITLE_CHARS));
        assert_eq!(title(99_000).over_bound(&[title(99_000)]), None);
        assert_eq!(title(99_001).over_bound(&[title(99_000)]), Some(TITLE_CHARS));
        let item = NewItem { number: "一".repeat(NUMBER_CHARS + 1), ..NewItem::default() };
        assert_eq!(Edit::AddItem { id, item: Box::new(item) }.over_bound(&[]), Some(NUMBER_CHARS));
        let text =
            Edit::SpliceText { text: TextPlace::Item(id), at: 0, delete: 0, insert: "长".repeat(9_000) };
        assert_eq!(text.over_bound(&[]), None);
    }
}
