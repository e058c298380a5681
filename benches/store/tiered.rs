//! A near hit, compared with a hit of the near store alone, and the cost of a store's fingerprint in a lookup.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::hint::black_box;
use std::time::Duration;

use opero::cache::{Key, Memory, Store, Tiered};
use opero::opero;

use crate::side_by_side::Table;

const HOUR: Duration = Duration::from_secs(3600);

fn ask(text: &str, n: u32) -> Result<u64, String> {
    Ok(text.len() as u64 + u64::from(n))
}

pub(crate) fn run() {
    let memory: Memory<u64> = Memory::new();
    let tiered: Tiered<Memory<u64>, Memory<u64>> = Tiered::new(Memory::new(), Memory::new()).near_for(HOUR);
    let key = Key::new("opero", "ask", &("hello", 3_u32));
    let _ = (memory.set(&key, 8, Some(HOUR)), tiered.set(&key, 8, Some(HOUR)));
    Table::new("tiered: a near hit, key (&str, u32)")
        .call("Memory::get", || memory.get(black_box(&key)))
        .call("Tiered::get", || tiered.get(black_box(&key)))
        .print();
    Table::new("tiered: the same through a call")
        .call("opero!, store: &memory", || {
            opero! { cache: 1h, store: &memory, name: "ask" => ask(black_box("hello"), black_box(3)) }
        })
        .call("opero!, store: &tiered", || {
            opero! { cache: 1h, store: &tiered, name: "ask" => ask(black_box("hello"), black_box(3)) }
        })
        .print();
    let random = RandomState::new();
    Table::new("the fingerprint of (&str, u32)")
        .call("SipHash-1-3 of 64 bits, as in std", || {
            let mut hasher = random.build_hasher();
            black_box(("hello", 3_u32)).hash(&mut hasher);
            hasher.finish()
        })
        .call("that of a store, BLAKE2s", || Key::new("opero", "ask", &black_box(("hello", 3_u32))).fingerprint())
        .print();
}
