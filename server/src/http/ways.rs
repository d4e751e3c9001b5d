//! Ways to sign in beside the password: passkeys, and codes of an authenticator app.

use super::asker::Asker;
use super::said::Said;
use super::session::{SignedIn, came_in, marked};
use super::{HttpError, origin, qr};
use crate::app::App;
use crate::audit::Act;
use crate::identity::{Asked, IdentityError, PasskeyInfo, Site};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::SocketAddr;

/// The address at which people reach the server: as it was told, otherwise as this request says.
fn site(app: &App, headers: &HeaderMap) -> Result<Site, HttpError> {
    let word = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let (host, own) = match &app.options.address {
        Some(address) => (address.parse::<Uri>().ok(), address.trim_end_matches('/').to_owned()),
        // That the page is of this host was looked at before.
        None => (
            word(header::HOST).and_then(|host| format!("http://{host}").parse::<Uri>().ok()),
            word(header::ORIGIN).unwrap_or_default().to_owned(),
        ),
    };
    let host = host.as_ref().and_then(Uri::host).ok_or(IdentityError::NeedsDomain)?;
    Ok(Site::new(host, std::iter::once(own).chain(app.options.origins.iter().cloned()).collect())?)
}

/// The ways a person has set.
#[derive(Serialize)]
pub struct Ways {
    code: bool,
    passkeys: Vec<PasskeyLine>,
    /// Unified sign-in, where there is one: as people call it, and whether the account is bound to it.
    provider: Option<(String, bool)>,
}

#[derive(Serialize)]
pub struct PasskeyLine {
    id: String,
    name: String,
    created: i64,
    used: i64,
}

impl From<PasskeyInfo> for PasskeyLine {
    fn from(info: PasskeyInfo) -> Self {
        Self { id: info.id, name: info.name, created: info.created, used: info.used }
    }
}

pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Json<Ways>, HttpError> {
    let passkeys = app.identity.passkeys(who.account.id).await?.into_iter().map(PasskeyLine::from).collect();
    let provider = match &app.provider {
        Some(one) => {
            let bound = app.identity.is_bound(one.issuer(), who.account.id).await?;
            Some((one.name().to_owned(), bound))
        }
        None => None,
    };
    Ok(Json(Ways { code: app.identity.has_code(who.account.id).await?, passkeys, provider }))
}

/// The password again: whoever finds a browser open does not become its owner for good.
#[derive(Deserialize)]
pub struct Again {
    pub(super) password: String,
}

#[derive(Serialize)]
pub struct Begun {
    secret: String,
    uri: String,
    #[serde(flatten)]
    drawn: qr::Picture,
}

pub async fn begin_code(
    State(app): State<App>,
    who: SignedIn,
    Said(body): Said<Again>,
) -> Result<Json<Begun>, HttpError> {
    app.identity.confirm(&who.account, (&who.secret, &body.password)).await?;
    let code = app.identity.begin_code(&who.account, &who.secret).await?;
    let drawn =
        qr::draw(&code.uri).ok_or_else(|| HttpError::Invalid("用户名太长，画不出二维码".to_owned()))?;
    Ok(Json(Begun { secret: code.secret, uri: code.uri, drawn }))
}

#[derive(Deserialize)]
pub struct Code {
    code: String,
}

pub async fn confirm_code(
    State(app): State<App>,
    who: SignedIn,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Said(body): Said<Code>,
) -> Result<Response, HttpError> {
    app.identity.confirm_code(&who.account, &who.secret, &body.code).await?;
    app.audit.own(Act::CodeSet, who.account.id, json!({})).await?;
    let asker = Asker::of(&app, from, &headers);
    marked(&app, &asker, &who.account, StatusCode::NO_CONTENT).await
}

pub async fn end_code(
    State(app): State<App>,
    who: SignedIn,
    Said(body): Said<Again>,
) -> Result<StatusCode, HttpError> {
    app.identity.confirm(&who.account, (&who.secret, &body.password)).await?;
    if app.identity.end_code(who.account.id, &who.secret).await? {
        app.audit.own(Act::CodeEnded, who.account.id, json!({})).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The names of cookies with the tokens of the last questions begin so: a question in another tab seldom takes
/// the place of one.
const ASKED: &str = "tongban-asked-";

/// So many questions does a browser keep.
const QUESTIONS: u8 = 8;

/// A question to the browser, as a library has written it.
fn asks(app: &App, asked: Asked) -> Response {
    let name = format!("{ASKED}{}", crate::clock::random::<1>()[0] % QUESTIONS);
    let cookie = Cookie::build((name, asked.token))
        .path("/api")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.options.secure)
        .max_age(time::Duration::minutes(10));
    let head = [(header::CONTENT_TYPE, "application/json")];
    (CookieJar::new().add(cookie), head, asked.options).into_response()
}

/// The tokens of the questions that a browser was asked.
fn asked(headers: &HeaderMap) -> Vec<String> {
    let jar = CookieJar::from_headers(headers);
    let tokens = jar.iter().filter(|cookie| cookie.name().starts_with(ASKED));
    tokens.map(|cookie| cookie.value().to_owned()).collect()
}

/// A new password of one's own.
#[derive(Deserialize)]
pub struct NewPassword {
    password: String,
    new: String,
}

/// Changes the password of the person who asks; their other sessions end.
pub async fn change_password(
    State(app): State<App>,
    who: SignedIn,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Said(body): Said<NewPassword>,
) -> Result<Response, HttpError> {
    let asker = Asker::of(&app, from, &headers);
    app.identity.change_password(&who.account, (&who.secret, &body.password), &body.new).await?;
    app.audit.own(Act::PasswordChanged, who.account.id, json!({ "from": asker.from })).await?;
    marked(&app, &asker, &who.account, StatusCode::NO_CONTENT).await
}

pub async fn begin_passkey(
    State(app): State<App>,
    who: SignedIn,
    headers: HeaderMap,
    Said(body): Said<Again>,
) -> Result<Response, HttpError> {
    let site = site(&app, &headers)?;
    app.identity.confirm(&who.account, (&who.secret, &body.password)).await?;
    Ok(asks(&app, app.identity.begin_passkey(&site, &who.account).await?))
}

#[derive(Deserialize)]
pub struct Made {
    /// As its owner calls it.
    name: String,
    /// `RegistrationResponseJSON`, as text.
    credential: String,
}

pub async fn keep_passkey(
    State(app): State<App>,
    who: SignedIn,
    headers: HeaderMap,
    Said(body): Said<Made>,
) -> Result<StatusCode, HttpError> {
    let site = site(&app, &headers)?;
    let made = (body.credential.as_bytes(), &asked(&headers)[..]);
    let name = app.identity.keep_passkey(&site, (&who.account, &who.secret), &body.name, made).await?;
    app.audit.own(Act::PasskeyMade, who.account.id, json!({ "name": name })).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn end_passkey(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<String>,
    Said(body): Said<Again>,
) -> Result<StatusCode, HttpError> {
    app.identity.confirm(&who.account, (&who.secret, &body.password)).await?;
    if !app.identity.end_passkey((who.account.id, &who.secret), &id).await? {
        return Err(HttpError::NotFound);
    }
    app.audit.own(Act::PasskeyEnded, who.account.id, json!({})).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn ask_passkey(State(app): State<App>, headers: HeaderMap) -> Result<Response, HttpError> {
    origin::same(&headers, &app)?;
    Ok(asks(&app, app.identity.ask_passkey(&site(&app, &headers)?)?))
}

/// Signs in with what a passkey answered: `AuthenticationResponseJSON`.
pub async fn sign_in(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, HttpError> {
    origin::same(&headers, &app)?;
    let asker = Asker::of(&app, from, &headers);
    let site = site(&app, &headers)?;
    let answer = (&body[..], &asked(&headers)[..]);
    let there = ((asker.from.as_str(), asker.marks.as_str()), asker.with.as_str());
    let came = app.identity.sign_in_with_passkey(&site, answer, there).await;
    came_in(&app, &asker, "passkey", "", came).await
}
