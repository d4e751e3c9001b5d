//! SPEC.md names tests; they must exist.

use std::path::Path;

fn sources(folder: &Path, out: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "node_modules" | "target" | "test-results") {
            sources(&path, out);
        } else if name.ends_with(".rs") || name.ends_with(".mjs") {
            out.push_str(&std::fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn every_rule_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let spec = std::fs::read_to_string(root.join("SPEC.md")).expect("SPEC.md");
    let mut code = String::new();
    for folder in ["shared", "server", "office", "fuzz", "tests"] {
        sources(&root.join(folder), &mut code);
    }
    let (mut rules, mut numbers) = (0, std::collections::BTreeSet::new());
    for line in spec
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| rule") && !line.starts_with("| ---"))
    {
        let tests = line.trim_end_matches(" |").rsplit("| ").next().expect("a column of tests");
        let mut named = 0;
        for name in tests.split('`').skip(1).step_by(2) {
            assert!(code.contains(&format!("fn {name}(")), "{name} is named in SPEC.md and does not exist");
            named += 1;
        }
        for title in tests.split('"').skip(1).step_by(2) {
            assert!(
                code.contains(&format!("test(\"{title}\"")),
                "\"{title}\" is named in SPEC.md and does not exist"
            );
            named += 1;
        }
        assert!(named > 0, "no test: {line}");
        let number = line.split('|').nth(1).map(str::trim).expect("a number");
        assert!(numbers.insert(number), "{number} stands twice");
        rules += 1;
    }
    assert!(rules > 40, "{rules} rules");
}
