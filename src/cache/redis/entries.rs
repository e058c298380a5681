//! The entries of a store on a server: the commands that store, find and remove them.
//!
//! An entry and its place in the index of its namespace are written in one step; a clear between the two would miss
//! the entry. The server expires entries but leaves their places in the index. [`TEND`] removes these places now and
//! then, as part of a set. It uses the server's clock, and checks for each entry that may be gone whether it is,
//! because the order in the index follows the clocks of the writers.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::future::Future;
use core::time::Duration;

use ::redis::{Cmd, cmd};

use super::super::Key;
use super::super::external::{Bytes, Fault, Times};
use super::super::tiered::Tell;
use super::keys::Keys;
use super::question::{Question, Script, Transaction};
use super::server::Server;
use crate::sync::Ordering::Relaxed;

/// How many places are checked at once, and how many entries are removed in one step.
const BATCH: i64 = 1000;
/// The number of sets between two checks of an index, unless its capacity is small. Each check covers more places
/// than that.
const SETS: u64 = 64;
/// The scores of entries that never expire, in order of age, start here. In milliseconds, and exact as a score.
const ENDLESS: u64 = 1 << 52;

/// KEYS: the index. ARGV: the prefix of its entries, the capacity or 0, the maximum to check. Returns the number of
/// evictions.
pub(super) const TEND: &str = "
local index, base, capacity, most = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, member in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 100)) do
    local left = redis.call('PTTL', base .. member)
    if left == -2 then
        redis.call('ZREM', index, member)
    elseif left == -1 then
        redis.call('ZADD', index, 4503599627370496 + now, member)
    else
        redis.call('ZADD', index, now + left, member)
    end
end
local evicted = 0
if capacity > 0 then
    local over = math.min(redis.call('ZCARD', index) - capacity, most)
    if over > 0 then
        local members = redis.call('ZRANGE', index, 0, over - 1)
        redis.call('ZREMRANGEBYRANK', index, 0, over - 1)
        for at, member in ipairs(members) do members[at] = base .. member end
        evicted = redis.call('UNLINK', unpack(members))
    end
end
return evicted
";

/// KEYS: the index, and the index of entries being removed. ARGV: their prefix, the maximum to remove, 1 for the
/// first batch. Returns how many entries were removed, and how many are left.
///
/// The first batch renames the index, so that concurrent writers do not prolong the clear. It also removes what an
/// earlier clear that was cancelled has left.
static CLEAR: Script = Script::new(
    "
local index, clearing, base, most = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
if ARGV[3] == '1' and redis.call('EXISTS', index) == 1 then
    if redis.call('EXISTS', clearing) == 1 then
        redis.call('ZUNIONSTORE', clearing, 2, clearing, index)
        redis.call('DEL', index)
    else
        redis.call('RENAME', index, clearing)
    end
end
local members = redis.call('ZRANGE', clearing, 0, most - 1)
if #members == 0 then return {0, 0} end
redis.call('ZREMRANGEBYRANK', clearing, 0, most - 1)
for at, member in ipairs(members) do members[at] = base .. member end
return {redis.call('UNLINK', unpack(members)), redis.call('ZCARD', clearing)}
",
);

/// Returns how long the server keeps an entry, in milliseconds: never longer than its time to live, but at least the
/// one that the server requires. `None` means that it never expires.
const fn lifetime(time_to_live: u64) -> Option<u64> {
    let milliseconds = time_to_live / 1000;
    match milliseconds {
        0 => Some(1),
        // The server's clock does not reach further.
        1..ENDLESS => Some(milliseconds),
        _ => None,
    }
}

/// Returns the score of an entry in its index.
const fn score(times: Times) -> u64 {
    let (written, milliseconds) = (times.written / 1000, lifetime(times.time_to_live));
    let score = match milliseconds {
        Some(milliseconds) => written.saturating_add(milliseconds),
        None => ENDLESS.saturating_add(written),
    };
    // Scores are exact up to here.
    if score < 2 * ENDLESS { score } else { 2 * ENDLESS }
}

impl Server {
    fn get_question(&self, key: &Key<'_>, limit: usize) -> Question {
        let mut command = cmd("GETRANGE");
        // One byte more than the limit, to detect a record that is too large.
        command.arg(self.keys().entry(key)).arg(0).arg(i64::try_from(limit).unwrap_or(i64::MAX - 1));
        Question::One(command)
    }

    fn set_question(&self, key: &Key<'_>, record: &[u8], times: Times) -> Question {
        let (entry, index) = (self.keys().entry(key), self.keys().index(key.namespace()));
        let member = Keys::member(&entry, key);
        // With room for the numbers and the names of the commands.
        let mut place = Cmd::with_capacity(4, index.len() + member.len() + 40);
        place.arg("ZADD").arg(&index).arg(score(times)).arg(member);
        let mut set = Cmd::with_capacity(5, entry.len() + record.len() + 40);
        set.arg("SET").arg(&entry).arg(record);
        if let Some(milliseconds) = lifetime(times.time_to_live) {
            set.arg("PX").arg(milliseconds);
        }
        let capacity = self.capacity();
        let sets = if capacity == 0 { SETS } else { (capacity / 100).clamp(1, SETS) };
        let is_due = self.sets.fetch_add(1, Relaxed) % sets == 0;
        let tend = is_due.then(|| {
            // With the text of the script: if the server has lost the script, a transaction could not load it
            // halfway.
            let mut tend = cmd("EVAL");
            tend.arg(TEND).arg(1).arg(&index).arg(self.keys().base(key.namespace())).arg(capacity).arg(BATCH);
            tend
        });
        Question::Transaction(Transaction::new(2, [place, set].into_iter().chain(tend)))
    }

    fn count_evictions(&self, evicted: Vec<u64>) {
        self.health().counters.evictions.fetch_add(evicted.into_iter().sum(), Relaxed);
    }

    fn remove_question(&self, key: &Key<'_>) -> Question {
        let entry = self.keys().entry(key);
        let (mut displace, mut unlink) = (cmd("ZREM"), cmd("UNLINK"));
        displace.arg(self.keys().index(key.namespace())).arg(Keys::member(&entry, key));
        unlink.arg(&entry);
        Question::Transaction(Transaction::new(1, [displace, unlink]))
    }

    fn clear_question(&self, namespace: &str, is_first: bool) -> Question {
        let keys = [self.keys().index(namespace), self.keys().clearing(namespace)];
        let args = [self.keys().base(namespace), BATCH.to_string(), i32::from(is_first).to_string()];
        Question::script(&CLEAR, &keys, &args)
    }
}

/// Returns the record, if there is one of at most `limit` bytes. The server answers with no bytes if it has none.
fn within(record: Vec<u8>, limit: usize) -> Option<Vec<u8>> {
    (!record.is_empty() && record.len() <= limit).then_some(record)
}

impl Bytes for Server {
    const KEEPS_TIME: bool = true;

    fn tell_of_changes(self: &Arc<Self>, tell: Tell) -> Option<Box<dyn Any + Send + Sync>> {
        Some(Box::new(self.watch(move |change| tell(change))))
    }

    fn get(&self, key: &Key<'_>, limit: usize) -> Result<Option<Vec<u8>>, Fault> {
        Ok(within(self.ask(&self.get_question(key, limit))?, limit))
    }

    fn set(&self, key: &Key<'_>, record: Vec<u8>, times: Times) -> Result<(), Fault> {
        self.count_evictions(self.ask(&self.set_question(key, &record, times))?);
        Ok(())
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Fault> {
        let [removed] = self.ask(&self.remove_question(key))?;
        Ok(removed)
    }

    fn clear(&self, namespace: &str) -> Result<usize, Fault> {
        let (mut removed, mut is_first) = (0, true);
        loop {
            let (some, left): (usize, usize) = self.ask(&self.clear_question(namespace, is_first))?;
            removed += some;
            is_first = false;
            if left == 0 {
                return Ok(removed);
            }
        }
    }

    fn io_timeout(&self) -> Duration {
        Server::io_timeout(self)
    }

    fn get_async(
        self: &Arc<Self>,
        key: &Key<'_>,
        limit: usize,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Fault>> + Send {
        let question = self.get_question(key, limit);
        async move { Ok(within(self.ask_async(&question).await?, limit)) }
    }

    fn set_async(
        self: &Arc<Self>,
        key: &Key<'_>,
        record: Vec<u8>,
        times: Times,
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        let question = self.set_question(key, &record, times);
        async move {
            self.count_evictions(self.ask_async(&question).await?);
            Ok(())
        }
    }

    fn remove_async(self: &Arc<Self>, key: &Key<'_>) -> impl Future<Output = Result<bool, Fault>> + Send {
        let question = self.remove_question(key);
        async move {
            let [removed] = self.ask_async(&question).await?;
            Ok(removed)
        }
    }

    async fn clear_async(self: &Arc<Self>, namespace: &str) -> Result<usize, Fault> {
        let (mut removed, mut is_first) = (0, true);
        loop {
            let (some, left): (usize, usize) = self.ask_async(&self.clear_question(namespace, is_first)).await?;
            removed += some;
            is_first = false;
            if left == 0 {
                return Ok(removed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1000;

    #[test]
    fn the_server_keeps_an_entry_no_longer_than_its_time_to_live_but_at_least_a_millisecond() {
        assert_eq!([0, 1, 999, 1000, 1999, 60_000_000].map(lifetime), [1, 1, 1, 1, 1, 60_000].map(Some));
        assert_eq!([u64::MAX, ENDLESS * MS].map(lifetime), [None, None]);
        assert_eq!(lifetime(ENDLESS * MS - 1), Some(ENDLESS - 1));
    }

    #[test]
    fn entries_are_ordered_by_expiry_and_then_those_that_never_expire_by_age() {
        let now = 1_790_000_000_000 * MS;
        let at = |written, time_to_live| score(Times { written, time_to_live });
        let scores = [
            at(now, 5 * MS),
            at(now, 70 * MS),
            at(now + 60 * MS, 70 * MS),
            at(now, u64::MAX),
            at(now + MS, u64::MAX),
            at(u64::MAX, u64::MAX),
        ];
        assert!(scores.is_sorted_by(|one, next| one < next), "{scores:?}");
        assert!(scores[5] <= 1 << 53 && TEND.contains(&alloc::format!("{ENDLESS} + now")));
    }
}
