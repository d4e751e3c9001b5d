//! Mutations of an input: the same for the same number.

/// Numbers that look like chance.
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// Begun with a number.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A number below a bound; 0 when the bound is.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0).checked_rem(bound).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}

/// An input changed in one to eight places, with parts of another one.
#[must_use]
pub fn mutate(input: &[u8], other: &[u8], chance: &mut Chance) -> Vec<u8> {
    const AWKWARD: [u8; 8] = [0x00, 0x01, 0x7f, 0x80, 0xff, b'\n', b'|', 0xe4];
    let mut bytes = input.to_vec();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len());
        let length = 1 + chance.below(16);
        let end = (at + length).min(bytes.len());
        match chance.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << chance.below(8),
            1 if !bytes.is_empty() => bytes[at] = AWKWARD[chance.below(AWKWARD.len())],
            2 => {
                let fresh: Vec<u8> = (0..length).map(|_| chance.byte()).collect();
                bytes.splice(at..at, fresh);
            }
            3 => {
                bytes.drain(at..end);
            }
            4 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again.repeat(1 + chance.below(4)));
            }
            5 => bytes.truncate(at),
            _ => {
                let from = chance.below(other.len());
                let part = &other[from..(from + length * 4).min(other.len())];
                bytes.splice(at..end, part.iter().copied());
            }
        }
    }
    bytes
}
