//! The server's own key: certifies devices for the people who are signed in on them, and ends
//! certificates when a device is lost, a person leaves or a role changes.

mod lapsed;

use crate::audit::{Act, Audit};
use crate::clock;
use crate::identity::Account;
use crate::limits;
use crate::rooms::{Rooms, What};
use crate::store::{Database, StoreError};
use crate::turns::Turns;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Mutex;
use tongban_shared::bundle;
use tongban_shared::document::{Chunk, DocumentError, Stamp, hex, unhex};
use tongban_shared::edit::Edit;
use tongban_shared::id::{DeviceId, DocumentId, EntryId, PersonId, SpaceId};
use tongban_shared::trust::{
    Certificate, Ending, Endorsement, Key, PublicKey, Purpose, Seal, Statement, digest,
};

pub(crate) const SETTING: &str = "authority";

/// Devices of one person that are in force at once.
const MOST_DEVICES: usize = 30;

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Why a device is not certified.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    #[error("这台设备的编号已登记在别的密钥下，请清除本机数据后重新登录")]
    OtherKey,
    #[error("这台设备已登记在别人名下，请清除本机数据后重新登录")]
    OtherPerson,
    #[error("这台设备已停止使用，请清除本机数据后重新登录")]
    Ended,
    #[error("没有这台设备")]
    Unknown,
    #[error("名下的设备太多，请先停用不再使用的")]
    TooMany,
    #[error("今天登记的设备太多，请明天再试")]
    TooManyToday,
    #[error("设备编号与密钥不符")]
    NotItsKey,
    #[error("系统暂时不能处理，请稍后再试")]
    Store(#[from] StoreError),
    #[error("系统暂时不能处理，请稍后再试")]
    Document(#[from] DocumentError),
}

/// The key of a store; made when the store is new.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub async fn key_of(store: &Database) -> Result<Key, StoreError> {
    let seed = store.setting_or(SETTING, || hex(&clock::random::<32>())).await?;
    let seed = unhex(&seed).and_then(|seed| seed.try_into().ok()).ok_or(StoreError::Setting(SETTING))?;
    Ok(Key::from_seed(&seed))
}

/// The words that a server signs when it connects to another one: a token of that one, and whose it is.
fn of_link((token, to): (&str, PublicKey)) -> Vec<u8> {
    [token.as_bytes(), to.bytes()].concat()
}

/// Whether the owner of a key has signed a token of a server, which wants to know who connects.
#[must_use]
pub fn proven(key: PublicKey, about: (&str, PublicKey), signature: &str) -> bool {
    let signature = unhex(signature).and_then(|bytes| bytes.try_into().ok());
    let seal = |signature| Seal { digest: digest(Purpose::Link, &of_link(about)), signature };
    signature.is_some_and(|signature| key.made(&seal(signature)))
}

/// The proof that one has a key, for the server whose token it is.
#[must_use]
pub fn prove(key: &Key, about: (&str, PublicKey)) -> String {
    format!("{}.{}", about.0, hex(&key.seal(Purpose::Link, &of_link(about)).signature))
}

/// How a device goes on whose certificate ends.
enum After<'a> {
    /// It does not.
    Nothing,
    /// Under a certificate that says something else.
    Next(&'a Account),
    /// Its person may have it certified again.
    Lapse,
}

/// The key that certifies devices.
#[derive(Clone)]
pub struct Authority {
    key: Key,
    space: SpaceId,
    rooms: Rooms,
    audit: Audit,
    store: Database,
    /// Each device has one: a statement about it follows the one before.
    turns: Turns,
    /// Taken within that of a device.
    certifying: Arc<Mutex<()>>,
}

impl Authority {
    /// The authority of a space.
    #[must_use]
    pub fn new((key, space): (Key, SpaceId), rooms: Rooms, audit: Audit, store: Database) -> Self {
        Self { key, space, rooms, audit, store, turns: Turns::default(), certifying: Arc::default() }
    }

    /// The key with which devices check its statements.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.key.public()
    }

    /// Certifies a device with a key of its own for a person; one that is certified for the same
    /// is left as it is, and one of theirs that has lapsed goes on.
    ///
    /// # Errors
    /// [`AuthorityError`] when the device belongs to another key or person, or was ended.
    pub async fn certify(
        &self,
        device: DeviceId,
        key: PublicKey,
        account: &Account,
    ) -> Result<Certificate, AuthorityError> {
        let _turn = self.turns.of(device.bytes()).await;
        // One after the other: each is counted before the next one asks.
        let _counts = self.certifying.lock().await;
        self.rooms.space().await?;
        let register = self.rooms.register();
        if register.key_of(device).is_some_and(|known| known != key) {
            return Err(AuthorityError::OtherKey);
        }
        if register.certificate(device).is_none() && register.key_of(device).is_some() {
            match self.lapsed_of(device).await? {
                None => return Err(AuthorityError::Ended),
                Some(person) if person != account.id => return Err(AuthorityError::OtherPerson),
                Some(_) => {}
            }
        }
        if device != key.device() {
            return Err(AuthorityError::NotItsKey);
        }
        if let Some(known) = register.certificate(device) {
            if known.person != account.id {
                return Err(AuthorityError::OtherPerson);
            }
            if (known.unit, known.role) == (account.unit, account.role) {
                return Ok(known.clone());
            }
        }
        if self.devices_of(account.id).len() >= MOST_DEVICES {
            return Err(AuthorityError::TooMany);
        }
        let day = i64::try_from(clock::now_ms()).unwrap_or_default() - DAY_MS;
        if register.key_of(device).is_none()
            && register.first_certified(account.id, day) >= limits::DEVICES_A_DAY
        {
            return Err(AuthorityError::TooManyToday);
        }
        let certificate = self.certificate(device, key, account, register.next_serial(device));
        self.write(vec![certificate.edit(&self.key)]).await?;
        let about =
            json!({ "device": device, "key": key.to_string(), "unit": account.unit, "role": account.role });
        self.audit.write(Act::DeviceCertified, Some(account.id), about).await?;
        Ok(certificate)
    }

    /// The proof for another server that this one connects to it.
    #[must_use]
    pub fn prove(&self, token: &str, to: PublicKey) -> String {
        prove(&self.key, (token, to))
    }

    /// Documents as a file that this server answers for.
    #[must_use]
    pub fn bundle(&self, documents: impl IntoIterator<Item = (DocumentId, Vec<Chunk>)>) -> Vec<u8> {
        bundle::write(documents, &self.key)
    }

    fn certificate(&self, device: DeviceId, key: PublicKey, account: &Account, serial: u32) -> Certificate {
        Certificate {
            space: self.space,
            device,
            serial,
            key,
            person: account.id,
            unit: account.unit,
            role: account.role,
            issued: i64::try_from(clock::now_ms()).unwrap_or_default(),
            authority: self.public(),
        }
    }

    async fn write(&self, edits: Vec<Edit>) -> Result<(), DocumentError> {
        let stamp = Stamp { time: clock::now(), by: "服务器".to_owned() };
        self.rooms.edit(What::Space, edits, stamp).await
    }

    /// Ends a device: it was lost, or its person leaves. Entries that the server had of it keep their force. One
    /// that has ended is left as it is.
    ///
    /// # Errors
    /// [`AuthorityError::Unknown`] when it was never certified; others when what the server has of it cannot be read, or the statement not be written.
    pub async fn end(&self, device: DeviceId, by: Option<PersonId>) -> Result<(), AuthorityError> {
        self.replace(device, After::Nothing, by).await
    }

    /// Whether a device that was certified has ended for good: ending it again does nothing.
    ///
    /// # Errors
    /// [`AuthorityError`] when the database fails.
    pub async fn has_ended(&self, device: DeviceId) -> Result<bool, AuthorityError> {
        let register = self.rooms.register();
        let ended = register.certificate(device).is_none() && register.key_of(device).is_some();
        Ok(ended && self.lapsed_of(device).await?.is_none())
    }

    /// A person leaves: ends all of their devices, as far as it can.
    ///
    /// # Errors
    /// As [`Authority::end`], of the first that goes on.
    pub async fn end_all(&self, person: PersonId, by: Option<PersonId>) -> Result<(), AuthorityError> {
        self.rooms.space().await?;
        let mut ended = Ok(());
        for device in self.devices_of(person) {
            ended = ended.and(self.end(device, by).await);
        }
        ended
    }

    /// A person has another unit or role from now on: their devices go on under new certificates.
    ///
    /// # Errors
    /// [`AuthorityError`] when a statement cannot be written.
    pub async fn moved(&self, account: &Account, by: Option<PersonId>) -> Result<(), AuthorityError> {
        self.rooms.space().await?;
        let mut moved = Ok(());
        for device in self.devices_of(account.id) {
            moved = moved.and(self.replace(device, After::Next(account), by).await);
        }
        moved
    }

    /// Ends a device's certificate, with the next one in the same edit when it says something else.
    async fn replace(
        &self,
        device: DeviceId,
        after: After<'_>,
        by: Option<PersonId>,
    ) -> Result<(), AuthorityError> {
        let _turn = self.turns.of(device.bytes()).await;
        self.rooms.space().await?;
        if matches!(after, After::Nothing) {
            self.forget_lapsed(device).await?;
        }
        let register = self.rooms.register();
        let Some(known) = register.certificate(device).cloned() else {
            return if register.key_of(device).is_some() { Ok(()) } else { Err(AuthorityError::Unknown) };
        };
        let next = match after {
            After::Next(account) if (known.unit, known.role) == (account.unit, account.role) => {
                return Ok(());
            }
            After::Next(account) => Some(account),
            After::Lapse => {
                self.keep_lapsed(device, known.person).await?;
                None
            }
            After::Nothing => None,
        };
        // Nothing more of it comes in while what the server had is gathered.
        let held = self.rooms.hold(device);
        let seen = self.seen_of(&known).await?;
        let about = json!({ "device": device, "person": known.person, "entries": seen.len() });
        let ending = Ending {
            space: self.space,
            device,
            serial: known.serial,
            at: i64::try_from(clock::now_ms()).unwrap_or_default(),
            seen,
            authority: self.public(),
            part: None,
        };
        let next = next.map(|account| self.certificate(device, known.key, account, known.serial + 1));
        let mut next = next.map(|next| next.edit(&self.key));
        let mut parts = ending.in_parts().peekable();
        // They end nothing before the last one is there.
        while let Some(part) = parts.next() {
            let next = if parts.peek().is_none() { next.take() } else { None };
            self.write([part.edit(&self.key)].into_iter().chain(next).collect()).await?;
        }
        drop(held);
        Ok(self.audit.write(Act::DeviceEnded, by, about).await?)
    }

    /// The devices of a person that are certified.
    #[must_use]
    pub fn devices_of(&self, person: PersonId) -> Vec<DeviceId> {
        let register = self.rooms.register();
        // Devices that another server certifies take none of a person's own places.
        let own = register
            .devices()
            .filter(|(one, in_force)| *in_force && one.person == person && one.authority == self.public());
        own.map(|(one, _)| one.device).collect()
    }

    /// Trusts another server to certify the devices of its people.
    ///
    /// # Errors
    /// [`AuthorityError`] when the statement cannot be written.
    pub async fn endorse(&self, key: PublicKey, name: &str) -> Result<(), AuthorityError> {
        if self.rooms.register().authorities().contains_key(&key) {
            return Ok(());
        }
        let endorsement = Endorsement {
            space: self.space,
            key,
            name: name.to_owned(),
            at: i64::try_from(clock::now_ms()).unwrap_or_default(),
            authority: self.public(),
        };
        self.write(vec![endorsement.edit(&self.key)]).await?;
        let about = json!({ "key": key.to_string(), "name": name });
        Ok(self.audit.write(Act::Endorsed, None, about).await?)
    }

    /// The entries of a device that the server has, in the logs of its unit.
    async fn seen_of(&self, certificate: &Certificate) -> Result<BTreeSet<EntryId>, DocumentError> {
        let space = self.rooms.space().await?;
        let mut seen = BTreeSet::new();
        for board in space.boards.keys() {
            seen.extend(self.rooms.entries_by(certificate.device, (*board, certificate.unit)).await?);
        }
        Ok(seen)
    }
}

#[cfg(test)]
mod tests {
    use crate::app::{App, Options};
    use crate::store::Place;
    use tongban_shared::access::AccountRole;
    use tongban_shared::id::UnitId;
    use tongban_shared::trust::Key;

    /// An administrator ends a lost device while another one changes the role of its person.
    #[tokio::test]
    async fn a_device_that_is_ended_while_its_person_changes_is_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let unit = UnitId::from_bytes([1; 16]);
        let made = app.identity.create("clerk", "", unit, AccountRole::Editor, "tongban-demo").await;
        let mut account = made.expect("an account");
        for (round, role) in (1_u8..).zip([AccountRole::Reporter, AccountRole::Editor, AccountRole::Reporter])
        {
            let key = Key::from_seed(&[round; 32]).public();
            let device = key.device();
            app.authority.certify(device, key, &account).await.expect("certified");
            account.role = role;
            let (moved, ended) =
                tokio::join!(app.authority.moved(&account, None), app.authority.end(device, None));
            moved.and(ended).expect("both are done");
            assert!(app.rooms.register().certificate(device).is_none(), "{round}: it goes on");
            app.authority.end(device, None).await.expect("to end what has ended is no error");
        }
        app.close().await;
    }
}
