use super::*;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;
const MOST: u64 = 256 * MIB;

/// An account with what it is told to let go of.
struct Account {
    reader: Reader,
    told: mpsc::UnboundedReceiver<DocumentId>,
    places: HashMap<DocumentId, Vec<Place>>,
}

impl Account {
    fn new(number: u8) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let reader = Reader { person: PersonId::from_bytes([number; 16]), bounded: true, tell };
        Self { reader, told, places: HashMap::new() }
    }

    fn opens(&mut self, weights: &Weights, load: Load, now: Instant) -> Result<(), Lack> {
        self.places.insert(load.0, weights.take(&self.reader, &[load], true, now)?);
        Ok(())
    }

    /// Lets go of what it was told to; how many documents that were.
    fn lets_go(&mut self) -> usize {
        let mut count = 0;
        while let Ok(id) = self.told.try_recv() {
            self.places.remove(&id);
            count += 1;
        }
        count
    }
}

fn document(number: u8) -> DocumentId {
    DocumentId::from_bytes([number; 16])
}

fn held(weights: &Weights) -> u64 {
    weights.table().held
}

/// Bytes of all rooms, and of those that somebody has open.
fn both(weights: &Weights) -> (u64, u64) {
    let table = weights.table();
    (table.all, table.held)
}

#[test]
fn an_account_at_its_part_waits_until_it_lets_go_and_others_open_the_same_meanwhile() {
    let (weights, now) = (Weights::new(MOST), Instant::now());
    let (mut one, mut other) = (Account::new(1), Account::new(2));
    for number in 0..3 {
        assert_eq!(one.opens(&weights, (document(number), 60 * MIB), now), Ok(()));
    }
    let fourth = (document(3), 60 * MIB);
    assert_eq!(one.opens(&weights, fourth, now), Err(Lack::Part));
    assert_eq!(other.opens(&weights, fourth, now), Ok(()), "it has nothing else");
    // Shared with somebody, it counts by half for each.
    assert_eq!(one.opens(&weights, fourth, now), Err(Lack::Part));
    let mut freed = weights.freed();
    one.places.remove(&document(0));
    assert!(freed.has_changed().expect("there"), "whoever waits is told");
    freed.mark_unchanged();
    assert_eq!(one.opens(&weights, fourth, now), Ok(()));
    assert_eq!(held(&weights), 180 * MIB);
    drop((one, other));
    let table = weights.table();
    assert!(table.held == 0 && table.documents.is_empty() && table.of.is_empty());
}

/// A device opens all that its person may read, and lets go of nothing by itself.
#[test]
fn documents_beyond_the_part_of_an_account_have_their_turns() {
    let (weights, begun) = (Weights::new(MOST), Instant::now());
    let mut one = Account::new(1);
    let mut seen = HashSet::new();
    let mut waiting: Vec<u8> = (0..9).collect();
    for round in 0..20_u32 {
        let now = begun + round * limits::OPEN_TURN;
        let before: Vec<u8> = std::mem::take(&mut waiting);
        for number in before {
            let load = (document(number), 60 * MIB);
            match one.opens(&weights, load, now) {
                Ok(()) => _ = seen.insert(number),
                Err(_) => waiting.push(number),
            }
        }
        assert!(held(&weights) <= part_of(MOST), "{}", held(&weights) / MIB);
        while let Ok(id) = one.told.try_recv() {
            one.places.remove(&id);
            waiting.push(id.bytes()[0]);
        }
    }
    assert_eq!(seen.len(), 9, "each was open for a while");
}

#[test]
fn nothing_is_let_go_before_its_turn_is_over_and_one_at_a_time() {
    let (weights, now) = (Weights::new(MOST), Instant::now());
    let mut one = Account::new(1);
    for number in 0..3 {
        assert_eq!(one.opens(&weights, (document(number), 60 * MIB), now), Ok(()));
    }
    let later = now + limits::OPEN_TURN;
    assert!(one.opens(&weights, (document(3), 60 * MIB), later - Duration::from_millis(1)).is_err());
    assert!(one.told.try_recv().is_err());
    for _ in 0..3 {
        assert!(one.opens(&weights, (document(3), 60 * MIB), later).is_err());
    }
    assert_eq!(one.told.try_recv(), Ok(document(0)), "the oldest");
    assert!(one.told.try_recv().is_err(), "and no other before that has gone");
}

/// Ten accounts have filled what there is; whoever comes then with a board of their own has it after a turn.
#[test]
fn accounts_that_take_all_there_is_keep_nobody_out() {
    let (weights, now) = (Weights::new(MOST), Instant::now());
    let mut hostile: Vec<Account> = (1..=10).map(Account::new).collect();
    for (number, account) in hostile.iter_mut().enumerate() {
        for part in 0..2 {
            let id = document(u8::try_from(number * 2 + part).expect("small"));
            let _ = account.opens(&weights, (id, 12 * MIB), now);
        }
    }
    assert!(held(&weights) > MOST - 24 * MIB);
    let (own, large) = ((document(100), 20 * MIB), (document(101), 60 * MIB));
    for (number, load, office) in [(50, own, 1), (60, large, 1), (70, own, 20)] {
        let mut people: Vec<Account> = (number..number + office).map(Account::new).collect();
        let (mut now, mut asked) = (now, 0);
        while people[0].opens(&weights, load, now).is_err() {
            now += limits::OPEN_TURN;
            asked += 1;
            hostile.iter_mut().for_each(|account| _ = account.lets_go());
            assert!(asked < 20, "{number} is kept out");
        }
        for account in &mut people[1..] {
            assert_eq!(account.opens(&weights, load, now), Ok(()), "it is there");
        }
        assert!(held(&weights) <= MOST);
        // One that comes back for more takes nothing from those who have less.
        let _ = hostile[0].opens(&weights, (document(0), 12 * MIB), now + limits::OPEN_TURN);
        assert!(people.iter_mut().all(|account| account.lets_go() == 0) || office == 1, "an office goes on");
    }
}

#[test]
fn an_office_of_twenty_with_fourteen_boards_never_waits() {
    let (weights, now) = (Weights::new(limits::OPEN_DOCUMENTS), Instant::now());
    let mut people: Vec<Account> = (1..=20).map(Account::new).collect();
    // Boards of two hundred measures with a log of a hundred records for each unit.
    let (board, log) =
        (Extent { bytes: 300_000, operations: 15_000 }, Extent { bytes: 60_000, operations: 300 });
    for account in &mut people {
        for number in 0..14 {
            let board = (document(number), weight_of(board));
            assert_eq!(account.opens(&weights, board, now), Ok(()));
            for unit in 0..14 {
                let log = (
                    DocumentId::from_bytes([number, unit, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
                    weight_of(log),
                );
                account
                    .places
                    .insert(log.0, weights.take(&account.reader, &[board, log], true, now).expect("room"));
            }
        }
        assert_eq!(account.lets_go(), 0);
    }
}

#[test]
fn rooms_that_nobody_looks_at_go_when_memory_is_wanted() {
    let (weights, now) = (Weights::new(10 * MIB), Instant::now());
    let full = weights.full();
    let extent = Extent { bytes: 3 * MIB, operations: 0 };
    let idle = weights.loaded(document(1), extent);
    assert!(!*full.borrow());
    let mut one = Account::new(1);
    assert_eq!(one.opens(&weights, (document(2), weight_of(extent)), now), Ok(()));
    assert!(*full.borrow(), "the one that nobody has open is to go");
    drop(idle);
    assert!(!*full.borrow());
    // A document that has a room and readers counts once.
    let room = weights.loaded(document(2), extent);
    assert_eq!(both(&weights), (weight_of(extent), weight_of(extent)));
    drop(one);
    assert_eq!(both(&weights), (weight_of(extent), 0));
    drop(room);
    assert_eq!(weights.table().all, 0);
}

/// Documents grow while they are open, and nobody asks for another one.
#[test]
fn whoever_has_the_most_lets_go_when_what_is_open_has_grown_too_much() {
    let (weights, now) = (Weights::new(100 * MIB), Instant::now() - limits::OPEN_TURN);
    let (mut one, mut other) = (Account::new(1), Account::new(2));
    assert_eq!(one.opens(&weights, (document(1), MIB), now), Ok(()));
    assert_eq!(other.opens(&weights, (document(2), MIB), now), Ok(()));
    let grown = Extent { bytes: 60 * MIB, operations: 0 };
    let room = weights.loaded(document(1), Extent::default());
    room.weighs(grown);
    assert_eq!((one.lets_go(), other.lets_go()), (1, 0));
    drop(room);
    assert_eq!(
        one.opens(&weights, (document(1), 120 * MIB), now),
        Err(Lack::All { own: 0, after: 120 * MIB })
    );
}
