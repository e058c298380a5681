use core::panic::AssertUnwindSafe;
use std::panic::{catch_unwind, resume_unwind};

use indicatif::InMemoryTerm;

use super::*;
use crate::error::Error;
use crate::map::Map;
use crate::map::progress::line::Line;
use crate::time::{BlockingDefault, ManualClock};

fn terminal(columns: u16) -> (InMemoryTerm, Screen) {
    let terminal = InMemoryTerm::new(10, columns);
    let shown = terminal.clone();
    (terminal, Screen::on(move || Box::new(shown.clone())))
}

impl Screen {
    fn show_one(&self, name: &'static str) -> (OnScreen, Arc<Tally>) {
        let mut tally = Tally::default();
        tally.begin((4, Some(4)), None);
        let tally = Arc::new(tally);
        (self.show(name.into(), Arc::clone(&tally)).expect("a thread can be started"), tally)
    }

    /// Does what the drawing thread does, without waiting for it.
    fn tick(&self) {
        let mut display = lock(&self.0);
        let is_empty = display.lines().next().is_none();
        if is_empty {
            display.clear();
        } else {
            display.draw();
        }
    }

    /// The contents of the terminal, never in the middle of a draw.
    fn contents(&self, terminal: &InMemoryTerm) -> String {
        let _drawn = lock(&self.0);
        terminal.contents()
    }

    /// The lines of the terminal without bars and without numbers that depend on the time.
    fn seen(&self, terminal: &InMemoryTerm) -> Vec<String> {
        let counts =
            |line: &str| line.split(" items").next().map(|line| line.replace(['█', '░'], "").replace("  ", " "));
        self.contents(terminal).lines().filter_map(counts).collect()
    }
}

#[test]
fn a_line_is_shown_before_the_first_item_ends() {
    let (terminal, screen) = terminal(40);
    let (shown, tally) = screen.show_one("pages");
    assert!(screen.contents(&terminal).starts_with("pages: 0/4 items, 0 failed, 0.0/s"));
    // They are seen without waiting for a later item to end.
    (0..3).for_each(|_| tally.count(false));
    screen.tick();
    assert!(screen.contents(&terminal).starts_with("pages: 3/4"), "{}", screen.contents(&terminal));
    drop(shown);
    assert_eq!(screen.contents(&terminal), "");
}

#[test]
fn the_screen_redraws_by_itself() {
    let (terminal, screen) = terminal(80);
    let (_shown, tally) = screen.show_one("pages");
    tally.count(false);
    let begun = Instant::now();
    while screen.seen(&terminal) != ["pages: 1/4"] {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", screen.contents(&terminal));
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn maps_are_shown_below_one_another_and_each_leaves_a_final_line() {
    let (terminal, screen) = terminal(60);
    let (outer, _) = screen.show_one("outer");
    let (inner, _) = screen.show_one("inner");
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["outer: 0/4", "inner: 0/4"]);
    inner.end(|width| alloc::format!("inner is done on {width}"));
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["inner is done on 60", "outer: 0/4"]);
    let (second, _) = screen.show_one("second");
    screen.tick();
    outer.end(|_| "outer is done".into());
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["inner is done on 60", "outer is done", "second: 0/4"]);
    drop(second);
    assert_eq!(screen.seen(&terminal), ["inner is done on 60", "outer is done"]);
}

#[test]
fn lines_are_cleared_during_an_aside() {
    let (terminal, screen) = terminal(60);
    let (_outer, _) = screen.show_one("outer");
    let aside = screen.aside();
    screen.tick();
    assert_eq!(screen.contents(&terminal), "");
    terminal.write_line("printed").unwrap();
    drop(aside);
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["printed", "outer: 0/4"]);
}

#[test]
fn a_map_inside_an_aside_is_shown() {
    let (terminal, screen) = terminal(60);
    let (_outer, _) = screen.show_one("outer");
    let aside = screen.aside();
    let (inner, _) = screen.show_one("inner");
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["outer: 0/4", "inner: 0/4"]);
    let inner_aside = screen.aside();
    screen.tick();
    assert_eq!(screen.contents(&terminal), "");
    drop(inner_aside);
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["outer: 0/4", "inner: 0/4"]);
    drop(inner);
    screen.tick();
    assert_eq!(screen.contents(&terminal), "", "the closure of the outer one goes on");
    drop(aside);
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["outer: 0/4"]);
}

#[test]
fn a_map_of_another_thread_is_not_shown_during_an_aside() {
    let (terminal, screen) = terminal(60);
    let (_mine, _) = screen.show_one("mine");
    let aside = screen.aside();
    let (_other, _) = thread::scope(|scope| scope.spawn(|| screen.show_one("other")).join().unwrap());
    screen.tick();
    assert_eq!(screen.contents(&terminal), "");
    drop(aside);
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["mine: 0/4", "other: 0/4"]);
}

#[test]
fn a_closure_that_panics_ends_its_aside() {
    let (terminal, screen) = terminal(60);
    let (shown, _) = screen.show_one("outer");
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _aside = screen.aside();
        resume_unwind(Box::new("each"))
    }));
    assert!(panic.is_err());
    screen.tick();
    assert_eq!(screen.seen(&terminal), ["outer: 0/4"]);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _shown = shown;
        resume_unwind(Box::new("map"))
    }));
    assert!(panic.is_err());
    screen.tick();
    assert_eq!(screen.contents(&terminal), "");
}

#[test]
fn a_partial_printed_line_does_not_break_the_live_line() {
    let (terminal, screen) = terminal(40);
    let (_shown, _) = screen.show_one("pages");
    for _ in 0..3 {
        let aside = screen.aside();
        terminal.write_str("...").unwrap();
        drop(aside);
        screen.tick();
        assert_eq!(screen.contents(&terminal).lines().count(), 1, "{}", screen.contents(&terminal));
    }
}

#[test]
fn a_wide_name_does_not_break_its_line() {
    let (terminal, screen) = terminal(40);
    let (_shown, tally) = screen.show_one("ページをすべて取得する");
    for _ in 0..3 {
        tally.count(false);
        screen.tick();
        assert_eq!(screen.contents(&terminal).lines().count(), 1, "{}", screen.contents(&terminal));
    }
}

fn map<'c>(name: &'static str, clock: &'c ManualClock, screen: &Screen) -> Map<&'static str, &'c ManualClock, Line> {
    let Map { name, clock, shape, limits, .. } = Map::<_, BlockingDefault>::new(name).workers(2).clock(clock);
    Map { name, clock, report: Some(Line::on(Some(screen.clone()))), shape, limits }
}

#[test]
fn output_of_each_appears_above_the_live_line() {
    let (clock, (terminal, screen)) = (ManualClock::new(), terminal(60));
    let prints = |result: Result<u32, Error<()>>| {
        // The drawing thread can draw at any time.
        screen.tick();
        terminal.write_line(&alloc::format!("{result:?}")).unwrap();
    };
    let _ = map("numbers", &clock, &screen).thread_each(1..4, |n, _| Ok(n), prints);
    assert_eq!(screen.seen(&terminal), ["Ok(1)", "Ok(2)", "Ok(3)", "numbers: 3/3"]);
}

#[test]
fn nested_maps_leave_one_line_each() {
    let (clock, (terminal, screen)) = (ManualClock::new(), terminal(60));
    let mut shown = Vec::new();
    let _ = map("outer", &clock, &screen).workers(1).thread_each(
        0..2,
        |n, _| Ok::<_, Error<()>>(n),
        |_| {
            let inner = map("inner", &clock, &screen).workers(1).thread(0..1, |n, _| {
                screen.tick();
                Ok::<_, Error<()>>((n, screen.seen(&terminal)))
            });
            shown.extend(inner);
        },
    );
    assert_eq!(shown[0], Ok((0, ["outer: 1/2", "inner: 0/1"].map(String::from).into())));
    assert_eq!(shown[1], Ok((0, ["inner: 1/1", "outer: 2/2", "inner: 0/1"].map(String::from).into())));
    assert_eq!(screen.seen(&terminal), ["inner: 1/1", "inner: 1/1", "outer: 2/2"]);
}

#[test]
fn a_dropped_stream_leaves_a_final_line() {
    let (terminal, screen) = terminal(60);
    let map = map("numbers", Box::leak(Box::default()), &screen);
    let mut stream = map.thread_stream(1..5, |n: u32, _| Ok::<_, Error<()>>(n));
    assert_eq!(stream.next(), Some(Ok(1)));
    drop(stream);
    let left = screen.seen(&terminal);
    assert!(left.len() == 1 && left[0].starts_with("numbers: ") && left[0].ends_with("/4"), "{left:?}");
    assert!(!screen.contents(&terminal).contains("left"), "{}", screen.contents(&terminal));
    screen.tick();
    assert_eq!(screen.seen(&terminal), left);
}
