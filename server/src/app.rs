//! Things that every handler of the server has at hand.

use crate::audit::{Act, Audit};
use crate::authority::{self, Authority};
use crate::clock;
use crate::files::{FileError, FilePlace, Files};
use crate::http::{AppFiles, Pages};
use crate::identity::{Account, Identity, Provider, ProviderError, Unified};
use crate::limits;
use crate::metrics::Metrics;
use crate::peers::Peers;
use crate::publications::Publications;
use crate::rooms::{Rooms, What};
use crate::shares::Shares;
use crate::store::{Database, Place, Store, StoreError};
use crate::turns::Turns;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tongban_shared::document::{DocumentError, Stamp, hex};
use tongban_shared::edit::Edit;
use tongban_shared::id::SpaceId;
use tongban_shared::zone::Zone;

/// The setting of a store that was restored or lost something: devices may bring back changes of
/// other devices until an administrator ends it.
pub const RECOVERS: &str = "recovers";

/// A running server.
#[derive(Clone)]
pub struct App {
    pub rooms: Rooms,
    pub authority: Authority,
    pub audit: Audit,
    pub peers: Peers,
    pub identity: Identity,
    pub publications: Publications,
    pub files: Files,
    /// The files of the app.
    pub app_files: Arc<AppFiles>,
    /// The public pages that were made.
    pub pages: Arc<Pages>,
    /// The service that says who people are, if the operator has named one.
    pub provider: Option<Arc<Provider>>,
    pub store: Database,
    pub metrics: Arc<Metrics>,
    /// The shares of accounts and networks.
    pub shares: Shares,
    /// The server is to end: nothing new is begun.
    pub stop: CancellationToken,
    /// Acts that were begun and go to their end.
    pub acts: TaskTracker,
    /// The turns of people whose devices follow a change of the account.
    pub finishing: Turns,
    /// The end of the rooms, which acts still need after [`App::stop`].
    end_of_rooms: CancellationToken,
    /// Names the store; changes when a backup is restored.
    pub epoch: String,
    pub options: Arc<Options>,
    /// The clock of the space, and when it was asked for.
    zone: Arc<Mutex<Option<(&'static Zone, Instant)>>>,
}

/// The options of a server's start.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Further origins that browsers may connect from (a development server).
    pub origins: Vec<String>,
    /// A folder with the built app, instead of the one in the binary.
    pub app_folder: Option<PathBuf>,
    /// The server stands behind TLS: cookies say so.
    pub secure: bool,
    /// A proxy in front says from where a request comes.
    pub behind_proxy: bool,
    /// The place of photos and files; `files` in the data folder by default.
    pub files: Option<FilePlace>,
    /// Bytes that the files of one unit may take; [`FILES_OF_A_UNIT`] without a number.
    pub files_of_a_unit: Option<u64>,
    /// The address at which people reach the server, as `https://host[:port]`; without it, the one each
    /// request names.
    pub address: Option<String>,
    /// Unified sign-in.
    pub unified: Option<Unified>,
    /// Seconds without use after which a session ends; [`IDLE`] without a number.
    pub idle: Option<i64>,
    /// Connections that one account may have open at once; [`limits::SOCKETS`] without a number.
    pub sockets: Option<u64>,
    /// Connections of one network where no proxy stands in front; [`limits::CONNECTIONS_OF_A_NETWORK`] without a
    /// number.
    pub connections_of_a_network: Option<u64>,
    /// Visits of the provider of unified sign-in that strangers of one network begin within five minutes;
    /// [`limits::ATTEMPTS_OF_A_NETWORK`] without a number.
    pub sign_ins_of_a_network: Option<u64>,
}

/// Seconds without use after which a session ends, unless the server is told otherwise: 30 days, for
/// work without a network lasts.
const IDLE: i64 = 30 * 24 * 3600;

/// Bytes that the files of one unit may take, unless the server is told otherwise: some 8,000
/// photos.
const FILES_OF_A_UNIT: u64 = 4 << 30;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("附件存放处无法使用：{0}")]
    Files(#[source] FileError),
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

impl App {
    /// Whether devices bring back what was lost here, also of each other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recovers(&self) -> Result<bool, StoreError> {
        Ok(self.store.setting(RECOVERS).await?.is_some())
    }

    /// Opens the database and makes the space when it is new.
    ///
    /// # Errors
    /// [`OpenError`] when the database or the folder of files cannot be opened.
    pub async fn open(place: &Place, options: Options) -> Result<Self, OpenError> {
        let store = Database::open(place).await?;
        let space = store.setting_or("space", || SpaceId::from_bytes(clock::fresh_id()).to_string()).await?;
        let space = space.parse().map_err(|_| StoreError::Setting("space"))?;
        let epoch = store.setting_or("epoch", || hex(&clock::random::<8>())).await?;
        let at = FilePlace::of(place, options.files.as_ref());
        let provider = match options.unified.clone() {
            Some(told) => Some(Arc::new(Provider::new(told, options.address.as_deref())?)),
            None => None,
        };
        let most = options.files_of_a_unit.unwrap_or(FILES_OF_A_UNIT);
        let files = Files::open(store.clone(), &at, most).map_err(OpenError::Files)?;
        let (stop, metrics) = (CancellationToken::new(), Arc::new(Metrics::default()));
        let end_of_rooms = CancellationToken::new();
        let server_name = format!("tongban-{}", &epoch[..8.min(epoch.len())]);
        let cursor = store.cursor().await?;
        let key = authority::key_of(&store).await?;
        let audit = Audit::new(store.clone(), key.clone());
        let (counted, stopped) = (audit.clone(), stop.clone());
        tokio::spawn(async move { counted.watch(stopped).await });
        let recovers = store.setting(RECOVERS).await?.is_some();
        let rooms = Rooms::new(
            space,
            Arc::new(store.clone()),
            server_name,
            end_of_rooms.clone(),
            Arc::clone(&metrics),
            (audit.clone(), recovers),
        );
        let (watched, woken) = (rooms.clone(), Arc::new(Notify::new()));
        let (waking, wake, stopped) = (store.clone(), Arc::clone(&woken), stop.clone());
        tokio::spawn(async move { waking.wake(wake, stopped).await });
        tokio::spawn(async move { watched.watch(cursor, limits::ARRIVALS, &woken).await });
        let shares = Shares::default();
        let idle = options.idle.unwrap_or(IDLE);
        let first = options.sign_ins_of_a_network.unwrap_or(limits::ATTEMPTS_OF_A_NETWORK);
        let identity = Identity::new(store.clone(), key.clone(), shares.clone(), idle).sending(first);
        // Offices that joined before this start are known again.
        for record in audit.newest(Some(Act::SignIn.word()), 2000).await?.iter().rev() {
            record["about"]["from"].as_str().into_iter().for_each(|from| identity.joined(from));
        }
        let (sessions, stopped) = (identity.clone(), stop.clone());
        tokio::spawn(async move { sessions.watch_sessions(stopped).await });
        Ok(Self {
            authority: Authority::new((key.clone(), space), rooms.clone(), audit.clone(), store.clone()),
            audit,
            peers: Peers::new(store.clone()),
            rooms,
            identity,
            publications: Publications::new(store.clone(), key.clone()),
            files,
            app_files: Arc::default(),
            pages: Arc::default(),
            provider,
            store,
            metrics,
            shares,
            stop,
            acts: TaskTracker::new(),
            finishing: Turns::default(),
            end_of_rooms,
            epoch,
            options: Arc::new(options),
            zone: Arc::default(),
        })
    }

    /// The clock of the space: today, deadlines and public pages go by it. Readers of public pages are many,
    /// and it hardly ever changes, so the space is asked once a minute.
    ///
    /// # Errors
    /// [`DocumentError`] when the space cannot be read.
    pub async fn zone(&self) -> Result<&'static Zone, DocumentError> {
        let known = *self.zone.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((zone, asked)) = known
            && asked.elapsed() < limits::ZONE
        {
            return Ok(zone);
        }
        let zone = self.rooms.space().await?.zone();
        *self.zone.lock().unwrap_or_else(PoisonError::into_inner) = Some((zone, Instant::now()));
        Ok(zone)
    }

    /// Lists a person in the space, so that devices know whose logs to open.
    ///
    /// # Errors
    /// [`DocumentError`] when the space cannot be written.
    pub async fn enroll(&self, account: &Account) -> Result<(), DocumentError> {
        let edit = Edit::AddPerson {
            id: account.id,
            name: account.name.clone(),
            unit: account.unit,
            role: account.role.word().to_owned(),
        };
        let stamp = Stamp { time: clock::now(), by: account.name.clone() };
        self.rooms.edit(What::Space, vec![edit], stamp).await
    }

    /// Ends connections, waits until `by` for what was begun, then ends the rooms and the database.
    pub async fn close_by(&self, by: Instant) {
        self.stop.cancel();
        self.acts.close();
        if tokio::time::timeout_at(by.into(), self.acts.wait()).await.is_err() {
            tracing::warn!(acts = self.acts.len(), "The program ends before what was begun");
        }
        self.end_of_rooms.cancel();
        self.rooms.ended().await;
        self.audit.settle().await;
        self.store.close().await;
    }

    /// The same where nothing was asked for over HTTP.
    pub async fn close(&self) {
        self.close_by(Instant::now()).await;
    }
}
