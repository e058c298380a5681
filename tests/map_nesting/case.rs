//! Maps in the items of maps, with calls and locks around their bodies.

use fastrand::Rng;

use crate::maps::{FACES, Face, MODES, Mode, Options};

/// One map in each item of another, up to three deep.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) levels: Vec<Level>,
    /// The number of threads that run it concurrently, all with the same store and the same locks.
    pub(crate) callers: usize,
    /// Whether the outermost map is called on a rayon thread.
    pub(crate) on_rayon: bool,
}

/// A map, and the call of each of its items.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) mode: Mode,
    pub(crate) face: Face,
    pub(crate) options: Options,
    pub(crate) items: u64,
    pub(crate) cache: Option<Cache>,
    pub(crate) lock: Option<Lock>,
    /// How often an async body yields first.
    pub(crate) yields: u32,
    /// Whether it is awaited in an enclosing async body, instead of blocking there.
    pub(crate) is_awaited: bool,
}

/// The keys of a level, shared with other levels of the same `space`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cache {
    pub(crate) space: usize,
    pub(crate) keys: u64,
}

impl Cache {
    pub(crate) fn key(self, item: u64) -> (usize, u64) {
        (self.space, item % self.keys)
    }
}

/// The locks of a level. An item holds one of them while its inner map runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lock {
    pub(crate) locks: u64,
    /// Whether it is taken before the cache is asked, not in the body.
    pub(crate) is_around: bool,
}

impl Case {
    /// The value of an item: that of its key if it has one, otherwise its own plus the values of the items within it.
    pub(crate) fn value(&self, depth: usize, item: u64) -> u64 {
        match self.levels[depth].cache {
            Some(cache) => {
                let (space, key) = cache.key(item);
                1_000_000 * (space as u64 + 1) + key
            }
            None => 100 * (depth as u64 + 1) + item + self.sum(depth + 1),
        }
    }

    /// The sum of the items of a level; 0 below the last one.
    pub(crate) fn sum(&self, depth: usize) -> u64 {
        self.levels.get(depth).map_or(0, |level| (0..level.items).map(|item| self.value(depth, item)).sum())
    }
}

/// Returns the case of a seed.
///
/// No case could deadlock if each map were a loop on a thread of its own, so a hang is the fault of a map or of a
/// flight. The locks of a level are taken after those of the enclosing levels. A thread that waits for a key may hold a
/// lock, so the body of that key must not need that lock: the calls before a lock have other keys than those behind it.
/// The same is true if an async body blocks its task, because other bodies of that task cannot go on meanwhile.
pub(crate) fn case(seed: u64) -> Case {
    let mut rng = Rng::with_seed(seed);
    let depth = *rng.choice([1, 2, 2, 3, 3, 3].iter()).expect("some");
    let modes: Vec<_> = (0..depth).map(|_| *rng.choice(&MODES).expect("some")).collect();
    let awaited: Vec<_> = modes.iter().map(|mode| *mode == Mode::Async && rng.u8(0..4) > 0).collect();
    let mut levels = Vec::new();
    let mut barriers = 0;
    for depth in 0..modes.len() {
        let mode = modes[depth];
        let is_inner_awaited = awaited.get(depth + 1).is_some_and(|awaited| *awaited);
        let blocks_its_task = mode == Mode::Async && depth + 1 < modes.len() && !is_inner_awaited;
        let has_lock = rng.u8(0..3) == 0 && (mode != Mode::Async || !is_inner_awaited);
        let lock = has_lock.then(|| Lock { locks: rng.u64(1..3), is_around: mode != Mode::Async && rng.bool() });
        barriers += usize::from(lock.is_some_and(|lock| lock.is_around));
        let cache =
            rng.bool().then(|| Cache { space: 2 * barriers + usize::from(rng.u8(0..4) == 0), keys: rng.u64(1..4) });
        barriers += usize::from(blocks_its_task || lock.is_some_and(|lock| !lock.is_around));
        levels.push(Level {
            mode,
            face: *rng.choice(&FACES).expect("some"),
            options: options(&mut rng),
            items: rng.u64(1..=6),
            cache,
            lock,
            yields: rng.u32(0..3),
            is_awaited: awaited[depth],
        });
    }
    Case { levels, callers: rng.usize(1..3), on_rayon: rng.u8(0..3) == 0 }
}

fn options(rng: &mut Rng) -> Options {
    Options {
        workers: if rng.u8(0..3) == 0 { None } else { Some(rng.usize(1..5)) },
        chunk_size: if rng.bool() { None } else { Some(rng.usize(1..4)) },
        unordered: rng.u8(0..4) == 0,
        ..Options::default()
    }
}
