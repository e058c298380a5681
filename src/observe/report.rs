//! All sites as a table to read.

use alloc::vec::Vec;
use core::fmt;

use self::row::Row;

pub(super) mod row;
mod table;
pub(super) mod units;

/// Returns a table of the outcomes of the calls of every use that has run.
///
/// It is a copy of the counters. Taking it needs a few microseconds per site and blocks no call. A call that still runs
/// is not included.
///
/// # Columns
/// Each site has a line, in the order of their first runs. If there are several sites, the last line is their total.
///
/// | column | what |
/// |---|---|
/// | `site` | the name, with the line in the source if several sites share it; cut in the middle if it is too long |
/// | `calls` | calls that have ended |
/// | `success` | the share of calls that returned a value, among those that were not abandoned |
/// | `saved` | calls that returned a value after a retry or from a fallback |
/// | `failed` | calls that returned an error or panicked |
/// | `retries` | rounds after the first |
/// | `p50`, `p99` | the median and the 99th percentile of the calls that ran the body |
/// | `hits` | the share of calls that a cache answered, with an entry or with the value of another call's run |
/// | `waited` | the total time that calls waited for a rate or for another call's run |
/// | `refused` | calls that a rate or another layer refused; `failed` includes them |
///
/// `saved`, `retries`, `hits`, `waited` and `refused` are omitted if no site has a value for them. A line has at most
/// 100 characters, unless the name needs more to show 12 of its characters. Rare outcomes are listed below the table:
/// calls that exceeded their deadline, were abandoned, panicked or were misconfigured, and store faults.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// let ask = || opero! {
///     name: "ask", retries: 1, min_delay: 0s, attempt: n
///     => if n == 1 { Err("busy") } else { Ok(n) }
/// };
/// assert_eq!(ask(), Ok(2));
/// println!("{}", observe::report());
/// # assert!(observe::report().to_string().contains("\nask       1     100%      1       0        1"));
/// ```
/// The example `dashboard` prints, after a minute:
/// ```text
/// site           calls  success  saved  failed  retries     p50     p99   hits   waited  refused
/// search         10401    99.9%    844       6      921    9 ms  149 ms      -        -        -
/// ask             1416    97.7%    206      33       33   79 ms  254 ms      -        -        -
/// price          25945     100%      -       0        -   30 ms   32 ms  97.0%    1.4 s        -
/// send <letter>   1468    82.2%      -     262        -  1.2 ms  4.8 ms      -  1.1 min      262
/// thumbnails      5180    95.8%      -     215        -  3.1 ms    4 ms      -        -        -
/// ──────────────────────────────────────────────────────────────────────────────────────────────
/// all 5 sites    44410    98.8%   1050     516      954                  97.0%  1.1 min      262
/// ```
#[must_use]
pub fn report() -> Report {
    Report { rows: row::rows(&super::sites()) }
}

/// A table created by [`report`]. Print it, or get its text by `to_string`.
#[derive(Clone)]
pub struct Report {
    rows: Vec<Row>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::write(f, &self.rows)
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report").field("sites", &self.rows.len()).finish_non_exhaustive()
    }
}
