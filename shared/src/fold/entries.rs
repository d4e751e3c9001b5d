//! The entries of a board's logs: those that count, found by what they speak of, and those that do
//! not, with what keeps them from it.

use super::causal::in_causal_order;
use crate::entry::Entry;
use crate::id::{BoardId, EntryId, IndicatorId, ItemId, UnitId};
use crate::trust::{Doubt, Register};
use std::collections::{BTreeMap, BTreeSet};

/// All entries of a board's logs, found by what they speak of.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    pub all: BTreeMap<EntryId, Entry>,
    by_item: BTreeMap<ItemId, BTreeSet<EntryId>>,
    by_indicator: BTreeMap<IndicatorId, BTreeSet<EntryId>>,
    /// Entries that do not count, with what keeps them from it.
    apart: BTreeMap<EntryId, Apart>,
    /// Entries that count on the server's word: their signatures are still to be checked here.
    unchecked: BTreeSet<EntryId>,
}

/// Writers that an entry says it has seen, at most.
const MAX_WRITERS: usize = 1000;

/// An entry that does not count.
#[derive(Debug, Clone, PartialEq)]
pub struct Apart {
    pub entry: Entry,
    /// The board and unit whose log it stands in.
    pub log: (BoardId, UnitId),
    pub doubt: Doubt,
}

impl Entries {
    /// Takes an entry in; a repeat changes nothing.
    pub fn add(&mut self, entry: Entry) {
        // An entry never changes. If two claim one id, every device keeps the same.
        if let Some(known) = self.all.get(&entry.id) {
            // A signed one holds its place against one that only says so.
            let order = |one: &Entry| (one.seal.is_none(), one.canonical());
            if order(known) <= order(&entry) {
                return;
            }
            self.take_out(entry.id);
        }
        if let Some(item) = entry.subject.item {
            self.by_item.entry(item).or_default().insert(entry.id);
        }
        if let Some(indicator) = entry.subject.indicator {
            self.by_indicator.entry(indicator).or_default().insert(entry.id);
        }
        self.all.insert(entry.id, entry);
    }

    /// Takes in what stands in a log, when it counts; otherwise it is kept apart with its reason.
    /// `lead` leads the board now. The signature is left to [`Entries::check_signatures`].
    pub fn take(&mut self, entry: Entry, log: (BoardId, UnitId), register: &Register, lead: Option<UnitId>) {
        let entry = Entry { role_then: register.role_of(&entry), ..entry };
        match register.judge(&entry, log, entry.lead_then.or(lead)) {
            Ok(()) => {
                if entry.seal.is_some() {
                    self.unchecked.insert(entry.id);
                }
                self.add(entry);
            }
            Err(doubt) => {
                self.apart.insert(entry.id, Apart { entry, log, doubt });
            }
        }
    }

    /// Checks the signatures of at most so many entries that were taken in unchecked; those that do
    /// not hold are taken out. Gives the items and boards' other subjects that this changes: the
    /// entries that were taken out, and whether more are to be checked.
    pub fn check_signatures(&mut self, register: &Register, most: usize) -> (Vec<Entry>, bool) {
        let mut out = Vec::new();
        // Without a server to trust nothing can be said of them: they stay to be checked.
        if register.authorities().is_empty() {
            return (out, false);
        }
        for _ in 0..most {
            let Some(id) = self.unchecked.pop_first() else { break };
            let doubt = self.all.get(&id).and_then(|entry| register.holds(entry).err());
            if let Some((entry, doubt)) = doubt.and_then(|doubt| Some((self.take_out(id)?, doubt))) {
                let log = (entry.subject.board, entry.author.unit);
                self.apart.insert(id, Apart { entry: entry.clone(), log, doubt });
                out.push(entry);
            }
        }
        (out, !self.unchecked.is_empty())
    }

    /// How many entries count whose signatures are still to be checked.
    #[must_use]
    pub fn unchecked(&self) -> usize {
        self.unchecked.len()
    }

    /// Marks entries as checked: their signatures held on this device before.
    pub fn are_checked(&mut self, ids: &[EntryId]) {
        ids.iter().for_each(|id| {
            self.unchecked.remove(id);
        });
    }

    /// Finds who led the board for official acts whose heads could not be read before.
    pub fn resolve_leads(&mut self, mut lead_at: impl FnMut(&[String]) -> Option<UnitId>) {
        let open = |entry: &&mut Entry| {
            entry.lead_then.is_none() && entry.kind.is_official() && !entry.heads.is_empty()
        };
        let apart = self.apart.values_mut().map(|apart| &mut apart.entry);
        for entry in self.all.values_mut().chain(apart).filter(open) {
            entry.lead_then = lead_at(&entry.heads);
        }
    }

    /// Judges everything anew: devices were certified or ended, or another unit leads.
    pub fn judge_anew(&mut self, register: &Register, lead: Option<UnitId>) -> bool {
        let before: Vec<EntryId> = self.apart.keys().copied().collect();
        let forged = |apart: &Apart| apart.doubt == Doubt::Forged && register.holds(&apart.entry).is_err();
        for (id, apart) in std::mem::take(&mut self.apart) {
            if forged(&apart) {
                self.apart.insert(id, apart);
            } else {
                self.take(apart.entry, apart.log, register, lead);
            }
        }
        let doubtful: Vec<(EntryId, Doubt)> = self
            .all
            .iter()
            .filter_map(|(id, entry)| {
                let log = (entry.subject.board, entry.author.unit);
                Some((*id, register.judge(entry, log, entry.lead_then.or(lead)).err()?))
            })
            .collect();
        for (id, doubt) in doubtful {
            if let Some(entry) = self.take_out(id) {
                let log = (entry.subject.board, entry.author.unit);
                self.apart.insert(id, Apart { entry, log, doubt });
            }
        }
        self.apart.keys().ne(before.iter())
    }

    /// Entries that do not count, oldest first.
    pub fn apart(&self) -> impl Iterator<Item = &Apart> {
        self.apart.values()
    }

    fn take_out(&mut self, id: EntryId) -> Option<Entry> {
        let entry = self.all.remove(&id)?;
        if let Some(item) = entry.subject.item {
            self.by_item.entry(item).or_default().remove(&id);
        }
        if let Some(indicator) = entry.subject.indicator {
            self.by_indicator.entry(indicator).or_default().remove(&id);
        }
        Some(entry)
    }

    /// The entries of an item, in causal order.
    #[must_use]
    pub fn of_item(&self, item: ItemId) -> Vec<&Entry> {
        in_causal_order(self.pick(self.by_item.get(&item)))
    }

    /// How many entries an item has.
    #[must_use]
    pub fn count_of(&self, item: ItemId) -> usize {
        self.by_item.get(&item).map_or(0, BTreeSet::len)
    }

    /// The entries of an indicator, in causal order.
    #[must_use]
    pub fn of_indicator(&self, indicator: IndicatorId) -> Vec<&Entry> {
        in_causal_order(self.pick(self.by_indicator.get(&indicator)))
    }

    fn pick(&self, ids: Option<&BTreeSet<EntryId>>) -> Vec<&Entry> {
        ids.into_iter().flatten().filter_map(|id| self.all.get(id)).collect()
    }

    /// For each writer, how many of its entries are here without a gap: what a new entry has seen.
    #[must_use]
    pub fn seen(&self) -> BTreeMap<String, u32> {
        let mut numbers: BTreeMap<&str, (BTreeSet<u32>, i64)> = BTreeMap::new();
        for entry in self.all.values() {
            let (all, last) = numbers.entry(&entry.author.writer).or_default();
            all.insert(entry.seq);
            *last = (*last).max(entry.said);
        }
        let mut writers: Vec<(&str, (BTreeSet<u32>, i64))> = numbers.into_iter().collect();
        // An entry must stay small: of very many writers the last ones are named. A writer without a name
        // there counts as not seen, and is shown beside the entries it might clash with.
        writers.sort_by_key(|(_, (_, last))| std::cmp::Reverse(*last));
        writers.truncate(MAX_WRITERS);
        let whole = |(writer, (numbers, _)): (&str, (BTreeSet<u32>, i64))| {
            let whole = (1..).take_while(|number| numbers.contains(number)).count();
            (writer.to_owned(), u32::try_from(whole).unwrap_or(u32::MAX))
        };
        writers.into_iter().map(whole).collect()
    }

    /// The number that a writer's next entry gets.
    #[must_use]
    pub fn next_seq(&self, writer: &str) -> u32 {
        let own = self.all.values().filter(|entry| entry.author.writer == writer);
        own.map(|entry| entry.seq).max().unwrap_or(0).saturating_add(1)
    }
}
