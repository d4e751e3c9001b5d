//! 分别: several names or years that share a sentence with as many numbers.

use super::time::without_time;
use super::{pattern, trimmed};
use crate::import::quantity::Quantity;
use regex_lite::Regex;
use std::sync::LazyLock;

static YEARS: LazyLock<Regex> = LazyLock::new(|| pattern("(20\\d{2})年"));

/// The thing that one number of `A、B分别达到1和2` counts.
pub(super) struct Share {
    pub(super) quantity: usize,
    pub(super) name: Option<String>,
    pub(super) year: Option<i32>,
}

/// Numbers that 分别 gives to the names, or to the years, before it; all have the first one's
/// operator.
pub(super) fn shared_out(text: &str, all: &mut [Quantity]) -> Vec<Share> {
    let mut shares = Vec::new();
    for (at, word) in text.match_indices("分别") {
        let Some(first) = all.iter().position(|quantity| quantity.from > at) else { continue };
        if text[at + word.len()..all[first].op_from.max(at + word.len())].contains(['，', '；', '。']) {
            continue;
        }
        let mut count = 1;
        while let Some(next) = all.get(first + count) {
            let gap = &text[all[first + count - 1].to..next.from];
            if !matches!(gap, "、" | "和" | "及" | "与" | "，" | "以及") {
                break;
            }
            count += 1;
        }
        let start = text[..at].rfind(['，', '；', '：']).map_or(0, |at| at + '，'.len_utf8());
        let clean = without_time(&text[start..at]);
        let names: Vec<&str> =
            clean.split(['、', '和', '及', '与']).filter(|name| !name.is_empty()).collect();
        let years: Vec<i32> = YEARS
            .captures_iter(&text[..at])
            .filter_map(|found| found.get(1)?.as_str().parse().ok())
            .collect();
        for offset in 0..count {
            let name = (names.len() == count).then(|| trimmed(names[offset]));
            let year = (years.len() == count && count > 1 && names.len() != count).then(|| years[offset]);
            let (op, explicit) = (all[first].op, all[first].explicit);
            if offset > 0 && explicit && !all[first + offset].explicit {
                (all[first + offset].op, all[first + offset].explicit) = (op, explicit);
            }
            let name = name.or_else(|| (names.len() == 1).then(|| trimmed(names[0])));
            shares.push(Share { quantity: first + offset, name, year });
        }
    }
    shares
}
