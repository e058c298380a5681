//! Runs a case by the macro: one use for each set of layers, blocking and async, with all options of the call written
//! out; and the same without retries and fallback, whose body runs once.

use opero::policy::Rate;
use opero::{Error, cache, opero};

use crate::case::{Case, Failed, Form, Told};
use crate::stage::{Ages, NAMESPACE, Stage};

type Answer = Result<u32, Error<Failed>>;

pub(crate) fn play(case: &Case, form: Form, ages: &Ages) -> Vec<Told> {
    if case.options.cache.is_some() {
        cache::clear(Some(NAMESPACE));
    }
    let stage = &Stage::new(case).later(ages.next());
    match (form, case.is_once) {
        (Form::Blocking, false) => stage.play(|who| blocking(stage, who)),
        (Form::Blocking, true) => stage.play(|who| blocking_once(stage, who)),
        (Form::Async, false) => stage.play_async(|who| asynchronous(stage, who)),
        (Form::Async, true) => stage.play_async(|who| asynchronous_once(stage, who)),
    }
}

/// Passes the layers of the case to `$used`.
macro_rules! by_layers {
    ($stage:ident $who:ident $used:ident) => {{
        let (stage, options) = ($stage, &$stage.case.options);
        let (burst, max_wait) = (options.burst.unwrap(), options.max_wait.unwrap());
        let (rate, per_args) = (options.rate.map(|interval| Rate::new(1, interval)), options.per_args.is_some());
        match (options.cache, &stage.memory, rate) {
            (None, _, None) => $used! {},
            (None, _, Some(rate)) if per_args => $used! {
                rate: rate, burst: burst, max_wait: max_wait, scope: per_args, key: stage.key($who)
            },
            (None, _, Some(rate)) => $used! { rate: rate, burst: burst, max_wait: max_wait },
            (Some(time), None, None) => $used! { cache: time, namespace: NAMESPACE, key: stage.key($who) },
            (Some(time), None, Some(rate)) if per_args => $used! {
                cache: time, namespace: NAMESPACE, key: stage.key($who),
                rate: rate, burst: burst, max_wait: max_wait, scope: per_key(stage.key($who))
            },
            (Some(time), None, Some(rate)) => $used! {
                cache: time, namespace: NAMESPACE, key: stage.key($who), rate: rate, burst: burst, max_wait: max_wait
            },
            (Some(time), Some(memory), None) => $used! {
                cache: time, namespace: NAMESPACE, store: memory, key: stage.key($who)
            },
            (Some(time), Some(memory), Some(rate)) if per_args => $used! {
                cache: time, namespace: NAMESPACE, store: memory, key: stage.key($who),
                rate: rate, burst: burst, max_wait: max_wait, scope: per_key(stage.key($who))
            },
            (Some(time), Some(memory), Some(rate)) => $used! {
                cache: time, namespace: NAMESPACE, store: memory, key: stage.key($who),
                rate: rate, burst: burst, max_wait: max_wait
            },
        }
    }};
}

/// A use whose body may run again. The names of its bindings are arguments.
macro_rules! again {
    ($stage:ident $who:ident { $($body:tt)* } $number:ident $candidate:ident $($layers:tt)*) => {{
        let (options, script) = (&$stage.case.options, &$stage.case.calls[$who]);
        let list: Vec<usize> = (0..options.fallback.unwrap()).collect();
        opero! {
            name: "model",
            clock: &*$stage.clock,
            retries: options.retries.unwrap(),
            backoff: if script.has_no_backoff { f64::NAN } else { options.backoff.unwrap() },
            min_delay: options.min_delay.unwrap(),
            max_delay: options.max_delay.unwrap(),
            retry_on: Failed { kind, .. } if options.retry_on.unwrap().has(*kind),
            retry_after: |error: &Failed| options.retry_after.and(error.retry_after),
            fallback: $candidate in list,
            fallback_delay: options.fallback_delay.unwrap(),
            fallback_on: Failed { kind, .. } if options.fallback_on.unwrap().has(*kind),
            timeout: options.timeout.unwrap(),
            deadline: script.deadline.or(options.deadline).unwrap(),
            attempt: $number,
            $($layers)*
            => $($body)*
        }
    }};
}

/// A use whose body runs once.
macro_rules! once {
    ($stage:ident $who:ident { $($body:tt)* } $($layers:tt)*) => {{
        let (options, script) = (&$stage.case.options, &$stage.case.calls[$who]);
        opero! {
            name: "model",
            clock: &*$stage.clock,
            timeout: options.timeout.unwrap(),
            deadline: script.deadline.or(options.deadline).unwrap(),
            $($layers)*
            => $($body)*
        }
    }};
}

fn blocking(stage: &Stage<'_>, who: usize) -> Answer {
    macro_rules! used {
        ($($layers:tt)*) => { again! { stage who { stage.execute(who, n, *c) } n c $($layers)* } };
    }
    by_layers! { stage who used }
}

fn blocking_once(stage: &Stage<'_>, who: usize) -> Answer {
    macro_rules! used {
        ($($layers:tt)*) => { once! { stage who { stage.execute(who, 1, 0) } $($layers)* } };
    }
    by_layers! { stage who used }
}

async fn asynchronous(stage: &Stage<'_>, who: usize) -> Answer {
    macro_rules! used {
        ($($layers:tt)*) => {
            again! { stage who { async { stage.execute_async(who, n, *c).await } } n c $($layers)* }.await
        };
    }
    by_layers! { stage who used }
}

async fn asynchronous_once(stage: &Stage<'_>, who: usize) -> Answer {
    macro_rules! used {
        ($($layers:tt)*) => {
            once! { stage who { async move { stage.execute_async(who, 1, 0).await } } $($layers)* }.await
        };
    }
    by_layers! { stage who used }
}
