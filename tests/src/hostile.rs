//! Hostile accounts, one for each kind of attack. Each does what it does until a time, and counts by what the
//! server stopped it.

use crate::client::{Client, try_http};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tongban_fuzz::hostile::{Change, Whole, chain, number, run, signed};
use tongban_server::clock::random;
use tongban_shared::attachment::FileHash;
use tongban_shared::id::{BoardId, DocumentId};
use tongban_shared::limits::{HEADS, PART_BYTES, PIECE};
use tongban_shared::sync::frame::Frame;
use tongban_shared::trust::Key;

/// The places that hostile accounts attack.
#[derive(Clone)]
pub struct Ground {
    pub address: String,
    pub space: DocumentId,
    /// Boards that they may write, as may the people who work on them.
    pub boards: Vec<BoardId>,
    /// The login of somebody else.
    pub victim: String,
    pub until: Instant,
}

/// An account and the way in which it attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hostile {
    Heads,
    Runs,
    Fragments,
    Waiting,
    SlowReader,
    Devices,
    Guesses,
    Previews,
    Spoilt,
    Reconnects,
}

/// How often the server answered in each way: `refused`, `closed`, or the status of an answer.
pub type Counts = BTreeMap<String, u64>;

impl Hostile {
    /// Each of them.
    pub const ALL: [Self; 10] = [
        Self::Heads,
        Self::Runs,
        Self::Fragments,
        Self::Waiting,
        Self::SlowReader,
        Self::Devices,
        Self::Guesses,
        Self::Previews,
        Self::Spoilt,
        Self::Reconnects,
    ];

    /// The answers that show that the attack has reached the server, and was stopped where it does harm; one of
    /// those that a bar keeps apart will do.
    #[must_use]
    pub const fn expected(self) -> &'static [&'static str] {
        match self {
            Self::Heads => &["refused", "taken"],
            Self::Runs => &["refused"],
            Self::Fragments => &["closed"],
            // A slow server has no memory for it in time.
            Self::Waiting => &["refused|closed"],
            // On a slow machine they still wait for their turn.
            Self::SlowReader => &["200", "429|0"],
            Self::Devices => &["200", "429"],
            Self::Guesses => &["401", "429"],
            // Few people on small boards: each of them is answered.
            Self::Previews => &["200"],
            // The document is read anew, and whoever was still being brought level comes again.
            Self::Spoilt => &["refused|closed"],
            Self::Reconnects => &["opened", "429"],
        }
    }

    /// Attacks with the session of an account.
    pub async fn attack(self, ground: &Ground, secret: &str) -> Counts {
        let mut attacker = Attacker { ground, secret, counts: Counts::new() };
        match self {
            Self::Heads => attacker.heads().await,
            Self::Runs => attacker.runs().await,
            Self::Fragments => attacker.fragments().await,
            Self::Waiting => attacker.waiting().await,
            Self::SlowReader => attacker.slow_reader().await,
            Self::Devices => attacker.devices().await,
            Self::Guesses => attacker.guesses().await,
            Self::Previews => attacker.previews().await,
            Self::Spoilt => attacker.spoilt().await,
            Self::Reconnects => attacker.reconnects().await,
        }
        attacker.counts
    }
}

/// A sync message that carries chunks.
#[must_use]
pub fn sync(document: DocumentId, chunks: Vec<Vec<u8>>) -> Frame {
    let changes = automerge::sync::ChunkList::from(chunks);
    let (heads, need, have) = (Vec::new(), Vec::new(), Vec::new());
    let version = automerge::sync::MessageVersion::V2;
    let data = automerge::sync::Message { heads, need, have, changes, flags: None, version }.encode();
    Frame::Sync { document, sender: "device".to_owned(), target: "server".to_owned(), data }
}

/// A change of a hundred bytes that deletes what is not there: automerge takes it, and writes another one.
#[must_use]
pub fn upon_nothing() -> Vec<u8> {
    let mut change = Change::of(1);
    change.actor = random::<16>().to_vec();
    change.columns[4].1 = run(1, &[1]);
    change.columns.push((0x71, run(1, &[0])));
    change.columns.push((0x73, run(1, &signed(900_000))));
    change.sealed().0
}

/// A change with so many bytes in it, upon one that nobody has.
fn upon_the_unknown(bytes: usize) -> Vec<u8> {
    let mut change = Change::of(1);
    (change.actor, change.ancestors) = (random::<16>().to_vec(), vec![random::<32>()]);
    change.columns[3].1 = run(1, &number((bytes as u64) << 4 | 7));
    change.columns.insert(4, (0x57, vec![7; bytes]));
    change.sealed().0
}

struct Attacker<'a> {
    ground: &'a Ground,
    secret: &'a str,
    counts: Counts,
}

impl Attacker<'_> {
    fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    fn goes_on(&self) -> bool {
        Instant::now() < self.ground.until
    }

    fn board(&self, number: usize) -> DocumentId {
        DocumentId::board(self.ground.boards[number % self.ground.boards.len()])
    }

    /// A connection; none when it was refused, after a moment.
    async fn connect(&mut self) -> Option<Client> {
        match Client::try_connect(&self.ground.address, self.secret, "hostile").await {
            Ok(client) => Some(client),
            Err(status) => {
                self.count(status.to_string());
                sleep(Duration::from_millis(200)).await;
                None
            }
        }
    }

    /// Counts what the server says until it has refused something, has ended the connection, or says nothing
    /// for a while.
    async fn hear(&mut self, client: &mut Client, patience: Duration) {
        if client.ended {
            return;
        }
        let before = client.refused.len();
        let until = Instant::now() + patience;
        while Instant::now() < until && client.refused.len() == before && !client.ended {
            client.take_within(Duration::from_millis(100)).await;
        }
        for _ in before..client.refused.len() {
            self.count("refused");
        }
        if client.ended {
            self.count("closed");
        }
    }

    async fn ask(&mut self, line: &str, body: &str) -> u16 {
        let head = format!(
            "{line} HTTP/1.1\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
            self.secret
        );
        let status =
            try_http(&self.ground.address, &head, body.as_bytes()).await.map_or(0, |(status, ..)| status);
        self.count(status.to_string());
        status
    }

    /// More heads than a board may have in one message, and some that it takes.
    async fn heads(&mut self) {
        let heads = |count: usize| -> Vec<Vec<u8>> {
            let one = |_| Change { actor: random::<16>().to_vec(), ..Change::of(1) }.sealed().0;
            (0..count).map(one).collect()
        };
        while self.goes_on() {
            let Some(mut client) = self.connect().await else { continue };
            let board = self.board(0);
            client.say(&sync(board, heads(20))).await;
            let until = Instant::now() + Duration::from_secs(2);
            while Instant::now() < until && !client.acknowledged.contains_key(&board) && !client.ended {
                client.take_within(Duration::from_millis(100)).await;
            }
            if client.acknowledged.contains_key(&board) {
                self.count("taken");
            }
            client.say(&sync(board, heads(HEADS + 500))).await;
            self.hear(&mut client, Duration::from_secs(5)).await;
            sleep(Duration::from_millis(500)).await;
        }
    }

    /// Runs that say more than is there, many small documents in one message, and as much work as is read.
    async fn runs(&mut self) {
        let mut many: Vec<Vec<u8>> = vec![Whole::of(120_000).sealed(); 400];
        many.push(vec![7]);
        let words = [
            vec![Whole::of(1 << 31).sealed()],
            vec![Change::of(1 << 60).sealed().0],
            chain(40, 490_000),
            many,
            // Read as a whole before it is found that it has no place here.
            vec![Change { start: 1 << 31, ..Change::of(400_000) }.sealed().0],
        ];
        let mut number = 0;
        while self.goes_on() {
            let Some(mut client) = self.connect().await else { continue };
            for chunks in &words {
                number += 1;
                let document = if number % 3 == 0 { self.ground.space } else { self.board(number) };
                client.say(&sync(document, chunks.clone())).await;
                self.hear(&mut client, Duration::from_secs(5)).await;
            }
        }
    }

    /// Parts of frames that never end, over several connections.
    async fn fragments(&mut self) {
        while self.goes_on() {
            let mut clients = Vec::new();
            for _ in 0..4 {
                clients.extend(self.connect().await);
            }
            for index in 0..240 {
                for client in &mut clients {
                    let data = vec![7; PART_BYTES];
                    client.say(&Frame::Fragment { frame: 1, index, count: 241, data }).await;
                }
            }
            for client in &mut clients {
                self.hear(client, Duration::from_secs(1)).await;
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// Changes that wait for what never comes.
    async fn waiting(&mut self) {
        while self.goes_on() {
            let mut clients = Vec::new();
            for number in 0..3 {
                let Some(mut client) = self.connect().await else { continue };
                for _ in 0..20 {
                    let changes = vec![upon_the_unknown(900_000), upon_the_unknown(900_000)];
                    let document = self.board(3 + number);
                    client.say(&sync(document, changes)).await;
                    self.hear(&mut client, Duration::from_millis(50)).await;
                }
                self.hear(&mut client, Duration::from_secs(2)).await;
                clients.push(client);
            }
            sleep(Duration::from_secs(2)).await;
        }
    }

    /// Asks for a file over many connections and takes none of it.
    async fn slow_reader(&mut self) {
        let content = vec![9; PIECE * 16];
        let hash = FileHash::of(&content);
        for (number, piece) in content.chunks(PIECE).enumerate() {
            let (size, at) = (content.len(), number * PIECE);
            let head = format!(
                "POST /api/files/{hash}?size={size}&at={at} HTTP/1.1\r\nauthorization: Bearer {}\r\ncontent-type: application/octet-stream\r\n",
                self.secret
            );
            let _ = try_http(&self.ground.address, &head, piece).await;
        }
        while self.goes_on() {
            let asked = (0..12).map(|_| self.one_slow_answer(hash));
            for status in futures::future::join_all(asked).await {
                self.count(status.to_string());
            }
        }
    }

    /// The status of one answer, of which nothing more is taken while others wait for theirs.
    async fn one_slow_answer(&self, hash: FileHash) -> u16 {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let Ok(socket) = tokio::net::TcpSocket::new_v4() else { return 0 };
        let _ = socket.set_recv_buffer_size(4096);
        let Ok(address) = self.ground.address.parse() else { return 0 };
        let Ok(mut stream) = socket.connect(address).await else { return 0 };
        let (board, secret) = (self.ground.boards[0], self.secret);
        let request = format!(
            "GET /api/boards/{board}/files/{hash} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {secret}\r\n\r\n"
        );
        let _ = stream.write_all(request.as_bytes()).await;
        let mut head = [0; 12];
        let end = self.ground.until.min(Instant::now() + Duration::from_secs(17));
        let answered = tokio::time::timeout_at(end, stream.read_exact(&mut head)).await;
        tokio::time::sleep_until(end).await;
        let words = String::from_utf8_lossy(&head).into_owned();
        let status = words.split(' ').nth(1).and_then(|word| word.parse().ok());
        if matches!(answered, Ok(Ok(_))) { status.unwrap_or(0) } else { 0 }
    }

    /// Devices without end, each of which is stated in the space for ever.
    async fn devices(&mut self) {
        while self.goes_on() {
            let key = Key::from_seed(&random()).public();
            let body = format!("{{\"device\":\"{}\",\"key\":\"{key}\"}}", key.device());
            self.ask("POST /api/devices", &body).await;
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Passwords of somebody else.
    async fn guesses(&mut self) {
        let mut number = 0_u32;
        while self.goes_on() {
            number += 1;
            let body = format!("{{\"login\":\"{}\",\"password\":\"guess {number}\"}}", self.ground.victim);
            self.ask("POST /api/session", &body).await;
        }
    }

    /// Foldings of whole boards, many at once.
    async fn previews(&mut self) {
        let (ground, secret) = (self.ground.clone(), self.secret.to_owned());
        while self.goes_on() {
            let asked = ground.boards.iter().cycle().take(20).map(|board| {
                let head = format!(
                    "GET /api/publications/{board}/preview HTTP/1.1\r\nauthorization: Bearer {secret}\r\n"
                );
                let address = ground.address.clone();
                async move { try_http(&address, &head, b"").await.map_or(0, |(status, ..)| status) }
            });
            for status in futures::future::join_all(asked).await {
                self.count(status.to_string());
            }
        }
    }

    /// Rounds of others that are spoilt at their commit.
    async fn spoilt(&mut self) {
        let mut number = 0;
        while self.goes_on() {
            number += 1;
            let Some(mut client) = self.connect().await else { continue };
            client.say(&sync(self.board(number), vec![upon_nothing()])).await;
            self.hear(&mut client, Duration::from_secs(5)).await;
        }
    }

    /// Connections without end, each of which opens every board and goes.
    async fn reconnects(&mut self) {
        while self.goes_on() {
            let mut open = Vec::new();
            for _ in 0..60 {
                if let Some(mut client) = self.connect().await {
                    self.count("opened");
                    for number in 0..self.ground.boards.len() {
                        client.say(&sync(self.board(number), Vec::new())).await;
                    }
                    open.push(client);
                }
                if !self.goes_on() {
                    break;
                }
            }
        }
    }
}
