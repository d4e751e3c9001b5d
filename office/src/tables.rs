//! Tables of `.xlsx` and `.csv` files as words.

use crate::OfficeError;
use crate::caps;
use crate::encodings::decoded;
use crate::number_format;
use crate::sheet_parts;
use calamine::{Data, Dimensions, ExcelDateTime, NumberFormat, Reader, SheetType, SheetVisible, Xlsx};
use std::io::Cursor;
use tongban_shared::office::{Aside, Table};
use tongban_shared::publication::number_words;
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
    // It looks at every part first: a sheet that is named a thousand times is not read once here.
    let mut told = sheet_parts::read(bytes)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    if workbook.sheets_metadata().len() > told.len() {
        return Err(OfficeError::DamagedFile);
    }
    let (mut left, mut work) = (caps::MAX_CELLS, MAX_SPREAD);
    let (mut hidden, mut others) = (0, 0);
    let mut tables = Vec::new();
    for sheet in workbook.sheets_metadata().to_vec() {
        if sheet.typ != SheetType::WorkSheet {
            others += 1;
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            // Our own workbooks keep what may be chosen on a hidden sheet.
            hidden += usize::from(sheet.name != crate::xlsx_out::CHOICES);
            continue;
        }
        let mut table = Table { told: told.remove(&sheet.name).unwrap_or_default(), ..Table::default() };
        table.name = sheet.name;
        let errors = cells(&mut workbook, &mut table, &mut left)?;
        let merged = workbook.merge_cells_by_sheet_name(&table.name).map_err(damaged)?;
        spread(&mut table, &merged, &mut left, &mut work)?;
        let areas = table.merged.len();
        let counts = [(Aside::MergedAreas, areas), (Aside::ErrorCells, errors)];
        table.told.extend(counts.into_iter().filter(|(_, count)| *count > 0));
        tables.push(table);
    }
    let is_filled = |table: &Table| table.rows.iter().any(|row| row.iter().any(|cell| !cell.is_empty()));
    // A sheet without cells may still have a comment or a picture to be told.
    tables.retain(|table| is_filled(table) || !table.told.is_empty());
    if tables.is_empty() && hidden + others > 0 {
        tables.push(Table::default());
    }
    if let Some(first) = tables.first_mut() {
        let counts = [(Aside::HiddenSheets, hidden), (Aside::OtherSheets, others)];
        first.told.extend(counts.into_iter().filter(|(_, count)| *count > 0));
    }
    Ok(tables)
}

/// The most cells that are looked at while merged areas are spread: areas of a sheet lie apart from
/// each other, so that an honest one needs far less.
const MAX_SPREAD: usize = 32 * caps::MAX_CELLS;

#[allow(clippy::needless_pass_by_value, reason = "the form of map_err")]
fn damaged(_: calamine::XlsxError) -> OfficeError {
    OfficeError::DamagedFile
}

/// Fills a table with the cells of its sheet; gives how many hold an error.
fn cells(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    table: &mut Table,
    left: &mut usize,
) -> Result<usize, OfficeError> {
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
fn spread(
    table: &mut Table,
    merged: &[Dimensions],
    left: &mut usize,
    work: &mut usize,
) -> Result<(), OfficeError> {
    for area in merged {
        let [top, side, bottom, right] =
            [area.start.0, area.start.1, area.end.0, area.end.1].map(|place| place as usize);
        let bottom = bottom.min(table.rows.len().saturating_sub(1));
        let Some(words) = table.rows.get(top).and_then(|row| row.get(side)).cloned() else { continue };
        table.merged.push([top, side, bottom, right]);
        if words.is_empty() {
            continue;
        }
        for row in top + 1..=bottom {
            *work = work.checked_sub(table.rows[row].len() + 1).ok_or(OfficeError::TooDeep)?;
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
        Data::DateTime(duration) => number_words(duration.as_f64()),
        Data::DateTimeIso(words) | Data::DurationIso(words) => words.chars().take(10).collect(),
    }
}

fn day(date: ExcelDateTime) -> String {
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

/// A number with what its format says; the days that Chinese programs number on their own are days.
fn scaled(number: f64, format: Option<&NumberFormat>) -> String {
    let Some(format) = format else { return number_words(number) };
    if format.format_id.is_some_and(|id| matches!(id, 27..=36 | 50..=58)) && number >= 1.0 {
        return day(ExcelDateTime::new(number, calamine::ExcelDateTimeType::DateTime, false));
    }
    number_format::shown(number, &format.format_code)
}

fn delimited(name: &str, bytes: &[u8]) -> Result<Table, OfficeError> {
    let text = decoded(bytes);
    let tabs = name.to_lowercase().ends_with(".tsv") || views::delimiter(&text) == b'\t';
    let rows =
        if tabs { views::from_tabs(&text, caps::MAX_CELLS) } else { views::from_csv(&text, caps::MAX_CELLS) };
    let rows = rows.ok_or(OfficeError::TooManyCells(caps::MAX_CELLS))?;
    Ok(Table { name: name.to_owned(), rows, ..Table::default() })
}
