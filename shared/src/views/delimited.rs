//! Tables as text: `.csv` files, and what spreadsheet programs put on the clipboard and take
//! from it.

use super::ledger::{Ledger, Row};
use crate::rule::Scene;
use crate::text::xml_text;

/// The most cells that are pasted at once.
pub const MOST_CELLS: usize = 20_000;

/// Tells a spreadsheet program that the file is UTF-8.
const MARK: &str = "\u{feff}";

/// Rows as a spreadsheet program copies them: cells apart by tabs, a cell with line breaks in
/// quotes.
///
/// # Errors
/// A sentence when there are more than [`MOST_CELLS`].
pub fn from_clipboard(text: &str) -> Result<Vec<Vec<String>>, String> {
    let text = with_marked_blanks(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut count = 0;
    for record in reader.records() {
        let record = record.map_err(|_| "粘贴的内容无法读取".to_owned())?;
        count += record.len();
        if count > MOST_CELLS {
            return Err(format!("一次最多粘贴 {MOST_CELLS} 格"));
        }
        rows.push(record.iter().map(|cell| if cell == BLANK { "" } else { cell }.to_owned()).collect());
    }
    Ok(rows)
}

/// Stands for a blank line: the reader would leave it out, and the rows below would move up.
const BLANK: &str = "\u{e000}";

fn with_marked_blanks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut blank) = (false, true);
    for c in text.chars() {
        if c == '\n' && !quoted && blank {
            out.push_str(BLANK);
        }
        quoted ^= c == '"';
        blank = (c == '\n' && !quoted) || (c == '\r' && blank);
        if !(c == '\r' && blank) {
            out.push(c);
        }
    }
    out
}

/// Cells for a spreadsheet program.
#[must_use]
pub fn to_clipboard(rows: &[Vec<String>]) -> String {
    let text = written(rows.iter(), b'\t', csv::Terminator::Any(b'\n'));
    text.strip_suffix('\n').unwrap_or(&text).to_owned()
}

/// A table as a `.csv` file that spreadsheet programs open as UTF-8. What would be taken for a
/// formula is written as words.
#[must_use]
pub fn to_csv(rows: &[Vec<String>]) -> String {
    let safe = rows.iter().map(|row| row.iter().map(|cell| without_formula(cell)).collect::<Vec<_>>());
    format!("{MARK}{}", written(safe, b',', csv::Terminator::CRLF))
}

/// The rows of a `.csv` file, with or without the mark.
///
/// # Errors
/// A sentence when the text is no table.
pub fn from_csv(text: &str) -> Result<Vec<Vec<String>>, String> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| format!("表格文件无法读取：{error}"))?;
        rows.push(record.iter().map(|cell| with_formula(cell).to_owned()).collect());
    }
    Ok(rows)
}

/// The head and all rows of a ledger as words.
#[must_use]
pub fn words_of(scene: &Scene<'_>, ledger: &Ledger<'_>, rows: &[Row]) -> Vec<Vec<String>> {
    let head = ledger.columns.iter().map(|column| column.name.clone()).collect();
    let line =
        |row: &Row| ledger.columns.iter().map(|column| ledger.cell(scene, *row, column).shown).collect();
    std::iter::once(head).chain(rows.iter().map(line)).collect()
}

/// Signs that make a spreadsheet program take a cell for a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn is_formula(cell: &str) -> bool {
    // A negative number is a number.
    cell.starts_with(FORMULA) && cell.parse::<f64>().is_err()
}

fn without_formula(cell: &str) -> String {
    let cell = xml_text(cell);
    if is_formula(&cell) { format!("'{cell}") } else { cell.into_owned() }
}

fn with_formula(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

fn written<R: AsRef<[String]>>(
    rows: impl Iterator<Item = R>,
    delimiter: u8,
    terminator: csv::Terminator,
) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.as_ref())
            .unwrap_or_else(|error| unreachable!("memory takes every byte: {error}"));
    }
    let bytes = writer.into_inner().unwrap_or_else(|error| unreachable!("memory takes every byte: {error}"));
    String::from_utf8(bytes).unwrap_or_else(|error| unreachable!("words are UTF-8: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cells: &[&[&str]]) -> Vec<Vec<String>> {
        cells.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
    }

    #[test]
    fn cells_go_to_a_spreadsheet_program_and_come_back() {
        let table = rows(&[&["序号", "任务\n两行", "他说“好”, \"真好\""], &["1", "", "末格"]]);
        assert_eq!(from_clipboard(&to_clipboard(&table)), Ok(table.clone()));
        assert_eq!(from_csv(&to_csv(&table)), Ok(table));
        // As spreadsheet programs end their lines.
        assert_eq!(from_clipboard("甲\t乙\r\n丙\t丁\r\n"), Ok(rows(&[&["甲", "乙"], &["丙", "丁"]])));
    }

    #[test]
    fn a_blank_line_keeps_its_place() {
        assert_eq!(from_clipboard("甲\n\n丙\n"), Ok(rows(&[&["甲"], &[""], &["丙"]])));
        assert_eq!(from_clipboard("甲\r\n\r\n丙\r\n"), Ok(rows(&[&["甲"], &[""], &["丙"]])));
        assert_eq!(from_clipboard("\"一\n\n二\"\t乙\n"), Ok(rows(&[&["一\n\n二", "乙"]])));
    }

    #[test]
    fn nothing_that_people_write_becomes_a_formula() {
        let table = rows(&[&["=HYPERLINK(\"x\")", "-3.5", "+86", "@甲"]]);
        let text = to_csv(&table);
        assert!(text.starts_with('\u{feff}') && text.contains("'=HYPER") && text.contains("'@甲"), "{text}");
        assert!(text.contains(",-3.5,"), "a number stays one: {text}");
        assert_eq!(from_csv(&text), Ok(table));
    }

    #[test]
    fn too_much_at_once_is_refused_in_plain_words() {
        let text = "甲\t".repeat(MOST_CELLS + 1);
        assert!(from_clipboard(&text).expect_err("too much").contains("最多"));
    }
}
