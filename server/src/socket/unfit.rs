//! Acts of a connection that close it.

use crate::audit::{Note, Origin};
use crate::rooms::Outlet;
use crate::shares::RanOut;
use serde_json::json;
use std::io::ErrorKind;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tongban_shared::document::DocumentError;
use tongban_shared::sync::frame::FrameError;
use tongban_shared::trust::Closing;

/// Why a connection goes on no more, as its other end is told.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("unexpected frame: {0}")]
    Unexpected(&'static str),
    #[error(transparent)]
    Share(RanOut),
    #[error("too many documents on one connection")]
    Documents,
    /// All have taken what memory there is: nothing that the connection did.
    #[error("no room now, come again")]
    NoRoom,
    /// The session has ended: nothing that the connection did.
    #[error("signed out")]
    SignedOut,
    /// The server cannot read what it needs: nothing that the connection did.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl From<RanOut> for Unfit {
    fn from(ran_out: RanOut) -> Self {
        if ran_out.of_all { Self::NoRoom } else { Self::Share(ran_out) }
    }
}

impl Unfit {
    /// The reason on the audit trail.
    pub const fn closing(&self) -> Option<Closing> {
        match self {
            Self::Frame(_) | Self::Unexpected(_) => Some(Closing::Frame),
            Self::Share(_) => Some(Closing::Share),
            Self::Documents => Some(Closing::Documents),
            Self::NoRoom | Self::SignedOut | Self::Document(_) => None,
        }
    }
}

/// The reason of an error of the socket itself, if its other end is to blame: it sent what no browser sends,
/// or more than a frame holds, or took nothing.
pub fn blamed(error: &Error) -> Option<Closing> {
    match error {
        // As of everybody whose network is gone.
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake | ProtocolError::SendAfterClosing) => {
            None
        }
        Error::Capacity(_) | Error::Protocol(_) => Some(Closing::Frame),
        Error::Io(error) if error.kind() == ErrorKind::TimedOut => Some(Closing::SlowReader),
        Error::Io(error) => {
            let why = error.get_ref()?;
            let ran_out = why.downcast_ref::<RanOut>().filter(|ran_out| !ran_out.of_all);
            ran_out.map(|_| Closing::Share).or_else(|| why.is::<FrameError>().then_some(Closing::Frame))
        }
        _ => None,
    }
}

/// The note of a closing, with the device of the connection.
pub fn closed(outlet: &Outlet, why: Closing) -> (Origin, Note) {
    (Origin::Person(outlet.person), Note::closed(why, json!({ "device": outlet.device })))
}
