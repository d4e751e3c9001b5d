//! Pages as SVG: 作战图 on A3, drawn from the same cells as the screen.

use super::light::Light;
use super::matrix::{Matrix, MatrixCell};
use crate::rule::Scene;
use crate::text::xml_text;
use crate::words::Lang;
use std::fmt::Write;

/// A3 across, in the units that browsers take for 96 dots per inch.
pub const PAGE_WIDTH: f64 = 1587.0;
/// See [`PAGE_WIDTH`].
pub const PAGE_HEIGHT: f64 = 1123.0;

/// A page that is being drawn. Everything that comes from people is escaped.
pub(super) struct Picture {
    svg: String,
}

fn escaped(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in xml_text(words).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A line of a picture has no breaks.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// How wide words are, in ems: a Chinese character is one, a letter half.
fn ems(words: &str) -> f64 {
    words.chars().map(|c| if c.is_ascii() { 0.55 } else { 1.0 }).sum()
}

/// Words cut to a width, with an ellipsis.
fn cut(words: &str, size: f64, width: f64) -> String {
    if ems(words) * size <= width {
        return words.to_owned();
    }
    let mut out = String::new();
    for c in words.chars() {
        if (ems(&out) + 2.0) * size > width {
            break;
        }
        out.push(c);
    }
    out + "…"
}

impl Picture {
    pub(super) fn new(title: &str) -> Self {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {PAGE_WIDTH} {PAGE_HEIGHT}\" width=\"{PAGE_WIDTH}\" height=\"{PAGE_HEIGHT}\" font-family=\"'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif\"><title>{}</title><rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            escaped(title)
        );
        Self { svg }
    }

    pub(super) fn text(&mut self, x: f64, y: f64, size: f64, anchor: &str, colour: &str, words: &str) {
        // Writing to a string does not fail.
        let _ = write!(
            self.svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{}</text>",
            escaped(words)
        );
    }

    /// Words in up to two lines, in the middle of a box.
    pub(super) fn words(&mut self, x: f64, top: f64, width: f64, height: f64, size: f64, words: &str) {
        let mut first = String::new();
        for c in words.chars() {
            if (ems(&first) + 1.0) * size > width {
                break;
            }
            first.push(c);
        }
        let rest = &words[first.len()..];
        let middle = top + height / 2.0 + size * 0.35;
        if rest.is_empty() {
            return self.text(x, middle, size, "start", "#000000", &first);
        }
        self.text(x, middle - size * 0.6, size, "start", "#000000", &first);
        self.text(x, middle + size * 0.6, size, "start", "#000000", &cut(rest, size, width));
    }

    pub(super) fn frame(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &str) {
        let _ = write!(
            self.svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"4\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"
        );
    }

    fn line(&mut self, x1: f64, y1: f64, x2: f64, y2: f64) {
        let _ = write!(
            self.svg,
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"#d0d7de\"/>"
        );
    }

    pub(super) fn arrow(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let _ = write!(
            self.svg,
            "<path d=\"M{x1:.1} {y1:.1} L{x2:.1} {y2:.1}\" stroke=\"#57606a\" fill=\"none\"/><circle cx=\"{x2:.1}\" cy=\"{y2:.1}\" r=\"3\" fill=\"#57606a\"/>"
        );
    }

    pub(super) fn finish(mut self) -> String {
        self.svg.push_str("</svg>");
        self.svg
    }
}

const MARGIN: f64 = 40.0;
const HEAD: f64 = 150.0;
const ROW: f64 = 26.0;
const TITLE: f64 = 460.0;

/// A matrix on as many A3 pages as it needs, each with its heads and the meaning of its lights.
#[must_use]
pub fn matrix_pages(scene: &Scene<'_>, matrix: &Matrix, name: &str, language: Lang) -> Vec<String> {
    let (counts, whole) = matrix.counts(scene);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a page")]
    let per_page = ((PAGE_HEIGHT - HEAD - 2.0 * MARGIN) / ROW) as usize;
    // With many columns a page holds some of them; the next pages hold the others.
    const COLUMNS: usize = 28;
    let mut pages = Vec::new();
    let rows: Vec<&[_]> =
        if matrix.rows.is_empty() { vec![&[]] } else { matrix.rows.chunks(per_page.max(1)).collect() };
    let spans = (0..matrix.columns.len().max(1)).step_by(COLUMNS);
    let total = rows.len() * spans.clone().count();
    for from in spans {
        let to = (from + COLUMNS).min(matrix.columns.len());
        for chunk in &rows {
            let mut picture = Picture::new(&scene.board.title);
            picture.text(MARGIN, 46.0, 24.0, "start", "#000000", &cut(&scene.board.title, 24.0, 1000.0));
            let head = format!("{name} · {}/{} · {}", whole.0, whole.1, scene.today);
            picture.text(MARGIN, 72.0, 14.0, "start", "#57606a", &head);
            legend(&mut picture, language);
            #[allow(clippy::cast_precision_loss, reason = "a handful of columns")]
            let width = ((PAGE_WIDTH - 2.0 * MARGIN - TITLE) / (to - from).max(1) as f64).min(90.0);
            for (index, column) in matrix.columns[from..to].iter().enumerate() {
                let x = across(index, width);
                slanted(&mut picture, x + width / 2.0, column);
                let (done, all) = counts[from + index];
                picture.text(
                    x + width / 2.0,
                    HEAD + 12.0,
                    11.0,
                    "middle",
                    "#57606a",
                    &format!("{done}/{all}"),
                );
            }
            let mut top = HEAD + 20.0;
            picture.line(MARGIN, top, PAGE_WIDTH - MARGIN, top);
            for row in *chunk {
                let title = format!("{} {}", row.number, row.title);
                picture.text(
                    MARGIN,
                    top + 18.0,
                    13.0,
                    "start",
                    "#000000",
                    &cut(title.trim(), 13.0, TITLE - 10.0),
                );
                for (index, cell) in matrix.cells(scene, row)[from..to].iter().enumerate() {
                    let Some(cell) = cell else { continue };
                    let x = across(index, width) + width / 2.0;
                    picture.text(x, top + 18.0, 14.0, "middle", cell.light.colour(), &mark(cell));
                }
                top += ROW;
                picture.line(MARGIN, top, PAGE_WIDTH - MARGIN, top);
            }
            let foot = format!("{}/{total}", pages.len() + 1);
            picture.text(PAGE_WIDTH - MARGIN, PAGE_HEIGHT - 20.0, 12.0, "end", "#57606a", &foot);
            pages.push(picture.finish());
        }
    }
    pages
}

#[allow(clippy::cast_precision_loss, reason = "a handful of columns")]
fn across(index: usize, width: f64) -> f64 {
    MARGIN + TITLE + index as f64 * width
}

/// A shape, with a count where a cell stands for several.
fn mark(cell: &MatrixCell) -> String {
    if cell.all > 1 {
        format!("{} {}/{}", cell.light.shape(), cell.done, cell.all)
    } else {
        cell.light.shape().to_owned()
    }
}

fn slanted(picture: &mut Picture, x: f64, words: &str) {
    let words = escaped(&cut(words, 13.0, 100.0));
    let y = HEAD - 6.0;
    let _ = write!(
        picture.svg,
        "<text transform=\"translate({x:.1} {y:.1}) rotate(-50)\" font-size=\"13\">{words}</text>"
    );
}

fn legend(picture: &mut Picture, language: Lang) {
    let mut x = PAGE_WIDTH - MARGIN;
    for light in Light::ALL.iter().rev() {
        let words = format!("{} {}", light.shape(), light.word().text(language));
        picture.text(x, 46.0, 13.0, "end", light.colour(), &words);
        x -= (ems(&words) + 1.2) * 13.0;
    }
}
