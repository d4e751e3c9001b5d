//! Doubtful places of a draft as questions with answers, and the answers carried out:
//! in the draft, or on the board that it became.

mod answer;
mod question;

pub use answer::{aliases, answered, edits};
pub use question::{Question, offers, questions, sentence};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a place is doubtful, as far as it changes what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Why {
    /// The name of a place that the dictionary has otherwise.
    MistakenPlace,
    /// A name that a page break or an empty line cut in two.
    Joined,
    /// A name without the ending of a unit.
    Odd,
    /// The same, and so unlike a unit that the list has it not.
    Left,
    /// The name was completed from its neighbours.
    Completed,
    Group,
    /// The subject of a sentence, in no list.
    Told,
    /// Twice in one list.
    Repeated,
    /// A new unit whose name is close to one that the space knows.
    New,
    /// The numbering jumps or repeats.
    Numbering,
}

/// A question by what it asks about.
pub type Key = (Why, String);

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It is right as it stands.
    Keep,
    /// Another name, wherever this one stands.
    Use(String),
    /// Units one by one, in the place of a group.
    Members(Vec<String>),
}

/// The answers that were given.
pub type Answers = BTreeMap<Key, Answer>;

/// An answer that is offered as a button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    Ready(Answer),
    /// A name is typed.
    AskUnit,
    /// Names are typed, separated by 、.
    AskMembers,
}
