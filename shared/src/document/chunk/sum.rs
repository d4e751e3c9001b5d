//! The checksum of a chunk: whether its bytes are those that somebody wrote.

use super::{CHANGE, COMPRESSED, HEAD, head};
use crate::limits::CHANGE_BYTES;
use sha2::{Digest, Sha256};
use std::io::Read;

/// Whether a chunk has the checksum that it names, whatever it says and however much. A deflated one that
/// inflates beyond every bound is taken at its word.
#[must_use]
pub fn is_as_written(chunk: &[u8]) -> bool {
    let Ok((kind, begin, length)) = head(chunk) else { return false };
    let mut sum = Sha256::new();
    if kind == COMPRESSED {
        let mut content = Vec::new();
        let inflater = flate2::bufread::DeflateDecoder::new(&chunk[begin..begin + length]);
        if inflater.take(CHANGE_BYTES as u64 + 1).read_to_end(&mut content).is_err() {
            return false;
        }
        if content.len() > CHANGE_BYTES {
            return true;
        }
        // It is that of the plain change.
        sum.update([CHANGE]);
        sum.update(in_leb128(content.len()));
        sum.update(&content);
    } else {
        sum.update(&chunk[HEAD - 1..begin + length]);
    }
    sum.finalize()[..4] == chunk[4..8]
}

/// A length as chunks write it.
fn in_leb128(mut length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        if length == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
