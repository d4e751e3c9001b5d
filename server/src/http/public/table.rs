//! An edition as one table.

use super::words::{standing_words, state_of, units_words};
use tongban_shared::publication::{Publication, number_words};

const HEADS: [&str; 12] = [
    "类别",
    "编号",
    "名称",
    "单位",
    "状态",
    "已完成单位",
    "全部单位",
    "目标",
    "已报",
    "已报年度",
    "差距",
    "期限",
];

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
        row.extend(["", "", "", "", &item.deadline].map(str::to_owned));
        row.extend(fields.iter().map(|field| {
            let own = item.fields.iter().find(|(name, _)| name == field);
            own.map(|(_, words)| words.clone()).unwrap_or_default()
        }));
        rows.push(row);
    }
    for one in &page.indicators {
        let (reported, gap) = (one.reported.map(number_words), one.gap.map(number_words));
        // A cell of its own, so that a spreadsheet reads the number as one.
        let year = one.reported_year.or(one.year).filter(|_| reported.is_some());
        let year = year.map(|year| year.to_string()).unwrap_or_default();
        let mut row = ["指标", "", &one.name, &one.scope, standing_words(&one.standing), "", ""]
            .map(str::to_owned)
            .to_vec();
        row.extend([one.target.clone(), reported.unwrap_or_default(), year, gap.unwrap_or_default()]);
        row.resize(HEADS.len() + fields.len(), String::new());
        rows.push(row);
    }
    tongban_shared::views::to_csv(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_shared::publication::{PublicIndicator, PublicStanding};

    /// The year of a number stands in a cell beside it: that of the target, or the one it was said of.
    #[test]
    fn a_reported_number_stands_with_its_year() {
        let one = |name: &str, reported, year, reported_year| PublicIndicator {
            id: None,
            name: name.into(),
            scope: String::new(),
            kind: tongban_shared::import::IndicatorKind::Target,
            target: "80 %".into(),
            year,
            unit: "%".into(),
            reported,
            reported_year,
            standing: PublicStanding::Short,
            gap: None,
            percent: None,
            quote: String::new(),
        };
        let indicators = vec![
            one("入户率", Some(71.0), None, Some(2027)),
            one("普及率", Some(72.0), Some(2025), None),
            one("未报", None, Some(2025), None),
        ];
        let csv = table(&Publication {
            board: tongban_shared::id::BoardId::from_bytes([1; 16]),
            title: String::new(),
            space: String::new(),
            edition: 1,
            date: String::new(),
            period: None,
            source_title: String::new(),
            source_number: String::new(),
            issuer: String::new(),
            goal: String::new(),
            sections: Vec::new(),
            indicators,
        });
        let mut rows =
            csv.trim_start_matches('\u{feff}').lines().map(|row| row.split(',').collect::<Vec<_>>());
        let heads = rows.next().expect("heads");
        let place = heads.iter().position(|head| *head == "已报年度").expect("the year");
        assert_eq!(heads[place - 1], "已报");
        let told: Vec<_> =
            rows.map(|row| [row[2], row[place - 1], row[place]]).map(|row| row.join(" ")).collect();
        assert_eq!(told, ["入户率 71 2027", "普及率 72 2025", "未报  "]);
    }
}
