//! Source of pages that was pasted as text: the tags of HTML and the marks of Markdown out, their breaks in.

use super::pattern::looked;
use super::source::Cell;

/// The characters of a text without markup. Each keeps its place in the source, and a break that a tag makes has
/// the place of the tag.
pub fn without_markup(text: &str) -> Vec<Cell> {
    looked(text);
    let cells: Vec<Cell> = text.chars().enumerate().map(|(at, shown)| Cell { shown, at }).collect();
    let cells = if is_html(text) { without_tags(&cells) } else { cells };
    if is_markdown(&cells) { without_marks(&cells) } else { cells }
}

/// Tags that end a line of the text.
const BREAKS: &[&str] = &[
    "p",
    "br",
    "div",
    "li",
    "ul",
    "ol",
    "tr",
    "table",
    "section",
    "article",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "title",
    "hr",
    "blockquote",
    "dd",
    "dt",
];

/// Tags between cells of a row.
const CELLS: &[&str] = &["td", "th"];

/// Tags whose content is no text of the page.
const HIDDEN: &[&str] = &["script", "style", "head"];

/// The longest tag, in characters.
const TAG: usize = 2000;

/// The longest name of a character, in characters.
const NAMED: usize = 10;

/// A text is HTML when it closes one of the tags that make its lines.
fn is_html(text: &str) -> bool {
    text.contains('<')
        && ["</p>", "</div>", "</td>", "</li>", "<br", "</span>"].iter().any(|tag| text.contains(tag))
}

fn without_tags(cells: &[Cell]) -> Vec<Cell> {
    let mut out: Vec<Cell> = Vec::with_capacity(cells.len());
    let mut hidden: Option<String> = None;
    // The place where a short cell ends that is open: breaks in it are blanks.
    let mut inside = 0;
    let mut place = 0;
    while let Some(cell) = cells.get(place) {
        if cell.shown == '<'
            && let Some((name, closes, after)) = tag(cells, place)
        {
            match &hidden {
                Some(open) if closes && *open == name => hidden = None,
                None if HIDDEN.contains(&name.as_str()) && !closes => hidden = Some(name),
                None if CELLS.contains(&name.as_str()) && !closes => inside = end_of_cell(cells, after),
                None if BREAKS.contains(&name.as_str()) && place < inside => {
                    out.push(Cell { shown: ' ', at: cell.at });
                }
                None if BREAKS.contains(&name.as_str()) => out.push(Cell { shown: '\n', at: cell.at }),
                None if CELLS.contains(&name.as_str()) && closes => {
                    out.push(Cell { shown: '\t', at: cell.at });
                }
                _ => {}
            }
            place = after;
            continue;
        }
        let (shown, after) = if cell.shown == '&' { named(cells, place) } else { (cell.shown, place + 1) };
        if hidden.is_none() {
            // Breaks of the source are blanks of the page.
            let shown = if matches!(shown, '\n' | '\r' | '\t') { ' ' } else { shown };
            out.push(Cell { shown, at: cell.at });
        }
        place = after;
    }
    out
}

/// The most characters of a cell that is one, and no frame of a page.
const CELL: usize = 300;

/// The place of the tag that closes a cell, where it holds no table of its own and is short; else 0.
fn end_of_cell(cells: &[Cell], from: usize) -> usize {
    let near = &cells[from..(from + CELL).min(cells.len())];
    let is_tag = |at: usize, name: &str| {
        name.chars().enumerate().all(|(place, letter)| {
            near.get(at + place).is_some_and(|cell| cell.shown.to_ascii_lowercase() == letter)
        })
    };
    let found = (0..near.len()).find(|at| is_tag(*at, "</t") || is_tag(*at, "<t"));
    found.filter(|at| is_tag(*at, "</td") || is_tag(*at, "</th")).map_or(0, |at| from + at)
}

/// The tag at a place: its name in small letters, whether it closes, and the place behind it.
fn tag(cells: &[Cell], from: usize) -> Option<(String, bool, usize)> {
    let near = &cells[from + 1..(from + TAG).min(cells.len())];
    let closes = near.first().is_some_and(|cell| cell.shown == '/');
    let near_name = &near[usize::from(closes)..];
    let name: String = near_name
        .iter()
        .map(|cell| cell.shown.to_ascii_lowercase())
        .take_while(char::is_ascii_alphanumeric)
        .take(NAMED + 2)
        .collect();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    let end = near.iter().position(|cell| cell.shown == '>')?;
    Some((name, closes, from + 1 + end + 1))
}

/// The character that is named at a place, and the place behind its name.
fn named(cells: &[Cell], from: usize) -> (char, usize) {
    let near: String =
        cells[from + 1..(from + NAMED).min(cells.len())].iter().map(|cell| cell.shown).collect();
    let Some((name, _)) = near.split_once(';') else { return ('&', from + 1) };
    let number = name.strip_prefix('#').and_then(|number| match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    });
    let character = number.and_then(char::from_u32).or(match name {
        "nbsp" | "ensp" | "emsp" => Some(' '),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "ldquo" => Some('“'),
        "rdquo" => Some('”'),
        "lsquo" => Some('‘'),
        "rsquo" => Some('’'),
        "middot" => Some('·'),
        "mdash" => Some('—'),
        "ndash" => Some('–'),
        "hellip" => Some('…'),
        _ => None,
    });
    character.map_or(('&', from + 1), |character| (character, from + 1 + name.chars().count() + 1))
}

fn lines(cells: &[Cell]) -> impl Iterator<Item = &[Cell]> {
    cells.split_inclusive(|cell| cell.shown == '\n')
}

/// The length of the mark of a heading at the beginning of a line: `## `.
fn heading(line: &[Cell]) -> Option<usize> {
    let marks = line.iter().take(7).take_while(|cell| cell.shown == '#').count();
    ((1..=6).contains(&marks) && line.get(marks).is_some_and(|cell| cell.shown == ' ')).then_some(marks + 1)
}

/// A text is Markdown when a line of it is a heading, or when two of its places are bold.
fn is_markdown(cells: &[Cell]) -> bool {
    let bold = cells.windows(2).filter(|pair| pair.iter().all(|cell| cell.shown == '*')).count();
    bold >= 4 || lines(cells).any(|line| heading(line).is_some())
}

fn without_marks(cells: &[Cell]) -> Vec<Cell> {
    let mut out = Vec::with_capacity(cells.len());
    for line in lines(cells) {
        let indent = line.iter().take_while(|cell| cell.shown == ' ').count();
        let mut line = &line[indent..];
        if let Some(mark) = heading(line) {
            line = &line[mark..];
        }
        let bullet = matches!(line, [mark, blank, ..] if "-*+>".contains(mark.shown) && blank.shown == ' ');
        if bullet {
            line = &line[2..];
        }
        let mut place = 0;
        while let Some(cell) = line.get(place) {
            let doubled = line.get(place + 1).is_some_and(|next| next.shown == cell.shown);
            if matches!(cell.shown, '*' | '_') && doubled {
                place += 2;
            } else {
                out.push(*cell);
                place += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        without_markup(text).iter().map(|cell| cell.shown).collect()
    }

    #[test]
    fn tags_become_breaks_and_names_become_characters() {
        assert_eq!(
            shown("<p>一、&ldquo;甲&rdquo;</p><td>乙</td><script>var a = 1 < 2;</script>丙"),
            "\n一、“甲”\n乙\t丙"
        );
        assert_eq!(shown("<p class=\"a\">1 &lt; 2 &unknown; &#20013;</p>"), "\n1 < 2 &unknown; 中\n");
        // Signs of comparison are no tags.
        assert_eq!(shown("单位能耗<3，PM2.5<35</p>"), "单位能耗<3，PM2.5<35\n");
        assert_eq!(shown("达标率<95%，占比>3%"), "达标率<95%，占比>3%");
    }

    #[test]
    fn marks_of_headings_points_and_stress_are_out() {
        assert_eq!(shown("# 标题\n- **1.建设**平台\n"), "标题\n1.建设平台\n");
        assert_eq!(shown("- 甲\n* 乙\n"), "- 甲\n* 乙\n");
    }

    #[test]
    fn places_are_those_of_the_source() {
        let cells = without_markup("<p>甲</p>");
        assert_eq!(
            cells.iter().map(|cell| (cell.shown, cell.at)).collect::<Vec<_>>(),
            [('\n', 0), ('甲', 3), ('\n', 4)]
        );
    }
}
