//! Whether this process may have children, which requires a call of `init`.

use super::executable::{DEEPEST, Launch, Mark};
use crate::sync::{Mutex, lock};

static LAUNCH: Mutex<Option<Result<Launch, ()>>> = Mutex::new(None);

/// Records the call of `init` and how to start children. The first call counts.
pub(super) fn note(launch: std::io::Result<Launch>) {
    lock(&LAUNCH).get_or_insert(launch.map_err(drop));
}

/// How to start a child, and the depth of that child.
pub(super) fn launch() -> Option<(Launch, u32)> {
    let launch = lock(&LAUNCH).clone()?.ok()?;
    Some((launch, depth() + 1))
}

/// The depth of this process: 0 if it is not a child.
fn depth() -> u32 {
    Mark::of_this_process().map_or(0, |mark| mark.depth)
}

/// Why this process cannot have children.
pub(crate) fn problem() -> Option<&'static str> {
    match &*lock(&LAUNCH) {
        None => Some(
            "the map runs in child processes, and this program has not called `opero::process::init()`; call it in the first \
             line of `main`, or write `opero::process::init_test!();` in the first line of a test",
        ),
        Some(Err(())) => Some("the map runs in child processes, and the file of this program cannot be found"),
        Some(Ok(_)) if depth() >= DEEPEST => {
            Some("the map runs in child processes, and this process is one already, at the deepest of four levels")
        }
        Some(Ok(_)) => None,
    }
}
