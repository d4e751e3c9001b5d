//! Frames larger than one message may be, in parts; one large frame at a time.

use super::frame::{Frame, FrameError};
use crate::limits::{PART_BYTES, WHOLE_BYTES};

/// The messages that carry a frame's bytes.
#[must_use]
pub fn split(bytes: Vec<u8>, number: u32) -> Vec<Vec<u8>> {
    if bytes.len() <= PART_BYTES {
        return vec![bytes];
    }
    let count = u32::try_from(bytes.len().div_ceil(PART_BYTES)).unwrap_or(u32::MAX);
    let parts = (0..).zip(bytes.chunks(PART_BYTES));
    parts
        .map(|(index, data)| Frame::Fragment { frame: number, index, count, data: data.to_vec() }.encode())
        .collect()
}

/// Puts parts together again.
#[derive(Debug, Default)]
pub struct Assembler {
    frame: u32,
    next: u32,
    bytes: Vec<u8>,
}

impl Assembler {
    /// Takes a part; the last one gives the whole frame.
    ///
    /// # Errors
    /// [`FrameError`] when a part is missing or the whole is too large; the connection is to be
    /// closed then, for a lost part cannot be asked for.
    pub fn take(
        &mut self,
        frame: u32,
        index: u32,
        count: u32,
        data: &[u8],
    ) -> Result<Option<Frame>, FrameError> {
        if index == 0 {
            self.bytes.clear();
            (self.frame, self.next) = (frame, 0);
        }
        if frame != self.frame || index != self.next || index >= count {
            return Err(FrameError::Malformed("a part is missing".to_owned()));
        }
        if self.bytes.len() + data.len() > WHOLE_BYTES {
            return Err(FrameError::TooLarge(self.bytes.len() + data.len()));
        }
        self.bytes.extend_from_slice(data);
        self.next += 1;
        if self.next < count {
            return Ok(None);
        }
        let bytes = std::mem::take(&mut self.bytes);
        self.next = u32::MAX;
        Frame::decode_whole(&bytes).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::DocumentId;

    #[test]
    fn a_large_frame_comes_in_parts_and_a_lost_part_is_noticed() {
        let frame = Frame::Sync {
            document: DocumentId::from_bytes([1; 16]),
            sender: "a".into(),
            target: "b".into(),
            data: vec![7; 5_000_000],
        };
        let parts = split(frame.encode(), 3);
        assert_eq!(parts.len(), 20);
        let mut assembler = Assembler::default();
        let mut whole = None;
        for part in &parts {
            let Ok(Frame::Fragment { frame, index, count, data }) = Frame::decode(part) else {
                panic!("a part")
            };
            whole = assembler.take(frame, index, count, &data).expect("in order");
        }
        assert_eq!(whole, Some(frame));
        let Ok(Frame::Fragment { frame, index, count, data }) = Frame::decode(&parts[2]) else {
            panic!("a part")
        };
        assert!(Assembler::default().take(frame, index, count, &data).is_err());
    }
}
