use super::{Cost, Held, Party, Payer, Shares, Spent};
use crate::limits;
use futures::FutureExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Wake};
use std::time::{Duration, Instant};
use tongban_shared::id::{DocumentId, PersonId};
use tongban_shared::trust::Budget;

fn account(number: u8) -> Payer {
    Payer::Account(PersonId::from_bytes([number; 16]))
}

#[test]
fn a_share_is_given_back_whatever_ends() {
    let shares = Shares::default();
    let (one, other) = (account(1), account(2));
    let mut leases: Vec<_> = (0..limits::DOWNLOADS)
        .map(|_| shares.hold(&one, Held::Downloads, 1).expect("within the share"))
        .collect();
    let ran_out = shares.hold(&one, Held::Downloads, 1).err().expect("the share is used up");
    assert_eq!((ran_out.what, ran_out.most), (Budget::Downloads, limits::DOWNLOADS));
    // Neither another account nor another kind pays for it.
    assert!(shares.hold(&other, Held::Downloads, limits::DOWNLOADS).is_ok());
    assert!(shares.hold(&one, Held::Readings, 1).is_ok());
    leases.pop();
    let mut again = shares.hold(&one, Held::Downloads, 1).expect("one was given back");
    assert!(again.grow(1).is_err());
    again.shrink(5);
    assert!(again.grow(1).is_ok(), "and no more is given back than was held");
    let holder = std::thread::spawn(move || {
        let _held = (again, leases);
        panic!("on purpose");
    });
    assert!(holder.join().is_err());
    assert!(shares.hold(&one, Held::Downloads, limits::DOWNLOADS).is_ok(), "also by a panic");
    assert!(shares.hold(&one, Held::Downloads, u64::MAX).is_err());
}

#[tokio::test]
async fn who_waits_for_a_share_gets_it_when_it_is_free_or_is_told() {
    let (shares, one) = (Shares::default(), account(1));
    let all = shares.hold(&one, Held::Readings, limits::READINGS).expect("within the share");
    let short = Duration::from_millis(20);
    assert!(shares.hold_in_time(&one, Held::Readings, 1, short).await.is_err());
    let (waiting, payer) = (shares.clone(), one.clone());
    let long = Duration::from_secs(60);
    let waits =
        tokio::spawn(async move { waiting.hold_in_time(&payer, Held::Readings, 1, long).await.is_ok() });
    tokio::task::yield_now().await;
    drop(all);
    assert!(waits.await.expect("it ends"));
}

/// Whatever is given back of another kind, or nothing at all, wakes nobody who waits; each turn wakes one.
#[tokio::test]
async fn who_waits_is_woken_in_the_order_of_coming_and_for_a_turn_alone() {
    struct Woken(AtomicU64);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (shares, one, long) = (Shares::default(), account(1), Duration::from_secs(60));
    let mut held: Vec<_> = (0..limits::READINGS)
        .map(|_| shares.hold(&one, Held::Readings, 1).expect("within the share"))
        .collect();
    let woken: Vec<_> = (0..20).map(|_| Arc::new(Woken(AtomicU64::new(0)))).collect();
    let mut waiting: Vec<_> =
        woken.iter().map(|_| Box::pin(shares.hold_in_time(&one, Held::Readings, 1, long))).collect();
    for (woken, waits) in woken.iter().zip(&mut waiting) {
        let waker = Arc::clone(woken).into();
        assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    let times = || woken.iter().map(|woken| woken.0.load(Ordering::Relaxed)).collect::<Vec<_>>();
    let mut parts = shares.nothing(&one, Held::Parts);
    for amount in [0, 5, 0, 7, 3] {
        parts.set(amount).expect("little");
    }
    drop((parts, shares.hold(&one, Held::Downloads, 1).expect("within the share")));
    assert_eq!(times(), vec![0; 20]);
    for turn in 0..2 {
        held.pop();
        let first = 1 + turn;
        assert_eq!(times(), [vec![1; first], vec![0; 20 - first]].concat());
        held.insert(0, waiting.remove(0).await.expect("its turn"));
    }
}

#[tokio::test]
async fn no_more_than_a_line_of_people_waits() {
    let (shares, one) = (Shares::default(), account(1));
    let _all = shares.hold(&one, Held::Readings, limits::READINGS).expect("within the share");
    let waits = || Box::pin(shares.hold_in_time(&one, Held::Readings, 1, Duration::from_secs(60)));
    let mut line: Vec<_> = (0..limits::LINE).map(|_| waits()).collect();
    for one in &mut line {
        assert!(one.as_mut().now_or_never().is_none());
    }
    assert!(waits().now_or_never().is_some_and(|told| told.is_err()), "one more is told to come again");
    line.pop();
    assert!(waits().now_or_never().is_none());
}

#[test]
fn what_is_spent_comes_back_with_the_window_and_is_put_down_to_all_or_none() {
    let (shares, begun) = (Shares::default(), Instant::now());
    let (login, network) = (Payer::Login("a".into()), Payer::Network("n".into()));
    let at = Payer::LoginAt("a".into(), "n".into());
    let payers = [network.clone(), at.clone()];
    for _ in 0..limits::ATTEMPTS {
        assert!(shares.spend_at(&payers, Spent::Guesses, begun).is_ok());
    }
    let ran_out = shares.spend_at(&payers, Spent::Guesses, begun).expect_err("used up");
    assert_eq!(ran_out.again_after, limits::ATTEMPTS_WITHIN);
    assert_eq!(shares.spent(&network, Spent::Guesses), limits::ATTEMPTS, "what was refused is no act");
    assert!(shares.spend_at(&[network.clone(), login], Spent::Guesses, begun).is_ok());
    assert!(shares.spend_at(&payers, Spent::Guesses, begun + limits::ATTEMPTS_WITHIN).is_ok());
    shares.forget(std::slice::from_ref(&at), Spent::Guesses);
    assert_eq!(shares.spent(&at, Spent::Guesses), 0);
}

#[test]
fn what_is_put_down_lessens_what_is_left_also_beyond_the_bound() {
    let (shares, document) = (Shares::default(), DocumentId::from_bytes([1; 16]));
    let writer = Payer::Writer(PersonId::from_bytes([1; 16]), document);
    assert_eq!(shares.left(&writer, Spent::Operations), limits::WRITTEN_OPERATIONS);
    assert!(shares.0.lock().expect("whole").of.is_empty(), "asking keeps nobody in mind");
    shares.put_down(&writer, Spent::Operations, 10);
    assert_eq!(shares.left(&writer, Spent::Operations), limits::WRITTEN_OPERATIONS - 10);
    assert_eq!(shares.left(&writer, Spent::Bytes), limits::WRITTEN_BYTES, "each kind for itself");
    shares.put_down(&writer, Spent::Operations, u64::MAX);
    assert_eq!(shares.left(&writer, Spent::Operations), 0);
    let elsewhere = Payer::Writer(PersonId::from_bytes([1; 16]), DocumentId::from_bytes([2; 16]));
    assert_eq!(shares.left(&elsewhere, Spent::Operations), limits::WRITTEN_OPERATIONS);
}

#[test]
fn whoever_is_refused_makes_no_payers_and_forgets_none() {
    let (shares, begun) = (Shares::default(), Instant::now());
    let (network, at) = (Payer::Network("n".into()), |login: &str| Payer::LoginAt(login.into(), "n".into()));
    let guess = |login: &str| shares.spend_at(&[at(login), network.clone()], Spent::Guesses, begun);
    for number in 0..limits::ATTEMPTS_OF_A_NETWORK {
        let login = if number < limits::ATTEMPTS { "victim".to_owned() } else { number.to_string() };
        assert!(guess(&login).is_ok());
    }
    assert!(guess("victim").is_err());
    let payers = || shares.0.lock().expect("whole").of.len();
    let before = payers();
    for number in 0..limits::PAYERS * 3 {
        assert!(guess(&format!("made up {number}")).is_err(), "{number}");
    }
    assert_eq!(payers(), before, "no payer was made by an act that was refused");
    // However many there are of others, as from networks without end: what is used up stays so.
    for number in 0..limits::PAYERS * 3 {
        let payers = [Payer::Network(number.to_string()), Payer::LoginAt(number.to_string(), "m".into())];
        assert!(shares.spend_at(&payers, Spent::Guesses, begun).is_ok());
    }
    assert!(payers() <= limits::PAYERS * 2);
    assert!(guess("victim").is_err());
    assert!(shares.spend_at(&[at("victim")], Spent::Guesses, begun).is_err());
    assert!(shares.spend_at(std::slice::from_ref(&network), Spent::Guesses, begun).is_err());
    // A share that was taken back altogether stands for nothing.
    let other = Payer::LoginAt("other".into(), "n".into());
    assert!(shares.spend_at(std::slice::from_ref(&other), Spent::Guesses, begun).is_ok());
    shares.unspend(std::slice::from_ref(&other), Spent::Guesses);
    let mut ledger = shares.0.lock().expect("whole");
    ledger.sweep(begun);
    assert!(!ledger.of.contains_key(&other));
}

/// However many payers somebody makes up, and however much they use: what counts for a login or an account is not
/// forgotten for them.
#[test]
fn what_counts_for_a_login_or_an_account_is_not_forgotten_for_what_is_made_up() {
    let shares = Shares::default();
    let login = Payer::Login("victim".into());
    shares.put_down(&login, Spent::Guesses, 1);
    shares.put_down(&account(1), Spent::Codes, 1);
    for number in 0..limits::PAYERS * 3 {
        let at = Payer::LoginAt(number.to_string(), "n".into());
        shares.put_down(&at, Spent::Guesses, limits::ATTEMPTS - 1);
    }
    assert!(shares.0.lock().expect("whole").of.len() <= limits::PAYERS * 2);
    assert_eq!(shares.spent(&login, Spent::Guesses), 1);
    assert_eq!(shares.spent(&account(1), Spent::Codes), 1);
    // Logins alone are bounded as well.
    for number in 0..limits::PAYERS * 5 {
        shares.put_down(&Payer::Login(number.to_string()), Spent::Guesses, 2);
    }
    assert!(shares.0.lock().expect("whole").of.len() <= limits::PAYERS * 5);
    assert_eq!(shares.spent(&account(1), Spent::Codes), 1);
}

#[test]
fn payers_that_hold_and_spend_nothing_are_forgotten() {
    let (shares, begun) = (Shares::default(), Instant::now());
    let held = shares.hold(&account(1), Held::Downloads, limits::DOWNLOADS).expect("within the share");
    for number in 0..limits::PAYERS * 3 {
        let spent = shares.spend_at(&[Payer::Network(number.to_string())], Spent::Sent, begun);
        assert!(spent.is_ok());
    }
    assert!(shares.0.lock().expect("whole").of.len() <= limits::PAYERS * 2);
    assert!(shares.hold(&account(1), Held::Downloads, 1).is_err(), "what is held is never forgotten");
    drop(held);
    let mut ledger = shares.0.lock().expect("whole");
    ledger.sweep(begun + limits::ATTEMPTS_WITHIN);
    assert!(ledger.of.is_empty());
}

/// However many accounts take whatever they get, of whatever kind and by whatever steps, it comes to a bound,
/// and the next one gets something.
#[test]
fn memory_is_shared_by_all_and_there_is_some_for_the_next() {
    let large = limits::MEMORY - limits::MEMORY_FOR_SMALL;
    for step in [1 << 10, 64 << 10, 1 << 20] {
        let shares = Shares::default();
        let takes = |payer: &Payer| {
            let mut leases =
                [Held::Parts, Held::Outbox, Held::Waiting].map(|what| shares.nothing(payer, what));
            let mut taken = 0;
            while leases[taken as usize % 3].grow(step).is_ok() {
                taken += 1;
            }
            (taken * step, leases)
        };
        let mut all: Vec<_> = (1..=10).map(|number| takes(&account(number))).collect();
        assert!(all[0].0.abs_diff(large / 2) < step, "half of it for the first, by steps of {step}");
        assert!(all[1].0.abs_diff(large / 4) <= step, "half of the rest for the second");
        assert!(all.iter().map(|(taken, _)| taken).sum::<u64>() <= limits::MEMORY);
        let works_on = takes(&account(11));
        assert!(works_on.0 > 0, "there is something for the next");
        drop(works_on);
        all.truncate(1);
        assert!(takes(&account(12)).0.abs_diff(large / 4) <= step, "it is given back");
        assert!(shares.hold(&account(13), Held::Waiting, u64::MAX).is_err());
    }
}

/// Connections of one account that take at the same time take no more than one that takes alone.
#[test]
fn connections_of_one_account_do_not_take_the_same_memory() {
    let (shares, step) = (Shares::default(), 1 << 20);
    let takes = |what: Held| {
        let mut lease = shares.nothing(&account(1), what);
        let taken = std::iter::repeat_with(|| lease.grow(step)).take_while(Result::is_ok).count() as u64;
        (taken * step, lease)
    };
    let taken: Vec<_> = std::thread::scope(|scope| {
        let kinds = [Held::Parts, Held::Outbox, Held::Waiting, Held::Parts];
        let threads: Vec<_> = kinds.into_iter().map(|what| scope.spawn(move || takes(what))).collect();
        threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    });
    let sum: u64 = taken.iter().map(|(taken, _)| taken).sum();
    let most = (limits::MEMORY - limits::MEMORY_FOR_SMALL) / 2;
    assert!(sum <= most + 4 * step, "{sum}");
    assert!(sum >= most - step, "{sum}");
}

#[test]
fn whoever_uses_most_stands_first() {
    let (shares, begun) = (Shares::default(), Instant::now());
    let person = |number| Party::Person(PersonId::from_bytes([number; 16]));
    // Within a bound that the operator has set.
    let sockets = shares.hold_of(&account(1), Held::Sockets, 5, 10).expect("within the share");
    let _few = shares.hold_of(&account(2), Held::Sockets, 9, 100).expect("within the share");
    let _parts = shares.hold(&account(2), Held::Parts, 1000).expect("within the share");
    let _outbox = shares.hold(&account(2), Held::Outbox, 500).expect("within the share");
    let costs = shares.costs_at(begun);
    let cost = |party, what, used, sockets, bytes| Cost { party, what, used, sockets, bytes };
    let of_two = cost(person(2), Budget::Sockets, 90, 9, 1500);
    assert_eq!(costs, [cost(person(1), Budget::Sockets, 500, 5, 0), of_two]);
    // Among the documents that somebody writes the one counts of which most is used.
    for (number, amount) in [(1, limits::WRITTEN_OPERATIONS / 4), (2, limits::WRITTEN_OPERATIONS)] {
        let writer = Payer::Writer(PersonId::from_bytes([2; 16]), DocumentId::from_bytes([number; 16]));
        shares.put_down(&writer, Spent::Operations, amount);
    }
    // A stranger is a network; a login as it was typed, and all together, are nobody.
    let typed = [Payer::LoginAt("a".into(), "n".into()), Payer::Login("a".into()), Payer::Everybody];
    for _ in 0..2 {
        assert!(shares.spend(&typed, Spent::Guesses).is_ok());
    }
    let costs = shares.costs();
    assert_eq!(costs[0], cost(person(2), Budget::Operations, 1000, 9, 1500));
    assert_eq!(costs[1].party, person(1));
    assert_eq!(costs[2], cost(Party::Network("n".into()), Budget::Guesses, 250, 0, 0));
    assert_eq!(costs.len(), 3);
    drop(sockets);
    let later = shares.costs_at(begun + limits::WRITTEN_WITHIN * 2);
    assert_eq!(later, [cost(person(2), Budget::Sockets, 90, 9, 1500)], "what came back costs nothing");
}

#[test]
fn every_kind_has_its_place() {
    assert!(Held::ALL.iter().enumerate().all(|(place, kind)| place == *kind as usize));
    assert!(Spent::ALL.iter().enumerate().all(|(place, kind)| place == *kind as usize));
    let shares = Shares::default();
    for what in Spent::ALL {
        assert_eq!(shares.left(&account(1), what), what.most(&account(1)).0);
    }
}

#[test]
fn an_operator_sets_how_much_a_network_begins_and_what_ends_well_is_given_back() {
    let shares = Shares::default();
    let (network, region) =
        (Payer::Network("2001:db8:1:2::/64".to_owned()), Payer::Region("2001:db8:1".to_owned()));
    let payers = [network.clone(), region];
    for _ in 0..200 {
        shares.spend_of(&payers, Spent::Sent, 200).expect("as the operator has set it");
    }
    assert!(shares.spend_of(&payers, Spent::Sent, 200).is_err());
    shares.unspend(&payers, Spent::Sent);
    assert!(shares.spend_of(&payers, Spent::Sent, 200).is_ok());
    assert!(shares.spend(&[network], Spent::Sent).is_err(), "unless it is set");
}
