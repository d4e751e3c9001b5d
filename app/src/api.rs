//! Requests to the server's API; errors are the server's words, or that it cannot be reached.

use gloo_net::http::{Request, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tongban_shared::attachment::FileHash;
use tongban_shared::lock::Lock;
use tongban_shared::publication::{Difference, Place, Projects};

/// The person who is signed in, as the server says and the device remembers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub person: String,
    pub login: String,
    pub name: String,
    pub unit: String,
    pub role: String,
    pub space: String,
    pub epoch: String,
    /// The key that the server's statements are checked with; empty from a server before it.
    #[serde(default)]
    pub authority: String,
    /// How this device is to be locked, where the administrator asks for it.
    #[serde(default)]
    pub lock: Option<Lock>,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// The server cannot be reached.
    Offline,
    /// Nobody is signed in.
    SignedOut,
    /// The password is right; the code of an authenticator app is asked for.
    NeedsCode,
    /// In the server's words.
    Refused(String),
    /// The server has no room for a piece of a file: it may come again after so many seconds.
    Later(u32),
}

async fn answer<T: DeserializeOwned>(response: Result<Response, gloo_net::Error>) -> Result<T, ApiError> {
    let response = received(response).await?;
    response.json().await.map_err(|error| ApiError::Refused(error.to_string()))
}

/// An answer without a body.
async fn done(response: Result<Response, gloo_net::Error>) -> Result<(), ApiError> {
    received(response).await.map(|_| ())
}

async fn received(response: Result<Response, gloo_net::Error>) -> Result<Response, ApiError> {
    let response = response.map_err(|_| ApiError::Offline)?;
    if response.ok() {
        return Ok(response);
    }
    // A proxy in front of a stopped server answers for it.
    if matches!(response.status(), 502..=504) {
        return Err(ApiError::Offline);
    }
    let signed_out = response.status() == 401;
    let body = response.json::<serde_json::Value>().await.unwrap_or_default();
    if body["needs"] == "code" {
        return Err(ApiError::NeedsCode);
    }
    match body["error"].as_str().map(str::to_owned) {
        Some(words) if !signed_out || !words.contains("先登录") => Err(ApiError::Refused(words)),
        _ if signed_out => Err(ApiError::SignedOut),
        _ => Err(ApiError::Offline),
    }
}

async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ApiError> {
    answer(Request::get(path).send().await).await
}

async fn post<T: DeserializeOwned>(path: &str, body: &serde_json::Value) -> Result<T, ApiError> {
    let request = Request::post(path).json(body).map_err(|error| ApiError::Refused(error.to_string()))?;
    answer(request.send().await).await
}

/// A request whose answer has no body.
async fn told(path: &str, body: &serde_json::Value) -> Result<(), ApiError> {
    let request = Request::post(path).json(body).map_err(|error| ApiError::Refused(error.to_string()))?;
    done(request.send().await).await
}

pub async fn current() -> Result<Me, ApiError> {
    get("/api/session").await
}

pub async fn sign_in(login: &str, password: &str, code: &str) -> Result<Me, ApiError> {
    post("/api/session", &serde_json::json!({ "login": login, "password": password, "code": code })).await
}

/// The browser's options for using a passkey.
pub async fn ask_passkey() -> Result<serde_json::Value, ApiError> {
    post("/api/passkey", &serde_json::Value::Null).await
}

pub async fn sign_in_with_passkey(credential: &str) -> Result<Me, ApiError> {
    let request = Request::post("/api/passkey/session").header("content-type", "application/json");
    let request = request.body(credential).map_err(|error| ApiError::Refused(error.to_string()))?;
    answer(request.send().await).await
}

/// The name of unified sign-in here, if the server offers it.
pub async fn provider() -> Result<Option<String>, ApiError> {
    let about: Option<serde_json::Value> = get("/api/provider/about").await?;
    Ok(about.and_then(|about| Some(about["name"].as_str()?.to_owned())))
}

/// The address at which the person binds their account to unified sign-in.
pub async fn bind_provider(password: &str) -> Result<String, ApiError> {
    let sent: serde_json::Value =
        post("/api/ways/provider", &serde_json::json!({ "password": password })).await?;
    Ok(sent["address"].as_str().unwrap_or_default().to_owned())
}

pub async fn unbind_provider(password: &str) -> Result<(), ApiError> {
    told("/api/ways/provider/end", &serde_json::json!({ "password": password })).await
}

/// Asks a lock, or none, of every device.
pub async fn set_lock(lock: Option<Lock>) -> Result<(), ApiError> {
    told("/api/lock", &serde_json::json!(lock)).await
}

/// The enterprise's projects: the items that name it.
pub async fn projects() -> Result<Projects, ApiError> {
    get("/api/projects").await
}

/// The ways to sign in that a person has set.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Ways {
    pub code: bool,
    pub passkeys: Vec<PasskeyLine>,
    /// Unified sign-in, where there is one: its name, and whether the account is bound to it.
    #[serde(default)]
    pub provider: Option<(String, bool)>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PasskeyLine {
    pub id: String,
    pub name: String,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970; 0 when it was never used.
    pub used: i64,
}

pub async fn ways() -> Result<Ways, ApiError> {
    get("/api/ways").await
}

/// The key of a new authenticator app.
#[derive(Debug, Clone, Deserialize)]
pub struct NewCode {
    pub secret: String,
    /// The dark squares of the picture, as a path of unit squares.
    pub picture: String,
    /// Squares on each side of the picture.
    pub side: u32,
}

pub async fn begin_code(password: &str) -> Result<NewCode, ApiError> {
    post("/api/ways/code", &serde_json::json!({ "password": password })).await
}

pub async fn confirm_code(code: &str) -> Result<(), ApiError> {
    told("/api/ways/code/confirm", &serde_json::json!({ "code": code })).await
}

pub async fn end_code(password: &str) -> Result<(), ApiError> {
    told("/api/ways/code/end", &serde_json::json!({ "password": password })).await
}

/// Changes one's own password; all other sessions of the person end.
pub async fn change_password(password: &str, new: &str) -> Result<(), ApiError> {
    told("/api/ways/password", &serde_json::json!({ "password": password, "new": new })).await
}

/// The browser's options for making a passkey.
pub async fn begin_passkey(password: &str) -> Result<serde_json::Value, ApiError> {
    post("/api/ways/passkeys", &serde_json::json!({ "password": password })).await
}

pub async fn keep_passkey(name: &str, credential: &str) -> Result<(), ApiError> {
    let body = serde_json::json!({ "name": name, "credential": credential });
    told("/api/ways/passkeys/confirm", &body).await
}

pub async fn end_passkey(id: &str, password: &str) -> Result<(), ApiError> {
    told(&format!("/api/ways/passkeys/{id}/end"), &serde_json::json!({ "password": password })).await
}

/// Ends the session; one that has ended already is ended.
pub async fn sign_out() -> Result<(), ApiError> {
    match done(Request::delete("/api/session").send().await).await {
        Err(ApiError::SignedOut) => Ok(()),
        other => other,
    }
}

/// How far the server has a file.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct FileHere {
    pub at: u64,
    pub whole: bool,
}

pub async fn file_progress(hash: FileHash, size: usize) -> Result<FileHere, ApiError> {
    piece_taken(Request::get(&format!("/api/files/{hash}?size={size}")).send().await).await
}

/// An answer about a file that is being sent; many send theirs at the same moment.
async fn piece_taken(response: Result<Response, gloo_net::Error>) -> Result<FileHere, ApiError> {
    match response {
        Ok(response) if response.status() == 429 => {
            let after = response.headers().get("retry-after").and_then(|after| after.parse().ok());
            Err(ApiError::Later(after.unwrap_or(SOON)))
        }
        other => answer(other).await,
    }
}

/// Seconds after which a server that names no time is asked again.
const SOON: u32 = 5;

/// Sends a piece of a file.
pub async fn send_piece(hash: FileHash, size: usize, at: u64, piece: &[u8]) -> Result<FileHere, ApiError> {
    let request = Request::post(&format!("/api/files/{hash}?size={size}&at={at}"))
        .header("content-type", "application/octet-stream")
        .body(js_sys::Uint8Array::from(piece))
        .map_err(|error| ApiError::Refused(error.to_string()))?;
    piece_taken(request.send().await).await
}

/// A file that stands beside an entry of a board.
pub async fn file(board: &str, hash: FileHash) -> Result<Vec<u8>, ApiError> {
    let response = received(Request::get(&format!("/api/boards/{board}/files/{hash}")).send().await).await?;
    response.binary().await.map_err(|_| ApiError::Offline)
}

/// The purpose of an invitation.
#[derive(Debug, Clone, Deserialize)]
pub struct Invitation {
    pub unit: String,
    pub role: String,
    pub resets: bool,
}

pub async fn invitation(secret: &str) -> Result<Invitation, ApiError> {
    get(&format!("/api/invitations/{secret}")).await
}

pub async fn accept(secret: &str, login: &str, name: &str, password: &str) -> Result<Me, ApiError> {
    let body = serde_json::json!({ "login": login, "name": name, "password": password });
    post(&format!("/api/invitations/{secret}"), &body).await
}

#[derive(Debug, Clone, Deserialize)]
pub struct Invited {
    pub link: String,
}

pub async fn invite(unit: &str, role: &str, resets: Option<&str>) -> Result<Invited, ApiError> {
    post("/api/invitations", &serde_json::json!({ "unit": unit, "role": role, "resets": resets })).await
}

#[derive(Debug, Clone, Deserialize)]
pub struct AccountLine {
    pub id: String,
    pub login: String,
    pub name: String,
    pub unit: String,
    pub role: String,
}

pub async fn accounts() -> Result<Vec<AccountLine>, ApiError> {
    get("/api/accounts").await
}

/// A published edition.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Edition {
    pub edition: u32,
    /// Seconds since 1970.
    pub published: i64,
    pub withdrawn: bool,
    pub reason: String,
    pub page: String,
}

/// All editions of a board, newest first.
pub async fn editions(board: &str) -> Result<Vec<Edition>, ApiError> {
    get(&format!("/api/publications/{board}")).await
}

/// The next edition, as it would be.
#[derive(Debug, Clone, Deserialize)]
pub struct Preview {
    pub edition: u32,
    pub digest: String,
    pub differences: Vec<Difference>,
    /// So many others there are.
    #[serde(default)]
    pub more_differences: usize,
    pub sensitive: Vec<Place>,
    #[serde(default)]
    pub more_sensitive: usize,
    /// The public page as it would be.
    pub page: String,
    pub measures: usize,
    pub indicators: usize,
}

/// The public address of a plan.
#[derive(Debug, Clone, Deserialize)]
pub struct Address {
    pub address: String,
    /// The dark squares of its picture, as a path of unit squares, where one could be drawn.
    pub picture: Option<String>,
    pub side: Option<i32>,
}

/// The address at which the public finds a plan that has an edition.
pub async fn public_address(board: &str) -> Result<Address, ApiError> {
    get(&format!("/api/publications/{board}/address")).await
}

pub async fn preview(board: &str) -> Result<Preview, ApiError> {
    get(&format!("/api/publications/{board}/preview")).await
}

pub async fn publish(board: &str, digest: &str) -> Result<Edition, ApiError> {
    post(&format!("/api/publications/{board}"), &serde_json::json!({ "digest": digest })).await
}

pub async fn withdraw(board: &str, edition: u32, reason: &str) -> Result<(), ApiError> {
    let path = format!("/api/publications/{board}/{edition}/withdraw");
    told(&path, &serde_json::json!({ "reason": reason })).await
}

#[derive(Debug, Clone, Deserialize)]
pub struct Certified {
    pub serial: u32,
}

pub async fn certify(device: &str, key: &str) -> Result<Certified, ApiError> {
    post("/api/devices", &serde_json::json!({ "device": device, "key": key })).await
}

/// A certified device.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct DeviceLine {
    pub device: String,
    pub name: String,
    pub unit: String,
    pub role: String,
    pub issued: i64,
    pub in_force: bool,
    pub here: bool,
    pub own: bool,
    pub browser: String,
    pub seen: Option<i64>,
}

pub async fn devices() -> Result<Vec<DeviceLine>, ApiError> {
    get("/api/devices").await
}

pub async fn end_device(device: &str) -> Result<(), ApiError> {
    done(Request::delete(&format!("/api/devices/{device}")).send().await).await
}

pub async fn change_account(id: &str, unit: &str, role: &str) -> Result<(), ApiError> {
    told(&format!("/api/accounts/{id}"), &serde_json::json!({ "unit": unit, "role": role })).await
}

pub async fn end_account(id: &str) -> Result<(), ApiError> {
    done(Request::delete(&format!("/api/accounts/{id}")).send().await).await
}

/// A record of the audit trail.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Record {
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub act: String,
    pub by: Option<String>,
    pub about: serde_json::Value,
}

pub async fn audit(act: &str) -> Result<Vec<Record>, ApiError> {
    get(&if act.is_empty() { "/api/audit".to_owned() } else { format!("/api/audit?act={act}") }).await
}

/// A person, or a network from which strangers ask, and what they use most of the server.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
pub struct CostLine {
    pub person: Option<String>,
    pub name: String,
    pub unit: String,
    pub role: Option<String>,
    /// The network.
    pub from: Option<String>,
    /// The word of the share of which most is used.
    pub what: String,
    /// How much of it, in thousandths.
    pub used: u64,
    /// Open connections.
    pub sockets: u64,
    /// Bytes of memory that are held for them.
    pub bytes: u64,
}

/// Those who use most of the server now, the most used first.
pub async fn costs() -> Result<Vec<CostLine>, ApiError> {
    get("/api/costs").await
}

/// Signs somebody else out everywhere.
pub async fn end_sessions_of(person: &str) -> Result<(), ApiError> {
    done(Request::delete(&format!("/api/accounts/{person}/sessions")).send().await).await
}

/// A signed-in browser.
#[derive(Debug, Clone, Deserialize)]
pub struct SessionLine {
    pub id: String,
    pub last_seen: i64,
    pub about: String,
}

pub async fn sessions() -> Result<Vec<SessionLine>, ApiError> {
    get("/api/sessions").await
}

pub async fn end_session(id: &str) -> Result<(), ApiError> {
    done(Request::delete(&format!("/api/sessions/{id}")).send().await).await
}
