//! Another server that connects shows that it has the key which it names: it signs a token of ours.

use super::HttpError;
use super::session::SignedIn;
use crate::app::App;
use crate::authority::proven;
use crate::identity::Visitor;
use axum::extract::State;
use axum::http::HeaderMap;
use tongban_shared::access::AccountRole;
use tongban_shared::trust::PublicKey;

/// The head in which the token comes back, with the signature behind a dot.
pub const PROOF: &str = "tongban-proof";

/// Gives another server the token that it is to sign.
pub async fn begin(State(app): State<App>, who: SignedIn) -> Result<String, HttpError> {
    if who.account.role != AccountRole::Server {
        return Err(HttpError::Forbidden);
    }
    Ok(app.identity.begin_link(who.account.id))
}

/// The key of another server that connects. A version before this one names its key and proves nothing: that
/// is taken where the key is known already, and makes it known and trusted nowhere.
///
/// # Errors
/// [`HttpError::Forbidden`] when it names none, or another one than before.
pub async fn authority_of(
    app: &App,
    visitor: &Visitor,
    (claimed, headers): (Option<String>, &HeaderMap),
) -> Result<Option<PublicKey>, HttpError> {
    let key: PublicKey = claimed.and_then(|key| key.parse().ok()).ok_or(HttpError::Forbidden)?;
    let account = visitor.account.id;
    let proof = headers.get(PROOF).and_then(|proof| proof.to_str().ok()?.split_once('.'));
    let is_proven = proof.is_some_and(|(token, signature)| {
        app.identity.begun_link(account, token) && proven(key, (token, app.authority.public()), signature)
    });
    if !is_proven {
        let known = app.peers.of_account(account).await?.ok_or(HttpError::Forbidden)?;
        return match known.key {
            Some(known) if known != key => Err(HttpError::Forbidden),
            known => Ok(known),
        };
    }
    let peer = app.peers.keep_key(account, key).await?.ok_or(HttpError::Forbidden)?;
    app.rooms.space().await?;
    app.authority.endorse(key, &peer.name).await?;
    Ok(peer.key)
}
