//! Accounts of units: the list, invitations, accepting one.

use super::asker::Asker;
use super::said::Said;
use super::session::{SignedIn, signed_in};
use super::{HttpError, held, origin};
use crate::app::App;
use axum::Json;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use tongban_shared::access::{AccountRole, Action, allowed};
use tongban_shared::id::{PersonId, UnitId};

#[derive(Serialize)]
pub struct AccountLine {
    id: String,
    login: String,
    name: String,
    unit: String,
    role: &'static str,
}

async fn check_invite(app: &App, who: &SignedIn) -> Result<(), HttpError> {
    let space = app.rooms.space().await?;
    if allowed(&space, who.account.who(), Action::Administer) { Ok(()) } else { Err(HttpError::Forbidden) }
}

pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Response, HttpError> {
    check_invite(&app, &who).await?;
    let accounts = app.identity.accounts().await?.into_iter();
    let line = |one: crate::identity::Account| AccountLine {
        id: one.id.to_string(),
        login: one.login,
        name: one.name,
        unit: one.unit.to_string(),
        role: one.role.word(),
    };
    held::json(&app, &who.account, &accounts.map(line).collect::<Vec<_>>())
}

#[derive(Deserialize)]
pub struct Invite {
    unit: UnitId,
    role: AccountRole,
    /// An account whose password is to be set anew.
    resets: Option<PersonId>,
}

#[derive(Serialize)]
pub struct Invited {
    /// Path of the link, to be put behind the address of the server.
    link: String,
}

pub async fn invite(
    State(app): State<App>,
    who: SignedIn,
    Said(body): Said<Invite>,
) -> Result<Json<Invited>, HttpError> {
    check_invite(&app, &who).await?;
    if !app.rooms.space().await?.units.contains_key(&body.unit) {
        return Err(HttpError::Invalid("没有这个单位".to_owned()));
    }
    check_people(&app, &who, body.role, body.resets).await?;
    let by = (Some(&app.audit), who.maker());
    let secret = app.identity.invite(body.unit, body.role, body.resets, by).await?;
    Ok(Json(Invited { link: format!("/join/{secret}") }))
}

#[derive(Serialize)]
pub struct Invitation {
    unit: String,
    role: &'static str,
    resets: bool,
}

pub async fn invitation(
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Json<Invitation>, HttpError> {
    let (unit, role, resets) = app.identity.invitation(&secret).await?;
    let space = app.rooms.space().await?;
    Ok(Json(Invitation { unit: space.unit_name(unit), role: role.word(), resets: resets.is_some() }))
}

#[derive(Deserialize)]
pub struct Accept {
    #[serde(default)]
    login: String,
    #[serde(default)]
    name: String,
    password: String,
}

pub async fn accept(
    State(app): State<App>,
    Path(secret): Path<String>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Said(body): Said<Accept>,
) -> Result<Response, HttpError> {
    origin::same(&headers, &app)?;
    let asker = Asker::of(&app, from, &headers);
    let named = (&body.login[..], &body.name[..]);
    let browser = (&asker.from[..], &asker.with[..]);
    let (account, session) =
        app.identity.accept(&secret, named, &body.password, browser, Some(&app.audit)).await?;
    app.enroll(&account).await?;
    // If it fails, it is tried again, at the latest when the person has a device certified.
    if let Err(error) = app.finish(account.id).await {
        tracing::warn!(%error, person.id = %account.id, "The devices of a person have not lapsed yet");
    }
    signed_in(&app, &asker, &account, session).await
}

#[derive(Deserialize)]
pub struct Change {
    unit: UnitId,
    role: AccountRole,
}

/// Gives a person another unit or role; what they wrote before keeps its force.
pub async fn change(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<PersonId>,
    Said(body): Said<Change>,
) -> Result<StatusCode, HttpError> {
    check_invite(&app, &who).await?;
    app.identity.account(id).await?.ok_or(HttpError::NotFound)?;
    if !app.rooms.space().await?.units.contains_key(&body.unit) {
        return Err(HttpError::Invalid("没有这个单位".to_owned()));
    }
    check_people(&app, &who, body.role, Some(id)).await?;
    app.identity.change(id, (body.unit, body.role), (&app.audit, who.maker())).await?;
    app.finish(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A person leaves: no sign-in, and their devices are ended. One who asks again finishes what has failed.
pub async fn end(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, HttpError> {
    check_invite(&app, &who).await?;
    match app.identity.account(id).await? {
        Some(account) => {
            check_roles(&app, &who, account.role, Some(id)).await?;
            app.identity.end_account(id, (&app.audit, who.maker())).await?;
        }
        None => _ = app.identity.unfinished_of(id).await?.ok_or(HttpError::NotFound)?,
    }
    app.finish(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of a person, with their connections: the person may sign in again.
pub async fn end_sessions(
    State(app): State<App>,
    who: SignedIn,
    Path(id): Path<PersonId>,
) -> Result<StatusCode, HttpError> {
    check_invite(&app, &who).await?;
    let account = app.identity.account(id).await?.ok_or(HttpError::NotFound)?;
    check_people(&app, &who, account.role, Some(id)).await?;
    let is_there = app.identity.end_sessions_of(id, (&app.audit, who.maker())).await?;
    if is_there { Ok(StatusCode::NO_CONTENT) } else { Err(HttpError::NotFound) }
}

/// The same as [`check_roles`], and that it is about people: another server has no password, it speaks for its
/// own people, and without its session it would never come again.
async fn check_people(
    app: &App,
    who: &SignedIn,
    role: AccountRole,
    account: Option<PersonId>,
) -> Result<(), HttpError> {
    if check_roles(app, who, role, account).await?.contains(&AccountRole::Server) {
        return Err(HttpError::Invalid("其他服务器的账号在服务器上用 tongban peer 管理".to_owned()));
    }
    Ok(())
}

/// Whether who asks may give a role, also to somebody who has another one. Gives both.
async fn check_roles(
    app: &App,
    who: &SignedIn,
    role: AccountRole,
    account: Option<PersonId>,
) -> Result<Vec<AccountRole>, HttpError> {
    let touched = match account {
        Some(id) => app.identity.account(id).await?.map(|account| account.role),
        None => None,
    };
    let space = app.rooms.space().await?;
    let may = |role| allowed(&space, who.account.who(), Action::AdministerRole(role));
    let roles: Vec<AccountRole> = [Some(role), touched].into_iter().flatten().collect();
    if roles.iter().copied().all(may) { Ok(roles) } else { Err(HttpError::Forbidden) }
}
