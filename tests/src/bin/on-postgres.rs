//! Runs a command beside a PostgreSQL of its own: the servers that tests start keep their data in it, a database
//! for each folder.

use std::process::{Command, ExitCode};
use tongban_tests::postgres::{CLUSTER, Postgres};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(program) = arguments.next() else {
        eprintln!("on-postgres: a command is missing");
        return ExitCode::from(2);
    };
    let postgres = Postgres::start();
    let ended = Command::new(program).args(arguments).env(CLUSTER, postgres.port().to_string()).status();
    match ended {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("on-postgres: {error}");
            ExitCode::from(2)
        }
    }
}
