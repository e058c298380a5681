//! Describes the options and layers of a use, as text and as data.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::map_info::MapInfo;
use super::text::{duration, per};
use super::{Choice, Counts, Latency, LayerInfo, Number, Site};

/// Describes the first use with this name that has run; `None` if there is none.
///
/// A use is known from its first call on, so a function that was never called is not known. The numbers are those of
/// the first call.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// # fn ask(model: &str) -> Result<String, String> { Ok(model.into()) }
/// opero! {
///     name: "ask", retries: 3, cache: 60s, rate: 10/s, fallback: model in ["a", "b"]
///     => ask(model)
/// }?;
/// let analysis = observe::analyze("ask").unwrap();
/// assert_eq!(analysis.to_string(), "\
/// Analysis of 'ask':
///   ✓ opero! applied
///     - Retries: 3 attempts
///     - Backoff: 1.5x exponential
///     - Caching: memory backend, TTL: 60s
///     - Rate limit: 10/sec
///     - Fallback parameter: model
///   Resilience layers (outer to inner):
///     - cache
///     - rate
///     - retry
///     - fallback");
/// assert!(observe::analyze("nobody").is_none());
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[must_use]
pub fn analyze(name: &str) -> Option<Analysis> {
    info(name).map(Analysis)
}

/// Returns the same as text, or a sentence that no use with this name has run.
///
/// # Examples
/// ```
/// assert_eq!(opero::observe::explain("nobody"), "No use of opero named 'nobody' has run.");
/// ```
#[must_use]
pub fn explain(name: &str) -> String {
    match analyze(name) {
        Some(analysis) => alloc::format!("{analysis}"),
        None => alloc::format!("No use of opero named '{name}' has run."),
    }
}

/// Returns the same as data; `None` if no use with this name has run.
///
/// # Examples
/// ```
/// use opero::{observe, opero};
///
/// opero! { name: "load", retries: 2, timeout: 5s => Ok::<_, String>(()) }?;
/// let info = observe::info("load").unwrap();
/// assert_eq!(info.options, [("retries", "2".to_owned()), ("timeout", "5s".to_owned())]);
/// assert_eq!(info.layers, ["retry", "timeout"]);
/// assert_eq!(info.counts.calls, 1);
/// # Ok::<(), opero::Error<String>>(())
/// ```
#[must_use]
pub fn info(name: &str) -> Option<Info> {
    super::site(name).get().map(|site| site.info())
}

/// The options, the layers and the counters of a use.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Info {
    /// The name of the use.
    pub name: &'static str,
    /// The module that contains the use.
    pub module: &'static str,
    /// The file that contains the use.
    pub file: &'static str,
    /// The line of the use.
    pub line: u32,
    /// How it runs its items, if it is a map.
    pub map: Option<MapInfo>,
    /// The options that differ from their defaults, each with its value as one would write it.
    pub options: Vec<(&'static str, String)>,
    /// The names of its layers, outer to inner.
    pub layers: Vec<String>,
    /// The cache, the rate and your own layers, with their options, outer to inner.
    pub around: Vec<LayerInfo>,
    /// The number of retries, which is the number of rounds after the first.
    pub retries: Option<u32>,
    /// The factor from one delay to the next, if there are retries.
    pub backoff: Option<f64>,
    /// The choice that option `adaptive` has made so far.
    pub adaptive: Option<Choice>,
    /// The numbers that are currently [tuned](Site::tune).
    pub tuned: Vec<(&'static str, Number)>,
    /// The binding of option `fallback`.
    pub fallback: Option<&'static str>,
    /// The number of candidates.
    pub candidates: usize,
    /// Its counters.
    pub counts: Counts,
    /// How long its calls took.
    pub latency: Latency,
}

/// The macro of a use.
const fn kind(map: Option<&MapInfo>) -> &'static str {
    if map.is_some() { "opmap!" } else { "opero!" }
}

impl Info {
    /// Returns `opero!` or `opmap!`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        kind(self.map.as_ref())
    }

    fn fmt_retries(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chosen = self.adaptive.as_ref().map(|choice| choice.retry);
        let numbers = match chosen {
            Some(chosen) => chosen.map(|retry| (retry.count(), retry.factor())),
            None => self.retries.zip(self.backoff),
        };
        if let Some((retries, backoff)) = numbers {
            write!(f, "\n    - Retries: {retries} attempt{}", if retries == 1 { "" } else { "s" })?;
            write!(f, "\n    - Backoff: {backoff}x exponential")?;
        }
        if let Some(choice) = &self.adaptive {
            let state = if choice.retry.is_some() { "settled" } else { "still trying" };
            write!(f, "\n    - Adaptive: {state}")?;
        }
        for (option, value) in &self.tuned {
            write!(f, "\n    - Tuned: {option}: {value}")?;
        }
        Ok(())
    }
}

impl Site {
    /// Returns `opero!` or `opmap!`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        kind(MapInfo::at(self.location()).as_ref())
    }

    /// Returns the options that differ from their defaults, each with its value as one would write it.
    #[must_use]
    pub fn options(&self) -> Vec<(&'static str, String)> {
        self.description().options(MapInfo::at(self.location()).as_ref())
    }

    /// Returns the names of its layers, outer to inner.
    #[must_use]
    pub fn layers(&self) -> Vec<String> {
        self.description().layer_names()
    }

    /// Returns its options, layers and counters.
    #[must_use]
    pub fn info(&self) -> Info {
        let description = self.description();
        let map = MapInfo::at(self.location());
        Info {
            name: self.name(),
            module: self.module(),
            file: self.file(),
            line: self.line(),
            map,
            options: description.options(map.as_ref()),
            layers: description.layer_names(),
            retries: description.retries(),
            backoff: description.retries().map(|_| description.plan.backoff),
            adaptive: super::adaptive(self.name()),
            tuned: self.tuned(),
            fallback: description.fallback(),
            candidates: description.candidates,
            around: description.layers,
            counts: self.counts(),
            latency: self.latency(),
        }
    }
}

/// The description of a use: see [`analyze`].
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis(Info);

impl Analysis {
    /// Returns the same as data.
    #[must_use]
    pub const fn info(&self) -> &Info {
        &self.0
    }
}

impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = &self.0;
        write!(f, "Analysis of '{}':", info.name)?;
        write!(f, "\n  ✓ {} applied", info.kind())?;
        if let Some(map) = &info.map {
            write!(f, "\n    - Mode: {}", map.mode)?;
            write!(f, "\n    - Workers: {}", map.workers)?;
            write!(f, "\n    - Ordered: {}", map.ordered)?;
        }
        info.fmt_retries(f)?;
        for layer in &info.around {
            match layer {
                LayerInfo::Cache { backend, time_to_live, .. } => {
                    let time = time_to_live.map_or_else(|| "no limit".into(), duration);
                    write!(f, "\n    - Caching: {backend} backend, TTL: {time}")?;
                }
                LayerInfo::Rate { rate, .. } => write!(f, "\n    - Rate limit: {}", per(*rate))?,
                // Written with the retries.
                LayerInfo::Adaptive { .. } => {}
                LayerInfo::Own(name) => write!(f, "\n    - Layer: {name}")?,
            }
        }
        if let Some(binding) = info.fallback {
            write!(f, "\n    - Fallback parameter: {binding}")?;
        }
        if info.layers.is_empty() {
            return Ok(());
        }
        f.write_str("\n  Resilience layers (outer to inner):")?;
        info.layers.iter().try_for_each(|layer| write!(f, "\n    - {layer}"))
    }
}
