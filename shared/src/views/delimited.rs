//! Tables as text: `.csv` files, and what spreadsheet programs put on the clipboard and take
//! from it.

use super::ledger::{Ledger, Row};
use crate::rule::Scene;
use crate::text::{is_blank, level_text, xml_text};
use std::collections::BTreeMap;

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
    from_tabs(text, MOST_CELLS).ok_or_else(|| format!("一次最多粘贴 {MOST_CELLS} 格"))
}

/// Rows with tabs between their cells; none when there are more cells than `most`.
///
/// A quote counts only as spreadsheet programs write it: at the beginning of a cell that holds a
/// break, a tab or a doubled quote, and closed at the edge of the cell. Every other quote, a ditto
/// mark among them, is a word of the cell.
#[must_use]
pub fn from_tabs(text: &str, most: usize) -> Option<Vec<Vec<String>>> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    let (mut rest, mut count) = (text, 0);
    while !rest.is_empty() || !row.is_empty() {
        let (cell, after) = quoted(rest).unwrap_or_else(|| {
            let end = rest.find(['\t', '\n']).unwrap_or(rest.len());
            let cell = &rest[..end];
            // A carriage return belongs to the break behind it.
            let is_end = rest[end..].starts_with('\n') || end == rest.len();
            let cell = if is_end { cell.strip_suffix('\r').unwrap_or(cell) } else { cell };
            (cell.to_owned(), &rest[end..])
        });
        row.push(cell);
        count += 1;
        if count > most {
            return None;
        }
        if let Some(next) = after.strip_prefix('\t') {
            rest = next;
            continue;
        }
        rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')).unwrap_or(after);
        rows.push(std::mem::take(&mut row));
    }
    Some(rows)
}

/// The longest quoted cell, in bytes: what a spreadsheet program can hold, in any script.
const MOST_QUOTED: usize = 200_000;

/// A cell in quotes, and what stands behind it.
fn quoted(rest: &str) -> Option<(String, &str)> {
    let inner = rest.strip_prefix('"')?;
    let is_edge = |rest: &str| rest.is_empty() || rest.starts_with(['\t', '\n']) || rest.starts_with("\r\n");
    // A ditto mark stands alone.
    if is_edge(inner) {
        return None;
    }
    let (mut cell, mut from) = (String::new(), 0);
    let mut needed = false;
    while let Some(at) = inner[from..].find('"').filter(|at| from + at < MOST_QUOTED) {
        cell.push_str(&inner[from..from + at]);
        let after = &inner[from + at + 1..];
        if is_edge(after) {
            needed |= cell.is_empty() || cell.contains(['\t', '\n', '\r']);
            return needed.then(|| (cell.replace("\r\n", "\n"), after));
        }
        if !after.starts_with('"') {
            return None;
        }
        cell.push('"');
        needed = true;
        from += at + 2;
    }
    None
}

/// Cells for a spreadsheet program.
#[must_use]
pub fn to_clipboard(rows: &[Vec<String>]) -> String {
    let text = written("", rows, b'\t', csv::Terminator::Any(b'\n'));
    text.strip_suffix('\n').unwrap_or(&text).to_owned()
}

/// A table as a `.csv` file that spreadsheet programs open as UTF-8. A cell that would be taken for a formula
/// is written as words. Rows are written one after the other: no table of them is kept.
#[must_use]
pub fn to_csv<C: AsRef<str>>(rows: impl IntoIterator<Item = impl IntoIterator<Item = C>>) -> String {
    let safe = rows.into_iter().map(|row| row.into_iter().map(|cell| without_formula(cell.as_ref())));
    written(MARK, safe, b',', csv::Terminator::CRLF)
}

/// The marks that stand between the cells of a `.csv` file. Programs write `;` in countries that write 1,5.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// So many rows show which mark a file has, in so many bytes.
const SHOWN: (usize, usize) = (20, 64 * 1024);

/// The mark between the cells of a `.csv` file: the one that gives most rows as many cells as each other.
#[must_use]
pub fn delimiter(text: &str) -> u8 {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    if let (_, Some(said)) = without_said(text) {
        return said;
    }
    let near = &text[..text.floor_char_boundary(SHOWN.1)];
    let agreeing = |delimiter: u8| {
        let mut counts = BTreeMap::new();
        for row in reader(near, delimiter).records().flatten().take(SHOWN.0).filter(|row| row.len() > 1) {
            *counts.entry(row.len()).or_insert(0) += 1;
        }
        counts.into_iter().map(|(cells, rows)| (rows, cells)).max().unwrap_or_default()
    };
    // The first one is taken of those that agree as well.
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| agreeing(*delimiter)).unwrap_or(b',')
}

/// A text without a first line `sep=;`, and the mark that the line says.
fn without_said(text: &str) -> (&str, Option<u8>) {
    let said = text.strip_prefix("sep=").and_then(|rest| {
        let mark = rest.bytes().next().filter(u8::is_ascii)?;
        let rest = &rest[1..];
        Some((rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?, mark))
    });
    said.map_or((text, None), |(rest, mark)| (rest, Some(mark)))
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes())
}

/// The rows of a `.csv` file, with or without the mark; blank lines keep their place. None when there are
/// more cells than `most`.
#[must_use]
pub fn from_csv(text: &str, most: usize) -> Option<Vec<Vec<String>>> {
    let text = text.strip_prefix(MARK).unwrap_or(text);
    let delimiter = delimiter(text);
    let text = without_said(text).0;
    let mut reader = reader(text, delimiter);
    let (mut rows, mut record) = (Vec::new(), csv::StringRecord::new());
    let (mut read, mut left) = (0, most);
    // Text has no line that is no row: what it holds is UTF-8, and rows may differ in length.
    while reader.read_record(&mut record).unwrap_or_default() {
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(text.len());
        let blank = blank_lines(text, read, end);
        read = end;
        left = left.checked_sub(record.len().max(1))?.checked_sub(blank)?;
        rows.resize(rows.len() + blank, Vec::new());
        rows.push(record.iter().map(|cell| with_formula(cell).to_owned()).collect());
    }
    Some(rows)
}

/// How many blank lines the reader of a `.csv` file passed over before a row.
fn blank_lines(text: &str, from: usize, to: usize) -> usize {
    let mut rest = text.get(from..to).unwrap_or_default();
    // It leaves the second half of a break for the next row.
    if text.get(..from).is_some_and(|before| before.ends_with('\r')) {
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    let mut count = 0;
    while let Some(after) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])) {
        (count, rest) = (count + 1, after);
    }
    count
}

/// The head and all rows of a ledger as words.
#[must_use]
pub fn words_of(scene: &Scene<'_>, ledger: &Ledger<'_>, rows: &[Row]) -> Vec<Vec<String>> {
    let head = ledger.columns.iter().map(|column| column.name.clone()).collect();
    let line =
        |row: &Row| ledger.columns.iter().map(|column| ledger.cell(scene, *row, column).shown).collect();
    std::iter::once(head).chain(rows.iter().map(line)).collect()
}

/// Signs that make a spreadsheet program take a cell for a formula; some take them in full width and small too.
const FORMULA: [char; 15] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫'];

fn is_formula(cell: &str) -> bool {
    // Blanks, and what is not seen, are passed over before a sign by some, or taken out of what is public; a
    // negative number is a number.
    let shown = level_text(cell);
    let shown = shown.trim_start_matches(|sign| is_blank(sign) || sign == '\u{2800}');
    let begins = cell.starts_with(FORMULA) || shown.starts_with(FORMULA);
    begins && cell.parse::<f64>().is_err()
}

fn without_formula(cell: &str) -> String {
    let cell = xml_text(cell);
    if is_formula(&cell) { format!("'{cell}") } else { cell.into_owned() }
}

fn with_formula(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell)
}

fn written<C: AsRef<[u8]>>(
    mark: &str,
    rows: impl IntoIterator<Item = impl IntoIterator<Item = C>>,
    delimiter: u8,
    terminator: csv::Terminator,
) -> String {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .flexible(true)
        .from_writer(mark.as_bytes().to_vec());
    for row in rows {
        writer.write_record(row).unwrap_or_else(|error| unreachable!("memory takes every byte: {error}"));
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
        assert_eq!(from_csv(&to_csv(&table), 100), Some(table));
        // As spreadsheet programs end their lines.
        assert_eq!(from_clipboard("甲\t乙\r\n丙\t丁\r\n"), Ok(rows(&[&["甲", "乙"], &["丙", "丁"]])));
    }

    #[test]
    fn the_mark_between_cells_is_the_one_that_rows_agree_on() {
        let table = rows(&[&["任务", "投资"], &["甲", "1,5"], &["乙，丙", "2,5"]]);
        assert_eq!(from_csv("任务;投资\r\n甲;1,5\r\n乙，丙;2,5", 10), Some(table.clone()));
        assert_eq!(from_csv("sep=;\r\n任务;投资\r\n甲;1,5\r\n乙，丙;2,5", 10), Some(table.clone()));
        assert_eq!(from_csv("任务;投资\n\"甲\";\"1,5\"\n\"乙，丙\";2,5", 10), Some(table));
        let words = rows(&[&["任务", "内容"], &["甲", "一;二;三"], &["乙", "一;二"]]);
        assert_eq!(from_csv("任务,内容\n甲,一;二;三\n乙,一;二", 10), Some(words));
        assert_eq!(from_csv("标题;副题\n任务,内容\n甲,乙", 10).map(|rows| rows[1].len()), Some(2));
        assert_eq!(["甲", "甲\n乙", ""].map(delimiter), [b','; 3]);
        assert_eq!(delimiter("任务\t内容\n甲\t一,二"), b'\t');
    }

    #[test]
    fn a_blank_line_keeps_its_place() {
        assert_eq!(from_clipboard("甲\n\n丙\n"), Ok(rows(&[&["甲"], &[""], &["丙"]])));
        assert_eq!(from_clipboard("甲\r\n\r\n丙\r\n"), Ok(rows(&[&["甲"], &[""], &["丙"]])));
        let kept = rows(&[&["甲", "1\n2"], &[], &[], &["丙"], &[], &["丁"]]);
        assert_eq!(from_csv("甲,\"1\n2\"\r\n\r\n\r\n丙\n\n丁", 10), Some(kept));
        assert_eq!(from_csv("甲,乙\n丙,丁", 3), None);
        assert_eq!(from_clipboard("\"一\n\n二\"\t乙\n"), Ok(rows(&[&["一\n\n二", "乙"]])));
    }

    #[test]
    fn a_quote_counts_only_as_spreadsheet_programs_write_it() {
        let read = |text: &str| from_clipboard(text).expect("a table");
        assert_eq!(read("\"暖城\"行动用地\t1\n乙\t2"), rows(&[&["\"暖城\"行动用地", "1"], &["乙", "2"]]));
        // Ditto marks: nothing between two of them is swallowed.
        assert_eq!(read("甲\t亩\n乙\t\"\n丙\t\"\n"), rows(&[&["甲", "亩"], &["乙", "\""], &["丙", "\""]]));
        assert_eq!(read("\"\t1\n\"\t2"), rows(&[&["\"", "1"], &["\"", "2"]]));
        assert_eq!(read("\"甲\"\t\"未完\n乙\t2"), rows(&[&["\"甲\"", "\"未完"], &["乙", "2"]]));
        assert_eq!(read("\"一\r\n二\"\t\"说\"\"好\"\"\""), rows(&[&["一\n二", "说\"好\""]]));
        assert_eq!(read("甲\t\n\t乙"), rows(&[&["甲", ""], &["", "乙"]]));
    }

    #[test]
    fn nothing_that_people_write_becomes_a_formula() {
        let table = rows(&[&["=HYPERLINK(\"x\")", "-3.5", "+86", "@甲"]]);
        let text = to_csv(&table);
        assert!(text.starts_with('\u{feff}') && text.contains("'=HYPER") && text.contains("'@甲"), "{text}");
        assert!(text.contains(",-3.5,"), "a number stays one: {text}");
        assert_eq!(from_csv(&text, 100), Some(table));
        for cell in [
            "＝1+1",
            "＋1+1",
            "－1+1",
            "＠SUM(A1)",
            "\n=1+1",
            " =1+1",
            "\u{3000}＝1",
            "\u{202E} =1",
            "\u{2066}\u{2069}@SUM(1)",
            "\u{200B}=1",
            "\u{FEFF}=1",
            "\u{AD}=1",
            "\u{2800}=1",
            "﹦1",
        ] {
            let table = rows(&[&["甲", cell]]);
            let text = to_csv(&table);
            assert!(text.contains(&format!("'{cell}")), "{text:?}");
            assert_eq!(from_csv(&text, 100), Some(table));
        }
    }

    #[test]
    fn too_much_at_once_is_refused_in_plain_words() {
        let text = "甲\t".repeat(MOST_CELLS + 1);
        assert!(from_clipboard(&text).expect_err("too much").contains("最多"));
    }
}
