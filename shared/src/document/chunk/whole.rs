//! A whole document, counted without reading its operations.

use super::change::LAST;
use super::columns::{Listed, Operations};
use super::run::{self, Nulls};
use super::{Meter, Unfit};

/// automerge keeps the clock of every sixteenth change: a number for each actor.
const CLOCK_STEP: u64 = 16;

/// Counts what stands behind the head of a document.
pub(super) fn count(content: &[u8], meter: &mut Meter) -> Result<(), Unfit> {
    let mut rest = content;
    let actors = run::unsigned(&mut rest)?;
    meter.names(actors)?;
    for _ in 0..actors {
        run::bytes(&mut rest)?;
    }
    let heads = run::unsigned(&mut rest)?;
    meter.names(heads)?;
    run::take(&mut rest, heads.checked_mul(32).ok_or(Unfit::Cut)?)?;
    let (of_changes, of_operations) = (Listed::read(&mut rest)?, Listed::read(&mut rest)?);
    let mut changes = Changes::default();
    of_changes
        .each(&mut rest, meter, true, |meter, about, column| changes.read(meter, (about, column), actors))?;
    let (operations, last) = changes.agreed(actors)?;
    meter.clocks((changes.actors.len() as u64 / CLOCK_STEP + 1).saturating_mul(actors))?;
    let mut rows = Operations::default();
    of_operations
        .each(&mut rest, meter, true, |_, about, column| rows.count((about, column), (actors, last), true))?;
    let (kept, named) = rows.agreed()?;
    // Deletions are not kept as rows, so there are never more of these than of operations.
    if kept > operations {
        return Err(Unfit::Numbers);
    }
    meter.operations(operations, rows.filled, named)?;
    meter.words(rows.words)?;
    // At which change each head is; older ones did not say it.
    if !rest.is_empty() {
        for _ in 0..heads {
            run::unsigned(&mut rest)?;
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(Unfit::Cut) }
}

/// The changes of a document, as far as their numbers rest on each other.
#[derive(Debug, Default)]
struct Changes {
    actors: Vec<u32>,
    sequences: Vec<u32>,
    /// The numbers of their last operations.
    ends: Vec<u32>,
    /// How many ancestors each names, and which.
    counts: Vec<u32>,
    ancestors: Vec<u32>,
    /// Rows of columns of which nothing else is asked.
    others: Vec<u64>,
    values: [u64; 2],
}

/// The columns of changes.
mod about {
    pub(super) const ACTOR: u32 = 0x01;
    pub(super) const SEQUENCE: u32 = 0x03;
    pub(super) const END: u32 = 0x13;
    pub(super) const TIME: u32 = 0x23;
    pub(super) const MESSAGE: u32 = 0x35;
    pub(super) const ANCESTORS: u32 = 0x40;
    pub(super) const ANCESTOR: u32 = 0x43;
    pub(super) const MORE_LENGTH: u32 = 0x56;
    pub(super) const MORE: u32 = 0x57;
}

const NUMBERS: i64 = LAST as i64;

impl Changes {
    fn read(&mut self, meter: &mut Meter, (about, column): (u32, &[u8]), actors: u64) -> Result<(), Unfit> {
        use about::{ACTOR, ANCESTOR, ANCESTORS, END, MESSAGE, MORE, MORE_LENGTH, SEQUENCE, TIME};
        match about {
            ACTOR => {
                let most = actors.checked_sub(1).ok_or(Unfit::Numbers)?.min(LAST);
                run::numbers(column, most, Nulls::Never, |length, actor| {
                    meter.changes(length)?;
                    repeat(&mut self.actors, length, actor)
                })?;
            }
            SEQUENCE => expand(column, (1, NUMBERS), meter, &mut self.sequences)?,
            END => expand(column, (0, NUMBERS), meter, &mut self.ends)?,
            ANCESTORS => {
                run::numbers(column, LAST, Nulls::Never, |length, count| {
                    meter.ancestors(count)?;
                    meter.listed(length)?;
                    repeat(&mut self.counts, length, count)
                })?;
            }
            ANCESTOR => {
                expand(column, (0, NUMBERS), meter, &mut self.ancestors)?;
                meter.names(self.ancestors.len() as u64)?;
            }
            TIME => {
                let rows = run::differences(column, (i64::MIN, i64::MAX), Nulls::Never, |_, _, _| Ok(()))?;
                self.others.push(rows);
            }
            MESSAGE => {
                let (rows, words) = run::words(column)?;
                meter.words(words)?;
                self.others.push(rows);
            }
            MORE_LENGTH => {
                let (rows, length) = run::sum(column, |about| about >> 4)?;
                self.values[0] = length;
                self.others.push(rows);
            }
            MORE => self.values[1] = column.len() as u64,
            _ => return Err(Unfit::Columns),
        }
        Ok(())
    }

    /// How many operations the changes say to have together, and the number of the last one.
    fn agreed(&self, actors: u64) -> Result<(u64, u64), Unfit> {
        let rows = self.actors.len();
        let known = [self.sequences.len(), self.ends.len(), self.counts.len()];
        let others = self.others.iter().any(|other| *other != rows as u64 && *other != 0);
        if known.iter().any(|known| *known != rows) || others {
            return Err(Unfit::Rows);
        }
        if self.values[0] != self.values[1] {
            return Err(Unfit::Values);
        }
        let mut written = vec![0_u32; usize::try_from(actors).map_err(|_| Unfit::TooMany)?];
        let (mut operations, mut ancestors) = (0_u64, self.ancestors.iter());
        for (index, end) in self.ends.iter().enumerate() {
            let before = &mut written[self.actors[index] as usize];
            *before += 1;
            if *before != self.sequences[index] {
                return Err(Unfit::Numbers);
            }
            let mut start = 0;
            for _ in 0..self.counts[index] {
                let ancestor = *ancestors.next().ok_or(Unfit::Rows)? as usize;
                if ancestor >= index {
                    return Err(Unfit::Ancestors);
                }
                start = self.ends[ancestor].max(start);
            }
            operations += u64::from(end.checked_sub(start).ok_or(Unfit::Numbers)?);
        }
        if ancestors.next().is_some() {
            return Err(Unfit::Rows);
        }
        Ok((operations, self.ends.iter().max().map_or(0, |end| u64::from(*end))))
    }
}

/// The numbers of a column one by one, no more than may be counted.
fn expand(column: &[u8], bounds: (i64, i64), meter: &mut Meter, into: &mut Vec<u32>) -> Result<(), Unfit> {
    run::differences(column, bounds, Nulls::Never, |length, mut at, step| {
        meter.listed(length)?;
        for _ in 0..length {
            at += step;
            into.push(u32::try_from(at).map_err(|_| Unfit::Numbers)?);
        }
        Ok(())
    })?;
    Ok(())
}

fn repeat(into: &mut Vec<u32>, length: u64, value: u64) -> Result<(), Unfit> {
    let value = u32::try_from(value).map_err(|_| Unfit::Numbers)?;
    let length = usize::try_from(length).map_err(|_| Unfit::TooMany)?;
    into.extend(std::iter::repeat_n(value, length));
    Ok(())
}
