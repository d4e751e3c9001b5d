//! Passkeys (WebAuthn): a key on a person's device or in their hand, unlocked by them there.

use super::looked::{By, Looked};
use super::passwords::known_since;
use super::tokens::Asking;
use super::{Account, Identity, IdentityError, id16};
use crate::clock;
use crate::shares::Spent;
use sqlx::Row;
use sqlx::any::AnyRow;
use tongban_shared::document::{hex, unhex};
use tongban_shared::id::PersonId;
use webauthn_rp::bin::{Decode, Encode};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16,
    Username,
};
use webauthn_rp::request::{AsciiDomain, PublicKeyCredentialDescriptor, RpId, TimedCeremony};
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

/// So many passkeys has a person at most.
pub(super) const MOST: usize = 20;

type Fixed = StaticState<CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>>;

/// The address at which people reach the server: passkeys are bound to it.
#[derive(Debug, Clone)]
pub struct Site {
    domain: RpId,
    /// Pages that may ask, as browsers name them.
    origins: Vec<String>,
}

impl Site {
    /// A site of a host name, with the origins of the pages that ask.
    ///
    /// # Errors
    /// [`IdentityError::NeedsDomain`]: passkeys are not bound to bare addresses.
    pub fn new(host: &str, origins: Vec<String>) -> Result<Self, IdentityError> {
        let named = host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[');
        let domain = named.then(|| AsciiDomain::try_from(host.to_owned()).ok()).flatten();
        Ok(Self { domain: RpId::Domain(domain.ok_or(IdentityError::NeedsDomain)?), origins })
    }
}

/// A question to a browser: its options as the browser takes them, and the token with which its answer is
/// looked at.
pub struct Asked {
    pub options: String,
    pub token: String,
}

/// A passkey that was looked at and is to be kept.
pub(super) struct Made {
    pub(super) id: Vec<u8>,
    pub(super) name: String,
    pub(super) fixed: Vec<u8>,
    pub(super) state: Vec<u8>,
}

/// A passkey, as its owner sees it.
#[derive(Debug, Clone)]
pub struct PasskeyInfo {
    pub id: String,
    pub name: String,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970; 0 when it was never used.
    pub used: i64,
}

impl Identity {
    /// The browser's options for making a passkey, as `PublicKeyCredentialCreationOptionsJSON`.
    ///
    /// # Errors
    /// [`IdentityError::Store`]; [`IdentityError::TooManyPasskeys`].
    pub async fn begin_passkey(&self, site: &Site, account: &Account) -> Result<Asked, IdentityError> {
        let known = self.passkeys(account.id).await?;
        if known.len() >= MOST {
            return Err(IdentityError::TooManyPasskeys);
        }
        let excluded = known.iter().filter_map(|one| {
            let id = CredentialId::<Vec<u8>>::decode(unhex(&one.id)?).ok()?;
            Some(PublicKeyCredentialDescriptor { id, transports: AuthTransports::decode(0).ok()? })
        });
        let id = handle(account.id);
        let by_id = account.id.to_string();
        // Names that the standard does not take are replaced by the identifier.
        let name = Username::try_from(account.login.as_str()).or_else(|_| Username::try_from(by_id.as_str()));
        let user = PublicKeyCredentialUserEntity {
            name: name.map_err(|_| IdentityError::NoPasskey)?,
            id: &id,
            display_name: Nickname::try_from(account.name.as_str()).ok(),
        };
        let mut asked = PublicKeyCredentialCreationOptions::passkey(&site.domain, user, excluded.collect());
        // Telephones and computers that do not know this extension would make no passkey at all; that
        // the person unlocks it is looked at with each answer.
        asked.extensions.cred_protect = CredProtect::None;
        let (server, client) = asked.start_ceremony().map_err(|_| IdentityError::NoPasskey)?;
        let state = server.encode().map_err(|_| IdentityError::NoPasskey)?;
        let challenge = server.sent_challenge().0.to_be_bytes();
        let token = self.begin(Asking::MakesPasskey, challenge, state, Some(account.id));
        let options = serde_json::to_string(&client).map_err(|_| IdentityError::NoPasskey)?;
        Ok(Asked { options, token })
    }

    /// Keeps a passkey that a browser has made, in which the person is signed in with a secret; gives the name it is
    /// kept under.
    ///
    /// # Errors
    /// [`IdentityError::NoPasskey`] when it is not what was asked for, or is known already;
    /// [`IdentityError::TooManyPasskeys`]; as [`Identity::own_act`].
    pub async fn keep_passkey(
        &self,
        site: &Site,
        (account, secret): (&Account, &str),
        name: &str,
        (answer, tokens): (&[u8], &[String]),
    ) -> Result<String, IdentityError> {
        let made = Registration::from_json_relaxed(answer).map_err(|_| IdentityError::NoPasskey)?;
        let challenge = made.challenge_relaxed().map_err(|_| IdentityError::NoPasskey)?;
        let begun = self.begun(Asking::MakesPasskey, challenge.0.to_be_bytes(), tokens);
        let begun =
            begun.filter(|begun| begun.account == Some(account.id)).ok_or(IdentityError::NoPasskey)?;
        let state = RegistrationServerState::<16>::decode(&begun.state);
        let state = state.map_err(|_| IdentityError::NoPasskey)?;
        let options = RegistrationVerificationOptions::<String, String> {
            allowed_origins: &site.origins,
            // Devices say more than they are asked; nobody goes by it.
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let passkey = state.verify(&site.domain, &made, &options).map_err(|why| {
            tracing::info!(%why, "A passkey was not taken");
            IdentityError::NoPasskey
        })?;
        if !self.finish(&begun).await? {
            return Err(IdentityError::NoPasskey);
        }
        let (Ok(fixed), Ok(state)) = (passkey.static_state().encode(), passkey.dynamic_state().encode());
        let name: String = name.trim().chars().take(40).collect();
        let made =
            Made { id: passkey.id().as_ref().to_vec(), name: name.clone(), fixed, state: state.to_vec() };
        self.put_passkey((account.id, secret), made).await.map(|()| name)
    }

    /// Keeps a passkey that was looked at. Those of its person are counted in the same transaction: however many are
    /// made at once, no more are kept than may be.
    pub(super) async fn put_passkey(
        &self,
        (account, secret): (PersonId, &str),
        Made { id, name, fixed, state }: Made,
    ) -> Result<(), IdentityError> {
        let mut transaction = self.own_act(account, secret).await?;
        let known: i64 = sqlx::query("select count(*) as known from passkey where account = $1")
            .bind(account.bytes().to_vec())
            .fetch_one(&mut *transaction)
            .await?
            .get("known");
        if usize::try_from(known).is_ok_and(|known| known >= MOST) {
            return Err(IdentityError::TooManyPasskeys);
        }
        let kept = sqlx::query(
            "insert into passkey (id, account, name, fixed, state, created, used)
             values ($1, $2, $3, $4, $5, $6, 0) on conflict do nothing",
        )
        .bind(id)
        .bind(account.bytes().to_vec())
        .bind(name)
        .bind(fixed)
        .bind(state)
        .bind(clock::now())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        if kept.rows_affected() == 1 { Ok(()) } else { Err(IdentityError::NoPasskey) }
    }

    /// The browser's options for using a passkey, as `PublicKeyCredentialRequestOptionsJSON`. Nothing is kept of
    /// the question here, and a browser keeps the last ones: an office asks as often as it has people.
    ///
    /// # Errors
    /// [`IdentityError::NoPasskey`] when no question can be made.
    pub fn ask_passkey(&self, site: &Site) -> Result<Asked, IdentityError> {
        let asked = DiscoverableCredentialRequestOptions::passkey(&site.domain);
        let (server, client) = asked.start_ceremony().map_err(|_| IdentityError::NoPasskey)?;
        let state = server.encode().map_err(|_| IdentityError::NoPasskey)?;
        let token = self.begin(Asking::UsesPasskey, server.sent_challenge().0.to_be_bytes(), state, None);
        let options = serde_json::to_string(&client).map_err(|_| IdentityError::NoPasskey)?;
        Ok(Asked { options, token })
    }

    /// Signs in with a passkey; gives the session's secret. `there` is the network and the marks of the browser,
    /// which pay for an answer that is wrong.
    ///
    /// # Errors
    /// [`IdentityError::NoPasskey`] when it is unknown, or is not what was asked for;
    /// [`IdentityError::TooManyAttempts`].
    pub async fn sign_in_with_passkey(
        &self,
        site: &Site,
        (answer, tokens): (&[u8], &[String]),
        (there, about): ((&str, &str), &str),
    ) -> Result<(Account, String), IdentityError> {
        let shown = DiscoverableAuthentication::<16>::from_json_relaxed(answer)
            .map_err(|_| IdentityError::NoPasskey)?;
        let challenge = shown.challenge_relaxed().map_err(|_| IdentityError::NoPasskey)?;
        let begun = self.begun(Asking::UsesPasskey, challenge.0.to_be_bytes(), tokens);
        let begun = begun.ok_or(IdentityError::NoPasskey)?;
        let payers = self.beginners(there).await?;
        self.shares.spend(&payers, Spent::Answers)?;
        let asked = DiscoverableAuthenticationServerState::decode(&begun.state);
        let asked = asked.map_err(|_| IdentityError::NoPasskey)?;
        let id = shown.raw_id().as_ref().to_vec();
        let row = self.passkey_row(&id).await?.ok_or(IdentityError::NoPasskey)?;
        let owner = id16(&row, "account").map(PersonId::from_bytes).ok_or(IdentityError::NoPasskey)?;
        let looked = Looked { person: owner, since: known_since(&row) };
        let (fixed, state) = stored(&row).ok_or(IdentityError::NoPasskey)?;
        let user = handle(owner);
        let mut passkey = AuthenticatedCredential::new(shown.raw_id(), &user, fixed, state)
            .map_err(|_| IdentityError::NoPasskey)?;
        let options = AuthenticationVerificationOptions::<String, String> {
            allowed_origins: &site.origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        asked.verify(&site.domain, &shown, &mut passkey, &options).map_err(|why| {
            tracing::info!(%why, person.id = %owner, "A passkey was refused");
            IdentityError::NoPasskey
        })?;
        // An answer counts once, wherever it is shown.
        if !self.finish(&begun).await? {
            return Err(IdentityError::NoPasskey);
        }
        self.shares.unspend(&payers, Spent::Answers);
        let Ok(state) = passkey.dynamic_state().encode();
        let account = self.account(owner).await?.ok_or(IdentityError::NoPasskey)?;
        self.count_sign_in(account.id)?;
        let by = By::Passkey(id, state.to_vec());
        let secret = self.let_in(&looked, &by, about).await?.ok_or(IdentityError::NoPasskey)?;
        Ok((account, secret))
    }

    async fn passkey_row(&self, id: &[u8]) -> Result<Option<AnyRow>, IdentityError> {
        let asked = "select account, fixed, state, known_since
            from passkey join account on account.id = passkey.account where passkey.id = $1";
        Ok(sqlx::query(asked).bind(id.to_vec()).fetch_optional(self.store.reader()).await?)
    }

    /// The passkeys of a person.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn passkeys(&self, account: PersonId) -> Result<Vec<PasskeyInfo>, IdentityError> {
        let rows = sqlx::query(
            "select id, name, created, used from passkey where account = $1 order by created, id",
        )
        .bind(account.bytes().to_vec())
        .fetch_all(self.store.reader())
        .await?;
        let info = |row: &AnyRow| PasskeyInfo {
            id: hex(&row.get::<Vec<u8>, _>("id")),
            name: row.get("name"),
            created: row.get("created"),
            used: row.get("used"),
        };
        Ok(rows.iter().map(info).collect())
    }

    /// Forgets a passkey of a person; whether there was one.
    ///
    /// # Errors
    /// As [`Identity::own_act`].
    pub async fn end_passkey(
        &self,
        (account, session): (PersonId, &str),
        id: &str,
    ) -> Result<bool, IdentityError> {
        let mut transaction = self.own_act(account, session).await?;
        let ended = sqlx::query("delete from passkey where account = $1 and id = $2")
            .bind(account.bytes().to_vec())
            .bind(unhex(id).unwrap_or_default())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected() == 1)
    }
}

/// A person as passkeys name them.
fn handle(person: PersonId) -> UserHandle16 {
    let Ok(handle) = UserHandle16::decode(*person.bytes());
    handle
}

fn stored(row: &AnyRow) -> Option<(Fixed, DynamicState)> {
    let fixed = Fixed::decode(&row.get::<Vec<u8>, _>("fixed")).ok()?;
    let state = DynamicState::decode(row.get::<Vec<u8>, _>("state").try_into().ok()?).ok()?;
    Some((fixed, state))
}
