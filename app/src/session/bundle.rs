//! Everything on this device as one file, and back.

use super::*;
use tongban_shared::bundle;

impl Session {
    /// Everything on this device as one file.
    pub fn bundle(&self) -> Vec<u8> {
        self.with(|state| {
            let mut all: Vec<_> = state.documents.iter_mut().collect();
            all.sort_unstable_by_key(|(id, _)| **id);
            bundle::write(all.into_iter().map(|(id, document)| (*id, document.changes_since(&[]))))
        })
    }

    /// Takes a bundle in; twice changes nothing. Gives the number of changes that were new.
    pub fn take_bundle(&self, bytes: &[u8]) -> Result<usize, String> {
        let mut waiting = bundle::read(bytes).map_err(|error| error.to_string())?;
        let (mut new, mut refused) = (0, None);
        // The space names its boards, boards name their logs: go round until nothing more opens.
        loop {
            let before = waiting.len();
            let mut later = Vec::new();
            for (id, bytes) in waiting {
                self.with(|state| state.open_by_id(id));
                let applied = self.with(|state| {
                    state.documents.get_mut(&id).map(|document| {
                        let heads = document.heads();
                        let events = document.apply(&bytes)?;
                        Ok::<_, DocumentError>((events, document.changes_since(&heads)))
                    })
                });
                match applied {
                    Some(Ok((events, chunks))) => {
                        new += chunks.len();
                        self.show(id, &events);
                        self.save(chunks.into_iter().map(|chunk| (id, chunk)).collect());
                        self.with(|state| state.count_waiting(id));
                    }
                    // What one document refuses keeps nothing from the others.
                    Some(Err(error)) => refused = Some(error.to_string()),
                    None => later.push((id, bytes)),
                }
            }
            if later.is_empty() || later.len() == before {
                break;
            }
            waiting = later;
        }
        self.show_badge();
        refused.map_or(Ok(new), Err)
    }

    /// How many documents and changes are here.
    pub fn counts(&self) -> (usize, usize) {
        self.with(|state| {
            let changes =
                state.documents.values_mut().map(|document| document.changes_since(&[]).len()).sum();
            (state.documents.len(), changes)
        })
    }
}
