//! Accounts, devices and the audit trail, from the server's own machine.

use super::repair::repair;
use crate::app::{App, Options, RECOVERS};
use crate::audit::{self, Act, Line};
use crate::identity::Maker;
use crate::rooms::What;
use crate::store::{Place, Store};
use anyhow::{Context, bail};
use serde_json::json;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use tongban_shared::access::AccountRole;
use tongban_shared::document::{Stamp, hex};
use tongban_shared::id::{BoardId, DeviceId, DocumentId, UnitId};
use tongban_shared::text::line_text;
use tongban_shared::trust::PublicKey;

#[derive(clap::Args)]
pub struct Admin {
    #[arg(long, env = "TONGBAN_DATA", default_value = "data", global = true)]
    pub data: Place,
    #[command(subcommand)]
    pub command: AdminCommand,
}

#[derive(clap::Subcommand)]
pub enum AdminCommand {
    /// Print a one-time link for a new account of a unit
    Invite {
        /// Name of the unit; it is added when the space does not know it
        unit: String,
        /// A role, as `docs/rights.md` names them
        #[arg(long, default_value = "administrator")]
        role: String,
    },
    /// Print a one-time link that sets the password of an account anew
    Reset {
        /// The account's login
        login: String,
    },
    /// List the accounts
    List,
    /// Print the public key of this server, for `verify` and for other servers
    Authority,
    /// End a lost device: what the server had of it keeps its force, nothing later has
    EndDevice {
        /// Its id, as the app shows it
        device: DeviceId,
    },
    /// After a restore: from now on devices bring back no changes of other devices
    EndRecovery,
    /// List the largest documents with the share of their bound that they have used up
    Sizes {
        /// So many of them
        #[arg(long, default_value_t = 20)]
        most: u32,
    },
    /// Bring a document that is too large, and read-only for that, back to its last good state
    Repair {
        /// Its id, as `sizes` and the audit trail show it
        document: DocumentId,
        /// A new file for everything that is stored of it now
        file: PathBuf,
    },
    /// The audit trail
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[derive(clap::Subcommand)]
pub enum AuditCommand {
    /// Print the trail, one JSON object a line
    Export,
    /// Follow the chain from its first record and name the first broken link
    Verify {
        /// An exported trail; without one, that of the database
        file: Option<PathBuf>,
        /// Public key of the server, when the file comes from another one
        #[arg(long)]
        authority: Option<PublicKey>,
    },
}

/// Runs one command of administration.
///
/// # Errors
/// When the folder cannot be opened or the command does not fit it.
pub async fn administer(data: &Place, command: AdminCommand) -> anyhow::Result<()> {
    let app = App::open(data, Options::default()).await?;
    match command {
        AdminCommand::Invite { unit, role } => {
            let role = AccountRole::from_word(&role).with_context(|| {
                format!(
                    "没有角色 {role}：{}",
                    AccountRole::offered().map(AccountRole::word).collect::<Vec<_>>().join("、")
                )
            })?;
            let unit = add_unit(&app, &unit).await?;
            let by = (Some(&app.audit), Maker::Machine);
            println!("/join/{}", app.identity.invite(unit, role, None, by).await?);
        }
        AdminCommand::Reset { login } => {
            let Some(account) = app.identity.account_named(&login).await? else {
                bail!("没有账号 {login}")
            };
            let by = (Some(&app.audit), Maker::Machine);
            let link = app.identity.invite(account.unit, account.role, Some(account.id), by).await?;
            println!("/join/{link}");
        }
        AdminCommand::List => {
            let space = app.rooms.space().await?;
            for account in app.identity.accounts().await? {
                println!(
                    "{}\t{}\t{}\t{}",
                    line_text(&account.login),
                    line_text(&account.name),
                    line_text(&space.unit_name(account.unit)),
                    account.role.word()
                );
            }
        }
        AdminCommand::Authority => println!("{}", app.authority.public()),
        AdminCommand::EndDevice { device } => {
            app.rooms.space().await?;
            app.identity.end_sessions_on(device, None, Maker::Machine).await?;
            app.authority.end(device, None).await?;
            println!("{device} 已停止使用");
        }
        AdminCommand::Sizes { most } => sizes(&app, most).await?,
        AdminCommand::Repair { document, file } => repair(&app, document, &file).await?,
        AdminCommand::EndRecovery => app.store.remove_setting(RECOVERS).await?,
        AdminCommand::Audit { command: AuditCommand::Export } => {
            let mut out = std::io::BufWriter::new(std::io::stdout());
            let mut written = Ok(());
            app.audit.lines(|line| written = writeln!(out, "{}", line.to_json())).await?;
            written.and_then(|()| out.flush())?;
            app.audit.write(Act::Exported, None, json!({ "what": "audit", "by": "console" })).await?;
        }
        AdminCommand::Audit { command: AuditCommand::Verify { file, authority } } => {
            verify(&app, file.as_deref(), authority).await?;
        }
    }
    app.close().await;
    Ok(())
}

async fn sizes(app: &App, most: u32) -> anyhow::Result<()> {
    let (space, held) = (app.rooms.space().await?, app.store.held().await?);
    for id in &held {
        println!("文档 {id} 过大，只能查看：用 tongban admin repair {id} 文件名 修复");
    }
    for (board, listed) in &space.boards {
        if !app.rooms.is_a_board(*board).await {
            println!("清单 {board} {} 的编号属于另一份内容，已略过：请从空间里移除", listed.title);
        }
    }
    println!("用量\t操作数\t字节数\t文档\t名称");
    for (id, total) in app.store.largest(most).await? {
        let title = |board: BoardId| {
            let title = space.boards.get(&board).map(|listed| listed.title.as_str()).unwrap_or_default();
            format!("{board} {title}")
        };
        let what = match app.rooms.what(id).await {
            Some(What::Space) => space.name.clone(),
            Some(What::Board(board)) => title(board),
            Some(What::Log(board, unit)) => format!("{}（{}）", title(board), space.unit_name(unit)),
            None => String::new(),
        };
        let (part, what) = (total.percent(), line_text(&what));
        println!("{part}%\t{}\t{}\t{id}\t{what}", total.operations, total.bytes);
    }
    Ok(())
}

async fn verify(app: &App, file: Option<&Path>, authority: Option<PublicKey>) -> anyhow::Result<()> {
    let authority = authority.unwrap_or_else(|| app.authority.public());
    let verified = match file {
        Some(file) => {
            let opened = std::fs::File::open(file).with_context(|| format!("无法读取 {}", file.display()))?;
            let lines = std::io::BufReader::new(opened).lines();
            audit::verify(lines.map(|line| Line::from_json(&line.ok()?)), authority)
        }
        None => {
            let mut lines = Vec::new();
            app.audit.lines(|line| lines.push(Some(line))).await?;
            audit::verify(lines, authority)
        }
    };
    match verified {
        Ok((count, last)) => println!("{count} 条审计记录，首尾相接，签名有效；最后一条 {}", hex(&last)),
        Err(broken) => bail!("{broken}"),
    }
    Ok(())
}

/// The unit of the first administrator.
///
/// # Errors
/// When the space cannot be written.
pub async fn first_unit(app: &App) -> anyhow::Result<UnitId> {
    let space = app.rooms.space().await?;
    match space.units.keys().next() {
        Some(unit) => Ok(*unit),
        None => add_unit(app, "市人民政府办公室").await,
    }
}

/// The unit of a name; it is added when the space does not know it.
///
/// # Errors
/// When the space cannot be written.
pub async fn add_unit(app: &App, name: &str) -> anyhow::Result<UnitId> {
    let space = app.rooms.space().await?;
    let (unit, edits) = tongban_shared::dictionary::named(app.rooms.space_id(), &space, name);
    if !edits.is_empty() {
        let stamp = Stamp { time: crate::clock::now(), by: "服务器".to_owned() };
        app.rooms.edit(crate::rooms::What::Space, edits, stamp).await?;
    }
    Ok(unit)
}
