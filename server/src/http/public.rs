//! Public pages: plain HTML of editions, with CSV, JSON and Atom beside them. No script, no login,
//! no names of persons, nothing that was not published.

use super::HttpError;
use crate::app::App;
use crate::clock;
use crate::publications::Listed;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};
use tongban_shared::id::BoardId;
use tongban_shared::publication::{
    Difference, PublicIndicator, PublicItem, PublicLamp, PublicStanding, PublicState, Publication,
    differences, number_words,
};

/// Styles are in the page; nothing else is loaded.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-STYLE'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

const STYLE: &str = include_str!("../../templates/public.css");

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
    closed: usize,
    measures: usize,
    /// Items stand in states of a template's own.
    typed: bool,
    met: usize,
    targets: usize,
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
    differences: &'a [Difference],
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

/// There is one space on a server; its address is found from here.
pub async fn spaces(State(app): State<App>) -> Redirect {
    Redirect::to(&format!("/p/{}", app.rooms.space_id()))
}

/// The list of published plans.
pub async fn space(
    State(app): State<App>,
    Path(space): Path<String>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    if space != app.rooms.space_id().to_string() {
        return Err(HttpError::NotFound);
    }
    let boards = app.publications.all().await?;
    let name = boards.first().map_or_else(String::new, |board| board.space.clone());
    let html = SpacePage { style: STYLE, name: &name, space, boards: &boards }.render()?;
    Ok(cached(&headers, "text/html; charset=utf-8", html))
}

/// A published plan, the newest edition that stands: as a page, or as a table, data or feed by its
/// ending.
pub async fn board(
    State(app): State<App>,
    Path((space, board)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let (name, ending) = board.split_once('.').unwrap_or((&board, ""));
    let id = board_of(&app, &space, name)?;
    match app.publications.latest(id).await? {
        Some(page) => shown(&app, &headers, &page, ending, false).await,
        None => {
            let listed = app.publications.listed(id).await?;
            let last = listed.last().ok_or(HttpError::NotFound)?;
            let reason = last.withdrawn.clone().map(|(_, reason)| reason).unwrap_or_default();
            let editions = editions_of(&listed);
            let html = WithdrawnPage { style: STYLE, space, board: id, editions, reason }.render()?;
            Ok(cached(&headers, "text/html; charset=utf-8", html))
        }
    }
}

/// One edition of a plan, for ever at this address.
pub async fn edition(
    State(app): State<App>,
    Path((space, board, edition)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let (number, ending) = edition.split_once('.').unwrap_or((&edition, ""));
    let page = edition_of(&app, board_of(&app, &space, &board)?, number).await?;
    shown(&app, &headers, &page, ending, true).await
}

/// What differs between two editions.
pub async fn compare(
    State(app): State<App>,
    Path((space, board, one, other)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let id = board_of(&app, &space, &board)?;
    let (one, other) = (edition_of(&app, id, &one).await?, edition_of(&app, id, &other).await?);
    let (old, new) = if one.edition <= other.edition { (&one, &other) } else { (&other, &one) };
    let differences = differences(old, new);
    let listed = app.publications.listed(id).await?;
    let shown = |one: &&Listed| one.edition == old.edition || one.edition == new.edition;
    let withdrawn = listed.iter().filter(shown).filter_map(|one| {
        let (at, reason) = one.withdrawn.clone()?;
        Some((one.edition, clock::day_of(at), reason))
    });
    let withdrawn = withdrawn.collect();
    let html =
        ComparePage { style: STYLE, space, old, new, differences: &differences, withdrawn }.render()?;
    Ok(cached(&headers, "text/html; charset=utf-8", html))
}

fn board_of(app: &App, space: &str, board: &str) -> Result<BoardId, HttpError> {
    if space != app.rooms.space_id().to_string() {
        return Err(HttpError::NotFound);
    }
    board.parse().map_err(|_| HttpError::NotFound)
}

async fn edition_of(app: &App, board: BoardId, number: &str) -> Result<Publication, HttpError> {
    let number = number.parse().map_err(|_| HttpError::NotFound)?;
    app.publications.edition(board, number).await?.ok_or(HttpError::NotFound)
}

fn editions_of(listed: &[Listed]) -> Vec<(u32, String, bool)> {
    listed
        .iter()
        .rev()
        .map(|one| (one.edition, clock::day_of(one.published), one.withdrawn.is_some()))
        .collect()
}

async fn shown(
    app: &App,
    headers: &HeaderMap,
    page: &Publication,
    ending: &str,
    fixed: bool,
) -> Result<Response, HttpError> {
    let listed = app.publications.listed(page.board).await?;
    let withdrawn =
        listed.iter().find(|one| one.edition == page.edition).and_then(|one| one.withdrawn.clone());
    // A table has no place for a note; who asks for one of a withdrawn edition is told instead.
    if let (Some((at, reason)), false) = (&withdrawn, ending.is_empty()) {
        let words = format!("第 {} 版已于 {} 撤回：{reason}\n", page.edition, clock::day_of(*at));
        return Ok(
            (StatusCode::GONE, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], words).into_response()
        );
    }
    match ending {
        "" => {
            let items = || page.sections.iter().flat_map(|section| &section.items);
            let targets = page.indicators.iter().filter(|one| one.standing != PublicStanding::Baseline);
            let html = BoardPage {
                style: STYLE,
                space: app.rooms.space_id().to_string(),
                closed: items().filter(|item| is_done(item)).count(),
                measures: items().count(),
                typed: items().any(|item| item.own_state.is_some()),
                met: targets
                    .clone()
                    .filter(|one| matches!(one.standing, PublicStanding::Met | PublicStanding::AboveRange))
                    .count(),
                targets: targets.count(),
                withdrawn: withdrawn.map(|(at, reason)| (clock::day_of(at), reason)),
                editions: editions_of(&listed),
                fixed,
                page,
            }
            .render()?;
            Ok(cached(headers, "text/html; charset=utf-8", html))
        }
        "signed.json" => {
            let signed = app.publications.signed(page.board, page.edition).await?;
            let signed = signed.ok_or(HttpError::NotFound)?;
            let data = serde_json::to_string(&signed).map_err(crate::publications::PublishError::from)?;
            Ok(cached(headers, "application/json", data))
        }
        "csv" => Ok(cached(headers, "text/csv; charset=utf-8", table(page))),
        "json" => {
            let data = serde_json::to_string(page).map_err(crate::publications::PublishError::from)?;
            Ok(cached(headers, "application/json", data))
        }
        "atom" => Ok(cached(headers, "application/atom+xml; charset=utf-8", feed(app, page))),
        _ => Err(HttpError::NotFound),
    }
}

/// The same content has the same tag; a browser that has it is told so.
fn cached(headers: &HeaderMap, kind: &'static str, content: String) -> Response {
    let hash: String =
        Sha256::digest(content.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let same = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    let policy = CONTENT_SECURITY_POLICY.replace("STYLE", &style_hash());
    let head = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "public, max-age=60".to_owned()),
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    if same { (StatusCode::NOT_MODIFIED, head).into_response() } else { (head, content).into_response() }
}

/// The hash of the style sheet as the policy names it, in base64.
fn style_hash() -> String {
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

fn table(page: &Publication) -> String {
    let items = || page.sections.iter().flat_map(|section| &section.items);
    // Every public field of every type has a column, in the order in which they come.
    let mut fields: Vec<&str> = Vec::new();
    for (name, _) in items().flat_map(|item| &item.fields) {
        if !fields.contains(&name.as_str()) {
            fields.push(name);
        }
    }
    let fixed = ["类别", "编号", "名称", "单位", "状态", "销号", "目标", "已报", "差距", "期限"];
    let mut rows = vec![fixed.iter().chain(&fields).map(|name| (*name).to_owned()).collect::<Vec<_>>()];
    for item in items() {
        let closed = if item.parts > 0 { format!("{}/{}", item.closed, item.parts) } else { String::new() };
        let kind = if item.kind.is_empty() { "举措" } else { &item.kind };
        let mut row = [kind, &item.number, &item.title].map(str::to_owned).to_vec();
        row.extend([units_words(item), state_of(item).to_owned(), closed]);
        row.extend([String::new(), String::new(), String::new(), item.deadline.clone()]);
        row.extend(fields.iter().map(|field| {
            item.fields
                .iter()
                .find(|(name, _)| name == field)
                .map(|(_, words)| words.clone())
                .unwrap_or_default()
        }));
        rows.push(row);
    }
    for one in &page.indicators {
        let reported = one.reported.map(number_words).unwrap_or_else(|| "暂无数据".to_owned());
        let gap = one.gap.map(number_words).unwrap_or_default();
        let mut row = ["指标", "", &one.name, &one.scope, standing_words(&one.standing), ""]
            .map(str::to_owned)
            .to_vec();
        row.extend([one.target.clone(), reported, gap]);
        row.resize(fixed.len() + fields.len(), String::new());
        rows.push(row);
    }
    tongban_shared::views::to_csv(&rows)
}

/// The state of an item in words: that of its template, or of its units' parts.
fn state_of(item: &PublicItem) -> &str {
    item.own_state.as_deref().unwrap_or(state_words(&item.state))
}

/// Whether nothing is due of an item any more.
fn is_done(item: &PublicItem) -> bool {
    item.ended || item.state == PublicState::Closed
}

fn feed(app: &App, page: &Publication) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let address = format!("/p/{}/{}", app.rooms.space_id(), page.board);
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n<title>{title}</title>\n<id>urn:tongban:{board}</id>\n<updated>{date}T00:00:00+08:00</updated>\n<link href=\"{address}\"/>\n<author><name>{issuer}</name></author>\n<entry>\n<title>{title} 第 {edition} 版</title>\n<id>urn:tongban:{board}:{edition}</id>\n<updated>{date}T00:00:00+08:00</updated>\n<link href=\"{address}\"/>\n</entry>\n</feed>\n",
        title = escape(&page.title),
        board = page.board,
        date = page.date,
        issuer = escape(if page.issuer.is_empty() { &page.space } else { &page.issuer }),
        edition = page.edition,
    )
}

/// A state in words.
const fn state_words(state: &PublicState) -> &'static str {
    match state {
        PublicState::NotStarted => "未开始",
        PublicState::InProgress => "进行中",
        PublicState::Asked => "申请销号",
        PublicState::Returned => "退回",
        PublicState::Closed => "已销号",
    }
}

const fn lamp_words(lamp: &PublicLamp) -> &'static str {
    match lamp {
        PublicLamp::Overdue => "逾期",
        PublicLamp::DueSoon => "7 天内到期",
        PublicLamp::OnTrack => "正常",
        PublicLamp::Done => "已完成",
    }
}

const fn lamp_shape(lamp: &PublicLamp) -> &'static str {
    match lamp {
        PublicLamp::Overdue => "▲",
        PublicLamp::DueSoon => "◆",
        PublicLamp::OnTrack => "●",
        PublicLamp::Done => "✓",
    }
}

const fn standing_words(standing: &PublicStanding) -> &'static str {
    match standing {
        PublicStanding::NoData => "暂无数据",
        PublicStanding::Met => "达标",
        PublicStanding::AboveRange => "达标（超出区间）",
        PublicStanding::Short => "未达标",
        PublicStanding::Waiting => "口径待核",
        PublicStanding::Baseline => "基数",
    }
}

/// Width of an indicator's bar in percent of its frame.
fn bar(one: &PublicIndicator) -> u32 {
    one.percent.unwrap_or(0).min(100)
}

fn units_words(item: &PublicItem) -> String {
    item.units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join("、")
}
