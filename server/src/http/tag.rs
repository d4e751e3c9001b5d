//! Tags of content (`ETag`), and whether whoever asks has it already.

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

/// The tag of some bytes, in its quotes.
pub fn of(content: &[u8]) -> String {
    let hash: String = Sha256::digest(content).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hash}\"")
}

/// Whether a request names a tag among those it has: several lines, lists, weak ones (`W/`, as proxies
/// make them that pack what passes), and `*` for anything.
pub fn known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    // Our tags hold no comma, so one within a foreign tag parts nothing that could be ours.
    lines.flat_map(|line| line.split(',')).map(str::trim).any(|one| {
        let one = one.strip_prefix("W/").unwrap_or(one);
        one == "*" || one == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_however_it_is_written() {
        let asked = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::IF_NONE_MATCH, line.parse().unwrap());
            }
            known(&headers, "\"ab\"")
        };
        assert!(asked(&["\"ab\""]));
        assert!(asked(&["W/\"ab\""]));
        assert!(asked(&["\"x\" , W/\"ab\",\"y\""]));
        assert!(asked(&["\"x\"", "\"ab\""]));
        assert!(asked(&["*"]));
        assert!(!asked(&[]));
        assert!(!asked(&["ab"]));
        assert!(!asked(&["\"abc\", W/\"a\""]));
    }
}
