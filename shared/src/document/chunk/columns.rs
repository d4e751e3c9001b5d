//! The columns of a chunk: which there are, how long, and how many rows each says to have.

use super::run::{self, Nulls};
use super::{Meter, Unfit};
use std::borrow::Cow;

/// A bit that a column says of itself: its content is deflated.
const DEFLATED: u32 = 0b1000;

/// Columns as a chunk lists them: a number with the kind of the column in it, and bytes.
pub(super) struct Listed(Vec<(u32, u64)>);

impl Listed {
    /// Reads the list, each column once and in its order.
    pub(super) fn read(rest: &mut &[u8]) -> Result<Self, Unfit> {
        let mut columns: Vec<(u32, u64)> = Vec::new();
        for _ in 0..run::unsigned(rest)? {
            let about = u32::try_from(run::unsigned(rest)?).map_err(|_| Unfit::Columns)?;
            let plain = |about: u32| about & !DEFLATED;
            if columns.last().is_some_and(|(last, _)| plain(*last) >= plain(about)) {
                return Err(Unfit::Columns);
            }
            columns.push((about, run::unsigned(rest)?));
        }
        Ok(Self(columns))
    }

    /// One of the columns, empty where it is not listed or not there. It is given as it stands, deflated or not.
    pub(super) fn of<'a>(&self, mut rest: &'a [u8], wanted: u32) -> &'a [u8] {
        for (about, length) in &self.0 {
            let Ok(content) = run::take(&mut rest, *length) else { break };
            if *about == wanted {
                return content;
            }
        }
        &[]
    }

    /// Gives each column with its content to `each`; a deflated one is inflated for as long as it is
    /// looked at, and refused where nothing may be deflated.
    pub(super) fn each(
        &self,
        rest: &mut &[u8],
        meter: &mut Meter,
        deflated: bool,
        mut each: impl FnMut(&mut Meter, u32, &[u8]) -> Result<(), Unfit>,
    ) -> Result<(), Unfit> {
        for (about, length) in &self.0 {
            let content = run::take(rest, *length)?;
            let content: Cow<'_, [u8]> = match about & DEFLATED {
                0 => Cow::Borrowed(content),
                _ if deflated => meter.inflated(content)?.into(),
                _ => return Err(Unfit::Columns),
            };
            each(meter, about & !DEFLATED, &content)?;
        }
        Ok(())
    }
}

/// Rows that belong together, counted column by column.
#[derive(Debug, Default)]
pub(super) struct Operations {
    /// Rows of the column that each row has, and of any other that is not empty.
    first: Option<u64>,
    others: Vec<u64>,
    /// Bytes that values say to have, and have.
    values: [u64; 2],
    /// Rows that have a value.
    pub(super) filled: u64,
    /// Other operations that the rows name: as they are counted, their actors, their numbers.
    named: [u64; 3],
    /// Bytes of keys, each as often as it stands in a row.
    pub(super) words: u64,
}

/// Actions that do something to operations that are there: to delete, to count up.
const ACTING: [u64; 2] = [3, 5];

/// The columns of operations. In a change each operation names those it replaces, in a document those
/// that replaced it, and its own number as well.
mod about {
    pub(super) const OBJECT_ACTOR: u32 = 0x01;
    pub(super) const OBJECT_NUMBER: u32 = 0x02;
    pub(super) const KEY_ACTOR: u32 = 0x11;
    pub(super) const KEY_NUMBER: u32 = 0x13;
    pub(super) const KEY_WORD: u32 = 0x15;
    pub(super) const OWN_ACTOR: u32 = 0x21;
    pub(super) const OWN_NUMBER: u32 = 0x23;
    pub(super) const INSERTS: u32 = 0x34;
    pub(super) const ACTION: u32 = 0x42;
    pub(super) const VALUE_LENGTH: u32 = 0x56;
    pub(super) const VALUE: u32 = 0x57;
    pub(super) const EXPANDS: u32 = 0x94;
    pub(super) const MARK: u32 = 0xa5;
    pub(super) const REPLACES: [u32; 3] = [0x70, 0x71, 0x73];
    pub(super) const REPLACED_BY: [u32; 3] = [0x80, 0x81, 0x83];
}

impl Operations {
    /// Counts one column: `actors` is how many the chunk names, `last` the highest number that an
    /// operation of it may have.
    pub(super) fn count(
        &mut self,
        (about, column): (u32, &[u8]),
        (actors, last): (u64, u64),
        document: bool,
    ) -> Result<(), Unfit> {
        use about::{
            ACTION, EXPANDS, INSERTS, KEY_ACTOR, KEY_NUMBER, KEY_WORD, MARK, OBJECT_ACTOR, OBJECT_NUMBER,
            OWN_ACTOR, OWN_NUMBER, REPLACED_BY, REPLACES, VALUE, VALUE_LENGTH,
        };
        let actor = actors.checked_sub(1).ok_or(Unfit::Numbers);
        let highest = i64::try_from(last).map_err(|_| Unfit::Numbers)?;
        let [counts, of_actors, of_numbers] = if document { REPLACED_BY } else { REPLACES };
        let rows = match about {
            OBJECT_ACTOR | KEY_ACTOR => run::numbers(column, actor?, Nulls::May, |_, _| Ok(()))?,
            OBJECT_NUMBER => run::numbers(column, last, Nulls::May, |_, _| Ok(()))?,
            KEY_NUMBER => run::differences(column, (0, highest), Nulls::May, |_, _, _| Ok(()))?,
            KEY_WORD | MARK => {
                let (rows, words) = run::words(column)?;
                self.words = self.words.saturating_add(words);
                rows
            }
            INSERTS | EXPANDS => run::flags(column)?,
            ACTION => {
                let rows = run::numbers(column, u64::MAX, Nulls::Never, |_, _| Ok(()))?;
                self.first = Some(rows);
                rows
            }
            OWN_ACTOR if document => run::numbers(column, actor?, Nulls::Never, |_, _| Ok(()))?,
            OWN_NUMBER if document => run::differences(column, (1, highest), Nulls::Never, |_, _, _| Ok(()))?,
            VALUE_LENGTH => {
                // The lowest four bits say what the value is.
                let (rows, length) = run::sum(column, |about| about >> 4)?;
                (self.values[0], self.filled) =
                    (length, run::sum(column, |about| u64::from(about >> 4 > 0))?.1);
                rows
            }
            VALUE => {
                self.values[1] = column.len() as u64;
                return Ok(());
            }
            about if about == counts => {
                let (rows, named) = run::sum(column, |count| count)?;
                self.named[0] = named;
                rows
            }
            about if about == of_actors => {
                self.named[1] = run::numbers(column, actor?, Nulls::Never, |_, _| Ok(()))?;
                return Ok(());
            }
            about if about == of_numbers => {
                self.named[2] = run::differences(column, (0, highest), Nulls::Never, |_, _, _| Ok(()))?;
                return Ok(());
            }
            _ => return Err(Unfit::Columns),
        };
        // An empty column is one that says nothing of any row.
        if !column.is_empty() {
            self.others.push(rows);
        }
        Ok(())
    }

    /// Operations, and other ones that they name; every column agrees.
    pub(super) fn agreed(&self) -> Result<(u64, u64), Unfit> {
        let rows = self.first.unwrap_or_default();
        let [counted, actors, numbers] = self.named;
        if self.others.iter().any(|other| *other != rows) || counted != actors || counted != numbers {
            return Err(Unfit::Rows);
        }
        if self.values[0] != self.values[1] {
            return Err(Unfit::Values);
        }
        Ok((rows, counted))
    }
}

/// Whether every operation of a change that acts on others names some: automerge keeps no other trace of a deletion,
/// and would write the change without it, under another hash. Asked of columns that were counted, which lists nothing.
pub(super) fn acts_on_something(listed: &Listed, columns: &[u8]) -> Result<(), Unfit> {
    let (acts, names) = (listed.of(columns, about::ACTION), listed.of(columns, about::REPLACES[0]));
    run::side_by_side((acts, names), |action, named| {
        if ACTING.contains(&action) && named == 0 { Err(Unfit::Target) } else { Ok(()) }
    })
}
