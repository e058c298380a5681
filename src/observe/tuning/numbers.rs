//! The tuned numbers of one name.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::number::Number;
use super::tunable::{Problem, Tunable, Value};
use crate::call::Plan;
use crate::observe::LayerInfo;
use crate::observe::description::Description;
use crate::observe::site::Record;
use crate::policy::{Gcra, Rate};
use crate::sync::lock;
use crate::time::nanos;

/// At most one value for each option.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Numbers(Vec<(Tunable, Value)>);

impl Numbers {
    pub(super) fn with(mut self, tunable: Tunable, value: Value) -> Self {
        match self.0.iter_mut().find(|(known, _)| *known == tunable) {
            Some((_, known)) => *known = value,
            None => self.0.push((tunable, value)),
        }
        self
    }

    pub(super) fn without(mut self, tunable: Tunable) -> Self {
        self.0.retain(|(known, _)| *known != tunable);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, tunable: Tunable) -> Option<Value> {
        self.0.iter().find(|(known, _)| *known == tunable).map(|(_, value)| *value)
    }

    /// Lists the numbers in the order of the options.
    pub(super) fn list(&self) -> Vec<(&'static str, Number)> {
        let listed = |tunable: &Tunable| Some((tunable.name(), self.get(*tunable)?.into()));
        Tunable::ALL.iter().filter_map(listed).collect()
    }

    fn count(&self, tunable: Tunable) -> Option<u32> {
        match self.get(tunable)? {
            Value::Count(count) => Some(count),
            _ => None,
        }
    }

    /// In nanoseconds.
    fn time(&self, tunable: Tunable) -> Option<u64> {
        match self.get(tunable)? {
            Value::Time(time) => Some(nanos(time)),
            _ => None,
        }
    }

    pub(crate) fn rate(&self) -> Option<Rate> {
        match self.get(Tunable::Rate)? {
            Value::Rate(rate) => Some(rate),
            _ => None,
        }
    }

    pub(crate) fn burst(&self) -> Option<u32> {
        self.count(Tunable::Burst)
    }

    /// In nanoseconds.
    pub(crate) fn max_wait(&self) -> Option<u64> {
        self.time(Tunable::MaxWait)
    }

    /// In nanoseconds.
    pub(crate) fn timeout(&self) -> Option<u64> {
        self.time(Tunable::Timeout)
    }

    /// In nanoseconds.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.time(Tunable::Deadline)
    }

    /// In nanoseconds.
    #[cfg(feature = "cache")]
    pub(crate) fn time_to_live(&self) -> Option<u64> {
        self.time(Tunable::Cache)
    }

    /// In bytes.
    #[cfg(feature = "memory")]
    pub(crate) fn memory(&self) -> Option<u64> {
        match self.get(Tunable::Memory)? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Replaces the options of a call by these numbers.
    pub(crate) fn plan(&self, written: Plan) -> Plan {
        let factor = match self.get(Tunable::Backoff) {
            Some(Value::Factor(factor)) => factor,
            _ => written.backoff,
        };
        Plan {
            retries: self.count(Tunable::Retries).or(written.retries),
            backoff: factor,
            min_delay: self.time(Tunable::MinDelay).unwrap_or(written.min_delay),
            max_delay: self.time(Tunable::MaxDelay).unwrap_or(written.max_delay),
            fallback_delay: self.time(Tunable::FallbackDelay).unwrap_or(written.fallback_delay),
            timeout: self.time(Tunable::Timeout).unwrap_or(written.timeout),
            deadline: self.time(Tunable::Deadline).unwrap_or(written.deadline),
            #[cfg(feature = "memory")]
            memory: self.memory().unwrap_or(written.memory),
            ..written
        }
    }

    /// Checks whether the uses that have run accept an option that was just changed. It is enough if one of them has
    /// the option. If none has run, anything is accepted.
    pub(super) fn suit(&self, tunable: Tunable, sites: &[&Record]) -> Result<(), Problem> {
        let mut missing = None;
        let mut has_any = sites.is_empty();
        for site in sites {
            let description = lock(&site.description);
            if let Some(problem) = lacks(tunable, &description) {
                missing = Some(problem);
            } else {
                self.fit_rate(&description)?;
                has_any = true;
            }
        }
        missing.filter(|_| !has_any).map_or(Ok(()), |problem| Err(problem.into()))
    }

    /// Checks rate and burst together: each may be valid while both together are too large.
    fn fit_rate(&self, description: &Description) -> Result<(), Problem> {
        let options = description.layers.iter().find_map(|layer| match layer {
            LayerInfo::Rate { rate, burst, .. } => Some((*rate, *burst)),
            _ => None,
        });
        let Some((rate, burst)) = options else { return Ok(()) };
        if self.rate().is_none() && self.burst().is_none() {
            return Ok(());
        }
        let (rate, burst) = (self.rate().unwrap_or(rate), self.burst().unwrap_or(burst));
        if Gcra::new(rate, burst).is_some() { Ok(()) } else { Err(worth_too_much(rate, burst)) }
    }
}

fn worth_too_much(rate: Rate, burst: u32) -> Problem {
    let rate = Number::from(rate).to_string();
    alloc::format!("`burst` is {burst}, which is worth more than 146 years of the rate, {rate}").into()
}

/// Returns why a use cannot have this option. The sentences are those of the macro, if it has one.
fn lacks(tunable: Tunable, description: &Description) -> Option<&'static str> {
    let Description { plan, layers, .. } = description;
    let has = |layer: fn(&LayerInfo) -> bool| layers.iter().any(layer);
    match tunable {
        Tunable::Retries if plan.retries.is_none() && plan.binding.is_empty() => Some(
            "the use has neither a retry option nor a `fallback`, so its body is one that can run only once: add `retries: 0`",
        ),
        Tunable::FallbackDelay if plan.binding.is_empty() => {
            Some("this option is about a fallback, and there is none: add `fallback: name in list`")
        }
        Tunable::Rate | Tunable::Burst | Tunable::MaxWait if !has(|layer| matches!(layer, LayerInfo::Rate { .. })) => {
            Some("this option is about a rate limit, and there is none: add `rate: 10/s`")
        }
        #[cfg(feature = "cache")]
        Tunable::Cache if !has(|layer| matches!(layer, LayerInfo::Cache { .. })) => {
            Some("this option is about the cache, and there is none: add `cache` or `cache: 60s`")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    const SEC: u64 = 1_000_000_000;

    #[test]
    fn options_that_are_not_tuned_keep_their_values() {
        let written = Plan { retries: Some(2), timeout: SEC, binding: "model", ..Plan::NEW };
        assert_eq!(Numbers::default().plan(written), written);
        let numbers = Numbers::default()
            .with(Tunable::Retries, Value::Count(5))
            .with(Tunable::Backoff, Value::Factor(2.0))
            .with(Tunable::Deadline, Value::Time(Duration::from_secs(9)));
        assert_eq!(numbers.plan(written), Plan { retries: Some(5), backoff: 2.0, deadline: 9 * SEC, ..written });
    }

    #[test]
    fn the_last_value_of_an_option_counts_until_it_is_undone() {
        let numbers = Numbers::default()
            .with(Tunable::Timeout, Value::Time(Duration::from_secs(1)))
            .with(Tunable::Retries, Value::Count(5))
            .with(Tunable::Timeout, Value::Time(Duration::from_secs(2)));
        assert_eq!(numbers.list(), [("retries", 5.into()), ("timeout", Duration::from_secs(2).into())]);
        let numbers = numbers.without(Tunable::Timeout);
        assert_eq!(numbers.list(), [("retries", 5.into())]);
        assert!(numbers.without(Tunable::Retries).is_empty());
    }

    #[test]
    fn a_use_lacks_options_of_layers_it_does_not_have() {
        let once = Description { plan: Plan::NEW, candidates: 1, layers: Vec::new() };
        let of_list = Description { plan: Plan { binding: "model", ..Plan::NEW }, candidates: 2, ..once.clone() };
        let retried = Description { plan: Plan::RETRIED, ..once.clone() };
        let lacks = |tunable, description| lacks(tunable, description).is_some();
        assert!(
            lacks(Tunable::Retries, &once) && !lacks(Tunable::Retries, &of_list) && !lacks(Tunable::Retries, &retried)
        );
        assert!(lacks(Tunable::FallbackDelay, &retried) && !lacks(Tunable::FallbackDelay, &of_list));
        for tunable in [Tunable::Rate, Tunable::Burst, Tunable::MaxWait] {
            assert!(lacks(tunable, &retried));
        }
        for tunable in [Tunable::MinDelay, Tunable::Backoff, Tunable::Timeout, Tunable::Deadline] {
            assert!(!lacks(tunable, &once));
        }
    }

    #[test]
    fn a_burst_is_checked_with_the_rate_of_the_use() {
        let rate = LayerInfo::Rate { rate: Rate::new(1, Duration::from_secs(3600)), burst: 1, max_wait: None };
        let layers = alloc::vec![rate];
        let description = Description { plan: Plan::NEW, candidates: 1, layers };
        let with_burst = |burst| Numbers::default().with(Tunable::Burst, Value::Count(burst));
        assert_eq!(with_burst(10).fit_rate(&description), Ok(()));
        assert_eq!(
            with_burst(u32::MAX).fit_rate(&description),
            Err("`burst` is 4294967295, which is worth more than 146 years of the rate, 1/h".into())
        );
    }
}
