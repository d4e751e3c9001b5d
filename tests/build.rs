//! Tests of the source documents are told as left out where these are not beside the tree.

use std::path::Path;

fn main() {
    let folder = Path::new("../../shared/seeds");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rustc-check-cfg=cfg(seeds)");
    if folder.is_dir() {
        println!("cargo::rustc-cfg=seeds");
    } else {
        println!(
            "cargo::warning=the source documents (../shared/seeds) are not here: suite seeds is left out"
        );
    }
}
