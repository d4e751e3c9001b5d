//! Doubts of a draft to questions, each name once.

use super::{Answer, Key, Offer, Why};
use crate::dictionary;
use crate::import::{Doubt, DoubtKind, Draft, DraftBoard, DraftItem, Span};
use crate::model::Space;
use crate::words::{Lang, Word};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One doubtful place or name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub why: Why,
    /// The words in question.
    pub name: String,
    /// The words as the document prints them.
    pub printed: String,
    /// The first place where they stand, in characters of the source.
    #[serde(skip)]
    pub span: Span,
    /// How many places the answer changes.
    pub places: usize,
    /// The draft board it stands in, by its place among all of them.
    #[serde(skip)]
    pub board: usize,
    /// The headline of the measure it stands in; empty for a goal.
    pub measure: String,
}

impl Question {
    /// The thing that it asks about.
    #[must_use]
    pub fn key(&self) -> Key {
        (self.why, self.name.clone())
    }
}

/// The questions of a draft: what the import is not sure of, then new units whose names are close to
/// one that the space knows. `text` is the source that was read.
#[must_use]
pub fn questions(draft: &Draft, space: &Space, text: &str) -> Vec<Question> {
    let source: Vec<char> = text.chars().collect();
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let boards: Vec<&DraftBoard> = draft.documents.iter().flat_map(|document| &document.boards).collect();
    let mut ask = |why: Why, name: &str, span: Span, board: usize| {
        if !seen.insert((why, name.to_owned())) {
            return;
        }
        let printed = source.get(span.from..span.to.min(source.len())).unwrap_or_default();
        all.push(Question {
            why,
            name: name.to_owned(),
            printed: printed.iter().filter(|c| !crate::text::is_blank(**c)).collect(),
            span,
            places: places(&boards, why, name),
            board,
            measure: boards[board]
                .items()
                .filter(|item| holds(item, span))
                .last()
                .map_or_else(String::new, |item| item.title.clone()),
        });
    };
    for (at, board) in boards.iter().enumerate() {
        for doubt in &board.doubts {
            let why = why(doubt, board);
            // A name that the space knows is not doubtful, but for how it was read.
            let known = matches!(why, Why::Odd | Why::Left | Why::Completed | Why::Group)
                && space.unit_named(&doubt.words).is_some();
            if !known {
                ask(why, &doubt.words, doubt.span, at);
            }
        }
    }
    for (at, board) in boards.iter().enumerate() {
        for assignment in board.items().flat_map(|item| &item.assignments) {
            for name in &assignment.units {
                if space.unit_named(name).is_none() && !space.near(name).is_empty() {
                    ask(Why::New, name, assignment.span, at);
                }
            }
        }
    }
    // A new unit that is asked about already is asked about once.
    let asked: BTreeSet<String> =
        all.iter().filter(|one| one.why != Why::New).map(|one| one.name.clone()).collect();
    all.retain(|one| one.why != Why::New || !asked.contains(&one.name));
    all.sort_by_key(|one| one.why);
    all
}

fn holds(item: &DraftItem, span: Span) -> bool {
    item.span.from <= span.from && span.to <= item.span.to
}

fn why(doubt: &Doubt, board: &DraftBoard) -> Why {
    match doubt.kind {
        DoubtKind::MistakenPlace => Why::MistakenPlace,
        DoubtKind::JoinedUnit => Why::Joined,
        DoubtKind::CompletedUnit => Why::Completed,
        DoubtKind::GroupUnit => Why::Group,
        DoubtKind::ToldUnit => Why::Told,
        DoubtKind::RepeatedUnit => Why::Repeated,
        DoubtKind::NumberingJump => Why::Numbering,
        DoubtKind::OddUnit if units(board).any(|unit| *unit == doubt.words) => Why::Odd,
        DoubtKind::OddUnit => Why::Left,
    }
}

fn units(board: &DraftBoard) -> impl Iterator<Item = &String> {
    board.items().flat_map(|item| &item.assignments).flat_map(|one| &one.units)
}

/// How many places hold a name: texts for a place, lists for a unit.
fn places(boards: &[&DraftBoard], why: Why, name: &str) -> usize {
    if why != Why::MistakenPlace {
        return boards.iter().flat_map(|board| units(board)).filter(|unit| *unit == name).count().max(1);
    }
    let texts = boards.iter().flat_map(|board| {
        let items = board.items().flat_map(|item| [item.title.as_str(), item.text.as_str()]);
        items.chain([board.goal.as_str()])
    });
    texts.map(|text| text.matches(name).count()).sum::<usize>().max(1)
}

/// The answers to a question, the likeliest first.
#[must_use]
pub fn offers(question: &Question, space: &Space) -> Vec<Offer> {
    let keep = Offer::Ready(Answer::Keep);
    let used = |name: String| Offer::Ready(Answer::Use(name));
    let mut near: Vec<Offer> =
        space.near(&question.name).into_iter().map(|name| used(name.to_owned())).collect();
    let all: Vec<Offer> = match question.why {
        Why::MistakenPlace => {
            let proper = dictionary::proper_place(&question.name).map(|name| used(name.to_owned()));
            proper.into_iter().chain([keep, Offer::AskUnit]).collect()
        }
        Why::Completed => {
            let printed = (question.printed != question.name).then(|| used(question.printed.clone()));
            [keep].into_iter().chain(printed).chain(near).chain([Offer::AskUnit]).collect()
        }
        Why::Group => vec![keep, Offer::AskMembers],
        Why::Numbering => vec![keep],
        Why::New | Why::Odd => {
            near.extend([keep, Offer::AskUnit]);
            near
        }
        Why::Joined | Why::Left | Why::Told | Why::Repeated => {
            [keep].into_iter().chain(near).chain([Offer::AskUnit]).collect()
        }
    };
    // One act has one button: a unit that stands as it is under this name is not put in its own place. To mend
    // a mistaken name is an act of its own: the words of the text change.
    let mut told = BTreeSet::new();
    let named = space.unit_named(&question.name);
    let is_kept = |name: &str| name == question.name || named.is_some() && space.unit_named(name) == named;
    let another = |offer: &Offer| match offer {
        Offer::Ready(Answer::Use(name)) => {
            let mends = matches!(question.why, Why::Left | Why::MistakenPlace);
            (mends || !is_kept(name)) && told.insert(name.clone())
        }
        _ => true,
    };
    all.into_iter().filter(another).collect()
}

/// A question in a sentence.
#[must_use]
pub fn sentence(question: &Question, space: &Space, language: Lang) -> String {
    let (word, other) = match question.why {
        Why::MistakenPlace => {
            (Word::AskMistakenPlace, dictionary::proper_place(&question.name).unwrap_or_default().to_owned())
        }
        Why::Joined => (Word::AskJoined, String::new()),
        Why::Odd => (Word::AskOdd, String::new()),
        Why::Left => (Word::AskLeft, String::new()),
        Why::Completed => (Word::AskCompleted, question.printed.clone()),
        Why::Group => (Word::AskGroup, String::new()),
        Why::Told => (Word::AskTold, String::new()),
        Why::Repeated => (Word::AskRepeated, String::new()),
        Why::New => {
            (Word::AskNew, space.near(&question.name).first().map(ToString::to_string).unwrap_or_default())
        }
        Why::Numbering => (Word::AskNumbering, String::new()),
    };
    let text = word.text(language).replace("{n}", &question.places.to_string());
    text.replace("{b}", &other).replace("{a}", &question.name)
}
