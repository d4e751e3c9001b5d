//! A store that speaks enough S3 for our server: objects of one bucket in memory, behind signed
//! requests; it can be made to fail.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The key that it knows.
pub const KEY: &str = "TESTKEY";

/// The store; ends with the runtime.
#[derive(Debug, Clone, Default)]
pub struct S3 {
    pub address: String,
    objects: Arc<Mutex<BTreeMap<String, Bytes>>>,
    fails: Arc<AtomicBool>,
}

impl S3 {
    /// Starts it on a free port of this machine.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        let listener =
            tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let store = Self { address: format!("http://{address}"), ..Self::default() };
        let routes = Router::new()
            .route("/bucket", any(list))
            .route("/bucket/{*name}", any(object))
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(store.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        store
    }

    /// The environment of a server that uses it.
    #[must_use]
    pub fn environment(&self) -> [(&str, &str); 5] {
        [
            ("AWS_ENDPOINT", self.address.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "local"),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ]
    }

    /// Names and contents.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<String, Bytes> {
        self.objects.lock().map(|objects| objects.clone()).unwrap_or_default()
    }

    /// From now on every request fails, or none.
    pub fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::Relaxed);
    }

    fn refuses(&self, headers: &HeaderMap) -> Option<StatusCode> {
        if self.fails.load(Ordering::Relaxed) {
            return Some(StatusCode::FORBIDDEN);
        }
        let signed = headers.get("authorization").and_then(|value| value.to_str().ok());
        let wanted = format!("AWS4-HMAC-SHA256 Credential={KEY}/");
        (!signed.is_some_and(|signed| signed.starts_with(&wanted))).then_some(StatusCode::FORBIDDEN)
    }
}

async fn list(
    State(store): State<S3>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(status) = store.refuses(&headers) {
        return status.into_response();
    }
    let prefix = query.get("prefix").cloned().unwrap_or_default();
    let mut xml = String::from("<ListBucketResult><IsTruncated>false</IsTruncated>");
    for (name, content) in store.objects().iter().filter(|(name, _)| name.starts_with(&prefix)) {
        let size = content.len();
        // Writing to a string does not fail.
        let _ = write!(
            xml,
            "<Contents><Key>{name}</Key><Size>{size}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
        );
    }
    xml.push_str("</ListBucketResult>");
    xml.into_response()
}

async fn object(
    State(store): State<S3>,
    Path(name): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(status) = store.refuses(&headers) {
        return status.into_response();
    }
    let Ok(mut objects) = store.objects.lock() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let about = [("etag", "\"x\""), ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")];
    match method {
        Method::PUT => {
            objects.insert(name, body);
            about.into_response()
        }
        Method::GET | Method::HEAD => match objects.get(&name) {
            Some(content) => (about, content.clone()).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}
