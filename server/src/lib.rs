//! The network host of Tongban: a sync server over SQLite that also serves the app and the public
//! pages. All in one program, `tongban`; nothing outside is ever contacted.
//!
//! Reading order: `cli` (what the program is told), `app` (what is open), `rooms` (documents),
//! `socket` (connections), `store` (the disk), `http` (requests).
#![forbid(unsafe_code)]

pub mod app;
pub mod audit;
pub mod authority;
pub mod backup;
pub mod carry;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod files;
mod finishing;
pub mod http;
pub mod identity;
pub mod limits;
pub mod metrics;
mod outgoing;
pub mod peers;
pub mod publications;
pub mod rooms;
pub mod shares;
mod slow;
pub mod socket;
pub mod store;
pub mod turns;
