//! The kinds of shares, with what a payer has of each.

use super::Payer;
use crate::limits;
use std::time::Duration;
use tongban_shared::trust::Budget;

/// A kind of thing that is held until it is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Files that are on their way to a reader.
    Downloads,
    /// Files whose last piece has come: each is read and looked at as a whole.
    Uploads,
    /// Foldings of whole boards.
    Readings,
    /// Open sockets.
    Sockets,
    /// Bytes of frames and of bodies of which parts are still to come, or which wait for their turn.
    Parts,
    /// The same of bodies of those who are not signed in.
    Bodies,
    /// Bytes that wait until a connection takes them.
    Outbox,
    /// Bytes of changes that wait for others on which they rest.
    Waiting,
    /// Passwords that are being looked at.
    Hashings,
    /// Acts on accounts, sessions, devices and editions.
    Acts,
    /// Open connections, of whoever it is.
    Connections,
    /// Bytes of public pages.
    Pages,
    /// Bytes of brief bodies of those who are not signed in.
    Brief,
}

impl Held {
    pub(super) const ALL: [Self; 13] = [
        Self::Downloads,
        Self::Uploads,
        Self::Readings,
        Self::Sockets,
        Self::Parts,
        Self::Bodies,
        Self::Outbox,
        Self::Waiting,
        Self::Hashings,
        Self::Acts,
        Self::Connections,
        Self::Pages,
        Self::Brief,
    ];

    /// Bytes of memory that all accounts hold together.
    pub(super) const MEMORY: [Self; 3] = [Self::Parts, Self::Outbox, Self::Waiting];

    /// Turns, for which people wait.
    pub(super) const WAITED_FOR: [Self; 5] =
        [Self::Downloads, Self::Uploads, Self::Readings, Self::Hashings, Self::Acts];

    /// So many wait for a turn at once.
    pub(super) const fn line(self) -> u64 {
        match self {
            Self::Acts => limits::ACTS_LINE,
            _ => limits::LINE,
        }
    }

    pub(super) const fn budget(self) -> Budget {
        match self {
            Self::Downloads => Budget::Downloads,
            Self::Uploads => Budget::Uploads,
            Self::Readings => Budget::Readings,
            Self::Sockets => Budget::Sockets,
            Self::Parts | Self::Bodies | Self::Brief => Budget::Parts,
            Self::Outbox | Self::Pages => Budget::Outbox,
            Self::Waiting => Budget::Waiting,
            Self::Hashings => Budget::Hashings,
            Self::Acts => Budget::Acts,
            Self::Connections => Budget::Connections,
        }
    }

    /// The amount that a payer may hold at once.
    pub(super) const fn most(self, payer: &Payer) -> u64 {
        let server = matches!(payer, Payer::Server(_));
        match self {
            Self::Downloads if server => limits::DOWNLOADS_OF_A_SERVER,
            Self::Downloads => limits::DOWNLOADS,
            Self::Uploads => limits::UPLOADS,
            Self::Readings if matches!(payer, Payer::Everybody) => limits::READINGS_OF_STRANGERS,
            Self::Readings if matches!(payer, Payer::Network(_) | Payer::Region(_)) => {
                limits::READINGS_OF_A_NETWORK
            }
            Self::Readings => limits::READINGS,
            Self::Sockets => limits::SOCKETS,
            // Nobody gets more, for as much is left for the others.
            Self::Parts | Self::Outbox | Self::Waiting => (limits::MEMORY - limits::MEMORY_FOR_SMALL) / 2,
            Self::Bodies if matches!(payer, Payer::Everybody) => limits::BODIES_OF_STRANGERS,
            Self::Bodies if matches!(payer, Payer::Region(_)) => limits::BODIES_OF_A_REGION,
            Self::Bodies => limits::BODIES_OF_A_NETWORK,
            Self::Hashings if matches!(payer, Payer::Network(_) | Payer::Region(_)) => {
                limits::HASHINGS_OF_A_NETWORK
            }
            Self::Hashings => limits::HASHINGS,
            Self::Acts => limits::ACTS,
            Self::Connections => limits::CONNECTIONS,
            Self::Pages if matches!(payer, Payer::Everybody) => limits::PAGES_BYTES,
            Self::Pages if matches!(payer, Payer::Region(_)) => limits::PAGES_OF_A_REGION,
            Self::Pages => limits::PAGES_OF_A_NETWORK,
            Self::Brief => match payer {
                Payer::Everybody => limits::BRIEF_OF_STRANGERS,
                Payer::Region(_) => limits::BRIEF_OF_A_REGION,
                Payer::Browser(_) => limits::BRIEF_OF_A_BROWSER,
                _ => limits::BRIEF_OF_A_NETWORK,
            },
        }
    }
}

/// A kind of act of which only so many are done within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Answers to a question for a password, a code, a passkey.
    Guesses,
    /// Codes of an authenticator app, the password being right.
    Codes,
    /// The same from browsers in which the person signed in before.
    KnownCodes,
    /// Visits of the provider of unified sign-in, to which any page can send a browser.
    Sent,
    /// Answers to a ceremony that was begun here: of a passkey, of the provider.
    Answers,
    /// Operations that were written.
    Operations,
    /// Bytes that were written.
    Bytes,
    /// New authors of what was written.
    Actors,
    /// Sign-ins that were right.
    SignIns,
    /// Passwords that were changed.
    Passwords,
    /// Passwords that were said again, and were right.
    Confirmations,
    /// Bytes of answers to connections that are brought level with a document.
    Levelling,
}

impl Spent {
    pub(super) const ALL: [Self; 12] = [
        Self::Guesses,
        Self::Codes,
        Self::KnownCodes,
        Self::Sent,
        Self::Answers,
        Self::Operations,
        Self::Bytes,
        Self::Actors,
        Self::SignIns,
        Self::Passwords,
        Self::Confirmations,
        Self::Levelling,
    ];

    pub(super) const fn budget(self) -> Budget {
        match self {
            Self::Guesses => Budget::Guesses,
            Self::Codes => Budget::Codes,
            Self::KnownCodes => Budget::KnownCodes,
            Self::Sent => Budget::Ceremonies,
            Self::Answers => Budget::Answers,
            Self::Operations => Budget::Operations,
            Self::Bytes => Budget::Bytes,
            Self::Actors => Budget::Actors,
            Self::SignIns => Budget::SignIns,
            Self::Passwords => Budget::Passwords,
            Self::Confirmations => Budget::Confirmations,
            Self::Levelling => Budget::Levelling,
        }
    }

    /// The amount that a payer may spend within a window.
    pub const fn most(self, payer: &Payer) -> (u64, Duration) {
        let window = limits::ATTEMPTS_WITHIN;
        match (payer, self) {
            (Payer::Region(_), _) => (limits::ATTEMPTS_OF_A_REGION, window),
            (Payer::Network(_), _) => (limits::ATTEMPTS_OF_A_NETWORK, window),
            (Payer::Login(_), _) => (limits::ATTEMPTS_FOR_A_LOGIN, limits::ATTEMPTS_FOR_A_LOGIN_WITHIN),
            (_, Self::Operations) => (limits::WRITTEN_OPERATIONS, limits::WRITTEN_WITHIN),
            (_, Self::Bytes) => (limits::WRITTEN_BYTES, limits::WRITTEN_WITHIN),
            (Payer::Carrier(..), Self::Actors) => (limits::CARRIED_ACTORS, limits::WRITTEN_WITHIN),
            (_, Self::Actors) => (limits::WRITTEN_ACTORS, limits::WRITTEN_WITHIN),
            (_, Self::Codes | Self::KnownCodes) => (limits::CODES, limits::CODES_WITHIN),
            (Payer::Browser(_), Self::Sent) => (limits::ATTEMPTS_OF_A_NETWORK, window),
            (_, Self::Levelling) => (limits::ANSWERED, limits::ANSWERED_WITHIN),
            (_, Self::SignIns) => (limits::SIGN_INS, limits::SIGN_INS_WITHIN),
            (_, Self::Passwords) => (limits::PASSWORDS, limits::PASSWORDS_WITHIN),
            (_, Self::Confirmations) => (limits::CONFIRMATIONS, window),
            _ => (limits::ATTEMPTS, window),
        }
    }
}
