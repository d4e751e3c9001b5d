//! Office files: what comes from word processors and spreadsheet programs, and what goes to them.
//!
//! Pure: bytes in, values or bytes out. In the browser it runs in a worker of its own
//! (`office-worker`), so that a hostile or slow file ends that worker and nothing else. Everything
//! from outside is bounded in size, expansion and depth before it is read ([`caps`]).
#![forbid(unsafe_code)]

mod caps;
mod docx_grid;
mod docx_in;
mod docx_out;
mod encodings;
mod job;
mod number_format;
mod numbering;
mod pdf;
mod sheet_parts;
mod symbols;
mod tables;
mod xlsx_out;

pub use caps::{MAX_FILE, MAX_UNPACKED, all as limits};
pub use docx_in::text as docx_text;
pub use docx_out::write as write_docx;
pub use job::run;
pub use pdf::text as pdf_text;
pub use tables::read as read_tables;
pub use xlsx_out::write as write_xlsx;

use tongban_shared::limits::IMPORT_BYTES;

/// Why a file cannot be read or made, in the words of the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfficeError {
    #[error("文件太大：{0} 字节，最多 {MAX_FILE} 字节")]
    TooLarge(usize),
    #[error("文件解压后过大，可能有问题，没有读取")]
    Bomb,
    #[error("文件已损坏或不是所说的格式：{0}")]
    Damaged(String),
    #[error("文件已损坏或不是所说的格式")]
    DamagedFile,
    #[error("文件结构过于复杂，没有读取")]
    TooDeep,
    #[error("段落过多：最多 {0} 段")]
    TooManyParagraphs(usize),
    #[error("文件里的文字太多：最多 {IMPORT_BYTES} 字节，请分成几份再打开")]
    TooManyWords,
    #[error("表格过大：最多 {0} 格")]
    TooManyCells(usize),
    #[error(
        "不支持这种文件：{0}。可以打开 .docx、.xlsx、.csv、.txt 和文字版 .pdf；旧版 .doc、.xls 请先另存为新格式"
    )]
    Unsupported(String),
    #[error("文件里没有文字（扫描件请先识别成文字）")]
    NoText,
    #[error("无法生成文件：表格太大，或文件格式放不下")]
    CannotWrite,
}
