//! Templates that boards carry as files of their own: read when they are asked for, and kept while they
//! are in use.

use super::{Template, TemplateError, parse};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// So many files are kept as they were read; a space has a handful. One more takes the place of the one
/// that was asked for longest ago, which is read again when it is asked for.
const MOST: usize = 64;

/// The outcome of reading a file. One that is wrong is kept as well: it would be read for every key stroke.
type Read = Result<Arc<Template>, TemplateError>;

/// Files as they were read, each with the number of its last use.
#[derive(Default)]
pub(super) struct Own {
    kept: BTreeMap<String, (Read, u64)>,
    uses: u64,
    /// How many files were read, for the tests.
    parsed: u64,
}

impl Own {
    /// The template of a file.
    pub(super) fn read(&mut self, source: &str) -> Read {
        self.uses += 1;
        if let Some((read, used)) = self.kept.get_mut(source) {
            *used = self.uses;
            return read.clone();
        }
        self.parsed += 1;
        let read = parse(source).map(Arc::new);
        if self.kept.len() >= MOST {
            let oldest = self.kept.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(oldest) = oldest.map(|(source, _)| source.clone()) {
                self.kept.remove(&oldest);
            }
        }
        self.kept.insert(source.to_owned(), (read.clone(), self.uses));
        read
    }
}

/// The template of a file, whoever asked for it before: what is forgotten is read again.
pub(super) fn read(source: &str) -> Read {
    static OWN: LazyLock<Mutex<Own>> = LazyLock::new(Mutex::default);
    OWN.lock().unwrap_or_else(PoisonError::into_inner).read(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::FILES;

    #[test]
    fn templates_of_others_are_forgotten_and_read_again() {
        let variant = |number: usize| format!("{}\n# {number}\n", FILES[number % FILES.len()].1);
        let mut own = Own::default();
        for number in 0..200 {
            let read = own.read(&variant(number)).expect("a template");
            assert_eq!(*read, parse(&variant(number)).expect("a template"));
            assert!(own.kept.len() <= MOST);
            // One that is in use meanwhile stays.
            assert!(own.read(&variant(0)).is_ok());
        }
        assert_eq!((own.parsed, own.kept.len()), (200, MOST));
        assert_eq!(own.read(&variant(1)).expect("read again").id, FILES[1].0);
        assert_eq!(own.parsed, 201);
        for _ in 0..3 {
            assert!(own.read("id = 3").is_err());
        }
        assert_eq!((own.parsed, own.kept.len()), (202, MOST));
    }
}
