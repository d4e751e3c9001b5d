//! Signs that a word processor takes from a font of pictures (`w:sym`): its number means nothing
//! without the font.

use tongban_shared::office::NO_SIGN;

/// Signs of a font by their place in it: its name in small letters, then place and sign.
const FONTS: [(&str, &[(u32, char)]); 3] = [
    (
        "wingdings",
        &[
            (0x6C, '●'),
            (0x6E, '■'),
            (0x6F, '□'),
            (0x70, '□'),
            (0x71, '□'),
            (0x75, '◆'),
            (0xA8, '□'),
            (0xD8, '➢'),
            (0xDF, '←'),
            (0xE0, '→'),
            (0xE1, '↑'),
            (0xE2, '↓'),
            (0xFB, '✗'),
            (0xFC, '✓'),
            (0xFD, '☒'),
            (0xFE, '☑'),
        ],
    ),
    ("wingdings 2", &[(0x4F, '✗'), (0x50, '✓'), (0x51, '☒'), (0x52, '☑'), (0xA3, '□')]),
    (
        "symbol",
        &[
            (0xA3, '≤'),
            (0xA5, '∞'),
            (0xB0, '°'),
            (0xB1, '±'),
            (0xB3, '≥'),
            (0xB4, '×'),
            (0xB7, '•'),
            (0xB8, '÷'),
            (0xB9, '≠'),
            (0xBB, '≈'),
            (0xD7, '·'),
        ],
    ),
];

/// The sign of a font at a place that is told in hexadecimal digits; [`NO_SIGN`] for one that is not
/// known.
pub fn sign(font: &str, place: &str) -> char {
    let Ok(place) = u32::from_str_radix(place, 16) else { return NO_SIGN };
    // Such fonts stand in the private area; what stands elsewhere is a plain character.
    let own = match place {
        0xF000..=0xF0FF => place - 0xF000,
        0x20..=0xFF => place,
        _ => return char::from_u32(place).filter(|sign| !sign.is_control()).unwrap_or(NO_SIGN),
    };
    let font = font.to_lowercase();
    match FONTS.iter().find(|(name, _)| *name == font) {
        Some((_, signs)) => signs.iter().find(|(at, _)| *at == own).map_or(NO_SIGN, |(_, sign)| *sign),
        None if place <= 0xFF => char::from_u32(place).filter(|sign| !sign.is_control()).unwrap_or(NO_SIGN),
        None => NO_SIGN,
    }
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn signs_of_known_fonts_are_read_and_others_keep_their_place() {
        assert_eq!(sign("Wingdings", "F0FE"), '☑');
        assert_eq!(sign("Symbol", "F0B3"), '≥');
        assert_eq!(sign("宋体", "2103"), '℃');
        for unknown in
            [("Webdings", "F063"), ("Wingdings", "F021"), ("x", "zz"), ("x", "D800"), ("x", "FFFFFFFFF")]
        {
            assert_eq!(sign(unknown.0, unknown.1), '〓', "{unknown:?}");
        }
    }
}
