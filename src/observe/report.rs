//! All sites as a table for people.

use alloc::vec::Vec;
use core::fmt;

use self::row::Row;

pub(super) mod row;
mod table;
pub(super) mod units;

/// What has become of the calls of every use that has run, as a table.
///
/// It is a copy of the counters, which takes a few microseconds a site and holds up no call. A call that still runs is not in it.
///
/// # Columns
/// A site is a line, in the order of their first runs. There is a last line for all of them together where there are several.
///
/// | column | what |
/// |---|---|
/// | `site` | the name; with the line it stands in where several have that name; cut in the middle where it is too long |
/// | `calls` | calls that have ended |
/// | `success` | the part of them that gave a value, without the abandoned ones |
/// | `saved` | calls that gave a value after a retry or of a fallback |
/// | `failed` | calls that gave an error or panicked |
/// | `retries` | rounds after the first |
/// | `p50`, `p99` | half of the calls and 99 of 100 took no longer, of those that ran the body |
/// | `hits` | the part of the calls that a cache answered, with an entry or with the value of another call's run |
/// | `waited` | how long calls waited for a rate or for another call's run, all together |
/// | `refused` | calls that a rate or another layer did not let in; they are among `failed` |
///
/// `saved`, `retries`, `hits`, `waited` and `refused` are left out where no site has anything to say there. A line has at most 100
/// characters, unless it takes more to show 12 of a name. What is rare stands below the table: calls that were over their
/// deadline, were abandoned, panicked or were misconfigured, and faults of a store.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// let ask = || opero! { name: "ask", retries: 1, min_delay: 0s, attempt: n => if n == 1 { Err("busy") } else { Ok(n) } };
/// assert_eq!(ask(), Ok(2));
/// println!("{}", observe::report());
/// # assert!(observe::report().to_string().contains("\nask       1     100%      1       0        1"));
/// ```
/// The example `dashboard` prints after a minute
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

/// The table that [`report`] makes: print it, or take its text by `to_string`.
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
