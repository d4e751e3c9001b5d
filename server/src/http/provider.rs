//! Unified sign-in: to the provider, and back.

use super::HttpError;
use super::asker::Asker;
use super::session::{SignedIn, marked, on_trail, visitor, with_cookie};
use super::ways::Again;
use crate::app::App;
use crate::audit::Act;
use crate::identity::{Back, IdentityError, Provider};
use axum::Json;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::SocketAddr;

/// The browser that was sent is the one that comes back. `__Host-` keeps sites beside ours from setting
/// it for somebody.
const fn state_name(secure: bool) -> &'static str {
    if secure { "__Host-tongban-state" } else { "tongban-state" }
}

fn provider(app: &App) -> Result<&Provider, HttpError> {
    app.provider.as_deref().ok_or(HttpError::NotFound)
}

/// The words on the button.
#[derive(Serialize)]
pub struct About {
    name: String,
}

/// Whether there is one.
pub async fn about(State(app): State<App>) -> Json<Option<About>> {
    Json(app.provider.as_ref().map(|provider| About { name: provider.name().to_owned() }))
}

fn kept(app: &App, token: String) -> CookieJar {
    let cookie = Cookie::build((state_name(app.options.secure), token)).path("/").http_only(true);
    // It comes back from another site.
    CookieJar::new().add(cookie.same_site(SameSite::Lax).secure(app.options.secure))
}

/// Sends a browser to the provider.
pub async fn begin(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let provider = provider(&app)?;
    // A person goes there; no picture or script of another page does.
    let mode = headers.get("sec-fetch-mode").and_then(|mode| mode.to_str().ok());
    if mode.is_some_and(|mode| mode != "navigate") {
        return Err(HttpError::ForeignOrigin);
    }
    let asker = Asker::of(&app, from, &headers);
    match app.identity.send_to_provider(provider, None, &asker.from).await {
        Ok(sent) => Ok((kept(&app, sent.token), Redirect::to(&sent.address)).into_response()),
        Err(why) => Ok(refused("/", &why)),
    }
}

/// The address at which the person binds their account.
pub async fn begin_binding(
    State(app): State<App>,
    who: SignedIn,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Json(body): Json<Again>,
) -> Result<Response, HttpError> {
    let provider = provider(&app)?;
    app.identity.confirm(&who.account, (&who.secret, &body.password)).await?;
    let asker = Asker::of(&app, from, &headers);
    let sent = app.identity.send_to_provider(provider, Some(who.account.id), &asker.from).await?;
    Ok((kept(&app, sent.token), Json(json!({ "address": sent.address }))).into_response())
}

pub async fn end_binding(
    State(app): State<App>,
    who: SignedIn,
    Json(body): Json<Again>,
) -> Result<StatusCode, HttpError> {
    let provider = provider(&app)?;
    app.identity.confirm(&who.account, (&who.secret, &body.password)).await?;
    if app.identity.unbind(provider.issuer(), who.account.id).await? {
        app.audit.write(Act::ProviderUnbound, Some(who.account.id), json!({})).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Answer {
    state: String,
    /// None when the person said no, or the provider did.
    code: Option<String>,
}

/// Why it did not work, as the page that the person comes back to is told: a word, never words of
/// another site.
fn refused(page: &str, why: &IdentityError) -> Response {
    let word = match why {
        IdentityError::NotBound => "not-bound",
        IdentityError::BoundElsewhere => "bound-elsewhere",
        IdentityError::NoProvider => "no-provider",
        IdentityError::TooManyAttempts(_) => "too-many",
        _ => "not-recognised",
    };
    Redirect::to(&format!("{page}?refused={word}")).into_response()
}

/// Takes a browser that comes back.
pub async fn back(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, HttpError> {
    let provider = provider(&app)?;
    let jar = CookieJar::from_headers(&headers);
    let name = state_name(app.options.secure);
    let gone = Cookie::build((name, "")).path("/").secure(app.options.secure).removal();
    let asker = Asker::of(&app, from, &headers);
    let token = jar.get(name).map(|cookie| cookie.value().to_owned());
    let came = match answer.code.zip(token) {
        Some((code, token)) => {
            let here = visitor(&headers, &app).await?.map(|visitor| visitor.account.id);
            let asked = (answer.state.as_str(), code.as_str(), token);
            let asker = (asker.from.as_str(), asker.with.as_str());
            app.identity.back_from_provider(provider, asked, here, asker).await
        }
        None => Err(IdentityError::NotSent),
    };
    let here = visitor(&headers, &app).await?.is_some();
    let page = if here { "/device" } else { "/" };
    let response = match came {
        Ok(Back::SignedIn(account, secret)) => {
            let (account, secret) = on_trail(&app, &asker, "provider", "", Ok((account, secret))).await?;
            marked(&app, &asker, &account, with_cookie(&app, secret, Redirect::to("/")))
        }
        Ok(Back::Bound(person)) => {
            app.audit.write(Act::ProviderBound, Some(person), json!({ "issuer": provider.issuer() })).await?;
            Redirect::to("/device").into_response()
        }
        // The trail is told of those who came back from the provider, not of whoever asks for this page.
        Err(why @ (IdentityError::BoundElsewhere | IdentityError::NotSent)) => refused(page, &why),
        Err(why) => {
            let page = refused(page, &why);
            let _ = on_trail(&app, &asker, "provider", "", Err(why)).await;
            page
        }
    };
    Ok((CookieJar::new().add(gone), response).into_response())
}
