//! The one who asks: from which network, with which browser. Behind a proxy the network is what the proxy
//! says it saw.

use crate::app::App;
use axum::http::{HeaderMap, HeaderName, header};
use axum_extra::extract::CookieJar;
use std::net::{IpAddr, SocketAddr};

/// From where and with what somebody asks.
#[derive(Default)]
pub struct Asker {
    /// The network.
    pub from: String,
    /// The browser, as it names itself.
    pub with: String,
    /// The marks of the browser, by which it is known.
    pub marks: String,
}

/// The name of the cookie by which a browser is known. Its content is signed.
pub const MARKS: &str = "tongban-known";

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

impl Asker {
    pub fn of(app: &App, peer: SocketAddr, headers: &HeaderMap) -> Self {
        let with = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let marks = CookieJar::from_headers(headers).get(MARKS).map(|marks| marks.value().to_owned());
        Self {
            from: network_of(app, peer, headers),
            with: with.unwrap_or_default().to_owned(),
            marks: marks.unwrap_or_default(),
        }
    }
}

/// The network from which somebody asks.
pub fn network_of(app: &App, peer: SocketAddr, headers: &HeaderMap) -> String {
    let told = app.options.behind_proxy.then(|| forwarded(headers)).flatten();
    network(told.unwrap_or_else(|| peer.ip()))
}

/// Whether a request came through a proxy that says so.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    [FORWARDED_FOR, header::FORWARDED].iter().any(|name| headers.contains_key(name))
}

/// The address that the proxy saw. Proxies add it at the end: to the line, or as a line of its own; all
/// before that may be made up by whoever asks. None when it names none, or when the two ways of saying it
/// name different ones: whoever writes the other way shares one count with all who do.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = |name: &HeaderName| {
        let line = headers.get_all(name).iter().next_back()?.to_str().ok();
        Some(line.and_then(|line| last_of(line, ',')).unwrap_or_default())
    };
    let node = |element: &str| {
        let pairs = parts(element, ';').filter_map(|pair| pair.split_once('='));
        let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
        named.next().and_then(|(_, node)| address(node.trim()))
    };
    match (last(&FORWARDED_FOR).map(|word| address(&word)), last(&header::FORWARDED).map(|word| node(&word)))
    {
        (Some(one), Some(other)) => one.filter(|_| one == other),
        (one, other) => one.or(other).flatten(),
    }
}

/// The parts of a line, parted outside of quotes.
fn parts(line: &str, by: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |c| {
        quoted ^= c == '"';
        c == by && !quoted
    })
}

fn last_of(line: &str, by: char) -> Option<String> {
    parts(line, by).last().map(|part| part.trim().to_owned())
}

/// An address as proxies write it: alone or with a port, of version 6 in brackets then, quoted or not.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')).unwrap_or(word);
    let bare = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')).unwrap_or(word);
    let alone = || bare.parse().ok();
    // Ports may be obfuscated by a name.
    let with_port = || {
        let (host, port) = word.rsplit_once(':')?;
        let is_port =
            !port.is_empty() && port.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        let host = match host.strip_prefix('[') {
            Some(six) => IpAddr::V6(six.strip_suffix(']')?.parse().ok()?),
            None => IpAddr::V4(host.parse().ok()?),
        };
        is_port.then_some(host)
    };
    alone().or_else(with_port)
}

/// The network of an address: a client that can have one of version 6 has all of its network.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V6(six) if six.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = six.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        other => other.to_canonical().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{forwarded, network};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn from(lines: &[(&'static str, &'static str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(line));
        }
        forwarded(&headers).map(network)
    }

    #[test]
    fn an_address_is_read_however_a_proxy_writes_it() {
        const FOUR: Option<&str> = Some("203.0.113.9");
        const SIX: Option<&str> = Some("2001:db8:1:2::/64");
        for (line, told) in [
            ("203.0.113.9", FOUR),
            ("203.0.113.9:4711", FOUR),
            (" 198.51.100.1 , 203.0.113.9 ", FOUR),
            ("198.51.100.1,203.0.113.9:80", FOUR),
            ("::ffff:203.0.113.9", FOUR),
            ("2001:db8:1:2:3::1", SIX),
            ("[2001:db8:1:2:3::1]", SIX),
            ("[2001:db8:1:2:3::1]:443", SIX),
            ("203.0.113.9, ", None),
            ("203.0.113.9, unknown", None),
            ("somebody:80", None),
            ("203.0.113.9:", None),
            ("[203.0.113.9]:80:90", None),
            ("2001:db8::1]:80", None),
        ] {
            assert_eq!(from(&[("x-forwarded-for", line)]).as_deref(), told, "{line}");
        }
        for (line, told) in [
            ("for=203.0.113.9", FOUR),
            ("for=203.0.113.9:4711;proto=https", FOUR),
            ("proto=https;For=\"203.0.113.9:4711\";by=203.0.113.1", FOUR),
            ("for=\"[2001:db8:1:2:3::1]:4711\"", SIX),
            ("for=\"[2001:db8:1:2:3::1]\"", SIX),
            ("for=198.51.100.1, for=203.0.113.9:_port", FOUR),
            ("for=198.51.100.1;x=\"a,for=198.51.100.2\", for=203.0.113.9", FOUR),
            ("for=_hidden", None),
            ("for=unknown", None),
            ("by=203.0.113.9", None),
            ("for=203.0.113.9, by=203.0.113.1", None),
        ] {
            assert_eq!(from(&[("forwarded", line)]).as_deref(), told, "{line}");
        }
    }

    #[test]
    fn only_the_last_line_counts_and_both_ways_must_agree() {
        let (way, other) = ("x-forwarded-for", "forwarded");
        assert_eq!(from(&[(way, "198.51.100.1"), (way, "203.0.113.9")]).as_deref(), Some("203.0.113.9"));
        assert_eq!(
            from(&[(way, "203.0.113.9"), (other, "for=203.0.113.9:80")]).as_deref(),
            Some("203.0.113.9")
        );
        assert_eq!(from(&[(way, "203.0.113.9"), (other, "for=198.51.100.1")]), None);
        assert_eq!(from(&[]), None);
    }
}
