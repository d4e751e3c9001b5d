//! The catalog says what a document id stands for, who may act by the statements of the space, and what
//! a person may do with a document.

use super::grounds::Grounds;
use super::{Rooms, What};
use crate::identity::Visitor;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};
use tongban_shared::access::{self, AccountRole, Action};
use tongban_shared::document::DocumentError;
use tongban_shared::id::{BoardId, DeviceId, DocumentId, UnitId};
use tongban_shared::model::{Board, Space};
use tongban_shared::sync::room::{self as sync, Known, Rights};
use tongban_shared::trust::Register;

/// The space as it stands, and what each document id means in it.
#[derive(Default)]
pub(super) struct Catalog {
    space: Arc<Space>,
    register: Arc<Register>,
    logs: Logs,
}

/// The logs of all units on all boards by their ids: of thousands of boards and a hundred units there are a
/// million, which are made when somebody asks for one that is not among those that were.
#[derive(Default)]
struct Logs {
    made: HashMap<DocumentId, (BoardId, UnitId)>,
    units: Vec<UnitId>,
    boards: BTreeSet<BoardId>,
    /// Boards of which some are not made, with how many units have theirs.
    behind: Vec<(BoardId, usize)>,
}

/// So many logs are made before others get their turn.
const STEP: usize = 4096;

impl Logs {
    fn learn(&mut self, space: &Space) {
        let gone = self.units.iter().any(|unit| !space.units.contains_key(unit))
            || self.boards.iter().any(|board| !space.boards.contains_key(board));
        if gone {
            *self = Self::default();
        }
        let known: BTreeSet<UnitId> = self.units.iter().copied().collect();
        let before = self.units.len();
        self.units.extend(space.units.keys().filter(|unit| !known.contains(unit)));
        if self.units.len() > before {
            let waiting: BTreeSet<BoardId> = self.behind.iter().map(|(board, _)| *board).collect();
            let made = self.boards.iter().filter(|board| !waiting.contains(board));
            self.behind.extend(made.map(|board| (*board, before)));
        }
        let new: Vec<BoardId> =
            space.boards.keys().filter(|board| !self.boards.contains(board)).copied().collect();
        self.behind.extend(new.iter().map(|board| (*board, 0)));
        self.boards.extend(new);
    }

    /// Makes some more; whether there are others still.
    fn make(&mut self) -> bool {
        let mut left = STEP;
        while left > 0
            && let Some((board, done)) = self.behind.pop()
        {
            let end = (done + left).min(self.units.len());
            let units = self.units[done..end].iter();
            self.made.extend(units.map(|unit| (DocumentId::log(board, *unit), (board, *unit))));
            if end < self.units.len() {
                self.behind.push((board, end));
            }
            left -= (end - done).min(left).max(1);
        }
        !self.behind.is_empty()
    }
}

#[cfg(test)]
impl Catalog {
    /// How many logs are made.
    pub(super) fn made(&self) -> usize {
        self.logs.made.len()
    }
}

/// For as long as one of them lives nothing of the device comes in.
pub struct Hold {
    rooms: Rooms,
    device: DeviceId,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.rooms.inner.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(times) = held.get_mut(&self.device) {
            *times -= 1;
        }
        held.retain(|_, times| *times > 0);
    }
}

impl Rooms {
    /// The register of devices that may act, by the statements in the space as they were last read.
    #[must_use]
    pub fn register(&self) -> Arc<Register> {
        Arc::clone(&self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner).register)
    }

    /// The knowledge by which a document's task judges what comes in.
    pub(super) fn known(&self) -> Known {
        let held = self.inner.held.lock().unwrap_or_else(PoisonError::into_inner);
        let held = held.keys().copied().collect();
        let rooms = self.clone();
        let logs = sync::Logs::new(move |id| {
            while rooms.make_logs() {}
            rooms.made(id).is_some()
        });
        Known { register: self.register(), recovers: self.inner.recovers, held, logs, ..Known::default() }
    }

    /// Takes nothing of a device in for as long as the answer lives.
    #[must_use]
    pub fn hold(&self, device: DeviceId) -> Hold {
        *self.inner.held.lock().unwrap_or_else(PoisonError::into_inner).entry(device).or_default() += 1;
        Hold { rooms: self.clone(), device }
    }

    /// The meaning of a document id, if the space knows it.
    pub async fn what(&self, id: DocumentId) -> Option<What> {
        if id == DocumentId::space(self.inner.space) {
            return Some(What::Space);
        }
        let found = self.listed(id).await;
        if found.is_some() {
            return found;
        }
        self.space().await.ok()?;
        self.listed(id).await
    }

    /// The same of a board or a log, by the space as it was read last. An id has one meaning: that of a unit's
    /// log stays one, whatever is listed under it.
    async fn listed(&self, id: DocumentId) -> Option<What> {
        match self.log_of(id).await {
            Some(What::Log(board, unit)) => self.is_a_board(board).await.then_some(What::Log(board, unit)),
            _ => {
                let board = BoardId::from_bytes(*id.bytes());
                let catalog = self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner);
                catalog.space.boards.contains_key(&board).then_some(What::Board(board))
            }
        }
    }

    /// Whether what is listed as a board is one, and no other document of the space.
    pub async fn is_a_board(&self, board: BoardId) -> bool {
        let id = DocumentId::board(board);
        id != DocumentId::space(self.inner.space) && self.log_of(id).await.is_none()
    }

    /// The log of an id; as many of the space's are made as it takes to find it.
    pub(super) async fn log_of(&self, id: DocumentId) -> Option<What> {
        loop {
            if let Some(log) = self.made(id) {
                return Some(log);
            }
            if !self.make_logs() {
                return self.made(id);
            }
            tokio::task::yield_now().await;
        }
    }

    /// The log of an id, where it is among those that were made.
    fn made(&self, id: DocumentId) -> Option<What> {
        let catalog = self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner);
        catalog.logs.made.get(&id).map(|(board, unit)| What::Log(*board, *unit))
    }

    /// Makes some more logs; whether there are others still.
    fn make_logs(&self) -> bool {
        let left = !self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner).logs.behind.is_empty();
        left && self.inner.catalog.write().unwrap_or_else(PoisonError::into_inner).logs.make()
    }

    pub(super) fn learn(&self, space: &Arc<Space>) {
        let known = Arc::clone(&self.inner.catalog.read().unwrap_or_else(PoisonError::into_inner).space);
        if Arc::ptr_eq(&known, space) {
            return;
        }
        // Signatures are checked while nobody waits.
        let register = (known.proofs != space.proofs).then(|| {
            let mut opened = self.inner.opened.lock().unwrap_or_else(PoisonError::into_inner);
            opened.take(self.inner.space, &space.proofs);
            Arc::new(Register::of(&opened, self.inner.audit.authority()))
        });
        let mut catalog = self.inner.catalog.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(register) = register {
            catalog.register = register;
        }
        catalog.space = Arc::clone(space);
        catalog.logs.learn(space);
    }

    /// The rights of a person to a document; none when they may not even read it.
    ///
    /// # Errors
    /// [`DocumentError`] when the board in question cannot be loaded.
    pub async fn rights(&self, visitor: &Visitor, what: What) -> Result<Option<Rights>, DocumentError> {
        let board = match what.board() {
            Some(board) => self.board(board).await?,
            None => Arc::default(),
        };
        Ok(what.rights(visitor, &self.space().await?, &board))
    }

    pub(super) fn id(&self, what: What) -> DocumentId {
        match what {
            What::Space => DocumentId::space(self.inner.space),
            What::Board(board) => DocumentId::board(board),
            What::Log(board, unit) => DocumentId::log(board, unit),
        }
    }
}

impl What {
    /// The board that a document is, or belongs to.
    #[must_use]
    pub const fn board(self) -> Option<BoardId> {
        match self {
            Self::Space => None,
            Self::Board(board) | Self::Log(board, _) => Some(board),
        }
    }

    /// The unit whose log it is.
    #[must_use]
    pub const fn unit(self) -> Option<UnitId> {
        match self {
            Self::Log(_, unit) => Some(unit),
            Self::Space | Self::Board(_) => None,
        }
    }

    /// The rights of a person to it as space and board stand; none when they may not even read it.
    #[must_use]
    pub fn rights(self, visitor: &Visitor, space: &Arc<Space>, board: &Arc<Board>) -> Option<Rights> {
        let who = visitor.account.who();
        let server = who.role == AccountRole::Server;
        let plain = Rights { device: visitor.device, server, ..Rights::default() };
        let grounds = self.board().map(|_| Grounds::of(space, board));
        let allowed = |action: Action<'_>| match &grounds {
            Some(grounds) => access::allowed_among(grounds.concerned(space, board), who, action),
            None => access::allowed(space, who, action),
        };
        let (read, rights) = match self {
            Self::Space => {
                let (write, decide) = (allowed(Action::WriteSpace), allowed(Action::BeginBoard));
                (allowed(Action::ReadSpace), Rights { write, decide, ..plain })
            }
            Self::Board(_) => {
                let write = allowed(Action::WriteBoard(board));
                // Another server has asked its own people.
                let decide = server || allowed(Action::Decide(board));
                (allowed(Action::ReadBoard(board)), Rights { write, decide, ..plain })
            }
            Self::Log(_, unit) => {
                let read = allowed(Action::ReadLog { board, unit });
                let own = allowed(Action::WriteLog { board, unit });
                let decide = allowed(Action::Decide(board));
                let firm = grounds.as_ref().filter(|_| who.role == AccountRole::Enterprise);
                let items = firm.map(|grounds| grounds.own(space, board, unit));
                // Every reader of a log may bring signed entries that it lacks.
                (read, Rights { write: true, own, decide, lead: board.lead, items, ..plain })
            }
        };
        read.then_some(rights)
    }
}

#[cfg(test)]
mod tests {
    use crate::app::{App, Options};
    use crate::store::Place;
    use tongban_shared::id::DeviceId;

    #[tokio::test]
    async fn a_device_is_held_until_the_last_who_holds_it_is_done() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(&Place::from(folder.path()), Options::default()).await.expect("an app");
        let device = DeviceId::from_bytes([1; 16]);
        let (one, other) = (app.rooms.hold(device), app.rooms.hold(device));
        drop(one);
        assert!(app.rooms.known().held.contains(&device));
        drop(other);
        assert!(app.rooms.known().held.is_empty());
        app.close().await;
    }
}
