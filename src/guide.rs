//! Pages to read before a decision. They hold no code.

#[cfg_attr(
    not(all(feature = "disk", feature = "redis", feature = "sqlite")),
    allow(rustdoc::broken_intra_doc_links, reason = "a store is there with its feature")
)]
pub mod choosing_a_store {
    #![doc = include_str!("../docs/guide/choosing_a_store.md")]
}

#[cfg(feature = "observe")]
pub mod observation {
    #![doc = include_str!("../docs/guide/observation.md")]
}
