//! One test for each of the 96 systems of the source documents (domain.md, part a), named after
//! it: a board of its template, played by the units concerned, and its "Works when".

mod counters;
mod errand;
mod hohhot;
mod lifecycle;
mod measures;
mod plans;
mod spring;
mod table;

use tongban_shared::entry::EntryKind;
use tongban_tests::stage::Stage;

#[test]
fn a_unit_corrects_its_own_entries_only() {
    let mut stage = Stage::new("alert", &["市委办", "责任部门"]);
    let notice = stage.item("责任部门", "notice", "重要情况", &[], &[]);
    stage.go("责任部门", notice, EntryKind::Report, "reported");
    stage.sync();
    let instruction = stage.go("市委办", notice, EntryKind::Instruction, "instructed");
    stage.sync();
    for kind in [EntryKind::Comment, EntryKind::Instruction] {
        stage.write("责任部门", notice, kind, |entry| entry.supersedes = Some(instruction));
    }
    stage.sync();
    assert_eq!(stage.state(notice), "instructed", "nobody takes back what another unit said");
}

#[test]
fn a_move_stands_behind_what_its_author_had_seen() {
    let mut stage = Stage::new("alert", &["市委办", "责任部门"]);
    let notice = stage.item("责任部门", "notice", "重要情况", &[], &[]);
    // Many records of the other unit that the leader has not got yet do not come before its move.
    for _ in 0..20 {
        stage.write("责任部门", notice, EntryKind::Comment, |entry| entry.body = "补充".into());
    }
    stage.go("责任部门", notice, EntryKind::Report, "reported");
    stage.sync();
    let clock_back = |entry: &mut tongban_shared::entry::Entry| {
        (entry.to, entry.said) = (Some("instructed".into()), 0);
        entry.body = "照办".into();
    };
    stage.write("市委办", notice, EntryKind::Instruction, clock_back);
    stage.sync();
    assert_eq!(stage.state(notice), "instructed", "whatever its clock said");
}
