//! Bounds of what is read: a file that breaks one is refused before anything is made of it.

use crate::OfficeError;
use std::io::{Cursor, Read};

/// The largest file, in bytes.
pub const MAX_FILE: usize = 20 * 1024 * 1024;

/// The most bytes that the parts of a file may unpack to.
pub const MAX_UNPACKED: u64 = 150 * 1024 * 1024;

/// The most parts of a file.
const MAX_PARTS: usize = 5_000;

/// The most cells of all tables of a file.
pub const MAX_CELLS: usize = 500_000;

/// How deep elements may stand in each other.
pub const MAX_DEPTH: usize = 200;

/// Whether a file is small enough to be looked at.
pub fn size(bytes: &[u8]) -> Result<(), OfficeError> {
    if bytes.len() > MAX_FILE { Err(OfficeError::TooLarge(bytes.len())) } else { Ok(()) }
}

/// Unpacks every part once, counting: what a part says of its own size is not believed.
pub fn unpacked(bytes: &[u8]) -> Result<(), OfficeError> {
    size(bytes)?;
    let damaged = |error: zip::result::ZipError| OfficeError::Damaged(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_PARTS {
        return Err(OfficeError::TooDeep);
    }
    let mut left = MAX_UNPACKED;
    let mut buffer = vec![0; 1 << 16];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(damaged)?;
        loop {
            let read = part.read(&mut buffer).map_err(|error| OfficeError::Damaged(error.to_string()))?;
            if read == 0 {
                break;
            }
            left = left.checked_sub(read as u64).ok_or(OfficeError::Bomb)?;
        }
    }
    Ok(())
}

/// One part of a file as text; none where the file has no such part.
pub fn part(bytes: &[u8], name: &str) -> Result<Option<String>, OfficeError> {
    let damaged = |error: &dyn std::fmt::Display| OfficeError::Damaged(error.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?;
    let part = match archive.by_name(name) {
        Ok(part) => part,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(damaged(&error)),
    };
    let mut text = String::new();
    part.take(MAX_UNPACKED).read_to_string(&mut text).map_err(|error| damaged(&error))?;
    Ok(Some(text))
}
