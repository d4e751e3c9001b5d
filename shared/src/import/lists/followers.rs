//! Endings that the places of a list take over from names behind them.

use super::{strip_open_end, strip_verb};
use crate::import::names;
use crate::import::pattern::looked;

/// The names of a list with an ending that the places before them share, in their groups.
pub struct Followers {
    /// For each name its first byte, and whether it or one behind it in its group has such an ending.
    names: Vec<(usize, bool)>,
}

impl Followers {
    pub fn of(content: &str) -> Self {
        looked(content);
        let mut names = Vec::new();
        let mut start = 0;
        for group in content.split(['，', '；']) {
            let first = names.len();
            let mut at = start;
            for name in group.split('、') {
                let has_tail = names::shared_tail(strip_open_end(strip_verb(name).0).0).is_some();
                names.push((at, has_tail));
                at += name.len() + '、'.len_utf8();
            }
            let mut behind = false;
            for (_, has_tail) in names[first..].iter_mut().rev() {
                behind |= *has_tail;
                *has_tail = behind;
            }
            start += group.len() + '，'.len_utf8();
        }
        Self { names }
    }

    /// Whether such a name stands behind a piece, in its group.
    pub fn behind(&self, content: &str, piece: &str) -> bool {
        let after = piece.as_ptr() as usize - content.as_ptr() as usize + piece.len();
        let mark = '、'.len_utf8();
        let next = self.names.binary_search_by_key(&(after + mark), |(at, _)| *at).ok();
        content[after..].starts_with('、') && next.is_some_and(|next| self.names[next].1)
    }
}
