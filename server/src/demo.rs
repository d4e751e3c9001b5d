//! A demonstration space in the form of the official documents, written by us: units of a city,
//! two boards from one notice, two accounts.

use crate::app::App;
use crate::clock;
use crate::rooms::What;
use tongban_shared::access::AccountRole;
use tongban_shared::adopt::{adopt, unit_id};
use tongban_shared::document::Stamp;
use tongban_shared::edit::Edit;
use tongban_shared::import;

/// How to sign in, as it is printed at the start.
pub const SIGN_IN: &str = "演示账号：office / tongban-demo（市政府办，管理员）；hailar / tongban-demo（海拉尔区，填报和编辑）；jiaoyu / tongban-demo（市教育局）";

const PASSWORD: &str = "tongban-demo";

const OFFICE: &str = "市人民政府办公室";

/// The banners of the group that the documents name (旗市区).
const BANNERS: &[&str] = &[
    "海拉尔区",
    "扎赉诺尔区",
    "满洲里市",
    "扎兰屯市",
    "牙克石市",
    "根河市",
    "额尔古纳市",
    "阿荣旗",
    "莫力达瓦达斡尔族自治旗",
    "鄂伦春自治旗",
    "鄂温克族自治旗",
    "新巴尔虎左旗",
    "新巴尔虎右旗",
    "陈巴尔虎旗",
];

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
    let empty = tongban_shared::model::Space::default();
    let add = |name: &str, kind: &str| {
        let id = unit_id(space_id, &empty, name);
        (
            id,
            Edit::AddUnit {
                id,
                name: name.to_owned(),
                kind: kind.to_owned(),
                side: "inner_mongolia".to_owned(),
            },
        )
    };
    let (office, edit) = add(OFFICE, "department");
    edits.push(edit);
    let (group, edit) = add("各旗市区人民政府", "group");
    edits.push(edit);
    for banner in BANNERS {
        let (unit, edit) = add(&format!("{banner}人民政府"), "banner");
        edits.push(edit);
        edits.push(Edit::SetAlias { unit, alias: (*banner).to_owned(), present: true });
        edits.push(Edit::SetGroupMember { group, unit, present: true });
    }
    for (name, aliases) in DEPARTMENTS {
        let (unit, edit) = add(name, "department");
        edits.push(edit);
        edits.extend(aliases.iter().map(|alias| Edit::SetAlias {
            unit,
            alias: (*alias).to_owned(),
            present: true,
        }));
    }
    app.rooms.edit(What::Space, edits, stamp()).await?;
    boards(app).await?;
    let space = app.rooms.space().await?;
    for (login, name, unit, role) in [
        ("office", "办公室值班", OFFICE, AccountRole::Administrator),
        ("hailar", "海拉尔区联络员", "海拉尔区人民政府", AccountRole::Editor),
        ("jiaoyu", "教育局联络员", "市教育局", AccountRole::Editor),
    ] {
        let unit = space.unit_named(unit).unwrap_or(office);
        let account = app.identity.create(login, name, unit, role, PASSWORD).await?;
        app.enroll(&account).await?;
    }
    Ok(())
}

const DEPARTMENTS: &[(&str, &[&str])] = &[
    ("市教育局", &[]),
    ("市卫健委", &["市卫生健康委", "市卫生健康委员会"]),
    ("市农牧局", &["市農牧局"]),
    ("市乡村振兴局", &[]),
    ("市文旅广局", &["市文化旅游广电局"]),
    ("市科技局", &["市科学技术局"]),
    ("市发改委", &["市发展改革委", "市发展和改革委员会"]),
    ("市商务局", &[]),
    ("市财政局", &[]),
    ("市人社局", &["市人力资源和社会保障局"]),
    ("市工信局", &["市工业和信息化局"]),
];

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
    Ok(())
}
