//! The cache layer: answers a call from an earlier one, and lets those who ask the same at once share one run.
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
//! For what is asked for again within a time in which the old answer will do: a page, a token, a price list, a slow
//! computation. Not for what each caller must see at once when it changes.
//!
//! # What happens
//! It is the outermost layer: a hit takes no rate permit, makes no attempt and reads no more than the key and, where there
//! is a time to live, the clock. On a miss the layers below run. Only `Ok` is kept, `Ok(None)` and `Ok(())` like any other.
//! The time to live counts from the moment the value is put in. An expired entry answers nobody; its memory is given back
//! when the key is next asked for, when it makes room, or by hand: [`sweep`].
//!
//! # The key
//! 1. `key: expression` if written: whatever is [`Hash`](core::hash::Hash).
//! 2. A body that is one plain call, `path::f(a, b)` or `async { path::f(a, b).await }`, is keyed by its arguments. They need
//!    not be `'static` or `Clone`. The function must be one, and not a variable that holds a closure, which might capture
//!    what the key does not know of. A fallback binding stands for its whole list. Where the body runs once, its arguments are
//!    evaluated once, whether it runs or not, and it may consume them. With a retry option or a fallback it may run again, and
//!    they are evaluated for the key and for each attempt: one that holds a call, a macro or a block is a compile error, since
//!    it may have another value each time. Bind it first.
//! 3. A callable or a function item is keyed by its arguments. A callable has entries of its own, which live as long as it
//!    does, since it may capture what another made by the same line does not; with `key`, those of one line share theirs.
//! 4. Any other body needs `key`, or `key: ()` where the result depends on no variable.
//!
//! Each macro use has its own entries, in a generic function each instance; `store` is how uses share.
//!
//! # Stores
//! Option `store` takes a value that keeps the entries: a [`Memory`] that several uses share, a `Disk`, `Sqlite` or `Redis`
//! outside of the process, behind the features of these names, two of them as a [`Tiered`], or a [`Store`] of your own. The guide
//! says [which is for what](crate::guide::choosing_a_store). Where it is chosen only when the program runs, it is an
//! `Arc<dyn` [`DynStore`]`<V>>`, as `open` makes one of a text. A store is asked by a [`Key`], and answers with an [`Entry`], which
//! tells its age.
//!
//! Entries are found by namespace, `name` and key, so uses that have these and the store in common share their entries: on
//! purpose, since nothing else does. A decorated function has a name without being given one: its path, as
//! `app::users::load`, or `app::Users::load` in an `impl`. Any other body has to be given a `name`.
//!
//! The instances of a generic function share nothing, whatever their name: the names of the types stand in front of the key,
//! as [`type_name`](core::any::type_name) prints them, a text for each pair of brackets. By hand, the entry of
//! `load::<u8>(1)` is that of `Key::new("opero", "app::load", &("u8", 1))`. So the entries of a generic function are as lasting
//! as the names of its types: where one is moved or renamed, or a new compiler prints it in another way, they are not found
//! again. Closures have no names that tell them apart; in an instance by one of these, entries last as long as the build of the
//! program. Types that print alike must not be told apart by that alone: those of one name in two blocks of one function, or in
//! two versions of a crate. Nor must two functions of one name in one function. Give these a `name` each.
//!
//! # Single-flight
//! Of concurrent calls that miss one key one runs the body and the others wait: blocking calls block their thread, async
//! ones await. The runs belong to the store: all uses that are given one store share them, and a use without `store` has its
//! own. Errors are not shared: where the runner fails, panics or is dropped, the one that has waited longest runs the body
//! itself. Threads and tasks stand in one queue, and who comes later never overtakes. Who is dropped leaves the queue, and a
//! turn that it had been given passes on.
//!
//! A run that began before a [`clear`], or before its key was removed, is not kept. Those who waited for it get its value;
//! whoever comes later runs the body anew, beside the old run if that is still under way.
//!
//! `Sqlite` and `Redis` do so over processes, where they are told to: by leases, which are held while a body runs. Who has died
//! holds others up for no longer than its lease.
//!
//! A call that would wait for itself runs the body instead: one that is made inside of the body for the same key, and the
//! last in a ring, as where the body for A asks for B, and that for B asks for A. The value of such a run is for its call
//! alone, and is not kept. Inside of a body is what its thread does while the body runs or is polled. What a body has a
//! spawned task or another thread do is not: a body that waits for such a thing, which in turn asks for its key, waits without
//! end. Give the inner call another key, or put a timeout around it.
//!
//! Two calls of one key in one task are two like any other, and each goes on only while it is polled. Where one holds the
//! run, or has been given the turn, and is not polled, the other waits. So poll both, as `join` and `select` do, or drop the
//! one that is not polled: the other goes on then.
//!
//! # Mistakes
//! | instead of | better | because |
//! |---|---|---|
//! | `cache => load(path, Instant::now())` | `cache, key: path => …` | every call has another key |
//! | `cache, key: () => load(path)` | `cache => load(path)` | one entry for all paths |
//! | `cache, retries: 2 => load(paths.next())` | `let path = paths.next();` and `cache, retries: 2 => load(path)` | the arguments are evaluated again: a compile error |
//! | `cache => client.get(url)` | `cache, key: url => client.get(url)` | what of `client` matters, only you know |
//! | `fn f(x) { let g = opero!(cache => \|y\| …); g(1) }` | `fn f(x) { opero!(cache, key: y => …) }` | the entries end with `g` |
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

/// Entries unless `capacity` says otherwise: a few megabytes of small values.
pub(crate) const CAPACITY: usize = 10_000;
