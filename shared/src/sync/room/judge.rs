//! The questions that a room asks of changes before it takes them.

use super::admission::{
    actors_fit, appends_only, depth_fits, numbers_fit, plan_fits, roots_fit, statements_fit,
};
use super::extent::Extent;
use super::heads::heads_fit;
use super::objection::{Fault, Objection};
use super::{Rights, Room};
use crate::document::Kind;
use crate::id::SpaceId;
use automerge::Change;

impl Room {
    /// Whether changes leave the statements of a space alone, or bring such as are known here.
    pub(super) fn statements(&self, changes: &[Change]) -> Result<(), Objection> {
        match self.document.kind() {
            Kind::Space => statements_fit(changes, SpaceId::from_bytes(*self.id.bytes()), &self.known),
            Kind::Board | Kind::Log => Ok(()),
        }
    }

    /// Whether what a connection brings may be taken; it makes the document larger by so much.
    pub(super) fn objection(&mut self, rights: &Rights, changes: &[Change]) -> Result<Extent, Objection> {
        let new: Vec<&Change> = changes.iter().collect();
        let operations = numbers_fit(&mut self.document, &new)?;
        let bytes = new.iter().map(|change| change.raw_bytes().len() as u64).sum();
        let extent = Extent { bytes, operations };
        if !self.stored.and(self.applied_now).and(extent).fits() {
            return Err(Objection::of(Fault::Full));
        }
        heads_fit(&mut self.document, &new)?;
        if let Some(log) = self.log_of {
            appends_only(self.document.automerge(), &new, (rights, &self.known), log)?;
            return Ok(extent);
        }
        depth_fits(self.document.automerge(), &new)?;
        let kind = self.document.kind();
        roots_fit(self.document.automerge(), kind, &new, rights)?;
        if kind == Kind::Board && !rights.decide && !rights.server {
            plan_fits(self.document.automerge(), &new)?;
        }
        actors_fit(new.iter().map(|change| change.actor_id().to_bytes()), rights, &self.known)?;
        Ok(extent)
    }
}
