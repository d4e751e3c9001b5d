//! Changes of a plan in the words of a screen.

use super::changes::{role_of, target_of};
use super::{PlanChange, PlanPlace};
use crate::document::place as place_of;
use crate::id::UnitId;
use crate::model::{Board, Item};
use crate::publication::target_words;
use crate::words::{Lang, Word};

/// One change as a line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeWords {
    /// Number and headline of the measure, or the title of the board.
    pub about: String,
    pub field: String,
    /// Empty when there was nothing.
    pub old: String,
    /// Empty when it goes.
    pub new: String,
}

/// Number and headline of a measure.
#[must_use]
pub fn measure_name(item: &Item) -> String {
    format!("{} {}", item.number, item.title).trim().to_owned()
}

/// A change in words; `name` gives the name of a unit.
#[must_use]
pub fn change_words(
    board: &Board,
    change: &PlanChange,
    lang: Lang,
    name: impl Fn(UnitId) -> String,
) -> ChangeWords {
    let item = change.place.item(board).and_then(|id| board.items.get(&id));
    let field = |word: Word| word.text(lang).to_owned();
    let indicator = |id| board.indicators.get(&id).map(|one| one.name.clone()).unwrap_or_default();
    let field = match change.place {
        PlanPlace::Goal => field(Word::Goal),
        PlanPlace::Title | PlanPlace::Headline(_) => field(Word::Headline),
        PlanPlace::Text(_) => field(Word::Text),
        PlanPlace::Deadline(_) => field(Word::Deadline),
        PlanPlace::Number(_) => field(Word::NumberWord),
        PlanPlace::Section(_) => field(Word::SectionTitle),
        PlanPlace::Measure(_) => field(Word::NewMeasure),
        PlanPlace::Order(_) => field(Word::PlaceInList),
        PlanPlace::Owner(_, unit) => name(unit),
        PlanPlace::Target(id) => format!("{} {}", field(Word::TargetWord), indicator(id)),
        PlanPlace::Indicator(_) => field(Word::NewIndicator),
        PlanPlace::Parent(_) => field(Word::PlaceInList),
        PlanPlace::Period => field(Word::PeriodWord),
        PlanPlace::Source => field(Word::SourceText),
        PlanPlace::SectionOrder(_) => field(Word::SectionTitle),
        PlanPlace::Meaning(id) => indicator(id),
        PlanPlace::Template => field(Word::TemplateWord),
    };
    let value = |word: &str| match change.place {
        PlanPlace::Owner(..) => role_of(word).map(|role| role.word().text(lang).to_owned()),
        PlanPlace::Target(_) => target_of(word).map(|target| target_words(&target)),
        PlanPlace::Order(_) => {
            let section = place_of(word).0.and_then(|id| board.sections.get(&id));
            section.map(|section| section.title.clone())
        }
        PlanPlace::Parent(_) => {
            let parent = word.parse().ok().and_then(|id| board.items.get(&id));
            parent.map(measure_name)
        }
        _ => None,
    };
    let value = |word: &str| value(word).unwrap_or_else(|| word.to_owned());
    ChangeWords {
        about: item.map_or_else(|| board.title.clone(), measure_name),
        field,
        old: value(&change.old),
        new: value(&change.new),
    }
}
