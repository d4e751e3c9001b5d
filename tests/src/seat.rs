//! A person at a certified device: signs entries and puts them into logs.

use crate::client::{Client, Signer, ask, sign_in};
use tongban_shared::document::Kind;
use tongban_shared::edit::Edit;
use tongban_shared::entry::Entry;
use tongban_shared::fold::Entries;
use tongban_shared::id::{BoardId, DocumentId, SpaceId, UnitId};
use tongban_shared::trust::{PublicKey, Register};

/// Somebody who is signed in on a certified device, with the space and a board open.
pub struct Seat {
    pub secret: String,
    pub space: SpaceId,
    pub board: BoardId,
    pub signer: Signer,
    pub client: Client,
}

impl Seat {
    /// Signs in, and has a new device certified.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn take(address: &str, login: &str) -> Self {
        let (secret, _) = sign_in(address, login).await;
        let mut signer = Signer::new(address, &secret).await;
        assert_eq!(signer.certify(address, &secret).await, 200);
        Self::connect(address, secret, signer).await
    }

    /// Connects somebody who is signed in.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn connect(address: &str, secret: String, signer: Signer) -> Self {
        let (_, body) = ask(address, &secret, "GET /api/session", "").await;
        let me: serde_json::Value =
            serde_json::from_str(&body).unwrap_or_else(|_| panic!("who is signed in"));
        let space: SpaceId = me["space"]
            .as_str()
            .unwrap_or_else(|| panic!("a space"))
            .parse()
            .unwrap_or_else(|_| panic!("an id"));
        let mut client = Client::connect(address, &secret, "seat").await;
        let board = client.open_demonstration(space).await;
        Self { secret, space, board, signer, client }
    }

    /// Opens the log of a unit on the board.
    pub async fn open_log(&mut self, unit: UnitId) -> DocumentId {
        let log = DocumentId::log(self.board, unit);
        if !self.client.documents.contains_key(&log) {
            self.client.open(log, Kind::Log).await;
        }
        log
    }

    /// Puts an entry into a unit's log and waits for the server's word: whether it was taken.
    pub async fn put(&mut self, unit: UnitId, entry: &Entry) -> bool {
        let log = self.open_log(unit).await;
        self.client.refused.clear();
        let hash = self.client.edit(log, &Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }).await;
        let mut taken = false;
        self.client
            .until("the server's word", |client| {
                taken = client.acknowledged.get(&log).is_some_and(|heads| heads.contains(&hash));
                taken || client.refused.iter().any(|(id, _)| *id == log)
            })
            .await;
        taken
    }

    /// The entries of a unit that count for a device that joins now, by what it gets itself.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn counted(address: &str, login: &str, unit: UnitId) -> Vec<Entry> {
        let mut seat = Self::take(address, login).await;
        let log = seat.open_log(unit).await;
        let (_, body) = ask(address, &seat.secret, "GET /api/session", "").await;
        let me: serde_json::Value =
            serde_json::from_str(&body).unwrap_or_else(|_| panic!("who is signed in"));
        let root: PublicKey = me["authority"]
            .as_str()
            .unwrap_or_else(|| panic!("a key"))
            .parse()
            .unwrap_or_else(|_| panic!("a key"));
        let space = seat.client.documents[&DocumentId::space(seat.space)].space();
        let lead = seat.client.documents[&DocumentId::board(seat.board)].board().lead;
        let register = Register::read(seat.space, &space.proofs, root);
        let mut entries = Entries::default();
        for entry in seat.client.documents[&log].entries().0.into_values() {
            entries.take(entry, (seat.board, unit), &register, lead);
        }
        entries.check_signatures(&register, usize::MAX);
        entries.all.into_values().collect()
    }
}
