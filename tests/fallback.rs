//! Fallback: which candidates are tried, in which order, and what the binding is.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use opero::opero;
use opero::time::ManualClock;

fn ask(model: &str, good: &str) -> Result<String, String> {
    if model == good { Ok(model.to_owned()) } else { Err(format!("{model} is down")) }
}

#[test]
fn candidates_are_tried_in_order_in_each_round() {
    let clock = ManualClock::new();
    let mut seen = Vec::new();
    let outcome = opero! { retries: 1, clock: &clock, fallback: model in ["a", "b"] => {
        seen.push(model);
        Err::<(), _>(format!("{model} is down"))
    } };
    let error = outcome.unwrap_err();
    assert_eq!(seen, ["a", "b", "a", "b"]);
    let told: Vec<_> = error.attempts().iter().map(|a| (a.number(), a.retry(), a.candidate())).collect();
    assert_eq!(told, [(1, 0, Some(0)), (2, 0, Some(1)), (3, 1, Some(0)), (4, 1, Some(1))]);
    assert_eq!(clock.elapsed(), Duration::from_millis(100));
    assert_eq!(error.last().map(String::as_str), Some("b is down"));
}

#[test]
fn the_first_good_candidate_answers() {
    assert_eq!(opero! { fallback: m in ["a", "b", "c"] => ask(m, "b") }, Ok("b".to_owned()));
}

#[test]
fn any_list_of_items_is_accepted() {
    let models = vec!["a".to_owned(), "b".to_owned()];
    let listed = models.clone();
    let get = || listed.clone();
    let good = Ok("b".to_owned());
    assert_eq!(opero! { fallback: m in models => ask(m, "b") }, good, "a Vec, moved");
    let models = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(opero! { fallback: m in &models => ask(m, "b") }, good, "a &Vec");
    assert_eq!(opero! { fallback: m in models[..] .iter().collect::<Vec<_>>() => ask(m, "b") }, good, "references");
    assert_eq!(opero! { fallback: m in &models[..] => ask(m, "b") }, good, "a slice");
    assert_eq!(opero! { fallback: m in models.as_slice() => ask(m, "b") }, good, "what a method gives");
    assert_eq!(opero! { fallback: m in get() => ask(m, "b") }, good, "what a function gives");
    assert_eq!(opero! { fallback: m in &["a", "b"] => ask(m, "b") }, good, "a borrowed array");
    assert_eq!(opero! { fallback: m in VecDeque::from(["a", "b"]) => ask(m, "b") }, good, "a deque");
    assert_eq!(opero! { fallback: m in BTreeSet::from(["a", "b"]) => ask(m, "b") }, good, "a set");
    assert_eq!(opero! { fallback: m in Box::<[&str]>::from(["a", "b"]) => ask(m, "b") }, good, "a box");
    let shared = std::sync::Mutex::new(models);
    assert_eq!(opero! { fallback: m in shared.lock().unwrap() => ask(m, "b") }, good, "what a guard holds");
    assert_eq!(opero! { fallback: m in &*shared.lock().unwrap() => ask(m, "b") }, good, "a temporary");
}

#[test]
fn an_iterator_is_the_list_of_its_items() {
    let models = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let asked = std::cell::RefCell::new(Vec::new());
    let ask = |m: &str| {
        asked.borrow_mut().push(m.to_owned());
        Err::<(), _>("down")
    };
    let all = |outcome: Result<(), opero::Error<&str>>| {
        assert!(outcome.unwrap_err().is_all_failed());
        asked.take().concat()
    };
    assert_eq!(all(opero! { fallback: m in models.iter().rev() => ask(m) }), "cba");
    assert_eq!(all(opero! { fallback: m in models.iter().skip(1) => ask(m) }), "bc");
    assert_eq!(all(opero! { fallback: m in models.iter().map(String::as_str) => ask(m) }), "abc");
    assert_eq!(
        all(opero! { fallback: m in models.iter().map(|m| m.repeat(2)) => ask(m) }),
        "aabbcc",
        "owned, and kept"
    );
    assert_eq!(all(opero! { fallback: m in models.clone().into_iter() => ask(m) }), "abc");
    assert_eq!(all(opero! { fallback: m in "b a".split(' ') => ask(m) }), "ba");
    assert_eq!(all(opero! { fallback: m in std::iter::once("x") => ask(m) }), "x");
    let boxed: Box<dyn Iterator<Item = &str>> = Box::new(["p", "q"].into_iter());
    assert_eq!(all(opero! { fallback: m in boxed => ask(m) }), "pq");
    let mut some = models.iter();
    assert_eq!(all(opero! { fallback: m in &mut some => ask(m) }), "abc");
    assert_eq!(all(opero! { fallback: m in Some("x") => ask(m) }), "x", "an option");
    assert_eq!(
        all(opero! { fallback: m in models.iter().rev(), retries: 1, min_delay: 0s => ask(m) }),
        "cbacba",
        "each round goes through all candidates"
    );
    let later = opero! { fallback: m in models.iter().rev() => async { ask(m) } };
    assert_eq!(all(futures_lite::future::block_on(later)), "cba");
    let owning = opero! { fallback: m in models.iter().rev(), name: "owning" => async move { ask(m) } };
    assert_eq!(all(futures_lite::future::block_on(owning)), "cba");
    let call = opero! { fallback: m in models.iter().rev() => |_n: u32| ask(m) };
    assert_eq!(all(call(1)), "cba");
}

#[test]
fn a_range_is_a_list_of_numbers() {
    let divided = opero! { fallback: n in 1..4 => if *n == 3 { Ok(6 / n) } else { Err("no") } };
    assert_eq!(divided, Ok(2));
    assert_eq!(
        opero! { fallback: port in 8080..=8082_u16 => if *port < 8082 { Err("in use") } else { Ok(*port) } },
        Ok(8082)
    );
    assert_eq!(
        opero! { fallback: c in ('a'..='c').rev(), attempt: n => if n < 3 { Err("no") } else { Ok(*c) } },
        Ok('a')
    );
    assert!(opero! { fallback: n in 1..1 => Ok::<u32, String>(*n) }.unwrap_err().is_configuration());
    let endless = opero! { fallback: n in 1_u32.. => Ok::<u32, String>(*n) }.unwrap_err();
    assert!(endless.is_configuration() && endless.to_string().contains("`fallback: n`"), "{endless}");
}

#[cfg(feature = "cache")]
#[test]
fn an_iterator_is_part_of_the_key_as_the_list_of_its_items() {
    use opero::cache::{Key, Store};
    fn good(models: &[&str], good: &str) -> Result<String, opero::Error<String>> {
        opero! { cache, fallback: m in models.iter().rev() => ask(m, good) }
    }
    assert_eq!((good(&["a", "b"], "a"), good(&["a"], "a")), (Ok("a".into()), Ok("a".into())));
    let memory = opero::cache::Memory::new();
    let store = |models: &[&str]| {
        opero! { cache, store: &memory, name: "ask", fallback: m in models.iter().rev() => ask(m, "a") }
    };
    assert_eq!(store(&["a", "b"]), Ok("a".into()));
    assert!(memory.contains(&Key::new("opero", "ask", &(["b", "a"], "a"))).unwrap());
}

#[test]
fn the_binding_is_the_item_by_reference() {
    fn of_str(text: &'static str) -> Result<u8, std::num::ParseIntError> {
        text.parse()
    }
    let numbers = [80_u16, 81];
    let outcome =
        opero! { fallback: port in numbers => { let p: &u16 = port; if *p == 81 { Ok(*p) } else { Err("no") } } };
    assert_eq!(outcome, Ok(81));
    assert!(opero! { fallback: m in ["a", "7"] => of_str(m) }.is_ok(), "a &str keeps its lifetime");
    let pairs = [("a", 1), ("b", 2)];
    assert_eq!(opero! { fallback: pair in pairs => { let (m, n) = pair; ask(m, "b").map(|_| *n) } }, Ok(2));
}

fn generic<T: Clone + PartialEq>(list: &[T], good: &T) -> Result<T, opero::Error<String>> {
    opero! { fallback: item in list => if item == good { Ok(item.clone()) } else { Err("no".to_owned()) } }
}

#[test]
fn generic_items_are_bound_by_reference() {
    assert_eq!(generic(&[1, 2, 3], &3), Ok(3));
    assert_eq!(generic(&["a", "b"], &"b"), Ok("b"));
}

#[test]
fn an_empty_list_is_a_configuration_error_that_names_the_binding() {
    let none: [&str; 0] = [];
    let error = opero! { retries: 3, fallback: model in none => ask(model, "b") }.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("`fallback: model`"), "{error}");
    assert!(error.attempts().is_empty());
    let error = opero! { fallback: host in Vec::<String>::new() => ask(host, "b") }.unwrap_err();
    assert!(error.to_string().contains("host"), "{error}");
}

#[test]
fn fallback_delay_is_the_pause_between_candidates() {
    let clock = ManualClock::new();
    let outcome = opero! {
        fallback_delay: 250ms, retries: 1, min_delay: 1s, fallback: m in ["a", "b", "c"], clock: &clock => ask(m, "x")
    };
    let offsets: Vec<_> = outcome.unwrap_err().attempts().iter().map(|a| a.offset().as_millis()).collect();
    assert_eq!(offsets, [0, 250, 500, 1500, 1750, 2000]);
}

#[test]
fn fallback_on_lets_only_some_errors_reach_the_next_candidate() {
    let mut seen = Vec::new();
    let outcome = opero! {
        fallback: m in ["a", "b", "c"], fallback_on: 500.. | 429, retries: 1, min_delay: 0s, retry_on: 400..=499 => {
            seen.push(m);
            Err::<(), u16>(if m == "b" { 404 } else { 503 })
        }
    };
    assert_eq!(seen, ["a", "b", "a", "b"], "404 ends the round, and the round is retried for it");
    assert_eq!(outcome.unwrap_err().into_last(), Some(404));
}

#[test]
fn the_error_of_the_rounds_last_candidate_decides_on_a_retry() {
    let mut calls = 0;
    let outcome = opero! { fallback: m in ["a", "b"], retries: 3, min_delay: 0s, retry_if: |e: &String| e.starts_with('a') => {
        calls += 1;
        ask(m, "x")
    } };
    assert_eq!((calls, outcome.unwrap_err().attempts().len()), (2, 2));
}

#[test]
fn attempt_counts_over_candidates_too() {
    let outcome = opero! { fallback: m in ["a", "b"], attempt: n, retries: 1, min_delay: 0s =>
        if n == 4 { Ok((m, n)) } else { Err("no") }
    };
    assert_eq!(outcome, Ok(("b", 4)));
}

#[test]
fn a_call_without_a_list_has_no_candidates() {
    assert_eq!(opero! { => Err::<(), _>(1) }.unwrap_err().attempts()[0].candidate(), None);
}
