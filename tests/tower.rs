//! Feature `tower`: the policies around real tower services, on tokio's paused clock.

use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use opero::cache::{self, Memory};
use opero::error::TimeoutReason;
use opero::policy::Rate;
use opero::time::remaining;
use opero::tower::ResilienceLayer;
use opero::{Call, Error, Failure, Scope};
use tokio::task::JoinSet;
use tokio::time::{self, Instant};
use tower::util::BoxCloneService;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};

const SEC: Duration = Duration::from_secs(1);
const MS: fn(u64) -> Duration = Duration::from_millis;

/// Fails for the first `failures` requests, then returns their number. Each clone must be polled for readiness before
/// each request.
struct Strict {
    failures: u32,
    requests: Arc<AtomicU32>,
    is_ready: bool,
}

impl Strict {
    fn new(failures: u32) -> Self {
        Strict { failures, requests: Arc::default(), is_ready: false }
    }
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Strict { failures: self.failures, requests: self.requests.clone(), is_ready: false }
    }
}

impl<R> Service<R> for Strict {
    type Response = u32;
    type Error = String;
    type Future = Ready<Result<u32, String>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: R) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "it has not been asked whether it is ready");
        let number = self.requests.fetch_add(1, Relaxed) + 1;
        ready(if number > self.failures { Ok(number) } else { Err(format!("request {number} is refused")) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_is_retried_on_a_ready_service() {
    let service = ResilienceLayer::new(Call::new_async("ask").retries(3)).layer(Strict::new(2));
    let start = Instant::now();
    assert_eq!(service.oneshot(()).await, Ok(3));
    assert_eq!(start.elapsed(), MS(250));

    let service = ResilienceLayer::new(Call::new_async("ask").retries(1)).layer(Strict::new(9));
    let error = service.oneshot(()).await.unwrap_err();
    assert_eq!((error.name(), error.attempts().len()), ("ask", 2));
    assert_eq!(error.into_last().as_deref(), Some("request 2 is refused"));
}

#[tokio::test(start_paused = true)]
async fn a_predicate_says_which_errors_are_retried() {
    let policy = Call::new_async("ask").retries(5).retry_if(|error: &String| !error.contains('2'));
    let service = ResilienceLayer::new(policy).layer(Strict::new(9));
    assert_eq!(service.oneshot(()).await.unwrap_err().attempts().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_takes_too_long_is_dropped_and_so_is_a_request() {
    let slow = service_fn(async |()| pending::<Result<(), Infallible>>().await);
    let start = Instant::now();
    let service = ResilienceLayer::new(Call::new_async("slow").timeout(SEC).retries(1)).layer(slow);
    assert_eq!(service.oneshot(()).await.unwrap_err().attempts().len(), 2);
    assert_eq!(start.elapsed(), MS(2100));

    let service = ResilienceLayer::new(Call::new_async("slow").deadline(SEC).retries(9)).layer(slow);
    assert!(service.oneshot(()).await.unwrap_err().is_timeout());
    assert_eq!(start.elapsed(), MS(3100));
}

#[tokio::test(start_paused = true)]
async fn an_attempt_waits_for_readiness_within_its_timeout() {
    let inner = service_fn(async |pause: Duration| {
        time::sleep(pause).await;
        Ok::<_, Infallible>(())
    });
    let inner = ServiceBuilder::new().concurrency_limit(1).service(inner);
    let layer = ResilienceLayer::new(Call::new_async("one").timeout(2 * SEC));
    let (first, second, third) = (layer.layer(inner.clone()), layer.layer(inner.clone()), layer.layer(inner));
    let start = Instant::now();
    let outcomes = tokio::join!(first.oneshot(SEC), second.oneshot(MS(900)), third.oneshot(SEC));
    assert!(outcomes.0.is_ok() && outcomes.1.is_ok());
    assert_eq!(*outcomes.2.unwrap_err().attempts()[0].failure(), Failure::Timeout(2 * SEC));
    assert_eq!(start.elapsed(), 2 * SEC);
}

#[tokio::test(start_paused = true)]
async fn services_of_one_layer_share_its_permits() {
    let layer = ResilienceLayer::new(Call::new_async("ask").retries(1).rate(Rate::new(5, SEC)));
    let start = Instant::now();
    for _ in 0..5 {
        // The second attempt needs no second permit.
        assert_eq!(layer.layer(Strict::new(1)).oneshot(()).await, Ok(2));
        assert_eq!(layer.layer(Strict::new(0)).oneshot(()).await, Ok(1));
    }
    assert_eq!(start.elapsed(), MS(1800));

    let impatient = ResilienceLayer::new(Call::new_async("ask").rate(Rate::new(1, SEC)).burst(2).max_wait(MS(10)));
    let mut service = impatient.layer(Strict::new(0));
    assert_eq!((service.call(()).await, service.call(()).await), (Ok(1), Ok(2)));
    assert!(service.call(()).await.unwrap_err().is_rate_limit());
    let hurried = ResilienceLayer::new(Call::new_async("ask").deadline(MS(300)).rate(Rate::new(1, SEC)));
    let mut service = hurried.layer(Strict::new(0));
    assert_eq!(service.call(()).await, Ok(1));
    assert!(service.call(()).await.unwrap_err().is_timeout());
}

#[tokio::test(start_paused = true)]
async fn each_key_has_a_rate_of_its_own() {
    let call = Call::new_async("tenants").rate(Rate::new(1, SEC)).max_wait(Duration::ZERO).scope(Scope::PerArgs);
    let layer = ResilienceLayer::new(call.clone()).key(|(tenant, _): &(&str, u32)| *tenant);
    let mut service = layer.layer(Strict::new(0));
    assert_eq!((service.call(("a", 1)).await, service.call(("b", 1)).await), (Ok(1), Ok(2)));
    assert!(service.call(("a", 2)).await.unwrap_err().is_rate_limit(), "the tenant is the key, and not the request");
    assert!(layer.layer(Strict::new(0)).call(("b", 2)).await.unwrap_err().is_rate_limit(), "services share the rates");
    time::advance(SEC).await;
    assert_eq!(service.call(("a", 3)).await, Ok(3));

    let keyless = ResilienceLayer::new(call).layer(Strict::new(0)).oneshot(()).await.unwrap_err();
    assert!(keyless.is_configuration() && keyless.to_string().contains("`key`"), "{keyless}");
}

#[tokio::test(start_paused = true)]
async fn all_services_of_the_process_share_a_global_rate() {
    let layer = || {
        let call = Call::new_async("process").rate(Rate::new(7, 70 * SEC)).max_wait(Duration::ZERO);
        ResilienceLayer::new(call.scope(Scope::Global))
    };
    assert_eq!(layer().layer(Strict::new(0)).oneshot(()).await, Ok(1));
    assert!(layer().layer(Strict::new(0)).oneshot(()).await.unwrap_err().is_rate_limit());
}

#[tokio::test(start_paused = true)]
async fn a_response_is_cached_by_key_for_its_time_to_live() {
    let inner = Strict::new(1);
    let layer = ResilienceLayer::new(Call::new_async("kept").cache(SEC)).key(|(page, _): &(u32, &str)| *page);
    let mut service = layer.layer(inner.clone());
    assert_eq!(service.call((1, "a")).await.unwrap_err().into_last().as_deref(), Some("request 1 is refused"));
    assert_eq!((service.call((1, "b")).await, service.call((1, "c")).await), (Ok(2), Ok(2)));
    assert_eq!((service.call((2, "d")).await, layer.layer(inner.clone()).call((1, "e")).await), (Ok(3), Ok(2)));
    time::advance(SEC).await;
    assert_eq!((service.call((1, "f")).await, inner.requests.load(Relaxed)), (Ok(4), 4));
    let stats = cache::stats("kept");
    assert_eq!((stats.hits, stats.misses), (2, 4));

    let mut words = layer.layer(service_fn(async |_: (u32, &str)| Ok::<_, String>("another type")));
    assert_eq!(words.call((1, "g")).await, Ok("another type"));

    let layer = ResilienceLayer::new(Call::new_async("kept").cache(None)).key(|(): &()| ());
    let mut other = layer.layer(Strict::new(0));
    assert_eq!((other.call(()).await, other.call(()).await), (Ok(1), Ok(1)), "another layer has entries of its own");
    time::advance(1000 * SEC).await;
    assert_eq!(other.call(()).await, Ok(1), "without a time to live it stays");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_is_cleared_as_one() {
    let layer = |space: &'static str| {
        ResilienceLayer::new(Call::new_async("pages").cache(None).namespace(space).capacity(10)).key(|page: &u32| *page)
    };
    let (mut left, mut right) = (layer("left").layer(Strict::new(0)), layer("right").layer(Strict::new(0)));
    for page in 0..3 {
        left.call(page).await.unwrap();
        right.call(page).await.unwrap();
    }
    assert_eq!(cache::clear(Some("left")), 3);
    assert_eq!((left.call(0).await, right.call(0).await), (Ok(4), Ok(1)));
}

#[tokio::test(start_paused = true)]
async fn layers_share_the_entries_of_a_store() {
    let memory = Arc::new(Memory::with_capacity(10));
    let layer = |memory: &Arc<Memory<u32>>| {
        ResilienceLayer::new(Call::new_async("stored").cache(60 * SEC).store(memory.clone())).key(|page: &u32| *page)
    };
    assert_eq!(layer(&memory).layer(Strict::new(0)).oneshot(7).await, Ok(1));
    assert_eq!(layer(&memory).layer(Strict::new(9)).oneshot(7).await, Ok(1), "another layer, and no request");
    assert_eq!(memory.len(), 1);

    // By reference too, and with a rate inside.
    let memory: &'static Memory<u32> = Box::leak(Box::new(Memory::new()));
    let call = || Call::new_async("stored").cache(None).store(memory).rate(Rate::new(1, SEC)).max_wait(Duration::ZERO);
    let service = ResilienceLayer::new(call()).key(|page: &u32| *page).layer(Strict::new(0));
    assert_eq!((service.clone().oneshot(1).await, service.clone().oneshot(1).await), (Ok(1), Ok(1)));
    assert!(service.oneshot(2).await.unwrap_err().is_rate_limit());
}

#[tokio::test(start_paused = true)]
async fn one_of_several_concurrent_requests_with_one_key_reaches_the_service() {
    let requests = Arc::new(AtomicU32::new(0));
    let inner = service_fn({
        let requests = requests.clone();
        move |page: u32| {
            requests.fetch_add(1, Relaxed);
            async move {
                time::sleep(SEC).await;
                Ok::<_, Infallible>(page * 10)
            }
        }
    });
    let call = Call::new_async("pages").rate(Rate::new(1, SEC)).burst(2).cache(None);
    let service = ServiceBuilder::new().layer(ResilienceLayer::new(call).key(|page: &u32| *page)).service(inner);
    let start = Instant::now();
    let mut tasks: JoinSet<_> = (0..100).map(|n| service.clone().oneshot(n % 2)).collect();
    // A running request is dropped, and another takes its place.
    tasks.spawn(async { Ok(0) });
    let dropped = tokio::spawn(service.clone().oneshot(2));
    tokio::task::yield_now().await;
    dropped.abort();
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().map(|answer| *answer.as_ref().unwrap()).sum::<u32>(), 500);
    assert_eq!(service.oneshot(2).await, Ok(20));
    assert_eq!(requests.load(Relaxed), 3);
    assert!(start.elapsed() <= 3 * SEC, "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_hit_spends_no_permit() {
    let call = Call::new_async("both").cache(None).rate(Rate::new(1, SEC)).max_wait(Duration::ZERO);
    let mut service = ResilienceLayer::new(call).key(|page: &u32| *page).layer(Strict::new(0));
    for _ in 0..5 {
        assert_eq!(service.call(1).await, Ok(1));
    }
    assert!(service.call(2).await.unwrap_err().is_rate_limit());
    time::advance(SEC).await;
    assert_eq!((service.call(1).await, service.call(2).await), (Ok(1), Ok(2)));
}

#[tokio::test(start_paused = true)]
async fn an_invalid_value_is_reported_before_a_wait_and_spends_no_permit() {
    let told = |outcome: Result<u32, Error<String>>| {
        let error = outcome.unwrap_err();
        assert!(error.is_configuration(), "{error}");
        error.to_string()
    };
    let start = Instant::now();
    let layer = ResilienceLayer::new(Call::new_async("wrong").backoff(0.5));
    assert!(told(layer.layer(Strict::new(0)).oneshot(()).await).contains("`backoff`"));
    let layer = ResilienceLayer::new(Call::new_async("wrong").rate(Rate::new(1, SEC)).burst(0));
    assert!(told(layer.layer(Strict::new(0)).oneshot(()).await).contains("`burst`"));
    let cached = || Call::new_async("wrong").cache(SEC);
    let layer = ResilienceLayer::new(cached().cache(Duration::ZERO)).key(|(): &()| ());
    assert!(told(layer.layer(Strict::new(0)).oneshot(()).await).contains("`cache`"));
    let layer = ResilienceLayer::new(cached().capacity(0)).key(|(): &()| ());
    assert!(told(layer.layer(Strict::new(0)).oneshot(()).await).contains("`capacity`"));

    // The clones of a call share its permits. A clone that cannot run neither waits for a permit nor spends one.
    let limited = Call::new_async("wrong").rate(Rate::new(1, 60 * SEC));
    for _ in 0..3 {
        let wrong = ResilienceLayer::new(limited.clone().timeout(Duration::ZERO));
        assert!(told(wrong.layer(Strict::new(0)).oneshot(()).await).contains("`timeout`"));
    }
    assert_eq!(ResilienceLayer::new(limited.clone()).layer(Strict::new(0)).oneshot(()).await, Ok(1));
    let wrong = ResilienceLayer::new(limited.backoff(0.5));
    assert!(told(wrong.layer(Strict::new(0)).oneshot(()).await).contains("`backoff`"));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn it_works_in_a_stack_and_behind_a_box() {
    let service: BoxCloneService<u32, u32, BoxError> = ServiceBuilder::new()
        .boxed_clone()
        .map_err(BoxError::from)
        .concurrency_limit(10)
        .layer(ResilienceLayer::new(Call::new_async("stack").retries(2).cache(None)).key(|n: &u32| *n))
        .service(Strict::new(2));
    assert_eq!(service.clone().oneshot(1).await.unwrap(), 3);
    assert_eq!(service.oneshot(1).await.unwrap(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_limit_counts_from_before_the_call_and_is_known_to_the_service() {
    let policy = Call::new_async("ask").deadline(SEC);
    let service = ResilienceLayer::new(policy).layer(service_fn(async |()| {
        let before = remaining();
        time::advance(MS(900)).await;
        time::sleep(MS(200)).await;
        Ok::<_, String>(before)
    }));
    let (response, start) = (service.oneshot(()), Instant::now());
    assert!(response.await.unwrap_err().is_timeout());
    assert_eq!(start.elapsed(), SEC);

    let policy = Call::new_async("ask").deadline(SEC);
    let service = ResilienceLayer::new(policy).layer(service_fn(async |()| {
        time::advance(MS(300)).await;
        Ok::<_, String>(remaining())
    }));
    assert_eq!(service.oneshot(()).await, Ok(Some(MS(700))));
}

#[tokio::test(start_paused = true)]
async fn a_delay_beyond_the_deadline_is_not_slept() {
    let policy = Call::new_async("ask").deadline(SEC).retries(9).min_delay(10 * SEC);
    let service = ResilienceLayer::new(policy).layer(Strict::new(9));
    let start = Instant::now();
    let Err(Error::Timeout(timeout)) = service.oneshot(()).await else { panic!("it fails") };
    assert_eq!((timeout.reason(), timeout.attempts().len()), (TimeoutReason::Delay(10 * SEC), 1));
    assert_eq!(start.elapsed(), Duration::ZERO);
}
