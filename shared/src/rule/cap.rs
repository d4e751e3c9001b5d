//! `cap`: at most so many children per group. Nobody is dropped: who is over is shown, last come
//! first.

use super::{Because, Scene, Verdict};
use crate::id::ItemId;
use crate::template::Name;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A cap on the children of an item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    pub id: String,
    pub name: Name,
    pub on: String,
    /// The type of the children.
    pub over: String,
    /// The field that groups them.
    pub group: String,
    /// `[group, most]`
    pub most: Vec<(String, usize)>,
}

impl Cap {
    pub(super) fn look(&self, scene: &Scene<'_>, item: ItemId) -> (Verdict, Because) {
        let mut groups: BTreeMap<&str, Vec<ItemId>> = BTreeMap::new();
        for child in scene.children(item) {
            if scene.item_type(*child).is_some_and(|kind| kind.id == self.over) {
                groups.entry(scene.words(*child, &self.group)).or_default().push(*child);
            }
        }
        let mut because = Because::default();
        let mut fits = true;
        for (group, most) in &self.most {
            let members = groups.get(group.as_str()).map_or(&[][..], Vec::as_slice);
            let field = scene.template.item_type(&self.over).and_then(|kind| kind.field(&self.group));
            let mut choices = field.into_iter().flat_map(|field| &field.choices);
            let name = choices.find(|[id, ..]| id == group).map_or(group, |[_, name, ..]| name);
            because.values.push((name.clone(), format!("{}/{most}", members.len())));
            if members.len() > *most {
                fits = false;
                // Ids are in the order of making: those beyond the cap came last.
                because.items.extend(members[*most..].iter().rev());
            }
        }
        (Verdict::Holds(fits), because)
    }
}
