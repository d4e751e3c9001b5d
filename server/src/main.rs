//! The program `tongban`.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    tongban_server::cli::main()
}
