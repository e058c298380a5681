use opero::opero;

fn main() {
    let work = || Ok::<_, String>(1);
    let _ = opero! { rate: 0/s => work() };
    let _ = opero! { rate: 10/fortnight => work() };
    let _ = opero! { rate: 10 => work() };
    let _ = opero! { rate: 10/ => work() };
    let _ = opero! { rate => work() };
    let _ = opero! { rate: 1.5 => work() };
    let _ = opero! { rate: 10/0s => work() };
    let _ = opero! { rate: 10/s, burst: 0 => work() };
    let _ = opero! { rate: 10/s, max_wait: 5x => work() };
    let _ = opero! { rate: 10/s, scope: everyone => work() };
    let _ = opero! { rate: 10/s, scope: per_args => work() };
    let _ = opero! { burst: 2, scope: global, max_wait: 1s => work() };
    let _ = opero! { rate: 10/s, key: 1, capacity: 10 => work() };
}
