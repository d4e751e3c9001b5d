//! The memory in which editions and pages of them are made: it is of that of everything heavy, by the words of
//! the board or the bytes of the editions.

use super::{Gathered, MOST, Publications, PublishError};
use crate::limits;
use crate::rooms::Rooms;
use crate::shares::RanOut;
use crate::store::StoreError;
use sqlx::Row;
use std::fmt::{self, Write};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tongban_shared::document::DocumentError;
use tongban_shared::id::BoardId;
use tongban_shared::model::Board;
use tongban_shared::publication::repeated;
use tongban_shared::template;
use tongban_shared::trust::Budget;

/// Memory that somebody has for making an edition or a page.
pub struct Room {
    _turn: Option<OwnedSemaphorePermit>,
    _memory: Option<OwnedSemaphorePermit>,
}

impl Publications {
    /// Waits for memory for the next edition of a board and its page, of that of everything heavy. One that is not
    /// small has it alone, whoever asks: words that are judged, and documents that are read, wait behind no line of
    /// them.
    ///
    /// # Errors
    /// [`PublishError::NoRoom`] when there is none in time; [`PublishError`] when the database fails.
    pub async fn room(&self, rooms: &Rooms, gathered: &Gathered) -> Result<Room, PublishError> {
        let (board, content) = (gathered.board, Arc::clone(&gathered.content));
        let sources: Vec<_> = gathered.sources.values().map(|(source, _)| Arc::clone(source)).collect();
        let weighed = tokio::task::spawn_blocking(move || {
            let fed = sources.iter().map(|source| words_of(source).saturating_mul(FOLDED));
            fed.fold(weight(&content), u64::saturating_add)
        });
        let weighed = weighed.await;
        let weighed = weighed.map_err(|error| DocumentError::Corrupt(error.to_string()))?;
        let longest = "select cast(coalesce(max(octet_length(content)), 0) as bigint) as bytes
            from publication where board = $1";
        let row = sqlx::query(longest).bind(board.bytes().to_vec()).fetch_one(self.store.reader()).await;
        let before: i64 = row.map_err(StoreError::from)?.get("bytes");
        // As it is stored, as it is read, and as what is taken out of that.
        self.room_of(rooms, weighed.saturating_add(before.unsigned_abs().saturating_mul(4))).await
    }

    /// The same for looking through a board for an answer that has a bound of its own.
    ///
    /// # Errors
    /// As [`Publications::room`].
    pub async fn room_to_fold(&self, rooms: &Rooms, board: &Arc<Board>) -> Result<Room, PublishError> {
        let content = Arc::clone(board);
        let weighed = tokio::task::spawn_blocking(move || words_of(&content)).await;
        let weighed = weighed.map_err(|error| DocumentError::Corrupt(error.to_string()))?;
        self.room_of(rooms, weighed.saturating_mul(FOLDED)).await
    }

    /// The same for a page that is made of editions.
    ///
    /// # Errors
    /// As [`Publications::room`].
    pub async fn room_for(&self, rooms: &Rooms, made_of: &[(BoardId, u32)]) -> Result<Room, PublishError> {
        let bytes: u64 = self.bytes_of(made_of).await?.into_iter().sum();
        self.room_of(rooms, bytes.saturating_mul(TIMES)).await
    }

    /// The same where one of them is let go before the next is read.
    ///
    /// # Errors
    /// As [`Publications::room`].
    pub async fn room_for_each(&self, rooms: &Rooms, read: &[(BoardId, u32)]) -> Result<Room, PublishError> {
        let largest = self.bytes_of(read).await?.into_iter().max().unwrap_or_default();
        self.room_of(rooms, largest.saturating_mul(TIMES)).await
    }

    async fn bytes_of(&self, editions: &[(BoardId, u32)]) -> Result<Vec<u64>, StoreError> {
        let mut bytes = Vec::new();
        for (board, edition) in editions {
            let asked = "select cast(coalesce(max(octet_length(content)), 0) as bigint) as bytes
                from publication where board = $1 and edition = $2";
            let row = sqlx::query(asked).bind(board.bytes().to_vec()).bind(i64::from(*edition));
            let row = row.fetch_one(self.store.reader()).await?;
            bytes.push(row.get::<i64, _>("bytes").unsigned_abs());
        }
        Ok(bytes)
    }

    async fn room_of(&self, rooms: &Rooms, bytes: u64) -> Result<Room, PublishError> {
        let waits = async {
            let alone = bytes > limits::SMALL_OF_HEAVY;
            let _turn = if alone { Arc::clone(&self.heavy).acquire_owned().await.ok() } else { None };
            Room { _turn, _memory: rooms.memory_of(bytes).await }
        };
        tokio::time::timeout(limits::READING_WAIT, waits).await.map_err(|_| {
            PublishError::NoRoom(RanOut {
                what: Budget::Readings,
                most: u64::from(limits::HEAVY_MEMORY) << 20,
                again_after: limits::SHARE_AGAIN,
                of_all: true,
            })
        })
    }
}

/// So many times the words stand in memory at once: as edition, as what is signed, as differences, as page, and
/// as the answer that holds the page.
const TIMES: u64 = 6;

/// The same where a board is looked through: as its states, and what of it is being said.
const FOLDED: u64 = 2;

fn words_of(board: &Board) -> u64 {
    let mut counted = Counted(0);
    // Nothing of it is kept, so nothing can fail.
    let _ = write!(counted, "{board:?}");
    counted.0
}

/// Bytes of memory that the next edition of a board takes about, with its page. It says names of the template
/// again with each item, until it is too large.
fn weight(board: &Board) -> u64 {
    let again = template::of(board).map_or(0, |template| repeated(board, &template).min(MOST));
    words_of(board).saturating_add(again as u64).saturating_mul(TIMES)
}

struct Counted(u64);

impl Write for Counted {
    fn write_str(&mut self, words: &str) -> fmt::Result {
        // A page names these signs by five others.
        let named = words.bytes().filter(|sign| matches!(sign, b'<' | b'>' | b'&' | b'"' | b'\''));
        self.0 += (words.len() + 4 * named.count()) as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{TIMES, weight};
    use tongban_shared::model::Board;

    #[test]
    fn a_board_weighs_what_its_words_take_on_a_page() {
        let of = |title: &str| weight(&Board { title: title.to_owned(), ..Board::default() });
        let (none, plain, signs) = (of(""), of(&"字".repeat(1000)), of(&"<".repeat(1000)));
        assert_eq!((plain - none, signs - none), (3000 * TIMES, 5000 * TIMES));
        assert!(none < 100_000, "{none}");
    }
}
