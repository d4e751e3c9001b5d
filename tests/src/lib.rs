//! The shared parts of the suites: a server of a test's own, a client over a real socket, a simulated network
//! with disks that crash.
#![forbid(unsafe_code)]

pub mod client;
pub mod hostile;
pub mod large_board;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod s3;
pub mod seat;
pub mod simulation;
pub mod small_board;
pub mod stage;
pub mod timing;
pub mod vast_board;
