//! One file per address.

mod attention;
mod audit;
mod board;
mod compare;
mod desk;
mod device;
mod import;
mod join;
mod new_board;
mod own;
mod picture;
mod report;
mod sign_in;
mod units;

pub use attention::Attention;
pub use audit::Audit;
pub use board::{BoardPage, Filter};
pub use desk::{Desk, StateLine};
pub use device::Device;
pub use import::ImportPage;
pub use join::{Join, role_words};
pub use new_board::NewBoard;
pub use own::OwnLedger;
pub use report::Report;
pub use sign_in::SignIn;
pub use units::Units;
