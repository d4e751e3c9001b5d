//! The servers that are trusted along their endorsements.

use super::{Endorsement, PublicKey};
use crate::limits::{ENDORSED, SERVERS};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

/// The servers that are trusted when some are, along their endorsements: the near ones first, each with as many as
/// one server may endorse ([`ENDORSED`]), until there are as many as a space may know ([`SERVERS`]).
pub(super) fn trusted(
    known: BTreeMap<PublicKey, String>,
    endorsements: &[Endorsement],
) -> BTreeMap<PublicKey, String> {
    spread(known, endorsements).0
}

/// The same, with how often it was asked whether a server is trusted.
fn spread(
    mut known: BTreeMap<PublicKey, String>,
    endorsements: &[Endorsement],
) -> (BTreeMap<PublicKey, String>, usize) {
    let mut by: BTreeMap<PublicKey, Vec<&Endorsement>> = BTreeMap::new();
    for one in endorsements {
        by.entry(one.authority).or_default().push(one);
    }
    let mut asked = 0;
    let mut next: VecDeque<(PublicKey, usize)> = known.keys().map(|key| (*key, usize::MAX)).collect();
    while let Some((authority, most)) = next.pop_front() {
        let mut new = 0;
        for one in by.remove(&authority).into_iter().flatten() {
            if known.len() >= SERVERS || new >= most {
                break;
            }
            asked += 1;
            if let Entry::Vacant(place) = known.entry(one.key) {
                place.insert(one.name.clone());
                next.push_back((one.key, ENDORSED));
                new += 1;
            }
        }
    }
    (known, asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SpaceId;

    fn key(number: u32) -> PublicKey {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        PublicKey::from_bytes(bytes)
    }

    fn endorsed(authority: u32, others: impl IntoIterator<Item = u32>) -> Vec<Endorsement> {
        let of = |other: u32| Endorsement {
            authority: key(authority),
            key: key(other),
            name: format!("第{other}台"),
            space: SpaceId::from_bytes([1; 16]),
            at: 1,
        };
        others.into_iter().map(of).collect()
    }

    fn own() -> BTreeMap<PublicKey, String> {
        BTreeMap::from([(key(0), String::new())])
    }

    #[test]
    fn servers_are_trusted_along_endorsements_in_whatever_order_they_stand() {
        let mut all = [endorsed(3, [4]), endorsed(1, [2, 3]), endorsed(0, [1]), endorsed(8, [9])].concat();
        let trusted_keys = |all: &[Endorsement]| trusted(own(), all).into_keys().collect::<Vec<_>>();
        assert_eq!(trusted_keys(&all), (0..5).map(key).collect::<Vec<_>>());
        all.reverse();
        assert_eq!(trusted_keys(&all), (0..5).map(key).collect::<Vec<_>>());
        assert_eq!(trusted(own(), &all)[&key(4)], "第4台");
    }

    #[test]
    fn endorsements_are_looked_at_once_each() {
        for chain in [500, 1_000] {
            // Each endorses the next one, the last one first.
            let all: Vec<Endorsement> = (0..chain).rev().flat_map(|at| endorsed(at, [at + 1])).collect();
            let (known, asked) = spread(own(), &all);
            assert_eq!((known.len(), asked), (chain as usize + 1, chain as usize));
        }
    }

    #[test]
    fn one_server_brings_no_more_than_its_share_and_none_of_those_near_out() {
        let many = 1..=u32::try_from(SERVERS).unwrap() * 3;
        let near = [1, 2];
        let far = many.clone().map(|number| number + 10);
        // Those of the first one are many, and stand before those of one's own server.
        let all = [endorsed(1, far), endorsed(0, near), endorsed(2, [5])].concat();
        let (known, asked) = spread(own(), &all);
        assert!(near.iter().all(|one| known.contains_key(&key(*one))) && known.contains_key(&key(5)));
        assert_eq!(known.len(), 1 + near.len() + ENDORSED + 1);
        assert!(asked <= ENDORSED + 3, "{asked}");
        // Those that it endorses endorse many as well.
        let further = (11..60).flat_map(|at| endorsed(at, (at * 100_000..).take(ENDORSED)));
        let all: Vec<Endorsement> = all.into_iter().chain(further).collect();
        let known = trusted(own(), &all);
        assert_eq!(known.len(), SERVERS);
        assert!(known.contains_key(&key(5)));
    }
}
