//! The columns of automerge, read run by run: a run of any length costs here as much as its few bytes.

use super::Unfit;

/// A number in LEB128, seven bits a byte, in the one way in which it is written.
pub(super) fn unsigned(bytes: &mut &[u8]) -> Result<u64, Unfit> {
    let mut value = 0_u64;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first().ok_or(Unfit::Cut)?;
        *bytes = rest;
        let beyond = place == 9 && *byte > 1;
        if beyond || place > 0 && *byte == 0 {
            break;
        }
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Unfit::Numbers)
}

/// The same with a sign.
pub(super) fn signed(bytes: &mut &[u8]) -> Result<i64, Unfit> {
    let mut value = 0_i64;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first().ok_or(Unfit::Cut)?;
        *bytes = rest;
        if place == 9 && *byte != 0 && *byte != 0x7f {
            break;
        }
        value |= i64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            let negative = byte & 0x40 != 0 && place < 9;
            return Ok(if negative { value | -1 << (7 * (place + 1)) } else { value });
        }
    }
    Err(Unfit::Numbers)
}

/// The next so many bytes.
pub(super) fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Result<&'a [u8], Unfit> {
    let length = usize::try_from(length).map_err(|_| Unfit::Cut)?;
    let (part, rest) = bytes.split_at_checked(length).ok_or(Unfit::Cut)?;
    *bytes = rest;
    Ok(part)
}

/// Some bytes behind their length.
pub(super) fn bytes<'a>(from: &mut &'a [u8]) -> Result<&'a [u8], Unfit> {
    let length = unsigned(from)?;
    take(from, length)
}

/// The runs of a column one after the other: how many rows, and the value of each of them, if there is one.
struct Runs<'a, F> {
    column: &'a [u8],
    value: F,
    /// Values that come one by one: there are no more of them than bytes.
    single: u64,
}

impl<'a, V, F: Fn(&mut &'a [u8]) -> Result<V, Unfit>> Runs<'a, F> {
    const fn of(column: &'a [u8], value: F) -> Self {
        Self { column, value, single: 0 }
    }

    fn run(&mut self) -> Result<(u64, Option<V>), Unfit> {
        if self.single == 0 {
            let count = signed(&mut self.column)?;
            match count {
                1.. => return Ok((count.unsigned_abs(), Some((self.value)(&mut self.column)?))),
                0 => {
                    let length = unsigned(&mut self.column)?;
                    return if length == 0 { Err(Unfit::Numbers) } else { Ok((length, None)) };
                }
                _ => self.single = count.unsigned_abs(),
            }
        }
        self.single -= 1;
        Ok((1, Some((self.value)(&mut self.column)?)))
    }
}

impl<'a, V, F: Fn(&mut &'a [u8]) -> Result<V, Unfit>> Iterator for Runs<'a, F> {
    type Item = Result<(u64, Option<V>), Unfit>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.single > 0 || !self.column.is_empty()).then(|| self.run())
    }
}

/// Reads a column of runs, one value or none for each, and gives its rows.
fn runs<'a, V>(
    column: &'a [u8],
    value: impl Fn(&mut &'a [u8]) -> Result<V, Unfit>,
    mut each: impl FnMut(u64, Option<V>) -> Result<(), Unfit>,
) -> Result<u64, Unfit> {
    let mut rows = 0_u64;
    for run in Runs::of(column, value) {
        let (length, value) = run?;
        each(length, value)?;
        rows = rows.checked_add(length).ok_or(Unfit::TooMany)?;
    }
    Ok(rows)
}

/// Whether rows of a column may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    May,
    Never,
}

impl Nulls {
    fn check<V>(self, value: Option<V>) -> Result<Option<V>, Unfit> {
        if value.is_none() && self == Self::Never { Err(Unfit::Numbers) } else { Ok(value) }
    }
}

/// The rows of a column of numbers, none of which is above `most`; `each` gets every run.
pub(super) fn numbers(
    column: &[u8],
    most: u64,
    nulls: Nulls,
    mut each: impl FnMut(u64, u64) -> Result<(), Unfit>,
) -> Result<u64, Unfit> {
    runs(column, unsigned, |length, value| match nulls.check(value)? {
        Some(value) if value > most => Err(Unfit::Numbers),
        Some(value) => each(length, value),
        None => Ok(()),
    })
}

/// The runs of two columns of numbers side by side, as far as the first goes: `each` gets the numbers of rows that
/// are alike, the second one as 0 where its column has ended. Both were read before.
pub(super) fn side_by_side(
    (first, second): (&[u8], &[u8]),
    mut each: impl FnMut(u64, u64) -> Result<(), Unfit>,
) -> Result<(), Unfit> {
    let mut others = Runs::of(second, unsigned);
    let (mut rows, mut other) = (0, 0);
    for run in Runs::of(first, unsigned) {
        let (mut length, number) = run?;
        while length > 0 {
            if rows == 0 {
                let next = others.next().transpose()?.unwrap_or((length, None));
                (rows, other) = (next.0, next.1.unwrap_or_default());
            }
            each(number.unwrap_or_default(), other)?;
            let both = length.min(rows);
            (length, rows) = (length - both, rows - both);
        }
    }
    Ok(())
}

/// The same of a column that holds the differences between numbers; `each` gets a run by its length,
/// the number before it and the difference.
pub(super) fn differences(
    column: &[u8],
    (least, most): (i64, i64),
    nulls: Nulls,
    mut each: impl FnMut(u64, i64, i64) -> Result<(), Unfit>,
) -> Result<u64, Unfit> {
    let mut at = 0_i64;
    let fits = |value: &i64| (least..=most).contains(value);
    runs(column, signed, |length, step| {
        let Some(step) = nulls.check(step)? else { return Ok(()) };
        // Between its first and its last number a run only rises or only falls.
        let way = i64::try_from(length).ok().and_then(|length| step.checked_mul(length));
        let last = way.and_then(|way| at.checked_add(way)).filter(fits).ok_or(Unfit::Numbers)?;
        at.checked_add(step).filter(fits).ok_or(Unfit::Numbers)?;
        each(length, at, step)?;
        at = last;
        Ok(())
    })
}

/// The rows of a column of words, and the bytes of all of them as they are read one by one.
pub(super) fn words(column: &[u8]) -> Result<(u64, u64), Unfit> {
    let mut all = 0_u64;
    let rows = runs(column, bytes, |length, word| {
        let size = word.map_or(0, |word| word.len() as u64);
        all = all.saturating_add(size.saturating_mul(length));
        Ok(())
    })?;
    Ok((rows, all))
}

/// The rows of a column that says yes or no: how often no, how often yes, and so on.
pub(super) fn flags(mut column: &[u8]) -> Result<u64, Unfit> {
    let (mut rows, mut first) = (0_u64, true);
    while !column.is_empty() {
        let length = unsigned(&mut column)?;
        if length == 0 && !std::mem::take(&mut first) {
            return Err(Unfit::Numbers);
        }
        first = false;
        rows = rows.checked_add(length).ok_or(Unfit::TooMany)?;
    }
    Ok(rows)
}

/// The rows of a column of numbers, and their sum.
pub(super) fn sum(column: &[u8], value: impl Fn(u64) -> u64) -> Result<(u64, u64), Unfit> {
    let mut sum = 0_u64;
    let rows = numbers(column, u64::MAX, Nulls::Never, |length, number| {
        let more = value(number).checked_mul(length).and_then(|more| sum.checked_add(more));
        sum = more.ok_or(Unfit::TooMany)?;
        Ok(())
    })?;
    Ok((rows, sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (bytes, value) in [
            (&[0][..], Ok(0)),
            (&[0x7f], Ok(127)),
            (&[0x80, 1], Ok(128)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], Ok(u64::MAX)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], Err(Unfit::Numbers)),
            (&[0x80, 0], Err(Unfit::Numbers)),
            (&[0x80; 11], Err(Unfit::Numbers)),
            (&[0x80], Err(Unfit::Cut)),
        ] {
            assert_eq!(unsigned(&mut &*bytes), value, "{bytes:?}");
        }
        for value in [0, 1, -1, 63, 64, -64, -65, 1 << 40, i64::MAX, i64::MIN] {
            let mut written = Vec::new();
            let mut left = value;
            loop {
                let byte = u8::try_from(left & 0x7f).expect("seven bits");
                left >>= 7;
                let last = left == 0 && byte & 0x40 == 0 || left == -1 && byte & 0x40 != 0;
                written.push(if last { byte } else { byte | 0x80 });
                if last {
                    break;
                }
            }
            assert_eq!(signed(&mut &*written), Ok(value));
        }
    }

    #[test]
    fn rows_are_counted_and_never_walked() {
        // 2^60 times the number 5.
        let vast = [&[0x80; 8][..], &[0x10, 5]].concat();
        assert_eq!(numbers(&vast, 9, Nulls::Never, |_, _| Ok(())), Ok(1 << 60));
        assert_eq!(numbers(&vast, 4, Nulls::Never, |_, _| Ok(())), Err(Unfit::Numbers));
        assert_eq!(numbers(&[vast.as_slice(); 9].concat(), 9, Nulls::Never, |_, _| Ok(())), Ok(9 << 60));
        assert_eq!(
            numbers(&[vast.as_slice(); 16].concat(), 9, Nulls::Never, |_, _| Ok(())),
            Err(Unfit::TooMany)
        );
        assert_eq!(sum(&vast, |number| number), Ok((1 << 60, 5 << 60)));
        assert_eq!(sum(&[vast.as_slice(); 4].concat(), |number| number), Err(Unfit::TooMany));
        // Three of nothing, two single ones, and four that are cut off.
        assert_eq!(numbers(&[0, 3, 0x7e, 1, 2], 9, Nulls::May, |_, _| Ok(())), Ok(5));
        assert_eq!(numbers(&[0, 3, 0x7e, 1, 2], 9, Nulls::Never, |_, _| Ok(())), Err(Unfit::Numbers));
        assert_eq!(numbers(&[0x7c, 1, 2], 9, Nulls::May, |_, _| Ok(())), Err(Unfit::Cut));
        assert_eq!(numbers(&[0, 0], 9, Nulls::May, |_, _| Ok(())), Err(Unfit::Numbers));
        assert_eq!(flags(&[0, 3, 4]), Ok(7));
        assert_eq!(flags(&[1, 0, 4]), Err(Unfit::Numbers));
        assert_eq!(words(&[5, 2, b'a', b'b', 0, 9]), Ok((14, 10)));
    }

    #[test]
    fn differences_stay_between_their_bounds() {
        let read = |column: &[u8]| differences(column, (1, 100), Nulls::Never, |_, _, _| Ok(()));
        // A hundred times one more; one time more is too much, also where it overflows.
        assert_eq!(read(&[0xe4, 0, 1]), Ok(100));
        assert_eq!(read(&[0xe5, 0, 1]), Err(Unfit::Numbers));
        assert_eq!(read(&[&[0x80; 8][..], &[0x10, 1]].concat()), Err(Unfit::Numbers));
        assert_eq!(
            read(&[2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]),
            Err(Unfit::Numbers)
        );
        assert_eq!(read(&[1, 50, 5, 0x76]), Err(Unfit::Numbers), "down to zero");
    }
}
