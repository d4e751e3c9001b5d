//! 历史: what people did, as sentences by day, newest first: what one person wrote into one field in
//! one sitting is one line. Two moments of the board can be compared.

use crate::app::session;
use crate::browser::{self, time_words};
use crate::lang::{W, Words, words};
use crate::parts::{Growing, kept};
use crate::session::Session;
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;
use std::sync::Arc;
use tongban_shared::document::history::Hash;
use tongban_shared::id::{BoardId, DocumentId};
use tongban_shared::views::{By, Compared, Deed, Did, Line, LineWords, Piece, difference};

/// How far the history reaches back before somebody asks for more, in days.
const DAYS: i32 = 30;

/// Two moments to be compared, as heads of the document.
type Moments = Option<(Vec<Hash>, Vec<Hash>)>;

#[component]
pub fn History(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let query = use_query_map();
    // Other pages send here with the day that they tell of.
    let asked = query.with_untracked(|query| query.get("from"));
    let from = RwSignal::new(asked.unwrap_or_else(|| browser::days_ago(DAYS)));
    let (to, by) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let moments = RwSignal::new(Moments::None);
    let all = kept(
        board.revision.clone(),
        move || from.track(),
        move || {
            let since = browser::day_begins(&from.get_untracked(), 0).unwrap_or(i64::MIN);
            let mut lines = session.history(id, since);
            lines.retain(|line| line.to >= since || line.to == 0);
            lines.sort_by_key(|line| std::cmp::Reverse(line.to));
            Arc::new(lines)
        },
    );
    let persons = Memo::new(move |_| {
        let names = all.with(|lines| lines.iter().map(|line| line.by.name.clone()).collect::<Vec<_>>());
        let mut names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
        names.sort();
        names.dedup();
        names
    });
    let lines = Memo::new(move |_| {
        let end = browser::day_begins(&to.get(), 1).unwrap_or(i64::MAX);
        let by = by.get();
        let wanted = |line: &&Line| line.to < end && (by.is_empty() || line.by.name == by);
        all.with(|lines| lines.iter().filter(wanted).cloned().collect::<Vec<_>>())
    });
    let growing = Growing::new(Memo::new(move |_| lines.with(Vec::len)));
    let compare_days = move |_| {
        let begins = browser::day_begins(&from.get_untracked(), 0).unwrap_or(1) - 1;
        let ends = browser::day_begins(&to.get_untracked(), 1).map_or(i64::MAX, |day| day - 1);
        let heads = session
            .read(DocumentId::board(id), |document| (document.heads_at(begins), document.heads_at(ends)));
        moments.set(heads);
    };
    let since = move |line: &Line| {
        let before = line.before.clone();
        moments.set(session.read(DocumentId::board(id), |document| (before, document.heads())));
    };
    let whole = move || from.with(String::is_empty);
    view! {
        <div class="tools" role="group" aria-label=move || words.w(W::HistoryView)>
            <label class="check">{move || words.w(W::FromDay)}
                <input type="date" prop:value=from on:change=move |event| from.set(event_target_value(&event)) /></label>
            <label class="check">{move || words.w(W::ToDay)}
                <input type="date" prop:value=to on:change=move |event| to.set(event_target_value(&event)) /></label>
            <select aria-label=move || words.w(W::AllPersons) on:change=move |event| by.set(event_target_value(&event))>
                <option value="">{move || words.w(W::AllPersons)}</option>
                <For each=move || persons.get() key=|name| name.clone() let:name><option value=name.clone()>{name.clone()}</option></For>
            </select>
            <button type="button" class="button" disabled=whole on:click=move |_| from.set(String::new())>
                {move || words.w(W::AllTime)}</button>
            <button type="button" class="button" title=move || words.w(W::CompareHint) on:click=compare_days>
                {move || words.w(W::CompareDays)}</button>
        </div>
        <Comparison id moments />
        <ol class="history" data-testid="history">
            <For each=move || lines.with(|lines| lines.iter().take(growing.count()).cloned().collect::<Vec<_>>())
                key=|line| line.clone() let:line>
                {
                    let (told, place) = (line.clone(), line.clone());
                    let comparable = !line.before.is_empty();
                    view! {
                        <li>
                            <time class="dim tabular">{time_words(line.to)}</time>" "<Sentence board=id line=told shows_difference=true />
                            {comparable.then(|| view! { <button type="button" class="button button--plain"
                                on:click=move |_| since(&place)>{move || words.w(W::SinceThen)}</button> })}
                        </li>
                    }
                }
            </For>
        </ol>
        <div node_ref=growing.end></div>
        <Show when=move || lines.with(Vec::is_empty)>
            <p class="dim">{move || words.w(if whole() { W::NoHistory } else { W::NoHistoryThen })}</p>
        </Show>
    }
}

/// The differences between two moments, item by item.
#[component]
fn Comparison(id: BoardId, moments: RwSignal<Moments>) -> impl IntoView {
    let session = session();
    let words = words();
    let found = Memo::new(move |_| {
        let lang = words.lang();
        moments.with(|moments| moments.as_ref().map(|(from, to)| session.compared(id, from, to, lang)))
    });
    let row = move |one: Compared| {
        let link = one.item.map(|item| format!("/b/{id}?item={item}"));
        let about = one.about.clone();
        view! {
            <li>
                {match link { Some(href) => view! { <A href=href>{about}</A> }.into_any(), None => view! { <b>{about}</b> }.into_any() }}
                " "<span class="tag">{one.field.clone()}</span>" "<Pieces old=one.old new=one.new />
            </li>
        }
    };
    view! {
        <Show when=move || found.with(Option::is_some)>
            <section class="compared" data-testid="compared">
                <p class="inline"><b>{move || found.with(|found| format!("{} {}", found.as_ref().map_or(0, Vec::len),
                    words.w(W::PlacesWord)))}</b>
                    <button type="button" class="button button--plain" on:click=move |_| moments.set(None)>
                        {move || words.w(W::Close)}</button></p>
                <Show when=move || found.with(|found| found.as_ref().is_some_and(Vec::is_empty))>
                    <p class="dim">{move || words.w(W::NothingChanged)}</p></Show>
                <ul class="lines">{move || found.get().unwrap_or_default().into_iter().map(row).collect_view()}</ul>
            </section>
        </Show>
    }
}

/// The phrases that went and came.
#[component]
pub fn Pieces(old: String, new: String) -> impl IntoView {
    let piece = |piece: Piece| match piece {
        Piece::Same(words) => view! { <span>{words}</span> }.into_any(),
        Piece::Gone(words) => view! { <del>{words}</del> }.into_any(),
        Piece::New(words) => view! { <ins>{words}</ins> }.into_any(),
    };
    view! { <span class="pieces" data-shows="text">{difference(&old, &new).into_iter().map(piece).collect_view()}</span> }
}

/// The longest words of a record in a line.
const MOST: usize = 80;

/// A line as a sentence: who did what; with what went and came where that is asked for.
#[component]
pub fn Sentence(board: BoardId, line: Line, #[prop(optional)] shows_difference: bool) -> impl IntoView {
    let session = session();
    let words = words();
    let open = RwSignal::new(false);
    let shown = move || {
        let told = session.told(board, &line, words.lang());
        let (old, new) = (told.old.clone(), told.new.clone());
        let differs = shows_difference && matches!(line.deed, Deed::Wrote(_)) && old != new;
        view! {
            {(!matches!(line.deed, Deed::Imported { .. })).then(|| view! { <b>{by_words(words, &line.by)}</b>" " })}
                <span>{sentence(words, &line, &told)}</span>
            {told.now.map(|now| view! { <span class="dim">"（"{words.w(W::NowCalled)}{now}"）"</span> })}
            {differs.then(|| view! {
                <details class="change" on:toggle=move |_| open.set(true)>
                    <summary>{words.w(W::SeeChange)}</summary>
                    {move || open.get().then(|| view! { <p><Pieces old=old.clone() new=new.clone() /></p> })}
                </details>
            })}
        }
    };
    // Once, and anew in another language.
    view! { {shown} }
}

/// The name of the person; one that only the change says is told as such.
pub fn by_words(words: Words, by: &By) -> String {
    match (by.name.as_str(), by.proven) {
        ("", _) => words.w(W::UnknownProgram).to_owned(),
        (name, true) => name.to_owned(),
        (name, false) => format!("{name} · {}", words.w(W::NotProven)),
    }
}

fn sentence(words: Words, line: &Line, told: &LineWords) -> String {
    let w = |word| words.w(word);
    match &line.deed {
        Deed::Imported { sections, items, indicators } => format!(
            "{}：{} {sections}、{} {items}、{} {indicators}",
            w(W::ImportedBoard),
            w(W::MadeSections),
            w(W::MadeItems),
            w(W::MadeIndicators)
        ),
        Deed::Many { places, items } => {
            let of = if *items > 0 { format!("（{} {items}）", w(W::InItems)) } else { String::new() };
            format!("{} {places} {}{of}", w(W::WroteMany), w(W::PlacesWord))
        }
        Deed::Wrote(_) => wrote(words, line, told),
        Deed::Said(_) => {
            let mut said: String = told.new.chars().take(MOST).collect();
            if said.len() < told.new.len() {
                said.push('…');
            }
            let said = if said.is_empty() { said } else { format!("：{said}") };
            format!("{} {}{said}", told.field, told.about)
        }
    }
}

/// The act of a line that wrote one place.
fn wrote(words: Words, line: &Line, told: &LineWords) -> String {
    let w = |word| words.w(word);
    let LineWords { about, field, old, new, .. } = told;
    let times = if line.changes > 1 {
        format!("（{} {}）", line.changes, w(W::TimesWritten))
    } else {
        String::new()
    };
    let of = if about.is_empty() { "" } else { w(W::OfThing) };
    match told.did {
        Did::Added => format!("{} {field} {about}", w(W::AddedThing)),
        Did::GavePart => format!("{}{field}（{new}）：{about}", w(W::GavePart)),
        Did::TookPart => format!("{}{field}（{old}）：{about}", w(W::TookPart)),
        Did::Chose => format!("{}{about}{of}{field}{times}", w(W::ChosePlace)),
        Did::Wrote => format!("{} {about}{of}{field}{times}", w(W::WroteField)),
    }
}

/// News of a board: the deeds of others since a time, and those that came since.
pub fn news(session: Session, board: BoardId, since: i64) -> Vec<Line> {
    let mut lines = session.history(board, since);
    lines.retain(|line| (line.to > since || line.arrived) && !session.wrote(&line.by.name));
    lines
}
