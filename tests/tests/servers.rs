//! Three servers of one space: a city's, a banner's that is reached by files only, and one in Beijing
//! whose link is up now and then. Each has its own people; in the end all hold the same.

#[path = "servers/another.rs"]
mod another;
#[path = "servers/person.rs"]
mod person;

use person::Person;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use tongban_shared::attachment::{Attachment, FileHash};
use tongban_shared::document::Kind;
use tongban_shared::edit::{BoardField, Edit, ItemField};
use tongban_shared::entry::EntryKind;
use tongban_shared::fold::Entries;
use tongban_shared::id::{BoardId, DocumentId, ItemId, UnitId};
use tongban_shared::limits::{FRAME_BYTES, PIECE};
use tongban_shared::model::BoardListing;
use tongban_shared::trust::Register;
use tongban_tests::client::{Client, Signer, ask, ask_bytes, join, sign_in};
use tongban_tests::process::{Process, age_sessions, tongban};
use tongban_tests::proxy::{Fault, Proxy};

/// Heads of the space, a board and its logs as a server hands them out, and the reports that count
/// there.
async fn held(
    address: &str,
    secret: &str,
    board: BoardId,
) -> (BTreeMap<DocumentId, Vec<[u8; 32]>>, Vec<String>) {
    let signer = Signer::new(address, secret).await;
    let mut person = Person::on(address, secret.to_owned(), signer).await;
    let space_id = DocumentId::space(person.space);
    let space = person.client.documents[&space_id].space();
    person.client.open(DocumentId::board(board), Kind::Board).await;
    let register = Register::read(person.space, &space.proofs, person.authority);
    let lead = person.client.documents[&DocumentId::board(board)].board().lead;
    let mut entries = Entries::default();
    for unit in space.units.keys() {
        let log = DocumentId::log(board, *unit);
        person.client.open(log, Kind::Log).await;
        for entry in person.client.documents[&log].entries().0.into_values() {
            entries.take(entry, (board, *unit), &register, lead);
        }
    }
    entries.check_signatures(&register, usize::MAX);
    assert_eq!(entries.apart().count(), 0, "everything counts on every server");
    let mut heads: BTreeMap<DocumentId, Vec<[u8; 32]>> = BTreeMap::new();
    for (id, document) in &mut person.client.documents {
        let mut of = document.heads();
        of.sort_unstable();
        heads.insert(*id, of);
    }
    let mut words: Vec<String> = entries.all.into_values().map(|entry| entry.body).collect();
    words.sort();
    (heads, words)
}

const PLAIN: [&str; 2] = ["--listen", "127.0.0.1:0"];

/// Lets the server of a unit in Beijing connect to a city's; gives the secret that lets it in.
async fn connect_beijing(city: &Path, address: &str, beijing: &Path) -> String {
    let said = tongban(city, &["peer", "invite", "北京", "--unit", WEST]).await;
    let ticket = said.split("--ticket ").nth(1).expect("a ticket").trim();
    let url = format!("http://{address}");
    tongban(beijing, &["peer", "add", &url, "--unit", "市政府办", "--ticket", ticket]).await;
    ticket.rsplit('.').next().expect("a secret").to_owned()
}

const WEST: &str = "北京市西城区人民政府";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_joined_by_files_and_a_link_that_is_up_now_and_then_end_equal() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = |name: &str| folder.path().join(name);
    let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (city, banner, beijing) = (data("city"), data("banner"), data("beijing"));

    let at_city = Process::start(&city).await;
    let (office_secret, _) = sign_in(&at_city.address, "office").await;
    let mut office = Person::new(&at_city.address, office_secret.clone()).await;
    let space_id = DocumentId::space(office.space);
    let boards = office.client.documents[&space_id].space().boards;
    let imported = boards.iter().find(|(_, listing)| !listing.doc_number.is_empty());
    let board = *imported.expect("a board of the demonstration").0;
    let id = DocumentId::board(board);
    office.client.open(id, Kind::Board).await;
    let items = office.client.documents[&id].board().item_order();

    // Beijing: its unit is invited to one board; its server connects when it can.
    connect_beijing(&city, &at_city.address, &beijing).await;
    let unit_in = |person: &Person, name: &str| -> UnitId {
        person.client.documents[&space_id].space().unit_named(name).expect("known")
    };
    office
        .client
        .until("the new unit", |client| client.documents[&space_id].space().unit_named(WEST).is_some())
        .await;
    let west = unit_in(&office, WEST);
    office.write(id, &Edit::InviteGuest { unit: west, present: true }).await;

    let at_beijing = Process::start_with(&beijing, &PLAIN).await;
    let link = tongban(&beijing, &["admin", "invite", WEST, "--role", "guest"]).await;
    let guest_secret = join(&at_beijing.address, &link, "west").await;
    let mut guest = Person::new(&at_beijing.address, guest_secret.clone()).await;
    let count = items.len();
    guest.open(id, Kind::Board, |client| client.documents[&id].board().items.len() == count).await;
    guest.report(board, items[0], "北京已选派三名教师").await;

    // The banner: files only. Each trusts the key of the other.
    tongban(&city, &["bundle", "out", &file("1")]).await;
    let key = tongban(&city, &["admin", "authority"]).await;
    tongban(&banner, &["bundle", "in", &file("1"), "--trust", &key, "--name", "市"]).await;
    let key = tongban(&banner, &["admin", "authority"]).await;
    tongban(&city, &["peer", "trust", &key, "海拉尔区"]).await;
    let at_banner = Process::start_with(&banner, &PLAIN).await;
    let link = tongban(&banner, &["admin", "invite", "海拉尔区人民政府", "--role", "editor"]).await;
    let clerk_secret = join(&at_banner.address, &link, "clerk").await;
    let mut clerk = Person::new(&at_banner.address, clerk_secret.clone()).await;
    clerk.client.open(id, Kind::Board).await;
    let title = |item: ItemId, words: &str| Edit::SetItemField {
        id: item,
        field: ItemField::Title,
        value: words.to_owned(),
    };
    clerk.write(id, &title(items[1], "旗里改的标题")).await;
    clerk.report(board, items[1], "海拉尔区已入户走访").await;

    // Beijing goes down; all three go on writing.
    at_beijing.kill().await;
    office.write(id, &title(items[0], "市里改的标题")).await;
    office.report(board, items[0], "市里已督办").await;
    tongban(&banner, &["bundle", "out", &file("2")]).await;
    clerk.report(board, items[0], "第二次报告").await;
    tongban(&banner, &["bundle", "out", &file("3")]).await;
    // The later file first, and one of them twice, while the server runs.
    for name in ["3", "2", "3"] {
        tongban(&city, &["bundle", "in", &file(name)]).await;
    }
    let log = DocumentId::log(board, clerk.signer.unit);
    office.open(log, Kind::Log, |client| client.documents[&log].entries().0.len() == 2).await;

    // Beijing comes back and writes; then the city's file goes to the banner.
    let at_beijing = Process::start_with(&beijing, &PLAIN).await;
    let signer = guest.signer;
    let mut guest = Person::on(&at_beijing.address, guest_secret.clone(), signer).await;
    guest.client.open(id, Kind::Board).await;
    guest.report(board, items[1], "北京第二次报告").await;
    let theirs = DocumentId::log(board, west);
    office.open(theirs, Kind::Log, |client| client.documents[&theirs].entries().0.len() == 2).await;
    tongban(&city, &["bundle", "out", &file("4")]).await;
    tongban(&banner, &["bundle", "in", &file("4")]).await;
    // Accounts and certificates that joining has written there go back once more.
    tongban(&banner, &["bundle", "out", &file("5")]).await;
    tongban(&city, &["bundle", "in", &file("5")]).await;

    let mut last = Vec::new();
    for _ in 0..100 {
        last = Vec::new();
        for (address, secret) in [
            (&at_city.address, &office_secret),
            (&at_beijing.address, &guest_secret),
            (&at_banner.address, &clerk_secret),
        ] {
            last.push(held(address, secret, board).await);
        }
        if last[0] == last[1] && last[0] == last[2] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(last[0].1, last[1].1);
    assert_eq!(last[0].1, last[2].1);
    for (id, heads) in &last[0].0 {
        assert_eq!(last[1].0.get(id), Some(heads), "Beijing: {id}");
        assert_eq!(last[2].0.get(id), Some(heads), "the banner: {id}");
    }
    for words in ["北京已选派三名教师", "海拉尔区已入户走访", "市里已督办", "第二次报告", "北京第二次报告"]
    {
        assert!(last[0].1.iter().any(|one| one == words), "{words}");
    }
    for server in [at_city, at_beijing, at_banner] {
        server.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_an_unknown_server_or_another_space_is_not_taken_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let server = Process::start(&one).await;
    server.kill().await;
    let file = folder.path().join("file").to_string_lossy().into_owned();
    tongban(&one, &["bundle", "out", &file]).await;
    let refused = |data: &Path, arguments: Vec<String>| {
        let mut command = tokio::process::Command::new(tongban_tests::process::program());
        command.args(arguments).env("TONGBAN_DATA", data);
        async move {
            let output = command.output().await.expect("runs");
            assert!(!output.status.success());
            String::from_utf8_lossy(&output.stderr).into_owned()
        }
    };
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let said = refused(&other, words(&["bundle", "in", &file])).await;
    assert!(said.contains("还不信任它"), "{said}");
    let third = folder.path().join("third");
    let server = Process::start(&third).await;
    server.kill().await;
    let said = refused(&third, words(&["bundle", "in", &file])).await;
    assert!(said.contains("空间不同"), "{said}");
}

/// Sends a file to the server of a person, and reports with it.
async fn report_with_file(
    person: &mut Person,
    address: &str,
    secret: &str,
    about: (BoardId, ItemId),
    content: &[u8],
) {
    let hash = FileHash::of(content);
    for (number, piece) in content.chunks(PIECE).enumerate() {
        let line = format!("POST /api/files/{hash}?size={}&at={}", content.len(), number * PIECE);
        let (status, _, said) = ask_bytes(address, secret, &line, piece).await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&said));
    }
    let (board, item) = about;
    let log = DocumentId::log(board, person.signer.unit);
    if !person.client.documents.contains_key(&log) {
        person.client.open(log, Kind::Log).await;
    }
    let entry = person.signer.entry(board, EntryKind::Report, |entry| {
        entry.subject.item = Some(item);
        let (name, bytes) = ("现场.bin".to_owned(), content.len() as u64);
        entry.attachments = Some(vec![Attachment { hash, name, bytes, picture: false }]);
    });
    person.write(log, &Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }).await;
}

/// Waits until a server gives a file to somebody.
async fn given(address: &str, secret: &str, board: BoardId, content: &[u8]) {
    let line = format!("GET /api/boards/{board}/files/{}", FileHash::of(content));
    let mut status = 0;
    for _ in 0..150 {
        let (now, _, body) = ask_bytes(address, secret, &line, b"").await;
        if now == 200 {
            assert!(body == content, "the same content");
            return;
        }
        status = now;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the file did not come: {status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_follow_their_entries_over_a_link_and_by_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (city, beijing, banner) =
        (folder.path().join("city"), folder.path().join("beijing"), folder.path().join("banner"));
    let at_city = Process::start(&city).await;
    let (office_secret, _) = sign_in(&at_city.address, "office").await;
    let mut office = Person::new(&at_city.address, office_secret.clone()).await;
    let board = office.client.open_demonstration(office.space).await;
    let id = DocumentId::board(board);
    let item = office.client.documents[&id].board().item_order()[0];
    let token = connect_beijing(&city, &at_city.address, &beijing).await;
    let space_id = DocumentId::space(office.space);
    let west = |client: &Client| client.documents[&space_id].space().unit_named(WEST);
    office.client.until("the new unit", |client| west(client).is_some()).await;
    let unit = west(&office.client).expect("a unit");
    office.write(id, &Edit::InviteGuest { unit, present: true }).await;

    // One sent before the link is up, one after it, one from the other side; of several pieces.
    let content = |mark: u8| -> Vec<u8> { [vec![mark; 2 * PIECE], vec![7; 99]].concat() };
    report_with_file(&mut office, &at_city.address, &office_secret, (board, item), &content(1)).await;
    let at_beijing = Process::start_with(&beijing, &PLAIN).await;
    let link = tongban(&beijing, &["admin", "invite", WEST, "--role", "guest"]).await;
    let guest_secret = join(&at_beijing.address, &link, "west").await;
    let mut guest = Person::new(&at_beijing.address, guest_secret.clone()).await;
    guest.open(id, Kind::Board, |client| !client.documents[&id].board().items.is_empty()).await;
    given(&at_beijing.address, &guest_secret, board, &content(1)).await;
    report_with_file(&mut guest, &at_beijing.address, &guest_secret, (board, item), &content(2)).await;
    given(&at_city.address, &office_secret, board, &content(2)).await;
    report_with_file(&mut office, &at_city.address, &office_secret, (board, item), &content(3)).await;
    given(&at_beijing.address, &guest_secret, board, &content(3)).await;

    // A file that no entry names is not taken from another server, and nobody else carries.
    let wanted = FileHash::of(&content(9));
    let carried = format!("GET /api/carried/{board}/{}/{wanted}", office.signer.unit);
    assert_eq!(ask(&at_city.address, &token, &carried, "").await.0, 404);
    assert_eq!(ask(&at_city.address, &office_secret, &carried, "").await.0, 403);

    // By file, beside the bundle; twice changes nothing.
    let file = folder.path().join("bundle").to_string_lossy().into_owned();
    let said = tongban(&city, &["bundle", "out", &file]).await;
    assert!(said.contains("附件 3 个"), "{said}");
    let key = tongban(&city, &["admin", "authority"]).await;
    let said = tongban(&banner, &["bundle", "in", &file, "--trust", &key, "--name", "市"]).await;
    assert!(said.contains("新附件 3"), "{said}");
    let said = tongban(&banner, &["bundle", "in", &file]).await;
    assert!(said.contains("新附件 0"), "{said}");
    let at_banner = Process::start_with(&banner, &PLAIN).await;
    let link = tongban(&banner, &["admin", "invite", "海拉尔区人民政府", "--role", "editor"]).await;
    let clerk = join(&at_banner.address, &link, "clerk").await;
    for mark in 1..=3 {
        given(&at_banner.address, &clerk, board, &content(mark)).await;
    }
    for server in [at_city, at_beijing, at_banner] {
        server.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_shares_what_names_the_other_side_or_came_from_it_and_does_not_age() {
    let folder = tempfile::tempdir().expect("a folder");
    let (city, beijing) = (folder.path().join("city"), folder.path().join("beijing"));
    let at_city = Process::start(&city).await;
    let address = at_city.address.clone();
    let (office_secret, _) = sign_in(&address, "office").await;
    let mut office = Person::new(&address, office_secret).await;
    let space_id = DocumentId::space(office.space);
    connect_beijing(&city, &address, &beijing).await;
    let at_beijing = Process::start_with(&beijing, &PLAIN).await;
    let link = tongban(&beijing, &["admin", "invite", WEST, "--role", "administrator"]).await;
    let chief_secret = join(&at_beijing.address, &link, "chief").await;
    let mut chief = Person::new(&at_beijing.address, chief_secret.clone()).await;
    let unit = |client: &Client, name: &str| client.documents[&space_id].space().unit_named(name);
    for person in [&mut office, &mut chief] {
        person.client.until("the units", |client| unit(client, WEST).is_some()).await;
    }
    chief.client.until("the space", |client| unit(client, "市教育局").is_some()).await;
    let (west, education) =
        (unit(&chief.client, WEST).expect("known"), unit(&chief.client, "市教育局").expect("known"));

    // A board that a department of the city leads: to Beijing it is given, for its unit is a guest.
    let (given, kept) = (BoardId::from_bytes([7; 16]), BoardId::from_bytes([8; 16]));
    let (given_id, kept_id) = (DocumentId::board(given), DocumentId::board(kept));
    let list = |id: BoardId, title: &str| Edit::ListBoard {
        id,
        listing: BoardListing { title: title.to_owned(), doc_number: String::new() },
    };
    let set = |field: BoardField, value: &str| Edit::SetBoardField { field, value: value.to_owned() };
    office.write(space_id, &list(given, "教育协作")).await;
    office.client.open(given_id, Kind::Board).await;
    office.write(given_id, &set(BoardField::Lead, &education.to_string())).await;
    office.write(given_id, &Edit::InviteGuest { unit: west, present: true }).await;
    chief
        .open(given_id, Kind::Board, |client| client.documents[&given_id].board().lead == Some(education))
        .await;

    let titled = |client: &mut Client, title: &str| client.documents[&given_id].board().title == title;
    chief.write(given_id, &set(BoardField::Title, "北京改的标题")).await;
    office.client.until("Beijing's title", |client| titled(client, "北京改的标题")).await;

    // One of Beijing's own, which names nobody of the city. The city's server, while the link is down,
    // makes as if it were one that it gives.
    office.write(space_id, &list(kept, "内部")).await;
    let listed = |client: &mut Client| client.documents[&space_id].space().boards.contains_key(&kept);
    chief.client.until("the listing", listed).await;
    at_city.kill().await;
    chief.client.open(kept_id, Kind::Board).await;
    chief.write(kept_id, &set(BoardField::Lead, &west.to_string())).await;
    chief.write(kept_id, &set(BoardField::Title, "内部事项")).await;
    let log = DocumentId::log(kept, west);
    let entry = chief.signer.entry(kept, EntryKind::Report, |entry| entry.body = "内部报告".to_owned());
    chief.client.open(log, Kind::Log).await;
    chief.write(log, &Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }).await;
    at_beijing.kill().await;
    // Nobody has used the link for longer than a session lasts.
    age_sessions(&city, 40 * 24 * 3600).await;
    let at_city = Process::start_with(&city, &["--listen", &address]).await;
    let (office_secret, _) = sign_in(&address, "office").await;
    let mut office = Person::on(&address, office_secret, office.signer).await;
    office.client.open(kept_id, Kind::Board).await;
    for unit in [west, office.signer.unit] {
        office.write(kept_id, &Edit::InviteGuest { unit, present: true }).await;
    }
    office.write(kept_id, &set(BoardField::Issuer, "来自对方")).await;
    let at_beijing = Process::start_with(&beijing, &PLAIN).await;
    let mut chief = Person::on(&at_beijing.address, chief_secret, chief.signer).await;
    chief.client.open(kept_id, Kind::Board).await;
    let said = |client: &mut Client| client.documents[&kept_id].board().source.issuer == "来自对方";
    chief.write(kept_id, &set(BoardField::SourceTitle, "内部来文")).await;
    // Files that it has really given go the same way, behind it.
    chief.client.open(given_id, Kind::Board).await;
    chief.write(given_id, &set(BoardField::Title, "重启以后的标题")).await;
    office.client.open(given_id, Kind::Board).await;
    office.client.until("the later title", |client| titled(client, "重启以后的标题")).await;
    office.client.open(kept_id, Kind::Board).await;
    let leaked = office.client.documents[&kept_id].board();
    assert_eq!((leaked.title.as_str(), leaked.lead, leaked.source.title.as_str()), ("", None, ""));
    assert!(!said(&mut chief.client), "nor does anybody make themselves a guest of it");
    office.client.open(log, Kind::Log).await;
    assert!(office.client.documents[&log].entries().0.is_empty(), "nor what its units say on it");

    // A board that the operator chooses to share goes there from the next connection on.
    let name = format!("http://{address}");
    tongban(&beijing, &["peer", "share", &name, &kept.to_string()]).await;
    at_beijing.kill().await;
    let at_beijing = Process::start_with(&beijing, &PLAIN).await;
    let chief_secret = sign_in(&at_beijing.address, "chief").await.0;
    let mut chief = Person::on(&at_beijing.address, chief_secret, chief.signer).await;
    let shared = |client: &mut Client| client.documents[&kept_id].board().title == "内部事项";
    office.client.open(kept_id, Kind::Board).await;
    office.client.until("the board that is shared", shared).await;
    chief.client.open(kept_id, Kind::Board).await;
    chief.client.until("what the city says of it", said).await;
    chief.client.open(given_id, Kind::Board).await;

    // A server that is not known any more gets nothing, without a restart of ours.
    tongban(&beijing, &["peer", "remove", &name]).await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    chief.write(given_id, &set(BoardField::Title, "断开以后的标题")).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    office.client.open(given_id, Kind::Board).await;
    assert!(titled(&mut office.client, "重启以后的标题"));
    for server in [at_city, at_beijing] {
        server.kill().await;
    }
}

/// A document of which the other server sends nothing that can be taken is left out, once; the others are
/// carried over the same link, both ways.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_that_another_server_spoils_is_left_out_and_the_others_are_carried() {
    let folder = tempfile::tempdir().expect("a folder");
    let (city, beijing) = (folder.path().join("city"), folder.path().join("beijing"));
    let at_city = Process::start(&city).await;
    let (office_secret, _) = sign_in(&at_city.address, "office").await;
    let mut office = Person::new(&at_city.address, office_secret).await;
    let space_id = DocumentId::space(office.space);
    let boards = [BoardId::from_bytes([7; 16]), BoardId::from_bytes([8; 16])];
    let [spoilt, whole] = boards.map(DocumentId::board);
    let proxy = Proxy::with(&at_city.address, 1, Some(Fault::Spoils(spoilt))).await;
    connect_beijing(&city, &proxy.address, &beijing).await;
    let unit = |client: &Client, name: &str| client.documents[&space_id].space().unit_named(name);
    office.client.until("the unit", |client| unit(client, WEST).is_some()).await;
    let west = unit(&office.client, WEST).expect("known");
    let title = |words: &str| Edit::SetBoardField { field: BoardField::Title, value: words.to_owned() };
    // Random characters pack badly: in the end it is larger than a message may be.
    let mut seed = 7_u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x4e00 + (seed >> 8) % 20_000).expect("a character")
    };
    for board in boards {
        let listing = BoardListing { title: "协作清单".to_owned(), doc_number: String::new() };
        office.write(space_id, &Edit::ListBoard { id: board, listing }).await;
        let id = DocumentId::board(board);
        office.client.open(id, Kind::Board).await;
        office.write(id, &title("协作")).await;
        office.write(id, &Edit::InviteGuest { unit: west, present: true }).await;
    }

    let mut bytes = 0;
    while bytes < FRAME_BYTES + FRAME_BYTES / 4 {
        let words: String = (0..90_000).map(|_| random()).collect();
        office.write(whole, &Edit::SetBoardField { field: BoardField::Issuer, value: words }).await;
        bytes = office.client.documents.get_mut(&whole).expect("open").save().len();
    }

    let at_beijing = Process::start_with(&beijing, &PLAIN).await;
    let link = tongban(&beijing, &["admin", "invite", WEST, "--role", "administrator"]).await;
    let chief_secret = join(&at_beijing.address, &link, "chief").await;
    let mut chief = Person::new(&at_beijing.address, chief_secret.clone()).await;
    let titled = |id: DocumentId, words: &'static str| {
        move |client: &mut Client| client.documents[&id].board().title == words
    };
    chief.open(whole, Kind::Board, titled(whole, "协作")).await;
    chief.write(whole, &title("北京补充")).await;
    office.client.until("Beijing's title", titled(whole, "北京补充")).await;
    office.write(whole, &title("市里再改")).await;
    chief.client.until("the city's title", titled(whole, "市里再改")).await;
    assert_eq!((proxy.lost(), proxy.connections()), (1, 1), "shut once, over one link");
    chief.client.open(spoilt, Kind::Board).await;
    assert_eq!(chief.client.documents[&spoilt].board().title, "", "of the other nothing was taken");

    // From now on Beijing's own side begins with a document that is larger than a message may be.
    at_beijing.kill().await;
    let at_beijing = Process::start_with(&beijing, &PLAIN).await;
    let mut chief = Person::on(&at_beijing.address, chief_secret, chief.signer).await;
    chief.client.open(whole, Kind::Board).await;
    office.write(whole, &title("重启以后")).await;
    chief.client.until("the title after a restart", titled(whole, "重启以后")).await;
}
