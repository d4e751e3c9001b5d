//! A device over a real socket: signs in over HTTP, speaks our own protocol.

use futures::{SinkExt, StreamExt};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::id::{BoardId, DeviceId, DocumentId, PersonId, SpaceId, UnitId};
use tongban_shared::sync::RefusalCode;
use tongban_shared::sync::fragment;
use tongban_shared::sync::frame::Frame;
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::trust::Key;

/// How long anything may take here before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A small HTTP request; gives status, headers and body.
///
/// # Panics
/// When the server does not answer.
pub async fn http(address: &str, head: &str, body: &str) -> (u16, String, String) {
    let (status, head, body) = http_bytes(address, head, body.as_bytes()).await;
    (status, head, String::from_utf8_lossy(&body).into_owned())
}

async fn http_bytes(address: &str, head: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    try_http(address, head, body).await.unwrap_or_else(|error| panic!("{address}: {error}"))
}

/// The same for bytes; gives status, headers and body. The status is 0 when the answer does not come.
///
/// # Errors
/// When there is no connection.
pub async fn try_http(address: &str, head: &str, body: &[u8]) -> std::io::Result<(u16, String, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).await?;
    let length = body.len();
    let head = format!("{head}host: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    let request = [head.as_bytes(), body].concat();
    stream.write_all(&request).await?;
    let mut answer = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Ok((status, head, answer.get(end + 4..).unwrap_or_default().to_vec()))
}

/// Signs in; gives the session's secret and the space.
///
/// # Panics
/// When it is refused.
pub async fn sign_in(address: &str, login: &str) -> (String, String) {
    let head = "POST /api/session HTTP/1.1\r\ncontent-type: application/json\r\n";
    let body = format!("{{\"login\":\"{login}\",\"password\":\"tongban-demo\"}}");
    let (status, head, body) = http(address, head, &body).await;
    assert_eq!(status, 200, "{body}");
    let secret = cookie(&head);
    let space = serde_json::from_str::<serde_json::Value>(&body)
        .ok()
        .and_then(|body| body["space"].as_str().map(str::to_owned));
    (secret.unwrap_or_else(|| panic!("a cookie")), space.unwrap_or_else(|| panic!("a space")))
}

/// Uses an invitation's path (`/join/…`) for a new account; gives the session's secret.
///
/// # Panics
/// When it is refused.
pub async fn join(address: &str, path: &str, login: &str) -> String {
    let secret = path.strip_prefix("/join/").unwrap_or_else(|| panic!("an invitation: {path}"));
    let body = format!("{{\"login\":\"{login}\",\"name\":\"{login}\",\"password\":\"tongban-demo\"}}");
    let head = format!("POST /api/invitations/{secret} HTTP/1.1\r\ncontent-type: application/json\r\n");
    let (status, head, body) = http(address, &head, &body).await;
    assert_eq!(status, 200, "{body}");
    cookie(&head).unwrap_or_else(|| panic!("a cookie"))
}

/// The session's secret in the head of an answer.
fn cookie(head: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_lowercase().starts_with("set-cookie:"))?;
    Some(line.split_once("tongban=")?.1.split(';').next()?.to_owned())
}

/// A request with a session's secret; gives status and body.
pub async fn ask(address: &str, secret: &str, line: &str, body: &str) -> (u16, String) {
    let head =
        format!("{line} HTTP/1.1\r\nauthorization: Bearer {secret}\r\ncontent-type: application/json\r\n");
    let (status, _, body) = http(address, &head, body).await;
    (status, body)
}

/// The same with bytes to and fro; gives status, headers and body.
pub async fn ask_bytes(address: &str, secret: &str, line: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let kind = "content-type: application/octet-stream";
    http_bytes(address, &format!("{line} HTTP/1.1\r\nauthorization: Bearer {secret}\r\n{kind}\r\n"), body)
        .await
}

/// The key with which a device signs, and its certificate.
pub struct Signer {
    pub device: DeviceId,
    pub key: Key,
    pub person: PersonId,
    pub unit: UnitId,
    pub certificate: Option<u32>,
    /// Milliseconds by which the device's clock is ahead.
    pub ahead: i64,
    writer: String,
    seq: u32,
}

impl Signer {
    /// A new device of whoever is signed in, not certified yet.
    ///
    /// # Panics
    /// When nobody is signed in.
    pub async fn new(address: &str, secret: &str) -> Self {
        let key = Key::from_seed(&tongban_server::clock::random());
        let device = key.public().device();
        let (_, body) = ask(address, secret, "GET /api/session", "").await;
        let me: serde_json::Value = serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}"));
        let word = |name: &str| me[name].as_str().unwrap_or_default().to_owned();
        let (person, unit) = (word("person").parse(), word("unit").parse());
        Self {
            device,
            key,
            person: person.unwrap_or_else(|error| panic!("{error}")),
            unit: unit.unwrap_or_else(|error| panic!("{error}")),
            certificate: None,
            ahead: 0,
            writer: format!("{}00000000", tongban_shared::document::hex(device.bytes())),
            seq: 0,
        }
    }

    /// Has the server certify it; gives the status.
    pub async fn certify(&mut self, address: &str, secret: &str) -> u16 {
        let body = format!("{{\"device\":\"{}\",\"key\":\"{}\"}}", self.device, self.key.public());
        let (status, body) = ask(address, secret, "POST /api/devices", &body).await;
        let serial = serde_json::from_str::<serde_json::Value>(&body).ok();
        let serial = serial.and_then(|body| body["serial"].as_u64());
        self.certificate = serial.and_then(|serial| serial.try_into().ok()).or(self.certificate);
        status
    }

    /// A signed entry of this device.
    pub fn entry(&mut self, board: BoardId, kind: EntryKind, fill: impl FnOnce(&mut Entry)) -> Entry {
        self.seq += 1;
        let author =
            Author { person: self.person, unit: self.unit, device: self.device, writer: self.writer.clone() };
        let subject = Subject { board, item: None, unit: None, indicator: None };
        let said = i64::try_from(tongban_server::clock::now_ms()).unwrap_or_default() + self.ahead;
        let id = Entry::own_id(said, board, &author, self.seq);
        let mut entry = Entry {
            seq: self.seq,
            said,
            certificate: self.certificate,
            ..Entry::new(id, kind, author, subject)
        };
        fill(&mut entry);
        entry.sign(&self.key);
        entry
    }
}

/// A device.
pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    link: Link,
    pub documents: BTreeMap<DocumentId, Document>,
    pub acknowledged: BTreeMap<DocumentId, Vec<[u8; 32]>>,
    pub refused: Vec<(DocumentId, RefusalCode)>,
    pub unavailable: Vec<DocumentId>,
    /// Documents that could not be taken here.
    pub shut: Vec<DocumentId>,
    /// The share of its bound that a document has used up, where the server said so.
    pub used: BTreeMap<DocumentId, u8>,
    /// Seconds by which the device's clock is ahead.
    pub ahead: i64,
    /// The connection is gone.
    pub ended: bool,
}

/// A socket to a server; an error with the status of its answer, or 0 without one.
async fn socket(
    address: &str,
    secret: &str,
    head: Option<(&'static str, &str)>,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, u16> {
    let url = format!("ws://{address}/sync?token={secret}");
    let mut request = url.into_client_request().unwrap_or_else(|error| panic!("{error}"));
    if let Some((name, value)) = head {
        let value = value.parse().unwrap_or_else(|error| panic!("{error}"));
        request.headers_mut().insert(name, value);
    }
    match timeout(PATIENCE, tokio_tungstenite::connect_async(request)).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(tokio_tungstenite::tungstenite::Error::Http(answer))) => Err(answer.status().as_u16()),
        Ok(Err(_)) | Err(_) => Err(0),
    }
}

impl Client {
    /// Connects with a session's secret.
    ///
    /// # Panics
    /// When the server does not take the connection.
    pub async fn connect(address: &str, secret: &str, name: &str) -> Self {
        let client = Self::try_connect(address, secret, name).await;
        client.unwrap_or_else(|status| panic!("no connection: {status}"))
    }

    /// The same.
    ///
    /// # Errors
    /// The status with which the server refused the connection; 0 when it gave none, or ended it.
    pub async fn try_connect(address: &str, secret: &str, name: &str) -> Result<Self, u16> {
        Self::over(socket(address, secret, None).await?, name).await
    }

    /// Connects with a head of its own.
    ///
    /// # Panics
    /// When the server does not take the connection.
    pub async fn connect_with(
        address: &str,
        secret: &str,
        name: &str,
        head: Option<(&'static str, &str)>,
    ) -> Self {
        let socket = socket(address, secret, head).await.unwrap_or_else(|status| panic!("{status}"));
        Self::over(socket, name).await.unwrap_or_else(|status| panic!("no connection: {status}"))
    }

    async fn over(socket: WebSocketStream<MaybeTlsStream<TcpStream>>, name: &str) -> Result<Self, u16> {
        let mut client = Self {
            socket,
            link: Link::new(name),
            documents: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            refused: Vec::new(),
            unavailable: Vec::new(),
            shut: Vec::new(),
            used: BTreeMap::new(),
            ahead: 0,
            ended: false,
        };
        let hello = client.link.hello();
        client.carry_out(vec![hello]).await;
        while !client.link.is_open() {
            if !client.take().await {
                return Err(0);
            }
        }
        Ok(client)
    }

    /// Connects again with everything that the device has, and sends what the server lacks; `false`
    /// when there is no connection to be had.
    ///
    /// # Panics
    /// When an address is none.
    pub async fn again(&mut self, address: &str, secret: &str, name: &str) -> bool {
        let Ok(socket) = socket(address, secret, None).await else { return false };
        (self.socket, self.link, self.ended) = (socket, Link::new(name), false);
        self.acknowledged.clear();
        let hello = self.link.hello();
        self.carry_out(vec![hello]).await;
        while !self.link.is_open() {
            if !self.take_within(Duration::from_secs(2)).await {
                return false;
            }
        }
        for id in self.documents.keys().copied().collect::<Vec<_>>() {
            self.poll(id).await;
        }
        true
    }

    /// Whether the server has said of everything in a document that it has it.
    pub fn is_safe(&mut self, id: DocumentId) -> bool {
        let heads = self.documents.get_mut(&id).map(Document::heads).unwrap_or_default();
        let known = self.acknowledged.get(&id);
        known.is_some_and(|known| heads.iter().all(|head| known.contains(head)))
    }

    /// Opens a document and waits until the server has answered for it.
    pub async fn open(&mut self, id: DocumentId, kind: Kind) {
        self.open_as(id, kind, &tongban_server::clock::random::<16>()).await;
    }

    /// The same, writing under an actor id.
    pub async fn open_as(&mut self, id: DocumentId, kind: Kind, actor: &[u8]) {
        self.link.forget(id);
        self.acknowledged.remove(&id);
        self.documents.insert(id, Document::new(kind, actor));
        self.poll(id).await;
        self.until("the document", |client| {
            // An acknowledgement can name heads that are still on their way here.
            let heads = client.acknowledged.get(&id).cloned();
            let here = heads.is_some_and(|heads| heads.iter().all(|head| client.has(id, head)));
            here || client.unavailable.contains(&id)
        })
        .await;
    }

    /// Opens a document of which this device has a copy, and brings both sides level.
    ///
    /// # Panics
    /// When the copy cannot be read.
    pub async fn open_with(&mut self, id: DocumentId, kind: Kind, copy: &[u8]) {
        let document = Document::load(kind, &tongban_server::clock::random::<16>(), [copy]);
        self.documents.insert(id, document.unwrap_or_else(|error| panic!("{error}")));
        self.poll(id).await;
    }

    /// Edits a document and sends the change; gives its hash.
    ///
    /// # Panics
    /// When the edit does not fit.
    pub async fn edit(&mut self, id: DocumentId, edit: &Edit) -> [u8; 32] {
        let stamp = Stamp { time: tongban_server::clock::now() + self.ahead, by: "试验".to_owned() };
        let document = self.documents.get_mut(&id).unwrap_or_else(|| panic!("an open document"));
        let (_, chunk) = document.edit(edit, &stamp).unwrap_or_else(|error| panic!("{error}"));
        self.poll(id).await;
        chunk.unwrap_or_else(|| panic!("a change")).hash
    }

    /// Sends a frame as it is, in parts where it is large; `false` when the connection is gone.
    pub async fn say(&mut self, frame: &Frame) -> bool {
        let bytes = frame.encode();
        let parts = match frame {
            Frame::Fragment { .. } => None,
            _ => fragment::split(bytes.clone(), 0),
        };
        for part in parts.unwrap_or_else(|| vec![bytes]) {
            if self.socket.send(Message::Binary(part.into())).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Whether this device has a change.
    pub fn has(&mut self, id: DocumentId, hash: &[u8; 32]) -> bool {
        self.documents.get_mut(&id).is_some_and(|document| document.contains(hash))
    }

    async fn poll(&mut self, id: DocumentId) {
        let effects = match self.documents.get_mut(&id) {
            Some(document) => self.link.poll(id, document),
            None => Vec::new(),
        };
        self.carry_out(effects).await;
    }

    async fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut again = Vec::new();
        for effect in effects {
            match effect {
                Effect::Send(bytes) => {
                    let _ = self.socket.send(Message::Binary(bytes.into())).await;
                }
                Effect::Respond(id) => again.push(id),
                Effect::Acknowledged { document, heads } => {
                    self.acknowledged.insert(document, heads);
                }
                Effect::Refused { document, code, .. } => self.refused.push((document, code)),
                Effect::Unavailable(document) => self.unavailable.push(document),
                Effect::Shut { document, .. } => self.shut.push(document),
                Effect::Rights { document, used, .. } if used > 0 => _ = self.used.insert(document, used),
                _ => {}
            }
        }
        for id in again {
            Box::pin(self.poll(id)).await;
        }
    }

    /// Takes one message; `false` when the connection is gone.
    pub async fn take(&mut self) -> bool {
        self.take_within(PATIENCE).await
    }

    /// The same; `false` also when nothing comes within a time.
    pub async fn take_within(&mut self, patience: Duration) -> bool {
        let Some(message) = self.hear(patience).await else { return false };
        self.take_in(&message).await;
        true
    }

    /// Waits for the next message without acting on it: nothing is lost when nobody waits any more. None when
    /// nothing comes within a time, or the connection is gone.
    pub async fn hear(&mut self, patience: Duration) -> Option<Vec<u8>> {
        match timeout(patience, self.socket.next()).await {
            Ok(Some(Ok(Message::Binary(bytes)))) => Some(bytes.into()),
            Ok(Some(Ok(_))) => Some(Vec::new()),
            Ok(_) => {
                self.ended = true;
                None
            }
            Err(_) => None,
        }
    }

    /// Acts on a message that was heard.
    pub async fn take_in(&mut self, message: &[u8]) {
        if !message.is_empty() {
            let documents = &mut self.documents;
            let effects = self.link.receive(message, |id| documents.get_mut(&id));
            self.carry_out(effects).await;
        }
    }

    /// Takes messages until something holds.
    ///
    /// # Panics
    /// When the connection ends before.
    pub async fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let waited = timeout(PATIENCE, async {
            while !holds(self) {
                assert!(self.take().await, "the connection ended before {what}");
            }
        });
        assert!(waited.await.is_ok(), "waited in vain for {what}");
    }

    /// Takes messages for as long as it is polled: the server may ask again for what its filter
    /// took for known.
    pub async fn listen(&mut self) {
        while self.take().await {}
        std::future::pending::<()>().await;
    }

    /// Takes messages until the server has closed the connection.
    ///
    /// # Panics
    /// When it does not.
    pub async fn closed(&mut self) {
        let waited = timeout(PATIENCE * 2, async { while self.take().await {} });
        assert!(waited.await.is_ok(), "the server did not close the connection");
    }
}

/// A client of a login of the demonstration with the space and a board open that came from a
/// document: every banner is named on it.
///
/// # Panics
/// When the demonstration is not there.
pub async fn demonstration(address: &str, login: &str) -> (Client, BoardId) {
    let (secret, space) = sign_in(address, login).await;
    let mut client = Client::connect(address, &secret, login).await;
    let space = space.parse().unwrap_or_else(|error| panic!("a space: {error}"));
    let board = client.open_demonstration(space).await;
    (client, board)
}

impl Client {
    /// Opens the space and the first board of the demonstration that came from a document.
    ///
    /// # Panics
    /// When there is none.
    pub async fn open_demonstration(&mut self, space: SpaceId) -> BoardId {
        let id = DocumentId::space(space);
        self.open(id, Kind::Space).await;
        let boards = self.documents[&id].space().boards;
        let imported = boards.iter().find(|(_, listing)| !listing.doc_number.is_empty());
        let board = *imported.unwrap_or_else(|| panic!("a board of the demonstration")).0;
        self.open(DocumentId::board(board), Kind::Board).await;
        board
    }
}
