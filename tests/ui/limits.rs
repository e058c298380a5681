use opero::opero;

fn main() {
    let work = || Ok::<_, String>(1);
    let _ = opero! { timeout: 0s => work() };
    let _ = opero! { deadline: 0ms => work() };
    let _ = opero! { timeout: 5 => work() };
    let _ = opero! { deadline => work() };
    let _ = opero! { timeout: 5 * 2 => work() };
}
