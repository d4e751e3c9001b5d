//! Who changed what and when, read from the changes of a document.

use super::{Kind, events};
use crate::event::Event;
use automerge::AutoCommit;

/// One change of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Seconds since 1970, by the clock of its device.
    pub time: i64,
    /// Person and unit as the change names them; empty for a program that does not say. Who has
    /// written under the actor is what proves it.
    pub by: String,
    pub actor: Vec<u8>,
    pub hash: [u8; 32],
    pub events: Vec<Event>,
}

/// The changes right behind the fixed first one that say `name` and no time.
pub fn begun_by(doc: &mut AutoCommit, name: &str) -> Vec<[u8; 32]> {
    let all = doc.get_changes_meta(&[]);
    let first = |meta: &automerge::ChangeMetadata<'_>| meta.deps.is_empty();
    let roots: Vec<_> = all.iter().filter(|meta| first(meta)).map(|meta| meta.hash).collect();
    let begun = |meta: &&automerge::ChangeMetadata<'_>| {
        let behind = !first(meta) && meta.deps.iter().all(|hash| roots.contains(hash));
        behind && meta.timestamp == 0 && meta.message.as_deref() == Some(name)
    };
    all.iter().filter(begun).map(|meta| meta.hash.0).collect()
}

/// The newest changes first, at most `most` of them.
pub fn changes(doc: &mut AutoCommit, kind: Kind, most: usize) -> Vec<Change> {
    let metas: Vec<_> = doc
        .get_changes_meta(&[])
        .into_iter()
        .map(|meta| {
            let by = meta.message.clone().map(|message| message.to_string());
            (meta.hash, meta.deps.clone(), meta.timestamp, by, meta.actor.to_bytes().to_vec())
        })
        .collect();
    let mut changes = Vec::new();
    for (hash, deps, time, by, actor) in metas.into_iter().rev().take(most) {
        if time == 0 && deps.is_empty() {
            continue;
        }
        let patches = doc.diff(&deps, &[hash]);
        changes.push(Change {
            time,
            by: by.unwrap_or_default(),
            actor,
            hash: hash.0,
            events: events::of(kind, &patches),
        });
    }
    changes
}
