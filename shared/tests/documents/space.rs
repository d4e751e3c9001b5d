//! The contents of a space besides units and boards.

use crate::desk::{actor, exchange_spaces, stamp};
use tongban_shared::document::{Document, DocumentError, Kind};
use tongban_shared::edit::Edit;
use tongban_shared::event::Event;
use tongban_shared::limits::TEMPLATE_BYTES;
use tongban_shared::template;

fn set(id: &str, source: &str) -> Edit {
    Edit::SetTemplate { id: id.to_owned(), source: source.to_owned() }
}

#[test]
fn a_space_keeps_templates_of_its_own_and_takes_them_off() {
    let (mut one, mut other) =
        (Document::new(Kind::Space, &actor("甲")), Document::new(Kind::Space, &actor("乙")));
    let source = "id = \"patrol\" # 巡河";
    let (events, _) = one.edit(&set("patrol", source), &stamp("甲")).expect("fits");
    assert_eq!(events, [Event::SpaceChanged]);
    other.edit(&set("inspection", "id = \"inspection\""), &stamp("乙")).expect("fits");
    exchange_spaces(&mut one, &mut other);
    let space = other.space();
    assert_eq!(space.templates.keys().collect::<Vec<_>>(), ["inspection", "patrol"]);
    assert_eq!(space.templates["patrol"], source);
    other.edit(&set("patrol", ""), &stamp("乙")).expect("fits");
    exchange_spaces(&mut one, &mut other);
    assert_eq!(one.space().templates.keys().collect::<Vec<_>>(), ["inspection"]);
}

#[test]
fn a_template_of_a_space_has_a_plain_name_and_a_bounded_file() {
    let mut space = Document::new(Kind::Space, &actor("甲"));
    for id in ["", "a/b", "units", "巡河"] {
        let refused = space.edit(&set(id, "x"), &stamp("甲"));
        // A name that a space uses itself is a name like any other here: it never meets it.
        assert_eq!(refused.is_ok(), id == "units", "{id}");
    }
    assert!(space.space().units.is_empty());
    let long = "x".repeat(TEMPLATE_BYTES + 1);
    assert!(matches!(space.edit(&set("long", &long), &stamp("甲")), Err(DocumentError::TooLong)));
    assert!(template::parse(&long).is_err(), "nor is it read");
}
