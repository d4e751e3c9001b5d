//! 指标: target, reported, gap; each number leads to who reported it and to the sentence.

use super::ClashCard;
use crate::app::session;
use crate::browser::time_words;
use crate::lang::{W, words};
use crate::parts::{Choose, NumberChoice, NumberIs};
use crate::session::Session;
use crate::view::{BoardView, IndicatorView};
use leptos::prelude::*;
use std::collections::BTreeMap;
use tongban_shared::edit::Edit;
use tongban_shared::entry::{EntryKind, Reach, Subject};
use tongban_shared::fold::{self, Standing};
use tongban_shared::id::{BoardId, IndicatorId};
use tongban_shared::import::IndicatorKind;
use tongban_shared::model::Feed;
use tongban_shared::publication::{number_words, reported_words, target_words};
use tongban_shared::rule::{self, Scene};
use tongban_shared::template;
use tongban_shared::text::typed_number;
use tongban_shared::views::clashes;

#[component]
pub fn Indicators(id: BoardId, board: BoardView) -> impl IntoView {
    let session = session();
    let words = words();
    let all = board.indicators.clone();
    let ids = {
        let all = all.clone();
        Memo::new(move |_| all.with(|all| all.iter().map(|one| one.id).collect::<Vec<_>>()))
    };
    let numbers = {
        let all = all.clone();
        Memo::new(move |_| filled(session, id, &all.get()))
    };
    view! {
        <Show when=move || ids.with(Vec::is_empty)><p class="dim">{move || words.w(W::NoIndicators)}</p></Show>
        <ul class="indicators">
            <For each=move || ids.get() key=|id| *id let:one>
                <IndicatorLine board=id id=one all=all.clone() numbers view=board.clone() />
            </For>
        </ul>
    }
}

/// The numbers that rules of this and other boards bring to indicators of a board, each rule worked out once; none
/// where one of the boards is not on this device. Follows those boards.
pub fn filled(session: Session, own: BoardId, indicators: &[IndicatorView]) -> BTreeMap<IndicatorId, f64> {
    let feeds = indicators.iter().filter_map(|one| {
        let indicator = &one.indicator;
        Some((one.id, indicator.fed_by.as_ref()?, indicator.target.unit.as_str()))
    });
    let look = |source, seen: &mut dyn FnMut(&Scene<'_>)| {
        if let Some(from) = session.view.board(source) {
            from.revision.track();
            session.look(source, seen);
        }
    };
    rule::fed(own, feeds, look)
}

#[component]
fn IndicatorLine(
    board: BoardId,
    id: IndicatorId,
    all: ArcRwSignal<std::sync::Arc<Vec<IndicatorView>>>,
    numbers: Memo<BTreeMap<IndicatorId, f64>>,
    view: BoardView,
) -> impl IntoView {
    let session = session();
    let words = words();
    let reported = Memo::new(move |_| all.with(|all| all.iter().find(|one| one.id == id).cloned()));
    // An indicator that a rule fills shows the rule's number, of today.
    let fed = Memo::new(move |_| {
        let feed = reported.with(|one| one.as_ref()?.indicator.fed_by.clone())?;
        let number = numbers.with(|numbers| numbers.get(&id).copied());
        let named = feed.boards(board).into_iter().map(|source| {
            // The board may not be on this device: then the number is not known here.
            let Some(from) = session.view.board(source) else { return words.w(W::BoardNotHere).to_owned() };
            let title = from.head.with(|head| head.title.clone());
            let template = from.head.with(|head| template::of(head));
            let rule =
                template.as_ref().ok().and_then(|one| one.rules.iter().find(|rule| rule.id() == feed.rule));
            let name = rule.map_or(feed.rule.as_str(), |rule| rule.name().get(words.lang()));
            format!("{title} · {name}")
        });
        let named: Vec<String> = named.collect();
        Some((named.join("、"), number))
    });
    let one = Memo::new(move |_| {
        let mut one = reported.get()?;
        if let Some((_, number)) = fed.get() {
            one.standing = fold::standing_of_total(&one.indicator.target, number);
        }
        Some(one)
    });
    let value = RwSignal::new(String::new());
    let meant = RwSignal::new(NumberIs::default());
    let reach = Memo::new(move |_| reported.with(|one| one.as_ref().and_then(|one| one.indicator.reach)));
    let period = RwSignal::new(crate::browser::today()[..4].to_owned());
    let report = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(number) = value.with_untracked(|value| typed_number(value)) else {
            return session.notice(words.w(W::NotANumber));
        };
        let subject = Subject { board, item: None, unit: None, indicator: Some(id) };
        let written = session.write_entry(subject, EntryKind::Value, |entry| {
            entry.value = Some(number);
            meant.get_untracked().within(reach.get_untracked()).write(entry);
            entry.period = Some(period.get_untracked());
        });
        if written {
            value.set(String::new());
        }
    };
    // The total with this number, before it is said.
    let after = Memo::new(move |_| {
        let number = value.with(|value| typed_number(value))?;
        let one = one.get()?;
        let subject = Subject { board, item: None, unit: None, indicator: Some(id) };
        let (meant, period) = (meant.get().within(reach.get()), period.get());
        let (total, year) = session.total_after(subject, |entry| {
            (entry.value, entry.period) = (Some(number), Some(period));
            meant.write(entry);
        })?;
        let target = &one.indicator.target;
        let gap = match fold::standing_of_total(target, Some(total)) {
            Standing::Short(gap) => format!(" · {} {} {}", words.w(W::Gap), number_words(gap), target.unit),
            stands => format!(" · {}", words.w(stands.word())),
        };
        Some(format!("{} {}{gap}", words.w(W::AfterReport), reported_words(total, &target.unit, year)))
    });
    let may = view.may;
    let decide = {
        let may = may.clone();
        move || may.get().decide
    };
    view! {
        <li class="indicator">
        {move || one.get().map(|view| {
            let target = &view.indicator.target;
            let total = match fed.get() {
                Some((_, number)) => number,
                None => view.progress.total(target.year, view.indicator.combine),
            };
            let baseline = view.indicator.kind == IndicatorKind::Baseline;
            let space = session.view.space.get();
            let (year, combine) = (target.year, view.indicator.combine);
            let summands = if fed.get().is_some() { Vec::new() } else { view.progress.summands(year, combine) };
            let numbers = session.look(board, |scene| clashes(scene, words.lang())).unwrap_or_default();
            let numbers: Vec<_> = numbers.into_iter().filter(|clash| clash.register.is_none() && clash.indicator == Some(id)).collect();
            let adds = words.w(fold::combined(combine, view.indicator.reach));
            let unsaid = if fed.get().is_some() { None } else { view.progress.unsaid_year(target, combine) };
            let rivals = view.indicator.rivals.clone();
            let (decide, standing) = (decide.clone(), view.standing);
            view! {
                <div class="indicator__head">
                    <h3>{view.indicator.name.clone()}</h3>
                    <span class="tag" data-standing=format!("{standing:?}")>{words.w(if baseline { W::Baseline } else { standing.word() })}</span>
                </div>
                <p class="tabular">{words.w(W::Target)}"："{target_words(target)}" · "{words.w(W::Reported)}"："
                    {total.map_or_else(|| words.w(W::NoData).to_owned(), |total| reported_words(total, &target.unit, unsaid))}
                    {if let Standing::Short(gap) = standing { (!baseline).then(|| format!(" · {} {} {}", words.w(W::Gap), number_words(gap), target.unit)) } else { None }}
                </p>
                {fed.get().map(|(source, _)| view! { <p class="dim">{words.w(W::FedBy)}"："{source}</p> })}
                {(!view.indicator.scope.is_empty()).then(|| view! { <p class="dim">{view.indicator.scope.clone()}</p> })}
                {(!rivals.is_empty()).then(|| view! {
                    <div class="clash"><p>{words.w(W::TwoTargets)}</p>
                        {rivals.into_iter().map(|rival| {
                            let decide = decide.clone();
                            let shown = target_words(&rival);
                            view! { <button type="button" class="button" disabled=move || !decide() on:click=move |_| session.edit_board(board, Edit::SetTarget { id, target: rival.clone() })>{words.w(W::Use)}" "{shown}</button> }
                        }).collect_view()}
                    </div>
                })}
                {numbers.into_iter().map(|clash| view! { <ClashCard board clash /> }).collect_view()}
                {(!summands.is_empty()).then(|| view! {
                    <details data-testid="summands"><summary>{words.w(W::HowAdded)}"："{adds}</summary>
                        <ul class="reported">{summands.into_iter().map(|one| {
                            let meant = NumberIs::of(&one);
                            view! {
                                <li class:dim=!one.counts><span class="dim">
                                    {one.period.clone()}</span>" "{space.unit_name(one.unit)}" "<b class="tabular">
                                    {number_words(one.value)}</b>" "{words.w(meant.word())}" "<span
                                    class="dim tabular">{time_words(one.said / 1000)}</span>
                                    {(!one.counts).then(|| view! { " "<span class="tag">{words.w(W::BesideTotal)}</span> })}</li>
                            }
                        }).collect_view()}</ul>
                    </details>
                })}
                <details data-shows="text">
                    <summary>{words.w(W::SourceSentence)}</summary>
                    <blockquote>{view.indicator.quote.clone()}</blockquote>
                </details>
            }
        })}
        <Show when={ let may = may.clone(); move || may.get().decide && fed.with(Option::is_none) }><ReachRow board id reach /></Show>
        <Show when={ let may = may.clone(); move || may.get().decide }><FeedRow board id fed_by=Signal::derive(move || reported.with(|one| one.as_ref()?.indicator.fed_by.clone())) /></Show>
        <Show when={ let may = may.clone(); move || may.get().records(EntryKind::Value) && fed.with(Option::is_none) }>
            <form class="inline" on:submit=report>
                <input class="short" inputmode="decimal" aria-label=move || words.w(W::Value) placeholder=move || words.w(W::Value) bind:value=value />
                <input class="short" aria-label=move || words.w(W::Period) bind:value=period />
                <NumberChoice reach meant />
                <button class="button" type="submit">{move || words.w(W::ReportValue)}</button>
                <span class="dim" role="status" data-testid="after-report">{after}</span>
            </form>
        </Show>
        </li>
    }
}

/// The choice whether units report their share or the whole: as the lead says, or as each report says.
#[component]
fn ReachRow(board: BoardId, id: IndicatorId, reach: Memo<Option<Reach>>) -> impl IntoView {
    let session = session();
    let words = words();
    let options = Signal::derive(move || {
        [("own", W::ReachOwn), ("whole", W::ReachWhole)]
            .map(|(value, word)| (value.to_owned(), words.w(word).to_owned()))
            .to_vec()
    });
    let chosen = Signal::derive(move || match reach.get() {
        Some(Reach::Own) => "own".to_owned(),
        Some(Reach::Whole) => "whole".to_owned(),
        None => String::new(),
    });
    let choose = move |value: String| {
        let reach = match value.as_str() {
            "own" => Some(Reach::Own),
            "whole" => Some(Reach::Whole),
            _ => None,
        };
        session.edit_board(board, Edit::SetReach { id, reach });
    };
    let none = Signal::derive(move || words.w(W::ReachAsSaid).to_owned());
    let label = Signal::derive(move || words.w(W::ReachOfReports).to_owned());
    view! { <p class="inline"><span class="dim">{move || words.w(W::ReachOfReports)}</span>
    <Choose label options chosen none on_choose=choose testid="reach" /></p> }
}

/// A rule that may fill an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Feeder {
    board: BoardId,
    rule: String,
    name: String,
    title: String,
    /// Boards with the same rule may be added to it.
    adds_up: bool,
    /// One of them instead of all, by key and name.
    groups: Vec<(String, String)>,
}

/// Which rule of which board fills an indicator: chosen from those whose result is a number.
#[component]
fn FeedRow(board: BoardId, id: IndicatorId, fed_by: Signal<Option<Feed>>) -> impl IntoView {
    let session = session();
    let words = words();
    let open = RwSignal::new(false);
    let feeders = Memo::new(move |_| {
        if !open.get() {
            return Vec::new();
        }
        let mut all: Vec<Feeder> = Vec::new();
        for (source, from) in session.view.listed_boards() {
            let title = if source == board {
                words.w(W::ThisBoard).to_owned()
            } else {
                from.head.with(|head| head.title.clone())
            };
            let named = session.look(source, |scene| {
                let feeder = |rule: &rule::Rule| Feeder {
                    board: source,
                    rule: rule.id().to_owned(),
                    name: rule.name().get(words.lang()).to_owned(),
                    title: title.clone(),
                    adds_up: rule::adds_up(rule),
                    groups: rule
                        .find(scene, None)
                        .map(|one| one.groups(scene, words.lang()))
                        .unwrap_or_default(),
                };
                rule::feeders(scene).map(feeder).collect::<Vec<_>>()
            });
            all.extend(named.unwrap_or_default());
        }
        all
    });
    let choose = move |event: leptos::ev::Event| {
        let value = event_target_value(&event);
        let feed = value.split_once(' ').and_then(|(source, rule)| {
            Some(Feed { board: Some(source.parse().ok()?), rule: rule.to_owned(), ..Feed::default() })
        });
        session.edit_board(board, Edit::SetFeed { id, feed });
    };
    let add = move |source: BoardId, wanted: bool| {
        let Some(mut feed) = fed_by.get_untracked() else { return };
        if wanted {
            feed.also.insert(source);
        } else {
            feed.also.remove(&source);
        }
        session.edit_board(board, Edit::SetFeed { id, feed: Some(feed) });
    };
    let pick = move |event: leptos::ev::Event| {
        let Some(mut feed) = fed_by.get_untracked() else { return };
        feed.group = Some(event_target_value(&event)).filter(|group| !group.is_empty());
        session.edit_board(board, Edit::SetFeed { id, feed: Some(feed) });
    };
    // The groups of the chosen rule, and whether each is the one.
    let groups = Memo::new(move |_| {
        let Some(feed) = fed_by.get() else { return Vec::new() };
        let source = feed.board.unwrap_or(board);
        let own = feeders.get().into_iter().find(|one| one.board == source && one.rule == feed.rule);
        let mark = |(key, name): (String, String)| (feed.group.as_ref() == Some(&key), key, name);
        own.map(|one| one.groups.into_iter().map(mark).collect()).unwrap_or_default()
    });
    let current = move || {
        fed_by.get().map(|feed| format!("{} {}", feed.board.unwrap_or(board), feed.rule)).unwrap_or_default()
    };
    // Other boards with the same rule.
    let others = Memo::new(move |_| {
        let Some(feed) = fed_by.get() else { return Vec::new() };
        let source = feed.board.unwrap_or(board);
        let alike = |one: &Feeder| one.adds_up && one.rule == feed.rule && one.board != source;
        feeders.get().into_iter().filter(alike).map(|one| (feed.also.contains(&one.board), one)).collect()
    });
    view! {
        <details on:toggle=move |_| open.set(true)>
            <summary>{move || words.w(W::FedBy)}</summary>
            <select aria-label=move || words.w(W::FedBy) on:change=choose>
                <option value="">{move || words.w(W::FedByNone)}</option>
                <For each=move || feeders.get() key=|one| one.clone() let:one>
                    {
                        let value = format!("{} {}", one.board, one.rule);
                        let own = value.clone();
                        view! { <option value=value selected=move || current() == own>{format!("{} · {}", one.title, one.name)}</option> }
                    }
                </For>
            </select>
            <Show when=move || !groups.with(Vec::is_empty)>
                <select aria-label=move || words.w(W::OneGroup) on:change=pick>
                    <option value="">{move || words.w(W::AllGroups)}</option>
                    <For each=move || groups.get() key=|one| one.clone() let:one><option value=one.1.clone() selected=one.0>{one.2.clone()}</option></For>
                </select>
            </Show>
            <Show when=move || !others.with(Vec::is_empty)>
                <fieldset class="stack"><legend>{move || words.w(W::FedAlso)}</legend>
                    <For each=move || others.get() key=|one| one.clone() let:one>
                        <label class="check"><input type="checkbox" checked=one.0 on:change=move |event| add(one.1.board, event_target_checked(&event)) />{one.1.title.clone()}</label>
                    </For>
                </fieldset>
            </Show>
        </details>
    }
}
