//! Another server that is joined, as somebody who means ill writes it: what it may do to our space.

use super::WEST;
use super::person::Person;
use std::path::Path;
use tongban_fuzz::hostile::Whole;
use tongban_server::authority::prove;
use tongban_server::clock;
use tongban_shared::access::AccountRole;
use tongban_shared::bundle;
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit};
use tongban_shared::entry::EntryKind;
use tongban_shared::id::{BoardId, DocumentId, PersonId, SpaceId, UnitId};
use tongban_shared::model::{BoardListing, Space};
use tongban_shared::sync::RefusalCode;
use tongban_shared::sync::frame::{Frame, ServerWord};
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::trust::{Certificate, Key, PublicKey, Statement, server_actor};
use tongban_tests::client::{Client, ask, demonstration, sign_in};
use tongban_tests::process::{Process, tongban};
use tongban_tests::seat::Seat;

/// Somebody with the secret of a server, and a key.
struct Joined {
    address: String,
    secret: String,
    key: Key,
    space: SpaceId,
    ours: PublicKey,
}

impl Joined {
    async fn new(data: &Path, address: &str) -> Self {
        let said = tongban(data, &["peer", "invite", "北京", "--unit", WEST]).await;
        let ticket = said.split("--ticket ").nth(1).expect("a ticket").trim();
        let parts: Vec<&str> = ticket.split('.').collect();
        let (space, ours) = (parts[0].parse().expect("an id"), parts[1].parse().expect("a key"));
        let (address, secret) = (address.to_owned(), parts[2].to_owned());
        Self { address, secret, key: Key::from_seed(&clock::random()), space, ours }
    }

    /// The words by which it connects, naming a key.
    fn naming(&self, key: PublicKey) -> String {
        format!("{}&authority={key}", self.secret)
    }

    async fn proof(&self, key: &Key) -> String {
        let (status, token) = ask(&self.address, &self.secret, "GET /api/link", "").await;
        assert_eq!(status, 200, "{token}");
        prove(key, (&token, self.ours))
    }

    /// Connects as a server does, and opens the space.
    async fn connect(&self) -> Client {
        let (secret, proof) = (self.naming(self.key.public()), self.proof(&self.key).await);
        let head = ("tongban-proof", proof.as_str());
        let mut client = Client::connect_with(&self.address, &secret, "server", Some(head)).await;
        let actor = server_actor(self.key.public(), clock::random());
        client.open_as(DocumentId::space(self.space), Kind::Space, &actor).await;
        let space = self.space;
        // The server hears of what another process has written.
        client.until("the unit", |client| space_of(client, space).unit_named(WEST).is_some()).await;
        client
    }

    /// Whether edits of the space are taken.
    async fn brings(&self, edits: &[Edit]) -> bool {
        let (mut client, id) = (self.connect().await, DocumentId::space(self.space));
        for edit in edits {
            let hash = client.edit(id, edit).await;
            let told = |client: &mut Client| {
                let has = client.acknowledged.get(&id).is_some_and(|heads| heads.contains(&hash));
                has || !client.refused.is_empty()
            };
            client.until("an answer", told).await;
            if !client.refused.is_empty() {
                return false;
            }
        }
        true
    }

    fn certificate(&self, person: PersonId, unit: UnitId) -> Edit {
        let device = Key::from_seed(&clock::random()).public();
        let certificate = Certificate {
            space: self.space,
            device: device.device(),
            serial: 1,
            key: device,
            person,
            unit,
            role: AccountRole::Editor,
            issued: 0,
            authority: self.key.public(),
        };
        certificate.edit(&self.key)
    }
}

fn space_of(client: &Client, space: SpaceId) -> Space {
    client.documents[&DocumentId::space(space)].space()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_joined_server_brings_its_own_and_nothing_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let city = Process::start(folder.path()).await;
    let joined = Joined::new(folder.path(), &city.address).await;
    let before = space_of(&joined.connect().await, joined.space);
    let school = before.unit_named("市教育局").expect("a unit of ours");
    let west = before.unit_named(WEST).expect("invited");
    let (board, _) = before.boards.first_key_value().expect("a board of ours");
    // Nobody has signed in under it: no device of it is certified.
    let (person, of) = before.persons.first_key_value().expect("a person of ours");
    let listing = BoardListing { title: "别的名字".into(), doc_number: String::new() };
    for edit in [
        Edit::RenameUnit { id: school, name: "改了名".into() },
        Edit::SetAlias { unit: school, alias: "改了名".into(), present: true },
        Edit::SetGroupMember { group: school, unit: west, present: true },
        Edit::ListBoard { id: *board, listing: listing.clone() },
        Edit::AddPerson { id: *person, name: "别人".into(), unit: west, role: "reader".into() },
        joined.certificate(*person, of.unit.expect("a unit")),
    ] {
        assert!(!joined.brings(std::slice::from_ref(&edit)).await, "{edit:?}");
    }
    let (own, clerk) = (UnitId::from_bytes([77; 16]), PersonId::from_bytes([78; 16]));
    let (name, kind, side) = ("西城区教委".to_owned(), "unit".to_owned(), "beijing".to_owned());
    let brings = [
        Edit::AddUnit { id: own, name, kind, side, code: String::new() },
        Edit::RenameUnit { id: own, name: "西城区教育委员会".into() },
        Edit::ListBoard { id: BoardId::from_bytes([79; 16]), listing },
        Edit::AddPerson { id: clerk, name: "他们的人".into(), unit: own, role: "editor".into() },
        joined.certificate(clerk, own),
    ];
    assert!(joined.brings(&brings).await);
    let after = space_of(&joined.connect().await, joined.space);
    assert_eq!(after.units[&own].name, "西城区教育委员会");
    assert_eq!((&after.units[&school], &after.persons[person]), (&before.units[&school], of));
    assert_eq!(after.boards[board], before.boards[board]);
    city.kill().await;
}

/// A key that is named and not proven is known and trusted nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_connects_proves_the_key_that_it_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let city = Process::start(folder.path()).await;
    let joined = Joined::new(folder.path(), &city.address).await;
    let endorsed = |space: &Space| space.proofs.endorsements.len();
    // Somebody else's key, as a version before this one would name it; the account alone is taken.
    let other = Key::from_seed(&clock::random());
    let id = DocumentId::space(joined.space);
    let foreign = joined.proof(&joined.key).await;
    for proof in [None, Some(foreign.as_str())] {
        let head = proof.map(|proof| ("tongban-proof", proof));
        let secret = joined.naming(other.public());
        let mut client = Client::connect_with(&city.address, &secret, "server", head).await;
        client.open(id, Kind::Space).await;
        assert_eq!(endorsed(&client.documents[&id].space()), 0);
    }
    // The one that is proven is known from then on; a version before goes on by its name.
    assert_eq!(endorsed(&space_of(&joined.connect().await, joined.space)), 1);
    let secret = joined.naming(joined.key.public());
    let mut client = Client::connect(&city.address, &secret, "server").await;
    client.open(id, Kind::Space).await;
    assert_eq!(
        Client::try_connect(&city.address, &joined.naming(other.public()), "server").await.err(),
        Some(403)
    );
    // Nobody else is given a token.
    let (office, _) = sign_in(&city.address, "office").await;
    assert_eq!(ask(&city.address, &office, "GET /api/link", "").await.0, 403);
    city.kill().await;
}

/// A chunk of few bytes that a room would not take costs a ferry nothing either.
#[test]
fn what_another_server_sends_over_a_link_is_counted_as_rooms_count_it() {
    let id = DocumentId::from_bytes([5; 16]);
    let whole = Whole::of(1_000_000).sealed();
    let frame = tongban_tests::hostile::sync(id, vec![whole]);
    let shuts = |mut link: Link| {
        let about = ServerWord::default();
        let (sender, target) = ("server".to_owned(), "device".to_owned());
        let peer = Frame::Peer { sender, target, version: "tongban/1".into(), about };
        link.receive(&peer.encode(), |_| None);
        let mut document = Document::new(Kind::Board, &[1; 16]);
        let effects = link.receive(&frame.encode(), |_| Some(&mut document));
        effects.iter().any(|effect| matches!(effect, Effect::Shut { .. }))
    };
    assert!(shuts(Link::to_another_server("ferry")));
}

/// A file of a server that is trusted changes what it says of a board of ours, but not who is its guest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_another_server_invites_nobody_to_a_board_of_ours() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("city");
    let city = Process::start(&data).await;
    let (secret, _) = sign_in(&city.address, "office").await;
    let mut office = Person::new(&city.address, secret).await;
    let board = office.client.open_demonstration(office.space).await;
    let (id, space_id) = (DocumentId::board(board), DocumentId::space(office.space));
    let lead = Edit::SetBoardField { field: BoardField::Lead, value: office.signer.unit.to_string() };
    office.write(id, &lead).await;
    let key = Key::from_seed(&clock::random());
    tongban(&data, &["peer", "trust", &key.public().to_string(), "旗"]).await;
    let own = UnitId::from_bytes([77; 16]);
    let title = Edit::SetBoardField { field: BoardField::Title, value: "旗里改的标题".into() };
    let said = office.client.documents.get_mut(&id).expect("open").changes_since(&[]);
    let of_space = office.client.documents.get_mut(&space_id).expect("open").changes_since(&[]);
    for (name, edit) in [("1", &title), ("2", &Edit::InviteGuest { unit: own, present: true })] {
        let chunks = said.iter().map(|chunk| chunk.bytes.as_slice());
        let mut theirs = Document::load(Kind::Board, &clock::random::<16>(), chunks).expect("whole");
        theirs.edit(edit, &Stamp::default()).expect("fits");
        let file = folder.path().join(name);
        let documents = [(space_id, of_space.clone()), (id, theirs.changes_since(&[]))];
        std::fs::write(&file, bundle::write(documents, &key)).expect("written");
        tongban(&data, &["bundle", "in", &file.to_string_lossy()]).await;
    }
    let titled = |client: &mut Client| client.documents[&id].board().title == "旗里改的标题";
    office.client.until("the title", titled).await;
    let mut office = Person::on(&city.address, sign_in(&city.address, "office").await.0, office.signer).await;
    office.client.open(id, Kind::Board).await;
    assert!(!office.client.documents[&id].board().guests.contains(&own));
    city.kill().await;
}

/// A board under the id of a unit's log is refused where that log is known, and passed over where it was listed
/// first: the log stays one, for those who have it open and after the next start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_under_the_id_of_a_log_takes_no_log_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let city = Process::start(folder.path()).await;
    let joined = Joined::new(folder.path(), &city.address).await;
    let mut banner = Seat::take(&city.address, "hailar").await;
    let unit = banner.signer.unit;
    let listing = |id: BoardId| {
        let listing = BoardListing { title: "另一张清单".into(), doc_number: String::new() };
        Edit::ListBoard { id, listing }
    };
    let under = |id: DocumentId| listing(BoardId::from_bytes(*id.bytes()));
    let log = DocumentId::log(banner.board, unit);
    for taken in [log, DocumentId::space(joined.space)] {
        assert!(!joined.brings(&[under(taken)]).await, "by another server");
        let (mut office, _) = demonstration(&city.address, "office").await;
        let space = DocumentId::space(joined.space);
        office.edit(space, &under(taken)).await;
        office.until("a refusal", |client| client.refused.contains(&(space, RefusalCode::Invalid))).await;
    }
    let report = banner.signer.entry(banner.board, EntryKind::Report, |entry| entry.body = "一".into());
    assert!(banner.put(unit, &report).await);

    // Listed before the board was whose log it is.
    let next = BoardId::from_bytes([80; 16]);
    let log = DocumentId::log(next, unit);
    assert!(joined.brings(&[under(log), listing(next)]).await);
    let (mut office, _) = demonstration(&city.address, "office").await;
    office.open(DocumentId::board(next), Kind::Board).await;
    let lead = Edit::SetBoardField { field: BoardField::Lead, value: unit.to_string() };
    let hash = office.edit(DocumentId::board(next), &lead).await;
    let taken = |client: &mut Client| client.acknowledged[&DocumentId::board(next)].contains(&hash);
    office.until("that somebody leads it", taken).await;
    banner.board = next;
    let report = banner.signer.entry(next, EntryKind::Report, |entry| entry.body = "二".into());
    assert!(banner.put(unit, &report).await && !banner.client.ended);
    let (office, _) = sign_in(&city.address, "office").await;
    let line = format!("DELETE /api/devices/{}", banner.signer.device);
    assert!(matches!(ask(&city.address, &office, &line, "").await.0, 200 | 204));
    city.kill().await;
    let city = Process::start(folder.path()).await;
    let mut banner = Seat::take(&city.address, "hailar").await;
    banner.board = next;
    banner.open_log(unit).await;
    let has = |client: &mut Client| client.documents[&log].entries().0.contains_key(&report.id);
    banner.client.until("the report", has).await;
    let (office, _) = sign_in(&city.address, "office").await;
    assert_eq!(ask(&city.address, &office, "GET /api/audit?act=damaged", "").await, (200, "[]".to_owned()));
    let said = tongban(folder.path(), &["admin", "sizes"]).await;
    assert!(said.contains(&format!("{} ", BoardId::from_bytes(*log.bytes()))), "{said}");
    city.kill().await;
}
