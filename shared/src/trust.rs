//! Proof of authorship: keys of devices, certificates of servers, and the judgement on entries (domain.md,
//! b.3 and conflict 17).
//!
//! A device makes its key itself. A server certifies it for a person, a unit and a role, and says
//! when that ends and which entries it had by then. These statements stand in the space, each
//! signed, so that every device judges an entry alike, without a network.

mod act;
mod examine;
mod key;
mod opened;
mod register;
mod statement;
mod trusted;

pub use act::{Act, Budget, Closing, Rebuff, reason_words};
pub use examine::{
    BundleWriter, ExamineError, Examined, Finding, Written, examine, strangers, writer_alone, writer_of,
};
pub use key::{Key, PublicKey, Purpose, Seal, digest};
pub use opened::Opened;
pub use register::{Doubt, Register};
pub use statement::{Certificate, Ending, Endorsement, Part, Proofs, Stated, Statement};

use crate::id::{DeviceId, fingerprint_of};

/// An actor of a certified device begins with the device's id; the rest tells its tabs apart.
pub const WRITER_BYTES: usize = 4;

/// The device that an actor id names; those of programs that know no devices name none.
#[must_use]
pub fn device_of(actor: &[u8]) -> Option<DeviceId> {
    let device = (actor.len() == 16 + WRITER_BYTES).then(|| actor[..16].try_into().ok())??;
    Some(DeviceId::from_bytes(device))
}

/// Bytes of a server's actor that tell whose it is.
const MARK_BYTES: usize = 8;

/// The actor under which a server itself writes: its mark, and fresh bytes that are never used twice.
#[must_use]
pub fn server_actor(authority: PublicKey, fresh: [u8; 16 - MARK_BYTES]) -> [u8; 16] {
    let mut actor = fingerprint_of(authority.bytes());
    actor[MARK_BYTES..].copy_from_slice(&fresh);
    actor
}

/// The bytes with which a server's own actors begin.
fn mark_of(authority: &PublicKey) -> [u8; MARK_BYTES] {
    let mut mark = [0; MARK_BYTES];
    mark.copy_from_slice(&fingerprint_of(authority.bytes())[..MARK_BYTES]);
    mark
}

/// Those of an actor, where it may be one of a server's own.
fn mark_in(actor: &[u8]) -> Option<[u8; MARK_BYTES]> {
    (actor.len() == 16).then(|| actor[..MARK_BYTES].try_into().ok())?
}

#[cfg(test)]
mod tests;
