//! A new board of a template.

use super::Template;
use crate::edit::{BoardField, Edit};
use crate::id::{SectionId, UnitId};
use crate::rank;

/// The edits that begin a board: its title, template and version, lead, and the template's
/// sections (one without a name when it has none). `source` is the file of a template that is not
/// of this project, else empty: the board carries it. `id` gives 16 fresh bytes for each section.
#[must_use]
pub fn start(
    template: &Template,
    source: &str,
    title: &str,
    lead: UnitId,
    mut id: impl FnMut() -> [u8; 16],
) -> Vec<Edit> {
    let set = |field, value: String| Edit::SetBoardField { field, value };
    let mut edits = vec![
        set(BoardField::Title, title.to_owned()),
        set(BoardField::Template, template.id.clone()),
        set(BoardField::TemplateVersion, template.version.to_string()),
        set(BoardField::Lead, lead.to_string()),
    ];
    if !source.is_empty() {
        edits.push(set(BoardField::TemplateSource, source.to_owned()));
    }
    let unnamed = [[String::new(), template.name.0[0].clone()]];
    let sections = if template.sections.is_empty() { &unnamed[..] } else { &template.sections };
    for ([number, title], rank) in sections.iter().zip(rank::spread(sections.len())) {
        let (number, title) = (number.clone(), title.clone());
        edits.push(Edit::AddSection { id: SectionId::from_bytes(id()), number, title, rank });
    }
    edits
}
