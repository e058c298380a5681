//! Leases on a server: a key with the token of the holder, which the server expires.

use alloc::string::String;
use alloc::sync::Arc;
use core::future::Future;
use core::time::Duration;

use super::super::Key;
use super::super::external::{Fault, Lend};
use super::question::{Question, Script};
use super::server::Server;

/// KEYS: the lease. ARGV: the token, the time in milliseconds. A holder that asks again, because the answer was lost,
/// still has it.
static LEND: Script = Script::new(
    "
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
",
);

static EXTEND: Script = Script::new(
    "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
",
);

static GIVE_BACK: Script = Script::new(
    "
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
",
);

impl Server {
    fn lease_question(&self, script: &Script, key: &Key<'_>, token: u128, time: Duration) -> Question {
        let milliseconds = time.as_millis().clamp(1, 1 << 50);
        Question::script(script, &[self.keys().lease(key)], &[hex(token), alloc::format!("{milliseconds}")])
    }
}

fn hex(token: u128) -> String {
    alloc::format!("{token:032x}")
}

impl Lend for Server {
    fn lend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, Fault> {
        self.ask(&self.lease_question(&LEND, key, token, time))
    }

    fn extend(&self, key: &Key<'_>, token: u128, time: Duration) -> Result<bool, Fault> {
        self.ask(&self.lease_question(&EXTEND, key, token, time))
    }

    fn give_back(&self, key: &Key<'_>, token: u128) -> Result<(), Fault> {
        self.ask::<bool>(&self.lease_question(&GIVE_BACK, key, token, Duration::ZERO)).map(drop)
    }

    fn lend_async(
        self: &Arc<Self>,
        key: &Key<'_>,
        token: u128,
        time: Duration,
    ) -> impl Future<Output = Result<bool, Fault>> + Send {
        let question = self.lease_question(&LEND, key, token, time);
        async move { self.ask_async(&question).await }
    }
}
