//! The session's state in memory: documents, their kinds, waiting changes.

use super::*;

impl State {
    pub(super) fn space(&self) -> Space {
        if self.is_enterprise() {
            return self.enterprise_space();
        }
        let id = self.me.as_ref().and_then(|me| me.space.parse().ok()).map(DocumentId::space);
        id.and_then(|id| self.documents.get(&id)).map(Document::space).unwrap_or_default()
    }

    pub(super) fn open(&mut self, id: DocumentId, what: What) {
        if self.documents.contains_key(&id) {
            return;
        }
        let kind = what.kind();
        let stored = self.stored.remove(&id).unwrap_or_default();
        let mut document = match Document::load(kind, &self.own.actor, stored.iter().map(Vec::as_slice)) {
            Ok(document) => document,
            Err(error) => {
                leptos::logging::error!("document {id}: {error}");
                (self.unread, _) = (true, self.broken.insert(id));
                return;
            }
        };
        if let What::Board(board) = what
            && !stored.is_empty()
        {
            self.loaded_heads.insert(board, document.heads());
        }
        if let What::Log(board, unit) = what {
            let new: Vec<Entry> = document.entries().0.into_values().collect();
            let checked = self.checked.get(&id).is_some_and(|heads| *heads == heads_text(&document.heads()));
            let ids: Vec<EntryId> = new.iter().filter(|_| checked).map(|entry| entry.id).collect();
            self.take_entries((board, unit), new);
            self.entries.entry(board).or_default().are_checked(&ids);
            if let Some(living) = self.living.get_mut(&board) {
                living.fold_all();
            }
        }
        self.documents.insert(id, document);
        self.what.insert(id, what);
        self.count_waiting(id);
    }

    /// Opens a document that another tab spoke of.
    pub(super) fn open_by_id(&mut self, id: DocumentId) {
        if !self.documents.contains_key(&id)
            && let Some((_, what)) = self.missing().into_iter().find(|(missing, _)| *missing == id)
        {
            self.open(id, what);
        }
    }

    /// A board as it stands, read once and kept up from then on.
    pub(super) fn living<'a>(
        living: &'a mut BTreeMap<BoardId, Living>,
        documents: &HashMap<DocumentId, Document>,
        board: BoardId,
    ) -> Option<&'a mut Living> {
        Some(match living.entry(board) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(place) => {
                place.insert(Living::new(documents.get(&DocumentId::board(board))?))
            }
        })
    }

    /// Documents that the space or a board names and that are not open.
    pub(super) fn missing(&mut self) -> Vec<(DocumentId, What)> {
        if self.is_enterprise() {
            return self.enterprise_logs();
        }
        let space = self.space();
        let mut missing = Vec::new();
        for board in space.boards.keys() {
            let id = DocumentId::board(*board);
            match Self::living(&mut self.living, &self.documents, *board) {
                None if self.broken.contains(&id) => {}
                None => missing.push((id, What::Board(*board))),
                Some(living) => {
                    let named = living.board().named_units();
                    for unit in self.units_of(&space, named) {
                        let log = DocumentId::log(*board, unit);
                        if !self.documents.contains_key(&log) && !self.broken.contains(&log) {
                            missing.push((log, What::Log(*board, unit)));
                        }
                    }
                }
            }
        }
        missing
    }

    /// The units whose logs a board has: those it names, and the one here.
    fn units_of(&self, space: &Space, named: BTreeSet<UnitId>) -> BTreeSet<UnitId> {
        let mut units: BTreeSet<UnitId> = named.into_iter().flat_map(|unit| space.ever(unit)).collect();
        units.extend(self.me.as_ref().and_then(|me| me.unit.parse::<UnitId>().ok()));
        // Administrators decide for boards of others: their units' logs belong to every board.
        units.extend(
            space
                .persons
                .values()
                .filter(|person| person.role == "administrator")
                .filter_map(|person| person.unit),
        );
        units
    }

    pub(super) fn new_entry(&mut self, subject: Subject, kind: EntryKind) -> Option<(DocumentId, Entry)> {
        let me = self.me.as_ref()?;
        let unit: UnitId = me.unit.parse().ok()?;
        let id = DocumentId::log(subject.board, unit);
        let board = self.documents.get_mut(&DocumentId::board(subject.board));
        let heads =
            board.map(|board| board.heads().iter().map(|head| hex(head)).collect()).unwrap_or_default();
        let entries = self.entries.get(&subject.board);
        let mut seen = self.told_of(&subject);
        for (writer, count) in entries.map(Entries::seen).unwrap_or_default() {
            let known = seen.entry(writer).or_default();
            *known = count.max(*known);
        }
        let writer = hex(&self.own.actor);
        let entry = Entry {
            seq: entries.map_or(1, |entries| entries.next_seq(&writer)),
            said: i64::try_from(browser::now_ms()).unwrap_or_default(),
            seen,
            heads,
            certificate: self.own_serial(me.person.parse().ok()?),
            ..Entry::new(
                EntryId::from_bytes(browser::fresh_id()),
                kind,
                Author {
                    person: me.person.parse().ok()?,
                    unit,
                    device: self.own.device,
                    writer: writer.clone(),
                },
                subject,
            )
        };
        Some((id, entry))
    }

    pub(super) fn acknowledge(&mut self, id: DocumentId, heads: Vec<[u8; 32]>) {
        let known = self
            .documents
            .get_mut(&id)
            .is_some_and(|document| heads.iter().all(|head| document.contains(head)));
        let all = self.acknowledged.entry(id).or_default();
        if known {
            *all = heads;
        } else {
            // A change that is still on its way here: what was acknowledged before stays so.
            all.extend(heads);
        }
        self.count_waiting(id);
    }

    /// Whether the server's store is another than before: what that one had acknowledged is void.
    pub(super) fn enter_epoch(&mut self, epoch: &str) -> bool {
        let changed = self.epoch != epoch;
        if changed {
            epoch.clone_into(&mut self.epoch);
            self.acknowledged.clear();
        }
        let all: Vec<DocumentId> = self.documents.keys().copied().collect();
        all.into_iter().for_each(|id| self.count_waiting(id));
        changed
    }

    pub(super) fn has(&mut self, id: DocumentId, chunks: &[Chunk]) {
        self.acknowledged.entry(id).or_default().extend(chunks.iter().map(|chunk| chunk.hash));
    }

    /// Counts the acts that the server lacks.
    pub(super) fn count_waiting(&mut self, id: DocumentId) {
        let Some(document) = self.documents.get_mut(&id) else { return };
        let acknowledged = self.acknowledged.get(&id).map_or(&[][..], Vec::as_slice);
        self.waiting.insert(id, document.acts_since(acknowledged));
    }
}

pub(super) fn heads_text(heads: &[[u8; 32]]) -> String {
    heads.iter().map(|head| hex(head)).collect::<Vec<_>>().join(" ")
}

pub(super) fn heads_of(text: &str) -> Vec<[u8; 32]> {
    text.split(' ').filter_map(|head| unhex(head)?.try_into().ok()).collect()
}
