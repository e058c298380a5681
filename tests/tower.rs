//! Feature `tower`: the policies around real services of tower, by tokio's paused clock.

use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use opero::policy::Rate;
use opero::tower::ResilienceLayer;
use opero::{Call, Error, Failure};
use tokio::task::JoinSet;
use tokio::time::{self, Instant};
use tower::util::BoxCloneService;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};

const SEC: Duration = Duration::from_secs(1);
const MS: fn(u64) -> Duration = Duration::from_millis;

/// Fails for the first `failures` requests, then gives their number. It must be asked whether it is ready, by each clone,
/// before each request.
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
async fn a_request_is_tried_again_by_a_service_that_is_ready() {
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
async fn a_predicate_says_which_errors_are_worth_it() {
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
async fn an_attempt_waits_until_the_service_is_ready_and_no_longer_than_it_may_take() {
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
    let layer = ResilienceLayer::new(Call::new_async("ask").retries(1)).rate(Rate::new(5, SEC), 1);
    let start = Instant::now();
    for _ in 0..5 {
        // The second attempt needs no second permit.
        assert_eq!(layer.layer(Strict::new(1)).oneshot(()).await, Ok(2));
        assert_eq!(layer.layer(Strict::new(0)).oneshot(()).await, Ok(1));
    }
    assert_eq!(start.elapsed(), MS(1800));

    let impatient = ResilienceLayer::new(Call::new_async("ask")).rate(Rate::new(1, SEC), 2).max_wait(MS(10));
    let mut service = impatient.layer(Strict::new(0));
    assert_eq!((service.call(()).await, service.call(()).await), (Ok(1), Ok(2)));
    assert!(service.call(()).await.unwrap_err().is_rate_limit());
    let hurried = ResilienceLayer::new(Call::new_async("ask").deadline(MS(300))).rate(Rate::new(1, SEC), 1);
    let mut service = hurried.layer(Strict::new(0));
    assert_eq!(service.call(()).await, Ok(1));
    assert!(service.call(()).await.unwrap_err().is_timeout());
}

#[tokio::test(start_paused = true)]
async fn a_response_is_kept_for_its_key_and_its_time() {
    let inner = Strict::new(1);
    let layer = ResilienceLayer::new(Call::new_async("kept")).cache(|(page, _): &(u32, &str)| *page).time_to_live(SEC);
    let mut service = layer.layer(inner.clone());
    assert_eq!(service.call((1, "a")).await.unwrap_err().into_last().as_deref(), Some("request 1 is refused"));
    assert_eq!((service.call((1, "b")).await, service.call((1, "c")).await), (Ok(2), Ok(2)));
    assert_eq!((service.call((2, "d")).await, layer.layer(inner.clone()).call((1, "e")).await), (Ok(3), Ok(2)));
    time::advance(SEC).await;
    assert_eq!((service.call((1, "f")).await, inner.requests.load(Relaxed)), (Ok(4), 4));
    let stats = opero::cache::stats("kept");
    assert_eq!((stats.hits, stats.misses), (2, 4));

    let mut words = layer.layer(service_fn(async |_: (u32, &str)| Ok::<_, String>("another type")));
    assert_eq!(words.call((1, "g")).await, Ok("another type"));

    let mut other = ResilienceLayer::new(Call::new_async("kept")).cache(|(): &()| ()).layer(Strict::new(0));
    assert_eq!((other.call(()).await, other.call(()).await), (Ok(1), Ok(1)), "another layer has entries of its own");
}

#[tokio::test(start_paused = true)]
async fn of_concurrent_requests_with_one_key_one_goes_to_the_service() {
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
    let layer = ResilienceLayer::new(Call::new_async("pages")).rate(Rate::new(1, SEC), 2).cache(|page: &u32| *page);
    let service = ServiceBuilder::new().layer(layer).service(inner);
    let start = Instant::now();
    let mut tasks: JoinSet<_> = (0..100).map(|n| service.clone().oneshot(n % 2)).collect();
    // One that began is dropped, and another takes its place.
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
async fn a_value_that_cannot_be_is_told() {
    let policy = || Call::new_async("wrong");
    let told = |outcome: Result<u32, Error<String>>| {
        let error = outcome.unwrap_err();
        assert!(error.is_configuration(), "{error}");
        error.to_string()
    };
    let layer = ResilienceLayer::new(policy().backoff(0.5));
    assert!(told(layer.layer(Strict::new(0)).oneshot(()).await).contains("`backoff`"));
    let layer = ResilienceLayer::new(policy()).rate(Rate::new(1, SEC), 0);
    assert!(told(layer.layer(Strict::new(0)).oneshot(()).await).contains("`burst`"));
    let layer = ResilienceLayer::new(policy()).cache(|(): &()| ()).time_to_live(Duration::ZERO);
    assert!(told(layer.layer(Strict::new(0)).oneshot(()).await).contains("`cache`"));
    let layer = ResilienceLayer::new(policy()).cache(|(): &()| ()).capacity(0);
    assert!(told(layer.layer(Strict::new(0)).oneshot(()).await).contains("`capacity`"));
}

#[tokio::test(start_paused = true)]
async fn it_stands_in_a_stack_and_behind_a_box() {
    let service: BoxCloneService<u32, u32, BoxError> = ServiceBuilder::new()
        .boxed_clone()
        .map_err(BoxError::from)
        .concurrency_limit(10)
        .layer(ResilienceLayer::new(Call::new_async("stack").retries(2)).cache(|n: &u32| *n))
        .service(Strict::new(2));
    assert_eq!(service.clone().oneshot(1).await.unwrap(), 3);
    assert_eq!(service.oneshot(1).await.unwrap(), 3);
}
