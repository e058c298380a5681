//! Sharing of runs, and what happens to a run when a `clear` or a `remove` comes after its start.

#![allow(clippy::unnecessary_wraps, reason = "bodies are `Result`s")]

#[path = "support/flights.rs"]
mod harness;
#[path = "support/runtime.rs"]
mod runtime;
mod support;

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use harness::{Log, Still, Task};
use opero::cache::{self, DynStore, Entry, Key, Memory, Store, StoreId};
use opero::{Call, opero};
use runtime::block_on;
use support::Counter;

/// A store as a user writes one.
#[derive(Default)]
struct Attic {
    entries: Mutex<HashMap<Key<'static>, u32>>,
    /// What happens when a value has been stored.
    after_set: Option<fn(&Attic)>,
}

impl Store<u32> for Attic {
    type Error = Infallible;

    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<u32>>, Infallible> {
        Ok(self.entries.lock().unwrap().get(key).copied().map(Entry::new))
    }

    fn set(&self, key: &Key<'_>, value: u32, _: Option<Duration>) -> Result<(), Infallible> {
        self.entries.lock().unwrap().insert(key.clone().into_owned(), value);
        self.after_set.inspect(|after_set| after_set(self));
        Ok(())
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Infallible> {
        Ok(self.entries.lock().unwrap().remove(&key.clone().into_owned()).is_some())
    }

    fn clear(&self, _: &str) -> Result<usize, Infallible> {
        Ok(self.entries.lock().unwrap().drain().count())
    }
}

/// A body during whose first run something overtakes it.
fn overtaken(counter: &Counter, by: &dyn Fn()) -> Result<u32, String> {
    let run = counter.run()?;
    if run == 1 {
        by();
    }
    Ok(run)
}

#[test]
fn a_run_that_began_before_a_clear_is_not_kept() {
    let all = || {
        cache::clear(Some("cleared"));
    };
    let counter = Counter::new();
    let ask = || opero! { cache, namespace: "cleared", key: () => overtaken(&counter, &all) };
    assert_eq!((ask(), ask(), ask()), (Ok(1), Ok(2), Ok(2)));
    let counter = Counter::new();
    let ask = || opero! { cache: 1h, namespace: "cleared", key: () => overtaken(&counter, &all) };
    assert_eq!((ask(), ask(), ask()), (Ok(1), Ok(2), Ok(2)));
    let counter = Counter::new();
    let ask = || block_on(opero! { cache, namespace: "cleared", key: () => async { overtaken(&counter, &all) } });
    assert_eq!((ask(), ask(), ask()), (Ok(1), Ok(2), Ok(2)));
    let counter = Counter::new();
    let ask = || block_on(opero! { cache: 1h, namespace: "cleared", key: () => async { overtaken(&counter, &all) } });
    assert_eq!((ask(), ask(), ask()), (Ok(1), Ok(2), Ok(2)));
    let counter = Counter::new();
    let call = Call::new("cleared").cache(None).namespace("cleared").key(&());
    let ask = || call.clone().run(|_| overtaken(&counter, &all));
    assert_eq!((ask(), ask(), ask()), (Ok(1), Ok(2), Ok(2)));
}

#[test]
fn a_clear_of_another_namespace_leaves_a_run_alone() {
    let (other, counter) = (|| assert_eq!(cache::clear(Some("elsewhere")), 0), Counter::new());
    let ask = || opero! { cache, namespace: "here", key: () => overtaken(&counter, &other) };
    assert_eq!((ask(), ask()), (Ok(1), Ok(1)));
}

/// Overtakes a run into a store in one of four ways. It is called in a body, where runtimes cannot be nested.
fn overtake(store: &dyn DynStore<u32>, key: &Key<'_>, way: u32) {
    use futures_lite::future::block_on;

    match way {
        0 => drop(store.clear("opero")),
        1 => drop(store.remove(key)),
        2 => drop(block_on(store.clear_async("opero"))),
        _ => drop(block_on(store.remove_async(key))),
    }
}

#[test]
fn a_run_overtaken_by_a_clear_or_a_remove_is_not_kept() {
    let key = Key::new("opero", "overtaken", &());
    for way in 0..4 {
        let (memory, counter) = (Memory::new(), Counter::new());
        let by = || overtake(&memory, &key, way);
        let ask = || opero! { cache, store: &memory, name: "overtaken", key: () => overtaken(&counter, &by) };
        assert_eq!((ask(), ask(), ask(), memory.stats().insertions), (Ok(1), Ok(2), Ok(2), 1));

        let (store, counter): (Arc<dyn DynStore<u32>>, _) = (Arc::new(Memory::new()), Counter::new());
        let by = || overtake(&*store, &key, way);
        let ask = || {
            block_on(
                opero! { cache: 1h, store: &store, name: "overtaken", key: () => async { overtaken(&counter, &by) } },
            )
        };
        assert_eq!((ask(), ask(), ask()), (Ok(1), Ok(2), Ok(2)));

        let (memory, counter) = (Memory::new(), Counter::new());
        let by = || overtake(&memory, &key, way);
        let ask = || memory.get_or_run(&key, None, || overtaken(&counter, &by));
        assert_eq!((ask(), ask(), ask(), memory.stats().insertions), (Ok(1), Ok(2), Ok(2), 1));
    }
}

#[test]
fn a_value_stored_by_hand_during_a_run_stays() {
    let key = Key::new("opero", "by hand", &());
    let (memory, counter) = (Memory::new(), Counter::new());
    let by = || memory.set(&key, 7, None).unwrap();
    let ask = || opero! { cache, store: &memory, name: "by hand", key: () => overtaken(&counter, &by) };
    assert_eq!((ask(), ask()), (Ok(1), Ok(7)));

    let (memory, counter) = (Memory::new(), Counter::new());
    let by = || memory.set(&key, 7, None).unwrap();
    let ask = || memory.get_or_run(&key, None, || overtaken(&counter, &by));
    assert_eq!((ask(), ask()), (Ok(1), Ok(7)));
}

#[test]
fn a_clear_of_opero_overtakes_the_runs_of_a_users_store() {
    let clear = |attic: &Attic| {
        attic.clear("attic").unwrap();
        cache::clear(Some("attic"));
    };
    let (attic, counter) = (Attic::default(), Counter::new());
    let by = || clear(&attic);
    let ask =
        || opero! { cache, store: &attic, namespace: "attic", name: "overtaken", key: () => overtaken(&counter, &by) };
    assert_eq!((ask(), ask(), ask()), (Ok(1), Ok(2), Ok(2)));

    let (attic, counter) = (Arc::new(Attic::default()), Counter::new());
    let by = || clear(&attic);
    let ask = || {
        block_on(
            opero! { cache: 1h, store: &attic, namespace: "attic", name: "overtaken", key: () => async { overtaken(&counter, &by) } },
        )
    };
    assert_eq!((ask(), ask(), ask()), (Ok(1), Ok(2), Ok(2)));
}

#[test]
fn a_clear_while_the_store_is_busy_overtakes_the_run_too() {
    let busy = || Attic { after_set: Some(|_| assert_eq!(cache::clear(Some("busy")), 0)), ..Attic::default() };
    let (attic, counter) = (busy(), Counter::new());
    let ask = || opero! { cache, store: &attic, namespace: "busy", name: "busy", key: () => counter.run() };
    assert_eq!((ask(), attic.entries.lock().unwrap().len()), (Ok(1), 0));
    let attic = busy();
    let ask = || {
        block_on(opero! { cache, store: &attic, namespace: "busy", name: "busy", key: () => async { counter.run() } })
    };
    assert_eq!((ask(), attic.entries.lock().unwrap().len()), (Ok(2), 0));
}

/// A call that returns its number once the log is open.
fn giving(id: u32, log: &Arc<Log>) -> impl Future<Output = Result<u32, String>> + Send + 'static {
    let log = log.clone();
    async move {
        log.begin(id);
        log.gate().await;
        Ok(id)
    }
}

#[test]
fn waiters_before_a_clear_get_the_old_value_and_later_calls_a_new_one() {
    let (log, memory) = (Arc::<Log>::default(), Arc::new(Memory::new()));
    let own = |id| {
        let body = giving(id, &log);
        Task::new(async move { opero! { cache, namespace: "old and new", key: () => async { body.await } }.await })
    };
    let stored = |id| {
        let (body, memory) = (giving(id, &log), memory.clone());
        Task::new(async move {
            opero! { cache, store: &memory, name: "old and new", key: () => async { body.await } }.await
        })
    };
    let clear = || {
        cache::clear(Some("old and new"));
        memory.clear("opero").unwrap();
    };
    let calls: [&dyn Fn(u32) -> Task; 2] = [&own, &stored];
    for call in calls {
        *log.begun.lock().unwrap() = Vec::new();
        log.is_open.store(false, SeqCst);
        let [mut runner, mut waiter] = [1, 2].map(call);
        assert!(runner.is_pending() && waiter.is_pending());
        clear();
        let [mut newcomer, mut next] = [3, 4].map(call);
        assert!(newcomer.is_pending() && next.is_pending());
        assert_eq!(log.begun(), [1, 3]);
        log.open();
        assert_eq!((runner.poll(), waiter.poll()), (Poll::Ready(Ok(1)), Poll::Ready(Ok(1))));
        assert_eq!((newcomer.poll(), next.poll()), (Poll::Ready(Ok(3)), Poll::Ready(Ok(3))));
        assert_eq!(call(5).poll(), Poll::Ready(Ok(3)), "the new one is kept");
    }
}

/// Calls of one key, in different uses and ways, that share `store`. Each is polled, and the first runs for all.
///
/// It is a macro, because uses in a generic function would belong to its instance.
macro_rules! share_one_run {
    ($store:expr) => {{
        let store = $store;
        let log = Arc::<Log>::default();
        let body = |id| giving(id, &log);
        let (one, two, three, four) = (body(1), body(2), body(3), body(4));
        let stores = [(); 4].map(|()| store.clone());
        let [of_one, of_two, of_three, of_four] = stores;
        let mut tasks = [
            Task::new(
                async move { opero! { cache, store: &of_one, name: "shared", key: () => async { one.await } }.await },
            ),
            Task::new(async move {
                opero! { cache: 1h, store: of_two, name: "shared", key: () => async { two.await } }.await
            }),
            Task::new(async move {
                let call = Call::new_async("shared").cache(None).store(&of_three).key(&());
                call.run_once_async(async |_| three.await).await
            }),
            Task::new(async move {
                let ask =
                    opero! { cache, store: &of_four, name: "shared", key: () => async move |()| Ok::<_, String>(4) };
                drop(four);
                ask(()).await
            }),
        ];
        assert!(tasks.iter_mut().all(Task::is_pending));
        let (clock, log_of_thread) = (Arc::new(Still::default()), log.clone());
        let thread = thread::spawn({
            let clock = clock.clone();
            move || {
                opero! { cache, store: &store, name: "shared", key: (), deadline: 1h, clock: &clock => {
                    log_of_thread.begin(5);
                    Ok::<_, String>(5)
                } }
            }
        });
        clock.until_waiting();
        log.open();
        assert!(tasks.iter_mut().all(|task| task.poll() == Poll::Ready(Ok(1))));
        assert_eq!((thread.join().unwrap(), log.begun()), (Ok(1), vec![1]));
    }};
}

/// Copies of it are one store.
#[derive(Clone)]
struct Handle(Arc<Attic>);

impl Store<u32> for Handle {
    type Error = Infallible;

    fn get(&self, key: &Key<'_>) -> Result<Option<Entry<u32>>, Infallible> {
        self.0.get(key)
    }

    fn set(&self, key: &Key<'_>, value: u32, time_to_live: Option<Duration>) -> Result<(), Infallible> {
        self.0.set(key, value, time_to_live)
    }

    fn remove(&self, key: &Key<'_>) -> Result<bool, Infallible> {
        self.0.remove(key)
    }

    fn clear(&self, namespace: &str) -> Result<usize, Infallible> {
        self.0.clear(namespace)
    }

    fn store_id(&self) -> Option<StoreId> {
        Some(StoreId::of(&*self.0))
    }
}

/// Keeps nothing, and has no identity of its own.
#[derive(Clone, Copy)]
struct Nowhere;

impl Store<u32> for Nowhere {
    type Error = Infallible;

    fn get(&self, _: &Key<'_>) -> Result<Option<Entry<u32>>, Infallible> {
        Ok(None)
    }

    fn set(&self, _: &Key<'_>, _: u32, _: Option<Duration>) -> Result<(), Infallible> {
        Ok(())
    }

    fn remove(&self, _: &Key<'_>) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn clear(&self, _: &str) -> Result<usize, Infallible> {
        Ok(0)
    }
}

#[test]
fn all_uses_of_one_store_share_a_run() {
    share_one_run!(Arc::new(Memory::new()));
    share_one_run!(Arc::<Attic>::default());
    share_one_run!(&*Box::leak(Box::new(Attic::default())));
    share_one_run!(Arc::new(Box::new(Attic::default())));
    share_one_run!(Arc::new(Memory::new()) as Arc<dyn DynStore<u32>>);
    share_one_run!(Arc::new(Attic::default()) as Arc<dyn DynStore<u32>>);
    share_one_run!(Handle(Arc::default()));
    share_one_run!(Nowhere);
}

#[test]
fn calls_by_hand_and_by_macro_share_a_run() {
    let (log, memory, key) = (Arc::<Log>::default(), Arc::new(Memory::new()), Key::new("opero", "by hand", &()));
    let by_hand = |id| {
        let (body, memory, key) = (giving(id, &log), memory.clone(), key.clone());
        Task::new(
            async move { memory.get_or_run_async(&key, None, async || body.await).await.map_err(|_| unreachable!()) },
        )
    };
    let by_call = |id| {
        let (body, memory) = (giving(id, &log), memory.clone());
        Task::new(
            async move { opero! { cache, store: &memory, name: "by hand", key: () => async { body.await } }.await },
        )
    };
    for first_by_hand in [true, false] {
        let mut tasks = if first_by_hand { [by_hand(1), by_call(2)] } else { [by_call(1), by_hand(2)] };
        assert!(tasks.iter_mut().all(Task::is_pending));
        log.open();
        assert!(tasks.iter_mut().all(|task| task.poll() == Poll::Ready(Ok(1))));
        assert_eq!(log.begun(), [1]);
        memory.clear("opero").unwrap();
        log.begun.lock().unwrap().clear();
        log.is_open.store(false, SeqCst);
    }
}

#[test]
fn runs_for_other_stores_names_and_keys_are_not_shared() {
    let log = Arc::<Log>::default();
    let stores = [(); 2].map(|()| Arc::new(Attic::default()));
    let mut tasks = Vec::new();
    let mut id = 0;
    for store in &stores {
        for name in ["one", "two"] {
            for key in 0..2 {
                let (store, body) = (store.clone(), giving(id, &log));
                tasks.push(Task::new(async move {
                    opero! { cache, store: &store, name: name, key: key => async { body.await } }.await
                }));
                id += 1;
            }
        }
    }
    assert!(tasks.iter_mut().all(Task::is_pending));
    assert_eq!(log.begun(), (0..8).collect::<Vec<_>>());
}
