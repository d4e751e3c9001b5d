//! Writes the demonstration space with the vast board into a data folder, for figures of the app.

use anyhow::Context;
use tongban_server::app::{App, Options};
use tongban_server::identity::Account;
use tongban_server::rooms::What;
use tongban_server::{clock, demo};
use tongban_shared::access::AccountRole;
use tongban_shared::dictionary::{self, Set};
use tongban_shared::document::Stamp;
use tongban_shared::edit::Edit;
use tongban_shared::id::PersonId;
use tongban_shared::model::BoardListing;
use tongban_tests::vast_board;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).context("usage: vast-space FOLDER")?;
    let app = App::open(&folder.parse()?, Options::default()).await?;
    demo::fill(&app).await?;
    let space = app.rooms.space().await?;
    let cities = dictionary::units().iter().filter(|unit| unit.set == Set::Hulunbuir);
    let units: Vec<_> =
        cities.filter_map(|unit| space.unit_named(&unit.name)).take(vast_board::UNITS).collect();
    let stamp = || Stamp { time: clock::now(), by: "vast board".to_owned() };
    let listing = BoardListing { title: "五千条举措清单".to_owned(), doc_number: String::new() };
    let listing = Edit::ListBoard { id: vast_board::BOARD, listing };
    app.rooms.edit(What::Space, vec![listing], stamp()).await?;
    let document = vast_board::board(&units).save();
    app.rooms.apply(What::Board(vast_board::BOARD), document).await?;
    for unit in &units {
        let (device, key) = vast_board::device(*unit);
        let id = PersonId::from_bytes(*device.bytes());
        let account = Account {
            id,
            login: String::new(),
            name: "经办人".to_owned(),
            unit: *unit,
            role: AccountRole::Editor,
        };
        app.authority.certify(device, key.public(), &account).await?;
    }
    for (unit, edits) in vast_board::logs(&units) {
        app.rooms.edit(What::Log(vast_board::BOARD, unit), edits, stamp()).await?;
    }
    app.stop.cancel();
    app.rooms.ended().await;
    println!("/b/{}", vast_board::BOARD);
    Ok(())
}
