//! The questions that a room asks of changes before it takes them.

use super::admission::{
    actors_fit, appends_only, depth_fits, numbers_fit, plan_fits, roots_fit, space_fits, statements_fit,
};
use super::extent::Extent;
use super::heads::heads_fit;
use super::objection::{Fault, Objection};
use super::{Rights, Room};
use crate::document::Kind;
use crate::id::SpaceId;
use crate::limits::SPACE_FOR_OTHERS;
use automerge::Change;

impl Room {
    /// Whether changes leave the statements of a space alone, or bring such as are known here.
    pub(super) fn statements(&mut self, rights: &Rights, changes: &[Change]) -> Result<(), Objection> {
        match self.document.kind() {
            Kind::Space => {
                let space = SpaceId::from_bytes(*self.id.bytes());
                statements_fit(self.document.automerge(), changes, (space, rights), &self.known)
            }
            Kind::Board | Kind::Log => Ok(()),
        }
    }

    /// Whether what a connection brings may be taken; it makes the document larger by so much.
    pub(super) fn objection(&mut self, rights: &Rights, changes: &[Change]) -> Result<Extent, Objection> {
        let new: Vec<&Change> = changes.iter().collect();
        let operations = numbers_fit(&mut self.document, &new)?;
        let bytes = new.iter().map(|change| change.raw_bytes().len() as u64).sum();
        let extent = Extent { bytes, operations };
        let all = self.stored.and(self.applied_now).and(extent);
        let of_another = rights.server && !rights.decide && self.document.kind() == Kind::Space;
        let of_another = of_another && !self.known.recovers;
        if !all.fits() || of_another && u64::from(all.percent()) > SPACE_FOR_OTHERS {
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
        if kind == Kind::Space {
            space_fits((self.id, self.document.automerge()), &new, (rights, &self.known))?;
        }
        if kind == Kind::Board && !rights.decide {
            plan_fits(self.document.automerge(), &new)?;
        }
        actors_fit(new.iter().map(|change| change.actor_id().to_bytes()), rights, &self.known)?;
        Ok(extent)
    }
}
