//! Bounds of what is read: a file that breaks one is refused before anything is made of it.

use crate::OfficeError;
use std::io::{Cursor, Read};
use tongban_shared::limits::IMPORT_BYTES;

tongban_shared::limits! {
    /// The largest file, in bytes.
    pub bytes MAX_FILE: usize = 20 * 1024 * 1024;

    /// The most bytes that the parts of a file may unpack to.
    pub bytes MAX_UNPACKED: u64 = 150 * 1024 * 1024;

    /// The most parts of a file.
    pub count MAX_PARTS: usize = 5_000;

    /// The most cells of all tables of a file.
    pub count MAX_CELLS: usize = 500_000;

    /// The most paragraphs of a document: whoever reads it on looks at each.
    pub count MAX_PARAGRAPHS: usize = 200_000;

    /// How deep elements may stand in each other.
    pub count MAX_DEPTH: usize = 200;
}

/// Whether a file is small enough to be looked at.
pub fn size(bytes: &[u8]) -> Result<(), OfficeError> {
    if bytes.len() > MAX_FILE { Err(OfficeError::TooLarge(bytes.len())) } else { Ok(()) }
}

/// Whether so many bytes of words can be read on: whoever opens a file for its words looks at all of them.
pub fn words(bytes: usize) -> Result<(), OfficeError> {
    if bytes > IMPORT_BYTES { Err(OfficeError::TooManyWords) } else { Ok(()) }
}

/// An archive of parts, opened once. The size that a part says of itself is not believed.
pub struct Parts<'a>(zip::ZipArchive<Cursor<&'a [u8]>>);

impl<'a> Parts<'a> {
    /// Unpacks every part once, counting.
    ///
    /// # Errors
    /// [`OfficeError`] when the file is too large, too full or no archive.
    pub fn open(bytes: &'a [u8]) -> Result<Self, OfficeError> {
        size(bytes)?;
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| OfficeError::DamagedFile)?;
        if archive.len() > MAX_PARTS {
            return Err(OfficeError::TooDeep);
        }
        let mut left = MAX_UNPACKED;
        let mut buffer = vec![0; 1 << 16];
        for index in 0..archive.len() {
            let mut part = archive.by_index(index).map_err(|_| OfficeError::DamagedFile)?;
            loop {
                let read = part.read(&mut buffer).map_err(|_| OfficeError::DamagedFile)?;
                if read == 0 {
                    break;
                }
                left = left.checked_sub(read as u64).ok_or(OfficeError::Bomb)?;
            }
        }
        Ok(Self(archive))
    }

    /// One part as text; none where the file has no such part.
    ///
    /// # Errors
    /// [`OfficeError`] when the part is damaged or no text.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, OfficeError> {
        let part = match self.0.by_name(name) {
            Ok(part) => part,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(_) => return Err(OfficeError::DamagedFile),
        };
        let mut text = String::new();
        part.take(MAX_UNPACKED).read_to_string(&mut text).map_err(|_| OfficeError::DamagedFile)?;
        Ok(Some(text))
    }

    /// How many parts stand in a folder.
    pub fn count_in(&self, folder: &str) -> usize {
        self.0.file_names().flatten().filter(|name| name.starts_with(folder)).count()
    }
}
