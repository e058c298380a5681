use opero::cache::Memory;
use opero::{opero, opmap};

fn load(path: &str) -> Result<u32, String> {
    path.parse().map_err(|_| path.to_owned())
}

fn main() {
    let shared = Memory::<u32>::new();
    let _ = opero! { cache, store: &shared => load("1") };
    let _ = opero! { store: &shared, retries: 3, cache: 60s, key: 1, namespace: "name" => load("1") };
    let _ = opero! { cache, store: &shared => |path: &str| load(path) };
    let _ = opero! { cache, store: &shared => |path: &str| -> Result<u32, opero::Error<String>> { load(path) } };
    let _ = opero! { cache, store: &shared, key: 1 => async { load("1") } };
    let _ = opero! { cache, store: &shared, key: 1 => async move { load("1") } };
    let _ = opmap! { path in ["1"], cache, store: &shared => load(path) };
    let _ = opero! { store: &shared => load("1") };
}
