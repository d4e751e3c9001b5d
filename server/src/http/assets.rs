//! The built app: from the binary (feature `embed-app`) or from a folder, packed copies first.

mod kept;

pub use kept::AppFiles;

use super::{public, tag};
use crate::app::App;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use kept::AppFile;
use std::sync::LazyLock;

/// Only scripts and styles of this server run, and the style of public pages, which are shown before
/// they are published; the wasm module may be compiled.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'sha256-STYLE'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Serves a file of the app; an address of the app itself gets its page.
pub async fn serve(State(app): State<App>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let mut parts = path.split('/');
    if parts.clone().any(|part| part == "..") || parts.next() == Some("api") {
        return StatusCode::NOT_FOUND.into_response();
    }
    if path.split('/').next() == Some("p") {
        return public::elsewhere(path);
    }
    // A file has one name: it is held by it.
    let is_page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    let name = if is_page { "index.html" } else { path };
    if name.split('/').any(|part| matches!(part, "" | ".")) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match packed(&app, name, &headers).await {
        Some((content, packing)) => file(name, content, packing, &headers),
        None if is_page => {
            (StatusCode::SERVICE_UNAVAILABLE, "The app is not built into this server.\n").into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The best copy of a file that the browser can read.
async fn packed(app: &App, name: &str, headers: &HeaderMap) -> Option<(AppFile, Option<&'static str>)> {
    let accepts =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let folder = app.options.app_folder.as_deref();
    for (word, ending) in [("br", "br"), ("gzip", "gz")] {
        if accepts.split(',').any(|one| one.trim().split(';').next() == Some(word))
            && let Some(content) = app.app_files.read(folder, &format!("{name}.{ending}")).await
        {
            return Some((content, Some(word)));
        }
    }
    app.app_files.read(folder, name).await.map(|content| (content, None))
}

fn policy() -> &'static str {
    static POLICY: LazyLock<String> =
        LazyLock::new(|| CONTENT_SECURITY_POLICY.replace("STYLE", &super::public::style_hash()));
    &POLICY
}

fn file(
    name: &str,
    AppFile { bytes, tag }: AppFile,
    packing: Option<&'static str>,
    headers: &HeaderMap,
) -> Response {
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" | "json" => "application/json",
        _ => "application/octet-stream",
    };
    let cache = if carries_hash(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::builder()
        .header(header::CONTENT_TYPE, kind)
        .header(header::CACHE_CONTROL, cache)
        .header(header::ETAG, &tag)
        .header(header::VARY, "accept-encoding")
        .header(header::CONTENT_SECURITY_POLICY, policy());
    let body = if tag::known(headers, &tag) {
        response = response.status(StatusCode::NOT_MODIFIED);
        Body::empty()
    } else {
        if let Some(packing) = packing {
            response = response.header(header::CONTENT_ENCODING, packing);
        }
        Body::from(bytes)
    };
    response.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Whether a name carries a hash of the file's content, as `app-0123456789abcdef.css` does: it stands for
/// the same bytes for ever. `public/sw.js` has the same rule.
fn carries_hash(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    file.split('-').skip(1).any(|part| {
        let digits = part.bytes().take_while(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte));
        digits.count() == HASH_DIGITS && matches!(part.as_bytes().get(HASH_DIGITS), Some(b'.' | b'_'))
    })
}

/// Digits of the hash in a file's name, in base 16.
const HASH_DIGITS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_stand_for_ever() {
        for name in [
            "tongban-app-96fd2ad01c6f1cba.js",
            "tongban-app-96fd2ad01c6f1cba_bg.wasm",
            "app-0123456789abcdef.css",
            "office-0123456789abcdef_bg.wasm",
        ] {
            assert!(carries_hash(name), "{name}");
        }
        for name in [
            "index.html",
            "sw.js",
            "manifest.webmanifest",
            "icon.svg",
            "office.js",
            "office_bg.wasm",
            "app-0123.css",
            "0123456789abcdef.js",
            "app-0123456789abcdef0.js",
            // The hash of a folder is not that of the file.
            "snippets/leptos-0123456789abcdef/inline0.js",
        ] {
            assert!(!carries_hash(name), "{name}");
        }
    }
}
