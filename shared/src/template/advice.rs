//! Advice on things that a template allows but hardly means: told to its author, never refused.

use super::{ItemType, Template, View};
use crate::rule::{Function, Rule};
use std::collections::BTreeSet;

/// Sentences about what looks like an oversight, each with the place that it is about.
#[must_use]
pub fn advice(template: &Template) -> Vec<String> {
    let mut all: Vec<String> = template.items.iter().flat_map(states).collect();
    for kind in template.items.iter().filter(|kind| !stands(template, kind)) {
        all.push(format!("item.{}：上级条目都放不进分栏，这种条目无法新建", kind.id));
    }
    let ranks = |rule: &Rule| matches!(rule, Rule::Aggregate(one) if one.function == Function::Rank);
    if template.views.contains(&View::Ranking) && !template.rules.iter().any(ranks) {
        all.push("views：有排名视图，但没有 function = \"rank\" 的规则，排名将是空的".to_owned());
    }
    for rule in &template.rules {
        if let Rule::Aggregate(one) = rule
            && one.round.is_some()
            && one.function != Function::Rank
        {
            all.push(format!("rule.{}.round：只有 function = \"rank\" 才用得到 round", one.id));
        }
    }
    all
}

/// States that no move leads to, and final-looking states that are not marked as such.
fn states(kind: &ItemType) -> Vec<String> {
    let Some(first) = kind.states.first() else { return Vec::new() };
    let mut reached = BTreeSet::from([first.id.as_str()]);
    loop {
        let from_reached = |one: &&super::Move| one.from.iter().any(|from| reached.contains(from.as_str()));
        let new: Vec<&str> = kind
            .moves
            .iter()
            .filter(from_reached)
            .map(|one| one.to.as_str())
            .filter(|to| !reached.contains(to))
            .collect();
        if new.is_empty() {
            break;
        }
        reached.extend(new);
    }
    let mut all = Vec::new();
    for state in &kind.states {
        let leaves = kind.moves.iter().any(|one| one.from.contains(&state.id));
        if !reached.contains(state.id.as_str()) {
            all.push(format!("item.{}.state.{}：没有办法到达这个状态", kind.id, state.id));
        } else if !leaves && !state.end && kind.states.len() > 1 {
            all.push(format!(
                "item.{}.state.{}：到了这里就走不出去；如果办结，请写 end = true",
                kind.id, state.id
            ));
        }
    }
    all
}

/// Whether items of a type can stand in a section or below ones that can.
fn stands(template: &Template, kind: &ItemType) -> bool {
    let mut known = BTreeSet::new();
    let mut asked = vec![kind];
    while let Some(kind) = asked.pop() {
        if kind.under.is_empty() {
            return true;
        }
        if known.insert(kind.id.as_str()) {
            asked.extend(kind.under.iter().filter_map(|parent| template.item_type(parent)));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{built_in, parse};

    #[test]
    fn templates_of_this_project_need_no_advice() {
        for template in built_in() {
            assert_eq!(advice(template), Vec::<String>::new(), "{}", template.id);
        }
    }

    #[test]
    fn oversights_are_told_with_their_place() {
        let source = r#"
id = "patrol"
version = 1
name = ["巡河", "巡河", "Patrol"]
purpose = ["巡河", "巡河", "Patrol"]
views = ["list", "ranking"]
[[item]]
id = "walk"
name = ["巡查", "巡查", "Walk"]
state = [
  { id = "open", name = ["待办", "待辦", "Open"] },
  { id = "done", name = ["完成", "完成", "Done"] },
  { id = "lost", name = ["失效", "失效", "Lost"], end = true },
]
move = [{ from = ["open"], to = "done", who = "anybody" }]
"#;
        let told = advice(&parse(source).expect("a template"));
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].contains("state.done") && told[1].contains("state.lost") && told[2].contains("排名"));
    }
}
