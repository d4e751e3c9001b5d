//! 历史: who changed what and when, as sentences, newest first; edits of the board and entries of
//! all its units in one list.

use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, Words, words};
use crate::session::Session;
use leptos::prelude::*;
use tongban_shared::adopt;
use tongban_shared::entry::{Entry, EntryKind};
use tongban_shared::event::Event;
use tongban_shared::id::{BoardId, DocumentId};

/// How many changes are read at most.
const MOST: usize = 200;

#[component]
pub fn History(id: BoardId) -> impl IntoView {
    let session = session();
    let words = words();
    // The badge moves whenever something was changed: the list is read anew then.
    let lines = Memo::new(move |_| {
        session.view.badge.track();
        lines(session, words, id)
    });
    view! {
        <ol class="history">
            <For each=move || lines.get() key=|line| line.clone() let:line>
                <li><time class="dim tabular">{time_words(line.0)}</time>" "<b>{line.1.clone()}</b>" "{line.2.clone()}</li>
            </For>
        </ol>
        <Show when=move || lines.with(Vec::is_empty)><p class="dim">{move || words.w(W::NoHistory)}</p></Show>
    }
}

/// Time in seconds, who, what; newest first.
pub fn lines(session: Session, words: Words, id: BoardId) -> Vec<(i64, String, String)> {
    let Some(board) = session.view.board(id) else { return Vec::new() };
    let title = |item| {
        board
            .item(item)
            .map(|item| item.with_untracked(|view| format!("{} {}", view.item.number, view.item.title)))
            .unwrap_or_default()
    };
    let w = |word| words.w(word);
    let changes = session.read(DocumentId::board(id), |document| document.history(MOST)).unwrap_or_default();
    let mut all: Vec<(i64, String, String)> = changes
        .into_iter()
        .map(|change| {
            let mut items: Vec<String> = Vec::new();
            let mut others: Vec<&str> = Vec::new();
            for event in &change.events {
                match event {
                    Event::ItemChanged(item) | Event::ItemPlaced(item) => items.push(title(*item)),
                    Event::IndicatorChanged(_) => others.push(w(W::IndicatorsView)),
                    Event::SectionChanged(_) => others.push(w(W::Section)),
                    _ => others.push(w(W::BoardItself)),
                }
            }
            items.dedup();
            others.dedup();
            let what =
                if items.len() > 3 { format!("{} {}", items.len(), w(W::Items)) } else { items.join("；") };
            let what = [what, others.join("、")]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("、");
            (
                change.time,
                author_of(session, words, &change.by, &change.actor),
                format!("{} {what}", w(W::Changed)),
            )
        })
        .collect();
    let space = session.view.space.get_untracked();
    let order = board.order.get_untracked();
    let items = order
        .iter()
        .flat_map(|(_, _, items)| items)
        .filter_map(|(item, _)| Some((*item, board.item(*item)?.get_untracked())));
    for (item, view) in items {
        for entry in &view.entries {
            let name =
                space.persons.get(&entry.author.person).map(|person| person.name.clone()).unwrap_or_default();
            let by = format!("{name}（{}）", space.unit_name(entry.author.unit));
            all.push((entry.said / 1000, by, format!("{} {}", entry_words(words, entry), title(item))));
        }
    }
    all.sort_by_key(|line| std::cmp::Reverse(line.0));
    all.truncate(MOST);
    all
}

/// Who made a change: whom its device was certified for. What only the change itself says is told as
/// such, for anybody may write any name into it.
pub fn author_of(session: Session, words: Words, by: &str, actor: &[u8]) -> String {
    let space = session.view.space.get_untracked();
    let proven = session.certified_for(actor).into_iter().map(|(person, unit)| {
        let name = space.persons.get(&person).map(|person| person.name.clone()).unwrap_or_default();
        format!("{name}（{}）", space.unit_name(unit))
    });
    let proven: Vec<String> = proven.collect();
    // A device that changed hands: the one of them whose name the change says.
    let said = proven.iter().find(|name| **name == by);
    match (said.or(proven.first()), by) {
        (Some(name), _) => name.clone(),
        (None, "") => words.w(W::UnknownProgram).to_owned(),
        // The same bytes on every device, whoever accepted the draft: it names nobody.
        (None, said) if said == adopt::IMPORTED => said.to_owned(),
        (None, said) => format!("{said} · {}", words.w(W::NotProven)),
    }
}

/// The word of an entry kind that templates use.
pub const fn kind_word(kind: EntryKind) -> W {
    match kind {
        EntryKind::Report => W::DidReport,
        EntryKind::Value => W::DidReportValue,
        EntryKind::Comment => W::DidComment,
        EntryKind::CloseRequest => W::Asked,
        EntryKind::CloseDecision => W::DidClose,
        EntryKind::Retire => W::DidRetire,
        EntryKind::Restore => W::DidRestore,
        EntryKind::Visit => W::DidVisit,
        EntryKind::Issue => W::DidIssue,
        EntryKind::Answer => W::DidAnswer,
        EntryKind::Check => W::DidCheck,
        EntryKind::Score => W::DidScore,
        EntryKind::Dispatch => W::DidDispatch,
        EntryKind::Accept => W::DidAccept,
        EntryKind::Handover => W::DidHandover,
        EntryKind::Receipt => W::DidReceipt,
        EntryKind::Outcome => W::DidOutcome,
        EntryKind::Instruction => W::DidInstruction,
        EntryKind::Brief => W::DidBrief,
        EntryKind::Publish => W::DidPublish,
        EntryKind::Remind => W::DidRemind,
        EntryKind::Propose => W::DidPropose,
        EntryKind::Consent => W::DidConsent,
        EntryKind::Review => W::DidAcceptProposal,
    }
}

/// What a record did, by its kind and whether it accepts.
pub const fn said_word(kind: EntryKind, accepted: Option<bool>) -> W {
    match (kind, accepted) {
        (EntryKind::CloseDecision, None | Some(false)) => W::Returned,
        (EntryKind::Consent, Some(false)) => W::DidNotConsent,
        (EntryKind::Review, Some(false)) => W::DidReturnProposal,
        (kind, _) => kind_word(kind),
    }
}

/// What an entry did, in a few words.
pub fn entry_words(words: Words, entry: &Entry) -> String {
    let withdrawn = entry.kind == EntryKind::Propose && entry.changes.is_none();
    let word = if withdrawn { W::DidWithdrawProposal } else { said_word(entry.kind, entry.accepted) };
    words.w(word).to_owned()
}
