//! Enterprises: each sees the items that name it and what was said to it, and speaks of these only.

use serde_json::Value;
use std::collections::BTreeMap;
use tongban_shared::document::Kind;
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Entry, EntryKind};
use tongban_shared::id::{BoardId, DocumentId, EntryId, ItemId, SpaceId, UnitId};
use tongban_shared::import::Role;
use tongban_shared::model::Removal;
use tongban_shared::publication::{Project, Projects};
use tongban_tests::client::{Client, Signer, ask, http, join, sign_in};
use tongban_tests::process::{Process, tongban};

const DAIRY: &str = "乳品深加工项目";

async fn projects(server: &Process, secret: &str) -> Projects {
    let (status, body) = ask(&server.address, secret, "GET /api/projects", "").await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).expect("projects")
}

fn named<'a>(all: &'a Projects, title: &str) -> Option<&'a Project> {
    all.projects.iter().find(|one| one.shown.title == title)
}

/// A person's device with what it needs to write: signer, connection, own log.
struct Desk {
    signer: Signer,
    client: Client,
    secret: String,
    log: DocumentId,
    board: BoardId,
}

impl Desk {
    async fn begin(server: &Process, secret: String, board: BoardId) -> Self {
        let mut signer = Signer::new(&server.address, &secret).await;
        assert_eq!(signer.certify(&server.address, &secret).await, 200);
        let log = DocumentId::log(board, signer.unit);
        let mut desk = Self {
            client: Client::connect(&server.address, &secret, "desk").await,
            signer,
            secret,
            log,
            board,
        };
        desk.client.open(log, Kind::Log).await;
        desk
    }

    /// Writes an entry; whether the server takes it. A refused entry keeps back those that follow: then the
    /// device begins anew.
    async fn say(
        &mut self,
        server: &Process,
        kind: EntryKind,
        fill: impl FnOnce(&mut Entry),
    ) -> Option<EntryId> {
        let entry = self.signer.entry(self.board, kind, fill);
        let edit = Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() };
        self.client.refused.clear();
        let hash = self.client.edit(self.log, &edit).await;
        let log = self.log;
        let mut taken = false;
        self.client
            .until("the server's word", |client| {
                taken = client.acknowledged.get(&log).is_some_and(|heads| heads.contains(&hash));
                taken || !client.refused.is_empty()
            })
            .await;
        if !taken {
            self.client = Client::connect(&server.address, &self.secret, "desk").await;
            self.client.open(log, Kind::Log).await;
        }
        taken.then_some(entry.id)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_enterprise_sees_its_own_items_and_speaks_of_no_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = &server.address;
    let (office, space_id) = sign_in(address, "office").await;
    let space_id: SpaceId = space_id.parse().expect("a space");
    let mut keeper = Client::connect(address, &office, "office").await;
    keeper.open(DocumentId::space(space_id), Kind::Space).await;

    // The demonstration's firm sees its project, the steps and troubles below it, no others.
    let (firm, _) = sign_in(address, "ruye").await;
    let seen = projects(&server, &firm).await;
    let dairy = named(&seen, DAIRY).expect("its project");
    let (board, item) = (dairy.board, dairy.item);
    assert!(named(&seen, "联合验收").is_some(), "what stands below it");
    for other in ["风电装备制造项目", "林下产品加工项目"] {
        assert!(named(&seen, other).is_none(), "{other} names another firm");
    }
    keeper.open(DocumentId::board(board), Kind::Board).await;
    let content = keeper.documents[&DocumentId::board(board)].board();
    let titles: BTreeMap<&str, ItemId> =
        content.items.iter().map(|(id, item)| (item.title.as_str(), *id)).collect();
    let wind = titles["风电装备制造项目"];

    // It reads neither the space, nor the board, nor the log of another unit.
    let mut desk = Desk::begin(&server, firm.clone(), board).await;
    let space = keeper.documents[&DocumentId::space(space_id)].space();
    let arong = space.unit_named("阿荣旗人民政府").expect("a banner");
    for (id, kind) in [
        (DocumentId::space(space_id), Kind::Space),
        (DocumentId::board(board), Kind::Board),
        (DocumentId::log(board, arong), Kind::Log),
    ] {
        desk.client.unavailable.clear();
        desk.client.open(id, kind).await;
        assert!(desk.client.unavailable.contains(&id), "{kind:?} is not for it");
    }

    // It speaks of its own items; of others, or of the board as a whole, the server takes nothing,
    // and the trail says so.
    let about = |item: Option<ItemId>, words: &'static str| {
        move |entry: &mut Entry| {
            entry.subject.item = item;
            words.clone_into(&mut entry.body);
        }
    };
    let asked =
        desk.say(&server, EntryKind::Issue, about(Some(item), "蒸汽何时接通？")).await.expect("taken");
    assert_eq!(desk.say(&server, EntryKind::Score, about(Some(wind), "别家的项目")).await, None);
    assert_eq!(desk.say(&server, EntryKind::Comment, about(None, "整张清单")).await, None);
    assert_eq!(desk.say(&server, EntryKind::Visit, about(Some(item), "不归企业写")).await, None);
    let (_, trail) = ask(address, &office, "GET /api/audit", "").await;
    assert!(trail.contains("别家的项目") && trail.contains("整张清单"), "{trail}");

    // An answer reaches it, a report among units does not.
    let link = tongban(folder.path(), &["admin", "invite", "阿荣旗人民政府", "--role", "editor"]).await;
    let banner = join(address, &link, "arong").await;
    let mut banner = Desk::begin(&server, banner, board).await;
    let answer = |entry: &mut Entry| {
        (entry.subject.item, entry.answers) = (Some(item), Some(asked));
        entry.body = "下月底前接通。".to_owned();
    };
    banner.say(&server, EntryKind::Answer, answer).await.expect("taken");
    banner.say(&server, EntryKind::Answer, about(Some(item), "致园区内企业")).await.expect("taken");
    banner.say(&server, EntryKind::Dispatch, about(Some(item), "请住建局内部核实")).await.expect("taken");
    banner.say(&server, EntryKind::Report, about(Some(item), "内部进展")).await.expect("taken");
    let seen = projects(&server, &firm).await;
    let said = &named(&seen, DAIRY).expect("its project").said;
    let words: Vec<(&str, bool)> = said.iter().map(|one| (one.body.as_str(), one.own)).collect();
    assert!(
        words.contains(&("蒸汽何时接通？", true)) && words.contains(&("下月底前接通。", false)),
        "{words:?}"
    );
    assert!(
        words.contains(&("致园区内企业", false)),
        "to whom it may be, where there is one firm: {words:?}"
    );
    for between in ["内部进展", "请住建局内部核实"] {
        assert!(!words.iter().any(|(words, _)| *words == between), "{words:?}");
    }

    // It does not solve what units are to solve.
    assert!(named(&seen, "园区蒸汽管道未接通").is_none(), "of a type that is not shown outside the board");
    let open = titles["园区蒸汽管道未接通"];
    let solve = |entry: &mut Entry| {
        (entry.subject.item, entry.to) = (Some(open), Some("solved".to_owned()));
        entry.body = "我们自己解决了".to_owned();
    };
    desk.say(&server, EntryKind::Answer, solve).await.expect("said, and moves nothing");
    let now = projects(&server, &firm).await;
    let open = named(&now, "园区蒸汽管道未接通").expect("what it has written of");
    assert_eq!((open.shown.own_state.as_deref(), &open.steps[..]), (Some("已交办"), &[][..]));

    // A device whose clock is set back has not raised it.
    desk.signer.ahead = -i64::try_from(tongban_server::clock::now_ms()).expect("a time") + 1000;
    desk.say(&server, EntryKind::Comment, about(Some(open.item), "很早以前")).await.expect("taken");
    desk.signer.ahead = 0;
    let now = projects(&server, &firm).await;
    assert_eq!(named(&now, "园区蒸汽管道未接通").expect("it").steps, []);

    // The firm confirms a trouble that it raised and a unit solved, with a clock that is an hour behind.
    let step = &named(&seen, "厂区用电增容").expect("its trouble").steps;
    assert_eq!(step.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["confirmed", "assigned"]);
    let known = named(&seen, "厂区用电增容").expect("its trouble").seen.clone();
    let confirm = |entry: &mut Entry| {
        (entry.subject.item, entry.to) = (Some(titles["厂区用电增容"]), Some("confirmed".to_owned()));
        entry.seen = known;
    };
    desk.signer.ahead = -3_600_000;
    desk.say(&server, EntryKind::Receipt, confirm).await.expect("taken");
    desk.signer.ahead = 0;
    let seen = projects(&server, &firm).await;
    assert_eq!(named(&seen, "厂区用电增容").expect("it").shown.own_state.as_deref(), Some("已确认"));

    // A second firm on the same project sees neither the name of the first nor what passed with it.
    let second = UnitId::from_bytes([7; 16]);
    let (name, kind) = ("第二家企业".to_owned(), "enterprise".to_owned());
    let unit = Edit::AddUnit { id: second, name, kind, side: String::new(), code: String::new() };
    keeper.edit(DocumentId::space(space_id), &unit).await;
    let (role, raw) = (Role::Participant, String::new());
    let assign = Edit::Assign { item, unit: second, role, open_ended: false, raw };
    let hash = keeper.edit(DocumentId::board(board), &assign).await;
    keeper
        .until("the edit", |keeper| {
            keeper.acknowledged.get(&DocumentId::board(board)).is_some_and(|heads| heads.contains(&hash))
        })
        .await;
    let link = tongban(folder.path(), &["admin", "invite", "第二家企业", "--role", "enterprise"]).await;
    let other = join(address, &link, "dierjia").await;
    let (_, body) = ask(address, &other, "GET /api/projects", "").await;
    for kept in
        ["乳业企业（示例）", "蒸汽何时接通", "下月底前接通", "致园区内企业", "用电不足", "厂区用电增容"]
    {
        // The field that names the investor is one that the template calls public.
        let shown = body.replace("[\"投资方\",\"乳业企业（示例）\"]", "");
        assert!(!shown.contains(kept), "{kept} is told to another firm: {shown}");
    }
    let seen: Projects = serde_json::from_str(&body).expect("projects");
    assert!(named(&seen, DAIRY).is_some(), "its own part is there at once");

    // Taken off while it was away: what it wrote meanwhile is not lost, and it sees no more of it.
    let (by, seen) = (None, BTreeMap::new());
    for unit in [second, desk.signer.unit] {
        let removal = Removal { by, seen: seen.clone(), times: 0 };
        keeper.edit(DocumentId::board(board), &Edit::Unassign { item, unit, removal }).await;
    }
    let taken_off = async |secret: &str| {
        for _ in 0..50 {
            if named(&projects(&server, secret).await, DAIRY).is_none() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("it still sees the project");
    };
    taken_off(&firm).await;
    taken_off(&other).await;
    desk.say(&server, EntryKind::Comment, about(Some(item), "离线时写的")).await.expect("taken");

    // Nobody else has such a page, and nobody without a session.
    assert_eq!(ask(address, &office, "GET /api/projects", "").await.0, 403);
    let (status, body) = ask(address, "nobody", "GET /api/projects", "").await;
    assert_eq!(status, 401);
    assert!(serde_json::from_str::<Value>(&body).expect("words")["error"].is_string());
    server.kill().await;
}

/// Signatures that the server has checked so far.
async fn checked(server: &Process) -> u64 {
    let (_, _, text) = http(&server.address, "GET /metrics HTTP/1.1\r\n", "").await;
    let line = text.lines().find_map(|line| line.strip_prefix("tongban_signatures_total "));
    line.and_then(|number| number.parse().ok()).expect("a number")
}

/// A signature is checked once, however often somebody asks, and however many ask at once; one account has few
/// such answers under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_again_reads_nothing_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let (firm, _) = sign_in(&server.address, "ruye").await;
    let dairy = named(&projects(&server, &firm).await, DAIRY).expect("its project").clone();
    let mut desk = Desk::begin(&server, firm.clone(), dairy.board).await;
    let mut write = async |words: &'static str| {
        let fill = |entry: &mut Entry| {
            entry.subject.item = Some(dairy.item);
            words.clone_into(&mut entry.body);
        };
        desk.say(&server, EntryKind::Issue, fill).await.expect("taken");
    };
    write("第一条").await;
    projects(&server, &firm).await;
    let first = checked(&server).await;
    assert!(first > 0, "the demonstration is signed");
    let all = futures::future::join_all((0..50).map(|_| projects(&server, &firm))).await;
    assert!(all.iter().all(|all| named(all, DAIRY).is_some()));
    assert_eq!(checked(&server).await, first, "nothing is new");
    write("第二条").await;
    let said = |all: &Projects| named(all, DAIRY).expect("its project").said.len();
    let now = projects(&server, &firm).await;
    assert_eq!(
        (checked(&server).await, said(&now)),
        (first + 1, said(&all[0]) + 1),
        "what is new, and it is there"
    );
    server.kill().await;
}
