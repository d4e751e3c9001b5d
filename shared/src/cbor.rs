//! CBOR of others, looked at before a library reads it.
//!
//! The library passes over what it does not know with a stack that grows by sixteen bytes for each byte that
//! opens something. Nothing of ours lies deep, so that what does is refused.

use minicbor::decode::Error;
use minicbor::{Decode, Decoder};

/// So deep may arrays and maps lie within each other: a frame has two levels, an entry seven.
const DEPTH: usize = 16;

/// The most items that are passed over at once, or stand in one thing that is read: a statement that names
/// [`crate::limits::ENDING_ENTRIES`] entries has a few for each.
const ITEMS: usize = 1_000_000;

/// Reads one thing, whose bytes end with it or go on.
///
/// # Errors
/// [`Error`] when the bytes are malformed, lie too deep, have too many items or are something else.
pub fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8]) -> Result<T, Error> {
    length(bytes)?;
    minicbor::decode(bytes)
}

/// Passes over the next item, whatever it is.
///
/// # Errors
/// [`Error`] when it is malformed, lies too deep, has too many items or does not end.
pub fn skip(from: &mut Decoder<'_>) -> Result<(), Error> {
    let at = from.position();
    let rest = from.input().get(at..).unwrap_or_default();
    from.set_position(at + length(rest)?);
    Ok(())
}

/// Bytes of the item with which these begin.
fn length(bytes: &[u8]) -> Result<usize, Error> {
    let mut walk = Walk { bytes, at: 0, open: Vec::with_capacity(DEPTH) };
    for _ in 0..ITEMS {
        if walk.item()? {
            return Ok(walk.at);
        }
    }
    Err(Error::message("too many items"))
}

/// The first byte of an item, and the number that belongs to it; none for what has no length of its own.
struct Head {
    kind: u8,
    number: Option<u64>,
}

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Arrays and maps around the item: how many items are left in each, none where a break ends it.
    open: Vec<Option<u64>>,
}

impl Walk<'_> {
    /// Passes one head and the bytes that belong to it; true when everything has ended with it.
    fn item(&mut self) -> Result<bool, Error> {
        let Head { kind, number } = self.head()?;
        match (kind, number) {
            (0 | 1, Some(_)) | (7, Some(_)) => {}
            (2 | 3, Some(length)) => self.pass(length)?,
            (2 | 3, None) => self.chunks(kind)?,
            (4, items) => return self.enter(items),
            (5, pairs) => return self.enter(pairs.map(|pairs| pairs.saturating_mul(2))),
            // A tag belongs to the item behind it.
            (6, Some(_)) => return Ok(false),
            (7, None) if self.open.last() == Some(&None) => {
                self.open.pop();
            }
            _ => return Err(Error::message("malformed")),
        }
        Ok(self.ended())
    }

    fn enter(&mut self, items: Option<u64>) -> Result<bool, Error> {
        if items == Some(0) {
            return Ok(self.ended());
        }
        if self.open.len() == DEPTH {
            return Err(Error::message("too deep"));
        }
        self.open.push(items);
        Ok(false)
    }

    /// One item has ended, and with it those around it of which it was the last.
    fn ended(&mut self) -> bool {
        while let Some(left) = self.open.last_mut() {
            match left {
                None => return false,
                Some(1) => {
                    self.open.pop();
                }
                Some(left) => {
                    *left -= 1;
                    return false;
                }
            }
        }
        true
    }

    /// Strings in parts, until a break.
    fn chunks(&mut self, kind: u8) -> Result<(), Error> {
        loop {
            match self.head()? {
                Head { kind: 7, number: None } => return Ok(()),
                Head { kind: same, number: Some(length) } if same == kind => self.pass(length)?,
                _ => return Err(Error::message("malformed")),
            }
        }
    }

    fn head(&mut self) -> Result<Head, Error> {
        let first = self.take(1)?[0];
        let number = match first & 31 {
            small @ 0..24 => Some(u64::from(small)),
            size @ 24..28 => {
                let bytes = self.take(1 << (size - 24))?;
                Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
            }
            31 => None,
            _ => return Err(Error::message("malformed")),
        };
        Ok(Head { kind: first >> 5, number })
    }

    fn take(&mut self, count: usize) -> Result<&[u8], Error> {
        let taken = self.bytes.get(self.at..).and_then(|rest| rest.get(..count));
        self.at += count;
        taken.ok_or_else(Error::end_of_input)
    }

    fn pass(&mut self, count: u64) -> Result<(), Error> {
        let count = usize::try_from(count).map_err(|_| Error::end_of_input())?;
        self.take(count.min(self.bytes.len() + 1)).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minicbor::Encoder;
    use proptest::prelude::*;

    /// Any item, in any of its forms.
    fn item() -> impl Strategy<Value = Vec<u8>> {
        let head = |kind: u8, number: u64| {
            let mut out = Encoder::new(Vec::new());
            match kind {
                2 => out.bytes(&vec![0; number as usize]),
                3 => out.str(&"a".repeat(number as usize)),
                _ => out.u64(number << 20),
            }
            .expect("a vector takes everything");
            out.into_writer()
        };
        let simple = prop_oneof![
            (0..4_u8, 0..300_u64).prop_map(move |(kind, number)| head(kind, number)),
            Just(vec![0xf6]),
            Just(vec![0xfb, 1, 2, 3, 4, 5, 6, 7, 8]),
            Just(vec![0x5f, 0x41, 7, 0x42, 7, 7, 0xff]),
        ];
        simple.prop_recursive(5, 60, 6, |inner| {
            let inside = prop::collection::vec(inner.clone(), 0..6);
            (inside, 0..5_u8).prop_map(|(inside, form)| {
                let (count, all) = (inside.len() as u8, inside.concat());
                match form {
                    0 => [vec![0x80 | count], all].concat(),
                    1 => [vec![0x9f], all, vec![0xff]].concat(),
                    2 if count.is_multiple_of(2) => [vec![0xa0 | (count / 2)], all].concat(),
                    3 if count.is_multiple_of(2) => [vec![0xbf], all, vec![0xff]].concat(),
                    _ => [vec![0xc1, 0x81, 0x80], Vec::new()].concat(),
                }
            })
        })
    }

    proptest! {
        #[test]
        fn it_passes_over_as_much_as_the_library(item in item(), behind in 0..3_usize) {
            let all = [item.clone(), vec![0x01; behind]].concat();
            let (mut ours, mut theirs) = (Decoder::new(&all), Decoder::new(&all));
            theirs.skip().expect("well formed");
            skip(&mut ours).expect("well formed");
            prop_assert_eq!((ours.position(), theirs.position()), (item.len(), item.len()));
        }

        #[test]
        fn it_ends_at_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut from = Decoder::new(&bytes);
            if skip(&mut from).is_ok() {
                prop_assert!(from.position() <= bytes.len());
            }
        }
    }

    #[test]
    fn nothing_deep_is_passed_over() {
        let deep = |levels: usize| [vec![0x83], vec![0x9f; levels - 1]].concat();
        let words = |bytes: &[u8]| skip(&mut Decoder::new(bytes)).expect_err("refused").to_string();
        assert!(words(&deep(DEPTH)).contains("end of input"));
        assert!(words(&deep(DEPTH + 1)).contains("too deep"));
        assert!(words(&[&[0x9f][..], &vec![0x01; ITEMS]].concat()).contains("too many items"));
        assert!(words(&[0x5b, 255, 255, 255, 255, 255, 255, 255, 255]).contains("end of input"));
    }
}
