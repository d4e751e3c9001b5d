//! The order in which entries count: what an author had seen comes before what it wrote.

use crate::entry::Entry;
use crate::id::EntryId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Entries by writer, each writer's in the order of their numbers: what an entry had seen of a writer is a
/// beginning of that list, so that nothing compares each entry with each.
struct Chains<'a>(BTreeMap<&'a str, Vec<usize>>);

impl<'a> Chains<'a> {
    fn of(entries: &[&'a Entry]) -> Self {
        let mut chains: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            chains.entry(&entry.author.writer).or_default().push(index);
        }
        chains.values_mut().for_each(|chain| chain.sort_by_key(|index| entries[*index].seq));
        Self(chains)
    }

    /// How many of each writer's first entries an entry had seen, where it had seen any.
    fn seen_by(&self, entries: &[&'a Entry], entry: &'a Entry) -> Vec<(&'a str, usize)> {
        let beginning = |writer: &'a str, seq: Option<u32>| {
            let chain = self.0.get_key_value(writer)?;
            let count = chain.1.partition_point(|index| Some(entries[*index].seq) <= seq);
            (count > 0).then_some((*chain.0, count))
        };
        let own = beginning(&entry.author.writer, entry.seq.checked_sub(1));
        let others = entry.seen.iter().filter(|(writer, _)| **writer != entry.author.writer);
        own.into_iter().chain(others.filter_map(|(writer, seq)| beginning(writer, Some(*seq)))).collect()
    }
}

/// Entries so that each stands behind all that its author had seen. Between unrelated ones the
/// said time decides, then the id, so that the order is the same on every device.
#[must_use]
pub fn in_causal_order(mut entries: Vec<&Entry>) -> Vec<&Entry> {
    entries.sort_by_key(|entry| (entry.said, entry.id));
    let chains = Chains::of(&entries);
    let mut waits_for = vec![0; entries.len()];
    // For each writer: who waits for how many of its first entries.
    let mut waiting: HashMap<&str, BTreeMap<usize, Vec<usize>>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        for (writer, count) in chains.seen_by(&entries, entry) {
            waits_for[index] += 1;
            waiting.entry(writer).or_default().entry(count).or_default().push(index);
        }
    }
    let mut ready: BTreeSet<usize> = (0..entries.len()).filter(|index| waits_for[*index] == 0).collect();
    let mut placed_of: HashMap<&str, usize> = HashMap::new();
    let (mut order, mut placed, mut first) =
        (Vec::with_capacity(entries.len()), vec![false; entries.len()], 0);
    while order.len() < entries.len() {
        while placed.get(first) == Some(&true) {
            first += 1;
        }
        // Entries that claim to have seen each other are hostile; they come by their time.
        let next = ready.pop_first().unwrap_or(first);
        if std::mem::replace(&mut placed[next], true) {
            continue;
        }
        order.push(entries[next]);
        let writer = entries[next].author.writer.as_str();
        let (Some(chain), Some(waiting)) = (chains.0.get(writer), waiting.get_mut(writer)) else { continue };
        let count = placed_of.entry(writer).or_default();
        while chain.get(*count).is_some_and(|index| placed[*index]) {
            *count += 1;
        }
        let later = waiting.split_off(&(*count + 1));
        for index in std::mem::replace(waiting, later).into_values().flatten() {
            waits_for[index] -= 1;
            if waits_for[index] == 0 && !placed[index] {
                ready.insert(index);
            }
        }
    }
    order
}

/// The entries that another one corrects: a unit corrects its own, with an entry of the same kind.
#[must_use]
pub fn corrected(entries: &[&Entry]) -> BTreeSet<EntryId> {
    let known: HashMap<EntryId, &Entry> = entries.iter().map(|entry| (entry.id, *entry)).collect();
    let own = |entry: &&Entry| {
        let other = known.get(&entry.supersedes?)?;
        (other.author.unit == entry.author.unit && other.kind == entry.kind).then_some(other.id)
    };
    entries.iter().filter_map(own).collect()
}

/// The newest entries: those that no other one has seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Frontier<'a>(pub Vec<&'a Entry>);

impl<'a> Frontier<'a> {
    /// The entries without a successor among those given, in their order. If two claim to have seen each
    /// other, one says so of what was not written yet: neither is the other's successor, and somebody chooses.
    #[must_use]
    pub fn of(entries: &[&'a Entry]) -> Self {
        let chains = Chains::of(entries);
        let latest = Latest::of(entries, &chains);
        let newest = entries.iter().filter(|entry| !chains.0.keys().any(|by| latest.follows(entry, by)));
        Self(newest.copied().collect())
    }
}

/// For two writers: the greatest number of the one that an entry of the other had seen, for each entry of the
/// other together with those behind it.
struct Latest<'a, 'c> {
    entries: &'c [&'a Entry],
    chains: &'c Chains<'a>,
    seen: HashMap<(&'a str, &'a str), Vec<Option<u32>>>,
}

impl<'a, 'c> Latest<'a, 'c> {
    fn of(entries: &'c [&'a Entry], chains: &'c Chains<'a>) -> Self {
        let mut seen: HashMap<(&str, &str), Vec<Option<u32>>> = HashMap::new();
        for (by, chain) in &chains.0 {
            for (place, index) in chain.iter().enumerate() {
                for (writer, seq) in &entries[*index].seen {
                    let Some((writer, _)) = chains.0.get_key_value(writer.as_str()) else { continue };
                    seen.entry((by, writer)).or_insert_with(|| vec![None; chain.len()])[place] = Some(*seq);
                }
            }
        }
        for numbers in seen.values_mut() {
            for place in (1..numbers.len()).rev() {
                numbers[place - 1] = numbers[place - 1].max(numbers[place]);
            }
        }
        Self { entries, chains, seen }
    }

    /// Whether an entry of a writer had seen this one, which had not seen it.
    fn follows(&self, entry: &Entry, by: &str) -> bool {
        let Some(chain) = self.chains.0.get(by) else { return false };
        let writer = entry.author.writer.as_str();
        if by == writer {
            return chain.last().is_some_and(|index| self.entries[*index].seq > entry.seq);
        }
        let seen = entry.seen.get(by);
        let unseen = chain.partition_point(|index| Some(&self.entries[*index].seq) <= seen);
        let numbers = self.seen.get(&(by, writer));
        numbers.and_then(|numbers| *numbers.get(unseen)?).is_some_and(|seq| seq >= entry.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Author, EntryKind, Subject};
    use crate::id::{BoardId, DeviceId, PersonId, UnitId};

    fn entry(writer: u8, seq: u32, said: i64, seen: &[(u8, u32)]) -> Entry {
        let (person, unit) = (PersonId::from_bytes([writer; 16]), UnitId::from_bytes([writer; 16]));
        let device = DeviceId::from_bytes([writer; 16]);
        let author = Author { person, unit, device, writer: writer.to_string() };
        let board = BoardId::from_bytes([7; 16]);
        let id = Entry::own_id(said, board, &author, seq);
        let subject = Subject { board, item: None, unit: None, indicator: None };
        let seen = seen.iter().map(|(writer, seq)| (writer.to_string(), *seq)).collect();
        Entry { seq, said, seen, ..Entry::new(id, EntryKind::Comment, author, subject) }
    }

    /// Numbers that look like chance and are the same each time.
    fn next(state: &mut u64, below: u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % below
    }

    /// The order as its rule says it, comparing each entry with each.
    fn by_comparing(mut entries: Vec<&Entry>) -> Vec<&Entry> {
        entries.sort_by_key(|entry| (entry.said, entry.id));
        let mut order: Vec<&Entry> = Vec::new();
        while !entries.is_empty() {
            let waits =
                |entry: &&Entry| entries.iter().any(|other| other.id != entry.id && entry.has_seen(other));
            let next = entries.iter().position(|entry| !waits(entry)).expect("honest entries form no circle");
            order.push(entries.remove(next));
        }
        order
    }

    #[test]
    fn the_order_and_the_newest_are_those_of_the_rule() {
        let mut chance = 1;
        for _ in 0..200 {
            // Four writers who hear of each other now and then, with clocks that are wrong.
            let mut all: Vec<Entry> = Vec::new();
            let mut heard = [[0_u32; 4]; 4];
            let mut written = [0_u32; 4];
            for _ in 0..30 {
                let writer = usize::try_from(next(&mut chance, 4)).expect("small");
                let from = usize::try_from(next(&mut chance, 4)).expect("small");
                let of_others = [heard[from], written].map(|seen| seen[from]);
                heard[writer][from] = heard[writer][from].max(of_others[1]);
                let theirs = heard[from];
                heard[writer].iter_mut().zip(theirs).for_each(|(own, their)| *own = (*own).max(their));
                written[writer] += 1;
                let seen: Vec<(u8, u32)> = (0..4_u8)
                    .filter(|other| usize::from(*other) != writer && heard[writer][usize::from(*other)] > 0)
                    .map(|other| (other, heard[writer][usize::from(other)]))
                    .collect();
                let said = i64::try_from(next(&mut chance, 20)).expect("small");
                let number = u8::try_from(writer).expect("small");
                all.push(entry(number, written[writer], said, &seen));
            }
            let entries: Vec<&Entry> = all.iter().collect();
            let ids = |entries: &[&Entry]| entries.iter().map(|entry| entry.id).collect::<Vec<_>>();
            assert_eq!(ids(&in_causal_order(entries.clone())), ids(&by_comparing(entries.clone())));
            let newest: Vec<&Entry> = entries
                .iter()
                .filter(|entry| !entries.iter().any(|other| other.has_seen(entry)))
                .copied()
                .collect();
            assert_eq!(ids(&Frontier::of(&entries).0), ids(&newest));
        }
    }

    #[test]
    fn who_claims_to_have_seen_what_is_not_written_yet_takes_nothing_away() {
        let first = entry(1, 1, 10, &[]);
        let lie = entry(2, 1, 20, &[(1, u32::MAX)]);
        assert_eq!(Frontier::of(&[&first, &lie]).0, [&lie], "what stood before may have been seen");
        let honest = entry(1, 2, 30, &[(2, 1)]);
        assert_eq!(
            Frontier::of(&[&first, &lie, &honest]).0,
            [&lie, &honest],
            "both stand, and somebody chooses"
        );
        assert!(!lie.has_seen(&honest) && !honest.has_seen(&lie));
        let order = in_causal_order(vec![&honest, &lie, &first]);
        assert_eq!(order, [&first, &lie, &honest], "a circle is ordered by its times");
    }

    #[test]
    fn a_hundred_thousand_records_of_one_matter_are_put_in_order() {
        // Comparing each with each would take ten thousand million looks.
        let mut all = Vec::new();
        for seq in 1..=50_000 {
            all.push(entry(1, seq, i64::from(seq), &[(2, seq - 1)]));
            all.push(entry(2, seq, 0, &[(1, seq)]));
        }
        let entries: Vec<&Entry> = all.iter().rev().collect();
        let order = in_causal_order(entries.clone());
        assert!(order.iter().zip(&all).all(|(one, other)| one.id == other.id));
        assert_eq!(Frontier::of(&entries).0, [all.last().expect("many")]);
        assert!(corrected(&entries).is_empty());
    }
}
