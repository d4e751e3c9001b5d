//! Acts on the audit trail.

use crate::words::Word;

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident $word:literal $label:ident;)*) => {
        /// The kind of a record.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Act {
            $($(#[$doc])* $name,)*
        }

        impl Act {
            /// Every act.
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

            /// The act of a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|act| act.word() == word)
            }
        }
    };
}

acts! {
    SignIn "sign_in" ActSignIn;
    SignInRefused "sign_in_refused" ActSignInRefused;
    SignOut "sign_out" ActSignOut;
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
}
