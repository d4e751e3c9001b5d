//! Values that people wrote apart: choosing one, and asking before one is written over them.

use super::*;
use crate::lang::Words;
use crate::view::Asked;
use tongban_shared::document::TextMark;
use tongban_shared::edit::BoardField;
use tongban_shared::model::{Board, Conflict};
use tongban_shared::plan::is_measure;
use tongban_shared::publication::reported_words;
use tongban_shared::register::Register;
use tongban_shared::views::{Choice, Clash, SaidBy, Side, last_edition, of_register, value_words};

impl Session {
    /// Whether the person here may decide a clash.
    pub fn may_choose(&self, board: BoardId, clash: &Clash) -> bool {
        let Some(may) = self.view.board(board).map(|view| view.may.get()) else { return false };
        let own = |side: &Side| match &side.by {
            SaidBy::Person { unit, .. } => self.view.who().is_some_and(|who| who.unit == *unit),
            SaidBy::Change { .. } => false,
        };
        match &clash.register {
            // A number is said again by a unit that has said it.
            None => may.records(EntryKind::Value) && clash.sides.iter().any(own),
            Some(Register::Row(..)) => may.write,
            Some(Register::Board(field)) if BoardField::OF_THE_LEAD.contains(field) => may.decide,
            Some(register) => may.decide || may.write && !self.is_planned(board, register),
        }
    }

    /// Whether the person here may decide what a text says where two people changed one place of it.
    pub fn may_decide_mark(&self, board: BoardId) -> bool {
        let Some(view) = self.view.board(board) else { return false };
        let (may, settled) = (view.may.get(), view.head.with(|head| head.settled.is_some()));
        may.decide || may.write && !settled
    }

    /// The open marks of a board about which the person here is asked: its lead about each, others about
    /// those that they are a side of and may decide.
    pub fn asked_about_marks(&self, board: BoardId) -> Vec<TextMark> {
        let decides = self.view.board(board).is_some_and(|view| view.may.get().decide);
        if !decides && !self.may_decide_mark(board) {
            return Vec::new();
        }
        let own = |mark: &TextMark| mark.versions.iter().any(|version| self.wrote(&version.by));
        self.text_marks(board).into_iter().filter(|mark| decides || own(mark)).collect()
    }

    /// Whether the person here is named as the author of a change.
    pub fn wrote(&self, by: &str) -> bool {
        self.view
            .me
            .with_untracked(|me| me.as_ref().is_some_and(|me| by.starts_with(&format!("{}（", me.name))))
    }

    /// Whether a register belongs to a plan that is settled.
    fn is_planned(&self, board: BoardId, register: &Register) -> bool {
        let planned = |now: &Board| {
            let types = template::of(now).ok();
            let measure = |item: &ItemId| {
                now.items.get(item).is_some_and(|item| is_measure(types.as_deref(), &item.kind))
            };
            now.settled.is_some()
                && match register {
                    Register::Item(_, ItemField::Custom(_)) => false,
                    register => register.item().is_none_or(|item| measure(&item)),
                }
        };
        self.board_now(board, planned).unwrap_or_default()
    }

    /// Chooses one of several values.
    pub fn choose(&self, board: BoardId, choice: &Choice) {
        match choice {
            Choice::Edit(edit) => self.settle_clash(board, edit.clone()),
            Choice::Number(id) => {
                let said = self.board_and_entries(board, |_, entries| entries.all.get(id).cloned()).flatten();
                let Some(said) = said else { return };
                self.write_entry(said.subject, EntryKind::Value, |entry| {
                    (entry.value, entry.measure) = (said.value, said.measure);
                    (entry.period, entry.reach) = (said.period, said.reach);
                });
            }
        }
    }

    /// Writes the value that settles a clash.
    pub fn settle_clash(&self, board: BoardId, edit: Edit) {
        self.edit_unasked(DocumentId::board(board), &[edit]);
    }

    /// Writes over a clash what was asked about.
    pub fn write_over(&self, board: BoardId, edits: &[Edit]) {
        self.edit_unasked(DocumentId::board(board), edits);
    }

    /// Asks the person when edits would write another value over ones that wait for a choice.
    pub(super) fn asks(&self, id: DocumentId, edits: &[Edit]) -> bool {
        let Some(What::Board(board)) = self.with(|state| state.what.get(&id).copied()) else { return false };
        let written: Vec<(Register, String)> = edits.iter().filter_map(Register::written_by).collect();
        // The board may only count some of them.
        let more = self.board_now(board, |now| now.more_clashes.fields > 0).unwrap_or_default();
        let standing = |register: &Register| match more {
            true => self.read(id, |document| document.conflict_of(register)).flatten(),
            false => self.board_now(board, |now| now.conflict_of(register).cloned()).flatten(),
        };
        let over: Vec<Conflict> = written
            .iter()
            .filter_map(|(register, value)| {
                let clash = standing(register)?;
                clash.said.iter().all(|said| said.value != *value).then_some(clash)
            })
            .collect();
        if over.is_empty() {
            return false;
        }
        let language = Words::load().lang_untracked();
        let told = |one: &&Conflict| one.register != Register::Board(BoardField::Settled);
        let found = |scene: &Scene<'_>| -> Vec<Clash> {
            over.iter().filter(told).map(|one| of_register(scene, one, language)).collect()
        };
        let found = self.look(board, found).unwrap_or_default();
        let is_over = |register: &Register| over.iter().any(|one| one.register == *register);
        let shown = written.iter().find(|(register, _)| is_over(register)).map(|(register, value)| {
            let words = |scene: &Scene<'_>| value_words(scene, register, value, language);
            self.look(board, words).unwrap_or_default()
        });
        let shown = shown.unwrap_or_default();
        self.view.asked.set(Some(Asked { board, edits: edits.to_vec(), clashes: found, shown }));
        true
    }

    /// The value in the last edition where values clash; none while nothing was published or what it said
    /// cannot be read here.
    pub fn published_value(&self, board: BoardId, clash: &Clash) -> Option<String> {
        let edition = self.look(board, |scene| last_edition(scene).cloned()).flatten()?;
        let language = Words::load().lang_untracked();
        match (&clash.register, clash.indicator) {
            (Some(register), _) => {
                let value = self
                    .read(DocumentId::board(board), |document| document.value_at(register, &edition.heads));
                let value = value.flatten()?;
                self.look(board, |scene| value_words(scene, register, &value, language))
            }
            (None, Some(indicator)) => self.board_and_entries(board, |now, entries| {
                let one = now.indicators.get(&indicator)?;
                let seen: Vec<&Entry> = entries
                    .of_indicator(indicator)
                    .into_iter()
                    .filter(|entry| edition.has_seen(entry))
                    .collect();
                let progress = fold::progress(&seen, one.reach);
                let total = progress.total(one.target.year, one.combine)?;
                Some(reported_words(total, &one.target.unit, progress.unsaid_year(&one.target, one.combine)))
            })?,
            (None, None) => None,
        }
    }
}
