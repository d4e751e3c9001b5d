//! 审计: the server's trail for administrators, and what does not count on the boards here.

use super::role_word;
use crate::api;
use crate::app::session;
use crate::browser::{now, time_words};
use crate::lang::{W, Words, words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::components::A;
use tongban_shared::access::Action;
use tongban_shared::fold::Apart;
use tongban_shared::id::{BoardId, PersonId, UnitId};
use tongban_shared::trust::{Act, Doubt, reason_words};

#[component]
pub fn Audit() -> impl IntoView {
    let words = words();
    view! {
        <h1>{move || words.w(W::Audit)}</h1>
        <LastBackup />
        <NotCounted />
        <super::costs::Costs />
        <Trail />
    }
}

/// Entries in the logs here that have no effect.
#[component]
fn NotCounted() -> impl IntoView {
    let session = session();
    let words = words();
    let all = Memo::new(move |_| {
        // Entries are judged when they come, and anew when boards are read anew.
        session.view.said.track();
        session.view.boards.with(|boards| boards.values().for_each(|board| board.revision.track()));
        session.apart()
    });
    let line = move |apart: Apart| {
        let unit = session.view.space.with(|space| space.unit_name(apart.log.1));
        let board = apart.log.0;
        let title = session.view.board(board).map(|view| view.head.with(|head| head.title.clone()));
        let link = match apart.entry.subject.item {
            Some(item) => format!("/b/{board}?item={item}"),
            None => format!("/b/{board}"),
        };
        view! {
            <li class="clash"><b>{apart.doubt.to_string()}</b>" "{unit}" "<span class="dim tabular">{time_words(apart.entry.said / 1000)}</span>
                " "<A href=link>{title.unwrap_or_default()}</A>" "<span>{apart.entry.body.clone()}</span></li>
        }
    };
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <section aria-labelledby="apart">
                <h2 id="apart">{move || words.w(W::NotCountedEntries)}" "<span class="count">{move || all.with(Vec::len)}</span></h2>
                <ul class="lines" data-testid="apart">{move || all.get().into_iter().map(line).collect_view()}</ul>
            </section>
        </Show>
    }
}

/// Seconds after which a backup is old.
const OLD: i64 = 7 * 24 * 60 * 60;

/// When the server was last backed up, as its trail has it; nothing where that cannot be asked.
#[component]
fn LastBackup() -> impl IntoView {
    let session = session();
    let words = words();
    let asked = RwSignal::new(None::<Option<i64>>);
    Effect::new(move || {
        if session.view.allows(Action::Administer) {
            spawn_local(async move {
                if let Ok(found) = api::audit(Act::BackedUp.word()).await
                    && !asked.is_disposed()
                {
                    asked.set(Some(found.iter().map(|record| record.at / 1000).max()));
                }
            });
        }
    });
    let old = move |last: Option<i64>| last.is_none_or(|at| now() - at > OLD);
    let told = move |last: Option<i64>| match last {
        Some(at) => format!("{}{}", words.w(W::LastBackup), time_words(at)),
        None => words.w(W::NeverBackedUp).to_owned(),
    };
    view! {
        {move || asked.get().map(|last| view! {
            <p class:clash=old(last) data-testid="last-backup">{told(last)}
                {old(last).then(|| view! { " "<span>{words.w(W::BackupHow)}</span>" "<code>"tongban backup"</code> })}</p>
        })}
    }
}

#[component]
fn Trail() -> impl IntoView {
    let session = session();
    let words = words();
    let (act, records) = (RwSignal::new(String::new()), RwSignal::new(Vec::<api::Record>::new()));
    let error = RwSignal::new(None::<String>);
    Effect::new(move || {
        let act = act.get();
        // The server is not asked for what it would refuse.
        if !session.view.allows(Action::Administer) {
            return error.set(Some(words.w(W::NoRight).to_owned()));
        }
        spawn_local(async move {
            match api::audit(&act).await {
                Ok(found) => {
                    records.set(found);
                    error.set(None);
                }
                Err(api::ApiError::Refused(why)) => error.set(Some(why)),
                Err(_) => error.set(Some(words.w(W::CannotReach).to_owned())),
            }
        });
    });
    let person = move |id: &str| {
        let id = id.parse::<PersonId>().ok();
        session.view.space.with(|space| {
            let found = id.and_then(|id| space.persons.get(&id));
            found.map(|person| person.name.clone()).unwrap_or_default()
        })
    };
    let unit = move |id: &str| {
        let id = id.parse::<UnitId>().ok();
        id.map(|id| session.view.space.with(|space| space.unit_name(id))).unwrap_or_default()
    };
    let board = move |id: &str| {
        let id = id.parse::<BoardId>().ok();
        session.view.space.with(|space| {
            let listed = id.and_then(|id| space.boards.get(&id));
            listed.map(|listed| listed.title.clone()).unwrap_or_default()
        })
    };
    let line = move |record: api::Record| {
        let by = record.by.as_deref().map(person).unwrap_or_default();
        let what = Act::from_word(&record.act);
        let label = what.map_or_else(|| record.act.clone(), |act| words.w(act.label()).to_owned());
        view! {
            <tr>
                <td class="tabular">{record.seq}</td>
                <td class="tabular">{time_words(record.at / 1000)}</td>
                <td>{label}</td>
                <td>{by}</td>
                <td>{details(words, (what, &record.about), (&person, &unit, &board))}</td>
            </tr>
        }
    };
    view! {
        <section aria-labelledby="trail">
            <h2 id="trail">{move || words.w(W::AuditTrail)}</h2>
            <p class="dim">{move || words.w(W::AuditHint)}</p>
            <p class="inline"><select aria-label=move || words.w(W::AuditAct) data-testid="act" on:change=move |event| act.set(event_target_value(&event))>
                <option value="">{move || words.w(W::AllActs)}</option>
                {Act::ALL.iter().map(|act| view! { <option value=act.word()>{move || words.w(act.label())}</option> }).collect_view()}
            </select></p>
            <p class="error" role="alert">{move || error.get()}</p>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="trail">
                <table class="table" data-testid="trail">
                    <thead><tr>
                        <th>{move || words.w(W::RunningNumber)}</th><th>{move || words.w(W::AuditTime)}</th><th>{move || words.w(W::AuditAct)}</th>
                        <th>{move || words.w(W::AuditPerson)}</th><th>{move || words.w(W::AuditDetails)}</th>
                    </tr></thead>
                    <tbody><For each=move || records.get() key=|one| one.seq let:one>{line(one)}</For></tbody>
                </table>
            </div>
        </section>
    }
}

/// How somebody signed in, and from where, as people say it.
pub(super) fn plain(words: Words, text: &str) -> String {
    let word = match text {
        "password" => W::ByPassword,
        "passkey" => W::Passkeys,
        "code" => W::OneTimeCode,
        "provider" => W::ByProvider,
        "127.0.0.1" | "::1" => W::ThisComputer,
        _ => return text.to_owned(),
    };
    words.w(word).to_owned()
}

/// How many a record of a count stands for: the rest of an hour, of so many since then.
fn count_words(words: Words, about: &serde_json::Value) -> Option<String> {
    let (count, within) = (about["count"].as_u64()?, about["within"].as_u64()?);
    let since = time_words(about["since"].as_i64()? / 1000);
    let more = if count < within { "+" } else { "" };
    let times = words.w(W::OnceMore);
    Some(format!(
        "{more}{count}{times}（{}{since}{}{within}{times}）",
        words.w(W::FromThen),
        words.w(W::WithinTheHour)
    ))
}

/// A record in words: how many it stands for, doubts and their entries, then the other things it names.
fn details(
    words: Words,
    (act, about): (Option<Act>, &serde_json::Value),
    (person, unit, board): (&impl Fn(&str) -> String, &impl Fn(&str) -> String, &impl Fn(&str) -> String),
) -> String {
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut parts: Vec<String> = count_words(words, about).into_iter().collect();
    for entry in about["entries"].as_array().into_iter().flatten() {
        let doubt = Doubt::ALL.into_iter().find(|doubt| doubt.word() == word(&entry["doubt"]));
        let doubt = doubt.map(|doubt| doubt.to_string()).unwrap_or_default();
        parts.push(format!(
            "{doubt}：{} {} {}",
            unit(&word(&entry["unit"])),
            person(&word(&entry["person"])),
            word(&entry["words"])
        ));
    }
    if let Some(object) = about.as_object() {
        for (key, value) in object {
            let text = word(value);
            let shown = match key.as_str() {
                "entries" | "document" | "key" | "what" | "count" | "within" | "since" => continue,
                "code" if about["why"].is_string() => continue,
                "unit" => unit(&text),
                "board" => board(&text),
                "why" => reason_words(act, &text, words.lang()).unwrap_or(text),
                "person" | "resets" => person(&text),
                "role" => words.w(role_word(&text)).to_owned(),
                "was" => {
                    format!("← {} {}", unit(&word(&value["unit"])), words.w(role_word(&word(&value["role"]))))
                }
                _ if value.is_number() => value.to_string(),
                _ => plain(words, &text),
            };
            if !shown.is_empty() {
                parts.push(shown);
            }
        }
    }
    parts.join("；")
}
