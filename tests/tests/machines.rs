//! Programs read us: feed readers, spreadsheet programs and caches the public pages, browsers
//! and proxies the names of origins.

#[path = "machines/origins.rs"]
mod origins;

use atom_syndication::Feed;
use serde_json::{Value, json};
use std::str::FromStr;
use tongban_shared::document::{Choice, Kind};
use tongban_shared::edit::{BoardField, Edit, ItemField, TextPlace};
use tongban_shared::fold::Entries;
use tongban_shared::id::{BoardId, DocumentId, ItemId, SpaceId, UnitId};
use tongban_shared::plan::{PlanState, Settled, plan_state};
use tongban_tests::client::{Client, ask, http, sign_in};
use tongban_tests::process::{Process, alter, tongban};

/// A board of the demonstration whose lead publishes.
struct Lead {
    address: String,
    secret: String,
    device: Client,
    space: String,
    board: BoardId,
    item: ItemId,
    settled: i64,
}

impl Lead {
    async fn of(server: &Process) -> Self {
        let (secret, space) = sign_in(&server.address, "office").await;
        let mut device = Client::connect(&server.address, &secret, "office").await;
        let space_id = DocumentId::space(space.parse::<SpaceId>().expect("a space"));
        device.open(space_id, Kind::Space).await;
        let boards = device.documents[&space_id].space().boards;
        let board = *boards.iter().find(|(_, one)| !one.doc_number.is_empty()).expect("a board").0;
        device.open(DocumentId::board(board), Kind::Board).await;
        let item = device.documents[&DocumentId::board(board)].board().item_order()[0];
        let address = server.address.clone();
        Self { address, secret, device, space, board, item, settled: 0 }
    }

    async fn edit(&mut self, edit: &Edit) {
        let id = DocumentId::board(self.board);
        let hash = self.device.edit(id, edit).await;
        self.device.until("the acknowledgement", |client| client.acknowledged[&id].contains(&hash)).await;
    }

    async fn title(&mut self, title: &str) {
        let value = title.to_owned();
        self.edit(&Edit::SetItemField { id: self.item, field: ItemField::Title, value }).await;
    }

    async fn settle(&mut self) {
        self.settled += 1;
        let content = self.device.documents[&DocumentId::board(self.board)].board();
        let value = Settled::of(&content, UnitId::from_bytes([1; 16]), self.settled).to_word();
        self.edit(&Edit::SetBoardField { field: BoardField::Settled, value }).await;
    }

    async fn ask_to_publish(&self) -> (u16, String) {
        let line = format!("GET /api/publications/{}/preview", self.board);
        let preview = ask(&self.address, &self.secret, &line, "").await.1;
        let preview: Value = serde_json::from_str(&preview).expect("a preview");
        let body = json!({ "digest": preview["digest"] }).to_string();
        let line = format!("POST /api/publications/{}", self.board);
        ask(&self.address, &self.secret, &line, &body).await
    }

    async fn publish(&mut self) {
        self.settle().await;
        let (status, said) = self.ask_to_publish().await;
        assert_eq!(status, 200, "{said}");
    }

    async fn withdraw(&self, edition: u32) {
        let line = format!("POST /api/publications/{}/{edition}/withdraw", self.board);
        let reason = json!({ "reason": "数字\u{b}有误 <&>" }).to_string();
        assert_eq!(ask(&self.address, &self.secret, &line, &reason).await.0, 204);
    }

    async fn get(&self, ending: &str) -> (u16, String, String) {
        let path = format!("/p/{}/{}{ending}", self.space, self.board);
        http(&self.address, &format!("GET {path} HTTP/1.1\r\n"), "").await
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// Feed readers, spreadsheet programs and caches are given what they can read, and what was withdrawn is
/// gone for all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn machines_read_what_is_published() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = ["--demo", "--listen", "127.0.0.1:0", "--address", "https://tongban.example:8443"];
    let server = Process::start_with(folder.path(), &options).await;
    let index = async |path: &str| http(&server.address, &format!("GET {path} HTTP/1.1\r\n"), "").await;
    for path in ["/p", "/p/"] {
        let (status, _, body) = index(path).await;
        assert_eq!(status, 200, "{path}");
        assert!(body.contains("还没有公开的清单"), "{path}: {body}");
    }

    let mut lead = Lead::of(&server).await;
    // U+000B comes from Word by way of the clipboard.
    lead.title("扩大\u{b}产销\u{202e}<对接>").await;
    lead.publish().await;
    lead.title("扩大产销“对接”, 再加一行\u{c}").await;
    lead.publish().await;
    for path in ["/p".to_owned(), "/p/".to_owned(), format!("/p/{}", lead.space)] {
        let (status, _, body) = index(&path).await;
        assert_eq!(status, 200, "{path}");
        assert!(body.contains(&lead.board.to_string()) && body.contains("共 1 张清单"), "{path}: {body}");
    }
    // A slash at the end, and what was never there.
    let (status, head, _) = lead.get("/").await;
    assert_eq!(
        (status, header(&head, "location")),
        (308, Some(&*format!("/p/{}/{}", lead.space, lead.board)))
    );
    for path in ["/p/x", "/p/a/b/c/d/e", "/p/x/"] {
        let (status, _, body) = index(path).await;
        let asked_on = if status == 308 {
            index(path.trim_end_matches('/')).await
        } else {
            (status, String::new(), body)
        };
        assert!(asked_on.0 == 404 && asked_on.2.contains("没有这个页面"), "{path}: {}", asked_on.2);
    }

    // Nothing shows other than it is; what was signed stands as it was.
    for ending in ["/1", "/1.csv", "/1/2", ".atom"] {
        let (status, _, body) = lead.get(ending).await;
        assert!(status == 200 && !body.contains('\u{202e}'), "{ending}: {body}");
    }
    assert!(lead.get("/1.signed.json").await.2.contains('\u{202e}'));

    // The page says when the plan was to be done with; nothing open of it is on time.
    let (_, head, page) = lead.get("").await;
    assert!(page.contains("扩大产销“对接”, 再加一行"), "{page}");
    assert!(!page.contains("正常"), "an open measure is never that");
    assert!(!page.contains("销号"), "an officials' word");
    let date = page.split("数据截至 ").nth(1).and_then(|rest| rest.get(..10)).expect("a date");
    assert!(date.parse::<jiff::civil::Date>().is_ok(), "{date}");

    // Tags, as caches and proxies name them.
    let tag = header(&head, "etag").expect("a tag").to_owned();
    let path = format!("/p/{}/{}", lead.space, lead.board);
    for (told, status) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"x\", W/{tag}"), 304),
        ("*".to_owned(), 304),
        ("\"x\"".to_owned(), 200),
    ] {
        let head = format!("GET {path} HTTP/1.1\r\nif-none-match: {told}\r\n");
        assert_eq!(http(&server.address, &head, "").await.0, status, "{told}");
    }

    // Formats, by readers that are not ours.
    let (status, head, body) = lead.get(".atom").await;
    assert_eq!((status, header(&head, "content-type")), (200, Some("application/atom+xml; charset=utf-8")));
    let feed = Feed::from_str(&body).expect("a feed");
    let begin = format!("https://tongban.example:8443{path}");
    let links = |links: &[atom_syndication::Link]| {
        links.iter().map(|link| (link.rel.clone(), link.href.clone())).collect::<Vec<_>>()
    };
    assert_eq!(
        links(&feed.links),
        [("self".to_owned(), format!("{begin}.atom")), ("alternate".to_owned(), begin.clone())]
    );
    let entries: Vec<_> = feed.entries.iter().map(|entry| entry.links[0].href.clone()).collect();
    assert_eq!(entries, [format!("{begin}/2"), format!("{begin}/1")]);
    assert!(feed.entries.iter().all(|entry| entry.updated <= feed.updated && !entry.id.is_empty()));
    let (_, _, body) = lead.get("/1.csv").await;
    let mut table = csv::Reader::from_reader(body.trim_start_matches('\u{feff}').as_bytes());
    let heads = table.headers().expect("heads").clone();
    let rows: Vec<csv::StringRecord> = table.records().collect::<Result<_, _>>().expect("rows of one width");
    let named = heads.iter().position(|head| head == "名称").expect("a column");
    assert!(rows.iter().any(|row| &row[named] == "扩大\n产销<对接>"), "{rows:?}");
    let (_, _, body) = lead.get("/1.json").await;
    let data: Value = serde_json::from_str(&body).expect("data");
    assert_eq!(data["edition"], 1);
    for ending in ["", ".csv", ".atom", "/1", "/1.csv", "/1/2"] {
        let (_, _, body) = lead.get(ending).await;
        let bad = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        assert!(!body.contains(bad), "{ending}");
    }

    // A withdrawn edition is gone in every form; the others still stand.
    lead.withdraw(2).await;
    for ending in ["/2", "/2.csv", "/2.json", "/2.atom", "/2.signed.json", "/1/2"] {
        let (status, _, body) = lead.get(ending).await;
        assert_eq!(status, 410, "{ending}");
        assert!(body.contains("撤回"), "{ending}: {body}");
    }
    for ending in ["", ".csv", ".json", ".signed.json", "/1", "/1.csv"] {
        assert_eq!(lead.get(ending).await.0, 200, "{ending}");
    }
    let feed = Feed::from_str(&lead.get(".atom").await.2).expect("a feed");
    assert!(feed.entries[0].title.ends_with("第 2 版（已撤回）"), "{:?}", feed.entries[0].title);
    assert_eq!(
        feed.entries[0].summary.as_ref().map(|words| &*words.value),
        Some("本版已撤回：数字\n有误 <&>")
    );
    lead.withdraw(1).await;
    for ending in ["", ".csv", ".json", ".atom", ".signed.json", "/1", "/1.atom"] {
        let (status, head, _) = lead.get(ending).await;
        assert_eq!(status, 410, "{ending}");
        let kind =
            if ending.contains('.') { "text/plain; charset=utf-8" } else { "text/html; charset=utf-8" };
        assert_eq!(header(&head, "content-type"), Some(kind), "{ending}");
    }
    assert_eq!(lead.get(".xml").await.0, 404);
    server.kill().await;
}

/// A look makes one edition, however often it is asked for, and an edition says something new.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_looked_at_is_published_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let mut lead = Lead::of(&server).await;
    lead.title("扩大产销对接").await;
    lead.settle().await;
    let line = format!("GET /api/publications/{}/preview", lead.board);
    let looked_at = ask(&lead.address, &lead.secret, &line, "").await.1;
    let looked_at: Value = serde_json::from_str(&looked_at).expect("a preview");
    let body = json!({ "digest": looked_at["digest"] }).to_string();
    let line = format!("POST /api/publications/{}", lead.board);
    let asked = || ask(&lead.address, &lead.secret, &line, &body);
    let mut published = 0;
    for (status, said) in futures::future::join_all((0..5).map(|_| asked())).await {
        // Two at the same moment: the later one looks again.
        assert!(status == 409 || status == 200 && said.contains("\"edition\":1"), "{status}: {said}");
        published += usize::from(status == 200);
    }
    assert!(published > 0);
    let (status, said) = asked().await;
    assert!(status == 200 && said.contains("\"edition\":1"), "an answer that was lost: {said}");
    let editions = format!("GET /api/publications/{}", lead.board);
    let listed = ask(&lead.address, &lead.secret, &editions, "").await.1;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&listed).expect("editions").len(), 1, "{listed}");
    let trail = tongban(folder.path(), &["admin", "audit", "export"]).await;
    assert_eq!(trail.matches("\"published\"").count(), 1, "{trail}");
    // Looked at anew it is still the same; what differs is published.
    let (status, said) = lead.ask_to_publish().await;
    assert!(status == 409 && said.contains("与已公布的第 1 版没有差别"), "{said}");
    lead.title("扩大产销对接和展销").await;
    lead.publish().await;
    lead.withdraw(2).await;
    // The one that was withdrawn is published again when it is settled so: the first one stands, and differs.
    let (status, said) = lead.ask_to_publish().await;
    assert!(status == 200 && said.contains("\"edition\":3"), "{said}");
    server.kill().await;
}

/// A page is made once for all who ask, in every form, and anew when what it rests on is another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_page_is_made_once_for_all_who_ask() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let mut lead = Lead::of(&server).await;
    for title in ["扩大产销对接", "扩大产销对接和展销"] {
        lead.title(title).await;
        lead.publish().await;
    }
    let made = async || {
        let (_, _, text) = http(&server.address, "GET /metrics HTTP/1.1\r\n", "").await;
        let line = text.lines().find_map(|line| line.strip_prefix("tongban_pages_made_total "));
        line.expect("a counter").parse::<u32>().expect("a number")
    };
    let own = format!("/p/{}/{}", lead.space, lead.board);
    let paths = ["", ".csv", ".json", ".signed.json", ".atom", "/1", "/1/2", "/2/1"];
    let paths: Vec<String> =
        paths.iter().map(|ending| format!("{own}{ending}")).chain(["/p".to_owned()]).collect();
    let get = async |path: &str, more: &str| {
        http(&server.address, &format!("GET {path} HTTP/1.1\r\n{more}"), "").await
    };
    let before = made().await;
    for path in &paths {
        let asked = (0..10).map(|_| get(path, ""));
        let answers = futures::future::join_all(asked).await;
        assert!(answers.iter().all(|one| one.0 == 200 && one.2 == answers[0].2), "{path}");
        let tag = header(&answers[0].1, "etag").expect("a tag");
        assert_eq!(get(path, &format!("if-none-match: {tag}\r\n")).await.0, 304, "{path}");
    }
    // Whichever of two editions is named first.
    assert_eq!(made().await - before, 8);
    for path in [format!("{own}/9"), format!("{own}/1/9"), format!("{own}/x.json")] {
        assert_eq!(get(&path, "").await.0, 404, "{path}");
    }
    assert_eq!(made().await - before, 8, "nothing is made for what there is not");
    lead.withdraw(2).await;
    let (status, _, page) = get(&own, "").await;
    assert!(status == 200 && page.contains("扩大产销对接") && !page.contains("对接和展销"), "{page}");
    let (status, _, page) = get(&format!("{own}/1/2"), "").await;
    assert!(status == 410 && page.contains("第 2 版已于"), "{page}");
    assert!(get("/p", "").await.2.contains("第 1 版"));
    server.kill().await;
}

/// Official text with a place that two people changed apart is not published, whatever was settled; once a
/// person has decided, it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_with_a_marked_text_is_neither_settled_nor_published() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (mut lead, mut other) = (Lead::of(&server).await, Lead::of(&server).await);
    let (id, text) = (DocumentId::board(lead.board), TextPlace::Item(lead.item));
    let write = |words: &str| Edit::SpliceText { text, at: 0, delete: 2, insert: words.to_owned() };
    // The second writes before it has heard of the first.
    lead.edit(&write("甲方")).await;
    other.edit(&write("乙方")).await;
    let hash = other.device.documents.get_mut(&id).expect("a board").heads();
    lead.device.until("the other's words", |client| hash.iter().all(|hash| client.has(id, hash))).await;
    let document = lead.device.documents.get_mut(&id).expect("a board");
    let marks = document.text_marks().to_vec();
    assert_eq!(marks.len(), 1, "{marks:?}");
    assert_eq!(plan_state(&document.board(), &Entries::default(), true), PlanState::Drafted);
    lead.settle().await;
    let document = &lead.device.documents[&id];
    assert_eq!(plan_state(&document.board(), &Entries::default(), true), PlanState::Differs);
    let (status, said) = lead.ask_to_publish().await;
    assert_eq!(status, 409);
    assert!(said.contains("有 1 处两人同时改过"), "{said}");
    for edit in marks[0].decided(Choice::Version(0)) {
        lead.edit(&edit).await;
    }
    lead.publish().await;
}

/// A lead who writes file after file into an own board has every one of them read, and what another board
/// publishes stays as it was; where a template cannot be read nothing is published, and it says why.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_lead_changes_nothing_of_another_board() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let mut lead = Lead::of(&server).await;
    let boards = lead.device.documents[&DocumentId::space(lead.space.parse::<SpaceId>().expect("a space"))]
        .space()
        .boards;
    let mut typed = None;
    for (board, _) in boards.iter().filter(|(_, listing)| listing.doc_number.is_empty()) {
        let id = DocumentId::board(*board);
        lead.device.open(id, Kind::Board).await;
        if lead.device.documents[&id].board().template == "publicity" {
            typed = Some(*board);
            break;
        }
    }
    let typed = typed.expect("a board of the demonstration");
    let set = |value: String| Edit::SetBoardField { field: BoardField::TemplateSource, value };
    let preview = async |lead: &Lead, board: BoardId| {
        let line = format!("GET /api/publications/{board}/preview");
        let (status, body) = ask(&lead.address, &lead.secret, &line, "").await;
        let body: Value = serde_json::from_str(&body).unwrap_or(Value::String(body));
        (status, body)
    };
    let own = lead.board;
    let (_, before) = preview(&lead, typed).await;
    assert!(before["digest"].is_string(), "{before}");
    let file = |name: &str| {
        let files = tongban_shared::template::FILES;
        files.iter().find(|(id, _)| *id == name).map(|(_, source)| *source)
    };
    let plan = file("measure_plan").expect("a file");
    for variant in 0..66 {
        lead.board = own;
        lead.edit(&set(format!("{plan}\n# {variant}\n"))).await;
        assert_eq!(preview(&lead, own).await.0, 200, "variant {variant}");
    }
    // The other board carries the text of its own template: it says what it said.
    lead.board = typed;
    lead.edit(&set(file("publicity").expect("a file").to_owned())).await;
    let (status, after) = preview(&lead, typed).await;
    assert_eq!((status, &after["digest"]), (200, &before["digest"]));
    lead.settle().await;
    assert_eq!(preview(&lead, typed).await.1["settled"], json!(true), "{after}");
    let wrong = ["id = 3".to_owned(), "#".repeat(100_000)];
    for source in wrong {
        lead.edit(&set(source)).await;
        let (status, said) = preview(&lead, typed).await;
        assert_eq!(status, 409, "{said}");
        assert!(said.to_string().contains("模板"), "{said}");
        let line = format!("POST /api/publications/{typed}");
        let body = json!({ "digest": before["digest"] }).to_string();
        let (status, said) = ask(&lead.address, &lead.secret, &line, &body).await;
        assert!(status == 409 && said.contains("模板"), "{said}");
    }
    // Another template than the one that was settled is looked at again.
    lead.edit(&set(format!("{}\n# 另一份\n", file("publicity").expect("a file")))).await;
    assert_eq!(preview(&lead, typed).await.1["settled"], json!(false));
    lead.settle().await;
    assert_eq!(preview(&lead, typed).await.1["settled"], json!(true));
    server.kill().await;
}
