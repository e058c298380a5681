//! The cache layer: answers a call with an earlier result, and lets concurrent calls of one key share one run
//! (single-flight).
//!
//! ```
//! # use opero::opero;
//! # fn load(path: &str) -> Result<String, String> { Ok(path.to_owned()) }
//! let text = opero! { cache: 60s, retries: 2 => load("news.txt") }?;
//! # assert_eq!(text, "news.txt");
//! # Ok::<(), opero::Error<String>>(())
//! ```
//!
//! # When
//! Cache what is asked for again while the old answer is still good enough: a page, a token, a price list, a slow
//! computation. Do not cache what every caller must see as soon as it changes.
//!
//! # What happens
//! The cache is the outermost layer. A hit takes no rate permit and makes no attempt. It computes the key and, if
//! there is a time to live, reads the clock. On a miss the inner layers run. Only `Ok` is kept; `Ok(None)` and
//! `Ok(())` are values like any other. The time to live starts when the value is inserted. An expired entry is never
//! returned. Its memory is freed when the key is next looked up, when the cache needs room, or by [`sweep`].
//!
//! If the body cannot fail, option [`infallible`](crate::Call::infallible) makes the call return a plain value.
//!
//! # The key
//! 1. `key: expression`, if written: any [`Hash`](core::hash::Hash) value.
//! 2. A body that is one plain call, `path::f(a, b)` or `async { path::f(a, b).await }`, is keyed by its arguments.
//!    They need not be `'static` or `Clone`. `f` must be a function. A variable that holds a closure is not accepted:
//!    the closure may capture values that the key does not contain. A fallback binding stands for its whole list. If
//!    the body runs at most once, its arguments are evaluated once, whether it runs or not, and it may consume them.
//!    With a retry option or a fallback the body may run again, so the arguments are evaluated for the key and for
//!    each attempt. An argument that holds a call, a macro or a block is then a compile error, since its value may
//!    differ each time. Bind it to a variable first.
//! 3. A callable or a function item is keyed by its arguments. Each callable has its own entries, which live as long
//!    as it does, because two callables made by the same line may capture different values. With `key`, the callables
//!    of one line share their entries.
//! 4. Any other body needs `key`, or `key: ()` if the result depends on no variable.
//!
//! Each macro use has its own entries, and so has each instance of a generic function. To share entries between uses,
//! give them one `store`.
//!
//! Each macro use has its own entries, in a generic function each instance; `store` is how uses share.
//!
//! # Stores
//! Option `store` takes a value that keeps the entries: a [`Memory`] that several uses share; a `Disk`, `Sqlite` or
//! `Redis` outside of the process (each behind the feature of its name); two of these as a [`Tiered`]; or a [`Store`]
//! of your own. The guide says [which store to choose](crate::guide::choosing_a_store). To choose the store at run
//! time, use an `Arc<dyn` [`DynStore`]`<V>>`; `open` makes one from a text. A store is asked with a [`Key`] and
//! answers with an [`Entry`], which knows its age.
//!
//! An entry is found by namespace, `name` and key. So uses with the same namespace, name, key and store share their
//! entries. This is intended, and nothing else shares them. A decorated function has a name by default: its path, as
//! `app::users::load`, or `app::Users::load` in an `impl`. Any other body needs option `name`.
//!
//! Instances of a generic function share nothing, whatever their name. The names of their types precede the key, as
//! [`type_name`](core::any::type_name) prints them, one text for each pair of brackets. For example, the entry of
//! `load::<u8>(1)` is `Key::new("opero", "app::load", &("u8", 1))`. So the entries of a generic function last only as
//! long as the names of its types: if a type is renamed or moved, or a new compiler prints its name differently, they
//! are not found again. Closures have no stable names; entries of an instance whose type parameter is a closure last
//! as long as the build of the program. Two types that print alike must not be the only difference between two
//! instances: types of one name in two blocks of one function, or from two versions of a crate. The same holds for
//! two functions of one name inside one function. Give each of these a `name`.
//!
//! # Single-flight
//! When concurrent calls miss one key, one of them runs the body and the others wait: blocking calls block their
//! thread, async calls await. Runs belong to the store. All uses of one store share them; a use without `store` has
//! its own. Errors are not shared: if the run fails, panics or is dropped, the call that has waited longest runs the
//! body itself. Threads and tasks wait in one queue, first come, first served. A waiter that is dropped leaves the
//! queue; if it was already its turn, the turn passes to the next.
//!
//! The value of a run that began before a [`clear`], or before its key was removed, is not kept. Calls that already
//! wait for it get it. Later calls start a new run, even if the old one is still going on.
//!
//! `Sqlite` and `Redis` extend single-flight to several processes, if you turn it on. They do so by leases, which are
//! held while a body runs. A process that dies blocks the others until its lease expires, and no longer.
//!
//! A call that would wait for itself runs the body instead. This happens to a call made inside the body for the same
//! key, and to the last call of a cycle: the body for A asks for B, and the body for B asks for A. The value of such
//! a run goes to its own call and is not kept. "Inside the body" means: done by the thread that runs or polls the
//! body. What a spawned task or another thread does on behalf of a body is not inside it. If a body waits for such a
//! task, and the task asks for the same key, both wait forever. Give the inner call another key, or a timeout.
//!
//! Two calls of one key in one task are independent, and each makes progress only while it is polled. If one of them
//! runs the body, or is next to run it, and is not polled, the other waits. So poll both, as `join` and `select` do,
//! or drop the one that you do not poll; the other then goes on.
//!
//! # Mistakes
//! | instead of | better | because |
//! |---|---|---|
//! | `cache => load(path, Instant::now())` | `cache, key: path => …` | every call has another key |
//! | `cache, key: () => load(path)` | `cache => load(path)` | all paths share one entry |
//! | `cache, retries: 2 => load(paths.next())` | `let path = paths.next();` and `cache, retries: 2 => load(path)` | the arguments are evaluated for each attempt: a compile error |
//! | `cache => client.get(url)` | `cache, key: url => client.get(url)` | only you know which part of `client` matters |
//! | `fn f(x) { let g = opero!(cache => \|y\| …); g(1) }` | `fn f(x) { opero!(cache, key: y => …) }` | the entries are dropped with `g` |
//! | `Vec<Row>` as the value | `Arc<Vec<Row>>` | a hit clones the value |

#[cfg(feature = "disk")]
pub use self::disk::Disk;
pub use self::dynamic::DynStore;
pub use self::entry::Entry;
pub use self::key::Key;
pub use self::memory::Memory;
#[cfg(any(feature = "disk", feature = "redis", feature = "sqlite"))]
pub use self::open::open;
#[cfg(feature = "redis")]
pub use self::redis::Redis;
#[cfg(any(feature = "map", feature = "unblock"))]
pub(crate) use self::running::Bodies;
#[cfg(feature = "sqlite")]
pub use self::sqlite::Sqlite;
pub use self::stats::{Stats, clear, namespace_stats, stats, sweep};
pub use self::store::Store;
pub use self::store_error::StoreError;
pub use self::store_id::StoreId;
pub use self::tiered::Tiered;

pub(crate) mod backing;
#[cfg(feature = "disk")]
mod disk;
mod dynamic;
mod entry;
#[cfg(any(feature = "disk", feature = "redis", feature = "sqlite"))]
mod external;
pub(crate) mod flights;
pub(crate) mod key;
pub(crate) mod layer;
mod lease;
mod memory;
#[cfg(any(feature = "disk", feature = "redis", feature = "sqlite"))]
mod open;
mod queue;
#[cfg(feature = "redis")]
pub(crate) mod redis;
mod running;
pub(crate) mod slots;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stats;
mod store;
mod store_error;
mod store_id;
mod table;
mod tiered;

/// The number of entries unless `capacity` is set: a few megabytes of small values.
pub(crate) const CAPACITY: usize = 10_000;
