//! What the server does for a rate: the same decisions as [`Gcra`](crate::policy::Gcra), in one step that nothing comes between.
//!
//! A rate is one value of the server, `MICROS PARTS`: its theoretical arrival time in microseconds of the server's clock, and a
//! fraction of one more in parts of which the rate says how many there are. Numbers of Lua are doubles, which are whole and exact
//! below 2^53; so is everything here, and nothing is rounded but the wait, which is rounded up. The value expires when its time has
//! come: an idle rate leaves nothing behind.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

use super::pace::Pace;
use crate::cache::redis::Script;
use crate::policy::Rate;

/// Reserves a permit: `{1, wait, the value from now on, the one before}`, where a value is two numbers, and -1 twice where there
/// was none. Or else `{0, distance}`, and nothing has changed.
///
/// Arguments: the interval, its parts, how many parts a microsecond has, the tolerance, its parts, the longest wait. A further
/// one is taken for the time of the server.
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

/// A permit that was reserved: it moved the theoretical arrival time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Permit {
    /// Negative where there was none.
    pub(super) before: Tat,
    pub(super) after: Tat,
}

impl Permit {
    /// What [`GIVE_BACK`] is told.
    pub(super) fn arguments(self) -> [i64; 4] {
        let Permit { before, after } = self;
        [after.0, after.1, before.0, before.1]
    }
}

/// What one who asks gets. Waits are in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The permit is good after so long.
    Reserved { wait: u64, permit: Permit },
    /// None was reserved; one is due in so long.
    TooFar(u64),
}

impl Reply {
    /// `None` where the answer is none to the script.
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

/// Who shares a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// The calls of one name.
    Name,
    /// Of these, those of one key.
    Key(u128),
    /// All whose rate is written in this way.
    Rate,
}

impl Sharing {
    /// The key of the value on the server. What may hold anything stands last, so that no two are alike.
    pub(super) fn key(self, prefix: &str, rate: Rate, name: &str) -> String {
        let (permits, per) = (rate.permits(), rate.per().as_nanos());
        match self {
            Sharing::Name => format!("{prefix}:rate:name:{permits}/{per}ns:{name}"),
            Sharing::Key(key) => format!("{prefix}:rate:key:{permits}/{per}ns:{key:032x}:{name}"),
            Sharing::Rate => format!("{prefix}:rate:global:{permits}/{per}ns"),
        }
    }
}

/// What a call asks.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// The one key.
    pub(super) keys: [String; 1],
    pub(super) pace: Pace,
    /// In nanoseconds.
    pub(super) max_wait: u64,
}

impl Question {
    pub(super) fn key(&self) -> Arc<str> {
        self.keys[0].as_str().into()
    }

    /// What [`RESERVE`] is told.
    pub(super) fn arguments(&self) -> [i64; 6] {
        self.pace.arguments(self.max_wait)
    }
}

#[cfg(test)]
pub(super) mod model;
#[cfg(test)]
mod tests;
