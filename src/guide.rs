//! The guide: pages on topics that concern several options. This module has only documentation.

#![cfg_attr(
    not(all(
        feature = "disk",
        feature = "observe",
        feature = "process",
        feature = "redis",
        feature = "sqlite",
        feature = "tokio",
        feature = "unblock"
    )),
    allow(rustdoc::broken_intra_doc_links, reason = "some items need a feature")
)]
// The examples need the default features.
#![cfg(any(not(doctest), all(feature = "async", feature = "cache", feature = "rayon")))]
#![allow(clippy::needless_doctest_main, reason = "a complete program has a `main`")]

pub mod grammar {
    #![doc = include_str!("../docs/guide/grammar.md")]
}

pub mod choosing_numbers {
    #![doc = include_str!("../docs/guide/choosing_numbers.md")]
}

pub mod methods_and_instances {
    #![doc = include_str!("../docs/guide/methods_and_instances.md")]
}

pub mod testing {
    #![doc = include_str!("../docs/guide/testing.md")]
}

pub mod async_and_runtimes {
    #![doc = include_str!("../docs/guide/async_and_runtimes.md")]
}

pub mod embedded {
    #![doc = include_str!("../docs/guide/embedded.md")]
}

pub mod writing_your_own {
    #![doc = include_str!("../docs/guide/writing_your_own.md")]
}

pub mod choosing_a_store {
    #![doc = include_str!("../docs/guide/choosing_a_store.md")]
}

#[cfg(feature = "observe")]
pub mod observation {
    #![doc = include_str!("../docs/guide/observation.md")]
}

pub mod coming_from {
    #![doc = include_str!("../docs/guide/coming_from/index.md")]

    pub mod backon {
        #![doc = include_str!("../docs/guide/coming_from/backon.md")]
    }

    pub mod cached {
        #![doc = include_str!("../docs/guide/coming_from/cached.md")]
    }

    pub mod governor {
        #![doc = include_str!("../docs/guide/coming_from/governor.md")]
    }

    pub mod tokio_time {
        #![doc = include_str!("../docs/guide/coming_from/tokio_time.md")]
    }

    pub mod rayon {
        #![doc = include_str!("../docs/guide/coming_from/rayon.md")]
    }

    pub mod tenacity {
        #![doc = include_str!("../docs/guide/coming_from/tenacity.md")]
    }

    pub mod python_opero {
        #![doc = include_str!("../docs/guide/coming_from/python_opero.md")]
    }
}
