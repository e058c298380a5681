use opero::opero;

fn main() {
    let _ = opero! { cache, capacity: 0, key: () => "1".parse::<u32>() };
    let _ = opero! { cache: 0s, key: () => "1".parse::<u32>() };
    let _ = opero! { cache: 5x, key: () => "1".parse::<u32>() };
    let _ = opero! { cache: 60, key: () => "1".parse::<u32>() };
    let _ = opero! { cache: true, key: () => "1".parse::<u32>() };
    let _ = opero! { cache, store: 5, name: "five", key: () => "1".parse::<u32>() };
    let _ = opero! { cache, namespace: 5, key: () => "1".parse::<u32>() };
    let _ = opero! { cache, capacity: -1, key: () => "1".parse::<u32>() };
    let _ = opero! { cache, key => "1".parse::<u32>() };
    let _ = opero! { cache, store, key: () => "1".parse::<u32>() };
    let _ = opero! { cache, cache: 60s, key: () => "1".parse::<u32>() };
}
