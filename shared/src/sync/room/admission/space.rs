//! Whether changes of a space leave alone what is not their sender's, and add no more than it may hold.
//!
//! A space is one document on all servers that share it, and each part of it has its home on one of them:
//! units, boards and templates where they were put in, people where they have their account. A part is
//! changed on its own server only: what another one took, its own would refuse, and with it everything that
//! rests on it.

use super::{Known, Rights, operations};
use crate::document;
use crate::id::{BoardId, DocumentId, PersonId, SpaceId, fingerprint_of};
use crate::limits;
use crate::sync::RefusalCode;
use crate::sync::room::objection::{Fault, Objection};
use crate::trust::{Certificate, Ending, Proofs, PublicKey, Stated};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{AutoCommit, Change, ObjId as ExId, ROOT, ReadDoc, ScalarValue, Value};
use std::collections::HashSet;

/// Fields of a unit that no program changes once they are written.
const FIXED: [&str; 4] = ["name", "kind", "side", "code"];

/// The owner of a part, as seen by who wants to change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Home {
    /// The asker's, or nobody's that we could answer for.
    Free,
    /// Not said, as by programs before.
    Unknown,
    /// That of somebody else.
    Closed,
}

/// A place in a space.
struct Place<'a> {
    /// The object that holds it.
    map: &'a ExId,
    key: &'a str,
    /// The register that says whose the part is.
    head: String,
    /// Whether no program changes it once it is written.
    fixed: bool,
}

fn named(id: &ExId) -> Option<ObjectId> {
    match id {
        ExId::Id(counter, actor, _) => Some(ObjectId::Id(OpId::new(*counter, actor))),
        ExId::Root => None,
    }
}

/// A space as it stands before the changes that are judged.
struct Standing<'a> {
    document: &'a AutoCommit,
    rights: &'a Rights,
    known: &'a Known,
    units: Option<ExId>,
    persons: Option<ExId>,
    boards: Option<ExId>,
}

impl<'a> Standing<'a> {
    fn new(document: &'a AutoCommit, rights: &'a Rights, known: &'a Known) -> Self {
        let map = |name: &str| Some(document.get(ROOT, name).ok()??.1);
        Self { document, rights, known, units: map("units"), persons: map("persons"), boards: map("boards") }
    }

    /// The place that an operation writes, if it is of a part that has a home.
    fn place<'b>(&'b self, operation: &Op, key: &'b str) -> Option<Place<'b>> {
        if operation.obj == ObjectId::Root {
            let place = Place { map: &ROOT, key, head: key.to_owned(), fixed: true };
            return key.starts_with(document::TEMPLATE).then_some(place);
        }
        let is = |map: &&ExId| named(map).as_ref() == Some(&operation.obj);
        let part = document::settles(key).unwrap_or(key);
        if let Some(map) = self.boards.as_ref().filter(is) {
            return Some(Place { map, key, head: part.to_owned(), fixed: true });
        }
        let map = [&self.units, &self.persons].into_iter().flatten().find(is)?;
        let (part, field) = part.split_once('/').unwrap_or((part, ""));
        let fixed = self.units.as_ref().is_some_and(|units| is(&units)) && FIXED.contains(&field);
        Some(Place { map, key, head: format!("{part}/name"), fixed })
    }

    /// The servers on which the values of a register were written, each with its operation.
    fn written(&self, map: &ExId, key: &str) -> Vec<(Option<PublicKey>, OpId)> {
        let by = |id: &ExId| match id {
            ExId::Id(counter, actor, _) => {
                Some((self.known.register.home_of(actor.to_bytes()), OpId::new(*counter, actor)))
            }
            ExId::Root => None,
        };
        let all = self.document.get_all(map, key).unwrap_or_default();
        all.iter().filter_map(|(_, id)| by(id)).collect()
    }

    /// The owner of something that was written on a server. Another server has its own, and brings what is of
    /// servers with which we exchange nothing ourselves.
    fn home(&self, of: Option<PublicKey>) -> Home {
        let Some(of) = of else { return Home::Unknown };
        let ours = self.known.register.is_own(of);
        let closed = match self.rights.server {
            true => ours || self.known.register.is_near(of) && self.rights.authority != Some(of),
            false => !ours,
        };
        if closed { Home::Closed } else { Home::Free }
    }

    /// Whether a change may come under an actor. The mark of a server says whose a part is, and nobody else
    /// writes under it. Another server brings what others have written that it reaches; we know our own.
    fn may_bear(&self, actor: &[u8]) -> bool {
        let of = self.known.register.server_of(actor);
        of.is_none_or(|of| self.rights.server && !self.known.register.is_own(of))
    }

    /// Whether an operation says what stands in its place already, and takes away nothing that is not its
    /// sender's: whatever was written there stays.
    fn says_the_same(&self, place: &Place<'_>, operation: &Op) -> bool {
        let stands = self.document.get(place.map, place.key).ok().flatten();
        let same = match (&operation.action, &stands) {
            (OpType::Put(new), Some((Value::Scalar(old), _))) => new == old.as_ref(),
            _ => false,
        };
        let stays = |(of, id): (Option<PublicKey>, OpId)| {
            self.home(of) == Home::Free || operation.pred.iter().all(|before| *before != id)
        };
        same && self.written(place.map, place.key).into_iter().all(stays)
    }

    /// Whether an operation changes nothing whose home is elsewhere.
    fn is_at_home(&self, operation: &Op) -> bool {
        let Key::Map(key) = &operation.key else { return true };
        let Some(place) = self.place(operation, key) else { return true };
        let mut homes: Vec<Home> =
            self.written(place.map, &place.head).into_iter().map(|(of, _)| self.home(of)).collect();
        if self.persons.as_ref().is_some_and(|persons| persons == place.map) {
            let person = place.head.split_once('/').and_then(|(person, _)| person.parse().ok());
            let ours = person.is_some_and(|person| self.known.is_of_us(person));
            homes.extend((ours && self.rights.server).then_some(Home::Closed));
            if !self.rights.server {
                homes.clear();
            }
        }
        // For another server one of ours is enough, for our people all must be of others: a server that says
        // once more what we have said does not make it its own.
        let home = if self.rights.server { homes.iter().max() } else { homes.iter().min() };
        match home {
            None | Some(Home::Free) => true,
            Some(Home::Unknown) if !self.rights.server => true,
            Some(Home::Unknown) => {
                !place.fixed
                    || self.written(place.map, place.key).is_empty()
                    || self.says_the_same(&place, operation)
            }
            Some(Home::Closed) => self.says_the_same(&place, operation),
        }
    }

    /// How many parts a map holds.
    fn parts(&self, map: &ExId) -> usize {
        let of_boards = self.boards.as_ref() == Some(map);
        let head = |key: &String| match of_boards {
            true => document::settles(key).is_none(),
            false => document::settles(key).is_none() && key.ends_with("/name"),
        };
        self.document.keys(map).filter(head).count()
    }

    /// The part of a bound that is for the sender: a half of it is kept for those whose home is here.
    const fn most(&self, all: usize) -> usize {
        if self.rights.server && !self.rights.decide { all / 2 } else { all }
    }

    /// The list of boards with what stands in it: a board that is listed and not there would keep the one
    /// of its document from ever being made.
    fn listings(&self) -> HashSet<ObjectId> {
        let Some(boards) = &self.boards else { return HashSet::new() };
        let all = self.document.keys(boards).filter_map(|key| self.document.get_all(boards, key).ok());
        let inside: Vec<ExId> = all.flatten().map(|(_, id)| id).collect();
        inside.iter().chain([boards]).filter_map(named).collect()
    }

    /// Whether an operation puts a board on the list under an id that stands for another document: the space
    /// itself, or the log of a unit.
    fn takes_an_id(&self, id: DocumentId, operation: &Op) -> bool {
        let Key::Map(key) = &operation.key else { return false };
        let of_boards = self.boards.as_ref().and_then(named).as_ref() == Some(&operation.obj);
        let board = document::settles(key).unwrap_or(key).parse().ok().filter(|_| of_boards);
        let new = |board: &BoardId| {
            self.boards.as_ref().is_some_and(|boards| self.written(boards, &board.to_string()).is_empty())
        };
        // Whatever was listed before is passed over where it is looked up, and may be taken off.
        let taken = board.filter(new).map(DocumentId::board);
        taken.is_some_and(|board| board == id || self.known.logs.hold(board))
    }

    /// Whether a server may certify a device for a person.
    fn may_certify(&self, one: &Certificate) -> bool {
        if self.known.is_of_us(one.person) {
            return self.known.register.is_own(one.authority);
        }
        let Some(persons) = &self.persons else { return true };
        let homes = self.written(persons, &format!("{}/name", one.person));
        homes.iter().any(|(of, _)| *of == Some(one.authority))
            || !homes.iter().any(|(of, _)| of.is_some_and(|of| self.known.register.is_near(of)))
    }

    /// Whether a server may end a device, as far as it is known.
    fn may_end(&self, one: &Ending) -> bool {
        let register = &self.known.register;
        let closed = |of: PublicKey| of != one.authority && (register.is_own(of) || register.is_near(of));
        !register.certified_by(one.device).is_some_and(closed)
    }
}

impl Known {
    fn is_of_us(&self, person: PersonId) -> bool {
        self.people.contains(&person) || self.register.is_of_us(person)
    }
}

/// Whether changes of a space keep to what is their sender's. Only who may decide lists boards; another
/// server, which never decides, brings its own and changes nothing of ours, and our people change nothing
/// of other servers. An id has one meaning, whoever lists it. A server that recovers takes back whatever it had.
pub fn space_fits(
    (id, document): (DocumentId, &AutoCommit),
    changes: &[&Change],
    (rights, known): (&Rights, &Known),
) -> Result<(), Objection> {
    let space = Standing::new(document, rights, known);
    let listings = if rights.decide || rights.server { HashSet::new() } else { space.listings() };
    let free = known.recovers || rights.server && rights.decide;
    let mut added = Added::default();
    for change in changes {
        if !free && !space.may_bear(change.actor_id().to_bytes()) {
            return Err(Objection::claimed(None));
        }
        added.begins();
        for operation in operations(change)? {
            if listings.contains(&operation.obj) || !free && !space.is_at_home(&operation) {
                return Err(Objection::plain(RefusalCode::NoRight));
            }
            if !known.recovers && space.takes_an_id(id, &operation) {
                return Err(Objection::of(Fault::Taken));
            }
            if !free {
                added.note(&space, &operation)?;
            }
        }
    }
    added.fits(&space)
}

/// The units, boards and people that changes add to a space.
#[derive(Default)]
struct Added {
    units: HashSet<String>,
    boards: HashSet<String>,
    persons: HashSet<String>,
    /// How many of them were there before the change that is looked at.
    before: usize,
}

impl Added {
    fn count(&self) -> usize {
        self.units.len() + self.boards.len() + self.persons.len()
    }

    fn begins(&mut self) {
        self.before = self.count();
    }

    fn note(&mut self, space: &Standing<'_>, operation: &Op) -> Result<(), Objection> {
        let Key::Map(key) = &operation.key else { return Ok(()) };
        let Some(place) = space.place(operation, key) else { return Ok(()) };
        let (units, boards) = (space.units.as_ref(), space.boards.as_ref());
        let new = match Some(place.map) {
            map if map == units => &mut self.units,
            map if map == boards => &mut self.boards,
            map if map == space.persons.as_ref() => &mut self.persons,
            _ => return Ok(()),
        };
        if space.written(place.map, &place.head).is_empty() {
            new.insert(place.head);
        }
        if self.count() - self.before > limits::ADDED_AT_ONCE {
            return Err(Objection::of(Fault::Heavy));
        }
        Ok(())
    }

    /// Whether the space has room for them.
    fn fits(&self, space: &Standing<'_>) -> Result<(), Objection> {
        if self.count() == 0 {
            return Ok(());
        }
        let [units, boards, persons] =
            [(&space.units, &self.units), (&space.boards, &self.boards), (&space.persons, &self.persons)]
                .map(|(map, new)| map.as_ref().map_or(0, |map| space.parts(map)) + new.len());
        let all = [(units, limits::UNITS), (boards, limits::BOARDS), (persons, limits::PERSONS)];
        let logs = (units.saturating_mul(boards), limits::LOGS);
        let fit = all.into_iter().chain([logs]).all(|(count, most)| count <= space.most(most));
        if fit { Ok(()) } else { Err(Objection::of(Fault::Full)) }
    }
}

/// Whether operations on a space leave its servers' statements alone: new ones that a trusted
/// server signed may be brought, none is changed. No server speaks of the devices and people of another one.
pub fn statements_fit(
    document: &AutoCommit,
    changes: &[Change],
    (id, rights): (SpaceId, &Rights),
    known: &Known,
) -> Result<(), Objection> {
    let refused = || Objection::plain(RefusalCode::NoRight);
    let mut new = Proofs::default();
    let mut count = 0;
    for change in changes {
        let before = count;
        for operation in operations(change)? {
            let (ObjectId::Root, Key::Map(key)) = (&operation.obj, &operation.key) else { continue };
            let Some((word, name)) = key.split_once('/') else { continue };
            let Some(kind) = Stated::of_word(word) else { continue };
            let OpType::Put(ScalarValue::Bytes(bytes)) = &operation.action else { return Err(refused()) };
            if !operation.pred.is_empty() || document::hex(&fingerprint_of(bytes)) != name {
                return Err(refused());
            }
            count += 1;
            // Before any signature is looked at.
            if count - before > limits::STATEMENTS_AT_ONCE && !known.recovers {
                return Err(Objection::of(Fault::Heavy));
            }
            new.of_mut(kind).insert(bytes.clone());
        }
    }
    if count == 0 {
        return Ok(());
    }
    let space = Standing::new(document, rights, known);
    let is_statement =
        |key: &String| key.split_once('/').is_some_and(|(word, _)| Stated::of_word(word).is_some());
    let stand = document.keys(ROOT).filter(is_statement).count();
    if stand + count > space.most(limits::STATEMENTS) && !known.recovers {
        return Err(Objection::of(Fault::Full));
    }
    // A server that is endorsed here may have certified devices here.
    let Some((certificates, endings)) = known.register.open_trusted(id, &new) else { return Err(refused()) };
    let fits =
        certificates.iter().all(|one| space.may_certify(one)) && endings.iter().all(|one| space.may_end(one));
    if fits || known.recovers { Ok(()) } else { Err(refused()) }
}
