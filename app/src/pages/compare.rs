//! 对照: a newer edition of a document beside a board, each difference by choice.

mod row;

use crate::app::session;
use crate::lang::{W, Words, words};
use crate::parts::kept;
use crate::session::Session;
use leptos::prelude::*;
use row::{Choice, Row};
use std::collections::BTreeMap;
use std::sync::Arc;
use tongban_shared::id::{BoardId, SpaceId};
use tongban_shared::import::{DraftBoard, DraftDocument};
use tongban_shared::model::Board;
use tongban_shared::revise::{Difference, Part, Since, Take, Way, What, differences};

/// A person's choices about the differences, by their words: the list is another one after each step.
#[derive(Clone, Copy)]
pub struct Chosen {
    by_key: RwSignal<BTreeMap<String, Take>>,
    /// Only who decides puts a measure out of use or back into it.
    decides: Memo<bool>,
}

fn key(one: &Difference) -> String {
    format!("{:?} {:?}", one.about, one.what)
}

impl Chosen {
    /// The side that is taken; none while a choice is open.
    fn of(self, one: &Difference) -> Option<Take> {
        if self.is_locked(one) {
            return Some(Take::Here);
        }
        self.by_key.with(|all| all.get(&key(one)).copied()).or_else(|| one.offered())
    }

    fn choose(self, one: &Difference, take: Take) {
        self.by_key.update(|all| _ = all.insert(key(one), take));
    }

    fn is_locked(self, one: &Difference) -> bool {
        match one.what {
            What::TargetGone { .. } => true,
            What::Gone { .. } | What::Retired { .. } => !self.decides.get(),
            _ => false,
        }
    }

    fn is_taken(self, one: &Difference) -> bool {
        self.of(one).is_some_and(|take| take != Take::Here)
    }
}

/// The filter of differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    All,
    Of(Way),
    /// Changes that people here made.
    Here,
}

impl Shown {
    const ALL: [Self; 5] =
        [Self::All, Self::Of(Way::Changes), Self::Of(Way::Adds), Self::Of(Way::TakesOff), Self::Here];

    const fn word(self) -> W {
        match self {
            Self::All => W::ShowAll,
            Self::Of(Way::Changes) => W::ShowChanged,
            Self::Of(Way::Adds) => W::ShowAdded,
            Self::Of(Way::TakesOff) => W::ShowGone,
            Self::Here => W::ShowHere,
        }
    }

    fn has(self, one: &Difference) -> bool {
        match self {
            Self::All => true,
            Self::Of(way) => one.way() == way && one.since != Since::Here,
            Self::Here => one.since == Since::Here,
        }
    }
}

/// A difference with the part of the plan that it stands in.
pub type Found = (Part, Difference);

/// The board, the newer document and the edition that they have in common.
#[derive(Clone)]
struct Pair {
    session: Session,
    space: SpaceId,
    board: BoardId,
    document: Arc<DraftDocument>,
    draft: Arc<DraftBoard>,
    common: StoredValue<Option<Arc<Board>>>,
}

impl Pair {
    fn found(&self) -> Vec<Found> {
        let common = self.common.get_value();
        let compare = |scene: &tongban_shared::rule::Scene<'_>| {
            let found = differences(self.space, scene, common.as_deref(), &self.document, &self.draft);
            found.into_iter().map(|one| (one.part(scene.board), one)).collect::<Vec<_>>()
        };
        self.session.look(self.board, compare).unwrap_or_default()
    }

    /// Reads the common edition anew: somebody may have taken one over.
    fn read_common(&self) {
        self.common.set_value(self.session.common_edition(self.board).map(Arc::new));
    }
}

/// The differences between a board and a draft; those that are chosen are taken over together.
/// `main` says whether this is the act of the page.
#[component]
pub fn Compare(
    board: BoardId,
    document: Arc<DraftDocument>,
    draft: Arc<DraftBoard>,
    #[prop(into)] main: Signal<bool>,
) -> impl IntoView {
    let session = session();
    let words = words();
    let Some((view, space)) = session.view.board(board).zip(session.space_id()) else {
        return ().into_any();
    };
    let pair = Pair { session, space, board, document, draft, common: StoredValue::new(None) };
    pair.read_common();
    let found = {
        let pair = pair.clone();
        // A moment after the last change: texts are compared with texts.
        kept(view.revision.clone(), || {}, move || pair.found())
    };
    let (first, second) = (view.may.clone(), view.may);
    let writes = Memo::new(move |_| first.get().write);
    let chosen =
        Chosen { by_key: RwSignal::new(BTreeMap::new()), decides: Memo::new(move |_| second.get().decide) };
    let shown = RwSignal::new(Shown::All);
    let listed = Memo::new(move |_| {
        let (mut part, mut about) = (None, None);
        let of_filter =
            |all: &Vec<Found>| all.iter().filter(|(_, one)| shown.get().has(one)).cloned().collect();
        let all: Vec<Found> = found.with(of_filter);
        let row = |(of_part, one): Found| {
            let heads = part.replace(of_part.clone()) != Some(of_part.clone());
            let named = about.replace(one.about) != Some(one.about) || heads;
            Choice { part: of_part, heads, named, one }
        };
        all.into_iter().map(row).collect::<Vec<_>>()
    });
    let take = move |_| {
        // Against what stands there now: others may have written since it was compared.
        pair.read_common();
        let take = |one: Difference| untrack(|| (chosen.of(&one).unwrap_or(Take::Here), one));
        let now: Vec<_> =
            pair.found().into_iter().map(|(_, one)| take(one)).map(|(take, one)| (one, take)).collect();
        let count = now.iter().filter(|(_, take)| *take != Take::Here).count();
        if session.take_edition(board, &now, words) {
            chosen.by_key.set(BTreeMap::new());
            pair.read_common();
            found.set(pair.found());
            session.notice(&format!("{} {count}", words.w(W::TakenOver)));
        }
    };
    let nothing = move || {
        let here = found.with(|all| all.iter().filter(|(_, one)| one.since == Since::Here).count());
        let same = found.with(|all| all.len() == here);
        same.then(|| nothing_new(words, here))
    };
    view! {
        <div class="compare" data-testid="compare">
            <p class="dim" role="status">{nothing}</p>
            <Show when=move || found.with(|all| !all.is_empty())>
                <p class="inline" role="group" aria-label=move || words.w(W::Differences)>
                    {Shown::ALL.into_iter().map(|one| {
                        let count = move || found.with(|all| all.iter().filter(|(_, of)| one.has(of)).count());
                        view! {
                            <button type="button" class="button button--plain"
                                aria-pressed=move || (shown.get() == one).to_string() on:click=move |_| shown.set(one)>
                                {move || words.w(one.word())}" "<span class="count">{count}</span>
                            </button>
                        }
                    }).collect_view()}
                </p>
                <div class="compare__head" aria-hidden="true">
                    <span>{move || words.w(W::BoardNow)}</span><span>{move || words.w(W::NewerDocument)}</span>
                        <span>{move || words.w(W::ToTake)}</span>
                </div>
                <ul class="compare__rows">
                    <For each=move || listed.get() key=|one| (key(&one.one), one.one.since, one.heads, one.named) let:choice>
                        <Row choice chosen found writes />
                    </For>
                </ul>
                <p class="compare__foot">
                    <span class="tabular" data-testid="chosen" role="status">{move || foot(words, &found.get(), chosen)}</span>
                    <button type="button" class="button" class:button--main=main data-testid="take-differences"
                        disabled=move || !writes.get() on:click=take.clone()>{move || words.w(W::Apply)}</button>
                </p>
            </Show>
        </div>
    }
    .into_any()
}

/// The document is what the board came from, or all of it was taken over.
fn nothing_new(words: Words, here: usize) -> String {
    match here {
        0 => words.w(W::NothingDiffers).to_owned(),
        _ => words.w(W::NothingNewHere).replace("{n}", &here.to_string()),
    }
}

/// How many are taken, how many of the document's are not, how many wait for a choice.
fn foot(words: Words, found: &[Found], chosen: Chosen) -> String {
    let all = || found.iter().map(|(_, one)| one);
    let taken = all().filter(|one| chosen.is_taken(one)).count();
    let open = all().filter(|one| chosen.of(one).is_none()).count();
    let of_document =
        |one: &&Difference| one.since != Since::Here && !matches!(one.what, What::TargetGone { .. });
    let left = all().filter(of_document).filter(|one| chosen.of(one) == Some(Take::Here)).count();
    let told = words.w(W::TakeAndLeave).replace("{n}", &taken.to_string()).replace("{m}", &left.to_string());
    match open {
        0 => told,
        _ => told + &words.w(W::ChoicesOpen).replace("{n}", &open.to_string()),
    }
}
