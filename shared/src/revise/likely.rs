//! The boards that a draft may be a newer edition of.

use super::pairing::{likeness, pairs_of_letters};
use crate::id::BoardId;
use crate::text::folded_text;

/// From this share of equal letters on, a board of another title is offered first.
const LIKELY: f64 = 0.5;

/// Boards in the order in which they are offered for a draft of a title, the most alike first, then
/// by their titles; and how many of them are likely.
#[must_use]
pub fn likely(
    title: &str,
    boards: impl IntoIterator<Item = (BoardId, String)>,
) -> (Vec<(BoardId, String)>, usize) {
    let own = pairs_of_letters(&folded_text(title));
    let scored = boards.into_iter().map(|(id, title)| {
        let score = likeness(&own, &pairs_of_letters(&folded_text(&title)));
        (score, id, title)
    });
    let mut scored: Vec<(f64, BoardId, String)> = scored.collect();
    scored.sort_by(|one, other| {
        other.0.total_cmp(&one.0).then_with(|| (&one.2, one.1).cmp(&(&other.2, other.1)))
    });
    let count = scored.iter().take_while(|(score, ..)| *score >= LIKELY).count();
    (scored.into_iter().map(|(_, id, title)| (id, title)).collect(), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_of_nearly_the_same_title_is_offered_first() {
        let id = |byte| BoardId::from_bytes([byte; 16]);
        let titles = ["医疗协作举措清单", "养老服务工作方案", "养老服务工作方案（2023年）", "安全生产"];
        let boards = (1..).map(id).zip(titles.map(str::to_owned));
        let (order, count) = likely("养老服务工作方案", boards);
        let order: Vec<&str> = order.iter().map(|(_, title)| title.as_str()).collect();
        assert_eq!(order[..2], ["养老服务工作方案", "养老服务工作方案（2023年）"]);
        assert_eq!((order.len(), count), (4, 2));
    }
}
