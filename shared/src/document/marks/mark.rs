//! A stretch that two people changed, as it is shown to whoever decides.

use crate::edit::{Edit, TextPlace};
use std::ops::Range;

/// One of the two versions of a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub words: String,
    /// Person and unit as the change names them.
    pub by: String,
    /// Seconds since 1970, by the clock of its device.
    pub at: i64,
}

/// A stretch of a text that two people changed without having seen each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMark {
    pub text: TextPlace,
    /// Names it among the marks of its text.
    pub name: String,
    /// The words before both.
    pub before: String,
    pub versions: [Version; 2],
    /// The words of now.
    pub now: String,
    /// Words of the text now, before and behind the stretch.
    pub around: [String; 2],
    /// The place of now, in UTF-16 units.
    pub place: Range<usize>,
}

/// A person's decision about a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The version of one side; the place in [`TextMark::versions`].
    Version(usize),
    /// The words of now, which are the words of both.
    Now,
}

impl TextMark {
    /// The edits of a decision.
    #[must_use]
    pub fn decided(&self, choice: Choice) -> Vec<Edit> {
        let words = match choice {
            Choice::Version(side) => self.versions.get(side).map_or(&self.now, |version| &version.words),
            Choice::Now => &self.now,
        };
        let splice = (*words != self.now).then(|| Edit::SpliceText {
            text: self.text,
            at: self.place.start,
            delete: self.place.len(),
            insert: words.clone(),
        });
        let decide = Edit::DecideMark { text: self.text, mark: self.name.clone() };
        splice.into_iter().chain([decide]).collect()
    }
}
