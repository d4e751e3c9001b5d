//! One file for each case in `cases`: a text, a line of four dashes, and the draft that it must give.
//!
//! The draft is written one line for each thing: `board TITLE`, `§ NUMBER TITLE` of a section, then items as
//! `NUMBER TITLE | role: units | until DATE` (children are indented), then `◇ KIND YEAR NAME OP VALUE UNIT CADENCE
//! @SCOPE` of a number, and `· KIND …` of one that is nobody's aim, where the case has such a line. `-` stands for
//! what is not there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tongban_shared::import::{Draft, DraftBoard, DraftIndicator, DraftItem, read};
use tongban_shared::text::folded_text;

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).expect("a word")
}

fn item_lines(item: &DraftItem, depth: usize, out: &mut String) {
    let number = item.number.as_deref().unwrap_or("-");
    write!(out, "{}{number} {}", "  ".repeat(depth), item.title).expect("written");
    for one in &item.assignments {
        write!(out, " | {}: {}", word(&one.role), one.units.join(" ")).expect("written");
    }
    if let Some(deadline) = &item.deadline {
        write!(out, " | until {deadline}").expect("written");
    }
    out.push('\n');
    for child in &item.children {
        item_lines(child, depth + 1, out);
    }
}

fn indicator_line(mark: char, one: &DraftIndicator, out: &mut String) {
    let year = one.year.map_or("-".to_owned(), |year| year.to_string());
    let upper = one.value2.map_or(String::new(), |value| format!("-{value}"));
    write!(out, "{mark} {} {year} {} {} {}{upper}", word(&one.kind), one.name, word(&one.op), one.value)
        .expect("written");
    if !one.unit.is_empty() {
        write!(out, " {}", one.unit).expect("written");
    }
    if let Some(cadence) = one.cadence {
        write!(out, " {}", word(&cadence)).expect("written");
    }
    if let Some(scope) = &one.scope {
        write!(out, " @{scope}").expect("written");
    }
    out.push('\n');
}

fn board_lines(board: &DraftBoard, out: &mut String) {
    writeln!(out, "board {}", board.title.as_deref().unwrap_or("-")).expect("written");
    for section in &board.sections {
        if section.number.is_some() || section.title.is_some() {
            let name = |number: &Option<String>, title: &Option<String>| {
                format!("{} {}", number.as_deref().unwrap_or("-"), title.as_deref().unwrap_or("-"))
            };
            let above: String =
                section.above.iter().map(|one| name(&one.number, &one.title) + " > ").collect();
            writeln!(out, "§ {above}{}", name(&section.number, &section.title)).expect("written");
        }
        for item in &section.items {
            item_lines(item, 0, out);
        }
    }
    for indicator in &board.indicators {
        indicator_line('◇', indicator, out);
    }
    for number in &board.numbers {
        indicator_line('·', number, out);
    }
}

fn told(draft: &Draft) -> String {
    let mut out = String::new();
    for board in draft.documents.iter().flat_map(|document| &document.boards) {
        board_lines(board, &mut out);
    }
    out
}

/// The cases by name: text and draft.
fn cases() -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = fs::read_dir(folder).expect("cases").flatten().map(|file| file.path()).collect();
    files.sort();
    let case = |file: &std::path::PathBuf| {
        let case = fs::read_to_string(file).expect("a case");
        let (text, expected) = case.split_once("\n----\n").expect("a text and its draft");
        let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        (name, text.to_owned(), expected.trim_end().to_owned())
    };
    files.iter().map(case).collect()
}

/// Reads each case in a form that it may arrive in; those that the form does not suit are left out.
fn check(form: impl Fn(&str) -> Option<String>) {
    check_at_least(30, form);
}

/// The same of a form that suits few of them.
fn check_at_least(few: usize, form: impl Fn(&str) -> Option<String>) {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for (name, text, expected) in cases() {
        let Some(text) = form(&text) else { continue };
        tried += 1;
        let mut found = told(&read(&text).expect("readable"));
        if !expected.contains("\n·") {
            found =
                found.lines().filter(|line| !line.starts_with('·')).map(|line| format!("{line}\n")).collect();
        }
        // Names and titles are shown as printed, whatever the width of their letters is.
        if folded_text(&found) != folded_text(&expected) {
            wrong.push(format!("{name}\n{text}\nfound:\n{found}expected:\n{expected}\n"));
        }
    }
    assert!(wrong.is_empty(), "{} of {tried} cases:\n\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried >= few, "only {tried} cases");
}

/// Whether a text is a table, or source of a page.
fn is_drawn(text: &str) -> bool {
    text.contains(['\t', '<', '#', '|'])
}

#[test]
fn each_case_gives_its_draft() {
    check(|text| Some(text.to_owned()));
}

/// A page of a site whose breaks were lost.
#[test]
fn each_case_gives_its_draft_in_one_line() {
    check(|text| (!is_drawn(text)).then(|| text.replace('\n', " ")));
}

/// Lines that are broken at the width of a page.
#[test]
fn each_case_gives_its_draft_when_its_lines_are_broken() {
    let broken = |line: &str| {
        let characters: Vec<char> = line.chars().collect();
        characters.chunks(30).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("\n")
    };
    check(|text| (!is_drawn(text)).then(|| text.lines().map(broken).collect::<Vec<_>>().join("\n")));
}

/// Pages of a printed file: broken lines, numbers of pages, radicals for ideographs.
#[test]
fn each_case_gives_its_draft_as_it_was_printed() {
    let printed = |text: &str| {
        let mut out = String::new();
        let mut row = 0;
        for line in text.lines() {
            let characters: Vec<char> = line.chars().collect();
            for part in characters.chunks(28) {
                out.extend(part.iter().map(|c| match c {
                    '一' => '⼀',
                    '二' => '⼆',
                    '人' => '⼈',
                    '民' => '⺠',
                    '行' => '⾏',
                    other => *other,
                }));
                out.push('\n');
                row += 1;
                if row % 5 == 0 {
                    let _ = write!(out, "\n— {} —\n\n", row / 5);
                }
            }
        }
        out
    };
    check(|text| (!is_drawn(text)).then(|| printed(text)));
}

/// Letters, digits and marks in the other width.
#[test]
fn each_case_gives_its_draft_in_mixed_widths() {
    let other = |c: char| match c {
        '0'..='9' => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
        '（' => '(',
        '）' => ')',
        '：' => ':',
        '；' => ';',
        '，' => ',',
        other => other,
    };
    check(|text| (!is_drawn(text)).then(|| text.chars().map(other).collect()));
}

/// A table that lost its lines: one cell on each line, and all cells in one line.
#[test]
fn each_table_gives_its_draft_without_its_lines() {
    let is_table = |text: &str| {
        let first = text.lines().next().unwrap_or_default();
        first.contains("序号\t")
            && first.contains("单位")
            && text.lines().count() > 2
            && !text.contains("\n\t\t")
    };
    // An empty cell leaves nothing in its place.
    let filled = |text: &str, mark: &str| {
        text.split(['\t', '\n']).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(mark)
    };
    check_at_least(3, |text| is_table(text).then(|| filled(text, "\n")));
    check_at_least(3, |text| is_table(text).then(|| filled(text, " ")));
}
