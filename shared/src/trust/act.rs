//! Acts on the audit trail, and the reasons of those by which something was refused.

use crate::sync::RefusalCode;
use crate::sync::room::Fault;
use crate::words::{Lang, Word};

macro_rules! named {
    ($(#[$of:meta])* $kind:ident { $($(#[$doc:meta])* $name:ident $word:literal $label:ident;)* }) => {
        $(#[$of])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $kind {
            $($(#[$doc])* $name,)*
        }

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its word in the trail.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Its word on screens.
            #[must_use]
            pub const fn label(self) -> Word {
                match self { $(Self::$name => Word::$label,)* }
            }

            /// The one of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word() == word)
            }
        }
    };
}

named! {
    /// The kind of a record.
    Act {
        SignIn "sign_in" ActSignIn;
        SignInRefused "sign_in_refused" ActSignInRefused;
        SignOut "sign_out" ActSignOut;
        /// All sessions of a person were ended by somebody else.
        SessionsEnded "sessions_ended" ActSessionsEnded;
        /// A person ended one of their own sessions from another.
        OwnSessionEnded "own_session_ended" ActOwnSessionEnded;
        Invite "invite" ActInvite;
        AccountMade "account_made" ActAccountMade;
        PasswordReset "password_reset" ActPasswordReset;
        PasswordChanged "password_changed" ActPasswordChanged;
        /// Codes of an authenticator app are asked for.
        CodeSet "code_set" ActCodeSet;
        CodeEnded "code_ended" ActCodeEnded;
        PasskeyMade "passkey_made" ActPasskeyMade;
        PasskeyEnded "passkey_ended" ActPasskeyEnded;
        /// An account was bound to who its owner is at the provider of unified sign-in.
        ProviderBound "provider_bound" ActProviderBound;
        ProviderUnbound "provider_unbound" ActProviderUnbound;
        /// How devices are to be locked.
        LockSet "lock_set" ActLockSet;
        RoleChanged "role_changed" ActRoleChanged;
        AccountEnded "account_ended" ActAccountEnded;
        DeviceCertified "device_certified" ActDeviceCertified;
        DeviceEnded "device_ended" ActDeviceEnded;
        /// Changes that were not taken: forged, of a wrong role, of an ended device.
        Refused "refused" ActRefused;
        Published "published" ActPublished;
        Withdrawn "withdrawn" ActWithdrawn;
        Exported "exported" ActExported;
        /// A bundle was taken in.
        TakenIn "taken_in" ActTakenIn;
        BackedUp "backed_up" ActBackedUp;
        Restored "restored" ActRestored;
        /// The store could not read all of a document.
        Damaged "damaged" ActDamaged;
        /// More is stored of a document than fits: it is served read-only.
        Held "held" ActHeld;
        /// A document of which more was stored than fits was brought back to its last good state.
        Repaired "repaired" ActRepaired;
        /// Another server is trusted.
        Endorsed "endorsed" ActEndorsed;
        /// A connection was closed over what it did: see [`Closing`].
        Closed "closed" ActClosed;
        /// Somebody has used up a share: see [`Budget`].
        RanOut "ran_out" ActRanOut;
        /// A request was refused: see [`Rebuff`].
        RequestRefused "request_refused" ActRequestRefused;
    }
}

named! {
    /// Why a connection was closed.
    Closing {
        /// It sent what no device sends.
        Frame "frame" ClosingFrame;
        /// Its changes were refused too often, for different reasons.
        Flood "flood" ClosingFlood;
        /// More waited for it than may.
        Outbox "outbox" ClosingOutbox;
        /// Nothing was heard of it, as of every device that loses its network.
        Silent "silent" ClosingSilent;
        /// It took nothing of what was written to it.
        SlowReader "slow_reader" ClosingSlowReader;
        /// A document in memory was spoilt by what it sent, or judging that took too long.
        Spoilt "spoilt" ClosingSpoilt;
        /// The share of its account was used up.
        Share "share" ClosingShare;
        /// It opened too many documents.
        Documents "documents" ClosingDocuments;
        /// There was no room in time for something large that it sent.
        NoRoom "no_room" ClosingNoRoom;
    }
}

impl Closing {
    /// Whether it also happens to everybody now and then: only many of them say something.
    #[must_use]
    pub const fn is_everyday(self) -> bool {
        matches!(self, Self::Silent | Self::SlowReader | Self::NoRoom)
    }
}

named! {
    /// A share that runs out.
    Budget {
        Downloads "downloads" BudgetDownloads;
        Uploads "uploads" BudgetUploads;
        /// Foldings of whole boards.
        Readings "readings" BudgetReadings;
        Sockets "sockets" BudgetSockets;
        /// Bytes of frames and of bodies of which parts are still to come, or which wait for their turn.
        Parts "parts" BudgetParts;
        /// Bytes that wait until a connection takes them.
        Outbox "outbox" BudgetOutbox;
        /// Bytes of changes that wait for others.
        Waiting "waiting" BudgetWaiting;
        /// Attempts to sign in, or to say the password again.
        Guesses "guesses" BudgetGuesses;
        Codes "codes" BudgetCodes;
        /// Codes from browsers in which the person signed in before.
        KnownCodes "known_codes" BudgetKnownCodes;
        /// Ceremonies of signing in that strangers begin.
        Ceremonies "ceremonies" BudgetCeremonies;
        /// Answers to a ceremony of signing in.
        Answers "answers" BudgetAnswers;
        /// Sign-ins that were right.
        SignIns "sign_ins" BudgetSignIns;
        /// Passwords that were changed.
        Passwords "passwords" BudgetPasswords;
        /// Passwords that were said again, and were right.
        Confirmations "confirmations" BudgetConfirmations;
        /// Passwords that are being looked at, of a login, of a place or of all.
        Hashings "hashings" BudgetHashings;
        /// Acts of an account on accounts, sessions, devices and editions that are under way.
        Acts "acts" BudgetActs;
        /// Open connections of a network, or of all.
        Connections "connections" BudgetConnections;
        /// Operations that were written of a document.
        Operations "operations" BudgetOperations;
        /// Bytes that were written of a document.
        Bytes "bytes" BudgetBytes;
        /// New authors of what was written of a document.
        Actors "actors" BudgetActors;
        /// Bytes of answers to connections that are brought level with a document.
        Levelling "levelling" BudgetLevelling;
        /// Devices certified within a day.
        Devices "devices" BudgetDevices;
        /// Bytes of files of a unit.
        Files "files" BudgetFiles;
        /// Files of a unit of which parts are still to come.
        Begun "begun" BudgetBegun;
        /// Editions of a board that are published within a day.
        Editions "editions" BudgetEditions;
    }
}

named! {
    /// Why a request was refused.
    Rebuff {
        /// The person may not do it.
        Forbidden "forbidden" RebuffForbidden;
        /// A page of another site asked in the name of the person.
        Foreign "foreign" RebuffForeign;
        /// The password, the code or the passkey was not the person's.
        Unproven "unproven" RebuffUnproven;
        /// A file was not what its name says.
        Spoilt "spoilt" RebuffSpoilt;
    }
}

/// The reason of a record in words, where the trail names it by a word of its own.
#[must_use]
pub fn reason_words(act: Option<Act>, reason: &str, lang: Lang) -> Option<String> {
    let label = match act? {
        Act::Closed => Closing::from_word(reason)?.label(),
        Act::RanOut => Budget::from_word(reason)?.label(),
        Act::RequestRefused => Rebuff::from_word(reason)?.label(),
        Act::Refused => match Fault::ALL.iter().find(|fault| fault.word() == reason) {
            Some(fault) => return Some(fault.to_string()),
            None => code_label(RefusalCode::ALL.into_iter().find(|code| code.word() == reason)?),
        },
        _ => return None,
    };
    Some(label.text(lang).to_owned())
}

const fn code_label(code: RefusalCode) -> Word {
    match code {
        RefusalCode::NoRight => Word::NoRight,
        RefusalCode::UnknownDocument => Word::RefusalUnknown,
        RefusalCode::Invalid => Word::RefusalInvalid,
        RefusalCode::TooLarge => Word::RefusalTooLarge,
        RefusalCode::PlanSettled => Word::RefusalPlanSettled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_on_the_trail_has_words() {
        let own = |act: Act, words: Vec<&'static str>| words.into_iter().map(move |word| (act, word));
        let all = own(Act::Closed, Closing::ALL.iter().map(|one| one.word()).collect())
            .chain(own(Act::RanOut, Budget::ALL.iter().map(|one| one.word()).collect()))
            .chain(own(Act::RequestRefused, Rebuff::ALL.iter().map(|one| one.word()).collect()))
            .chain(own(Act::Refused, Fault::ALL.iter().map(|one| one.word()).collect()))
            .chain(own(Act::Refused, RefusalCode::ALL.iter().map(|one| one.word()).collect()));
        let mut count = 0;
        for (act, word) in all {
            for lang in Lang::ALL {
                assert!(reason_words(Some(act), word, lang).is_some_and(|said| said != word), "{word}");
            }
            count += 1;
        }
        assert!(count > 40, "{count}");
        assert_eq!(reason_words(Some(Act::Closed), "sockets", Lang::Hans), None);
    }
}
