//! How well documents are read that are no part of this project: folders of them with the right answers.
//!
//! `TONGBAN_DOCUMENTS` names the folders, with `:` between them; without it nothing is tried. A document is
//! `NN.answer.txt` and any of its forms `NN.a.txt`, `NN.b.txt`, `NN.c.txt`. An answer has one line for each thing:
//! `item NUMBER TITLE | lead: UNIT UNIT | until DAY`, `target YEAR OP VALUE UNIT | NAME`; lines of `told`, `not`, `board`
//! and `#` say what is no target. Seen with `cargo test -p tongban-shared --test import_documents -- --nocapture`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use tongban_shared::import::{Cadence, Draft, DraftItem, IndicatorKind, Operator, read};
use tongban_shared::text::folded_text;

/// A list of an item: the item, the role, and its units.
#[derive(Debug, Clone)]
struct List {
    item: String,
    role: String,
    units: BTreeSet<String>,
}

#[derive(Debug, Clone)]
struct Target {
    year: String,
    op: String,
    value: String,
    name: String,
    /// It is one of every year, and so of none.
    annual: bool,
}

#[derive(Debug, Default)]
struct Answer {
    items: Vec<String>,
    lists: Vec<List>,
    targets: Vec<Target>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Score {
    right: usize,
    missed: usize,
    invented: usize,
}

impl Score {
    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.missed += other.missed;
        self.invented += other.invented;
    }

    fn told(self) -> String {
        #[allow(clippy::cast_precision_loss, reason = "counts of things in documents are small")]
        let share = |of: usize| if of == 0 { 1.0 } else { self.right as f64 / of as f64 };
        let (recall, precision) = (share(self.right + self.missed), share(self.right + self.invented));
        format!(
            "{:>4} right {:>4} missed {:>4} invented | recall {recall:.3} precision {precision:.3}",
            self.right, self.missed, self.invented
        )
    }
}

fn plain(words: &str) -> String {
    let words = folded_text(words).replace("个小时", "小时").replace("个工作日", "工作日");
    words.chars().filter(|c| c.is_alphanumeric() || *c == '%' || *c == '.').collect()
}

/// The parts of `| lead: 甲 乙 | until 2025`.
fn answer(text: &str) -> Answer {
    let mut answer = Answer::default();
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("item ") {
            let mut parts = rest.split(" | ");
            let head = parts.next().unwrap_or_default();
            let title = plain(head.split_once(' ').map_or(head, |(_, title)| title));
            for part in parts {
                let Some((role, units)) = part.split_once(": ") else { continue };
                let units: BTreeSet<String> = units.split_whitespace().map(plain).collect();
                if role.starts_with("until") || units.iter().all(|unit| unit == "-" || unit.is_empty()) {
                    continue;
                }
                answer.lists.push(List { item: title.clone(), role: role.to_owned(), units });
            }
            answer.items.push(title);
        } else if let Some(rest) = line.strip_prefix("target ") {
            let (head, name) = rest.split_once(" | ").unwrap_or((rest, ""));
            let words: Vec<&str> = head.split_whitespace().collect();
            let [year, op, value, ..] = words[..] else { continue };
            let unit = words.get(3).copied().unwrap_or_default().replace("up", "").replace("down", "");
            answer.targets.push(Target {
                year: year.to_owned(),
                op: op.to_owned(),
                value: plain(&format!("{value}{unit}")),
                name: name.to_owned(),
                annual: name.contains('每'),
            });
        }
    }
    answer
}

fn found(draft: &Draft) -> Answer {
    fn item(one: &DraftItem, out: &mut Answer) {
        // 全面自查（3月10日前）: an answer has the days as the deadline.
        let bare = one.title.split_once('（').filter(|(_, rest)| rest.contains('月') && rest.ends_with('）'));
        let title = plain(bare.map_or(one.title.as_str(), |(bare, _)| bare));
        for list in &one.assignments {
            let role =
                serde_json::to_value(list.role).expect("a word").as_str().unwrap_or_default().to_owned();
            let units = list.units.iter().map(|unit| plain(unit)).collect();
            out.lists.push(List { item: title.clone(), role, units });
        }
        out.items.push(title);
        one.children.iter().for_each(|child| item(child, out));
    }
    let mut out = Answer::default();
    for board in draft.documents.iter().flat_map(|document| &document.boards) {
        board.sections.iter().flat_map(|section| &section.items).for_each(|one| item(one, &mut out));
        for one in board.indicators.iter().filter(|one| one.kind == IndicatorKind::Target) {
            let upper = one.value2.map(|value| format!("-{value}")).unwrap_or_default();
            let op = match one.op {
                Operator::AtLeast => ">=",
                Operator::MoreThan => ">",
                Operator::AtMost => "<=",
                Operator::LessThan => "<",
                Operator::Equal => "=",
                Operator::Between => "~",
            };
            out.targets.push(Target {
                year: one.year.map_or("-".to_owned(), |year| year.to_string()),
                op: op.to_owned(),
                value: plain(&format!("{}{upper}{}", one.value, one.unit)),
                name: one.name.clone(),
                annual: one.cadence == Some(Cadence::Annual),
            });
        }
    }
    out
}

/// Pairs each of what is right with one of what was found; says what is left over.
fn pair<T: Clone>(right: &[T], found: &[T], same: impl Fn(&T, &T) -> bool) -> (Vec<(T, T)>, Vec<T>, Vec<T>) {
    let (mut pairs, mut missed) = (Vec::new(), Vec::new());
    let mut left: Vec<T> = found.to_vec();
    for one in right {
        match left.iter().position(|other| same(one, other)) {
            Some(place) => pairs.push((one.clone(), left.remove(place))),
            None => missed.push(one.clone()),
        }
    }
    (pairs, missed, left)
}

fn same_title(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    one == other || short.chars().count() >= 4 && long.starts_with(short)
}

/// An answer has units as printed, a draft has them whole.
fn same_units(printed: &BTreeSet<String>, whole: &BTreeSet<String>) -> bool {
    printed.len() == whole.len()
        && printed.iter().all(|unit| whole.iter().any(|other| other.ends_with(unit.as_str())))
}

fn same_list(one: &List, other: &List) -> bool {
    // 责任单位：甲（牵头）、乙: some call 乙 responsible, as the label does, and some a helper.
    let role =
        one.role == other.role || matches!((&*one.role, &*other.role), ("co", "participant" | "responsible"));
    role && same_title(&one.item, &other.item) && same_units(&one.units, &other.units)
}

fn same_time(one: &Target, other: &Target) -> bool {
    let loose = |op: &str| op.trim_end_matches('=').replace(['>', '~'], "");
    // An answer gives an aim of every year the last one of the plan; a draft gives it none.
    let of_every_year = one.annual && other.annual && other.year == "-";
    (one.year == other.year || of_every_year) && (one.op == other.op || loose(&one.op) == loose(&other.op))
}

fn list_words(list: &List) -> String {
    let units: Vec<&str> = list.units.iter().map(String::as_str).collect();
    format!("{} | {}: {}", list.item, list.role, units.join(" "))
}

fn target_words(target: &Target) -> String {
    format!("{} {} {} | {}", target.year, target.op, target.value, target.name)
}

const KINDS: [&str; 4] = ["items", "lists", "targets", "years and operators"];

fn score(name: &str, right: &Answer, found: &Answer) -> [Score; 4] {
    let items = pair(&right.items, &found.items, |one, other| same_title(one, other));
    let lists = pair(&right.lists, &found.lists, same_list);
    let targets =
        pair(&right.targets, &found.targets, |one, other| one.value == other.value && same_time(one, other));
    let rest = pair(&targets.1, &targets.2, |one, other| one.value == other.value);
    let all = targets.0.len() + rest.0.len();
    let say = |what: &str, words: Vec<String>| {
        for words in words {
            println!("  {name} {what}: {words}");
        }
    };
    say("item missed", items.1.clone());
    say("item invented", items.2.clone());
    say("list missed", lists.1.iter().map(list_words).collect());
    say("list invented", lists.2.iter().map(list_words).collect());
    say("target missed", rest.1.iter().map(target_words).collect());
    say("target invented", rest.2.iter().map(target_words).collect());
    let otherwise =
        |(one, other): &(Target, Target)| format!("{} <- {}", target_words(one), target_words(other));
    say("target otherwise", rest.0.iter().map(otherwise).collect());
    [
        Score { right: items.0.len(), missed: items.1.len(), invented: items.2.len() },
        Score { right: lists.0.len(), missed: lists.1.len(), invented: lists.2.len() },
        Score { right: all, missed: rest.1.len(), invented: rest.2.len() },
        Score { right: targets.0.len(), missed: rest.0.len(), invented: rest.0.len() },
    ]
}

fn forms(folder: &Path) -> Vec<(String, String, PathBuf, PathBuf)> {
    let mut all = Vec::new();
    let files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|one| one.path()).collect();
    for file in &files {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut parts = name.split('.');
        let (Some(number), Some(form), Some("txt"), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let answer = folder.join(format!("{number}.answer.txt"));
        if form != "answer" && answer.exists() {
            all.push((number.to_owned(), form.to_owned(), file.clone(), answer));
        }
    }
    all.sort();
    all
}

#[test]
fn documents_of_others_are_counted() {
    let Ok(folders) = std::env::var("TONGBAN_DOCUMENTS") else { return };
    let mut sums: BTreeMap<String, [Score; 4]> = BTreeMap::new();
    for folder in folders.split(':').map(Path::new) {
        for (number, form, file, right) in forms(folder) {
            let text = fs::read_to_string(&file).expect("a document");
            let right = answer(&fs::read_to_string(right).expect("an answer"));
            let draft = read(&text).expect("a text");
            let place =
                folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let name = format!("{place}{number}{form}");
            let own = score(&name, &right, &found(&draft));
            for (kind, one) in KINDS.iter().zip(own) {
                println!("{name} {kind}: {}", one.told());
            }
            for key in [form, "all".to_owned()] {
                for (sum, one) in sums.entry(key).or_default().iter_mut().zip(own) {
                    sum.add(one);
                }
            }
        }
    }
    for (form, sums) in sums {
        for (kind, one) in KINDS.iter().zip(sums) {
            println!("form {form} {kind:<20} {}", one.told());
        }
    }
}
