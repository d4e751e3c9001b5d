//! The word that the template of a board cannot be read, in the place of a form that would be wrong.

use crate::lang::{W, words};
use leptos::prelude::*;
use tongban_shared::template::Unread;

#[component]
pub fn UnreadTemplate(why: Unread) -> impl IntoView {
    let words = words();
    view! { <p class="error" role="alert" data-testid="template-unread">{move || words.w(W::TemplateUnread)}"："{why.to_string()}</p> }
}
