//! A demonstration space in the form of the official documents, written by us: units of a city,
//! two boards from one notice, a living board of each other template, four accounts.

mod board;

use crate::app::App;
use crate::clock;
use crate::identity::Account;
use crate::rooms::What;
use anyhow::Context;
use std::collections::{BTreeMap, BTreeSet};
use tongban_shared::access::{self, AccountRole};
use tongban_shared::adopt::adopt;
use tongban_shared::dictionary::{self, Set};
use tongban_shared::document::Stamp;
use tongban_shared::edit::Edit;
use tongban_shared::entry::{Author, Entry};
use tongban_shared::id::{DeviceId, SpaceId, UnitId, fingerprint};
use tongban_shared::import;
use tongban_shared::model::Space;
use tongban_shared::trust::Key;

/// How to sign in, as it is printed at the start.
pub const SIGN_IN: &str = "演示账号：office / tongban-demo（市政府办，管理员）；hailar / tongban-demo（海拉尔区，填报和编辑）；jiaoyu / tongban-demo（市教育局）；ruye / tongban-demo（乳业企业，只看本企业的事项）";

const PASSWORD: &str = "tongban-demo";

const OFFICE: &str = "市政府办";
const FIRM: &str = "乳业企业（示例）";

/// The enterprise of the demonstration.
fn firm(space: SpaceId) -> Edit {
    Edit::AddUnit {
        id: UnitId::from_bytes(fingerprint(&[&space.to_string(), FIRM])),
        name: FIRM.to_owned(),
        kind: AccountRole::Enterprise.word().to_owned(),
        side: String::new(),
        code: String::new(),
    }
}

/// Fills an empty space; one that holds anything is left as it is.
///
/// # Errors
/// When the documents or accounts cannot be written.
pub async fn fill(app: &App) -> anyhow::Result<()> {
    if !app.identity.is_empty().await? || !app.rooms.space().await?.units.is_empty() {
        return Ok(());
    }
    let stamp = || Stamp { time: clock::now(), by: "演示数据".to_owned() };
    let space_id = app.rooms.space_id();
    let mut edits = vec![Edit::SetSpaceName { name: "呼伦贝尔（演示）".to_owned() }];
    let empty = Space::default();
    for set in [Set::Hulunbuir, Set::Departments] {
        edits.extend(dictionary::add_set(space_id, &empty, set));
    }
    edits.push(firm(space_id));
    app.rooms.edit(What::Space, edits, stamp()).await?;
    boards(app).await?;
    let space = app.rooms.space().await?;
    for (login, name, unit, role) in [
        ("office", "办公室值班", OFFICE, AccountRole::Administrator),
        ("hailar", "海拉尔区联络员", "海拉尔区人民政府", AccountRole::Editor),
        ("jiaoyu", "教育局联络员", "市教育局", AccountRole::Editor),
        ("ruye", "企业联系人", FIRM, AccountRole::Enterprise),
    ] {
        let unit = space.unit_named(unit).with_context(|| format!("单位字典里没有 {unit}"))?;
        let account = app.identity.create(login, name, unit, role, PASSWORD).await?;
        app.enroll(&account).await?;
    }
    Ok(())
}

async fn boards(app: &App) -> anyhow::Result<()> {
    let draft = import::read(include_str!("../demo/plan.txt"))?;
    for document in &draft.documents {
        for board in &document.boards {
            let space = app.rooms.space().await?;
            let adoption = adopt(app.rooms.space_id(), &space, document, board)?;
            let stamp = Stamp { time: clock::now(), by: "演示数据".to_owned() };
            app.rooms.edit(What::Space, adoption.space_edits, stamp).await?;
            app.rooms.apply(What::Board(adoption.board), adoption.chunk.bytes).await?;
        }
    }
    let space = app.rooms.space().await?;
    let today = clock::today(space.zone());
    let mut clerks = Clerks::of(&space);
    for (name, file) in board::FILES {
        let made = board::Board::read(file)
            .and_then(|file| file.make(app.rooms.space_id(), &space, today, &clerks.devices()))
            .with_context(|| format!("演示清单 {name}"))?;
        let stamp = || Stamp { time: clock::now(), by: "演示数据".to_owned() };
        app.rooms.edit(What::Space, vec![made.listing], stamp()).await?;
        app.rooms.edit(What::Board(made.id), made.edits, stamp()).await?;
        for (unit, entries) in made.logs {
            let mut edits = Vec::new();
            for mut entry in entries {
                entry.certificate = Some(1);
                entry.sign(clerks.key_of(app, &space, &entry).await?);
                edits.push(Edit::AddEntry { id: entry.id, bytes: entry.to_bytes() });
            }
            app.rooms.edit(What::Log(made.id, unit), edits, stamp()).await?;
        }
    }
    Ok(())
}

/// The clerks of the demonstration: one for each unit, with a device whose key is forgotten at the
/// end.
struct Clerks {
    keys: BTreeMap<UnitId, Key>,
    certified: BTreeSet<UnitId>,
}

impl Clerks {
    fn of(space: &Space) -> Self {
        let key = |unit: &UnitId| (*unit, Key::from_seed(&clock::random()));
        Self { keys: space.units.keys().map(key).collect(), certified: BTreeSet::new() }
    }

    fn devices(&self) -> BTreeMap<UnitId, DeviceId> {
        self.keys.iter().map(|(unit, key)| (*unit, key.public().device())).collect()
    }

    /// The key of the device that an entry names; certified when it is first asked for.
    async fn key_of(&mut self, app: &App, space: &Space, entry: &Entry) -> anyhow::Result<&Key> {
        let Author { person, unit, device, .. } = entry.author;
        let key = self.keys.get(&unit).context("every unit has a clerk")?;
        if self.certified.insert(unit) {
            let name = format!("{}经办人", space.unit_name(unit));
            let role = if access::enterprises(space).contains(&unit) {
                AccountRole::Enterprise
            } else {
                AccountRole::Editor
            };
            let account = Account { id: person, login: String::new(), name, unit, role };
            app.enroll(&account).await?;
            app.authority.certify(device, key.public(), &account).await?;
        }
        Ok(key)
    }
}
