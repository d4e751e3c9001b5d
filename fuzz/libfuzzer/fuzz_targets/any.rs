//! The target that `TONGBAN_TARGET` names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static TARGET: LazyLock<String> = LazyLock::new(|| std::env::var("TONGBAN_TARGET").unwrap_or_default());

fuzz_target!(
    init: {
        // libFuzzer's own hook ends the program at each panic, also at those that are caught.
        let _ = std::panic::take_hook();
    },
    |bytes: &[u8]| tongban_fuzz::run(&TARGET, bytes)
);
