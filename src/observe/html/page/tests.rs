use alloc::string::ToString;
use alloc::vec;

use super::*;
use crate::observe::history::Tally;
use crate::observe::{Counts, Latency};

const MS: fn(u64) -> Duration = Duration::from_millis;
const HOSTILE: &str = "</title><script>alert('1')</script> & \"x\"";

fn section(name: &str, slots: Vec<Slot>) -> Section {
    let mut latency = Latency::default();
    latency.record(MS(204));
    let counts = Counts { calls: 12, successes: 9, failures: 3, after_retry: 2, panicked: 1, ..Counts::default() };
    let row = Row { name: name.into(), counts, latency: Some(latency) };
    Section { row, module: "shop::prices", file: "src/prices.rs", line: 7, slots }
}

fn page(now: Duration, sections: Vec<Section>) -> String {
    Page { sections, scale: Scale::at(now), now, time: "2026-03-01T09:30:00".into() }.to_string()
}

fn busy() -> Tally {
    Tally {
        at_once: 5,
        saved: 2,
        failed: 1,
        refused: 2,
        abandoned: 2,
        rate_waits: 2,
        rate_waited: 30_000_000,
        cache_waits: 1,
        cache_waited: 5_000_000,
    }
}

/// A page with everything a page can contain.
fn full() -> String {
    let slots = vec![Slot::new(3, busy(), &[MS(10), MS(200)]), Slot::new(4, busy(), &[MS(20)])];
    page(Duration::from_millis(10_700), vec![section(HOSTILE, slots), section("idle", vec![])])
}

/// Fails if elements are not nested correctly.
fn assert_is_nested(markup: &str) {
    let mut open = Vec::new();
    for tag in markup.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or("")) {
        let name = tag.trim_matches('/').split(' ').next().unwrap_or("");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

/// Returns every text between `start` and `end`.
fn between<'a>(page: &'a str, start: &'a str, end: &'a str) -> Vec<&'a str> {
    page.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn the_page_loads_nothing_and_has_no_script() {
    let page = full();
    for unwanted in [
        "http",
        "//",
        "<script",
        "src=",
        "@import",
        "@font-face",
        "<link",
        "<iframe",
        "javascript:",
        " onload",
        " onclick",
    ] {
        let found = page.find(unwanted).map(|place| &page[place..(place + 40).min(page.len())]);
        assert_eq!(found, None, "{unwanted}");
    }
    assert!(between(&page, "url(", ")").iter().all(|target| target.starts_with('#')));
    assert!(between(&page, "href=\"", "\"").iter().all(|target| target.starts_with("#site-")));
}

#[test]
fn a_name_cannot_become_markup() {
    let page = full();
    let escaped = "&lt;/title&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;";
    assert_eq!(page.matches(escaped).count(), 3, "in the list, over its section, and in the label of its table");
    assert_eq!(page.matches("alert(").count(), 3);
}

#[test]
fn every_element_is_closed_and_every_id_is_there_once() {
    let page = full();
    let body = page.split_once("</head>").map_or("", |(_, body)| body).trim_end().trim_end_matches("</html>");
    assert_is_nested(body);
    let ids = between(&page, " id=\"", "\"");
    assert!(ids.iter().all(|id| ids.iter().filter(|other| other == &id).count() == 1), "{ids:?}");
    for target in between(&page, "href=\"#", "\"").into_iter().chain(between(&page, "url(#", ")")) {
        assert!(ids.contains(&target), "{target}");
    }
}

#[test]
fn charts_describe_themselves_in_words() {
    let page = full();
    let labels = between(&page, "role=\"img\" aria-label=\"", "\"");
    assert_eq!(
        labels,
        [
            "Latency over time: latest p50 20 ms, latest p99 20 ms, highest p99 193 ms",
            "Outcomes over time: 10 succeeded at once, 4 saved by a retry or fallback, 4 abandoned, 4 refused, 2 failed",
            "Mean wait of calls that had to wait, over time: at most 15 ms",
        ]
    );
}

#[test]
fn slots_are_drawn_at_their_time() {
    let page = full();
    // 30 slots are shown, of which number 10 is the last: number 3 is the 23rd, and 4 follows it.
    let p99 = between(&page, "<path class=\"line dashed p99\" d=\"", "\"");
    assert_eq!(p99, ["M0 60H180", "M220 36H230L230 901H240"]);
    let failed = between(&page, "<path class=\"bar failed\" d=\"", "\"");
    assert_eq!(failed[1], "M220 934h10v66h-10zM230 934h10v66h-10z", "one of 15 a second");
}

#[test]
fn the_current_slot_is_extrapolated_from_its_middle_on() {
    let bars = |now| {
        let tally = Tally { at_once: 6, ..Tally::default() };
        let page = page(MS(now), vec![section("ask", vec![Slot::new(10, tally, &[])])]);
        between(&page, "<path class=\"bar at-once\" d=\"", "\"").get(1).map(ToString::to_string)
    };
    assert_eq!(bars(10_400), None);
    assert_eq!(bars(10_600).as_deref(), Some("M290 0h10v1000h-10z"), "10 a second");
    assert_eq!(bars(10_750).as_deref(), Some("M290 0h10v1000h-10z"), "8 a second");
}

#[test]
fn an_empty_page_says_that_nothing_has_run() {
    assert!(page(Duration::ZERO, vec![]).contains("<p>No use of opero! or opmap! has run yet.</p>"));
}

#[test]
fn a_page_of_many_sites_stays_small() {
    let slots = || (0..120).map(|number| Slot::new(number, busy(), &[MS(10), MS(number)])).collect();
    let page = page(Duration::from_secs(119), (0..20).map(|_| section("ask", slots())).collect());
    assert!(page.len() < 20 * 32_000, "{}", page.len());
}
