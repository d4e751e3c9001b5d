//! Looks at boards as they stand: what is derived, kept folded between two looks.

use super::*;
use tongban_shared::access;

impl Session {
    /// Reads a document.
    pub fn read<T>(&self, id: DocumentId, read: impl FnOnce(&mut Document) -> T) -> Option<T> {
        self.with(|state| state.documents.get_mut(&id).map(read))
    }

    /// The state of a board's logs that an entry written now has seen.
    pub fn seen(&self, board: BoardId) -> BTreeMap<String, u32> {
        self.with(|state| state.entries.get(&board).map(Entries::seen).unwrap_or_default())
    }

    /// The total of an indicator after an entry about it, and its year where the target names none.
    pub fn total_after(&self, subject: Subject, fill: impl FnOnce(&mut Entry)) -> Option<(f64, Option<i32>)> {
        let (_, mut entry) = self.with(|state| state.new_entry(subject, EntryKind::Value))?;
        fill(&mut entry);
        let id = subject.indicator?;
        self.board_and_entries(subject.board, |now, entries| {
            let one = now.indicators.get(&id)?;
            let mut about = entries.of_indicator(id);
            about.push(&entry);
            let progress = fold::progress(&about, one.reach);
            Some((
                progress.total(one.target.year, one.combine)?,
                progress.unsaid_year(&one.target, one.combine),
            ))
        })?
    }

    /// Looks at a board with its template, today.
    pub fn look<T>(&self, board: BoardId, read: impl FnOnce(&Scene<'_>) -> T) -> Option<T> {
        let today = browser::today().parse().ok()?;
        let space = self.view.space.get_untracked();
        self.with(|state| {
            let State { documents, living, entries, .. } = state;
            let living = State::living(living, documents, board)?;
            let template = template::of(living.board()).ok()?;
            let none = Entries::default();
            let entries = entries.get(&board).unwrap_or(&none);
            Some(living.look(&template, &space, entries, today, read))
        })
    }

    /// The derivations of a board's template, with the moves that the person here may make on an item.
    pub fn derived(&self, board: BoardId, item: Option<ItemId>, language: Lang) -> Derived {
        let draft = item.and_then(|item| {
            let subject = Subject { board, item: Some(item), unit: None, indicator: None };
            self.with(|state| state.new_entry(subject, EntryKind::Outcome)).map(|(_, entry)| entry)
        });
        let role = self.view.who().map(|who| who.role);
        let offered = |scene: &Scene<'_>, item: ItemId, draft: &Entry| {
            let mut offers = fold::offers((scene, &scene.as_seen_by(draft)), item, draft);
            offers.retain(|offer| {
                let entry = Entry { kind: offer.kind, ..draft.clone() };
                role.is_some_and(|role| access::may_write_entry(role, &entry, scene.board.lead))
            });
            offers
        };
        let derive = |scene: &Scene<'_>| {
            let standings =
                scene.board.items.keys().filter_map(|id| Some((*id, scene.standing(*id)?.clone())));
            // Rules of one item and of the board as a whole are asked in full; other items for their
            // deadlines only.
            let wanted = scene.template.rules.iter().flat_map(|rule| match (rule.on(), item) {
                (None, _) => rule.find(scene, None).into_iter().collect::<Vec<_>>(),
                (Some(on), Some(item)) if scene.item_type(item).is_some_and(|kind| kind.id == on) => {
                    rule.find(scene, Some(item)).into_iter().collect()
                }
                (Some(on), None) if matches!(rule, Rule::Deadline(_)) => {
                    scene.items_of(on).filter_map(|item| rule.find(scene, Some(item))).collect()
                }
                _ => Vec::new(),
            });
            let found: Vec<Finding> = wanted.collect();
            let lamp = |verdict: &Verdict| match verdict {
                Verdict::Due { lamp, .. } => Some(*lamp),
                _ => None,
            };
            let mut lamps: BTreeMap<ItemId, Lamp> = BTreeMap::new();
            for (item, one) in found.iter().filter_map(|one| one.item.zip(lamp(&one.verdict))) {
                // Lamps are ordered by urgency, the most urgent first.
                let worst = lamps.get(&item).map_or(one, |known| one.min(*known));
                lamps.insert(item, worst);
            }
            // On a board, findings with nothing to say yet are left out: a register has a dozen counters.
            let told = found.into_iter().filter(|one| !one.is_of_nothing()).filter(|one| match one.item {
                None => one.says_something(),
                found => found == item,
            });
            Derived {
                standings: standings.collect(),
                lamps,
                findings: told
                    .map(|one| (one.item, one.sentence(scene, language), lamp(&one.verdict)))
                    .collect(),
                offers: item.zip(draft).map(|(item, draft)| offered(scene, item, &draft)).unwrap_or_default(),
            }
        };
        self.look(board, derive).unwrap_or_default()
    }
}
