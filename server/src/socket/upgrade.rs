//! The beginning of a WebSocket, of which nothing is read that its account does not hold.

use super::intake::{Intake, Measured};
use crate::limits;
use crate::shares::Lease;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tongban_shared::limits::FRAME_BYTES;

/// A socket on the side of the server.
pub type Socket = WebSocketStream<Measured<TokioIo<Upgraded>>>;

/// A request that asks for a socket; its presence in a handler's signature is the check.
pub struct Upgrade {
    begins: OnUpgrade,
    answer: Response,
}

impl<S: Sync> FromRequestParts<S> for Upgrade {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let mut asked = Request::new(());
        (*asked.method_mut(), *asked.version_mut()) = (parts.method.clone(), parts.version);
        asked.headers_mut().clone_from(&parts.headers);
        let answer = create_response(&asked).map_err(|_| StatusCode::BAD_REQUEST)?;
        let begins = parts.extensions.remove::<OnUpgrade>().ok_or(StatusCode::UPGRADE_REQUIRED)?;
        Ok(Self { begins, answer: answer.map(|()| axum::body::Body::empty()).into_response() })
    }
}

impl Upgrade {
    /// The answer that begins a socket, which is served then. Its account holds what is read of it by this lease.
    pub fn serve<F>(
        self,
        held: Lease,
        serve: impl FnOnce(Socket, Arc<Intake>) -> F + Send + 'static,
    ) -> Response
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME_BYTES))
            .max_frame_size(Some(FRAME_BYTES))
            .read_buffer_size(limits::READ_BUFFER)
            .max_write_buffer_size(2 * FRAME_BYTES);
        tokio::spawn(async move {
            let Ok(stream) = self.begins.await else { return };
            let intake = Intake::new(held);
            let stream = Measured::new(TokioIo::new(stream), Arc::clone(&intake));
            serve(WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await, intake).await;
        });
        self.answer
    }
}
