//! A document in the layout of GB/T 9704 (党政机关公文格式): A4, 仿宋 16 pt with 28 pt lines,
//! headings in 黑体 and 楷体, numbered by the program that opens it.

use crate::OfficeError;
use docx_rs::{
    AbstractNumbering, AlignmentType, BreakType, Docx, IndentLevel, Level, LevelJc, LevelText, LineSpacing,
    LineSpacingType, NumberFormat, Numbering, NumberingId, PageMargin, Paragraph, Run, RunFonts,
    SpecialIndentType, Start, Table, TableCell, TableRow, WidthType,
};
use tongban_shared::text::xml_text;
use tongban_shared::views::{Block, CellKind, Paper, Sheet};

/// Twentieths of a point in a millimetre.
const MM: f64 = 56.692_913;

/// 三号: half points of the body.
const BODY: usize = 32;
/// 二号: half points of the title.
const TITLE: usize = 44;
/// 小四: half points of tables.
const SMALL: usize = 24;
/// 28 pt between lines, in twentieths of a point.
const LINE: i32 = 560;
/// The list of headings; the library has a list 1 of its own.
const LIST: usize = 2;
/// Two characters of the body, in twentieths of a point.
const INDENT: i32 = 640;

#[allow(clippy::cast_possible_truncation, reason = "lengths of a page")]
fn mm(millimetres: f64) -> i32 {
    (millimetres * MM) as i32
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").east_asia(name)
}

fn run(words: &str, font: &str, size: usize) -> Run {
    let words = xml_text(words);
    let mut lines = words.split('\n');
    let first = Run::new().add_text(lines.next().unwrap_or_default());
    let all = lines.fold(first, |run, line| run.add_break(BreakType::TextWrapping).add_text(line));
    all.fonts(fonts(font)).size(size)
}

fn paragraph() -> Paragraph {
    Paragraph::new().line_spacing(LineSpacing::new().line_rule(LineSpacingType::Exact).line(LINE))
}

/// The levels of headings: 一、 （一） 1. （1）
fn numbering() -> AbstractNumbering {
    let formats = [
        ("chineseCounting", "%1、"),
        ("chineseCounting", "（%2）"),
        ("decimal", "%3."),
        ("decimal", "（%4）"),
    ];
    let mut numbering = AbstractNumbering::new(LIST);
    for (level, (format, text)) in formats.into_iter().enumerate() {
        let level = Level::new(
            level,
            Start::new(1),
            NumberFormat::new(format),
            LevelText::new(text),
            LevelJc::new("left"),
        )
        .indent(Some(0), Some(SpecialIndentType::FirstLine(INDENT)), None, None)
        .suffix(docx_rs::LevelSuffixType::Nothing);
        numbering = numbering.add_level(level);
    }
    numbering
}

/// The bytes of a `.docx`.
///
/// # Errors
/// [`OfficeError::CannotWrite`] when it cannot be packed.
pub fn write(paper: &Paper) -> Result<Vec<u8>, OfficeError> {
    let margin = PageMargin::new().top(mm(37.0)).bottom(mm(35.0)).left(mm(28.0)).right(mm(26.0));
    let mut docx = Docx::new()
        .page_size(u32::try_from(mm(210.0)).unwrap_or_default(), u32::try_from(mm(297.0)).unwrap_or_default())
        .page_margin(margin)
        .add_abstract_numbering(numbering())
        .add_numbering(Numbering::new(LIST, LIST))
        .footer(footer());
    if !paper.number.is_empty() {
        let number = run(&paper.number, "仿宋", BODY);
        docx = docx.add_paragraph(paragraph().align(AlignmentType::Center).add_run(number));
        docx = docx.add_paragraph(paragraph());
    }
    let title = run(&paper.title, "方正小标宋简体", TITLE);
    docx = docx.add_paragraph(Paragraph::new().align(AlignmentType::Center).add_run(title));
    docx = docx.add_paragraph(paragraph());
    for block in &paper.blocks {
        docx = match block {
            Block::Heading { level, text } => docx.add_paragraph(heading(*level, text)),
            Block::Text(text) => {
                let body = paragraph().indent(None, Some(SpecialIndentType::FirstLine(INDENT)), None, None);
                docx.add_paragraph(body.align(AlignmentType::Both).add_run(run(text, "仿宋", BODY)))
            }
            Block::Table(sheet) => docx.add_table(table(sheet)).add_paragraph(paragraph()),
        };
    }
    docx = docx.add_paragraph(paragraph());
    for words in [&paper.issuer, &day(&paper.date)] {
        if !words.is_empty() {
            let line = paragraph().align(AlignmentType::Right).indent(None, None, Some(INDENT), None);
            docx = docx.add_paragraph(line.add_run(run(words, "仿宋", BODY)));
        }
    }
    let mut out = std::io::Cursor::new(Vec::new());
    docx.build().pack(&mut out).map_err(|_| OfficeError::CannotWrite)?;
    Ok(out.into_inner())
}

fn heading(level: u8, text: &str) -> Paragraph {
    let level = usize::from(level.clamp(1, 4)) - 1;
    // Text after the first sentence of a heading is body.
    let (head, rest) = match (level, text.find('。')) {
        (1.., Some(at)) => text.split_at(at + '。'.len_utf8()),
        _ => (text, ""),
    };
    let font = ["黑体", "楷体", "仿宋", "仿宋"][level];
    let mut line = paragraph().numbering(NumberingId::new(LIST), IndentLevel::new(level));
    line = line.align(AlignmentType::Both).add_run(run(head, font, BODY));
    if rest.is_empty() { line } else { line.add_run(run(rest, "仿宋", BODY)) }
}

/// `2025年6月30日`
fn day(iso: &str) -> String {
    let mut parts = iso.split('-').map(str::parse::<u32>);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => format!("{year}年{month}月{day}日"),
        _ => String::new(),
    }
}

fn table(sheet: &Sheet) -> Table {
    let cell = |words: &str, font: &str, right: bool| {
        let align = if right { AlignmentType::Right } else { AlignmentType::Left };
        TableCell::new().add_paragraph(Paragraph::new().align(align).add_run(run(words, font, SMALL)))
    };
    let number = |kind: CellKind| matches!(kind, CellKind::Number | CellKind::Money | CellKind::Percent);
    let head = TableRow::new(sheet.columns.iter().map(|column| cell(&column.name, "黑体", false)).collect());
    let mut rows = vec![head];
    rows.extend(sheet.rows.iter().map(|row| {
        let cells = row.iter().zip(&sheet.columns);
        TableRow::new(cells.map(|(one, column)| cell(&one.words, "仿宋", number(column.kind))).collect())
    }));
    // 156 mm of text, as the standard has it.
    Table::new(rows).width(usize::try_from(mm(156.0)).unwrap_or_default(), WidthType::Dxa)
}

/// `— 1 —`
fn footer() -> docx_rs::Footer {
    let page = Paragraph::new()
        .align(AlignmentType::Center)
        .add_run(run("— ", "宋体", 28))
        .add_page_num(docx_rs::PageNum::new())
        .add_run(run(" —", "宋体", 28));
    docx_rs::Footer::new().add_paragraph(page)
}
