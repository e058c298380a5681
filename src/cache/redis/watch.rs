//! Watches the entries on a server for changes, so that a near cache can drop its copies.
//!
//! It uses a separate connection and thread. The server reports which keys with the prefix of entries are written,
//! removed or expire, whoever does it: `CLIENT TRACKING` in broadcasting mode, redirected to the same connection,
//! which subscribes to it like to any other channel.

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

/// How long the server may be silent before it is pinged, and how long a watch may outlive its guard.
const QUIET: Duration = Duration::from_millis(500);

/// Reports changes until it is dropped.
pub(crate) struct Watch(Arc<Guard>);

/// The state that the thread of a watch checks between two messages.
struct Guard {
    is_over: AtomicBool,
    pause: Mutex<()>,
    over: Condvar,
}

impl Server {
    /// Calls `tell` for each change of an entry, and first with [`Change::All`] once the watch is active. While the
    /// server cannot be reached there are no reports, but the loss of the connection and its return are reported.
    ///
    /// `tell` runs on the thread of the watch. One more change may follow after the watch is dropped.
    pub(crate) fn watch(self: &Arc<Self>, tell: impl Fn(Change) + Send + Sync + 'static) -> Watch {
        let guard = Arc::new(Guard { is_over: AtomicBool::new(false), pause: Mutex::new(()), over: Condvar::new() });
        let (server, watched) = (Arc::downgrade(self), guard.clone());
        let watching = thread::Builder::new().name("opero-redis-watch".into()).spawn(move || {
            // A panic of a user's code in `tell` must not end the process.
            let _ = catch_unwind(AssertUnwindSafe(|| watched.watch(&server, &tell)));
        });
        if let Err(error) = watching {
            self.health().note(StoreError::new(format_args!("cannot start a thread to watch entries: {error}")));
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
                // Ends with an error, or with the watch.
                if self.listen(&mut connection, server, tell).is_ok_and(|has_listened| has_listened) {
                    backoff = Backoff::default();
                }
                // Changes are unknown until the next report.
                if self.server(server).is_some() {
                    tell(Change::All);
                }
            }
            self.sleep(backoff.next());
        }
    }

    /// Returns the server, while it is watched and in use.
    fn server(&self, server: &Weak<Server>) -> Option<Arc<Server>> {
        if self.is_over.load(Relaxed) { None } else { server.upgrade() }
    }

    fn sleep(&self, pause: Duration) {
        let nap = lock(&self.pause);
        if !self.is_over.load(Relaxed) {
            drop(wait_timeout(&self.over, nap, pause));
        }
    }

    /// Reports changes until the connection is lost or the watch is dropped. Returns whether it was ever subscribed.
    fn listen(&self, connection: &mut Connection, server: &Weak<Server>, tell: &dyn Fn(Change)) -> RedisResult<bool> {
        let mut channel = subscribe(connection)?;
        tell(Change::All);
        // If two watches each held the server while they wait, neither would ever end.
        while self.server(server).is_some() {
            match channel.get_message() {
                Ok(message) => {
                    if let Some(watched) = self.server(server) {
                        watched.tell_of(&message, tell);
                    }
                }
                // Only a ping tells a dead connection from a silent server.
                Err(error) if error.is_timeout() && channel.ping::<Value>().is_ok() => {}
                Err(_) => break,
            }
        }
        Ok(true)
    }
}

/// Opens a connection that receives changes.
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
    /// A message names keys, or none if the server was flushed.
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
