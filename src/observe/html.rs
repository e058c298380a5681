//! All sites as a page for people, with charts over time.

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

/// What has become of the calls of every use that has run, as a page of HTML with charts over time.
///
/// The page is complete in itself: it has no script, loads nothing from anywhere, and follows the light or dark scheme of
/// whoever reads it, on a phone too. Every text in it is escaped. To have it loaded anew every two seconds, serve it with the header
/// `Refresh: 2`; the example `dashboard` does so from a loopback port. Mind who may read it: it tells the names of the uses and where
/// they stand.
///
/// Each site has a section in it with the numbers of [`report`](super::report()) and up to three charts:
///
/// | chart | what |
/// |---|---|
/// | latency | the 50th and the 99th percentile of the calls that ran the body, within 6 % |
/// | outcomes | calls a second, by how they ended: at once, saved by a retry or a fallback, failed, refused, abandoned |
/// | waiting | how long the calls that had to wait for a rate, or for another call's run of the same key, did so on average |
///
/// # Time
/// Charts begin with the first use of the process, in slots of a second. There are at most 120 of them: then two become one, until one
/// has 32 seconds, and from then on they show the last 64 minutes. So a history takes constant space, some 10 to 40 KB a site.
///
/// The calls keep it, whether or not anybody looks, by the clock of the system, whatever option `clock` says: the first one after the
/// end of a slot closes it. A site notices that when it counts something; one that takes less than a microsecond notices in one of
/// 64 calls, and one that answers from its cache in one of 16. Where such calls are rare they are shown up to so many calls late,
/// unless somebody looks at the page meanwhile.
///
/// It holds up no call.
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
    // To the second.
    time.truncate(19);
    Page { sections: sections.collect(), scale, now, time }.to_string()
}
