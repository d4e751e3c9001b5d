//! Public pages: plain HTML of editions, with CSV, JSON and Atom beside them. No script, no login,
//! no names of persons, nothing that was not published.

mod beginnings;
mod feed;
mod made;
mod table;
mod words;

pub use made::Pages;

use super::asker::Asker;
use super::{HttpError, origin};
use crate::app::App;
use crate::clock;
use crate::publications::{Listed, PublishError};
use askama::Template;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use made::{Content, Made, Named};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::LazyLock;
use tongban_shared::id::BoardId;
use tongban_shared::publication::{
    Beginning, Difference, Publication, differences, number_words, reported_words,
};
use tongban_shared::text::{level_text, xml_text};
use tongban_shared::zone::Zone;
use words::{bar, lamp_of, lamp_parts, parts_words, standing_words, state_of, units_words};

/// Styles are in the page; nothing else is loaded.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-STYLE'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

const STYLE: &str = include_str!("../../templates/public.css");

const HTML: &str = "text/html; charset=utf-8";

#[derive(Template)]
#[template(path = "space.html")]
struct SpacePage<'a> {
    style: &'static str,
    name: &'a str,
    space: String,
    boards: &'a [Publication],
}

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage<'a> {
    style: &'static str,
    space: String,
    page: &'a Publication,
    /// The reader's day, an ISO date.
    today: String,
    /// Whether the plan's last year is over.
    ended: bool,
    sums: Vec<(usize, &'static str)>,
    /// Items stand in states of a template's own.
    typed: bool,
    /// Since when (ISO date) this edition is withdrawn, and why.
    withdrawn: Option<(String, String)>,
    /// All editions, newest first: number, date, whether it is withdrawn.
    editions: Vec<(u32, String, bool)>,
    /// Whether this is the address of this very edition.
    fixed: bool,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage<'a> {
    style: &'static str,
    space: String,
    old: &'a Publication,
    new: &'a Publication,
    differences: &'a Beginning<Difference>,
    /// Which of them are withdrawn, since when (ISO date), and why.
    withdrawn: Vec<(u32, String, String)>,
}

#[derive(Template)]
#[template(path = "withdrawn.html")]
struct WithdrawnPage {
    style: &'static str,
    space: String,
    board: BoardId,
    editions: Vec<(u32, String, bool)>,
    reason: String,
}

#[derive(Template)]
#[template(path = "missing.html")]
struct MissingPage {
    style: &'static str,
}

/// Why there is no page; whoever follows an old link gets a page all the same.
pub struct NoPage(HttpError);

impl<E: Into<HttpError>> From<E> for NoPage {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for NoPage {
    fn into_response(self) -> Response {
        let page = MissingPage { style: STYLE }.render();
        match (self.0, page) {
            (HttpError::NotFound, Ok(html)) => {
                Made::new(StatusCode::NOT_FOUND, HTML, html).answer(&HeaderMap::new())
            }
            (why, _) => why.into_response(),
        }
    }
}

/// A page, or why there is none.
type Page = Result<Response, NoPage>;

/// A reader of public pages.
pub struct Reader {
    /// Their network.
    from: String,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Reader {
    type Rejection = NoPage;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NoPage> {
        let from = ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await;
        let from = from.map_err(|_| HttpError::NotFound)?.0;
        let headers = parts.headers.clone();
        Ok(Self { from: Asker::of(app, from, &headers).from, headers })
    }
}

/// Lists all published plans, at the address that people can say: there is one space on a server.
pub async fn index(State(app): State<App>, reader: Reader) -> Page {
    published(&app, &reader).await
}

/// The list of published plans.
pub async fn space(State(app): State<App>, Path(space): Path<String>, reader: Reader) -> Page {
    own_space(&app, &space)?;
    published(&app, &reader).await
}

async fn published(app: &App, reader: &Reader) -> Page {
    let newest = app.publications.newest().await?;
    let content = Content::new(Named::Space, &format!("{newest:?}"));
    let ours = app.clone();
    let make = async move {
        let _room = ours.publications.room_for_each(&ours.rooms, &newest).await?;
        let boards = ours.publications.heads().await?;
        let name = boards.first().map_or_else(String::new, |board| board.space.clone());
        let space = ours.rooms.space_id().to_string();
        let html = SpacePage { style: STYLE, name: &name, space, boards: &boards }.render()?;
        Ok(written(StatusCode::OK, HTML, &html))
    };
    made::given(app, reader, content, make).await
}

/// Other addresses below `/p`: one with a slash at its end is that without it, the rest are none.
pub fn elsewhere(path: &str) -> Response {
    match path.strip_suffix('/') {
        Some(bare) if !bare.ends_with('/') => Redirect::permanent(&format!("/{bare}")).into_response(),
        _ => NoPage(HttpError::NotFound).into_response(),
    }
}

/// A published plan, the newest edition that stands: as a page, or as a table, data or feed by its
/// ending.
pub async fn board(
    State(app): State<App>,
    Path((space, board)): Path<(String, String)>,
    reader: Reader,
) -> Page {
    let (name, ending) = split(&board)?;
    let id = board_of(&app, &space, name)?;
    let listed = app.publications.listed(id).await?;
    // One that is not what was published is passed over.
    for one in listed.iter().rev().filter(|one| one.withdrawn.is_none()) {
        match shown(&app, &reader, (id, one.edition, &listed), (ending, false)).await {
            Err(NoPage(HttpError::NotFound)) => {}
            shown => return shown,
        }
    }
    let last = listed.last().ok_or(HttpError::NotFound)?;
    let Some((at, reason)) = last.withdrawn.clone() else { return Err(HttpError::NotFound.into()) };
    if ending != Ending::Page {
        return Ok(gone(last.edition, app.zone().await?.day(at), &reason).answer(&reader.headers));
    }
    let editions = editions_of(app.zone().await?, &listed);
    let html = WithdrawnPage { style: STYLE, space, board: id, editions, reason }.render()?;
    Ok(written(StatusCode::GONE, HTML, &html).answer(&reader.headers))
}

/// One edition of a plan, for ever at this address.
pub async fn edition(
    State(app): State<App>,
    Path((space, board, edition)): Path<(String, String, String)>,
    reader: Reader,
) -> Page {
    let (number, ending) = split(&edition)?;
    let id = board_of(&app, &space, &board)?;
    let listed = app.publications.listed(id).await?;
    let number = number_of(number, &listed)?;
    shown(&app, &reader, (id, number, &listed), (ending, true)).await
}

/// The difference between two editions.
pub async fn compare(
    State(app): State<App>,
    Path((space, board, one, other)): Path<(String, String, String, String)>,
    reader: Reader,
) -> Page {
    let id = board_of(&app, &space, &board)?;
    let (listed, zone) = (app.publications.listed(id).await?, app.zone().await?);
    let (one, other) = (number_of(&one, &listed)?, number_of(&other, &listed)?);
    let (first, second) = (one.min(other), one.max(other));
    let shown = |one: &&Listed| one.edition == first || one.edition == second;
    let withdrawn = listed.iter().filter(shown).filter_map(|one| {
        let (at, reason) = one.withdrawn.clone()?;
        Some((one.edition, zone.day(at).to_string(), reason))
    });
    let withdrawn: Vec<_> = withdrawn.collect();
    let content = Content::new(Named::Compared(id, first, second), &format!("{withdrawn:?}"));
    let ours = app.clone();
    // Word by word: that takes long, and anybody may ask for it.
    let make = async move {
        let _room = ours.publications.room_for(&ours.rooms, &[(id, first), (id, second)]).await?;
        let (old, new) = (edition_of(&ours, id, first).await?, edition_of(&ours, id, second).await?);
        let (old, new, differences) = (&old, &new, &differences(&old, &new));
        // It holds the words of what was withdrawn.
        let status = if withdrawn.is_empty() { StatusCode::OK } else { StatusCode::GONE };
        let html = ComparePage { style: STYLE, space, old, new, differences, withdrawn }.render()?;
        Ok(written(status, HTML, &html))
    };
    made::given(&app, &reader, content, make).await
}

/// In what form an edition is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Ending {
    Page,
    Table,
    Data,
    Signed,
    Feed,
}

/// A name and the form that its ending asks for.
fn split(name: &str) -> Result<(&str, Ending), HttpError> {
    let (name, ending) = name.split_once('.').unwrap_or((name, ""));
    let ending = match ending {
        "" => Ending::Page,
        "csv" => Ending::Table,
        "json" => Ending::Data,
        "signed.json" => Ending::Signed,
        "atom" => Ending::Feed,
        _ => return Err(HttpError::NotFound),
    };
    Ok((name, ending))
}

fn own_space(app: &App, space: &str) -> Result<(), HttpError> {
    if space == app.rooms.space_id().to_string() { Ok(()) } else { Err(HttpError::NotFound) }
}

fn board_of(app: &App, space: &str, board: &str) -> Result<BoardId, HttpError> {
    own_space(app, space)?;
    board.parse().map_err(|_| HttpError::NotFound)
}

/// The number of an edition that there is.
fn number_of(words: &str, listed: &[Listed]) -> Result<u32, HttpError> {
    let number = words.parse().ok().filter(|number| listed.iter().any(|one| one.edition == *number));
    number.ok_or(HttpError::NotFound)
}

async fn edition_of(app: &App, board: BoardId, number: u32) -> Result<Publication, HttpError> {
    app.publications.edition(board, number).await?.ok_or(HttpError::NotFound)
}

fn editions_of(zone: &Zone, listed: &[Listed]) -> Vec<(u32, String, bool)> {
    listed
        .iter()
        .rev()
        .map(|one| (one.edition, zone.day(one.published).to_string(), one.withdrawn.is_some()))
        .collect()
}

async fn shown(
    app: &App,
    reader: &Reader,
    (board, number, listed): (BoardId, u32, &[Listed]),
    (ending, fixed): (Ending, bool),
) -> Page {
    let zone = app.zone().await?;
    let withdrawn = listed.iter().find(|one| one.edition == number).and_then(|one| one.withdrawn.clone());
    // A table has no place for a note; who asks for one of a withdrawn edition is told instead.
    if let (Some((at, reason)), true) = (&withdrawn, ending != Ending::Page) {
        return Ok(gone(number, zone.day(*at), reason).answer(&reader.headers));
    }
    // A feed names addresses, a page the day and the other editions.
    let base = origin::base(&reader.headers, app);
    let rests_on = match ending {
        Ending::Page => format!("{} {zone:?} {listed:?}", clock::today(zone)),
        Ending::Feed => format!("{base} {listed:?}"),
        Ending::Table | Ending::Data | Ending::Signed => String::new(),
    };
    let content = Content::new(Named::Edition(board, number, ending, fixed), &rests_on);
    let (ours, listed) = (app.clone(), listed.to_vec());
    let make = async move {
        let _room = ours.publications.room_for(&ours.rooms, &[(board, number)]).await?;
        let page = &edition_of(&ours, board, number).await?;
        Ok(match ending {
            Ending::Page => {
                let status = if withdrawn.is_some() { StatusCode::GONE } else { StatusCode::OK };
                written(status, HTML, &board_page(&ours, zone, (page, &listed), withdrawn, fixed)?)
            }
            Ending::Table => written(StatusCode::OK, "text/csv; charset=utf-8", &table::table(page)),
            Ending::Feed => {
                let address = format!("{base}/p/{}/{board}", ours.rooms.space_id());
                let feed = feed::feed(address, page, &listed)?;
                written(StatusCode::OK, "application/atom+xml; charset=utf-8", &feed)
            }
            Ending::Data => data(page)?,
            Ending::Signed => {
                data(&ours.publications.signed(board, number).await?.ok_or(HttpError::NotFound)?)?
            }
        })
    };
    made::given(app, reader, content, make).await
}

fn data(content: &impl serde::Serialize) -> Result<Made, HttpError> {
    let data = serde_json::to_vec(content).map_err(PublishError::from)?;
    Ok(Made::new(StatusCode::OK, "application/json", data))
}

fn board_page(
    app: &App,
    zone: &Zone,
    (page, listed): (&Publication, &[Listed]),
    withdrawn: Option<(i64, String)>,
    fixed: bool,
) -> askama::Result<String> {
    let today = clock::today(zone).to_string();
    let year: i64 = today.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    BoardPage {
        style: STYLE,
        space: app.rooms.space_id().to_string(),
        ended: page.period.is_some_and(|(_, last)| year > last),
        sums: words::sums_of(page, &today),
        typed: page.sections.iter().flat_map(|section| &section.items).any(|item| item.own_state.is_some()),
        withdrawn: withdrawn.map(|(at, reason)| (zone.day(at).to_string(), reason)),
        editions: editions_of(zone, listed),
        fixed,
        page,
        today,
    }
    .render()
}

/// The public page of an edition that is not published yet, as it would be today.
pub(super) fn next_page(
    app: &App,
    zone: &Zone,
    page: &Publication,
    mut listed: Vec<Listed>,
) -> Result<String, HttpError> {
    listed.push(Listed { edition: page.edition, published: clock::now(), withdrawn: None });
    let html = board_page(app, zone, (page, &listed), None, false)?;
    Ok(level_text(&xml_text(&html)).into_owned())
}

/// Tells a machine that the edition it asks for was withdrawn.
fn gone(edition: u32, day: Date, reason: &str) -> Made {
    let words = format!("第 {edition} 版已于 {day} 撤回：{reason}\n");
    written(StatusCode::GONE, "text/plain; charset=utf-8", &words)
}

/// Text for people and their programs: what XML and HTML cannot hold is left out of all of them alike, and so
/// are the marks by which a line shows other than it is.
fn written(status: StatusCode, kind: &'static str, text: &str) -> Made {
    Made::new(status, kind, level_text(&xml_text(text)).into_owned())
}

fn policy() -> &'static str {
    static POLICY: LazyLock<String> =
        LazyLock::new(|| CONTENT_SECURITY_POLICY.replace("STYLE", &style_hash()));
    &POLICY
}

/// The hash of the style sheet as a policy names it, in base64.
pub(super) fn style_hash() -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(STYLE.as_bytes());
    let mut out = String::new();
    for group in digest.chunks(3) {
        let number = group.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * place) & 63) as usize] as char;
            out.push(if place <= group.len() { letter } else { '=' });
        }
    }
    out
}
