//! The kept corpus, and mutations of it, through every target. `TONGBAN_WRITE_CORPUS=1` begins the
//! corpus anew with what the product writes; what a fuzzer found stays beside it.

use std::path::{Path, PathBuf};
use tongban_fuzz::mutate::{Chance, mutate};
use tongban_fuzz::seeds::seeds;
use tongban_fuzz::{TARGETS, Target};

/// Mutations of each target in an ordinary run; `TONGBAN_MUTATIONS` asks for more.
const MUTATIONS: u64 = 1500;

fn folder(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name)
}

fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder(target)).expect("a corpus").flatten();
    let mut all: Vec<(String, Vec<u8>)> = files
        .map(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(file.path()).expect("an input"))
        })
        .collect();
    all.sort();
    all
}

/// Says which input it was when a target panics, and keeps it.
struct Guard<'a>(&'a Target, &'a [u8], String);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let path = std::env::temp_dir().join(format!("tongban-{}-{}", self.0.name, self.2));
            let _ = std::fs::write(&path, self.1);
            eprintln!("{} broke on {}: kept in {}", self.0.name, self.2, path.display());
        }
    }
}

fn run(target: &Target, bytes: &[u8], name: String) {
    let _guard = Guard(target, bytes, name);
    (target.run)(bytes);
}

#[test]
fn the_kept_corpus_breaks_nothing() {
    for target in &TARGETS {
        if std::env::var_os("TONGBAN_WRITE_CORPUS").is_some() {
            std::fs::create_dir_all(folder(target)).expect("a folder");
            for (name, bytes) in seeds(target.name) {
                std::fs::write(folder(target).join(name), bytes).expect("written");
            }
        }
        let all = corpus(target);
        assert!(!all.is_empty(), "{} has no corpus", target.name);
        for (name, bytes) in all {
            run(target, &bytes, name);
        }
    }
}

#[test]
fn mutations_of_the_corpus_break_nothing() {
    let wanted = std::env::var("TONGBAN_MUTATIONS").ok().and_then(|number| number.parse().ok());
    let count: u64 = wanted.unwrap_or(MUTATIONS);
    let each = |target: &Target| {
        let all = corpus(target);
        for number in 0..count {
            let mut chance = Chance::new(number);
            let (one, other) = (&all[chance.below(all.len())].1, &all[chance.below(all.len())].1);
            run(target, &mutate(one, other, &mut chance), format!("mutation-{number}"));
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = TARGETS.iter().map(|target| scope.spawn(move || each(target))).collect();
        let broken: Vec<&str> = TARGETS
            .iter()
            .zip(threads)
            .filter_map(|(target, thread)| thread.join().is_err().then_some(target.name))
            .collect();
        assert!(broken.is_empty(), "broken: {broken:?}");
    });
}
