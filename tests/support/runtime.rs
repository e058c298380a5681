//! The runtime that the async tests run on, chosen by the environment: `.ci/test` runs them on each.

use core::future::Future;
use std::env;
use std::sync::OnceLock;

use async_executor::LocalExecutor;
use tokio::runtime::{Builder, Runtime};

/// Runs a future on the runtime that `OPERO_RUNTIME` names; without it, on the `block_on` of futures-lite.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let name = env::var("OPERO_RUNTIME");
    match name.as_deref().unwrap_or("futures-lite") {
        "futures-lite" => futures_lite::future::block_on(future),
        "smol" => smol::block_on(future),
        "tokio-many" => many_threads().block_on(future),
        "tokio-one" => one_thread().block_on(future),
        "async-executor-in-tokio" => {
            let executor = LocalExecutor::new();
            let task = executor.spawn(future);
            one_thread().block_on(executor.run(task))
        }
        "futures" => futures_executor::block_on(future),
        "pollster" => pollster::block_on(future),
        other => panic!("OPERO_RUNTIME is {other:?}, which is not a runtime"),
    }
}

fn many_threads() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
}

/// One runtime for each call: tests of one process run concurrently, and each must drive its own timers.
fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
