//! Answering questions about a document, from what is on the disk.

use super::Task;
use crate::rooms::judging::Gone;
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
}

/// Reads the document of a room for questions.
fn made(room: &mut Room, what: What, known: Option<Content>, asked: Vec<Question>) -> Made {
    let (mut content, mut made) = (known, Made { content: None, replies: Vec::new() });
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
        if self.asked.is_empty() {
            return Ok(room);
        }
        let (what, asked) = (self.what, std::mem::take(&mut self.asked));
        let known = self.content.as_ref().and_then(Held::get);
        let heavy = known.is_none() && room.is_long();
        let read = move |room: &mut Room| made(room, what, known, asked);
        let (room, Made { content, replies }) = self.beside_if(heavy, room, read).await?;
        if let Some(content) = content {
            self.content = Some(Held::of(&content));
        }
        // The register of a space is the next thing that is asked for.
        self.learn();
        replies.into_iter().for_each(|reply| reply());
        Ok(room)
    }
}
