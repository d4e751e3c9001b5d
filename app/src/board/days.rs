//! 时间轴 and 日程: what has a day, by item and by day.

use crate::app::session;
use crate::board::shows;
use crate::lang::{W, words};
use crate::pages::Filter;
use crate::parts::{Seen, light_class};
use crate::view::BoardView;
use leptos::prelude::*;
use leptos_router::components::A;
use tongban_shared::id::BoardId;
use tongban_shared::views::{self, Point, PointKind, TimelineRow};

/// Height of a row in CSS pixels.
const ROW: f64 = 34.0;

/// The place of a day between two others, in percent.
fn percent(from: jiff::civil::Date, to: jiff::civil::Date, on: jiff::civil::Date) -> f64 {
    let days = |date: jiff::civil::Date| date.since(from).map_or(0, |span| span.get_days());
    f64::from(days(on)) / f64::from(days(to).max(1)) * 100.0
}

const fn shape(point: &Point) -> &'static str {
    match (point.light, point.kind) {
        (Some(light), _) => light.shape(),
        (None, PointKind::Day) => "▪",
        (None, _) => "◇",
    }
}

#[component]
pub fn Timeline(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let seen = Seen::new(ROW);
    let revision = board.revision.clone();
    let line = Memo::new(move |_| {
        revision.track();
        let mut shows = shows(session, &board, filter.get());
        let mut line = session.look(id, |scene| views::timeline(scene, words.lang()))?;
        line.rows.retain(|row| shows(row.item));
        Some(line)
    });
    let count = Memo::new(move |_| line.with(|line| line.as_ref().map_or(0, |line| line.rows.len())));
    let span =
        Memo::new(move |_| line.with(|line| line.as_ref().map(|line| (line.from, line.to, line.today))));
    let rows = Memo::new(move |_| {
        let (from, to) = seen.range(count.get());
        // Points stand by the whole period: it is a part of every row.
        span.track();
        line.with(|line| {
            let rows = line.as_ref().and_then(|line| line.rows.get(from..to)).unwrap_or_default();
            rows.iter().cloned().enumerate().map(|(place, row)| (from + place, row)).collect::<Vec<_>>()
        })
    });
    // The first days of months or years that fit on the axis.
    let marks = Memo::new(move |_| {
        let Some((from, to, _)) = span.get() else { return Vec::new() };
        let year = |day: jiff::civil::Date| i32::from(day.year()) * 12 + i32::from(day.month());
        let months = year(to) - year(from);
        let step = [1, 3, 6, 12, 24, 60].into_iter().find(|step| months / step <= 12).unwrap_or(120);
        let first = from.first_of_month();
        let mark = |count: i32| first.checked_add(jiff::Span::new().try_months(count * step).ok()?).ok();
        (0..=200)
            .map_while(mark)
            .take_while(|day| *day <= to)
            .filter(|day| *day >= from)
            .map(|day| (percent(from, to, day), format!("{}-{:02}", day.year(), day.month())))
            .collect()
    });
    let row = move |index: usize, row: TimelineRow| {
        #[allow(clippy::cast_precision_loss, reason = "pixels")]
        let place = format!("translateY({}px)", ROW * index as f64);
        let (from, to, _) = span.get_untracked().unwrap_or_default();
        let points = row.points.into_iter().map(move |point| {
            let at = format!("{:.2}%", percent(from, to, point.on));
            let light = point.light.map(|light| words.w(light.word())).unwrap_or_default();
            let label = format!("{} {} {light}", point.on, point.name);
            let class = point.light.map_or("lamp", light_class);
            view! { <span class=format!("timeline__point {class}") style:inset-inline-start=at title=label.clone()><span aria-hidden="true">{shape(&point)}</span><span class="hidden">{label.clone()}</span></span> }
        });
        view! {
            <li class="timeline__row" style:transform=place>
                <A href=format!("?item={}", row.item) scroll=false attr:class="timeline__title">{row.number}" "{row.title}</A>
                <div class="timeline__line">{points.collect_view()}</div>
            </li>
        }
    };
    #[allow(clippy::cast_precision_loss, reason = "pixels")]
    let tall = move || format!("{}px", ROW * count.get() as f64);
    view! {
        <Show when=move || count.get() == 0><p class="dim">{move || words.w(W::NoDays)}</p></Show>
        <div class="timeline" class:sheet--none=move || count.get() == 0 node_ref=seen.element on:scroll=move |_| seen.look() data-testid="timeline"
            style:--today=move || span.get().map(|(from, to, today)| format!("{:.2}%", percent(from, to, today))).unwrap_or_default()>
            <div class="timeline__head" aria-hidden="true">
                <span class="timeline__title"></span>
                <div class="timeline__line">
                    {move || marks.get().into_iter().map(|(at, name)| view! { <span class="timeline__mark" style:inset-inline-start=format!("{at:.2}%")>{name}</span> }).collect_view()}
                    {move || span.get().map(|(from, to, today)| view! { <span class="timeline__today" style:inset-inline-start=format!("{:.2}%", percent(from, to, today))>{words.w(W::Today)}</span> })}
                </div>
            </div>
            <ol class="timeline__rows" style:block-size=tall>
                <For each=move || rows.get() key=move |row| format!("{row:?} {:?}", span.get_untracked()) let:one>{row(one.0, one.1.clone())}</For>
            </ol>
        </div>
        {move || line.with(|line| line.as_ref().map_or(0, |line| line.undated)).gt(&0).then(|| view! { <p class="dim">{words.w(W::Undated)}" "{line.with(|line| line.as_ref().map_or(0, |line| line.undated))}</p> })}
    }
}

#[component]
pub fn Agenda(id: BoardId, board: BoardView, filter: RwSignal<Filter>) -> impl IntoView {
    let session = session();
    let words = words();
    let revision = board.revision.clone();
    let today = crate::browser::today();
    let days = Memo::new(move |_| {
        revision.track();
        let mut shows = shows(session, &board, filter.get());
        let mut days = session.look(id, |scene| views::agenda(scene, words.lang())).unwrap_or_default();
        for (_, lines) in &mut days {
            lines.retain(|(point, _)| shows(point.item));
        }
        days.retain(|(_, lines)| !lines.is_empty());
        days.into_iter().map(|(day, lines)| (day.to_string(), lines)).collect::<Vec<_>>()
    });
    let line = move |(point, title): (Point, String)| {
        let light = point.light.map(|light| {
            view! { <span class=light_class(light)><span aria-hidden="true">{light.shape()}</span>" "{words.w(light.word())}</span> }
        });
        view! { <li class="agenda__line"><span class="dim">{point.name.clone()}</span>" "<A href=format!("?item={}", point.item) scroll=false>{title}</A>" "{light}</li> }
    };
    let of = move |past: bool| {
        let today = today.clone();
        move || {
            let mut days: Vec<_> = days.get().into_iter().filter(|(day, _)| (*day < today) == past).collect();
            if past {
                days.reverse();
            }
            days
        }
    };
    let (past, coming) = (of(true), of(false));
    let day = move |(day, lines): (String, Vec<(Point, String)>)| {
        view! { <section class="agenda__day"><h3 class="tabular">{day}</h3><ul>{lines.into_iter().map(line).collect_view()}</ul></section> }
    };
    let empty = past.clone();
    view! {
        <Show when=move || days.with(Vec::is_empty)><p class="dim">{move || words.w(W::NoDays)}</p></Show>
        <div data-testid="agenda">
            <h2>{move || words.w(W::Coming)}</h2>
            {move || coming().into_iter().map(day).collect_view()}
            <Show when=move || !empty().is_empty()>
                {
                    let past = past.clone();
                    view! { <details><summary>{move || words.w(W::Past)}</summary>{move || past().into_iter().map(day).collect_view()}</details> }
                }
            </Show>
        </div>
    }
}
