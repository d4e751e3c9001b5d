//! An edition as one table.

use super::words::{standing_words, state_of, units_words};
use crate::limits;
use std::borrow::Cow;
use std::collections::HashMap;
use tongban_shared::publication::{PublicIndicator, PublicItem, Publication, number_words};

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

/// The column of what has none of its own.
const OTHERS: &str = "其余内容";

/// The rows of an edition, heads first: items, then indicators. They are written one after the other, and each has
/// no more than so many cells: the table takes no more than some times the edition.
pub fn table(page: &Publication) -> String {
    let items = || page.sections.iter().flat_map(|section| &section.items);
    // Every public field that an item fills has a column, in the order in which they come; those of which there are
    // too many share one.
    let (mut names, mut places) = (Vec::new(), HashMap::new());
    let mut others = false;
    for (name, _) in items().flat_map(|item| &item.fields) {
        if places.contains_key(name.as_str()) {
            continue;
        }
        if names.len() == limits::TABLE_FIELDS {
            others = true;
            break;
        }
        places.insert(name.as_str(), names.len());
        names.push(name.as_str());
    }
    let head = HEADS.iter().chain(&names).copied().chain(others.then_some(OTHERS));
    let head = head.map(Cow::from).collect::<Vec<_>>();
    let width = head.len();
    let of_item = |item| item_row(item, &places, width);
    let of_indicator = |one| indicator_row(one, width);
    let rows = items().map(of_item).chain(page.indicators.iter().map(of_indicator));
    tongban_shared::views::to_csv(std::iter::once(head).chain(rows))
}

fn item_row<'a>(item: &'a PublicItem, places: &HashMap<&str, usize>, width: usize) -> Vec<Cow<'a, str>> {
    // Two cells: spreadsheets take "2/16" for a day of February.
    let parts = |count: usize| if item.parts > 0 { count.to_string() } else { String::new() };
    let kind = if item.kind.is_empty() { "举措" } else { &item.kind };
    let mut row: Vec<Cow<'a, str>> = vec![kind.into(), (&*item.number).into(), (&*item.title).into()];
    row.extend([units_words(item).into(), state_of(item).into()]);
    row.extend([parts(item.closed).into(), parts(item.parts).into()]);
    row.extend(["", "", "", "", &*item.deadline].map(Cow::from));
    row.resize(width, Cow::default());
    let mut others = String::new();
    for (name, words) in &item.fields {
        let place = places.get(name.as_str()).and_then(|place| row.get_mut(HEADS.len() + place));
        match place {
            // The first of two under one name counts.
            Some(cell) if cell.is_empty() => *cell = words.as_str().into(),
            Some(_) => {}
            None => others.extend([if others.is_empty() { "" } else { "；" }, name, "：", words]),
        }
    }
    if let Some(cell) = row.last_mut().filter(|_| !others.is_empty()) {
        *cell = others.into();
    }
    row
}

fn indicator_row(one: &PublicIndicator, width: usize) -> Vec<Cow<'_, str>> {
    let (reported, gap) = (one.reported.map(number_words), one.gap.map(number_words));
    // A cell of its own, so that a spreadsheet reads the number as one.
    let year = one.reported_year.or(one.year).filter(|_| reported.is_some());
    let year = year.map(|year| year.to_string()).unwrap_or_default();
    let row = ["指标", "", &one.name, &one.scope, standing_words(&one.standing), "", "", &one.target];
    let mut row = row.map(Cow::from).to_vec();
    row.extend([reported.unwrap_or_default(), year, gap.unwrap_or_default()].map(Cow::from));
    row.resize(width, Cow::default());
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use tongban_shared::publication::{PublicLamp, PublicSection, PublicStanding, PublicState};

    fn edition(items: Vec<PublicItem>, indicators: Vec<PublicIndicator>) -> Publication {
        Publication {
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
            sections: vec![PublicSection { number: String::new(), title: String::new(), items }],
            indicators,
        }
    }

    /// A template of 1,551 fields, of which each item fills one.
    #[test]
    fn a_table_has_columns_of_what_is_filled_and_no_more_than_a_bound() {
        let item = |fields: Vec<(String, String)>| PublicItem {
            id: None,
            kind: "类".into(),
            number: "1".into(),
            title: "题".into(),
            text: String::new(),
            state: PublicState::InProgress,
            own_state: None,
            ended: false,
            fields,
            lamp: PublicLamp::NoDate,
            deadline: "2027".into(),
            units: Vec::new(),
            closed: 0,
            begun: None,
            parts: 0,
            depth: 0,
        };
        let field = |number: usize| (format!("字段{number}"), format!("值{number}"));
        let items = (0..3_000).map(|number| item(vec![field(number % 1_551)])).collect();
        let mut edition = edition(items, Vec::new());
        let csv = table(&edition);
        // Before, each of them had 1,563 cells: 4.7 MB of commas.
        assert!(csv.len() < 3_000 * (limits::TABLE_FIELDS + 100) + 10_000, "{}", csv.len());
        let cells = |csv: &str| -> Vec<Vec<String>> {
            tongban_shared::views::from_csv(csv, usize::MAX).expect("a table")
        };
        let rows = cells(&csv);
        assert!(rows.iter().all(|row| row.len() == HEADS.len() + limits::TABLE_FIELDS + 1));
        assert_eq!(rows[0].last().expect("a column"), OTHERS);
        assert_eq!(rows[1][HEADS.len()], "值0");
        assert_eq!(rows[1_500].last().expect("a cell"), "字段1499：值1499");
        // Few of them have a column each.
        edition.sections[0].items = vec![item(vec![field(1), field(2)]), item(vec![field(3), field(1)])];
        let rows = cells(&table(&edition));
        let tails: Vec<_> = rows.iter().map(|row| row[HEADS.len() - 1..].join(" ")).collect();
        assert_eq!(tails, ["期限 字段1 字段2 字段3", "2027 值1 值2 ", "2027 值1  值3"]);
    }

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
        let csv = table(&edition(Vec::new(), indicators));
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
