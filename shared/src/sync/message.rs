//! Sync messages of others, looked at before automerge goes by them.

use crate::document::chunk;
use automerge::sync::Message;

/// A filter asks so many places for each change at most; automerge's own asks 7.
const MOST_PROBES: u64 = 32;

/// So many filters are in a message at most, for each is asked for each change; automerge sends one.
const MOST_FILTERS: usize = 4;

/// Whether what a message brings stays within its bounds, also when it is inflated.
pub(super) fn is_bounded(message: &Message) -> bool {
    let mut parts = message.changes.iter();
    parts.all(|bytes| chunk::chunks(bytes).is_some_and(|chunks| chunks.into_iter().all(chunk::is_bounded)))
}

/// Reads a sync message.
///
/// # Errors
/// In words for a log: when it is none, or holds a filter that would stop whoever asks it. (One
/// without room is divided by; one of four thousand million probes fills the memory.)
pub fn read(bytes: &[u8]) -> Result<Message, String> {
    let message = Message::decode(bytes).map_err(|error| error.to_string())?;
    let fits = message.have.len() <= MOST_FILTERS
        && message.have.iter().all(|have| is_sound(&have.bloom.to_bytes()));
    if fits { Ok(message) } else { Err("a filter that cannot be asked".to_owned()) }
}

/// Entries, bits for each and probes for each stand at the beginning of a filter, in LEB128.
fn is_sound(filter: &[u8]) -> bool {
    let mut rest = filter.iter();
    let mut number = || {
        let mut value = 0_u64;
        for place in 0..5 {
            let byte = rest.next()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    };
    match (number(), number(), number()) {
        // Nothing in it: nobody asks it.
        (None | Some(0), ..) => true,
        (Some(_), Some(bits), Some(probes)) => bits > 0 && (1..=MOST_PROBES).contains(&probes),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::sync::{ChunkList, Have, MessageVersion};

    fn message(filter: &[u8]) -> Vec<u8> {
        // Version, no heads, no need, one `have` without a last sync, its filter, no changes.
        let mut bytes = vec![0x42, 0, 0, 1, 0, u8::try_from(filter.len()).expect("small")];
        bytes.extend_from_slice(filter);
        bytes.push(0);
        bytes
    }

    #[test]
    fn filters_that_would_stop_the_reader_are_refused() {
        assert!(read(&message(&[])).is_ok());
        assert!(read(&message(&[1, 10, 7, 0, 0])).is_ok());
        // Divided by nothing; four thousand million probes; none.
        for filter in [&[1, 0, 7][..], &[1, 10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0], &[1, 10, 0, 0, 0]] {
            let bytes = message(filter);
            assert!(Message::decode(&bytes).is_ok(), "automerge itself takes it");
            assert!(read(&bytes).is_err(), "{filter:?}");
        }
    }

    #[test]
    fn what_automerge_writes_is_read() {
        let whole = Message {
            heads: Vec::new(),
            need: Vec::new(),
            have: vec![Have::default()],
            changes: ChunkList::empty(),
            flags: None,
            version: MessageVersion::V1,
        };
        assert!(read(&whole.encode()).is_ok());
    }
}
