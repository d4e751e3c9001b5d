//! An address or a secret as a picture that a camera reads.

use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;
use std::fmt::Write;

/// A QR code without its quiet margin of four squares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// The dark squares, as a path of unit squares.
    pub picture: String,
    /// Squares on each side.
    pub side: i32,
}

/// Draws words; `None` when they are too long for a picture.
pub fn draw(words: &str) -> Option<Picture> {
    let drawn = QrCode::encode_text(words, QrCodeEcc::Medium).ok()?;
    let mut picture = String::new();
    for y in 0..drawn.size() {
        for x in (0..drawn.size()).filter(|x| drawn.get_module(*x, y)) {
            // Writing to a string does not fail.
            let _ = write!(picture, "M{x} {y}h1v1h-1z");
        }
    }
    Some(Picture { picture, side: drawn.size() })
}
