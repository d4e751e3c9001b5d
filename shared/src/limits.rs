//! Every bound on what is written, sent, read and kept, each with its reason.
//!
//! A bound of a writer lies within that of its reader: whatever is written anywhere is read everywhere, or
//! it is refused where it is made. `docs/limits.md` is made from here.

use std::time::Duration;

/// A limit as the page of limits shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub name: &'static str,
    pub amount: Amount,
    /// The thing that it bounds, and why.
    pub about: &'static str,
}

/// How much something may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    Bytes(u64),
    Count(u64),
    Time(Duration),
}

/// A number of whatever type a limit has.
pub trait Number {
    fn number(self) -> u64;
}

impl Number for usize {
    fn number(self) -> u64 {
        self as u64
    }
}

impl Number for u64 {
    fn number(self) -> u64 {
        self
    }
}

impl Number for u32 {
    fn number(self) -> u64 {
        self.into()
    }
}

impl Amount {
    /// Bytes.
    pub fn bytes(bytes: impl Number) -> Self {
        Self::Bytes(bytes.number())
    }

    /// A number of things.
    pub fn count(count: impl Number) -> Self {
        Self::Count(count.number())
    }

    /// A time.
    #[must_use]
    pub const fn time(time: Duration) -> Self {
        Self::Time(time)
    }
}

/// Makes the constants of a file of limits, and the list of them for the page: `pub bytes NAME: usize = 4;`
/// with `bytes`, `count` or `time`, each with its reason before it.
#[macro_export]
macro_rules! limits {
    ($($(#[doc = $about:literal])+ pub $unit:ident $name:ident: $kind:ty = $value:expr;)*) => {
        $($(#[doc = $about])+ pub const $name: $kind = $value;)*

        /// Every limit of this file, in its order.
        #[must_use]
        pub fn all() -> Vec<$crate::limits::Limit> {
            vec![$($crate::limits::Limit {
                name: stringify!($name),
                amount: $crate::limits::Amount::$unit($name),
                about: concat!($($about),+),
            }),*]
        }
    };
}

limits! {
    /// The largest message that is read of a connection that speaks automerge-repo's protocol. Beyond it the
    /// connection is closed.
    pub bytes FRAME_BYTES: usize = 4 * 1024 * 1024;

    /// The largest part of a frame that comes in parts; a larger frame is cut into them. Between two parts
    /// a slow line tells how far it has come.
    pub bytes PART_BYTES: usize = 256 * 1024;

    /// The largest message in our own dialect: a part, and its head of a kind, a number, a place and keys. Beyond it
    /// the connection is closed.
    pub bytes MESSAGE_BYTES: usize = PART_BYTES + 256;

    /// The same for a device that says it can put smaller ones together: it hears of each that the line still moves.
    pub bytes SMALL_PART_BYTES: usize = 16 * 1024;

    /// The largest frame that is put together from parts: a whole document. A larger one is neither written
    /// nor read; its document is named, and the others go on.
    pub bytes WHOLE_BYTES: usize = 64 * 1024 * 1024;

    /// The most hashes in one list of a frame that are read.
    pub count HASHES: usize = 4096;

    /// The most changes that a refusal names; it counts the others.
    pub count REFUSED_HASHES: usize = 256;

    /// The most changes in one frame that are read.
    pub count CHANGES_OF_A_FRAME: usize = 65_536;

    /// The most changes in one frame that are written; more go in several frames.
    pub count CHANGES_SENT: usize = 4096;

    /// A frame of changes takes no further one beyond this: a slow line gets an answer in between.
    pub bytes CHANGES_SENT_BYTES: usize = 1024 * 1024;

    /// The most characters of a name or of words in a frame; longer ones are cut, on writing as on reading.
    pub count NAME_CHARS: usize = 256;

    /// The most protocols that a frame offers.
    pub count VERSIONS: usize = 16;

    /// The most keys of a frame that are read, of which those of later versions are passed over.
    pub count KEYS: usize = 64;

    /// The most hashes in one list of a sync message: heads, or changes that are asked for.
    pub count SYNC_HASHES: usize = 65_536;

    /// The most filters in a sync message, for each is asked for each change; automerge sends one.
    pub count FILTERS: usize = 1;

    /// The longest filters of a sync message together: automerge's own have ten bits for each change, and a
    /// document has at most a million operations.
    pub bytes FILTER_BYTES: usize = 2 * 1024 * 1024;

    /// The most places that a filter asks for each change; automerge's own asks 7.
    pub count PROBES: u64 = 8;

    /// A connection that ends sooner than this counts as a failed attempt: the wait before the next one
    /// goes on growing.
    pub time STOOD: Duration = Duration::from_secs(60);

    /// The largest single change that is taken from outside, inflated.
    pub bytes CHANGE_BYTES: usize = 16 * 1024 * 1024;

    /// Changes of no more operations are judged within a millisecond: refusing them costs nobody's share.
    pub count REFUSED_OPERATIONS: u64 = 200;

    /// The same in bytes: of more changes than these refusing costs the share of their sender.
    pub bytes REFUSED_BYTES: u64 = 8 * 1024;

    /// The most operations of one change.
    pub count CHANGE_OPERATIONS: u64 = 500_000;

    /// The largest document that is taken, by its changes as they came; a full one takes no more and is read
    /// on.
    pub bytes DOCUMENT_BYTES: usize = 128 * 1024 * 1024;

    /// The most operations of a document: an app has to open it in a browser, where each takes some hundred
    /// bytes.
    pub count DOCUMENT_OPERATIONS: u64 = 1_000_000;

    /// The most heads of a document: each is told to every reader with each acknowledgement.
    pub count HEADS: usize = 1024;

    /// The most ancestors of one change from outside: a device names the heads that it has, and several servers or
    /// processes may for a moment bring more than [`HEADS`] together.
    pub count ANCESTORS: u64 = 4 * HEADS as u64;

    /// From so many heads on the server brings all of them together.
    pub count HEADS_GATHERED: usize = 64;

    /// A change that was written at older heads leaves out the numbers of what its author had besides: so
    /// many at most, for each costs automerge as much as an operation.
    pub count LEFT_OUT: u64 = 1000;

    /// The most that changes of one connection take in memory while they wait for others on which they rest.
    /// A device leaves one out only where a filter of automerge's sync has taken it for known: then thousands
    /// may wait for it.
    pub bytes WAITING_BYTES: usize = 32 * 1024 * 1024;

    /// Changes are judged and applied together as long as they take no more than this in memory.
    pub bytes SLICE: u64 = 48 * 1024 * 1024;

    /// The most units of a space. Another server brings them until there are half as many, and so boards, logs,
    /// people and statements: the rest is for those whose home is here.
    pub count UNITS: usize = 10_000;

    /// The most boards of a space.
    pub count BOARDS: usize = 10_000;

    /// The most logs of a space, which has one for each unit on each board.
    pub count LOGS: usize = 2_000_000;

    /// The most people of a space.
    pub count PERSONS: usize = 100_000;

    /// The most statements of servers in a space: each is a signature that every device checks.
    pub count STATEMENTS: usize = 100_000;

    /// The most servers that are trusted in a space, those first that one's own server has endorsed, then those that
    /// these have.
    pub count SERVERS: usize = 4096;

    /// The most servers that become trusted because another server than one's own has endorsed them.
    pub count ENDORSED: usize = 1000;

    /// The most units, boards or people that one change adds to a space: all units that come with the program, and
    /// more.
    pub count ADDED_AT_ONCE: usize = 1000;

    /// The most statements in one change; a server writes two at once.
    pub count STATEMENTS_AT_ONCE: usize = 100;

    /// Another server writes in the space until this part of what it may hold is used up, in percent.
    pub count SPACE_FOR_OTHERS: u64 = 50;

    /// The longest text of an edit, in characters.
    pub count TEXT_CHARS: usize = 100_000;

    /// The most values that are read back in the history of a board for one reading of it: for what stood before two
    /// people parted, which is not told beyond it, and for ledger rows that nobody who took their unit off had seen,
    /// which all of them count as then. A look at a moment counts as 64, and one more for each 32 changes and writers
    /// of the history.
    pub count READ_BACK: usize = 250_000;

    /// The most fields that several people wrote at the same time of which one reading of a board tells what each has
    /// written, those of the plan first, by the order of the board. The others are counted; they are told as these are
    /// decided.
    pub count CLASHES: usize = 300;

    /// The most values that are looked at for that.
    pub count CLASH_VALUES: usize = 8_192;

    /// The most lines of lists within registers that one reading of a board keeps: values that were not chosen in a
    /// clash, and writers whose rows had been seen when a unit was taken off. Without them a choice is not told, and
    /// rows count as unseen.
    pub count LISTED: usize = 100_000;

    /// The most that is done to compare the changes of one text that were made at the same time: looks at whether one
    /// has seen another, of which a character that is read counts as 16. If there is more, the text has one mark: it
    /// is looked at as a whole. Twenty people may replace a word of one text of 25,000 characters.
    pub count TEXT_COMPARED: usize = if cfg!(test) { 3_200_000 } else { 32_000_000 };

    /// The same of all texts of a board, in one order on every device.
    pub count TEXTS_COMPARED: usize = 64_000_000;

    /// The most characters of one word or text that a page shows in a row, a card, a cell, a heading or an option;
    /// of a longer one its beginning, and how many it has. The whole stands in the panel of its item.
    pub count WORD_SHOWN: usize = 600;

    /// The same where texts stand side by side to be judged: what went and came, answers, public texts.
    pub count TEXT_SHOWN: usize = 4_000;

    /// The most differences between two editions that are listed; the others are counted.
    pub count DIFFERENCES_SHOWN: usize = 2000;

    /// The most places with personal words that are listed: one stops an edition already. The others are counted.
    pub count PLACES_SHOWN: usize = 100;

    /// So many of them are counted: a text may be made of nothing else.
    pub count PLACES_COUNTED: usize = 10_000;

    /// The most characters that a person writes as a title or headline. Words that are stored longer stay, and may be
    /// written as long again.
    pub count TITLE_CHARS: usize = 1000;

    /// The most characters that a person writes as the number of a line or a section.
    pub count NUMBER_CHARS: usize = 64;

    /// The most characters that a person writes as a deadline, which may be words.
    pub count DEADLINE_CHARS: usize = 200;

    /// The largest entry of a log; what is longer is refused where it is written.
    pub bytes ENTRY_BYTES: usize = 64 * 1024;

    /// The largest source of a template.
    pub bytes TEMPLATE_BYTES: usize = 96 * 1024;

    /// The most entries that one statement of an ending names; a longer one comes in parts. Each is 17 bytes.
    pub count ENDING_ENTRIES: usize = 100_000;

    /// The largest statement of a server about devices.
    pub bytes STATEMENT_BYTES: usize = 4 * 1024 * 1024;

    /// The largest signed edition that is checked.
    pub bytes EDITION_BYTES: usize = 32 * 1024 * 1024;

    /// The most bytes of the changes in a file that is carried; photos and files come after them.
    pub bytes BUNDLE_BYTES: usize = 512 * 1024 * 1024;

    /// The largest photo or file that is taken.
    pub bytes FILE_BYTES: u64 = 20 * 1024 * 1024;

    /// The most photos and files of one entry.
    pub count FILES: usize = 9;

    /// Bytes of a file that go to the server at once; what was sent before a break is not sent again.
    pub bytes PIECE: usize = 256 * 1024;

    /// The longest text that is imported.
    pub bytes IMPORT_BYTES: usize = 1024 * 1024;

    /// The longest half-written words that a device keeps, to stand in their field again.
    pub bytes UNSAVED_BYTES: usize = 2 * IMPORT_BYTES;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_of_a_writer_is_within_that_of_its_reader() {
        let pairs: [(&str, u64, u64); 19] = [
            ("changes that a refusal names", REFUSED_HASHES.number(), HASHES.number()),
            ("changes of a frame", CHANGES_SENT.number(), CHANGES_OF_A_FRAME.number()),
            (
                "a frame of changes, of which the last is as large as it may be",
                (CHANGES_SENT_BYTES + CHANGE_BYTES + CHANGE_BYTES / 4).number(),
                WHOLE_BYTES.number(),
            ),
            ("a part and its head", MESSAGE_BYTES.number(), FRAME_BYTES.number()),
            ("a frame that is not cut", PART_BYTES.number(), MESSAGE_BYTES.number()),
            // A name of 256 characters has 1,024 bytes at the most, a list of hashes 34 bytes for each.
            ("all hashes of a frame", (HASHES * 34 + 2 * NAME_CHARS * 4 + 256).number(), PART_BYTES.number()),
            ("hashes of a frame among those of a message", HASHES.number(), SYNC_HASHES.number()),
            ("a change of a document", CHANGE_BYTES.number(), DOCUMENT_BYTES.number()),
            ("operations of a change", CHANGE_OPERATIONS, DOCUMENT_OPERATIONS),
            ("heads that a change brings together", HEADS.number(), ANCESTORS),
            ("an entry", ENTRY_BYTES.number(), CHANGE_BYTES.number()),
            ("a text of four bytes for each character", (4 * TEXT_CHARS).number(), CHANGE_BYTES.number()),
            ("operations of a text", TEXT_CHARS.number(), CHANGE_OPERATIONS),
            ("a title that a person writes", TITLE_CHARS.number(), TEXT_CHARS.number()),
            ("a template", TEMPLATE_BYTES.number(), CHANGE_BYTES.number()),
            ("a statement", STATEMENT_BYTES.number(), CHANGE_BYTES.number()),
            // With its signature and all but its entries.
            ("entries of an ending", (17 * ENDING_ENTRIES + 1024).number(), STATEMENT_BYTES.number()),
            ("a piece of a file", PIECE.number(), FILE_BYTES),
            ("documents in a file that is carried", DOCUMENT_BYTES.number(), BUNDLE_BYTES.number()),
        ];
        for (what, written, read) in pairs {
            assert!(written <= read, "{what}: {written} is written, {read} is read");
        }
    }

    #[test]
    fn each_limit_stands_once_and_says_why() {
        let all = all();
        assert!(all.len() >= 20, "{}", all.len());
        for (index, limit) in all.iter().enumerate() {
            assert!(limit.about.trim().ends_with('.') && limit.about.len() > 20, "{}", limit.name);
            assert!(all[..index].iter().all(|before| before.name != limit.name), "{}", limit.name);
        }
    }
}
