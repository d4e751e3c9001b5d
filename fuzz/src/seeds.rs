//! Whole inputs, from which a corpus begins: written by the product itself.

use tongban_shared::adopt::adopt;
use tongban_shared::bundle;
use tongban_shared::document::{Chunk, Document, Kind, Stamp};
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::id::{BoardId, DeviceId, DocumentId, EntryId, PersonId, SpaceId, UnitId};
use tongban_shared::import;
use tongban_shared::model::Space;
use tongban_shared::office::Job;
use tongban_shared::sync::frame::{Frame, Hashes, ServerWord};
use tongban_shared::sync::link::{Effect, Link};
use tongban_shared::sync::{Dialect, RefusalCode};
use tongban_shared::trust::Key;
use tongban_shared::views::{Sheet, SheetCell, SheetColumn};

const ID: DocumentId = DocumentId::from_bytes([5; 16]);

/// A document in the form of those that units send around.
const WORDS: &str = "北岭市人民政府办公室关于印发《北岭市冬季供暖保障工作清单》的通知
北政办发〔2026〕12号
一、主要目标
到2026年底，全市供热面积达到1200万平方米，投诉办结率达到95%以上。
二、重点任务
（一）设备检修
1.完成热源厂年度检修。9月底前完成。（牵头单位：市住建局；配合单位：各旗市区人民政府）
2.更换老旧管网30公里。（市住建局、市发改委等）
（二）应急保障
3.组建抢修队伍12支，24小时值守。（责任单位：海东区人民政府）
序号\t指标\t目标值\t责任单位
1\t室温合格率\t98%\t市住建局
2\t检修率\t100%\t各热力企业
";

fn piece(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes();
    [length.as_slice(), bytes].concat()
}

fn entry() -> Entry {
    let key = Key::from_seed(&[4; 32]);
    let author = Author {
        person: PersonId::from_bytes([1; 16]),
        unit: UnitId::from_bytes([2; 16]),
        device: DeviceId::from_bytes([1; 16]),
        writer: "w".to_owned(),
    };
    let subject = Subject { board: BoardId::from_bytes([1; 16]), item: None, unit: None, indicator: None };
    let mut entry = Entry::new(EntryId::from_bytes([3; 16]), EntryKind::Report, author, subject);
    entry.body = "已完成八成".to_owned();
    entry.sign(&key);
    entry
}

fn log() -> (Document, Chunk) {
    let mut document = Document::new(Kind::Log, &[1; 16]);
    let entry = entry();
    let edit = Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() };
    let (_, chunk) = document.edit(&edit, &Stamp::default()).expect("an edit");
    (document, chunk.expect("a change"))
}

fn hashes(hashes: Vec<[u8; 32]>) -> Hashes {
    Hashes::all(hashes).expect("few")
}

fn board() -> Document {
    let draft = import::read(WORDS).expect("a draft");
    let space = Space::default();
    let document = &draft.documents[0];
    adopt(SpaceId::from_bytes([7; 16]), &space, document, &document.boards[0]).expect("a board").document
}

/// The first sync message of a device.
fn message(document: &mut Document) -> Vec<u8> {
    let mut link = Link::new("device");
    let version = Dialect::Tongban.version().to_owned();
    let about = ServerWord::default();
    let peer = Frame::Peer { sender: "server".into(), target: "device".into(), version, about };
    link.receive(&peer.encode(), |_| None);
    let frames = link.poll(ID, document).into_iter().filter_map(|effect| match effect {
        Effect::Send(bytes) => Frame::decode(&bytes).ok(),
        _ => None,
    });
    let data = frames.filter_map(|frame| match frame {
        Frame::Request { data, .. } | Frame::Sync { data, .. } => Some(data),
        _ => None,
    });
    data.flatten().collect()
}

/// The inputs that a target's corpus begins with, by name.
///
/// # Panics
/// When the product cannot write them.
#[must_use]
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let (mut log, entry_change) = log();
    let mut board = board();
    let board_changes = board.changes_since(&[]);
    let word = || "甲".to_owned();
    let named = |name: &str, bytes: Vec<u8>| (name.to_owned(), bytes);
    let frames = || {
        let data = message(&mut Document::new(Kind::Board, &[1; 16]));
        vec![
            Frame::Join { sender: word(), versions: vec!["tongban/1".into(), "1".into()], ephemeral: false },
            Frame::Peer {
                sender: word(),
                target: word(),
                version: "tongban/1".into(),
                about: ServerWord { epoch: "aa".into(), time: 1 << 40 },
            },
            Frame::Request { document: ID, sender: word(), target: word(), data: data.clone() },
            Frame::Sync { document: ID, sender: word(), target: word(), data },
            Frame::Unavailable { document: ID, sender: word(), target: word() },
            Frame::Ack { document: ID, heads: hashes(vec![[1; 32]]) },
            Frame::refused(ID, RefusalCode::NoRight, vec![[3; 32]; 300], word()),
            Frame::Rights { document: ID, write: true, used: 0 },
            Frame::Live { document: ID, heads: hashes(vec![]) },
            Frame::Changes {
                document: ID,
                changes: board_changes.iter().map(|chunk| chunk.bytes.clone()).collect(),
            },
            Frame::Fragment { frame: 1, index: 0, count: 2, data: vec![9; 40] },
            Frame::Alive,
        ]
    };
    match target {
        "frames" => {
            frames().iter().enumerate().map(|(n, one)| named(&format!("{n}"), one.encode())).collect()
        }
        "links" => {
            let spoken: Vec<u8> = frames().iter().skip(1).flat_map(|frame| piece(&frame.encode())).collect();
            vec![named("spoken", spoken)]
        }
        "documents" => vec![
            named("board", [vec![1], piece(&board.save())].concat()),
            named("log", [vec![2], piece(&log.save())].concat()),
            named("log-change", [vec![2], piece(&entry_change.bytes)].concat()),
        ],
        "chunks" => {
            (0..8).map(|seed: u64| named(&format!("seed-{seed}"), seed.to_be_bytes().to_vec())).collect()
        }
        "rooms" => {
            let change = |first: u8, way: u8, bytes: &[u8]| {
                [vec![first], piece(&[vec![way], bytes.to_vec()].concat())].concat()
            };
            let mut all = vec![
                named("log-change", change(3, 2, &entry_change.bytes)),
                named("log-live", change(3, 1, &entry_change.bytes)),
                named("log-sync", change(3, 0, &message(&mut log))),
                named("board-sync", change(0, 0, &message(&mut board))),
            ];
            all.extend(board_changes.iter().map(|chunk| named("board-change", change(0, 2, &chunk.bytes))));
            all
        }
        "entries" => vec![named("report", entry().to_bytes())],
        "imports" => vec![named("notice", WORDS.as_bytes().to_vec())],
        "bundles" => vec![named("log", bundle::write([(ID, vec![entry_change])], &Key::from_seed(&[1; 32])))],
        "templates" => vec![
            named("alert", include_bytes!("../../shared/templates/alert.toml").to_vec()),
            named("pairing", include_bytes!("../../shared/templates/pairing.toml").to_vec()),
        ],
        "office" => vec![
            named("document", [vec![0], piece(DOCUMENT.as_bytes()), piece(NUMBERING.as_bytes())].concat()),
            named("table", [vec![2], "序号,任务,单位\n1,检修,市住建局\n".as_bytes().to_vec()].concat()),
            named("text", [vec![3], WORDS.as_bytes().to_vec()].concat()),
            named("sheet", [vec![1], sheet()].concat()),
        ],
        _ => Vec::new(),
    }
}

const DOCUMENT: &str = concat!(
    r#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>"#,
    r#"<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>检修</w:t></w:r></w:p>"#,
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>序号</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>",
    "</w:body></w:document>"
);

const NUMBERING: &str = concat!(
    r#"<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">"#,
    r#"<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/>"#,
    r#"<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>"#,
    r#"<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#
);

fn sheet() -> Vec<u8> {
    let column = |name: &str| SheetColumn { name: name.to_owned(), ..SheetColumn::default() };
    let cell = |words: &str| SheetCell { words: words.to_owned(), number: None };
    let sheet = Sheet {
        name: "台账".to_owned(),
        columns: vec![column("任务"), column("单位")],
        rows: vec![vec![cell("检修"), cell("市住建局")]],
        frozen: 1,
    };
    tongban_office::run(&Job::Xlsx { sheets: vec![sheet] }, &[]).1
}
