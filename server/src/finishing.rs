//! Changes of accounts are finished: the devices of a person follow what the account says, also when the act that
//! changed it has failed in the middle, or the program has ended.

use crate::app::App;
use crate::http::HttpError;
use crate::rooms::What;
use crate::store::Alone;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tongban_shared::id::PersonId;

/// How often what remains is tried again.
const AGAIN: Duration = Duration::from_secs(60);

/// Tells the locks of people's devices from others.
const DEVICES_LOCK: i64 = 0x6465_7669;

/// The turn of a person's devices: nobody else certifies or ends any by what the account was before.
pub struct Turn {
    _here: OwnedMutexGuard<()>,
    _elsewhere: Alone,
}

/// Names the lock of a person's devices among the processes over one database.
fn lock_of(person: PersonId) -> i64 {
    let halves = person.bytes().as_chunks().0;
    halves.iter().fold(DEVICES_LOCK, |sum, half| sum ^ i64::from_be_bytes(*half))
}

impl App {
    /// Waits for the turn of a person's devices. Anything that others have stated of them until then is known here.
    ///
    /// # Errors
    /// [`HttpError`] when the database fails.
    pub async fn turn_of(&self, person: PersonId) -> Result<Turn, HttpError> {
        let here = self.finishing.of(person.bytes()).await;
        let elsewhere = self.store.alone(lock_of(person)).await?;
        if elsewhere.is_of_many() {
            self.rooms.catch_up(What::Space).await?;
        }
        Ok(Turn { _here: here, _elsewhere: elsewhere })
    }

    /// Brings the devices of a person to what the account says now, or ends them where there is none any more.
    ///
    /// # Errors
    /// [`HttpError`] when something remains; it is tried again.
    pub async fn finish(&self, person: PersonId) -> Result<(), HttpError> {
        // One after the other, in whatever process, each by the account as it stands then: the last one leaves
        // what is true.
        let _turn = self.turn_of(person).await?;
        self.finish_in_turn(person).await
    }

    /// The same for who has the turn of that person's devices.
    ///
    /// # Errors
    /// As [`App::finish`].
    pub async fn finish_in_turn(&self, person: PersonId) -> Result<(), HttpError> {
        let Some(change) = self.identity.unfinished_of(person).await? else { return Ok(()) };
        match self.identity.account(person).await? {
            Some(account) => {
                self.enroll(&account).await?;
                if change.lapses {
                    self.authority.lapse_all(person, change.by).await?;
                } else {
                    self.authority.moved(&account, change.by).await?;
                }
            }
            None => self.authority.end_all(person, change.by).await?,
        }
        Ok(self.identity.is_finished(&change).await?)
    }

    /// Finishes what others have left.
    pub async fn finish_all(&self) {
        let left = match self.identity.unfinished().await {
            Ok(left) => left,
            Err(error) => {
                return tracing::warn!(%error, "What remains of changed accounts cannot be asked for");
            }
        };
        for person in left {
            if let Err(error) = self.finish(person).await {
                tracing::warn!(%error, person.id = %person, "The devices of a person do not follow the account yet");
            }
        }
    }
}

/// Finishes what others have left, at the start and now and then, for as long as the server runs.
pub async fn keep_on(app: App) {
    loop {
        app.acts.spawn({
            let app = app.clone();
            async move { app.finish_all().await }
        });
        tokio::select! {
            () = app.stop.cancelled() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::app::{App, Options};
    use crate::identity::Maker;
    use crate::store::Place;
    use tongban_shared::access::AccountRole;
    use tongban_shared::id::UnitId;
    use tongban_shared::trust::Key;

    /// The program ends between the change of an account and what follows from it.
    #[tokio::test]
    async fn the_devices_of_a_person_follow_the_account_after_the_next_start() {
        let folder = tempfile::tempdir().expect("a folder");
        let open =
            || async { App::open(&Place::from(folder.path()), Options::default()).await.expect("an app") };
        let app = open().await;
        let unit = UnitId::from_bytes([1; 16]);
        let mut people = Vec::new();
        for (number, login) in ["leaves", "changes"].into_iter().enumerate() {
            let made = app.identity.create(login, "", unit, AccountRole::Editor, "tongban-demo").await;
            let account = made.expect("an account");
            let key = Key::from_seed(&[u8::try_from(number).expect("few"); 32]).public();
            app.authority.certify(key.device(), key, &account).await.expect("certified");
            people.push((account.id, key.device()));
        }
        let by = (&app.audit, Maker::Machine);
        app.identity.end_account(people[0].0, by).await.expect("ended");
        app.identity.change(people[1].0, (unit, AccountRole::Reporter), by).await.expect("changed");
        app.close().await;

        let app = open().await;
        app.finish_all().await;
        let register = app.rooms.register();
        assert!(register.certificate(people[0].1).is_none(), "its person is gone");
        let followed = register.certificate(people[1].1).expect("in force");
        assert_eq!((followed.role, followed.serial), (AccountRole::Reporter, 2));
        assert!(app.identity.unfinished().await.expect("asked").is_empty());
        // Each is done once, and told once.
        app.finish_all().await;
        for (act, times) in [("account_ended", 1), ("role_changed", 1), ("device_ended", 2)] {
            let told = app.audit.newest(Some(act), 10).await.expect("asked");
            assert_eq!(told.len(), times, "{act}: {told:#?}");
        }
        app.close().await;
    }
}
