//! The words of a text PDF. Its reader may stop at a hostile file: in the browser that ends the
//! worker, and the person is told.

use crate::OfficeError;
use crate::caps;

/// The text of a PDF, page after page.
///
/// # Errors
/// [`OfficeError`] when the file is too large, damaged, or holds pictures only.
pub fn text(bytes: &[u8]) -> Result<String, OfficeError> {
    caps::size(bytes)?;
    if !bytes.starts_with(b"%PDF-") {
        return Err(OfficeError::Damaged("不是 PDF".to_owned()));
    }
    let text = pdf_extract::extract_text_from_mem(bytes).map_err(|_| OfficeError::DamagedFile)?;
    if text.trim().is_empty() { Err(OfficeError::NoText) } else { Ok(text) }
}
