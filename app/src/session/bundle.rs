//! Everything on this device as one file, with its photos and files, and back.

use super::*;
use std::sync::Arc;
use tongban_shared::access::{self, AccountRole, Action, Who};
use tongban_shared::attachment::FileHash;
use tongban_shared::bundle::{self, BundleError, CarriedFile, LINE_BYTES};
use tongban_shared::document::change_header;
use tongban_shared::limits::BUNDLE_BYTES;
use tongban_shared::sync::room::{Known, Rights, Room};
use tongban_shared::trust::{BundleWriter, Certificate, Doubt, Register, Written, writer_alone, writer_of};
use tongban_shared::words::Word;

/// A bundle that was made.
pub struct Bundle {
    pub blob: web_sys::Blob,
    /// Photos and files in it.
    pub files: usize,
    /// Those that the device could not read.
    pub unread: usize,
}

/// Why a bundle, or a part of it, is not taken.
pub enum Untaken {
    Word(Word),
    Bundle(BundleError),
    Document(DocumentError),
    /// An entry in it does not count.
    Doubt(Doubt),
}

impl From<BundleError> for Untaken {
    fn from(error: BundleError) -> Self {
        Self::Bundle(error)
    }
}

/// The outcome of a bundle.
pub struct Taken {
    /// Changes that were new.
    pub changes: usize,
    /// Photos and files that were new.
    pub files: usize,
    /// Why something was not taken, the last of it.
    pub refused: Option<Untaken>,
    /// The unit whose device wrote it; nothing of a server.
    pub from: Option<String>,
}

impl Session {
    /// Everything on this device as one file; photos and files as far as they are on it.
    pub async fn bundle(&self) -> Result<Bundle, wasm_bindgen::JsValue> {
        let changes = self.with(|state| {
            let mut all: Vec<_> = state.documents.iter_mut().collect();
            all.sort_unstable_by_key(|(id, _)| **id);
            let all = all.into_iter().map(|(id, document)| (*id, document.changes_since(&[])));
            bundle::write(all, &state.own.key)
        });
        // A blob for each: the browser need not keep them all in the memory.
        let parts = js_sys::Array::of1(browser::blob(&[&changes])?.as_ref());
        let (mut files, mut unread) = (0, 0);
        for (unit, hash) in self.signed_files() {
            match self.inner().storage.file(hash).await {
                Ok(Some(content)) if FileHash::of(&content) == hash => {
                    let line = CarriedFile { unit, hash, size: content.len() }.line();
                    parts.push(browser::blob(&[line.as_bytes(), &content, b"\n"])?.as_ref());
                    files += 1;
                }
                // Nobody has looked at it on this device.
                Ok(None) => {}
                Ok(Some(_)) | Err(_) => unread += 1,
            }
        }
        let blob = web_sys::Blob::new_with_blob_sequence(&parts)?;
        Ok(Bundle { blob, files, unread })
    }

    /// Takes a bundle in; twice changes nothing. From a bundle that no known server or device has signed,
    /// only records that prove themselves are taken. Photos and files are taken where signed entries name
    /// them; those of the own unit are sent on.
    pub async fn take_bundle(&self, file: &web_sys::File) -> Result<Taken, Untaken> {
        let unread = |_| Untaken::Word(Word::FileUnreadable);
        let begin = browser::read_part(file, 0, LINE_BYTES).await.map_err(unread)?;
        let extent = bundle::extent(&begin)?;
        // One byte more than is taken of a form that does not say its length.
        let most = extent.min(BUNDLE_BYTES + LINE_BYTES + 1);
        let (mut taken, brought) =
            self.take_changes(&browser::read_part(file, 0, most).await.map_err(unread)?)?;
        self.keep_brought(brought).await.map_err(Untaken::Word)?;
        let (named, own) = (self.signed_files(), self.view.who().map(|who| who.unit));
        let storage = &self.inner().storage;
        let mut at = extent as u64;
        for number in 1.. {
            if !self.is_signed_in() {
                return Err(Untaken::Word(Word::SignedOutMeanwhile));
            }
            let line = browser::read_part(file, at, LINE_BYTES).await.map_err(unread)?;
            let Some((carried, length)) = CarriedFile::read(&line, number)? else { break };
            let content_at = at + length as u64;
            at = content_at + carried.size as u64 + 1;
            if !named.contains(&(carried.unit, carried.hash)) {
                continue;
            }
            let is_own = own == Some(carried.unit);
            if let Ok(Some(content)) = storage.file(carried.hash).await {
                // It may have been kept and never sent: the server says so at once when it has it.
                if is_own {
                    let sent = self.keep_to_send(carried.hash, &content).await;
                    sent.map_err(|_| Untaken::Word(Word::NotSaved))?;
                }
                continue;
            }
            let content = browser::read_part(file, content_at, carried.size).await.map_err(unread)?;
            if FileHash::of(&content) != carried.hash {
                taken.refused = Some(BundleError::CutFile(number).into());
                continue;
            }
            let kept = match is_own {
                true => self.keep_to_send(carried.hash, &content).await,
                false => storage.put_file(carried.hash, &content).await,
            };
            kept.map_err(|_| Untaken::Word(Word::NotSaved))?;
            taken.files += 1;
        }
        Ok(taken)
    }

    /// The outcome of a bundle's changes, and the statements that it brings.
    fn take_changes(&self, bytes: &[u8]) -> Result<(Taken, Proofs), Untaken> {
        let mut waiting: BTreeMap<DocumentId, Vec<Vec<u8>>> = BTreeMap::new();
        for (id, change) in bundle::read(bytes)? {
            waiting.entry(id).or_default().push(change);
        }
        let Written { by: writer, register, brought } =
            self.with(|state| state.writer_of(bytes)).ok_or(Untaken::Word(Word::SignedOutMeanwhile))?;
        let register = Arc::new(register);
        let (mut new, mut refused) = (0, None);
        // The space names its boards, boards name their logs and who leads: first things first.
        for kind in [Kind::Space, Kind::Board, Kind::Log] {
            for (id, changes) in std::mem::take(&mut waiting) {
                self.with(|state| state.open_by_id(id));
                let what = self.with(|state| state.what.get(&id).copied());
                let Some(what) = what.filter(|what| what.kind() == kind) else {
                    waiting.insert(id, changes);
                    continue;
                };
                match self.with(|state| state.judged(id, what, changes, (&writer, &register))) {
                    Ok((changes, why)) => {
                        new += changes.len();
                        refused = why.or(refused);
                        // A document that refuses its changes keeps nothing from the others.
                        if let Err(error) = self.merge(id, &changes) {
                            refused = Some(Untaken::Document(error));
                        }
                    }
                    Err(why) => refused = Some(why),
                }
            }
        }
        self.show_badge();
        if writer == BundleWriter::Nobody {
            refused = refused.or(Some(Untaken::Word(Word::BundleUnsigned)));
        }
        let from = match writer {
            BundleWriter::Device(one) => Some(self.with(|state| state.space().unit_name(one.unit))),
            BundleWriter::Server | BundleWriter::Nobody => None,
        };
        Ok((Taken { changes: new, refused, files: 0, from }, brought))
    }

    /// Applies changes that were judged, shows them and stores them.
    fn merge(&self, id: DocumentId, changes: &[Chunk]) -> Result<(), DocumentError> {
        if changes.is_empty() {
            return Ok(());
        }
        let merged = self.with(|state| {
            let document = state.documents.get_mut(&id)?;
            let heads = document.heads();
            let mut events = Vec::new();
            for change in changes {
                match document.apply(&change.bytes) {
                    Ok(of_change) => events.extend(of_change),
                    Err(error) => return Some(Err(error)),
                }
            }
            Some(Ok((events, document.changes_since(&heads))))
        });
        let Some(merged) = merged else { return Ok(()) };
        let (events, chunks) = merged?;
        self.show(id, &events);
        self.save(chunks.into_iter().map(|chunk| (id, chunk)).collect());
        self.with(|state| state.count_waiting(id));
        Ok(())
    }

    /// Photos and files that signed entries name, each of the unit that says so.
    fn signed_files(&self) -> BTreeSet<(UnitId, FileHash)> {
        self.with(|state| {
            let entries = state.entries.values().flat_map(|entries| entries.all.values());
            let signed = entries.filter(|entry| entry.seal.is_some());
            signed.flat_map(|entry| entry.files().iter().map(|file| (entry.author.unit, file.hash))).collect()
        })
    }
}

impl State {
    /// The writer of a bundle, by its own statement and by the keys known here. A device that reads no
    /// statements, as that of an enterprise, knows its own records; nothing when it is unclear whose device
    /// this is.
    fn writer_of(&self, bytes: &[u8]) -> Option<Written> {
        let me = self.me.as_ref()?;
        let space = me.space.parse().ok()?;
        let (authority, proofs) = &self.stated;
        if let Ok(root) = authority.parse() {
            return Some(writer_of(bytes, (space, proofs), root));
        }
        let key = self.own.key.public();
        Some(writer_alone(
            bytes,
            Certificate {
                space,
                device: self.own.device,
                serial: self.serial.unwrap_or(1),
                key,
                person: me.person.parse().ok()?,
                unit: me.unit.parse().ok()?,
                role: AccountRole::from_word(&me.role)?,
                issued: 0,
                authority: key,
            },
        ))
    }

    /// The changes of a document that a bundle may bring: those that its writer might send over a connection.
    fn rights_of(&self, writer: &BundleWriter, what: What) -> Option<Rights> {
        let board = match what {
            What::Space => None,
            What::Board(board) | What::Log(board, _) => self.documents.get(&DocumentId::board(board)),
        };
        let plain = Rights { write: true, lead: board.and_then(Document::lead), ..Rights::default() };
        let one = match writer {
            BundleWriter::Server => return Some(Rights { server: true, decide: true, ..plain }),
            BundleWriter::Nobody => return matches!(what, What::Log(..)).then_some(plain),
            BundleWriter::Device(one) => one,
        };
        let (space, who) = (self.space(), Who { unit: one.unit, role: one.role });
        let may = |action: Action<'_>| access::allowed(&space, who, action);
        let plain = Rights { device: Some(one.device), ..plain };
        match what {
            What::Space => {
                let decide = may(Action::BeginBoard);
                may(Action::WriteSpace).then_some(Rights { decide, ..plain })
            }
            What::Board(_) => {
                let board = board?.board();
                let decide = may(Action::Decide(&board));
                may(Action::WriteBoard(&board)).then_some(Rights { decide, ..plain })
            }
            // A log brings signed entries, whoever carries it.
            What::Log(..) => Some(plain),
        }
    }

    /// The changes that are new in a document and may come in, and why the rest may not. They are judged in a
    /// copy: what is refused leaves no trace.
    fn judged(
        &mut self,
        id: DocumentId,
        what: What,
        mut changes: Vec<Vec<u8>>,
        (writer, register): (&BundleWriter, &Arc<Register>),
    ) -> Result<(Vec<Chunk>, Option<Untaken>), Untaken> {
        let rights = self.rights_of(writer, what);
        let unread = |_| Untaken::Bundle(BundleError::Document(id));
        let Some(document) = self.documents.get_mut(&id) else { return Ok((Vec::new(), None)) };
        let known = |change: &Vec<u8>, document: &mut Document| {
            change_header(change).is_ok_and(|header| document.contains(&header.hash))
        };
        changes.retain(|change| !known(change, document));
        if changes.is_empty() {
            return Ok((Vec::new(), None));
        }
        let Some(rights) = rights else { return Ok((Vec::new(), Some(Untaken::Word(Word::BundlePartly)))) };
        let log = match what {
            What::Log(board, unit) => Some((board, unit)),
            What::Space | What::Board(_) => None,
        };
        let (heads, chunks) = (document.heads(), document.changes_since(&[]));
        let chunks = chunks.iter().map(|chunk| chunk.bytes.as_slice());
        let copy = Document::load(document.kind(), &[0; 16], chunks).map_err(Untaken::Document)?;
        let mut room = Room::new(id, copy, log);
        // Edits of others that its writer had received come along; their own device says them to the
        // server, and nobody else.
        room.know(Known { register: Arc::clone(register), recovers: true, ..Known::default() });
        let taken = room.take_in(&changes, &rights).map_err(unread)?;
        let refused = taken.refused.first().map(|why| match why.doubted.first() {
            Some(doubted) => Untaken::Doubt(doubted.doubt),
            None => Untaken::Word(Word::BundlePartly),
        });
        let waits = (!taken.waiting.is_empty()).then_some(Untaken::Word(Word::BundlePartly));
        Ok((room.document_mut().changes_since(&heads), refused.or(waits)))
    }
}
