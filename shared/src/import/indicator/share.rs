//! 分别: several names or years that share a sentence with as many numbers.

use super::time::without_time;
use super::trimmed::trimmed;
use crate::import::pattern::{Pattern, pattern};
use crate::import::quantity::Quantity;
use crate::text::ending;
use std::collections::HashMap;
use std::sync::LazyLock;

static YEARS: LazyLock<Pattern> = LazyLock::new(|| pattern("(20\\d{2})年"));

/// The thing that one number of `A、B分别达到1和2` counts.
pub(super) struct Share {
    pub(super) name: Option<String>,
    pub(super) year: Option<i32>,
}

/// Numbers that 分别 gives to the names, or to the years, before it; all have the first one's
/// operator.
pub(super) fn shared_out(text: &str, all: &mut [Quantity]) -> HashMap<usize, Share> {
    let mut shares = HashMap::new();
    if !text.contains("分别") {
        return shares;
    }
    // Ends and values of the years, and the places where clauses end.
    let years: Vec<(usize, i32)> = YEARS
        .captures_iter(text)
        .filter_map(|found| Some((found.get(0)?.end(), found.get(1)?.as_str().parse().ok()?)))
        .collect();
    let stops: Vec<usize> = text.match_indices(['，', '；', '。', '：']).map(|(at, _)| at).collect();
    let is_colon = |at: usize| text[at..].starts_with('：');
    let mut done = None;
    for (at, word) in text.match_indices("分别") {
        let first = all.partition_point(|quantity| quantity.from <= at);
        // The first 分别 before some numbers shares them out.
        if first == all.len() || done == Some(first) {
            continue;
        }
        let behind = at + word.len();
        let next = stops.partition_point(|stop| *stop < behind);
        if stops[next..].iter().find(|stop| !is_colon(**stop)).is_some_and(|stop| *stop < all[first].op_from)
        {
            continue;
        }
        done = Some(first);
        let mut count = 1;
        while let Some(next) = all.get(first + count) {
            let gap = &text[all[first + count - 1].to..next.from];
            if !matches!(gap, "、" | "和" | "及" | "与" | "，" | "以及") {
                break;
            }
            count += 1;
        }
        let last = stops[..next].iter().rfind(|stop| **stop < at && !text[**stop..].starts_with('。'));
        let start = last.map_or(0, |at| at + '，'.len_utf8());
        let clean = without_time(ending(&text[start..at], CLAUSE));
        let names: Vec<&str> =
            clean.split(['、', '和', '及', '与']).filter(|name| !name.is_empty()).collect();
        let years = &years[..years.partition_point(|(end, _)| *end <= at)];
        for offset in 0..count {
            // 事故起数和死亡人数分别下降10%和15%: the direction is that of both.
            let change = all[first].change.clone().unwrap_or_default();
            let named = |name: &str| format!("{}{change}", trimmed(name));
            let name = (names.len() == count).then(|| named(names[offset]));
            let year = (years.len() == count && count > 1 && names.len() != count).then(|| years[offset].1);
            let (op, explicit) = (all[first].op, all[first].explicit);
            if offset > 0 && explicit && !all[first + offset].explicit {
                (all[first + offset].op, all[first + offset].explicit) = (op, explicit);
            }
            let name = name.or_else(|| (names.len() == 1).then(|| named(names[0])));
            shares.insert(first + offset, Share { name, year });
        }
    }
    shares
}

/// The most characters of the names before 分别.
const CLAUSE: usize = 200;
