//! The report and the page of all uses.

use std::env;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use opero::time::ManualClock;
use opero::{observe, opero, opmap};

const MS: fn(u64) -> Duration = Duration::from_millis;
const ALONE: &str = "OPERO_TEST_ALONE";

/// Runs a test in a process of its own, in which no other use has run.
fn alone(name: &str, test: impl FnOnce()) {
    if env::var_os(ALONE).is_some() {
        return test();
    }
    let program = env::current_exe().expect("the test is a file");
    let output = Command::new(program).args(["--exact", name]).env(ALONE, "1").output().expect("it can be run again");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

/// The section of the page about a site.
fn section(name: &str) -> String {
    let page = observe::html();
    let mut sections = page.split("<section ").skip(1);
    let section = sections.find(|section| section.contains(&format!("\">{name}</h2>")));
    section.unwrap_or_else(|| panic!("no section of {name} in {page}")).into()
}

#[test]
fn the_report_has_a_line_for_each_use_that_has_run() {
    alone("the_report_has_a_line_for_each_use_that_has_run", || {
        assert_eq!(observe::report().to_string(), "No use of opero! or opmap! has run yet.");
        let clock = ManualClock::new();
        let ask = |works_from: u32| {
            opero! { name: "ask", retries: 1, min_delay: 100ms, clock: &clock, attempt: n => {
                clock.advance(MS(2));
                if n < works_from { Err("busy") } else { Ok(n) }
            } }
        };
        assert_eq!([ask(1), ask(2), ask(1)].map(Result::ok), [Some(1), Some(2), Some(1)]);
        assert!(ask(3).is_err());
        let load = |key: u32| {
            opero! { name: "load", cache, key: key, clock: &clock => {
                clock.advance(MS(30));
                Ok::<_, String>(key)
            } }
        };
        assert_eq!([1, 2, 1, 1].map(load).map(Result::ok), [1, 2, 1, 1].map(Some));
        let send = |max_wait| {
            opero! { name: "send", rate: 1/s, max_wait: max_wait, clock: &clock => {
                clock.advance(Duration::from_micros(3));
                Ok::<_, String>(())
            } }
        };
        assert_eq!([MS(1000), MS(1000), MS(0)].map(send).map(|sent| sent.is_ok()), [true, true, false]);
        let panicked = std::panic::catch_unwind(|| {
            opero! { name: "panics", retries: 1 => {
                assert!(env::var_os(ALONE).is_none(), "on purpose");
                Ok::<_, String>(())
            } }
        });
        assert!(panicked.is_err());
        let expected = "\
site         calls  success  saved  failed  retries    p50     p99   hits  waited  refused
ask              4    75.0%      1       1        2   2 ms  104 ms      -       -        -
load             4     100%      -       0        -  30 ms   30 ms  50.0%       -        -
send             3    66.7%      -       1        -   3 µs    3 µs      -     1 s        1
panics           1       0%      -       1        -      -       -      -       -        -
──────────────────────────────────────────────────────────────────────────────────────────
all 4 sites     12    75.0%      1       3        2                 50.0%     1 s        1

panics: 1 panicked";
        assert_eq!(observe::report().to_string(), expected);
    });
}

#[test]
fn uses_with_one_name_are_distinguished_by_their_lines() {
    for _ in 0..2 {
        opero! { name: "twin", retries: 1 => Ok::<_, String>(()) }.unwrap();
    }
    let first = line!() - 2;
    opero! { name: "twin", retries: 1 => Ok::<_, String>(()) }.unwrap();
    let second = line!() - 1;
    let report = observe::report().to_string();
    let calls_of = |line| {
        let start = format!("twin:{line} ");
        let line = report.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{report}"));
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!((calls_of(first), calls_of(second)), ("2".into(), "1".into()));
}

#[test]
fn the_page_shows_every_call_in_the_slot_it_ended_in() {
    for n in 0..500_u32 {
        let outcome = opero! { name: "slotted", retries: 1, min_delay: 0s, attempt: attempt =>
            if n % 5 == 0 || n % 5 == 1 && attempt == 1 { Err("busy") } else { Ok(n) }
        };
        assert_eq!(outcome.is_err(), n % 5 == 0);
    }
    let section = section("slotted");
    let mut sums = [0; 3];
    for row in section.split("<tr><th scope=\"row\">").skip(1) {
        let cells = row.split("<td>").skip(1).filter_map(|cell| cell.split('<').next()?.parse::<u32>().ok());
        sums.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += cell);
    }
    assert_eq!(sums, [500, 100, 100], "calls, saved, failed: {section}");
    assert!(section.contains("<b>Latency</b>") && section.contains("<b>Outcomes</b>"), "{section}");
    assert!(!section.contains("<b>Waiting</b>"), "no call had to wait: {section}");
}

#[test]
fn the_page_escapes_the_name_of_a_use() {
    opero! { name: "<script>alert(\"&'\")</script>", retries: 1 => Ok::<_, String>(()) }.unwrap();
    let page = observe::html();
    assert!(page.contains("&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;"), "{page}");
    assert!(!page.contains("<script"), "{page}");
}

#[test]
fn a_call_and_a_listener_can_create_the_report_and_the_page() {
    let asked = AtomicU64::new(0);
    let ask = || {
        assert!(observe::report().to_string().contains("asks"));
        assert!(observe::html().contains("asks"));
        asked.fetch_add(1, Relaxed);
    };
    let outcome = opero! { name: "asks", retries: 1, min_delay: 0s, on_event: |_| ask() => {
        ask();
        Err::<(), _>("busy")
    } };
    assert!(outcome.is_err());
    assert_eq!(asked.load(Relaxed), 4, "two runs, a retry and the end");
}

#[test]
fn no_call_is_lost_while_reports_are_created() {
    const CALLS: u32 = 20_000;
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                assert!(observe::html().ends_with("</html>\n"));
                assert!(!observe::report().to_string().is_empty());
            }
        });
        let results = opmap! { n in 0..CALLS, name: "watched", workers: 2, retries: 1, min_delay: 0s, attempt: attempt =>
            if n % 100 == 0 && attempt == 1 { Err("busy") } else { Ok(n) }
        };
        is_over.store(true, Relaxed);
        assert!(results.iter().all(Result::is_ok));
    });
    let counts = observe::site("watched").get().expect("it has run").counts();
    assert_eq!((counts.calls, counts.after_retry), (CALLS.into(), u64::from(CALLS / 100)));
    assert!(observe::report().to_string().contains("watched"));
}
