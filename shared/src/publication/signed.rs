//! An edition with the signature of the server that published it: whoever has kept one can show that it
//! said so, without asking the server.

use super::Publication;
use crate::document::{hex, unhex};
use crate::trust::{Key, PublicKey, Purpose, Seal, digest};
use serde::{Deserialize, Serialize};

/// An edition as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEdition {
    /// The edition as JSON, to the letter.
    pub content: String,
    /// Public key of the server, 64 digits.
    pub key: String,
    /// Its signature, 128 digits.
    pub signature: String,
}

impl SignedEdition {
    /// An edition and what its server's key has said of it.
    #[must_use]
    pub fn new(content: String, key: PublicKey, signature: &[u8; 64]) -> Self {
        Self { content, key: key.to_string(), signature: hex(signature) }
    }

    /// Signs the JSON of an edition.
    #[must_use]
    pub fn sign(content: String, key: &Key) -> Self {
        let seal = key.seal(Purpose::Edition, content.as_bytes());
        Self::new(content, key.public(), &seal.signature)
    }

    /// The edition, and the key of the server that has signed it; nothing when one letter is another.
    #[must_use]
    pub fn open(&self) -> Option<(Publication, PublicKey)> {
        let key: PublicKey = self.key.parse().ok()?;
        let signature = unhex(&self.signature)?.try_into().ok()?;
        let seal = Seal { digest: digest(Purpose::Edition, self.content.as_bytes()), signature };
        key.made(&seal).then_some(())?;
        Some((serde_json::from_str(&self.content).ok()?, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BoardId;

    #[test]
    fn an_edition_is_what_was_signed_or_nothing() {
        let key = Key::from_seed(&[1; 32]);
        let edition = Publication {
            board: BoardId::from_bytes([1; 16]),
            title: "举措清单".into(),
            space: String::new(),
            edition: 3,
            date: "2026-01-01".into(),
            period: None,
            source_title: String::new(),
            source_number: String::new(),
            issuer: String::new(),
            goal: "到2026年结对30所".into(),
            sections: Vec::new(),
            indicators: Vec::new(),
        };
        let content = serde_json::to_string(&edition).expect("JSON");
        let signed = SignedEdition::sign(content, &key);
        assert_eq!(signed.open(), Some((edition, key.public())));
        let other = |change: &dyn Fn(&mut SignedEdition)| {
            let mut other = signed.clone();
            change(&mut other);
            other.open()
        };
        assert_eq!(other(&|one| one.content = one.content.replace("举措", "举借")), None);
        assert_eq!(other(&|one| one.content.push(' ')), None);
        assert_eq!(other(&|one| one.key = Key::from_seed(&[2; 32]).public().to_string()), None);
        assert_eq!(other(&|one| one.signature = one.signature.replace(char::is_numeric, "0")), None);
        assert_eq!(other(&|one| one.signature.clear()), None);
    }
}
