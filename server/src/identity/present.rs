//! Sessions with open connections: one question to the store for all of them, now and then, and before an act
//! is answered that ended or changed some. Nothing that a connection has said is committed after that answer.

use super::sessions::Visitor;
use super::{Identity, IdentityError, secret_hash};
use crate::limits;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedRwLockReadGuard, RwLock, watch};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Sessions asked for in one question.
const AT_ONCE: usize = 500;

/// By the hash of its secret, who each followed session stands for.
#[derive(Default)]
pub(super) struct Present {
    followed: Mutex<Followed>,
    /// The turn to ask and to tell: what is told last is what was asked last.
    asking: tokio::sync::Mutex<()>,
    /// Held while something that a connection has said is committed.
    commits: Arc<RwLock<()>>,
}

#[derive(Default)]
struct Followed {
    of: HashMap<Vec<u8>, watch::Sender<Option<Visitor>>>,
    /// Counts the questions for all.
    rounds: u64,
}

impl Followed {
    fn tell(&self, hash: &[u8], visitor: Option<&Visitor>) {
        let Some(sender) = self.of.get(hash) else { return };
        sender.send_if_modified(|known| {
            let changed = known.as_ref() != visitor;
            if changed {
                *known = visitor.cloned();
            }
            changed
        });
    }
}

impl Present {
    fn followed(&self) -> MutexGuard<'_, Followed> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(&self, hash: Vec<u8>) -> watch::Receiver<Option<Visitor>> {
        self.followed().of.entry(hash).or_insert_with(|| watch::Sender::new(None)).subscribe()
    }

    /// The sessions that are still followed, for a new round of questions.
    fn asked(&self) -> Vec<Vec<u8>> {
        let mut followed = self.followed();
        followed.rounds += 1;
        followed.of.retain(|_, sender| !sender.is_closed());
        followed.of.keys().cloned().collect()
    }

    fn tell(&self, asked: &[Vec<u8>], found: &HashMap<Vec<u8>, Visitor>) {
        let followed = self.followed();
        asked.iter().for_each(|hash| followed.tell(hash, found.get(hash)));
    }
}

/// The person at the other end of a connection, as its rights were given.
pub struct Standing {
    visitor: Visitor,
    stands_for: watch::Receiver<Option<Visitor>>,
    commits: Arc<RwLock<()>>,
}

impl Standing {
    /// Whether the session stands for that person still, with the same role, unit and device.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.stands_for.borrow().as_ref() == Some(&self.visitor)
    }

    /// Ending a session is not answered before the commit is over for which this is held. One of them holds
    /// for all that are committed together.
    pub async fn committing(&self) -> OwnedRwLockReadGuard<()> {
        Arc::clone(&self.commits).read_owned().await
    }
}

impl Identity {
    /// The bearer of a session's secret, now and as it changes; none from when it has ended.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn follow(&self, secret: &str) -> Result<watch::Receiver<Option<Visitor>>, IdentityError> {
        let hash = secret_hash(secret);
        // Followed before it is looked up: what ends it meanwhile is told.
        let receiver = self.present.follow(hash.clone());
        loop {
            let before = self.present.followed().rounds;
            let visitor = self.session_unused(secret).await?;
            let followed = self.present.followed();
            // Else somebody else has told it meanwhile, perhaps something newer.
            if followed.rounds == before {
                followed.tell(&hash, visitor.as_ref());
                return Ok(receiver);
            }
        }
    }

    /// The standing of a visitor whose session is followed.
    #[must_use]
    pub fn standing(&self, visitor: &Visitor, stands_for: watch::Receiver<Option<Visitor>>) -> Standing {
        Standing { visitor: visitor.clone(), stands_for, commits: Arc::clone(&self.present.commits) }
    }

    /// Some sessions were ended or changed: connections know it when this returns, and nothing that they have said
    /// before is committed any more. When the store does not say which, all of them have to come again.
    pub(super) async fn ended_some(&self) {
        let turn = self.present.asking.lock().await;
        let asked = self.present.asked();
        let told = timeout(limits::ASKING, self.ask_for(&asked)).await;
        if !matches!(told, Ok(Ok(()))) {
            tracing::warn!(?told, "The sessions of open connections could not be looked up");
            self.present.tell(&asked, &HashMap::new());
        }
        drop(turn);
        // Also where somebody else has told it before: a commit may have begun before that.
        drop(self.present.commits.write().await);
    }

    /// Keeps what followers know true, for as long as the server runs: other processes may end sessions.
    pub async fn watch_sessions(&self, stop: CancellationToken) {
        let mut again = tokio::time::interval(limits::RIGHTS);
        let mut sure = Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = again.tick() => {}
            }
            let _turn = self.present.asking.lock().await;
            let asked = self.present.asked();
            // A connection to the database that has gone silent must not leave everybody in.
            let failed = match timeout(limits::ASKING, self.ask_for(&asked)).await {
                Ok(Ok(())) => {
                    sure = Instant::now();
                    continue;
                }
                Ok(Err(error)) => error.to_string(),
                Err(late) => late.to_string(),
            };
            tracing::warn!(error = failed, "The sessions of open connections could not be looked up");
            // Others may end sessions in a database that this process does not reach.
            if sure.elapsed() > limits::UNSURE {
                self.present.tell(&asked, &HashMap::new());
            }
        }
    }

    async fn ask_for(&self, asked: &[Vec<u8>]) -> Result<(), IdentityError> {
        for some in asked.chunks(AT_ONCE) {
            let found = self.visitors(some).await?;
            self.present.tell(some, &found);
        }
        Ok(())
    }
}
