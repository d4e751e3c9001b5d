//! The list of those who use most of the server right now, for who administers it.

use super::HttpError;
use super::devices::may_administer;
use super::session::SignedIn;
use crate::app::App;
use crate::identity::Account;
use crate::limits;
use crate::shares::{Cost, Party};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::collections::HashMap;
use tongban_shared::access::AccountRole;
use tongban_shared::id::PersonId;

/// A person, or a network from which strangers ask, and what they use most.
#[derive(Serialize)]
pub struct CostLine {
    person: Option<PersonId>,
    name: String,
    unit: String,
    role: Option<AccountRole>,
    /// The network.
    from: Option<String>,
    /// The share of which most is used, and how much of it, in thousandths.
    what: &'static str,
    used: u64,
    /// Open connections.
    sockets: u64,
    /// Bytes of memory that are held for them.
    bytes: u64,
}

/// Those who use most, the most used first.
pub async fn list(State(app): State<App>, who: SignedIn) -> Result<Json<Vec<CostLine>>, HttpError> {
    if !may_administer(&app, &who).await? {
        return Err(HttpError::Forbidden);
    }
    let space = app.rooms.space().await?;
    let accounts: HashMap<PersonId, Account> =
        app.identity.accounts().await?.into_iter().map(|account| (account.id, account)).collect();
    let line = |Cost { party, what, used, sockets, bytes }: Cost| {
        let (account, from) = match party {
            // Neither the program itself nor who has left is somebody to speak with.
            Party::Person(person) => (Some(accounts.get(&person)?), None),
            Party::Network(network) => (None, Some(network)),
        };
        Some(CostLine {
            person: account.map(|account| account.id),
            name: account.map(|account| account.name.clone()).unwrap_or_default(),
            unit: account.map(|account| space.unit_name(account.unit)).unwrap_or_default(),
            role: account.map(|account| account.role),
            from,
            what: what.word(),
            used,
            sockets,
            bytes,
        })
    };
    Ok(Json(app.shares.costs().into_iter().filter_map(line).take(limits::COSTS).collect()))
}
