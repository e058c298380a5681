//! The numbers below the charts of a site, for readers who cannot see the charts or want exact values.

use alloc::string::{String, ToString};
use core::fmt;

use super::axis::ago;
use super::escape::Escaped;
use crate::observe::history::{Scale, Slot};
use crate::observe::report::units;

/// The maximum number of slots in the table.
const SLOTS: usize = 20;

const HEADS: [&str; 8] = ["When", "Calls", "Saved", "Failed", "Refused", "p50", "p99", "Waited"];

/// Writes the latest slots with counts, the newest first.
pub(super) fn write(f: &mut fmt::Formatter<'_>, name: &str, scale: Scale, current: u64, slots: &[Slot]) -> fmt::Result {
    if slots.is_empty() {
        return Ok(());
    }
    let seconds = scale.seconds();
    write!(
        f,
        "<details>\n<summary>Numbers of the latest slots, {seconds} s each</summary>\n<div class=\"wide\" tabindex=\"0\" "
    )?;
    write!(f, "role=\"region\" aria-label=\"Latest slots of {}\">\n<table>\n<thead><tr>", Escaped(name))?;
    for head in HEADS {
        write!(f, "<th scope=\"col\">{head}</th>")?;
    }
    f.write_str("</tr></thead>\n<tbody>\n")?;
    for slot in slots.iter().rev().take(SLOTS) {
        let age = current.saturating_sub(slot.number).saturating_mul(seconds);
        write!(f, "<tr><th scope=\"row\">{}</th>", ago(age))?;
        for cell in cells(slot) {
            write!(f, "<td>{cell}</td>")?;
        }
        f.write_str("</tr>\n")?;
    }
    f.write_str("</tbody>\n</table>\n</div>\n</details>\n")
}

fn cells(slot: &Slot) -> [String; 7] {
    let tally = slot.tally;
    let waited = core::time::Duration::from_nanos(tally.rate_waited.saturating_add(tally.cache_waited));
    let percentile = |percent| slot.percentile(percent).map_or_else(|| "-".to_string(), units::duration);
    [
        tally.calls().to_string(),
        tally.saved.to_string(),
        tally.failed.to_string(),
        tally.refused.to_string(),
        percentile(50),
        percentile(99),
        units::duration(waited),
    ]
}
