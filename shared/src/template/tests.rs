//! Templates of this project and of boards, and what is told of wrong ones.

use super::*;

#[test]
fn every_template_of_the_project_is_in_order() {
    for (name, source) in FILES {
        let template = parse(source).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(template.id, *name);
    }
}

#[test]
fn a_board_carries_a_template_of_its_own() {
    let source = FILES[1].1.replacen("id = \"pairing\"", "id = \"twinning\"", 1);
    let mut board = crate::model::Board { template: "twinning".into(), ..Default::default() };
    assert_eq!(of(&board), Err(Unread::Unknown("twinning".into())), "this project has no such template");
    board.template_source = source;
    assert_eq!(of(&board).expect("a template").id, "twinning");
    board.template_source = "id = 3".into();
    assert!(matches!(of(&board), Err(Unread::Wrong(_))), "a file that is wrong is no template");
    board.template_source = "#".repeat(crate::limits::TEMPLATE_BYTES + 1);
    assert_eq!(of(&board), Err(Unread::TooLarge));
    // A board of before there were templates is a plan of measures.
    assert_eq!(of(&crate::model::Board::default()).expect("a template").id, FILES[0].0);
}

#[test]
fn a_deadline_needs_a_date_and_a_condition_one_of_the_choices() {
    let find = |id: &str| FILES.iter().find(|(name, _)| *name == id).expect("there").1;
    let wrong = find("measure_plan").replacen("due = { field = \"due\" }", "due = { field = \"period\" }", 1);
    assert_eq!(parse(&wrong).expect_err("no date").problem, "period 不是日期字段");
    let wrong =
        find("register").replacen("is = [\"industry\", \"yes\"]", "is = [\"direction\", \"上天\"]", 1);
    let error = parse(&wrong).expect_err("no such field there");
    assert!(error.problem.contains("direction"), "{error}");
    let choice = "is = [\"direction\", \"to_beijing\"]";
    assert!(find("register").contains(choice));
    let wrong = find("register").replacen(choice, "is = [\"direction\", \"上天\"]", 1);
    let error = parse(&wrong).expect_err("no such choice");
    assert!(error.problem.starts_with("direction 没有这个选项：上天（可用 to_beijing"), "{error}");
}

#[test]
fn an_error_names_its_line_and_its_field() {
    let good = FILES[0].1;
    let broken = good.replacen("version = 1", "version = \"one\"", 1);
    assert_eq!(parse(&broken).expect_err("a number").line, 2);
    // Errors within a rule name that rule.
    let second = good.replacen("id = \"round_due\"", "id = \"round_due\"\ndoen = 1", 1);
    let error = parse(&second).expect_err("no such key");
    let line = second.lines().position(|line| line.contains("doen")).expect("there") + 1;
    assert_eq!(error.field, "rule[1]");
    assert!(error.line < line && line - error.line < 8, "{error}");
    let source = concat!(
        "id = \"t\"\nversion = 1\nname = [\"甲\", \"甲\", \"A\"]\npurpose = [\"甲\", \"甲\", \"A\"]\nviews = [\"list\"]\n",
        "[[item]]\nid = \"one\"\nname = [\"甲\", \"甲\", \"A\"]\n[[item.state]]\nid = \"open\"\nname = [\"开\", \"開\", \"Open\"]\n",
        "[[item.move]]\nfrom = [\"open\"]\nto = \"shut\"\nwho = \"lead\"\n"
    );
    let error = parse(source).expect_err("no such state");
    assert_eq!((error.line, error.field.as_str()), (14, "item.one.move.to"));
    assert!(error.to_string().contains("shut"), "{error}");
}
