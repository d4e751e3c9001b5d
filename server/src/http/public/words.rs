//! The words of a public page for an item and an indicator, which need no explanation.

use tongban_shared::publication::{
    PublicIndicator, PublicItem, PublicLamp, PublicStanding, PublicState, Publication,
};

/// The state of an item: that of its template, or of its units' parts.
pub fn state_of(item: &PublicItem) -> &str {
    item.own_state.as_deref().unwrap_or(match item.state {
        PublicState::NotStarted => "未开始",
        PublicState::InProgress => "办理中",
        PublicState::Asked => "已报完成，待核实",
        PublicState::Returned => "退回补充",
        PublicState::Closed => "已完成",
    })
}

/// How far the units of a measure are: `已完成 2 个单位，办理中 3 个，未开始 11 个，共 16 个`.
pub fn parts_words(item: &PublicItem) -> String {
    if item.parts == 0 {
        return String::new();
    }
    // Editions before there was this count tell what is done only.
    let open = item.begun.map(|begun| (begun, item.parts.saturating_sub(item.closed + begun)));
    let (begun, waiting) = open.unwrap_or_default();
    let counts = [("已完成", item.closed), ("办理中", begun), ("未开始", waiting)];
    let mut said: Vec<String> = Vec::new();
    for (word, count) in counts.into_iter().filter(|(word, count)| *count > 0 || *word == "已完成") {
        let unit = if said.is_empty() { "个单位" } else { "个" };
        said.push(format!("{word} {count} {unit}"));
    }
    said.push(format!("共 {} 个", item.parts));
    said.join("，")
}

/// The lamp of an item on the day of the page's reader, an ISO date. Editions tell the lamp of their own
/// day, and earlier ones did not tell apart what has no date; a plan that has ended since is told to have.
pub fn lamp_of(page: &Publication, item: &PublicItem, today: &str) -> PublicLamp {
    let year: i64 = today.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    let ended = page.period.is_some_and(|(_, last)| year > last);
    let dateless = item.own_state.is_none() && item.deadline.is_empty();
    match item.lamp {
        PublicLamp::OnTrack | PublicLamp::NoDate if ended => PublicLamp::PastPlan,
        PublicLamp::OnTrack if dateless => PublicLamp::NoDate,
        lamp => lamp,
    }
}

/// Class, shape and word of a lamp.
pub const fn lamp_parts(lamp: PublicLamp) -> (&'static str, &'static str, &'static str) {
    match lamp {
        PublicLamp::Overdue => ("overdue", "▲", "逾期"),
        PublicLamp::DueSoon => ("soon", "◆", "7 天内到期"),
        PublicLamp::OnTrack => ("on", "●", "在期内"),
        PublicLamp::NoDate => ("dim", "○", "未定期限"),
        PublicLamp::PastPlan => ("soon", "◇", "超过实施期限"),
        PublicLamp::Done => ("done", "✓", "已完成"),
    }
}

pub const fn standing_words(standing: &PublicStanding) -> &'static str {
    match standing {
        PublicStanding::NoData => "暂无数据",
        PublicStanding::Met => "达标",
        PublicStanding::AboveRange => "达标（超出区间）",
        PublicStanding::Short => "未达标",
        PublicStanding::Waiting => "数据核对中",
        PublicStanding::Baseline => "基数",
    }
}

/// Width of an indicator's bar in percent of its frame.
pub fn bar(one: &PublicIndicator) -> u32 {
    one.percent.unwrap_or(0).min(100)
}

pub fn units_words(item: &PublicItem) -> String {
    item.units.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>().join("、")
}

/// How many items stand how, the answer to what readers ask first; what is none is left out.
pub fn sums_of(page: &Publication, today: &str) -> Vec<(usize, &'static str)> {
    let items: Vec<&PublicItem> = page.sections.iter().flat_map(|section| &section.items).collect();
    let count = |is: &dyn Fn(&PublicItem) -> bool| items.iter().filter(|item| is(item)).count();
    let typed = items.iter().any(|item| item.own_state.is_some());
    let done = |item: &PublicItem| item.ended || item.state == PublicState::Closed;
    let open = |item: &PublicItem| !done(item);
    let lit = |lamp: PublicLamp| count(&|item| open(item) && lamp_of(page, item, today) == lamp);
    let targets = || page.indicators.iter().filter(|one| one.standing != PublicStanding::Baseline);
    let met =
        |one: &&PublicIndicator| matches!(one.standing, PublicStanding::Met | PublicStanding::AboveRange);
    let waits = |item: &PublicItem| open(item) && item.state == PublicState::NotStarted;
    let mut sums = vec![
        (items.len(), if typed { "项" } else { "条举措" }),
        (count(&done), if typed { "已办结" } else { "已完成" }),
    ];
    let rest = [
        (count(&|item| open(item) && !waits(item)), "办理中"),
        (count(&waits), "未开始"),
        (lit(PublicLamp::Overdue), "逾期"),
        (lit(PublicLamp::PastPlan), "超过实施期限"),
        (targets().count(), "项指标"),
        (targets().filter(met).count(), "达标"),
    ];
    sums.extend(rest.into_iter().filter(|(count, _)| *count > 0));
    sums
}
