//! Templates: what a board of a kind holds, as data (domain.md, b.2).
//!
//! A template is a TOML file with a version. It names item types with their fields, states and
//! moves, the sections a new board begins with, the views it offers, and rules ([`crate::rule`]).
//! Nothing of a kind of board is wired into the core: a new kind is a new file. The files of
//! this project stand in `shared/templates`; a space may add its own. Both are checked by the
//! same function ([`parse`]), which names the line and the field of what is wrong.

mod advice;
mod check;
mod field;
mod message;
mod own;
mod start;

pub use advice::advice;
pub use field::{Field, FieldKind, Money, Value, money_words};
pub use start::start;

use crate::entry::EntryKind;
use crate::import::Role;
use crate::limits::TEMPLATE_BYTES;
use crate::rule::Rule;
use crate::words::{Lang, Word};
use serde::Deserialize;
use std::sync::{Arc, LazyLock};

/// A name in the three languages: simplified, traditional, English.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Name(pub [String; 3]);

impl Name {
    /// In one language.
    #[must_use]
    pub fn get(&self, language: Lang) -> &str {
        let [simplified, traditional, english] = &self.0;
        match language {
            Lang::Hans => simplified,
            Lang::Hant => traditional,
            Lang::English => english,
        }
    }
}

/// The make-up of a kind of board.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Lower-case letters and `_`; a board names it.
    pub id: String,
    pub version: u64,
    pub name: Name,
    /// The purpose of it, in one sentence.
    pub purpose: Name,
    pub views: Vec<View>,
    /// The sections of a new board; `[number, title]`.
    #[serde(default)]
    pub sections: Vec<[String; 2]>,
    #[serde(rename = "item")]
    pub items: Vec<ItemType>,
    #[serde(rename = "rule", default)]
    pub rules: Vec<Rule>,
}

/// A way to look at a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// 清单
    List,
    /// 看板
    Kanban,
    /// 台账
    Ledger,
    /// 作战图
    Matrix,
    /// 时间轴
    Timeline,
    /// 日程
    Agenda,
    /// 指标
    Indicators,
    /// 名册
    Roster,
    /// 评分
    Scores,
    /// 排名
    Ranking,
    /// 会议模式
    Meeting,
}

impl View {
    /// Its part of an address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Kanban => "kanban",
            Self::Ledger => "ledger",
            Self::Matrix => "matrix",
            Self::Timeline => "timeline",
            Self::Agenda => "agenda",
            Self::Indicators => "indicators",
            Self::Roster => "roster",
            Self::Scores => "scores",
            Self::Ranking => "ranking",
            Self::Meeting => "meeting",
        }
    }

    /// Its name.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::List => Word::ListView,
            Self::Kanban => Word::KanbanView,
            Self::Ledger => Word::LedgerView,
            Self::Matrix => Word::MatrixView,
            Self::Timeline => Word::TimelineView,
            Self::Agenda => Word::AgendaView,
            Self::Indicators => Word::IndicatorsView,
            Self::Roster => Word::RosterView,
            Self::Scores => Word::ScoresView,
            Self::Ranking => Word::RankingView,
            Self::Meeting => Word::MeetingView,
        }
    }

    /// The view at a part of an address.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.path() == path)
    }

    const ALL: [Self; 11] = [
        Self::List,
        Self::Kanban,
        Self::Ledger,
        Self::Matrix,
        Self::Timeline,
        Self::Agenda,
        Self::Indicators,
        Self::Roster,
        Self::Scores,
        Self::Ranking,
        Self::Meeting,
    ];
}

/// One kind of row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemType {
    pub id: String,
    pub name: Name,
    /// Item types that this one stands below; empty for one that stands in a section.
    #[serde(default)]
    pub under: Vec<String>,
    /// Each unit has its own part that is closed out on its own (S04); there are no moves then.
    #[serde(default)]
    pub parts: bool,
    /// Lines of a document that was imported are items of this type: its fields and rules are theirs.
    #[serde(default)]
    pub lines: bool,
    #[serde(rename = "field", default)]
    pub fields: Vec<Field>,
    /// In their order; the first is where an item begins.
    #[serde(rename = "state", default)]
    pub states: Vec<State>,
    #[serde(rename = "move", default)]
    pub moves: Vec<Move>,
    /// Kinds of entries that people may write on it.
    #[serde(default)]
    pub entries: Vec<EntryWord>,
}

/// A state of an item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub id: String,
    pub name: Name,
    /// Nothing is due any more.
    #[serde(default)]
    pub end: bool,
    /// The public may see what stands here. If a type marks some of its states so, an item in another state
    /// is a draft and is never published.
    #[serde(default)]
    pub public: bool,
}

/// A way from states to a state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    pub from: Vec<String>,
    pub to: String,
    pub who: Who,
    /// The kind of entry that makes it.
    #[serde(default)]
    pub by: EntryWord,
    #[serde(default)]
    pub needs: Vec<Need>,
}

/// The units that may make a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Any unit of the board; no enterprise.
    Anybody,
    /// A unit that the item names, in any role.
    Assigned,
    /// The unit that the item names first: 牵头, else 责任.
    Holder,
    /// The lead of the board.
    Lead,
    /// The unit that wrote the item's first entry: who raised it confirms it.
    Raiser,
    /// A unit other than the one that made the last move: a giver and a taker are two.
    Other,
}

/// The condition of a move.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// A field is filled.
    Field(String),
    /// One of several fields is filled.
    Either(Vec<String>),
    /// Somebody wrote an entry of a kind before.
    Entry(EntryWord),
    /// The entry itself says a reason, a number, or a date.
    Words,
    Number,
    Due,
    /// Every unit that the item names has written an entry of a kind.
    EveryUnit(EntryWord),
    /// Every child of a type (or of any) stands in a final state.
    EveryChild(String),
    /// A rule holds for the item.
    Rule(String),
}

/// An entry kind by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryWord(pub EntryKind);

impl Default for EntryWord {
    fn default() -> Self {
        Self(EntryKind::Outcome)
    }
}

impl<'de> Deserialize<'de> for EntryWord {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        EntryKind::from_word(&word)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("没有这种记录：{word}")))
    }
}

/// The fault in a template file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("第 {line} 行{}：{problem}", if field.is_empty() { String::new() } else { format!("（{field}）") })]
pub struct TemplateError {
    /// Counted from 1.
    pub line: usize,
    /// The place in the template: `item.pair.move[2].to`.
    pub field: String,
    pub problem: String,
}

/// Reads and checks a template file.
///
/// # Errors
/// [`TemplateError`] for the first thing that is wrong, with its line and field.
pub fn parse(source: &str) -> Result<Template, TemplateError> {
    if source.len() > TEMPLATE_BYTES {
        let problem = format!("文件过大：{} 字节，最多 {TEMPLATE_BYTES} 字节", source.len());
        return Err(TemplateError { line: 1, field: String::new(), problem });
    }
    let template: Template = toml::from_str(source).map_err(|error| {
        let line = error.span().map_or(1, |span| line_at(source, span.start));
        // A rule's kind is read before its other keys, and errors in them lose their place: each
        // rule is read alone to find the one that is meant.
        let rule = wrong_rule(source).filter(|_| source.lines().nth(line - 1).is_some_and(is_rule));
        let (line, field, message) = rule.unwrap_or((line, String::new(), error.message().to_owned()));
        TemplateError { line, field, problem: format!("写法不对：{}", message::in_words(&message)) }
    })?;
    check::check(source, &template)?;
    Ok(template)
}

fn is_rule(line: &str) -> bool {
    line.trim() == "[[rule]]"
}

/// The first rule that cannot be read alone: its line, its place and what is wrong.
fn wrong_rule(source: &str) -> Option<(usize, String, String)> {
    #[derive(Deserialize)]
    struct Alone {
        #[serde(rename = "rule")]
        _rule: Vec<Rule>,
    }
    let lines: Vec<&str> = source.lines().collect();
    let starts = lines.iter().enumerate().filter(|(_, line)| is_rule(line)).map(|(place, _)| place);
    for (count, start) in starts.enumerate() {
        let next = lines[start + 1..].iter().position(|line| line.trim_start().starts_with("[["));
        let end = next.map_or(lines.len(), |length| start + 1 + length);
        if let Err(error) = toml::from_str::<Alone>(&lines[start..end].join("\n")) {
            return Some((start + 1, format!("rule[{count}]"), error.message().to_owned()));
        }
    }
    None
}

fn line_at(source: &str, byte: usize) -> usize {
    source[..byte.min(source.len())].matches('\n').count() + 1
}

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The files of this project, by name.
        pub const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../templates/", $name, ".toml")))),*];
    };
}

built_in![
    "measure_plan",
    "pairing",
    "register",
    "project_lifecycle",
    "pipeline",
    "clearance",
    "assessment",
    "service_matrix",
    "campaign",
    "publicity",
    "policy_library",
    "statistics",
    "alert",
];

/// The id of the type of items that came from a document.
pub const LINE_ID: &str = "line";

/// An item that came from a document and has no type of a template.
static LINE: LazyLock<ItemType> = LazyLock::new(|| ItemType {
    id: LINE_ID.to_owned(),
    name: Name(["举措".to_owned(), "舉措".to_owned(), "Measure".to_owned()]),
    under: Vec::new(),
    parts: true,
    lines: true,
    fields: Vec::new(),
    states: Vec::new(),
    moves: Vec::new(),
    entries: Vec::new(),
});

static BUILT_IN: LazyLock<Vec<Arc<Template>>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(name, source)| {
            let read = parse(source);
            Arc::new(read.unwrap_or_else(|error| unreachable!("tested: template {name}: {error}")))
        })
        .collect()
});

/// The templates of this project.
#[must_use]
pub fn built_in() -> &'static [Arc<Template>] {
    &BUILT_IN
}

/// A template of this project by its id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Template> {
    known(id).map(AsRef::as_ref)
}

fn known(id: &str) -> Option<&'static Arc<Template>> {
    BUILT_IN.iter().find(|template| template.id == id)
}

/// Why the template of a board cannot be read here. Nothing is published then, and all of its items count
/// as the plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is named, and this program has none of that name.
    #[error("没有名为“{0}”的模板")]
    Unknown(String),
    /// The file that the board carries is larger than any.
    #[error("模板文件过大")]
    TooLarge,
    /// That file is wrong.
    #[error("模板文件有误：{0}")]
    Wrong(#[from] TemplateError),
}

/// The template of a board: the file it carries, else one of this project. A board that names none is a
/// plan of measures, as those of before there were templates.
///
/// # Errors
/// [`Unread`] when there is none, or its file cannot be read.
pub fn of(board: &crate::model::Board) -> Result<Arc<Template>, Unread> {
    match (board.template_source.as_str(), board.template.as_str()) {
        ("", "") => Ok(Arc::clone(&BUILT_IN[0])),
        ("", id) => known(id).cloned().ok_or_else(|| Unread::Unknown(id.chars().take(50).collect())),
        (source, _) if source.len() > TEMPLATE_BYTES => Err(Unread::TooLarge),
        (source, _) => Ok(own::read(source)?),
    }
}

impl Template {
    /// The type of an item; without a word of its own it is a line of a document: of the type that
    /// the template has for lines, else of one whose units each close out their part.
    #[must_use]
    pub fn item_type(&self, kind: &str) -> Option<&ItemType> {
        if kind.is_empty() || kind == LINE_ID {
            return Some(self.items.iter().find(|one| one.lines).unwrap_or(&LINE));
        }
        self.items.iter().find(|one| one.id == kind)
    }

    /// The types that stand below another one, or in a section.
    pub fn types_under<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = &'a ItemType> {
        self.items.iter().filter(move |kind| match parent {
            Some(parent) => kind.under.iter().any(|one| one == parent),
            None => kind.under.is_empty(),
        })
    }
}

impl ItemType {
    /// A field by its id.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// A state by its id.
    #[must_use]
    pub fn state(&self, id: &str) -> Option<&State> {
        self.states.iter().find(|state| state.id == id)
    }
}

/// The roles that make a unit the holder of an item, the first one that is there.
pub(crate) const HOLDERS: [Role; 3] = [Role::Lead, Role::Responsible, Role::Implement];

#[cfg(test)]
mod tests;
