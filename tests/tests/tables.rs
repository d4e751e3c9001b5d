//! Tables as offices draw them: merged cells, heads of two rows, totals, scales outside the cells.
//! Every row of a file is told; a file that is hostile is bounded.

use std::fmt::Write as _;
use std::io::{Cursor, Write};
use tongban_office::{docx_text, read_tables, run, write_xlsx};
use tongban_shared::import;
use tongban_shared::office::{Answer, Aside, Job, Table, Told};
use tongban_shared::rule::Scene;
use tongban_shared::views::{self, Found, IntakeRow, Ledger, Part, compare, counts, part_of};
use tongban_shared::words::Lang;
use tongban_tests::stage::{Stage, unit};

const LEAD: &str = "市发展改革委";

/// A file of parts.
fn archive(parts: &[(String, String)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, text) in parts {
        writer.start_file(name.as_str(), options).expect("a part");
        writer.write_all(text.as_bytes()).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

/// A sheet: its name, its state, what stands before and behind the rows, and the rows. A cell is words, a
/// number, or a number of a format: `2|0.35`; `!` begins a piece of XML.
struct Drawn<'a> {
    name: &'a str,
    state: &'a str,
    before: &'a str,
    rows: &'a [&'a [&'a str]],
    merged: &'a [&'a str],
}

impl Default for Drawn<'_> {
    fn default() -> Self {
        Self { name: "表", state: "visible", before: "", rows: &[], merged: &[] }
    }
}

/// Formats of the cells by their number, from 1.
const FORMATS: [&str; 3] = ["0%", "0.00\"万元\"", "0!.0,\"万元\""];

fn cell(place: &str, words: &str) -> String {
    if words.is_empty() {
        return String::new();
    }
    if let Some(xml) = words.strip_prefix('!') {
        return format!(r#"<c r="{place}"{xml}</c>"#);
    }
    let (style, words) = words.split_once('|').unwrap_or(("0", words));
    match words.parse::<f64>() {
        Ok(number) => format!(r#"<c r="{place}" s="{style}"><v>{number}</v></c>"#),
        Err(_) => format!(r#"<c r="{place}" t="inlineStr"><is><t>{words}</t></is></c>"#),
    }
}

/// A workbook as another program writes it, and parts beside it.
fn workbook(sheets: &[Drawn<'_>], beside: &[(&str, &str)]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut named, mut related) = (String::new(), String::new());
    let mut parts = Vec::new();
    for (number, sheet) in (1..).zip(sheets) {
        let (name, state) = (sheet.name, sheet.state);
        write!(named, r#"<sheet name="{name}" sheetId="{number}" state="{state}" r:id="r{number}"/>"#).expect("words");
        let target = format!("worksheets/sheet{number}.xml");
        write!(related, r#"<Relationship Id="r{number}" Type="{relations}/worksheet" Target="{target}"/>"#)
            .expect("words");
        let mut rows = String::new();
        for (line, cells) in (1..).zip(sheet.rows) {
            let written = ('A'..).zip(*cells).map(|(letter, words)| cell(&format!("{letter}{line}"), words));
            write!(rows, r#"<row r="{line}">{}</row>"#, written.collect::<String>()).expect("words");
        }
        let merged: String = sheet.merged.iter().map(|area| format!(r#"<mergeCell ref="{area}"/>"#)).collect();
        let merged = if merged.is_empty() { merged } else { format!("<mergeCells>{merged}</mergeCells>") };
        let before = sheet.before;
        let xml =
            format!(r#"<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{merged}</worksheet>"#);
        parts.push((format!("xl/{target}"), xml));
    }
    write!(related, r#"<Relationship Id="s" Type="{relations}/styles" Target="styles.xml"/>"#).expect("words");
    let formats = (1..).zip(FORMATS).map(|(number, code)| {
        format!(r#"<numFmt numFmtId="{}" formatCode="{}"/>"#, 164 + number, code.replace('"', "&quot;"))
    });
    let forms = (0..=FORMATS.len()).map(|number| {
        let id = if number == 0 { 0 } else { 164 + number };
        format!(r#"<xf numFmtId="{id}" applyNumberFormat="1"/>"#)
    });
    let styles = format!(
        r#"<styleSheet xmlns="{main}"><numFmts count="3">{}</numFmts><cellXfs count="4">{}</cellXfs></styleSheet>"#,
        formats.collect::<String>(),
        forms.collect::<String>()
    );
    let book = format!(r#"<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>{named}</sheets></workbook>"#);
    parts.extend([
        ("xl/workbook.xml".to_owned(), book),
        ("xl/styles.xml".to_owned(), styles),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(r#"<Relationships xmlns="{package}">{related}</Relationships>"#),
        ),
    ]);
    parts.extend(beside.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    archive(&parts)
}

fn tables(sheets: &[Drawn<'_>]) -> Vec<Table> {
    read_tables("表.xlsx", &workbook(sheets, &[])).expect("a workbook")
}

/// The tables against the first ledger of a board.
fn compared(scene: &Scene<'_>, kind: &str, tables: Vec<Table>) -> (Vec<Part>, Vec<IntakeRow>) {
    let kind = scene.template.item_type(kind).expect("a type");
    let ledger = Ledger::new(scene, kind, Lang::Hans);
    let parts: Vec<Part> = tables.into_iter().map(|table| part_of(&ledger, table)).collect();
    let rows = compare(scene, &ledger, &parts);
    let held: usize = parts.iter().map(|part| part.rows.len()).sum();
    assert_eq!(counts(&rows).iter().sum::<usize>(), held, "the numbers add up to what the file holds");
    (parts, rows)
}

/// What each row was found to be, by its place among [`Found::WORDS`].
fn kinds(rows: &[IntakeRow]) -> Vec<usize> {
    rows.iter().map(|row| row.found.place()).collect()
}

const [SAME, CHANGED, NEW, PROBLEM, TOTAL, GROUP, BLANK, NOTE]: [usize; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

/// Columns and words of a new row, and columns of a changed one with what would stand there.
fn cells(row: &IntakeRow) -> Vec<(&str, &str)> {
    match &row.found {
        Found::New { cells } => cells.iter().map(|cell| (cell.name.as_str(), cell.shown.as_str())).collect(),
        Found::Changed { cells, .. } => {
            cells.iter().map(|(name, _, after)| (name.as_str(), after.as_str())).collect()
        }
        other => panic!("{}: {other:?}", row.title),
    }
}

#[test]
fn our_own_workbook_with_a_sheet_for_each_unit_comes_back_whole() {
    let names: Vec<&'static str> = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未"
        .chars()
        .map(|sign| -> &'static str { Box::leak(format!("{sign}区").into_boxed_str()) })
        .collect();
    assert_eq!(names.len(), 18);
    let mut all = vec![LEAD];
    all.extend(&names);
    let mut stage = Stage::new("measure_plan", &all);
    stage.item(LEAD, "measure", "稳定就业岗位", &[], &names);
    stage.item(LEAD, "measure", "建设零工市场", &[], &names[..4]);
    stage.sync();
    stage.look(LEAD, |scene| {
        let ledger = Ledger::new(scene, Ledger::kinds(scene)[0], Lang::Hans);
        let (file, told) = write_xlsx(&views::sheets_by_unit(scene, &ledger)).expect("a workbook");
        assert_eq!(told, Told::new());
        let mut tables = read_tables("按单位.xlsx", &file).expect("its tables");
        assert_eq!(tables.len(), 18, "a sheet for each unit, and the list of choices is not one");
        let (_, rows) = compared(scene, &ledger.kind.id, tables.clone());
        assert_eq!(counts(&rows)[..4], [22, 0, 0, 0]);
        assert_eq!(counts(&rows)[NOTE], 18, "a head for each sheet");
        // One cell of the last sheet is written elsewhere.
        let person = tables[17].rows[0].iter().position(|name| name == "负责人").expect("a column");
        tables[17].rows[1][person] = "值班科".to_owned();
        let (_, rows) = compared(scene, &ledger.kind.id, tables);
        assert_eq!(counts(&rows)[..4], [21, 1, 0, 0]);
        let changed = rows.iter().find(|row| row.found.place() == CHANGED).expect("one");
        assert_eq!(changed.place.1, 2, "the row as spreadsheet programs count");
        assert_eq!(cells(changed), [("负责人", "值班科")]);
    });
}

#[test]
fn merged_cells_heads_of_two_rows_totals_groups_and_notes_are_what_they_are() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲区", "乙区"]);
    stage.item(LEAD, "measure", "稳定就业岗位", &[], &["甲区", "乙区"]);
    stage.sync();
    let rows: [&[&str]; 14] = [
        &["重点任务推进表"],
        &["", "", "", "", "单位：万元"],
        &["序号", "重点任务", "任务分工", "", "完成时限"],
        &["", "", "具体举措", "责任单位", ""],
        &["一、就业"],
        &["1", "就业", "稳定就业岗位", "甲区", "2025-12-31"],
        &["", "", "", "乙区", ""],
        &["2", "就业", "建设零工市场", "甲区", "2025年6月底"],
        &["", "", "开展技能培训", "乙区", ""],
        &[],
        &["", "", "没有时限的事", "", ""],
        &["合计", "", "4", "", ""],
        &["注：1.时限为上报时限"],
        &["2.分工以文件为准"],
    ];
    let merged = ["A1:E1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "A5:E5", "A6:A7", "B6:B7", "C6:C7", "E6:E7", "A8:A9", "B8:B9"];
    let drawn = Drawn { rows: &rows, merged: &merged, ..Drawn::default() };
    let tables = tables(&[drawn]);
    assert_eq!(tables[0].told, Told::from([(Aside::MergedAreas, merged.len())]));
    stage.look(LEAD, |scene| {
        let (parts, found) = compared(scene, "measure", tables.clone());
        assert_eq!(parts[0].heads, ["序号", "重点任务", "任务分工·具体举措", "任务分工·责任单位", "完成时限"]);
        assert_eq!(parts[0].left_columns(), ["重点任务"], "a column that means nothing here is named");
        assert_eq!(
            kinds(&found),
            [NOTE, NOTE, NOTE, NOTE, GROUP, CHANGED, CHANGED, PROBLEM, NEW, BLANK, NEW, TOTAL, NOTE, NOTE],
            "{found:?}"
        );
        // The title and the time that were merged count for the second unit as well.
        assert_eq!(found[6].title, "稳定就业岗位");
        assert_eq!(cells(&found[8]), [("序号", "2"), ("标题", "开展技能培训"), ("单位", "乙区")]);
    });
}
