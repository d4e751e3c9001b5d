//! Plans: settled by their lead, changed by proposals from then on.

use super::*;
use tongban_shared::access;
use tongban_shared::document::{Choice, TextMark};
use tongban_shared::edit::BoardField;
use tongban_shared::model::{Board, Removal};
use tongban_shared::plan::{
    PlanChange, PlanPlace, PlanState, Settled, changes_between, digest, edits_of, edits_of_proposal,
    is_as_settled, is_measure, plan_state, touches, value_now,
};
use tongban_shared::sign::Said;
use tongban_shared::words::Word;

/// A unit's proposal for a measure, kept on this device until it is submitted.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
pub struct ProposalDraft {
    pub changes: Vec<PlanChange>,
    /// Why.
    pub reason: String,
    /// Units that the person has ticked or not; the others are as they are offered.
    pub asks: BTreeMap<UnitId, bool>,
}

impl ProposalDraft {
    /// The new words of a place, where there are some.
    pub fn value(&self, place: PlanPlace) -> Option<String> {
        self.changes.iter().find(|change| change.place == place).map(|change| change.new.clone())
    }

    /// Puts new words to a place that holds `now`.
    pub fn set(&mut self, place: PlanPlace, now: String, new: String) {
        let old = self.changes.iter().find(|change| change.place == place).map(|change| change.old.clone());
        let old = old.unwrap_or(now);
        self.changes.retain(|change| change.place != place);
        if old != new {
            self.changes.push(PlanChange { place, old, new });
        }
    }

    /// Bytes of its words.
    pub fn bytes(&self) -> usize {
        self.changes.iter().map(|change| change.old.len() + change.new.len()).sum::<usize>()
            + self.reason.len()
    }
}

fn draft_name(board: BoardId, item: Option<ItemId>) -> String {
    let item = item.map(|item| item.to_string()).unwrap_or_default();
    format!("{DRAFT}{board}/{item}")
}

/// Drafts of proposals begin so among the words of the device.
const DRAFT: &str = "proposal/";

impl Session {
    /// Reads a board as it stands.
    pub fn board_now<T>(&self, board: BoardId, read: impl FnOnce(&Board) -> T) -> Option<T> {
        self.with(|state| {
            let State { documents, living, .. } = state;
            Some(read(State::living(living, documents, board)?.board()))
        })
    }

    /// How far the plan of a board is.
    pub fn plan_state(&self, board: BoardId) -> PlanState {
        let marked = !self.text_marks(board).is_empty();
        let state = self.board_and_entries(board, |now, entries| plan_state(now, entries, marked));
        state.unwrap_or_default()
    }

    /// Names what the plan of a board says now.
    pub fn plan_digest(&self, board: BoardId) -> String {
        self.board_now(board, digest).unwrap_or_default()
    }

    fn decides(&self, board: BoardId) -> bool {
        self.view.board(board).is_some_and(|view| view.may.get_untracked().decide)
    }

    /// Why the person here, who does not decide on a board, may not make edits of it: its lead and its
    /// template are for who does, and changes of a settled plan wait for a proposal.
    pub(super) fn bound(&self, id: DocumentId, edits: &[Edit]) -> Option<Word> {
        let What::Board(board) = self.with(|state| state.what.get(&id).copied())? else { return None };
        if self.decides(board) {
            return None;
        }
        if edits.iter().any(Edit::is_of_lead) {
            return Some(Word::RefusedNoRight);
        }
        self.touches_settled(board, edits).then_some(Word::PlanIsSettled)
    }

    fn touches_settled(&self, board: BoardId, edits: &[Edit]) -> bool {
        let touched = |now: &Board| {
            // Asked for every key press: most boards are being drafted.
            if now.settled.is_none() {
                return false;
            }
            let types = template::of(now).ok();
            let added = |item| {
                edits.iter().find_map(|edit| match edit {
                    Edit::AddItem { id, item: new } if *id == item => Some(new.kind.as_str()),
                    _ => None,
                })
            };
            let kind = |item| now.items.get(&item).map(|item| item.kind.as_str()).or_else(|| added(item));
            let measure = |item| is_measure(types.as_deref(), kind(item).unwrap_or_default());
            edits.iter().any(|edit| touches(edit, measure))
        };
        self.board_now(board, touched).unwrap_or_default()
    }

    /// Makes an edit of a board; what its lead changes of a settled plan is settled with it.
    pub(super) fn keep_settled(&self, id: DocumentId, edits: &[Edit], act: impl FnOnce() -> bool) -> bool {
        let Some(What::Board(board)) = self.with(|state| state.what.get(&id).copied()) else { return act() };
        let settles = self.touches_settled(board, edits) && self.plan_state(board) == PlanState::Settled;
        let done = act();
        if done && settles && self.plan_state(board) == PlanState::Differs {
            self.settle(board);
        }
        done
    }

    /// Settles the plan of a board as it stands; not where its template cannot be read, for what of it is
    /// the plan is not known here.
    pub fn settle(&self, board: BoardId) {
        let Some(unit) = self.view.who().map(|who| who.unit) else { return };
        if self.board_now(board, |now| template::of(now).is_err()) == Some(true) {
            return self.refuse_bound(Word::TemplateUnread);
        }
        let word = self.board_now(board, |now| Settled::of(now, unit, browser::now()).to_word());
        if let Some(value) = word {
            self.edit_plainly(
                DocumentId::board(board),
                &[Edit::SetBoardField { field: BoardField::Settled, value }],
            );
        }
    }

    /// The places of texts of a board that two people changed, and nobody has decided yet.
    pub fn text_marks(&self, board: BoardId) -> Vec<TextMark> {
        let id = DocumentId::board(board);
        self.read(id, |document| document.text_marks().to_vec()).unwrap_or_default()
    }

    /// Decides about a mark as it was shown. `false` when it is not so any more.
    pub fn decide_mark(&self, board: BoardId, shown: &TextMark, choice: Choice) -> bool {
        let (id, edits) = (DocumentId::board(board), shown.decided(choice));
        if let Some(why) = self.bound(id, &edits) {
            self.refuse_bound(why);
            return true;
        }
        self.text_marks(board).contains(shown) && self.edit_plainly(id, &edits)
    }

    /// Settles the plan that was shown, and no other; none with a place that two people changed.
    pub fn settle_shown(&self, board: BoardId, shown: &str) -> bool {
        let same = self.plan_digest(board) == shown && self.text_marks(board).is_empty();
        if same {
            self.settle(board);
        }
        same
    }

    /// Lets everybody draft again.
    pub fn draft_again(&self, board: BoardId) {
        let edit = Edit::SetBoardField { field: BoardField::Settled, value: String::new() };
        self.edit_plainly(DocumentId::board(board), &[edit]);
    }

    /// Changes of the plan that came after it was settled, from people who had not seen it.
    pub fn merged_since(&self, board: BoardId) -> Vec<PlanChange> {
        let id = DocumentId::board(board);
        let before = self.with(|state| state.documents.get_mut(&id)?.board_when_settled().ok().flatten());
        let Some(before) = before else { return Vec::new() };
        self.board_now(board, |now| changes_between(&before, now)).unwrap_or_default()
    }

    /// Whether a place can be given its former words back: what was added stays until it is put out
    /// of use.
    pub fn can_give_back(&self, board: BoardId, change: &PlanChange) -> bool {
        let back = change.reversed();
        self.board_now(board, |now| edits_of(now, &back, &Removal::default()).is_some()).unwrap_or_default()
    }

    /// Gives a place of the plan back the words it had.
    pub fn give_back(&self, board: BoardId, change: &PlanChange) -> bool {
        let back = change.reversed();
        let removal = self.removal(board);
        let edits = self.board_now(board, |now| edits_of(now, &back, &removal)).flatten();
        edits.is_some_and(|edits| self.edit_plainly(DocumentId::board(board), &edits))
    }

    /// The mark of a unit that is taken off here and now.
    pub fn removal(&self, board: BoardId) -> Removal {
        Removal { by: self.view.who().map(|who| who.unit), seen: self.seen(board), times: 0 }
    }

    /// The edits of a proposal, or those that take it back where its words stand in the plan.
    fn edits_for(&self, proposal: &Entry, accepted: bool) -> Option<Vec<Edit>> {
        let board = proposal.subject.board;
        let removal = self.removal(board);
        let mut changes = proposal.changes.clone().unwrap_or_default();
        let edits = self.board_now(board, |now| {
            if !accepted {
                changes.retain(|change| value_now(now, change.place).is_some_and(|word| word == change.new));
                changes.iter_mut().for_each(|change| *change = change.reversed());
            }
            edits_of_proposal(now, proposal.subject.item, &changes, &removal)
        });
        edits.flatten()
    }

    /// Submits a proposal; the draft stays when it cannot be written.
    pub fn propose(
        &self,
        board: BoardId,
        item: Option<ItemId>,
        draft: &ProposalDraft,
        asks: BTreeSet<UnitId>,
    ) -> bool {
        // A unit that is asked takes part, or could not read what it is asked about.
        let space = self.view.space.get_untracked();
        let unknown = |now: &Board| {
            let outside = asks.iter().filter(|unit| !access::concerns(&space, now, **unit));
            outside.map(|unit| Edit::AddMember { unit: *unit }).collect::<Vec<_>>()
        };
        let joins = self.board_now(board, unknown).unwrap_or_default();
        if !joins.is_empty() {
            self.edit_plainly(DocumentId::board(board), &joins);
        }
        let subject = Subject { board, item, unit: None, indicator: None };
        let written = self.write_entry(subject, EntryKind::Propose, |entry| {
            draft.reason.trim().clone_into(&mut entry.body);
            (entry.changes, entry.asks) = (Some(draft.changes.clone()), Some(asks));
        });
        if written {
            self.keep_draft(board, item, &ProposalDraft::default());
        }
        written
    }

    /// Takes a proposal of the own unit back.
    pub fn withdraw_proposal(&self, proposal: &Entry) -> bool {
        self.write_entry(proposal.subject, EntryKind::Propose, |entry| entry.supersedes = Some(proposal.id))
    }

    /// Says whether the own unit consents to a proposal.
    pub fn consent(&self, said: &Said, proposal: &Entry, agrees: bool) -> bool {
        self.sign(said, proposal.subject, EntryKind::Consent, |entry| {
            (entry.answers, entry.accepted) = (Some(proposal.id), Some(agrees));
        })
    }

    /// Accepts or returns a proposal. The plan is changed before it is said: what is said to be
    /// accepted stands in the plan, whenever the device fails. One that was accepted and returned at
    /// the same time is taken out of the plan when it is returned again. `false` when its places are
    /// gone.
    pub fn review(&self, said: &Said, proposal: &Entry, accepted: bool, contested: bool) -> bool {
        let board = proposal.subject.board;
        if accepted || contested {
            let Some(edits) = self.edits_for(proposal, accepted) else { return false };
            // Changes that came from others meanwhile are looked at for themselves.
            let was_settled = self.board_now(board, is_as_settled).flatten() == Some(true);
            if !edits.is_empty() && !self.edit_plainly(DocumentId::board(board), &edits) {
                return false;
            }
            if was_settled && !edits.is_empty() {
                self.settle(board);
            }
        }
        self.sign(said, proposal.subject, EntryKind::Review, |entry| {
            (entry.answers, entry.accepted) = (Some(proposal.id), Some(accepted));
        })
    }

    /// Keeps what a person is about to propose on this device.
    pub fn keep_draft(&self, board: BoardId, item: Option<ItemId>, draft: &ProposalDraft) {
        let text =
            (*draft != ProposalDraft::default()).then(|| serde_json::to_string(draft).unwrap_or_default());
        let (session, name) = (*self, draft_name(board, item));
        spawn_local(async move {
            let storage = &session.inner().storage;
            let kept = match text {
                Some(text) => storage.set_word(&name, &text).await,
                None => storage.forget_word(&name).await,
            };
            if kept.is_err() {
                session.with(|state| state.failed = true);
                session.show_badge();
            }
        });
    }

    /// The proposal that a person was writing.
    pub async fn kept_draft(&self, board: BoardId, item: Option<ItemId>) -> Option<ProposalDraft> {
        let text = self.inner().storage.word(&draft_name(board, item)).await.ok()??;
        serde_json::from_str(&text).ok()
    }

    /// The word that a place of a board's plan holds.
    pub fn plan_value(&self, board: BoardId, place: PlanPlace) -> String {
        self.board_now(board, |now| value_now(now, place)).flatten().unwrap_or_default()
    }

    /// Reads a board as it stands with its entries that count.
    pub fn board_and_entries<T>(
        &self,
        board: BoardId,
        read: impl FnOnce(&Board, &Entries) -> T,
    ) -> Option<T> {
        self.with(|state| {
            let State { documents, living, entries, .. } = state;
            let none = Entries::default();
            Some(read(State::living(living, documents, board)?.board(), entries.get(&board).unwrap_or(&none)))
        })
    }
}
