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
    files_below(folder, &["rs"])
}

/// Files with one of some endings, outside the folders that builds and tests write.
fn files_below(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources").flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() && !name.starts_with('.') && !MADE.contains(&name.as_str()) {
            all.extend(files_below(&path, endings));
        } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one)) {
            all.push(path);
        }
    }
    all
}

/// Folders that hold no source of ours.
const MADE: [&str; 5] = ["target", "dist", "node_modules", "test-results", "playwright-report"];

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

/// Words that ask for the subject of a sentence instead of naming it.
const ASKING: [&str; 6] = ["What", "Who", "Whoever", "Whose", "Where", "Of"];

/// The words of a line's comment; `marks` begin one.
fn comment<'a>(line: &'a str, marks: &[&str]) -> Option<&'a str> {
    let whole = line.trim();
    if let Some(mark) = marks.iter().find(|mark| whole.starts_with(**mark)) {
        return Some(whole[mark.len()..].trim());
    }
    // A mark within quotes is no comment.
    marks.iter().find_map(|mark| {
        let (code, words) = line.split_once(&format!(" {mark} "))?;
        (code.matches('"').count() % 2 == 0).then(|| words.trim())
    })
}

/// Sentences of comments without a named subject, with the numbers of their lines.
fn without_subject<'a>(source: &'a str, marks: &[&str]) -> Vec<(usize, &'a str)> {
    let asks = |words: &str| {
        let words = words.trim_start_matches("- ");
        ASKING.iter().any(|word| {
            words
                .strip_prefix(word)
                .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
        })
    };
    let mut found = Vec::new();
    let mut begins = true;
    for (number, line) in source.lines().enumerate().map(|(number, line)| (number + 1, line)) {
        let Some(words) = comment(line, marks) else {
            begins = true;
            continue;
        };
        let mut later = [". ", "! ", "? "].iter().flat_map(|end| words.match_indices(end));
        if begins && asks(words) || later.any(|(at, end)| asks(&words[at + end.len()..])) {
            found.push((number, words));
        }
        begins = words.is_empty() || words.ends_with(['.', '!', '?']) || words.ends_with("*/");
    }
    found
}

/// Marks of comments in the files of an ending.
fn marks(ending: &str) -> &'static [&'static str] {
    match ending {
        "toml" => &["#"],
        "css" => &["/*"],
        "rs" => &["///", "//!", "//", "/*"],
        _ => &["//", "/**", "/*", "* "],
    }
}

/// Migrations are left out: a store knows each by its bytes, comments and all.
#[test]
fn sentences_of_comments_name_their_subject() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace");
    let files = files_below(&root, &["rs", "mjs", "js", "css", "toml"]);
    assert!(files.len() > 500, "the sources are here");
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).expect("a file below").to_string_lossy().replace('\\', "/");
        let source = std::fs::read_to_string(&file).expect("a readable source");
        let ending = name.rsplit('.').next().unwrap_or_default();
        let bad = without_subject(&source, marks(ending));
        found.extend(bad.iter().map(|(number, words)| format!("{name}:{number}: {words}")));
    }
    assert!(found.is_empty(), "sentences without a subject:\n{}", found.join("\n"));
}

#[test]
fn sentences_without_a_subject_are_found_in_every_form() {
    let lines = |source: &str, ending| {
        without_subject(source, marks(ending)).into_iter().map(|one| one.0).collect::<Vec<_>>()
    };
    for word in ASKING {
        for (source, ending) in [
            (format!("/// {word} it is.\nfn one() {{}}\n"), "rs"),
            (format!("//! {word} it is.\n"), "rs"),
            (format!("let one = 1; // {word} it is\n"), "rs"),
            (format!("// It is. {word} it is.\n"), "mjs"),
            (format!("/* {word} it is. */\n"), "css"),
            (format!("# {word} it is.\n"), "toml"),
        ] {
            assert_eq!(lines(&source, ending), [1], "{source}");
        }
        let late = format!("// It is one.\n// {word} it is.\n//\n// - {word} it is\n");
        assert_eq!(lines(&late, "rs"), [2, 4]);
        let fine = format!("// It is known\n// {word} it is: {word}ever.\nlet one = \"a // {word} b\";\n");
        assert_eq!(lines(&fine, "rs"), [0; 0], "{fine}");
    }
}
