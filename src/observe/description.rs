//! The options of a use.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::LayerInfo;
use super::map_info::MapInfo;
use super::text::{duration, per};
use crate::call::Plan;
use crate::policy::Jitter;

/// The options of a use, as of its first call.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub(crate) plan: Plan,
    /// The number of candidates.
    pub(crate) candidates: usize,
    /// The layers, outer to inner.
    pub(crate) layers: Vec<LayerInfo>,
}

/// An option, and its value as one would write it.
type Written = (&'static str, String);

impl Description {
    /// The number of retries, if it is not 0.
    pub(super) fn retries(&self) -> Option<u32> {
        self.plan.retries.filter(|retries| *retries > 0)
    }

    /// The binding of the fallback list, if there is one.
    pub(super) fn fallback(&self) -> Option<&'static str> {
        Some(self.plan.binding).filter(|binding| !binding.is_empty())
    }

    /// Returns the options that differ from their defaults, grouped by layer.
    pub(super) fn options(&self, map: Option<&MapInfo>) -> Vec<Written> {
        let mut options = Vec::new();
        if let Some(map) = map {
            map.options(&mut options);
        }
        self.retry_options(&mut options);
        self.limits(&mut options);
        for layer in &self.layers {
            layer.options(&mut options);
        }
        options
    }

    fn retry_options(&self, options: &mut Vec<Written>) {
        let plan = &self.plan;
        if let Some(retries) = self.retries() {
            options.push(("retries", retries.to_string()));
            let is_set = |set: bool, option: Written| set.then_some(option);
            let time = |nanos: u64| duration(Duration::from_nanos(nanos));
            let jitter = match plan.jitter {
                Jitter::None => "none",
                Jitter::Full => "full",
                Jitter::Equal => "equal",
                Jitter::Decorrelated => "decorrelated",
            };
            options.extend(
                [
                    is_set(
                        plan.backoff.to_bits() != Plan::NEW.backoff.to_bits(),
                        ("backoff", plan.backoff.to_string()),
                    ),
                    is_set(plan.min_delay != Plan::NEW.min_delay, ("min_delay", time(plan.min_delay))),
                    is_set(plan.max_delay != Plan::NEW.max_delay, ("max_delay", time(plan.max_delay))),
                    is_set(plan.jitter != Jitter::None, ("jitter", jitter.to_owned())),
                ]
                .into_iter()
                .flatten(),
            );
        }
        if let Some(binding) = self.fallback() {
            options.push(("fallback", binding.to_owned()));
        }
    }

    fn limits(&self, options: &mut Vec<Written>) {
        let plan = &self.plan;
        let lengths = [
            ("fallback_delay", plan.fallback_delay, Plan::NEW.fallback_delay),
            ("timeout", plan.timeout, Plan::NEVER),
            ("deadline", plan.deadline, Plan::NEVER),
        ];
        for (name, nanos, default) in lengths {
            if nanos != default {
                options.push((name, duration(Duration::from_nanos(nanos))));
            }
        }
        if plan.memory != Plan::NEVER {
            options.push(("memory", format!("{} bytes", plan.memory)));
        }
    }

    /// Returns the names of the layers, outer to inner.
    pub(super) fn layer_names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.layers.iter().map(|layer| layer.name().to_owned()).collect();
        let inside = [
            ("retry", self.retries().is_some() && !names.iter().any(|name| name == "retry")),
            ("fallback", self.fallback().is_some()),
            ("timeout", self.plan.timeout != Plan::NEVER),
        ];
        names.extend(inside.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name.to_owned()));
        names
    }
}

impl LayerInfo {
    fn options(&self, options: &mut Vec<Written>) {
        match self {
            LayerInfo::Cache { backend, time_to_live, capacity, namespace } => {
                options.push(("cache", time_to_live.map_or_else(|| "no limit".to_owned(), duration)));
                options.push(("store", backend.clone()));
                options.push(("capacity", capacity.to_string()));
                options.push(("namespace", namespace.clone()));
            }
            LayerInfo::Rate { rate, burst, max_wait } => {
                options.push(("rate", per(*rate)));
                if *burst != 1 {
                    options.push(("burst", burst.to_string()));
                }
                if let Some(max_wait) = max_wait {
                    options.push(("max_wait", duration(*max_wait)));
                }
            }
            LayerInfo::Adaptive { policies } => options.push(("adaptive", format!("{policies} policies"))),
            LayerInfo::Own(name) => options.push(("layer", name.clone())),
        }
    }
}
