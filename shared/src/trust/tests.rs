//! Attacks with entries, and the acts of honest people around an ending.

mod statements;

use super::*;
use crate::access::AccountRole;
use crate::bundle;
use crate::document::{Document, Kind, Stamp, hex};
use crate::edit::Edit;
use crate::entry::{Author, Entry, EntryKind, Subject};
use crate::fold::Entries;
use crate::id::{BoardId, DeviceId, DocumentId, EntryId, ItemId, PersonId, SpaceId, UnitId};
use std::collections::BTreeSet;

const SPACE: SpaceId = SpaceId::from_bytes([1; 16]);
const BOARD: BoardId = BoardId::from_bytes([2; 16]);
const LEAD: UnitId = UnitId::from_bytes([3; 16]);
const BANNER: UnitId = UnitId::from_bytes([4; 16]);

fn server() -> Key {
    Key::from_seed(&[9; 32])
}

/// A device with its key and what was stated about it.
struct Device {
    id: DeviceId,
    key: Key,
    unit: UnitId,
    person: PersonId,
    serial: Option<u32>,
    said: u32,
}

impl Device {
    fn new(number: u8, unit: UnitId) -> Self {
        let (key, person) = (Key::from_seed(&[number; 32]), PersonId::from_bytes([number; 16]));
        Self { id: key.public().device(), key, unit, person, serial: Some(1), said: 0 }
    }

    fn certificate(&self, serial: u32, role: AccountRole) -> Certificate {
        Certificate {
            space: SPACE,
            device: self.id,
            serial,
            key: self.key.public(),
            person: self.person,
            unit: self.unit,
            role,
            issued: 0,
            authority: server().public(),
        }
    }

    fn write(&mut self, kind: EntryKind) -> Entry {
        self.said += 1;
        let writer = format!("{}00000000", hex(self.id.bytes()));
        let author = Author { person: self.person, unit: self.unit, device: self.id, writer };
        let item = Some(ItemId::from_bytes([7; 16]));
        let subject = Subject { board: BOARD, item, unit: Some(BANNER), indicator: None };
        let said = i64::from(self.said);
        let id = Entry::own_id(said, BOARD, &author, self.said);
        let mut entry = Entry {
            seq: self.said,
            said,
            accepted: (kind == EntryKind::CloseDecision).then_some(true),
            certificate: self.serial,
            ..Entry::new(id, kind, author, subject)
        };
        entry.sign(&self.key);
        entry
    }
}

fn read(proofs: &Proofs) -> Register {
    Register::read(SPACE, proofs, server().public())
}

fn register(certificates: &[Certificate], endings: &[Ending]) -> Register {
    read(&Proofs {
        certificates: certificates.iter().map(|one| one.sign(&server())).collect(),
        endings: endings.iter().map(|one| one.sign(&server())).collect(),
        ..Proofs::default()
    })
}

/// The judgement of every device on an entry that it finds in a log.
fn taken(register: &Register, entry: &Entry, log: UnitId) -> Result<(), Doubt> {
    // Through the stored bytes, as it would come.
    let entry = Entry::from_bytes(&entry.to_bytes()).expect("an entry");
    let mut entries = Entries::default();
    entries.take(entry.clone(), (BOARD, log), register, Some(LEAD));
    entries.check_signatures(register, usize::MAX);
    match entries.apart().next() {
        Some(apart) => {
            assert!(entries.all.is_empty() && entries.of_item(ItemId::from_bytes([7; 16])).is_empty());
            Err(apart.doubt)
        }
        None => Ok(()),
    }
}

fn ending(device: &Device, serial: u32, seen: &[EntryId]) -> Ending {
    let seen: BTreeSet<EntryId> = seen.iter().copied().collect();
    Ending { space: SPACE, device: device.id, serial, at: 1, seen, authority: server().public(), part: None }
}

#[test]
fn forged_entries_have_no_effect() {
    let (mut lead, mut banner) = (Device::new(5, LEAD), Device::new(6, BANNER));
    let all = register(
        &[lead.certificate(1, AccountRole::Editor), banner.certificate(1, AccountRole::Editor)],
        &[],
    );
    let decision = lead.write(EntryKind::CloseDecision);
    assert_eq!(taken(&all, &decision, LEAD), Ok(()));

    // One word changed after signing.
    let changed = Entry { body: "另一句".into(), ..decision.clone() };
    assert_eq!(taken(&all, &changed, LEAD), Err(Doubt::Forged));
    // The same without the signature.
    let unsigned = Entry { seal: None, ..decision.clone() };
    assert_eq!(taken(&all, &unsigned, LEAD), Err(Doubt::Unsigned));
    // In the lead's name, signed by the banner's device.
    let mut signed_by_another = decision.clone();
    signed_by_another.sign(&banner.key);
    assert_eq!(taken(&all, &signed_by_another, LEAD), Err(Doubt::Forged));
    // The banner's device says that it is the lead's unit.
    let mut posing = banner.write(EntryKind::CloseDecision);
    posing.author.unit = LEAD;
    posing.sign(&banner.key);
    assert_eq!(taken(&all, &posing, LEAD), Err(Doubt::NotTheirs));
    // A device that no server knows, with a certificate that it has signed itself.
    let mut stranger = Device::new(8, LEAD);
    let own =
        Certificate { authority: stranger.key.public(), ..stranger.certificate(1, AccountRole::Editor) };
    let proofs = Proofs { certificates: [own.sign(&stranger.key)].into(), ..Proofs::default() };
    assert_eq!(taken(&read(&proofs), &stranger.write(EntryKind::Report), LEAD), Err(Doubt::UnknownDevice));
    // The same, naming the server as the one who states it.
    let proofs = Proofs {
        certificates: [stranger.certificate(1, AccountRole::Editor).sign(&stranger.key)].into(),
        ..Proofs::default()
    };
    assert_eq!(taken(&read(&proofs), &stranger.write(EntryKind::Report), LEAD), Err(Doubt::UnknownDevice));
}

#[test]
fn replayed_entries_have_no_effect() {
    let (mut lead, mut banner) = (Device::new(5, LEAD), Device::new(6, BANNER));
    let all = register(
        &[lead.certificate(1, AccountRole::Editor), banner.certificate(1, AccountRole::Editor)],
        &[],
    );
    let decision = lead.write(EntryKind::CloseDecision);
    // In another unit's log, or of another board.
    assert_eq!(taken(&all, &decision, BANNER), Err(Doubt::Misplaced));
    let elsewhere = (BoardId::from_bytes([77; 16]), LEAD);
    assert_eq!(all.judge(&decision, elsewhere, Some(LEAD)), Err(Doubt::Misplaced));
    // In another space, whose server is the same.
    let other = SpaceId::from_bytes([2; 16]);
    let proofs = Proofs {
        certificates: [lead.certificate(1, AccountRole::Editor).sign(&server())].into(),
        ..Proofs::default()
    };
    let foreign = Register::read(other, &proofs, server().public());
    assert_eq!(taken(&foreign, &decision, LEAD), Err(Doubt::UnknownDevice));
    // Nobody takes the place of somebody else's entry by its id.
    let mut usurping = banner.write(EntryKind::Report);
    usurping.id = decision.id;
    usurping.sign(&banner.key);
    assert_eq!(taken(&all, &usurping, BANNER), Err(Doubt::Forged));
    // Twice is once.
    let mut entries = Entries::default();
    for _ in 0..2 {
        entries.take(decision.clone(), (BOARD, LEAD), &all, Some(LEAD));
    }
    assert_eq!(entries.all.len(), 1);
}

#[test]
fn entries_of_a_wrong_role_have_no_effect() {
    let (mut worker, mut banner, mut reader) =
        (Device::new(5, LEAD), Device::new(6, BANNER), Device::new(7, LEAD));
    let all = register(
        &[
            worker.certificate(1, AccountRole::Reporter),
            banner.certificate(1, AccountRole::Editor),
            reader.certificate(1, AccountRole::Reader),
        ],
        &[],
    );
    assert_eq!(taken(&all, &worker.write(EntryKind::Report), LEAD), Ok(()));
    assert_eq!(taken(&all, &worker.write(EntryKind::CloseDecision), LEAD), Err(Doubt::Role));
    assert_eq!(taken(&all, &reader.write(EntryKind::Report), LEAD), Err(Doubt::Role));
    // An editor decides on boards that the unit leads, not on this one.
    assert_eq!(taken(&all, &banner.write(EntryKind::CloseDecision), BANNER), Err(Doubt::Role));
    // The lead of the time of writing may have written it; the lead of today is another question.
    let then = Entry { lead_then: Some(BANNER), ..banner.write(EntryKind::CloseDecision) };
    let mut entries = Entries::default();
    entries.take(then, (BOARD, BANNER), &all, Some(LEAD));
    assert_eq!(entries.all.len(), 1);
}

/// The unit that led the board when a decision was written is found in the board itself, at the heads
/// that its author had seen.
#[test]
fn who_led_then_is_read_at_the_heads_of_then() {
    let mut board = Document::new(Kind::Board, &[1; 16]);
    let led_by = |board: &mut Document, unit: UnitId| {
        let edit = Edit::SetBoardField { field: crate::edit::BoardField::Lead, value: unit.to_string() };
        board.edit(&edit, &Stamp::default()).expect("an edit");
        board.heads().iter().map(|head| hex(head)).collect::<Vec<_>>()
    };
    let then = led_by(&mut board, LEAD);
    let later = led_by(&mut board, BANNER);
    assert_eq!((board.lead_at(&then), board.lead_at(&later)), (Some(LEAD), Some(BANNER)));
    assert_eq!(board.lead_at(&[]), None);
    assert_eq!(board.lead_at(&["00".repeat(32)]), None, "heads that are not here");
}

/// A report of a program before signatures counts; a number that the public sees does not.
#[test]
fn numbers_count_with_a_signature_only() {
    let mut device = Device::new(5, LEAD);
    let all = register(&[device.certificate(1, AccountRole::Editor)], &[]);
    let mut bare = |kind| {
        let mut entry = device.write(kind);
        (entry.seal, entry.author.writer) = (None, "w".into());
        taken(&all, &entry, LEAD)
    };
    assert_eq!(bare(EntryKind::Report), Ok(()));
    assert_eq!(bare(EntryKind::Value), Err(Doubt::Unsigned));
    assert_eq!(taken(&all, &device.write(EntryKind::Value), LEAD), Ok(()));
}

/// The author of a change hangs on the device that its actor names, not on the name that it says.
#[test]
fn an_actor_is_known_by_the_certificates_of_its_device() {
    let (mut device, other) = (Device::new(5, LEAD), Device::new(6, BANNER));
    let first = device.certificate(1, AccountRole::Editor);
    let before = (device.person, device.unit);
    (device.person, device.unit) = (PersonId::from_bytes([77; 16]), BANNER);
    let all = register(&[first, device.certificate(2, AccountRole::Editor)], &[]);
    let actor = |device: DeviceId| [&device.bytes()[..], &[0, 0, 0, 1]].concat();
    let of = |actor: &[u8]| all.certified_for(actor).collect::<Vec<_>>();
    assert_eq!(of(&actor(device.id)), [(device.person, device.unit), before], "the newest first");
    assert_eq!(of(&actor(other.id)), []);
    assert_eq!(of(device.id.bytes()), [], "the actor of no device");
}

#[test]
fn conflict_17_what_the_server_had_of_a_lost_device_keeps_its_force() {
    let mut lead = Device::new(5, LEAD);
    let (before, later) = (lead.write(EntryKind::CloseDecision), lead.write(EntryKind::CloseDecision));
    let certificate = lead.certificate(1, AccountRole::Editor);
    let all = register(std::slice::from_ref(&certificate), &[ending(&lead, 1, &[before.id])]);
    assert_eq!(taken(&all, &before, LEAD), Ok(()));
    assert_eq!(taken(&all, &later, LEAD), Err(Doubt::Ended));
    // A report by the thief either, though it binds nobody.
    assert_eq!(taken(&all, &lead.write(EntryKind::Report), LEAD), Err(Doubt::Ended));
    // An ending that somebody else has written ends nothing.
    let forged = ending(&lead, 1, &[]).sign(&lead.key);
    let proofs = Proofs {
        certificates: [certificate.sign(&server())].into(),
        endings: [forged].into(),
        ..Proofs::default()
    };
    assert_eq!(taken(&read(&proofs), &later, LEAD), Ok(()));
}

#[test]
fn a_role_that_changes_keeps_what_it_may_still_write() {
    let mut lead = Device::new(5, LEAD);
    let (report, decision) = (lead.write(EntryKind::Report), lead.write(EntryKind::CloseDecision));
    // Written offline before the device heard of it.
    let all = register(
        &[lead.certificate(1, AccountRole::Editor), lead.certificate(2, AccountRole::Reporter)],
        &[ending(&lead, 1, &[])],
    );
    assert_eq!(taken(&all, &report, LEAD), Ok(()));
    assert_eq!(taken(&all, &decision, LEAD), Err(Doubt::Ended));
    lead.serial = Some(2);
    assert_eq!(taken(&all, &lead.write(EntryKind::Report), LEAD), Ok(()));
    assert_eq!(taken(&all, &lead.write(EntryKind::CloseDecision), LEAD), Err(Doubt::Role));
    // Entries from before the first certificate count under it.
    lead.serial = None;
    assert_eq!(taken(&all, &lead.write(EntryKind::Report), LEAD), Ok(()));
}

#[test]
fn entries_are_judged_anew_when_statements_come() {
    let mut lead = Device::new(5, LEAD);
    let (first, second) = (lead.write(EntryKind::CloseDecision), lead.write(EntryKind::Outcome));
    let mut entries = Entries::default();
    // The certificate comes after the entries.
    let empty = register(&[], &[]);
    for entry in [&first, &second] {
        entries.take(entry.clone(), (BOARD, LEAD), &empty, Some(LEAD));
    }
    assert_eq!((entries.all.len(), entries.apart().count()), (0, 2));
    let certificate = lead.certificate(1, AccountRole::Editor);
    let known = register(std::slice::from_ref(&certificate), &[]);
    assert!(entries.judge_anew(&known, Some(LEAD)));
    assert_eq!((entries.all.len(), entries.apart().count()), (2, 0));
    assert!(!entries.judge_anew(&known, Some(LEAD)), "nothing changes twice");
    // And the device is lost.
    let lost = register(&[certificate], &[ending(&lead, 1, &[second.id])]);
    assert!(entries.judge_anew(&lost, Some(LEAD)));
    assert_eq!(entries.all.keys().collect::<Vec<_>>(), [&second.id]);
}

#[test]
fn nobody_takes_the_place_of_a_signed_entry_by_its_id() {
    let mut lead = Device::new(5, LEAD);
    let decision = lead.write(EntryKind::CloseDecision);
    let all = register(&[lead.certificate(1, AccountRole::Editor)], &[]);
    // Unsigned, shorter, in another unit's log, under the same id.
    let author = Author { unit: BANNER, writer: "w".into(), ..decision.author.clone() };
    let mut usurper = Entry::new(decision.id, EntryKind::Comment, author, decision.subject);
    usurper.said = decision.said;
    for order in [[&decision, &usurper], [&usurper, &decision]] {
        let mut entries = Entries::default();
        for entry in order {
            entries.take(entry.clone(), (BOARD, entry.author.unit), &all, Some(LEAD));
        }
        assert_eq!(entries.all[&decision.id].kind, EntryKind::CloseDecision);
    }
    // Under the writer of a certified device it is forged, not only unsigned.
    let posing = Entry { seal: None, kind: EntryKind::Comment, ..decision.clone() };
    assert_eq!(taken(&all, &posing, LEAD), Err(Doubt::Forged));
    // A number beyond all counting stops nobody from counting on.
    let mut entries = Entries::default();
    entries.add(Entry { seq: u32::MAX, ..decision.clone() });
    assert_eq!(entries.next_seq(&decision.author.writer), u32::MAX);
}
