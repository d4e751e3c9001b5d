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
use tongban_tests::stage::Stage;

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
        write!(named, r#"<sheet name="{name}" sheetId="{number}" state="{state}" r:id="r{number}"/>"#)
            .expect("words");
        let target = format!("worksheets/sheet{number}.xml");
        write!(related, r#"<Relationship Id="r{number}" Type="{relations}/worksheet" Target="{target}"/>"#)
            .expect("words");
        let mut rows = String::new();
        for (line, cells) in (1..).zip(sheet.rows) {
            let written = ('A'..).zip(*cells).map(|(letter, words)| cell(&format!("{letter}{line}"), words));
            write!(rows, r#"<row r="{line}">{}</row>"#, written.collect::<String>()).expect("words");
        }
        let merged: String =
            sheet.merged.iter().map(|area| format!(r#"<mergeCell ref="{area}"/>"#)).collect();
        let merged = if merged.is_empty() { merged } else { format!("<mergeCells>{merged}</mergeCells>") };
        let before = sheet.before;
        let xml =
            format!(r#"<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{merged}</worksheet>"#);
        parts.push((format!("xl/{target}"), xml));
    }
    write!(related, r#"<Relationship Id="s" Type="{relations}/styles" Target="styles.xml"/>"#)
        .expect("words");
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
    let book =
        format!(r#"<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>{named}</sheets></workbook>"#);
    parts.extend([
        ("xl/workbook.xml".to_owned(), book),
        ("xl/styles.xml".to_owned(), styles),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(r#"<Relationships xmlns="{package}">{related}</Relationships>"#),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="b" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
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

/// The kind each row was found to be, by its place among [`Found::WORDS`].
fn kinds(rows: &[IntakeRow]) -> Vec<usize> {
    rows.iter().map(|row| row.found.place()).collect()
}

const CHANGED: usize = 1;
const NEW: usize = 2;
const PROBLEM: usize = 3;
const TOTAL: usize = 4;
const GROUP: usize = 5;
const BLANK: usize = 6;
const NOTE: usize = 7;

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
    let merged = [
        "A1:E1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "A5:E5", "A6:A7", "B6:B7", "C6:C7", "E6:E7", "A8:A9",
        "B8:B9",
    ];
    let drawn = Drawn { rows: &rows, merged: &merged, ..Drawn::default() };
    let tables = tables(&[drawn]);
    assert_eq!(tables[0].told, Told::from([(Aside::MergedAreas, merged.len())]));
    stage.look(LEAD, |scene| {
        let (parts, found) = compared(scene, "measure", tables.clone());
        assert_eq!(
            parts[0].heads,
            ["序号", "重点任务", "任务分工·具体举措", "任务分工·责任单位", "完成时限"]
        );
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

#[test]
fn the_scale_of_a_head_a_note_or_a_format_counts_and_every_value_is_shown() {
    let mut stage = Stage::new("clearance", &[LEAD]);
    stage.item(LEAD, "talk", "木材加工", &[("amount", "8000万元")], &[]);
    stage.sync();
    let rows: [&[&str]; 7] = [
        &["", "单位：万元"],
        &["项目名称", "金额（万元）", "卡点"],
        &["木材加工", "8000", ""],
        &["冷链物流", "12000", "用地"],
        &["旅游公路", "2|1.5", ""],
        &["矿山修复", "3|123456789", ""],
        &["口岸仓储", "3亿", ""],
    ];
    let with_head = tables(&[Drawn { rows: &rows, ..Drawn::default() }]);
    let mut by_note = with_head.clone();
    by_note[0].rows[1][1] = "金额".to_owned();
    let mut foreign = with_head.clone();
    foreign[0].rows[1][1] = "金额（万美元）".to_owned();
    stage.look(LEAD, |scene| {
        for tables in [with_head, by_note] {
            let (_, found) = compared(scene, "talk", tables);
            assert_eq!(kinds(&found), [NOTE, NOTE, 0, NEW, NEW, NEW, NEW]);
            let values: Vec<Vec<(&str, &str)>> = found[3..].iter().map(cells).collect();
            assert_eq!(values[0], [("标题", "冷链物流"), ("金额", "12000万元"), ("卡点", "用地")]);
            assert_eq!(values[1][1].1, "1.5万元");
            assert_eq!(values[2][1].1, "12345.6789万元");
            assert_eq!(values[3][1].1, "3亿");
        }
        let (_, found) = compared(scene, "talk", foreign);
        assert_eq!(kinds(&found)[2..5], [PROBLEM, PROBLEM, NEW], "a cell with its own scale is read");
    });
    let percent: [&[&str]; 2] = [&["项目", "完成率"], &["木材加工", "1|0.35"]];
    assert_eq!(tables(&[Drawn { rows: &percent, ..Drawn::default() }])[0].rows[1][1], "35%");
}

#[test]
fn what_a_workbook_holds_beside_its_rows_is_told() {
    let rows: [&[&str]; 3] = [&["项目", "金额"], &["甲", "! t=\"e\"><v>#N/A</v>"], &["乙", "!><f>A1+1</f>"]];
    let before = r#"<cols><col min="2" max="3" hidden="1"/><col min="9" max="16384" hidden="1"/></cols>"#;
    let sheets = [
        Drawn { name: "一", rows: &rows, before, ..Drawn::default() },
        Drawn { name: "二", state: "hidden", rows: &rows, ..Drawn::default() },
        Drawn { name: "三", ..Drawn::default() },
        Drawn { name: "四", rows: &rows[..1], ..Drawn::default() },
    ];
    let related =
        r#"<Relationships><Relationship Id="c" Type="x" Target="../comments1.xml"/></Relationships>"#;
    let comments = r"<comments><commentList><comment/><comment/></commentList></comments>";
    let file = workbook(
        &sheets,
        &[
            ("xl/worksheets/_rels/sheet1.xml.rels", related),
            ("xl/comments1.xml", comments),
            ("xl/media/image1.png", "x"),
        ],
    );
    let tables = read_tables("表.xlsx", &file).expect("read");
    assert_eq!(tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["一", "四"]);
    let told = [
        (Aside::HiddenSheets, 1),
        (Aside::HiddenColumns, 2),
        (Aside::ErrorCells, 1),
        (Aside::OpenFormulas, 1),
        (Aside::Comments, 2),
        (Aside::Pictures, 1),
    ];
    assert_eq!(tables[0].told, Told::from(told));
    // The page of documents tells the same.
    let Answer::Text(text) = run(&Job::Text { name: "表.xlsx".to_owned() }, &file).0 else { panic!("text") };
    assert_eq!(text.told, Told::from(told));
    assert!(text.words.contains("项目\t金额"), "{}", text.words);
}

#[test]
fn a_limit_of_the_format_touches_a_cell_and_not_the_file() {
    let mut stage = Stage::new("clearance", &[LEAD]);
    let long = "长".repeat(40_000);
    stage.item(LEAD, "talk", "木材加工", &[("obstacle", &long)], &[]);
    stage.item(LEAD, "talk", "History", &[], &[]);
    stage.sync();
    stage.look(LEAD, |scene| {
        let kind = scene.template.item_type("talk").expect("a type");
        let ledger = Ledger::new(scene, kind, Lang::Hans);
        let names = ["history", "Abc", "ABC", "选项", ""];
        let sheets = names.map(|name| views::sheet(scene, &ledger, &ledger.rows, name));
        let (file, told) = write_xlsx(&sheets).expect("a workbook");
        assert_eq!(told, Told::from([(Aside::CutCells, 5)]));
        let tables = read_tables("a.xlsx", &file).expect("read");
        assert_eq!(tables.len(), 5);
        assert!(tables[0].rows.iter().flatten().any(|cell| cell.ends_with("长…")), "the cut is seen");
        // A file that holds a part of the text does not ask to cut the text.
        let (_, found) = compared(scene, "talk", tables[..1].to_vec());
        assert_eq!(counts(&found)[..4], [2, 0, 0, 0]);
    });
}

#[test]
fn merged_cells_of_a_word_table_count_for_each_row() {
    let word = |words: &str, form: &str| {
        format!("<w:tc><w:tcPr>{form}</w:tcPr><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:tc>")
    };
    let row = |cells: &[String]| format!("<w:tr>{}</w:tr>", cells.concat());
    let (start, on) = (r#"<w:vMerge w:val="restart"/>"#, "<w:vMerge/>");
    let table = [
        row(&["序号", "重点任务", "具体举措", "责任单位", "完成时限"].map(|name| word(name, ""))),
        row(&[
            word("1", ""),
            word("稳就业", start),
            word("建设零工市场。", ""),
            word("甲区", start),
            word("2025年6月底", ""),
        ]),
        row(&[
            word("2", ""),
            word("", on),
            word("开展技能培训。", ""),
            word("", on),
            word("2025年7月底", ""),
        ]),
        row(&[word("3", ""), word("", on), word("举办招聘会。", ""), word("", on), word("2025年8月底", "")]),
        row(&[
            word("4", ""),
            word("保民生", r#"<w:gridSpan w:val="2"/>"#),
            word("乙区", ""),
            word("2025年9月底", ""),
        ]),
        format!("<w:tr><w:trPr><w:del/></w:trPr>{}</w:tr>", word("旧", "")),
    ];
    let document =
        format!(r#"<w:document xmlns:w="w"><w:body><w:tbl>{}</w:tbl></w:body></w:document>"#, table.concat());
    let text = docx_text(&archive(&[("word/document.xml".to_owned(), document)])).expect("read");
    let lines: Vec<&str> = text.words.lines().collect();
    assert_eq!(lines.len(), 5, "a deleted row is none: {}", text.words);
    assert_eq!(lines[3], "3\t稳就业\t举办招聘会。\t甲区\t2025年8月底");
    assert_eq!(lines[4], "4\t保民生\t\t乙区\t2025年9月底", "nothing moves to the left");
    assert_eq!(text.told, Told::from([(Aside::MergedAreas, 3)]));
    let draft = import::read(&text.words).expect("a text");
    let items = draft.documents.iter().flat_map(|document| &document.boards).flat_map(|board| board.items());
    let units: Vec<String> = items
        .filter(|item| !item.assignments.is_empty())
        .map(|item| item.assignments.iter().flat_map(|one| one.units.clone()).collect())
        .collect();
    assert_eq!(
        units,
        ["甲区", "甲区", "甲区", "乙区"],
        "the unit stands on every row that its cell covers: {draft:?}"
    );
}

#[test]
fn rows_under_a_merged_number_get_no_number_of_their_own() {
    let text = "序号\t工作事项\t主要内容\t牵头单位\t配合单位\n\
        1\t扩大来源\t加大招聘力度。\t各区政府\t市卫健委\n\
        \t\t按需求倾斜人才资源。\t各区政府\t市人社局\n\
        \t\t引导医师下沉。\t各区政府\t市卫健委\n\
        2\t优化团队\t组建服务团队。\t各区政府\t市卫健委\n";
    let draft = import::read(text).expect("a text");
    let items = draft.documents.iter().flat_map(|document| &document.boards).flat_map(|board| board.items());
    let found: Vec<(Option<&str>, usize)> =
        items.map(|item| (item.number.as_deref(), item.assignments.len())).collect();
    assert_eq!(found, [(Some("1"), 2), (None, 2), (None, 2), (Some("2"), 2)]);
}

#[test]
fn words_that_do_not_show_stay_out_of_a_document_and_are_told() {
    let styles = r#"<w:styles xmlns:w="w"><w:style w:styleId="secret"><w:rPr><w:vanish/></w:rPr></w:style><w:style w:styleId="more"><w:basedOn w:val="secret"/></w:style></w:styles>"#;
    let run = |form: &str, words: &str| format!("<w:r><w:rPr>{form}</w:rPr><w:t>{words}</w:t></w:r>");
    let paragraph = [
        "<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>".to_owned(),
        run("", "公开"),
        run("<w:vanish/>", "底价三百万"),
        run(r#"<w:rStyle w:val="more"/>"#, "内部"),
        run(r#"<w:rStyle w:val="more"/><w:vanish w:val="0"/>"#, "的话"),
        run("<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>", "，"),
        "<w:r><w:ruby><w:rt><w:r><w:t>hulun</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>呼伦</w:t></w:r></w:rubyBase></w:ruby></w:r>".to_owned(),
        "<w:del><w:r><w:delText>旧的</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>移走</w:t></w:r></w:moveFrom>".to_owned(),
        r#"<w:r><w:sym w:font="Symbol" w:char="F0B3"/><w:t>95%</w:t><w:sym w:font="Webdings" w:char="F063"/></w:r>"#.to_owned(),
        r#"<w:r><w:footnoteReference w:id="1"/></w:r><w:r><w:commentReference w:id="1"/></w:r>"#.to_owned(),
    ];
    let document =
        format!(r#"<w:document xmlns:w="w"><w:body><w:p>{}</w:p></w:body></w:document>"#, paragraph.concat());
    let file = archive(&[
        ("word/document.xml".to_owned(), document),
        ("word/styles.xml".to_owned(), styles.to_owned()),
    ]);
    let text = docx_text(&file).expect("read");
    assert_eq!(text.words, "公开的话，呼伦≥95%〓\n");
    let told = [
        (Aside::HiddenText, 7),
        (Aside::Ruby, 5),
        (Aside::DeletedText, 2),
        (Aside::Symbols, 1),
        (Aside::Footnotes, 1),
        (Aside::Comments, 1),
    ];
    assert_eq!(text.told, Told::from(told));
}

#[test]
fn hostile_tables_cost_no_more_than_they_hold() {
    let rows: [&[&str]; 2] = [&["项目", "金额"], &["甲", "1"]];
    // One area over the whole sheet costs nothing.
    let whole = tables(&[Drawn { rows: &rows, merged: &["A1:XFD1048576"], ..Drawn::default() }]);
    assert_eq!(whole[0].rows.len(), 2);
    assert_eq!(whole[0].merged, [[0, 0, 1, 16_383]]);
    let problem = |file: &[u8]| read_tables("a.xlsx", file).expect_err("it is refused").to_string();
    // A hundred thousand areas over many rows do not multiply.
    let many: Vec<Vec<String>> = (0..500).map(|row| vec![format!("{row}行"), "1".to_owned()]).collect();
    let many: Vec<Vec<&str>> = many.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let many: Vec<&[&str]> = many.iter().map(Vec::as_slice).collect();
    let areas = vec!["A1:A1048576"; 50_000];
    assert!(
        problem(&workbook(&[Drawn { rows: &many, merged: &areas, ..Drawn::default() }], &[]))
            .contains("复杂")
    );
    // A sheet that is named a thousand times is read once at most.
    let twice = workbook(&[Drawn { rows: &rows, ..Drawn::default() }], &[]);
    let mut opened = zip::ZipArchive::new(Cursor::new(&twice)).expect("an archive");
    let mut parts = Vec::new();
    for index in 0..opened.len() {
        let mut part = opened.by_index(index).expect("a part");
        let mut text = String::new();
        std::io::Read::read_to_string(&mut part, &mut text).expect("text");
        let name = part.name().expect("a name").into_owned();
        if name == "xl/workbook.xml" {
            text = text.replace("</sheets>", r#"<sheet name="又" sheetId="2" r:id="r1"/></sheets>"#);
        }
        parts.push((name, text));
    }
    assert!(problem(&archive(&parts)).contains("损坏"));
    // A long value that is merged over many rows is not written a thousand times.
    let long = "长".repeat(20_000);
    let cell = |form: &str, words: &str| {
        format!("<w:tc><w:tcPr>{form}</w:tcPr><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:tc>")
    };
    let first = cell(r#"<w:vMerge w:val="restart"/>"#, &long);
    let rest = format!("<w:tr>{}{}</w:tr>", cell("<w:vMerge/>", ""), cell("", "甲")).repeat(1_000);
    let document =
        format!("<w:document><w:tbl><w:tr>{first}{}</w:tr>{rest}</w:tbl></w:document>", cell("", "甲"));
    let refused = docx_text(&archive(&[("word/document.xml".to_owned(), document)])).expect_err("refused");
    assert!(refused.to_string().contains("文字太多"), "{refused}");
}
