//! The thread that starts children, waits for their end, and ends those that are idle for long.
//!
//! It is one thread, which lives as long as the process: on Linux a child is killed when the thread that started it
//! ends.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Instant;

use rustix::net::sockopt::set_socket_send_buffer_size;

use super::executable::{Launch, Mark, VARIABLE, path};
use super::frame::Hello;
use super::output::{Output, Target};
use super::pool::{self, Configuration};
use super::worker::Worker;
use crate::sync::{Condvar, Mutex, lock, thread, wait, wait_timeout};

/// How long a child may take to end by itself.
const LEAVING: Duration = Duration::from_secs(2);

/// How often the thread checks for children that have ended.
const LOOK: Duration = Duration::from_millis(5);

/// How often the thread checks for idle children.
const ROUND: Duration = Duration::from_secs(10);

static SPAWNER: Spawner = Spawner {
    state: Mutex::new(State { has_thread: false, orders: VecDeque::new(), leaving: Vec::new(), has_children: false }),
    changed: Condvar::new(),
    all_gone: Condvar::new(),
};

struct Spawner {
    state: Mutex<State>,
    /// Signalled when there is an order or a child to wait for.
    changed: Condvar,
    /// Signalled when no child is left to wait for.
    all_gone: Condvar,
}

struct State {
    has_thread: bool,
    orders: VecDeque<Order>,
    leaving: Vec<Leaving>,
    has_children: bool,
}

struct Order {
    launch: Launch,
    depth: u32,
    configuration: Configuration,
    reply: Sender<io::Result<Worker>>,
}

/// A child that should end.
struct Leaving {
    process: Child,
    /// Kept open until the child has ended.
    socket: Option<UnixStream>,
    since: Instant,
}

/// Starts a child with this depth.
pub(super) fn start(launch: Launch, depth: u32, configuration: Configuration) -> io::Result<Worker> {
    let (reply, answer) = channel();
    SPAWNER.notify(|state| state.orders.push_back(Order { launch, depth, configuration, reply }))?;
    answer.recv().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

/// Waits for the end of a child on the spawner's thread. A child with a socket gets time to end; one without was
/// killed.
pub(super) fn reap(mut process: Child, socket: Option<UnixStream>) {
    if matches!(process.try_wait(), Ok(None)) {
        let leaving = Leaving { process, socket, since: Instant::now() };
        // Without that thread, the system cleans up the child when this process ends.
        let _ = SPAWNER.notify(|state| state.leaving.push(leaving));
    }
}

/// Waits until all children that should end have ended.
pub(super) fn wait_for_all() {
    let mut state = lock(&SPAWNER.state);
    while !state.leaving.is_empty() && state.has_thread {
        state = wait(&SPAWNER.all_gone, state);
    }
}

impl Spawner {
    fn notify(&'static self, change: impl FnOnce(&mut State)) -> io::Result<()> {
        let mut state = lock(&self.state);
        if !state.has_thread {
            thread::Builder::new().name("opero-processes".into()).spawn(|| self.run())?;
            state.has_thread = true;
        }
        change(&mut state);
        self.changed.notify_one();
        Ok(())
    }

    /// The main loop of the thread.
    fn run(&self) {
        let mut state = lock(&self.state);
        loop {
            if let Some(order) = state.orders.pop_front() {
                state.has_children = true;
                drop(state);
                let Order { launch, depth, configuration, reply } = order;
                let _ = reply.send(spawn(&launch, depth, configuration));
                state = lock(&self.state);
            } else if !state.leaving.is_empty() {
                state.leaving.retain_mut(Leaving::is_there);
                if state.leaving.is_empty() {
                    self.all_gone.notify_all();
                } else {
                    state = wait_timeout(&self.changed, state, LOOK);
                }
            } else if state.has_children {
                drop(state);
                let has_children = pool::end_idle();
                state = lock(&self.state);
                if state.orders.is_empty() && state.leaving.is_empty() {
                    state.has_children = has_children;
                    state = wait_timeout(&self.changed, state, ROUND);
                }
            } else {
                state = wait(&self.changed, state);
            }
        }
    }
}

impl Leaving {
    fn is_there(&mut self) -> bool {
        let is_there = matches!(self.process.try_wait(), Ok(None));
        if is_there && self.socket.is_some() && self.since.elapsed() > LEAVING {
            let _ = self.process.kill();
            self.socket = None;
        }
        is_there
    }
}

fn spawn(launch: &Launch, depth: u32, configuration: Configuration) -> io::Result<Worker> {
    let (ours, theirs) = UnixStream::pair()?;
    // Larger buffers than the default, if the system allows them: a large item is sent in fewer pieces.
    for socket in [&ours, &theirs] {
        let _ = set_socket_send_buffer_size(socket, 1 << 20);
    }
    let mark = Mark { parent: std::process::id(), depth };
    let mut command = Command::new(path()?);
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    let mut process = command
        .args(&launch.arguments)
        .env(VARIABLE, format!("{mark}"))
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // The command still holds its end of the socket.
    drop(command);
    let (stdout, stderr) = outputs(&mut process).inspect_err(|_| {
        let _ = process.kill();
        let _ = process.wait();
    })?;
    let mut worker = Worker::new(process, ours, stdout, stderr, launch.identity, launch.is_test);
    let Configuration { init, memory, is_async, .. } = configuration;
    let hello = Hello { executable: launch.identity, init, memory, is_async };
    // The message is small and the first one, so there is room for it.
    let _ = worker.send(&[&hello.write()]);
    Ok(worker)
}

fn outputs(process: &mut Child) -> io::Result<(Output, Output)> {
    match (process.stdout.take(), process.stderr.take()) {
        (Some(stdout), Some(stderr)) => {
            Ok((Output::new(stdout.into(), Target::Stdout)?, Output::new(stderr.into(), Target::Stderr)?))
        }
        _ => Err(io::ErrorKind::BrokenPipe.into()),
    }
}
