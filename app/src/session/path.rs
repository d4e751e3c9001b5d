//! After any change: the view at once, then the disk, then other tabs and the server.

use super::*;
use crate::storage::StorageError;

impl Session {
    /// After any change: the view at once, then the disk, then the others.
    pub(super) fn after(&self, id: DocumentId, events: &[Event], chunk: Option<Chunk>) {
        self.show(id, events);
        if let Some(chunk) = chunk {
            self.save(vec![(id, chunk)]);
        }
        self.with(|state| state.count_waiting(id));
        self.show_badge();
    }

    pub(super) fn save(&self, chunks: Vec<(DocumentId, Chunk)>) {
        let start = self.with(|state| {
            for (id, chunk) in chunks {
                *state.saving.entry(id).or_default() += 1;
                state.queue.push((id, chunk));
            }
            UNSAVED.store(state.queue.len(), Ordering::Relaxed);
            !std::mem::replace(&mut state.writing, true)
        });
        if start {
            let session = *self;
            spawn_local(async move { session.write_queue().await });
        }
    }

    /// One writer at a time; what gathers meanwhile goes into the next transaction.
    pub(super) async fn write_queue(&self) {
        let inner = self.inner();
        loop {
            let batch = self.with(|state| std::mem::take(&mut state.queue));
            if batch.is_empty() {
                self.with(|state| state.writing = false);
                return;
            }
            // Under a key that the disk does not hold nothing is kept. Once it can be read, a fresh page has it.
            let keyless = self.with(|state| state.keyless);
            if keyless && inner.storage.has_key().await {
                let _ = browser::window().location().reload();
                return;
            }
            let put = if keyless {
                Err(StorageError("no key".to_owned()))
            } else {
                inner.storage.put(&batch).await
            };
            match put {
                Ok(()) => self.saved(&batch),
                Err(error) => {
                    leptos::logging::error!("storage: {}", error.0);
                    self.with(|state| {
                        state.failed = true;
                        let later = std::mem::take(&mut state.queue);
                        state.queue = batch;
                        state.queue.extend(later);
                    });
                    self.show_badge();
                    gloo_timers::future::TimeoutFuture::new(2000).await;
                }
            }
        }
    }

    /// Chunks are on the disk: other tabs hear of them, and the server.
    pub(super) fn saved(&self, batch: &[(DocumentId, Chunk)]) {
        let documents: BTreeSet<DocumentId> = batch.iter().map(|(id, _)| *id).collect();
        self.with(|state| {
            state.failed = false;
            for (id, _) in batch {
                if let Some(count) = state.saving.get_mut(id) {
                    *count = count.saturating_sub(1);
                }
            }
            UNSAVED.store(state.queue.len(), Ordering::Relaxed);
        });
        for (id, chunk) in batch {
            self.tell(&Note::Chunk(*id, chunk.bytes.clone()));
        }
        // Boards go before logs: what an entry says of a plan is there when it comes.
        let (logs, others): (Vec<DocumentId>, Vec<DocumentId>) = self.with(|state| {
            documents.into_iter().partition(|id| matches!(state.what.get(id), Some(What::Log(..))))
        });
        for id in others.into_iter().chain(logs) {
            self.poll(id);
        }
        self.show_badge();
    }

    /// Sends what the server lacks of a document, unless something of it is not on the disk yet.
    pub(super) fn poll(&self, id: DocumentId) {
        let effects = self.with(|state| {
            if state.saving.get(&id).is_some_and(|count| *count > 0) {
                return Vec::new();
            }
            let State { documents, link, unanswered, .. } = state;
            match (documents.get_mut(&id), link) {
                (Some(document), Some(link)) => {
                    if link.is_open() && !link.knows(id) {
                        unanswered.insert(id);
                    }
                    link.poll(id, document)
                }
                _ => Vec::new(),
            }
        });
        self.carry_out(effects);
    }

    pub(super) fn hear(&self, note: Note) {
        if !self.with(|state| state.loaded) {
            return self.with(|state| state.early.push(note));
        }
        match note {
            Note::Chunk(id, bytes) => {
                self.with(|state| state.open_by_id(id));
                let applied = self.with(|state| match state.documents.get_mut(&id) {
                    Some(document) => Some(document.apply(&bytes)),
                    None => {
                        // Nothing names it here yet: it is opened with what was written before.
                        state.stored.entry(id).or_default().push(bytes);
                        None
                    }
                });
                if let Some(Ok(events)) = applied
                    && !events.is_empty()
                {
                    self.show(id, &events);
                }
                self.with(|state| state.count_waiting(id));
                self.poll(id);
            }
            Note::Ack(id, heads) => self.with(|state| state.acknowledge(id, heads)),
            Note::Epoch(epoch) => {
                self.enter_epoch(&epoch);
            }
            Note::Full(id, used) => _ = self.show_fullness(id, used),
            Note::Coming(id, percent) => self.show_coming(id, percent),
            Note::Shut(id) => self.show_shut(id),
            Note::Connected(connected) => {
                self.with(|state| state.connected = connected);
                if !connected {
                    self.forget_coming();
                }
            }
            Note::Locked => self.lock_here(),
            // Everything in memory is forgotten with the page.
            Note::Left | Note::Renewed => drop(browser::window().location().reload()),
            Note::Files => {
                let session = *self;
                spawn_local(async move { session.load_files().await });
            }
            Note::Brought => {
                let session = *self;
                spawn_local(async move { session.hear_brought().await });
            }
            Note::Projects => self.hear_projects(),
            Note::Hello => {
                let (leads, connected) = self.with(|state| (state.leads, state.connected));
                if leads {
                    self.tell(&Note::Connected(connected));
                    let full = self.view.full.get_untracked();
                    full.into_iter().for_each(|(id, used)| self.tell(&Note::Full(id, used)));
                    let shut = self.view.shut.get_untracked();
                    shut.into_iter().for_each(|id| self.tell(&Note::Shut(DocumentId::board(id))));
                }
            }
        }
        self.show_badge();
    }
}
