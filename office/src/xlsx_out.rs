//! Tables as a workbook: typed cells, a head that stays, lists of what may be chosen.

use crate::OfficeError;
use rust_xlsxwriter::{
    DataValidation, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::collections::BTreeSet;
use tongban_shared::office::{Aside, Told};
use tongban_shared::text::xml_text;
use tongban_shared::views::{CellKind, Sheet, SheetCell, cut};

/// Name of the sheet that holds what may be chosen.
pub const CHOICES: &str = "选项";

/// Rows below the last one in which people may choose as well.
const SPARE_ROWS: u32 = 200;

/// The bytes of an `.xlsx` with a sheet for each table, and the number of cells that were cut: a limit of
/// the format touches a cell, not the file.
///
/// # Errors
/// [`OfficeError::CannotWrite`] when a table does not fit a workbook.
pub fn write(sheets: &[Sheet]) -> Result<(Vec<u8>, Told), OfficeError> {
    let cut = sheets.iter().flat_map(|sheet| &sheet.rows).flatten().filter(|cell| cut(&cell.words).is_some());
    let told = [(Aside::CutCells, cut.count())].into_iter().filter(|(_, count)| *count > 0).collect();
    let file = workbook(sheets).map_err(|_| OfficeError::CannotWrite)?;
    Ok((file, told))
}

fn workbook(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // Programs keep a name for themselves.
    let mut names = BTreeSet::from([CHOICES.to_owned(), "history".to_owned()]);
    let mut lists: Vec<Vec<String>> = Vec::new();
    for sheet in sheets {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(sheet_name(&sheet.name, &mut names))?;
        fill(worksheet, sheet, &mut lists)?;
    }
    if !lists.is_empty() {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(CHOICES)?.set_hidden(true);
        for (column, list) in (0..).zip(&lists) {
            for (row, name) in (0..).zip(list) {
                worksheet.write_string(row, column, fitting(name))?;
            }
        }
    }
    workbook.save_to_buffer()
}

/// A name that spreadsheet programs take: at most 31 characters, none of theirs, no name twice.
fn sheet_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String =
        wanted.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c }).collect();
    let plain = plain.trim();
    let base: String = if plain.is_empty() { "表".to_owned() } else { plain.chars().take(27).collect() };
    let mut name = base.clone();
    let mut count = 1;
    // To them names that differ in case are one.
    while !taken.insert(name.to_lowercase()) {
        count += 1;
        name = format!("{base} {count}");
    }
    name
}

fn fill(worksheet: &mut Worksheet, sheet: &Sheet, lists: &mut Vec<Vec<String>>) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_border(FormatBorder::Thin).set_background_color("DDE7F3");
    let plain = Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
    let last = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX);
    for (column, about) in (0_u16..).zip(&sheet.columns) {
        worksheet.write_string_with_format(0, column, fitting(&about.name), &head)?;
        let width = match about.kind {
            _ if about.wide => 36.0,
            CellKind::Text => 16.0,
            CellKind::Date => 12.0,
            _ => 14.0,
        };
        worksheet.set_column_width(column, width)?;
        let format = match about.kind {
            CellKind::Text if about.wide => plain.clone().set_text_wrap(),
            CellKind::Text => plain.clone(),
            CellKind::Number => plain.clone().set_num_format("#,##0.####"),
            CellKind::Money => plain.clone().set_num_format("#,##0.00\"元\""),
            CellKind::Percent => plain.clone().set_num_format("0.##\"%\""),
            CellKind::Date => plain.clone().set_num_format("yyyy-mm-dd"),
        };
        for (row, cells) in (1_u32..).zip(&sheet.rows) {
            if let Some(cell) = cells.get(usize::from(column)) {
                write_cell(worksheet, (row, column), cell, about.kind, &format)?;
            }
        }
        if !about.choices.is_empty() {
            let place = lists.iter().position(|list| *list == about.choices).unwrap_or_else(|| {
                lists.push(about.choices.clone());
                lists.len() - 1
            });
            let letter = column_letters(place);
            let formula = format!("='{CHOICES}'!${letter}$1:${letter}${}", about.choices.len());
            let list = DataValidation::new().allow_list_formula(formula.as_str().into());
            worksheet.add_data_validation(1, column, last.saturating_add(SPARE_ROWS), column, &list)?;
        }
    }
    worksheet.set_freeze_panes(1, u16::try_from(sheet.frozen).unwrap_or(0))?;
    if !sheet.columns.is_empty() {
        let right = u16::try_from(sheet.columns.len() - 1).unwrap_or(u16::MAX);
        worksheet.autofilter(0, 0, last, right)?;
    }
    worksheet.set_landscape().set_paper_size(8).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

fn write_cell(
    worksheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &SheetCell,
    kind: CellKind,
    format: &Format,
) -> Result<(), XlsxError> {
    match (kind, cell.number) {
        (CellKind::Date, _) => match ExcelDateTime::parse_from_str(&cell.words) {
            Ok(date) if !cell.words.is_empty() => {
                worksheet.write_datetime_with_format(row, column, &date, format)?;
            }
            _ => {
                worksheet.write_string_with_format(row, column, fitting(&cell.words), format)?;
            }
        },
        (CellKind::Number | CellKind::Money | CellKind::Percent, Some(number)) => {
            worksheet.write_number_with_format(row, column, number, format)?;
        }
        // As words: what begins with = is no formula here.
        _ => {
            worksheet.write_string_with_format(row, column, fitting(&cell.words), format)?;
        }
    }
    Ok(())
}

/// Words that a cell can hold.
fn fitting(words: &str) -> String {
    cut(words).unwrap_or_else(|| xml_text(words).into_owned())
}

/// A, B, …, Z, AA
fn column_letters(mut place: usize) -> String {
    let mut letters = String::new();
    loop {
        letters.insert(0, char::from(b'A' + u8::try_from(place % 26).unwrap_or(0)));
        if place < 26 {
            return letters;
        }
        place = place / 26 - 1;
    }
}
