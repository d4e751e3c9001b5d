//! An accepted draft becomes a board: the same draft makes the same bytes on every device, so two
//! devices that import one document make one board (conflict 7).

use crate::dictionary;
use crate::document::{Chunk, Document, DocumentError, Kind, Stamp};
use crate::edit::{BoardField, Edit, NewIndicator, NewItem};
use crate::id::{BoardId, IndicatorId, ItemId, SectionId, SpaceId, UnitId, fingerprint};
use crate::import::{DraftBoard, DraftDocument, DraftIndicator, DraftItem, DraftSection};
use crate::model::{BoardListing, Combine, Source, Space};
use crate::rank;
use crate::text::folded_text;
use std::collections::{BTreeMap, BTreeSet};

/// The maker of a board from a draft, in its history: no person, for the change is the same on every device.
pub const IMPORTED: &str = "导入";

/// The result of accepting a draft board.
#[derive(Debug)]
pub struct Adoption {
    pub board: BoardId,
    pub document: Document,
    /// The one change that holds the whole board.
    pub chunk: Chunk,
    /// For the space: units that were not known, and the listing.
    pub space_edits: Vec<Edit>,
}

/// The board that a draft is, whether or not it exists already.
#[must_use]
pub fn board_id(space: SpaceId, document: &DraftDocument, board: &DraftBoard) -> BoardId {
    let source = document.doc_number.as_deref().or(document.title.as_deref()).unwrap_or_default();
    let title = board.title.as_deref().unwrap_or_default();
    let first = board.items().next().map_or("", |item| item.title.as_str());
    let untitled = if title.is_empty() { first } else { "" };
    let words = [space.to_string(), folded_text(source), folded_text(title)];
    BoardId::from_bytes(fingerprint(&["board", &words[0], &words[1], &words[2], untitled]))
}

/// The document that a draft says it is.
#[must_use]
pub fn source_of(document: &DraftDocument) -> Source {
    let words = |words: &Option<String>| words.clone().unwrap_or_default();
    Source {
        title: words(&document.title),
        number: words(&document.doc_number),
        issuer: words(&document.issuer),
        date: words(&document.date),
    }
}

/// The unit of a printed name: the one the space knows by name or alias, else the one that every
/// device would make of these words.
#[must_use]
pub fn unit_id(space_id: SpaceId, space: &Space, name: &str) -> UnitId {
    space.unit_named(name).unwrap_or_else(|| {
        UnitId::from_bytes(fingerprint(&["unit", &space_id.to_string(), &folded_text(name)]))
    })
}

/// Makes the board of a draft.
///
/// # Errors
/// [`DocumentError`] when a text of the draft is longer than a document takes.
pub fn adopt(
    space_id: SpaceId,
    space: &Space,
    document: &DraftDocument,
    draft: &DraftBoard,
) -> Result<Adoption, DocumentError> {
    let board = board_id(space_id, document, draft);
    // Fingerprint of the draft: ids of different drafts never meet.
    let words = serde_json::to_string(draft).unwrap_or_default();
    let print = crate::document::hex(&fingerprint(&["draft", &words]));
    let mut count = 0_usize;
    let mut ids = |kind: &str| {
        count += 1;
        fingerprint(&[kind, &board.to_string(), &print, &count.to_string()])
    };
    let mut maker = Maker::new(space_id, space, &mut ids);
    let title = draft.title.clone().unwrap_or_else(|| "未命名清单".to_owned());
    maker.board(document, draft, &title);
    for (section, rank) in draft.sections.iter().zip(rank::spread(draft.sections.len())) {
        maker.section(section, rank);
    }
    for indicator in &draft.indicators {
        maker.indicator(indicator);
    }
    // The writer is named by what it writes: equal drafts make equal changes, different ones never
    // share a writer.
    let written = format!("{:?}", maker.edits);
    let actor = fingerprint(&["import, texts of paragraphs", &board.to_string(), &written]);
    let mut made = Document::new(Kind::Board, &actor);
    let (_, chunk) = made.edit_all(&maker.edits, &Stamp { time: 0, by: IMPORTED.to_owned() })?;
    let chunk = chunk.ok_or(DocumentError::WrongDocument)?;
    let number = document.doc_number.clone().or_else(|| document.title.clone()).unwrap_or_default();
    let listing = BoardListing { title, doc_number: folded_text(&number) };
    maker.space_edits.push(Edit::ListBoard { id: board, listing });
    Ok(Adoption { board, document: made, chunk, space_edits: maker.space_edits })
}

/// Writes parts of drafts as edits.
pub(crate) struct Maker<'a> {
    space_id: SpaceId,
    space: &'a Space,
    /// Gives an id for a kind of thing.
    ids: &'a mut dyn FnMut(&str) -> [u8; 16],
    pub edits: Vec<Edit>,
    /// For the space: units that it does not know.
    pub space_edits: Vec<Edit>,
    /// Units that were named already.
    units: BTreeSet<UnitId>,
    pub items_by_number: BTreeMap<String, ItemId>,
}

impl<'a> Maker<'a> {
    pub fn new(space_id: SpaceId, space: &'a Space, ids: &'a mut dyn FnMut(&str) -> [u8; 16]) -> Self {
        Self {
            space_id,
            space,
            ids,
            edits: Vec::new(),
            space_edits: Vec::new(),
            units: BTreeSet::new(),
            items_by_number: BTreeMap::new(),
        }
    }

    /// Writes a register of the board, unless there is nothing to write.
    pub fn set(&mut self, field: BoardField, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.edits.push(Edit::SetBoardField { field, value });
        }
    }

    fn board(&mut self, document: &DraftDocument, draft: &DraftBoard, title: &str) {
        self.set(BoardField::Title, Some(title.to_owned()));
        self.set(BoardField::Template, Some(draft.template.clone()));
        self.set(BoardField::TemplateVersion, Some("1".to_owned()));
        self.set(BoardField::PeriodFrom, draft.period.map(|period| period.from.to_string()));
        self.set(BoardField::PeriodTo, draft.period.map(|period| period.to.to_string()));
        self.source(&source_of(document));
        let lead = lead_of(draft).map(|name| self.unit(&name).to_string());
        self.set(BoardField::Lead, lead);
        if !draft.goal.is_empty() {
            let text = crate::edit::TextPlace::Goal;
            self.edits.push(Edit::SpliceText {
                text,
                at: 0,
                delete: 0,
                insert: draft.goal.trim().to_owned(),
            });
        }
    }

    /// Sets the document that the board comes from.
    pub fn source(&mut self, source: &Source) {
        self.set(BoardField::SourceTitle, Some(source.title.clone()));
        self.set(BoardField::SourceNumber, Some(source.number.clone()));
        self.set(BoardField::Issuer, Some(source.issuer.clone()));
        self.set(BoardField::SourceDate, Some(source.date.clone()));
    }

    pub fn unit(&mut self, name: &str) -> UnitId {
        let (id, edits) = dictionary::named(self.space_id, self.space, name);
        if self.units.insert(id) {
            self.space_edits.extend(edits);
        }
        id
    }

    fn section(&mut self, draft: &DraftSection, rank: String) {
        let id = self.begin_section(draft, rank);
        for (item, rank) in draft.items.iter().zip(rank::spread(draft.items.len())) {
            self.item(item, id, rank, None);
        }
    }

    fn begin_section(&mut self, draft: &DraftSection, rank: String) -> SectionId {
        let id = SectionId::from_bytes((self.ids)("section"));
        self.add_section(id, draft, rank)
    }

    /// A section without its items.
    pub fn add_section(&mut self, id: SectionId, draft: &DraftSection, rank: String) -> SectionId {
        let title = draft.title.as_deref().unwrap_or("重点任务").to_owned();
        let number = draft.number.clone().unwrap_or_default();
        self.edits.push(Edit::AddSection { id, number, title, rank });
        id
    }

    /// An item with everything below it.
    pub fn item(&mut self, draft: &DraftItem, section: SectionId, rank: String, parent: Option<ItemId>) {
        let id = ItemId::from_bytes((self.ids)("item"));
        let number = draft.number.clone().unwrap_or_default();
        self.items_by_number.entry(number.clone()).or_insert(id);
        let item = NewItem {
            kind: String::new(),
            number,
            title: draft.title.clone(),
            text: draft.text.clone(),
            section: Some(section),
            rank,
            parent,
            deadline: draft.deadline.clone().unwrap_or_default(),
            quote: String::new(),
        };
        self.edits.push(Edit::AddItem { id, item: Box::new(item) });
        for assignment in &draft.assignments {
            for name in &assignment.units {
                let unit = self.unit(name);
                self.edits.push(Edit::Assign {
                    item: id,
                    unit,
                    role: assignment.role,
                    open_ended: assignment.open_ended,
                    raw: String::new(),
                });
            }
        }
        for (child, rank) in draft.children.iter().zip(rank::spread(draft.children.len())) {
            self.item(child, section, rank, Some(id));
        }
    }

    pub fn indicator(&mut self, draft: &DraftIndicator) {
        let id = IndicatorId::from_bytes((self.ids)("indicator"));
        let mean = draft.unit.starts_with('%')
            || ["人均", "平均", "率", "占"].iter().any(|word| draft.name.contains(word));
        let indicator = NewIndicator {
            name: draft.name.clone(),
            kind: draft.kind,
            scope: draft.scope.clone().unwrap_or_default(),
            quote: draft.quote.clone(),
            item: draft.item.as_ref().and_then(|number| self.items_by_number.get(number).copied()),
            combine: if mean { Combine::Mean } else { Combine::Sum },
            target: draft.target(),
        };
        self.edits.push(Edit::AddIndicator { id, indicator: Box::new(indicator) });
    }
}

/// The unit that leads the list: the one that stands first in every item (清单制定单位).
fn lead_of(draft: &DraftBoard) -> Option<String> {
    let mut firsts = draft.items().filter_map(|item| item.assignments.first()?.units.first());
    let first = firsts.next()?;
    firsts.all(|other| other == first).then(|| first.clone())
}
