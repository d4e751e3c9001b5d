//! Tables on the clipboard: the HTML of spreadsheet programs, word processors and web pages, read
//! first; else their text with tabs. Nothing of it moves into another row.

use super::delimited::{MOST_CELLS, from_clipboard};
use crate::text::{is_han, xml_text};

/// The most bytes of HTML that are read.
const MOST_HTML: usize = 8 * 1024 * 1024;

/// The widest and highest merged area.
const MOST_SPAN: usize = 1_000;

/// A table that is to be pasted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pasted {
    pub rows: Vec<Vec<String>>,
    /// Areas of merged cells; the value stands in each row that an area covers.
    pub merged: usize,
    /// Characters that stand beside the table.
    pub beside: usize,
    /// Characters that do not show: they are left out.
    pub hidden: usize,
}

impl Pasted {
    /// Whether a person should see where it lands before it is written.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let width = self.rows.first().map_or(0, Vec::len);
        self.merged + self.beside + self.hidden > 0 || self.rows.iter().any(|row| row.len() != width)
    }
}

/// The table of a clipboard that has HTML, text or both.
///
/// # Errors
/// A sentence when there are more than [`MOST_CELLS`].
pub fn from_paste(html: &str, text: &str) -> Result<Pasted, String> {
    if html.len() <= MOST_HTML
        && let Some(table) = Html::read(html)?
    {
        return Ok(table);
    }
    Ok(Pasted { rows: from_clipboard(text)?, ..Pasted::default() })
}

/// A reader of tables that forgives what is open or crossed; it looks at each sign once.
#[derive(Debug, Default)]
struct Html {
    table: Pasted,
    /// Tables that are open in each other.
    depth: usize,
    /// For each column, the rows that an area above still covers and its words.
    over: Vec<(usize, String)>,
    row: Option<Vec<String>>,
    /// The words of the cell, and its width and height.
    cell: Option<(String, usize, usize)>,
    cells: usize,
    seen: bool,
    /// An element whose words do not show, and how many of its name are open.
    unseen: Option<(String, usize)>,
}

impl Html {
    fn read(html: &str) -> Result<Option<Pasted>, String> {
        let mut reader = Self::default();
        let mut rest = html;
        while !rest.is_empty() {
            let Some(open) = rest.find('<') else {
                reader.words(rest);
                break;
            };
            reader.words(&rest[..open]);
            rest = &rest[open..];
            let end = if rest.starts_with("<!--") { "-->" } else { ">" };
            let Some(close) = rest.find(end) else { break };
            let tag = &rest[1..close];
            rest = &rest[close + end.len()..];
            let name: String = tag
                .chars()
                .take_while(|c| !c.is_whitespace() && *c != '>')
                .collect::<String>()
                .trim_end_matches('/')
                .to_ascii_lowercase();
            if matches!(name.as_str(), "style" | "script" | "title" | "xml") {
                rest = behind(rest, &name);
                continue;
            }
            reader.tag(&name, tag)?;
        }
        reader.close_row()?;
        Ok(reader.seen.then_some(reader.table))
    }

    fn words(&mut self, words: &str) {
        if self.unseen.is_some() {
            let words = with_entities(words);
            self.table.hidden += words.chars().filter(|c| !c.is_whitespace()).count();
            return;
        }
        match &mut self.cell {
            Some((cell, ..)) => say(cell, &with_entities(words)),
            None => {
                let beside = with_entities(words);
                self.table.beside += beside.chars().filter(|c| !c.is_whitespace()).count();
            }
        }
    }

    /// Whether a tag stands in what does not show, or begins or ends it.
    fn is_unseen(&mut self, name: &str, tag: &str) -> bool {
        let bare = name.trim_start_matches('/');
        let Some((element, open)) = &mut self.unseen else {
            if hides(name, tag) {
                self.unseen = Some((name.to_owned(), 1));
            }
            return self.unseen.is_some();
        };
        if bare == element {
            *open = if name == bare { *open + 1 } else { *open - 1 };
        }
        // An element that was not closed must not swallow the next cell.
        let is_edge = matches!(bare, "table" | "tr" | "td" | "th");
        if is_edge || *open == 0 {
            self.unseen = None;
        }
        !is_edge
    }

    fn tag(&mut self, name: &str, tag: &str) -> Result<(), String> {
        if self.is_unseen(name, tag) {
            return Ok(());
        }
        match (name, self.depth) {
            ("table", _) => self.depth += 1,
            ("/table", 0) => {}
            ("/table", 1) => {
                self.close_row()?;
                self.over.clear();
                self.depth = 0;
            }
            ("/table", _) => self.depth -= 1,
            ("tr", 1) => {
                self.close_row()?;
                self.row = Some(Vec::new());
            }
            ("/tr", 1) => self.close_row()?,
            ("td" | "th", 1) => {
                self.close_cell()?;
                self.row.get_or_insert_default();
                let span = |name| attribute(tag, name).unwrap_or(1).clamp(1, MOST_SPAN);
                self.cell = Some((String::new(), span("colspan"), span("rowspan")));
            }
            ("/td" | "/th", 1) => self.close_cell()?,
            // A table in a cell is told within it.
            ("br" | "p" | "/p" | "div" | "/div" | "li" | "tr" | "td" | "th", _) => {
                if let Some((cell, ..)) = &mut self.cell
                    && (name == "br" || !cell.ends_with('\n'))
                    && !(cell.is_empty())
                {
                    cell.truncate(cell.trim_end_matches(' ').len());
                    cell.push('\n');
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, words: String) -> Result<(), String> {
        self.cells += 1;
        if self.cells > MOST_CELLS {
            return Err(format!("一次最多粘贴 {MOST_CELLS} 格"));
        }
        self.row.get_or_insert_default().push(words);
        Ok(())
    }

    /// Fills the columns that an area above covers.
    fn fill(&mut self) -> Result<(), String> {
        loop {
            let column = self.row.as_ref().map_or(0, Vec::len);
            let Some((left, words)) = self.over.get_mut(column).filter(|(left, _)| *left > 0) else {
                return Ok(());
            };
            *left -= 1;
            let words = words.clone();
            self.push(words)?;
        }
    }

    fn close_cell(&mut self) -> Result<(), String> {
        let Some((words, wide, high)) = self.cell.take() else { return Ok(()) };
        let words = xml_text(words.trim()).into_owned();
        self.fill()?;
        self.table.merged += usize::from(wide > 1 || high > 1);
        for place in 0..wide {
            let own = if place == 0 { words.clone() } else { String::new() };
            let column = self.row.as_ref().map_or(0, Vec::len);
            if high > 1 {
                if self.over.len() <= column {
                    self.over.resize(column + 1, (0, String::new()));
                }
                self.over[column] = (high - 1, own.clone());
            }
            self.push(own)?;
        }
        Ok(())
    }

    fn close_row(&mut self) -> Result<(), String> {
        self.close_cell()?;
        if self.row.is_none() {
            return Ok(());
        }
        self.fill()?;
        if let Some(row) = self.row.take() {
            self.seen = true;
            self.table.rows.push(row);
        }
        Ok(())
    }
}

/// Adds words; a stretch of blanks is one, and none where a long line of Chinese was broken.
fn say(cell: &mut String, words: &str) {
    let mut blank = None::<bool>;
    for c in words.chars() {
        if matches!(c, ' ' | '\t' | '\n' | '\r') {
            blank = Some(blank.unwrap_or(false) || matches!(c, '\n' | '\r'));
            continue;
        }
        if let Some(broken) = blank.take()
            && let Some(last) = cell.chars().last().filter(|last| !matches!(last, ' ' | '\n'))
            && !(broken && is_han(last) && is_han(c))
        {
            cell.push(' ');
        }
        cell.push(if c == '\u{a0}' { ' ' } else { c });
    }
    if blank == Some(false) && !cell.is_empty() && !cell.ends_with([' ', '\n']) {
        cell.push(' ');
    }
}

/// The rest behind the end of an element whose words are none.
fn behind<'a>(rest: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = rest[from..].find("</") {
        let after = &rest[from + at + 2..];
        if after.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name)) {
            return after.find('>').map_or("", |end| &after[end + 1..]);
        }
        from += at + 2;
    }
    ""
}

/// Whether the words of an element do not show: readings of characters, what was deleted, hidden words.
fn hides(name: &str, tag: &str) -> bool {
    if matches!(name, "rt" | "rp" | "del") {
        return true;
    }
    let is_inline = matches!(name, "span" | "font" | "ins");
    let plain = || tag.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    is_inline && ["display:none", "mso-hide:all"].iter().any(|form| plain().contains(form))
}

fn attribute(tag: &str, name: &str) -> Option<usize> {
    let lower = tag.to_ascii_lowercase();
    let rest = &lower[lower.find(&format!("{name}="))? + name.len() + 1..];
    let digits = rest.trim_start_matches(['"', '\'']);
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn with_entities(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut rest = words;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let found = rest.char_indices().take(12).find(|(_, c)| *c == ';').map(|(end, _)| end);
        let sign = found.and_then(|end| entity(&rest[1..end]));
        match (sign, found) {
            (Some(sign), Some(end)) => {
                out.push(sign);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').map(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits.parse(),
    });
    if let Some(number) = number {
        return number.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "ensp" | "emsp" => ' ',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "middot" => '·',
        "mdash" => '—',
        "hellip" => '…',
        "times" => '×',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(words: &str) -> Pasted {
        from_paste(words, "").expect("a table")
    }

    #[test]
    fn a_word_table_with_paragraphs_in_a_cell_keeps_its_rows() {
        let words = "<html><head><style>td{a:b}</style></head><body><!--[if x]>no<![endif]--><table>\
            <tr><td><p>一行&nbsp;甲</p><p>二段</p></td><td>乙</td></tr><tr><td>丙</td><td><p>丁\r\n 戊</p></td></tr></table>";
        let table = html(words);
        assert_eq!(table.rows, [["一行 甲\n二段", "乙"], ["丙", "丁戊"]]);
        assert!(!table.is_doubtful());
    }

    #[test]
    fn a_merged_value_stands_in_each_row_and_nothing_moves() {
        let table = html("<table><tr><td rowspan=2>甲<td>1<tr><td>2<tr><td colspan='2'>合计<td>3</table>");
        assert_eq!(table.rows, [vec!["甲", "1"], vec!["甲", "2"], vec!["合计", "", "3"]]);
        assert!(table.is_doubtful() && table.merged == 2);
    }

    #[test]
    fn words_that_do_not_show_stay_out_and_are_counted() {
        let table = html(
            "<table><tr><td>公开<span style='mso-hide: all'>底价<span>三</span></span>的<del>旧</del>话\
             <td><ruby>呼伦<rp>(</rp><rt>hulun</rt></ruby><tr><td><span style=\"display:none\">藏<td>见</table>",
        );
        assert_eq!(table.rows, [["公开的话", "呼伦"], ["", "见"]]);
        assert_eq!(table.hidden, 11);
        assert!(table.is_doubtful());
    }

    #[test]
    fn html_without_a_table_leaves_the_word_to_the_text() {
        let table = from_paste("<p>只有一句</p>", "甲\t乙").expect("text");
        assert_eq!(table.rows, [["甲", "乙"]]);
    }

    #[test]
    fn a_hostile_clipboard_is_bounded() {
        let wide = "<table><tr>".to_owned() + &"<td colspan=999999 rowspan=999999>x".repeat(1000);
        assert!(from_paste(&wide, "").expect_err("too many").contains("最多"));
        let deep = "<table><tr><td>".repeat(50_000) + "底";
        assert_eq!(html(&deep).rows, [["底"]]);
        for broken in ["<", "<table", "<table><tr><td>&#99999999;", "</table></td><td>", "<!--", "<style>"] {
            from_paste(broken, "").expect("whatever it is, it ends");
        }
    }
}
