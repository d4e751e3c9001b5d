//! A plan in several wordings, and a board that was made of it.

use tongban_shared::adopt::{Adoption, adopt};
use tongban_shared::document::{Document, Kind, Stamp};
use tongban_shared::edit::{BoardField, Edit, ItemField, TextPlace};
use tongban_shared::entry::{Author, Entry, EntryKind, Subject};
use tongban_shared::fold::{Entries, item_digest};
use tongban_shared::id::{BoardId, DeviceId, EntryId, ItemId, PersonId, SpaceId, UnitId};
use tongban_shared::import::{Role, read};
use tongban_shared::model::{Board, Removal, Space, Target};
use tongban_shared::revise::{Difference, Edition, Take, differences, revise};
use tongban_shared::rule::Scene;
use tongban_shared::template;
use tongban_shared::text::Splice;

pub const SPACE: SpaceId = SpaceId::from_bytes([1; 16]);

/// A plan whose every place can be another one.
#[derive(Clone)]
pub struct Plan {
    pub number: &'static str,
    pub goal: &'static str,
    pub section: &'static str,
    pub headline: &'static str,
    pub text: &'static str,
    pub units: &'static str,
    pub deadline: &'static str,
    pub second: &'static str,
    pub third: &'static str,
}

pub const FIRST: Plan = Plan {
    number: "某政办发〔2024〕7号",
    goal: "到2025年，养老床位达到3000张。",
    section: "重点任务",
    headline: "增加供给",
    text: "新建养老机构，盘活闲置房屋，纳入专项规划。",
    units: "责任单位：市民政局、市财政局",
    deadline: "完成时限：2025年6月30日",
    second: "（二）提升质量。培训护理员，开展技能竞赛。（责任单位：市教育局）",
    third: "",
};

impl Plan {
    pub fn to_text(&self) -> String {
        let deadline = if self.deadline.is_empty() { String::new() } else { format!("；{}", self.deadline) };
        format!(
            "{}\n某市人民政府办公室关于印发某市养老服务工作方案的通知\n某市养老服务工作方案\n一、目标任务\n{}\n二、{}\n（一）{}。{}（{}{deadline}）\n{}\n{}\n",
            self.number,
            self.goal,
            self.section,
            self.headline,
            self.text,
            self.units,
            self.second,
            self.third,
        )
    }
}

pub struct Here {
    pub space: Space,
    pub document: Document,
    pub entries: Entries,
}

impl Here {
    pub fn of(plan: &Plan) -> Self {
        let draft = read(&plan.to_text()).expect("readable");
        let document = &draft.documents[0];
        let Adoption { document, space_edits, .. } =
            adopt(SPACE, &Space::default(), document, &document.boards[0]).expect("adopts");
        let mut space = Document::new(Kind::Space, &[1; 16]);
        space.edit_all(&space_edits, &Stamp::default()).expect("fits the space");
        Self { space: space.space(), document, entries: Entries::default() }
    }

    /// A board that nobody imported, with the same content.
    pub fn begun_by_hand(plan: &Plan) -> Self {
        let mut here = Self::of(plan);
        let draft = read(&plan.to_text()).expect("readable");
        let document = &draft.documents[0];
        let blank = Document::new(Kind::Board, &[8; 16]);
        let imported = std::mem::replace(&mut here.document, blank);
        let found =
            differences(SPACE, &here.scene(&here.document.board()), None, document, &document.boards[0]);
        drop(imported);
        let chosen: Vec<_> = found.into_iter().map(|one| (one, Take::Document)).collect();
        let taken =
            revise((SPACE, &here.space), &here.document.board(), &chosen, &Removal::default(), [9; 16]);
        here.write(&[Edit::SetBoardField {
            field: BoardField::Template,
            value: "task_breakdown".to_owned(),
        }]);
        here.write(&taken.board);
        here
    }

    pub fn write(&mut self, edits: &[Edit]) {
        self.document.edit_all(edits, &Stamp { time: 1, by: "某人".to_owned() }).expect("fits");
    }

    pub fn entry(&mut self, kind: EntryKind, item: ItemId) {
        let author = Author {
            person: PersonId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([2; 16]),
            device: DeviceId::from_bytes([3; 16]),
            writer: "aa".to_owned(),
        };
        let board = BoardId::from_bytes([4; 16]);
        let subject = Subject { board, item: Some(item), unit: None, indicator: None };
        let mut entry = Entry::new(EntryId::from_bytes([5; 16]), kind, author, subject);
        entry.digest = self.document.item(item).map(|item| item_digest(&item));
        self.entries.add(entry);
    }

    pub fn scene<'a>(&'a self, board: &'a Board) -> Scene<'a> {
        let template = template::find(&board.template).unwrap_or(&template::built_in()[0]);
        let today = "2025-03-01".parse().expect("a day");
        Scene::new(template, &self.space, board, &self.entries, today)
    }

    pub fn differs(&mut self, plan: &Plan) -> Vec<Difference> {
        let draft = read(&plan.to_text()).expect("readable");
        let document = &draft.documents[0];
        let common = Edition::common(&mut self.document);
        let board = self.document.board();
        differences(SPACE, &self.scene(&board), common.as_ref(), document, &document.boards[0])
    }

    pub fn take(&mut self, chosen: &[(Difference, Take)]) {
        let board = self.document.board();
        let taken = revise((SPACE, &self.space), &board, chosen, &Removal::default(), [7; 16]);
        let mut space = Document::new(Kind::Space, &[2; 16]);
        space.edit_all(&taken.space, &Stamp::default()).expect("fits");
        self.space.units.extend(space.space().units);
        let edition = Edition::record(&mut self.document, &taken).expect("of this board");
        let edits: Vec<Edit> = taken.board.iter().cloned().chain(edition).collect();
        self.write(&edits);
    }

    pub fn item(&self, title: &str) -> ItemId {
        let board = self.document.board();
        *board.items.iter().find(|(_, item)| item.title == title).expect("there").0
    }

    pub fn unit(&self, name: &str) -> UnitId {
        self.space.unit_named(name).unwrap_or_else(|| panic!("{name}"))
    }

    pub fn set(&mut self, field: ItemField, value: &str) {
        let id = self.item("增加供给");
        self.write(&[Edit::SetItemField { id, field, value: value.to_owned() }]);
    }

    pub fn splice(&mut self, text: TextPlace, to: &str) {
        let board = self.document.board();
        let now = match text {
            TextPlace::Goal => board.goal.clone(),
            TextPlace::Item(id) => board.items[&id].text.clone(),
        };
        let splice = Splice::between(&now, to).expect("another text");
        self.write(&[Edit::splice(text, splice)]);
    }

    pub fn assign(&mut self, unit: UnitId, role: Role) {
        let item = self.item("增加供给");
        self.write(&[Edit::Assign { item, unit, role, open_ended: false, raw: String::new() }]);
    }

    pub fn target(&mut self, value: f64) {
        let board = self.document.board();
        let (id, one) = board.indicators.first_key_value().expect("a target");
        let target = Target { value, ..one.target.clone() };
        self.write(&[Edit::SetTarget { id: *id, target }]);
    }
}
