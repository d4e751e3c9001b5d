//! The judged entries of boards, kept while their logs, their lead and the register stand. Signatures are
//! checked beside the workers, each once: the key of a device is that which its id names.

use super::task::{Question, ToRoom};
use super::{Rooms, What};
use crate::limits;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;
use tongban_shared::document::DocumentError;
use tongban_shared::entry::Entry;
use tongban_shared::fold::Entries;
use tongban_shared::id::{BoardId, DocumentId, EntryId, UnitId};
use tongban_shared::trust::Register;

/// Looks into a board's history that its room is asked for at once: it serves others in between.
const LOOKS: usize = 64;

/// The boards that were judged last.
#[derive(Default)]
pub(super) struct Kept(Mutex<Places>);

#[derive(Default)]
struct Places {
    /// Counts the questions.
    clock: u64,
    boards: HashMap<BoardId, KeptBoard>,
}

#[derive(Default)]
struct KeptBoard {
    /// Its last question.
    used: u64,
    turn: Turn,
    /// Bytes of memory that its judgement takes.
    bytes: u64,
}

/// One at a time judges a board; the others find what it found.
pub(super) type Turn = Arc<BoardTurn>;
pub(super) type BoardTurn = tokio::sync::Mutex<Option<Judged>>;

pub(super) struct Judged {
    basis: Basis,
    /// The units that led the board as of heads that official entries name: history does not change.
    leads: HashMap<Vec<String>, UnitId>,
    entries: Arc<Entries>,
}

/// The things that a judgement rests on.
#[derive(Clone)]
struct Basis {
    register: Arc<Register>,
    lead: Option<UnitId>,
    logs: BTreeMap<UnitId, Arc<Vec<Entry>>>,
}

impl Basis {
    fn is(&self, other: &Self) -> bool {
        let same = |(unit, log): (&UnitId, &Arc<Vec<Entry>>)| {
            other.logs.get(unit).is_some_and(|known| Arc::ptr_eq(known, log) || known == log)
        };
        Arc::ptr_eq(&self.register, &other.register)
            && self.lead == other.lead
            && self.logs.len() == other.logs.len()
            && self.logs.iter().all(same)
    }
}

impl Kept {
    /// The place of a board; of too many boards the one that was asked for longest ago goes.
    pub(super) fn turn(&self, board: BoardId) -> Turn {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Places { clock, boards } = &mut *places;
        *clock += 1;
        let place = boards.entry(board).or_default();
        place.used = *clock;
        let turn = Arc::clone(&place.turn);
        if boards.len() > limits::JUDGED_BOARDS
            && let Some(oldest) = boards.iter().min_by_key(|(_, place)| place.used).map(|(board, _)| *board)
        {
            boards.remove(&oldest);
        }
        turn
    }

    /// A board was judged, and its judgement takes so many bytes. Boards that were asked for longest ago go
    /// when they are too many bytes; this one stays, for else it would be judged for each question.
    pub(super) fn weighs(&self, board: BoardId, turn: &Turn, bytes: u64) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let boards = &mut places.boards;
        if let Some(place) = boards.get_mut(&board).filter(|place| Arc::ptr_eq(&place.turn, turn)) {
            place.bytes = bytes;
        }
        while boards.values().map(|place| place.bytes).sum::<u64>() > limits::JUDGED_BYTES {
            let others = boards.iter().filter(|(other, place)| **other != board && place.bytes > 0);
            let Some((oldest, _)) = others.min_by_key(|(_, place)| place.used) else { break };
            let oldest = *oldest;
            boards.remove(&oldest);
        }
    }
}

/// Bytes of memory that a judgement takes about: each entry stands in its log and among the judged ones, with
/// its words and as it was signed.
fn weight(basis: &Basis) -> u64 {
    let of = |entry: &Entry| {
        // A map of few things takes some times what is written of it.
        2 * (size_of::<Entry>() + 3 * entry.to_bytes().len()) as u64
    };
    basis.logs.values().flat_map(|log| log.iter()).map(of).sum()
}

/// Judges the entries of logs. Those that were judged before, of the same words under the same signature, are
/// not checked again; gives how many were.
fn judge(
    board: BoardId,
    basis: &Basis,
    leads: &HashMap<Vec<String>, UnitId>,
    before: Option<&Entries>,
) -> (Entries, usize) {
    let mut entries = Entries::default();
    for (unit, log) in &basis.logs {
        for entry in log.iter() {
            let lead_then = entry.kind.is_official().then(|| leads.get(&entry.heads).copied()).flatten();
            entries.take(Entry { lead_then, ..entry.clone() }, (board, *unit), &basis.register, basis.lead);
        }
    }
    let held = |entry: &&Entry| {
        let known = before.and_then(|before| before.all.get(&entry.id));
        let plain = |one: &Entry| Entry { lead_then: None, role_then: None, ..one.clone() };
        known.is_some_and(|known| plain(known) == plain(entry))
    };
    let held: Vec<EntryId> = entries.all.values().filter(held).map(|entry| entry.id).collect();
    entries.are_checked(&held);
    let checked = entries.unchecked();
    entries.check_signatures(&basis.register, usize::MAX);
    (entries, checked)
}

impl Rooms {
    /// The entries of all units on a board, judged: each signature is checked.
    ///
    /// # Errors
    /// [`DocumentError`] when a log cannot be loaded.
    pub async fn entries(&self, board: BoardId) -> Result<Arc<Entries>, DocumentError> {
        let (space, lead) = (self.space().await?, self.board(board).await?.lead);
        let written: Vec<DocumentId> =
            self.inner.store.documents().await.map_err(|error| DocumentError::Corrupt(error.to_string()))?;
        let mut logs = BTreeMap::new();
        for unit in space.units.keys() {
            if written.contains(&DocumentId::log(board, *unit)) {
                logs.insert(*unit, self.log(board, *unit).await?);
            }
        }
        let basis = Basis { register: self.register(), lead, logs };
        let turn = self.inner.judged.turn(board);
        let mut kept = turn.lock().await;
        if let Some(known) = kept.as_mut().filter(|known| known.basis.is(&basis)) {
            // The rooms know their logs as long as they are kept here.
            known.basis = basis;
            return Ok(Arc::clone(&known.entries));
        }
        let (mut leads, before) = match kept.take() {
            Some(known) => (known.leads, Some(known.entries)),
            None => (HashMap::new(), None),
        };
        let official =
            basis.logs.values().flat_map(|log| log.iter()).filter(|entry| entry.kind.is_official());
        let mut asked: Vec<Vec<String>> = official.map(|entry| entry.heads.clone()).collect();
        asked.sort_unstable();
        asked.dedup();
        asked.retain(|heads| !leads.contains_key(heads));
        for heads in asked.chunks(LOOKS) {
            let found = self.leads_at(board, heads.to_vec()).await?;
            leads.extend(heads.iter().cloned().zip(found).filter_map(|(heads, lead)| Some((heads, lead?))));
        }
        let judging = tokio::task::spawn_blocking(move || {
            let (entries, checked) = judge(board, &basis, &leads, before.as_deref());
            let bytes = weight(&basis);
            (Judged { basis, leads, entries: Arc::new(entries) }, checked, bytes)
        });
        let failed = |error: tokio::task::JoinError| DocumentError::Corrupt(error.to_string());
        let (judged, checked, bytes) = judging.await.map_err(failed)?;
        self.inner.metrics.checked(checked as u64);
        let entries = Arc::clone(&judged.entries);
        self.inner.judged.weighs(board, &turn, bytes);
        *kept = Some(judged);
        Ok(entries)
    }

    /// The units that led a board as of each of some heads.
    async fn leads_at(
        &self,
        board: BoardId,
        heads: Vec<Vec<String>>,
    ) -> Result<Vec<Option<UnitId>>, DocumentError> {
        let (reply, leads) = oneshot::channel();
        self.tell(What::Board(board), ToRoom::Ask(Question::LeadsAt { heads, reply })).await;
        leads.await.map_err(|_| DocumentError::Away)
    }
}
