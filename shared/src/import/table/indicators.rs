//! Rows of tables of indicators as the sentences of goals.

use super::{Cell, Column, Label, lists, outline, text};

/// A row of indicators with what they shall reach, as the sentence of a goal: `具体指标：续约率力争2023年达到80%。`
pub(super) fn standard_row(columns: &[Column], parts: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
    let Some(standard) = columns.iter().position(|column| *column == Column::Standard) else {
        return Vec::new();
    };
    let names = (0..standard.min(parts.len())).rev();
    let mut named = names.filter(|place| matches!(columns[*place], Column::Text | Column::Named(_)));
    let (Some(name), Some(words)) =
        (named.find(|place| !text(&parts[*place]).is_empty()), parts.get(standard))
    else {
        return Vec::new();
    };
    let mut sentence: Vec<Cell> = Vec::new();
    let at = parts[name].first().map_or(0, |cell| cell.at);
    sentence.extend("具体指标：".chars().map(|shown| Cell { shown, at }));
    let own = text(&parts[name]);
    let number = outline::marker_at(&own).map_or(0, |marker| own[..marker.bytes].chars().count());
    sentence.extend(parts[name].iter().skip(number).copied());
    // A clause without a number says how it is counted.
    for clause in words.split(|cell| matches!(cell.shown, '，' | ',' | '；' | ';' | '。')) {
        if clause.iter().any(|cell| cell.shown.is_ascii_digit()) {
            sentence.extend(clause.iter().copied());
            sentence.push(Cell { shown: '，', at: clause.last().map_or(at, |cell| cell.at) });
        }
    }
    sentence.pop();
    sentence.push(Cell { shown: '。', at });
    vec![sentence]
}

/// Whether a row names units, so that its indicator is something that somebody must do.
pub(super) fn has_units(columns: &[Column], parts: &[Vec<Cell>]) -> bool {
    let is_of_units = |column: &Column| match column {
        Column::Labelled(label) => matches!(lists::labels(label).first(), Some((_, _, Label::Units(_)))),
        _ => false,
    };
    columns.iter().zip(parts).any(|(column, part)| is_of_units(column) && !text(part).is_empty())
}

/// A row of indicators as the sentences of a goal: `到2025年，堤防达标率为95%。`; below a measure they say what it
/// must reach.
pub(super) fn indicator_row(columns: &[Column], parts: &[Vec<Cell>], of_measure: bool) -> Vec<Vec<Cell>> {
    let cell = |wanted: fn(&Column) -> bool| {
        columns
            .iter()
            .zip(parts)
            .find(|(column, part)| wanted(column) && !text(part).is_empty())
            .map(|(_, part)| part)
    };
    let Some(name) = cell(|column| *column == Column::Text) else { return Vec::new() };
    let (bare, own_measure) = measured(&text(name));
    // 用水总量（亿立方米）: the unit of measure stands behind the name.
    let measure = cell(|column| *column == Column::Measure).map(|part| text(part)).or(own_measure);
    let measure = measure.unwrap_or_default();
    let mut sentences = Vec::new();
    let years = columns.iter().filter_map(|column| match column {
        Column::Year(year, _) => Some(year.clone()),
        _ => None,
    });
    let last = years.max();
    let equal = if of_measure { "达到" } else { "为" };
    for (column, part) in columns.iter().zip(parts) {
        if let (Column::Rate, Some(first), Some(last)) = (column, part.first(), &last) {
            sentences
                .extend(rate(&text(part), &bare, &measure, last).map(|words| {
                    words.chars().map(|shown| Cell { shown, at: first.at }).collect::<Vec<_>>()
                }));
        }
        let Some(first) = part.first() else { continue };
        let (bare, measure, year, start) = match column {
            Column::Year(year, start) => (bare.clone(), measure.clone(), year, start),
            Column::Crossed(over, year, start) => {
                let (own, measure) = measured(over);
                (format!("{}{own}", text(name)), measure.unwrap_or_default(), year, start)
            }
            _ => continue,
        };
        let value = text(part);
        let digits = value.trim_start_matches(['>', '<', '=', '≥', '≤', '＞', '＜', '[', '【', '〔']);
        if !digits.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let number: String = digits.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let op = &value[..value.len() - digits.len()];
        let op = op.trim_end_matches(['[', '【', '〔']);
        let words = if *start {
            format!("目前{year}年基期，{bare}{number}{measure}。")
        } else {
            let by = if op.is_empty() { equal } else { op };
            format!("到{year}年，{bare}{by}{number}{measure}。")
        };
        sentences.push(words.chars().map(|shown| Cell { shown, at: first.at }).collect());
    }
    sentences
}

/// A name and the measure in the bracket behind it: `医师（助理）数（人）`.
fn measured(name: &str) -> (String, Option<String>) {
    match name.strip_suffix('）').and_then(|rest| rest.rsplit_once('（')) {
        Some((name, measure)) => (name.to_owned(), Some(measure.to_owned())),
        None => (name.to_owned(), None),
    }
}

/// `6.5%` as growth a year, `〔13.5〕` as the sum of all years.
fn rate(value: &str, name: &str, measure: &str, year: &str) -> Option<String> {
    let sum = value.starts_with(['〔', '[', '【', '（']);
    let bare = value.trim_matches(['〔', '〕', '[', ']', '【', '】', '（', '）', '>', '=', '<', '≥', '≤']);
    let digits: String = bare.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let unit = &bare[digits.len()..];
    // A share that rises by so much in all rises by points; a name that says a change is one itself.
    let changes = ["降低", "下降", "减少", "增长", "提高"].iter().any(|word| name.ends_with(word));
    let points = sum && measure == "%" && !changes;
    let unit = match unit {
        "" if points => "个百分点",
        "" => measure,
        unit => unit,
    };
    (!digits.is_empty()).then(|| {
        if sum {
            format!("到{year}年，{name}累计达到{digits}{unit}。")
        } else {
            format!("到{year}年，{name}年均增长达到{digits}{unit}。")
        }
    })
}
