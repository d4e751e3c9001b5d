//! Shares: how much of this program each account, network or browser may hold at once and spend within a
//! window of time. One account that takes its whole share leaves the others theirs. Shares are counted per
//! process, by a clock that nobody sets.

use crate::identity::Account;
use crate::limits;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tongban_shared::access::AccountRole;
use tongban_shared::id::PersonId;
use tongban_shared::trust::Budget;
use tongban_shared::words::Lang;

/// The party to whom a cost is put down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Payer {
    Account(PersonId),
    /// The account of another server, which carries the work of many people.
    Server(PersonId),
    Network(String),
    /// All networks of a client that has many.
    Region(String),
    /// A login, from wherever it is tried.
    Login(String),
    /// A login as it is tried from one network.
    LoginAt(String, String),
    /// A browser in which somebody signed in before.
    Browser(String),
    /// A session, by the hash of its secret.
    Session(Vec<u8>),
}

impl Payer {
    /// The payer for what an account does.
    #[must_use]
    pub const fn of(account: &Account) -> Self {
        match account.role {
            AccountRole::Server => Self::Server(account.id),
            _ => Self::Account(account.id),
        }
    }
}

/// A kind of thing that is held until it is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Files that are on their way to a reader.
    Downloads,
    /// Files whose last piece has come: each is read and looked at as a whole.
    Uploads,
    /// Foldings of whole boards.
    Readings,
    /// Open sockets.
    Sockets,
    /// Bytes of frames of which parts are still to come.
    Parts,
    /// Bytes that wait until a connection takes them.
    Outbox,
    /// Bytes of changes that wait for others on which they rest.
    Waiting,
}

impl Held {
    const ALL: [Self; 7] = [
        Self::Downloads,
        Self::Uploads,
        Self::Readings,
        Self::Sockets,
        Self::Parts,
        Self::Outbox,
        Self::Waiting,
    ];

    const fn budget(self) -> Budget {
        match self {
            Self::Downloads => Budget::Downloads,
            Self::Uploads => Budget::Uploads,
            Self::Readings => Budget::Readings,
            Self::Sockets => Budget::Sockets,
            Self::Parts => Budget::Parts,
            Self::Outbox => Budget::Outbox,
            Self::Waiting => Budget::Waiting,
        }
    }

    /// The amount that a payer may hold at once.
    const fn most(self, payer: &Payer) -> u64 {
        let server = matches!(payer, Payer::Server(_));
        match self {
            Self::Downloads if server => limits::DOWNLOADS_OF_A_SERVER,
            Self::Downloads => limits::DOWNLOADS,
            Self::Uploads => limits::UPLOADS,
            Self::Readings if matches!(payer, Payer::Network(_)) => limits::READINGS_OF_A_NETWORK,
            Self::Readings => limits::READINGS,
            Self::Sockets => limits::SOCKETS,
            Self::Parts => limits::PARTS_BYTES,
            Self::Outbox if server => limits::OUTBOX_BYTES_OF_A_SERVER,
            Self::Outbox => limits::OUTBOX_BYTES_OF_AN_ACCOUNT,
            Self::Waiting => limits::WAITING_BYTES_OF_AN_ACCOUNT,
        }
    }
}

/// A kind of act of which only so many are done within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Answers to a question for a password, a code, a passkey.
    Guesses,
    /// Codes of an authenticator app, the password being right.
    Codes,
    /// Ceremonies begun by strangers.
    Asked,
    /// Visits of the provider of unified sign-in, to which any page can send a browser.
    Sent,
    /// Returns from there.
    Returned,
}

impl Spent {
    const ALL: [Self; 5] = [Self::Guesses, Self::Codes, Self::Asked, Self::Sent, Self::Returned];

    const fn budget(self) -> Budget {
        match self {
            Self::Guesses => Budget::Guesses,
            Self::Codes => Budget::Codes,
            Self::Asked | Self::Sent | Self::Returned => Budget::Ceremonies,
        }
    }

    /// The amount that a payer may spend within a window.
    const fn most(self, payer: &Payer) -> (u64, Duration) {
        let window = limits::ATTEMPTS_WITHIN;
        match (payer, self) {
            (Payer::Region(_), _) => (limits::ATTEMPTS_OF_A_REGION, window),
            (Payer::Network(_), _) => (limits::ATTEMPTS_OF_A_NETWORK, window),
            (Payer::Login(_), _) => (limits::ATTEMPTS_FOR_A_LOGIN, limits::ATTEMPTS_FOR_A_LOGIN_WITHIN),
            (_, Self::Codes) => (limits::CODES, limits::CODES_WITHIN),
            _ => (limits::ATTEMPTS, window),
        }
    }
}

/// A share that is used up, with the moment at which it may be there again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}已达上限（{most}），请稍后再试", .what.label().text(Lang::Hans))]
pub struct RanOut {
    pub what: Budget,
    pub most: u64,
    pub again_after: Duration,
}

/// The use of one payer.
struct Share {
    held: [AtomicU64; Held::ALL.len()],
    spent: Mutex<[Option<Window>; Spent::ALL.len()]>,
    given_back: Notify,
}

#[derive(Clone, Copy)]
struct Window {
    since: Instant,
    amount: u64,
    within: Duration,
}

impl Window {
    fn stands(&self, now: Instant) -> bool {
        now.duration_since(self.since) < self.within
    }
}

impl Share {
    fn new() -> Self {
        Self {
            held: std::array::from_fn(|_| AtomicU64::new(0)),
            spent: Mutex::new([None; Spent::ALL.len()]),
            given_back: Notify::new(),
        }
    }

    fn take(&self, what: Held, amount: u64, most: u64) -> Result<(), RanOut> {
        let fits = |held: u64| held.checked_add(amount).filter(|sum| *sum <= most);
        let taken = self.held[what as usize].fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        let again_after = limits::SHARE_AGAIN;
        taken.map(|_| ()).map_err(|_| RanOut { what: what.budget(), most, again_after })
    }

    fn give_back(&self, what: Held, amount: u64) {
        self.held[what as usize].fetch_sub(amount, Ordering::Relaxed);
        self.given_back.notify_waiters();
    }

    /// The begin of the last window that still stands.
    fn spent_since(&self, now: Instant) -> Option<Instant> {
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.iter().flatten().filter(|window| window.stands(now)).map(|window| window.since).max()
    }
}

/// The shares of all payers.
#[derive(Clone, Default)]
pub struct Shares(Arc<Mutex<Ledger>>);

#[derive(Default)]
struct Ledger {
    of: HashMap<Payer, Arc<Share>>,
    /// The count of payers at which those that hold and spend nothing are looked for again.
    swept_at: usize,
}

impl Ledger {
    fn sweep(&mut self, now: Instant) {
        let in_use = |share: &Arc<Share>| Arc::strong_count(share) > 1;
        self.of.retain(|_, share| in_use(share) || share.spent_since(now).is_some());
        if self.of.len() > limits::PAYERS {
            // Addresses without end: the half that began first is forgotten.
            let idle = self.of.iter().filter(|(_, share)| !in_use(share));
            let mut began: Vec<_> =
                idle.map(|(payer, share)| (share.spent_since(now), payer.clone())).collect();
            began.sort_unstable_by_key(|(since, _)| *since);
            began.truncate(began.len() / 2);
            began.iter().for_each(|(_, payer)| drop(self.of.remove(payer)));
        }
        self.swept_at = (self.of.len() * 2).clamp(limits::PAYERS / 64, limits::PAYERS * 2);
    }
}

impl Shares {
    fn share(&self, payer: &Payer, now: Instant) -> Arc<Share> {
        let mut ledger = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = ledger.of.get(payer) {
            return Arc::clone(share);
        }
        if ledger.of.len() >= ledger.swept_at {
            ledger.sweep(now);
        }
        Arc::clone(ledger.of.entry(payer.clone()).or_insert_with(|| Arc::new(Share::new())))
    }

    /// Takes so much of a payer's share for as long as the lease lives.
    ///
    /// # Errors
    /// [`RanOut`] when the payer holds too much already.
    pub fn hold(&self, payer: &Payer, what: Held, amount: u64) -> Result<Lease, RanOut> {
        self.hold_of(payer, what, amount, what.most(payer))
    }

    /// The same of a share that the operator has set.
    ///
    /// # Errors
    /// As [`Shares::hold`].
    pub fn hold_of(&self, payer: &Payer, what: Held, amount: u64, most: u64) -> Result<Lease, RanOut> {
        let share = self.share(payer, Instant::now());
        share.take(what, amount, most)?;
        Ok(Lease { share, what, amount, most })
    }

    /// The same, but waits for other leases of the payer to end.
    ///
    /// # Errors
    /// [`RanOut`] when none had ended in time.
    pub async fn hold_in_time(
        &self,
        payer: &Payer,
        what: Held,
        amount: u64,
        time: Duration,
    ) -> Result<Lease, RanOut> {
        let (share, most) = (self.share(payer, Instant::now()), what.most(payer));
        let waits = async {
            loop {
                let mut given_back = std::pin::pin!(share.given_back.notified());
                given_back.as_mut().enable();
                if share.take(what, amount, most).is_ok() {
                    return;
                }
                given_back.await;
            }
        };
        if tokio::time::timeout(time, waits).await.is_err() {
            share.take(what, amount, most)?;
        }
        Ok(Lease { share, what, amount, most })
    }

    /// Puts one act down to each of some payers, or to none of them when one has no more of it.
    ///
    /// # Errors
    /// [`RanOut`] of the first that has no more.
    pub fn spend(&self, payers: &[Payer], what: Spent) -> Result<(), RanOut> {
        self.spend_at(payers, what, Instant::now())
    }

    fn spend_at(&self, payers: &[Payer], what: Spent, now: Instant) -> Result<(), RanOut> {
        for (index, payer) in payers.iter().enumerate() {
            if let Err(ran_out) = self.spend_one(payer, what, now) {
                self.unspend(&payers[..index], what);
                return Err(ran_out);
            }
        }
        Ok(())
    }

    fn spend_one(&self, payer: &Payer, what: Spent, now: Instant) -> Result<(), RanOut> {
        let ((most, within), share) = (what.most(payer), self.share(payer, now));
        let mut spent = share.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let window = &mut spent[what as usize];
        let standing = window.filter(|window| window.stands(now));
        let window = window.insert(standing.unwrap_or(Window { since: now, amount: 0, within }));
        if window.amount >= most {
            let again_after = within.saturating_sub(now.duration_since(window.since));
            return Err(RanOut { what: what.budget(), most, again_after });
        }
        window.amount += 1;
        Ok(())
    }

    /// How much of something a payer has spent within the window that stands.
    #[cfg(test)]
    fn spent(&self, payer: &Payer, what: Spent) -> u64 {
        let now = Instant::now();
        let share = self.share(payer, now);
        let spent = share.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent[what as usize].filter(|window| window.stands(now)).map_or(0, |window| window.amount)
    }

    /// Takes one act back that turned out to be none, of each payer.
    pub fn unspend(&self, payers: &[Payer], what: Spent) {
        self.change(payers, what, |window| window.amount = window.amount.saturating_sub(1));
    }

    /// Forgets all acts of a kind, of each payer.
    pub fn forget(&self, payers: &[Payer], what: Spent) {
        self.change(payers, what, |window| window.amount = 0);
    }

    fn change(&self, payers: &[Payer], what: Spent, change: impl Fn(&mut Window)) {
        for payer in payers {
            let share = self.share(payer, Instant::now());
            let mut spent = share.spent.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(window) = &mut spent[what as usize] {
                change(window);
            }
        }
    }
}

/// Something held of a payer's share; it is given back when it is dropped. Growing and shrinking look
/// nothing up and wait for nobody.
pub struct Lease {
    share: Arc<Share>,
    what: Held,
    amount: u64,
    most: u64,
}

impl Lease {
    /// Holds more.
    ///
    /// # Errors
    /// [`RanOut`] when the payer would hold too much; what was held stays.
    pub fn grow(&mut self, more: u64) -> Result<(), RanOut> {
        self.share.take(self.what, more, self.most)?;
        self.amount += more;
        Ok(())
    }

    /// Gives a part back, at most what is held.
    pub fn shrink(&mut self, less: u64) {
        let less = less.min(self.amount);
        self.share.give_back(self.what, less);
        self.amount -= less;
    }

    /// Holds exactly so much from now on.
    ///
    /// # Errors
    /// As [`Lease::grow`].
    pub fn set(&mut self, amount: u64) -> Result<(), RanOut> {
        self.shrink_to(amount);
        self.grow(amount - self.amount)
    }

    /// Gives back all but so much.
    pub fn shrink_to(&mut self, left: u64) {
        self.shrink(self.amount.saturating_sub(left));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.share.give_back(self.what, self.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::{Held, Payer, Shares, Spent};
    use crate::limits;
    use std::time::{Duration, Instant};
    use tongban_shared::id::PersonId;
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
    fn payers_that_hold_and_spend_nothing_are_forgotten() {
        let (shares, begun) = (Shares::default(), Instant::now());
        let held = shares.hold(&account(1), Held::Downloads, limits::DOWNLOADS).expect("within the share");
        for number in 0..limits::PAYERS * 3 {
            let spent = shares.spend_at(&[Payer::Network(number.to_string())], Spent::Asked, begun);
            assert!(spent.is_ok());
        }
        assert!(shares.0.lock().expect("whole").of.len() <= limits::PAYERS * 2);
        assert!(shares.hold(&account(1), Held::Downloads, 1).is_err(), "what is held is never forgotten");
        drop(held);
        let mut ledger = shares.0.lock().expect("whole");
        ledger.sweep(begun + limits::ATTEMPTS_WITHIN);
        assert!(ledger.of.is_empty());
    }
}
