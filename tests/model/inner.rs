//! A call in the body of another.

use opero::{Error, opero};

use crate::case::{Failed, Inner, Step};
use crate::stage::{Stage, end};

/// A use with the options of the inner call. The names of its bindings are arguments.
macro_rules! used {
    ($stage:ident $options:ident $number:ident $($body:tt)*) => {
        opero! {
            name: "inner",
            clock: &*$stage.clock,
            retries: $options.retries.unwrap(),
            backoff: $options.backoff.unwrap(),
            min_delay: $options.min_delay.unwrap(),
            max_delay: $options.max_delay.unwrap(),
            timeout: $options.timeout.unwrap(),
            deadline: $options.deadline.unwrap(),
            attempt: $number
            => $($body)*
        }
    };
}

/// Makes the call. Its attempts are recorded after those of `before`.
pub(crate) fn ask(stage: &Stage<'_>, who: usize, before: u32, inner: &Inner) -> Result<u32, Error<Failed>> {
    let options = inner.options.written_out();
    used! { stage options number {
        stage.note_start(who, before + number, 0);
        let step = step(inner, number);
        stage.clock.advance(step.works + step.waits);
        end(&step.then, 0)
    } }
}

/// Like `ask`, without blocking.
pub(crate) async fn ask_async(stage: &Stage<'_>, who: usize, before: u32, inner: &Inner) -> Result<u32, Error<Failed>> {
    let options = inner.options.written_out();
    used! { stage options number async {
        stage.note_start(who, before + number, 0);
        let step = step(inner, number);
        stage.work(step).await;
        end(&step.then, 0)
    } }
    .await
}

fn step(inner: &Inner, number: u32) -> &Step {
    &inner.script.steps[(number as usize - 1) % inner.script.steps.len()]
}
