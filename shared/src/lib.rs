//! The pure core of Tongban, used by the browser app and by the server alike.
//!
//! No async, no clock, no randomness, no input or output: time and random bytes come in as
//! arguments, effects go out as values. The words are those of the domain (space, unit, board,
//! section, item, assignment, indicator, target, entry, publication); the machine's words are
//! edit, change, event, chunk and frame.
//!
//! - [`text`]: character widths and the simplified form of traditional characters
//! - [`import`]: official text to draft boards
#![forbid(unsafe_code)]

pub mod access;
pub mod adopt;
pub mod arrange;
pub mod attachment;
pub mod bundle;
mod cbor;
pub mod dictionary;
pub mod document;
pub mod doubts;
pub mod drag;
pub mod edit;
pub mod entry;
pub mod event;
pub mod fault;
pub mod fold;
pub mod id;
pub mod import;
pub mod limits;
pub mod lock;
pub mod model;
pub mod office;
pub mod phrases;
pub mod plan;
pub mod privacy;
pub mod publication;
pub mod rank;
pub mod register;
pub mod revise;
pub mod rule;
pub mod sign;
pub mod sync;
pub mod template;
pub mod text;
pub mod trust;
pub mod undo;
pub mod views;
pub mod words;
pub mod zone;
