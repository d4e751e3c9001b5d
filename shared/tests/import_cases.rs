//! One file for each case in `cases`: a text, a line of four dashes, and the draft that it must give.
//!
//! The draft is written one line for each thing: `board TITLE`, `§ NUMBER TITLE` of a section, then items as
//! `NUMBER TITLE | role: units | until DATE` (children are indented), then `◇ KIND YEAR NAME OP VALUE UNIT CADENCE
//! @SCOPE` of a number. `-` stands for what is not there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tongban_shared::import::{Draft, DraftBoard, DraftIndicator, DraftItem, read};

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

fn indicator_line(one: &DraftIndicator, out: &mut String) {
    let year = one.year.map_or("-".to_owned(), |year| year.to_string());
    let upper = one.value2.map_or(String::new(), |value| format!("-{value}"));
    write!(out, "◇ {} {year} {} {} {}{upper}", word(&one.kind), one.name, word(&one.op), one.value)
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
        indicator_line(indicator, out);
    }
}

fn told(draft: &Draft) -> String {
    let mut out = String::new();
    for board in draft.documents.iter().flat_map(|document| &document.boards) {
        board_lines(board, &mut out);
    }
    out
}

#[test]
fn each_case_gives_its_draft() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = fs::read_dir(folder).expect("cases").flatten().map(|file| file.path()).collect();
    files.sort();
    assert!(files.len() >= 43, "only {} cases", files.len());
    let mut wrong = Vec::new();
    for file in &files {
        let case = fs::read_to_string(file).expect("a case");
        let (text, expected) = case.split_once("\n----\n").expect("a text and its draft");
        let found = told(&read(text).expect("readable"));
        if found.trim_end() != expected.trim_end() {
            let name = file.file_stem().map(|name| name.to_string_lossy().into_owned());
            wrong.push(format!("{}\nfound:\n{found}expected:\n{expected}", name.unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n\n{}", wrong.len(), files.len(), wrong.join("\n"));
}
