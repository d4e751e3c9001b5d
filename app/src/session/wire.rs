//! The leading tab's connection: what comes in, what goes out, what the server has.

use super::*;

impl Session {
    /// A fresh link and its first word.
    pub fn begin_link(&self) -> Vec<u8> {
        self.with(|state| {
            let link = Link::new(&state.own.device.to_string());
            let Effect::Send(hello) = link.hello() else { return Vec::new() };
            state.link = Some(link);
            hello
        })
    }

    /// The question whether the server is there.
    pub fn alive(&self) -> Vec<u8> {
        self.with(|state| state.link.as_ref().map(Link::alive)).unwrap_or_default()
    }

    /// Tries to connect at once.
    pub fn sync_now(&self) {
        let _ = self.inner().orders.unbounded_send(Order::Now);
    }

    /// Ends the connection; the next one is begun after a wait.
    pub fn hang_up(&self) {
        let _ = self.inner().orders.unbounded_send(Order::Close);
    }

    /// The connection is gone.
    pub fn disconnected(&self) {
        let was = self.with(|state| {
            state.link = None;
            state.unanswered.clear();
            std::mem::replace(&mut state.connected, false)
        });
        self.forget_coming();
        if was {
            self.tell(&Note::Connected(false));
        }
        self.show_badge();
    }

    /// Takes a message of the server.
    pub fn receive(&self, bytes: &[u8]) {
        let effects = self.with(|state| {
            let State { documents, link, .. } = state;
            link.as_mut().map(|link| link.receive(bytes, |id| documents.get_mut(&id))).unwrap_or_default()
        });
        self.carry_out(effects);
        self.show_badge();
    }

    pub(super) fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send(bytes) => {
                    let _ = self.inner().orders.unbounded_send(Order::Send(bytes));
                }
                Effect::Received { document, chunks, events } => {
                    self.show(document, &events);
                    // The server sends only what it has on its disk.
                    self.with(|state| state.has(document, &chunks));
                    self.save(chunks.into_iter().map(|chunk| (document, chunk)).collect());
                    self.with(|state| state.count_waiting(document));
                }
                Effect::Respond(document) => {
                    self.show_coming(document, 100);
                    self.poll(document);
                }
                Effect::Coming { document, done, of } => {
                    let percent = u64::from(done) * 100 / u64::from(of.max(1));
                    self.show_coming(document, u8::try_from(percent.min(99)).unwrap_or(99));
                }
                Effect::Shut { document, why } => {
                    leptos::logging::warn!("document {document}: {why}");
                    // Without the space there is nothing to go on with.
                    if self.with(|state| state.what.get(&document) == Some(&What::Space)) {
                        let _ = self.inner().orders.unbounded_send(Order::Close);
                    }
                    self.show_shut(document);
                }
                Effect::Acknowledged { document, heads } => self.acknowledged(document, heads),
                Effect::Opened(about) => self.opened(about),
                Effect::Refused { document, code, changes } => {
                    self.with(|state| {
                        state.unanswered.remove(&document);
                        // A board that the server does not know yet comes with the space.
                        // and what this person may not even read is no refusal of theirs.
                        let wrote =
                            !changes.is_empty() || state.waiting.get(&document).is_some_and(|n| *n > 0);
                        if code != RefusalCode::UnknownDocument && wrote {
                            state.refused.insert(document, code);
                        }
                    });
                }
                Effect::Unavailable(document) => self.with(|state| {
                    state.unanswered.remove(&document);
                    if let Some(link) = &mut state.link {
                        link.forget(document);
                    }
                }),
                Effect::Rights { document, write, used } => {
                    self.with(|state| {
                        if write {
                            state.refused.remove(&document);
                        }
                    });
                    if self.show_fullness(document, used) {
                        self.tell(&Note::Full(document, used));
                    }
                }
                Effect::Close(why) => {
                    leptos::logging::warn!("connection: {why}");
                    let _ = self.inner().orders.unbounded_send(Order::Close);
                }
            }
        }
    }

    pub(super) fn opened(&self, about: ServerWord) {
        let inner = self.inner();
        self.with(|state| state.connected = true);
        let changed = self.enter_epoch(&about.epoch);
        self.tell(&Note::Epoch(about.epoch.clone()));
        if changed {
            let epoch = about.epoch;
            let session = *self;
            spawn_local(async move {
                let _ = inner.storage.set_word(EPOCH, &epoch).await;
                session.send_files_again().await;
            });
        }
        self.send_files_later();
        self.ask_for_lock();
        self.ask_for_projects(false);
        self.tell(&Note::Connected(true));
        // The space first: it tells the server which boards there are.
        let mut all: Vec<(u8, DocumentId)> = self.with(|state| {
            let order = |what: &What| match what {
                What::Space => 0,
                What::Board(_) => 1,
                What::Log(..) => 2,
            };
            state.what.iter().map(|(id, what)| (order(what), *id)).collect()
        });
        all.sort_unstable();
        for (_, id) in all {
            self.poll(id);
        }
    }

    pub(super) fn acknowledged(&self, id: DocumentId, heads: Vec<[u8; 32]>) {
        let inner = self.inner();
        let text = state::heads_text(&heads);
        self.tell(&Note::Ack(id, heads.clone()));
        let epoch = self.with(|state| state.epoch.clone());
        let space = self.with(|state| {
            let here = state
                .documents
                .get_mut(&id)
                .is_some_and(|document| heads.iter().all(|head| document.contains(head)));
            state.acknowledge(id, heads);
            if here {
                state.unanswered.remove(&id);
            }
            state.refused.remove(&id);
            state.what.get(&id) == Some(&What::Space)
        });
        // The new entry is among the things that the server tells from now on.
        self.ask_for_projects(true);
        spawn_local(async move {
            let _ = inner.storage.set_word(&format!("ack/{epoch}/{id}"), &text).await;
        });
        if space {
            // Boards that the server did not know before the space came.
            let boards: Vec<DocumentId> = self.with(|state| {
                let waiting = state.what.iter().filter(|(id, what)| {
                    **what != What::Space && state.waiting.get(*id).is_some_and(|n| *n > 0)
                });
                waiting.map(|(id, _)| *id).collect()
            });
            for board in boards {
                self.with(|state| {
                    if let Some(link) = &mut state.link {
                        link.forget(board);
                    }
                });
                self.poll(board);
            }
        }
    }
}
