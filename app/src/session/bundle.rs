//! Everything on this device as one file, and back.

use super::*;

impl Session {
    /// Everything on this device as one file: lines of `document hash bytes`, in base 16.
    pub fn bundle(&self) -> Vec<u8> {
        let mut out = String::from("tongban-bundle 1\n");
        self.with(|state| {
            let mut ids: Vec<DocumentId> = state.documents.keys().copied().collect();
            ids.sort_unstable();
            for id in ids {
                let Some(document) = state.documents.get_mut(&id) else { continue };
                for chunk in document.changes_since(&[]) {
                    out.push_str(&format!("{id} {}\n", hex(&chunk.bytes)));
                }
            }
        });
        out.into_bytes()
    }

    /// Takes a bundle in; twice changes nothing. Gives the number of changes that were new.
    pub fn take_bundle(&self, bytes: &[u8]) -> Result<usize, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "这不是同办的数据文件".to_owned())?;
        let lines = text.strip_prefix("tongban-bundle 1\n").ok_or("这不是同办的数据文件")?;
        let mut waiting = Vec::new();
        for line in lines.lines() {
            let (id, bytes) = line.split_once(' ').ok_or("文件不完整")?;
            let id: DocumentId = id.parse().map_err(|_| "文件不完整")?;
            waiting.push((id, bytes_of(bytes).ok_or("文件不完整")?));
        }
        let mut new = 0;
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
                    Some(Err(error)) => return Err(error.to_string()),
                    None => later.push((id, bytes)),
                }
            }
            if later.is_empty() || later.len() == before {
                break;
            }
            waiting = later;
        }
        self.show_badge();
        Ok(new)
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

pub(super) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| (byte as char).to_digit(16);
    digits.chunks_exact(2).map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()).collect()
}
