//! Office files: what goes out comes in again; what is hostile is refused in plain words; the word
//! processor shows the numbers that we count.

use std::io::{Cursor, Read, Write};
use std::process::Command;
use tongban_office::{docx_text, pdf_text, read_tables, run, write_docx, write_xlsx};
use tongban_shared::adopt::adopt;
use tongban_shared::edit::Edit;
use tongban_shared::fold::Entries;
use tongban_shared::id::SpaceId;
use tongban_shared::model::{Board, Space, Unit};
use tongban_shared::office::{Answer, Job};
use tongban_shared::rule::Scene;
use tongban_shared::template;
use tongban_shared::views::{self, Block, Ledger, Paper};
use tongban_shared::words::Lang;
use tongban_tests::stage::{Stage, unit};

const LEAD: &str = "市自然资源局";

/// A document of our own in the form of the real ones.
const PLAN: &str = include_str!("../../server/demo/plan.txt");

/// Boards of a text, in a space that knows their units.
fn boards(text: &str) -> (Space, Vec<Board>) {
    let id = SpaceId::from_bytes([1; 16]);
    let mut space = Space::default();
    let draft = tongban_shared::import::read(text).expect("a text");
    let mut boards = Vec::new();
    for document in &draft.documents {
        for board in &document.boards {
            let adoption = adopt(id, &space, document, board).expect("a board");
            for edit in adoption.space_edits {
                match edit {
                    Edit::AddUnit { id, name, .. } => {
                        space.units.entry(id).or_insert_with(|| Unit { name, ..Unit::default() });
                    }
                    Edit::SetAlias { unit, alias, .. } => {
                        space.units.entry(unit).or_default().aliases.insert(alias);
                    }
                    Edit::SetGroupMember { group, unit, .. } => {
                        space.units.entry(group).or_default().members.insert(unit);
                    }
                    _ => {}
                }
            }
            boards.push(adoption.document.board());
        }
    }
    (space, boards)
}

fn paper_of(space: &Space, board: &Board, make: impl Fn(&Scene<'_>) -> Paper) -> Paper {
    let template = template::of(board).expect("a template");
    let entries = Entries::default();
    let today = "2025-06-15".parse().expect("a day");
    make(&Scene::new(&template, space, board, &entries, today))
}

/// Items in their order: title, deadline, units by role.
fn content(space: &Space, board: &Board) -> Vec<(String, String, Vec<String>)> {
    board
        .item_order()
        .iter()
        .map(|id| {
            let item = &board.items[id];
            let mut units: Vec<String> = item
                .assignments
                .iter()
                .map(|(unit, one)| format!("{:?} {}", one.role, space.unit_name(*unit)))
                .collect();
            units.sort();
            (item.title.clone(), item.deadline.clone(), units)
        })
        .collect()
}

#[test]
fn a_plan_goes_out_as_docx_and_comes_in_as_the_same_plan() {
    let (space, all) = boards(PLAN);
    assert_eq!(all.len(), 2);
    for board in &all {
        let file = write_docx(&paper_of(&space, board, views::plan)).expect("a file");
        let text = docx_text(&file).expect("its words").words;
        assert!(text.contains("（二）"), "numbers are counted: {text}");
        let (space_again, again) = boards(&text);
        assert_eq!(again.len(), 1, "{text}");
        assert_eq!(again[0].title, board.title);
        assert_eq!(again[0].period, board.period);
        assert_eq!(content(&space_again, &again[0]), content(&space, board), "{text}");
    }
}

#[test]
fn the_word_processor_shows_the_numbers_that_we_count() {
    let Ok(program) = std::env::var("TONGBAN_SOFFICE") else {
        return eprintln!("skipped: TONGBAN_SOFFICE does not name LibreOffice");
    };
    let (space, all) = boards(PLAN);
    let file = write_docx(&paper_of(&space, &all[0], views::plan)).expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("plan.docx"), &file).expect("written");
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    for kind in ["txt:Text (encoded):UTF8", "pdf"] {
        let status = Command::new(&program)
            .args([&profile, "--headless", "--convert-to", kind, "--outdir"])
            .arg(folder.path())
            .arg(folder.path().join("plan.docx"))
            .output()
            .expect("LibreOffice runs");
        assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
    }
    let shown = std::fs::read_to_string(folder.path().join("plan.txt")).expect("its text");
    let plain = |text: &str| -> Vec<String> {
        let lines = text.trim_start_matches('\u{feff}').lines().map(|line| line.replace(['\t', ' '], ""));
        lines.filter(|line| !line.is_empty()).collect()
    };
    let counted = docx_text(&file).expect("our reading").words;
    assert_eq!(plain(&shown), plain(&counted), "what LibreOffice shows is what we read");
    for number in ["一、目标任务", "二、实施期限", "（一）建立结对关系", "（三）共享线上课程"]
    {
        assert!(plain(&shown).iter().any(|line| line.starts_with(number)), "{number} in {shown}");
    }
    // The PDF that it makes is read as well.
    let pdf = std::fs::read(folder.path().join("plan.pdf")).expect("a PDF");
    let words: String = pdf_text(&pdf).expect("its words").split_whitespace().collect();
    assert!(words.contains("建立结对关系"), "{words}");
}

fn stock() -> Stage {
    let mut stage = Stage::new("clearance", &[LEAD, "甲旗", "乙旗"]);
    let owner = unit("甲旗").to_string();
    let rows = [
        (
            "闲置土地一宗",
            vec![("sort", "idle_land"), ("quantity", "12"), ("owner", &owner), ("measure", "亩")],
        ),
        ("=SUM(1,2) 半拉子工程", vec![("sort", "half_built"), ("quantity", "3.5"), ("cleared", "1")]),
    ];
    for (title, fields) in rows {
        stage.item(LEAD, "stock", title, &fields, &[]);
    }
    let fields = [("amount", "8000万元"), ("next_date", "2025-07-01"), ("owner", owner.as_str())];
    stage.item(LEAD, "talk", "木材加工", &fields, &[]);
    stage.sync();
    stage
}

/// Writes the rows of a table back into a ledger, as an import does; the edits that it makes.
fn written_back(scene: &Scene<'_>, ledger: &Ledger<'_>, rows: &[Vec<String>]) -> Vec<Edit> {
    let heads: Vec<&str> = rows[0].iter().map(String::as_str).collect();
    let mut edits = Vec::new();
    for (row, cells) in ledger.rows.iter().zip(&rows[1..]) {
        for (head, words) in heads.iter().zip(cells) {
            let column = ledger.columns.iter().find(|column| column.name == *head).expect("a column");
            if ledger.is_written(*row, column) {
                edits.extend(ledger.write(scene, *row, column, words).expect("it fits"));
            }
        }
    }
    edits
}

#[test]
fn a_ledger_goes_out_as_xlsx_and_csv_and_comes_in_without_a_change() {
    let mut stage = stock();
    stage.look(LEAD, |scene| {
        for kind in Ledger::kinds(scene) {
            let ledger = Ledger::new(scene, kind, Lang::Hans);
            let table = views::sheet(scene, &ledger, &ledger.rows, kind.name.get(Lang::Hans));
            let file = write_xlsx(&[table]).expect("a workbook").0;
            let tables = read_tables("台账.xlsx", &file).expect("its tables");
            assert_eq!(tables.len(), 1, "the list of choices is hidden");
            assert_eq!(written_back(scene, &ledger, &tables[0].rows), [], "{}", kind.id);
            let text = views::to_csv(views::words_of(scene, &ledger, &ledger.rows));
            let tables = read_tables("台账.csv", text.as_bytes()).expect("its table");
            assert_eq!(written_back(scene, &ledger, &tables[0].rows), [], "{}", kind.id);
        }
        // A cell that was changed outside is an edit here.
        let kind = scene.template.item_type("stock").expect("a type");
        let ledger = Ledger::new(scene, kind, Lang::Hans);
        let table = views::sheet(scene, &ledger, &ledger.rows, "存量");
        let mut rows =
            read_tables("a.xlsx", &write_xlsx(&[table]).expect("a file").0).expect("read")[0].rows.clone();
        let quantity = rows[0].iter().position(|name| name == "数量").expect("a column");
        rows[1][quantity] = "15".to_owned();
        let edits = written_back(scene, &ledger, &rows);
        assert!(matches!(&edits[..], [Edit::SetItemField { value, .. }] if value == "15"), "{edits:?}");
    });
}

fn part(file: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
    text
}

#[test]
fn a_workbook_has_typed_cells_a_head_that_stays_and_lists() {
    let mut stage = stock();
    let file = stage.look(LEAD, |scene| {
        let all = Ledger::kinds(scene).into_iter().map(|kind| {
            let ledger = Ledger::new(scene, kind, Lang::Hans);
            views::sheet(scene, &ledger, &ledger.rows, kind.name.get(Lang::Hans))
        });
        write_xlsx(&all.collect::<Vec<_>>()).expect("a workbook").0
    });
    let sheet = part(&file, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<v>12</v>") && sheet.contains("<v>3.5</v>"), "numbers are numbers");
    assert!(sheet.contains("pane") && sheet.contains("frozen"), "the head stays");
    assert!(sheet.contains("<dataValidation ") && sheet.contains("选项"), "what may be chosen");
    assert!(!sheet.contains("<f>"), "what people wrote is no formula");
    let talks = part(&file, "xl/worksheets/sheet2.xml");
    assert!(talks.contains("<v>80000000</v>"), "money in 元");
    assert!(talks.contains("<v>45839</v>"), "1 July 2025 as a date");
}

#[test]
fn a_sheet_for_each_unit_holds_its_rows_only() {
    let mut stage = Stage::new("measure_plan", &[LEAD, "甲旗", "乙旗"]);
    stage.item(LEAD, "measure", "举措一", &[], &["甲旗", "乙旗"]);
    stage.item(LEAD, "measure", "举措二", &[], &["甲旗"]);
    stage.look(LEAD, |scene| {
        let ledger = Ledger::new(scene, Ledger::kinds(scene)[0], Lang::Hans);
        let sheets = views::sheets_by_unit(scene, &ledger);
        let counts: Vec<(&str, usize)> =
            sheets.iter().map(|sheet| (sheet.name.as_str(), sheet.rows.len())).collect();
        assert_eq!(counts, [("乙旗", 1), ("甲旗", 2)]);
        let tables = read_tables("a.xlsx", &write_xlsx(&sheets).expect("a file").0).expect("read");
        assert_eq!(tables.iter().map(|table| table.rows.len()).collect::<Vec<_>>(), [2, 3]);
    });
}

#[test]
fn a_report_and_a_brief_say_what_the_cells_say() {
    let mut stage = stock();
    stage.look(LEAD, |scene| {
        let paper = views::report(scene, Lang::Hans);
        let text = docx_text(&write_docx(&paper).expect("a file")).expect("its words").words;
        assert!(text.contains("共3项"), "{text}");
        let Some(Block::Table(table)) = paper.blocks.iter().find(|block| matches!(block, Block::Table(_)))
        else {
            panic!("a table")
        };
        for row in &table.rows {
            let line = row.iter().map(|cell| cell.words.as_str()).collect::<Vec<_>>().join("\t");
            assert!(text.contains(line.trim_end()), "{line} in {text}");
        }
    });
}

/// A file of parts.
fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in parts {
        writer.start_file(*name, options).expect("a part");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

#[test]
fn a_document_with_styles_tables_and_deleted_words_is_read_as_it_shows() {
    let numbering = r#"<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="3"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:pStyle w:val="h1"/><w:lvlText w:val="第%1章 "/></w:lvl></w:abstractNum><w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num></w:numbering>"#;
    let styles = r#"<w:styles xmlns:w="w"><w:style w:styleId="h1"><w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style><w:style w:styleId="h1b"><w:basedOn w:val="h1"/></w:style></w:styles>"#;
    let document = r#"<w:document xmlns:w="w"><w:body>
        <w:p><w:pPr><w:pStyle w:val="h1"/></w:pPr><w:r><w:t>总体</w:t></w:r><w:r><w:t xml:space="preserve">要求 &amp; 目标</w:t></w:r></w:p>
        <w:p><w:pPr><w:pStyle w:val="h1b"/></w:pPr><w:r><w:t>任务</w:t></w:r><w:del><w:r><w:delText>旧</w:delText></w:r></w:del></w:p>
        <w:p><w:pPr><w:pStyle w:val="h1"/><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr><w:r><w:t>不编号</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>序号</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>责任</w:t></w:r></w:p><w:p><w:r><w:t>单位</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
        </w:body></w:document>"#;
    let file = archive(&[
        ("word/document.xml", document.as_bytes()),
        ("word/numbering.xml", numbering.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
    ]);
    assert_eq!(
        docx_text(&file).expect("read").words,
        "第一章 总体要求 & 目标\n第二章 任务\n不编号\n序号\t责任 单位\n"
    );
}

#[test]
fn hostile_and_wrong_files_are_refused_in_plain_words() {
    let problem = |name: &str, bytes: &[u8]| match run(&Job::Text { name: name.to_owned() }, bytes).0 {
        Answer::Problem(words) => words,
        other => panic!("{name}: {other:?}"),
    };
    assert!(problem("a.doc", b"x").contains("另存为"));
    assert!(problem("a.docx", b"not an archive").contains("损坏"));
    assert!(problem("a.docx", &archive(&[("x", b"y")])).contains("正文"));
    assert!(problem("a.docx", &archive(&[("word/document.xml", b"<w:p>")])).contains("没有文字"));
    assert!(problem("a.xlsx", b"PK\x03\x04").contains("损坏"));
    assert!(problem("a.pdf", b"hello").contains("PDF"));
    let deep = "<w:p>".repeat(100_000);
    assert!(problem("a.docx", &archive(&[("word/document.xml", deep.as_bytes())])).contains("复杂"));
    // Two million paragraphs in a file of some kilobytes.
    for paragraph in ["<w:p/>", "<w:p><w:r><w:t>一</w:t></w:r></w:p>"] {
        let many = format!("<w:body>{}</w:body>", paragraph.repeat(2_000_000));
        let many = archive(&[("word/document.xml", many.as_bytes())]);
        assert!(many.len() < 1 << 20 && problem("a.docx", &many).contains("段落过多"));
    }
    // More words than anybody reads on, in a file of some kilobytes: a page that had them would not open again.
    let line = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "一".repeat(1 << 18));
    let two = ["", "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"];
    for within in [[two[0], two[0]], [two[1], two[2]]] {
        let of =
            |lines: usize| archive(&[("word/document.xml", within.join(&line.repeat(lines)).as_bytes())]);
        let told = run(&Job::Text { name: "a.docx".to_owned() }, &of(1)).0;
        assert!(matches!(told, Answer::Text(_)), "{told:?}");
        assert!(problem("a.docx", &of(2)).contains("文字太多"));
    }
    assert!(problem("a.txt", "一\n".repeat((1 << 18) + 1).as_bytes()).contains("文字太多"));
    assert!(problem("a.csv", "一,二\n".repeat(140_000).as_bytes()).contains("文字太多"));
    // 200 MB of blanks in 200 KB.
    let bomb = archive(&[("word/document.xml", &vec![b' '; 200 << 20])]);
    assert!(bomb.len() < 1 << 20 && problem("a.docx", &bomb).contains("解压"));
    assert!(problem("a.docx", &vec![0; 21 << 20]).contains("太大"));
    // One cell a million columns and rows away makes no block of blanks.
    let far = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"#;
    let mut stage = stock();
    let honest = stage.look(LEAD, |scene| {
        let ledger = Ledger::new(scene, Ledger::kinds(scene)[0], Lang::Hans);
        write_xlsx(&[views::sheet(scene, &ledger, &ledger.rows, "表")]).expect("a file").0
    });
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut opened = zip::ZipArchive::new(Cursor::new(&honest)).expect("an archive");
    for index in 0..opened.len() {
        let mut part = opened.by_index(index).expect("a part");
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).expect("read");
        let name = part.name().expect("a name").into_owned();
        let sheet = name == "xl/worksheets/sheet1.xml";
        parts.push((name, if sheet { far.as_bytes().to_vec() } else { bytes }));
    }
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    let refused = read_tables("far.xlsx", &archive(&parts)).expect_err("too large");
    assert!(refused.to_string().contains("过大"), "{refused}");
}

#[test]
fn tables_in_old_encodings_are_read() {
    // 序号,名称 in GB 18030.
    let bytes = [0xD0, 0xF2, 0xBA, 0xC5, b',', 0xC3, 0xFB, 0xB3, 0xC6, b'\r', b'\n', b'1', b',', 0xBC, 0xD7];
    let tables = read_tables("旧表.csv", &bytes).expect("a table");
    assert_eq!(tables[0].rows, [["序号", "名称"], ["1", "甲"]]);
}
