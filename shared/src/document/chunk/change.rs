//! A change, counted without reading its operations.

use super::columns::{Listed, Operations, acts_on_something};
use super::run;
use super::{Meter, Unfit};
use std::collections::BTreeSet;

/// The highest number that automerge counts to.
pub(super) const LAST: u64 = u32::MAX as u64;

/// Counts what stands behind the head of a change, inflated.
pub(super) fn count(content: &[u8], meter: &mut Meter) -> Result<(), Unfit> {
    let mut rest = content;
    let ancestors = run::unsigned(&mut rest)?;
    meter.ancestors(ancestors)?;
    let hashes = run::take(&mut rest, ancestors.checked_mul(32).ok_or(Unfit::Cut)?)?;
    meter.names(ancestors)?;
    let different: BTreeSet<&[u8]> = hashes.chunks_exact(32).collect();
    if different.len() as u64 != ancestors {
        return Err(Unfit::Ancestors);
    }
    run::bytes(&mut rest)?;
    let (sequence, start) = (run::unsigned(&mut rest)?, run::unsigned(&mut rest)?);
    run::signed(&mut rest)?;
    // Its message.
    run::bytes(&mut rest)?;
    let others = run::unsigned(&mut rest)?;
    meter.names(others)?;
    for _ in 0..others {
        run::bytes(&mut rest)?;
    }
    if !(1..=LAST).contains(&sequence) || !(1..=LAST).contains(&start) {
        return Err(Unfit::Numbers);
    }
    let listed = Listed::read(&mut rest)?;
    let columns = rest;
    let mut operations = Operations::default();
    let actors = others + 1;
    listed.each(&mut rest, meter, false, |_, about, column| {
        operations.count((about, column), (actors, LAST), false)
    })?;
    let (rows, named) = operations.agreed()?;
    acts_on_something(&listed, columns)?;
    meter.operations(rows, operations.filled, named)?;
    // The number of its last operation, one before the first where there is none.
    if start + rows - 1 > LAST {
        return Err(Unfit::Numbers);
    }
    meter.changes(1)?;
    meter.words(operations.words)
}
