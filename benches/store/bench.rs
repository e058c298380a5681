//! The cost of stores outside the process, compared with their libraries used directly and with `#[cached]`: `cargo bench
//! --manifest-path benches/store/Cargo.toml`. With `-- disk`, `-- sqlite`, `-- redis` or `-- tiered` it runs only that
//! one.

mod cached;
mod disk;
mod redis;
#[allow(dead_code, reason = "not every table has an async contender")]
#[path = "../side_by_side/mod.rs"]
mod side_by_side;
mod sqlite;
mod tiered;

fn main() {
    let wanted = std::env::args().nth(1).filter(|word| !word.starts_with('-'));
    let tables: [(&str, fn()); 5] = [
        ("disk", disk::run),
        ("sqlite", sqlite::run),
        ("redis", redis::run),
        ("tiered", tiered::run),
        ("cached", cached::run),
    ];
    for (name, run) in tables {
        if wanted.as_ref().is_none_or(|wanted| wanted == name) {
            run();
        }
    }
}
