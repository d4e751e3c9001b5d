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
    /// More was changed at the same time than is compared: the text is looked at as a whole and kept as it
    /// is. There are no words; the versions name two who wrote last.
    pub whole: bool,
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
    /// Whether both sides wrote the same words.
    #[must_use]
    pub fn is_alike(&self) -> bool {
        !self.whole && self.versions[0].words == self.versions[1].words
    }

    /// Whether there is nothing to choose: both wrote the same, and it stands there once.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.is_alike() && self.versions[0].words == self.now
    }

    /// Whether both wrote the same, which stands there more than once beside nothing else: to keep one
    /// copy, which is [`Choice::Version`], takes out no other word.
    #[must_use]
    pub fn is_doubled(&self) -> bool {
        let words = &self.versions[0].words;
        let Some(out) = cut(&self.now, words).filter(|out| self.is_alike() && !out.is_empty()) else {
            return false;
        };
        let (kept, more) = (&self.now[..out.start], &self.now[out]);
        let copied = |from: usize| {
            let one = &kept[from..];
            more.len().is_multiple_of(one.len()) && one.repeat(more.len() / one.len()) == more
        };
        kept.char_indices().rev().map(|(from, _)| from).any(copied)
    }

    /// The edits of a decision.
    #[must_use]
    pub fn decided(&self, choice: Choice) -> Vec<Edit> {
        let words = match choice {
            _ if self.whole => &self.now,
            Choice::Version(side) => self.versions.get(side).map_or(&self.now, |version| &version.words),
            Choice::Now => &self.now,
        };
        let splice = (*words != self.now).then(|| match cut(&self.now, words) {
            // Two people who take the same words out apart leave the same text, without a copy more.
            Some(out) => {
                let units = |place: usize| self.now[..place].encode_utf16().count();
                let (from, to) = (units(out.start), units(out.end));
                let at = self.place.start + from;
                Edit::SpliceText { text: self.text, at, delete: to - from, insert: String::new() }
            }
            None => Edit::SpliceText {
                text: self.text,
                at: self.place.start,
                delete: self.place.len(),
                insert: words.clone(),
            },
        });
        let decide = Edit::DecideMark { text: self.text, mark: self.name.clone() };
        splice.into_iter().chain([decide]).collect()
    }
}

/// The bytes to be taken out of words so that others are left; none where that is not all it needs.
fn cut(now: &str, wanted: &str) -> Option<Range<usize>> {
    let alike = now.chars().zip(wanted.chars()).take_while(|(one, other)| one == other);
    let kept: usize = alike.map(|(one, _)| one.len_utf8()).sum();
    let behind = wanted.len() - kept;
    let to = now.len().checked_sub(behind).filter(|to| *to >= kept)?;
    now.ends_with(&wanted[kept..]).then_some(kept..to)
}
