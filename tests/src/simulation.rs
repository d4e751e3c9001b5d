//! Devices and a server in one process, without sockets, clocks or chance of their own: one seed
//! decides who edits, what is delivered, where a party crashes.
//!
//! Each party has a disk: what is not on it when the party crashes is gone. The server follows
//! the three steps of a room (apply, commit, tell) and can crash between any two of them.

use crate::small_board;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tongban_shared::document::{Chunk, Document, Kind, Stamp};
use tongban_shared::edit::{Edit, ItemField, TextPlace};
use tongban_shared::id::{BoardId, DocumentId};
use tongban_shared::sync::Dialect;
use tongban_shared::sync::frame::{Frame, Hashes, ServerWord};
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::sync::room::{ConnectionId, Outgoing, Rights, Room};

/// Numbers of one seed (splitmix64): the same on every machine.
#[derive(Debug, Clone)]
pub struct Chance(pub u64);

impl Chance {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.number() % bound.max(1) as u64).unwrap_or(0)
    }
}

const BOARD: BoardId = BoardId::from_bytes([3; 16]);

/// The document that all devices edit.
#[must_use]
pub fn document_id() -> DocumentId {
    DocumentId::board(BOARD)
}

struct Device {
    name: String,
    disk: Vec<Vec<u8>>,
    document: Document,
    unsaved: Vec<Chunk>,
    link: Option<Link>,
    connection: ConnectionId,
    /// Frames on their way to the server, and back.
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
    lives: u64,
    acknowledged: BTreeSet<[u8; 32]>,
}

struct Server {
    disk: Vec<Vec<u8>>,
    room: Room,
    dialects: BTreeMap<ConnectionId, bool>,
}

/// The whole world of one run.
pub struct World {
    calm: bool,
    chance: Chance,
    devices: Vec<Device>,
    server: Server,
    connections: u64,
    /// Words that were saved on some device's disk: they must be found in the end.
    saved: BTreeSet<String>,
    written: u64,
    /// Every change that the server acknowledged or that reached another device's screen.
    promised: BTreeSet<[u8; 32]>,
    pub crashes: usize,
    pub partitions: usize,
    /// Frames of changes that went up on live connections.
    pub live: usize,
}

fn stamp() -> Stamp {
    Stamp { time: 1_700_000_000, by: "模拟".to_owned() }
}

fn actor(name: &str, life: u64) -> [u8; 16] {
    tongban_shared::id::fingerprint(&["simulation", name, &life.to_string()])
}

fn load(disk: &[Vec<u8>], actor: &[u8]) -> Document {
    match Document::load(Kind::Board, actor, disk.iter().map(Vec::as_slice)) {
        Ok(document) => document,
        Err(error) => panic!("what was on the disk loads: {error}"),
    }
}

impl World {
    /// A world of some devices; the first one has made the board.
    #[must_use]
    pub fn new(seed: u64, devices: usize) -> Self {
        let mut first = Document::new(Kind::Board, &[9; 16]);
        let (_, chunk) = match first.edit_all(&small_board::edits(4, small_board::unit("甲")), &stamp()) {
            Ok(made) => made,
            Err(error) => panic!("a board: {error}"),
        };
        let begun: Vec<Vec<u8>> = chunk.into_iter().map(|chunk| chunk.bytes).collect();
        let device = |index: usize| {
            let name = format!("device-{index}");
            let disk = if index == 0 { begun.clone() } else { Vec::new() };
            let document = load(&disk, &actor(&name, 0));
            Device {
                name,
                disk,
                document,
                unsaved: Vec::new(),
                link: None,
                connection: ConnectionId(0),
                up: VecDeque::new(),
                down: VecDeque::new(),
                lives: 0,
                acknowledged: BTreeSet::new(),
            }
        };
        let room = Room::new(document_id(), Document::new(Kind::Board, &[8; 16]), None);
        Self {
            calm: seed.is_multiple_of(2),
            chance: Chance(seed),
            devices: (0..devices).map(device).collect(),
            server: Server { disk: Vec::new(), room, dialects: BTreeMap::new() },
            connections: 0,
            saved: BTreeSet::new(),
            written: 0,
            promised: BTreeSet::new(),
            crashes: 0,
            partitions: 0,
            live: 0,
        }
    }

    /// One random step.
    pub fn step(&mut self) {
        let device = self.chance.below(self.devices.len());
        let fault = 92;
        // In a calm world connections last long enough to become live.
        let bound = if self.calm && self.chance.below(8) > 0 { fault } else { 100 };
        match self.chance.below(bound) {
            0..30 => self.edit(device),
            30..50 => self.save(device),
            50..60 => self.connect(device),
            60..78 => self.deliver_up(device),
            78..92 => self.deliver_down(device),
            92..95 => self.cut(device),
            95..98 => self.crash_device(device),
            _ => self.crash_server(),
        }
    }

    fn edit(&mut self, index: usize) {
        self.written += 1;
        let word = format!("〔{}〕", self.written);
        let (kind, number) = (self.chance.below(2), self.chance.below(4));
        let item = small_board::item(u8::try_from(number).unwrap_or(0));
        let device = &mut self.devices[index];
        let Some(length) = device.document.item(item).map(|item| item.text.encode_utf16().count()) else {
            return;
        };
        let edit = match kind {
            0 => Edit::SpliceText {
                text: TextPlace::Item(item),
                at: self.chance.below(length + 1),
                delete: 0,
                insert: word,
            },
            _ => Edit::SetItemField {
                id: item,
                field: ItemField::Custom(format!("field-{}", self.written)),
                value: word,
            },
        };
        if let Ok((_, Some(chunk))) = device.document.edit(&edit, &stamp()) {
            device.unsaved.push(chunk);
        }
    }

    /// The disk takes what waits; from now on it may be sent and must never be lost.
    fn save(&mut self, index: usize) {
        let device = &mut self.devices[index];
        for chunk in device.unsaved.drain(..) {
            self.saved.insert(tongban_shared::document::hex(&chunk.hash));
            device.disk.push(chunk.bytes);
        }
        self.poll(index);
    }

    fn poll(&mut self, index: usize) {
        let device = &mut self.devices[index];
        if !device.unsaved.is_empty() {
            return;
        }
        let Some(link) = &mut device.link else { return };
        for effect in link.poll(document_id(), &mut device.document) {
            if let Effect::Send(bytes) = effect {
                device.up.push_back(bytes);
            }
        }
    }

    fn connect(&mut self, index: usize) {
        if self.devices[index].link.is_some() {
            return;
        }
        self.connections += 1;
        let device = &mut self.devices[index];
        device.connection = ConnectionId(self.connections);
        let link = Link::new(&device.name);
        if let Effect::Send(hello) = link.hello() {
            device.up.push_back(hello);
        }
        device.link = Some(link);
    }

    /// The connection is lost with everything that was on its way.
    fn cut(&mut self, index: usize) {
        self.partitions += 1;
        let device = &mut self.devices[index];
        (device.up, device.down, device.link) = (VecDeque::new(), VecDeque::new(), None);
        self.server.room.leave(device.connection);
        self.server.dialects.remove(&device.connection);
    }

    fn deliver_up(&mut self, index: usize) {
        let Some(bytes) = self.devices[index].up.pop_front() else { return };
        let connection = self.devices[index].connection;
        match Frame::decode(&bytes) {
            Ok(Frame::Join { sender, .. }) => {
                self.server.dialects.insert(connection, true);
                let about = ServerWord { epoch: "simulation".to_owned(), time: 0 };
                let peer = Frame::Peer {
                    sender: "server".to_owned(),
                    target: sender,
                    version: "tongban/1".to_owned(),
                    about,
                };
                self.devices[index].down.push_back(peer.encode());
            }
            Ok(frame @ (Frame::Request { .. } | Frame::Sync { .. } | Frame::Changes { .. })) => {
                let room = &mut self.server.room;
                if !room.connections().any(|known| known == connection) {
                    let rights = Rights { write: true, own: true, decide: true, ..Rights::default() };
                    room.join(connection, Dialect::Tongban, rights);
                }
                let taken = match frame {
                    Frame::Changes { changes, .. } => {
                        self.live += 1;
                        room.receive_changes(connection, changes)
                    }
                    Frame::Request { data, .. } => room.receive(connection, &data, true),
                    Frame::Sync { data, .. } => room.receive(connection, &data, false),
                    _ => Ok(()),
                };
                if let Err(error) = taken {
                    panic!("the server takes what devices send: {error}");
                }
                self.commit();
            }
            other => panic!("devices send nothing else: {other:?}"),
        }
    }

    /// The server's round; a crash can come before the disk and after it.
    fn commit(&mut self) {
        let chunks = self.server.room.unsaved();
        let chunks = chunks.unwrap_or_else(|spoilt| panic!("{spoilt:?}"));
        if self.chance.below(if self.calm { 600 } else { 60 }) == 0 {
            return self.crash_server();
        }
        self.server.disk.extend(chunks.into_iter().map(|chunk| chunk.bytes));
        if self.chance.below(if self.calm { 600 } else { 60 }) == 0 {
            return self.crash_server();
        }
        for (connection, outgoing) in self.server.room.flush() {
            let Some(device) = self
                .devices
                .iter_mut()
                .find(|device| device.connection == connection && device.link.is_some())
            else {
                continue;
            };
            let (sender, target) = ("server".to_owned(), device.name.clone());
            let frame = match outgoing {
                Outgoing::Sync(data) => {
                    let data = data.to_vec();
                    Frame::Sync { document: document_id(), sender, target, data }
                }
                Outgoing::Live(heads) => Frame::Live { document: document_id(), heads: few(heads) },
                Outgoing::Changes(frame) => {
                    device.down.push_back(frame.to_vec());
                    continue;
                }
                Outgoing::Ack(heads) => Frame::Ack { document: document_id(), heads: few(heads) },
                Outgoing::Refused { why, .. } => panic!("nothing is refused here: {why:?}"),
            };
            device.down.push_back(frame.encode());
        }
    }

    fn deliver_down(&mut self, index: usize) {
        let device = &mut self.devices[index];
        let (Some(bytes), Some(link)) = (device.down.pop_front(), &mut device.link) else { return };
        let document = &mut device.document;
        for effect in link.receive(&bytes, |_| Some(document)) {
            match effect {
                Effect::Received { chunks, .. } => {
                    for chunk in chunks {
                        self.promised.insert(chunk.hash);
                        device.disk.push(chunk.bytes);
                    }
                }
                Effect::Acknowledged { heads, .. } => {
                    device.acknowledged.extend(heads.iter().copied());
                    self.promised.extend(heads);
                }
                Effect::Close(why) | Effect::Shut { why, .. } => {
                    panic!("a healthy connection does not close: {why}")
                }
                _ => {}
            }
        }
        self.poll(index);
    }

    fn crash_device(&mut self, index: usize) {
        self.crashes += 1;
        self.cut(index);
        let device = &mut self.devices[index];
        device.lives += 1;
        device.unsaved.clear();
        device.document = load(&device.disk, &actor(&device.name, device.lives));
    }

    fn crash_server(&mut self) {
        self.crashes += 1;
        for index in 0..self.devices.len() {
            self.cut(index);
        }
        self.server.room = Room::new(document_id(), load(&self.server.disk, &[8; 16]), None);
        self.server.dialects.clear();
        // At this very moment the server must hold everything that anybody was promised.
        for hash in &self.promised {
            assert!(
                self.server.room.document_mut().contains(hash),
                "a promised change is gone after a crash"
            );
        }
    }

    /// Lets everything settle: all connect, all is saved and delivered, nobody crashes.
    ///
    /// # Panics
    /// When the parties do not come to rest.
    pub fn settle(&mut self) {
        for index in 0..self.devices.len() {
            self.save(index);
            self.connect(index);
        }
        for _ in 0..20_000 {
            let busy = self.devices.iter().any(|device| !device.up.is_empty() || !device.down.is_empty());
            if !busy {
                return;
            }
            for index in 0..self.devices.len() {
                self.deliver_up(index);
                self.deliver_down(index);
                self.connect(index);
            }
        }
        panic!("the parties do not come to rest");
    }

    /// All parties are equal, every saved and every promised change is there.
    ///
    /// # Panics
    /// When one of that does not hold.
    pub fn check(&mut self) {
        let heads = self.server.room.document_mut().heads();
        let board = self.server.room.document().board();
        for device in &mut self.devices {
            assert_eq!(device.document.heads(), heads, "{} has other heads than the server", device.name);
            assert_eq!(device.document.board(), board, "{} shows another board", device.name);
            let again = load(&device.disk, &[7; 16]);
            assert_eq!(again.board(), board, "{} would show another board after a restart", device.name);
        }
        let all = self.server.room.document_mut().changes_since(&[]);
        let hashes: BTreeSet<String> =
            all.iter().map(|chunk| tongban_shared::document::hex(&chunk.hash)).collect();
        let lost: Vec<&String> = self.saved.difference(&hashes).collect();
        assert!(lost.is_empty(), "{} saved edits are lost", lost.len());
    }

    /// How many edits were saved on a device.
    #[must_use]
    pub fn saved(&self) -> usize {
        self.saved.len()
    }
}

fn few(heads: Vec<[u8; 32]>) -> Hashes {
    Hashes::all(heads).unwrap_or_else(|| panic!("a healthy document has few heads"))
}
