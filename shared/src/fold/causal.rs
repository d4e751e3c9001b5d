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

    /// How many of each writer's first entries come before an entry, where any do: those that it had seen, without
    /// those that claim to have seen it. One of two that claim to have seen each other lies, so that neither
    /// claim puts anything in order: whatever a liar says, it is about its own records alone.
    fn before(&self, entries: &[&'a Entry], claims: &Claims<'a>, index: usize) -> Vec<(&'a str, usize)> {
        let entry = entries[index];
        let own = entry.author.writer.as_str();
        let beginning = |writer: &'a str, seq: u32| {
            let chain = self.0.get_key_value(writer)?;
            let seen = chain.1.partition_point(|index| entries[*index].seq <= seq);
            let claims = claims.get(&(writer, own));
            let first =
                claims.and_then(|claims| claims.get(claims.partition_point(|one| one.seq < entry.seq)));
            let count = first.map_or(seen, |first| seen.min(first.place));
            (count > 0).then_some((*chain.0, count))
        };
        // Also where a writer has given one number twice.
        let chain = self.0.get(own).map_or(&[][..], Vec::as_slice);
        let place = chain.partition_point(|other| (entries[*other].seq, *other) < (entry.seq, index));
        let before = (place > 0).then_some((own, place));
        let others = entry.seen.iter().filter(|(writer, _)| *writer != own);
        before.into_iter().chain(others.filter_map(|(writer, seq)| beginning(writer, *seq))).collect()
    }

    /// For two writers: what entries of the one say that they had seen of the other, in their order.
    fn claims(&self, entries: &[&'a Entry]) -> Claims<'a> {
        let mut claims = Claims::new();
        for (by, chain) in &self.0 {
            for (place, index) in chain.iter().enumerate() {
                for (writer, seq) in &entries[*index].seen {
                    let Some((writer, _)) = self.0.get_key_value(writer.as_str()) else { continue };
                    claims.entry((*by, *writer)).or_default().push(Claim { place, seq: *seq });
                }
            }
        }
        claims
    }
}

/// An entry by its place among those of its writer, and the number of another writer that it had seen.
#[derive(Clone, Copy)]
struct Claim {
    place: usize,
    seq: u32,
}

/// Leaves those that say more than each one before them.
fn only_more(claims: &mut Vec<Claim>) {
    let mut most = None;
    claims.retain(|one| {
        let more = Some(one.seq) > most;
        most = most.max(Some(one.seq));
        more
    });
}

/// Only what entries say: a number for each of a writer's entries and each other writer would fill the memory.
type Claims<'a> = HashMap<(&'a str, &'a str), Vec<Claim>>;

/// Entries so that each stands behind all that its author had seen. Between unrelated ones the
/// said time decides, then the id, so that the order is the same on every device.
#[must_use]
pub fn in_causal_order(mut entries: Vec<&Entry>) -> Vec<&Entry> {
    entries.sort_by_key(|entry| (entry.said, entry.id));
    let chains = Chains::of(&entries);
    let mut claims = chains.claims(&entries);
    for claims in claims.values_mut() {
        // Whatever was seen once was seen by everything behind it, so that only more says something.
        only_more(claims);
    }
    let before: Vec<_> = (0..entries.len()).map(|index| chains.before(&entries, &claims, index)).collect();
    let targets = before.iter().map(|before| {
        before.iter().filter_map(|(writer, count)| chains.0.get(writer)?.get(count - 1).copied()).collect()
    });
    let circles = Circles::of(&targets.collect::<Vec<_>>());
    let mut waits_for: Vec<usize> = before.iter().map(Vec::len).collect();
    let mut open = circles.waits_for.clone();
    // For each writer: who waits for how many of its first entries.
    let mut waiting: HashMap<&str, BTreeMap<usize, Vec<usize>>> = HashMap::new();
    for (index, before) in before.iter().enumerate() {
        for (writer, count) in before {
            waiting.entry(writer).or_default().entry(*count).or_default().push(index);
        }
    }
    let mut ready: BTreeSet<usize> = (0..entries.len()).filter(|index| waits_for[*index] == 0).collect();
    // Entries of circles that wait for nothing outside: several liars have made them, and they come by their
    // time. Whatever stands behind them waits on.
    let free = |open: &[usize], circle: usize| circles.members[circle].len() > 1 && open[circle] == 0;
    let begin = (0..open.len()).filter(|circle| free(&open, *circle));
    let mut freed: BTreeSet<usize> = begin.flat_map(|circle| circles.members[circle].clone()).collect();
    let mut placed_of: HashMap<&str, usize> = HashMap::new();
    let (mut order, mut placed) = (Vec::with_capacity(entries.len()), vec![false; entries.len()]);
    while let Some(next) = ready.pop_first().or_else(|| freed.pop_first()) {
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
        for (count, indices) in std::mem::replace(waiting, later) {
            let last = chain[count - 1];
            for index in indices {
                waits_for[index] -= 1;
                if waits_for[index] == 0 && !placed[index] {
                    ready.insert(index);
                }
                let circle = circles.of[index];
                if circles.of[last] != circle {
                    open[circle] -= 1;
                    if free(&open, circle) {
                        freed.extend(&circles.members[circle]);
                    }
                }
            }
        }
    }
    order
}

/// Entries that stand before each other in a circle; one that is in none is a circle of its own.
struct Circles {
    /// The circle of each entry.
    of: Vec<usize>,
    members: Vec<Vec<usize>>,
    /// For how many things outside it each circle waits.
    waits_for: Vec<usize>,
}

impl Circles {
    /// Those of entries each of which waits for some others, found in one walk (Tarjan's).
    fn of(waits: &[Vec<usize>]) -> Self {
        const UNSEEN: usize = usize::MAX;
        let mut found = Self { of: vec![UNSEEN; waits.len()], members: Vec::new(), waits_for: Vec::new() };
        let (mut number, mut low) = (vec![UNSEEN; waits.len()], vec![0; waits.len()]);
        let (mut count, mut stack, mut path) = (0, Vec::new(), Vec::new());
        for begin in 0..waits.len() {
            if number[begin] == UNSEEN {
                path.push((begin, 0));
            }
            while let Some((at, place)) = path.pop() {
                if place == 0 {
                    (number[at], low[at]) = (count, count);
                    count += 1;
                    stack.push(at);
                }
                if let Some(next) = waits[at].get(place) {
                    path.push((at, place + 1));
                    if number[*next] == UNSEEN {
                        path.push((*next, 0));
                    } else if found.of[*next] == UNSEEN {
                        low[at] = low[at].min(number[*next]);
                    }
                    continue;
                }
                if let Some((above, _)) = path.last() {
                    low[*above] = low[*above].min(low[at]);
                }
                if low[at] == number[at] {
                    let first = stack.iter().rposition(|one| *one == at).unwrap_or_default();
                    let members = stack.split_off(first);
                    members.iter().for_each(|one| found.of[*one] = found.members.len());
                    found.members.push(members);
                }
            }
        }
        found.waits_for = vec![0; found.members.len()];
        for (index, waits) in waits.iter().enumerate() {
            let outside = waits.iter().filter(|target| found.of[**target] != found.of[index]).count();
            found.waits_for[found.of[index]] += outside;
        }
        found
    }
}

/// The entries that another one corrects.
#[must_use]
pub fn corrected(entries: &[&Entry]) -> BTreeSet<EntryId> {
    let known: HashMap<EntryId, &Entry> = entries.iter().map(|entry| (entry.id, *entry)).collect();
    let own = |entry: &&Entry| {
        let other = known.get(&entry.supersedes?)?;
        entry.corrects(other).then_some(other.id)
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
        let newest = entries.iter().filter(|entry| !latest.is_followed(entry));
        Self(newest.copied().collect())
    }
}

/// For each writer: the others that have seen entries of it, whoever has seen the most first.
struct Latest<'a, 'c> {
    entries: &'c [&'a Entry],
    chains: &'c Chains<'a>,
    seen: HashMap<&'a str, Vec<(&'a str, Vec<Claim>)>>,
}

impl<'a, 'c> Latest<'a, 'c> {
    fn of(entries: &'c [&'a Entry], chains: &'c Chains<'a>) -> Self {
        let mut seen: HashMap<_, Vec<_>> = HashMap::new();
        for ((by, writer), mut claims) in chains.claims(entries) {
            if by != writer {
                // Those alone that say more than each one behind them.
                claims.reverse();
                only_more(&mut claims);
                claims.reverse();
                seen.entry(writer).or_default().push((by, claims));
            }
        }
        let most = |claims: &[Claim]| std::cmp::Reverse(claims.first().map(|one| one.seq));
        seen.values_mut().for_each(|others| others.sort_by_key(|(_, claims)| most(claims)));
        Self { entries, chains, seen }
    }

    /// Whether another entry had seen this one, which had not seen it.
    fn is_followed(&self, entry: &Entry) -> bool {
        let writer = entry.author.writer.as_str();
        let own = self.chains.0.get(writer).and_then(|chain| chain.last());
        let seen_by = |by: &str, claims: &[Claim]| {
            let (chain, seen) = (self.chains.0.get(by), entry.seen.get(by));
            let unseen = chain
                .map_or(0, |chain| chain.partition_point(|index| Some(&self.entries[*index].seq) <= seen));
            let latest = claims.get(claims.partition_point(|one| one.place < unseen));
            latest.is_some_and(|one| one.seq >= entry.seq)
        };
        own.is_some_and(|index| self.entries[*index].seq > entry.seq)
            || self
                .seen
                .get(writer)
                .into_iter()
                .flatten()
                // One that this entry has not seen answers at once, so that few are asked.
                .take_while(|(_, claims)| claims.first().is_some_and(|one| one.seq >= entry.seq))
                .any(|(by, claims)| seen_by(by, claims))
    }
}

#[cfg(test)]
mod tests;
