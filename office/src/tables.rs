//! Tables of `.xlsx` and `.csv` files as words.

use crate::OfficeError;
use crate::caps;
use calamine::{Data, Reader, Xlsx};
use std::io::Cursor;
use tongban_shared::office::Table;
use tongban_shared::views;

/// Every table of a file that is not hidden and not empty.
///
/// # Errors
/// [`OfficeError`] when the file is too large, damaged or of another kind.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Table>, OfficeError> {
    caps::size(bytes)?;
    match name.rsplit('.').next().map(str::to_lowercase).as_deref() {
        Some("xlsx" | "xlsm") => workbook(bytes),
        Some("csv" | "tsv" | "txt") => Ok(vec![delimited(name, bytes)?]),
        _ => Err(OfficeError::Unsupported(name.to_owned())),
    }
}

fn workbook(bytes: &[u8]) -> Result<Vec<Table>, OfficeError> {
    caps::unpacked(bytes)?;
    let damaged = |error: &dyn std::fmt::Display| OfficeError::Damaged(error.to_string());
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let visible: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.visible == calamine::SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut left = caps::MAX_CELLS;
    let mut tables = Vec::new();
    for name in visible {
        // The size is known from the cells that are there, before the whole block is made.
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(|error| damaged(&error))?;
        let mut rows: Vec<Vec<String>> = Vec::new();
        while let Some(cell) = cells.next_cell().map_err(|error| damaged(&error))? {
            let words = words_of(&Data::from(cell.get_value().clone()));
            if words.is_empty() {
                continue;
            }
            let (row, column) = cell.get_position();
            let (row, column) = (row as usize, column as usize);
            // One cell far away must not make a block of blanks up to it.
            if row > caps::MAX_CELLS || column > 16_384 {
                return Err(OfficeError::TooManyCells(caps::MAX_CELLS));
            }
            if rows.len() <= row {
                rows.resize(row + 1, Vec::new());
            }
            if rows[row].len() <= column {
                let more = column + 1 - rows[row].len();
                left = left.checked_sub(more).ok_or(OfficeError::TooManyCells(caps::MAX_CELLS))?;
                rows[row].resize(column + 1, String::new());
            }
            rows[row][column] = words;
        }
        rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        if !rows.is_empty() {
            tables.push(Table { name, rows });
        }
    }
    Ok(tables)
}

/// A cell as people read it: no tail of zeros, dates in ISO form.
fn words_of(value: &Data) -> String {
    match value {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(words) => words.trim().to_owned(),
        Data::Float(number) => views_number(*number),
        Data::Int(number) => number.to_string(),
        Data::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Data::DateTime(date) if date.is_datetime() => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::DateTime(duration) => views_number(duration.as_f64()),
        Data::DateTimeIso(words) | Data::DurationIso(words) => words.chars().take(10).collect(),
    }
}

fn views_number(number: f64) -> String {
    tongban_shared::publication::number_words(number)
}

fn delimited(name: &str, bytes: &[u8]) -> Result<Table, OfficeError> {
    let text = decoded(bytes);
    let tabs = name.to_lowercase().ends_with(".tsv") || (!text.contains(',') && text.contains('\t'));
    let rows = if tabs { views::from_clipboard(&text) } else { views::from_csv(&text) };
    let mut rows = rows.map_err(OfficeError::Damaged)?;
    rows.retain(|row| row.iter().any(|cell| !cell.trim().is_empty()));
    if rows.iter().map(Vec::len).sum::<usize>() > caps::MAX_CELLS {
        return Err(OfficeError::TooManyCells(caps::MAX_CELLS));
    }
    Ok(Table { name: name.to_owned(), rows })
}

/// Text in the encodings that offices use: UTF-8, UTF-16 with its mark, GB 18030.
pub fn decoded(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
    }
}
