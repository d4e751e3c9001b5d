//! The worker's answer to a job.

use crate::encodings::decoded;
use crate::{OfficeError, caps, docx_in, docx_out, pdf, tables, xlsx_out};
use tongban_shared::office::{Answer, Job, Text, Told};

/// Does a job; the bytes of a file that was made stand beside the answer.
#[must_use]
pub fn run(job: &Job, bytes: &[u8]) -> (Answer, Vec<u8>) {
    let done = match job {
        Job::Text { name } => text(name, bytes).map(|text| (Answer::Text(text), Vec::new())),
        Job::Tables { name } => tables::read(name, bytes).map(|all| (Answer::Tables(all), Vec::new())),
        Job::Xlsx { sheets } => xlsx_out::write(sheets).map(|(file, told)| (Answer::File { told }, file)),
        Job::Docx { paper } => docx_out::write(paper).map(|file| (Answer::File { told: Told::new() }, file)),
    };
    done.unwrap_or_else(|error| (Answer::Problem(error.to_string()), Vec::new()))
}

/// How files of the old word processors and spreadsheet programs begin.
const OLD: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];

fn text(name: &str, bytes: &[u8]) -> Result<Text, OfficeError> {
    let plain = |words| Text { words, told: Told::new() };
    caps::size(bytes)?;
    let ending = name.rsplit('.').next().map(str::to_lowercase);
    // A file is what it holds, whatever it is called.
    let ending = match ending.as_deref() {
        Some("docx" | "xlsx" | "xlsm") if bytes.starts_with(OLD) => {
            return Err(OfficeError::Unsupported(name.to_owned()));
        }
        Some("txt" | "md") if bytes.starts_with(b"%PDF-") => Some("pdf".to_owned()),
        Some("txt" | "md") if bytes.starts_with(b"PK\x03\x04") => {
            let is_table = bytes.windows(8).any(|part| part == b"xl/workb");
            Some(if is_table { "xlsx" } else { "docx" }.to_owned())
        }
        _ => ending,
    };
    let named = format!("{name}.{}", ending.as_deref().unwrap_or_default());
    let text = match ending.as_deref() {
        Some("docx") => docx_in::text(bytes)?,
        Some("pdf") => plain(pdf::text(bytes)?),
        Some("txt" | "md") => plain(decoded(bytes)),
        // Tables as documents have them: cells apart by tabs.
        Some("xlsx" | "xlsm" | "csv" | "tsv") => {
            let tables = tables::read(&named, bytes)?;
            let mut told = Told::new();
            for (kind, count) in tables.iter().flat_map(|table| &table.told) {
                *told.entry(*kind).or_default() += count;
            }
            let lines = tables.iter().flat_map(|table| &table.rows).map(|row| row.join("\t"));
            let words = lines.collect::<Vec<_>>().join("\n");
            if words.trim().is_empty() {
                return Err(OfficeError::NoText);
            }
            Text { words, told }
        }
        _ => return Err(OfficeError::Unsupported(name.to_owned())),
    };
    caps::words(text.words.len())?;
    Ok(text)
}
