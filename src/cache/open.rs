//! A store that is named by a text, as in a configuration.

use alloc::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::source::{Options, Place, Source};
use super::{DynStore, Memory, StoreError};

mod source;

/// Opens the store that a text names, so that it can be chosen at run time.
///
/// | text | store |
/// |---|---|
/// | `memory:` | a [`Memory`] |
/// | `disk:path` | [`Disk`](super::Disk), with feature `disk` |
/// | `sqlite:path` | [`Sqlite`](super::Sqlite), with feature `sqlite` |
/// | `redis://host:port/database`, `rediss://…`, `redis+unix:///path` | [`Redis`](super::Redis), with feature `redis` |
///
/// A path is relative, as in `sqlite:cache.db`, or absolute, as in `sqlite:///var/cache/app.db`. In a path, write
/// `%3F` for `?` and `%25` for `%`. A Redis URL may have whatever the Redis client accepts: a user, a password,
/// `protocol=resp3`.
///
/// # Options
/// They follow a `?`, and mean the same as the methods of those names. Values are written as in
/// [`literal`](crate::literal): `sqlite:cache.db?capacity=10_000&max_bytes=1GB&io_timeout=200ms&single_flight=true`.
///
/// | option | value | for |
/// |---|---|---|
/// | `capacity` | a count, at least 1 | all |
/// | `max_bytes` | a size | `disk`, `sqlite` |
/// | `max_value_bytes` | a size | all but `memory` |
/// | `io_timeout` | a duration | all but `memory` |
/// | `single_flight` | `true` or `false` | `sqlite`, `redis` |
/// | `lease_time` | a duration | `sqlite`, `redis` |
///
/// # Errors
/// The text names no store, or one whose feature is off; an option is unknown or has a wrong value; the store cannot
/// be opened. The error says what is accepted. It never repeats the text, which may contain a password.
///
/// # Examples
/// ```
/// use opero::opero;
///
/// fn measure(text: &str) -> Result<usize, String> { Ok(text.len()) }
///
/// let store = opero::cache::open::<usize>("memory:?capacity=1000")?;
/// assert_eq!(opero! { cache: 60s, store: &store, name: "measure" => measure("four") }, Ok(4));
///
/// let mistake = opero::cache::open::<usize>("memory:?capcity=1000")
///     .err()
///     .map(|error| error.to_string());
/// assert!(mistake.is_some_and(|mistake| mistake.contains("`capcity`")));
/// # Ok::<(), opero::cache::StoreError>(())
/// ```
#[cfg_attr(
    not(all(feature = "disk", feature = "redis", feature = "sqlite")),
    allow(rustdoc::broken_intra_doc_links, reason = "a store exists only with its feature")
)]
pub fn open<V>(url: &str) -> Result<Arc<dyn DynStore<V>>, StoreError>
where
    V: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let Source { place, options } = Source::read(url)?;
    match place {
        Place::Memory => Ok(Arc::new(options.capacity.map_or_else(Memory::new, Memory::with_capacity))),
        Place::Disk(path) => disk(&path, &options),
        Place::Sqlite(path) => sqlite(&path, &options),
        Place::Redis(url) => redis(&url, &options),
    }
}

type Opened<V> = Result<Arc<dyn DynStore<V>>, StoreError>;

/// Opens a store with the options that are set.
#[allow(unused_macros, reason = "used by the stores whose features are on")]
macro_rules! with {
    ($store:expr, $options:ident: $($option:ident)*) => {{
        let store = $store;
        $(
            let store = match $options.$option {
                Some(value) => store.$option(value),
                None => store,
            };
        )*
        Ok(Arc::new(store))
    }};
}

#[cfg(feature = "disk")]
fn disk<V: Serialize + DeserializeOwned + Send + 'static>(path: &str, options: &Options) -> Opened<V> {
    with!(super::Disk::open(path)?, options: capacity max_bytes max_value_bytes io_timeout)
}

#[cfg(feature = "sqlite")]
fn sqlite<V: Serialize + DeserializeOwned + Send + 'static>(path: &str, options: &Options) -> Opened<V> {
    with!(super::Sqlite::open(path)?, options: capacity max_bytes max_value_bytes io_timeout single_flight lease_time)
}

#[cfg(feature = "redis")]
fn redis<V: Serialize + DeserializeOwned + Send + 'static>(url: &str, options: &Options) -> Opened<V> {
    with!(super::Redis::connect(url)?, options: capacity max_value_bytes io_timeout single_flight lease_time)
}

/// Defines the stores whose features are off.
macro_rules! without {
    ($($feature:literal $store:ident)*) => {$(
        #[cfg(not(feature = $feature))]
        fn $store<V>(_: &str, _: &Options) -> Opened<V> {
            Err(StoreError::new(concat!("a store of this kind needs the feature `", $feature, "` of crate opero, which is off")))
        }
    )*};
}

without! { "disk" disk "sqlite" sqlite "redis" redis }
