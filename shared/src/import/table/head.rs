//! The columns of a table's head.

use super::{Cell, Column, Label, column, is_indicator_table, lists, text};

/// The first row of a head whose merged cells hold their name in the first of them alone: a blank stands for
/// the name before it where the row below has a name.
fn spread(over: &[String], below: &[String]) -> Vec<String> {
    let mut name = String::new();
    let fill = |(place, own): (usize, &String)| {
        if !own.is_empty() || below.get(place).is_none_or(String::is_empty) {
            name.clone_from(own);
        }
        name.clone()
    };
    over.iter().enumerate().map(fill).collect()
}

/// The columns of a head; `over` are the names of the row above, which may be the first row of the head.
pub(super) fn header(parts: &[Vec<Cell>], over: &[String]) -> Option<Vec<Column>> {
    let mut names: Vec<String> = parts.iter().map(|part| text(part)).collect();
    let over = spread(over, &names);
    // A head that was merged down has its name in its first row alone.
    if over.len() == names.len() && names.first().is_some_and(String::is_empty) {
        for (name, over) in names.iter_mut().zip(&over).filter(|(name, _)| name.is_empty()) {
            name.clone_from(over);
        }
    }
    if names.iter().any(|name| name.chars().count() > 14) {
        return None;
    }
    let mut columns: Vec<Column> = names.iter().map(|name| column(name)).collect();
    // The first words are the measure itself, however their column is named.
    if !columns.contains(&Column::Text)
        && let Some(first) = columns.iter_mut().find(|column| matches!(column, Column::Named(_)))
    {
        *first = Column::Text;
    }
    let two_rows = over.len() == names.len() && over.iter().zip(&names).any(|(over, name)| over == name);
    if two_rows && let Some(crossed) = crossed(&columns, &names, &over) {
        return Some(crossed);
    }
    for (column, over) in columns.iter_mut().zip(&over).filter(|_| two_rows) {
        if let Column::Named(name) = column
            && name != over
        {
            *name = format!("{over}{name}");
        }
    }
    let units = columns.iter().any(|column| match column {
        Column::Labelled(label) => matches!(lists::labels(label).first(), Some((0, _, Label::Units(_)))),
        _ => false,
    });
    let of_standards = !units && named_indicators(&names).is_some();
    if of_standards {
        for (column, name) in columns.iter_mut().zip(&names) {
            if STANDARDS.iter().any(|word| name.contains(word)) {
                *column = Column::Standard;
            }
        }
        return Some(columns);
    }
    let indicators = names.iter().any(|name| name.contains("指标")) && is_indicator_table(&columns);
    for (column, name) in columns.iter_mut().zip(&names).filter(|_| indicators) {
        let rate = ["年均", "增速", "累计", "增幅"].iter().any(|word| name.contains(word));
        // 属性: a word of the row that says nothing to do.
        let kind = matches!(name.as_str(), "属性" | "指标属性" | "指标类型" | "性质");
        match column {
            Column::Text | Column::Named(_) if rate => *column = Column::Rate,
            Column::Text | Column::Named(_) if kind => *column = Column::Ignored,
            _ => {}
        }
    }
    (indicators || units && columns.contains(&Column::Text)).then(|| {
        let mut columns = columns;
        if indicators {
            // The earliest of several years is where it starts.
            let years: Vec<String> = columns
                .iter()
                .filter_map(|column| match column {
                    Column::Year(year, _) => Some(year.clone()),
                    _ => None,
                })
                .collect();
            let first = years.iter().min().filter(|_| years.len() > 1).cloned();
            for column in &mut columns {
                if let Column::Year(year, start) = column {
                    *start |= Some(&*year) == first.as_ref();
                }
            }
        }
        columns
    })
}

/// The columns of a head whose first line names indicators and whose second one their years: `2016年实际`,
/// `2017年目标`.
fn crossed(columns: &[Column], names: &[String], over: &[String]) -> Option<Vec<Column>> {
    let (_, values) = columns.split_first().filter(|(_, values)| values.len() >= 2)?;
    if !values.iter().all(|column| matches!(column, Column::Year(..))) {
        return None;
    }
    let of_years = values.iter().zip(&names[1..]).zip(&over[1..]).filter_map(|((column, name), over)| {
        let Column::Year(year, start) = column else { return None };
        let done = ["实际", "完成", "实绩"].iter().any(|word| name.contains(word));
        Some(Column::Crossed(over.clone(), year.clone(), *start || done))
    });
    Some(std::iter::once(Column::Text).chain(of_years).collect())
}

/// Words in the heads of columns that say what an indicator shall reach.
const STANDARDS: [&str; 6] = ["标准", "目标值", "目标要求", "考核要求", "指标值", "完成要求"];

/// The last column of indicators' names, in a table with a column of what they shall reach.
fn named_indicators(names: &[String]) -> Option<usize> {
    let standard = |name: &String| STANDARDS.iter().any(|word| name.contains(word));
    names.iter().any(standard).then_some(())?;
    names.iter().rposition(|name| name.contains("指标") && !standard(name))
}
