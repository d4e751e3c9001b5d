//! The frame: rail, badge, the page at an address.

use crate::board::AskClash;
use crate::browser;
use crate::fault;
use crate::lacks::CannotKeep;
use crate::lang::{Lang, W, Words, words};
use crate::offline;
use crate::pages::{
    Attention, Audit, BoardPage, Desk, Device, ImportPage, Join, LockPage, NewBoard, OversightPage,
    OwnLedger, OwnProjects, RemindPage, Report, SignIn, Units, waiting_decisions,
};
use crate::parts::{BadgeButton, Confirm, Notice, show_beginnings, unfold_on_paper, watch_drops};
use crate::session::Session;
use crate::view::{Gate, Uncertified};
use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::hooks::use_location;
use leptos_router::path;
use tongban_shared::access::{AccountRole, Action};
use tongban_shared::entry::EntryKind;

/// The session of the running app.
pub fn session() -> Session {
    expect_context()
}

#[component]
pub fn App() -> impl IntoView {
    let session = Session::start();
    provide_context(session);
    let words = Words::load();
    provide_context(words);
    show_beginnings(words);
    offline::register_worker(session.view.new_version);
    Effect::new(move || {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", words.lang().tag());
        }
    });
    keys(session);
    crate::parts::hear_compositions();
    watch_use(session);
    watch_network(session);
    watch_drops(session, words);
    unfold_on_paper();
    fault::watch_uncaught(move || session.notice(words.w_untracked(W::StepFailed)));
    view! {
        <Router>
            <Show when=move || session.view.ready.get() fallback=Loading>
                <Frame />
            </Show>
        </Router>
    }
}

#[component]
fn Loading() -> impl IntoView {
    view! { <main class="page page--quiet"><h1>"同办"</h1></main> }
}

#[component]
fn Frame() -> impl IntoView {
    let session = session();
    let at = use_location();
    let signed_in = Memo::new(move |_| session.view.me.with(Option::is_some));
    let lang = words();
    let open = Memo::new(move |_| session.view.gate.get() == Gate::Open);
    // Text that was half written when the device was locked is there again when it is opened; nothing is
    // drawn before it was open once.
    let opened = Memo::new(move |was| was.copied().unwrap_or(false) || open.get());
    let joining = move || at.pathname.with(|path| path.starts_with("/join/"));
    // The router would take the address and leave the focus where it is.
    let skip = |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        browser::focus_soon("#main".to_owned());
    };
    view! {
        <CannotKeep />
        <Show when=move || !open.get()><LockPage /></Show>
        <Show when=move || opened.get()>
        <div hidden=move || !open.get() inert=move || !open.get()>
        <Show when=move || signed_in.get() || joining() fallback=|| view! { <SignIn /> }>
            <div class="frame">
                <a class="skip" href="#main" on:click=skip>{move || lang.w(W::SkipToContent)}</a>
                <Show when=move || signed_in.get()><TopBar /><Rail /></Show>
                <main id="main" class="page" tabindex="-1">
                    {move || session.view.uncertified.get().map(|why| {
                        let why = match why {
                            Uncertified::OthersUnsent => lang.w(W::OthersUnsent).to_owned(),
                            Uncertified::Refused(said) => said,
                        };
                        view! { <p class="error" role="alert">{lang.w(W::Uncertified)}{why}</p> }
                    })}
                    <Routes fallback=|| view! { <NotFound /> }>
                        <Route path=path!("/") view=Home />
                        <Route path=path!("/b/:board/:view?") view=BoardPage />
                        <Route path=path!("/report") view=Report />
                        <Route path=path!("/ledger") view=OwnLedger />
                        <Route path=path!("/u/:unit") view=OwnLedger />
                        <Route path=path!("/import") view=ImportPage />
                        <Route path=path!("/remind") view=RemindPage />
                        <Route path=path!("/new") view=NewBoard />
                        <Route path=path!("/oversight") view=OversightPage />
                        <Route path=path!("/attention") view=Attention />
                        <Route path=path!("/audit") view=Audit />
                        <Route path=path!("/device") view=Device />
                        <Route path=path!("/units") view=Units />
                        <Route path=path!("/join/:secret") view=Join />
                    </Routes>
                </main>
                <AskClash />
                <Notice />
                <Confirm />
            </div>
        </Show>
        </div>
        </Show>
    }
}

/// Whether the person here is of an enterprise, which has its items and no boards.
fn is_enterprise(session: Session) -> Memo<bool> {
    Memo::new(move |_| session.view.who().is_some_and(|who| who.role == AccountRole::Enterprise))
}

/// The first page of each role.
#[component]
fn Home() -> impl IntoView {
    let session = session();
    let enterprise = is_enterprise(session);
    view! { <Show when=move || enterprise.get() fallback=|| view! { <Desk /> }><OwnProjects /></Show> }
}

#[component]
fn NotFound() -> impl IntoView {
    let words = words();
    view! {
        <h1>{move || words.w(W::NotFound)}</h1>
        <p><A href="/">{move || words.w(W::Desk)}</A></p>
    }
}

#[component]
fn TopBar() -> impl IntoView {
    let session = session();
    let words = words();
    let name = Memo::new(move |_| session.view.space.with(|space| space.name.clone()));
    let unit = Memo::new(move |_| {
        let unit = session.view.me.with(|me| me.as_ref()?.unit.parse().ok());
        unit.map(|unit| session.view.space.with(|space| space.unit_name(unit))).unwrap_or_default()
    });
    view! {
        <header class="top">
            <a class="top__name" href="/">{move || if name.get().is_empty() { "同办".to_owned() } else { name.get() }}</a>
            <span class="top__unit">{unit}</span>
            <select
                class="top__lang"
                aria-label=move || words.w(W::Language)
                on:change=move |event| if let Some(lang) = Lang::from_tag(&event_target_value(&event)) { words.choose(lang) }
            >
                {Lang::ALL.map(|lang| view! { <option value=lang.tag() selected=move || words.lang() == lang>{lang.name()}</option> }).collect_view()}
            </select>
            <Show when=move || session.view.new_version.get()>
                <button type="button" class="button" on:click=move |_| offline::take_over()>{move || words.w(W::NewVersion)}</button>
            </Show>
            <BadgeButton />
        </header>
    }
}

/// Pages that a phone shows under 本机 and not in its bar: address, sign, name.
pub const MORE: [(&str, &str, W); 3] =
    [("/import", "⇩", W::Import), ("/units", "☷", W::Units), ("/audit", "✓", W::Audit)];

#[component]
fn Rail() -> impl IntoView {
    let words = words();
    let session = session();
    let administers = Memo::new(move |_| session.view.allows(Action::Administer));
    let reports = Memo::new(move |_| session.view.writes(EntryKind::Report));
    let oversees = Memo::new(move |_| session.view.who().is_some_and(|who| who.role.oversees()));
    let enterprise = is_enterprise(session);
    let waits = waiting_decisions(session, words);
    let link = move |href: &'static str, icon: &'static str, word: W| {
        // A phone has room for five; the others stand under 本机.
        let class = if MORE.iter().any(|(more, ..)| *more == href) {
            "rail__link rail__link--more"
        } else {
            "rail__link"
        };
        // Looked for on every page: it must be seen wherever somebody works.
        let count = (href == "/attention").then(|| {
            view! { <Show when=move || { waits.get() > 0 }>
            <b class="rail__count" data-testid="waits">{waits}</b></Show> }
        });
        view! {
            <A href=href exact=true attr:class=class>
                <span class="rail__icon" aria-hidden="true">{icon}</span><span>{move || words.w(word)}</span>{count}
            </A>
        }
    };
    view! {
        <nav class="rail" aria-label=move || words.w(W::Navigation)>
            <Show when=move || !enterprise.get() fallback=move || link("/", "▤", W::MyMatters)>
                {link("/", "▤", W::Desk)}
                {link("/import", "⇩", W::Import)}
                <Show when=move || reports.get()>{link("/report", "✎", W::Report)}</Show>
                {link("/ledger", "☰", W::LedgerView)}
                <Show when=move || oversees.get()>{link("/oversight", "∥", W::OversightView)}</Show>
                {link("/attention", "!", W::Attention)}
                {link("/units", "☷", W::Units)}
            </Show>
            <Show when=move || administers.get()>{link("/audit", "✓", W::Audit)}</Show>
            {link("/device", "▣", W::Device)}
        </nav>
    }
}

/// Sees whether anybody uses the device, and locks it when nobody does.
fn watch_use(session: Session) {
    for event in ["keydown", "compositionupdate", "pointerdown", "wheel"] {
        let _ = window_event_listener_untyped(event, move |_| session.note_use());
    }
    // Timers stand still while a telephone sleeps.
    for event in ["visibilitychange", "pageshow", "focus"] {
        let _ = window_event_listener_untyped(event, move |_| session.lock_when_idle());
    }
    set_interval(move || session.lock_when_idle(), std::time::Duration::from_secs(10));
}

/// A browser that knows it has no network leaves open connections open: the badge would say 已同步
/// until the server is missed.
fn watch_network(session: Session) {
    let _ = window_event_listener_untyped("offline", move |_| session.hang_up());
    let _ = window_event_listener_untyped("online", move |_| session.sync_now());
}

/// Keys that work on every page; never while somebody types.
fn keys(session: Session) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let target =
            event.target().and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(target).ok());
        let typing = target
            .is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        if session.view.gate.get_untracked() != Gate::Open {
            return;
        }
        if event.key() == "Escape" && !event.is_composing() && browser::close_menus(None) {
            return event.prevent_default();
        }
        let control = event.ctrl_key() || event.meta_key();
        if control && !typing && event.key().eq_ignore_ascii_case("z") {
            event.prevent_default();
            if event.shift_key() { session.redo() } else { session.undo() }
        }
    });
    // A press outside of a menu closes it, and so does an act that was chosen in it.
    let outside = window_event_listener(leptos::ev::pointerdown, |event| {
        browser::close_menus(event.target().as_ref());
    });
    let chosen = window_event_listener(leptos::ev::click, |event| browser::close_menu_of_act(event.target()));
    on_cleanup(move || {
        handle.remove();
        outside.remove();
        chosen.remove();
    });
}
