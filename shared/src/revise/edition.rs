//! The edition that a board and its document have in common.
//!
//! When a board was imported, it is the import itself: one change whose bytes are the same on
//! every device. After a newer edition was compared it is that one, as a register of the board says:
//! the heads of that moment, and a change on top of them that was never made part of the board. It
//! makes the board say all that the newer document says, whatever of it was taken over.

use super::Revision;
use crate::adopt::IMPORTED;
use crate::document::{Document, DocumentError, Stamp, hex, unhex};
use crate::edit::{BoardField, Edit};
use crate::id::fingerprint;
use crate::model::Board;
use serde::{Deserialize, Serialize};

/// The place of the common edition, as the register says it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Edition {
    /// Heads of the board when the newer edition was compared, hexadecimal.
    at: Vec<String>,
    /// The change that makes the newer edition of it, hexadecimal; empty where nothing differed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    change: String,
    /// Measures and indicators of the board that the newer edition does not have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    absent: Vec<String>,
}

/// The writer of a change that is part of no document.
const APART: &[u8] = b"edition";

impl Edition {
    /// The board as the edition has it that it and its document have in common; none where it was
    /// not made of one. Takes as long as reading the whole document twice.
    #[must_use]
    pub fn common(document: &mut Document) -> Option<Board> {
        let word = document.board_field(BoardField::Edition);
        if let Ok(edition) = serde_json::from_str::<Self>(&word)
            && let Ok(board) = edition.board(document)
        {
            return Some(board);
        }
        let begun = document.begun_by(IMPORTED);
        if begun.is_empty() {
            return None;
        }
        Some(document.apart_at(&begun, APART).ok()?.board())
    }

    fn board(&self, document: &mut Document) -> Result<Board, DocumentError> {
        let damaged = || DocumentError::Corrupt(BoardField::Edition.key().to_owned());
        let hash = |head: &String| unhex(head)?.try_into().ok();
        let heads: Vec<[u8; 32]> = self.at.iter().map(hash).collect::<Option<_>>().ok_or_else(damaged)?;
        let mut apart = document.apart_at(&heads, APART)?;
        if !self.change.is_empty() {
            apart.take_change(&unhex(&self.change).ok_or_else(damaged)?)?;
        }
        let mut board = apart.board();
        board.items.retain(|id, _| !self.absent.contains(&id.to_string()));
        board.indicators.retain(|id, _| !self.absent.contains(&id.to_string()));
        Ok(board)
    }

    /// The edit that records the newer edition as the common one; it belongs into the change that
    /// takes the revision over. None where it is too much for a register: the next edition is then
    /// compared with the one before.
    ///
    /// # Errors
    /// [`DocumentError`] when the revision is not of this document.
    pub fn record(document: &mut Document, revision: &Revision) -> Result<Option<Edit>, DocumentError> {
        let heads = document.heads();
        let at: Vec<String> = heads.iter().map(|head| hex(head)).collect();
        // The name holds this moment and these words: no two changes share one.
        let words = format!("{:?}", revision.edition);
        let mut apart = document.apart_at(&heads, &fingerprint(&["edition", &at.concat(), &words]))?;
        let (_, chunk) = apart.edit_all(&revision.edition, &Stamp::default())?;
        let (items, indicators) = &revision.absent;
        let absent = items.iter().map(ToString::to_string).chain(indicators.iter().map(ToString::to_string));
        let edition = Self {
            at,
            change: chunk.map(|chunk| hex(&chunk.bytes)).unwrap_or_default(),
            absent: absent.collect(),
        };
        let value = serde_json::to_string(&edition).unwrap_or_default();
        let fits = value.chars().count() <= crate::limits::TEXT_CHARS;
        Ok(fits.then_some(Edit::SetBoardField { field: BoardField::Edition, value }))
    }
}
