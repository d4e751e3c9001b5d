//! How long a step takes, printed beside what it may take; never asserted.

use std::time::Instant;

/// Runs a step some rounds and prints the middle one in milliseconds, which it gives back.
pub fn time<T>(name: &str, rounds: usize, work: impl FnMut() -> T) -> f64 {
    let (middle, least, most) = measure(rounds, work);
    println!("{name:<58} {middle:>10.3} ms (min {least:.3}, max {most:.3})");
    middle
}

/// The same, beside a budget in milliseconds.
pub fn within<T>(budget: f64, name: &str, rounds: usize, work: impl FnMut() -> T) -> f64 {
    let (middle, _, most) = measure(rounds, work);
    let kept = if middle <= budget { "within" } else { "OVER" };
    println!("{name:<58} {middle:>10.2} ms (max {most:.2}) {kept} {budget} ms");
    middle
}

fn measure<T>(rounds: usize, mut work: impl FnMut() -> T) -> (f64, f64, f64) {
    let mut all: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(work());
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    all.sort_by(f64::total_cmp);
    (all[all.len() / 2], all[0], all[all.len() - 1])
}

/// Seconds of processor time that a process has used.
#[must_use]
pub fn processor(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

/// The memory that a process has now, in MiB.
#[must_use]
pub fn memory(process: u32) -> f64 {
    status(process, "VmRSS:")
}

/// The most memory that a process has had, in MiB.
#[must_use]
pub fn most_memory(process: u32) -> f64 {
    status(process, "VmHWM:")
}

fn status(process: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}
