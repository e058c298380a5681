use opero::opmap;

fn work(n: u32) -> Result<u32, String> {
    Ok(n)
}

fn main() {
    let _ = opmap! { n in 0..3, mode: async_process => work(n) };
    let _ = opmap! { n in 0..3, mode: process => async { work(n) } };
    let _ = opmap! { n in 0..3, recycle_after: 9, mode: rayon => work(n) };
    let _ = opmap! { n in 0..3, init_child: || () => work(n) };
    let _ = opmap! { n in 0..3, max_child_memory: 1GB, workers: 2 => work(n) };
    let _ = opmap! { n in 0..3, mode: process, recycle_after: 0 => work(n) };
    let _ = opmap! { n in 0..3, mode: process, max_child_memory: 5 => work(n) };
    let _ = opmap! { n in 0..3, mode: process, init_child => work(n) };
    let _ = opero::opero! { recycle_after: 9 => work(1) };
}
