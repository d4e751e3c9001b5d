//! Random runs of devices and a server with crashes and partitions. A failure prints its seed;
//! `TONGBAN_SEED=n` replays it alone, `TONGBAN_RUNS=n` asks for more runs.

use tongban_tests::simulation::World;

fn run(seed: u64, steps: usize) -> World {
    let mut world = World::new(seed, 2 + usize::try_from(seed % 4).unwrap_or(0));
    for _ in 0..steps {
        world.step();
    }
    world.settle();
    world.check();
    world
}

#[test]
fn every_saved_edit_reaches_everybody_whatever_crashes() {
    let one = std::env::var("TONGBAN_SEED").ok().and_then(|seed| seed.parse::<u64>().ok());
    let runs = std::env::var("TONGBAN_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(60);
    let seeds: Vec<u64> = one.map_or_else(|| (1..=runs).collect(), |seed| vec![seed]);
    let (mut saved, mut crashes, mut partitions, mut live) = (0, 0, 0, 0);
    for seed in seeds {
        let world = std::panic::catch_unwind(|| run(seed, 400));
        let world = world.unwrap_or_else(|_| panic!("replay with TONGBAN_SEED={seed}"));
        saved += world.saved();
        crashes += world.crashes;
        partitions += world.partitions;
        live += world.live;
    }
    println!(
        "{saved} saved edits, {crashes} crashes, {partitions} lost connections, {live} live frames, none lost"
    );
    assert!(
        one.is_some() || (saved > 1000 && crashes > 100 && live > 200),
        "the runs did little: {saved} {crashes} {live}"
    );
}

#[test]
fn a_run_is_the_same_each_time_its_seed_is_used() {
    let (one, other) = (run(7, 300), run(7, 300));
    assert_eq!((one.saved(), one.crashes, one.partitions), (other.saved(), other.crashes, other.partitions));
}
