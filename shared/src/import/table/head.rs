//! The head of a table: what its columns hold.

use super::{Column, is_indicator_table, named_indicators, text};
use crate::import::lists::{self, Label};
use crate::import::source::Cell;

/// Words in the heads of columns that hold the words of a measure.
const MEASURE: [&str; 16] = [
    "任务", "举措", "措施", "内容", "事项", "项目", "工作", "名称", "要求", "做法", "指标", "标题", "服务",
    "职责", "安排", "行动",
];

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

/// Words in the heads of columns that say what an indicator shall reach.
pub(super) const STANDARDS: [&str; 6] = ["标准", "目标值", "目标要求", "考核要求", "指标值", "完成要求"];

pub(super) fn column(name: &str) -> Column {
    let label = format!("{name}：");
    let digits: String = name.chars().take(4).collect();
    if digits.len() == 4 && digits.starts_with("20") && name[4..].starts_with('年') {
        return Column::Year(digits, name.contains("基期") || name.contains("现状"));
    }
    if matches!(name, "单位" | "计量单位") {
        return Column::Measure;
    }
    if matches!(name, "序号" | "编号" | "号") {
        Column::Number
    } else if lists::labels(&label).first().is_some_and(|(from, _, _)| *from == 0) {
        Column::Labelled(label)
    } else if name.is_empty() {
        Column::Ignored
    } else if MEASURE.iter().any(|word| name.contains(word)) {
        Column::Text
    } else {
        Column::Named(name.to_owned())
    }
}
