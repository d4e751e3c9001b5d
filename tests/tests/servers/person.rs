//! Somebody at one of several servers.

use std::time::Duration;
use tongban_shared::document::Kind;
use tongban_shared::edit::Edit;
use tongban_shared::entry::EntryKind;
use tongban_shared::id::{BoardId, DocumentId, ItemId, SpaceId};
use tongban_shared::trust::PublicKey;
use tongban_tests::client::{Client, Signer, ask};

/// Somebody on a certified device at one of the servers.
pub struct Person {
    pub signer: Signer,
    pub client: Client,
    pub space: SpaceId,
    pub authority: PublicKey,
}

impl Person {
    pub async fn new(address: &str, secret: String) -> Self {
        let mut signer = Signer::new(address, &secret).await;
        assert_eq!(signer.certify(address, &secret).await, 200);
        Self::on(address, secret, signer).await
    }

    pub async fn on(address: &str, secret: String, signer: Signer) -> Self {
        let (_, body) = ask(address, &secret, "GET /api/session", "").await;
        let me: serde_json::Value = serde_json::from_str(&body).expect("who is signed in");
        let word = |name: &str| me[name].as_str().expect("a word").to_owned();
        let (space, authority) =
            (word("space").parse().expect("an id"), word("authority").parse().expect("a key"));
        let mut client = Client::connect(address, &secret, "person").await;
        client.open(DocumentId::space(space), Kind::Space).await;
        Self { signer, client, space, authority }
    }

    /// Opens a document that may still be on its way to this server.
    pub async fn open(&mut self, id: DocumentId, kind: Kind, ready: impl Fn(&mut Client) -> bool) {
        for _ in 0..200 {
            self.client.unavailable.clear();
            self.client.open(id, kind).await;
            if !self.client.unavailable.contains(&id) && ready(&mut self.client) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
            let _ = tokio::time::timeout(Duration::from_millis(50), self.client.take()).await;
        }
        panic!("the document did not come");
    }

    pub async fn report(&mut self, board: BoardId, item: ItemId, words: &str) {
        let log = DocumentId::log(board, self.signer.unit);
        if !self.client.documents.contains_key(&log) {
            self.client.open(log, Kind::Log).await;
        }
        let entry = self.signer.entry(board, EntryKind::Report, |entry| {
            entry.subject.item = Some(item);
            entry.body = words.to_owned();
        });
        self.write(log, &Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() }).await;
    }

    pub async fn write(&mut self, id: DocumentId, edit: &Edit) {
        self.client.refused.clear();
        let hash = self.client.edit(id, edit).await;
        self.client
            .until("the acknowledgement", |client| {
                assert!(client.refused.is_empty(), "{:?}", client.refused);
                client.acknowledged.get(&id).is_some_and(|heads| heads.contains(&hash))
            })
            .await;
    }
}
