//! What the program is told: serve, import, admin, backup, restore.

use crate::app::{App, Options};
use crate::{backup, demo, http};
use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tongban_shared::access::AccountRole;
use tongban_shared::document::Stamp;
use tongban_shared::id::UnitId;
use tongban_shared::import;

/// 同办：把公文变成活的清单，断网也能用，合并不丢一个字。
#[derive(Parser)]
#[command(name = "tongban", version, about, long_about = None)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app, the API, sync and the public pages from one port
    Serve(Serve),
    /// Read an official document and print the draft boards
    Import(Import),
    /// Check a template file; what is wrong is told with its line and field
    Template {
        /// A TOML file; `-` for standard input
        file: PathBuf,
    },
    /// Accounts, from the server's own machine
    Admin(Admin),
    /// Copy the database into one file; the server may be running
    Backup {
        /// The file to write; must not exist
        file: PathBuf,
        #[arg(long, env = "TONGBAN_DATA", default_value = "data")]
        data: PathBuf,
    },
    /// Put a backup into an empty data folder
    Restore {
        /// The file that `backup` wrote
        file: PathBuf,
        #[arg(long, env = "TONGBAN_DATA", default_value = "data")]
        data: PathBuf,
    },
}

#[derive(clap::Args)]
struct Serve {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "TONGBAN_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder that holds the database
    #[arg(long, env = "TONGBAN_DATA", default_value = "data")]
    data: PathBuf,
    /// Fill an empty space with the demonstration
    #[arg(long)]
    demo: bool,
    /// The server stands behind TLS: cookies are sent over TLS only
    #[arg(long, env = "TONGBAN_SECURE")]
    secure: bool,
    /// A further origin that browsers may connect from
    #[arg(long)]
    allow_origin: Vec<String>,
    /// A folder with the built app instead of the one in the program
    #[arg(long, env = "TONGBAN_APP")]
    app: Option<PathBuf>,
    /// Write logs as JSON lines
    #[arg(long, env = "TONGBAN_LOG_JSON")]
    log_json: bool,
}

#[derive(clap::Args)]
struct Import {
    /// A text file; `-` for standard input
    file: PathBuf,
    /// Print JSON on standard output and nothing else
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct Admin {
    #[arg(long, env = "TONGBAN_DATA", default_value = "data", global = true)]
    data: PathBuf,
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Print a one-time link for a new account of a unit
    Invite {
        /// Name of the unit; it is added when the space does not know it
        unit: String,
        /// administrator, editor, reporter or reader
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
}

/// Runs the program; wrong use and unreadable files end with 2, other failures with 1.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        Command::Import(options) => return run_import(options),
        Command::Template { file } => return run_template(file),
        _ => {}
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::from(error)),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("tongban: {error:#}");
    ExitCode::FAILURE
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(options) => serve(options).await,
        Command::Admin(admin) => administer(&admin.data, admin.command).await,
        Command::Backup { file, data } => backup::backup(&data, &file).await,
        Command::Restore { file, data } => backup::restore(&file, &data).await,
        Command::Import(_) | Command::Template { .. } => Ok(()),
    }
}

fn run_import(options: &Import) -> ExitCode {
    let refuse = |words: String| {
        eprintln!("tongban import: {words}");
        ExitCode::from(2)
    };
    let bytes = match read_file(&options.file) {
        Ok(bytes) => bytes,
        Err(error) => return refuse(format!("无法读取 {}：{error}", options.file.display())),
    };
    let draft = match import::text_of_bytes(&bytes).and_then(import::read) {
        Ok(draft) => draft,
        Err(error) => return refuse(error.to_string()),
    };
    let text = if options.json {
        import::to_json(&draft).map(|json| json + "\n").unwrap_or_default()
    } else {
        import::outline_text(&draft)
    };
    // A reader that closes the pipe early is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn run_template(file: &Path) -> ExitCode {
    let refuse = |words: String| {
        eprintln!("tongban template: {words}");
        ExitCode::from(2)
    };
    let source = match read_file(file).map(String::from_utf8) {
        Ok(Ok(source)) => source,
        Ok(Err(_)) => return refuse("这不是 UTF-8 文本文件".to_owned()),
        Err(error) => return refuse(format!("无法读取 {}：{error}", file.display())),
    };
    match tongban_shared::template::parse(&source) {
        Ok(template) => {
            let (items, rules) = (template.items.len(), template.rules.len());
            let name = &template.name.0[0];
            println!(
                "{name}（{}，第 {} 版）：{items} 种条目，{rules} 条规则，可以使用",
                template.id, template.version
            );
            for one in tongban_shared::template::advice(&template) {
                println!("请看看：{one}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => refuse(error.to_string()),
    }
}

/// Reads at most one byte more than an import takes.
fn read_file(file: &Path) -> std::io::Result<Vec<u8>> {
    let source: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file)?)
    };
    let mut bytes = Vec::new();
    source.take(import::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

async fn serve(options: Serve) -> anyhow::Result<()> {
    start_log(options.log_json);
    let told = Options { origins: options.allow_origin, app_folder: options.app, secure: options.secure };
    let app = App::open(&options.data, told)
        .await
        .with_context(|| format!("无法打开数据文件夹 {}", options.data.display()))?;
    if options.demo {
        demo::fill(&app).await?;
    }
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("无法监听 {}", options.listen))?;
    let address = listener.local_addr()?;
    println!("同办已启动：http://{address}");
    if app.identity.is_empty().await? {
        let unit = first_unit(&app).await?;
        let secret = app.identity.invite(unit, AccountRole::Administrator, None).await?;
        println!("还没有账号。用这个一次性链接建立第一个管理员：http://{address}/join/{secret}");
    } else if options.demo {
        println!("{}", demo::SIGN_IN);
    }
    std::io::stdout().flush()?;
    let stop = app.stop.clone();
    tokio::spawn(async move {
        interrupted().await;
        stop.cancel();
    });
    let stopped = app.stop.clone().cancelled_owned();
    let service = http::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stopped).await?;
    app.close().await;
    Ok(())
}

async fn first_unit(app: &App) -> anyhow::Result<UnitId> {
    let space = app.rooms.space().await?;
    match space.units.keys().next() {
        Some(unit) => Ok(*unit),
        None => add_unit(app, "市人民政府办公室").await,
    }
}

async fn add_unit(app: &App, name: &str) -> anyhow::Result<UnitId> {
    let space = app.rooms.space().await?;
    let (unit, edits) = tongban_shared::dictionary::named(app.rooms.space_id(), &space, name);
    if !edits.is_empty() {
        let stamp = Stamp { time: crate::clock::now(), by: "服务器".to_owned() };
        app.rooms.edit(crate::rooms::What::Space, edits, stamp).await?;
    }
    Ok(unit)
}

async fn administer(data: &Path, command: AdminCommand) -> anyhow::Result<()> {
    let app = App::open(data, Options::default()).await?;
    match command {
        AdminCommand::Invite { unit, role } => {
            let role = AccountRole::from_word(&role)
                .with_context(|| format!("没有角色 {role}：administrator、editor、reporter、reader"))?;
            let unit = add_unit(&app, &unit).await?;
            println!("/join/{}", app.identity.invite(unit, role, None).await?);
        }
        AdminCommand::Reset { login } => {
            let Some(account) = app.identity.account_named(&login).await? else {
                bail!("没有账号 {login}")
            };
            println!("/join/{}", app.identity.invite(account.unit, account.role, Some(account.id)).await?);
        }
        AdminCommand::List => {
            let space = app.rooms.space().await?;
            for account in app.identity.accounts().await? {
                println!(
                    "{}\t{}\t{}\t{}",
                    account.login,
                    account.name,
                    space.unit_name(account.unit),
                    account.role.word()
                );
            }
        }
    }
    app.close().await;
    Ok(())
}

fn start_log(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "warn,tongban_server=info".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { log.json().init() } else { log.init() }
}

async fn interrupted() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
