//! Devices that lapse: somebody who knew the password that a link has replaced may have certified any of them.
//! One goes on, with what it had not sent yet, when its person signs in on it again.

use super::{After, Authority, AuthorityError};
use crate::store::StoreError;
use sqlx::Row;
use tongban_shared::id::{DeviceId, PersonId};

impl Authority {
    /// Ends all devices of a person, each until the person has it certified again.
    ///
    /// # Errors
    /// As [`Authority::end_all`].
    pub async fn lapse_all(&self, person: PersonId, by: Option<PersonId>) -> Result<(), AuthorityError> {
        self.rooms.space().await?;
        let mut lapsed = Ok(());
        for device in self.devices_of(person) {
            lapsed = lapsed.and(self.replace(device, After::Lapse, by).await);
        }
        lapsed
    }

    /// Keeps that a device lapses. It says nothing of one that is in force.
    pub(super) async fn keep_lapsed(&self, device: DeviceId, person: PersonId) -> Result<(), StoreError> {
        sqlx::query(
            "insert into lapsed (device, person) values ($1, $2)
             on conflict (device) do update set person = excluded.person",
        )
        .bind(device.bytes().to_vec())
        .bind(person.bytes().to_vec())
        .execute(self.store.writer())
        .await?;
        Ok(())
    }

    /// A device that was ended for good does not come back, also if it had lapsed before.
    pub(super) async fn forget_lapsed(&self, device: DeviceId) -> Result<(), StoreError> {
        sqlx::query("delete from lapsed where device = $1")
            .bind(device.bytes().to_vec())
            .execute(self.store.writer())
            .await?;
        Ok(())
    }

    /// The person who may have a device certified again that is not in force; nobody when it was ended for
    /// good.
    pub(super) async fn lapsed_of(&self, device: DeviceId) -> Result<Option<PersonId>, StoreError> {
        let row = sqlx::query("select person from lapsed where device = $1")
            .bind(device.bytes().to_vec())
            .fetch_optional(self.store.reader())
            .await?;
        let person = row.and_then(|row| row.get::<Vec<u8>, _>("person").try_into().ok());
        Ok(person.map(PersonId::from_bytes))
    }
}
