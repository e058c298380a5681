//! Async maps on common executors: order, laziness, panics, early ends, streams.

#[path = "support/runtime.rs"]
mod runtime;

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures_lite::future::yield_now;
use futures_lite::{Stream, StreamExt, stream};
use opero::map::{ItemContext, Map, Summary};
use opero::time::{Clock, ManualClock};
use opero::{Error, opero};
use runtime::block_on;

type Outcome<T> = Result<T, Error<String>>;

/// Becomes ready after this many more polls.
async fn after(polls: usize) {
    for _ in 0..polls {
        yield_now().await;
    }
}

/// Polls once, without being woken.
fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn assert_send<T: Send>(_: T) {}

/// Items of which the later ones are done first.
async fn backwards(n: usize, place: ItemContext) -> Outcome<usize> {
    assert_eq!(place.index(), n);
    after(100 - n).await;
    if n % 7 == 3 { Err(opero! { name: "seven" => Err::<(), _>(n.to_string()) }.unwrap_err()) } else { Ok(n) }
}

fn is_right(results: &[Outcome<usize>]) -> bool {
    let is_right = |(n, result): (usize, &Outcome<usize>)| match result {
        Ok(value) => *value == n && n % 7 != 3,
        Err(error) => n % 7 == 3 && error.last() == Some(&n.to_string()),
    };
    results.len() == 100 && results.iter().enumerate().all(is_right)
}

#[test]
fn on_every_executor_the_results_are_in_the_order_of_the_items() {
    let map = || Map::new_async("map").workers(20).future(0..100, backwards);
    assert!(is_right(&block_on(map())));
    assert!(is_right(&opero::map::block_on(map())));
    assert!(is_right(&smol::block_on(smol::spawn(map()))));
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    assert!(is_right(&many.block_on(many.spawn(map())).unwrap()));
    let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(is_right(&one.block_on(map())));
}

#[test]
fn timers_of_tokio_and_of_smol_wake_their_items() {
    let many = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let sleeps = Map::new_async("tokio").workers(50).future(0..200_u64, async |n, _| {
        tokio::time::sleep(Duration::from_micros(n * 37 % 2000)).await;
        Outcome::Ok(n)
    });
    assert_eq!(many.block_on(sleeps), (0..200).map(Ok).collect::<Vec<_>>());
    let sleeps = Map::new_async("smol").workers(50).future(0..200_u64, async |n, _| {
        opero::time::System.sleep_async(Duration::from_micros(n * 37 % 2000)).await;
        Outcome::Ok(n)
    });
    assert_eq!(smol::block_on(smol::spawn(sleeps)), (0..200).map(Ok).collect::<Vec<_>>());
}

#[test]
fn without_an_order_results_come_as_completed() {
    let map = Map::new_async("map").ordered(false);
    let op = async |n: usize, _| {
        after((3 - n) * 100).await;
        Outcome::Ok(n)
    };
    assert_eq!(block_on(map.future(0..4, op)), [3, 2, 1, 0].map(Ok));
}

#[test]
fn it_may_borrow_and_its_futures_need_not_be_send() {
    let words = [String::from("a"), String::from("bc")];
    let sum = Rc::new(Cell::new(0));
    let results = block_on(Map::new_async("map").future(&words, |word, _| {
        let sum = Rc::clone(&sum);
        async move {
            after(1).await;
            sum.set(sum.get() + word.len());
            Outcome::Ok(word.as_str())
        }
    }));
    assert_eq!((results, sum.get()), (vec![Ok("a"), Ok("bc")], 3));
}

#[test]
fn it_is_send_if_its_parts_are() {
    let op = async |n: u32, _| {
        after(1).await;
        Outcome::Ok(n)
    };
    let map = || Map::new_async("map").deadline(Duration::from_secs(60));
    assert_send(map().future(0..3, op));
    assert_send(map().future(stream::iter(0..3), op));
    assert_send(map().future_each(0..3, op, drop));
    assert_send(map().future_each_async(0..3, op, async |result| drop(result)));
    assert_send(map().future_stream(0..3, op));
    let (words, mut sum) = ([String::from("a")], 0);
    assert_send(map().future_each(
        &words,
        async |word: &String, _| Outcome::Ok(word.len()),
        |length| {
            sum += length.unwrap();
        },
    ));
    assert_send(map().future(&words, |word, _| {
        opero! { retries: 3, name: "length" => async move { after(1).await; Ok::<_, String>(word.len()) } }
    }));
    let clock = ManualClock::new();
    assert_send(map().clock(&clock).future(0..3, op));
}

#[test]
fn nothing_happens_before_the_first_poll_and_an_item_is_pulled_when_there_is_room() {
    let (pulled, started) = (Cell::new(0), Cell::new(0));
    let items = (0..10).inspect(|_| pulled.set(pulled.get() + 1));
    let mut map = pin!(Map::new_async("map").workers(3).future(items, |_: u32, _| {
        started.set(started.get() + 1);
        pending::<Outcome<()>>()
    }));
    assert_eq!((pulled.get(), started.get()), (0, 0));
    assert!(poll(map.as_mut()).is_pending());
    assert_eq!((pulled.get(), started.get()), (3, 3));
    assert!(poll(map.as_mut()).is_pending());
    assert_eq!((pulled.get(), started.get()), (3, 3));
}

/// Counts its living instances.
struct Alive<'c>(&'c Cell<usize>);

impl<'c> Alive<'c> {
    fn new(count: &'c Cell<usize>) -> Self {
        count.set(count.get() + 1);
        Alive(count)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

#[test]
fn at_most_as_many_futures_are_alive_as_there_are_workers() {
    for (workers, most) in [(1, 1), (7, 7), (1000, 50)] {
        let (alive, peak) = (Cell::new(0), Cell::new(0));
        let results = block_on(Map::new_async("map").workers(workers).future(0..50, async |n: usize, _| {
            let _alive = Alive::new(&alive);
            peak.set(peak.get().max(alive.get()));
            after(n % 5 * 100 + 500).await;
            Outcome::Ok(n)
        }));
        assert_eq!((results.len(), peak.get(), alive.get()), (50, most, 0));
    }
}

#[test]
fn a_dropped_map_drops_its_futures_at_once() {
    let alive = Cell::new(0);
    {
        let mut map = pin!(Map::new_async("map").workers(5).future(0.., async |_: u32, _| {
            let _alive = Alive::new(&alive);
            pending::<Outcome<()>>().await
        }));
        assert!(poll(map.as_mut()).is_pending());
        assert_eq!(alive.get(), 5);
    }
    assert_eq!(alive.get(), 0);
}

#[test]
fn a_wake_up_polls_no_other_item() {
    const ITEMS: usize = 1000;
    let polls = RefCell::new(vec![0; ITEMS]);
    let wakers = RefCell::new(vec![None; ITEMS]);
    let mut map = pin!(Map::new_async("map").workers(ITEMS).future(0..ITEMS, |n, _| {
        let (polls, wakers) = (&polls, &wakers);
        poll_fn(move |context| {
            polls.borrow_mut()[n] += 1;
            wakers.borrow_mut()[n] = Some(context.waker().clone());
            if polls.borrow()[n] < 3 { Poll::Pending } else { Poll::Ready(Outcome::Ok(n)) }
        })
    }));
    // After some polls it yields to other tasks.
    while polls.borrow()[ITEMS - 1] == 0 {
        assert!(poll(map.as_mut()).is_pending());
    }
    assert!(polls.borrow().iter().all(|polls| *polls == 1));
    wakers.borrow()[77].as_ref().unwrap().wake_by_ref();
    wakers.borrow()[77].as_ref().unwrap().wake_by_ref();
    assert!(poll(map.as_mut()).is_pending());
    assert!(polls.borrow().iter().enumerate().all(|(n, polls)| *polls == if n == 77 { 2 } else { 1 }));
    // A completed future is not polled again, whoever wakes it.
    let late = wakers.borrow()[77].clone().unwrap();
    late.wake_by_ref();
    assert!(poll(map.as_mut()).is_pending());
    late.wake();
    assert!(poll(map.as_mut()).is_pending());
    assert!(polls.borrow().iter().enumerate().all(|(n, polls)| *polls == if n == 77 { 3 } else { 1 }));
}

/// Counts its wake-ups.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[test]
fn items_that_are_always_ready_let_other_tasks_run() {
    let woken = Arc::new(Woken::default());
    let mut map = pin!(Map::new_async("map").future(0..10_000, async |n: usize, _| Outcome::Ok(n)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut rests = 0;
    while map.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
        rests += 1;
        assert_eq!(woken.0.load(SeqCst), rests, "whoever rests wakes itself");
    }
    assert!((50..=100).contains(&rests), "{rests}");
}

#[test]
fn an_item_that_always_wakes_itself_does_not_block_the_others() {
    let map = Map::new_async("map").workers(2).ordered(false);
    let results = block_on(map.future(0..3, async |n: usize, _| {
        after(if n == 0 { 100_000 } else { 1 }).await;
        Outcome::Ok(n)
    }));
    assert_eq!(results, [1, 2, 0].map(Ok));
}

#[test]
fn a_panic_is_the_error_of_its_item_wherever_it_is() {
    struct Bomb(bool);
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(!self.0, "drop");
        }
    }
    let results = block_on(Map::new_async("map").workers(2).future(0..6, |n: usize, _| {
        assert!(n != 1, "op");
        let bomb = Bomb(n == 3);
        async move {
            assert!(n != 2, "first {n}");
            after(1).await;
            if n == 4 {
                panic_any(4);
            }
            let _ = &bomb;
            Outcome::Ok(n)
        }
    }));
    let texts: Vec<_> = results.into_iter().map(|result| result.map_err(|error| error.to_string())).collect();
    let panic = |text| Err(format!("Panic in map: {text}"));
    let expected = [Ok(0), panic("op"), panic("first 2"), panic("drop"), panic("the panic has no message"), Ok(5)];
    assert_eq!(texts, expected);
}

#[test]
fn a_panic_of_the_input_ends_the_map_when_its_items_are_done() {
    let done = Cell::new(0);
    let items = (0..10).inspect(|n| assert!(*n != 3, "input"));
    let map = Map::new_async("map").future(items, async |n: usize, _| {
        after(n).await;
        done.set(done.get() + 1);
        Outcome::Ok(n)
    });
    let panic = catch_unwind(AssertUnwindSafe(|| block_on(map))).unwrap_err();
    assert_eq!((panic.downcast_ref(), done.get()), (Some(&"input"), 3));
}

#[test]
fn each_gets_the_results_before_the_panic_of_the_input() {
    let items = || (0..10).inspect(|n| assert!(*n != 3, "input"));
    let op = async |n: usize, _| {
        after(n).await;
        Outcome::Ok(n)
    };
    let seen = RefCell::new(Vec::new());
    let see = |result: Outcome<usize>| seen.borrow_mut().push(result.unwrap());
    let map = Map::new_async("map").future_each(items(), op, see);
    assert!(catch_unwind(AssertUnwindSafe(|| block_on(map))).is_err());
    let map = Map::new_async("map").future_each_async(items(), op, async |result| {
        after(10).await;
        see(result);
    });
    assert!(catch_unwind(AssertUnwindSafe(|| block_on(map))).is_err());
    assert_eq!(*seen.borrow(), [0, 1, 2, 0, 1, 2]);
}

#[test]
fn after_max_failures_the_rest_is_skipped() {
    let started = Cell::new(0);
    let map = Map::new_async("map").workers(10).max_failures(3).future(0..100_000, async |n: usize, _| {
        started.set(started.get() + 1);
        Err::<(), _>(opero! { name: "item" => Err::<(), _>(n.to_string()) }.unwrap_err())
    });
    let results = block_on(map);
    let summary = Summary::of(&results);
    assert_eq!((started.get(), results.len(), summary.all_failed(), summary.skipped()), (3, 100_000, 3, 99_997));
}

#[test]
fn after_max_failures_a_pending_input_is_not_waited_for() {
    let items = stream::iter(0..2).chain(stream::pending());
    let map = Map::new_async("map").max_failures(2).future(items, async |n: usize, _| {
        after(n).await;
        Err::<(), _>(opero! { name: "item" => Err::<(), _>(n.to_string()) }.unwrap_err())
    });
    assert_eq!(Summary::of(&block_on(map)).all_failed(), 2);
}

#[test]
fn an_invalid_option_is_the_error_of_every_item() {
    let never = |_: u32, _: ItemContext| -> std::future::Ready<Outcome<()>> { unreachable!() };
    let results = block_on(Map::new_async("map").workers(0).future([7, 8], never));
    assert!(results.len() == 2 && results.iter().all(|result| result.as_ref().unwrap_err().is_configuration()));
    let endless = block_on(Map::new_async("map").deadline(Duration::ZERO).future(0.., never));
    assert!(endless.len() == 1 && endless[0].as_ref().unwrap_err().is_configuration());
    let summary = block_on(Map::new_async("map").chunk_size(0).future_each([7, 8], never, drop));
    assert_eq!((summary.total(), summary.configuration()), (1, 1));
}

#[test]
fn at_the_deadline_running_items_are_dropped_and_the_rest_never_starts() {
    let (clock, alive, started) = (ManualClock::new(), Cell::new(0), Cell::new(0));
    let map = Map::new_async("map").clock(&clock).deadline(Duration::from_secs(3600)).workers(4);
    let results = block_on(map.future(0..10, async |n: usize, _| {
        let _alive = Alive::new(&alive);
        started.set(started.get() + 1);
        if n < 2 { Outcome::Ok(n) } else { pending().await }
    }));
    assert_eq!((alive.get(), started.get(), clock.elapsed()), (0, 6, Duration::from_secs(3600)));
    assert_eq!(results[..2], [Ok(0), Ok(1)]);
    assert!(results.len() == 10 && results[2..].iter().all(|result| result.as_ref().unwrap_err().is_timeout()));
    assert_eq!(results[9].as_ref().unwrap_err().to_string(), "No answer within 1 h for map");
}

#[test]
fn the_deadline_ends_items_that_never_yield_and_an_input_that_is_never_ready() {
    let clock = ManualClock::new();
    let map = || Map::new_async("map").clock(&clock).deadline(Duration::from_secs(1));
    let results = block_on(map().workers(2).future(0..3, async |_: usize, _| -> Outcome<()> {
        loop {
            clock.advance(Duration::from_millis(1));
            yield_now().await;
        }
    }));
    assert_eq!(Summary::of(&results).timeout(), 3);
    let results = block_on(map().future(stream::pending::<u32>(), async |_, _| Outcome::Ok(())));
    assert_eq!(results, []);
    let results = block_on(map().future(0.., async |n: u32, _| {
        clock.advance(Duration::from_millis(100));
        Outcome::Ok(n)
    }));
    assert_eq!((results.len(), Summary::of(&results).timeout()), (11, 1));
}

#[test]
fn an_item_that_was_woken_in_time_has_its_result() {
    struct Alarm(ManualClock, Mutex<Option<Waker>>);
    impl Clock for Alarm {
        fn now(&self) -> Duration {
            self.0.elapsed()
        }
        async fn sleep_async(&self, pause: Duration) {
            let end = self.now() + pause;
            poll_fn(|context| {
                *self.1.lock().unwrap() = Some(context.waker().clone());
                if self.now() < end { Poll::Pending } else { Poll::Ready(()) }
            })
            .await;
        }
    }
    let clock = Alarm(ManualClock::new(), Mutex::new(None));
    let (send, receive) = smol::channel::bounded(1);
    let map = Map::new_async("map").clock(&clock).deadline(Duration::from_secs(1));
    let mut map = pin!(map.future(0..2, |n: u32, _| {
        let receive = receive.clone();
        async move { if n == 0 { Outcome::Ok(receive.recv().await.unwrap()) } else { pending().await } }
    }));
    assert!(poll(map.as_mut()).is_pending());
    clock.0.advance(Duration::from_secs(1));
    clock.1.lock().unwrap().take().unwrap().wake();
    send.try_send(7).unwrap();
    let Poll::Ready(results) = poll(map.as_mut()) else { panic!("the time is over") };
    assert!(results[0] == Ok(7) && results[1].as_ref().unwrap_err().is_timeout());
}

#[test]
fn the_time_runs_from_the_first_poll() {
    let clock = ManualClock::new();
    let map = Map::new_async("map").clock(&clock).deadline(Duration::from_secs(1));
    let map = map.future([1], async |n: u32, _| Outcome::Ok(n));
    clock.advance(Duration::from_secs(100));
    assert_eq!(block_on(map), [Ok(1)]);
}

#[test]
fn each_may_borrow_and_stop_an_endless_input() {
    let (alive, mut seen) = (Cell::new(0), Vec::new());
    let op = async |n: usize, _| {
        let _alive = Alive::new(&alive);
        after(n % 3).await;
        Outcome::Ok(n)
    };
    let summary = block_on(Map::new_async("map").workers(4).future_each(0.., op, |result| {
        seen.push(result.unwrap());
        if seen.len() == 20 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
    }));
    assert_eq!((seen, summary.succeeded(), summary.total(), alive.get()), ((0..20).collect(), 20, 20, 0));
}

#[test]
fn a_slow_first_item_blocks_the_others_at_the_bound() {
    let started = Cell::new(0);
    let op = async |n: usize, _| {
        started.set(started.get() + 1);
        if n == 0 { pending().await } else { Outcome::Ok(n) }
    };
    let mut map = pin!(Map::new_async("map").workers(3).chunk_size(5).future_each(0.., op, drop));
    (0..10).for_each(|_| assert!(poll(map.as_mut()).is_pending()));
    assert_eq!(started.get(), 8);
}

#[test]
fn while_each_awaits_the_items_go_on_as_far_as_there_is_room() {
    let done = Cell::new(0);
    let op = async |n: usize, _| {
        after(1).await;
        done.set(done.get() + 1);
        Outcome::Ok(n)
    };
    let mut seen = 0;
    let map =
        Map::new_async("map").workers(2).chunk_size(3).ordered(false).future_each_async(0.., op, async |result| {
            assert_eq!(result, Ok(seen));
            after(50).await;
            // One result is with `each`, and there is room for five.
            assert_eq!(done.get(), seen + 6);
            seen += 1;
            if seen == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    assert_eq!(block_on(map).total(), 5);
}

#[test]
fn a_stream_returns_results_in_order_and_drops_running_items_when_dropped() {
    let alive = Cell::new(0);
    let mut results = Map::new_async("map").workers(3).future_stream(0.., async |n: usize, _| {
        let _alive = Alive::new(&alive);
        after(100 - n % 5 * 20).await;
        Outcome::Ok(n)
    });
    for n in 0..12 {
        assert_eq!(block_on(results.next()), Some(Ok(n)));
    }
    assert!(alive.get() > 0);
    drop(results);
    assert_eq!(alive.get(), 0);
    let ended: Vec<_> = block_on(Map::new_async("map").future_stream(0..5, async |n, _| Outcome::Ok(n)).collect());
    assert_eq!(ended, [0, 1, 2, 3, 4].map(Ok));
}

#[test]
fn a_stream_of_results_ends_once_and_knows_how_many_are_left() {
    let mut results = Map::new_async("map").workers(2).future_stream(0..3, async |n: u32, _| Outcome::Ok(n));
    assert_eq!(results.size_hint().1, Some(3));
    assert_eq!(block_on(results.next()), Some(Ok(0)));
    assert_eq!(results.size_hint().1, Some(2));
    assert_eq!(block_on((&mut results).count()), 2);
    assert_eq!((block_on(results.next()), results.size_hint()), (None, (0, Some(0))));
}

#[test]
fn items_may_come_from_a_stream_that_is_often_pending() {
    let polls = Cell::new(0);
    let mut pulled = 0;
    let items = stream::poll_fn(|context| {
        polls.set(polls.get() + 1);
        if polls.get() % 2 == 1 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        pulled += 1;
        Poll::Ready((pulled <= 20).then_some(pulled))
    });
    let results = block_on(Map::new_async("map").workers(3).future(items, async |n: u32, _| {
        after(3).await;
        Outcome::Ok(n)
    }));
    assert_eq!(results, (1..=20).map(Ok).collect::<Vec<_>>());
}

#[test]
fn a_pending_input_blocks_no_item_and_is_polled_only_when_woken() {
    let (send, receive) = smol::channel::unbounded();
    let polls = Cell::new(0);
    let mut receive = pin!(receive);
    let items = stream::poll_fn(|context| {
        polls.set(polls.get() + 1);
        receive.as_mut().poll_next(context)
    });
    let mut results = Map::new_async("map").future_stream(items, async |n: usize, _| {
        after(n).await;
        Outcome::Ok(n)
    });
    for n in [5, 9] {
        send.try_send(n).unwrap();
    }
    assert_eq!(block_on(results.next()), Some(Ok(5)));
    assert_eq!(block_on(results.next()), Some(Ok(9)));
    assert_eq!(polls.get(), 3, "two items, and once nothing");
    drop(send);
    assert_eq!(block_on(results.next()), None);
}

#[test]
fn wake_ups_from_other_threads_are_not_lost() {
    const ITEMS: usize = 2000;
    let (send, receive) = mpsc::channel::<(usize, Waker, Arc<AtomicUsize>)>();
    let receive = Arc::new(Mutex::new(receive));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let receive = Arc::clone(&receive);
            std::thread::spawn(move || {
                loop {
                    let Ok((n, waker, answer)) = receive.lock().unwrap().recv() else { return };
                    answer.store(n + 1, SeqCst);
                    waker.wake_by_ref();
                    waker.wake();
                }
            })
        })
        .collect();
    let results = block_on(Map::new_async("map").workers(64).future(0..ITEMS, |n, _| {
        let (send, answer, mut is_sent) = (send.clone(), Arc::new(AtomicUsize::new(0)), false);
        poll_fn(move |context| {
            if !is_sent {
                is_sent = true;
                send.send((n, context.waker().clone(), Arc::clone(&answer))).unwrap();
            }
            match answer.load(SeqCst) {
                0 => Poll::Pending,
                answer => Poll::Ready(Outcome::Ok(answer - 1)),
            }
        })
    }));
    drop(send);
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(results, (0..ITEMS).map(Ok).collect::<Vec<_>>());
}

#[test]
fn progress_is_reported_to_the_end() {
    let last = Arc::new(Mutex::new(None));
    let told = Arc::clone(&last);
    let sink = move |progress: &opero::map::Progress| *told.lock().unwrap() = Some((progress.done(), progress.total()));
    block_on(Map::new_async("map").progress(sink).future(0..5, async |n: u32, _| Outcome::Ok(n)));
    assert_eq!(*last.lock().unwrap(), Some((5, Some(5))));
}

#[cfg(feature = "memory")]
#[test]
fn above_the_memory_limit_items_run_one_by_one() {
    let (alive, peak) = (Cell::new(0), Cell::new(0));
    let results = block_on(Map::new_async("map").memory(1).future(0..5, async |n: u32, _| {
        let _alive = Alive::new(&alive);
        peak.set(peak.get().max(alive.get()));
        after(2).await;
        Outcome::Ok(n)
    }));
    let can_tell = opero::memory::Monitor::new(1).check() > 0;
    assert_eq!((results.len(), peak.get()), (5, if can_tell { 1 } else { 5 }));
}
