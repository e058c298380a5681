use opero::opmap;

fn work(n: u32) -> Result<u32, String> {
    Ok(n)
}

fn main() {
    let _ = opmap! { 0..3 => work(1) };
    let _ = opmap! { n in 0..3 };
    let _ = opmap! { n in 0..3, workers: 2 };
    let _ = opmap! { n in 0..3, workers: 0 => work(n) };
    let _ = opmap! { n in 0..3, chunk_size: 0 => work(n) };
    let _ = opmap! { n in 0..3, mode: fibers => work(n) };
    let _ = opmap! { n in 0..3, mode: async => work(n) };
    let _ = opmap! { n in 0..3, mode: thread => async { work(n) } };
    let _ = opmap! { n in 0..3, wrokers: 2 => work(n) };
    let _ = opmap! { n in 0..3, workers: 2, workers: 3 => work(n) };
    let _ = opmap! { n in 0..3, each: |_| (), stream => work(n) };
    let _ = opmap! { n in 0..3, each: |_| 5 => work(n) };
    let _ = opmap! { n in 0..3, each: async |_| () => work(n) };
    let _ = opmap! { n in 0..3, stream: 5 => work(n) };
    let _ = opmap! { n in 0..3 => |n: u32| work(n) };
    let _ = opmap! { n in 0..3, cache => { work(n) } };
    let _ = opmap! { n in 0..3, burst: 2 => work(n) };
    let _ = opmap! { n in 0..3 => n };
    let _ = opmap! { n in 5_u32 => work(n) };
}
