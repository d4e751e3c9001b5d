//! The proposals of an import: documents, boards, items, assignments and indicators, with spans.

use crate::model::Target;
use crate::words::Word;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Characters `[from, to)` of the source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub from: usize,
    pub to: usize,
}

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.from, self.to).serialize(serializer)
    }
}

/// All documents found in one text.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Draft {
    pub documents: Vec<DraftDocument>,
    /// Rows of tables that are no measures, in the order of the text: totals and notes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A row of the text that became no measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its words, the cells apart by blanks.
    pub words: String,
    pub span: Span,
}

/// One official document; it may hold several boards.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DraftDocument {
    pub title: Option<String>,
    pub doc_number: Option<String>,
    pub issuer: Option<String>,
    /// ISO date.
    pub date: Option<String>,
    pub boards: Vec<DraftBoard>,
}

impl DraftDocument {
    /// Neither a title nor anything to act on.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        let empty = |board: &DraftBoard| board.sections.is_empty() && board.indicators.is_empty();
        self.title.is_none() && self.doc_number.is_none() && self.boards.iter().all(empty)
    }
}

/// One plan of a document.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DraftBoard {
    pub title: Option<String>,
    /// The template that fits, by its identifier.
    pub template: String,
    pub period: Option<Period>,
    /// The goal paragraphs as printed.
    #[serde(skip)]
    pub goal: String,
    pub sections: Vec<DraftSection>,
    pub indicators: Vec<DraftIndicator>,
    /// Numbers that were read and are nobody's aim; nothing is made of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<DraftIndicator>,
    /// Places that a person should look at first.
    #[serde(skip)]
    pub doubts: Vec<Doubt>,
}

impl DraftBoard {
    /// Every item, parents before their children.
    pub fn items(&self) -> impl Iterator<Item = &DraftItem> {
        fn with_children(item: &DraftItem) -> Vec<&DraftItem> {
            let mut all = vec![item];
            all.extend(item.children.iter().flat_map(with_children));
            all
        }
        self.sections.iter().flat_map(|section| &section.items).flat_map(with_children)
    }

    /// The units of its measures, each once, and how many parts they have in them together.
    #[must_use]
    pub fn units(&self) -> (BTreeSet<&str>, usize) {
        let all = || self.items().flat_map(|item| &item.assignments).flat_map(|one| &one.units);
        (all().map(String::as_str).collect(), all().count())
    }
}

/// First and last year of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Period {
    pub from: i32,
    pub to: i32,
}

/// The number and title of a chapter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DraftHeading {
    pub number: Option<String>,
    pub title: Option<String>,
}

/// A chapter, phase or action with its items.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DraftSection {
    pub number: Option<String>,
    pub title: Option<String>,
    /// The headings that it stands under, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub above: Vec<DraftHeading>,
    pub items: Vec<DraftItem>,
}

/// A measure, service, duty: a numbered unit of the text.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DraftItem {
    pub number: Option<String>,
    pub title: String,
    pub text: String,
    pub assignments: Vec<DraftAssignment>,
    pub deadline: Option<String>,
    pub children: Vec<DraftItem>,
    pub span: Span,
}

/// Units in one role, as one list of the text names them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DraftAssignment {
    pub role: Role,
    /// Complete names in simplified characters.
    pub units: Vec<String>,
    /// The list ends with 等: others may be added.
    pub open_ended: bool,
    /// The list as printed.
    pub raw: String,
    #[serde(skip)]
    pub span: Span,
}

/// The part for which a unit is named (glossary of the domain).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 牵头、主办
    Lead,
    /// 责任、承办、负责
    #[default]
    Responsible,
    /// 配合、协办、协同
    Co,
    /// 参与、参加
    Participant,
    /// 指导、督导
    Guide,
    /// 实施、落实
    Implement,
}

impl Role {
    /// Every role, in the order that documents name them.
    pub const ALL: [Self; 6] =
        [Self::Lead, Self::Responsible, Self::Co, Self::Participant, Self::Guide, Self::Implement];

    /// Its word on screens and in files.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Lead => Word::RoleLead,
            Self::Responsible => Word::RoleResponsible,
            Self::Co => Word::RoleCo,
            Self::Participant => Word::RoleParticipant,
            Self::Guide => Word::RoleGuide,
            Self::Implement => Word::RoleImplement,
        }
    }
}

/// A number that the text promises or reports.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DraftIndicator {
    pub name: String,
    pub op: Operator,
    pub value: f64,
    /// The upper end of a range.
    pub value2: Option<f64>,
    /// Unit of measure as printed, scale included: 亿元, 万人次, %.
    pub unit: String,
    pub year: Option<i32>,
    pub cadence: Option<Cadence>,
    pub kind: IndicatorKind,
    /// The area or units it is said of.
    pub scope: Option<String>,
    /// The sentence it stands in.
    pub quote: String,
    /// The number of the item it stands in.
    pub item: Option<String>,
    #[serde(skip)]
    pub span: Span,
}

impl DraftIndicator {
    /// Its number as a target.
    #[must_use]
    pub fn target(&self) -> Target {
        Target {
            op: self.op,
            value: self.value,
            value2: self.value2,
            unit: self.unit.clone(),
            year: self.year,
            cadence: self.cadence,
        }
    }
}

/// How a value is compared with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Operator {
    #[serde(rename = ">=")]
    AtLeast,
    #[serde(rename = ">")]
    MoreThan,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = "<")]
    LessThan,
    #[default]
    #[serde(rename = "=")]
    Equal,
    #[serde(rename = "between")]
    Between,
}

/// When a target falls due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cadence {
    /// 每年
    Annual,
    /// In that year.
    In,
    /// 到…年, 年底前
    By,
}

/// Whether a number is promised, the start, reached already, or nobody's aim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IndicatorKind {
    Target,
    Baseline,
    Result,
    /// Which ones are meant: 满5万元的企业, 10名以上老人的村.
    Condition,
    /// The most that is paid or allowed.
    Limit,
    /// How large or dear one is, or what is paid for one: 每期40人, 总投资3亿元, 奖励500元.
    Scale,
    #[default]
    Other,
}

impl IndicatorKind {
    /// Its word on screens.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Target => Word::Target,
            Self::Baseline => Word::Baseline,
            Self::Result => Word::KindResult,
            Self::Condition => Word::KindCondition,
            Self::Limit => Word::KindLimit,
            Self::Scale => Word::KindScale,
            Self::Other => Word::KindOther,
        }
    }
}

/// A place that the import is not sure of.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    pub kind: DoubtKind,
    pub span: Span,
    /// The words in question.
    pub words: String,
}

/// Why a place is doubtful.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DoubtKind {
    /// A place by a name that the dictionary has otherwise: 自治县 for 自治旗.
    MistakenPlace,
    /// A unit's name that a page break or an empty line cut in two.
    JoinedUnit,
    /// A name without the ending of a unit.
    OddUnit,
    /// The name was completed from its neighbours (市 was added, a shared ending was copied).
    CompletedUnit,
    /// A group of units that is named as one.
    GroupUnit,
    /// No list names the unit: it is the subject of the measure's sentence.
    ToldUnit,
    /// The same unit twice in one list.
    RepeatedUnit,
    /// The numbering jumps or repeats.
    NumberingJump,
}
