//! What became of the calls that asked a cache, by name and by namespace.

use alloc::string::String;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::ops::Add;

use crate::striped::Striped;
use crate::sync::{AtomicU64, Mutex, Ordering, lock};

/// What became of the calls that asked a cache. Every call is a hit, a miss or a wait.
///
/// Counted since the process began; [`clear`](super::clear) leaves the counts as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Stats {
    /// Answered from an entry.
    pub hits: u64,
    /// Not answered from the cache: the body ran, whether or not it succeeded.
    pub misses: u64,
    /// Failures of a store; the call went on without it.
    pub errors: u64,
    /// Values put into the cache.
    pub insertions: u64,
    /// Entries that made room for others.
    pub evictions: u64,
    /// Answered by the run of another call for the same key, which was under way.
    pub waits: u64,
}

impl Add for Stats {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Stats {
            hits: self.hits + other.hits,
            misses: self.misses + other.misses,
            errors: self.errors + other.errors,
            insertions: self.insertions + other.insertions,
            evictions: self.evictions + other.evictions,
            waits: self.waits + other.waits,
        }
    }
}

/// The counters behind [`Stats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) hits: Striped,
    pub(super) misses: AtomicU64,
    pub(super) errors: AtomicU64,
    pub(super) insertions: AtomicU64,
    pub(super) evictions: AtomicU64,
    pub(super) waits: AtomicU64,
}

impl Counters {
    pub(super) fn stats(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            hits: self.hits.sum(),
            misses: read(&self.misses),
            errors: read(&self.errors),
            insertions: read(&self.insertions),
            evictions: read(&self.evictions),
            waits: read(&self.waits),
        }
    }
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// A cache that can be emptied without knowing what it holds.
pub(super) trait Clear: Send + Sync {
    /// Removes the entries of the namespace, or all of them, and says how many there were.
    fn clear(&self, namespace: Option<&str>) -> usize;

    /// Removes the entries that are known to have expired, and says how many there were.
    #[cfg(feature = "memory")]
    fn sweep(&self) -> usize;
}

/// The caches of one name: they share their counters.
struct Group {
    namespace: String,
    name: String,
    counters: Arc<Counters>,
    caches: Vec<Weak<dyn Clear>>,
}

static GROUPS: Mutex<Vec<Group>> = Mutex::new(Vec::new());

/// The counters for a new cache.
pub(super) fn counters(namespace: &str, name: &str) -> Arc<Counters> {
    let mut groups = lock(&GROUPS);
    if let Some(group) = groups.iter().find(|group| group.is(namespace, name)) {
        return group.counters.clone();
    }
    let counters = Arc::<Counters>::default();
    groups.push(Group {
        namespace: namespace.into(),
        name: name.into(),
        counters: counters.clone(),
        caches: Vec::new(),
    });
    counters
}

/// Makes a cache known to [`clear`].
pub(super) fn register(namespace: &str, name: &str, cache: Weak<dyn Clear>) {
    #[cfg(feature = "memory")]
    crate::memory::sweep_by(sweep);
    let mut groups = lock(&GROUPS);
    if let Some(group) = groups.iter_mut().find(|group| group.is(namespace, name)) {
        group.caches.retain(|cache| cache.strong_count() > 0);
        group.caches.push(cache);
    }
}

impl Group {
    fn is(&self, namespace: &str, name: &str) -> bool {
        self.name == name && self.namespace == namespace
    }
}

fn sum(of: impl Fn(&Group) -> bool) -> Stats {
    lock(&GROUPS)
        .iter()
        .filter(|group| of(group))
        .map(|group| group.counters.stats())
        .fold(Stats::default(), Stats::add)
}

/// What became of the calls of `name`: option `name`, else the function's, else `module:line`.
///
/// Uses of one name are counted together. A name that no cached call has had yet gives zeros. Where option `name` or
/// `namespace` changes from call to call, the first call of a use decides under which it is counted.
///
/// # Examples
/// ```
/// # use opero::opero;
/// fn square(n: u64) -> Result<u64, String> { Ok(n * n) }
///
/// for n in [3, 4, 3] {
///     opero! { cache: 60s, name: "squares" => square(n) }?;
/// }
/// let stats = opero::cache::stats("squares");
/// assert_eq!((stats.hits, stats.misses), (1, 2));
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[must_use]
pub fn stats(name: &str) -> Stats {
    sum(|group| group.name == name)
}

/// What became of the calls of all names in `namespace` together.
///
/// # Examples
/// ```
/// let before = opero::cache::namespace_stats("geometry");
/// opero::opero! { cache, namespace: "geometry", key: () => Ok::<_, String>(std::f64::consts::PI) }?;
/// assert_eq!(opero::cache::namespace_stats("geometry").misses, before.misses + 1);
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[must_use]
pub fn namespace_stats(namespace: &str) -> Stats {
    sum(|group| group.namespace == namespace)
}

/// Removes every entry of `namespace`, or of all where it is `None`, and says how many there were.
///
/// It reaches the caches of macro uses; a store of your own has its own `clear`. A body that runs meanwhile still puts its
/// value in when it is done.
///
/// # Examples
/// ```
/// opero::opero! { cache, namespace: "tax", key: 2026 => Ok::<_, String>(0.19) }?;
/// assert_eq!(opero::cache::clear(Some("tax")), 1);
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[allow(clippy::must_use_candidate, reason = "the count is for those who care")]
pub fn clear(namespace: Option<&str>) -> usize {
    caches().iter().map(|cache| cache.clear(namespace)).sum()
}

/// Removes the expired entries of all caches of macro uses, and says how many there were.
///
/// Only those of calls by the system's clock: no other is at hand here.
#[cfg(feature = "memory")]
pub(super) fn sweep() -> usize {
    caches().iter().map(|cache| cache.sweep()).sum()
}

/// The list is unlocked when the caches are emptied: a value's own `drop` may run a cached call.
fn caches() -> Vec<Arc<dyn Clear>> {
    lock(&GROUPS).iter().flat_map(|group| &group.caches).filter_map(Weak::upgrade).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cache of one entry in every namespace.
    struct One;

    impl Clear for One {
        fn clear(&self, _: Option<&str>) -> usize {
            1
        }

        #[cfg(feature = "memory")]
        fn sweep(&self) -> usize {
            1
        }
    }

    fn cache(namespace: &str, name: &str) -> Arc<dyn Clear> {
        let cache: Arc<dyn Clear> = Arc::new(One);
        counters(namespace, name);
        register(namespace, name, Arc::downgrade(&cache));
        cache
    }

    #[test]
    fn caches_of_one_name_are_counted_together_and_by_namespace_too() {
        for (namespace, name) in [("one", "stats a"), ("one", "stats a"), ("one", "stats b"), ("two", "stats a")] {
            let counters = counters(namespace, name);
            counters.hits.count();
            count(&counters.misses);
        }
        assert_eq!((stats("stats a").hits, stats("stats b").misses, stats("stats c")), (3, 1, Stats::default()));
        assert_eq!((namespace_stats("one").misses, namespace_stats("two").hits), (3, 1));
    }

    #[test]
    fn a_cache_that_is_gone_is_forgotten() {
        let kept = cache("gone", "gone");
        for _ in 0..100 {
            drop(cache("gone", "gone"));
        }
        let groups = lock(&GROUPS);
        let group = groups.iter().find(|group| group.is("gone", "gone")).expect("it has been made");
        assert!(group.caches.len() <= 2, "{}", group.caches.len());
        drop((groups, kept));
    }
}
