use opero::{cache::Memory, opero};

fn main() {
    let path = "1";
    let shared = Memory::<u32>::new();
    let _ = opero! { key: path => path.parse::<u32>() };
    let _ = opero! { retries: 3, capacity: 100 => path.parse::<u32>() };
    let _ = opero! { namespace: "numbers" => path.parse::<u32>() };
    let _ = opero! { store: &shared => path.parse::<u32>() };
}
