//! How devices are locked: the administrator says, each device does it.

use super::HttpError;
use super::said::Said;
use super::session::SignedIn;
use crate::app::App;
use crate::audit::Act;
use crate::identity::Account;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use tongban_shared::access::{Action, allowed};
use tongban_shared::lock::Lock;

const SETTING: &str = "lock";

/// The lock that devices must have now; nothing if nobody asks for one.
pub async fn of(app: &App) -> Result<Option<Lock>, HttpError> {
    let setting = app.store.setting(SETTING).await?;
    Ok(setting.and_then(|words| serde_json::from_str(&words).ok()).flatten())
}

/// Asks it, or nothing, of every device from its next contact on.
pub async fn set(
    State(app): State<App>,
    who: SignedIn,
    Said(lock): Said<Option<Lock>>,
) -> Result<StatusCode, HttpError> {
    let space = app.rooms.space().await?;
    if !allowed(&space, who.account.who(), Action::Administer) {
        return Err(HttpError::Forbidden);
    }
    if lock.is_some_and(|lock| !lock.fits()) {
        return Err(HttpError::Invalid("锁定须在 1 至 720 分钟之内，清除须在输错 3 至 20 次之后".to_owned()));
    }
    let may = |by: &Account, _: Option<&Account>| allowed(&space, by.who(), Action::Administer);
    let mut acting = app.identity.act(who.maker(), None, may).await?;
    app.store.set_setting_with(acting.connection(), SETTING, &json!(lock).to_string()).await?;
    acting.tell(&app.audit, Act::LockSet, json!({ "lock": lock })).await?;
    acting.done().await?;
    Ok(StatusCode::NO_CONTENT)
}
