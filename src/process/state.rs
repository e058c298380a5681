//! Whether this process may have children: it may when it has called `init`.

use super::executable::{DEEPEST, Launch, Mark};
use crate::sync::{Mutex, lock};

static LAUNCH: Mutex<Option<Result<Launch, ()>>> = Mutex::new(None);

/// `init` was called, and children are started so. The first call counts.
pub(super) fn note(launch: std::io::Result<Launch>) {
    lock(&LAUNCH).get_or_insert(launch.map_err(drop));
}

/// How to start a child, and how deep it is then.
pub(super) fn launch() -> Option<(Launch, u32)> {
    let launch = lock(&LAUNCH).clone()?.ok()?;
    Some((launch, depth() + 1))
}

/// How many processes this one is a child of.
fn depth() -> u32 {
    Mark::of_this_process().map_or(0, |mark| mark.depth)
}

/// Why this process can have no children.
pub(crate) fn problem() -> Option<&'static str> {
    match &*lock(&LAUNCH) {
        None => Some(
            "the map runs in child processes, and this program has not called `opero::process::init()`; call it in the first \
             line of `main`, or write `opero::process::init_test!();` in the first line of a test",
        ),
        Some(Err(())) => Some("the map runs in child processes, and the file of this program cannot be found"),
        Some(Ok(_)) if depth() >= DEEPEST => Some(
            "the map runs in child processes, and this is a child of a child of a child of one already; that is as deep as it goes",
        ),
        Some(Ok(_)) => None,
    }
}
