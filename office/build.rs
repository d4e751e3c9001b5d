//! Bounds the memory of the browser's worker: a file that unpacks into more ends that worker, and not the machine
//! of the person who opened it.

/// Bytes; the tables of the largest file that is taken need a third of them.
const WORKER_MEMORY: u32 = 768 * 1024 * 1024;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        println!("cargo:rustc-link-arg-bins=--max-memory={WORKER_MEMORY}");
    }
}
