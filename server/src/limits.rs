//! Bounds, each with its reason.

use std::time::Duration;

tongban_shared::limits! {
    /// Messages that wait for one connection. A reader that is slower is closed and syncs anew:
    /// nothing is dropped.
    pub count OUTBOX: usize = 256;

    /// Bytes that wait for one connection, of whatever number of messages; a slower reader is closed as well.
    pub bytes OUTBOX_BYTES: usize = 128 * 1024 * 1024;

    /// No further document is opened for a connection for which more bytes wait.
    pub bytes BEFORE_OPENING: usize = 8 * 1024 * 1024;

    /// Messages that wait for one document's task; a sender that is faster waits.
    pub count INBOX: usize = 256;

    /// Documents that one connection may open: boards with a log per unit come to some thousands.
    pub count DOCUMENTS_PER_CONNECTION: usize = 5000;

    /// The same for another server: every log of its boards.
    pub count DOCUMENTS_OF_A_SERVER: usize = 200_000;

    /// A quiet peer is asked whether it is there.
    pub time PING: Duration = Duration::from_secs(20);

    /// A peer that did not answer for this long, and on whose line nothing moved, is gone.
    pub time SILENCE: Duration = Duration::from_secs(45);

    /// The handshake must come within this time.
    pub time HANDSHAKE: Duration = Duration::from_secs(10);

    /// A document that nobody has open leaves memory after this time.
    pub time IDLE_ROOM: Duration = Duration::from_secs(60);

    /// How long a sign-in may wait for its turn at hashing a password; then it was no attempt.
    pub time HASHING: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 10 });

    /// Passwords of one account, of a login as one network tries it, or of one session, that are looked at at
    /// once.
    pub count HASHINGS: u64 = 1;

    /// The same for one network, or for all networks of a client that has many: whoever floods sign-in leaves
    /// others their turns.
    pub count HASHINGS_OF_A_NETWORK: u64 = 2;

    /// Acts of one account on accounts, sessions, devices and editions that are under way at once: each takes the
    /// one writer of the store, for which everybody waits.
    pub count ACTS: u64 = 1;

    /// So many more wait for their turn; others are told to come again.
    pub count ACTS_LINE: u64 = 50;

    /// How long one of them waits for its turn.
    pub time ACTS_WAIT: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 20 });

    /// Sign-ins of one account within [`SIGN_INS_WITHIN`], however right: each is a session and a record. A
    /// changed password begins anew.
    pub count SIGN_INS: u64 = 100;

    /// The time within which those are counted.
    pub time SIGN_INS_WITHIN: Duration = Duration::from_secs(3600);

    /// How often an account changes its password within [`PASSWORDS_WITHIN`], however right the one before is.
    /// A link that sets it anew begins anew.
    pub count PASSWORDS: u64 = 10;

    /// The time within which those are counted.
    pub time PASSWORDS_WITHIN: Duration = Duration::from_secs(3600);

    /// How often somebody of one account who is signed in says its password again within [`ATTEMPTS_WITHIN`],
    /// however right, to change how they sign in: each is hashed. A changed password begins anew.
    pub count CONFIRMATIONS: u64 = 30;

    /// How often the rights of an open connection are looked up again.
    pub time RIGHTS: Duration = Duration::from_secs(15);

    /// How long open connections may go on when nobody can say whether their sessions still stand.
    pub time UNSURE: Duration = Duration::from_secs(60);

    /// How long one question for the sessions of open connections may take.
    pub time ASKING: Duration = Duration::from_secs(10);

    /// How long the database may take to answer before `/healthz` says that it does not.
    pub time HEALTH: Duration = Duration::from_secs(1);

    /// How often at most a session is told to be in use by who writes over a connection.
    pub time USE: Duration = Duration::from_secs(60);

    /// How often the store is asked for what other processes have written.
    pub time ARRIVALS: Duration = Duration::from_millis(500);

    /// How long public pages go by the clock of the space as it was last asked for.
    pub time ZONE: Duration = Duration::from_secs(60);

    /// Messages that are taken into one commit.
    pub count BATCH: usize = 128;

    /// Connections whose waiting changes are released at once when what they rest on has come in; the others when
    /// the room has heard who else has something to say.
    pub count RELEASES_AT_ONCE: u64 = 16;

    /// Loose changes after which a document is compacted.
    pub count LOOSE_CHANGES: u64 = 400;

    /// How long the head of a request may take.
    pub time HEAD: Duration = Duration::from_secs(15);

    /// The largest head of a request, and as much of a body as is read ahead.
    pub bytes HEAD_BYTES: usize = 32 * 1024;

    /// How long the body of a request may be silent.
    pub time SILENT_BODY: Duration = Duration::from_secs(15);

    /// How long requests that are being answered may go on when the program is to end.
    pub time LAST_ANSWERS: Duration = Duration::from_secs(3);

    /// How long what was begun may go on then, also when nobody waits for its answer.
    pub time LAST_ACTS: Duration = Duration::from_millis(3800);

    /// A message that weighs more than this in memory is judged beside the workers, one after the other of an
    /// account.
    pub bytes LIGHT: u64 = 1024 * 1024;

    /// A message of more bytes than this is not even counted on a worker.
    pub bytes COUNTED_AT_ONCE: usize = 64 * 1024;

    /// The memory that counting another message takes besides its bytes, of what everything heavy takes together. A
    /// whole document that may take more is counted alone.
    pub bytes COUNTING: u64 = 32 * 1024 * 1024;

    /// How long a document may take to be read from the store; whoever waits for it is told to come again.
    pub time LOADING: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 20 });

    /// So many documents are read at once for an account, and as many for the program itself, its public
    /// pages and other servers.
    pub count LOADS: u32 = 4;

    /// A document that weighs more than this in memory is read when there is as much left of what everything
    /// heavy may take.
    pub bytes HEAVY_LOAD: u64 = 16 * 1024 * 1024;

    /// Mebibytes that everything heavy takes together: what is being judged, documents that are being read, and
    /// next editions that are being looked at. One thing that takes more is done alone.
    pub count HEAVY_MEMORY: u32 = 256;

    /// The part of it, in mebibytes, for what takes no more than [`SMALL_OF_HEAVY`].
    pub count HEAVY_MEMORY_FOR_SMALL: u32 = 64;

    /// Something heavy of no more than this does not wait behind what takes all the rest.
    pub bytes SMALL_OF_HEAVY: u64 = 16 * 1024 * 1024;

    /// Changes of a file that are judged and committed together.
    pub count PORTION: usize = 256;

    /// Bytes of a file that are judged and committed together, but for a larger change.
    pub bytes PORTION_BYTES: usize = 4 * 1024 * 1024;

    /// Changes that are written, or deleted behind a snapshot, in one transaction: whoever else writes comes
    /// between two of them.
    pub count COMMIT_ROWS: usize = 500;

    /// Bytes of changes that are written in one transaction, but for a larger change.
    pub bytes COMMIT_BYTES: usize = 4 * 1024 * 1024;

    /// A document is loaded anew so often within a minute; then everybody who has it open comes again.
    pub count RELOADS: usize = 60;

    /// How long words about a document are taken one by one, when one of several broke it and nobody knows
    /// which.
    pub time ONE_BY_ONE: Duration = Duration::from_secs(60);

    /// After so many words that broke a document in memory, nothing of an account is read for a while.
    pub count OFFENCES: u32 = 3;

    /// How long that is.
    pub time PAUSE: Duration = Duration::from_secs(10 * 60);

    /// How long such words are remembered after the last one.
    pub time OFFENCES_FORGOTTEN: Duration = Duration::from_secs(60 * 60);

    /// How long judging what one connection sent may take; the connection is closed then.
    pub time JUDGING: Duration = Duration::from_secs(20);

    /// A document whose reading for a question took longer than [`JUDGING`], or came to nothing, is not read for
    /// another one within this time.
    pub time READ_AGAIN: Duration = Duration::from_secs(if cfg!(test) { 3 } else { 60 });

    /// How long the program may take to end when it is told to; then it ends as it stands.
    pub time ENDING: Duration = Duration::from_millis(4500);

    /// How long changes stay beside the snapshot that holds them.
    pub time BEFORE_COMPACTION: Duration = Duration::from_secs(10);

    /// The largest body of an HTTP request: a piece of a file, of somebody who is signed in.
    pub bytes BODY: usize = tongban_shared::limits::PIECE;

    /// The largest body of any other: a few words, a key, the answer of a passkey.
    pub bytes WORDS_BODY: usize = 32 * 1024;

    /// Bytes of bodies that are held for one network from which nobody is signed in: those of an office in the
    /// morning, for each comes within a moment.
    pub bytes BODIES_OF_A_NETWORK: u64 = 1024 * 1024;

    /// The same for all networks of a client that can have many of version 6.
    pub bytes BODIES_OF_A_REGION: u64 = 2 * 1024 * 1024;

    /// The same for all who are not signed in: nothing of [`MEMORY`], which is for accounts.
    pub bytes BODIES_OF_STRANGERS: u64 = 32 * 1024 * 1024;

    /// A body of no more than this, by the length that its head tells, is brief: a login with its password, a code,
    /// the answer of a passkey.
    pub bytes BRIEF_BODY: usize = 2 * 1024;

    /// How long a brief body of somebody who is not signed in may take as a whole.
    pub time BRIEF_BODY_TIME: Duration = Duration::from_secs(5);

    /// Bytes of brief bodies that are held for one network from which nobody is signed in: an office signs in in
    /// the morning.
    pub bytes BRIEF_OF_A_NETWORK: u64 = 256 * 1024;

    /// The same for all networks of a client that can have many of version 6.
    pub bytes BRIEF_OF_A_REGION: u64 = 1024 * 1024;

    /// The same for a browser in which somebody signed in before; it takes nothing of what its network has.
    pub bytes BRIEF_OF_A_BROWSER: u64 = 32 * 1024;

    /// The same for all who are not signed in: one for each connection there may be.
    pub bytes BRIEF_OF_STRANGERS: u64 = CONNECTIONS * BRIEF_BODY as u64;

    /// How long a body may take as a whole, and as much again as it takes at [`BODY_A_SECOND`].
    pub time BODY_TIME: Duration = Duration::from_secs(30);

    /// Bytes of a body that come in a second at the least.
    pub bytes BODY_A_SECOND: u64 = 2 * 1024;

    /// Bytes that each connection reads ahead; most say little for hours.
    pub bytes READ_BUFFER: usize = 4 * 1024;

    /// So many refusals, closings and shares that ran out are written whole on the audit trail for one person
    /// or network within an hour, and the first of each reason; the rest stands in counts, for the trail is
    /// never cut.
    pub count WHOLE_AN_HOUR: usize = 20;

    /// So many acts of one kind that an account does of its own (signing in and out, changing the password, ways
    /// to sign in) are written whole within an hour; the rest stands in counts.
    pub count OWN_AN_HOUR: usize = 100;

    /// So many networks from which nobody has signed in are told apart on the trail within an hour; others
    /// are counted together.
    pub count NETWORKS_TOLD_APART: usize = 100;

    /// A connection whose changes were refused so often, for different reasons, is closed.
    pub count REFUSALS: usize = 100;

    /// So many payers of shares are kept in mind; of more, those that anybody makes up and that have used the least
    /// are forgotten, none that has used up its share, and none of an account. Logins are when they alone are twice
    /// as many.
    pub count PAYERS: usize = 50_000;

    /// So many parties stand in the list of those who use most.
    pub count COSTS: usize = 50;

    /// When somebody whose share is held is told to come again.
    pub time SHARE_AGAIN: Duration = Duration::from_secs(5);

    /// So many wait at once for a turn of one payer: for a file, a page, a password (for an act [`ACTS_LINE`]); others are told to come again.
    pub count LINE: u64 = 1000;

    /// Sockets that an account may have open at once: some devices with some tabs, or the duty desks of an
    /// office. An operator may set another number.
    pub count SOCKETS: u64 = 50;

    /// Bytes that are held for the connections of all: parts of unfinished frames, whatever waits to be
    /// taken, changes that wait for others. An account holds no more of it than is left for all others.
    pub bytes MEMORY: u64 = 192 * 1024 * 1024;

    /// The part of it for accounts that hold no more than [`SMALL_OF_MEMORY`], however much the others hold.
    pub bytes MEMORY_FOR_SMALL: u64 = 48 * 1024 * 1024;

    /// As much as those hold at most.
    pub bytes SMALL_OF_MEMORY: u64 = 2 * 1024 * 1024;

    /// A connection for which no more waits without memory is sent what is no larger, whatever its account
    /// holds, and as much is read of it: whoever keeps up with what is written, and writes as a person does,
    /// goes on.
    pub bytes OUTBOX_BEHIND: usize = 128 * 1024;

    /// Answers to connections that are brought level with a document are made on a worker as long as all of a
    /// round weigh no more; a larger one is made for a connection that has taken the last.
    pub bytes ANSWERED_AT_ONCE: u64 = 64 * 1024;

    /// How long a whole document is kept for the next who begins from nothing.
    pub time ANSWER_KEPT: Duration = Duration::from_secs(5);

    /// Bytes of such answers for an account within [`ANSWERED_WITHIN`]; larger ones wait then.
    pub bytes ANSWERED: u64 = 1024 * 1024 * 1024;

    /// The time within which that is counted.
    pub time ANSWERED_WITHIN: Duration = Duration::from_secs(10 * 60);

    /// An answer that waits for memory is tried again after this time.
    pub time ROOM_AGAIN: Duration = Duration::from_millis(250);

    /// How long what is coming in waits for memory of all; then its connection comes again, and nobody is
    /// blamed.
    pub time ROOM_WAIT: Duration = Duration::from_secs(if cfg!(test) { 4 } else { 20 });

    /// Bytes that one connection has sent and that still wait in documents; no more is heard of it before.
    pub bytes READ_AHEAD: usize = 1024 * 1024;

    /// Operations that an account writes in one document within [`WRITTEN_WITHIN`]: no account fills a
    /// document of others alone. A plan of a hundred pages has some tens of thousands.
    pub count WRITTEN_OPERATIONS: u64 = 250_000;

    /// The same in bytes.
    pub bytes WRITTEN_BYTES: u64 = 32 * 1024 * 1024;

    /// Authors of whom a document had nothing before: each loading of a page that writes is one, an office
    /// may share an account, and each costs automerge a clock of all of them.
    pub count WRITTEN_ACTORS: u64 = 1000;

    /// The same of another server, which brings what many people have written.
    pub count CARRIED_ACTORS: u64 = 4 * WRITTEN_ACTORS;

    /// In the log of another unit an account writes the part of these that this divides them by.
    pub count WRITTEN_ELSEWHERE: u64 = 20;

    /// The time within which that is counted.
    pub time WRITTEN_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);

    /// Sessions of an account: offices share accounts, and nobody fills the store by signing in. Beyond it
    /// those used longest ago end.
    pub count SESSIONS: u64 = 200;

    /// Devices that are certified for one person within a day, also of those that were ended since: every
    /// statement stays in the space.
    pub count DEVICES_A_DAY: usize = 20;

    /// Files that an account may have on their way at once.
    pub count DOWNLOADS: u64 = 6;

    /// How long a further one waits for its turn: less than a reader may stand still, so that those who wait
    /// for such readers are told.
    pub time DOWNLOAD_WAIT: Duration = Duration::from_secs(15);

    /// Files that another server may have on their way at once; it takes them for many people.
    pub count DOWNLOADS_OF_A_SERVER: u64 = 16;

    /// Files of an account that are made whole at once; further ones wait for [`UPLOAD_WAIT`].
    pub count UPLOADS: u64 = 1;

    /// Bytes of files of all accounts that are made whole at once: each is in memory as long as it is hashed and put
    /// into the store of files. Others wait.
    pub bytes WHOLE_FILES: u64 = 48 * 1024 * 1024;

    /// How long the last piece of a file waits for its turn; it is sent again then.
    pub time UPLOAD_WAIT: Duration = Duration::from_secs(30);

    /// A connection that takes less than [`LEAST_TAKEN`] of what is written to it, while it waits for so
    /// long, is ended.
    pub time SLOW_READER: Duration = Duration::from_secs(30);

    /// See [`SLOW_READER`]: a line of some 20 kilobits a second takes more.
    pub bytes LEAST_TAKEN: usize = 64 * 1024;

    /// Bytes that the kernel holds for a connection that has not taken them; it counts about twice as much,
    /// and takes more only when a third of that is free, which a slow line must have read within
    /// [`SLOW_READER`].
    pub bytes SEND_BUFFER: usize = 48 * 1024;

    /// Connections of all, as far as half of the program's descriptors go.
    pub count CONNECTIONS: u64 = 16_384;

    /// Connections of one network, and at most half of those of all: some hundred people behind one address,
    /// without a proxy in front.
    pub count CONNECTIONS_OF_A_NETWORK: u64 = 1024;

    /// Descriptors that the program asks the system for.
    pub count DESCRIPTORS: u64 = 65_536;

    /// An enterprise is told so much of one board, as JSON; of more the later items and the oldest records are left
    /// out, and the answer says so.
    pub bytes PROJECTS_OF_A_BOARD: usize = 1024 * 1024;

    /// The same of all boards together.
    pub bytes PROJECTS_BYTES: usize = 8 * 1024 * 1024;

    /// Columns of a public table for fields of templates; others stand together in one.
    pub count TABLE_FIELDS: usize = 100;

    /// Foldings of whole boards that an account may have under way at once.
    pub count READINGS: u64 = 2;

    /// Public pages that are made at once for one network: what was made is kept, so this is the time that
    /// one page takes.
    pub count READINGS_OF_A_NETWORK: u64 = 1;

    /// The same for all networks: of a machine with two cores half is left to those who work.
    pub count READINGS_OF_STRANGERS: u64 = 2;

    /// Editions of one board that are published within a day: they stay for ever.
    pub count EDITIONS_A_DAY: usize = 30;

    /// Bytes of public pages that are kept or on their way, each once however many read it; of more, those go
    /// that nobody reads, and nobody asked for the longest. One that is larger goes its way alone.
    pub bytes PAGES_BYTES: u64 = 64 * 1024 * 1024;

    /// The part of it for pages of no more than [`SMALL_PAGE`].
    pub bytes PAGES_FOR_SMALL: u64 = 16 * 1024 * 1024;

    /// As large as those are at most.
    pub bytes SMALL_PAGE: u64 = 1024 * 1024;

    /// Bytes of different pages that are on their way to one network, or one that is larger.
    pub bytes PAGES_OF_A_NETWORK: u64 = 16 * 1024 * 1024;

    /// The same for all networks of a client that can have many of version 6.
    pub bytes PAGES_OF_A_REGION: u64 = 32 * 1024 * 1024;

    /// The most boards from which the indicators of one board are filled.
    pub count FEEDING_BOARDS: usize = 100;

    /// How often an edition, or what an enterprise sees of a board, may look at items and records: some seconds.
    pub count LOOKED_AT: usize = 20_000_000;

    /// How long a folding waits for its turn.
    pub time READING_WAIT: Duration = Duration::from_secs(if cfg!(test) { 2 } else { 20 });

    /// Boards of which the judged entries are kept.
    pub count JUDGED_BOARDS: usize = 64;

    /// Bytes of memory that these take together, but for the one that was asked for last; of more, those go
    /// that were asked for longest ago.
    pub bytes JUDGED_BYTES: u64 = 128 * 1024 * 1024;

    /// Failed attempts for one login from one network, in one known browser or in one session within
    /// [`ATTEMPTS_WITHIN`].
    pub count ATTEMPTS: u64 = 8;

    /// Failed attempts from one network, for whatever logins: an office stands behind one address.
    pub count ATTEMPTS_OF_A_NETWORK: u64 = 80;

    /// The same for all networks of a client that can have many of version 6.
    pub count ATTEMPTS_OF_A_REGION: u64 = 800;

    /// Links of one account that are open at once: enough for a large office within a week.
    pub count LINKS: u64 = 500;

    /// The time within which attempts are counted.
    pub time ATTEMPTS_WITHIN: Duration = Duration::from_secs(300);

    /// Failed attempts for one login from wherever; known browsers are not counted and not kept out.
    pub count ATTEMPTS_FOR_A_LOGIN: u64 = 200;

    /// The time within which those are counted.
    pub time ATTEMPTS_FOR_A_LOGIN_WITHIN: Duration = Duration::from_secs(3600);

    /// Codes of an authenticator app that are tried for one account, and as many in browsers that are known:
    /// there are a million of them.
    pub count CODES: u64 = 20;

    /// The time within which those are counted.
    pub time CODES_WITHIN: Duration = Duration::from_secs(3600);
}
