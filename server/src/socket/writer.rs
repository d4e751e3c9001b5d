//! The writing half of a socket: large frames in parts, and what need not wait for them in between.

use super::Sink;
use crate::limits;
use crate::rooms::{Outlet, refusal_words};
use axum::body::Bytes;
use futures::SinkExt;
use std::collections::VecDeque;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tongban_shared::id::DocumentId;
use tongban_shared::sync::fragment::Parts;
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::{Dialect, RefusalCode};

/// Writes what waits for a connection until it ends.
pub(super) async fn write(mut sink: Sink, (inbox, part): (mpsc::Receiver<Bytes>, usize), outlet: Outlet) {
    let mut ping = tokio::time::interval(limits::PING);
    let cancel = outlet.cancel.clone();
    let mut waiting = Waiting::new((inbox, part), outlet.dialect, outlet.name.clone());
    loop {
        let (message, taken) = tokio::select! {
            () = cancel.cancelled() => break,
            // Also between two parts: whoever only receives for a while is heard by the answer.
            _ = ping.tick() => (Message::Ping(Vec::new().into()), 0),
            next = waiting.next() => {
                let Some((bytes, taken)) = next else { break };
                (Message::Binary(bytes), taken)
            }
        };
        // A reader that takes next to nothing is ended by its stream ([`crate::slow`]): a part takes as long as
        // it takes, on a line that moves.
        let sent = tokio::select! {
            () = cancel.cancelled() => break,
            sent = sink.send(message) => sent,
        };
        if let Err(error) = sent {
            match super::unfit::blamed(&error) {
                Some(why) => outlet.close(why),
                None => cancel.cancel(),
            }
        }
        outlet.weight.take_off(taken);
    }
    // Clients come back by themselves.
    let close = CloseFrame { code: CloseCode::Restart, reason: "closing".into() };
    let _ = timeout(limits::PING, sink.send(Message::Close(Some(close)))).await;
    cancel.cancel();
}

/// The messages that are still to be written.
pub(super) struct Waiting {
    inbox: mpsc::Receiver<Bytes>,
    /// Bytes of a part of a large one.
    part: usize,
    dialect: Dialect,
    /// The label of the peer.
    name: String,
    /// The large frame that is on its way, of this document and of so many bytes: each part is made when it is
    /// its turn.
    parts: Option<Parts<Bytes>>,
    /// The words in place of one that is too large.
    instead: VecDeque<Vec<u8>>,
    document: Option<DocumentId>,
    bytes: usize,
    /// Large frames so far.
    number: u32,
    /// The first message that may not overtake it.
    held: Option<Bytes>,
    /// A part was the last that went out: something small may go before the next.
    between: bool,
}

impl Waiting {
    /// The messages of an outbox, in parts of so many bytes, for a peer of this dialect and name.
    pub(super) fn new((inbox, part): (mpsc::Receiver<Bytes>, usize), dialect: Dialect, name: String) -> Self {
        Self {
            inbox,
            part,
            dialect,
            name,
            parts: None,
            instead: VecDeque::new(),
            document: None,
            bytes: 0,
            number: 0,
            held: None,
            between: false,
        }
    }

    /// The next message, and the bytes that wait no more once it is written; none when nothing comes any
    /// more.
    pub(super) async fn next(&mut self) -> Option<(Bytes, usize)> {
        if let Some(small) = self.overtaking() {
            let taken = small.len();
            return Some((small, taken));
        }
        if !self.instead.is_empty() {
            return self.next_instead();
        }
        if self.parts.is_none() {
            let bytes = match self.held.take() {
                Some(held) => held,
                None => self.inbox.recv().await?,
            };
            if self.dialect != Dialect::Tongban || bytes.len() <= self.part {
                let taken = bytes.len();
                return Some((bytes, taken));
            }
            self.number = self.number.wrapping_add(1);
            (self.document, self.bytes) = (Frame::document_in(&bytes), bytes.len());
            self.parts = Parts::of(bytes, self.number, self.part);
            if self.parts.is_none() {
                self.instead = self.left_out().into();
                return self.next_instead();
            }
        }
        let parts = self.parts.as_mut()?;
        let part = Bytes::from(parts.next()?);
        let last = parts.left() == 0;
        if last {
            self.parts = None;
        }
        self.between = !last;
        Some((part, if last { std::mem::take(&mut self.bytes) } else { 0 }))
    }

    /// A small message of another document than the one that is on its way.
    fn overtaking(&mut self) -> Option<Bytes> {
        if !self.between || self.held.is_some() {
            return None;
        }
        let Some(next) = self.inbox.try_recv().ok() else {
            self.between = false;
            return None;
        };
        let other = Frame::document_in(&next).is_some_and(|document| Some(document) != self.document);
        if other && next.len() <= self.part {
            return Some(next);
        }
        self.held = Some(next);
        None
    }

    fn next_instead(&mut self) -> Option<(Bytes, usize)> {
        let word = self.instead.pop_front()?;
        let last = self.instead.is_empty();
        Some((word.into(), if last { std::mem::take(&mut self.bytes) } else { 0 }))
    }

    /// The words in place of a frame that no reader puts together: its document is too large, and the others
    /// go on.
    fn left_out(&self) -> Vec<Vec<u8>> {
        let (sender, target) = (String::new(), self.name.clone());
        let Some(document) = self.document else {
            let message = "a frame is too large".to_owned();
            return vec![Frame::Error { sender, target, message }.encode()];
        };
        tracing::error!(document.id = %document, "A document is larger than a frame may be: it is not sent");
        let code = RefusalCode::TooLarge;
        let refused = Frame::refused(document, code, Vec::new(), refusal_words(code).to_owned());
        vec![refused.encode(), Frame::Unavailable { document, sender, target }.encode()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_shared::limits::{PART_BYTES, SMALL_PART_BYTES, WHOLE_BYTES};
    use tongban_shared::sync::fragment::{Assembler, Taken};

    fn frame(document: u8, bytes: usize) -> Frame {
        let document = DocumentId::from_bytes([document; 16]);
        Frame::Sync { document, sender: String::new(), target: String::new(), data: vec![7; bytes] }
    }

    async fn written(frames: Vec<Frame>, part: usize) -> Vec<Frame> {
        let (outbox, inbox) = mpsc::channel(64);
        let mut waited = 0;
        for frame in frames {
            let bytes = Bytes::from(frame.encode());
            waited += bytes.len();
            outbox.send(bytes).await.expect("room");
        }
        drop(outbox);
        let mut waiting = Waiting::new((inbox, part), Dialect::Tongban, String::new());
        let (mut assembler, mut found) = (Assembler::default(), Vec::new());
        while let Some((bytes, taken)) = waiting.next().await {
            assert!(bytes.len() < part + 256, "on a slow line each is heard of");
            waited -= taken;
            match Frame::decode(&bytes).expect("a frame") {
                Frame::Fragment { frame, index, count, data } => {
                    if let Taken::Whole(frame) = assembler.take((frame, index, count), &data).expect("a part")
                    {
                        found.push(frame);
                    }
                }
                frame => found.push(frame),
            }
        }
        assert_eq!(waited, 0, "what was written weighs nothing any more");
        found
    }

    #[tokio::test]
    async fn small_frames_of_other_documents_overtake_a_large_one() {
        for part in [PART_BYTES, SMALL_PART_BYTES] {
            let all = vec![
                frame(1, 5 * part),
                frame(2, 10),
                frame(3, 10),
                // The same document, and whatever comes after it, keep their turn.
                frame(1, 20),
                frame(2, 30),
                frame(2, 2 * part),
                Frame::Alive,
            ];
            let order = [1, 2, 0, 3, 4, 5, 6].map(|index: usize| all[index].clone());
            assert_eq!(written(all, part).await, order);
        }
    }

    #[tokio::test]
    async fn a_document_that_is_too_large_is_left_out_by_name() {
        let found = written(vec![frame(1, WHOLE_BYTES), frame(2, 10)], PART_BYTES).await;
        let id = frame(1, 0).document();
        let count = |wanted: &dyn Fn(&Frame) -> bool| found.iter().filter(|frame| wanted(frame)).count();
        assert_eq!(found.len(), 3);
        assert_eq!(count(&|frame| matches!(frame, Frame::Refused { code: RefusalCode::TooLarge, .. })), 1);
        assert_eq!(count(&|frame| matches!(frame, Frame::Unavailable { .. })), 1);
        assert_eq!(count(&|frame| frame.document() == id), 2);
        assert_eq!(count(&|other| *other == frame(2, 10)), 1, "the others go on");
    }
}
