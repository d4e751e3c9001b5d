//! Answers carried out.

use super::{Answer, Answers, Question, Why};
use crate::dictionary;
use crate::edit::{Edit, ItemField, TextPlace};
use crate::id::{ItemId, SpaceId};
use crate::import::{Draft, DraftAssignment, DraftBoard, DraftItem, Role};
use crate::model::{Board, Removal, Space};
use crate::text::Splice;

/// A draft with the answers that were given. `questions` are those of the draft as it was read.
#[must_use]
pub fn answered(draft: &Draft, questions: &[Question], answers: &Answers) -> Draft {
    let mut draft = draft.clone();
    let given = questions.iter().filter_map(|one| Some((one, answers.get(&one.key())?)));
    for (question, answer) in given.filter(|(_, answer)| **answer != Answer::Keep) {
        let names = match answer {
            Answer::Keep => continue,
            Answer::Use(name) => vec![name.clone()],
            Answer::Members(names) => names.clone(),
        };
        let boards = draft.documents.iter_mut().flat_map(|document| &mut document.boards);
        for (at, board) in boards.enumerate() {
            match question.why {
                Why::MistakenPlace => replace_words(board, &question.name, &names.concat()),
                // The list does not have the name, or has it rightly once.
                Why::Left | Why::Repeated if at == question.board => add_unit(board, question, &names),
                Why::Left | Why::Repeated | Why::Numbering => {}
                _ => replace_unit(board, &question.name, &names),
            }
        }
    }
    draft
}

fn each_item(items: &mut [DraftItem], change: &mut impl FnMut(&mut DraftItem)) {
    for item in items {
        change(item);
        each_item(&mut item.children, change);
    }
}

fn every_item(board: &mut DraftBoard, mut change: impl FnMut(&mut DraftItem)) {
    board.sections.iter_mut().for_each(|section| each_item(&mut section.items, &mut change));
}

fn replace_words(board: &mut DraftBoard, from: &str, to: &str) {
    let put = |words: &mut String| *words = words.replace(from, to);
    every_item(board, |item| {
        put(&mut item.title);
        put(&mut item.text);
        item.assignments.iter_mut().flat_map(|one| &mut one.units).for_each(put);
    });
    put(&mut board.goal);
    for one in board.indicators.iter_mut().chain(&mut board.numbers) {
        put(&mut one.name);
        put(&mut one.quote);
        one.scope.iter_mut().for_each(put);
    }
}

fn replace_unit(board: &mut DraftBoard, from: &str, to: &[String]) {
    every_item(board, |item| {
        for assignment in &mut item.assignments {
            let Some(at) = assignment.units.iter().position(|unit| unit == from) else { continue };
            let new: Vec<String> =
                to.iter().filter(|name| !assignment.units.contains(name)).cloned().collect();
            assignment.units.splice(at..=at, new);
        }
    });
}

fn add_unit(board: &mut DraftBoard, question: &Question, names: &[String]) {
    let span = question.span;
    every_item(board, |item| {
        if item.title != question.measure || !(item.span.from <= span.from && span.to <= item.span.to) {
            return;
        }
        let of_place = |one: &DraftAssignment| one.span.from <= span.from && span.to <= one.span.to;
        let at = item.assignments.iter().position(of_place).unwrap_or_else(|| {
            item.assignments.push(DraftAssignment { span, ..DraftAssignment::default() });
            item.assignments.len() - 1
        });
        let units = &mut item.assignments[at].units;
        for name in names {
            if !units.contains(name) {
                units.push(name.clone());
            }
        }
    });
}

/// The edits of a space that make it know a unit by the names that were mended: the next document
/// does not ask again.
#[must_use]
pub fn aliases(questions: &[Question], answers: &Answers, (id, space): (SpaceId, &Space)) -> Vec<Edit> {
    let of_unit = |why: Why| matches!(why, Why::Odd | Why::Joined | Why::New | Why::Completed);
    let mended = questions.iter().filter(|one| of_unit(one.why) && space.unit_named(&one.name).is_none());
    let alias = |one: &Question| match answers.get(&one.key())? {
        Answer::Use(name) => {
            let (unit, edits) = dictionary::named(id, space, name);
            edits.is_empty().then(|| Edit::SetAlias { unit, alias: one.name.clone(), present: true })
        }
        Answer::Keep | Answer::Members(_) => None,
    };
    mended.filter_map(alias).collect()
}

/// The edits of a board, and of its space, that carry an answer out after the draft has become the
/// board. `removal` marks the units that are taken off.
#[must_use]
pub fn edits(
    question: &Question,
    answer: &Answer,
    board: &Board,
    (id, space): (SpaceId, &Space),
    removal: &Removal,
) -> (Vec<Edit>, Vec<Edit>) {
    let names = match answer {
        Answer::Keep => return (Vec::new(), Vec::new()),
        Answer::Use(name) => vec![name.clone()],
        Answer::Members(names) => names.clone(),
    };
    if question.why == Why::MistakenPlace {
        return (words_of_board(board, &question.name, &names.concat()), Vec::new());
    }
    let (mut of_board, mut of_space, mut units) = (Vec::new(), Vec::new(), Vec::new());
    for name in &names {
        let (unit, edits) = dictionary::named(id, space, name);
        of_space.extend(edits);
        units.push(unit);
    }
    let from = dictionary::named(id, space, &question.name).0;
    for (item, content) in &board.items {
        let present = content.assignments.get(&from).filter(|one| one.removal.is_none());
        let adds = matches!(question.why, Why::Left | Why::Repeated) && content.title == question.measure;
        let role = match present {
            _ if adds => Role::default(),
            Some(one) if !matches!(question.why, Why::Left | Why::Repeated) => one.role,
            _ => continue,
        };
        let open_ended = present.is_some_and(|one| one.open_ended);
        for unit in &units {
            if content.assignments.get(unit).is_none_or(|one| one.removal.is_some()) {
                let raw = String::new();
                of_board.push(Edit::Assign { item: *item, unit: *unit, role, open_ended, raw });
            }
        }
        if !adds && !units.contains(&from) {
            of_board.push(Edit::Unassign { item: *item, unit: from, removal: removal.clone() });
        }
    }
    (of_board, of_space)
}

fn words_of_board(board: &Board, from: &str, to: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut text = |place: TextPlace, now: &str| {
        if now.contains(from) {
            let splice = Splice::between(now, &now.replace(from, to));
            edits.extend(splice.map(|splice| Edit::splice(place, splice)));
        }
    };
    text(TextPlace::Goal, &board.goal);
    for (id, item) in &board.items {
        text(TextPlace::Item(*id), &item.text);
    }
    let titled = |(id, item): (&ItemId, &crate::model::Item)| {
        let value = item.title.replace(from, to);
        (value != item.title).then_some(Edit::SetItemField { id: *id, field: ItemField::Title, value })
    };
    edits.extend(board.items.iter().filter_map(titled));
    edits
}
