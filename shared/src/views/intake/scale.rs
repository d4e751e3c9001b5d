//! The scale of a number that stands outside its cell: `总投资（万元）` at the head of a column, or
//! `单位：万元` above the table.

use crate::template::FieldKind;
use crate::text::folded_text;
use crate::views::ledger::{Column, Key};

/// Scales of money, the longer before those that end like them.
const SCALES: [&str; 6] = ["千万元", "百万元", "亿元", "万元", "千元", "元"];

/// The scale that a head names: in brackets, or behind its words. Brackets that name none are given too,
/// so that a scale which is not known is told and not passed over.
pub(super) fn scale_in(head: &str) -> Option<String> {
    let folded = folded_text(head);
    let inner = |rest: &str| {
        let inner = rest.split('）').next().unwrap_or_default();
        inner.trim_start_matches("计量").trim_start_matches("单位：").to_owned()
    };
    let all: Vec<String> = folded.split('（').skip(1).map(inner).filter(|words| !words.is_empty()).collect();
    let money = all.iter().find(|words| leading(words).is_some());
    if let Some(found) = money.or(all.last()) {
        return Some(found.clone());
    }
    // Bare 元 may end a word: 美元, 多元.
    let behind = SCALES.iter().filter(|scale| **scale != "元" && folded.len() > scale.len());
    behind.into_iter().find(|scale| folded.ends_with(**scale)).map(|scale| (*scale).to_owned())
}

/// The scale of money that a note above a table names: `金额单位：万元`.
pub(super) fn scale_above(words: &str) -> Option<String> {
    let folded = folded_text(words);
    folded.split("单位：").skip(1).find_map(leading).map(str::to_owned)
}

/// The scale at the beginning of words, when nothing but a note follows: `万元，含税`.
fn leading(words: &str) -> Option<&'static str> {
    SCALES.into_iter().find(|scale| {
        let rest = words.strip_prefix(scale);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['，', ',', '、', '；', '）']))
    })
}

/// How many thousands and the like a unit of measure holds: 10,000 of `万亩`.
fn times(measure: &str) -> (f64, &str) {
    let words = [("百万", 1e6), ("千万", 1e7), ("亿", 1e8), ("万", 1e4), ("千", 1e3), ("百", 1e2)];
    let found = words.iter().find_map(|(word, times)| Some((*times, measure.strip_prefix(word)?)));
    found.unwrap_or((1.0, measure))
}

/// The words of a cell with the scale that stands outside it.
///
/// # Errors
/// A sentence when the scale cannot be told in the column of the ledger.
pub(super) fn with_scale(column: &Column, words: &str, scale: Option<&str>) -> Result<String, String> {
    let own = scale_in(&column.name);
    let folded = folded_text(words).replace(['，', ','], "");
    if let (FieldKind::Number, Some("%"), Some(bare)) =
        (column.kind, own.as_deref(), folded.strip_suffix('%'))
    {
        return Ok(bare.to_owned());
    }
    let number = folded.parse::<f64>().ok().filter(|number| number.is_finite());
    let (Some(scale), Some(number)) = (scale.filter(|scale| own.as_deref() != Some(scale)), number) else {
        return Ok(words.to_owned());
    };
    let is_field = matches!(column.key, Key::Field(_) | Key::Own(_));
    let foreign = || Err(format!("表头的单位是“{scale}”，请换算后再导入"));
    match column.kind {
        FieldKind::Money => match leading(scale) {
            Some(scale) => Ok(format!("{words}{scale}")),
            None if scale.contains(['元', '币', '镑', '‰']) => foreign(),
            None => Ok(words.to_owned()),
        },
        FieldKind::Percent if scale == "‰" => foreign(),
        FieldKind::Number => {
            let (here, there) = (times(own.as_deref().unwrap_or_default()), times(scale));
            if here.0 == there.0 {
                return Ok(words.to_owned());
            }
            let is_same = here.1 == there.1 || here.1.is_empty();
            match &own {
                Some(_) if is_same => Ok(crate::publication::number_words(number * there.0 / here.0)),
                _ => foreign(),
            }
        }
        FieldKind::Text | FieldKind::LongText if is_field => {
            let is_scale = leading(scale) == Some(scale) || times(scale).0 > 1.0 || scale == "%";
            Ok(if is_scale { format!("{words}{scale}") } else { words.to_owned() })
        }
        _ => Ok(words.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: FieldKind, name: &str, words: &str, head: &str) -> Result<String, String> {
        let column = Column { key: Key::Field("x".to_owned()), name: name.to_owned(), kind };
        with_scale(&column, words, scale_in(head).as_deref())
    }

    #[test]
    fn a_scale_at_the_head_counts_for_the_numbers_below() {
        let money = |words, head| told(FieldKind::Money, "总投资", words, head).expect("a known scale");
        assert_eq!(money("12000", "总投资（万元）"), "12000万元");
        assert_eq!(money("1.5", "总投资(单位:亿元)"), "1.5亿元");
        assert_eq!(money("1,200", "总投资（含贷款）（万元）"), "1,200万元");
        assert_eq!(money("3", "总投资/百万元"), "3百万元");
        assert_eq!(money("12000元", "总投资（万元）"), "12000元", "the cell has its own");
        assert_eq!(money("12000", "总投资（含税）"), "12000");
        assert_eq!(money("12000", "总投资"), "12000");
        assert!(told(FieldKind::Money, "总投资", "5", "总投资（万美元）").is_err());
        assert!(told(FieldKind::Percent, "增幅", "5", "增幅（‰）").is_err());
        assert_eq!(told(FieldKind::Percent, "增幅", "5", "增幅（%）"), Ok("5".to_owned()));
        assert_eq!(told(FieldKind::Text, "投资", "12000", "投资（万元）"), Ok("12000万元".to_owned()));
        assert_eq!(scale_above("编制单位：市财政局　金额单位：万元").as_deref(), Some("万元"));
        assert_eq!(scale_above("责任单位：元宝山区"), None);
    }

    #[test]
    fn counts_are_told_in_the_scale_of_their_column_or_not_at_all() {
        let number = |name, words, head| told(FieldKind::Number, name, words, head);
        assert_eq!(number("人次（万）", "120000", "人次（人）").as_deref(), Ok("12"));
        assert_eq!(number("面积（亩）", "1.2", "面积（万亩）").as_deref(), Ok("12000"));
        assert_eq!(number("人次（万）", "12", "人次（万）").as_deref(), Ok("12"));
        assert_eq!(number("占比（%）", "35%", "占比（%）").as_deref(), Ok("35"));
        assert_eq!(number("数量", "12", "数量（个）").as_deref(), Ok("12"));
        assert!(number("数量", "12", "数量（万亩）").expect_err("which is not known").contains("万亩"));
        assert!(number("面积（亩）", "12", "面积（万平方米）").is_err());
    }
}
