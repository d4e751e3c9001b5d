//! 关联事项: what an item has to do with items of this and other boards, both ways (S09, S55).

use crate::id::{BoardId, ItemId, LinkId};
use crate::model::{Link, LinkKind};
use std::collections::BTreeMap;

/// A link as it is seen from one of its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkEnd {
    pub id: LinkId,
    /// None when a newer version made it.
    pub kind: Option<LinkKind>,
    /// The other end.
    pub board: BoardId,
    pub item: ItemId,
    /// The other end points here.
    pub from_there: bool,
}

/// The other ends of an item's links, of the links that each board holds.
pub fn link_ends<'a>(
    boards: impl IntoIterator<Item = (BoardId, &'a BTreeMap<LinkId, Link>)>,
    here: BoardId,
    item: ItemId,
) -> Vec<LinkEnd> {
    let mut ends = Vec::new();
    for (id, links) in boards {
        for (link, one) in links {
            let kind = LinkKind::from_id(&one.kind);
            if id == here && one.from == item {
                ends.push(LinkEnd { id: *link, kind, board: one.to_board, item: one.to, from_there: false });
            } else if one.to_board == here && one.to == item {
                ends.push(LinkEnd { id: *link, kind, board: id, item: one.from, from_there: true });
            }
        }
    }
    ends
}
