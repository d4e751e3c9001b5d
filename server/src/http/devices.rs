//! Certified devices, and the audit trail for administrators.

use super::HttpError;
use super::session::SignedIn;
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tongban_shared::access::{AccountRole, Action, allowed};
use tongban_shared::id::DeviceId;
use tongban_shared::trust::{Certificate, PublicKey};

#[derive(Deserialize)]
pub struct Certify {
    device: DeviceId,
    /// 64 digits of base 16.
    key: String,
}

#[derive(Serialize)]
pub struct Certified {
    serial: u32,
}

/// Certifies the device that asks, for the person who is signed in on it.
pub async fn certify(
    State(app): State<App>,
    who: SignedIn,
    Json(body): Json<Certify>,
) -> Result<Json<Certified>, HttpError> {
    let key: PublicKey =
        body.key.parse().map_err(|_| HttpError::Invalid("密钥不是 64 位十六进制".to_owned()))?;
    let certificate = app.authority.certify(body.device, key, &who.account).await?;
    app.identity.set_device(&who.secret, body.device).await?;
    Ok(Json(Certified { serial: certificate.serial }))
}

async fn administers(app: &App, who: &SignedIn) -> Result<bool, HttpError> {
    Ok(allowed(&*app.rooms.space().await?, who.account.who(), Action::Administer))
}

#[derive(Serialize)]
pub struct DeviceLine {
    device: DeviceId,
    name: String,
    unit: String,
    role: AccountRole,
    /// Milliseconds since 1970.
    issued: i64,
    in_force: bool,
    /// Whether it is the one that asks.
    here: bool,
}

/// One's own devices; for administrators those of everybody.
pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Json<Vec<DeviceLine>>, HttpError> {
    let (space, all) = (app.rooms.space().await?, administers(&app, &who).await?);
    let register = app.rooms.register();
    let shown = register.devices().filter(|(one, _)| all || one.person == who.account.id);
    let line = |(one, in_force): (&Certificate, bool)| DeviceLine {
        device: one.device,
        name: space.persons.get(&one.person).map(|person| person.name.clone()).unwrap_or_default(),
        unit: space.unit_name(one.unit),
        role: one.role,
        issued: one.issued,
        in_force,
        here: who.device == Some(one.device),
    };
    let mut lines: Vec<DeviceLine> = shown.map(line).collect();
    lines.sort_by_key(|line| (!line.here, !line.in_force, -line.issued));
    Ok(Json(lines))
}

/// Ends a device: one's own, or as an administrator that of anybody.
pub async fn end(
    State(app): State<App>,
    who: SignedIn,
    Path(device): Path<DeviceId>,
) -> Result<StatusCode, HttpError> {
    let register = app.rooms.register();
    let certificate = register.certificate(device).ok_or(HttpError::NotFound)?;
    if certificate.person != who.account.id && !administers(&app, &who).await? {
        return Err(HttpError::Forbidden);
    }
    // First the sessions, so that nothing more comes from it while what was seen is gathered.
    app.identity.end_sessions_on(device).await?;
    app.authority.end(device, Some(who.account.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
pub struct Asked {
    /// One kind of act only.
    act: Option<String>,
}

/// The newest records of the audit trail.
pub async fn audit(
    State(app): State<App>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Json<Vec<serde_json::Value>>, HttpError> {
    if !administers(&app, &who).await? {
        return Err(HttpError::Forbidden);
    }
    Ok(Json(app.audit.newest(asked.act.as_deref(), 500).await?))
}
