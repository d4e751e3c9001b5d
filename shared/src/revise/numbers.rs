//! Indicators of the common edition, of the board and of the newer document.

use super::pairing::Paired;
use super::{About, Compared, Since, What, since};
use crate::id::IndicatorId;
use crate::import::DraftIndicator;
use crate::model::Indicator;
use crate::text::folded_text;
use std::collections::{BTreeMap, BTreeSet};

/// One number of a plan: its name, of whom it is said, its year and unit of measure.
type Key = (String, String, Option<i32>, String);

fn key_of(one: &Indicator) -> Key {
    (folded_text(&one.name), folded_text(&one.scope), one.target.year, folded_text(&one.target.unit))
}

fn key_of_draft(one: &DraftIndicator) -> Key {
    let scope = folded_text(one.scope.as_deref().unwrap_or_default());
    (folded_text(&one.name), scope, one.year, folded_text(&one.unit))
}

impl Compared<'_> {
    pub(super) fn numbers(&mut self, paired: &Paired<'_>) {
        let board = self.scene.board;
        let mut all: BTreeMap<IndicatorId, &Indicator> =
            board.indicators.iter().map(|(id, one)| (*id, one)).collect();
        // As the edition has them: its words are the ones that the newer document repeats.
        all.extend(self.was.iter().flat_map(|was| was.indicators.iter().map(|(id, one)| (*id, one))));
        let same = pair(&all, &self.draft.indicators);
        for (at, one) in self.draft.indicators.iter().enumerate() {
            match same[at].filter(|id| board.indicators.contains_key(id)) {
                Some(id) => self.target(id, one),
                None => {
                    let since = self.since_absent(same[at], one);
                    let item = paired.of_number(one.item.as_deref());
                    let what = What::TargetAdded { indicator: Box::new(one.clone()), item };
                    self.push(About::Number(at), &one.name, what, since);
                }
            }
        }
        let kept: BTreeSet<IndicatorId> = same.into_iter().flatten().collect();
        for (id, one) in board.indicators.iter().filter(|(id, _)| !kept.contains(id)) {
            let since = match self.was {
                None => Since::Unknown,
                Some(was) if was.indicators.contains_key(id) => Since::Document,
                Some(_) => Since::Here,
            };
            let what = What::TargetGone { indicator: *id, target: one.target.clone() };
            self.push(About::Indicator(*id), &one.name, what, since);
        }
    }

    fn target(&mut self, id: IndicatorId, draft: &DraftIndicator) {
        let here = &self.scene.board.indicators[&id];
        let was =
            self.was.map(|was| was.indicators.get(&id).map(|one| one.target.clone()).unwrap_or_default());
        let to = draft.target();
        if let Some(since) = since(was.as_ref(), &here.target, &to) {
            let what = What::Target { indicator: id, from: here.target.clone(), to };
            self.push(About::Indicator(id), &here.name, what, since);
        }
    }

    /// The same for a number that the board does not have.
    fn since_absent(&self, id: Option<IndicatorId>, draft: &DraftIndicator) -> Since {
        match (self.was, id) {
            (None, _) => Since::Unknown,
            (Some(_), None) => Since::Document,
            (Some(was), Some(id)) if was.indicators[&id].target == draft.target() => Since::Here,
            (Some(_), Some(_)) => Since::Both,
        }
    }
}

/// The indicator of each number of a draft: the same in name, scope, year and unit; then, among what
/// is left, the same but for its unit of measure.
fn pair(all: &BTreeMap<IndicatorId, &Indicator>, draft: &[DraftIndicator]) -> Vec<Option<IndicatorId>> {
    let mut same = vec![None; draft.len()];
    let mut free: BTreeSet<IndicatorId> = all.keys().copied().collect();
    let without_unit = |(name, scope, year, _): Key| (name, scope, year, String::new());
    for plain in [false, true] {
        let key = |key: Key| if plain { without_unit(key) } else { key };
        let mut known: BTreeMap<Key, Vec<IndicatorId>> = BTreeMap::new();
        for id in free.iter().rev() {
            known.entry(key(key_of(all[id]))).or_default().push(*id);
        }
        for (at, one) in draft.iter().enumerate().filter(|(at, _)| same[*at].is_none()).collect::<Vec<_>>() {
            same[at] = known.get_mut(&key(key_of_draft(one))).and_then(Vec::pop);
        }
        same.iter().flatten().for_each(|id| _ = free.remove(id));
    }
    same
}
