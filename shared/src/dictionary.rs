//! The dictionary of units: places with their codes (GB/T 2260), departments of a city, groups,
//! with short, old and mistaken names. It names what a text means; a space holds its own units and
//! may know more.
//!
//! The codes are those of the national list; the tables stand in `shared/units`.

use crate::adopt::unit_id;
use crate::edit::Edit;
use crate::id::{SpaceId, UnitId};
use crate::model::Space;
use crate::text::folded_text;
use crate::words::Word;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A city or a set of units that can be put into a space at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Set {
    Hulunbuir,
    Hohhot,
    Ordos,
    Baotou,
    Beijing,
    /// Departments that a city has.
    Departments,
}

impl Set {
    /// Every set, in the order of a menu.
    pub const ALL: [Self; 6] =
        [Self::Hulunbuir, Self::Hohhot, Self::Ordos, Self::Baotou, Self::Beijing, Self::Departments];

    /// Its id in the tables.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Hulunbuir => "hulunbuir",
            Self::Hohhot => "hohhot",
            Self::Ordos => "ordos",
            Self::Baotou => "baotou",
            Self::Beijing => "beijing",
            Self::Departments => "departments",
        }
    }

    /// The set of an id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.id() == id)
    }

    /// Its name.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Hulunbuir => Word::SetHulunbuir,
            Self::Hohhot => Word::SetHohhot,
            Self::Ordos => Word::SetOrdos,
            Self::Baotou => Word::SetBaotou,
            Self::Beijing => Word::SetBeijing,
            Self::Departments => Word::SetDepartments,
        }
    }
}

/// A unit of the dictionary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Six digits of GB/T 2260; empty where it has none.
    pub code: String,
    pub name: String,
    pub set: Set,
    /// `banner`, `district`, `department` or `group`.
    pub kind: &'static str,
    pub side: &'static str,
    /// Short, old and mistaken names.
    pub aliases: Vec<String>,
    /// Names of the units that a group stands for.
    pub members: Vec<String>,
}

static UNITS: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut units = places();
    units.extend(departments());
    units.extend(groups(&units));
    units
});

/// The places in [`units`] of every folded name.
static NAMES: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
    let mut names: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, unit) in UNITS.iter().enumerate() {
        for name in std::iter::once(&unit.name).chain(&unit.aliases) {
            let places = names.entry(folded_text(name)).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    names
});

/// Everything in the dictionary: places by their codes, departments, groups.
#[must_use]
pub fn units() -> &'static [Known] {
    &UNITS
}

/// The unit that a printed name means, whatever its width or script; none where the name is not
/// known or means several.
#[must_use]
pub fn find(name: &str) -> Option<&'static Known> {
    match NAMES.get(&folded_text(name))?[..] {
        [place] => Some(&UNITS[place]),
        _ => None,
    }
}

/// Old and mistaken names of places, each with the name that is right: of another kind (自治县 for
/// 自治旗), or not alike at all (宣武区 for 西城区). Short names are neither.
static MISTAKEN: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    const KINDS: [char; 5] = ['县', '旗', '区', '市', '盟'];
    let mut found = Vec::new();
    for unit in UNITS.iter().filter(|unit| !unit.code.is_empty()) {
        let name = unit.name.trim_end_matches("人民政府");
        let place = name.strip_prefix("北京市").filter(|place| !place.is_empty()).unwrap_or(name);
        let is_mistaken = |alias: &&String| {
            let of_kind = alias.chars().count() > 2 && alias.ends_with(KINDS);
            let kind = alias.chars().next_back() != place.chars().next_back();
            let alike =
                alias.chars().any(|character| place.contains(character) && !KINDS.contains(&character));
            of_kind && !alias.starts_with("北京市") && (kind || !alike)
        };
        found.extend(unit.aliases.iter().filter(is_mistaken).map(|alias| (alias.clone(), place.to_owned())));
    }
    found
});

/// Old and mistaken names of places.
#[must_use]
pub fn mistaken_places() -> Vec<&'static String> {
    MISTAKEN.iter().map(|(name, _)| name).collect()
}

/// The right name of a place that an old or mistaken one means.
#[must_use]
pub fn proper_place(name: &str) -> Option<&'static str> {
    MISTAKEN.iter().find(|(known, _)| known == name).map(|(_, place)| place.as_str())
}

/// The place of a unit among others: places by code, then departments in their order, then the rest by name.
#[must_use]
pub fn place(name: &str) -> usize {
    NAMES.get(&folded_text(name)).and_then(|places| places.first()).copied().unwrap_or(UNITS.len())
}

/// Units with their names in the order of every list: places by code, then departments in their
/// order, then the others by name.
#[must_use]
pub fn in_order(space: &Space, units: impl IntoIterator<Item = UnitId>) -> Vec<(UnitId, String)> {
    let key = |unit: UnitId| {
        let name = space.unit_name(unit);
        (place(&name), name, unit)
    };
    let mut all: Vec<(usize, String, UnitId)> = units.into_iter().map(key).collect();
    all.sort();
    all.dedup();
    all.into_iter().map(|(_, name, unit)| (unit, name)).collect()
}

/// The units of a space that stand for themselves, groups left out, in the order of every list.
#[must_use]
pub fn single_units(space: &Space) -> Vec<(UnitId, String)> {
    let single = space.units.iter().filter(|(_, unit)| unit.members.is_empty());
    in_order(space, single.map(|(id, _)| *id))
}

/// The unit that a printed name means in a space, with the edits that put it there when it is
/// missing: as the dictionary knows it, else by its own words.
#[must_use]
pub fn named(id: SpaceId, space: &Space, name: &str) -> (UnitId, Vec<Edit>) {
    let own = unit_id(id, space, name);
    if space.units.contains_key(&own) {
        return (own, Vec::new());
    }
    // A group of another city is not meant by a space that has none of its units.
    let of_here = |unit: &Known| {
        unit.kind != "group" || unit.members.iter().any(|member| space.unit_named(member).is_some())
    };
    if let Some(unit) = find(name).filter(|unit| of_here(unit)) {
        return (unit_id(id, space, &unit.name), add(id, space, unit));
    }
    let kind = if crate::import::is_group_name(name) { "group" } else { "unit" };
    let side = if name.starts_with("北京") { "beijing" } else { "inner_mongolia" };
    let edit = Edit::AddUnit {
        id: own,
        name: name.to_owned(),
        kind: kind.to_owned(),
        side: side.to_owned(),
        code: String::new(),
    };
    (own, vec![edit])
}

/// The edits that put a unit into a space that does not have it, with its other names; of a group,
/// its members as well.
#[must_use]
pub fn add(id: SpaceId, space: &Space, unit: &Known) -> Vec<Edit> {
    let own = unit_id(id, space, &unit.name);
    let mut edits = Vec::new();
    if !space.units.contains_key(&own) {
        edits.push(Edit::AddUnit {
            id: own,
            name: unit.name.clone(),
            kind: unit.kind.to_owned(),
            side: unit.side.to_owned(),
            code: unit.code.clone(),
        });
    }
    // A unit that administrators have changed stays as it is; a group of the same name in another city is
    // another group.
    if space.units.get(&own).is_some_and(|known| unit.kind != "group" || !known.members.is_empty()) {
        return edits;
    }
    let aliases = unit.aliases.iter();
    edits.extend(aliases.map(|alias| Edit::SetAlias { unit: own, alias: alias.clone(), present: true }));
    for name in &unit.members {
        if let Some(member) = UNITS.iter().find(|one| one.name == *name) {
            edits.extend(add(id, space, member));
            edits.push(Edit::SetGroupMember {
                group: own,
                unit: unit_id(id, space, &member.name),
                present: true,
            });
        }
    }
    edits
}

/// The edits that put a whole set into a space.
#[must_use]
pub fn add_set(id: SpaceId, space: &Space, set: Set) -> Vec<Edit> {
    UNITS.iter().filter(|unit| unit.set == set).flat_map(|unit| add(id, space, unit)).collect()
}

fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 4]> {
    table.lines().skip(1).filter(|line| !line.is_empty()).map(|line| {
        let mut cells = line.split(',');
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    })
}

fn names(cell: &str) -> Vec<String> {
    cell.split(';').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn places() -> Vec<Known> {
    let place = |[set, code, place, aliases]: [&str; 4]| {
        let set = Set::from_id(set)?;
        let beijing = set == Set::Beijing;
        let zone = place.ends_with("新区");
        // Documents name the government, the place, or the place with 政府.
        let (name, mut all) = match (beijing, zone) {
            (true, _) => (
                format!("北京市{place}人民政府"),
                vec![place.to_owned(), format!("北京市{place}"), format!("{place}人民政府")],
            ),
            (false, true) => (format!("{place}管委会"), vec![place.to_owned()]),
            (false, false) => (format!("{place}人民政府"), vec![place.to_owned(), format!("{place}政府")]),
        };
        for alias in names(aliases) {
            let head = if beijing { "北京市" } else { "" };
            if !zone {
                all.push(format!("{head}{alias}人民政府"));
            }
            all.push(alias);
        }
        Some(Known {
            code: code.to_owned(),
            name,
            set,
            kind: if beijing { "district" } else { "banner" },
            side: if beijing { "beijing" } else { "inner_mongolia" },
            aliases: all,
            members: Vec::new(),
        })
    };
    rows(include_str!("../units/places.csv")).filter_map(place).collect()
}

fn departments() -> impl Iterator<Item = Known> {
    rows(include_str!("../units/departments.csv")).map(|[name, aliases, ..]| Known {
        code: String::new(),
        name: name.to_owned(),
        set: Set::Departments,
        kind: "department",
        side: "inner_mongolia",
        aliases: names(aliases),
        members: Vec::new(),
    })
}

fn groups(units: &[Known]) -> Vec<Known> {
    let group = |[set, name, members, aliases]: [&str; 4]| {
        let set = Set::from_id(set).unwrap_or(Set::Departments);
        let members = match members {
            "places" | "departments" => {
                units.iter().filter(|unit| unit.set == set).map(|unit| unit.name.clone()).collect()
            }
            listed => names(listed).iter().map(|place| format!("{place}人民政府")).collect(),
        };
        Known {
            code: String::new(),
            name: name.to_owned(),
            set,
            kind: "group",
            side: "inner_mongolia",
            aliases: names(aliases),
            members,
        }
    };
    rows(include_str!("../units/groups.csv")).map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(name: &str) -> Option<&'static str> {
        find(name).map(|unit| unit.name.as_str())
    }

    #[test]
    fn units_stand_in_the_order_of_their_codes_whatever_their_ids() {
        let names = ["无名单位", "市教育局", "扎兰屯市人民政府", "海拉尔区人民政府", "北京市西城区人民政府"];
        let mut space = Space::default();
        for (number, name) in (1..).zip(names) {
            let unit = crate::model::Unit { name: name.to_owned(), ..Default::default() };
            space.units.insert(UnitId::from_bytes([number; 16]), unit);
        }
        let members = space.units.keys().copied().collect();
        let group = crate::model::Unit { name: "各单位".to_owned(), members, ..Default::default() };
        space.units.insert(UnitId::from_bytes([0; 16]), group);
        let listed: Vec<String> = single_units(&space).into_iter().map(|(_, name)| name).collect();
        assert_eq!(listed[..2], ["海拉尔区人民政府", "扎兰屯市人民政府"]);
        assert_eq!(listed.last().map(String::as_str), Some("无名单位"));
        assert_eq!(listed.len(), 5);
    }

    #[test]
    fn every_place_has_its_own_code() {
        let count = |set| UNITS.iter().filter(|unit| unit.set == set && unit.kind != "group").count();
        assert_eq!(count(Set::Hulunbuir), 14);
        assert_eq!(count(Set::Hohhot), 10, "nine and the New Area");
        assert_eq!(count(Set::Ordos), 9);
        assert_eq!(count(Set::Beijing), 16);
        let mut codes: Vec<&str> =
            UNITS.iter().map(|unit| unit.code.as_str()).filter(|code| !code.is_empty()).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), all, "no code twice");
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit())));
    }

    #[test]
    fn short_old_mistaken_and_traditional_names_are_known() {
        assert_eq!(name_of("莫旗"), Some("莫力达瓦达斡尔族自治旗人民政府"));
        assert_eq!(name_of("莫力达瓦达斡尔族自治县"), Some("莫力达瓦达斡尔族自治旗人民政府"));
        assert_eq!(name_of("海拉爾區"), Some("海拉尔区人民政府"));
        assert_eq!(name_of("市發展和改革委員會"), Some("市发改委"));
        assert_eq!(name_of("市卫计委"), Some("市卫健委"));
        assert_eq!(name_of("宣武区"), Some("北京市西城区人民政府"));
        assert_eq!(name_of("某某局"), None);
        // Two cities have a group of this name: the space decides.
        assert_eq!(name_of("各旗县区人民政府"), None);
    }

    #[test]
    fn no_name_of_one_city_means_two_units_of_it() {
        for set in Set::ALL {
            let mut known = std::collections::BTreeMap::new();
            for unit in UNITS.iter().filter(|unit| unit.set == set) {
                for name in std::iter::once(&unit.name).chain(&unit.aliases) {
                    let before = known.insert(folded_text(name), &unit.name);
                    assert!(before.is_none_or(|before| *before == unit.name), "{name}");
                }
            }
        }
    }

    #[test]
    fn a_set_is_added_once_with_its_groups() {
        let id = SpaceId::from_bytes([1; 16]);
        let mut space = Space::default();
        for edit in add_set(id, &space.clone(), Set::Hulunbuir) {
            match edit {
                Edit::AddUnit { id, name, code, .. } => {
                    space.units.entry(id).or_default().name = name;
                    space.units.entry(id).or_default().code = code;
                }
                Edit::SetAlias { unit, alias, .. } => {
                    space.units.entry(unit).or_default().aliases.insert(alias);
                }
                Edit::SetGroupMember { group, unit, .. } => {
                    space.units.entry(group).or_default().members.insert(unit);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(space.units.len(), 16, "fourteen and two groups");
        let all = space.unit_named("各旗市区").expect("the group");
        assert_eq!(space.expanded(all).len(), 14);
        let two = space.unit_named("两旗").expect("the group");
        let names: Vec<String> = space.expanded(two).into_iter().map(|unit| space.unit_name(unit)).collect();
        assert_eq!(names.len(), 2);
        assert!(names.iter().any(|name| name.starts_with("莫力达瓦")));
        let again = add_set(id, &space, Set::Hulunbuir);
        assert_eq!(again, [], "nothing new");
        // A second city has a group of the same name as a third: the first one keeps its members.
        let hohhot = add_set(id, &space, Set::Hohhot);
        assert!(hohhot.iter().any(|edit| matches!(edit, Edit::SetGroupMember { .. })));
        let foreign = named(id, &space, "各旗区人民政府");
        assert_eq!(foreign.1.len(), 1, "a group of a city that this space does not have is a name");
    }
}
