//! Who is told when an entry changes: for a near cache, which has to forget it too.
//!
//! A connection of its own, on a thread of its own, has the server tell which keys that begin as entries do are written, removed
//! or end, whoever does it: `CLIENT TRACKING` in its mode of broadcasting, redirected to the same connection, which listens to
//! it as to any other channel.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::fmt;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;

use ::redis::{Client, Connection, Msg, ProtocolVersion, PubSub, RedisResult, Value, cmd};

use super::super::StoreError;
use super::super::external::Backoff;
use super::server::Server;
use crate::cache::tiered::Change;
use crate::sync::Ordering::Relaxed;
use crate::sync::{AtomicBool, Condvar, Mutex, lock, thread, wait_timeout};

/// How long the server may say nothing before it is asked whether it is there, and how long a watch may outlive its guard.
const QUIET: Duration = Duration::from_millis(500);

/// Tells of changes until it is dropped.
pub(crate) struct Watch(Arc<Guard>);

/// What the thread of a watch looks at between two messages.
struct Guard {
    is_over: AtomicBool,
    pause: Mutex<()>,
    over: Condvar,
}

impl Server {
    /// Tells of each change of an entry, first of [`Change::All`] once it is told. While the server cannot be reached nothing is
    /// told: that it was lost is, and when it is back.
    ///
    /// `tell` runs on the thread of the watch. Dropping the watch may be followed by one more change.
    pub(crate) fn watch(self: &Arc<Self>, tell: impl Fn(Change) + Send + Sync + 'static) -> Watch {
        let guard = Arc::new(Guard { is_over: AtomicBool::new(false), pause: Mutex::new(()), over: Condvar::new() });
        let (server, watched) = (Arc::downgrade(self), guard.clone());
        let watching = thread::Builder::new().name("opero-redis-watch".into()).spawn(move || {
            // What a user's own code does in `tell` is not to end the process.
            let _ = catch_unwind(AssertUnwindSafe(|| watched.watch(&server, &tell)));
        });
        if let Err(error) = watching {
            self.health().note(StoreError::new(format_args!("no thread to watch entries on: {error}")));
        }
        Watch(guard)
    }
}

impl Guard {
    fn watch(&self, server: &Weak<Server>, tell: &dyn Fn(Change)) {
        let mut backoff = Backoff::default();
        while let Some(watched) = self.server(server) {
            let connected = connect(&watched);
            drop(watched);
            if let Ok(mut connection) = connected {
                // It ends with an error, or with the watch.
                if self.listen(&mut connection, server, tell).is_ok_and(|has_listened| has_listened) {
                    backoff = Backoff::default();
                }
                // What changes until it is told of again nobody knows.
                if self.server(server).is_some() {
                    tell(Change::All);
                }
            }
            self.sleep(backoff.next());
        }
    }

    /// The server, while somebody watches it and uses it.
    fn server(&self, server: &Weak<Server>) -> Option<Arc<Server>> {
        if self.is_over.load(Relaxed) { None } else { server.upgrade() }
    }

    fn sleep(&self, pause: Duration) {
        let nap = lock(&self.pause);
        if !self.is_over.load(Relaxed) {
            drop(wait_timeout(&self.over, nap, pause));
        }
    }

    /// Tells what the server tells until the connection is lost or nobody listens. Says whether it ever listened.
    fn listen(&self, connection: &mut Connection, server: &Weak<Server>, tell: &dyn Fn(Change)) -> RedisResult<bool> {
        let mut channel = subscribe(connection)?;
        tell(Change::All);
        // Two who each held the server while they wait would keep it for ever.
        while self.server(server).is_some() {
            match channel.get_message() {
                Ok(message) => {
                    if let Some(watched) = self.server(server) {
                        watched.tell_of(&message, tell);
                    }
                }
                // A connection that is dead is not told from a server that has nothing to say but by asking.
                Err(error) if error.is_timeout() && channel.ping::<Value>().is_ok() => {}
                Err(_) => break,
            }
        }
        Ok(true)
    }
}

/// A connection that is told of changes.
fn connect(server: &Server) -> RedisResult<Connection> {
    let info = server.address().client.get_connection_info();
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP2);
    let client = Client::open(info.clone().set_redis_settings(settings))?;
    let mut connection = client.get_connection_with_timeout(server.io_timeout())?;
    connection.set_read_timeout(Some(QUIET))?;
    connection.set_write_timeout(Some(QUIET))?;
    let id: i64 = cmd("CLIENT").arg("ID").query(&mut connection)?;
    let mut track = cmd("CLIENT");
    track.arg("TRACKING").arg("ON").arg("REDIRECT").arg(id).arg("BCAST");
    track.arg("PREFIX").arg(server.keys().entries()).exec(&mut connection)?;
    Ok(connection)
}

fn subscribe(connection: &mut Connection) -> RedisResult<PubSub<'_>> {
    let mut channel = connection.as_pubsub();
    channel.subscribe("__redis__:invalidate")?;
    Ok(channel)
}

impl Server {
    /// A message names keys, or none where the server was emptied.
    fn tell_of(&self, message: &Msg, tell: &dyn Fn(Change)) {
        match message.get_payload::<Option<Vec<Vec<u8>>>>() {
            Ok(Some(keys)) => {
                for key in keys.iter().filter_map(|key| self.keys().read(key)) {
                    tell(Change::Key(key));
                }
            }
            Ok(None) | Err(_) => tell(Change::All),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let nap = lock(&self.0.pause);
        self.0.is_over.store(true, Relaxed);
        drop(nap);
        self.0.over.notify_all();
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
