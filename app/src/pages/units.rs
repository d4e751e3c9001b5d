//! 单位与人员: units with groups and aliases, above them accounts for administrators.

use crate::app::session;
use crate::lang::{W, words};
use crate::parts::{Choose, as_options};
use leptos::prelude::*;
use tongban_shared::access::Action;
use tongban_shared::dictionary;
use tongban_shared::edit::Edit;
use tongban_shared::id::UnitId;
use tongban_shared::model::Unit;

#[component]
pub fn Units() -> impl IntoView {
    let session = session();
    let words = words();
    let may = Memo::new(move |_| session.view.allows(Action::WriteSpace));
    let administers = Memo::new(move |_| session.view.allows(Action::Administer));
    let units = Memo::new(move |_| {
        let mut units: Vec<(bool, usize, String, UnitId)> = session.view.space.with(|space| {
            let key = |(id, unit): (&UnitId, &Unit)| {
                (unit.members.is_empty(), dictionary::place(&unit.name), unit.name.clone(), *id)
            };
            space.units.iter().map(key).collect()
        });
        units.sort();
        units.into_iter().map(|(_, _, _, id)| id).collect::<Vec<_>>()
    });
    let name = RwSignal::new(String::new());
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = name.get_untracked().trim().to_owned();
        if text.is_empty() {
            return session.notice(words.w(W::NameNeeded));
        }
        let Some(space) = session.space_id() else { return };
        let (_, edits) = dictionary::named(space, &session.view.space.get_untracked(), &text);
        session.edit_space(&edits);
        name.set(String::new());
    };
    let add_set = move |event: leptos::ev::Event| {
        let set = dictionary::Set::from_id(&event_target_value(&event));
        if let Some((set, id)) = set.zip(session.space_id()) {
            let space = session.view.space.get_untracked();
            let edits = dictionary::add_set(id, &space, set);
            let new = edits.iter().filter(|edit| matches!(edit, Edit::AddUnit { .. })).count();
            session.edit_space(&edits);
            session.notice(&format!("{} {new}", words.w(W::UnitsAdded)));
        }
    };
    view! {
        <h1>{move || words.w(W::Units)}</h1>
        <Show when=move || administers.get()>
            <super::accounts::Accounts />
            <super::devices::Devices everybody=true />
            <super::lock::LockSettings />
            <super::zone::ZoneSetting />
        </Show>
        <section aria-labelledby="units">
            <h2 id="units">{move || words.w(W::UnitList)}" "<span class="count">{move || units.with(Vec::len)}</span></h2>
            <Show when=move || may.get()>
                <form class="inline" on:submit=add>
                    <input aria-label=move || words.w(W::NewUnit) placeholder=move || words.w(W::NewUnit) bind:value=name />
                    <button class="button" type="submit">{move || words.w(W::Add)}</button>
                    <select aria-label=move || words.w(W::AddFromDictionary) data-testid="dictionary" on:change=add_set>
                        <option value="">{move || words.w(W::AddFromDictionary)}</option>
                        {dictionary::Set::ALL.map(|set| view! { <option value=set.id()>{move || words.w(set.word())}</option> }).collect_view()}
                    </select>
                </form>
            </Show>
            <ul class="items"><For each=move || units.get() key=|id| *id let:id><UnitLine id may /></For></ul>
        </section>
    }
}

#[component]
fn UnitLine(id: UnitId, may: Memo<bool>) -> impl IntoView {
    let session = session();
    let words = words();
    let unit = Memo::new(move |_| {
        session.view.space.with(|space| space.units.get(&id).cloned().unwrap_or_default())
    });
    let group = move || unit.with(|unit: &Unit| unit.kind == "group" || !unit.members.is_empty());
    let alias = RwSignal::new(String::new());
    let add_alias = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = alias.get_untracked().trim().to_owned();
        if text.is_empty() {
            return session.notice(words.w(W::NameNeeded));
        }
        session.edit_space(&[Edit::SetAlias { unit: id, alias: text, present: true }]);
        alias.set(String::new());
    };
    let members = Memo::new(move |_| {
        let space = session.view.space.get();
        dictionary::in_order(&space, unit.with(|unit| unit.members.iter().copied().collect::<Vec<_>>()))
    });
    // Those that are members already are not offered: choosing one would change nothing.
    let others = Memo::new(move |_| {
        let members = unit.with(|unit| unit.members.clone());
        let new = |one: &UnitId| *one != id && !members.contains(one);
        session.view.space.with(|space| dictionary::in_order(space, space.units.keys().copied().filter(new)))
    });
    let others = Signal::derive(move || others.with(|units| as_options(units)));
    // A list of all units in each of them is a great deal to draw for what stays closed.
    let drawn = RwSignal::new(false);
    let add_member = Signal::derive(move || words.w(W::AddMember).to_owned());
    let join = move |unit: String| {
        if let Ok(unit) = unit.parse() {
            session.edit_space(&[Edit::SetGroupMember { group: id, unit, present: true }]);
        }
    };
    view! {
        <li class="item">
            <details>
                <summary on:click=move |_| drawn.set(true)><span class="item__title">{move || unit.with(|unit| unit.name.clone())}</span>
                    " "<span class="dim tabular" title=move || words.w(W::PlaceCode)>{move || unit.with(|unit| unit.code.clone())}</span>
                    <Show when=group><span class="tag">{move || words.w(W::Group)}" "{move || members.with(Vec::len)}</span></Show>
                </summary>
                <ul class="chips">
                    <For each=move || unit.with(|unit| unit.aliases.iter().cloned().collect::<Vec<_>>()) key=|one| one.clone() let:one>
                        <li class="chip">{one.clone()}
                            <Show when=move || may.get()><button type="button" class="chip__x" aria-label=words.w(W::TakeOff) on:click={ let one = one.clone(); move |_| session.edit_space(&[Edit::SetAlias { unit: id, alias: one.clone(), present: false }]) }>"✕"</button></Show>
                        </li>
                    </For>
                    <For each=move || members.get() key=|one| one.clone() let:one>
                        <li class="chip">{one.1.clone()}
                            <Show when=move || may.get()><button type="button" class="chip__x"
                                aria-label=words.w(W::TakeOff)
                                on:click=move |_| session.edit_space(&[Edit::SetGroupMember { group: id, unit: one.0,
                                present: false }])>"✕"</button></Show>
                        </li>
                    </For>
                </ul>
                <Show when=move || may.get() && drawn.get()>
                    <form class="inline" on:submit=add_alias>
                        <input aria-label=move || words.w(W::Alias) placeholder=move || words.w(W::Alias) bind:value=alias />
                        <button class="button" type="submit">{move || words.w(W::Add)}</button>
                    </form>
                    <Choose label=add_member options=others chosen=Signal::stored(String::new()) none=add_member on_choose=join />
                </Show>
            </details>
        </li>
    }
}
