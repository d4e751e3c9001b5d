//! The words of a connection: they are held from their first byte on, wherever they lie, until their turn is over.

use crate::limits;
use crate::shares::{Lease, RanOut};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;
use tongban_shared::limits::MESSAGE_BYTES;
use tongban_shared::sync::frame::FrameError;

/// The bytes of one connection that its account holds: of frames that are being read, of parts, of words that
/// wait for their turn.
pub struct Intake {
    held: Mutex<(u64, Lease)>,
    /// The largest message that is read.
    largest: AtomicU64,
    /// Bytes of words that may still wait in documents.
    ahead: Arc<Semaphore>,
}

impl Intake {
    /// Nothing yet, of messages that are no larger than a part.
    #[must_use]
    pub fn new(lease: Lease) -> Arc<Self> {
        let ahead = Arc::new(Semaphore::new(limits::READ_AHEAD));
        Arc::new(Self { held: Mutex::new((0, lease)), largest: (MESSAGE_BYTES as u64).into(), ahead })
    }

    /// Lets messages be so large.
    pub fn allow(&self, largest: usize) {
        self.largest.store(largest as u64, Ordering::Relaxed);
    }

    /// A portion of nothing yet.
    pub fn nothing(self: &Arc<Self>) -> Portion {
        self.read(0)
    }

    /// So many bytes of a message that were held while it was read.
    pub fn read(self: &Arc<Self>, bytes: usize) -> Portion {
        Portion { of: Arc::clone(self), bytes: bytes as u64, ahead: None }
    }

    fn held(&self) -> MutexGuard<'_, (u64, Lease)> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds more. A little is read also beyond the share: of whoever sends no more than a person types.
    fn add(&self, more: u64) -> Result<(), RanOut> {
        let mut held = self.held();
        let (bytes, lease) = &mut *held;
        match lease.set(*bytes + more) {
            Err(ran_out) if *bytes + more > limits::OUTBOX_BEHIND as u64 => return Err(ran_out),
            _ => *bytes += more,
        }
        drop(held);
        Ok(())
    }

    fn give_back(&self, less: u64) {
        let mut held = self.held();
        let (bytes, lease) = &mut *held;
        *bytes = bytes.saturating_sub(less);
        lease.shrink_to(*bytes);
    }
}

/// A portion of that, given back when it is dropped.
pub struct Portion {
    of: Arc<Intake>,
    bytes: u64,
    ahead: Option<OwnedSemaphorePermit>,
}

impl Portion {
    /// Holds exactly so much from now on.
    ///
    /// # Errors
    /// [`RanOut`] when the account would hold too much; what was held stays.
    pub fn set(&mut self, bytes: usize) -> Result<(), RanOut> {
        let bytes = bytes as u64;
        if bytes > self.bytes {
            self.of.add(bytes - self.bytes)?;
        } else {
            self.of.give_back(self.bytes - bytes);
        }
        self.bytes = bytes;
        Ok(())
    }

    /// The same, but waits for memory a while; whoever is to end does not.
    ///
    /// # Errors
    /// As [`Portion::set`].
    pub async fn set_in_time(&mut self, bytes: usize, ends: &CancellationToken) -> Result<(), RanOut> {
        let until = Instant::now() + limits::ROOM_WAIT;
        loop {
            match self.set(bytes) {
                Err(_) if Instant::now() < until && !ends.is_cancelled() => sleep(limits::ROOM_AGAIN).await,
                done => return done,
            }
        }
    }

    /// Waits until it is the turn of this to wait in a document: no connection has more than so much there.
    pub async fn turn(&mut self) {
        let bytes = u32::try_from(self.bytes).unwrap_or(u32::MAX).min(limits::READ_AHEAD as u32);
        self.ahead = Arc::clone(&self.of.ahead).acquire_many_owned(bytes).await.ok();
    }
}

impl Drop for Portion {
    fn drop(&mut self) {
        self.of.give_back(self.bytes);
    }
}

/// A stream of which no byte of a WebSocket frame is read on before there is memory for the frame.
pub struct Measured<S> {
    stream: S,
    intake: Arc<Intake>,
    heads: Heads,
    /// Bytes that have come, of a frame for which there is no memory yet.
    rest: Vec<u8>,
    /// Since when a frame waits for memory, and when it is tried again.
    waits: Option<(Instant, Pin<Box<Sleep>>)>,
}

/// The heads of frames, as they come.
#[derive(Default)]
struct Heads {
    head: Vec<u8>,
    /// Bytes of the frame that are still to come.
    left: u64,
    /// Bytes of the message of which it is a part.
    message: u64,
}

/// The words of a head about its frame: whether it carries data, whether it is the last of its message, its length.
type Said = (bool, bool, u64);

/// The words of a head that is whole.
fn said_by(head: &[u8]) -> Option<Said> {
    let [first, second, rest @ ..] = head else { return None };
    let wide = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let told = rest.get(..wide).filter(|_| rest.len() >= wide + mask)?;
    let long = told.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
    Some((first & 0x08 == 0, first & 0x80 != 0, if wide == 0 { u64::from(second & 0x7f) } else { long }))
}

impl Heads {
    /// Goes through what has come, as far as there is memory for its frames: how far, and why no further.
    fn measure(&mut self, came: &[u8], intake: &Intake) -> (usize, Option<Stop>) {
        let mut measured = 0;
        while let Some(byte) = came.get(measured) {
            if self.left > 0 {
                let here = came.len() - measured;
                let passed = usize::try_from(self.left).unwrap_or(here).min(here);
                self.left -= passed as u64;
                measured += passed;
                continue;
            }
            self.head.push(*byte);
            if let Err(stop) = self.begin(intake) {
                self.head.pop();
                return (measured, Some(stop));
            }
            measured += 1;
        }
        (measured, None)
    }

    /// Takes memory for the frame whose head is whole now.
    fn begin(&mut self, intake: &Intake) -> Result<(), Stop> {
        let Some((is_data, last, length)) = said_by(&self.head) else { return Ok(()) };
        let message = if is_data { self.message.saturating_add(length) } else { length };
        if message > intake.largest.load(Ordering::Relaxed) {
            return Err(Stop::TooLarge(message));
        }
        if is_data {
            intake.add(length).map_err(Stop::RanOut)?;
            self.message = if last { 0 } else { message };
        }
        self.left = length;
        self.head.clear();
        Ok(())
    }
}

/// Why a frame is not read on.
enum Stop {
    TooLarge(u64),
    /// Not now.
    RanOut(RanOut),
}

impl<S> Measured<S> {
    /// A stream whose frames are held there.
    pub fn new(stream: S, intake: Arc<Intake>) -> Self {
        Self { stream, intake, heads: Heads::default(), rest: Vec::new(), waits: None }
    }

    fn wait(&mut self, context: &mut Context<'_>, ran_out: RanOut) -> Poll<io::Error> {
        let again = || Box::pin(sleep(limits::ROOM_AGAIN));
        let (since, next) = self.waits.get_or_insert_with(|| (Instant::now(), again()));
        while next.as_mut().poll(context).is_ready() {
            if since.elapsed() > limits::ROOM_WAIT {
                return Poll::Ready(io::Error::other(ran_out));
            }
            *next = again();
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Measured<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let begun = into.filled().len();
        if this.rest.is_empty() {
            ready!(Pin::new(&mut this.stream).poll_read(context, into))?;
        } else {
            let some = this.rest.len().min(into.remaining());
            into.put_slice(&this.rest[..some]);
            this.rest.drain(..some);
        }
        let came = into.filled().get(begun..).unwrap_or_default();
        let (measured, stop) = this.heads.measure(came, &this.intake);
        this.rest.splice(..0, came.iter().skip(measured).copied());
        into.set_filled(begun + measured);
        match stop {
            Some(_) if measured > 0 => {}
            Some(Stop::RanOut(ran_out)) => return this.wait(context, ran_out).map(Err),
            Some(Stop::TooLarge(size)) => {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                return Poll::Ready(Err(io::Error::other(FrameError::TooLarge(size))));
            }
            None => {}
        }
        this.waits = None;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Measured<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::{Intake, Measured, Said, said_by};
    use crate::limits;
    use crate::shares::{Held, Payer, Shares};
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tongban_shared::id::PersonId;
    use tongban_shared::limits::{FRAME_BYTES, MESSAGE_BYTES};

    /// The whole share of an account.
    const WHOLE: u64 = (limits::MEMORY - limits::MEMORY_FOR_SMALL) / 2;

    const ACCOUNT: Payer = Payer::Account(PersonId::from_bytes([1; 16]));

    fn socket(shares: &Shares) -> (DuplexStream, Measured<DuplexStream>, Arc<Intake>) {
        let (theirs, ours) = duplex(FRAME_BYTES * 2);
        let intake = Intake::new(shares.nothing(&ACCOUNT, Held::Parts));
        (theirs, Measured::new(ours, Arc::clone(&intake)), intake)
    }

    fn held(shares: &Shares) -> u64 {
        shares.costs().first().map_or(0, |cost| cost.bytes)
    }

    /// The head of a frame with a mask, as browsers send them.
    fn head(first: u8, length: usize) -> Vec<u8> {
        [&[first, 0xff][..], &(length as u64).to_be_bytes(), &[1, 2, 3, 4]].concat()
    }

    async fn read(measured: &mut Measured<DuplexStream>, bytes: usize) -> bool {
        let mut into = vec![0; bytes];
        tokio::time::timeout(Duration::from_millis(200), measured.read_exact(&mut into))
            .await
            .is_ok_and(|read| read.is_ok())
    }

    #[test]
    fn heads_are_read_as_they_are_written() {
        let heads: [(&[u8], Option<Said>); 6] = [
            (&[0x82], None),
            (&[0x82, 5], Some((true, true, 5))),
            (&[0x02, 0x85, 1, 2, 3], None),
            (&[0x00, 0x85, 1, 2, 3, 4], Some((true, false, 5))),
            (&[0x89, 0xfe, 1, 0, 1, 2, 3, 4], Some((false, true, 256))),
            (&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], Some((true, true, 65_536))),
        ];
        for (head, said) in heads {
            assert_eq!(said_by(head), said, "{head:?}");
        }
    }

    #[tokio::test]
    async fn a_message_is_held_from_its_head_until_its_turn_is_over() {
        let shares = Shares::default();
        let (mut theirs, mut measured, intake) = socket(&shares);
        // It comes in frames, with words of control in between.
        for (first, length) in [(0x02, 100_000), (0x89, 0), (0x00, 100_000)] {
            theirs.write_all(&head(first, length)).await.expect("written");
            assert!(read(&mut measured, 14).await);
            theirs.write_all(&vec![7; length]).await.expect("written");
            assert!(read(&mut measured, length).await);
        }
        assert_eq!(held(&shares), 200_000);
        theirs.write_all(&head(0x80, 1000)).await.expect("written");
        assert!(read(&mut measured, 14).await);
        let mut word = intake.read(201_000);
        assert_eq!(held(&shares), 201_000);
        word.set(150_000).expect("less");
        assert_eq!(held(&shares), 150_000);
        // The next words wait until the documents have taken these.
        let mut large = intake.nothing();
        large.set(limits::READ_AHEAD).expect("room");
        word.turn().await;
        assert!(tokio::time::timeout(Duration::from_millis(20), large.turn()).await.is_err());
        drop(word);
        large.turn().await;
        drop(large);
        assert_eq!(held(&shares), 0);
    }

    #[tokio::test]
    async fn nothing_above_a_part_is_read_whole_but_in_the_other_dialect() {
        let shares = Shares::default();
        for (frames, largest, fits) in [
            (vec![MESSAGE_BYTES], MESSAGE_BYTES, true),
            (vec![MESSAGE_BYTES + 1], MESSAGE_BYTES, false),
            (vec![MESSAGE_BYTES, 1], MESSAGE_BYTES, false),
            (vec![FRAME_BYTES], FRAME_BYTES, true),
            (vec![FRAME_BYTES, 1], FRAME_BYTES, false),
        ] {
            let (mut theirs, mut measured, intake) = socket(&shares);
            intake.allow(largest);
            let mut all = true;
            for length in &frames {
                theirs.write_all(&[head(0x02, *length), vec![7; *length]].concat()).await.expect("written");
                all &= read(&mut measured, 14 + length).await;
            }
            assert_eq!(all, fits, "{frames:?}");
        }
    }

    #[tokio::test]
    async fn a_frame_for_which_there_is_no_memory_waits_unread_and_small_ones_go_on() {
        let shares = Shares::default();
        let (mut theirs, mut measured, intake) = socket(&shares);
        let all = shares.hold(&ACCOUNT, Held::Waiting, WHOLE).expect("its whole share");
        theirs.write_all(&[head(0x82, 1000), vec![7; 1000]].concat()).await.expect("written");
        assert!(read(&mut measured, 1014).await, "what a person types");
        theirs.write_all(&[head(0x82, 200_000), vec![7; 200_000]].concat()).await.expect("written");
        let mut begun = vec![0; 14];
        let waits = measured.read_exact(&mut begun);
        assert!(
            tokio::time::timeout(Duration::from_millis(200), waits).await.is_err(),
            "its head is not whole"
        );
        drop(all);
        let mut rest = vec![0; 200_001];
        let goes_on = tokio::time::timeout(Duration::from_secs(5), measured.read_exact(&mut rest)).await;
        assert!(goes_on.expect("it goes on").is_ok());
        assert_eq!(held(&shares), 201_000);
        drop((theirs, measured, intake));
        assert_eq!(held(&shares), 0);
    }

    #[tokio::test]
    async fn a_frame_that_waits_for_memory_too_long_ends_its_connection() {
        let shares = Shares::default();
        let (mut theirs, mut measured, _intake) = socket(&shares);
        let _all = shares.hold(&ACCOUNT, Held::Waiting, WHOLE).expect("its whole share");
        theirs.write_all(&head(0x82, 200_000)).await.expect("written");
        let ended = tokio::time::timeout(limits::ROOM_WAIT * 3, measured.read_exact(&mut [0; 14])).await;
        assert!(ended.expect("it ends").is_err());
    }
}
