//! Sessions with open connections: one question to the store for all of them, now and then and whenever
//! some were ended.

use super::sessions::Visitor;
use super::{Identity, IdentityError, secret_hash};
use crate::limits;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Sessions asked for in one question.
const AT_ONCE: usize = 500;

/// By the hash of its secret, who each followed session stands for.
#[derive(Default)]
pub(super) struct Present {
    followed: Mutex<HashMap<Vec<u8>, watch::Sender<Option<Visitor>>>>,
    /// Some were ended or changed: all are asked for anew. One that comes during a question is not lost.
    anew: Notify,
    /// Counts the questions.
    rounds: AtomicU64,
}

impl Present {
    pub(super) fn ask_anew(&self) {
        self.anew.notify_one();
    }

    fn follow(&self, hash: Vec<u8>) -> watch::Receiver<Option<Visitor>> {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        followed.entry(hash).or_insert_with(|| watch::Sender::new(None)).subscribe()
    }

    /// The sessions that are still followed.
    fn asked(&self) -> Vec<Vec<u8>> {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        followed.retain(|_, sender| !sender.is_closed());
        followed.keys().cloned().collect()
    }

    fn tell(&self, hash: &[u8], visitor: Option<&Visitor>) {
        let followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = followed.get(hash) else { return };
        sender.send_if_modified(|known| {
            let changed = known.as_ref() != visitor;
            if changed {
                *known = visitor.cloned();
            }
            changed
        });
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
        let before = self.present.rounds.load(Ordering::Acquire);
        let visitor = self.session_unused(secret).await?;
        self.present.tell(&hash, visitor.as_ref());
        if self.present.rounds.load(Ordering::Acquire) != before {
            // Somebody else has told it meanwhile, perhaps something newer.
            self.present.ask_anew();
        }
        Ok(receiver)
    }

    /// Keeps what followers know true, for as long as the server runs.
    pub async fn watch_sessions(&self, stop: CancellationToken) {
        let mut again = tokio::time::interval(limits::RIGHTS);
        let mut sure = Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = again.tick() => {}
                () = self.present.anew.notified() => {}
            }
            self.present.rounds.fetch_add(1, Ordering::AcqRel);
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
                asked.iter().for_each(|hash| self.present.tell(hash, None));
            }
        }
    }

    async fn ask_for(&self, asked: &[Vec<u8>]) -> Result<(), IdentityError> {
        for some in asked.chunks(AT_ONCE) {
            let found = self.visitors(some).await?;
            for hash in some {
                self.present.tell(hash, found.get(hash));
            }
        }
        Ok(())
    }
}
