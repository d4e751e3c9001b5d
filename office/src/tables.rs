//! Tables of `.xlsx` and `.csv` files as words.

use crate::OfficeError;
use crate::caps;
use crate::sheet_parts;
use calamine::{Data, Dimensions, ExcelDateTime, NumberFormat, Reader, Xlsx};
use std::io::Cursor;
use tongban_shared::office::{Aside, Table};
use tongban_shared::views;

/// Every table of a file that is not hidden and not empty; what else it holds is counted.
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
    let damaged = |_: calamine::XlsxError| OfficeError::DamagedFile;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let (visible, hidden): (Vec<_>, Vec<_>) = workbook
        .sheets_metadata()
        .iter()
        .cloned()
        .partition(|sheet| sheet.visible == calamine::SheetVisible::Visible);
    let asides = sheet_parts::read(bytes)?;
    let mut left = caps::MAX_CELLS;
    let mut tables = Vec::new();
    for sheet in visible {
        let mut table = Table { name: sheet.name, ..Table::default() };
        let errors = cells(&mut workbook, &mut table, &mut left)?;
        let merged = workbook.merge_cells_by_sheet_name(&table.name).map_err(damaged)?;
        spread(&mut table, &merged, &mut left)?;
        if !table.rows.iter().any(|row| row.iter().any(|cell| !cell.is_empty())) {
            continue;
        }
        let areas = table.merged.len();
        table.told = asides.get(&table.name).cloned().unwrap_or_default();
        table.told.extend([(Aside::MergedAreas, areas), (Aside::ErrorCells, errors)]);
        table.told.retain(|(_, count)| *count > 0);
        tables.push(table);
    }
    // Our own workbooks keep what may be chosen on a hidden sheet.
    let hidden = hidden.iter().filter(|sheet| sheet.name != crate::xlsx_out::CHOICES).count();
    if let (Some(first), true) = (tables.first_mut(), hidden > 0) {
        first.told.push((Aside::HiddenSheets, hidden));
    }
    Ok(tables)
}

/// Fills a table with the cells of its sheet; gives how many hold an error.
fn cells(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    table: &mut Table,
    left: &mut usize,
) -> Result<usize, OfficeError> {
    let damaged = |_: calamine::XlsxError| OfficeError::DamagedFile;
    // The size is known from the cells that are there, before the whole block is made.
    let mut cells = workbook.worksheet_cells_reader(&table.name).map_err(damaged)?;
    let formats: Vec<Option<NumberFormat>> =
        cells.styles().iter().map(|style| style.number_format.clone()).collect();
    let mut errors = 0;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(damaged)? {
        let value = Data::from(cell.get_value().clone());
        errors += usize::from(matches!(value, Data::Error(_)));
        let words = words_of(&value, formats.get(style).and_then(Option::as_ref));
        if words.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        put(&mut table.rows, (row as usize, column as usize), words, left)?;
    }
    Ok(errors)
}

/// Writes one cell. One that is far away must not make a block of blanks up to it.
fn put(
    rows: &mut Vec<Vec<String>>,
    (row, column): (usize, usize),
    words: String,
    left: &mut usize,
) -> Result<(), OfficeError> {
    let too_many = OfficeError::TooManyCells(caps::MAX_CELLS);
    if row > caps::MAX_CELLS || column > 16_384 {
        return Err(too_many);
    }
    if rows.len() <= row {
        rows.resize(row + 1, Vec::new());
    }
    if rows[row].len() <= column {
        let more = column + 1 - rows[row].len();
        *left = left.checked_sub(more).ok_or(too_many)?;
        rows[row].resize(column + 1, String::new());
    }
    rows[row][column] = words;
    Ok(())
}

/// Copies the value of each merged area into the rows that it covers and that hold anything else.
fn spread(table: &mut Table, merged: &[Dimensions], left: &mut usize) -> Result<(), OfficeError> {
    for area in merged {
        let [top, side, bottom, right] =
            [area.start.0, area.start.1, area.end.0, area.end.1].map(|place| place as usize);
        let bottom = bottom.min(table.rows.len().saturating_sub(1));
        let Some(words) = table.rows.get(top).and_then(|row| row.get(side)).cloned() else { continue };
        table.merged.push([top, side, bottom, right]);
        for row in top + 1..=bottom {
            if table.rows[row].iter().any(|cell| !cell.is_empty()) {
                put(&mut table.rows, (row, side), words.clone(), left)?;
            }
        }
    }
    Ok(())
}

/// A cell as people read it: no tail of zeros, dates in ISO form, the scale of its format.
fn words_of(value: &Data, format: Option<&NumberFormat>) -> String {
    match value {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(words) => words.trim().to_owned(),
        Data::Float(number) => scaled(*number, format),
        #[allow(clippy::cast_precision_loss, reason = "a cell holds no more")]
        Data::Int(number) => scaled(*number as f64, format),
        Data::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Data::DateTime(date) if date.is_datetime() => day(*date),
        Data::DateTime(duration) => views_number(duration.as_f64()),
        Data::DateTimeIso(words) | Data::DurationIso(words) => words.chars().take(10).collect(),
    }
}

fn day(date: ExcelDateTime) -> String {
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

/// A number with what its format says: a share is told as percent, an amount with its 元, and the
/// days that Chinese programs number on their own are days.
fn scaled(number: f64, format: Option<&NumberFormat>) -> String {
    let Some(format) = format else { return views_number(number) };
    if format.format_id.is_some_and(|id| matches!(id, 27..=36 | 50..=58)) && number >= 1.0 {
        return day(ExcelDateTime::new(number, calamine::ExcelDateTimeType::DateTime, false));
    }
    let code = format.format_code.split(';').next().unwrap_or_default();
    let mut parts = code.split('"');
    let bare: String = parts.clone().step_by(2).collect();
    if bare.contains('%') {
        // 0.07 × 100 must not be 7.000000000000001.
        return format!("{}%", views_number((number * 1e12).round() / 1e10));
    }
    let literal = parts.nth(1).unwrap_or_default();
    let is_amount = ["元", "千元", "万元", "百万元", "亿元", "%"].contains(&literal);
    // A format that shows less than the number is (0!.0,) divides it.
    let divides = bare.contains(['!', '\\']) || bare.trim_end_matches([' ', '_', ')']).ends_with(',');
    if is_amount && !divides {
        return format!("{}{literal}", views_number(number));
    }
    views_number(number)
}

fn views_number(number: f64) -> String {
    tongban_shared::publication::number_words(number)
}

fn delimited(name: &str, bytes: &[u8]) -> Result<Table, OfficeError> {
    let text = decoded(bytes);
    let tabs = name.to_lowercase().ends_with(".tsv") || (!text.contains(',') && text.contains('\t'));
    let too_many = OfficeError::TooManyCells(caps::MAX_CELLS);
    let rows = if tabs {
        views::from_tabs(&text, caps::MAX_CELLS).ok_or(too_many)?
    } else {
        views::from_csv(&text).map_err(|_| OfficeError::DamagedFile)?
    };
    if rows.iter().map(Vec::len).sum::<usize>() > caps::MAX_CELLS {
        return Err(OfficeError::TooManyCells(caps::MAX_CELLS));
    }
    Ok(Table { name: name.to_owned(), rows, ..Table::default() })
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
