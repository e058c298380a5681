//! Invalid values of options: refused before any wait, and before a permit is spent.

use opero::Scope;
use opero::cache::Memory;
use opero::policy::Rate;

use super::*;

/// Asserts that the call is refused in every way, with `told` in its error.
fn is_refused<C: Clock + Clone, J: ErrorPolicy<()> + Clone, L: Layer<(), ()> + Clone>(
    call: &Call<(), &'static str, C, J, L>,
    told: &str,
) {
    for way in WAYS {
        match way.run(call.clone(), |_| panic!("{way:?}: {told} is wrong")) {
            Err(Error::Configuration(error)) => assert!(error.problem().contains(told), "{way:?}: {error}"),
            outcome => panic!("{way:?}: {told}: {outcome:?}"),
        }
    }
}

#[test]
fn an_invalid_value_is_refused_at_once_and_spends_no_permit() {
    let clock = &ManualClock::new();
    // The clones share one permit in a minute.
    let base = Call::new("wrong").clock(clock).rate(Rate::new(1, Duration::from_secs(60))).cache(None);
    let call = base.clone().key("a");
    is_refused(&call.clone().backoff(0.5), "`backoff`");
    is_refused(&call.clone().backoff(f64::NAN), "`backoff`");
    is_refused(&call.clone().timeout(Duration::ZERO), "`timeout`");
    is_refused(&call.clone().deadline(Duration::ZERO), "`deadline`");
    #[cfg(feature = "memory")]
    is_refused(&call.clone().memory(0), "`memory`");
    is_refused(&call.clone().fallback("mirror", 0), "`fallback: mirror`");
    is_refused(&call.clone().cache(Duration::ZERO), "`cache`");
    is_refused(&call.clone().capacity(0), "`capacity`");
    is_refused(&call.clone().burst(0), "`burst`");
    is_refused(&call.clone().rate(Rate::new(0, SEC)), "`rate`");
    is_refused(&call.rate(Rate::new(1, Duration::ZERO)), "`rate`");
    is_refused(&base, "`key`");
    let memory = Memory::new();
    is_refused(&base.clone().key("a").store(&memory), "`store`");
    is_refused(&base.clone().store(&memory), "`key`");
    assert_eq!(base.store(&memory).key("a").run(|_| Ok(())), Ok(()), "the right order, and the permit");
    assert_eq!(clock.elapsed(), Duration::ZERO);
}

#[test]
fn an_invalid_value_is_refused_without_waiting_for_a_permit() {
    let clock = ManualClock::new();
    let call = Call::new("wrong").clock(&clock).rate(Rate::new(1, Duration::from_secs(60)));
    assert_eq!(call.clone().run(|_| Ok(())), Ok(()));
    is_refused(&call.clone().backoff(0.5), "`backoff`");
    is_refused(&call.clone().timeout(Duration::ZERO), "`timeout`");
    is_refused(&call.clone().fallback("mirror", 0), "`fallback: mirror`");
    is_refused(&call.clone().cache(None), "`key`");
    is_refused(&call.clone().cache(Duration::ZERO).key(&()), "`cache`");
    is_refused(&call.scope(Scope::PerArgs), "`key`");
    assert_eq!(clock.elapsed(), Duration::ZERO);
}

#[test]
fn a_rate_by_key_needs_a_key_and_room() {
    let clock = ManualClock::new();
    let call = Call::new("wrong").clock(&clock).rate(Rate::new(1, SEC)).scope(Scope::PerArgs);
    is_refused(&call, "`key`");
    is_refused(&call.clone().key("a").capacity(0), "`capacity`");
    assert_eq!(call.key("a").run(|_| Ok::<_, ()>(())), Ok(()));
}

#[test]
fn an_invalid_value_is_refused_without_waiting_for_a_run_of_its_entry() {
    let call = Call::new("wrong").clock(Arc::new(ManualClock::new())).cache(None).key(&());
    let inner = call.clone();
    let outcome = call.run(|_| {
        is_refused(&inner.clone().timeout(Duration::ZERO), "`timeout`");
        Ok::<_, ()>(())
    });
    assert_eq!(outcome, Ok(()));
}
