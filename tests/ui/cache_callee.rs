use opero::opero;

fn main() {
    let factor = 3;
    let times = |n: u32| Ok::<_, String>(n * factor);
    let _ = opero! { cache => times(2) };
    let _ = opero! { cache => missing(2) };
}
