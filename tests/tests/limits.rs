//! `docs/limits.md`: every limit with its value and its reason. The page is made from the code;
//! `TONGBAN_WRITE_DOCS=1` writes it.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tongban_shared::limits::{Amount, Limit};

/// A file of limits, with the title of its part of the page.
type File = (&'static str, &'static str, fn() -> Vec<Limit>);

const FILES: [File; 3] = [
    ("Written and read by both sides", "shared/src/limits.rs", tongban_shared::limits::all),
    ("Of the server", "server/src/limits.rs", tongban_server::limits::all),
    ("Of office files", "office/src/caps.rs", tongban_office::limits),
];

fn path(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(of)
}

/// A number with a comma before each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut words = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            words.push(',');
        }
        words.push(digit);
    }
    words
}

fn amount(amount: Amount) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    const TIMES: [(u128, &str); 3] = [(3_600_000, "h"), (60_000, "min"), (1000, "s")];
    match amount {
        Amount::Count(count) => grouped(count),
        Amount::Bytes(bytes) => {
            match UNITS.into_iter().find(|(size, _)| bytes >= *size && bytes.is_multiple_of(*size)) {
                Some((size, unit)) => format!("{} {unit}", grouped(bytes / size)),
                None => format!("{} bytes", grouped(bytes)),
            }
        }
        Amount::Time(time) => {
            let milliseconds = time.as_millis();
            match TIMES
                .into_iter()
                .find(|(size, _)| milliseconds >= *size && milliseconds.is_multiple_of(*size))
            {
                Some((size, unit)) => format!("{} {unit}", milliseconds / size),
                None => format!("{milliseconds} ms"),
            }
        }
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Limits\n\nMade from the code and checked by `tests/tests/limits.rs`; do not edit by hand. A limit of \
         whoever writes lies within that of whoever reads: `every_limit_of_a_writer_is_within_that_of_its_reader`. \
         Nothing is cut in silence: beyond a limit something is refused with its reason, or the text below says \
         otherwise.\n",
    );
    for (title, file, all) in FILES {
        let _ = writeln!(
            page,
            "\n## {title}\n\n`{file}`\n\n| limit | value | of what, and why |\n| --- | --- | --- |"
        );
        for limit in all() {
            let _ = writeln!(page, "| {} | {} | {} |", limit.name, amount(limit.amount), limit.about.trim());
        }
    }
    page
}

#[test]
fn the_page_of_limits_is_what_the_code_says() {
    let path = path("docs/limits.md");
    if std::env::var_os("TONGBAN_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).expect("written");
    }
    let found = std::fs::read_to_string(&path).expect("docs/limits.md");
    assert!(found == page(), "docs/limits.md is not what the code says; TONGBAN_WRITE_DOCS=1 writes it");
}

#[test]
fn every_limit_of_a_file_stands_on_the_page() {
    for (_, file, all) in FILES {
        let text = std::fs::read_to_string(path(file)).expect(file);
        assert!(all().len() > 3, "{file}");
        let beside = text.lines().find(|line| line.starts_with("pub const ") || line.starts_with("const "));
        assert_eq!(beside, None, "{file}: a limit beside the list is on no page");
        for limit in all() {
            let about = limit.about.trim();
            assert!(about.len() > 15 && about.ends_with('.'), "{file}: {} has no reason", limit.name);
            assert!(!about.contains('|') && !about.contains('\n'), "{file}: {} breaks the table", limit.name);
        }
    }
}

#[test]
fn limits_of_the_server_fit_those_of_both_sides() {
    use tongban_server::limits as server;
    use tongban_shared::limits as both;
    let pairs = [
        ("a whole document in the outbox of a reader", both::WHOLE_BYTES, server::OUTBOX_BYTES),
        (
            "what waits before a document is opened, beside it",
            server::BEFORE_OPENING,
            server::OUTBOX_BYTES - both::WHOLE_BYTES,
        ),
        (
            "a whole document that comes or goes, where nobody else holds anything",
            both::WHOLE_BYTES,
            usize::try_from((server::MEMORY - server::MEMORY_FOR_SMALL) / 2).expect("it fits"),
        ),
        ("a piece of a file in a request", both::PIECE, server::BODY),
        ("what is counted on a worker in a message", server::COUNTED_AT_ONCE, both::FRAME_BYTES),
    ];
    for (what, written, read) in pairs {
        assert!(written <= read, "{what}: {written} and {read}");
    }
    assert!(2 * server::PING < server::SILENCE, "who is asked has time to answer, twice");
}

#[test]
fn amounts_are_told_in_the_largest_unit_that_fits() {
    assert_eq!(amount(Amount::Bytes(64 << 20)), "64 MiB");
    assert_eq!(amount(Amount::Bytes(1500)), "1,500 bytes");
    assert_eq!(amount(Amount::Count(1_000_000)), "1,000,000");
    assert_eq!(amount(Amount::Time(Duration::from_millis(4500))), "4500 ms");
    assert_eq!(amount(Amount::Time(Duration::from_secs(60))), "1 min");
    assert_eq!(amount(Amount::Time(Duration::from_secs(20))), "20 s");
}
