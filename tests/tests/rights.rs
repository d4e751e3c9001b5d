//! `docs/rights.md`: every action, role and relation to a board. The table is made from
//! `shared/src/access.rs`; the real server is asked the same questions and must answer alike.
//! `TONGBAN_WRITE_DOCS=1` writes it.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::LazyLock;
use tongban_shared::access::{AccountRole, Action, Who, allowed, may_write_entry, own_items};
use tongban_shared::bundle;
use tongban_shared::document::{Document, DocumentError, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit, LedgerField};
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::id::{BoardId, DeviceId, DocumentId, EntryId, PersonId, SpaceId, UnitId};
use tongban_shared::model::{Board, BoardListing, Space};
use tongban_shared::plan::Settled;
use tongban_shared::publication::Projects;
use tongban_shared::trust::Key;
use tongban_tests::client::{Client, Signer, ask, demonstration, join, sign_in};
use tongban_tests::process::{Process, tongban};

/// How a person's unit stands to a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Lead,
    Named,
    Invited,
    Other,
}

impl Relation {
    const ALL: [Self; 4] = [Self::Lead, Self::Named, Self::Invited, Self::Other];

    const fn word(self) -> &'static str {
        match self {
            Self::Lead => "牵头",
            Self::Named => "涉及",
            Self::Invited => "受邀",
            Self::Other => "其他",
        }
    }

    const fn unit(self) -> UnitId {
        UnitId::from_bytes([self as u8 + 1; 16])
    }
}

/// A board that knows the units of the relations.
fn board() -> Board {
    Board {
        lead: Some(Relation::Lead.unit()),
        members: [Relation::Named.unit()].into(),
        guests: [Relation::Invited.unit()].into(),
        ..Board::default()
    }
}

/// The same without a lead.
static LEADERLESS: LazyLock<Board> = LazyLock::new(|| Board { lead: None, ..board() });

/// A question with the document it is asked of.
type Question = (&'static str, &'static str, fn(&Board, UnitId) -> Action<'_>);

const QUESTIONS: [Question; 19] = [
    ("空间", "读取单位、人员和清单目录", |_, _| Action::ReadSpace),
    ("空间", "维护单位、模板", |_, _| Action::WriteSpace),
    ("空间", "新建清单", |_, _| Action::BeginBoard),
    ("清单", "读取清单", |board, _| Action::ReadBoard(board)),
    ("清单", "修改清单（定稿前的计划、台账、登记项）", |board, _| {
        Action::WriteBoard(board)
    }),
    ("清单", "定稿、修改已定稿的计划、采纳提议", |board, _| Action::Decide(board)),
    ("清单", "更换牵头单位、邀请来宾、更换模板", |board, _| Action::Decide(board)),
    ("清单", "给没有牵头单位的清单指定牵头单位", |_, _| Action::Decide(&LEADERLESS)),
    ("记录", "读取本单位的记录", |board, unit| Action::ReadLog { board, unit }),
    ("记录", "读取其他单位的记录", |board, _| Action::ReadLog { board, unit: OTHERS }),
    ("记录", "写入本单位的记录", |board, unit| Action::WriteLog { board, unit }),
    ("记录", "销号、停用等决定", |board, _| Action::Decide(board)),
    ("记录", "退回销号", |board, _| Action::GiveBack(board)),
    ("记录", "在服务器之间传递附件", |_, _| Action::Carry),
    ("公开版", "发布、撤回", |board, _| Action::Publish(board)),
    ("清单", "只看涉及本企业的条目", |board, _| Action::ReadOwnItems(board)),
    ("清单", "查询涉及本企业的全部条目", |_, _| Action::AskOwnItems),
    ("账号", "邀请、调整角色、注销设备、结束登录、查看审计和占用", |_, _| {
        Action::Administer
    }),
    ("账号", "指定或调整管理员", |_, _| Action::AdministerRole(AccountRole::Administrator)),
];

const OTHERS: UnitId = UnitId::from_bytes([99; 16]);

fn entry(kind: EntryKind, unit: UnitId) -> Entry {
    let author = Author {
        person: PersonId::from_bytes([1; 16]),
        unit,
        device: DeviceId::from_bytes([1; 16]),
        writer: String::new(),
    };
    let subject = Subject { board: BoardId::from_bytes([1; 16]), item: None, unit: None, indicator: None };
    Entry::new(EntryId::from_bytes([1; 16]), kind, author, subject)
}

fn table() -> String {
    let (space, board) = (Space::default(), board());
    let mut page = String::from(
        "# Rights\n\nMade from `shared/src/access.rs` and checked by `tests/tests/rights.rs`; do not edit by \
         hand.\n\nA cell names the relations of the person's unit to the board for which it is allowed: 牵头 \
         leads it, 涉及 is named on it, 受邀 was invited as a guest, 其他 none of these; 全部 is every one. \
         Public pages need no account.\n\n",
    );
    let roles = AccountRole::ALL.map(AccountRole::word).join(" | ");
    let _ = writeln!(page, "| document | action | {roles} |");
    let _ = writeln!(page, "| --- | --- |{}", " --- |".repeat(AccountRole::ALL.len()));
    for (document, words, question) in QUESTIONS {
        let cell = |role| {
            let yes = |relation: &Relation| {
                let unit = relation.unit();
                allowed(&space, Who { unit, role }, question(&board, unit))
            };
            let named: Vec<&str> =
                Relation::ALL.iter().filter(|one| yes(one)).map(|one| one.word()).collect();
            match named.len() {
                0 => "—".to_owned(),
                4 => "全部".to_owned(),
                _ => named.join("、"),
            }
        };
        let cells = AccountRole::ALL.map(cell).join(" | ");
        let _ = writeln!(page, "| {document} | {words} | {cells} |");
    }
    page.push_str(
        "\n## Entries\n\nWhat a person may write into the log of the unit; ◆ only where the unit leads the \
         board, ↩ only to send back. An enterprise writes of the items that name it, and of what stands below \
         them.\n\n",
    );
    let _ = writeln!(page, "| entry | {roles} |");
    let _ = writeln!(page, "| --- |{}", " --- |".repeat(AccountRole::ALL.len()));
    for kind in EntryKind::ALL {
        let cell = |role| {
            let (leads, other) = (Relation::Lead.unit(), Relation::Other.unit());
            let may =
                |unit, accepted| may_write_entry(role, &Entry { accepted, ..entry(kind, unit) }, Some(leads));
            match (may(other, None), may(leads, None), may(other, Some(false))) {
                (true, ..) => "✓",
                (false, true, _) => "◆",
                (false, false, true) => "↩",
                (false, false, false) => "—",
            }
        };
        let cells = AccountRole::ALL.map(cell).join(" | ");
        let _ = writeln!(page, "| {} | {cells} |", kind.word());
    }
    page
}

#[test]
fn the_table_of_rights_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rights.md");
    if std::env::var_os("TONGBAN_WRITE_DOCS").is_some() {
        std::fs::write(&path, table()).expect("written");
    }
    let page = std::fs::read_to_string(&path).expect("docs/rights.md");
    assert!(page == table(), "docs/rights.md is not what the code says; TONGBAN_WRITE_DOCS=1 writes it");
}

/// A person of a unit in a role, who came by an invitation.
async fn come(server: &Process, data: &Path, unit: &str, role: AccountRole, number: i64) -> String {
    let link = tongban(data, &["admin", "invite", unit, "--role", role.word()]).await;
    join(&server.address, &link, &format!("person{number}")).await
}

/// Whether the server hands out a document.
async fn reads(client: &mut Client, id: DocumentId, kind: Kind) -> bool {
    client.unavailable.clear();
    client.open(id, kind).await;
    !client.unavailable.contains(&id)
}

/// Whether the server takes an edit of an open document.
async fn writes(client: &mut Client, id: DocumentId, edit: &Edit) -> Result<bool, DocumentError> {
    client.refused.clear();
    let hash = client.edit(id, edit).await;
    let mut taken = false;
    client
        .until("the server's word", |client| {
            taken = client.acknowledged.get(&id).is_some_and(|heads| heads.contains(&hash));
            taken || client.refused.iter().any(|(of, _)| *of == id)
        })
        .await;
    Ok(taken)
}

/// Every action × role × relation × document kind over the real server, compared with the table.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_answers_every_question_as_the_table_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::start(folder.path()).await;
    let address = server.address.clone();
    let (office, space_id) = sign_in(&address, "office").await;
    let space_id: SpaceId = space_id.parse().expect("a space");
    let space_document = DocumentId::space(space_id);
    let mut keeper = Client::connect(&address, &office, "office").await;
    keeper.open(space_document, Kind::Space).await;
    let space = keeper.documents[&space_document].space();
    let imported = space.boards.iter().find(|(_, listing)| !listing.doc_number.is_empty());
    let board_id = *imported.expect("a board of the demonstration").0;
    let id = DocumentId::board(board_id);
    keeper.open(id, Kind::Board).await;
    let unit_of = |name: &str| space.unit_named(name).unwrap_or_else(|| panic!("{name}"));
    let (lead, named) = ("市教育局", "海拉尔区人民政府");
    let before = keeper.documents[&id].board();
    // A unit that the board does not know, and one that is only invited.
    let strangers = space.units.iter().filter(|(unit, one)| {
        // The lead is not of the board yet: it would be the stranger in one run of many.
        let none = one.members.is_empty() && one.name != lead && one.name != named;
        none && !tongban_shared::access::concerns(&space, &before, **unit)
    });
    let strangers: Vec<&str> = strangers.map(|(_, one)| one.name.as_str()).take(2).collect();
    let [invited, other] = strangers[..] else { panic!("the board knows every unit") };
    let invite = Edit::InviteGuest { unit: unit_of(invited), present: true };
    assert_eq!(writes(&mut keeper, id, &invite).await, Ok(true));
    if keeper.documents[&id].board().lead != Some(unit_of(lead)) {
        let lead = Edit::SetBoardField { field: BoardField::Lead, value: unit_of(lead).to_string() };
        assert_eq!(writes(&mut keeper, id, &lead).await, Ok(true));
    }
    let settled = Settled::of(&keeper.documents[&id].board(), unit_of(lead), 1);
    let settle = Edit::SetBoardField { field: BoardField::Settled, value: settled.to_word() };
    assert_eq!(writes(&mut keeper, id, &settle).await, Ok(true));
    let content = keeper.documents[&id].board();
    assert!(tongban_shared::access::concerns(&space, &content, unit_of(named)));
    let measure = *content.items.keys().next().expect("a measure");
    assert!(!tongban_shared::access::concerns(&space, &content, unit_of(other)), "{other}");
    assert!(!tongban_shared::access::concerns(&space, &content, unit_of(invited)), "{invited}");

    // Another one that nobody leads.
    let mut imported = space.boards.iter().filter(|(_, listing)| !listing.doc_number.is_empty());
    let unled = imported.rfind(|(other, _)| **other != board_id).expect("another board");
    let unled = DocumentId::board(*unled.0);
    keeper.open(unled, Kind::Board).await;
    let nobody = Edit::SetBoardField { field: BoardField::Lead, value: String::new() };
    if keeper.documents[&unled].lead().is_some() {
        assert_eq!(writes(&mut keeper, unled, &nobody).await, Ok(true));
    }
    let without_lead = keeper.documents[&unled].board();
    assert!(without_lead.lead.is_none());

    let mut number = 0_i64;
    // A server has no sign-in; its rights are those that the ferry of `servers.rs` uses.
    for role in AccountRole::ALL.into_iter().filter(|role| *role != AccountRole::Server) {
        for (relation, name) in Relation::ALL.into_iter().zip([lead, named, invited, other]) {
            number += 1;
            let unit = unit_of(name);
            let who = Who { unit, role };
            let expected = |action: Action<'_>| allowed(&space, who, action);
            let told = |what: &str, found: bool, expected: bool| {
                assert_eq!(found, expected, "{what}: {role:?} of a unit that is {relation:?}");
            };
            let secret = come(&server, folder.path(), name, role, number).await;
            let mut signer = Signer::new(&address, &secret).await;
            assert_eq!(signer.certify(&address, &secret).await, 200);
            let mut client = Client::connect(&address, &secret, "person").await;

            let space_read = reads(&mut client, space_document, Kind::Space).await;
            told("read the space", space_read, expected(Action::ReadSpace));
            if space_read {
                let edit = Edit::SetAlias { unit, alias: format!("别名{number}"), present: true };
                let written = writes(&mut client, space_document, &edit).await;
                told("write the space", written == Ok(true), expected(Action::WriteSpace));
                // A board is begun by its listing and its first words: a keeper gets as far as the listing.
                let begun = BoardId::from_bytes([u8::try_from(100 + number).expect("few"); 16]);
                let title = format!("新清单{number}");
                let listing = BoardListing { title: title.clone(), ..BoardListing::default() };
                let list = Edit::ListBoard { id: begun, listing };
                let mut beginner = Client::connect(&address, &secret, "person").await;
                beginner.open(space_document, Kind::Space).await;
                let mut began = writes(&mut beginner, space_document, &list).await == Ok(true);
                if began {
                    let begun = DocumentId::board(begun);
                    let title = Edit::SetBoardField { field: BoardField::Title, value: title };
                    began = reads(&mut beginner, begun, Kind::Board).await
                        && writes(&mut beginner, begun, &title).await == Ok(true);
                }
                told("begin a board", began, expected(Action::BeginBoard));
            }
            let board_read = reads(&mut client, id, Kind::Board).await;
            told("read the board", board_read, expected(Action::ReadBoard(&content)));
            if board_read {
                let (value, field) = (format!("分批推进{number}"), LedgerField::Path);
                let edit = Edit::SetLedger { item: measure, unit, field, value };
                let written = writes(&mut client, id, &edit).await;
                told("write the board", written == Ok(true), expected(Action::WriteBoard(&content)));
                // The lead decides: nobody makes the own unit the lead, changes settled parts, or settles
                // them.
                let may = expected(Action::WriteBoard(&content)) && expected(Action::Decide(&content));
                let set = |field, value: String| Edit::SetBoardField { field, value };
                for (moment, (what, edit)) in (10 * number..).zip([
                    ("change the lead", set(BoardField::Lead, unit_of(other).to_string())),
                    ("change a settled plan", set(BoardField::Title, format!("改名{number}"))),
                    ("draft a plan again", set(BoardField::Settled, String::new())),
                ]) {
                    let mut trying = Client::connect(&address, &secret, "person").await;
                    reads(&mut trying, id, Kind::Board).await;
                    let written = writes(&mut trying, id, &edit).await == Ok(true);
                    told(what, written, may);
                    if written {
                        if trying.documents[&id].lead() != Some(unit_of(lead)) {
                            let back = set(BoardField::Lead, unit_of(lead).to_string());
                            assert_eq!(writes(&mut trying, id, &back).await, Ok(true));
                        }
                        let settled = Settled::of(&trying.documents[&id].board(), unit, moment);
                        let settle = set(BoardField::Settled, settled.to_word());
                        assert_eq!(writes(&mut trying, id, &settle).await, Ok(true));
                    }
                }
            }
            for (what, edit) in [
                ("lead", Edit::SetBoardField { field: BoardField::Lead, value: unit.to_string() }),
                ("guest", Edit::InviteGuest { unit, present: true }),
                (
                    "template",
                    Edit::SetBoardField { field: BoardField::Template, value: format!("plan{number}") },
                ),
            ] {
                let mut trying = Client::connect(&address, &secret, "person").await;
                if !reads(&mut trying, unled, Kind::Board).await {
                    assert!(!expected(Action::ReadBoard(&without_lead)));
                    break;
                }
                let written = writes(&mut trying, unled, &edit).await == Ok(true);
                told(what, written, expected(Action::Decide(&without_lead)));
                let back = match what {
                    "lead" => nobody.clone(),
                    "guest" => Edit::InviteGuest { unit, present: false },
                    _ => continue,
                };
                if written {
                    assert_eq!(writes(&mut trying, unled, &back).await, Ok(true));
                }
            }
            let (own, others) =
                (DocumentId::log(board_id, unit), DocumentId::log(board_id, unit_of("市财政局")));
            let board = &content;
            let own_read = reads(&mut client, own, Kind::Log).await;
            told("read the own log", own_read, expected(Action::ReadLog { board, unit }));
            let others_read = reads(&mut client, others, Kind::Log).await;
            let theirs = Action::ReadLog { board, unit: unit_of("市财政局") };
            told("read another log", others_read, expected(theirs));
            // An enterprise is shown its own items, and speaks of these only.
            let enterprise = expected(Action::AskOwnItems);
            let items = own_items(&space, &content, unit, false);
            let (status, body) = ask(&address, &secret, "GET /api/projects", "").await;
            told("ask for own items", status == 200, enterprise);
            let shown = serde_json::from_str::<Projects>(&body).is_ok_and(|all| {
                let of_board: BTreeSet<_> =
                    all.projects.iter().filter(|one| one.board == board_id).map(|one| one.item).collect();
                assert_eq!(of_board, items, "all of its own and no others");
                !items.is_empty()
            });
            told("see own items", shown, expected(Action::ReadOwnItems(board)) && !items.is_empty());
            let item = enterprise.then(|| items.first().copied().unwrap_or(measure));
            // A close-out is accepted, and it is sent back, which supervision may as well.
            let closes = |kind| kind == EntryKind::CloseDecision;
            let kinds = EntryKind::ALL.map(|kind| (kind, closes(kind).then_some(true)));
            let sends_back = (EntryKind::CloseDecision, Some(false));
            for (kind, accepted) in kinds.into_iter().chain([sends_back]).filter(|_| own_read) {
                let entry = signer.entry(board_id, kind, |entry| {
                    (entry.subject.unit, entry.subject.item) = (Some(unit), item);
                    entry.accepted = accepted;
                });
                let log = expected(Action::WriteLog { board, unit });
                let of_own = item.is_none_or(|item| items.contains(&item));
                let may = log && of_own && may_write_entry(role, &entry, content.lead);
                let edit = Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() };
                // Changes behind a refused one are refused with it: each on a fresh connection.
                let taken = writes(&mut client, own, &edit).await == Ok(true);
                told(kind.word(), taken, may);
                if accepted == Some(false) {
                    told("send back", taken, expected(Action::GiveBack(board)));
                }
                if !taken {
                    client = Client::connect(&address, &secret, "person").await;
                    reads(&mut client, own, Kind::Log).await;
                }
            }
            let may_publish = expected(Action::Publish(board));
            let preview = format!("GET /api/publications/{board_id}/preview");
            let (status, body) = ask(&address, &secret, &preview, "").await;
            told("look at the next edition", status == 200, may_publish);
            let preview: serde_json::Value = serde_json::from_str(&body).expect("an answer");
            let body = serde_json::json!({ "digest": preview["digest"].as_str().unwrap_or("x") }).to_string();
            let publish = format!("POST /api/publications/{board_id}");
            let (published, said) = ask(&address, &secret, &publish, &body).await;
            assert!(published == 200 || published == 403, "{said}");
            told("publish", published == 200, may_publish);
            let withdraw = format!("POST /api/publications/{board_id}/1/withdraw");
            let (withdrawn, _) = ask(&address, &secret, &withdraw, "{\"reason\":\"试\"}").await;
            // The first who may withdraws it; after that there is nothing to withdraw.
            told("withdraw", withdrawn != 403, may_publish);
            // A keeper keeps accounts, and makes no administrator.
            let invite = |role: &str| serde_json::json!({ "unit": unit, "role": role }).to_string();
            let (status, _) = ask(&address, &secret, "POST /api/invitations", &invite("reader")).await;
            told("invite a reader", status == 200, expected(Action::Administer));
            let (status, _) = ask(&address, &secret, "POST /api/invitations", &invite("administrator")).await;
            let administrators = Action::AdministerRole(AccountRole::Administrator);
            told("invite an administrator", status == 200, expected(administrators));
            let (unit, none) = (unit_of("市财政局"), "0".repeat(64));
            let carried = format!("GET /api/carried/{board_id}/{unit}/{none}");
            let (status, _) = ask(&address, &secret, &carried, "").await;
            told("carry a file", status != 403, expected(Action::Carry));
            // A request about nobody is refused for its content, after the right to ask.
            let nobody = PersonId::from_bytes([250; 16]);
            let other = come(&server, folder.path(), name, AccountRole::Reader, 1000 + number).await;
            let mut other_device = Signer::new(&address, &other).await;
            assert_eq!(other_device.certify(&address, &other).await, 200);
            let body = serde_json::json!({ "unit": unit, "role": "reader" }).to_string();
            for (request, body) in [
                ("GET /api/accounts".to_owned(), String::new()),
                ("GET /api/audit".to_owned(), String::new()),
                ("GET /api/costs".to_owned(), String::new()),
                (format!("POST /api/accounts/{nobody}"), body),
                (format!("DELETE /api/accounts/{nobody}"), String::new()),
                (format!("DELETE /api/accounts/{nobody}/sessions"), String::new()),
                (format!("DELETE /api/devices/{}", other_device.device), String::new()),
                ("POST /api/lock".to_owned(), "{\"minutes\":10,\"failures\":5}".to_owned()),
            ] {
                let (status, _) = ask(&address, &secret, &request, &body).await;
                told(&request, status != 403, expected(Action::Administer));
            }
        }
    }
    server.kill().await;
}

/// A file that nobody answers for: anybody may have put signed records into it, and they say no more by it than
/// their unit might say over a connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsigned_file_says_what_its_units_might_say_and_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = Process::start(&data).await;
    let address = server.address.clone();
    let (mut office, board) = demonstration(&address, "office").await;
    let id = DocumentId::board(board);
    let space_id = *office.documents.iter().find(|(_, one)| one.kind() == Kind::Space).expect("a space").0;
    let (space, content) = (office.documents[&space_id].space(), office.documents[&id].board());
    let named = content.named_units();
    let may = |unit: &UnitId| {
        let who = Who { unit: *unit, role: AccountRole::Editor };
        allowed(&space, who, Action::WriteLog { board: &content, unit: *unit })
    };
    let (other, unit) = space.units.iter().find(|(unit, _)| !may(unit)).expect("a unit it does not name");
    assert!(!named.contains(other) && !unit.name.is_empty());
    let link = tongban(&data, &["admin", "invite", &unit.name, "--role", "editor"]).await;
    let outside = join(&address, &link, "outside").await;
    let inside = sign_in(&address, "hailar").await.0;
    let before = space.proofs.certificates.len();
    let mut signers = Vec::new();
    for secret in [inside, outside] {
        let mut signer = Signer::new(&address, &secret).await;
        assert_eq!(signer.certify(&address, &secret).await, 200);
        signers.push(signer);
    }
    let certified =
        |client: &mut Client| client.documents[&space_id].space().proofs.certificates.len() == before + 2;
    office.until("the certificates", certified).await;
    let whole = office.documents.get_mut(&space_id).expect("open").save();
    server.kill().await;
    let file = folder.path().join("file").to_string_lossy().into_owned();
    for (mut signer, counts) in signers.into_iter().zip([true, false]) {
        let entry = signer.entry(board, EntryKind::Report, |entry| entry.body = "带来的进展".to_owned());
        let actor = [&signer.device.bytes()[..], &[0; 4]].concat();
        let mut log = Document::new(Kind::Log, &actor);
        let edit = Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() };
        log.edit(&edit, &Stamp::default()).expect("an entry");
        let space = Document::load(Kind::Space, &actor, [whole.as_slice()]).expect("a space");
        let all = [(space_id, space), (DocumentId::log(board, signer.unit), log)];
        let all = all.map(|(id, mut document)| (id, document.changes_since(&[])));
        std::fs::write(&file, bundle::write(all, &Key::from_seed(&[77; 32]))).expect("written");
        let said = tongban(&data, &["bundle", "in", &file]).await;
        assert!(said.contains("只采纳其中有签名的记录"), "{said}");
        assert_eq!(said.contains("新增改动 1，"), counts, "{said}");
    }
}
