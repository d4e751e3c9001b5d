//! 历史: what people did, as lines that a person can read: what one person wrote into one field in
//! one sitting is one line, however many key strokes it was.

use super::choice::shown_words;
use crate::adopt::IMPORTED;
use crate::document::history::{Change, Hash, Path, Reader};
use crate::document::{Document, SITTING, assignment_of, is_decision, place as place_of, target_in};
use crate::edit::{BoardField, LedgerField};
use crate::entry::Entry;
use crate::fold::Entries;
use crate::id::{EntryId, ItemId, UnitId, ulid_bytes};
use crate::plan::measure_name;
use crate::publication::target_words;
use crate::rule::Scene;
use crate::words::{Lang, Word};
use std::collections::{BTreeSet, HashMap};

/// The author of an act: the name as it is shown, and whether it is proven.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct By {
    /// Empty for a program that does not say.
    pub name: String,
    pub proven: bool,
}

/// The act that a line tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Deed {
    /// One place of the board.
    Wrote(Path),
    /// An official document became this board.
    Imported { sections: usize, items: usize, indicators: usize },
    /// Many places at once: how many, and of how many items.
    Many { places: usize, items: usize },
    /// A record of a unit.
    Said(EntryId),
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Line {
    /// Seconds since 1970 of the first stroke and of the last; 0 for an import.
    pub from: i64,
    pub to: i64,
    pub by: By,
    pub deed: Deed,
    /// How many changes it was.
    pub changes: usize,
    /// The board as it was before the first of them, and after the last; empty for a record.
    pub before: Vec<Hash>,
    pub after: Vec<Hash>,
    /// Whether some of it came after what was here when it was first asked for: it is new, whenever it
    /// was written.
    pub arrived: bool,
}

/// The most places a change may write to be told place by place.
const FEW: usize = 6;

/// The history of a board, extended by what is new.
#[derive(Debug, Default)]
pub struct History {
    reader: Reader,
    lines: Vec<Line>,
    /// The last line of each person and place.
    last: HashMap<(By, Path), usize>,
}

impl History {
    /// Reads what is new in the document and gives how many changes that were; the first time what
    /// was written at a time (seconds since 1970) or later, or came on top of the heads `here`. `by`
    /// says who has made a change.
    pub fn read(
        &mut self,
        document: &mut Document,
        since: i64,
        here: &[Hash],
        by: impl Fn(&Change) -> By,
    ) -> usize {
        let changes = document.new_changes(&mut self.reader, since, here);
        changes.iter().for_each(|change| self.take(change, by(change)));
        changes.len()
    }

    /// Its lines, in the order in which their first changes came.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    fn take(&mut self, change: &Change, by: By) {
        let whole = |container: &str| {
            change.paths.iter().filter(|path| path.len() == 2 && path[0] == container).count()
        };
        if change.by == IMPORTED && change.time == 0 {
            let (sections, items, indicators) = (whole("sections"), whole("items"), whole("indicators"));
            return self.push(change, by, Deed::Imported { sections, items, indicators });
        }
        if change.paths.len() > FEW {
            let of_items =
                change.paths.iter().filter(|path| path[0] == "items").filter_map(|path| path.get(1));
            let items = of_items.collect::<BTreeSet<_>>().len();
            return self.push(change, by, Deed::Many { places: change.paths.len(), items });
        }
        // A choice is told by itself: the words that it put there are its own.
        let chosen: Vec<Path> = change.paths.iter().filter_map(|path| chosen_text(path)).collect();
        for path in change.paths.iter().filter(|path| !chosen.contains(path)) {
            let key = (by.clone(), path.clone());
            let sitting = |line: &Line| {
                change.time.saturating_sub(line.to) <= SITTING
                    && line.from.saturating_sub(change.time) <= SITTING
            };
            let open = self.last.get(&key).and_then(|at| self.lines.get_mut(*at));
            if let Some(line) = open.filter(|line| sitting(line)) {
                (line.from, line.to) = (line.from.min(change.time), line.to.max(change.time));
                line.changes += 1;
                line.arrived |= change.arrived;
                line.after = vec![change.hash];
                continue;
            }
            self.last.insert(key, self.lines.len());
            self.push(change, by.clone(), Deed::Wrote(path.clone()));
        }
    }

    fn push(&mut self, change: &Change, by: By, deed: Deed) {
        self.lines.push(Line {
            from: change.time,
            to: change.time,
            by,
            deed,
            changes: 1,
            before: change.rests_on.clone(),
            after: vec![change.hash],
            arrived: change.arrived,
        });
    }
}

/// The text about which a path keeps a decision.
fn chosen_text(path: &[String]) -> Option<Path> {
    let (last, above) = path.split_last()?;
    if !is_decision(last) {
        return None;
    }
    let text = match above {
        [meta] if meta == "meta" => vec!["goal".to_owned()],
        above => above.iter().cloned().chain(["text".to_owned()]).collect(),
    };
    Some(text)
}

/// The records of a board's units that were said at a time (seconds since 1970) or later, and those
/// of `arrived`, whenever they were said, as lines; others are not looked at.
pub fn said_since(
    entries: &Entries,
    since: i64,
    arrived: &BTreeSet<EntryId>,
    by: impl Fn(&Entry) -> By,
) -> Vec<Line> {
    // The ids of entries begin with their time.
    let first = EntryId::from_bytes(ulid_bytes(u64::try_from(since.max(0)).unwrap_or(0) * 1000, [0; 10]));
    let late = arrived.range(..first).filter_map(|id| entries.all.get_key_value(id));
    let line = |(id, entry): (&EntryId, &Entry)| Line {
        from: entry.said / 1000,
        to: entry.said / 1000,
        by: by(entry),
        deed: Deed::Said(*id),
        changes: 1,
        before: Vec::new(),
        after: Vec::new(),
        arrived: arrived.contains(id),
    };
    late.chain(entries.all.range(first..)).map(line).collect()
}

/// The act of a line that wrote one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Did {
    #[default]
    Wrote,
    /// Something came that was not there; the field says of which kind it is.
    Added,
    /// The part of a unit: the unit is the field, its role one of the two values.
    GavePart,
    TookPart,
    /// Two people had changed one stretch of the text, and one version was chosen.
    Chose,
}

/// A line in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineWords {
    /// The measure that it is about.
    pub item: Option<ItemId>,
    /// The subject, under the title of that time; empty for the board itself.
    pub about: String,
    /// The title that it has now, where that is another one.
    pub now: Option<String>,
    /// The field that was written, or the thing that came.
    pub field: String,
    pub did: Did,
    pub old: String,
    pub new: String,
}

/// Tells a line of a change; `scene` is the board as it is now.
#[must_use]
pub fn line_words(document: &Document, scene: &Scene<'_>, line: &Line, lang: Lang) -> LineWords {
    let Deed::Wrote(path) = &line.deed else { return LineWords::default() };
    let key = |at: usize| path.get(at).map_or("", String::as_str);
    let was = |heads: &[Hash]| document.words_at(path, heads).unwrap_or_default();
    let word = |word: Word| word.text(lang).to_owned();
    let raw = (was(&line.before), was(&line.after));
    let plain =
        |field: String| LineWords { field, old: raw.0.clone(), new: raw.1.clone(), ..LineWords::default() };
    let value = |read: &dyn Fn(&str) -> String| (read(&raw.0), read(&raw.1));
    match key(0) {
        "items" => of_item(document, scene, line, path, raw, lang),
        "goal" => plain(word(Word::Goal)),
        "sections" => {
            let title = [path[0].clone(), key(1).to_owned(), "title".to_owned()];
            let about = document.words_at(&title, &line.after).unwrap_or_default();
            match key(2) {
                "" => {
                    LineWords { about, field: word(Word::Section), did: Did::Added, ..LineWords::default() }
                }
                "title" => LineWords { about: String::new(), ..plain(word(Word::SectionTitle)) },
                _ => LineWords { about, field: word(Word::PlaceInList), ..LineWords::default() },
            }
        }
        "indicators" => {
            let name = [path[0].clone(), key(1).to_owned(), "name".to_owned()];
            let about = document.words_at(&name, &line.after).unwrap_or_default();
            let target = |word: &str| target_in(word).map(|target| target_words(&target)).unwrap_or_default();
            match key(2) {
                "" => LineWords {
                    about,
                    field: word(Word::TargetWord),
                    did: Did::Added,
                    ..LineWords::default()
                },
                "target" => {
                    let (old, new) = value(&target);
                    LineWords { about, field: word(Word::TargetWord), old, new, ..LineWords::default() }
                }
                _ => LineWords { about, field: word(Word::IndicatorsView), ..LineWords::default() },
            }
        }
        "members" => {
            let unit = key(1).rsplit('/').next().unwrap_or_default().parse::<UnitId>();
            let new = unit.map(|unit| scene.space.unit_name(unit)).unwrap_or_default();
            LineWords { field: word(Word::MembersWord), new, ..LineWords::default() }
        }
        "meta" => match key(1) {
            mark if is_decision(mark) => {
                let goal =
                    |heads: &[Hash]| document.words_at(&["goal".to_owned()], heads).unwrap_or_default();
                let (old, new) = (goal(&line.before), goal(&line.after));
                LineWords { did: Did::Chose, field: word(Word::Goal), old, new, ..LineWords::default() }
            }
            "title" => plain(word(Word::Headline)),
            of if of == BoardField::Settled.key() => {
                LineWords { field: word(Word::PlanView), ..LineWords::default() }
            }
            of if of == BoardField::Lead.key() => {
                let name =
                    |unit: &str| unit.parse().map(|unit| scene.space.unit_name(unit)).unwrap_or_default();
                let (old, new) = value(&name);
                LineWords { field: word(Word::LeadWord), old, new, ..LineWords::default() }
            }
            "period_from" | "period_to" => plain(word(Word::PeriodWord)),
            "template" | "template_source" | "template_version" => {
                LineWords { field: word(Word::TemplateWord), ..LineWords::default() }
            }
            _ => plain(word(Word::SourceText)),
        },
        "links" => LineWords { field: word(Word::Links), ..LineWords::default() },
        _ => LineWords { field: word(Word::BoardItself), ..LineWords::default() },
    }
}

/// A line about an item.
fn of_item(
    document: &Document,
    scene: &Scene<'_>,
    line: &Line,
    path: &Path,
    raw: (String, String),
    lang: Lang,
) -> LineWords {
    let key = |at: usize| path.get(at).map_or("", String::as_str);
    let word = |word: Word| word.text(lang).to_owned();
    let item: Option<ItemId> = key(1).parse().ok();
    let then = |field: &str, heads: &[Hash]| {
        let path = [path[0].clone(), path[1].clone(), field.to_owned()];
        document.words_at(&path, heads).unwrap_or_default()
    };
    // A new title is what the line tells: until then the item had the old one.
    let heads = if key(2) == "title" { &line.before } else { &line.after };
    let about = format!("{} {}", then("number", heads), then("title", heads)).trim().to_owned();
    let name_now = item.and_then(|id| scene.item(id)).map(measure_name).unwrap_or_default();
    let now = Some(name_now).filter(|now| *now != about && !now.is_empty() && key(2) != "title");
    let unit = || key(3).split('/').next().unwrap_or_default().parse::<UnitId>();
    let unit_name = || unit().map(|unit| scene.space.unit_name(unit)).unwrap_or_default();
    let place = |word: &str| {
        let section = place_of(word).0.and_then(|id| scene.board.sections.get(&id));
        section.map(|section| section.title.clone()).unwrap_or_default()
    };
    let parent = |word: &str| {
        let parent = word.parse().ok().and_then(|id| scene.item(id));
        parent.map(measure_name).unwrap_or_default()
    };
    let part = |register: &str| {
        let part = assignment_of(register).filter(|part| part.removal.is_none());
        part.map(|part| part.role.word().text(lang).to_owned()).unwrap_or_default()
    };
    let field = |id: &str| item.and_then(|item| scene.item_type(item)).and_then(|kind| kind.field(id));
    let shown = |words: &str| {
        field(key(3)).map_or_else(|| words.to_owned(), |of| shown_words(scene, of, words, lang).into_owned())
    };
    let both = |read: &dyn Fn(&str) -> String| (read(&raw.0), read(&raw.1));
    let (field, (old, new)) = match key(2) {
        mark if is_decision(mark) => {
            (word(Word::Text), (then("text", &line.before), then("text", &line.after)))
        }
        "" => (word(Word::Items), Default::default()),
        "title" => (word(Word::Headline), raw),
        "number" => (word(Word::NumberWord), raw),
        "text" => (word(Word::Text), raw),
        "deadline" => (word(Word::Deadline), raw),
        "quote" => (word(Word::SourceText), raw),
        "place" => (word(Word::PlaceInList), both(&place)),
        "parent" => (word(Word::PlaceInList), both(&parent)),
        "assignments" => (unit_name(), both(&part)),
        "fields" => {
            let name = field(key(3)).map_or_else(|| key(3).to_owned(), |of| of.name.get(lang).to_owned());
            (name, both(&shown))
        }
        "ledger" => {
            let own = LedgerField::ALL.into_iter().find(|one| key(3).ends_with(one.key()));
            (own.map(|own| word(own.word())).unwrap_or_default(), raw)
        }
        "milestones" => (word(Word::Milestone), Default::default()),
        _ => (word(Word::BoardItself), Default::default()),
    };
    let did = match key(2) {
        "" => Did::Added,
        mark if is_decision(mark) => Did::Chose,
        "assignments" if old.is_empty() && !new.is_empty() => Did::GavePart,
        "assignments" if new.is_empty() && !old.is_empty() => Did::TookPart,
        _ => Did::Wrote,
    };
    LineWords { item, about, now, field, did, old, new }
}

#[cfg(test)]
mod tests;
