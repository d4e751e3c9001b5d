//! Signing in and out, and the socket.

use super::asker::{Asker, MARKS};
use super::said::Said;
use super::tallied::Asks;
use super::{HttpError, origin};
use crate::app::App;
use crate::audit::{Act, Note, Origin};
use crate::identity::{Account, IdentityError, Maker, Visitor};
use crate::limits;
use crate::shares::{Held, Payer};
use crate::slow::Moved;
use crate::socket::{self, Upgrade};
use axum::extract::{ConnectInfo, FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tongban_shared::access::AccountRole;
use tongban_shared::id::DeviceId;
use tongban_shared::lock::Lock;

/// Somebody who is signed in; its presence in a handler's signature is the check.
pub struct SignedIn {
    pub account: Account,
    pub secret: String,
    /// The certified device.
    pub device: Option<DeviceId>,
}

impl SignedIn {
    /// The person as the maker of an act.
    pub fn maker(&self) -> Maker<'_> {
        Maker::Person(self.account.id, &self.secret)
    }
}

/// The visitor who is signed in with a request's cookie or header.
pub async fn visitor(headers: &HeaderMap, app: &App) -> Result<Option<Visitor>, HttpError> {
    match secret_of(headers, app) {
        Some(secret) => Ok(app.identity.session(&secret).await?),
        None => Ok(None),
    }
}

/// The same without a use of the session: nobody has been asked yet whether the request is theirs.
pub async fn visitor_unused(headers: &HeaderMap, app: &App) -> Result<Option<Visitor>, HttpError> {
    match secret_of(headers, app) {
        Some(secret) => Ok(app.identity.session_unused(&secret).await?),
        None => Ok(None),
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, HttpError> {
        let asks = parts.extensions.get::<Asks>().cloned().unwrap_or_default();
        if parts.method != axum::http::Method::GET {
            same_origin(&parts.headers, app, &asks).await?;
        }
        let secret = secret_of(&parts.headers, app).ok_or(HttpError::SignedOut)?;
        let Visitor { account, device } = app.identity.session(&secret).await?.ok_or(HttpError::SignedOut)?;
        asks.are_of(account.id);
        Ok(Self { account, secret, device })
    }
}

/// Refuses a page of another site; the trail names the person in whose name it asked.
async fn same_origin(headers: &HeaderMap, app: &App, asks: &Asks) -> Result<(), HttpError> {
    let same = origin::same(headers, app);
    if same.is_err()
        && let Some(visitor) = visitor_unused(headers, app).await?
    {
        asks.are_of(visitor.account.id);
    }
    same
}

/// `__Host-` binds a cookie to this very host; browsers take it over TLS only.
const fn cookie_name(app_secure: bool) -> &'static str {
    if app_secure { "__Host-tongban" } else { "tongban" }
}

/// The secret of the session with which a request comes.
pub fn secret_of(headers: &HeaderMap, app: &App) -> Option<String> {
    let bearer =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match bearer {
        Some(secret) => Some(secret.to_owned()),
        None => cookie_secret(headers, app),
    }
}

fn cookie_secret(headers: &HeaderMap, app: &App) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(cookie_name(app.options.secure)).map(|cookie| cookie.value().to_owned())
}

#[derive(Deserialize)]
pub struct SignIn {
    login: String,
    password: String,
    /// The code of an authenticator app, if the person has one.
    code: Option<String>,
}

/// The signed-in person, with their unit, role and space.
#[derive(Serialize)]
pub struct Current {
    person: String,
    login: String,
    name: String,
    unit: String,
    role: &'static str,
    space: String,
    epoch: String,
    /// The key that the server's statements are checked with; the device keeps it from its first
    /// sign-in on.
    authority: String,
    /// How the device is to be locked, where the administrator asks for it.
    lock: Option<Lock>,
}

impl Current {
    async fn of(app: &App, account: &Account) -> Result<Self, HttpError> {
        Ok(Self {
            lock: super::lock::of(app).await?,
            person: account.id.to_string(),
            login: account.login.clone(),
            name: account.name.clone(),
            unit: account.unit.to_string(),
            role: account.role.word(),
            space: app.rooms.space_id().to_string(),
            epoch: app.epoch.clone(),
            authority: app.authority.public().to_string(),
        })
    }
}

pub async fn current(
    State(app): State<App>,
    headers: HeaderMap,
    signed_in: SignedIn,
) -> Result<Response, HttpError> {
    let current = Json(Current::of(&app, &signed_in.account).await?);
    Ok(renewed(&app, &headers, signed_in.secret, current))
}

/// A response that lets the browser's cookie live as long as the session, which each use prolongs.
fn renewed(app: &App, headers: &HeaderMap, secret: String, response: impl IntoResponse) -> Response {
    if cookie_secret(headers, app).as_ref() == Some(&secret) {
        with_cookie(app, secret, response)
    } else {
        response.into_response()
    }
}

pub async fn sign_in(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<std::net::SocketAddr>,
    headers: HeaderMap,
    Said(body): Said<SignIn>,
) -> Result<Response, HttpError> {
    origin::same(&headers, &app)?;
    let asker = Asker::of(&app, from, &headers);
    let words = (body.password.as_str(), body.code.as_deref());
    let there = (asker.from.as_str(), asker.marks.as_str());
    let came = app.identity.sign_in(&body.login, words, there, &asker.with).await;
    came_in(&app, &asker, "password", &body.login, came).await
}

/// The outcome of an attempt to sign in: told to the trail, and to the browser.
pub async fn came_in(
    app: &App,
    asker: &Asker,
    way: &str,
    login: &str,
    came: Result<(Account, String), IdentityError>,
) -> Result<Response, HttpError> {
    let (account, secret) = on_trail(app, asker, way, login, came).await?;
    signed_in(app, asker, &account, secret).await
}

/// Puts what came of an attempt to sign in on the trail.
pub async fn on_trail(
    app: &App,
    asker: &Asker,
    way: &str,
    login: &str,
    came: Result<(Account, String), IdentityError>,
) -> Result<(Account, String), HttpError> {
    let (account, secret) = match came {
        Ok(signed_in) => signed_in,
        Err(why) => {
            use IdentityError::{CodeNeeded, NoPasskey, NotBound, NotRecognised, WrongCode, WrongPassword};
            // Also that a code was missing: somebody knew the password.
            if matches!(why, WrongPassword | CodeNeeded | WrongCode | NoPasskey | NotBound | NotRecognised) {
                let login: String = login.chars().take(40).collect();
                let about = json!({ "login": login, "from": asker.from, "way": way });
                let note = Note::new(Act::SignInRefused, &why.to_string(), about);
                app.audit.note(Origin::Network(asker.from.clone()), note);
                // It is on the disk before anybody is answered.
                let _ = app.audit.write_noted().await;
            }
            return Err(why.into());
        }
    };
    app.identity.joined(&asker.from);
    app.audit.own(Act::SignIn, account.id, json!({ "from": asker.from, "way": way })).await?;
    // An enrolment that a crash prevented is made up for.
    let space = app.rooms.space().await?;
    if !space.persons.contains_key(&account.id) {
        app.enroll(&account).await?;
    }
    tracing::info!(person.id = %account.id, "A person signed in");
    Ok((account, secret))
}

/// A response that signs the browser in.
pub fn with_cookie(app: &App, secret: String, response: impl IntoResponse) -> Response {
    let cookie = Cookie::build((cookie_name(app.options.secure), secret))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.options.secure)
        .max_age(time::Duration::seconds(app.identity.idle()));
    (CookieJar::new().add(cookie), response).into_response()
}

/// A response to somebody who has just signed in, with who they are.
pub async fn signed_in(
    app: &App,
    asker: &Asker,
    account: &Account,
    secret: String,
) -> Result<Response, HttpError> {
    let current = Json(Current::of(app, account).await?);
    marked(app, asker, account, with_cookie(app, secret, current)).await
}

/// A response by which the browser is known from now on as one in which a person has signed in: what others
/// guess does not keep the person out of it. It opens nothing.
pub async fn marked(
    app: &App,
    asker: &Asker,
    account: &Account,
    response: impl IntoResponse,
) -> Result<Response, HttpError> {
    // Asked for at sign-in, and sent nowhere else.
    let cookie = Cookie::build((MARKS, app.identity.mark(account, &asker.marks).await?))
        .path("/api")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.options.secure)
        .max_age(time::Duration::days(400));
    Ok((CookieJar::new().add(cookie), response).into_response())
}

pub async fn sign_out(State(app): State<App>, signed_in: SignedIn) -> Result<Response, HttpError> {
    app.identity.sign_out(&signed_in.secret).await?;
    app.audit.own(Act::SignOut, signed_in.account.id, json!({})).await?;
    let gone =
        Cookie::build((cookie_name(app.options.secure), "")).path("/").secure(app.options.secure).removal();
    // Also what a version before has let the browser keep.
    let forget = [("clear-site-data", "\"cache\"")];
    Ok((CookieJar::new().add(gone), forget, StatusCode::NO_CONTENT).into_response())
}

#[derive(Serialize)]
pub struct SessionLine {
    id: String,
    created: i64,
    last_seen: i64,
    about: String,
}

pub async fn list(State(app): State<App>, signed_in: SignedIn) -> Result<Json<Vec<SessionLine>>, HttpError> {
    let sessions = app.identity.sessions(signed_in.account.id).await?.into_iter();
    let line = |one: crate::identity::SessionInfo| SessionLine {
        id: one.id,
        created: one.created,
        last_seen: one.last_seen,
        about: one.about,
    };
    Ok(Json(sessions.map(line).collect()))
}

pub async fn end(
    State(app): State<App>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    let (person, secret) = (signed_in.account.id, signed_in.secret);
    if app.identity.end_session(person, &secret, &id).await? {
        app.audit.own(Act::OwnSessionEnded, person, json!({})).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct SocketQuery {
    /// The secret of a session, for programs that can set neither cookie nor header.
    token: Option<String>,
    /// The key of another server that connects.
    authority: Option<String>,
}

pub async fn socket(
    State(app): State<App>,
    Query(query): Query<SocketQuery>,
    (Extension(asks), moved): (Extension<Asks>, Option<Extension<Moved>>),
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, HttpError> {
    same_origin(&headers, &app, &asks).await?;
    let secret = query.token.or_else(|| secret_of(&headers, &app)).ok_or(HttpError::SignedOut)?;
    let visitor = app.identity.session(&secret).await?.ok_or(HttpError::SignedOut)?;
    asks.are_of(visitor.account.id);
    let mut authority = None;
    if visitor.account.role == AccountRole::Server {
        authority = super::link::authority_of(&app, &visitor, (query.authority, &headers)).await?;
    }
    let payer = Payer::of(&visitor.account);
    let share =
        app.shares.hold_of(&payer, Held::Sockets, 1, app.options.sockets.unwrap_or(limits::SOCKETS))?;
    let held = app.shares.nothing(&payer, Held::Parts);
    // A page that stays open for weeks asks for nothing else.
    let (ours, kept) = (app.clone(), secret.clone());
    let moved = moved.map(|Extension(moved)| moved);
    let upgraded = upgrade.serve(held, move |socket, intake| {
        socket::serve(app, (visitor, authority), secret, (socket, intake), (share, moved))
    });
    Ok(renewed(&ours, &headers, kept, upgraded))
}
