//! Frames of changes, as they go out to readers.

use super::*;
use crate::edit::BoardField;
use crate::limits::CHANGES_SENT;

#[test]
fn a_live_change_is_encoded_once_for_all_readers() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut devices: Vec<Device> = (1..=5).map(|number| Device::new(&mut room, number, MAY)).collect();
    let mut all: Vec<&mut Device> = devices.iter_mut().collect();
    settle(&mut room, &mut all);
    all[0].write(1);
    let frames = settle(&mut room, &mut all);
    assert_eq!(frames.len(), 4, "one for each of the others");
    assert!(frames.iter().all(|frame| Arc::ptr_eq(frame, &frames[0])), "the same bytes for all");
    let heads = room.document_mut().heads();
    assert!(all.iter_mut().all(|device| device.document.heads() == heads));
}

#[test]
fn a_round_of_many_changes_goes_out_in_frames_that_are_read() {
    let mut room = Room::new(ID, Document::new(Kind::Board, &[99; 16]), None);
    let mut device = Device::new(&mut room, 1, MAY);
    settle(&mut room, &mut [&mut device]);
    let mut other = Document::new(Kind::Board, &[9; 16]);
    let mut write = |number: usize| {
        let edit = Edit::SetBoardField { field: BoardField::Title, value: format!("清单{number}") };
        other.edit(&edit, &Stamp::default()).expect("an edit").1.expect("a change").bytes
    };
    let changes: Vec<Vec<u8>> = (0..CHANGES_SENT + 10).map(&mut write).collect();
    assert!(room.take_in(&changes, &MAY).expect("taken").refused.is_empty());
    assert_eq!(settle(&mut room, &mut [&mut device]).len(), 2, "no frame holds more than is read");
    assert_eq!(device.document.heads(), other.heads());
}
