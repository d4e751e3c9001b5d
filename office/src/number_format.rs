//! Number formats of spreadsheet programs: a part of a value stands in its format alone, such as the
//! percent sign, 元, or a point that divides by 10,000.

use tongban_shared::publication::number_words;

/// Scales that a format may write behind a number.
const SCALES: [&str; 9] = ["元", "千元", "万元", "百万元", "千万元", "亿元", "万", "亿", "%"];

/// The first section of a format, its literal words apart.
#[derive(Debug, Default)]
struct Format {
    code: String,
    /// Words in quotes or behind a backslash.
    literal: String,
    /// A currency that is not 元.
    currency: String,
    /// Digits behind a point that is only drawn.
    drawn: i32,
    /// Commas behind the last digit: each divides by 1,000.
    commas: i32,
    is_percent: bool,
}

impl Format {
    fn read(code: &str) -> Self {
        let mut format = Self::default();
        let mut signs = code.chars();
        let mut is_drawn = false;
        while let Some(sign) = signs.next() {
            match sign {
                ';' => break,
                '"' => format.literal.extend(signs.by_ref().take_while(|sign| *sign != '"')),
                '\\' | '!' => match signs.next() {
                    Some('.') => is_drawn = true,
                    Some(sign) => format.literal.push(sign),
                    None => {}
                },
                // A blank as wide as a sign; a sign that fills the cell.
                '_' | '*' => {
                    signs.next();
                }
                '[' => {
                    let inner: String = signs.by_ref().take_while(|sign| *sign != ']').collect();
                    if let Some(rest) = inner.strip_prefix('$') {
                        rest.split('-').next().unwrap_or_default().clone_into(&mut format.currency);
                    }
                }
                '%' => format.is_percent = true,
                '0' | '#' | '?' => {
                    format.drawn += i32::from(is_drawn);
                    format.commas = 0;
                    format.code.push(sign);
                }
                ',' if !format.code.is_empty() => format.commas += 1,
                '$' | '€' | '£' => format.currency.push(sign),
                sign => format.code.push(sign),
            }
        }
        if ["¥", "￥", "CN¥", "CNY", "RMB", "元"].contains(&format.currency.as_str()) {
            format.currency.clear();
        }
        format
    }
}

/// A number as its format shows it, with all its digits: `35%`, `1.2万元`.
pub fn shown(number: f64, code: &str) -> String {
    let format = Format::read(code);
    // 0.07 × 100 must not be 7.000000000000001.
    let plain = |number: f64| number_words((number * 1e10).round() / 1e10);
    if format.is_percent {
        return format!("{}%", plain(number * 100.0));
    }
    if !format.currency.is_empty() {
        return format!("{}{}", format.currency, number_words(number));
    }
    let divided = number / 1000_f64.powi(format.commas) / 10_f64.powi(format.drawn);
    let words = if format.commas + format.drawn > 0 { plain(divided) } else { number_words(number) };
    let scale = format.literal.trim();
    if SCALES.contains(&scale) { format!("{words}{scale}") } else { words }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn what_stands_in_the_format_alone_is_a_part_of_the_value() {
        assert_eq!(shown(0.35, "0%"), "35%");
        assert_eq!(shown(0.07, "0.00%"), "7%");
        assert_eq!(shown(65.0, "0.##\"%\""), "65%");
        assert_eq!(shown(35.0, "0\\%"), "35%");
        assert_eq!(shown(12_000.0, "0.00\"万元\""), "12000万元");
        assert_eq!(shown(12_000.0, "#,##0.00\"元\""), "12000元");
        assert_eq!(shown(12_000.0, "General"), "12000");
        assert_eq!(shown(12_000.0, "#,##0.00_);(#,##0.00)"), "12000");
        assert_eq!(shown(3.0, "0\"个\""), "3", "a word of counting changes nothing");
    }

    #[test]
    fn a_format_that_divides_shows_less_than_the_number() {
        assert_eq!(shown(123_456_789.0, "0!.0,\"万元\""), "12345.6789万元");
        assert_eq!(shown(123_456.0, "0\\.0000"), "12.3456");
        assert_eq!(shown(2_000_000.0, "#,##0,"), "2000");
        assert_eq!(shown(2_000_000.0, "0.0,,\"百万元\""), "2百万元");
    }

    #[test]
    fn money_of_elsewhere_is_no_money_of_here() {
        assert_eq!(shown(5.0, "[$US$-409]#,##0"), "US$5");
        assert_eq!(shown(5.0, "\"$\"#,##0"), "5", "quoted signs are words");
        assert_eq!(shown(5.0, "[$¥-804]#,##0"), "5");
        assert_eq!(shown(5.0, "[Red][>=100]0"), "5");
    }
}
