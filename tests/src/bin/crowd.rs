//! A thousand devices of our own protocol on three hundred boards, as `tests/benches/load.mjs` drives
//! those of automerge-repo's: an edit until another device has it, what the server spends. Printed,
//! never asserted.

use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;
use tongban_shared::document::Kind;
use tongban_shared::edit::{Edit, ItemField};
use tongban_shared::id::{BoardId, DocumentId, SpaceId};
use tongban_shared::model::BoardListing;
use tongban_tests::client::{Client, sign_in};
use tongban_tests::process::Process;
use tongban_tests::small_board;
use tongban_tests::timing::{memory, processor};

const BOARDS: usize = 300;
const DEVICES: usize = 1000;
const ITEMS: u8 = 10;
const RATE: u32 = 17;
const SECONDS: u32 = 60;
const FLOOD: Duration = Duration::from_secs(15);
const WRITERS: usize = 50;
const PATIENCE: Duration = Duration::from_secs(20);

/// The orders to a device.
enum Word {
    Write(Edit, oneshot::Sender<[u8; 32]>),
    Await([u8; 32], oneshot::Sender<Instant>),
}

/// A device on one board, in a task of its own.
#[derive(Clone)]
struct Device(mpsc::UnboundedSender<Word>);

impl Device {
    fn start(mut client: Client, board: DocumentId) -> Self {
        let (words, mut inbox) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut awaited: Vec<([u8; 32], oneshot::Sender<Instant>)> = Vec::new();
            loop {
                tokio::select! {
                    word = inbox.recv() => match word {
                        Some(Word::Write(edit, hash)) => drop(hash.send(client.edit(board, &edit).await)),
                        Some(Word::Await(hash, seen)) => awaited.push((hash, seen)),
                        None => return,
                    },
                    _ = client.take() => {}
                }
                while let Some(at) = awaited.iter().position(|(hash, _)| client.has(board, hash)) {
                    let _ = awaited.swap_remove(at).1.send(Instant::now());
                }
            }
        });
        Self(words)
    }

    async fn write(&self, edit: Edit) -> Option<[u8; 32]> {
        let (reply, hash) = oneshot::channel();
        self.0.send(Word::Write(edit, reply)).ok()?;
        hash.await.ok()
    }

    async fn has(&self, hash: [u8; 32]) -> Option<Instant> {
        let (reply, seen) = oneshot::channel();
        self.0.send(Word::Await(hash, reply)).ok()?;
        timeout(PATIENCE, seen).await.ok()?.ok()
    }
}

/// One edit of a board until another of its devices has it, in milliseconds; none when it is late.
async fn edit(devices: &[Device], number: usize) -> Option<f64> {
    let id = small_board::item(u8::try_from(number % usize::from(ITEMS)).unwrap_or_default());
    let (writer, reader) = (&devices[number % devices.len()], &devices[(number + 1) % devices.len()]);
    let begun = Instant::now();
    let words = format!("第 {number} 次改动");
    let hash = writer.write(Edit::SetItemField { id, field: ItemField::Title, value: words }).await?;
    Some((reader.has(hash).await? - begun).as_secs_f64() * 1000.0)
}

fn print(name: &str, mut all: Vec<f64>, lost: usize) {
    all.sort_by(f64::total_cmp);
    let at = |share: usize| all.get(all.len().saturating_sub(1) * share / 100).copied().unwrap_or_default();
    println!("{name:<52} {} edits, p50 {:.1} ms, p99 {:.1} ms, not seen {lost}", all.len(), at(50), at(99));
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let server = Process::start_for_a_crowd(folder.path()).await;
    let (secret, space) = sign_in(&server.address, "office").await;
    let space = DocumentId::space(space.parse::<SpaceId>().unwrap_or_else(|error| panic!("{error}")));
    let mut lister = Client::connect(&server.address, &secret, "lister").await;
    lister.open(space, Kind::Space).await;
    let board = |number: usize| {
        let mut id = [0x5a; 16];
        id[..8].copy_from_slice(&(number as u64).to_be_bytes());
        BoardId::from_bytes(id)
    };
    let mut last = [0; 32];
    for number in 0..BOARDS {
        let listing = BoardListing { title: format!("第 {number} 张"), doc_number: String::new() };
        last = lister.edit(space, &Edit::ListBoard { id: board(number), listing }).await;
    }
    lister.until("the list", |client| client.acknowledged[&space].contains(&last)).await;
    drop(lister);

    let empty = memory(server.id());
    let mut boards: Vec<Vec<Device>> = Vec::new();
    for number in 0..BOARDS {
        let id = DocumentId::board(board(number));
        let mut client = Client::connect(&server.address, &secret, "first").await;
        client.open(id, Kind::Board).await;
        for edit in small_board::edits(ITEMS, small_board::unit("海拉尔区")) {
            last = client.edit(id, &edit).await;
        }
        client.until("the board", |client| client.acknowledged[&id].contains(&last)).await;
        boards.push(vec![Device::start(client, id)]);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let with_boards = memory(server.id());

    let (begun, spent) = (Instant::now(), processor(server.id()));
    for number in 0..DEVICES - BOARDS {
        let id = DocumentId::board(board(number % BOARDS));
        let mut client = Client::connect(&server.address, &secret, "next").await;
        client.open(id, Kind::Board).await;
        boards[number % BOARDS].push(Device::start(client, id));
    }
    let (took, used) = (begun.elapsed().as_secs_f64(), processor(server.id()) - spent);
    println!("{:<52} {took:.1} s, of the server's processor {used:.1} s", "700 devices open their boards");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let with_devices = memory(server.id());
    let each = (with_devices - with_boards) * 1024.0 / (DEVICES - BOARDS) as f64;
    println!("{:<52} {each:.1} KiB", "memory per idle device");
    let each = (with_boards - empty) * 1024.0 / BOARDS as f64 - each;
    println!("{:<52} {each:.1} KiB", "memory per open board");
    let spent = processor(server.id());
    tokio::time::sleep(Duration::from_secs(15)).await;
    let idle = (processor(server.id()) - spent) * 100.0 / 15.0;
    println!("{:<52} {idle:.1} % of a core", "server processor with 1,000 idle devices");

    let boards = Arc::new(boards);
    let (all, spent) = (Arc::new(Mutex::new((Vec::new(), 0))), processor(server.id()));
    let mut tick = tokio::time::interval(Duration::from_secs(1) / RATE);
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..(RATE * SECONDS) as usize {
        tick.tick().await;
        let (boards, all) = (Arc::clone(&boards), Arc::clone(&all));
        waiting.spawn(async move {
            let seen = edit(&boards[(number * 7) % BOARDS], number).await;
            let mut all = all.lock().await;
            match seen {
                Some(ms) => all.0.push(ms),
                None => all.1 += 1,
            }
        });
    }
    waiting.join_all().await;
    let (seen, lost) = std::mem::take(&mut *all.lock().await);
    let each = (processor(server.id()) - spent) * 1000.0 / seen.len().max(1) as f64;
    print("17 edits a second until another has it", seen, lost);
    println!("{:<52} {each:.2} ms", "server processor time per edit");

    let spent = processor(server.id());
    let mut waiting = tokio::task::JoinSet::new();
    for place in 0..WRITERS {
        let boards = Arc::clone(&boards);
        waiting.spawn(async move {
            let (begun, mut seen, mut lost, mut number) = (Instant::now(), Vec::new(), 0, 0);
            while begun.elapsed() < FLOOD {
                match edit(&boards[place], number).await {
                    Some(ms) => seen.push(ms),
                    None => lost += 1,
                }
                number += 1;
            }
            (seen, lost)
        });
    }
    let (mut seen, mut lost) = (Vec::new(), 0);
    for (of_one, late) in waiting.join_all().await {
        seen.extend(of_one);
        lost += late;
    }
    let each = (processor(server.id()) - spent) * 1000.0 / seen.len().max(1) as f64;
    print("50 boards without a pause", seen, lost);
    println!("{:<52} {each:.2} ms", "server processor time per edit");
    println!("{:<52} {:.0} MiB", "server memory", memory(server.id()));
    // Devices end first: without a server they would go on asking for one.
    drop(boards);
    server.kill().await;
}
