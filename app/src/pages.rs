//! One file per address.

mod accounts;
mod attention;
mod audit;
mod board;
mod compare;
mod desk;
mod device;
mod faults;
mod import;
mod join;
mod lock;
mod new_board;
mod own;
mod picture;
mod projects;
mod report;
mod sign_in;
mod units;
mod ways;
mod zone;

pub use attention::Attention;
pub use audit::Audit;
pub use board::{BoardPage, Filter};
pub use desk::{Desk, StateLine};
pub use device::Device;
pub use import::ImportPage;
pub use join::{Join, role_word};
pub use lock::LockPage;
pub use new_board::NewBoard;
pub use own::OwnLedger;
pub use projects::OwnProjects;
pub use report::Report;
pub use sign_in::{SignIn, refused_by_provider};
pub use units::Units;
