//! What became of the calls that asked a cache, by name and by namespace.

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

/// What became of the calls that asked a cache. Every call is a hit, a miss or a wait.
///
/// Counts last as long as something counts under their name. A callable and a [`Call`](crate::Call) do until they and their
/// clones are dropped; every other macro use does from its first call on. [`clear`](super::clear) leaves them as they are.
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
    /// Entries that a store outside of the process has and cannot be read: another release has written them, for a value of
    /// another type, or they are damaged. Each is a miss as well.
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

/// A cache that can be emptied without knowing what it holds.
pub(super) trait Clear: Send + Sync {
    /// Removes the entries of the namespace, or all of them, and says how many there were.
    fn clear(&self, namespace: Option<&str>) -> usize;

    /// Removes the entries that are known to have expired by now on the system's clock, and says how many there were.
    fn sweep(&self, now: Duration) -> usize;
}

/// The caches there are, and the counters of their names. Both go with the last who uses them.
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

/// That a cache is known to [`clear`] and [`sweep`], and counts under its name.
pub(super) struct Member {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) counters: Arc<Counters>,
    /// Where the cache lies, which is where no other does.
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

/// What became of the calls of `name`: option `name`, else the function's, else `module:line`.
///
/// Uses of one name are counted together. A name that no cached call has had yet gives zeros, and so does one whose last
/// callable or [`Call`](crate::Call) has been dropped. Where option `name` or `namespace` changes from call to call, the first
/// call of a use decides under which it is counted.
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
    sum(lock(&REGISTRY).groups.values().filter_map(|spaces| spaces.get(namespace)))
}

/// Removes every entry of `namespace`, or of all where it is `None`, and says how many there were.
///
/// It reaches the caches of macro uses and of [`Call`](crate::Call)s. What runs for them meanwhile is not kept: those who wait
/// for it get its value, and whoever asks after that runs the body anew.
///
/// A store has its own `clear`, and its entries stay here. That of [`Memory`](super::Memory) does the same. A store of your own
/// does not know what runs for it; so clear it, and then call this, which takes care that what runs for the namespace now
/// is not put into it either.
///
/// # Examples
/// ```
/// opero::opero! { cache, namespace: "tax", key: 2026 => Ok::<_, String>(0.19) }?;
/// assert_eq!(opero::cache::clear(Some("tax")), 1);
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[allow(clippy::must_use_candidate, reason = "the count is for those who care")]
pub fn clear(namespace: Option<&str>) -> usize {
    store_id::clear(namespace.map(Fingerprint::namespace));
    caches().iter().map(|cache| cache.clear(namespace)).sum()
}

/// Gives back the memory of expired entries, and says how many there were.
///
/// An expired entry answers nobody, but its memory is given back only when its key is asked for again or when it makes
/// room. Call this now and then where keys are seldom asked for twice. It looks at every entry, a million in some 50 ms.
///
/// It reaches the caches of macro uses and of [`Call`](crate::Call)s, where they go by the system's clock, as they do unless
/// option `clock` names another: only a call with such a clock can tell what time it is, and its entries stay. A
/// [`Memory`](super::Memory) has a clock of its own, and [its own `sweep`](super::Memory::sweep).
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
#[allow(clippy::must_use_candidate, reason = "the count is for those who care")]
pub fn sweep() -> usize {
    let now = system_now();
    caches().iter().map(|cache| cache.sweep(now)).sum()
}

/// The list is unlocked when the caches are emptied: a value's own `drop` may run a cached call.
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
    fn a_name_and_its_caches_are_forgotten_with_the_last_that_uses_it() {
        let is_known = |cache: usize| lock(&REGISTRY).caches.contains_key(&cache);
        let (first, second) = (cache("gone", "gone"), cache("gone", "gone"));
        let [one, two] = [&first, &second].map(|cache| cache.0.address);
        count(&first.0.counters.misses);
        assert!(is_known(one) && is_known(two));
        drop(first);
        assert!(!is_known(one) && is_known(two));
        assert_eq!(stats("gone").misses, 1, "another uses it");
        drop(second);
        assert!(!is_known(two) && !lock(&REGISTRY).groups.contains_key("gone"));
        assert_eq!(stats("gone").misses, 0);
    }
}
