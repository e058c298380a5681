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

/// A store on a Redis server, which any number of processes and machines share.
///
/// It keeps values of any types that are `Serialize` and `DeserializeOwned`. A clone is a handle of the same store.
///
/// # When the server fails
/// A call that is cached goes on without the store: it runs its body, and its result is not kept. The error is counted
/// ([`stats`](Redis::stats)) and can be read ([`last_error`](Redis::last_error)). No question takes longer than
/// [`io_timeout`](Redis::io_timeout). A server that cannot be reached, does not answer or refuses the password is *down*: it is
/// asked again after 50 ms by one call, and then ever more seldom, up to once a second; all others do without it at once. A
/// server that is out of memory or a replica does not keep what is put in, and answers what it has.
///
/// # Connections
/// Blocking calls have up to 16 connections, which are opened when they are needed, and one at a time. Async calls share one
/// connection for each runtime: for a runtime of tokio with feature `tokio`, else that of smol, which has a thread of its own
/// and works under any executor. A connection that was lost since it was last used is replaced at once, and the question is
/// asked again.
///
/// In a runtime of tokio that was built without `enable_io`, async calls do without the store, and tokio's panic about it is
/// printed once for each attempt to connect.
///
/// # At the server
/// An entry is a key `opero:entry:…` with the expiry of Redis, so the server ends it by its own clock. A sorted set
/// `opero:index:…` for each namespace knows its entries, so that [`clear`](Redis::clear) is a matter of the entries it removes.
/// Where the server has a `maxmemory`, let its `maxmemory-policy` be one of the `volatile-` ones: the others may evict an index,
/// and its entries are then found and expire as before, but `clear` and `capacity` do not see them. A cluster is not supported.
///
/// Who can write to the server can put any value in. Values that cannot be read are misses, and so are those that are larger
/// than [`max_value_bytes`](Redis::max_value_bytes), which are not read.
///
/// # Rates
/// A server is also a limiter that processes share: `rate: 100/s, limiter: &redis`, see [`Call::limiter`](crate::Call::limiter). A
/// rate is a key `opero:rate:…`, which expires when it is idle. Its errors are counted here too. A server that is started anew
/// without its data, or evicts a rate for want of memory, begins that rate anew: where that matters, let it have a
/// `maxmemory-policy` of `noeviction`.
///
/// # TLS
/// `rediss://` needs the TLS of crate `redis`: depend on it too and enable it there, and name the cryptography it is to use.
/// ```toml
/// opero = { version = "0.1", features = ["redis"] }
/// redis = { version = "1.2", default-features = false, features = ["smol-rustls-comp"] }
/// rustls = { version = "0.23", default-features = false, features = ["ring"] }
/// ```
/// With opero's feature `tokio` it takes `tokio-rustls-comp` beside `smol-rustls-comp`. The certificates that are trusted are
/// those of the system.
///
/// # Examples
/// ```no_run
/// use std::sync::LazyLock;
/// use opero::cache::Redis;
///
/// static REDIS: LazyLock<Redis> = LazyLock::new(|| Redis::connect("redis://127.0.0.1:6379/0").expect("a URL"));
///
/// # fn load(path: &str) -> Result<String, std::io::Error> { std::fs::read_to_string(path) }
/// fn page(path: &str) -> Result<String, opero::Error<std::io::Error>> {
///     opero::opero! { cache: 60s, store: &*REDIS, name: "page" => load(path) }
/// }
/// ```
#[derive(Clone)]
pub struct Redis {
    external: External<Server>,
    /// Of the rates that processes share, those who wait here.
    rates: Arc<Remote>,
}

impl Redis {
    /// The store on the server of a URL.
    ///
    /// The URL is `redis://user:password@host:6379/0`, where all but the host may be missing; `rediss://` with TLS; or
    /// `unix:///path/to/socket?db=0`. Nothing is connected before the store is asked, so this does not fail where the server is
    /// down.
    ///
    /// # Errors
    /// The URL cannot be read, or it wants TLS and the client has none. The error does not repeat the URL.
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

    /// How long a question may take, with connecting where that is needed: 500 ms by default, and between a millisecond and an
    /// hour. All handles of the store keep to it.
    ///
    /// Looking up the name of a host counts towards it. A blocking call has that long for each piece of an answer, so a large
    /// value over a slow network may take longer; an async call has it for the whole answer.
    #[must_use]
    pub fn io_timeout(self, timeout: Duration) -> Self {
        self.external.bytes.set_io_timeout(timeout);
        self
    }

    /// How many entries a namespace may have. By default there is no bound but the server's memory.
    ///
    /// The entries that expire soonest make room, which are the oldest where all have the same time to live. The bound is checked
    /// each time a hundredth of it has been set, so there may be a few entries more for a while.
    #[must_use]
    pub fn capacity(self, entries: usize) -> Self {
        self.external.bytes.set_capacity(u64::try_from(entries).unwrap_or(u64::MAX >> 12).max(1));
        self
    }

    /// What the keys at the server begin with: `opero` by default. Stores with different prefixes have nothing in common.
    ///
    /// Set it before the store is used: it keeps the first prefix it is given or uses.
    #[must_use]
    pub fn prefix(self, prefix: &str) -> Self {
        self.external.bytes.keys().set_prefix(prefix);
        self
    }

    /// The server, for what is not a store on it.
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
