//! From the text of an official document to draft boards.
//!
//! The steps, one file each: [`source`] cleans lines and joins what a page break cut;
//! [`outline`] reads numbering into a tree; [`head`] finds title, number, issuer and date;
//! [`units`] reads unit lists; [`quantity`] and [`indicator`] read targets; [`board`] puts
//! drafts together. Every value carries its span in the source.
//!
//! Nothing is invented: a text without unit lists yields no units. Spans count Unicode
//! characters (code points) of the source from 0, end excluded.

mod around;
mod board;
mod date;
pub mod draft;
mod furniture;
mod head;
mod indicator;
mod joining;
mod lists;
mod markup;
mod names;
mod outline;
mod pattern;
mod quantity;
mod report;
pub(crate) mod row;
mod source;
mod table;
mod units;

use crate::limits::IMPORT_BYTES;
pub use draft::*;
pub use names::is_group as is_group_name;
pub(crate) use outline::chinese_number;
pub use report::{outline_text, to_json};

/// Whether words are a number in Chinese numerals alone: `十二`.
#[must_use]
pub fn is_chinese_number(words: &str) -> bool {
    outline::chinese_number(words).is_some()
}

/// The endings of files that are read as documents.
pub const FILES: [&str; 5] = [".docx", ".xlsx", ".csv", ".pdf", ".txt"];

/// Why a file cannot be read as a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing but blanks.
    #[error("文件是空的：没有可以导入的文字")]
    Empty,
    /// More than [`IMPORT_BYTES`].
    #[error("文件太大：{0} 字节，最多 {IMPORT_BYTES} 字节")]
    TooLarge(usize),
    /// Not UTF-8 text: a picture, an archive, an old encoding.
    #[error("这不是文本文件：请另存为 UTF-8 编码的 .txt，或直接复制粘贴文字")]
    NotText,
}

/// The date that a cell of a table holds: `2025-06-30`, `2025/6/30`, `2025年6月30日`.
#[must_use]
pub fn day(words: &str) -> Option<jiff::civil::Date> {
    let folded = crate::text::folded_text(words);
    // Nothing else stands in the cell.
    if folded.chars().count() > "二〇二五年十二月三十一日".chars().count()
        || !folded.ends_with(|c: char| c.is_ascii_digit() || c == '日')
    {
        return None;
    }
    date::day(&folded)?.parse().ok()
}

/// Checks bytes of a file and reads them as text.
///
/// # Errors
/// [`ImportError`] when the bytes are empty, too many, or not text.
pub fn text_of_bytes(bytes: &[u8]) -> Result<&str, ImportError> {
    if bytes.len() > IMPORT_BYTES {
        return Err(ImportError::TooLarge(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ImportError::NotText)?;
    let odd = text.chars().filter(|c| c.is_control() && !c.is_whitespace() && *c != '\u{7f}').count();
    if text.contains('\0') || odd * 50 > text.len() {
        return Err(ImportError::NotText);
    }
    if text.chars().all(crate::text::is_blank) {
        return Err(ImportError::Empty);
    }
    Ok(text)
}

/// Reads a text into draft boards.
///
/// # Errors
/// [`ImportError`] when the text is empty or too large.
pub fn read(text: &str) -> Result<Draft, ImportError> {
    let text = text_of_bytes(text.as_bytes())?;
    let source = source::source(text);
    let mut documents: Vec<DraftDocument> = head::split(&source.paragraphs)
        .into_iter()
        .map(|part| board::document(&source.paragraphs[part], source.posted))
        .filter(|document| !document.is_bare())
        .collect();
    // A number that was merged down is one number, however many rows it stands in.
    let is_real =
        |doubt: &Doubt| doubt.kind != DoubtKind::NumberingJump || !source.merged.contains(&doubt.span.from);
    for board in documents.iter_mut().flat_map(|document| &mut document.boards) {
        board.doubts.retain(is_real);
    }
    Ok(Draft { documents, left_out: source.left_out })
}
