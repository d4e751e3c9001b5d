//! Shares: how much of this program each account, network or browser may hold at once and spend within a
//! window of time. One account that takes its whole share leaves the others theirs. Shares are counted per
//! process, by a clock that nobody sets.

mod costs;
mod kinds;
mod lease;

pub use costs::{Cost, Party};
pub use kinds::{Held, Spent};
pub use lease::Lease;

use crate::identity::Account;
use crate::limits;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tongban_shared::access::AccountRole;
use tongban_shared::id::{DocumentId, PersonId};
use tongban_shared::trust::Budget;
use tongban_shared::words::Lang;

/// The party to whom a cost is put down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Payer {
    Account(PersonId),
    /// The account of another server, which carries the work of many people.
    Server(PersonId),
    Network(String),
    /// An account as it writes one document.
    Writer(PersonId, DocumentId),
    /// Another server as it brings one document, which many people have written.
    Carrier(PersonId, DocumentId),
    /// All networks of a client that has many.
    Region(String),
    /// A login, from wherever it is tried.
    Login(String),
    /// A login as it is tried from one network.
    LoginAt(String, String),
    /// A browser in which somebody signed in before.
    Browser(String),
    /// A session or an invitation, by the hash of its secret.
    Session(Vec<u8>),
    /// All together.
    Everybody,
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

    /// Whether anybody makes up as many of the kind as they like; no account and no login is.
    const fn is_made_up(&self) -> bool {
        match self {
            Self::Network(_)
            | Self::Region(_)
            | Self::LoginAt(..)
            | Self::Session(_)
            | Self::Writer(..)
            | Self::Carrier(..) => true,
            Self::Account(_) | Self::Server(_) | Self::Login(_) | Self::Browser(_) | Self::Everybody => false,
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
    /// The payer is within its share: it is the memory of all that is taken, and nobody's fault.
    pub of_all: bool,
}

/// The use of one payer.
struct Share {
    held: [AtomicU64; Held::ALL.len()],
    /// The bytes of memory that the payer holds, of all kinds.
    own_memory: AtomicU64,
    /// Those that all payers hold.
    memory: Arc<AtomicU64>,
    /// The bound within which each was held last; some are set by the operator.
    most: [AtomicU64; Held::ALL.len()],
    spent: Mutex<[Option<Window>; Spent::ALL.len()]>,
    turns: [Turns; Held::WAITED_FOR.len()],
}

/// The turns of something that is waited for, in the order of coming.
struct Turns {
    free: Semaphore,
    most: u64,
    /// Places for those who wait.
    line: Semaphore,
}

impl Turns {
    fn new((most, line): (u64, u64)) -> Self {
        let of = |count: u64| Semaphore::new(usize::try_from(count).unwrap_or(Semaphore::MAX_PERMITS));
        Self { free: of(most), most, line: of(line) }
    }

    fn taken(&self) -> u64 {
        self.most.saturating_sub(self.free.available_permits() as u64)
    }

    fn take(&self, amount: u64) -> Option<()> {
        self.free.try_acquire_many(u32::try_from(amount).ok()?).ok().map(SemaphorePermit::forget)
    }

    /// Takes so many when all who came before have had theirs; none when that is not soon enough, or too many
    /// wait already.
    async fn take_in_time(&self, amount: u64, time: Duration) -> Option<()> {
        let _place = self.line.try_acquire().ok()?;
        let turn = self.free.acquire_many(u32::try_from(amount).ok()?);
        tokio::time::timeout(time, turn).await.ok()?.ok().map(SemaphorePermit::forget)
    }
}

#[derive(Clone, Copy)]
struct Window {
    since: Instant,
    amount: u64,
    within: Duration,
}

impl Window {
    /// The window that stands, or one that begins now.
    fn standing(window: &mut Option<Self>, now: Instant, within: Duration) -> &mut Self {
        let standing = window.filter(|window| window.stands(now));
        window.insert(standing.unwrap_or(Self { since: now, amount: 0, within }))
    }

    fn stands(&self, now: Instant) -> bool {
        now.duration_since(self.since) < self.within
    }
}

impl Share {
    fn new(payer: &Payer, memory: Arc<AtomicU64>) -> Self {
        Self {
            held: std::array::from_fn(|_| AtomicU64::new(0)),
            own_memory: AtomicU64::new(0),
            memory,
            most: std::array::from_fn(|_| AtomicU64::new(0)),
            spent: Mutex::new([None; Spent::ALL.len()]),
            turns: Held::WAITED_FOR.map(|what| Turns::new((what.most(payer), what.line()))),
        }
    }

    fn turns(&self, what: Held) -> Option<&Turns> {
        let place = Held::WAITED_FOR.iter().position(|waited_for| *waited_for == what)?;
        self.turns.get(place)
    }

    fn take(&self, what: Held, amount: u64, most: u64) -> Result<(), RanOut> {
        // Nothing more is held: that is never too much, whoever holds the rest.
        if amount == 0 {
            return Ok(());
        }
        let ran_out = |of_all| RanOut { what: what.budget(), most, again_after: limits::SHARE_AGAIN, of_all };
        if let Some(turns) = self.turns(what) {
            return turns.take(amount).ok_or_else(|| ran_out(false));
        }
        let of_all = Held::MEMORY.contains(&what);
        if of_all {
            self.take_memory(amount).map_err(ran_out)?;
        }
        let fits = |held: u64| held.checked_add(amount).filter(|sum| *sum <= most);
        let taken = self.held[what as usize].fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        self.most[what as usize].store(most, Ordering::Relaxed);
        taken.map(|_| ()).map_err(|_| {
            if of_all {
                self.give_memory_back(amount);
            }
            ran_out(false)
        })
    }

    /// Takes memory of that of all, as long as the payer holds little, or no more than is left for the others. Its
    /// sum counts from now on, so that two of its connections do not take the same. An error says whether it is that
    /// of all which has run out.
    fn take_memory(&self, amount: u64) -> Result<(), bool> {
        let more = |own: u64| own.checked_add(amount).filter(|wanted| *wanted <= limits::MEMORY / 2);
        let own = self.own_memory.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        let wanted = own.map_err(|_| false)? + amount;
        let kept = if wanted <= limits::SMALL_OF_MEMORY { 0 } else { limits::MEMORY_FOR_SMALL };
        let asked = if kept == 0 { amount } else { wanted };
        let fits = |all: u64| (asked + kept + all <= limits::MEMORY).then(|| all + amount);
        let taken = self.memory.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        if taken.is_err() {
            self.own_memory.fetch_sub(amount, Ordering::Relaxed);
        }
        taken.map(|_| ()).map_err(|_| true)
    }

    fn give_memory_back(&self, amount: u64) {
        self.own_memory.fetch_sub(amount, Ordering::Relaxed);
        self.memory.fetch_sub(amount, Ordering::Relaxed);
    }

    fn give_back(&self, what: Held, amount: u64) {
        if let Some(turns) = self.turns(what) {
            return turns.free.add_permits(usize::try_from(amount).unwrap_or_default());
        }
        self.held[what as usize].fetch_sub(amount, Ordering::Relaxed);
        if Held::MEMORY.contains(&what) {
            self.give_memory_back(amount);
        }
    }

    /// Each kind of which something is held, with its amount and its bound.
    fn holdings(&self) -> impl Iterator<Item = (Held, u64, u64)> {
        let of = |all: &[AtomicU64], what: Held| all[what as usize].load(Ordering::Relaxed);
        let all = Held::ALL.into_iter().map(move |what| match self.turns(what) {
            Some(turns) => (what, turns.taken(), turns.most),
            None => (what, of(&self.held, what), of(&self.most, what)),
        });
        all.filter(|(_, amount, _)| *amount > 0)
    }

    /// Each kind of which something is spent within a window that stands: how much of it, in thousandths, and
    /// the begin of that window.
    fn acts(&self, payer: &Payer, now: Instant) -> impl Iterator<Item = (Spent, u64, Instant)> {
        let spent = *self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        Spent::ALL.into_iter().filter_map(move |what| {
            let window = spent[what as usize].filter(|window| window.stands(now) && window.amount > 0)?;
            Some((what, thousandths(window.amount, what.most(payer).0), window.since))
        })
    }

    /// How much of a share is used up, of that of which most is, in thousandths; none where nothing is spent
    /// within a window that stands. With it, the begin of the last such window.
    fn use_of(&self, payer: &Payer, now: Instant) -> Option<(u64, Instant)> {
        let standing = self.acts(payer, now).map(|(_, part, since)| (part, since));
        standing.reduce(|one, other| (one.0.max(other.0), one.1.max(other.1)))
    }
}

const fn thousandths(amount: u64, most: u64) -> u64 {
    amount.saturating_mul(1000) / if most == 0 { 1 } else { most }
}

/// The shares of all payers.
#[derive(Clone, Default)]
pub struct Shares(Arc<Mutex<Ledger>>);

#[derive(Default)]
struct Ledger {
    of: HashMap<Payer, Arc<Share>>,
    /// The bytes of memory that all hold.
    memory: Arc<AtomicU64>,
    /// The count of payers at which those that hold and spend nothing are looked for again.
    swept_at: usize,
}

impl Ledger {
    /// Forgets the payers that hold and spend nothing. Among too many others those go that anybody makes up; a login
    /// only when there are too many of them alone, and an account never, or whoever makes up payers would have
    /// theirs again.
    fn sweep(&mut self, now: Instant) {
        self.of.retain(|payer, share| in_use(share) || share.use_of(payer, now).is_some());
        if self.of.len() > limits::PAYERS {
            self.forget_least(Payer::is_made_up, now);
        }
        if self.of.len() > limits::PAYERS * 2 {
            self.forget_least(|payer| matches!(payer, Payer::Login(_)), now);
        }
        self.swept_at = (self.of.len() * 2).max(limits::PAYERS / 64);
    }

    /// Forgets half of all payers at the most, of some kinds: those that have used the least, and of these the ones
    /// that began first. A share that is used up is never forgotten before its time.
    fn forget_least(&mut self, kinds: impl Fn(&Payer) -> bool, now: Instant) {
        let idle = self.of.iter().filter(|(payer, share)| kinds(payer) && !in_use(share));
        let used = idle.filter_map(|(payer, share)| Some((share.use_of(payer, now)?, payer.clone())));
        let mut least: Vec<_> = used.filter(|((part, _), _)| *part < USED_UP).collect();
        least.sort_unstable_by_key(|(used, _)| *used);
        least.truncate(self.of.len() / 2);
        least.iter().for_each(|(_, payer)| drop(self.of.remove(payer)));
    }

    fn share(&mut self, payer: &Payer, now: Instant) -> Arc<Share> {
        if let Some(share) = self.of.get(payer) {
            return Arc::clone(share);
        }
        if self.of.len() >= self.swept_at {
            self.sweep(now);
        }
        let share = || Arc::new(Share::new(payer, Arc::clone(&self.memory)));
        Arc::clone(self.of.entry(payer.clone()).or_insert_with(share))
    }

    /// Whether a payer has more of something. Nothing is kept of the question.
    fn has_left(&self, payer: &Payer, what: Spent, most: u64, now: Instant) -> Result<(), RanOut> {
        let Some(share) = self.of.get(payer) else { return Ok(()) };
        let (within, spent) = (what.most(payer).1, share.spent.lock());
        let spent = spent.unwrap_or_else(PoisonError::into_inner);
        match spent[what as usize].filter(|window| window.stands(now) && window.amount >= most) {
            Some(window) => {
                let again_after = within.saturating_sub(now.duration_since(window.since));
                Err(RanOut { what: what.budget(), most, again_after, of_all: false })
            }
            None => Ok(()),
        }
    }
}

/// A share of which all is used, in thousandths.
const USED_UP: u64 = 1000;

/// Whether somebody holds something of a share, or is about to.
fn in_use(share: &Arc<Share>) -> bool {
    Arc::strong_count(share) > 1
}

impl Shares {
    fn share(&self, payer: &Payer, now: Instant) -> Arc<Share> {
        self.ledger().share(payer, now)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes so much of a payer's share for as long as the lease lives.
    ///
    /// # Errors
    /// [`RanOut`] when the payer holds too much already.
    pub fn hold(&self, payer: &Payer, what: Held, amount: u64) -> Result<Lease, RanOut> {
        self.hold_of(payer, what, amount, what.most(payer))
    }

    /// The same of a share that the operator has set; of what is waited for nobody sets another.
    ///
    /// # Errors
    /// As [`Shares::hold`].
    pub fn hold_of(&self, payer: &Payer, what: Held, amount: u64, most: u64) -> Result<Lease, RanOut> {
        let share = self.share(payer, Instant::now());
        share.take(what, amount, most)?;
        Ok(Lease { share, what, amount, most })
    }

    /// The same; a payer that holds nothing else has it also when it is larger than the share.
    ///
    /// # Errors
    /// As [`Shares::hold`].
    pub fn hold_or_alone(&self, payer: &Payer, what: Held, amount: u64) -> Result<Lease, RanOut> {
        self.hold_of(payer, what, amount, what.most(payer).max(amount))
    }

    /// A lease of nothing yet, which grows.
    #[must_use]
    pub fn nothing(&self, payer: &Payer, what: Held) -> Lease {
        Lease { share: self.share(payer, Instant::now()), what, amount: 0, most: what.most(payer) }
    }

    /// The same, but waits for other leases of the payer to end, in the order of coming.
    ///
    /// # Errors
    /// [`RanOut`] when there was no turn in time, or too many wait.
    pub async fn hold_in_time(
        &self,
        payer: &Payer,
        what: Held,
        amount: u64,
        time: Duration,
    ) -> Result<Lease, RanOut> {
        let Some(place) = Held::WAITED_FOR.iter().position(|waited_for| *waited_for == what) else {
            return self.hold(payer, what, amount);
        };
        let (share, most) = (self.share(payer, Instant::now()), what.most(payer));
        let turn = share.turns[place].take_in_time(amount, time).await;
        let ran_out = RanOut { what: what.budget(), most, again_after: limits::SHARE_AGAIN, of_all: false };
        turn.map(|()| Lease { share, what, amount, most }).ok_or(ran_out)
    }

    /// Puts one act down to each of some payers, or to none of them when one has no more of it.
    ///
    /// # Errors
    /// [`RanOut`] of the first that has no more.
    pub fn spend(&self, payers: &[Payer], what: Spent) -> Result<(), RanOut> {
        self.spend_at(payers, what, Instant::now())
    }

    /// The same where the operator has set how much a network may spend, and its region ten times that.
    ///
    /// # Errors
    /// As [`Shares::spend`].
    pub fn spend_of(&self, payers: &[Payer], what: Spent, of_a_network: u64) -> Result<(), RanOut> {
        let most = |payer: &Payer| match payer {
            Payer::Network(_) => of_a_network,
            Payer::Region(_) => of_a_network.saturating_mul(10),
            _ => what.most(payer).0,
        };
        self.spend_within(payers, (what, most), Instant::now())
    }

    fn spend_at(&self, payers: &[Payer], what: Spent, now: Instant) -> Result<(), RanOut> {
        self.spend_within(payers, (what, |payer: &Payer| what.most(payer).0), now)
    }

    /// All are asked before anything is kept of any: those of an act that is refused are no payers.
    fn spend_within(
        &self,
        payers: &[Payer],
        (what, most): (Spent, impl Fn(&Payer) -> u64),
        now: Instant,
    ) -> Result<(), RanOut> {
        let mut ledger = self.ledger();
        payers.iter().try_for_each(|payer| ledger.has_left(payer, what, most(payer), now))?;
        for payer in payers {
            let share = ledger.share(payer, now);
            let mut spent = share.spent.lock().unwrap_or_else(PoisonError::into_inner);
            Window::standing(&mut spent[what as usize], now, what.most(payer).1).amount += 1;
        }
        Ok(())
    }

    /// Whether each of some payers has more of something.
    ///
    /// # Errors
    /// [`RanOut`] of the first that has not.
    pub fn have_left(&self, payers: &[Payer], what: Spent) -> Result<(), RanOut> {
        let (ledger, now) = (self.ledger(), Instant::now());
        payers.iter().try_for_each(|payer| ledger.has_left(payer, what, what.most(payer).0, now))
    }

    /// How much of something a payer may still spend within the window that stands.
    #[must_use]
    pub fn left(&self, payer: &Payer, what: Spent) -> u64 {
        what.most(payer).0.saturating_sub(self.spent(payer, what))
    }

    /// Puts down what was done already, also beyond the bound.
    pub fn put_down(&self, payer: &Payer, what: Spent, amount: u64) {
        let (now, within) = (Instant::now(), what.most(payer).1);
        let share = self.share(payer, now);
        let mut spent = share.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let window = Window::standing(&mut spent[what as usize], now, within);
        window.amount = window.amount.saturating_add(amount);
    }

    /// How much of something a payer has spent within the window that stands.
    fn spent(&self, payer: &Payer, what: Spent) -> u64 {
        // Asking keeps nobody in mind who has spent nothing.
        let now = Instant::now();
        let Some(share) = self.ledger().of.get(payer).cloned() else { return 0 };
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
            let Some(share) = self.ledger().of.get(payer).cloned() else { continue };
            let mut spent = share.spent.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(window) = &mut spent[what as usize] {
                change(window);
            }
        }
    }
}

#[cfg(test)]
mod tests;
