//! The mark of a removal says how much of each writer had been seen; a hostile one may name a million of them.

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// So many writers of one unit's row are kept with the mark of its removal: they are its devices.
pub const SEEN: usize = 4096;

pub fn first<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, u32>, D::Error> {
    struct Writers;
    impl<'de> Visitor<'de> for Writers {
        type Value = BTreeMap<String, u32>;

        fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str("counts by writer")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
            let mut seen = BTreeMap::new();
            while seen.len() < SEEN {
                let Some((writer, count)) = all.next_entry()? else { return Ok(seen) };
                seen.insert(writer, count);
            }
            while all.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(seen)
        }
    }
    from.deserialize_map(Writers)
}
