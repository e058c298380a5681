//! Fits the line of a map into the width of a terminal.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};

use console::{measure_text_width, truncate_str};

use super::{Progress, Short};

/// The possible widths of a bar. There are few of them, so that the width does not change with every digit beside it.
const BARS: [usize; 3] = [30, 20, 10];

/// A name is cut to at least this many columns. If that is not enough, the numbers are cut.
const LEAST_NAME: usize = 12;

/// Returns the line of a running map: `pages: ██████░░░░ 30/60 items, 3 failed, 24/s, 1.2s, 1.2s left`.
pub(super) fn live(name: &str, progress: &Progress, width: usize) -> String {
    let (name, numbers) = fitted(name, progress, width);
    let room = width.saturating_sub(measure_text_width(&name) + numbers.len());
    let bar = progress.total.zip(BARS.into_iter().find(|bar| *bar < room));
    let bar = bar.map_or_else(String::new, |(total, width)| bar_of(progress.done, total, width) + " ");
    cut(&format!("{name}{bar}{numbers}"), width)
}

/// Returns the final line of a map, which stays on the terminal.
pub(super) fn last(name: &str, progress: &Progress, width: usize) -> String {
    let (name, numbers) = fitted(name, progress, width);
    cut(&(name + &numbers), width)
}

/// Returns the final line of a map without a limit on its width.
pub(super) fn whole(name: &str, progress: &Progress) -> String {
    prefix(name) + &progress.to_string()
}

/// Replaces control characters, so that the name stays on one line.
pub(super) fn one_line(name: &str) -> String {
    name.chars().map(|char| if char.is_control() { ' ' } else { char }).collect()
}

fn prefix(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("{name}: ") }
}

/// Returns the name as a prefix, and the numbers: all of them if that leaves enough room for the name.
fn fitted(name: &str, progress: &Progress, width: usize) -> (String, String) {
    let least = measure_text_width(name).min(LEAST_NAME) + ": ".len();
    let whole = progress.to_string();
    let numbers = if least + whole.len() <= width { whole } else { brief(progress) };
    let room = width.saturating_sub(numbers.len() + ": ".len());
    (prefix(&shortened(name, room)), numbers)
}

/// Cuts the beginning of a name. Its end says the most: by default a name is a module and a line.
fn shortened(name: &str, width: usize) -> Cow<'_, str> {
    if measure_text_width(name) <= width {
        return name.into();
    }
    let fits = |rest: &&str| measure_text_width(rest) < width;
    let rest = name.char_indices().map(|(at, _)| &name[at..]).find(fits);
    rest.map_or(Cow::Borrowed(""), |rest| format!("…{rest}").into())
}

/// The most important numbers: `30/60, 3 failed, 1.2s left`.
fn brief(progress: &Progress) -> String {
    let Progress { done, failed, total, elapsed, .. } = progress;
    let of = total.map_or_else(String::new, |total| format!("/{total}"));
    let time = match progress.time_left() {
        Some(left) => format!("{} left", Short(left)),
        None => Short(*elapsed).to_string(),
    };
    format!("{done}{of}, {failed} failed, {time}")
}

fn bar_of(done: usize, total: usize, width: usize) -> String {
    let filled = (done as u128 * width as u128 / (total as u128).max(1)).min(width as u128);
    let filled = usize::try_from(filled).unwrap_or(width);
    "█".repeat(filled) + &"░".repeat(width - filled)
}

fn cut(line: &str, width: usize) -> String {
    truncate_str(line, width, "…").into_owned()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;
    use core::time::Duration;

    use super::*;

    fn progress(done: usize, total: impl Into<Option<usize>>) -> Progress {
        let elapsed = Duration::from_millis(40 * done as u64);
        Progress { done, failed: done / 10, total: total.into(), elapsed, is_stopped: false }
    }

    fn lines(name: &str, progress: &Progress, widths: [usize; 5]) -> Vec<String> {
        widths.into_iter().map(|width| live(name, progress, width)).collect()
    }

    #[test]
    fn a_narrow_terminal_shows_less() {
        #[rustfmt::skip]
        let expected = [
            "pages: ███████████████░░░░░░░░░░░░░░░ 30/60 items, 3 failed, 25/s, 1.2s, 1.2s left",
            "pages: ██████████░░░░░░░░░░ 30/60 items, 3 failed, 25/s, 1.2s, 1.2s left",
            "pages: 30/60 items, 3 failed, 25/s, 1.2s, 1.2s left",
            "pages: 30/60, 3 failed, 1.2s left",
            "30/60, 3 fa…",
        ];
        assert_eq!(lines("pages", &progress(30, 60), [100, 80, 60, 40, 12]), expected);
    }

    #[test]
    fn the_end_of_a_long_name_is_shown() {
        #[rustfmt::skip]
        let expected = [
            "shop::catalogue::pages::fetch:120: ██████████████████████████████ 60/60 items, 6 failed, 25/s, 2.4s",
            "shop::catalogue::pages::fetch:120: ██████████ 60/60 items, 6 failed, 25/s, 2.4s",
            "…gue::pages::fetch:120: 60/60 items, 6 failed, 25/s, 2.4s",
            "…pages::fetch:120: 60/60, 6 failed, 2.4s",
            "…",
        ];
        let seen = lines("shop::catalogue::pages::fetch:120", &progress(60, 60), [100, 80, 57, 40, 1]);
        assert_eq!(seen, expected);
    }

    #[test]
    fn no_line_is_wider_than_its_terminal() {
        let names = ["", "a", "shop::catalogue::pages::fetch:120", "ページを取得する", "é\u{301}🚀 pages"];
        let far = progress(123_456_789, 987_654_321);
        for name in names {
            for progress in [progress(0, 0), progress(7, None), progress(61, 60), far] {
                for width in 1..130 {
                    for line in [live(name, &progress, width), last(name, &progress, width)] {
                        assert!(measure_text_width(&line) <= width, "{width}: {line}");
                    }
                }
            }
        }
    }

    #[test]
    fn unknown_numbers_are_not_drawn() {
        assert_eq!(live("pages", &progress(30, None), 80), "pages: 30 items, 3 failed, 25/s, 1.2s");
        assert_eq!(last("", &progress(30, None), 30), "30, 3 failed, 1.2s");
        assert_eq!(live("", &progress(0, 0), 44), "░░░░░░░░░░ 0/0 items, 0 failed, 0.0/s, 0.0s");
    }

    #[test]
    fn a_name_stays_on_one_line() {
        assert_eq!(one_line("two\nlines\t\u{1b}[2J"), "two lines  [2J");
    }
}
