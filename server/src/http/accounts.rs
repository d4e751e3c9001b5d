//! Accounts of units: the list, invitations, accepting one.

use super::HttpError;
use super::session::{SignedIn, same_origin, signed_in};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
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
    if allowed(&space, who.account.who(), Action::Invite) { Ok(()) } else { Err(HttpError::Forbidden) }
}

pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Json<Vec<AccountLine>>, HttpError> {
    check_invite(&app, &who).await?;
    let accounts = app.identity.accounts().await?.into_iter();
    let line = |one: crate::identity::Account| AccountLine {
        id: one.id.to_string(),
        login: one.login,
        name: one.name,
        unit: one.unit.to_string(),
        role: one.role.word(),
    };
    Ok(Json(accounts.map(line).collect()))
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
    Json(body): Json<Invite>,
) -> Result<Json<Invited>, HttpError> {
    check_invite(&app, &who).await?;
    if !app.rooms.space().await?.units.contains_key(&body.unit) {
        return Err(HttpError::Invalid("没有这个单位".to_owned()));
    }
    let secret = app.identity.invite(body.unit, body.role, body.resets).await?;
    tracing::info!(person.id = %who.account.id, unit.id = %body.unit, role = body.role.word(), "A person was invited");
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
    headers: HeaderMap,
    Json(body): Json<Accept>,
) -> Result<Response, HttpError> {
    same_origin(&headers, &app)?;
    let account = app.identity.accept(&secret, &body.login, &body.name, &body.password).await?;
    app.enroll(&account).await?;
    let about = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let session = app.identity.open_session(account.id, about).await?;
    Ok(signed_in(&app, &account, session))
}
