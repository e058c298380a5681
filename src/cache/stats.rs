//! Counters of cached calls, by name and by namespace.

use alloc::string::String;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::hash::BuildHasherDefault;
use core::ops::Add;
use core::time::Duration;
use std::collections::HashMap;
use std::hash::DefaultHasher;

use super::key::Fingerprint;
use super::store_id;
use crate::striped::Striped;
use crate::sync::{AtomicU64, Mutex, Ordering, lock};
use crate::time::system_now;

/// Counters of the calls that used a cache. Every call is a hit, a miss or a wait.
///
/// Counters live as long as something counts under their name: a callable or a [`Call`](crate::Call) until it and its
/// clones are dropped, and any other macro use from its first call on. [`clear`](super::clear) does not reset them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Stats {
    /// Calls answered from an entry.
    pub hits: u64,
    /// Calls not answered from the cache: the body ran, whether or not it succeeded.
    pub misses: u64,
    /// Failures of a store; the call went on without it. An [`infallible`](crate::Call::infallible) call with
    /// an invalid option also runs without its cache, and counts here.
    pub errors: u64,
    /// Values inserted into the cache.
    pub insertions: u64,
    /// Entries evicted to make room for others.
    pub evictions: u64,
    /// Calls answered by the run of another call for the same key.
    pub waits: u64,
    /// Entries of a store outside of the process that cannot be read: written by another release, for a value of
    /// another type, or damaged. Each is a miss as well.
    pub rejections: u64,
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
            rejections: self.rejections + other.rejections,
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
    pub(super) rejections: AtomicU64,
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
            rejections: read(&self.rejections),
        }
    }
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// A cache that can be cleared without knowing the type of its values.
pub(super) trait Clear: Send + Sync {
    /// Removes the entries of the namespace, or all of them, and returns how many there were.
    fn clear(&self, namespace: Option<&str>) -> usize;

    /// Removes the entries known to have expired by now on the system's clock, and returns how many there were.
    fn sweep(&self, now: Duration) -> usize;
}

/// The caches, and the counters of their names. Both are removed with their last user.
struct Registry {
    /// By name, and then by namespace.
    groups: HashMap<String, HashMap<String, Group, Hashes>, Hashes>,
    caches: HashMap<usize, Weak<dyn Clear>, Hashes>,
}

/// The caches of one name in one namespace: they share their counters.
struct Group {
    counters: Arc<Counters>,
    caches: usize,
}

type Hashes = BuildHasherDefault<DefaultHasher>;

static REGISTRY: Mutex<Registry> = Mutex::new(Registry {
    groups: HashMap::with_hasher(BuildHasherDefault::new()),
    caches: HashMap::with_hasher(BuildHasherDefault::new()),
});

/// Registers a cache with [`clear`] and [`sweep`], and counts under its name.
pub(super) struct Member {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) counters: Arc<Counters>,
    /// The address of the cache, which identifies it.
    address: usize,
}

impl Member {
    pub(super) fn new(namespace: &str, name: &str, cache: Weak<impl Clear + 'static>) -> Self {
        #[cfg(feature = "memory")]
        crate::memory::sweep_by(sweep);
        let address = cache.as_ptr().addr();
        let mut registry = lock(&REGISTRY);
        registry.caches.insert(address, cache);
        let group = registry.group(namespace, name);
        group.caches += 1;
        let counters = group.counters.clone();
        Member { namespace: namespace.into(), name: name.into(), counters, address }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut registry = lock(&REGISTRY);
        registry.caches.remove(&self.address);
        let group = registry.group(&self.namespace, &self.name);
        group.caches -= 1;
        if group.caches == 0 {
            registry.forget(&self.namespace, &self.name);
        }
    }
}

impl Registry {
    fn group(&mut self, namespace: &str, name: &str) -> &mut Group {
        let spaces = self.groups.entry(name.into()).or_default();
        spaces.entry(namespace.into()).or_insert_with(|| Group { counters: Arc::default(), caches: 0 })
    }

    fn forget(&mut self, namespace: &str, name: &str) {
        if let Some(spaces) = self.groups.get_mut(name) {
            spaces.remove(namespace);
            if spaces.is_empty() {
                self.groups.remove(name);
            }
        }
    }
}

fn sum<'g>(groups: impl Iterator<Item = &'g Group>) -> Stats {
    groups.map(|group| group.counters.stats()).fold(Stats::default(), Stats::add)
}

/// Returns the counters of `name`: option `name`, else the function's, else `module:line`.
///
/// Uses of one name are counted together. A name without a cached call gives zeros, and so does one whose last
/// callable or [`Call`](crate::Call) was dropped. If option `name` or `namespace` changes from call to call, the
/// first call of a use decides where it is counted.
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
    sum(lock(&REGISTRY).groups.get(name).into_iter().flat_map(HashMap::values))
}

/// Returns the counters of all names in `namespace` together.
///
/// # Examples
/// ```
/// let before = opero::cache::namespace_stats("geometry");
/// opero::opero! {
///     cache, namespace: "geometry", key: ()
///     => Ok::<_, String>(std::f64::consts::PI)
/// }?;
/// assert_eq!(opero::cache::namespace_stats("geometry").misses, before.misses + 1);
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[must_use]
pub fn namespace_stats(namespace: &str) -> Stats {
    sum(lock(&REGISTRY).groups.values().filter_map(|spaces| spaces.get(namespace)))
}

/// Removes every entry of `namespace`, or of all namespaces if it is `None`, and returns how many there were.
///
/// It applies to the caches of macro uses and of [`Call`](crate::Call)s. The values of runs that are under way are
/// not kept: calls that already wait get them, and later calls run the body again.
///
/// It does not remove the entries of a store; a store has its own `clear`. That of [`Memory`](super::Memory) also
/// stops runs from being kept. A store of your own does not know which runs are under way. So clear it first, and
/// then call this function, which makes sure that runs of the namespace are not kept in the store either.
///
/// # Examples
/// ```
/// opero::opero! { cache, namespace: "tax", key: 2026 => Ok::<_, String>(0.19) }?;
/// assert_eq!(opero::cache::clear(Some("tax")), 1);
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[allow(clippy::must_use_candidate, reason = "the count is optional information")]
pub fn clear(namespace: Option<&str>) -> usize {
    store_id::clear(namespace.map(Fingerprint::namespace));
    caches().iter().map(|cache| cache.clear(namespace)).sum()
}

/// Frees the memory of expired entries, and returns how many there were.
///
/// An expired entry is never returned, but its memory is freed only when its key is looked up or when the cache needs
/// room. Call this now and then if keys are seldom looked up twice. It looks at every entry: a million take some 50
/// ms.
///
/// It applies to the caches of macro uses and of [`Call`](crate::Call)s that use the system's clock, as they do
/// unless option `clock` is set. With another clock only a call can read the time, so those entries stay. A
/// [`Memory`](super::Memory) has its own clock and [its own `sweep`](super::Memory::sweep).
///
/// # Examples
/// ```
/// use std::time::Duration;
///
/// opero::opero! { cache: 1ms, key: "fleeting" => Ok::<_, String>(vec![0; 1 << 20]) }?;
/// opero::opero! { cache: 1h, key: "lasting" => Ok::<_, String>(()) }?;
/// std::thread::sleep(Duration::from_millis(2));
/// assert!(opero::cache::sweep() >= 1);
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[allow(clippy::must_use_candidate, reason = "the count is optional information")]
pub fn sweep() -> usize {
    let now = system_now();
    caches().iter().map(|cache| cache.sweep(now)).sum()
}

/// Returns the caches. The registry is unlocked when they are cleared: a value's `drop` may run a cached call.
fn caches() -> Vec<Arc<dyn Clear>> {
    lock(&REGISTRY).caches.values().filter_map(Weak::upgrade).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Cache(Member);

    impl Clear for Cache {
        fn clear(&self, _: Option<&str>) -> usize {
            1
        }

        fn sweep(&self, _: Duration) -> usize {
            1
        }
    }

    fn cache(namespace: &str, name: &str) -> Arc<Cache> {
        Arc::new_cyclic(|this: &Weak<Cache>| Cache(Member::new(namespace, name, this.clone())))
    }

    #[test]
    fn caches_of_one_name_are_counted_together_and_by_namespace_too() {
        let names = [("one", "stats a"), ("one", "stats a"), ("one", "stats b"), ("two", "stats a")];
        let caches = names.map(|(namespace, name)| cache(namespace, name));
        for Cache(member) in caches.iter().map(AsRef::as_ref) {
            member.counters.hits.count();
            count(&member.counters.misses);
        }
        assert_eq!((stats("stats a").hits, stats("stats b").misses, stats("stats c")), (3, 1, Stats::default()));
        assert_eq!((namespace_stats("one").misses, namespace_stats("two").hits), (3, 1));
    }

    #[test]
    fn a_name_and_its_counters_are_removed_with_its_last_cache() {
        let is_known = |cache: usize| lock(&REGISTRY).caches.contains_key(&cache);
        let (first, second) = (cache("gone", "gone"), cache("gone", "gone"));
        let [one, two] = [&first, &second].map(|cache| cache.0.address);
        count(&first.0.counters.misses);
        assert!(is_known(one) && is_known(two));
        drop(first);
        assert!(!is_known(one) && is_known(two));
        assert_eq!(stats("gone").misses, 1, "another cache uses it");
        drop(second);
        assert!(!is_known(two) && !lock(&REGISTRY).groups.contains_key("gone"));
        assert_eq!(stats("gone").misses, 0);
    }
}
