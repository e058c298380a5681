//! Two concurrent calls of one key: one runs, and the other gets its value.

use futures_lite::future::{block_on, poll_once, yield_now};
use opero::opero;

/// They belong to the use `shared`.
pub(crate) fn two_at_once() {
    let load = || {
        opero! { name: "shared", cache, key: 1 => async {
            yield_now().await;
            Ok::<_, String>(1)
        } }
    };
    let (mut runs, mut waits) = (Box::pin(load()), Box::pin(load()));
    block_on(async {
        assert_eq!((poll_once(&mut runs).await, poll_once(&mut waits).await), (None, None));
        assert_eq!((runs.await, waits.await), (Ok(1), Ok(1)));
    });
}
