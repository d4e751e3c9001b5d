//! Another server brings of a space its own, and nothing of ours.

use super::*;
use crate::access::AccountRole;
use crate::id::{PersonId, SpaceId};
use crate::limits::{ADDED_AT_ONCE, BOARDS, STATEMENTS_AT_ONCE};
use crate::model::BoardListing;
use crate::trust::{Certificate, Ending, Endorsement, Key, Register, Statement, server_actor};
use automerge::transaction::Transactable;
use automerge::{AutoCommit, ROOT, ReadDoc};

const SPACE: SpaceId = SpaceId::from_bytes([5; 16]);
const OFFICE: UnitId = UnitId::from_bytes([11; 16]);
const SCHOOLS: UnitId = UnitId::from_bytes([12; 16]);
const OLD: UnitId = UnitId::from_bytes([13; 16]);
const WEST: UnitId = UnitId::from_bytes([21; 16]);
const BANNER: UnitId = UnitId::from_bytes([31; 16]);
const CLERK: PersonId = PersonId::from_bytes([41; 16]);
const PLAN: BoardId = BoardId::from_bytes([51; 16]);

/// The actor of one of our people, on a device without a certificate.
const OURS: [u8; 16] = [96; 16];

fn key(number: u8) -> Key {
    Key::from_seed(&[number; 32])
}

fn unit(id: UnitId, name: &str) -> Edit {
    let word = |word: &str| word.to_owned();
    Edit::AddUnit { id, name: word(name), kind: word("unit"), side: word("here"), code: String::new() }
}

fn person(id: PersonId, role: &str) -> Edit {
    Edit::AddPerson { id, name: "某人".into(), unit: WEST, role: role.to_owned() }
}

fn listing(id: BoardId, title: &str) -> Edit {
    Edit::ListBoard { id, listing: BoardListing { title: title.to_owned(), doc_number: String::new() } }
}

fn alias(unit: UnitId) -> Edit {
    Edit::SetAlias { unit, alias: "别名".into(), present: true }
}

fn rename(id: UnitId) -> Edit {
    Edit::RenameUnit { id, name: "改了名".into() }
}

fn member(group: UnitId) -> Edit {
    Edit::SetGroupMember { group, unit: WEST, present: true }
}

/// A certificate of a server for a device of a person.
fn certificate(by: &Key, device: u8, person: PersonId) -> Certificate {
    let of = key(device).public();
    Certificate {
        space: SPACE,
        device: of.device(),
        serial: 1,
        key: of,
        person,
        unit: WEST,
        role: AccountRole::Editor,
        issued: 0,
        authority: by.public(),
    }
}

/// The space of a city (1) that has endorsed a server in Beijing (2) and one of a banner (3).
struct City {
    room: Room,
    west: Rights,
}

impl City {
    fn new() -> Self {
        let (city, west, banner) = (key(1), key(2), key(3));
        let actor = |key: &Key| server_actor(key.public(), [0; 8]);
        let mut space = Document::new(Kind::Space, &[98; 16]);
        space.edit(&unit(OLD, "以前的单位"), &Stamp::default()).expect("fits");
        let mut write = |key: &Key, edits: Vec<Edit>| {
            let mut with = Document::new(Kind::Space, &actor(key));
            let chunks = space.changes_since(&[]);
            chunks.iter().for_each(|chunk| drop(with.apply(&chunk.bytes).expect("whole")));
            let (_, chunk) = with.edit_all(&edits, &Stamp::default()).expect("fits");
            space.apply(&chunk.expect("new").bytes).expect("whole");
        };
        let endorsed = |key: &Key| {
            let (name, at) = ("一台".to_owned(), 0);
            Endorsement { space: SPACE, key: key.public(), name, at, authority: city.public() }.edit(&city)
        };
        let ours =
            [unit(OFFICE, "办公室"), unit(SCHOOLS, "学校"), person(CLERK, "editor"), listing(PLAN, "计划")];
        write(&city, ours.into_iter().chain([endorsed(&west), endorsed(&banner)]).collect());
        let source = Edit::SetTemplate { id: "own".into(), source: "一".into() };
        write(&city, vec![source, certificate(&city, 61, PersonId::from_bytes([42; 16])).edit(&city)]);
        write(&banner, vec![unit(BANNER, "旗")]);
        let proofs = space.space().proofs;
        let register = Arc::new(Register::read(SPACE, &proofs, city.public()));
        let chunks = space.changes_since(&[]);
        let kept = Document::load(Kind::Space, &[97; 16], chunks.iter().map(|chunk| chunk.bytes.as_slice()));
        let mut room = Room::new(DocumentId::space(SPACE), kept.expect("whole"), None);
        let people = Arc::new([CLERK].into());
        room.know(Known { register, people, ..Known::default() });
        let west = Rights { write: true, server: true, authority: Some(west.public()), ..Rights::default() };
        Self { room, west }
    }

    /// A copy of the space in which somebody writes.
    fn under(&mut self, actor: &[u8]) -> Document {
        let chunks = self.room.document_mut().changes_since(&[]);
        let chunks = chunks.iter().map(|chunk| chunk.bytes.as_slice());
        Document::load(Kind::Space, actor, chunks).expect("whole")
    }

    /// The same in which a server writes.
    fn at(&mut self, key: &Key) -> Document {
        self.under(&server_actor(key.public(), [1; 8]))
    }

    /// Whether a change comes in.
    fn takes(&mut self, chunk: &Chunk, rights: &Rights) -> bool {
        let taken = self.room.take_in(std::slice::from_ref(&chunk.bytes), rights).expect("goes on");
        assert_eq!(taken.new + taken.refused.len(), 1);
        self.room.unsaved().expect("as it came");
        taken.new == 1
    }

    /// Whether edits of a server in Beijing come in.
    fn brings(&mut self, edits: &[Edit]) -> bool {
        let (_, chunk) = self.at(&key(2)).edit_all(edits, &Stamp::default()).expect("fits");
        let rights = self.west.clone();
        self.takes(&chunk.expect("new"), &rights)
    }
}

#[test]
fn another_server_brings_its_own_and_nothing_of_ours() {
    let (city, west) = (key(1), key(2));
    let theirs = PersonId::from_bytes([43; 16]);
    let mut at = City::new();
    for own in [
        vec![unit(WEST, "西城"), alias(WEST), listing(BoardId::from_bytes([52; 16]), "协作")],
        vec![rename(WEST), member(WEST)],
        vec![listing(BoardId::from_bytes([52; 16]), "协作（新）")],
        vec![person(theirs, "editor"), certificate(&west, 62, theirs).edit(&west)],
        vec![person(theirs, "reader")],
        // Programs before wrote nothing of a home: the name stays, the rest is for both.
        vec![alias(OLD)],
    ] {
        assert!(at.brings(&own), "{own:?}");
    }
    let ending = |device: u8, by: &Key| {
        let (device, seen) = (key(device).public().device(), BTreeSet::new());
        Ending { space: SPACE, device, serial: 1, at: 0, seen, authority: by.public(), part: None }.edit(by)
    };
    let source = |source: &str| Edit::SetTemplate { id: "own".into(), source: source.to_owned() };
    let before = at.room.document().space();
    for foreign in [
        rename(OFFICE),
        rename(OLD),
        rename(BANNER),
        alias(SCHOOLS),
        member(OFFICE),
        member(BANNER),
        listing(PLAN, "别的名字"),
        person(CLERK, "reader"),
        source("二"),
        certificate(&west, 63, CLERK).edit(&west),
        certificate(&west, 64, PersonId::from_bytes([42; 16])).edit(&west),
        ending(61, &west),
    ] {
        assert!(!at.brings(std::slice::from_ref(&foreign)), "{foreign:?}");
    }
    // Nor by other operations than programs of ours write.
    let mut raw = AutoCommit::load(&at.at(&west).save()).expect("whole");
    let boards = raw.get(ROOT, "boards").expect("reads").expect("a map").1;
    raw.delete(&boards, PLAN.to_string()).expect("there");
    raw.commit();
    let change = raw.get_last_local_change().expect("one").raw_bytes().to_vec();
    let rights = at.west.clone();
    let taken = at.room.take_in(&[change], &rights).expect("goes on");
    assert_eq!((taken.new, taken.refused.len()), (0, 1));
    assert_eq!(at.room.document().space(), before);
    // A statement of ours is one, whoever brings it.
    assert!(at.brings(&[ending(61, &city)]));
}

/// Both sides add one unit of one name at once: that is one unit, and stays ours.
#[test]
fn what_we_have_said_may_be_said_again_and_does_not_change_hands() {
    let mut at = City::new();
    let mut apart = Document::new(Kind::Space, &server_actor(key(2).public(), [1; 8]));
    let stamp = Stamp::default();
    let (_, same) = apart.edit(&unit(OFFICE, "办公室"), &stamp).expect("fits");
    let (_, other) = apart.edit(&rename(OFFICE), &stamp).expect("fits");
    let (_, own) = apart.edit(&alias(OFFICE), &stamp).expect("fits");
    let rights = at.west.clone();
    assert!(at.takes(&same.expect("new"), &rights));
    for later in [other, own] {
        let taken = at.room.take_in(&[later.expect("new").bytes], &rights).expect("goes on");
        assert_eq!(taken.new, 0);
    }
    // Written over, it would be theirs from then on.
    let (_, chunk) = at.at(&key(2)).edit(&rename(SCHOOLS), &stamp).expect("fits");
    let change = Change::from_bytes(chunk.expect("new").bytes).expect("whole");
    let mut over = change.decode();
    over.operations[0].action = automerge::legacy::OpType::Put("学校".into());
    let change = Change::from(over).raw_bytes().to_vec();
    let taken = at.room.take_in(&[change], &rights).expect("goes on");
    assert_eq!((taken.new, taken.refused.len()), (0, 1));
    assert!(!at.brings(&[rename(OFFICE)]) && !at.brings(&[rename(SCHOOLS)]));
}

#[test]
fn our_people_change_what_is_ours_and_nothing_of_another_server() {
    let ours = Rights { write: true, decide: true, ..Rights::default() };
    for (edit, may) in [
        (alias(OFFICE), true),
        (alias(OLD), true),
        (rename(OLD), true),
        (unit(UnitId::from_bytes([14; 16]), "新单位"), true),
        (alias(BANNER), false),
    ] {
        let mut at = City::new();
        let (_, chunk) = at.under(&OURS).edit(&edit, &Stamp::default()).expect("fits");
        assert_eq!(at.takes(&chunk.expect("new"), &ours), may, "{edit:?}");
    }
}

/// The mark of a server says whose a part is, in this document and for as long as it stands.
#[test]
fn nobody_writes_under_the_mark_of_a_server_but_itself() {
    let ours = Rights { write: true, decide: true, ..Rights::default() };
    let west = City::new().west;
    let city = Rights { decide: true, authority: Some(key(1).public()), ..west.clone() };
    let (person, other, own) = ("one of our people", "a joined server", "a file of our own");
    for (by, rights, marks) in [
        (person, &ours, [false, false, false]),
        // Words of others come over it, too.
        (other, &west, [false, true, true]),
        (own, &city, [true, true, true]),
    ] {
        for (mark, may) in (1..).zip(marks) {
            let mut at = City::new();
            let added = unit(UnitId::from_bytes([14; 16]), "新单位");
            let (_, chunk) = at.at(&key(mark)).edit(&added, &Stamp::default()).expect("fits");
            let taken = at.room.take_in(&[chunk.expect("new").bytes], rights).expect("goes on");
            assert_eq!(taken.new == 1, may, "{by}, under the mark of {mark}");
            let faults: Vec<Option<Fault>> = taken.refused.iter().map(|why| why.fault).collect();
            assert_eq!(faults, [Some(Fault::Claimed)][..usize::from(!may)], "{by}, {mark}");
        }
    }
    // A store that has lost something takes back what its server wrote.
    let mut at = City::new();
    let (_, chunk) = at.at(&key(1)).edit(&rename(OFFICE), &Stamp::default()).expect("fits");
    at.room.known.recovers = true;
    assert!(at.takes(&chunk.expect("new"), &ours));
}

#[test]
fn a_change_adds_only_so_much_and_another_server_leaves_room() {
    let mut at = City::new();
    let boards = |from: usize, count: usize| -> Vec<Edit> {
        let id = |number: usize| [&[200; 8][..], &(number as u64).to_be_bytes()].concat();
        let all = (from..from + count).map(|one| BoardId::from_bytes(id(one).try_into().expect("sixteen")));
        all.map(|one| listing(one, "很多")).collect()
    };
    assert!(!at.brings(&boards(0, ADDED_AT_ONCE + 1)));
    let (mut west, rights, mut taken) = (at.at(&key(2)), at.west.clone(), 0);
    loop {
        let (_, chunk) = west.edit_all(&boards(taken, ADDED_AT_ONCE), &Stamp::default()).expect("fits");
        if !at.takes(&chunk.expect("new"), &rights) {
            break;
        }
        taken += ADDED_AT_ONCE;
    }
    assert_eq!(taken + ADDED_AT_ONCE, BOARDS / 2);
    let (_, chunk) = at.under(&OURS).edit_all(&boards(50_000, 10), &Stamp::default()).expect("fits");
    let ours = Rights { write: true, decide: true, ..Rights::default() };
    assert!(at.takes(&chunk.expect("new"), &ours), "there is room for ours");
}

/// Statements are counted before a signature is looked at: thirty thousand of them took half a minute.
#[test]
fn statements_are_counted_before_they_are_checked() {
    let mut at = City::new();
    let west = key(2);
    let state = |number: usize| {
        let person = PersonId::from_bytes([44; 16]);
        let mut one = certificate(&west, 65, person);
        one.serial = u32::try_from(number).expect("few");
        one.edit(&west)
    };
    let many: Vec<Edit> = (1..=STATEMENTS_AT_ONCE + 1).map(state).collect();
    assert!(!at.brings(&many));
    assert!(at.brings(&many[1..]));
}

/// No board is listed under the id of the space or of a log, by whomever; what stood there before may be taken off.
#[test]
fn an_id_has_one_meaning_whoever_lists_it() {
    let (log, before) = (DocumentId::log(PLAN, OFFICE), DocumentId::log(PLAN, SCHOOLS));
    let board = |id: DocumentId| BoardId::from_bytes(*id.bytes());
    let ours = Rights { write: true, decide: true, ..Rights::default() };
    for rights in [ours, City::new().west] {
        let mut at = City::new();
        let by = if rights.server { server_actor(key(2).public(), [1; 8]) } else { OURS };
        let takes = |at: &mut City, edit: &Edit| {
            let (_, chunk) = at.under(&by).edit(edit, &Stamp::default()).expect("fits");
            at.takes(&chunk.expect("new"), &rights)
        };
        assert!(takes(&mut at, &listing(board(before), "先列出的")));
        let logs = Logs::new(move |id| id == log || id == before);
        at.room.known.logs = logs;
        for id in [log, DocumentId::space(SPACE)] {
            assert!(!takes(&mut at, &listing(board(id), "冒用编号")), "{id}");
        }
        assert!(takes(&mut at, &listing(board(before), "")));
        assert!(takes(&mut at, &listing(BoardId::from_bytes([53; 16]), "另一张")));
    }
}
