//! Unified sign-in (统一身份认证): a provider of one's organisation says who somebody is, by OpenID
//! Connect. It never says what they may do here: a person binds an account that they have.

use super::looked::{By, Looked};
use super::passwords::known_since;
use super::tokens::Asking;
use super::{Account, Identity, IdentityError};
use crate::clock;
use crate::outgoing::{self, AnswerError};
use crate::shares::{Payer, Spent};
use futures::future::BoxFuture;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tongban_shared::document::{hex, unhex};
use tongban_shared::id::PersonId;

/// The provider's description of itself is asked again after so long: it changes its keys.
const FRESH: Duration = Duration::from_secs(600);

/// A provider's clock may be so many seconds ahead of ours.
const LEEWAY: i64 = 300;

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 1 << 20;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// How the provider is reached, as the operator says.
#[derive(Debug, Clone)]
pub struct Unified {
    /// `https://…`, as the provider names itself.
    pub issuer: String,
    pub client: String,
    /// None for a client without a secret.
    pub secret: Option<ClientSecret>,
    /// As people call it.
    pub name: String,
}

/// A provider, with what it last said of itself.
pub struct Provider {
    told: Unified,
    /// The address to which people come back.
    back: RedirectUrl,
    http: Http,
    metadata: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

/// The state kept between going and coming back.
#[derive(Serialize, Deserialize)]
struct Going {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

/// The address to which a browser goes, and the token that it is recognised by when it comes back.
pub struct Sent {
    pub address: String,
    pub token: String,
}

/// The person who came back.
pub enum Back {
    /// Signed in, with the session's secret.
    SignedIn(Account, String),
    /// Somebody who was signed in has bound their account.
    Bound(PersonId),
}

/// The provider cannot be used as it was told.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("统一身份认证的地址不对：{0}")]
    Address(String),
    #[error("统一身份认证需要同时给出 --address")]
    NeedsAddress,
    #[error("无法建立加密连接：{0}")]
    Tls(#[from] reqwest::Error),
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] AnswerError),
    #[error(transparent)]
    Form(#[from] openidconnect::http::Error),
}

/// Our requests, as the library makes them.
struct Http(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Failed;
    type Future = BoxFuture<'c, Result<HttpResponse, Failed>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.0.execute(reqwest::Request::try_from(request)?).await?;
            let mut response = openidconnect::http::Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            Ok(response.body(outgoing::body(answer, LONGEST).await?)?)
        })
    }
}

/// Whether nobody stands between: encrypted, or on this machine.
fn is_safe(address: &openidconnect::url::Url) -> bool {
    use openidconnect::url::Host;
    let own = match address.host() {
        Some(Host::Ipv4(own)) => own.is_loopback(),
        Some(Host::Ipv6(own)) => own.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    address.scheme() == "https" || own
}

/// Why a token is refused that comes before its time.
const AHEAD: &str = "it is issued in the future";

/// The verifier of what the provider signs with its own key, and not ahead of its time. The secret of the
/// client, which stands in configuration, signs for nobody.
fn verifier(client: &Client) -> CoreIdTokenVerifier<'_> {
    use CoreJwsSigningAlgorithm as Signed;
    let is_issued = |at: i64| if at <= clock::now() + LEEWAY { Ok(()) } else { Err(AHEAD.to_owned()) };
    let verifier = client.id_token_verifier().set_issue_time_verifier_fn(move |at| is_issued(at.timestamp()));
    verifier.set_allowed_algs([
        Signed::RsaSsaPkcs1V15Sha256,
        Signed::RsaSsaPkcs1V15Sha384,
        Signed::RsaSsaPkcs1V15Sha512,
        Signed::RsaSsaPssSha256,
        Signed::RsaSsaPssSha384,
        Signed::RsaSsaPssSha512,
        Signed::EcdsaP256Sha256,
        Signed::EcdsaP384Sha384,
        Signed::EcdsaP521Sha512,
        Signed::EdDsa,
    ])
}

impl Provider {
    /// A provider as it was told, for a server that people reach at `address`.
    ///
    /// # Errors
    /// [`ProviderError`] when an address is none.
    pub fn new(told: Unified, address: Option<&str>) -> Result<Self, ProviderError> {
        let address = address.ok_or(ProviderError::NeedsAddress)?;
        let back = RedirectUrl::new(format!("{}/api/provider/back", address.trim_end_matches('/')));
        let back = back.map_err(|error| ProviderError::Address(error.to_string()))?;
        let issuer = IssuerUrl::new(told.issuer.clone());
        let issuer = issuer.map_err(|error| ProviderError::Address(error.to_string()))?;
        if !is_safe(issuer.url()) {
            return Err(ProviderError::Address(told.issuer));
        }
        Ok(Self { told, back, http: Http(outgoing::client()?), metadata: Mutex::default() })
    }

    /// As people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.told.name
    }

    /// As it names itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.told.issuer
    }

    /// The provider, by what it said of itself within the last minutes.
    async fn client(&self) -> Result<Client, IdentityError> {
        let known = self.metadata.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let metadata = match known.filter(|(since, _)| since.elapsed() < FRESH) {
            Some((_, metadata)) => metadata,
            None => {
                let issuer =
                    IssuerUrl::new(self.told.issuer.clone()).map_err(|_| IdentityError::NoProvider)?;
                let metadata =
                    CoreProviderMetadata::discover_async(issuer, &self.http).await.map_err(|why| {
                        tracing::warn!(%why, "The provider of unified sign-in cannot be asked");
                        IdentityError::NoProvider
                    })?;
                let token = metadata.token_endpoint().map(|token| token.url());
                let asked = [metadata.authorization_endpoint().url(), metadata.jwks_uri().url()];
                if !asked.into_iter().chain(token).all(is_safe) {
                    tracing::warn!("The provider of unified sign-in names addresses without encryption");
                    return Err(IdentityError::NoProvider);
                }
                let mut known = self.metadata.lock().unwrap_or_else(PoisonError::into_inner);
                *known = Some((Instant::now(), metadata.clone()));
                metadata
            }
        };
        let secret = self.told.secret.clone();
        let client =
            CoreClient::from_provider_metadata(metadata, ClientId::new(self.told.client.clone()), secret);
        Ok(client.set_redirect_uri(self.back.clone()))
    }

    /// The address to which a browser is sent, and the state to keep until it comes back.
    async fn send(&self, state: &str) -> Result<(String, Going), IdentityError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let state = CsrfToken::new(state.to_owned());
        let client = self.client().await?;
        let (address, _, nonce) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .url();
        Ok((address.to_string(), Going { nonce, verifier }))
    }

    /// A person's identity by the provider's word: its signature, its audience, its time and its answer to
    /// our question are looked at.
    async fn subject(&self, code: &str, going: Going) -> Result<String, IdentityError> {
        let refused = |why: &dyn std::fmt::Display| {
            tracing::warn!(%why, "What the provider of unified sign-in said was refused");
            IdentityError::NotRecognised
        };
        let client = self.client().await?;
        let asked = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let answer = asked.map_err(|why| refused(&why))?.set_pkce_verifier(going.verifier);
        let answer = answer.request_async(&self.http).await.map_err(|why| refused(&why))?;
        let token = answer.id_token().ok_or_else(|| refused(&"there is no ID token"))?;
        let claims = token.claims(&verifier(&client), &going.nonce).map_err(|why| {
            // It may have changed its keys since it was asked for them.
            *self.metadata.lock().unwrap_or_else(PoisonError::into_inner) = None;
            refused(&why)
        })?;
        // The access token is not used; that it is of this answer is looked at where the provider says.
        if let Some(expected) = claims.access_token_hash() {
            let verifier = verifier(&client);
            let algorithm = token.signing_alg().map_err(|why| refused(&why))?;
            let key = token.signing_key(&verifier).map_err(|why| refused(&why))?;
            let found = openidconnect::AccessTokenHash::from_token(answer.access_token(), algorithm, key);
            if found.map_err(|why| refused(&why))? != *expected {
                return Err(refused(&"the access token is of another answer"));
            }
        }
        Ok(claims.subject().to_string())
    }
}

impl Identity {
    /// Sends a browser to the provider: to sign in, or to bind the account of who is signed in.
    ///
    /// # Errors
    /// [`IdentityError::NoProvider`] when it cannot be reached; [`IdentityError::TooManyAttempts`].
    pub async fn send_to_provider(
        &self,
        provider: &Provider,
        binds: Option<PersonId>,
        there: (&str, &str),
    ) -> Result<Sent, IdentityError> {
        // Apart from attempts with a password; and whoever is signed in pays for themselves.
        match binds {
            Some(person) => self.shares.spend(&[Payer::Account(person)], Spent::Sent)?,
            None => self.shares.spend_of(&self.beginners(there).await?, Spent::Sent, self.sent)?,
        }
        let key = clock::random::<16>();
        let state = hex(&key);
        let (address, going) = provider.send(&state).await?;
        let kept = serde_json::to_vec(&going).map_err(|_| IdentityError::NoProvider)?;
        Ok(Sent { address, token: self.begin(Asking::GoesToProvider, key, kept, binds) })
    }

    /// Takes a browser that comes back from the provider. `state` and `token` are what it was sent with;
    /// `here` is who is signed in with it, and the secret of that session; `there` the network and the marks of the
    /// browser.
    ///
    /// # Errors
    /// [`IdentityError::NotSent`] when it was not sent; [`IdentityError::NotRecognised`] when what the
    /// provider says does not hold; [`IdentityError::NotBound`] when nobody here has bound that identity;
    /// [`IdentityError::BoundElsewhere`] when somebody else has; as [`Identity::own_act`].
    pub async fn back_from_provider(
        &self,
        provider: &Provider,
        (state, code, token): (&str, &str, String),
        here: Option<(PersonId, String)>,
        (there, about): ((&str, &str), &str),
    ) -> Result<Back, IdentityError> {
        let key: Option<[u8; 16]> = unhex(state).and_then(|bytes| bytes.try_into().ok());
        let begun = self.begun(Asking::GoesToProvider, key.ok_or(IdentityError::NotSent)?, &[token]);
        let begun = begun.ok_or(IdentityError::NotSent)?;
        let payers = match begun.account {
            Some(person) => vec![Payer::Account(person)],
            None => self.beginners(there).await?,
        };
        self.shares.spend_of(&payers, Spent::Answers, self.sent)?;
        let going = serde_json::from_slice(&begun.state).map_err(|_| IdentityError::NotRecognised)?;
        let binds = begun.account;
        // An account is bound to the person who asked, and to nobody who was sent their link.
        if binds.is_some() && binds != here.as_ref().map(|(person, _)| *person) {
            return Err(IdentityError::NotRecognised);
        }
        let subject = provider.subject(code, going).await?;
        if !self.finish(&begun).await? {
            return Err(IdentityError::NotSent);
        }
        self.shares.unspend(&payers, Spent::Answers);
        if let Some((person, secret)) = here.filter(|_| binds.is_some()) {
            self.bind((provider.issuer(), &subject), person, &secret).await?;
            return Ok(Back::Bound(person));
        }
        let came = self.sign_in_bound(provider.issuer(), &subject, about).await?;
        // A whole office may come in at one moment: a visit that ends well leaves its place to the next.
        self.shares.unspend(&payers, Spent::Sent);
        Ok(came)
    }

    /// Signs in whoever has bound an identity at a provider.
    pub(super) async fn sign_in_bound(
        &self,
        issuer: &str,
        subject: &str,
        about: &str,
    ) -> Result<Back, IdentityError> {
        let (looked, by) = self.look_at_bound(issuer, subject).await?;
        let account = self.account(looked.person).await?.ok_or(IdentityError::NotBound)?;
        self.count_sign_in(account.id)?;
        let secret = self.let_in(&looked, &by, about).await?.ok_or(IdentityError::NotBound)?;
        Ok(Back::SignedIn(account, secret))
    }

    pub(super) async fn look_at_bound(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<(Looked, By), IdentityError> {
        let asked = "select account, known_since from bound join account on account.id = bound.account
            where issuer = $1 and subject = $2";
        let row = sqlx::query(asked).bind(issuer.to_owned()).bind(subject.to_owned());
        let row = row.fetch_optional(self.store.reader()).await?.ok_or(IdentityError::NotBound)?;
        let person = super::id16(&row, "account").map(PersonId::from_bytes).ok_or(IdentityError::NotBound)?;
        let by = By::Provider(issuer.to_owned(), subject.to_owned());
        Ok((Looked { person, since: known_since(&row) }, by))
    }

    pub(super) async fn bind(
        &self,
        (issuer, subject): (&str, &str),
        person: PersonId,
        secret: &str,
    ) -> Result<(), IdentityError> {
        // The provider was asked meanwhile, which takes its time.
        let mut transaction = self.own_act(person, secret).await?;
        let bound = sqlx::query(
            "insert into bound (issuer, subject, account, created) values ($1, $2, $3, $4) on conflict do nothing",
        )
        .bind(issuer.to_owned())
        .bind(subject.to_owned())
        .bind(person.bytes().to_vec())
        .bind(clock::now())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        if bound.rows_affected() == 1 { Ok(()) } else { Err(IdentityError::BoundElsewhere) }
    }

    /// Whether a person has bound an identity of a provider.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn is_bound(&self, issuer: &str, person: PersonId) -> Result<bool, IdentityError> {
        let row = sqlx::query("select 1 as one from bound where issuer = $1 and account = $2")
            .bind(issuer)
            .bind(person.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        Ok(row.is_some())
    }

    /// Forgets who a person is at a provider; whether that was known.
    ///
    /// # Errors
    /// As [`Identity::own_act`].
    pub async fn unbind(
        &self,
        issuer: &str,
        (person, session): (PersonId, &str),
    ) -> Result<bool, IdentityError> {
        let mut transaction = self.own_act(person, session).await?;
        let ended = sqlx::query("delete from bound where issuer = $1 and account = $2")
            .bind(issuer)
            .bind(person.bytes().to_vec())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(ended.rows_affected() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, verifier};
    use crate::clock;
    use openidconnect::core::{
        CoreClient, CoreEdDsaPrivateSigningKey, CoreHmacKey, CoreIdToken, CoreIdTokenClaims,
        CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    };
    use openidconnect::{ClientId, ClientSecret, Nonce, PrivateSigningKey};
    use serde_json::json;

    const ISSUER: &str = "https://id.example";

    /// A key that everybody knows, of RFC 8410.
    const KNOWN: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

    /// A client with a secret of a provider with some keys.
    fn client(keys: CoreJsonWebKeySet) -> Client {
        let metadata: CoreProviderMetadata = serde_json::from_value(json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example/go",
            "token_endpoint": "https://id.example/token",
            "jwks_uri": "https://id.example/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256"],
        }))
        .expect("a provider");
        let secret = Some(ClientSecret::new("the secret".to_owned()));
        let back =
            openidconnect::RedirectUrl::new("https://tongban.example/back".to_owned()).expect("an address");
        let metadata = metadata.set_jwks(keys);
        CoreClient::from_provider_metadata(metadata, ClientId::new("tongban".to_owned()), secret)
            .set_redirect_uri(back)
    }

    /// The claims of a token that is issued so many seconds from now.
    fn claims(ahead: i64) -> CoreIdTokenClaims {
        let (issued, ends) = (clock::now() + ahead, clock::now() + 600);
        let said = json!({
            "iss": ISSUER, "aud": ["tongban"], "sub": "somebody", "nonce": "asked", "iat": issued, "exp": ends,
        });
        serde_json::from_value(said).expect("claims")
    }

    #[test]
    fn a_token_that_is_issued_in_the_future_is_refused() {
        let key = CoreEdDsaPrivateSigningKey::from_ed25519_pem(KNOWN, None).expect("a key");
        let client = client(CoreJsonWebKeySet::new(vec![key.as_verification_key()]));
        for (ahead, holds) in [(0, true), (-300, true), (30, true), (400, false), (86_400, false)] {
            let token = CoreIdToken::new(claims(ahead), &key, CoreJwsSigningAlgorithm::EdDsa, None, None);
            let token = token.expect("a token");
            let found = token.claims(&verifier(&client), &Nonce::new("asked".to_owned()));
            assert_eq!(found.is_ok(), holds, "{ahead} s: {found:?}");
        }
    }

    /// The provider names it among what it signs with.
    #[test]
    fn the_secret_of_the_client_signs_for_nobody() {
        let client = client(CoreJsonWebKeySet::default());
        let key = CoreHmacKey::new("the secret");
        let token = CoreIdToken::new(claims(0), &key, CoreJwsSigningAlgorithm::HmacSha256, None, None);
        let token = token.expect("a token");
        let nonce = Nonce::new("asked".to_owned());
        assert!(token.claims(&client.id_token_verifier(), &nonce).is_ok(), "the library takes it");
        assert!(token.claims(&verifier(&client), &nonce).is_err());
    }
}
