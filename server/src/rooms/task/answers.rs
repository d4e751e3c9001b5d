//! Answering questions about a document, from what is on the disk.

use super::Task;
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

impl Task {
    fn content(&mut self, room: &mut Room) -> Content {
        let document = room.document_mut();
        if let Some(known) = self.content.as_ref().and_then(Held::get) {
            self.learn();
            return known;
        }
        let content = match self.what {
            What::Space => Content::Space(Arc::new(document.space())),
            What::Board(_) => Content::Board(Arc::new(document.board()), document.text_marks().len()),
            What::Log(..) => Content::Log(Arc::new(document.entries().0.into_values().collect())),
        };
        self.content = Some(Held::of(&content));
        // The register of a space is the next thing that is asked for.
        self.learn();
        content
    }

    /// Answers what was asked about the document, as it is on the disk.
    pub(super) fn answer(&mut self, room: &mut Room) {
        for question in std::mem::take(&mut self.asked) {
            let answered = std::panic::catch_unwind(AssertUnwindSafe(|| match question {
                Question::Read(reply) => _ = reply.send(self.content(room)),
                Question::LeadsAt { heads, reply } => {
                    let document = room.document_mut();
                    let mut known: HashMap<Vec<String>, Option<UnitId>> = HashMap::new();
                    let mut lead = |heads: Vec<String>| {
                        *known.entry(heads).or_insert_with_key(|heads| document.lead_at(heads))
                    };
                    let _ = reply.send(heads.into_iter().map(&mut lead).collect());
                }
            }));
            // Those who write it go on.
            if answered.is_err() {
                tracing::error!(document.id = %self.id, "A document could not be read for an answer");
            }
        }
    }
}
