//! Proposals to change a settled plan: consented to by the units they ask, reviewed by the lead.

use super::causal::{Frontier, corrected};
use super::entries::Entries;
use crate::entry::{Entry, EntryKind};
use crate::id::UnitId;
use crate::plan::PlanChange;
use std::collections::{BTreeMap, BTreeSet};

/// The state of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProposalState {
    /// 会签中: units that were asked have not answered.
    Consulted,
    /// 待审核: all that were asked have answered.
    Ready,
    /// 已采纳
    Accepted,
    /// 已退回
    Returned,
    /// Its unit took it back, or put another one in its place, before it was reviewed.
    Withdrawn,
}

/// A proposal, derived from its entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal<'a> {
    pub entry: &'a Entry,
    pub state: ProposalState,
    /// The answers of the units that were asked: whether they agree.
    pub consents: BTreeMap<UnitId, &'a Entry>,
    /// Units that were asked and have not answered.
    pub missing: BTreeSet<UnitId>,
    /// The review in force.
    pub review: Option<&'a Entry>,
    /// Accepted and returned at the same time: returned is in force, the lead decides again.
    pub contested: bool,
}

impl Proposal<'_> {
    /// The changes it would make.
    #[must_use]
    pub fn changes(&self) -> &[PlanChange] {
        self.entry.changes.as_deref().unwrap_or_default()
    }

    /// Whether it still waits for somebody.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, ProposalState::Consulted | ProposalState::Ready) || self.contested
    }
}

/// The proposals of a board, those that were said first in front.
#[must_use]
pub fn proposals(entries: &Entries) -> Vec<Proposal<'_>> {
    let speaks =
        |entry: &&Entry| matches!(entry.kind, EntryKind::Propose | EntryKind::Consent | EntryKind::Review);
    let all: Vec<&Entry> = entries.all.values().filter(speaks).collect();
    let replaced = corrected(&all);
    let proposed = all.iter().copied().filter(|entry| entry.kind == EntryKind::Propose);
    // One without changes only takes another one back.
    let proposed = proposed.filter(|entry| entry.changes.as_ref().is_some_and(|changes| !changes.is_empty()));
    let mut proposals: Vec<Proposal<'_>> = proposed
        .map(|entry| {
            let answers: Vec<&Entry> =
                all.iter().copied().filter(|one| one.answers == Some(entry.id)).collect();
            proposal(entry, &answers, replaced.contains(&entry.id))
        })
        .collect();
    proposals.sort_by_key(|one| (one.entry.said, one.entry.id));
    proposals
}

/// A refusal gives a reason: without one it is no answer.
fn says_why(entry: &Entry) -> bool {
    entry.accepted == Some(true) || !entry.body.trim().is_empty()
}

fn proposal<'a>(entry: &'a Entry, answers: &[&'a Entry], replaced: bool) -> Proposal<'a> {
    let asked = entry.asks.clone().unwrap_or_default();
    let mut consents: BTreeMap<UnitId, &Entry> = BTreeMap::new();
    for unit in &asked {
        let own = |one: &&Entry| one.kind == EntryKind::Consent && one.author.unit == *unit && says_why(one);
        let own: Vec<&Entry> = answers.iter().copied().filter(own).collect();
        // Two at the same time: the careful one counts.
        let newest = Frontier::of(&own).0;
        consents
            .extend(newest.into_iter().min_by_key(|one| one.accepted != Some(false)).map(|one| (*unit, one)));
    }
    let missing: BTreeSet<UnitId> = asked.into_iter().filter(|unit| !consents.contains_key(unit)).collect();
    let reviews: Vec<&Entry> = answers
        .iter()
        .copied()
        .filter(|one| one.kind == EntryKind::Review && one.accepted.is_some() && says_why(one))
        .collect();
    let newest = Frontier::of(&reviews).0;
    let of = |accepted| newest.iter().copied().find(|one| one.accepted == Some(accepted));
    let (returned, accepted) = (of(false), of(true));
    let state = match (returned, accepted) {
        (Some(_), _) => ProposalState::Returned,
        (None, Some(_)) => ProposalState::Accepted,
        (None, None) if replaced => ProposalState::Withdrawn,
        (None, None) if missing.is_empty() => ProposalState::Ready,
        (None, None) => ProposalState::Consulted,
    };
    let contested = returned.is_some() && accepted.is_some();
    Proposal { entry, state, consents, missing, review: returned.or(accepted), contested }
}
