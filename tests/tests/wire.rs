//! The frames of a real automerge-repo client and server, where the recording is present.

use tongban_shared::sync::frame::Frame;

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).expect("hex")).collect()
}

#[test]
fn every_recorded_frame_is_read_as_what_it_was() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/wire/automerge-repo-2.5.6.jsonl");
    let Ok(recording) = std::fs::read_to_string(path) else {
        println!("left out: the recording is not here");
        return;
    };
    let mut count = 0;
    for line in recording.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let frame = Frame::decode(&bytes(line["hex"].as_str().expect("hex"))).expect("a frame");
        let kind = line["fields"]["type"].as_str().expect("a type");
        let read = match &frame {
            Frame::Join { sender, versions, .. } => {
                assert_eq!(
                    (sender.as_str(), versions.as_slice()),
                    (line["fields"]["senderId"].as_str().expect("a sender"), ["1".to_owned()].as_slice())
                );
                "join"
            }
            Frame::Peer { version, .. } => {
                assert_eq!(version, "1");
                "peer"
            }
            Frame::Request { document, data, .. } | Frame::Sync { document, data, .. } => {
                assert_eq!(document.to_string(), line["fields"]["documentId"].as_str().expect("an id"));
                assert_eq!(data.len() as u64, line["fields"]["data"]["bytes"].as_u64().expect("a length"));
                if matches!(frame, Frame::Request { .. }) { "request" } else { "sync" }
            }
            Frame::Unavailable { .. } => "doc-unavailable",
            Frame::Ephemeral { count, .. } => {
                assert_eq!(*count, 1);
                "ephemeral"
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(read, kind);
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame), "what we write reads back the same");
        count += 1;
    }
    assert!(count >= 20, "{count} frames");
}
