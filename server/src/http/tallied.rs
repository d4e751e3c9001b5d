//! Requests that were refused, and shares that ran out over HTTP, counted for the audit trail.

use super::asker::network_of;
use crate::app::App;
use crate::audit::{Act, Kind, Note, Origin};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use tongban_shared::id::PersonId;
use tongban_shared::trust::{Budget, Rebuff};

/// The person who asks, known from when the session of the request was looked up.
#[derive(Clone, Default)]
pub struct Asks(Arc<OnceLock<PersonId>>);

impl Asks {
    pub fn are_of(&self, person: PersonId) {
        let _ = self.0.set(person);
    }
}

/// The reason of an answer that refuses something, for the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Rebuff(Rebuff),
    RanOut(Budget),
}

/// Counts what the answer to a request refuses, with the route it takes and never its address: secrets stand
/// there. For the network of somebody who is not signed in only a share that ran out is counted.
pub async fn tallied(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let asks = Asks::default();
    request.extensions_mut().insert(asks.clone());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|from| from.0);
    let network = peer.map(|peer| network_of(&app, peer, request.headers()));
    let (method, path) = (request.method().clone(), request.extensions().get::<MatchedPath>().cloned());
    let answer = next.run(request).await;
    let Some(reason) = answer.extensions().get::<Reason>().copied() else { return answer };
    let mut about =
        json!({ "route": format!("{method} {}", path.as_ref().map_or("-", MatchedPath::as_str)) });
    let origin = match (asks.0.get(), network) {
        (Some(person), _) => Origin::Person(*person),
        (None, Some(network)) => {
            about["from"] = json!(network);
            Origin::Network(network)
        }
        (None, None) => return answer,
    };
    match reason {
        Reason::RanOut(what) => app.audit.note(origin, Note::ran_out(what, about)),
        Reason::Rebuff(why) if matches!(origin, Origin::Person(_)) => {
            let (of, subject) = (vec![why.word().to_owned()], about["route"].to_string());
            let kind = Kind::Accuses { of, subject };
            app.audit.note(origin, Note { kind, ..Note::new(Act::RequestRefused, why.word(), about) });
        }
        // Anybody may ask for what needs a sign-in.
        Reason::Rebuff(_) => {}
    }
    answer
}
