//! An edition as one table.

use super::words::{standing_words, state_of, units_words};
use tongban_shared::publication::{Publication, number_words};

const HEADS: [&str; 11] =
    ["类别", "编号", "名称", "单位", "状态", "已完成单位", "全部单位", "目标", "已报", "差距", "期限"];

/// The rows of an edition, heads first: items, then indicators.
pub fn table(page: &Publication) -> String {
    let items = || page.sections.iter().flat_map(|section| &section.items);
    // Every public field of every type has a column, in the order in which they come.
    let mut fields: Vec<&str> = Vec::new();
    for (name, _) in items().flat_map(|item| &item.fields) {
        if !fields.contains(&name.as_str()) {
            fields.push(name);
        }
    }
    let mut rows = vec![HEADS.iter().chain(&fields).map(|name| (*name).to_owned()).collect::<Vec<_>>()];
    for item in items() {
        // Two cells: spreadsheets take "2/16" for a day of February.
        let parts = |count: usize| if item.parts > 0 { count.to_string() } else { String::new() };
        let kind = if item.kind.is_empty() { "举措" } else { &item.kind };
        let mut row = [kind, &item.number, &item.title].map(str::to_owned).to_vec();
        row.extend([units_words(item), state_of(item).to_owned(), parts(item.closed), parts(item.parts)]);
        row.extend([String::new(), String::new(), String::new(), item.deadline.clone()]);
        row.extend(fields.iter().map(|field| {
            let own = item.fields.iter().find(|(name, _)| name == field);
            own.map(|(_, words)| words.clone()).unwrap_or_default()
        }));
        rows.push(row);
    }
    for one in &page.indicators {
        let (reported, gap) = (one.reported.map(number_words), one.gap.map(number_words));
        let mut row = ["指标", "", &one.name, &one.scope, standing_words(&one.standing), "", ""]
            .map(str::to_owned)
            .to_vec();
        row.extend([one.target.clone(), reported.unwrap_or_default(), gap.unwrap_or_default()]);
        row.resize(HEADS.len() + fields.len(), String::new());
        rows.push(row);
    }
    tongban_shared::views::to_csv(&rows)
}
