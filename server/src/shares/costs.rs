//! The use of shares by people and networks at a moment, for those who keep the server.

use super::{Held, Payer, Shares, thousandths};
use std::collections::HashMap;
use std::time::Instant;
use tongban_shared::id::PersonId;
use tongban_shared::trust::Budget;

/// The party that pays, as keepers know it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    Person(PersonId),
    /// A network of strangers.
    Network(String),
}

/// The use of one party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    pub party: Party,
    /// The share of which most is used.
    pub what: Budget,
    /// How much of it, in thousandths; what was put down afterwards may be beyond it.
    pub used: u64,
    /// Sockets of a person, connections of a network.
    pub sockets: u64,
    /// Bytes of memory that are held for it.
    pub bytes: u64,
}

impl Payer {
    /// None where nobody is named: a login as it was typed, a browser, a session, all together.
    fn party(&self) -> Option<Party> {
        match self {
            Self::Account(person)
            | Self::Server(person)
            | Self::Writer(person, _)
            | Self::Carrier(person, _) => Some(Party::Person(*person)),
            Self::Network(network) | Self::LoginAt(_, network) => Some(Party::Network(network.clone())),
            Self::Region(region) => Some(Party::Network(format!("{region}::/48"))),
            Self::Login(_) | Self::Browser(_) | Self::Session(_) | Self::Everybody => None,
        }
    }
}

impl Shares {
    /// The use of every party that uses a thousandth of something, the most used first.
    #[must_use]
    pub fn costs(&self) -> Vec<Cost> {
        self.costs_at(Instant::now())
    }

    pub(super) fn costs_at(&self, now: Instant) -> Vec<Cost> {
        let mut costs: HashMap<Party, Cost> = HashMap::new();
        let mut note = |party: &Party, what: Budget, used: u64, (sockets, bytes): (u64, u64)| {
            let first = || Cost { party: party.clone(), what, used, sockets: 0, bytes: 0 };
            let cost = costs.entry(party.clone()).or_insert_with(first);
            if used > cost.used {
                (cost.what, cost.used) = (what, used);
            }
            cost.sockets += sockets;
            cost.bytes += bytes;
        };
        let ledger = self.ledger();
        for (payer, share) in &ledger.of {
            let Some(party) = payer.party() else { continue };
            for (what, amount, most) in share.holdings() {
                let also = match what {
                    Held::Sockets | Held::Connections => (amount, 0),
                    Held::Parts | Held::Bodies | Held::Outbox | Held::Waiting | Held::Pages | Held::Brief => {
                        (0, amount)
                    }
                    _ => (0, 0),
                };
                note(&party, what.budget(), thousandths(amount, most), also);
            }
            for (what, used, _) in share.acts(payer, now) {
                note(&party, what.budget(), used, (0, 0));
            }
        }
        drop(ledger);
        let mut costs: Vec<Cost> = costs.into_values().filter(|cost| cost.used > 0).collect();
        costs.sort_unstable_by(|one, other| {
            let weight = |cost: &Cost| (cost.used, cost.sockets, cost.bytes);
            weight(other).cmp(&weight(one)).then_with(|| one.party.cmp(&other.party))
        });
        costs
    }
}
