//! The page.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use super::axis::{Top, ago};
use super::chart::{HEIGHT, SLOT, band, greatest, present, stack, steps};
use super::escape::Escaped;
use super::table;
use crate::observe::history::{Scale, Slot};
use crate::observe::report::row::Row;
use crate::observe::report::units;
use crate::time::nanos;

const STYLE: &str = include_str!("style.css");

/// The content of the page.
pub(super) struct Page {
    pub(super) sections: Vec<Section>,
    pub(super) scale: Scale,
    /// The time since the first use ran.
    pub(super) now: Duration,
    /// In UTC.
    pub(super) time: String,
}

/// The content of a section about a site.
pub(super) struct Section {
    pub(super) row: Row,
    pub(super) module: &'static str,
    pub(super) file: &'static str,
    pub(super) line: u32,
    pub(super) slots: Vec<Slot>,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")?;
        f.write_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")?;
        f.write_str("<meta name=\"color-scheme\" content=\"light dark\">\n<title>opero: calls</title>\n")?;
        write!(f, "<style>\n{STYLE}</style>\n</head>\n<body>\n{PATTERNS}<header>\n<h1>opero</h1>\n")?;
        self.write_head(f)?;
        f.write_str("</header>\n<main>\n")?;
        for (number, section) in self.sections.iter().enumerate() {
            self.write_section(f, number, section)?;
        }
        f.write_str("</main>\n</body>\n</html>\n")
    }
}

/// The fill patterns of bars, so that bars differ by more than their colour.
const PATTERNS: &str = "<svg class=\"patterns\" aria-hidden=\"true\"><defs>\
    <pattern id=\"failed\" patternUnits=\"userSpaceOnUse\" width=\"10\" height=\"60\">\
    <rect class=\"failed\" width=\"10\" height=\"60\"/><rect class=\"stripe\" width=\"10\" height=\"20\"/></pattern>\
    <pattern id=\"refused\" patternUnits=\"userSpaceOnUse\" width=\"10\" height=\"120\">\
    <rect class=\"refused\" width=\"10\" height=\"120\"/><rect class=\"stripe\" width=\"10\" height=\"60\"/></pattern>\
    </defs></svg>\n";

impl Page {
    /// Writes when the page was created, and a line for each site.
    fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<p>As of <time datetime=\"{0}Z\">{1} UTC</time>", self.time, self.time.replace('T', " "))?;
        if self.sections.is_empty() {
            return f.write_str("</p>\n<p>No use of opero! or opmap! has run yet.</p>\n");
        }
        writeln!(f, ", {} after the first call.</p>", units::duration(Duration::from_secs(self.now.as_secs())))?;
        f.write_str("<table>\n<thead><tr><th scope=\"col\">Site</th><th scope=\"col\">Calls</th>")?;
        f.write_str("<th scope=\"col\">Success</th><th scope=\"col\">p99</th></tr></thead>\n<tbody>\n")?;
        for (number, Section { row, .. }) in self.sections.iter().enumerate() {
            let p99 = row.quantile(0.99).map_or_else(|| NOTHING.into(), units::duration);
            let success = row.success().unwrap_or_else(|| NOTHING.into());
            let calls = units::number(row.counts.calls);
            write!(f, "<tr><th scope=\"row\"><a href=\"#site-{number}\">{}</a></th>", Escaped(&row.name))?;
            writeln!(f, "<td>{calls}</td><td>{success}</td><td>{p99}</td></tr>")?;
        }
        f.write_str("</tbody>\n</table>\n")
    }

    fn write_section(&self, f: &mut fmt::Formatter<'_>, number: usize, section: &Section) -> fmt::Result {
        let Section { row, module, file, line, .. } = section;
        writeln!(f, "<section id=\"site-{number}\" aria-labelledby=\"name-{number}\">")?;
        write!(f, "<h2 id=\"name-{number}\">{}</h2>\n<p class=\"place\">", Escaped(&row.name))?;
        write!(f, "{} at {}:{line}</p>\n<dl>\n", Escaped(module), Escaped(file))?;
        for (name, value) in row.facts() {
            writeln!(f, "<div><dt>{name}</dt><dd>{value}</dd></div>")?;
        }
        f.write_str("</dl>\n")?;
        let notes = row.notes();
        if !notes.is_empty() {
            writeln!(f, "<p class=\"notes\">Also {notes}.</p>")?;
        }
        let view = View::new(self.scale, self.now, &section.slots);
        f.write_str("<div class=\"charts\">\n")?;
        view.write_latency(f)?;
        view.write_outcomes(f)?;
        view.write_waiting(f)?;
        f.write_str("</div>\n")?;
        table::write(f, &row.name, view.scale, view.current, &section.slots)?;
        f.write_str("</section>\n")
    }
}

const NOTHING: &str = "-";

/// The shown slots, each with its position.
struct View<'a> {
    scale: Scale,
    now: Duration,
    current: u64,
    shown: u64,
    slots: Vec<(u64, &'a Slot)>,
}

impl<'a> View<'a> {
    fn new(scale: Scale, now: Duration, slots: &'a [Slot]) -> Self {
        let current = scale.slot(now);
        let shown = Scale::shown(current);
        // The current slot is the last one.
        let place = |slot: &Slot| (slot.number.min(current) + shown).checked_sub(current + 1);
        let slots = slots.iter().filter_map(|slot| Some((place(slot)?, slot))).collect();
        View { scale, now, current, shown, slots }
    }

    fn values<T>(&self, value: impl Fn(&Slot) -> Option<T>) -> Vec<(u64, T)> {
        present(self.slots.iter().map(|(place, slot)| (*place, value(slot))))
    }

    /// Extrapolates the counts of the current slot to its end. `None` in its first half, when it is too early to tell.
    fn in_a_whole_slot<const N: usize>(&self, slot: &Slot, counts: [u64; N]) -> Option<[u64; N]> {
        if slot.number != self.current {
            return Some(counts);
        }
        let whole = u128::from(self.scale.seconds()) * 1000;
        let passed = self.now.as_millis() % whole;
        let grown = |count: u64| u64::try_from(u128::from(count) * whole / passed.max(1)).unwrap_or(u64::MAX);
        (2 * passed >= whole).then(|| counts.map(grown))
    }

    fn write_latency(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let p50 = self.values(|slot| slot.percentile(50).map(nanos));
        let p99 = self.values(|slot| slot.percentile(99).map(nanos));
        let longest = greatest(p99.iter().map(|(_, p99)| *p99));
        let top = Top::of_times(longest);
        let keys = [key("line p50", "p50"), key("line dashed p99", "p99")];
        if p99.is_empty() {
            return Ok(());
        }
        let between: Vec<_> = p50.iter().zip(&p99).map(|((slot, p50), (_, p99))| (*slot, *p50, *p99)).collect();
        let shapes = [
            Shape { class: "band", path: band(&between, top.value()) },
            Shape { class: "line dashed p99", path: steps(&p99, top.value()) },
            Shape { class: "line p50", path: steps(&p50, top.value()) },
        ];
        let last = |values: &[(u64, u64)]| time(values.last().map_or(0, |(_, value)| *value));
        let label = alloc::format!(
            "Latency over time: latest p50 {}, latest p99 {}, highest p99 {}",
            last(&p50),
            last(&p99),
            time(longest)
        );
        self.write_chart(f, "Latency", &label, &keys, top, &shapes)
    }

    fn write_outcomes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.values(|slot| {
            let outcomes = outcomes(slot);
            if sum(&outcomes) == 0 { None } else { self.in_a_whole_slot(slot, outcomes) }
        });
        let most = greatest(values.iter().map(|(_, parts)| sum(parts)));
        let top = Top::of_calls(most, self.scale.seconds());
        let calls = top.value().saturating_mul(self.scale.seconds()) / 1000;
        let seen: Vec<_> = (0..OUTCOMES.len())
            .zip(OUTCOMES)
            .filter_map(|(kind, (class, name))| {
                let of_slots: Vec<_> =
                    self.slots.iter().filter_map(|(_, slot)| outcomes(slot).get(kind).copied()).collect();
                Some((class, name, sum(&of_slots))).filter(|(.., calls)| *calls > 0)
            })
            .collect();
        if seen.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = seen.iter().rev().map(|(class, name, _)| key(class, name)).collect();
        let told: Vec<_> = seen.iter().rev().map(|(_, name, calls)| alloc::format!("{calls} {name}")).collect();
        let label = alloc::format!("Outcomes over time: {}", told.join(", "));
        let shapes = OUTCOMES.into_iter().zip(stack(&values, calls)).filter(|(_, path)| !path.is_empty());
        let shapes: Vec<_> = shapes.map(|((class, _), path)| Shape { class, path }).collect();
        self.write_chart(f, "Outcomes", &label, &keys, top, &shapes)
    }

    fn write_waiting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.values(|slot| slot.tally.rate_waited.checked_div(slot.tally.rate_waits));
        let run = self.values(|slot| slot.tally.cache_waited.checked_div(slot.tally.cache_waits));
        if rate.is_empty() && run.is_empty() {
            return Ok(());
        }
        let longest = greatest(rate.iter().chain(&run).map(|(_, wait)| *wait));
        let top = Top::of_times(longest);
        let lines =
            [("line rate", "for the rate", &rate), ("line dashed run", "for another call's run of the key", &run)];
        let seen = || lines.into_iter().filter(|(.., waits)| !waits.is_empty());
        let keys: Vec<_> = seen().map(|(class, name, _)| key(class, name)).collect();
        let shapes: Vec<_> = seen().map(|(class, _, waits)| Shape { class, path: steps(waits, top.value()) }).collect();
        let label = alloc::format!("Mean wait of calls that had to wait, over time: at most {}", time(longest));
        self.write_chart(f, "Waiting", &label, &keys, top, &shapes)
    }

    fn write_chart(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        label: &str,
        keys: &[Key],
        top: Top,
        shapes: &[Shape],
    ) -> fmt::Result {
        write!(f, "<figure>\n<figcaption><b>{title}</b>")?;
        for Key { class, name } in keys {
            write!(f, " <span class=\"key\"><svg class=\"swatch\" viewBox=\"0 0 180 120\" aria-hidden=\"true\">")?;
            let path = if class.starts_with("bar") { "M0 0h180v120h-180z" } else { "M0 60H180" };
            write!(f, "<path class=\"{class}\" d=\"{path}\"/></svg>{name}</span>")?;
        }
        f.write_str("</figcaption>\n<div class=\"plot\">\n<div class=\"y\" aria-hidden=\"true\">")?;
        for part in [2, 1, 0] {
            write!(f, "<span>{}</span>", top.mark(part, 2))?;
        }
        let width = self.shown * SLOT;
        write!(f, "</div>\n<svg class=\"chart\" viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" ")?;
        write!(f, "role=\"img\" aria-label=\"{label}\"><title>{label}</title>")?;
        write!(f, "<path class=\"grid\" d=\"M0 0H{width}M0 {}H{width}M0 {HEIGHT}H{width}\"/>", HEIGHT / 2)?;
        for Shape { class, path } in shapes {
            write!(f, "<path class=\"{class}\" d=\"{path}\"/>")?;
        }
        f.write_str("</svg>\n<div class=\"x\" aria-hidden=\"true\">")?;
        for part in [2, 1, 0] {
            write!(f, "<span>{}</span>", ago(self.shown * self.scale.seconds() * part / 2))?;
        }
        f.write_str("</div>\n</div>\n</figure>\n")
    }
}

/// How calls end, from the bottom of the chart: the most important first.
const OUTCOMES: [(&str, &str); 5] = [
    ("bar failed", "failed"),
    ("bar refused", "refused"),
    ("bar abandoned", "abandoned"),
    ("bar saved", "saved by a retry or fallback"),
    ("bar at-once", "succeeded at once"),
];

/// The number of calls of a slot with each outcome.
const fn outcomes(slot: &Slot) -> [u64; OUTCOMES.len()] {
    let tally = &slot.tally;
    [tally.failed, tally.refused, tally.abandoned, tally.saved, tally.at_once]
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
}

/// A line or an area of a chart.
struct Shape {
    class: &'static str,
    path: String,
}

/// An entry of a legend.
struct Key {
    class: &'static str,
    name: &'static str,
}

const fn key(class: &'static str, name: &'static str) -> Key {
    Key { class, name }
}

fn time(nanos: u64) -> String {
    units::duration(Duration::from_nanos(nanos))
}

#[cfg(all(test, not(any(opero_loom, opero_shuttle))))]
mod tests;
