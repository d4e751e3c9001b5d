//! Ten hostile accounts and twenty people who work: nothing of the people is lost or held up.
//!
//! The short form counts. `TONGBAN_SIEGE=600` goes on for so many seconds, prints how long edits took to arrive,
//! and asks that they were in time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tongban_shared::document::Kind;
use tongban_shared::edit::{BoardField, Edit, ItemField};
use tongban_shared::id::{BoardId, DocumentId, ItemId, SpaceId, UnitId};
use tongban_shared::model::BoardListing;
use tongban_tests::client::{Client, ask, join, sign_in};
use tongban_tests::hostile::{Counts, Ground, Hostile};
use tongban_tests::process::Process;
use tongban_tests::small_board;
use tongban_tests::timing::most_memory;

const BOARDS: usize = 5;
const PEOPLE: usize = 20;

/// The most memory of the program, in MiB.
const MEMORY: f64 = 400.0;

/// How long an edit may take until others have it, of 99 in a hundred.
const IN_TIME: Duration = Duration::from_millis(250);

/// How long everything may take to arrive after the last edit.
const SETTLING: Duration = Duration::from_secs(30);

/// An edit that was sent.
#[derive(Debug, Clone, Copy)]
struct Sent {
    by: usize,
    hash: [u8; 32],
    at: Instant,
}

/// Somebody who edits an item of a board once a second, and reads what colleagues write.
struct Person {
    number: usize,
    client: Client,
    board: DocumentId,
    item: ItemId,
    address: String,
    secret: String,
    /// The edits that the people of the board have sent.
    words: broadcast::Sender<Sent>,
    heard: broadcast::Receiver<Sent>,
    /// How many people have sent their last edit.
    quiet: Arc<AtomicUsize>,
}

/// The account of one person's work.
#[derive(Default)]
struct Work {
    edits: Vec<[u8; 32]>,
    /// How long edits of others took until they were here.
    took: Vec<Duration>,
    never_seen: usize,
    connections_ended: usize,
}

impl Person {
    async fn work(mut self, until: Instant) -> (Client, Work) {
        let mut work = Work::default();
        let mut awaited: Vec<Sent> = Vec::new();
        // Not all in the same moment; all read from the beginning.
        let first = Instant::now() + Duration::from_millis(self.number as u64 * 50);
        let mut tick = interval_at(first, Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_quiet = false;
        while Instant::now() < until + SETTLING {
            if Instant::now() >= until && !is_quiet {
                is_quiet = true;
                self.quiet.fetch_add(1, Ordering::SeqCst);
            }
            tokio::select! {
                _ = tick.tick() => if !is_quiet {
                    let words = format!("{} 的第 {} 次改动", self.number, work.edits.len());
                    let edit = Edit::SetItemField { id: self.item, field: ItemField::Title, value: words };
                    let at = Instant::now();
                    let hash = self.client.edit(self.board, &edit).await;
                    work.edits.push(hash);
                    let _ = self.words.send(Sent { by: self.number, hash, at });
                },
                sent = self.heard.recv() => awaited.extend(sent.ok().filter(|sent| sent.by != self.number)),
                message = self.client.hear(Duration::from_secs(1)) => if let Some(message) = message {
                    self.client.take_in(&message).await;
                } else if self.client.ended {
                    work.connections_ended += 1;
                    while !self.client.again(&self.address, &self.secret, "person").await {
                        sleep(Duration::from_millis(200)).await;
                    }
                },
            }
            awaited.retain(|sent| {
                let here = self.client.has(self.board, &sent.hash);
                if here {
                    work.took.push(sent.at.elapsed());
                }
                !here
            });
            let all_are = self.quiet.load(Ordering::SeqCst) == PEOPLE && self.heard.is_empty();
            if all_are && awaited.is_empty() && self.client.is_safe(self.board) {
                break;
            }
        }
        work.never_seen = awaited.len();
        (self.client, work)
    }
}

/// A server with its boards, and the unit whose people write them.
struct Town {
    server: Process,
    office: String,
    space: DocumentId,
    unit: UnitId,
    boards: Vec<BoardId>,
}

impl Town {
    async fn begin(folder: &std::path::Path) -> Self {
        // A backtrace of a program with its symbols reads all of them: that would be the most of its memory.
        let options = ["--demo", "--listen", "127.0.0.1:0"];
        let server = Process::start_under(folder, &options, &[("RUST_BACKTRACE", "0")]).await;
        let (office, space) = sign_in(&server.address, "office").await;
        let space = DocumentId::space(space.parse::<SpaceId>().expect("a space"));
        let mut client = Client::connect(&server.address, &office, "office").await;
        client.open(space, Kind::Space).await;
        let unit = client.documents[&space].space().unit_named("海拉尔区人民政府").expect("a unit");
        let boards: Vec<BoardId> =
            (0..BOARDS).map(|_| BoardId::from_bytes(tongban_server::clock::random())).collect();
        for board in &boards {
            let listing = BoardListing { title: format!("{board}"), doc_number: String::new() };
            client.edit(space, &Edit::ListBoard { id: *board, listing }).await;
        }
        client.until("the list", |client| client.is_safe(space)).await;
        for board in &boards {
            let id = DocumentId::board(*board);
            client.open(id, Kind::Board).await;
            for edit in small_board::edits(10, unit) {
                client.edit(id, &edit).await;
            }
            client.edit(id, &Edit::SetBoardField { field: BoardField::Lead, value: unit.to_string() }).await;
            client.until("the board", |client| client.is_safe(id)).await;
        }
        Self { server, office, space, unit, boards }
    }

    /// A new account of the unit; gives its session.
    async fn come(&self, login: &str) -> String {
        let order = serde_json::json!({ "unit": self.unit, "role": "editor" }).to_string();
        let (status, body) = ask(&self.server.address, &self.office, "POST /api/invitations", &order).await;
        assert_eq!(status, 200, "{body}");
        let invited: serde_json::Value = serde_json::from_str(&body).expect("a link");
        join(&self.server.address, invited["link"].as_str().expect("a link"), login).await
    }

    async fn people(&self) -> Vec<Person> {
        let words: Vec<broadcast::Sender<Sent>> = (0..BOARDS).map(|_| broadcast::channel(4096).0).collect();
        let quiet = Arc::new(AtomicUsize::new(0));
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            let secret = self.come(&format!("person-{number}")).await;
            let board = DocumentId::board(self.boards[number % BOARDS]);
            let mut client = Client::connect(&self.server.address, &secret, "person").await;
            client.open(board, Kind::Board).await;
            let words = words[number % BOARDS].clone();
            people.push(Person {
                number,
                client,
                board,
                item: small_board::item(u8::try_from(number / BOARDS).unwrap_or_default()),
                address: self.server.address.clone(),
                secret,
                heard: words.subscribe(),
                words,
                quiet: Arc::clone(&quiet),
            });
        }
        people
    }
}

/// The hostile accounts at work, all at once.
fn besiege(ground: &Ground, sessions: &[String]) -> JoinSet<(Hostile, Counts)> {
    let mut attacks = JoinSet::new();
    for (hostile, secret) in Hostile::ALL.into_iter().zip(sessions) {
        let (ground, secret) = (ground.clone(), secret.clone());
        attacks.spawn(async move { (hostile, hostile.attack(&ground, &secret).await) });
    }
    attacks
}

/// Takes what comes until all who have a board open have the same heads of it.
async fn same_heads(clients: &mut [Client], board: DocumentId) -> bool {
    let end = Instant::now() + SETTLING;
    while Instant::now() < end {
        for client in &mut *clients {
            while client.take_within(Duration::from_millis(20)).await {}
        }
        let mut heads = clients.iter_mut().map(|client| {
            let heads = client.documents.get_mut(&board).expect("the board").heads();
            heads.into_iter().collect::<BTreeSet<_>>()
        });
        let first = heads.next();
        if heads.all(|heads| Some(&heads) == first.as_ref()) {
            return true;
        }
    }
    false
}

fn at(sorted: &[Duration], share: usize) -> Duration {
    sorted[(sorted.len() - 1) * share / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_hostile_accounts_hold_up_nobody_and_nothing_is_lost() {
    let asked = std::env::var("TONGBAN_SIEGE").ok().and_then(|seconds| seconds.parse::<u64>().ok());
    let folder = tempfile::tempdir().expect("a folder");
    let town = Town::begin(folder.path()).await;
    let address = town.server.address.clone();
    let people = town.people().await;
    let mut sessions = Vec::new();
    for hostile in Hostile::ALL {
        sessions.push(town.come(&format!("{hostile:?}").to_lowercase()).await);
    }

    let until = Instant::now() + Duration::from_secs(asked.unwrap_or(20));
    let (boards, victim) = (town.boards.clone(), "person-0".to_owned());
    let ground = Ground { address: address.clone(), space: town.space, boards, victim, until };
    let attacks = besiege(&ground, &sessions);
    let mut at_work = JoinSet::new();
    for person in people {
        at_work.spawn(async move { (person.number, person.work(until).await) });
    }
    let mut by_board: BTreeMap<usize, Vec<Client>> = BTreeMap::new();
    let (mut edits, mut took, mut never_seen, mut ended) = (BTreeMap::new(), Vec::new(), 0, 0);
    for (number, (client, work)) in at_work.join_all().await {
        by_board.entry(number % BOARDS).or_default().push(client);
        edits.entry(number % BOARDS).or_insert_with(Vec::new).extend(work.edits);
        took.extend(work.took);
        never_seen += work.never_seen;
        ended += work.connections_ended;
    }
    let stopped: BTreeMap<Hostile, Counts> = attacks.join_all().await.into_iter().collect();
    took.sort_unstable();
    let sent: usize = edits.values().map(Vec::len).sum();
    let memory = most_memory(town.server.id());
    println!(
        "{sent} edits, {} arrivals: p50 {:?}, p99 {:?}, most {:?}; never seen {never_seen}, connections ended \
         {ended}, memory {memory:.0} MiB",
        took.len(),
        at(&took, 50),
        at(&took, 99),
        at(&took, 100)
    );
    stopped.iter().for_each(|(hostile, counts)| println!("{hostile:?}: {counts:?}"));

    for (hostile, counts) in &stopped {
        for answer in hostile.expected() {
            let came = answer.split('|').any(|one| counts.get(one).is_some_and(|count| *count > 0));
            assert!(came, "{hostile:?}: {answer} of {counts:?}");
        }
    }
    assert_eq!(stopped.len(), Hostile::ALL.len());
    let told = ask(&address, &town.office, "GET /api/audit?act=refused", "").await.1;
    for why in ["paused", "too-large"] {
        assert!(told.contains(why), "{why} is on the trail: {told}");
    }
    assert!(sent >= PEOPLE * 5, "{sent} edits");
    assert_eq!(
        (never_seen, took.len()),
        (0, sent * (PEOPLE / BOARDS - 1)),
        "every edit reaches every reader"
    );
    assert_eq!(ended, 0, "connections of people that ended");
    for (number, clients) in &mut by_board {
        let board = DocumentId::board(town.boards[*number]);
        assert!(same_heads(clients, board).await, "the heads of board {number}");
    }
    drop(by_board);
    assert!(memory < MEMORY, "{memory:.0} MiB");
    if asked.is_some() {
        assert!(at(&took, 99) <= IN_TIME, "p99 {:?}", at(&took, 99));
    }

    // In the middle of it the program is told to end, and has kept what it took.
    let mut attacks =
        besiege(&Ground { until: Instant::now() + Duration::from_secs(10), ..ground }, &sessions);
    sleep(Duration::from_secs(2)).await;
    let ending = town.server.terminate(Duration::from_secs(5)).await;
    attacks.shutdown().await;
    println!("ended in {ending:?}");
    let server = Process::start(folder.path()).await;
    let (office, _) = sign_in(&server.address, "office").await;
    let mut client = Client::connect(&server.address, &office, "office").await;
    for (number, edits) in edits {
        let id = DocumentId::board(town.boards[number]);
        client.open(id, Kind::Board).await;
        client.until("all edits", |client| edits.iter().all(|edit| client.has(id, edit))).await;
    }
    server.kill().await;
}
