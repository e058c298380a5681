//! The scripts in Rust, to test without a server.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use std::collections::HashMap;

use super::Tat;

/// The rates of a server, by key.
#[derive(Debug, Default)]
pub(in crate::rate::shared) struct Model(pub(in crate::rate::shared) HashMap<String, Tat>);

impl Model {
    /// Removes expired values.
    pub(in crate::rate::shared) fn expire(&mut self, now: i64) {
        self.0.retain(|_, tat| tat.0 >= now);
    }

    /// [`RESERVE`](super::RESERVE), at a time in microseconds.
    pub(in crate::rate::shared) fn reserve(&mut self, key: &str, arguments: &[i64], now: i64) -> Vec<i64> {
        let [interval, interval_parts, parts, early, early_parts, max_wait] = *arguments else {
            panic!("{arguments:?}")
        };
        self.expire(now);
        let before = self.0.get(key).copied().unwrap_or((-1, -1));
        let due = before.max((now, 0));
        // In parts of a microsecond, rounded up.
        let whole = |(micros, part): Tat| i128::from(micros) * i128::from(parts) + i128::from(part);
        let wait = whole(due) - whole((early, early_parts)) - whole((now, 0));
        let wait = (wait + i128::from(parts) - 1).div_euclid(i128::from(parts)).max(0);
        let wait = i64::try_from(wait).expect("a wait of this life");
        if wait > max_wait {
            return vec![0, wait];
        }
        let after = whole(due) + whole((interval, interval_parts));
        let after = (after / i128::from(parts), after % i128::from(parts));
        let after = (i64::try_from(after.0).expect("a moment"), i64::try_from(after.1).expect("parts"));
        self.0.insert(key.into(), after);
        vec![1, wait, after.0, after.1, before.0, before.1]
    }

    /// [`GIVE_BACK`](super::GIVE_BACK).
    pub(in crate::rate::shared) fn give_back(&mut self, key: &str, arguments: &[i64]) -> Vec<i64> {
        let [after, after_parts, before, before_parts] = *arguments else { panic!("{arguments:?}") };
        if self.0.get(key) != Some(&(after, after_parts)) {
            return vec![0];
        }
        if before < 0 {
            self.0.remove(key);
        } else {
            self.0.insert(key.into(), (before, before_parts));
        }
        vec![1]
    }
}
