//! Frames larger than one message may be, in parts; one large frame at a time.

use super::frame::{Frame, FrameError};
use crate::id::DocumentId;
use crate::limits::{PART_BYTES, SMALL_PART_BYTES, WHOLE_BYTES};

/// The most parts of a frame, of whatever size.
const PARTS: usize = WHOLE_BYTES / SMALL_PART_BYTES;

/// The messages that carry a frame's bytes, each made when it is its turn.
pub struct Parts<B> {
    bytes: B,
    number: u32,
    size: usize,
    next: u32,
    count: u32,
}

impl<B: AsRef<[u8]>> Parts<B> {
    /// Those of a frame, of so many bytes each; none of one that no reader puts together.
    #[must_use]
    pub fn of(bytes: B, number: u32, size: usize) -> Option<Self> {
        let whole = bytes.as_ref().len();
        let count = u32::try_from(whole.div_ceil(size)).ok().filter(|_| whole <= WHOLE_BYTES)?;
        Some(Self { bytes, number, size, next: 0, count })
    }

    /// How many are still to be made.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.count - self.next
    }
}

impl<B: AsRef<[u8]>> Iterator for Parts<B> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let data = self.bytes.as_ref().chunks(self.size).nth(self.next as usize)?.to_vec();
        let part = Frame::Fragment { frame: self.number, index: self.next, count: self.count, data };
        self.next += 1;
        Some(part.encode())
    }
}

/// The messages that carry a frame's bytes; none of a frame that no reader puts together.
#[must_use]
pub fn split(bytes: Vec<u8>, number: u32) -> Option<Vec<Vec<u8>>> {
    if bytes.len() <= PART_BYTES {
        Some(vec![bytes])
    } else {
        Parts::of(bytes, number, PART_BYTES).map(Iterator::collect)
    }
}

/// The outcome of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was the last one.
    Whole(Frame),
    /// So many parts of so many are here of a frame of this document.
    Part { document: Option<DocumentId>, done: u32, of: u32 },
    /// It belongs to a frame that was refused.
    Passed,
}

/// Puts parts together again.
#[derive(Debug, Default)]
pub struct Assembler {
    frame: u32,
    next: u32,
    bytes: Vec<u8>,
    document: Option<DocumentId>,
    /// The parts of this frame are passed over.
    refused: bool,
}

impl Assembler {
    /// Bytes of the frame that are here and wait for the others.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.bytes.capacity()
    }

    /// Takes a part; the last one gives the whole frame.
    ///
    /// # Errors
    /// [`FrameError::Of`] once for a frame of a document that is too large or cannot be read: its other
    /// parts are passed over. Any other error when a part is missing, or the frame is of no document: the
    /// connection is to be closed then, for a lost part cannot be asked for.
    pub fn take(&mut self, (frame, index, count): (u32, u32, u32), data: &[u8]) -> Result<Taken, FrameError> {
        if index == 0 {
            *self = Self { frame, document: Frame::document_in(data), ..Self::default() };
        }
        if frame != self.frame || index != self.next || index >= count {
            return Err(FrameError::Malformed("a part is missing".to_owned()));
        }
        self.next += 1;
        let last = self.next == count;
        if self.refused {
            return Ok(Taken::Passed);
        }
        // As many as are to come, as large as this one but for the last.
        let to_come = data.len().saturating_mul((count - index - 1) as usize);
        let size = (self.bytes.len() + data.len()).saturating_add(to_come.saturating_sub(data.len()));
        if count as usize > PARTS || size > WHOLE_BYTES || (index == 0 && to_come >= WHOLE_BYTES) {
            (self.refused, self.bytes) = (true, Vec::new());
            let size = size.max(to_come);
            return Err(FrameError::TooLarge(size).of(self.document));
        }
        self.bytes.extend_from_slice(data);
        if !last {
            return Ok(Taken::Part { document: self.document, done: self.next, of: count });
        }
        let bytes = std::mem::take(&mut self.bytes);
        // Nothing comes after the last part.
        self.next = u32::MAX;
        Frame::decode_whole(&bytes).map(Taken::Whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(bytes: usize) -> Frame {
        let document = DocumentId::from_bytes([1; 16]);
        Frame::Sync { document, sender: "a".into(), target: "b".into(), data: vec![7; bytes] }
    }

    fn take(assembler: &mut Assembler, part: &[u8]) -> Result<Taken, FrameError> {
        let Ok(Frame::Fragment { frame, index, count, data }) = Frame::decode(part) else { panic!("a part") };
        assembler.take((frame, index, count), &data)
    }

    /// The outcome of the last of these parts.
    fn take_all(assembler: &mut Assembler, parts: &[Vec<u8>]) -> Option<Result<Taken, FrameError>> {
        let mut taken = None;
        for part in parts {
            taken = Some(take(assembler, part));
        }
        taken
    }

    #[test]
    fn a_large_frame_comes_in_parts_and_a_lost_part_is_noticed() {
        let frame = frame(5_000_000);
        let parts = split(frame.encode(), 3).expect("not too large");
        assert_eq!(parts.len(), 20);
        let mut assembler = Assembler::default();
        for (done, part) in (1..).zip(&parts[..19]) {
            let taken = take(&mut assembler, part);
            assert_eq!(taken, Ok(Taken::Part { document: frame.document(), done, of: 20 }));
        }
        assert_eq!(take(&mut assembler, &parts[19]), Ok(Taken::Whole(frame)));
        assert!(take(&mut assembler, &parts[19]).is_err(), "the end came twice");
        assert!(take(&mut Assembler::default(), &parts[2]).is_err(), "no beginning");
    }

    #[test]
    fn the_largest_frame_fits_and_a_larger_one_is_named() {
        let around = frame(WHOLE_BYTES).encode().len() - WHOLE_BYTES;
        let largest = frame(WHOLE_BYTES - around);
        assert_eq!(largest.encode().len(), WHOLE_BYTES);
        let parts = split(largest.encode(), 1).expect("not too large");
        // As many as readers before small parts count.
        assert_eq!(parts.len(), 256);
        let mut assembler = Assembler::default();
        let taken = take_all(&mut assembler, &parts);
        assert!(taken == Some(Ok(Taken::Whole(largest))));

        assert_eq!(split(frame(WHOLE_BYTES).encode(), 2), None, "one byte too many, and it is not sent");
        // Another program may send it all the same, in parts of whatever size.
        let id = DocumentId::from_bytes([1; 16]);
        let begin = frame(WHOLE_BYTES).encode()[..PART_BYTES].to_vec();
        let refused = assembler.take((2, 0, 257), &begin);
        assert!(
            matches!(&refused, Err(FrameError::Of(of, why)) if *of == id && matches!(**why, FrameError::TooLarge(_))),
            "{refused:?}"
        );
        for index in 1..257 {
            assert_eq!(assembler.take((2, index, 257), &begin), Ok(Taken::Passed));
        }
        let small = frame(PART_BYTES);
        let parts = split(small.encode(), 3).expect("small");
        let taken = take_all(&mut assembler, &parts);
        assert!(taken == Some(Ok(Taken::Whole(small))), "the next frame is read");

        // One that is of no document cannot be passed over by name.
        let refused = Assembler::default().take((1, 0, 4097), &[0xa0]);
        assert!(matches!(refused, Err(FrameError::TooLarge(_))), "{refused:?}");
    }

    #[test]
    fn a_large_frame_comes_in_small_parts_where_those_are_taken() {
        let around = frame(WHOLE_BYTES).encode().len() - WHOLE_BYTES;
        for bytes in [PART_BYTES + 1, 5_000_000, WHOLE_BYTES - around] {
            let frame = frame(bytes);
            let parts = Parts::of(frame.encode(), 1, SMALL_PART_BYTES).expect("not too large");
            let parts: Vec<Vec<u8>> = parts.collect();
            assert!(parts.iter().all(|part| part.len() < SMALL_PART_BYTES + 256));
            let taken = take_all(&mut Assembler::default(), &parts);
            assert!(taken == Some(Ok(Taken::Whole(frame))), "{bytes}");
        }
    }

    #[test]
    fn a_frame_that_cannot_be_read_names_its_document() {
        let mut bytes = frame(PART_BYTES).encode();
        let end = bytes.len() - 10;
        bytes.truncate(end);
        let parts = split(bytes, 1).expect("small");
        let mut assembler = Assembler::default();
        let taken = take_all(&mut assembler, &parts);
        assert!(
            matches!(taken, Some(Err(FrameError::Of(of, _))) if Some(of) == frame(0).document()),
            "{taken:?}"
        );
    }
}
