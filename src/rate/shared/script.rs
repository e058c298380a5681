//! The scripts of a rate on a server: the same decisions as [`Gcra`](crate::policy::Gcra), each in one atomic step.
//!
//! A rate is one value on the server, `MICROS PARTS`: its theoretical arrival time in microseconds of the server's
//! clock, and a fraction of one more, in parts whose number the rate defines. Lua's numbers are doubles, which
//! represent whole numbers exactly up to 2^53. All values here are below that, and only the wait is rounded, up. The
//! value expires when its time has come: an idle rate leaves nothing behind.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use super::pace::Pace;
use crate::cache::redis::Script;
use crate::policy::Rate;

/// Reserves a permit: `{1, wait, the new value, the value before}`. A value is two numbers, both -1 if there was
/// none. Or `{0, distance}` if nothing has changed.
///
/// Arguments: the interval, its parts, the number of parts in a microsecond, the tolerance, its parts, the longest
/// wait. A seventh, if there is one, replaces the server's time.
pub(crate) static RESERVE: Script = Script::new(
    r"
local interval, interval_parts, parts = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local early, early_parts, max_wait = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local now = tonumber(ARGV[7])
if not now then
    local time = redis.call('TIME')
    now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end
local micros, fraction = string.match(redis.call('GET', KEYS[1]) or '', '^(%d+) (%d+)$')
local before, before_parts = tonumber(micros or -1), tonumber(fraction or -1)
local due, due_parts = now, 0
if before >= now then due, due_parts = before, before_parts end
local wait = due - early - now
if due_parts > early_parts then wait = wait + 1 end
if wait < 0 then wait = 0 end
if wait > max_wait then return {0, wait} end
due, due_parts = due + interval, due_parts + interval_parts
if due_parts >= parts then due, due_parts = due + 1, due_parts - parts end
local lasts = string.format('%.0f', math.floor((due - now) / 1000) + 1)
redis.call('SET', KEYS[1], string.format('%.0f %.0f', due, due_parts), 'PX', lasts)
return {1, wait, due, due_parts, before, before_parts}
",
);

/// Gives a permit back, if none was reserved after it: `{1}`, or else `{0}`.
///
/// Arguments: the value after the permit was reserved, and the one before.
pub(crate) static GIVE_BACK: Script = Script::new(
    r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. ' ' .. ARGV[2] then return {0} end
local left = redis.call('PTTL', KEYS[1])
if tonumber(ARGV[3]) < 0 or left < 1 then
    redis.call('DEL', KEYS[1])
else
    redis.call('SET', KEYS[1], ARGV[3] .. ' ' .. ARGV[4], 'PX', left)
end
return {1}
",
);

/// A theoretical arrival time on the server, in microseconds and parts.
pub(super) type Tat = (i64, i64);

/// A reserved permit: how it moved the theoretical arrival time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Permit {
    /// Negative if there was none.
    pub(super) before: Tat,
    pub(super) after: Tat,
}

impl Permit {
    /// Returns the arguments of [`GIVE_BACK`].
    pub(super) fn arguments(self) -> [i64; 4] {
        let Permit { before, after } = self;
        [after.0, after.1, before.0, before.1]
    }
}

/// The answer to a request. Waits are in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The permit is due after this wait.
    Reserved { wait: u64, permit: Permit },
    /// None was reserved; one is due after this time.
    TooFar(u64),
}

impl Reply {
    /// Returns `None` if the answer is not one of the script.
    pub(super) fn read(answer: &[i64]) -> Option<Self> {
        let nanos = |micros: i64| u64::try_from(micros).ok().map(|micros| micros.saturating_mul(1000));
        match *answer {
            [0, wait] => nanos(wait).map(Reply::TooFar),
            [1, wait, after, after_parts, before, before_parts] => {
                let permit = Permit { before: (before, before_parts), after: (after, after_parts) };
                nanos(wait).map(|wait| Reply::Reserved { wait, permit })
            }
            _ => None,
        }
    }
}

/// Which calls share a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// The calls of one name.
    Name,
    /// The calls of one name with one key.
    Key(u128),
    /// All calls whose rate is written alike.
    Rate,
}

impl Sharing {
    /// Returns the key of the value on the server. The part that may contain any text comes last, so that no two keys
    /// are equal.
    pub(super) fn key(self, prefix: &str, rate: Rate, name: &str) -> String {
        let (permits, per) = (rate.permits(), rate.per().as_nanos());
        match self {
            Sharing::Name => format!("{prefix}:rate:name:{permits}/{per}ns:{name}"),
            Sharing::Key(key) => format!("{prefix}:rate:key:{permits}/{per}ns:{key:032x}:{name}"),
            Sharing::Rate => format!("{prefix}:rate:global:{permits}/{per}ns"),
        }
    }
}

/// A call's request.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The only key.
    pub(super) keys: [String; 1],
    pub(super) pace: Pace,
    /// In nanoseconds.
    pub(super) max_wait: u64,
}

impl Question {
    pub(super) fn key(&self) -> Arc<str> {
        self.keys[0].as_str().into()
    }

    /// Returns the arguments of [`RESERVE`].
    pub(super) fn arguments(&self) -> [i64; 6] {
        self.pace.arguments(self.max_wait)
    }
}

#[cfg(test)]
pub(super) mod model;
#[cfg(test)]
mod tests;
