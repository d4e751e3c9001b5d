//! The program's commands: serve, import, template, verify, admin, backup, restore.

mod admin;
mod files;
mod repair;
mod servers;

use crate::app::{App, Options};
use crate::audit::Audit;
use crate::files::FilePlace;
use crate::identity::{Maker, Unified};
use crate::limits;
use crate::slow::{Patience, turned_away};
use crate::store::{Place, Store};
use crate::{backup, demo, http};
use anyhow::Context;
use clap::{Parser, Subcommand};
use hyper_util::rt::TokioTimer;
use rustix::process::{Resource, Rlimit, Signal, getpid, getrlimit, kill_process, setrlimit};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tongban_shared::access::AccountRole;
use tongban_shared::text::{line_text, logins_alike};

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
    Import(files::Import),
    /// Check a template file; what is wrong is told with its line and field
    Template {
        /// A TOML file; `-` for standard input
        file: PathBuf,
    },
    /// Check every signature of an exported bundle, without a network
    Verify(files::Verify),
    /// Accounts, devices and the audit trail, from the server's own machine
    Admin(admin::Admin),
    /// Other servers of the same space, over a link
    Peer(servers::Peer),
    /// Boards as a file, for where no link may exist
    Bundle(servers::Bundle),
    /// Copy the database into one file, photos and files into a folder beside it (`FILE.files`); the
    /// server may be running
    Backup {
        /// The file to write; must not exist
        file: PathBuf,
        #[arg(long, env = "TONGBAN_DATA", default_value = "data")]
        data: Place,
        /// The folder of photos and files, or s3://bucket/prefix, where they are not in the data folder
        #[arg(long, env = "TONGBAN_FILES")]
        files: Option<FilePlace>,
    },
    /// Put a backup into an empty data folder
    Restore {
        /// The file that `backup` wrote
        file: PathBuf,
        #[arg(long, env = "TONGBAN_DATA", default_value = "data")]
        data: Place,
        /// The folder of photos and files, or s3://bucket/prefix, where they are not in the data folder
        #[arg(long, env = "TONGBAN_FILES")]
        files: Option<FilePlace>,
    },
}

#[derive(clap::Args)]
struct Serve {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, env = "TONGBAN_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The folder that holds the database, or the address of a PostgreSQL database
    #[arg(long, env = "TONGBAN_DATA", default_value = "data")]
    data: Place,
    /// Fill an empty space with the demonstration
    #[arg(long)]
    demo: bool,
    /// The server stands behind TLS: cookies are sent over TLS only
    #[arg(long, env = "TONGBAN_SECURE")]
    secure: bool,
    /// A proxy in front says in X-Forwarded-For from where a request comes
    #[arg(long, env = "TONGBAN_BEHIND_PROXY")]
    behind_proxy: bool,
    /// A further origin that browsers may connect from, `https://host[:port]`
    #[arg(long, value_parser = address)]
    allow_origin: Vec<String>,
    /// A folder with the built app instead of the one in the program
    #[arg(long, env = "TONGBAN_APP")]
    app: Option<PathBuf>,
    /// The folder of photos and files, or s3://bucket/prefix; `files` in the data folder without it
    #[arg(long, env = "TONGBAN_FILES")]
    files: Option<FilePlace>,
    /// Megabytes that the photos and files of one unit may take
    #[arg(long, env = "TONGBAN_FILES_OF_A_UNIT")]
    files_of_a_unit: Option<u64>,
    /// The address of the server for people, `https://host[:port]` without a path: what pages of it
    /// ask is answered, links in feeds begin with it, passkeys and other sign-in are bound to it
    #[arg(long, env = "TONGBAN_ADDRESS", value_parser = address)]
    address: Option<String>,
    /// The provider of unified sign-in (OpenID Connect), `https://…`; needs --address. Its secret is in
    /// TONGBAN_PROVIDER_SECRET
    #[arg(long, env = "TONGBAN_PROVIDER", requires = "provider_client", requires = "address")]
    provider: Option<String>,
    /// The name of this server at the provider
    #[arg(long, env = "TONGBAN_PROVIDER_CLIENT")]
    provider_client: Option<String>,
    /// The name that people know it by
    #[arg(long, env = "TONGBAN_PROVIDER_NAME", default_value = "统一身份认证")]
    provider_name: String,
    /// Hours without use after which a session ends
    #[arg(long, env = "TONGBAN_SESSION_HOURS", default_value = "720", value_parser = clap::value_parser!(u32).range(1..))]
    session_hours: u32,
    /// Connections that one account may have open at once
    #[arg(long, env = "TONGBAN_SOCKETS_OF_AN_ACCOUNT", default_value_t = crate::limits::SOCKETS)]
    sockets_of_an_account: u64,
    /// Connections that one network may have open at once, where no proxy stands in front
    #[arg(long, env = "TONGBAN_CONNECTIONS_OF_A_NETWORK", default_value_t = crate::limits::CONNECTIONS_OF_A_NETWORK)]
    connections_of_a_network: u64,
    /// Browsers of one network that unified sign-in sends to its provider within five minutes for the first time;
    /// those that come back well do not count
    #[arg(long, env = "TONGBAN_SIGN_INS_OF_A_NETWORK", default_value_t = crate::limits::ATTEMPTS_OF_A_NETWORK)]
    sign_ins_of_a_network: u64,
    /// Write logs as JSON lines
    #[arg(long, env = "TONGBAN_LOG_JSON")]
    log_json: bool,
}

/// The address of a server as browsers name it: `https://host`, with a port that is not the usual one.
fn address(text: &str) -> Result<String, String> {
    let path = text.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    if !path.trim_matches('/').is_empty() {
        return Err(format!("同办须用自己的域名或端口，不能放在网址的路径下面：{text}"));
    }
    http::spelled_origin(text.trim_end_matches('/'))
        .ok_or_else(|| format!("应为 https://域名[:端口]，不带路径：{text}"))
}

/// Runs the program; wrong use and unreadable files end with 2, other failures with 1.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match &cli.command {
        Command::Import(options) => return files::import(options),
        Command::Template { file } => return files::template(file),
        Command::Verify(options) => return files::verify(options),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::from(error)),
    };
    let done = runtime.block_on(run(cli.command));
    // Work that still goes on beside the workers has committed nothing, and nobody waits for it.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("tongban: {}", line_text(&format!("{error:#}")));
    ExitCode::FAILURE
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(options) => serve(options).await,
        Command::Admin(admin) => admin::administer(&admin.data, admin.command).await,
        Command::Peer(peer) => servers::peer(&peer.data, peer.command).await,
        Command::Bundle(bundle) => servers::bundle(bundle).await,
        Command::Backup { file, data, files } => {
            let damaged = backup::backup(&data, &file).await?;
            if !damaged.is_empty() {
                let tables = damaged.into_iter().collect::<Vec<_>>().join("、");
                println!(
                    "数据库有损坏（{tables}）：能读出的都已备份。请恢复到空文件夹，换用它运行；缺少的内容由各设备带回"
                );
            }
            let from = FilePlace::of(&data, files.as_ref());
            from.copy(&beside(&file)).await.context("附件没有全部备份").map(|_| ())
        }
        Command::Restore { file, data, files } => {
            backup::restore(&file, &data).await?;
            let to = FilePlace::of(&data, files.as_ref());
            beside(&file).copy(&to).await.context("附件没有全部恢复").map(|_| ())
        }
        Command::Import(_) | Command::Template { .. } | Command::Verify(_) => Ok(()),
    }
}

/// The folder of photos and files beside a backup.
fn beside(file: &Path) -> FilePlace {
    let mut name = file.as_os_str().to_owned();
    name.push(".files");
    FilePlace::Folder(name.into())
}

async fn serve(options: Serve) -> anyhow::Result<()> {
    start_log(options.log_json);
    let unified = options.provider.zip(options.provider_client).map(|(issuer, client)| Unified {
        issuer,
        client,
        // Not an argument: everybody on the machine can read those.
        secret: std::env::var("TONGBAN_PROVIDER_SECRET")
            .ok()
            .filter(|secret| !secret.is_empty())
            .map(openidconnect::ClientSecret::new),
        name: options.provider_name,
    });
    let reached = options.address.clone();
    let told = Options {
        unified,
        origins: options.allow_origin,
        app_folder: options.app,
        secure: options.secure,
        behind_proxy: options.behind_proxy,
        files: options.files,
        files_of_a_unit: options.files_of_a_unit.map(|megabytes| megabytes << 20),
        address: options.address,
        idle: Some(i64::from(options.session_hours) * 3600),
        sockets: Some(options.sockets_of_an_account),
        connections_of_a_network: Some(options.connections_of_a_network),
        sign_ins_of_a_network: Some(options.sign_ins_of_a_network),
    };
    backup::heal(&options.data).await.with_context(|| format!("无法打开数据 {}", options.data))?;
    let app =
        App::open(&options.data, told).await.with_context(|| format!("无法打开数据 {}", options.data))?;
    if options.demo {
        demo::fill(&app).await?;
    }
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("无法监听 {}", options.listen))?;
    let address = listener.local_addr()?;
    println!("同办已启动：http://{address}");
    if app.recovers().await? {
        println!("正在恢复：各设备可以带回别人的改动。都带回以后请运行 tongban admin end-recovery");
    }
    let peers = app.peers.all().await?;
    if app.identity.is_empty().await? && !peers.is_empty() {
        println!("还没有账号。用 tongban admin invite 单位 邀请这台服务器的第一位管理员");
    } else if app.identity.is_empty().await? {
        let unit = admin::first_unit(&app).await?;
        let secret =
            app.identity.invite(unit, AccountRole::Administrator, None, (None, Maker::Machine)).await?;
        let reached = reached.unwrap_or_else(|| format!("http://{address}"));
        println!("还没有账号。用这个一次性链接建立第一个管理员：{reached}/join/{secret}");
    } else if options.demo {
        println!("{}", demo::SIGN_IN);
    }
    for id in app.store.held().await? {
        println!("文档 {id} 过大，只能查看：用 tongban admin repair {id} 文件名 修复");
    }
    let accounts = app.identity.accounts().await?;
    for alike in logins_alike(accounts.iter().map(|account| account.login.as_str())) {
        println!(
            "用户名只有大小写或全半角不同，只能按原样登录，请让其中一人改用新账号：{}",
            line_text(&alike.join("、"))
        );
    }
    std::io::stdout().flush()?;
    tokio::spawn(crate::peers::keep_all(app.clone()));
    tokio::spawn(crate::finishing::keep_on(app.clone()));
    let stop = app.stop.clone();
    end_in_time(stop)?;
    let (stopped, handle) = (app.stop.clone().cancelled_owned(), axum_server::Handle::new());
    let stopping = handle.clone();
    let told = tokio::spawn(async move {
        stopped.await;
        stopping.graceful_shutdown(Some(limits::LAST_ANSWERS));
        Instant::now() + limits::LAST_ACTS
    });
    let service = http::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let of_a_network = (app.options.behind_proxy, options.connections_of_a_network);
    let patience = Patience::new(app.shares.clone(), of_a_network, descriptors());
    let mut server = axum_server::from_tcp(listener.into_std()?)?.acceptor(patience).handle(handle);
    // A client that says nothing, or never ends the head of a request, is let go.
    server = server.first_request_timeout(limits::HEAD).accept_error_handler(not_accepted(app.audit.clone()));
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD)
        .max_buf_size(limits::HEAD_BYTES);
    server.serve(service).await?;
    app.close_by(told.await?).await;
    Ok(())
}

fn start_log(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| "warn,tongban_server=info".into());
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json { log.json().init() } else { log.init() }
}

/// The descriptors that the program may have open, as many as the system gives.
fn descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX).min(limits::DESCRIPTORS);
    let now = limit.current.unwrap_or(u64::MAX);
    let more = Rlimit { current: Some(most), maximum: limit.maximum };
    if now < most && setrlimit(Resource::Nofile, more).is_ok() { most } else { now }
}

/// Counts for the trail that connections are turned away, and says it on the log once a minute: there are many
/// of them then.
fn not_accepted(audit: Audit) -> impl Fn(Option<&SocketAddr>, &std::io::Error) + Send + Sync {
    let told = Mutex::new(None::<Instant>);
    move |from, error| {
        if let Some((origin, note)) = from.and_then(|from| turned_away(*from, error)) {
            audit.note(origin, note);
        }
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|at| at.elapsed() > MINUTE) {
            tracing::warn!(?from, %error, "Connections are turned away");
            *told = Some(Instant::now());
        }
    }
}

/// Bytes of the stack of each thread, of which only what is used takes memory: automerge walks a chain of changes by
/// calling itself for each 33 of them, with some 224 bytes each time, and a document may have a million.
const STACK: usize = 16 * 1024 * 1024;

const MINUTE: Duration = Duration::from_secs(60);

/// How long the program may take to end by itself once its time is over.
const LAST_MOMENT: Duration = Duration::from_millis(200);

/// Ends the program when it is told to, within [`limits::ENDING`] whatever goes on: it listens on a thread of
/// its own, for all workers may be held up. That thread says something at its end, and whoever reads the log
/// may have stopped; so a second one counts the time, takes nothing that anybody else could hold, and has the
/// system end the program. Everything acknowledged is on the disk.
fn end_in_time(stop: CancellationToken) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    std::thread::Builder::new().name("clock".to_owned()).spawn(move || {
        if told.recv().is_ok() {
            std::thread::sleep(limits::ENDING + LAST_MOMENT);
            let _ = kill_process(getpid(), Signal::KILL);
        }
    })?;
    std::thread::Builder::new().name("ending".to_owned()).spawn(move || {
        runtime.block_on(interrupted());
        let _ = tell.send(());
        stop.cancel();
        std::thread::sleep(limits::ENDING);
        tracing::warn!("The program ends though something still goes on");
        std::process::exit(0);
    })?;
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_that_of_a_site_and_nothing_more() {
        assert_eq!(address("https://Tongban.Example/").as_deref(), Ok("https://tongban.example"));
        assert_eq!(address("https://a.example:443").as_deref(), Ok("https://a.example"));
        assert_eq!(address("http://a.example:8080").as_deref(), Ok("http://a.example:8080"));
        for wrong in ["", "a.example", "https://a.example/tongban", "ftp://a.example", "https://a.example?x"]
        {
            assert!(address(wrong).is_err(), "{wrong}");
        }
        let told = address("https://a.example/tongban/").expect_err("a path");
        assert!(told.contains("不能放在网址的路径下面"), "{told}");
    }
}
