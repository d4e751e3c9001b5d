//! One document in every kind of file that is read: the drafts are the same.

use std::process::Command;
use tongban_office::{run, write_docx, write_xlsx};
use tongban_shared::import::{Draft, read};
use tongban_shared::office::{Answer, Job};
use tongban_shared::views::{Block, Paper, Sheet, SheetCell, SheetColumn};

const ROWS: [[&str; 6]; 4] = [
    ["序号", "重点任务", "工作内容", "牵头单位", "配合单位", "完成时限"],
    [
        "1",
        "建设养老服务中心",
        "新建区域养老服务中心12个。",
        "市民政局",
        "市住建局、市财政局",
        "2026年6月底前",
    ],
    [
        "2",
        "改造老旧小区",
        "改造老旧小区35个，惠及居民4200户。",
        "市住建局",
        "各县区人民政府",
        "2026年11月底前",
    ],
    ["3", "扩大学位供给", "新增公办学位3000个以上。", "市教育局", "市人社局", "2026年8月底前"],
];

fn words(name: &str, bytes: &[u8]) -> String {
    match run(&Job::Text { name: name.to_owned() }, bytes).0 {
        Answer::Text(text) => text.words,
        other => panic!("{name}: {other:?}"),
    }
}

/// Items with their units and days, and numbers, one line each.
fn told(draft: &Draft) -> Vec<String> {
    let boards = || draft.documents.iter().flat_map(|document| &document.boards);
    let items = boards().flat_map(|board| board.items()).map(|item| {
        let lists = item.assignments.iter().map(|one| format!("{:?} {:?}", one.role, one.units));
        format!("{:?} {} {:?} {:?}", item.number, item.title, lists.collect::<Vec<_>>(), item.deadline)
    });
    let numbers = boards().flat_map(|board| &board.indicators).map(|one| {
        format!("{:?} {} {:?} {}{} {:?}", one.kind, one.name, one.op, one.value, one.unit, one.item)
    });
    items.chain(numbers).collect()
}

fn sheet() -> Sheet {
    let column = |name: &&str| SheetColumn { name: (*name).to_owned(), ..SheetColumn::default() };
    let cell = |words: &&str| SheetCell { words: (*words).to_owned(), number: None };
    Sheet {
        name: "任务".to_owned(),
        columns: ROWS[0].iter().map(column).collect(),
        rows: ROWS[1..].iter().map(|row| row.iter().map(cell).collect()).collect(),
        frozen: 0,
    }
}

#[test]
fn every_kind_of_file_gives_the_same_draft() {
    let joined = |mark: &str| ROWS.map(|row| row.join(mark)).join("\n");
    let text = joined("\t");
    let expected = told(&read(&words("a.txt", text.as_bytes())).expect("a draft"));
    assert_eq!(expected.len(), 7, "{expected:#?}");
    let paper = Paper {
        title: "某市民生实事任务清单".to_owned(),
        number: String::new(),
        issuer: String::new(),
        date: String::new(),
        blocks: vec![Block::Table(sheet())],
    };
    let docx = write_docx(&paper).expect("a document");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (gb, _, _) = encoding_rs::GB18030.encode(&text);
    let files = [
        ("a.csv", joined(",").into_bytes()),
        ("a.csv", joined(";").into_bytes()),
        ("a.xlsx", write_xlsx(&[sheet()]).expect("a workbook").0),
        ("a.docx", docx.clone()),
        // A file is what it holds, whatever it is called.
        ("a.txt", docx.clone()),
        ("a.txt", wide),
        ("a.txt", gb.into_owned()),
    ];
    for (name, bytes) in files {
        let words = words(name, &bytes);
        assert_eq!(told(&read(&words).expect("a draft")), expected, "{name}: {words}");
    }
    // The cells of a printed table stand each on a line of its own.
    let lines = ROWS.concat().join("\n");
    assert_eq!(told(&read(&lines).expect("a draft")), expected, "{lines}");
    let Ok(program) = std::env::var("TONGBAN_SOFFICE") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let plan = folder.path().join("plan.docx");
    std::fs::write(&plan, &docx).expect("written");
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.path().display());
    let made = Command::new(&program)
        .args([&profile, "--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder.path())
        .arg(&plan)
        .output()
        .expect("the word processor runs");
    assert!(made.status.success(), "{made:?}");
    let printed = words("a.pdf", &std::fs::read(folder.path().join("plan.pdf")).expect("a PDF"));
    println!("{printed}");
}
