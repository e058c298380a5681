//! A store on a Redis server.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::time::Duration;

use super::StoreError;
use super::external::wall::Wall;
use super::external::{External, external_store, lending_store};
use crate::rate::Remote;

mod address;
mod entries;
mod errors;
mod keys;
mod leases;
mod limiter;
mod multiplexed;
mod pool;
mod question;
mod server;
#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests;
mod watch;

pub(crate) use self::question::Script;
pub(crate) use self::server::Server;
#[allow(unused_imports, reason = "for the near cache of a tiered store")]
pub(crate) use self::watch::Watch;

/// A store on a Redis server, shared by any number of processes and machines.
///
/// It holds values of any types that are `Serialize` and `DeserializeOwned`. A clone is a handle of the same store.
///
/// # When the server fails
/// A cached call goes on without the store: it runs its body, and its result is not kept. The error is counted
/// ([`stats`](Redis::stats)) and kept ([`last_error`](Redis::last_error)). No request takes longer than
/// [`io_timeout`](Redis::io_timeout). A server that cannot be reached, does not answer or refuses the password is
/// *down*. One call asks it again after 50 ms, and then at growing intervals of up to one second. Until it answers,
/// all other calls skip it at once. A server that is out of memory, or is a replica, rejects writes and still answers
/// reads.
///
/// # Connections
/// Blocking calls use up to 16 connections, which are opened on demand, one at a time. Async calls share one
/// connection for each runtime: the tokio runtime with feature `tokio`, else smol's, which has a thread of its own
/// and works under any executor. A connection that was lost since its last use is replaced at once, and the request
/// is repeated.
///
/// In a tokio runtime built without `enable_io`, async calls skip the store, and tokio's panic message about it is
/// printed once for each attempt to connect.
///
/// # On the server
/// An entry is a key `opero:entry:…` with an expiry of Redis, so it expires by the server's clock. A sorted set
/// `opero:index:…` for each namespace lists its entries, so that [`clear`](Redis::clear) only touches the entries it
/// removes. If the server has a `maxmemory`, set its `maxmemory-policy` to one of the `volatile-` policies. The
/// others may evict an index; its entries are then still found and still expire, but `clear` and `capacity` do not
/// see them. A cluster is not supported.
///
/// Whoever can write to the server can store any value. Values that cannot be read are misses. Values larger than
/// [`max_value_bytes`](Redis::max_value_bytes) are misses too, and are not read.
///
/// # Rates
/// A server is also a limiter that processes share: `rate: 100/s, limiter: &redis`, see
/// [`Call::limiter`](crate::Call::limiter). A rate is a key `opero:rate:…`, which expires when it is idle. Its errors
/// are counted here too. A server that restarts without its data, or evicts a rate for lack of memory, starts that
/// rate anew. If that matters, use the `maxmemory-policy` `noeviction`.
///
/// # TLS
/// `rediss://` needs the TLS support of crate `redis`. Depend on that crate too, enable TLS in it, and choose a
/// cryptography provider:
/// ```toml
/// opero = { version = "0.1", features = ["redis"] }
/// redis = { version = "1.2", default-features = false, features = ["smol-rustls-comp"] }
/// rustls = { version = "0.23", default-features = false, features = ["ring"] }
/// ```
/// With opero's feature `tokio`, enable `tokio-rustls-comp` as well as `smol-rustls-comp`. The system's certificates
/// are trusted.
///
/// # Examples
/// ```no_run
/// use std::sync::LazyLock;
/// use opero::cache::Redis;
///
/// static REDIS: LazyLock<Redis> =
///     LazyLock::new(|| Redis::connect("redis://127.0.0.1:6379/0").expect("a URL"));
///
/// # fn load(path: &str) -> Result<String, std::io::Error> { std::fs::read_to_string(path) }
/// fn page(path: &str) -> Result<String, opero::Error<std::io::Error>> {
///     opero::opero! { cache: 60s, store: &*REDIS, name: "page" => load(path) }
/// }
/// ```
#[derive(Clone)]
pub struct Redis {
    external: External<Server>,
    /// The calls that wait here for shared rates.
    rates: Arc<Remote>,
}

impl Redis {
    /// Creates a store on the server of a URL.
    ///
    /// The URL is `redis://user:password@host:6379/0`, where everything but the host is optional; `rediss://` for
    /// TLS; or `unix:///path/to/socket?db=0`. The connection is opened on first use, so this succeeds even if the
    /// server is down.
    ///
    /// # Errors
    /// The URL is invalid, or it asks for TLS and the client has none. The error does not repeat the URL.
    ///
    /// # Examples
    /// ```
    /// use opero::cache::Redis;
    ///
    /// let redis = Redis::connect("redis://app:secret@localhost:6379/2")?;
    /// assert!(format!("{redis:?}").contains("redis://app:***@localhost:6379/2"));
    /// assert!(Redis::connect("localhost").is_err());
    /// # Ok::<(), opero::cache::StoreError>(())
    /// ```
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        let server = Arc::new(Server::new(url)?);
        let (health, rates) = (server.health().clone(), Remote::new(Box::new(server.clone())));
        Ok(Redis { external: External::new(server, health, Wall::default()), rates })
    }

    /// Sets how long a request may take, including the connection if one is needed: 500 ms by default, between a
    /// millisecond and an hour. It applies to all handles of the store.
    ///
    /// The time includes looking up the host name. A blocking call has that long for each piece of an answer, so a
    /// large value over a slow network may take longer. An async call has that long for the whole answer.
    #[must_use]
    pub fn io_timeout(self, timeout: Duration) -> Self {
        self.external.bytes.set_io_timeout(timeout);
        self
    }

    /// Sets the maximum number of entries in a namespace. By default only the server's memory bounds it.
    ///
    /// The entries that expire soonest are evicted; with equal times to live these are the oldest. The bound is
    /// checked each time a hundredth of it has been set, so a namespace may exceed it slightly for a while.
    #[must_use]
    pub fn capacity(self, entries: usize) -> Self {
        self.external.bytes.set_capacity(u64::try_from(entries).unwrap_or(u64::MAX >> 12).max(1));
        self
    }

    /// Sets the prefix of the keys on the server: `opero` by default. Stores with different prefixes share nothing.
    ///
    /// Set it before the store is used: the first prefix that is set or used stays.
    #[must_use]
    pub fn prefix(self, prefix: &str) -> Self {
        self.external.bytes.keys().set_prefix(prefix);
        self
    }

    /// Returns the server, for uses of it that are not a store.
    #[cfg(test)]
    pub(crate) fn server(&self) -> &Arc<Server> {
        &self.external.bytes
    }
}

lending_store!(Redis);

external_store!(
    Redis,
    "```no_run
use std::time::Duration;
use opero::cache::{Key, Redis};

let redis = Redis::connect(\"redis://127.0.0.1:6379/0\")?;
let key = Key::new(\"opero\", \"page\", &(\"news.txt\",));
redis.set(&key, String::from(\"…\"), Some(Duration::from_secs(60)))?;
let entry = redis.get::<String>(&key)?.expect(\"its time is not over\");
assert_eq!(entry.value(), \"…\");
# Ok::<(), opero::cache::StoreError>(())
```"
);

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Redis").field(self.external.bytes.address()).finish()
    }
}
