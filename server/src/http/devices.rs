//! Certified devices, and the audit trail for administrators.

use super::said::Said;
use super::session::SignedIn;
use super::{HttpError, held};
use crate::app::App;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tongban_shared::access::{AccountRole, Action, administers, allowed};
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
    Said(body): Said<Certify>,
) -> Result<Json<Certified>, HttpError> {
    let key: PublicKey =
        body.key.parse().map_err(|_| HttpError::Invalid("密钥不是 64 位十六进制".to_owned()))?;
    let turn = app.turn_of(who.account.id).await?;
    // A link may have set the password anew while this waited: the devices of before end first, and whoever is
    // signed in by what was before certifies none.
    app.finish_in_turn(who.account.id).await?;
    let account = app.identity.session(&who.secret).await?.ok_or(HttpError::SignedOut)?.account;
    let certificate = app.authority.certify(body.device, key, &account).await?;
    // The account may have got another role meanwhile, or have ended: that has met the devices of then.
    match app.identity.account(who.account.id).await? {
        Some(account) => app.authority.moved(&account, None).await?,
        None => {
            app.authority.end(body.device, None).await?;
            return Err(HttpError::SignedOut);
        }
    }
    drop(turn);
    if who.device != Some(body.device) {
        app.identity.set_device(&who.secret, body.device).await?;
    }
    Ok(Json(Certified { serial: certificate.serial }))
}

pub(super) async fn may_administer(app: &App, who: &SignedIn) -> Result<bool, HttpError> {
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
    /// Whether it is of the person who asks.
    own: bool,
    /// Its browser and system as people name them; empty where nothing is known of it.
    browser: String,
    /// Its last contact, seconds since 1970; none after its session has ended.
    seen: Option<i64>,
}

/// Browser and system of a `User-Agent`, as people name them: `Chrome · Windows`.
fn browser_words(agent: &str) -> String {
    // Those that build on another name it too, so they are asked for first.
    let named = |all: &[(&str, &'static str)]| {
        all.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = named(&[
        ("MicroMessenger", "微信"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = named(&[
        ("OpenHarmony", "鸿蒙"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    browser.into_iter().chain(system).collect::<Vec<_>>().join(" · ")
}

/// One's own devices; for administrators those of everybody.
pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Response, HttpError> {
    let (space, all) = (app.rooms.space().await?, may_administer(&app, &who).await?);
    let contacts = app.identity.last_contacts().await?;
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
        own: one.person == who.account.id,
        browser: contacts.get(&one.device).map(|(about, _)| browser_words(about)).unwrap_or_default(),
        seen: contacts.get(&one.device).map(|(_, seen)| *seen),
    };
    let mut lines: Vec<DeviceLine> = shown.map(line).collect();
    lines.sort_by_key(|line| (!line.here, !line.in_force, -line.issued));
    held::json(&app, &who.account, &lines)
}

/// Ends a device: one's own, or as an administrator that of anybody. The next
/// act does the rest of one that failed.
pub async fn end(
    State(app): State<App>,
    who: SignedIn,
    Path(device): Path<DeviceId>,
) -> Result<StatusCode, HttpError> {
    let register = app.rooms.register();
    let mut known = register.devices().map(|(one, _)| one);
    let known = known.find(|one| one.device == device).ok_or(HttpError::NotFound)?;
    // Looked at before the writer is waited for, and judged again when it is done.
    let touched = app.identity.account(known.person).await?.map_or(known.role, |account| account.role);
    if who.account.id != known.person && !administers(who.account.role, touched) {
        return Err(HttpError::Forbidden);
    }
    if app.authority.has_ended(device).await? && !app.identity.is_used(device).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    // First the sessions, so that nothing more comes from it while what was seen is gathered.
    app.identity.end_sessions_on(device, Some((known.person, known.role)), who.maker()).await?;
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
) -> Result<Response, HttpError> {
    if !may_administer(&app, &who).await? {
        return Err(HttpError::Forbidden);
    }
    let _ = app.audit.write_noted().await;
    held::json(&app, &who.account, &app.audit.newest(asked.act.as_deref(), 500).await?)
}

#[cfg(test)]
mod tests {
    use super::{SignedIn, browser_words, end};
    use crate::app::{App, Options};
    use crate::store::Place;
    use axum::extract::{Path, State};
    use axum::http::StatusCode;
    use std::time::Duration;
    use tongban_shared::access::AccountRole;
    use tongban_shared::id::UnitId;
    use tongban_shared::trust::Key;

    /// Somebody ends their ended device again and again, and that of somebody else, while others write.
    #[tokio::test]
    async fn a_device_that_has_ended_is_ended_again_without_the_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let unit = UnitId::from_bytes([1; 16]);
        let mut people = Vec::new();
        for (number, login) in ["ends", "looks"].into_iter().enumerate() {
            let made = app.identity.create(login, "", unit, AccountRole::Reader, "tongban-demo").await;
            let account = made.expect("an account");
            let key = Key::from_seed(&[u8::try_from(number).expect("few"); 32]).public();
            app.authority.certify(key.device(), key, &account).await.expect("certified");
            people.push((account, key.device()));
        }
        let ends = async |by: usize, of: usize| {
            let who = SignedIn { account: people[by].0.clone(), secret: String::new(), device: None };
            let answer = end(State(app.clone()), who, Path(people[of].1));
            tokio::time::timeout(Duration::from_secs(5), answer).await
        };
        app.authority.end(people[0].1, None).await.expect("ended");
        let writing = app.store.begin().await.expect("the writer");
        assert_eq!(ends(0, 0).await.expect("at once").expect("done"), StatusCode::NO_CONTENT);
        assert!(ends(0, 1).await.expect("at once").is_err(), "that of somebody else");
        assert!(ends(1, 1).await.is_err(), "one in force is ended by the writer");
        drop(writing);
        app.close().await;
    }

    #[test]
    fn a_device_is_told_by_browser_and_system() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";
        for (agent, told) in [
            (chrome.to_owned(), "Chrome · Windows"),
            (format!("{chrome} Edg/139.0"), "Edge · Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1".to_owned(),
                "Safari · iPhone",
            ),
            ("Mozilla/5.0 (Linux; Android 14) Chrome/119 MicroMessenger/8".to_owned(), "微信 · Android"),
            ("curl/8".to_owned(), ""),
        ] {
            assert_eq!(browser_words(&agent), told);
        }
    }
}
