//! A page about all sites, with charts over time.

use alloc::string::{String, ToString};
use std::time::SystemTime;

use self::page::{Page, Section};
use super::history::Scale;
use super::report::row::rows;
use super::rfc3339::Rfc3339;

mod axis;
mod chart;
mod escape;
mod page;
mod table;

/// Returns a page of HTML about the outcomes of the calls of every use that has run, with charts over time.
///
/// The page is self-contained: it has no script, loads nothing, follows the light or dark scheme of the reader, and
/// fits a phone. All text in it is escaped. To reload it every two seconds, serve it with the header `Refresh: 2`; the
/// example `dashboard` does so from a loopback port. Restrict who may read it: it shows the names of the uses and where
/// they are in the source.
///
/// Each site has a section with the numbers of [`report`](super::report()) and up to three charts:
///
/// | chart | what |
/// |---|---|
/// | latency | the 50th and the 99th percentile of the calls that ran the body, within 6 % |
/// | outcomes | calls per second, by outcome: at once, saved by a retry or a fallback, failed, refused, abandoned |
/// | waiting | the average wait of calls that had to wait for a rate, or for another call's run of the same key |
///
/// # Time
/// Charts begin with the first use of the process, in slots of one second. When there are more than 120 slots, each two
/// become one, until a slot has 32 seconds; from then on the charts show the last 64 minutes. So a history takes
/// constant space, about 10 to 40 KB per site.
///
/// The calls record the history, whether or not anyone reads it, by the system clock, even with option `clock`. The
/// first call after the end of a slot closes it. A site notices the end of a slot when it counts something. A site
/// whose calls take less than a microsecond notices it in one of 64 calls, and a site that answers from its cache in
/// one of 16. If such calls are rare, up to that many of them are shown late, unless the page is read meanwhile.
///
/// Creating the page blocks no call.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// opero! { name: "ask <you>", retries: 1 => Ok::<_, String>(()) }?;
/// let page = observe::html();
/// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("ask &lt;you&gt;"));
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[must_use]
pub fn html() -> String {
    let sites = super::sites();
    let now = super::history::now();
    let sections = rows(&sites).into_iter().zip(&sites).map(|(row, site)| Section {
        row,
        module: site.module(),
        file: site.file(),
        line: site.line(),
        slots: site.slots(now),
    });
    let scale = Scale::at(now);
    let mut time = Rfc3339(SystemTime::now()).to_string();
    // Cut to seconds.
    time.truncate(19);
    Page { sections: sections.collect(), scale, now, time }.to_string()
}
