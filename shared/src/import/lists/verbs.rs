//! Verbs behind units, which give them their role.

use crate::import::draft::Role;
use crate::import::names;
use crate::import::pattern::looked;

/// Verbs that give the units before them a role, longest first.
const VERBS: &[(&str, Role)] = &[
    ("按照职责分别牵头", Role::Lead),
    ("按职责分别牵头", Role::Lead),
    ("分别牵头负责", Role::Lead),
    ("按照职责分工分别负责", Role::Responsible),
    ("按照职责分工负责", Role::Responsible),
    ("按职责分工负责落实", Role::Responsible),
    ("按职责分工负责", Role::Responsible),
    ("按照职责分工", Role::Responsible),
    ("分工负责", Role::Responsible),
    ("按职责分工", Role::Responsible),
    ("按职责负责", Role::Responsible),
    ("依职责分工负责", Role::Responsible),
    ("依职责负责", Role::Responsible),
    ("按分工负责", Role::Responsible),
    ("做好配合工作", Role::Co),
    ("做好配合", Role::Co),
    ("配合落实", Role::Co),
    ("分别牵头", Role::Lead),
    ("共同牵头", Role::Lead),
    ("牵头负责", Role::Lead),
    ("负责牵头", Role::Lead),
    ("具体负责", Role::Responsible),
    ("分别负责", Role::Responsible),
    ("共同负责", Role::Responsible),
    ("负责落实", Role::Responsible),
    ("具体落实", Role::Implement),
    ("抓好落实", Role::Implement),
    ("组织落实", Role::Implement),
    ("贯彻落实", Role::Implement),
    ("推进落实", Role::Responsible),
    ("参与推进", Role::Participant),
    ("配合推进", Role::Co),
    ("推进", Role::Responsible),
    ("负责实施", Role::Implement),
    ("组织实施", Role::Implement),
    ("具体实施", Role::Implement),
    ("牵头", Role::Lead),
    ("主办", Role::Lead),
    ("负责", Role::Responsible),
    ("承办", Role::Responsible),
    ("协同配合", Role::Co),
    ("协助配合", Role::Co),
    ("积极配合", Role::Co),
    ("予以配合", Role::Co),
    ("配合", Role::Co),
    ("协办", Role::Co),
    ("协助", Role::Co),
    ("协同", Role::Co),
    ("会同", Role::Co),
    ("共同参与", Role::Participant),
    ("参与", Role::Participant),
    ("参加", Role::Participant),
    ("指导", Role::Guide),
    ("督导", Role::Guide),
    ("实施", Role::Implement),
    ("落实", Role::Implement),
];

/// A name without the verb behind it, and the role the verb gives.
pub fn strip_verb(piece: &str) -> (&str, Option<Role>) {
    let (name, role) = strip_plain_verb(piece);
    if role.is_none() {
        return (name, role);
    }
    // 各区政府结合实际落实: how it is done is no part of the name.
    let mut bare = name;
    while let Some(rest) = MANNERS.iter().find_map(|word| bare.strip_suffix(word)) {
        bare = rest;
    }
    (bare, role)
}

/// Words between a unit and its verb that say how it acts.
const MANNERS: &[&str] = &[
    "结合实际",
    "结合工作实际",
    "结合职能",
    "结合职责",
    "按照职责",
    "根据职责",
    "依据职责",
    "按职责",
    "依职责",
    "按照分工",
    "根据分工",
    "按分工",
    "按规定",
    "按要求",
    "依法",
    "依规",
    "分别",
    "共同",
    "具体",
    "认真",
    "积极",
    "统筹",
    "全面",
    "切实",
    "主动",
    "密切",
    "同步",
];

fn strip_plain_verb(piece: &str) -> (&str, Option<Role>) {
    looked(piece);
    for (verb, role) in VERBS {
        // 市政协办 is an office and helps nobody.
        if let Some(name) = piece.strip_suffix(verb).filter(|name| !name.ends_with('政')) {
            return (name, Some(*role));
        }
    }
    // 市金融办负责资金保障: the verb stands behind the unit.
    for (verb, role) in [("牵头", Role::Lead), ("负责", Role::Responsible), ("配合", Role::Co)] {
        if let Some(at) =
            piece.find(verb).filter(|at| names::is_unit(&piece[..*at]) && !names::is_unit(piece))
        {
            return (&piece[..at], Some(role));
        }
    }
    (piece, None)
}
