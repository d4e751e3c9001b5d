//! A bundle on the disk: written as a whole or not at all, read from its beginning to its end. Photos
//! and files pass one by one; there may be more of them than fits into the memory.

use anyhow::Context;
use bytes::Bytes;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use tongban_shared::bundle::{self, BundleError, CarriedFile, LINE_BYTES};
use tongban_shared::limits::BUNDLE_BYTES;

/// The source from which a file is read.
pub type Source = Box<dyn BufRead + Send>;

/// A file; `-` is the standard input.
///
/// # Errors
/// When it cannot be opened.
pub fn source(path: &Path) -> anyhow::Result<Source> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = File::open(path).with_context(|| format!("无法读取 {}", path.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

/// A bundle that is being read.
pub struct Reader {
    from: Source,
    /// The first line and the changes.
    changes: Vec<u8>,
    /// Photos and files that were read.
    files: usize,
}

impl Reader {
    /// Opens a bundle and reads its changes; `-` is the standard input.
    ///
    /// # Errors
    /// When it cannot be read or is no bundle.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        Self::read(source(path)?).with_context(|| format!("无法读取 {}", path.display()))
    }

    /// Reads the changes of a bundle.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn read(mut from: Source) -> anyhow::Result<Self> {
        let mut changes = Vec::new();
        from.by_ref().take(LINE_BYTES as u64).read_until(b'\n', &mut changes)?;
        // One byte more than is taken of a form that does not say its length.
        let extent = bundle::extent(&changes)?.min(BUNDLE_BYTES + LINE_BYTES + 1);
        let rest = extent.saturating_sub(changes.len());
        from.by_ref().take(rest as u64).read_to_end(&mut changes)?;
        Ok(Self { from, changes, files: 0 })
    }

    /// The first line and the changes, for [`bundle::read`].
    #[must_use]
    pub fn changes(&self) -> &[u8] {
        &self.changes
    }

    /// The next photo or file with its content, which nobody has compared with its hash yet; none at the
    /// end.
    ///
    /// # Errors
    /// [`BundleError::CutFile`] when the rest cannot be read.
    pub fn next_file(&mut self) -> Result<Option<(CarriedFile, Bytes)>, BundleError> {
        self.files += 1;
        let cut = |_| BundleError::CutFile(self.files);
        let mut line = Vec::new();
        self.from.by_ref().take(LINE_BYTES as u64).read_until(b'\n', &mut line).map_err(cut)?;
        let Some((file, _)) = CarriedFile::read(&line, self.files)? else { return Ok(None) };
        let mut content = Vec::with_capacity(file.size + 1);
        self.from.by_ref().take(file.size as u64 + 1).read_to_end(&mut content).map_err(cut)?;
        if content.len() != file.size + 1 || content.pop() != Some(b'\n') {
            return Err(BundleError::CutFile(self.files));
        }
        Ok(Some((file, content.into())))
    }
}

/// A bundle that is being written, under another name until it is whole.
pub struct Writer {
    path: PathBuf,
    part: tempfile::NamedTempFile,
    written: u64,
}

impl Writer {
    /// Begins a file that must not be there yet.
    ///
    /// # Errors
    /// When it is there, or its folder cannot be written.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(!path.exists(), "{} 已存在，请换一个文件名", path.display());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let part = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")));
        let part = part.with_context(|| format!("无法写入 {}", path.display()))?;
        Ok(Self { path: path.to_owned(), part, written: 0 })
    }

    /// Writes a part of it.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write(&mut self, parts: &[&[u8]]) -> anyhow::Result<()> {
        let mut out = BufWriter::new(self.part.as_file_mut());
        for part in parts {
            out.write_all(part).with_context(|| format!("无法写入 {}", self.path.display()))?;
            self.written += part.len() as u64;
        }
        out.flush().with_context(|| format!("无法写入 {}", self.path.display()))
    }

    /// Gives it its name; how many bytes it has.
    ///
    /// # Errors
    /// When the disk fails, or another file has taken the name.
    pub fn finish(self) -> anyhow::Result<u64> {
        let Self { path, part, written } = self;
        part.as_file()
            .sync_all()
            .and_then(|()| part.persist_noclobber(&path).map_err(|error| error.error))
            .with_context(|| format!("无法写入 {}", path.display()))?;
        Ok(written)
    }
}
