//! The chain itself: one record as a line, and whether lines hold together.

use serde_json::{Value, json};
use tongban_shared::document::{hex, unhex};
use tongban_shared::text::line_json;
use tongban_shared::trust::{Key, PublicKey, Purpose, Seal, digest};

/// A record with its hash and signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// JSON with sorted keys and no blanks.
    pub record: String,
    pub hash: [u8; 32],
    pub signature: [u8; 64],
}

/// The place and the kind of a break in a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("第 {0} 行不是审计记录")]
    Unreadable(u64),
    #[error("第 {0} 条记录的序号不对：前面缺了记录，或者次序变了")]
    Gap(u64),
    #[error("第 {0} 条记录与前一条接不上：前一条被改过或被换过")]
    Link(u64),
    #[error("第 {0} 条记录的内容被改过")]
    Changed(u64),
    #[error("第 {0} 条记录的签名不是本服务器的")]
    Signature(u64),
}

impl Line {
    /// The line of a record.
    #[must_use]
    pub fn new(record: &Value, key: &Key) -> Self {
        let record = record.to_string();
        let seal = key.seal(Purpose::Audit, record.as_bytes());
        Self { record, hash: seal.digest, signature: seal.signature }
    }

    /// The line as it is exported: the record with `hash` and `signature` beside it, one JSON
    /// object. Signs that would move or turn the line of a terminal stand in it as escapes.
    #[must_use]
    pub fn to_json(&self) -> String {
        let record: Value = serde_json::from_str(&self.record).unwrap_or_default();
        let line = json!({ "record": record, "hash": hex(&self.hash), "signature": hex(&self.signature) });
        line_json(&line.to_string())
    }

    /// Reads an exported line.
    #[must_use]
    pub fn from_json(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let bytes = |name: &str| unhex(line[name].as_str()?);
        Some(Self {
            record: line["record"].to_string(),
            hash: bytes("hash")?.try_into().ok()?,
            signature: bytes("signature")?.try_into().ok()?,
        })
    }
}

/// Follows a chain from its first record; gives how many there are and the hash of the last one,
/// which is worth keeping elsewhere: a chain that was cut at its end still holds together.
///
/// # Errors
/// The first [`Broken`] link.
pub fn verify(
    lines: impl IntoIterator<Item = Option<Line>>,
    authority: PublicKey,
) -> Result<(u64, [u8; 32]), Broken> {
    let (mut count, mut before) = (0, String::new());
    let mut last = [0; 32];
    for line in lines {
        count += 1;
        let line = line.ok_or(Broken::Unreadable(count))?;
        let record: Value = serde_json::from_str(&line.record).map_err(|_| Broken::Unreadable(count))?;
        if record["seq"].as_u64() != Some(count) {
            return Err(Broken::Gap(count));
        }
        if digest(Purpose::Audit, line.record.as_bytes()) != line.hash {
            return Err(Broken::Changed(count));
        }
        if record["before"].as_str() != Some(&before) {
            return Err(Broken::Link(count));
        }
        if !authority.made(&Seal { digest: line.hash, signature: line.signature }) {
            return Err(Broken::Signature(count));
        }
        (before, last) = (hex(&line.hash), line.hash);
    }
    Ok((count, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(key: &Key) -> Vec<Line> {
        let mut before = String::new();
        let line = |seq: u64| {
            let line = Line::new(&json!({ "seq": seq, "before": before, "act": "sign_in" }), key);
            before = hex(&line.hash);
            line
        };
        (1..=5).map(line).collect()
    }

    #[test]
    fn the_first_broken_link_of_the_audit_trail_is_named() {
        let key = Key::from_seed(&[1; 32]);
        let whole = chain(&key);
        let verified = |lines: &[Line]| verify(lines.iter().cloned().map(Some), key.public());
        assert_eq!(verified(&whole), Ok((5, whole[4].hash)));
        let exported: Vec<String> = whole.iter().map(Line::to_json).collect();
        assert_eq!(verify(exported.iter().map(|line| Line::from_json(line)), key.public()), verified(&whole));

        let mut changed = whole.clone();
        changed[2].record = changed[2].record.replace("sign_in", "publish");
        assert_eq!(verified(&changed), Err(Broken::Changed(3)));
        let mut missing = whole.clone();
        missing.remove(1);
        assert_eq!(verified(&missing), Err(Broken::Gap(2)));
        // Rewritten with hashes that fit, but without the key.
        let rewritten = chain(&Key::from_seed(&[2; 32]));
        assert_eq!(verified(&rewritten), Err(Broken::Signature(1)));
        let mut spliced = whole.clone();
        spliced[3] = Line::new(&json!({ "seq": 4, "before": hex(&[7; 32]), "act": "sign_in" }), &key);
        assert_eq!(verified(&spliced), Err(Broken::Link(4)));
        assert_eq!(verify([None], key.public()), Err(Broken::Unreadable(1)));
    }

    #[test]
    fn an_exported_line_moves_no_terminal_and_says_the_same() {
        let key = Key::from_seed(&[1; 32]);
        let words = "王\u{202e}芳\u{2066}甲\u{2069}\u{9b}31m\u{7f}\u{1b}[2J\u{2028}\n乙\u{61c}";
        let line = Line::new(&json!({ "seq": 1, "before": "", "about": { words: words } }), &key);
        let exported = line.to_json();
        assert_eq!(tongban_shared::text::line_text(&exported), exported, "as it stands in a terminal");
        assert_eq!(Line::from_json(&exported), Some(line.clone()));
        assert_eq!(verify([Line::from_json(&exported)], key.public()), Ok((1, line.hash)));
    }
}
