//! A case by the macro: four uses, each blocking and async, with all options of the call written out.

use opero::policy::Rate;
use opero::{Error, cache, opero};

use crate::case::{Case, Failed, Form, Told};
use crate::stage::{Ages, NAMESPACE, Stage};

type Answer = Result<u32, Error<Failed>>;

/// Can the macro say it? With a cache the key is the cache's.
pub(crate) fn can_say(case: &Case) -> bool {
    case.options.per_args.is_none() || case.options.cache.is_none()
}

pub(crate) fn play(case: &Case, form: Form, ages: &Ages) -> Vec<Told> {
    cache::clear(Some(NAMESPACE));
    let stage = &Stage::new(case, case.options.written_out()).later(ages.next());
    match form {
        Form::Blocking => stage.play(|who| blocking(stage, who)),
        Form::Async => stage.play_async(|who| asynchronous(stage, who)),
    }
}

/// A use with these layers. The names of its bindings belong to the macro, so its body stands here.
macro_rules! used {
    ($stage:ident $who:ident { $($body:tt)* } $number:ident $candidate:ident $($layers:tt)*) => {{
        let options = &$stage.options;
        let list: Vec<usize> = (0..options.fallback.unwrap()).collect();
        opero! {
            name: "model",
            clock: &$stage.clock,
            retries: options.retries.unwrap(),
            backoff: if $stage.case.calls[$who].has_no_backoff { f64::NAN } else { options.backoff.unwrap() },
            min_delay: options.min_delay.unwrap(),
            max_delay: options.max_delay.unwrap(),
            retry_on: Failed { kind, .. } if options.retry_on.unwrap().has(*kind),
            retry_after: |error: &Failed| options.retry_after.and(error.retry_after),
            fallback: $candidate in list,
            fallback_delay: options.fallback_delay.unwrap(),
            fallback_on: Failed { kind, .. } if options.fallback_on.unwrap().has(*kind),
            timeout: options.timeout.unwrap(),
            deadline: $stage.case.calls[$who].deadline.or(options.deadline).unwrap(),
            attempt: $number,
            $($layers)*
            => $($body)*
        }
    }};
}

fn blocking(stage: &Stage<'_>, who: usize) -> Answer {
    let options = &stage.options;
    macro_rules! used_blocking {
        ($($layers:tt)*) => { used! { stage who { stage.execute(who, n, *c) } n c $($layers)* } };
    }
    match (options.cache, options.rate) {
        (None, None) => used_blocking! {},
        (Some(time), None) => used_blocking! { cache: time, namespace: NAMESPACE, key: stage.key(who) },
        (None, Some(interval)) if options.per_args.is_some() => used_blocking! {
            rate: Rate::new(1, interval), burst: options.burst.unwrap(), max_wait: options.max_wait.unwrap(),
            scope: per_args, key: stage.key(who)
        },
        (None, Some(interval)) => used_blocking! {
            rate: Rate::new(1, interval), burst: options.burst.unwrap(), max_wait: options.max_wait.unwrap()
        },
        (Some(time), Some(interval)) => used_blocking! {
            cache: time, namespace: NAMESPACE, key: stage.key(who),
            rate: Rate::new(1, interval), burst: options.burst.unwrap(), max_wait: options.max_wait.unwrap()
        },
    }
}

async fn asynchronous(stage: &Stage<'_>, who: usize) -> Answer {
    let options = &stage.options;
    macro_rules! used_async {
        ($($layers:tt)*) => { used! { stage who { async { stage.execute_async(who, n, *c).await } } n c $($layers)* }.await };
    }
    match (options.cache, options.rate) {
        (None, None) => used_async! {},
        (Some(time), None) => used_async! { cache: time, namespace: NAMESPACE, key: stage.key(who) },
        (None, Some(interval)) if options.per_args.is_some() => used_async! {
            rate: Rate::new(1, interval), burst: options.burst.unwrap(), max_wait: options.max_wait.unwrap(),
            scope: per_args, key: stage.key(who)
        },
        (None, Some(interval)) => used_async! {
            rate: Rate::new(1, interval), burst: options.burst.unwrap(), max_wait: options.max_wait.unwrap()
        },
        (Some(time), Some(interval)) => used_async! {
            cache: time, namespace: NAMESPACE, key: stage.key(who),
            rate: Rate::new(1, interval), burst: options.burst.unwrap(), max_wait: options.max_wait.unwrap()
        },
    }
}
