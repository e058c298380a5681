//! The exact text of the analysis of a use.

use opero::policy::Retry;
use opero::{Limiter, observe, opero};

/// Runs a future that waits for nothing.
fn run<T>(future: impl Future<Output = T>) -> T {
    futures_lite::future::block_on(future)
}

fn text(name: &str) -> String {
    observe::analyze(name).unwrap_or_else(|| panic!("{name} has not run")).to_string()
}

opero! {
    retries: 3, cache: 60s, rate: 10/s, fallback: model in ["a", "b"] =>
    fn ask(question: &str) -> Result<String, opero::Error<String>> { Ok(format!("{model}: {question}")) }
}

#[test]
fn a_function_with_all_layers() {
    assert!(observe::analyze("ask").is_none(), "a function is known from its first call on");
    assert_eq!(ask("who?"), Ok("a: who?".into()));
    assert_eq!(
        text("ask"),
        "Analysis of 'ask':
  ✓ opero! applied
    - Retries: 3 attempts
    - Backoff: 1.5x exponential
    - Caching: memory backend, TTL: 60s
    - Rate limit: 10/sec
    - Fallback parameter: model
  Resilience layers (outer to inner):
    - cache
    - rate
    - retry
    - fallback"
    );
}

#[test]
fn only_the_lines_that_apply_are_shown() {
    opero! { name: "nothing" => Ok::<_, String>(()) }.unwrap();
    assert_eq!(text("nothing"), "Analysis of 'nothing':\n  ✓ opero! applied");
    opero! { name: "bare cache", cache, key: () => Ok::<_, String>(()) }.unwrap();
    assert_eq!(
        text("bare cache"),
        "Analysis of 'bare cache':
  ✓ opero! applied
    - Caching: memory backend, TTL: no limit
  Resilience layers (outer to inner):
    - cache"
    );
    opero! { name: "one", retries: 1, backoff: 2.0, rate: 100/min => Ok::<_, String>(()) }.unwrap();
    assert_eq!(
        text("one"),
        "Analysis of 'one':
  ✓ opero! applied
    - Retries: 1 attempt
    - Backoff: 2x exponential
    - Rate limit: 100/min
  Resilience layers (outer to inner):
    - rate
    - retry"
    );
}

#[test]
fn the_values_shown_are_those_of_the_first_call() {
    static LIMITER: Limiter = Limiter::new();
    let call = |retries| opero! { name: "values", retries: retries, rate: 1000/h, burst: 9, limiter: &LIMITER => Ok::<_, String>(()) };
    call(5).unwrap();
    call(7).unwrap();
    let info = observe::info("values").unwrap();
    let options: Vec<_> = info.options.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(options, ["retries: 5", "rate: 1000/hour", "burst: 9"]);
    assert_eq!(info.counts.calls, 2);
}

#[test]
fn an_async_use_is_analysed_like_a_blocking_one() {
    run(opero! { name: "later", retries: 2, timeout: 1s => async { Ok::<_, String>(()) } }).unwrap();
    assert_eq!(
        text("later"),
        "Analysis of 'later':
  ✓ opero! applied
    - Retries: 2 attempts
    - Backoff: 1.5x exponential
  Resilience layers (outer to inner):
    - retry
    - timeout"
    );
}

#[test]
fn adaptive_and_tuned_numbers_are_shown() {
    let policies = [Retry::new().retries(1), Retry::new().retries(5).backoff(2.0)];
    let call = || opero! { name: "adapts", adaptive: policies => Ok::<_, String>(()) };
    call().unwrap();
    assert_eq!(
        text("adapts"),
        "Analysis of 'adapts':
  ✓ opero! applied
    - Adaptive: still trying
  Resilience layers (outer to inner):
    - retry"
    );
    for _ in 0..20 {
        call().unwrap();
    }
    observe::site("adapts").tune("timeout", "5s").unwrap();
    let text = text("adapts");
    assert!(text.contains("\n    - Adaptive: settled\n    - Tuned: timeout: 5s\n"), "{text}");
    assert!(text.contains(" attempt"), "{text}");
}

#[test]
fn a_site_has_the_same_as_fields() {
    opero! { name: "pieces", retries: 2, rate: 1000/s => Ok::<_, String>(()) }.unwrap();
    let site = observe::site("pieces").get().unwrap();
    assert_eq!((site.kind(), site.layers()), ("opero!", vec!["rate".to_owned(), "retry".to_owned()]));
    assert_eq!(site.options(), [("retries", "2".to_owned()), ("rate", "1000/sec".to_owned())]);
}

#[test]
fn an_unknown_name_is_reported() {
    assert!(observe::analyze("f").is_none() && observe::info("f").is_none());
    assert_eq!(observe::explain("f"), "No use of opero named 'f' has run.");
}

#[cfg(feature = "map")]
mod maps {
    use opero::opmap;

    use super::*;

    #[test]
    fn a_map_on_threads() {
        opmap! { n in 0..3, name: "threads", retries: 2 => Ok::<_, String>(n) };
        assert_eq!(
            text("threads"),
            "Analysis of 'threads':
  ✓ opmap! applied
    - Mode: thread
    - Workers: 4
    - Ordered: true
    - Retries: 2 attempts
    - Backoff: 1.5x exponential
  Resilience layers (outer to inner):
    - retry"
        );
    }

    #[test]
    fn a_map_of_futures() {
        run(opmap! { n in 0..3, name: "futures", workers: 8, ordered: false => async { Ok::<_, String>(n) } });
        assert_eq!(
            text("futures"),
            "Analysis of 'futures':
  ✓ opmap! applied
    - Mode: async
    - Workers: 8
    - Ordered: false"
        );
    }

    #[cfg(feature = "rayon")]
    #[test]
    fn a_map_on_rayon() {
        opmap! { n in 0..3, name: "rayon map", mode: rayon, workers: 2 => Ok::<_, String>(n) };
        let info = observe::info("rayon map").unwrap();
        let map = info.map.unwrap();
        assert_eq!((map.mode, map.workers, map.ordered), ("rayon", 2, true));
        assert_eq!(info.counts.calls, 3);
    }
}
