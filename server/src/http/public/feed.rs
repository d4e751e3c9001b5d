//! The editions of a board as an Atom feed.

use crate::publications::Listed;
use askama::Template;
use tongban_shared::publication::Publication;

#[derive(Template)]
#[template(path = "feed.xml", escape = "html")]
struct Feed<'a> {
    /// The address of the board's page, with its origin.
    address: String,
    page: &'a Publication,
    issuer: &'a str,
    updated: String,
    /// Newest first.
    entries: Vec<FeedEntry>,
}

struct FeedEntry {
    edition: u32,
    updated: String,
    /// Why it was withdrawn.
    withdrawn: Option<String>,
}

/// The feed of a board with every edition, newest first; `address` is that of the board's page. An edition
/// that was withdrawn stays and says so, for readers keep what they have seen.
pub fn feed(address: String, page: &Publication, listed: &[Listed]) -> askama::Result<String> {
    let changed = |one: &Listed| one.withdrawn.as_ref().map_or(one.published, |(at, _)| *at);
    let entries = listed.iter().rev().map(|one| FeedEntry {
        edition: one.edition,
        updated: moment(changed(one)),
        withdrawn: one.withdrawn.as_ref().map(|(_, reason)| reason.clone()),
    });
    Feed {
        address,
        page,
        issuer: if page.issuer.is_empty() { &page.space } else { &page.issuer },
        updated: moment(listed.iter().map(changed).max().unwrap_or_default()),
        entries: entries.collect(),
    }
    .render()
}

/// A moment in seconds since 1970 as RFC 3339 has it.
fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|moment| moment.to_string()).unwrap_or_default()
}
