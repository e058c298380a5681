use alloc::vec::Vec;
use core::time::Duration;

use proptest::prelude::*;

use super::model::Model;
use super::*;
use crate::cache::Redis;
use crate::policy::Gcra;
use crate::servers::Server;

#[test]
fn an_answer_is_parsed() {
    let permit = Permit { before: (-1, -1), after: (5, 2) };
    assert_eq!(Reply::read(&[1, 7, 5, 2, -1, -1]), Some(Reply::Reserved { wait: 7000, permit }));
    assert_eq!(permit.arguments(), [5, 2, -1, -1]);
    assert_eq!(Reply::read(&[0, 7]), Some(Reply::TooFar(7000)));
    assert_eq!(Reply::read(&[0, i64::MAX]), Some(Reply::TooFar(u64::MAX)));
    for strange in [&[][..], &[1, 7], &[0, -1], &[2, 7, 5, 2, -1, -1]] {
        assert_eq!(Reply::read(strange), None);
    }
}

#[test]
fn each_sharing_has_its_own_key() {
    let rate = Rate::new(3, Duration::from_secs(1));
    assert_eq!(Sharing::Name.key("opero", rate, "ask"), "opero:rate:name:3/1000000000ns:ask");
    let key = Sharing::Key(0xAB).key("opero", rate, "ask");
    assert_eq!(key, "opero:rate:key:3/1000000000ns:000000000000000000000000000000ab:ask");
    assert_eq!(Sharing::Rate.key("opero", rate, "ask"), "opero:rate:global:3/1000000000ns");
}

/// Rates that divide their period evenly or not, slow and fast.
fn rates() -> impl Strategy<Value = (Rate, u32)> {
    let rate = prop_oneof![
        (1_u32..20, 1_u64..5).prop_map(|(permits, secs)| Rate::new(permits, Duration::from_secs(secs))),
        (1_u32..5000, 1_u64..10_000_000_000)
            .prop_map(|(permits, nanos)| Rate::new(permits, Duration::from_nanos(nanos))),
        (1_u32..4, 1_u64..100).prop_map(|(permits, days)| Rate::new(permits, Duration::from_secs(days * 86_400))),
    ];
    (rate, prop_oneof![Just(1_u32), 1_u32..50])
}

/// Pauses before each request, in parts of an interval, and the longest wait in intervals.
fn steps() -> impl Strategy<Value = Vec<(f64, Option<u8>)>> {
    let pause = prop_oneof![3 => Just(0.0), 2 => 0.0..1.5, 1 => 1.0..80.0];
    prop::collection::vec((pause, prop::option::weighted(0.3, 0_u8..5)), 1..40)
}

/// Today, in microseconds.
const NOW: i64 = 1_790_000_000_123_457;

/// Makes requests one after another. Returns each answer with the time of the request and the longest wait in
/// nanoseconds.
fn run(
    rate: Rate,
    burst: u32,
    steps: &[(f64, Option<u8>)],
    mut ask: impl FnMut(&[i64], i64) -> Vec<i64>,
) -> Vec<(i64, u64, Vec<i64>)> {
    let pace = Pace::new(rate, burst).expect("a rate");
    let interval = rate.per().as_secs_f64() / f64::from(rate.permits());
    let mut now = NOW;
    let mut told = Vec::new();
    for (pause, most) in steps {
        #[allow(clippy::cast_possible_truncation, reason = "a pause of hours at most")]
        (now += (pause * interval * 1e6) as i64);
        let max_wait =
            most.map_or(u64::MAX, |most| crate::time::nanos(Duration::from_secs_f64(interval * f64::from(most))));
        told.push((now, max_wait, ask(&pace.arguments(max_wait), now)));
    }
    told
}

proptest! {
    /// A permit of the script is up to a microsecond later than that of [`Gcra`], which is up to two nanoseconds from
    /// the exact time, and never earlier.
    #[test]
    fn the_decisions_equal_those_of_one_process((rate, burst) in rates(), steps in steps()) {
        let gcra = Gcra::new(rate, burst).expect("a rate");
        let mut model = Model::default();
        let mut tat = 0;
        let nanos = |micros: i64| u64::try_from(micros).expect("not before 0") * 1000;
        for (now, max_wait, answer) in run(rate, burst, &steps, |arguments, now| model.reserve("a", arguments, now)) {
            let slot = gcra.reserve(tat, nanos(now));
            let wait = nanos(answer[1]);
            prop_assert!(wait + 2 >= slot.wait && wait <= slot.wait + 1002, "{} and {}", wait, slot.wait);
            prop_assert_eq!(answer[0] == 1, wait <= max_wait);
            if answer[0] == 1 {
                tat = slot.tat;
            }
        }
    }

    #[test]
    fn permits_in_a_row_do_not_drift(permits in 1_u32..5000, nanos in 1_000_000_u64..10_000_000_000) {
        let (rate, mut model) = (Rate::new(permits, Duration::from_nanos(nanos)), Model::default());
        let pace = Pace::new(rate, 1).expect("a rate");
        for n in 0..2000_u64 {
            let answer = model.reserve("a", &pace.arguments(u64::MAX), NOW);
            let exact = u128::from(n) * u128::from(nanos);
            let exact = exact.div_ceil(u128::from(permits) * 1000);
            prop_assert_eq!(u128::try_from(answer[1]).expect("not before now"), exact, "permit {}", n);
        }
    }
}

/// Stores a value without expiry: the times of the test are not those of the server.
static PUT: Script = Script::new(
    "if tonumber(ARGV[1]) < 0 then redis.call('DEL', KEYS[1])
     else redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', 3600000) end return {1}",
);

#[test]
fn the_script_on_the_server_equals_the_model() {
    let server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap();
    let keys = [String::from("a")];
    let eval = |script, arguments: &[i64]| redis.server().eval(script, &keys, arguments).expect("the server is up");
    let put = |tat: Option<Tat>| {
        let (micros, parts) = tat.unwrap_or((-1, -1));
        eval(&PUT, &[micros, parts]);
    };
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let case = (rates(), steps(), prop::collection::vec(any::<bool>(), 40));
    let outcome = runner.run(&case, |((rate, burst), steps, leaves)| {
        let mut model = Model::default();
        let mut leaves = leaves.into_iter();
        let mut told = Vec::new();
        run(rate, burst, &steps, |arguments, now| {
            model.expire(now);
            put(model.0.get("a").copied());
            let with_time: Vec<i64> = arguments.iter().copied().chain([now]).collect();
            let answer = model.reserve("a", arguments, now);
            told.push((eval(&RESERVE, &with_time), answer.clone()));
            let Some(Reply::Reserved { permit, .. }) = Reply::read(&answer) else { return answer };
            if leaves.next() == Some(true) {
                let back = permit.arguments();
                put(model.0.get("a").copied());
                for _ in 0..2 {
                    told.push((eval(&GIVE_BACK, &back), model.give_back("a", &back)));
                }
            }
            answer
        });
        for (at_server, in_model) in told {
            prop_assert_eq!(at_server, in_model);
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn an_idle_rate_leaves_nothing_on_the_server() {
    let server = Server::start();
    let redis = Redis::connect(&server.url()).unwrap();
    let keys = [Sharing::Name.key("opero", Rate::new(100, Duration::from_secs(1)), "ask")];
    let pace = Pace::new(Rate::new(100, Duration::from_secs(1)), 1).unwrap();
    let answer = redis.server().eval(&RESERVE, &keys, &pace.arguments(0)).unwrap();
    assert_eq!(answer[..2], [1, 0]);
    let end = std::time::Instant::now() + Duration::from_secs(10);
    while server.ask(&["DBSIZE"]) != ":0\r\n" {
        assert!(std::time::Instant::now() < end, "it is still there");
        std::thread::yield_now();
    }
}
