//! Readers that must stand any bytes: each target reads hostile input as the product does, and checks what
//! must hold of whatever was read. The same targets are run by the tests over a kept corpus and mutations of
//! it, and by libFuzzer (`cargo xtask fuzz`).
#![forbid(unsafe_code)]

pub mod hostile;
mod library;
pub mod mutate;
pub mod seeds;
mod targets;

pub use targets::TARGETS;

/// A reader of hostile bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The folder of its corpus.
    pub name: &'static str,
    /// Panics when something does not hold.
    pub run: fn(&[u8]),
}

/// The target of a name.
///
/// # Panics
/// When there is none.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.unwrap_or_else(|| panic!("no target {name}")).run)(bytes);
}
