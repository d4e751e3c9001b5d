//! One difference: the board now, the newer document, what is taken.

use super::{Chosen, Found, key};
use crate::lang::{W, Words, words};
use leptos::prelude::*;
use tongban_shared::import::DraftItem;
use tongban_shared::model::Source;
use tongban_shared::phrases::{Piece, marked};
use tongban_shared::publication::target_words;
use tongban_shared::revise::{Difference, Field, Part, Since, Take, What};

/// A difference in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub part: Part,
    /// The first of its part, and of its measure.
    pub heads: bool,
    pub named: bool,
    pub one: Difference,
}

#[component]
pub fn Row(choice: Choice, chosen: Chosen, found: RwSignal<Vec<Found>>, writes: Memo<bool>) -> impl IntoView {
    let words = words();
    let Choice { part, heads, named, one } = choice;
    let (now, new) = sides(words, &one.what);
    let (now, new) = marked(&now, &new);
    let kind = kind(&one.what);
    let since = format!("{:?}", one.since);
    let heading = heads.then(|| view! { <PartHead part chosen found writes /> });
    let name =
        (named && !one.of.is_empty()).then(|| view! { <p class="compare__name"><b>{one.of.clone()}</b></p> });
    view! {
        <li>
            {heading}
            {name}
            <div class="difference" data-shows="text" data-testid="difference" data-since=since>
                <div class="difference__old"><span class="tag">{move || words.w(kind)}</span>" "{pieces(now, true)}</div>
                <div class="difference__new">{pieces(new, false)}</div>
                <div class="difference__take"><TakeField one chosen writes /></div>
            </div>
        </li>
    }
}

/// The title of a part, with all of it at once.
#[component]
fn PartHead(part: Part, chosen: Chosen, found: RwSignal<Vec<Found>>, writes: Memo<bool>) -> impl IntoView {
    let words = words();
    let title = part.clone();
    let title = move || match &title {
        Part::Whole => words.w(W::WholePlan).to_owned(),
        Part::Numbers => words.w(W::IndicatorsView).to_owned(),
        Part::Section(title) => title.clone(),
    };
    let of_part = move || {
        let wanted = |(own, one): &&Found| *own == part && one.since != Since::Here && !chosen.is_locked(one);
        found.with(|all| all.iter().filter(wanted).map(|(_, one)| one.clone()).collect::<Vec<_>>())
    };
    let (several, all) = (of_part.clone(), of_part);
    let take_all = move |_| {
        for one in all() {
            let open = untrack(|| chosen.of(&one)).is_none_or(|take| take == Take::Here);
            if open {
                chosen.choose(&one, Take::Document);
            }
        }
    };
    view! {
        <p class="compare__part">
            <b>{title}</b>
            <Show when={let several = several.clone(); move || several().len() > 1}>
                <button type="button" class="button button--plain" disabled=move || !writes.get()
                    on:click=take_all.clone()>{move || words.w(W::TakePart)}</button>
            </Show>
        </p>
    }
}

/// Yes or no where one side changed it; a choice where both did.
#[component]
fn TakeField(one: Difference, chosen: Chosen, writes: Memo<bool>) -> impl IntoView {
    let words = words();
    let locked = {
        let one = one.clone();
        Memo::new(move |_| !writes.get() || chosen.is_locked(&one))
    };
    let why = match (one.since, &one.what) {
        (Since::Here, _) => Some(W::ChangedHere),
        (Since::Both, _) => Some(W::ChangedByBoth),
        (_, What::TargetGone { .. }) => Some(W::StaysByHand),
        _ => None,
    };
    let why = why.map(|why| view! { <span class="dim">{move || words.w(why)}</span> });
    if one.since == Since::Both {
        let name = key(&one);
        let field = |take: Take| {
            let (here, there) = (one.clone(), one.clone());
            view! {
                <label class="check">
                    <input type="radio" name=name.clone() disabled=locked
                        prop:checked=move || chosen.of(&here) == Some(take) on:change=move |_| chosen.choose(&there, take) />
                    {move || words.w(take_word(take))}
                </label>
            }
        };
        let fields = one.choices().iter().map(|take| field(*take)).collect_view();
        let together = one.together().map(|made| {
            let words_of_both = made.words.clone();
            let (own, shown) = (one.clone(), words_of_both);
            view! { <Show when=move || chosen.of(&own) == Some(Take::Both)><p class="difference__both">{shown.clone()}</p></Show> }
        });
        return view! { <fieldset><legend>{why}</legend>{fields}</fieldset>{together} }.into_any();
    }
    let label = if one.since == Since::Here { W::UseDocument } else { W::ToTake };
    let (here, there) = (one.clone(), one);
    view! {
        {why}
        <label class="check">
            <input type="checkbox" disabled=locked prop:checked=move || chosen.is_taken(&here) on:change=move |event| {
                chosen.choose(&there, if event_target_checked(&event) { Take::Document } else { Take::Here });
            } />
            {move || words.w(label)}
        </label>
    }
    .into_any()
}

const fn take_word(take: Take) -> W {
    match take {
        Take::Here => W::TakeHere,
        Take::Document => W::TakeDocument,
        Take::Both => W::TakeBoth,
    }
}

/// A text with the words that the other side does not have marked.
fn pieces(pieces: Vec<Piece>, old: bool) -> AnyView {
    let piece = |piece: Piece| match (piece.differs, old) {
        (false, _) => view! { <span>{piece.words}</span> }.into_any(),
        (true, true) => view! { <del>{piece.words}</del> }.into_any(),
        (true, false) => view! { <ins>{piece.words}</ins> }.into_any(),
    };
    pieces.into_iter().map(piece).collect_view().into_any()
}

const fn kind(what: &What) -> W {
    match what {
        What::Source { .. } => W::DiffSource,
        What::Added { .. } => W::DiffAdded,
        What::Gone { .. } => W::DiffGone,
        What::Retired { .. } => W::DiffRetired,
        What::Moved { .. } => W::DiffMoved,
        What::UnitAdded { .. } => W::DiffUnitAdded,
        What::UnitGone { .. } => W::DiffUnitGone,
        What::Role { .. } => W::DiffRole,
        What::TargetAdded { .. } => W::DiffTargetAdded,
        What::TargetGone { .. } => W::DiffTargetGone,
        What::Target { .. } => W::DiffTarget,
        What::Words { field, .. } => match field {
            Field::Title => W::DiffTitle,
            Field::Period => W::DiffPeriod,
            Field::Goal => W::DiffGoal,
            Field::Section(_) => W::DiffSection,
            Field::Number(_) => W::DiffNumber,
            Field::Headline(_) => W::DiffHeadline,
            Field::Text(_) => W::DiffText,
            Field::Deadline(_) => W::DiffDeadline,
        },
    }
}

/// The words of the board now, and those of the newer document.
fn sides(words: Words, what: &What) -> (String, String) {
    let none = String::new;
    match what {
        What::Source { from, to } => {
            let line = |source: &Source| {
                let parts = [&source.title, &source.number, &source.issuer, &source.date];
                parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" · ")
            };
            (line(from), line(to))
        }
        What::Words { from, to, .. } | What::Moved { from, to, .. } => (from.clone(), to.clone()),
        What::Added { item, .. } => (none(), added(item)),
        What::Gone { .. } => (none(), words.w(W::NotInDocument).to_owned()),
        What::Retired { .. } => (words.w(W::OutOfUse).to_owned(), words.w(W::StillInDocument).to_owned()),
        What::UnitAdded { name, role, .. } => (none(), format!("{} {name}", words.w(role.word()))),
        What::UnitGone { name, .. } => (name.clone(), none()),
        What::Role { name, from, to, .. } => {
            (format!("{} {name}", words.w(from.word())), format!("{} {name}", words.w(to.word())))
        }
        What::TargetAdded { indicator, .. } => (none(), target_words(&indicator.target())),
        What::TargetGone { target, .. } => (target_words(target), none()),
        What::Target { from, to, .. } => (target_words(from), target_words(to)),
    }
}

fn added(item: &DraftItem) -> String {
    let units: Vec<String> = item.assignments.iter().flat_map(|one| &one.units).cloned().collect();
    let below = item.children.iter().map(|child| child.title.as_str());
    let words: Vec<&str> = std::iter::once(item.text.as_str()).chain(below).collect();
    format!("{} {}", words.join("；"), units.join("、")).trim().to_owned()
}
