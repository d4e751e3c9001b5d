//! Values that pages make of every board: anew of those alone that went on, and between two frames.

use super::later::{Later, REST};
use crate::session::Session;
use crate::slices::Slices;
use crate::view::BoardView;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use tongban_shared::id::BoardId;

/// The value made of each board.
pub type OfBoards<T> = BTreeMap<BoardId, Arc<T>>;

/// The boards that wait to be looked at anew.
#[derive(Default)]
struct Queue {
    /// How far each board was when it was last looked at.
    revisions: BTreeMap<BoardId, u64>,
    touched: BTreeSet<BoardId>,
    working: bool,
}

/// Something made of each board that the person here may read: of all at first and when what `asked`
/// tracks changes, later of those that went on. `made` follows no signals.
pub fn of_each_board<T: PartialEq + Send + Sync + 'static>(
    session: Session,
    asked: impl Fn() + Send + Sync + 'static,
    made: impl Fn(BoardId, &BoardView) -> T + 'static,
) -> RwSignal<OfBoards<T>> {
    let all = RwSignal::new(OfBoards::new());
    let (queue, made) = (Rc::new(RefCell::new(Queue::default())), Rc::new(made));
    let work = {
        let queue = queue.clone();
        move || {
            if std::mem::replace(&mut queue.borrow_mut().working, true) {
                return;
            }
            let (queue, made) = (queue.clone(), made.clone());
            spawn_local(async move {
                while make_some(session, all, &queue, &*made) {
                    TimeoutFuture::new(0).await;
                }
                queue.borrow_mut().working = false;
            });
        }
    };
    let at_once = work.clone();
    let whole = queue.clone();
    let asking = Memo::new(move |before: Option<&u64>| {
        asked();
        before.copied().unwrap_or_default() + 1
    });
    let soon = Later::new();
    Effect::new(move |before: Option<u64>| {
        let count = asking.get();
        let listed = session.view.listed.get();
        let anew = before != Some(count);
        let mut queue = whole.borrow_mut();
        let known: BTreeSet<BoardId> = listed.iter().copied().collect();
        queue.revisions.retain(|id, _| known.contains(id));
        for id in listed {
            let Some(board) = session.view.board_untracked(id) else { continue };
            let revision = board.revision.get();
            if queue.revisions.insert(id, revision) != Some(revision) || anew {
                queue.touched.insert(id);
            }
        }
        drop(queue);
        if anew {
            at_once();
        } else {
            soon.run(REST, work.clone());
        }
        count
    });
    all
}

/// Makes some anew; whether more wait. A page that is gone has no signal any more.
fn make_some<T: PartialEq + Send + Sync + 'static>(
    session: Session,
    all: RwSignal<OfBoards<T>>,
    queue: &RefCell<Queue>,
    made: &dyn Fn(BoardId, &BoardView) -> T,
) -> bool {
    let slice = Slices::begin();
    let mut new = OfBoards::new();
    while !slice.is_over() && !all.is_disposed() {
        let Some(id) = queue.borrow_mut().touched.pop_first() else { break };
        if let Some(board) = session.view.board_untracked(id) {
            new.insert(id, Arc::new(made(id, &board)));
        }
    }
    if all.is_disposed() {
        return false;
    }
    let known = queue.borrow().revisions.keys().copied().collect::<BTreeSet<_>>();
    let differs = all.with_untracked(|all| {
        new.iter().any(|(id, one)| all.get(id) != Some(one)) || all.keys().any(|id| !known.contains(id))
    });
    if differs {
        all.update(|all| {
            all.extend(new);
            all.retain(|id, _| known.contains(id));
        });
    }
    !queue.borrow().touched.is_empty()
}
