//! The view of rules: a board with its entries, on a day.
//!
//! States of items are folded once ([`Folded`]) and kept: after an edit or an entry only the items it touched
//! are folded anew, so that a look at a board of thousands of items costs what changed.

use super::pairs::{Answered, Kept};
use super::{Looks, Rule, Verdict};
use crate::entry::Entry;
use crate::fold::{self, Day, Entries, ItemStanding, ItemState, Lamp};
use crate::id::{ItemId, UnitId};
use crate::model::{Board, Item, Space};
use crate::template::{HOLDERS, ItemType, Need, Template, Value};
use crate::words::{Lang, Word};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Items stand below each other no deeper than this.
const DEEPEST: usize = 16;

/// The state of every item and the items below it, kept between two looks at a board.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    standings: Rc<BTreeMap<ItemId, ItemStanding>>,
    children: Rc<BTreeMap<ItemId, Vec<ItemId>>>,
}

/// Nothing is folded of a board yet.
fn everything(board: &Board) -> (Folded, BTreeSet<ItemId>) {
    (Folded::default(), board.items.keys().copied().collect())
}

/// A board as its rules see it.
#[derive(Debug)]
pub struct Scene<'a> {
    pub template: &'a Template,
    pub space: &'a Space,
    pub board: &'a Board,
    pub entries: &'a Entries,
    pub today: jiff::civil::Date,
    folded: Folded,
    /// Only what the author of this entry had seen is there.
    seen_by: Option<&'a Entry>,
    looks: Looks,
    /// The finds of rules about the board as a whole, which questions about one item rest on.
    kept: Rc<Kept>,
    answered: Answered,
}

impl<'a> Scene<'a> {
    /// The board on a day; the state of every item is folded, children before their parents.
    #[must_use]
    pub fn new(
        template: &'a Template,
        space: &'a Space,
        board: &'a Board,
        entries: &'a Entries,
        today: jiff::civil::Date,
    ) -> Self {
        Self::of(template, space, board, entries, today, (everything(board), Looks::default()))
    }

    /// Reads the same board, as long as there are looks left: none when it took more of them.
    pub fn within<T>(
        looks: &Looks,
        template: &'a Template,
        space: &'a Space,
        board: &'a Board,
        entries: &'a Entries,
        today: jiff::civil::Date,
        read: impl FnOnce(&Self) -> T,
    ) -> Option<T> {
        if looks.are_used_up() {
            return None;
        }
        let scene = Self::of(template, space, board, entries, today, (everything(board), looks.clone()));
        let found = (!looks.are_used_up()).then(|| read(&scene));
        found.filter(|_| !looks.are_used_up())
    }

    /// The board on the same day after some items were edited, added or written about: they are
    /// folded anew, with the items whose state may rest on theirs.
    #[must_use]
    pub fn after(
        template: &'a Template,
        space: &'a Space,
        board: &'a Board,
        entries: &'a Entries,
        today: jiff::civil::Date,
        (folded, touched): (Folded, BTreeSet<ItemId>),
    ) -> Self {
        Self::of(template, space, board, entries, today, ((folded, touched), Looks::default()))
    }

    fn of(
        template: &'a Template,
        space: &'a Space,
        board: &'a Board,
        entries: &'a Entries,
        today: jiff::civil::Date,
        ((folded, touched), looks): ((Folded, BTreeSet<ItemId>), Looks),
    ) -> Self {
        let (kept, answered) = Default::default();
        let mut scene =
            Self { template, space, board, entries, today, folded, seen_by: None, looks, kept, answered };
        if !touched.is_empty() {
            scene.fold(touched);
        }
        scene
    }

    /// The looks that were made for the answer that this scene serves.
    #[must_use]
    pub const fn looks(&self) -> &Looks {
        &self.looks
    }

    pub(super) fn kept(&self) -> &Kept {
        &self.kept
    }

    pub(super) const fn answered(&self) -> &Answered {
        &self.answered
    }

    /// The folded state, for the next look.
    #[must_use]
    pub fn folded(&self) -> Folded {
        self.folded.clone()
    }

    fn fold(&mut self, touched: BTreeSet<ItemId>) {
        let children = Rc::make_mut(&mut self.folded.children);
        for id in &touched {
            if let Some(parent) = self.board.items.get(id).and_then(|item| item.parent) {
                let siblings = children.entry(parent).or_default();
                if let Err(place) = siblings.binary_search(id) {
                    siblings.insert(place, *id);
                }
            }
        }
        // A move that needs a rule may rest on any item of the board.
        let rests_on_rules = |item: &Item| {
            let kind = self.template.item_type(&item.kind);
            kind.is_some_and(|kind| {
                let needs = kind.moves.iter().flat_map(|one| &one.needs);
                needs.into_iter().any(|need| matches!(need, Need::Rule(_)))
            })
        };
        let resting: Vec<ItemId> =
            self.board.items.iter().filter(|(_, item)| rests_on_rules(item)).map(|(id, _)| *id).collect();
        // In two rounds: what rests on itself and its children, then what may rest on everything.
        // Both begin without the states of before, so that a fold of what was touched says what a
        // fold of everything says.
        let second = self.with_parents(resting);
        let mut first = self.with_parents(touched);
        first.retain(|place| !second.contains(place));
        let standings = Rc::make_mut(&mut self.folded.standings);
        for (_, item) in first.iter().chain(&second) {
            standings.remove(item);
        }
        for (_, item) in first.into_iter().chain(second) {
            let standing = fold::standing_of(self, item);
            Rc::make_mut(&mut self.folded.standings).insert(item, standing);
        }
    }

    /// Items and those above them, children before their parents.
    fn with_parents(
        &self,
        items: impl IntoIterator<Item = ItemId>,
    ) -> BTreeSet<(std::cmp::Reverse<usize>, ItemId)> {
        let mut all = BTreeSet::new();
        for mut id in items {
            let mut depth = self.depth(id);
            while all.insert((std::cmp::Reverse(depth), id)) && depth > 0 {
                let Some(parent) = self.board.items.get(&id).and_then(|item| item.parent) else { break };
                (id, depth) = (parent, depth - 1);
            }
        }
        all
    }

    /// How many items stand above one; parents that stand below each other are hostile and are
    /// not followed further than there are items.
    fn depth(&self, mut id: ItemId) -> usize {
        let mut depth = 0;
        while let Some(parent) = self.board.items.get(&id).and_then(|item| item.parent)
            && depth < DEEPEST
        {
            (id, depth) = (parent, depth + 1);
        }
        depth
    }

    /// The board with the entries that the author of one had seen: what a decision rested on does
    /// not change with what is written later.
    #[must_use]
    pub fn as_seen_by<'b>(&self, entry: &'b Entry) -> Scene<'b>
    where
        'a: 'b,
    {
        Scene {
            template: self.template,
            space: self.space,
            board: self.board,
            entries: self.entries,
            today: self.today,
            folded: self.folded.clone(),
            seen_by: Some(entry),
            looks: self.looks.clone(),
            kept: Rc::clone(&self.kept),
            answered: Answered::default(),
        }
    }

    /// Whether an entry is there for whoever looks.
    pub(super) fn is_seen(&self, entry: &Entry) -> bool {
        self.seen_by.is_none_or(|by| by.id == entry.id || by.has_seen(entry))
    }

    /// An item of the board.
    #[must_use]
    pub fn item(&self, id: ItemId) -> Option<&'a Item> {
        self.board.items.get(&id)
    }

    /// The headline of an item, or its text where it has none.
    #[must_use]
    pub fn title(&self, id: ItemId) -> &'a str {
        self.item(id).map_or("", |item| if item.title.is_empty() { &item.text } else { &item.title })
    }

    /// The type of an item.
    #[must_use]
    pub fn item_type(&self, id: ItemId) -> Option<&'a ItemType> {
        self.template.item_type(&self.item(id)?.kind)
    }

    /// All items of a type that are in force, in the order of their ids (the order they were made).
    pub fn items_of<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = ItemId> + 'b {
        self.looks.add(self.board.items.len());
        self.board.items.keys().copied().filter(move |id| {
            self.item_type(*id).is_some_and(|one| one.id == kind)
                && self.folded.standings.get(id).is_none_or(|standing| !standing.retired)
        })
    }

    /// The children of an item, in the order they were made.
    #[must_use]
    pub fn children(&self, id: ItemId) -> &[ItemId] {
        let children = self.folded.children.get(&id).map_or(&[][..], Vec::as_slice);
        self.looks.add(children.len());
        children
    }

    /// The state of an item.
    #[must_use]
    pub fn standing(&self, id: ItemId) -> Option<&ItemStanding> {
        self.folded.standings.get(&id)
    }

    /// Whether an item is in a final state of its type, or all its parts are closed.
    #[must_use]
    pub fn is_ended(&self, id: ItemId) -> bool {
        let Some((kind, standing)) = self.item_type(id).zip(self.standing(id)) else { return false };
        if kind.parts {
            standing.state == "closed"
        } else {
            kind.state(&standing.state).is_some_and(|s| s.end)
        }
    }

    /// The entries of an item in causal order, without those that another one corrects.
    #[must_use]
    pub fn about(&self, id: ItemId) -> Vec<&'a Entry> {
        if self.looks.are_used_up() {
            return Vec::new();
        }
        let all = self.entries.of_item(id);
        self.looks.add(1 + all.len());
        let all: Vec<&Entry> = all.into_iter().filter(|entry| self.is_seen(entry)).collect();
        let corrected = fold::corrected(&all);
        all.into_iter().filter(|entry| !corrected.contains(&entry.id)).collect()
    }

    /// Each author's newest entry of a kind; of an item that is decided, those its decision had
    /// seen.
    #[must_use]
    pub fn newest_of_each(&self, id: ItemId, kind: crate::entry::EntryKind) -> Vec<&'a Entry> {
        super::aggregate::newest_of_each(self, id, kind)
    }

    /// The children of an item that are in use.
    pub fn children_in_use(&self, id: ItemId) -> impl Iterator<Item = ItemId> + '_ {
        let in_use = |id: &ItemId| self.standing(*id).is_none_or(|standing| !standing.retired);
        self.children(id).iter().copied().filter(in_use)
    }

    /// The words in a field of an item; `title`, `number` and `deadline` are fields of every item.
    #[must_use]
    pub fn words(&self, id: ItemId, field: &str) -> &'a str {
        let Some(item) = self.item(id) else { return "" };
        match field {
            "title" => &item.title,
            "number" => &item.number,
            "deadline" => &item.deadline,
            field => item.fields.get(field).map_or("", String::as_str),
        }
    }

    /// The value in a field of an item, where its words fit the field's kind.
    #[must_use]
    pub fn value(&self, id: ItemId, field: &str) -> Option<Value> {
        let words = self.words(id, field);
        if field == "deadline" {
            return words.parse().ok().map(Value::Date);
        }
        match self.item_type(id)?.field(field) {
            Some(field) => field.read(words).ok().flatten(),
            None => Some(Value::Text(words.to_owned())).filter(|_| !words.is_empty()),
        }
    }

    /// A number: of a field, or as the template writes it (`5亿元`, `70`); `mean:score` is the mean
    /// of the entries of a kind, `children:value` the sum of a field over the children.
    #[must_use]
    pub fn number(&self, id: ItemId, amount: &str) -> Option<f64> {
        if amount.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return crate::template::Money::parse(amount.trim_end_matches('%')).map(|money| money.yuan);
        }
        if let Some(kind) = amount.strip_prefix("mean:") {
            return super::aggregate::mean_of_entries(self, id, crate::entry::EntryKind::from_word(kind)?);
        }
        if let Some(field) = amount.strip_prefix("children:") {
            let number = |child: &ItemId| match self.value(*child, field)? {
                Value::Number(number) => Some(number),
                _ => None,
            };
            return Some(self.children(id).iter().filter_map(number).sum());
        }
        match self.value(id, amount)? {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A date in a field of an item.
    #[must_use]
    pub fn date(&self, id: ItemId, field: &str) -> Option<jiff::civil::Date> {
        match self.value(id, field)? {
            Value::Date(date) => Some(date),
            _ => None,
        }
    }

    /// The name that people see for a field of an item's type.
    #[must_use]
    pub fn field_name(&self, id: ItemId, field: &str) -> String {
        let language = Lang::Hans;
        let found = self.item_type(id).and_then(|kind| kind.field(field));
        let own = found.map(|field| field.name.get(language).to_owned());
        own.unwrap_or_else(|| match field {
            // Every item has these, whatever its type.
            "title" => Word::Headline.text(language).to_owned(),
            "deadline" => Word::Deadline.text(language).to_owned(),
            field if field.starts_with("mean:") => Word::MeanScore.text(language).to_owned(),
            field => match field.strip_prefix("children:") {
                Some(below) => {
                    let kind = self.item_type(id).map(|kind| kind.id.as_str());
                    let mut kinds = self.template.types_under(kind);
                    let name = kinds.find_map(|kind| kind.field(below)).map(|field| field.name.get(language));
                    format!("{}{}", Word::SumBelow.text(language), name.unwrap_or(below))
                }
                None => field.to_owned(),
            },
        })
    }

    /// The units that an item names, as responsible or in a field, groups expanded.
    #[must_use]
    pub fn units(&self, id: ItemId) -> BTreeSet<UnitId> {
        let Some(item) = self.item(id) else { return BTreeSet::new() };
        let assigned =
            item.assignments.iter().filter(|(_, one)| one.removal.is_none()).map(|(unit, _)| *unit);
        let named = assigned.chain(item.named_in_fields());
        let units: BTreeSet<UnitId> = named.flat_map(|unit| self.space.expanded(unit)).collect();
        self.looks.add(1 + units.len());
        units
    }

    /// The item as people see it, on the day of the scene.
    #[must_use]
    pub fn state(&self, id: ItemId) -> ItemState {
        let state = fold::item_state(self.space, self.board, id, self.entries, &self.today.to_string());
        let entries = self.entries.count_of(id);
        self.looks.add(1 + self.board.indicators.len() + (1 + state.parts.len()) * entries);
        state
    }

    /// The units that have a part in an item: those responsible, groups expanded, and those that left
    /// while they worked unseen.
    #[must_use]
    pub fn parts(&self, id: ItemId) -> BTreeSet<UnitId> {
        let Some(item) = self.item(id) else { return BTreeSet::new() };
        let about = || fold::concerning(self.board, id, self.entries);
        fold::Holding::of(self.space, item, about).parts().collect()
    }

    /// The units that were taken off an item with an entry of theirs before the eyes of whoever did it:
    /// they held it when they wrote it.
    #[must_use]
    pub fn held_then(&self, id: ItemId, entry: &Entry) -> bool {
        let Some(item) = self.item(id) else { return false };
        let taken = item.assignments.iter().filter_map(|(unit, one)| Some((unit, one.removal.as_ref()?)));
        let mut taken = taken.filter(|(unit, _)| self.space.ever(**unit).contains(&entry.author.unit));
        taken.any(|(_, mark)| mark.seen.get(&entry.author.writer).is_some_and(|seen| *seen >= entry.seq))
    }

    /// Deadlines of an item by the template's rules: the day and its lamp.
    fn deadlines(&self, id: ItemId) -> impl Iterator<Item = (jiff::civil::Date, Lamp)> {
        let kind = self.item_type(id).map(|kind| kind.id.as_str());
        self.looks.add(self.template.rules.len());
        let rules = self.template.rules.iter();
        rules
            .filter(move |rule| matches!(rule, Rule::Deadline(one) if Some(one.on.as_str()) == kind))
            .filter_map(move |rule| match rule.find(self, Some(id))?.verdict {
                Verdict::Due { on, lamp, .. } => Some((on, lamp)),
                _ => None,
            })
    }

    /// The most urgent lamp of an item's deadlines; none when nothing is due.
    #[must_use]
    pub fn lamp(&self, id: ItemId) -> Option<Lamp> {
        // A line of a document has its deadline without a rule of a template.
        let own = self.item(id).filter(|item| !item.deadline.is_empty()).map(|item| {
            let today = self.today.to_string();
            fold::lamp(&item.deadline, self.is_ended(id), Day::of(self.board, &today))
        });
        self.deadlines(id).map(|(_, lamp)| lamp).chain(own).min()
    }

    /// The earliest day that an item is due by a rule or by its own deadline.
    #[must_use]
    pub fn due(&self, id: ItemId) -> Option<jiff::civil::Date> {
        self.deadlines(id).map(|(day, _)| day).chain(self.date(id, "deadline")).min()
    }

    /// The units that hold an item: those of the first of 牵头, 责任, 实施 that it has.
    #[must_use]
    pub fn holders(&self, id: ItemId) -> BTreeSet<UnitId> {
        let Some(item) = self.item(id) else { return BTreeSet::new() };
        let of = |role| {
            let named =
                item.assignments.iter().filter(move |(_, one)| one.role == role && one.removal.is_none());
            named.flat_map(|(unit, _)| self.space.expanded(*unit)).collect::<BTreeSet<_>>()
        };
        let assigned = HOLDERS.into_iter().map(of).find(|units| !units.is_empty());
        // Without a responsible unit, the one that a field names holds it.
        assigned.unwrap_or_else(|| self.units(id))
    }
}
