//! Routes: the API, the socket, the public pages, the app.

mod accounts;
mod acting;
mod asker;
mod assets;
mod body;
mod costs;
mod devices;
mod error;
mod files;
mod held;
pub(crate) mod link;
mod lock;
mod origin;
mod projects;
mod provider;
mod public;
mod publish;
mod qr;
mod reading;
mod said;
mod session;
mod tag;
mod tallied;
mod ways;

pub use asker::network;
pub use assets::AppFiles;
pub use error::HttpError;
pub use origin::spelled as spelled_origin;
pub use public::Pages;

use crate::app::App;
use crate::limits;
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use tower_http::trace::TraceLayer;

/// All routes of a server.
pub fn router(app: App) -> Router {
    let fixed = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    let read = |routes: Router<App>| {
        routes
            .layer(middleware::from_fn(said::fit))
            .layer(DefaultBodyLimit::max(limits::WORDS_BODY))
            .layer(middleware::from_fn_with_state(app.clone(), body::whole))
            .layer(middleware::from_fn_with_state(app.clone(), tallied::tallied))
    };
    // A task that acts goes on with what is held for the body, and counts what it refuses.
    let acting = read(acts(&app)).layer(middleware::from_fn_with_state(app.clone(), acting::acting));
    read(asks().fallback(assets::serve))
        .merge(acting)
        .layer(RequestBodyTimeoutLayer::new(limits::SILENT_BODY))
        // Pages say what they need; everything else needs nothing.
        .layer(fixed(
            "content-security-policy",
            "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        ))
        // Nor is anything kept that does not say so: the next one at this computer may look there.
        .layer(fixed("cache-control", "no-store"))
        .layer(fixed("x-content-type-options", "nosniff"))
        .layer(fixed("referrer-policy", "same-origin"))
        .layer(fixed("x-frame-options", "DENY"))
        .layer(CatchPanicLayer::new())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .with_state(app)
}

/// Routes that may change something, by whatever method: each goes to its end, also when nobody waits for it.
fn acts(app: &App) -> Router<App> {
    // Pieces of files; everything else is a few words.
    let pieces = DefaultBodyLimit::max(limits::BODY);
    let in_turn = Router::new()
        .route("/api/lock", post(lock::set))
        .route("/api/sessions/{id}", delete(session::end))
        .route("/api/invitations", post(accounts::invite))
        .route("/api/accounts/{id}", post(accounts::change).delete(accounts::end))
        .route("/api/accounts/{id}/sessions", delete(accounts::end_sessions))
        .route("/api/devices", post(devices::certify))
        .route("/api/devices/{id}", delete(devices::end))
        .route("/api/publications/{board}/{edition}/withdraw", post(publish::withdraw))
        .route_layer(middleware::from_fn_with_state(app.clone(), acting::in_turn));
    Router::new()
        .merge(in_turn)
        .route("/api/session", post(session::sign_in).delete(session::sign_out))
        .route("/api/ways/password", post(ways::change_password))
        .route("/api/ways/code", post(ways::begin_code))
        .route("/api/ways/code/confirm", post(ways::confirm_code))
        .route("/api/ways/code/end", post(ways::end_code))
        .route("/api/ways/passkeys", post(ways::begin_passkey))
        .route("/api/ways/passkeys/confirm", post(ways::keep_passkey))
        .route("/api/ways/passkeys/{id}/end", post(ways::end_passkey))
        .route("/api/ways/provider", post(provider::begin_binding))
        .route("/api/ways/provider/end", post(provider::end_binding))
        .route("/api/provider/back", get(provider::back))
        .route("/api/passkey", post(ways::ask_passkey))
        .route("/api/passkey/session", post(ways::sign_in))
        .route("/api/invitations/{secret}", post(accounts::accept))
        .route("/api/publications/{board}", post(publish::publish))
        .route("/api/files/{hash}", post(files::take).layer(pieces))
        .route("/api/carried/{board}/{unit}/{hash}", post(files::take_carried).layer(pieces))
        .route("/sync", get(session::socket))
}

/// Routes that change nothing: one that nobody waits for any more ends where it stands.
fn asks() -> Router<App> {
    Router::new()
        .route("/api/session", get(session::current))
        .route("/api/projects", get(projects::own))
        .route("/api/ways", get(ways::list))
        .route("/api/provider", get(provider::begin))
        .route("/api/provider/about", get(provider::about))
        .route("/api/sessions", get(session::list))
        .route("/api/invitations/{secret}", get(accounts::invitation))
        .route("/api/accounts", get(accounts::list))
        .route("/api/devices", get(devices::list))
        .route("/api/audit", get(devices::audit))
        .route("/api/costs", get(costs::list))
        .route("/api/publications/{board}", get(publish::list))
        .route("/api/publications/{board}/preview", get(publish::preview))
        .route("/api/publications/{board}/address", get(publish::address))
        .route("/api/link", get(link::begin))
        .route("/api/files/{hash}", get(files::progress))
        .route("/api/boards/{board}/files/{hash}", get(files::give))
        .route("/api/carried/{board}/{unit}/{hash}", get(files::carried_so_far))
        .route("/api/carried/{board}/{unit}/{hash}/content", get(files::give_carried))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .route("/p", get(public::index))
        .route("/p/", get(public::index))
        .route("/p/{space}", get(public::space))
        .route("/p/{space}/{board}", get(public::board))
        .route("/p/{space}/{board}/{edition}", get(public::edition))
        .route("/p/{space}/{board}/{edition}/{other}", get(public::compare))
}

/// Says at once whether the database does, also while it is silent.
async fn health(State(app): State<App>) -> (StatusCode, &'static str) {
    match tokio::time::timeout(limits::HEALTH, app.store.setting("space")).await {
        Ok(Ok(_)) => (StatusCode::OK, "ok\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "The database is away");
            (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be asked\n")
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}

/// The words of a request in the log: which route it takes, never its address, for invitations, codes of the
/// provider and tokens of programs stand there.
fn span(request: &Request) -> tracing::Span {
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), route, version = ?request.version())
}

/// Counters for the keeper of the machine; what comes through the proxy comes from outside.
async fn metrics(State(app): State<App>, headers: HeaderMap) -> Result<Response, HttpError> {
    if app.options.behind_proxy && asker::is_forwarded(&headers) {
        return Err(HttpError::NotFound);
    }
    let text = app.metrics.text(app.rooms.open_count());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Options;
    use crate::store::Place;
    use std::time::{Duration, Instant};

    #[tokio::test]
    async fn health_is_told_at_once_while_the_database_is_silent() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        assert_eq!(health(State(app.clone())).await, (StatusCode::OK, "ok\n"));
        let mut busy = Vec::new();
        while let Ok(Ok(one)) =
            tokio::time::timeout(Duration::from_millis(200), app.store.reader().acquire()).await
        {
            busy.push(one);
        }
        let asked = Instant::now();
        let (status, reason) = health(State(app.clone())).await;
        assert!(asked.elapsed() < limits::HEALTH * 2, "{:?}", asked.elapsed());
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(reason.contains("does not answer"), "{reason}");
        drop(busy);
        assert_eq!(health(State(app)).await.0, StatusCode::OK);
    }
}
