//! Runs a case by the builder: with the options that are set, and no others.

use std::time::Duration;

use opero::layer::Layer;
use opero::policy::{CurrentAttempt, ErrorPolicy, Rate};
use opero::{Call, Error, Scope};

use crate::case::{Case, Failed, Form, Told};
use crate::clock::TestClock;
use crate::stage::{NAMESPACE, Stage};

pub(crate) fn play(case: &Case, form: Form) -> Vec<Told> {
    let stage = &Stage::new(case);
    let options = &stage.case.options;
    let mut call = Call::new("model").clock(&*stage.clock);
    if let Some(count) = options.fallback {
        call = call.fallback("c", count);
    }
    if let Some(delay) = options.fallback_delay {
        call = call.fallback_delay(delay);
    }
    if let Some(timeout) = options.timeout {
        call = call.timeout(timeout);
    }
    if let Some(deadline) = options.deadline {
        call = call.deadline(deadline);
    }
    let falls_back = |error: &Failed| options.fallback_on.is_none_or(|kinds| kinds.has(error.kind));
    if !options.has_retries() {
        return with_layers(stage, (form, case.is_once), call.fallback_on(falls_back));
    }
    if let Some(retries) = options.retries {
        call = call.retries(retries);
    }
    if let Some(backoff) = options.backoff {
        call = call.backoff(backoff);
    }
    if let Some(delay) = options.min_delay {
        call = call.min_delay(delay);
    }
    if let Some(delay) = options.max_delay {
        call = call.max_delay(delay);
    }
    let is_accepted = |error: &Failed| options.retry_on.is_none_or(|kinds| kinds.has(error.kind));
    let asks_for = |error: &Failed| options.retry_after.and(error.retry_after);
    with_layers(stage, (form, case.is_once), call.retry_if(is_accepted).retry_after(asks_for).fallback_on(falls_back))
}

type Built<'s, J, L> = Call<Failed, &'static str, &'s TestClock, J, L>;

fn with_layers<'s, J: ErrorPolicy<Failed> + Clone>(
    stage: &'s Stage<'_>,
    way: (Form, bool),
    call: Built<'s, J, opero::layer::Layers>,
) -> Vec<Told> {
    let options = &stage.case.options;
    let (burst, max_wait) = (options.burst.unwrap_or(1), options.max_wait.unwrap_or(Duration::MAX));
    let scope = options.per_args.map_or(Scope::PerFunction, |()| Scope::PerArgs);
    let rate = |interval| Rate::new(1, interval);
    let time = |time: Duration| Some(time).filter(|time| *time != Duration::MAX);
    // Each layer changes the type, so each set of layers is a separate call.
    macro_rules! limited {
        ($call:expr, $interval:expr) => {
            $call.rate(rate($interval)).burst(burst).max_wait(max_wait).scope(scope)
        };
    }
    macro_rules! cached {
        ($call:expr, $time:expr) => {
            $call.cache(time($time)).capacity(100).namespace(NAMESPACE)
        };
    }
    macro_rules! keyed {
        ($call:expr) => {{
            let call = $call;
            run(stage, way, |who| call.clone().key(&stage.key(who)))
        }};
    }
    match (options.cache, &stage.memory, options.rate) {
        (None, _, None) => run(stage, way, |_| call.clone()),
        (None, _, Some(interval)) => keyed!(limited!(call, interval)),
        (Some(time_to_live), None, None) => keyed!(cached!(call, time_to_live)),
        (Some(time_to_live), None, Some(interval)) => keyed!(limited!(cached!(call, time_to_live), interval)),
        (Some(time_to_live), Some(memory), None) => keyed!(cached!(call, time_to_live).store(memory)),
        (Some(time_to_live), Some(memory), Some(interval)) => {
            keyed!(limited!(cached!(call, time_to_live).store(memory), interval))
        }
    }
}

fn run<'s, J: ErrorPolicy<Failed>, L: Layer<u32, Failed>>(
    stage: &'s Stage<'_>,
    way: (Form, bool),
    call: impl Fn(usize) -> Built<'s, J, L>,
) -> Vec<Told> {
    let call = |who: usize| {
        let (call, script) = (call(who), &stage.case.calls[who]);
        let call = if script.has_no_backoff { call.backoff(f64::NAN) } else { call };
        if let Some(deadline) = script.deadline { call.deadline(deadline) } else { call }
    };
    match way {
        (Form::Blocking, false) => stage.play(|who| -> Result<u32, Error<Failed>> {
            call(who).run(|at: CurrentAttempt| stage.execute(who, at.number(), at.candidate()))
        }),
        (Form::Blocking, true) => stage.play(|who| -> Result<u32, Error<Failed>> {
            call(who).run_once(|at: CurrentAttempt| stage.execute(who, at.number(), at.candidate()))
        }),
        (Form::Async, false) => stage.play_async(|who| {
            let body = async move |at: CurrentAttempt| stage.execute_async(who, at.number(), at.candidate()).await;
            call(who).run_async(body)
        }),
        (Form::Async, true) => stage.play_async(|who| {
            let body = async move |at: CurrentAttempt| stage.execute_async(who, at.number(), at.candidate()).await;
            call(who).run_once_async(body)
        }),
    }
}
