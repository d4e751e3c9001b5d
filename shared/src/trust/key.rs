//! Keys and seals: Ed25519 over a digest that says what it is for.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// The purpose of a signature: one made for one purpose says nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Entry,
    Certificate,
    Ending,
    Endorsement,
    Audit,
    Bundle,
    Edition,
    /// A ceremony of signing in that the server has begun.
    Asked,
    /// A browser in which somebody has signed in.
    Known,
    /// A server that connects to another one.
    Link,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Self::Entry => "tongban/entry/1",
            Self::Certificate => "tongban/certificate/1",
            Self::Ending => "tongban/ending/1",
            Self::Endorsement => "tongban/endorsement/1",
            Self::Audit => "tongban/audit/1",
            Self::Bundle => "tongban/bundle/1",
            Self::Edition => "tongban/edition/1",
            Self::Asked => "tongban/asked/1",
            Self::Known => "tongban/known/1",
            Self::Link => "tongban/link/1",
        }
    }
}

/// The digest of some bytes for a purpose: what is signed.
#[must_use]
pub fn digest(purpose: Purpose, bytes: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(purpose.word().as_bytes());
    hash.update([0]);
    hash.update(bytes);
    hash.finalize().into()
}

/// A key that signs. It never leaves the device or the server that made it.
#[derive(Clone)]
pub struct Key(SigningKey);

impl Key {
    /// The key of a seed of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The key with which others check its signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs some bytes for a purpose.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, bytes: &[u8]) -> Seal {
        let digest = digest(purpose, bytes);
        Seal { digest, signature: self.0.sign(&digest).to_bytes() }
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Key(of {})", self.public())
    }
}

/// A public key; shown as 64 digits of base 16.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// A key of these bytes; whether they are one is found when it is used.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The id of the device that has this key: nobody else can have it certified.
    #[must_use]
    pub fn device(&self) -> crate::id::DeviceId {
        crate::id::DeviceId::from_bytes(crate::id::fingerprint_of(&self.0))
    }

    /// Whether a seal was made with this key. Weak keys and signatures with a second form are
    /// refused.
    #[must_use]
    pub fn made(&self, seal: &Seal) -> bool {
        let key = VerifyingKey::from_bytes(&self.0);
        key.is_ok_and(|key| key.verify_strict(&seal.digest, &Signature::from_bytes(&seal.signature)).is_ok())
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&crate::document::hex(&self.0))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, out)
    }
}

impl std::str::FromStr for PublicKey {
    type Err = crate::id::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = crate::document::unhex(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| crate::id::InvalidId(text.chars().take(70).collect()))
    }
}

impl<C> minicbor::Encode<C> for PublicKey {
    fn encode<W: minicbor::encode::Write>(
        &self,
        encoder: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        encoder.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for PublicKey {
    fn decode(decoder: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes = decoder.bytes()?.try_into();
        bytes.map(Self).map_err(|_| minicbor::decode::Error::message("a public key has 32 bytes"))
    }
}

/// A signature and what it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    pub digest: [u8; 32],
    pub signature: [u8; 64],
}
