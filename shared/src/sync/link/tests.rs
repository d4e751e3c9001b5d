use super::*;
use crate::document::{Kind, Stamp};
use crate::edit::{BoardField, Edit};
use crate::limits::{CHANGES_SENT, PART_BYTES, WHOLE_BYTES};
use crate::sync::frame::Hashes;

const BAD: DocumentId = DocumentId::from_bytes([1; 16]);
const GOOD: DocumentId = DocumentId::from_bytes([2; 16]);

/// A device on an open connection, with two documents.
struct Device {
    link: Link,
    documents: BTreeMap<DocumentId, Document>,
}

impl Device {
    fn new() -> Self {
        let mut link = Link::new("device");
        let (sender, target) = ("server".to_owned(), "device".to_owned());
        let version = VERSION_TONGBAN.to_owned();
        let peer = Frame::Peer { sender, target, version, about: ServerWord::default() };
        assert!(matches!(link.receive(&peer.encode(), |_| None)[..], [Effect::Opened(_)]));
        let documents = [BAD, GOOD].map(|id| (id, Document::new(Kind::Board, &[1; 16])));
        let mut device = Self { link, documents: documents.into() };
        for id in [BAD, GOOD] {
            assert!(!device.poll(id).is_empty(), "it is asked for");
        }
        device
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<Effect> {
        let documents = &mut self.documents;
        self.link.receive(bytes, |id| documents.get_mut(&id))
    }

    fn poll(&mut self, id: DocumentId) -> Vec<Effect> {
        self.link.poll(id, self.documents.get_mut(&id).expect("here"))
    }

    fn goes_live(&mut self, id: DocumentId) {
        let heads = self.documents.get_mut(&id).expect("here").heads();
        let live = Frame::Live { document: id, heads: Hashes::all(heads).expect("few") };
        assert_eq!(self.receive(&live.encode()), [Effect::Respond(id)]);
    }
}

/// The first change of another device.
fn change(title: &str) -> Chunk {
    let mut document = Document::new(Kind::Board, &[9; 16]);
    let edit = Edit::SetBoardField { field: BoardField::Title, value: title.to_owned() };
    document.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change")
}

fn of(document: DocumentId, chunks: &[&Chunk]) -> Vec<u8> {
    let changes = chunks.iter().map(|chunk| chunk.bytes.clone()).collect();
    Frame::Changes { document, changes }.encode()
}

/// The effects of leaving a document out: one word to the caller, one to the server.
fn is_shut(effects: &[Effect]) -> bool {
    let [Effect::Shut { document, .. }, Effect::Send(bytes)] = effects else { return false };
    *document == BAD && matches!(Frame::decode(bytes), Ok(Frame::Unavailable { document: BAD, .. }))
}

#[test]
fn a_document_that_cannot_be_taken_is_left_out_and_the_others_go_on() {
    let (sender, target) = (String::new(), String::new());
    let data = b"nothing of the kind".to_vec();
    let no_message = Frame::Sync { document: BAD, sender, target, data };
    let chunk = change("甲");
    let mut short_hash =
        Frame::Ack { document: BAD, heads: Hashes::all(vec![[7; 32]]).expect("few") }.encode();
    let at = short_hash.windows(2).rposition(|two| two == [0x58, 32]).expect("a hash");
    short_hash[at + 1] = 31;
    let mut vast = Frame::Sync { document: BAD, sender: String::new(), target: String::new(), data: vec![] };
    if let Frame::Sync { data, .. } = &mut vast {
        data.resize(PART_BYTES, 0);
    }
    let begin = vast.encode()[..PART_BYTES].to_vec();
    let count = u32::try_from(WHOLE_BYTES / PART_BYTES + 1).expect("few");
    let vast = Frame::Fragment { frame: 1, index: 0, count, data: begin };
    let cases = [
        ("no sync message", no_message.encode()),
        ("no change", Frame::Changes { document: BAD, changes: vec![vec![0; 20]] }.encode()),
        ("two first changes of one device", of(BAD, &[&chunk, &change("乙")])),
        ("a hash of 31 bytes", short_hash),
        ("a frame that is too large", vast.encode()),
    ];
    for (what, bytes) in cases {
        let mut device = Device::new();
        device.goes_live(GOOD);
        let effects = device.receive(&bytes);
        let taken = effects.len().saturating_sub(2);
        assert!(is_shut(&effects[taken..]), "{what}: {effects:?}");
        assert!(
            effects[..taken].iter().all(|effect| !matches!(effect, Effect::Close(_) | Effect::Shut { .. }))
        );
        assert_eq!(device.receive(&of(BAD, &[&chunk])), [], "{what}: nothing more of it is taken");
        device.link.forget(BAD);
        assert!(device.link.is_shut(BAD) && device.poll(BAD).is_empty(), "{what}: and nothing is sent");
        let unavailable = Frame::Unavailable { document: BAD, sender: String::new(), target: String::new() };
        assert_eq!(device.receive(&unavailable.encode()), [], "{what}: it is told once");

        let effects = device.receive(&of(GOOD, &[&chunk]));
        let [Effect::Received { document: GOOD, chunks: here, .. }, Effect::Respond(GOOD)] = &effects[..]
        else {
            panic!("{what}: {effects:?}")
        };
        assert_eq!(here.len(), 1, "{what}: the other document goes on");
    }
}

#[test]
fn changes_before_one_that_cannot_be_taken_are_kept() {
    let mut device = Device::new();
    device.goes_live(BAD);
    // Both are the first of their device: one of them cannot be.
    let (first, second) = (change("甲"), change("乙"));
    let effects = device.receive(&of(BAD, &[&first, &second]));
    let [Effect::Received { document: BAD, chunks: here, .. }, Effect::Respond(BAD), rest @ ..] =
        &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!((here.len(), &here[0].hash), (1, &first.hash));
    assert!(is_shut(rest), "{rest:?}");
}

#[test]
fn many_unsent_changes_go_in_frames_that_are_read() {
    let mut device = Device::new();
    device.goes_live(GOOD);
    let all = CHANGES_SENT + 10;
    let document = device.documents.get_mut(&GOOD).expect("here");
    for number in 0..all {
        let edit = Edit::SetBoardField { field: BoardField::Title, value: format!("清单{number}") };
        document.edit(&edit, &Stamp::default()).expect("an edit");
    }
    let mut other = Document::new(Kind::Board, &[3; 16]);
    let (mut counts, mut assembler) = (Vec::new(), Assembler::default());
    for effect in device.poll(GOOD) {
        let Effect::Send(bytes) = effect else { panic!("{effect:?}") };
        let frame = match Frame::decode(&bytes).expect("a frame") {
            Frame::Fragment { frame, index, count, data } => {
                match assembler.take((frame, index, count), &data).expect("a part") {
                    Taken::Whole(frame) => frame,
                    _ => continue,
                }
            }
            frame => frame,
        };
        let Frame::Changes { changes, .. } = frame else { panic!("a frame of changes") };
        for change in &changes {
            other.take_change(change).expect("a change");
        }
        counts.push(changes.len());
    }
    assert_eq!(counts, [CHANGES_SENT, 10], "each once, in frames that every server reads");
    assert_eq!(other.heads(), device.documents.get_mut(&GOOD).expect("here").heads());
    assert_eq!(device.poll(GOOD), [], "all of it is on its way");
}

#[test]
fn a_large_document_tells_how_far_it_has_come() {
    let mut device = Device::new();
    let data = vec![0; 3 * PART_BYTES - 200];
    let large = Frame::Sync { document: BAD, sender: String::new(), target: String::new(), data };
    let parts = fragment::split(large.encode(), 7).expect("not too large");
    assert_eq!(parts.len(), 3);
    for (done, part) in (1..).zip(&parts[..2]) {
        assert_eq!(device.receive(part), [Effect::Coming { document: BAD, done, of: 3 }]);
    }
    assert!(is_shut(&device.receive(&parts[2])), "nothing in it is a message");
    assert_eq!(device.receive(&parts[0]), [], "of one that is left out nothing is told");
}
