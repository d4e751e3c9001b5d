//! The order of boards in every list: the newest document first, by its date of issue; of one day by
//! number, then by title. Boards without a document stand behind, by title.

use crate::id::BoardId;
use crate::model::Board;
use crate::text::folded_text;
use std::cmp::Reverse;

/// Sorts by this. Nothing in it changes while people work.
type Key = (bool, Reverse<String>, Vec<Piece>, Vec<Piece>, BoardId);

/// Numbers are compared as numbers: 〔2024〕9号 stands before 〔2024〕64号.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Number(u64),
    Words(String),
}

fn key(id: BoardId, board: &Board) -> Key {
    let source = &board.source;
    let undated = source.date.is_empty() && source.number.is_empty();
    (undated, Reverse(source.date.clone()), pieces(&source.number), pieces(&board.title), id)
}

fn pieces(words: &str) -> Vec<Piece> {
    let mut all = Vec::new();
    for letter in folded_text(words).chars() {
        match (letter.to_digit(10), all.last_mut()) {
            (Some(digit), Some(Piece::Number(number))) => {
                *number = number.saturating_mul(10).saturating_add(u64::from(digit));
            }
            (Some(digit), _) => all.push(Piece::Number(u64::from(digit))),
            (None, Some(Piece::Words(known))) => known.push(letter),
            (None, _) => all.push(Piece::Words(letter.to_string())),
        }
    }
    all
}

/// The name of a plan for a narrow place: the words in quotation marks of its title, where it has some.
#[must_use]
pub fn short_title(title: &str) -> &str {
    let quoted = title.split_once('“').and_then(|(_, rest)| rest.split_once('”')).map(|(name, _)| name);
    quoted.filter(|name| !name.trim().is_empty()).unwrap_or(title)
}

/// Boards in their order.
pub fn boards_in_order<'a>(boards: impl IntoIterator<Item = (BoardId, &'a Board)>) -> Vec<BoardId> {
    let mut all: Vec<Key> = boards.into_iter().map(|(id, board)| key(id, board)).collect();
    all.sort();
    all.into_iter().map(|key| key.4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Source;

    #[test]
    fn a_plan_is_called_by_the_words_in_quotation_marks() {
        assert_eq!(short_title("落实“教育协作”举措清单"), "教育协作");
        assert_eq!(short_title("教育清单"), "教育清单");
        assert_eq!(short_title("“”清单"), "“”清单");
    }

    #[test]
    fn boards_stand_in_an_order_that_can_be_said_aloud() {
        let board = |title: &str, number: &str, date: &str| Board {
            title: title.to_owned(),
            source: Source { number: number.to_owned(), date: date.to_owned(), ..Source::default() },
            ..Board::default()
        };
        let boards = [
            board("乙", "", ""),
            board("甲第10批", "呼政办发〔2024〕64号", "2024-03-01"),
            board("甲", "", ""),
            board("甲第9批", "呼政办发〔2024〕64号", "2024-03-01"),
            board("丁", "呼政办发〔2024〕9号", "2024-03-01"),
            board("丙", "呼政办发〔2025〕1号", "2025-01-09"),
        ];
        // Ids are of chance and do not matter.
        for shift in 0..6_u8 {
            let id = |at: usize| BoardId::from_bytes([(u8::try_from(at).expect("few") + shift) % 6; 16]);
            let order = boards_in_order(boards.iter().enumerate().map(|(at, board)| (id(at), board)));
            let titles: Vec<&str> = order
                .into_iter()
                .map(|wanted| boards[(0..6).find(|at| id(*at) == wanted).expect("a board")].title.as_str())
                .collect();
            assert_eq!(titles, ["丙", "丁", "甲第9批", "甲第10批", "乙", "甲"]);
        }
    }
}
