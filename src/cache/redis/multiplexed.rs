//! The connections of async calls: one for each runtime, shared by all its tasks.
//!
//! A connection is driven by a task of its runtime: the current tokio runtime with feature `tokio`, else smol's
//! executor, which has a thread of its own. A runtime that ends closes its connection, and no other.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::{Future, poll_fn};
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::panic::catch_unwind;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, Value};

use super::super::StoreError;
use super::super::external::Fault;
use super::address::Address;
use super::errors::{self, Broken};
use super::question::Question;
use crate::sync::{Mutex, lock};
use crate::time::{Clock, System};

#[cfg(feature = "tokio")]
type Runtime = Option<tokio::runtime::Id>;
#[cfg(not(feature = "tokio"))]
type Runtime = Option<core::convert::Infallible>;

#[cfg(feature = "tokio")]
fn current_runtime() -> Runtime {
    tokio::runtime::Handle::try_current().ok().map(|handle| handle.id())
}
#[cfg(not(feature = "tokio"))]
const fn current_runtime() -> Runtime {
    None
}

/// The number of runtimes whose connections are kept. When there are more, those of runtimes that have ended are
/// dropped.
const MOST: usize = 64;
/// The number of requests that may wait to be sent.
const QUEUE: usize = 1024;

/// The connections. The one used last is at the end.
pub(super) struct Multiplexed(Mutex<Vec<(Runtime, Arc<RuntimeConnection>)>>);

/// The connection of one runtime.
struct RuntimeConnection(Mutex<State>);

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    /// The number of the connection, counted from 1.
    number: u64,
    /// Which task connects, and until when no other may. That task may never be polled again.
    connecting: Option<(u64, Duration)>,
    claims: u64,
    failures: u64,
    last_failure: Option<StoreError>,
    waiting: Vec<Waker>,
}

/// The connection to use, or how to get one.
enum Turn<'l> {
    Use(MultiplexedConnection, u64),
    Connect(Claim<'l>),
    Failed(StoreError),
}

/// The right to connect. If it is dropped, it passes on.
struct Claim<'l> {
    shared: &'l RuntimeConnection,
    number: u64,
}

impl Multiplexed {
    pub(super) const fn new() -> Self {
        Multiplexed(Mutex::new(Vec::new()))
    }

    fn of_runtime(&self) -> Arc<RuntimeConnection> {
        let runtime = current_runtime();
        let mut connections = lock(&self.0);
        if let Some(at) = connections.iter().rposition(|(of, _)| *of == runtime) {
            let last = connections.len() - 1;
            if at != last {
                connections[at..].rotate_left(1);
            }
            return connections[last].1.clone();
        }
        let shared = Arc::new(RuntimeConnection(Mutex::new(State::default())));
        connections.push((runtime, shared.clone()));
        let oldest = (connections.len() > MOST).then(|| connections.remove(0));
        drop(connections);
        drop(oldest);
        shared
    }

    /// Asks, within `timeout` in all. A connection that was lost since its last use is replaced.
    pub(super) async fn ask(&self, address: &Address, question: &Question, timeout: Duration) -> Result<Value, Fault> {
        let shared = self.of_runtime();
        let mut used = 0;
        let answer = within(timeout, shared.ask(address, question, timeout, &mut used)).await;
        answer.unwrap_or_else(|| {
            shared.forget(used);
            Err(errors::no_answer(address, timeout))
        })
    }
}

impl RuntimeConnection {
    /// `used` is set to the number of the connection that the request is on.
    async fn ask(
        &self,
        address: &Address,
        question: &Question,
        timeout: Duration,
        used: &mut u64,
    ) -> Result<Value, Fault> {
        loop {
            let (mut connection, number, is_new) = self.connection(address, timeout).await?;
            *used = number;
            match question.put_async(&mut connection).await {
                Ok(answer) => return Ok(answer),
                Err(error) => match errors::read(&error, address, timeout) {
                    Broken::Answered(fault @ Fault::Here(_)) => return Err(fault),
                    Broken::Lost(_) if !is_new => self.forget(number),
                    broken => {
                        self.forget(number);
                        return Err(broken.into_fault());
                    }
                },
            }
        }
    }

    /// Returns a connection, its number, and whether it was opened for this request.
    async fn connection(
        &self,
        address: &Address,
        timeout: Duration,
    ) -> Result<(MultiplexedConnection, u64, bool), Fault> {
        let failures = lock(&self.0).failures;
        let claim = match poll_fn(|context| self.poll_turn(failures, timeout, context)).await {
            Turn::Use(connection, number) => return Ok((connection, number, false)),
            Turn::Failed(error) => return Err(Fault::Down(error)),
            Turn::Connect(claim) => claim,
        };
        match open(address).await {
            Ok(connection) => {
                let number = claim.connected(connection.clone());
                Ok((connection, number, true))
            }
            Err(error) => {
                let error = match error {
                    Some(error) => errors::read(&error, address, timeout).into_fault().into_error(),
                    None => {
                        StoreError::new(format_args!("{address}: cannot connect in this runtime: is its I/O enabled?"))
                    }
                };
                claim.failed(error.clone());
                Err(Fault::Down(error))
            }
        }
    }

    fn poll_turn(&self, failures: u64, timeout: Duration, context: &mut Context<'_>) -> Poll<Turn<'_>> {
        let mut state = lock(&self.0);
        if let Some(connection) = &state.connection {
            return Poll::Ready(Turn::Use(connection.clone(), state.number));
        }
        if state.failures != failures {
            if let Some(error) = &state.last_failure {
                return Poll::Ready(Turn::Failed(error.clone()));
            }
        }
        let now = System.now();
        if state.connecting.is_some_and(|(_, until)| now < until) {
            if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                state.waiting.push(context.waker().clone());
            }
            return Poll::Pending;
        }
        state.claims += 1;
        let number = state.claims;
        state.connecting = Some((number, now.saturating_add(timeout)));
        Poll::Ready(Turn::Connect(Claim { shared: self, number }))
    }

    /// The connection of this number is broken.
    fn forget(&self, number: u64) {
        let mut state = lock(&self.0);
        let gone = if state.number == number { state.connection.take() } else { None };
        drop(state);
        drop(gone);
    }
}

impl Claim<'_> {
    fn connected(self, connection: MultiplexedConnection) -> u64 {
        let mut state = lock(&self.shared.0);
        let before = state.connection.replace(connection);
        state.number += 1;
        let number = state.number;
        drop(state);
        drop(before);
        number
    }

    fn failed(self, error: StoreError) {
        let mut state = lock(&self.shared.0);
        state.failures += 1;
        state.last_failure = Some(error);
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.shared.0);
        if state.connecting.is_some_and(|(number, _)| number == self.number) {
            state.connecting = None;
        }
        let waiting = core::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// Connects. `None` is a panic, which is how tokio reports that a runtime has no I/O.
async fn open(address: &Address) -> Result<MultiplexedConnection, Option<::redis::RedisError>> {
    // The caller enforces the timeout.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_pipeline_buffer_size(QUEUE);
    let mut opening = Box::pin(address.client.get_multiplexed_async_connection_with_config(&config));
    poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| opening.as_mut().poll(context)));
        polled.map_or(Poll::Ready(Err(None)), |polled| polled.map_err(Some))
    })
    .await
}

/// Runs `future` with a timeout by the machine's clock: a runtime's clock may be paused, but the server is not.
async fn within<F: Future>(timeout: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    // A future that is ready at once sets no timer.
    let mut timer = pin!(None);
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        if timer.is_none() {
            timer.set(Some(System.sleep_async(timeout)));
        }
        match timer.as_mut().as_pin_mut() {
            Some(timer) => timer.poll(context).map(|()| None),
            None => Poll::Pending,
        }
    })
    .await
}

impl fmt::Debug for Multiplexed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Multiplexed").finish_non_exhaustive()
    }
}
