//! Unified sign-in: to the provider, and back.

use super::HttpError;
use super::asker::Asker;
use super::said::Said;
use super::session::{SignedIn, marked, on_trail, secret_of, visitor, with_cookie};
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

/// Whether a person goes there, from a page of this server or by hand: no picture, script, frame or link of
/// another page does. Browsers say so over TLS, and on the machine itself.
fn is_of_a_person(headers: &HeaderMap) -> bool {
    let said = |name: &str, meant: &[&str]| {
        headers.get_all(name).iter().all(|said| meant.iter().any(|meant| said == meant))
    };
    said("sec-fetch-mode", &["navigate"])
        && said("sec-fetch-dest", &["document"])
        && said("sec-fetch-site", &["same-origin", "none"])
}

/// Sends a browser to the provider.
pub async fn begin(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let provider = provider(&app)?;
    if !is_of_a_person(&headers) {
        return Err(HttpError::ForeignOrigin);
    }
    let asker = Asker::of(&app, from, &headers);
    let there = (asker.from.as_str(), asker.marks.as_str());
    match app.identity.send_to_provider(provider, None, there).await {
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
    Said(body): Said<Again>,
) -> Result<Response, HttpError> {
    let provider = provider(&app)?;
    app.identity.confirm(&who.account, (&who.secret, &body.password)).await?;
    let asker = Asker::of(&app, from, &headers);
    let there = (asker.from.as_str(), asker.marks.as_str());
    let sent = app.identity.send_to_provider(provider, Some(who.account.id), there).await?;
    Ok((kept(&app, sent.token), Json(json!({ "address": sent.address }))).into_response())
}

pub async fn end_binding(
    State(app): State<App>,
    who: SignedIn,
    Said(body): Said<Again>,
) -> Result<StatusCode, HttpError> {
    let provider = provider(&app)?;
    app.identity.confirm(&who.account, (&who.secret, &body.password)).await?;
    if app.identity.unbind(provider.issuer(), (who.account.id, &who.secret)).await? {
        app.audit.own(Act::ProviderUnbound, who.account.id, json!({})).await?;
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
            let here = here.zip(secret_of(&headers, &app));
            let asked = (answer.state.as_str(), code.as_str(), token);
            let there = (asker.from.as_str(), asker.marks.as_str());
            app.identity.back_from_provider(provider, asked, here, (there, &asker.with)).await
        }
        None => Err(IdentityError::NotSent),
    };
    let here = visitor(&headers, &app).await?.is_some();
    let page = if here { "/device" } else { "/" };
    let response = match came {
        Ok(Back::SignedIn(account, secret)) => {
            let (account, secret) = on_trail(&app, &asker, "provider", "", Ok((account, secret))).await?;
            marked(&app, &asker, &account, with_cookie(&app, secret, Redirect::to("/"))).await?
        }
        Ok(Back::Bound(person)) => {
            app.audit.own(Act::ProviderBound, person, json!({ "issuer": provider.issuer() })).await?;
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

#[cfg(test)]
mod tests {
    use super::is_of_a_person;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn no_page_of_another_site_and_no_frame_sends_anybody_to_the_provider() {
        let goes = |site: &'static str, mode: &'static str, dest: &'static str| {
            let said = [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
            let line = |(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
            is_of_a_person(&said.into_iter().map(line).collect::<HeaderMap>())
        };
        assert!(goes("same-origin", "navigate", "document"));
        assert!(goes("none", "navigate", "document"));
        assert!(is_of_a_person(&HeaderMap::new()), "a browser that says nothing");
        for (site, mode, dest) in [
            ("cross-site", "navigate", "document"),
            ("same-site", "navigate", "document"),
            ("same-origin", "navigate", "iframe"),
            ("cross-site", "navigate", "iframe"),
            ("same-origin", "no-cors", "image"),
            ("cross-site", "no-cors", "script"),
        ] {
            assert!(!goes(site, mode, dest), "{site} {mode} {dest}");
        }
    }
}
