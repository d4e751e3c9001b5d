//! The memory that the next edition of a board takes while it is made, by the words of the board.

use std::fmt::{self, Write};
use tongban_shared::model::Board;

/// So many times the words stand in memory at once: as edition, as what is signed, as differences, as page, and
/// as the answer that holds the page.
const TIMES: u64 = 6;

/// Bytes of memory that the next edition of a board takes about, with its page.
pub(super) fn weight(board: &Board) -> u64 {
    let mut counted = Counted(0);
    // Nothing of it is kept, so nothing can fail.
    let _ = write!(counted, "{board:?}");
    counted.0.saturating_mul(TIMES)
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
