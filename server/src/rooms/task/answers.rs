//! Answering questions about a document, from what is on the disk. A large one is read beside the workers, within
//! the memory that everything heavy takes, and once at a time.

use super::Task;
use crate::limits;
use crate::rooms::judging::{Gone, Turn};
use crate::rooms::readings::Reading;
use crate::rooms::{Content, What};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;
use tongban_shared::entry::Entry;
use tongban_shared::id::UnitId;
use tongban_shared::sync::room::Room;

/// A question about a document as it was committed.
pub(in crate::rooms) enum Question {
    /// The document as a board, with the entries when it is a log.
    Read(oneshot::Sender<Content>),
    /// Which unit led a board as of each of some heads.
    LeadsAt { heads: Vec<Vec<String>>, reply: oneshot::Sender<Vec<Option<UnitId>>> },
}

/// The content of its document that a room keeps. Logs are kept by their judgements alone, within a bound
/// of bytes for all of them.
pub(super) enum Held {
    Whole(Content),
    Log(Weak<Vec<Entry>>),
}

impl Held {
    pub(super) fn of(content: &Content) -> Self {
        match content {
            Content::Log(log) => Self::Log(Arc::downgrade(log)),
            content => Self::Whole(content.clone()),
        }
    }

    fn get(&self) -> Option<Content> {
        match self {
            Self::Whole(content) => Some(content.clone()),
            Self::Log(log) => log.upgrade().map(Content::Log),
        }
    }
}

/// The answers to questions, and the content that they were taken from where it was read anew.
struct Made {
    content: Option<Content>,
    replies: Vec<Box<dyn FnOnce() + Send>>,
    /// Whether there is an answer to each.
    whole: bool,
}

/// A document that is read may take so many bytes of memory for each of its operations: as values, and as the
/// versions of a text that are compared.
const OF_AN_OPERATION: u64 = 128;

/// A board of more operations is read beside the workers: few words in many versions are compared as well.
const COMPARED: u64 = 250;

/// The leave to read a document.
enum Leave {
    /// It is small, or was read.
    Light,
    Heavy(Reading, Option<Turn>),
    /// There is no memory now; the questions wait.
    Later,
    /// It is being read still, or was not to be read a moment ago: whoever asks comes again.
    Away,
}

/// Reads the document of a room for questions.
fn made(room: &mut Room, what: What, known: Option<Content>, asked: Vec<Question>) -> Made {
    let (mut content, mut made) = (known, Made { content: None, replies: Vec::new(), whole: true });
    for question in asked {
        let answered = std::panic::catch_unwind(AssertUnwindSafe(|| match question {
            Question::Read(reply) => {
                let read = content.clone().unwrap_or_else(|| content_of(room, what));
                if content.is_none() {
                    made.content = Some(read.clone());
                    content = Some(read.clone());
                }
                made.replies.push(Box::new(move || _ = reply.send(read)));
            }
            Question::LeadsAt { heads, reply } => {
                let document = room.document_mut();
                let mut known: HashMap<Vec<String>, Option<UnitId>> = HashMap::new();
                let mut lead = |heads: Vec<String>| {
                    *known.entry(heads).or_insert_with_key(|heads| document.lead_at(heads))
                };
                let leads = heads.into_iter().map(&mut lead).collect();
                made.replies.push(Box::new(move || _ = reply.send(leads)));
            }
        }));
        // Those who write it go on.
        if answered.is_err() {
            made.whole = false;
            tracing::error!("A document could not be read for an answer");
        }
    }
    made
}

fn content_of(room: &mut Room, what: What) -> Content {
    let document = room.document_mut();
    match what {
        What::Space => Content::Space(Arc::new(document.space())),
        What::Board(_) => Content::Board(Arc::new(document.board()), document.text_marks().len()),
        What::Log(..) => Content::Log(Arc::new(document.entries().0.into_values().collect())),
    }
}

impl Task {
    /// Answers what was asked about the document, as it is on the disk; a large one is read beside the workers.
    ///
    /// # Errors
    /// [`Gone`] when that takes too long.
    pub(super) async fn answer(&mut self, room: Box<Room>) -> Result<Box<Room>, Gone> {
        let waited = self.reading_memory.take();
        if self.asked.is_empty() {
            return Ok(room);
        }
        let (what, known) = (self.what, self.content.as_ref().and_then(Held::get));
        let leave = if known.is_none() { self.leave_to_read(&room, waited) } else { Leave::Light };
        let asked = match leave {
            Leave::Later => return Ok(room),
            Leave::Away => {
                self.asked.clear();
                return Ok(room);
            }
            Leave::Light | Leave::Heavy(..) => std::mem::take(&mut self.asked),
        };
        let heavy = matches!(leave, Leave::Heavy(..));
        let read = move |room: &mut Room| {
            let made = made(room, what, known, asked);
            if let Leave::Heavy(mut reading, _memory) = leave
                && made.whole
            {
                reading.is_whole();
            }
            made
        };
        let (room, Made { content, replies, .. }) = self.beside_if(heavy, room, read).await?;
        if let Some(content) = content {
            self.content = Some(Held::of(&content));
        }
        // The register of a space is the next thing that is asked for.
        self.learn();
        replies.into_iter().for_each(|reply| reply());
        Ok(room)
    }

    /// The leave to read the document for questions, with memory for it where it is large.
    fn leave_to_read(&mut self, room: &Room, waited: Option<Turn>) -> Leave {
        let extent = room.extent();
        let compared = matches!(self.what, What::Board(_)) && extent.operations > COMPARED;
        if !room.is_long() && !compared {
            return Leave::Light;
        }
        let bytes = extent.bytes.saturating_add(extent.operations.saturating_mul(OF_AN_OPERATION));
        let mut memory = None;
        if bytes > limits::LIGHT {
            memory = waited.or_else(|| self.rooms.inner.memory.now(bytes));
            if memory.is_none() {
                self.later.question(bytes);
                return Leave::Later;
            }
        }
        match self.rooms.inner.readings.begin(self.id) {
            Some(reading) => Leave::Heavy(reading, memory),
            None => Leave::Away,
        }
    }
}
