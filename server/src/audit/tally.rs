//! Counts of refusals, closings, shares that ran out and what accounts do of their own, by person or place,
//! reason and hour. The trail is never cut, so few records may come of however many: those that say something
//! new are written whole, as many as one origin has within an hour; the rest stands in counts. Records that
//! accuse have a room of their own, which nothing dull takes.
//!
//! Each record stands for so many: its `count`, or one. Those of an origin and a reason add up to what
//! happened, but for what a program that ends unasked had not told yet.

use super::Act;
use crate::limits;
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};
use tongban_shared::id::PersonId;
use tongban_shared::trust::{Budget, Closing};

/// How long what happened is counted together.
const HOUR: Duration = Duration::from_secs(3600);

/// The first count that is told before the hour is over; then each that is ten times the last.
const FIRST_COUNT: u64 = 100;

/// The same for what also happens to everybody now and then, of which the first is not told.
const FIRST_EVERYDAY: u64 = 10;

/// From whom or from where something came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    Person(PersonId),
    /// A network, for somebody who is not signed in.
    Network(String),
    /// A file that nobody has signed.
    File,
    /// Networks of which too many were counted within the hour to tell them apart.
    Elsewhere,
}

impl Origin {
    const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(*person),
            _ => None,
        }
    }
}

/// How much it says of whoever did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It also happens to everybody now and then.
    Everyday,
    Plain,
    /// Somebody claimed what is not theirs.
    Accuses {
        /// The words of what was wrong; there are few of them.
        of: Vec<String>,
        /// That of which it was claimed, in any words.
        subject: String,
    },
    /// An account did it of its own, and might do it for ever.
    Own,
}

/// Something that is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub act: Act,
    /// The word of the reason; there are few of them.
    pub why: String,
    /// How many it stands for.
    pub times: u64,
    pub kind: Kind,
    /// Further things to be told of it.
    pub about: Value,
}

impl Note {
    /// One of an act, for a reason.
    #[must_use]
    pub fn new(act: Act, why: &str, mut about: Value) -> Self {
        about["why"] = json!(why);
        Self { act, why: why.to_owned(), times: 1, kind: Kind::Plain, about }
    }

    /// A connection was closed.
    #[must_use]
    pub fn closed(why: Closing, about: Value) -> Self {
        let kind = if why.is_everyday() { Kind::Everyday } else { Kind::Plain };
        Self { kind, ..Self::new(Act::Closed, why.word(), about) }
    }

    /// An act of an account of its own.
    #[must_use]
    pub const fn own(act: Act, about: Value) -> Self {
        Self { act, why: String::new(), times: 1, kind: Kind::Own, about }
    }

    /// A share ran out.
    #[must_use]
    pub fn ran_out(what: Budget, about: Value) -> Self {
        Self::new(Act::RanOut, what.word(), about)
    }
}

/// A record to be appended to the trail.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) act: Act,
    pub(super) by: Option<PersonId>,
    pub(super) about: Value,
}

/// The counts of one act and reason.
#[derive(Default)]
struct Counted {
    all: u64,
    /// Those among them for which records stand.
    told: u64,
    everyday: bool,
    /// The hashes of what was written whole, and their number.
    seen: HashSet<u64>,
    whole: usize,
}

impl Counted {
    /// Whether a record of the count is due before the hour is over.
    fn is_due(&self) -> bool {
        let mut next = if self.everyday { FIRST_EVERYDAY } else { FIRST_COUNT };
        while next <= self.told {
            next = next.saturating_mul(10);
        }
        self.all >= next
    }

    /// The number that no record stands for yet; none of what happens to everybody.
    fn take_untold(&mut self) -> u64 {
        if self.everyday && self.all < FIRST_EVERYDAY {
            return 0;
        }
        self.all - std::mem::replace(&mut self.told, self.all)
    }
}

/// The counts of one origin.
struct Hour {
    since: Instant,
    /// Milliseconds since 1970.
    since_ms: u64,
    /// Records of plain things that were written whole.
    whole: usize,
    accusing: Accusing,
    counted: HashMap<(Act, String), Counted>,
}

impl Hour {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.since) >= HOUR
    }
}

/// Records that accuse and were written whole.
#[derive(Default)]
struct Accusing {
    /// By what was wrong, the hashes of that of which it was claimed.
    of: HashMap<String, HashSet<u64>>,
    /// Those that say neither anew.
    further: usize,
}

impl Accusing {
    /// Whether one is written whole: whatever names another kind or subject has the room of its kind, and others
    /// are as long as there are few.
    fn has_room(&mut self, of: &[String], subject: &str) -> bool {
        let (subject, mut is_new) = (hash_of(subject), false);
        for one in of {
            let subjects = self.of.entry(one.clone()).or_default();
            is_new |= subjects.len() < limits::WHOLE_AN_HOUR && subjects.insert(subject);
        }
        let all = self.of.values().map(HashSet::len).sum::<usize>() + self.further;
        let has_room = is_new || all < limits::WHOLE_AN_HOUR;
        self.further += usize::from(has_room && !is_new);
        has_room
    }
}

/// The counts of all.
#[derive(Default)]
pub(super) struct Tally {
    of: HashMap<Origin, Hour>,
    /// Records that are still to be written, the oldest first.
    pub(super) waiting: VecDeque<Told>,
}

impl Tally {
    /// Counts something; whether there is a record to be written.
    pub(super) fn note(&mut self, origin: Origin, note: Note, (now, now_ms): (Instant, u64)) -> bool {
        let origin = self.known(origin);
        if self.of.get(&origin).is_some_and(|hour| hour.is_over(now)) {
            self.end(&origin);
        }
        let hour = self.of.entry(origin.clone()).or_insert_with(|| Hour {
            since: now,
            since_ms: now_ms,
            whole: 0,
            accusing: Accusing::default(),
            counted: HashMap::new(),
        });
        let Note { act, why, times, kind, about } = note;
        let counted = hour.counted.entry((act, why.clone())).or_default();
        counted.everyday = kind == Kind::Everyday;
        let hash = hash_of(&about.to_string());
        let is_new = kind == Kind::Own || !counted.seen.contains(&hash);
        let has_room = is_new
            && match &kind {
                Kind::Everyday => false,
                Kind::Plain => counted.all == 0 || hour.whole < limits::WHOLE_AN_HOUR,
                Kind::Accuses { of, subject } => hour.accusing.has_room(of, subject),
                Kind::Own => counted.whole < limits::OWN_AN_HOUR,
            };
        if has_room {
            // It stands for one, however often it came at once.
            hour.whole += usize::from(kind == Kind::Plain);
            counted.whole += 1;
            counted.told += 1;
            counted.seen.extend((kind != Kind::Own).then_some(hash));
            self.waiting.push_back(Told { act, by: origin.person(), about });
        }
        counted.all += times;
        if counted.is_due() {
            let since = hour.since_ms;
            self.waiting.extend(count_of(&origin, since, (act, &why), counted));
        }
        !self.waiting.is_empty()
    }

    /// Tells what has come to an end; whether there is a record to be written.
    pub(super) fn end_hours(&mut self, now: Instant) -> bool {
        let over = self.of.iter().filter(|(_, hour)| hour.is_over(now));
        let ended: Vec<Origin> = over.map(|(origin, _)| origin.clone()).collect();
        ended.iter().for_each(|origin| self.end(origin));
        !self.waiting.is_empty()
    }

    /// Tells everything, for the program ends.
    pub(super) fn end_all(&mut self) {
        let all: Vec<Origin> = self.of.keys().cloned().collect();
        all.iter().for_each(|origin| self.end(origin));
    }

    fn end(&mut self, origin: &Origin) {
        let Some(hour) = self.of.remove(origin) else { return };
        for ((act, why), mut counted) in hour.counted {
            self.waiting.extend(count_of(origin, hour.since_ms, (act, &why), &mut counted));
        }
    }

    /// Networks are many; beyond a bound they are not told apart.
    fn known(&self, origin: Origin) -> Origin {
        let is_network = |origin: &&Origin| matches!(origin, Origin::Network(_));
        let new = is_network(&&origin) && !self.of.contains_key(&origin);
        if new && self.of.keys().filter(is_network).count() >= limits::NETWORKS_TOLD_APART {
            return Origin::Elsewhere;
        }
        origin
    }
}

/// The record of a count, if there is something to count.
fn count_of(origin: &Origin, since: u64, (act, why): (Act, &str), counted: &mut Counted) -> Option<Told> {
    let count = counted.take_untold();
    let mut about = json!({ "count": count, "within": counted.all, "since": since });
    if !why.is_empty() {
        about["why"] = json!(why);
    }
    if let Origin::Network(network) = origin {
        about["from"] = json!(network);
    }
    (count > 0).then(|| Told { act, by: origin.person(), about })
}

fn hash_of(words: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_shared::trust::Rebuff;

    fn person(number: u8) -> Origin {
        Origin::Person(PersonId::from_bytes([number; 16]))
    }

    fn counts(told: &VecDeque<Told>) -> Vec<u64> {
        told.iter().map(|one| one.about["count"].as_u64().unwrap_or(1)).collect()
    }

    #[test]
    fn what_repeats_is_counted_and_the_counts_add_up() {
        let (mut tally, begun) = (Tally::default(), Instant::now());
        for _ in 0..4180 {
            tally.note(person(1), Note::new(Act::Refused, "heavy", json!({ "board": "b" })), (begun, 5));
        }
        assert_eq!(counts(&tally.waiting), [1, 99, 900]);
        assert_eq!(tally.waiting[0].about, json!({ "board": "b", "why": "heavy" }));
        assert!(!tally.of.is_empty() && tally.end_hours(begun + HOUR) && tally.of.is_empty());
        assert_eq!(counts(&tally.waiting), [1, 99, 900, 3180]);
        assert_eq!(
            tally.waiting[3].about,
            json!({ "why": "heavy", "count": 3180, "within": 4180, "since": 5 })
        );
        // Another hour begins anew, and what has been told is not told again.
        tally.waiting.clear();
        assert!(tally.note(person(1), Note::new(Act::Refused, "heavy", json!({})), (begun + HOUR, 6)));
        tally.end_all();
        assert_eq!(counts(&tally.waiting), [1]);
    }

    #[test]
    fn many_at_once_are_one_record_and_its_count() {
        let mut tally = Tally::default();
        let many = Note { times: 128, ..Note::new(Act::Refused, "heavy", json!({})) };
        tally.note(person(1), many, (Instant::now(), 0));
        assert_eq!(counts(&tally.waiting), [1, 127]);
    }

    #[test]
    fn what_happens_to_everybody_is_told_when_it_is_many() {
        let (mut tally, now) = (Tally::default(), (Instant::now(), 0));
        let silent = || Note::closed(Closing::Silent, json!({}));
        for number in 0..9 {
            assert!(!tally.note(person(1), silent(), now), "{number}");
            tally.note(person(2), silent(), now);
        }
        assert!(tally.note(person(1), silent(), now));
        tally.end_all();
        assert_eq!(counts(&tally.waiting), [10], "the other had nine");
    }

    /// Whatever one account does within an hour, with as many details as it likes.
    #[test]
    fn one_payer_adds_no_more_than_so_many_records_within_an_hour() {
        let (mut tally, now) = (Tally::default(), (Instant::now(), 0));
        let faults = tongban_shared::sync::room::Fault::ALL.iter().map(|one| (Act::Refused, one.word()));
        let codes = tongban_shared::sync::RefusalCode::ALL.iter().map(|one| (Act::Refused, one.word()));
        let closings = Closing::ALL.iter().map(|one| (Act::Closed, one.word()));
        let budgets = Budget::ALL.iter().map(|one| (Act::RanOut, one.word()));
        let rebuffs = Rebuff::ALL.iter().map(|one| (Act::RequestRefused, one.word()));
        let all: Vec<(Act, &str)> =
            faults.chain(codes).chain(closings).chain(budgets).chain(rebuffs).collect();
        let mut happened = 0;
        for round in 0..1200_u32 {
            for (act, why) in &all {
                tally.note(person(1), Note::new(*act, why, json!({ "number": round })), now);
                happened += 1;
            }
        }
        tally.end_all();
        let records = tally.waiting.len();
        assert_eq!(counts(&tally.waiting).iter().sum::<u64>(), happened);
        // The first and three counts of each reason, and what is written whole besides.
        assert!(records <= all.len() * 4 + limits::WHOLE_AN_HOUR, "{records} of {} reasons", all.len());
        assert!(records > all.len() * 3, "{records}: each reason has its first and its counts");
        // Others have theirs.
        assert!(tally.note(person(2), Note::new(Act::Refused, "heavy", json!({})), now));
        assert_eq!(tally.waiting.len(), records + 1);
    }

    fn accuses(of: &str, subject: usize, number: usize) -> Note {
        let about = json!({ "entries": [{ "doubt": of, "person": subject, "id": number }] });
        let kind = Kind::Accuses { of: vec![of.to_owned()], subject: subject.to_string() };
        Note { kind, ..Note::new(Act::Refused, "doubted", about) }
    }

    #[test]
    fn what_accuses_is_never_crowded_out() {
        let (mut tally, now) = (Tally::default(), (Instant::now(), 0));
        for number in 0..200_usize {
            tally.note(person(1), Note::new(Act::Refused, "heavy", json!({ "number": number })), now);
            tally.note(person(1), accuses("unsigned", number, number), now);
        }
        // Always of one, until there is no room: another one is named all the same.
        for number in 0..200 {
            tally.note(person(1), accuses("forged", 7, number), now);
        }
        tally.note(person(1), accuses("forged", 8, 0), now);
        let named = |of: &str, person: u64| {
            let told = tally.waiting.iter().map(|one| &one.about["entries"][0]);
            told.filter(|one| one["doubt"] == of && one["person"] == person).count()
        };
        assert_eq!(named("unsigned", 0), 1);
        assert_eq!(named("forged", 7), 1);
        assert_eq!(named("forged", 8), 1);
        tally.end_all();
        assert_eq!(counts(&tally.waiting).iter().sum::<u64>(), 601);
        assert!(tally.waiting.len() < 3 * limits::WHOLE_AN_HOUR, "{}", tally.waiting.len());
    }

    #[test]
    fn acts_of_an_account_of_its_own_are_whole_until_they_are_too_many() {
        let (mut tally, now) = (Tally::default(), (Instant::now(), 0));
        for _ in 0..5000 {
            tally.note(person(1), Note::own(Act::SignOut, json!({})), now);
        }
        let whole = tally.waiting.iter().filter(|one| one.about["count"].is_null()).count();
        assert_eq!(whole, limits::OWN_AN_HOUR);
        tally.note(person(1), Note::own(Act::PasswordChanged, json!({})), now);
        assert_eq!(tally.waiting.back().map(|one| one.act), Some(Act::PasswordChanged));
        tally.end_all();
        assert_eq!(counts(&tally.waiting).iter().sum::<u64>(), 5001);
        assert!(tally.waiting.len() < limits::OWN_AN_HOUR + 5, "{}", tally.waiting.len());
    }

    #[test]
    fn networks_without_end_are_not_told_apart() {
        let (mut tally, now) = (Tally::default(), (Instant::now(), 0));
        for number in 0..limits::NETWORKS_TOLD_APART * 5 {
            let from = Origin::Network(number.to_string());
            tally.note(from, Note::new(Act::SignInRefused, "wrong", json!({ "from": number })), now);
        }
        let whole = limits::NETWORKS_TOLD_APART + limits::WHOLE_AN_HOUR;
        assert_eq!(tally.of.len(), limits::NETWORKS_TOLD_APART + 1);
        assert_eq!(tally.waiting.iter().filter(|one| one.about["count"].is_null()).count(), whole);
        tally.end_all();
        let all = (limits::NETWORKS_TOLD_APART * 5) as u64;
        assert_eq!(counts(&tally.waiting).iter().sum::<u64>(), all);
    }
}
