//! Other servers of the same space: over a link, and by file.

use crate::app::{App, Options};
use crate::carry::{self, Reader};
use crate::files::FilePlace;
use crate::identity::Maker;
use crate::peers::Ticket;
use crate::store::{Database, Place};
use anyhow::{Context, bail};
use std::path::PathBuf;
use tongban_shared::id::{BoardId, SpaceId};
use tongban_shared::text::line_text;
use tongban_shared::trust::{PublicKey, strangers};

#[derive(clap::Args)]
pub struct Peer {
    #[arg(long, env = "TONGBAN_DATA", default_value = "data", global = true)]
    pub data: Place,
    #[command(subcommand)]
    pub command: PeerCommand,
}

#[derive(clap::Subcommand)]
pub enum PeerCommand {
    /// Let another server connect to this one; prints what it must be told
    Invite {
        /// The name of the server here
        name: String,
        /// The unit that runs it: boards that name or invite this unit go there
        #[arg(long)]
        unit: String,
    },
    /// Connect this server to another one; an empty data folder joins its space
    Add {
        /// The address of the other server
        url: String,
        /// The ticket that `peer invite` printed there
        #[arg(long)]
        ticket: Ticket,
        /// The unit that runs the other server
        #[arg(long)]
        unit: String,
        /// The name of the server here; its address otherwise
        #[arg(long)]
        name: Option<String>,
    },
    /// Trust another server's key, where only files go to and fro
    Trust {
        /// The key that `admin authority` prints there
        key: PublicKey,
        /// The name of the server here
        name: String,
    },
    /// List the servers, with the boards that came from each
    List,
    /// Share boards with a server as if they had come from it, from its next connection on: those that
    /// came by file, or before it was added anew
    Share {
        name: String,
        /// The boards, by their ids
        #[arg(required = true)]
        board: Vec<BoardId>,
        /// No longer, but where a board names the unit of that server
        #[arg(long)]
        stop: bool,
    },
    /// Forget a server and end its sessions
    Remove { name: String },
}

#[derive(clap::Args)]
pub struct Bundle {
    #[arg(long, env = "TONGBAN_DATA", default_value = "data", global = true)]
    pub data: Place,
    /// The folder of photos and files, or s3://bucket/prefix, where they are not in the data folder
    #[arg(long, env = "TONGBAN_FILES", global = true)]
    pub files: Option<FilePlace>,
    /// Megabytes that the photos and files of one unit may take, as `serve` is told
    #[arg(long, env = "TONGBAN_FILES_OF_A_UNIT", global = true)]
    pub files_of_a_unit: Option<u64>,
    #[command(subcommand)]
    pub command: BundleCommand,
}

#[derive(clap::Subcommand)]
pub enum BundleCommand {
    /// Write boards, their logs, and the photos and files of these into one file
    Out {
        file: PathBuf,
        /// These boards only, by their ids
        #[arg(long)]
        board: Vec<BoardId>,
    },
    /// Take such a file in, as often and in whatever order one likes; an empty data folder joins
    /// its space
    In {
        file: PathBuf,
        /// Key of the server that the file comes from, when this one does not know it yet
        #[arg(long)]
        trust: Option<PublicKey>,
        /// The name of that server here
        #[arg(long, default_value = "数据文件的来源")]
        name: String,
    },
}

/// A data folder; when it is new, of a given space.
async fn open(data: &Place, space: SpaceId, options: Options) -> anyhow::Result<App> {
    let store = Database::open(data).await?;
    if store.setting("space").await?.is_none() {
        store.set_setting("space", &space.to_string()).await?;
    }
    store.close().await;
    let app = App::open(data, options).await?;
    if app.rooms.space_id() != space {
        bail!(
            "两台服务器的空间不同：那边是 {space}，这里是 {}。请用一个空的数据文件夹加入那边的空间",
            app.rooms.space_id()
        );
    }
    Ok(app)
}

/// Runs one command about other servers.
///
/// # Errors
/// When the folder cannot be opened or the command does not fit it.
pub async fn peer(data: &Place, command: PeerCommand) -> anyhow::Result<()> {
    if let PeerCommand::Add { url, ticket, unit, name } = command {
        let app = open(data, ticket.space, Options::default()).await?;
        let unit = super::admin::add_unit(&app, &unit).await?;
        let name = name.unwrap_or_else(|| url.clone());
        app.peers
            .add(&name, unit, &url, &ticket)
            .await
            .with_context(|| format!("已有名为 {name} 的服务器"))?;
        app.authority.endorse(ticket.authority, &name).await?;
        println!("已登记 {name}；tongban serve 运行时会自动连接");
        app.close().await;
        return Ok(());
    }
    let app = App::open(data, Options::default()).await?;
    app.rooms.space().await?;
    match command {
        PeerCommand::Invite { name, unit } => {
            let unit = super::admin::add_unit(&app, &unit).await?;
            let secret = app.peers.expect(&app.identity, &name, unit).await?;
            let ticket = Ticket { space: app.rooms.space_id(), authority: app.authority.public(), secret };
            println!("tongban peer add 本服务器的地址 --unit 本服务器的单位 --ticket {ticket}");
        }
        PeerCommand::Trust { key, name } => app.authority.endorse(key, &name).await?,
        PeerCommand::List => {
            let space = app.rooms.space().await?;
            for peer in app.peers.all().await? {
                let way = peer.reached.map_or_else(|| "等待连接".to_owned(), |(url, _)| url);
                let unit = space.unit_name(peer.unit);
                println!("{}\t{}\t{}", line_text(&peer.name), line_text(&unit), line_text(&way));
                for board in app.peers.given(&peer.name).await? {
                    let title = space.boards.get(&board).map(|listing| listing.title.as_str());
                    println!("\t{board}\t{}", line_text(title.unwrap_or_default()));
                }
            }
        }
        PeerCommand::Share { name, board: boards, stop } => {
            named(&app, &name).await?;
            let space = app.rooms.space().await?;
            if let Some(unknown) = boards.iter().find(|board| !space.boards.contains_key(board)) {
                bail!("没有清单 {unknown}");
            }
            for board in boards {
                match stop {
                    true => app.peers.keeps_back(&name, board).await?,
                    false => app.peers.gives(&name, board).await?,
                }
            }
        }
        PeerCommand::Remove { name } => {
            let peer = named(&app, &name).await?;
            app.peers.remove(&name).await?;
            if let Some(account) = peer.account {
                app.identity.end_account(account, (&app.audit, Maker::Machine)).await?;
                app.finish(account).await?;
            }
        }
        PeerCommand::Add { .. } => {}
    }
    app.close().await;
    Ok(())
}

/// The server of a name.
async fn named(app: &App, name: &str) -> anyhow::Result<crate::peers::Peer> {
    let found = app.peers.all().await?.into_iter().find(|peer| peer.name == name);
    found.with_context(|| format!("没有名为 {name} 的服务器"))
}

/// Writes or takes in a bundle.
///
/// # Errors
/// When the file does not fit.
pub async fn bundle(bundle: Bundle) -> anyhow::Result<()> {
    let files_of_a_unit = bundle.files_of_a_unit.map(|megabytes| megabytes << 20);
    let (data, options) =
        (&bundle.data, Options { files: bundle.files, files_of_a_unit, ..Options::default() });
    match bundle.command {
        BundleCommand::Out { file, board } => {
            let app = App::open(data, options).await?;
            let out = carry::out(&app, &board, &file).await?;
            println!("已写入 {}（{} 字节），附件 {} 个", file.display(), out.bytes, out.files);
            if out.unread > 0 {
                println!("有 {} 个附件无法读取，没有写入", out.unread);
            }
            for document in &out.broken {
                println!("文档 {document} 有读不出的数据，只写入了读得出的部分");
            }
            app.close().await;
        }
        BundleCommand::In { file, trust, name } => {
            let mut from = Reader::open(&file)?;
            let app = open(data, carry::space_of(from.changes())?, options).await?;
            app.rooms.space().await?;
            if let Some(key) = trust {
                app.authority.endorse(key, &name).await?;
            }
            let strangers = strangers(from.changes(), &app.rooms.register())?;
            if !strangers.is_empty() {
                let keys: Vec<String> = strangers.iter().map(ToString::to_string).collect();
                bail!(
                    "文件里的证书出自服务器 {}，这里还不信任它。与对方核对公钥（tongban admin authority）以后，加上 --trust 公钥",
                    keys.join("、")
                );
            }
            let report = carry::take_in(&app, &mut from).await?;
            if report.unsigned {
                println!(
                    "没有人为这个文件整体签名，或签名以后被改过：只采纳其中有签名的记录，不采纳对空间和清单的改动"
                );
            }
            println!(
                "新增改动 {}，未采纳 {}，无权改动的文档 {}，缺少前文 {}，不认识的文档 {}，新附件 {}",
                report.new,
                report.refused.len(),
                report.closed,
                report.waiting,
                report.unknown,
                report.files
            );
            report.refused.iter().for_each(|why| println!("    {}", line_text(&why.to_string())));
            app.close().await;
        }
    }
    Ok(())
}
