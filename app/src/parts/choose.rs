//! A list to choose from whose chosen value is kept elsewhere.

use leptos::html::Select;
use leptos::prelude::*;

/// Shows what is chosen, whatever becomes of the options around it: the browser keeps the place of an
/// option when others come before it, and would show another one than is meant.
#[component]
pub fn Choose(
    #[prop(into)] label: Signal<String>,
    /// Value and name of each, in the order they are shown.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// The value that is chosen; empty for none.
    #[prop(into)]
    chosen: Signal<String>,
    /// The name of choosing nothing; without one something is always chosen.
    #[prop(optional, into)]
    none: Option<Signal<String>>,
    #[prop(optional)] testid: &'static str,
    #[prop(optional)] required: bool,
    on_choose: impl Fn(String) + 'static,
) -> impl IntoView {
    let select = NodeRef::<Select>::new();
    Effect::new(move |_| {
        options.track();
        let chosen = chosen.get();
        // After the options are drawn, and before anybody sees them.
        request_animation_frame(move || {
            // The list may be gone by then.
            if let Some(select) = select.try_get_untracked().flatten() {
                select.set_value(&chosen);
            }
        });
    });
    let choose = move |event: leptos::ev::Event| {
        on_choose(event_target_value(&event));
        // A choice that was not taken is not shown as chosen; the act may have taken the list away.
        let shown = select.try_get_untracked().flatten().zip(chosen.try_get_untracked());
        if let Some((select, chosen)) = shown {
            select.set_value(&chosen);
        }
    };
    view! {
        <select node_ref=select aria-label=label data-testid=(!testid.is_empty()).then_some(testid) required=required on:change=choose>
            {none.map(|none| view! { <option value="">{none}</option> })}
            <For each=move || options.get() key=|one| one.clone() let:one><option value=one.0>{one.1}</option></For>
        </select>
    }
}
