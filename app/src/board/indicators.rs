//! 指标: target, reported, gap; each number leads to who reported it and to the sentence.

use crate::app::session;
use crate::lang::{W, words};
use crate::parts::standing_word;
use crate::view::{BoardView, IndicatorView};
use leptos::prelude::*;
use tongban_shared::edit::Edit;
use tongban_shared::entry::{EntryKind, Measure, Subject};
use tongban_shared::fold::{self, Standing};
use tongban_shared::id::{BoardId, IndicatorId};
use tongban_shared::import::IndicatorKind;
use tongban_shared::model::Feed;
use tongban_shared::publication::{number_words, target_words};
use tongban_shared::rule;

#[component]
pub fn Indicators(id: BoardId, board: BoardView) -> impl IntoView {
    let words = words();
    let all = board.indicators.clone();
    let ids = {
        let all = all.clone();
        Memo::new(move |_| all.with(|all| all.iter().map(|one| one.id).collect::<Vec<_>>()))
    };
    view! {
        <Show when=move || ids.with(Vec::is_empty)><p class="dim">{move || words.w(W::NoIndicators)}</p></Show>
        <ul class="indicators">
            <For each=move || ids.get() key=|id| *id let:one>
                <IndicatorLine board=id id=one all=all.clone() view=board.clone() />
            </For>
        </ul>
    }
}

#[component]
fn IndicatorLine(
    board: BoardId,
    id: IndicatorId,
    all: ArcRwSignal<std::sync::Arc<Vec<IndicatorView>>>,
    view: BoardView,
) -> impl IntoView {
    let session = session();
    let words = words();
    let reported = Memo::new(move |_| all.with(|all| all.iter().find(|one| one.id == id).cloned()));
    // An indicator that a rule fills shows the rule's number, of today.
    let fed = Memo::new(move |_| {
        let (feed, unit) = reported.with(|one| {
            let indicator = &one.as_ref()?.indicator;
            Some((indicator.fed_by.clone()?, indicator.target.unit.clone()))
        })?;
        let source = feed.board.unwrap_or(board);
        // The board may not be on this device: then the number is not known here.
        let Some(from) = session.view.board(source) else {
            return Some((words.w(W::BoardNotHere).to_owned(), None));
        };
        from.revision.track();
        let title = from.head.with(|head| head.title.clone());
        session.look(source, |scene| {
            let rule = scene.template.rules.iter().find(|rule| rule.id() == feed.rule);
            let name = rule.map_or(feed.rule.as_str(), |rule| rule.name().get(words.lang()));
            (format!("{title} · {name}"), rule::fed(scene, &feed, &unit).map(|(number, _)| number))
        })
    });
    let one = Memo::new(move |_| {
        let mut one = reported.get()?;
        if let Some((_, number)) = fed.get() {
            one.standing = fold::standing_of_total(&one.indicator.target, number);
        }
        Some(one)
    });
    let value = RwSignal::new(String::new());
    let measure = RwSignal::new(Measure::Level);
    let period = RwSignal::new(crate::browser::today()[..4].to_owned());
    let report = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Ok(number) = value.get_untracked().trim().parse::<f64>() else {
            return session.notice(words.w(W::NotANumber));
        };
        if !number.is_finite() {
            return session.notice(words.w(W::NotANumber));
        }
        let subject = Subject { board, item: None, unit: None, indicator: Some(id) };
        session.write_entry(subject, EntryKind::Value, |entry| {
            entry.value = Some(number);
            entry.measure = Some(measure.get_untracked());
            entry.period = Some(period.get_untracked());
        });
        value.set(String::new());
    };
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
            let reported: Vec<_> = view.progress.by_period.iter().flat_map(|(period, units)| {
                let space = space.clone();
                units.iter().map(move |(unit, value)| {
                    let waiting = if value.waiting.len() > 1 { value.waiting.iter().map(|one| number_words(*one)).collect::<Vec<_>>().join(" / ") } else { String::new() };
                    (period.clone(), space.unit_name(*unit), value.value.map(number_words).unwrap_or_default(), waiting)
                }).collect::<Vec<_>>()
            }).collect();
            let rivals = view.indicator.rivals.clone();
            let (decide, standing) = (decide.clone(), view.standing);
            view! {
                <div class="indicator__head">
                    <h3>{view.indicator.name.clone()}</h3>
                    <span class="tag" data-standing=format!("{standing:?}")>{words.w(if baseline { W::Baseline } else { standing_word(standing) })}</span>
                </div>
                <p class="tabular">{words.w(W::Target)}"："{target_words(target)}" · "{words.w(W::Reported)}"："
                    {total.map_or_else(|| words.w(W::NoData).to_owned(), |total| format!("{} {}", number_words(total), target.unit))}
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
                {(!reported.is_empty()).then(|| view! {
                    <ul class="reported">{reported.into_iter().map(|(period, unit, value, waiting)| view! {
                        <li><span class="dim">{period}</span>" "{unit}" "<b class="tabular">{value}</b>{(!waiting.is_empty()).then(|| view! { <span class="tag">{words.w(W::TwoValues)}" "{waiting}</span> })}</li>
                    }).collect_view()}</ul>
                })}
                <details><summary>{words.w(W::SourceSentence)}</summary><blockquote>{view.indicator.quote.clone()}</blockquote></details>
            }
        })}
        <Show when={ let may = may.clone(); move || may.get().decide }><FeedRow board id fed_by=Signal::derive(move || reported.with(|one| one.as_ref()?.indicator.fed_by.clone())) /></Show>
        <Show when={ let may = may.clone(); move || may.get().report && fed.with(Option::is_none) }>
            <form class="inline" on:submit=report>
                <input class="short" inputmode="decimal" aria-label=move || words.w(W::Value) placeholder=move || words.w(W::Value) bind:value=value />
                <input class="short" aria-label=move || words.w(W::Period) bind:value=period />
                <select aria-label=move || words.w(W::Measure) on:change=move |event| measure.set(if event_target_value(&event) == "increment" { Measure::Increment } else { Measure::Level })>
                    <option value="level">{move || words.w(W::Level)}</option>
                    <option value="increment">{move || words.w(W::Increment)}</option>
                </select>
                <button class="button" type="submit">{move || words.w(W::ReportValue)}</button>
            </form>
        </Show>
        </li>
    }
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
        let mut all: Vec<(String, String)> = Vec::new();
        for (source, from) in session.view.boards.get() {
            let title = if source == board {
                words.w(W::ThisBoard).to_owned()
            } else {
                from.head.with(|head| head.title.clone())
            };
            let named = session.look(source, |scene| {
                let value = |rule: &rule::Rule| {
                    (
                        format!("{source} {}", rule.id()),
                        format!("{title} · {}", rule.name().get(words.lang())),
                    )
                };
                rule::feeders(scene).map(value).collect::<Vec<_>>()
            });
            all.extend(named.unwrap_or_default());
        }
        all
    });
    let choose = move |event: leptos::ev::Event| {
        let value = event_target_value(&event);
        let feed = value.split_once(' ').and_then(|(source, rule)| {
            Some(Feed { board: Some(source.parse().ok()?), rule: rule.to_owned(), group: None })
        });
        session.edit_board(board, Edit::SetFeed { id, feed });
    };
    let current = move || {
        fed_by.get().map(|feed| format!("{} {}", feed.board.unwrap_or(board), feed.rule)).unwrap_or_default()
    };
    view! {
        <details on:toggle=move |_| open.set(true)>
            <summary>{move || words.w(W::FedBy)}</summary>
            <select aria-label=move || words.w(W::FedBy) on:change=choose>
                <option value="">{move || words.w(W::FedByNone)}</option>
                <For each=move || feeders.get() key=|one| one.clone() let:one>
                    { let value = one.0.clone(); view! { <option value=one.0.clone() selected=move || current() == value>{one.1.clone()}</option> } }
                </For>
            </select>
        </details>
    }
}
