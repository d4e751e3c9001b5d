//! Rules of the app's sources that no compiler keeps.

use std::path::{Path, PathBuf};
use tongban_shared::entry::EntryKind;
use tongban_shared::sign::{Act, Meant};

/// Calls that look something up in the context of the component that is being made.
const LOOK_UPS: [&str; 9] = [
    "session()",
    "words()",
    "expect_context",
    "use_context",
    "use_navigate()",
    "use_location()",
    "use_params_map()",
    "use_query_map()",
    "provide_context",
];

/// The two functions that give the look-ups their names.
const NAMED: [&str; 2] = ["pub fn session() -> Session {", "pub fn words() -> Words {"];

/// Lines that ask the context anywhere but at the top of a component, with their numbers. A context is
/// there only while the component is made: a handler, a task or a plain function that asks it later
/// panics, and the whole app with it.
fn late_look_ups(source: &str) -> Vec<(usize, &str)> {
    let (mut found, mut component, mut announced, mut named) = (Vec::new(), false, false, false);
    for (number, line) in source.lines().enumerate().map(|(number, line)| (number + 1, line)) {
        announced |= line.starts_with("#[component");
        if line.starts_with("fn ") || line.starts_with("pub fn ") || line.starts_with("async fn ") {
            (component, announced) = (announced, false);
            named = NAMED.contains(&line);
        } else if line.starts_with("impl ") || line.starts_with("    pub fn ") || line.starts_with("    fn ")
        {
            component = false;
        }
        let code = line.split("//").next().unwrap_or_default();
        let asks = LOOK_UPS.iter().any(|name| {
            code.match_indices(name).any(|(place, _)| {
                let before = code[..place].chars().next_back();
                before.is_none_or(|before| !before.is_alphanumeric() && before != '_' && before != '.')
            })
        });
        // Four blanks: a statement of the component's own body, in no closure and no branch.
        let statement = code.starts_with("    let ") || code.starts_with("    provide_context(");
        let closure = code.contains("move |") || code.contains("= |");
        let on_time = component && statement && !closure;
        let mentions = line.starts_with("use ") || line.starts_with("pub use ") || named;
        if asks && !on_time && !mentions {
            found.push((number, line.trim()));
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push(path);
        }
    }
    all
}

#[test]
fn the_context_is_asked_at_the_top_of_components_only() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src");
    let files = sources(&app);
    assert!(files.len() > 50, "the app's sources are here");
    let mut late = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).expect("a readable source");
        let found = late_look_ups(&source);
        late.extend(found.iter().map(|(number, line)| format!("{}:{number}: {line}", file.display())));
    }
    assert!(late.is_empty(), "asked too late:\n{}", late.join("\n"));
}

#[test]
fn late_look_ups_are_found_in_every_form() {
    let good = "#[component]\npub fn Page() -> impl IntoView {\n    let session = session();\n    let words = words();\n}\n";
    assert_eq!(late_look_ups(good), []);
    for (bad, at) in [
        ("fn told() {\n    let session = session();\n}\n", 2),
        ("#[component]\nfn Page() {\n    let later = move || words().w(W::Desk);\n}\n", 3),
        (
            "#[component]\nfn Page() {\n    spawn_local(async move {\n        let session = session();\n    });\n}\n",
            4,
        ),
        ("#[component]\nfn Page() {\n    view! { <p>{words().w(W::Desk)}</p> }\n}\n", 3),
        (
            "#[component]\nfn Page() {\n    let a = 1;\n}\n\nfn plain() {\n    let to = use_navigate();\n}\n",
            7,
        ),
        ("impl Hand {\n    fn new() -> Self {\n    let words = words();\n    }\n}\n", 3),
    ] {
        assert_eq!(late_look_ups(bad).iter().map(|one| one.0).collect::<Vec<_>>(), [at], "{bad}");
    }
}

/// Acts that one press would sign, written without the question that stands before them.
fn unasked(source: &str) -> Vec<String> {
    let asked =
        EntryKind::ALL.into_iter().filter(|kind| matches!(Act::Entry(*kind).meant(), Meant::Asked { .. }));
    let asked: Vec<String> = asked.map(|kind| format!("EntryKind::{kind:?}")).collect();
    let calls = source.match_indices(".write_entry(").chain(source.match_indices(".write_entries("));
    let named = calls.filter_map(|(at, _)| {
        let call: String = source[at..].chars().take_while(|one| *one != '|' && *one != ';').collect();
        let kind = |name: &&String| {
            call.match_indices(name.as_str())
                .any(|(at, _)| !call[at + name.len()..].starts_with(|next: char| next.is_alphanumeric()))
        };
        asked.iter().find(kind).cloned()
    });
    named.collect()
}

#[test]
fn no_act_is_signed_without_its_question() {
    let bad = "session.write_entry(subject(None), EntryKind::CloseRequest, |_| {});";
    assert_eq!(unasked(bad), ["EntryKind::CloseRequest"]);
    assert_eq!(unasked("session.write_entry(subject, EntryKind::Report, |_| {});"), [""; 0]);
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src");
    for file in sources(&app) {
        let source = std::fs::read_to_string(&file).expect("a readable source");
        assert_eq!(unasked(&source), [""; 0], "{}: signed by one press", file.display());
    }
}
