//! Order keys: a string between two others, so that moving one card writes one register.

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A key that sorts between two others; empty means the end on that side. Equal keys (two devices
/// inserted at one spot) are ordered by id.
#[must_use]
pub fn between(before: &str, after: &str) -> String {
    let low: Vec<usize> = before.bytes().map(digit).collect();
    let high: Vec<usize> = after.bytes().map(digit).collect();
    let bounded = !high.is_empty() && low < high;
    let mut key = Vec::new();
    let mut tied = bounded;
    for place in 0.. {
        let floor = low.get(place).copied().unwrap_or(0);
        let ceiling = if tied { high.get(place).copied().unwrap_or(36) } else { 36 };
        if ceiling > floor + 1 {
            key.push((floor + ceiling) / 2);
            break;
        }
        key.push(floor);
        tied = tied && floor == ceiling;
    }
    key.into_iter().map(|digit| DIGITS[digit] as char).collect()
}

/// Keys for a whole list at once: evenly spread, of equal length.
#[must_use]
pub fn spread(count: usize) -> Vec<String> {
    let mut length = 1;
    while 36_usize.pow(length) < (count + 1) * 8 {
        length += 1;
    }
    let step = 36_usize.pow(length) / (count + 1);
    (1..=count)
        .map(|index| {
            let mut number = index * step;
            let mut key = vec![0; length as usize];
            for place in key.iter_mut().rev() {
                *place = DIGITS[number % 36];
                number /= 36;
            }
            key.into_iter().map(char::from).collect()
        })
        .collect()
}

fn digit(byte: u8) -> usize {
    DIGITS.iter().position(|known| *known == byte).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_can_always_be_put_between_two_others() {
        let mut keys = vec![between("", "")];
        for round in 0..300 {
            let at = round * 7 % (keys.len() + 1);
            let before = if at == 0 { String::new() } else { keys[at - 1].clone() };
            let after = keys.get(at).cloned().unwrap_or_default();
            let key = between(&before, &after);
            assert!(before < key && (after.is_empty() || key < after), "{before} {key} {after}");
            keys.insert(at, key);
        }
        let mut last = between("", "");
        for _ in 0..200 {
            let first = between("", &last);
            assert!(first < last && !first.is_empty());
            last = first;
        }
    }

    #[test]
    fn spread_keys_are_in_order() {
        let keys = spread(1100);
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]) && keys.len() == 1100);
    }
}
