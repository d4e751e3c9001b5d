//! Bounds, each with its reason.

use std::time::Duration;

/// Messages that wait for one connection. A reader that is slower is closed and syncs anew:
/// nothing is dropped.
pub const OUTBOX: usize = 256;

/// Bytes that wait for one connection, of whatever number of messages; a slower reader is closed as well.
pub const OUTBOX_BYTES: usize = 128 * 1024 * 1024;

/// No further document is opened for a connection for which more bytes wait.
pub const BEFORE_OPENING: usize = 8 * 1024 * 1024;

/// Messages that wait for one document's task; a sender that is faster waits.
pub const INBOX: usize = 256;

/// Documents that one connection may open: boards with a log per unit come to some thousands.
pub const DOCUMENTS_PER_CONNECTION: usize = 5000;

/// The same for another server: every log of its boards.
pub const DOCUMENTS_OF_A_SERVER: usize = 200_000;

/// A quiet peer is asked whether it is there.
pub const PING: Duration = Duration::from_secs(20);

/// A peer that did not answer for this long is gone.
pub const SILENCE: Duration = Duration::from_secs(45);

/// The handshake must come within this time.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// A document that nobody has open leaves memory after this time.
pub const IDLE_ROOM: Duration = Duration::from_secs(60);

/// How long a sign-in may wait for its turn at hashing a password.
pub const HASHING: Duration = Duration::from_secs(10);

/// How often the rights of an open connection are looked up again.
pub const RIGHTS: Duration = Duration::from_secs(15);

/// How long open connections may go on when nobody can say whether their sessions still stand.
pub const UNSURE: Duration = Duration::from_secs(60);

/// How long one question for the sessions of open connections may take.
pub const ASKING: Duration = Duration::from_secs(10);

/// How often at most a session is told to be in use by who writes over a connection.
pub const USE: Duration = Duration::from_secs(60);

/// How often the store is asked for what other processes have written.
pub const ARRIVALS: Duration = Duration::from_millis(500);

/// How long public pages go by the clock of the space as it was last asked for.
pub const ZONE: Duration = Duration::from_secs(60);

/// Messages that are taken into one commit.
pub const BATCH: usize = 128;

/// Loose changes after which a document is compacted.
pub const LOOSE_CHANGES: u64 = 400;

/// How long the head of a request may take.
pub const HEAD: Duration = Duration::from_secs(15);

/// How long the body of a request may be silent.
pub const SILENT_BODY: Duration = Duration::from_secs(15);

/// How long requests that are being answered may go on when the program is to end.
pub const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// A message that weighs more than this in memory is judged beside the workers, one after the other of an account.
pub const LIGHT: u64 = 1024 * 1024;

/// A message of more bytes than this is not even counted on a worker.
pub const COUNTED_AT_ONCE: usize = 64 * 1024;

/// How long a document may take to be read from the store; whoever waits for it is told to come again.
pub const LOADING: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 20 });

/// So many documents are read at once for an account, and as many for the program itself, its public
/// pages and other servers.
pub const LOADS: u32 = 4;

/// A document that weighs more than this in memory is read alone for its account.
pub const HEAVY_LOAD: u64 = 16 * 1024 * 1024;

/// How long judging what one connection sent may take; the connection is closed then.
pub const JUDGING: Duration = Duration::from_secs(20);

/// How long the program may take to end when it is told to; then it ends as it stands.
pub const ENDING: Duration = Duration::from_millis(4500);

/// How long changes stay beside the snapshot that holds them.
pub const BEFORE_COMPACTION: Duration = Duration::from_secs(10);

/// The largest body of an HTTP request.
pub const BODY: usize = 1024 * 1024;

/// Bytes that each connection reads ahead; most say little for hours.
pub const READ_BUFFER: usize = 4 * 1024;

/// So many refusals of one person, or from one address, stand on the audit trail within an hour: it is
/// never cut, and every record waits for the one before.
pub const REFUSALS_AN_HOUR: u32 = 300;

/// A connection whose changes were refused so often, for different reasons, is closed.
pub const REFUSALS: usize = 100;

/// So many refused changes of one file stand on the audit trail for each document.
pub const RECORDED: usize = 100;

/// So many payers of shares are kept in mind; of more, those that began first are forgotten.
pub const PAYERS: usize = 50_000;

/// When somebody whose share is held is told to come again.
pub const SHARE_AGAIN: Duration = Duration::from_secs(5);

/// Files that an account may have on their way at once.
pub const DOWNLOADS: u64 = 6;

/// The same for another server, which takes them for many people.
pub const DOWNLOADS_OF_A_SERVER: u64 = 16;

/// Files of an account that are made whole at once; further ones wait for [`UPLOAD_WAIT`].
pub const UPLOADS: u64 = 1;

/// How long the last piece of a file waits for its turn; it is sent again then.
pub const UPLOAD_WAIT: Duration = Duration::from_secs(30);

/// A connection that takes nothing of what is written to it for so long is ended.
pub const SLOW_READER: Duration = Duration::from_secs(30);

/// Foldings of whole boards that an account may have under way at once.
pub const READINGS: u64 = 2;

/// The same for readers of public pages at one network, who compare editions.
pub const READINGS_OF_A_NETWORK: u64 = 8;

/// How long a folding waits for its turn.
pub const READING_WAIT: Duration = Duration::from_secs(20);

/// Boards of which the judged entries are kept.
pub const JUDGED_BOARDS: usize = 64;

/// Failed attempts for one login from one network, in one known browser or in one session within
/// [`ATTEMPTS_WITHIN`].
pub const ATTEMPTS: u64 = 8;

/// Failed attempts from one network, for whatever logins: an office stands behind one address.
pub const ATTEMPTS_OF_A_NETWORK: u64 = 80;

/// The same for all networks of a client that can have many of version 6.
pub const ATTEMPTS_OF_A_REGION: u64 = 800;

/// The time within which attempts are counted.
pub const ATTEMPTS_WITHIN: Duration = Duration::from_secs(300);

/// Failed attempts for one login from wherever; known browsers are not counted and not kept out.
pub const ATTEMPTS_FOR_A_LOGIN: u64 = 200;

/// The time within which those are counted.
pub const ATTEMPTS_FOR_A_LOGIN_WITHIN: Duration = Duration::from_secs(3600);

/// Codes of an authenticator app that are tried for one account: there are a million of them.
pub const CODES: u64 = 20;

/// The time within which those are counted.
pub const CODES_WITHIN: Duration = Duration::from_secs(3600);
