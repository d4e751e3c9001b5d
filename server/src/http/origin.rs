//! Origins: from where a page asks, and where people reach the server.

use super::HttpError;
use crate::app::App;
use axum::http::{HeaderMap, Uri, header};
use std::sync::Once;

/// An origin in one spelling: `https://host`, small, with a port that is not the usual one. Nothing of
/// what has a path, another scheme, or no host (`null`).
pub fn spelled(text: &str) -> Option<String> {
    let uri: Uri = text.to_lowercase().parse().ok()?;
    let (scheme, host) = uri.scheme_str().zip(uri.host())?;
    let usual = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
    let named = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    let port = uri.port_u16().filter(|port| *port != usual);
    (bare && named).then(|| match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    })
}

/// The origin under which a request reached the server, by its `Host`: over TLS where the server stands
/// behind it.
fn reached(headers: &HeaderMap, app: &App) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let under = |scheme: &str| spelled(&format!("{scheme}://{host}"));
    match &app.options.address {
        // People's address, however the proxy speaks to us.
        Some(address) if address.split_once("://").and_then(|(scheme, _)| under(scheme))? == *address => {
            Some(address.clone())
        }
        _ => under(if app.options.secure { "https" } else { "http" }),
    }
}

/// The address of the server for people: as it was told, else as a request says; empty when neither does.
pub fn base(headers: &HeaderMap, app: &App) -> String {
    app.options.address.clone().or_else(|| reached(headers, app)).unwrap_or_default()
}

/// A browser names the page that asks; a page of another site is refused, for cookies ride along. Our own
/// are those of `--address`, of `--allow-origin`, and those under the very address that is asked: the scheme
/// counts, and a usual port or capitals make no other site.
pub fn same(headers: &HeaderMap, app: &App) -> Result<(), HttpError> {
    let Some(told) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = told.to_str().ok().and_then(spelled).ok_or(HttpError::ForeignOrigin)?;
    let own = app.options.address.as_ref() == Some(&origin)
        || reached(headers, app).as_ref() == Some(&origin)
        || app.options.origins.contains(&origin);
    if own {
        return Ok(());
    }
    // An operator who forgot to say where the server is reached finds it here; others fill no log.
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        let host = headers.get(header::HOST);
        tracing::warn!(%origin, ?host, "Refused a page of another origin. If people reach this server there, \
            start it with --address, and with --secure behind TLS; the proxy must pass on Host with its port");
    });
    Err(HttpError::ForeignOrigin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for (text, spelling) in [
            ("https://Tongban.Example", "https://tongban.example"),
            ("https://tongban.example:443", "https://tongban.example"),
            ("HTTP://tongban.example:80", "http://tongban.example"),
            ("https://tongban.example:80", "https://tongban.example:80"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(spelled(text).as_deref(), Some(spelling), "{text}");
        }
        for text in ["null", "", "ftp://a.example", "a.example", "https://a.example/x", "https://b@a.example"]
        {
            assert_eq!(spelled(text), None, "{text}");
        }
    }
}
