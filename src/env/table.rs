//! The values read from variables, kept until the process ends.

use alloc::boxed::Box;
use core::any::{Any, TypeId};
// The system's in models too: it is in a static, and no model is about it.
use std::sync::OnceLock;

/// The number of hash chains: programs read a few dozen variables.
const CHAINS: usize = 64;

type Link = OnceLock<Box<Node>>;

static TABLE: [Link; CHAINS] = [const { OnceLock::new() }; CHAINS];

/// The value of a name, by type. Nodes are appended to their chain and never removed, so a look-up takes no lock.
struct Node {
    name: Box<str>,
    /// The type of the value, compared before the value is asked for it.
    kind: TypeId,
    value: Box<dyn Any + Send + Sync>,
    next: Link,
}

impl Node {
    /// Returns the value, if this node is for the name.
    #[inline]
    fn value_of<T: Any>(&self, name: &str) -> Option<&T> {
        if self.kind == TypeId::of::<T>() && *self.name == *name { self.value.downcast_ref() } else { None }
    }
}

/// Returns the value for `name`, or keeps and returns the result of `make`.
///
/// If two threads call `make` at the same time, both get the first value. `make` may read other variables.
#[inline]
pub(super) fn remembered<T: Any + Clone + Send + Sync>(name: &str, make: impl FnOnce() -> T) -> T {
    match find(name) {
        Ok(value) => T::clone(value),
        Err(end) => add(end, name, make()),
    }
}

/// Returns the node for `name`, or the end of its chain.
#[inline]
fn find<T: Any>(name: &str) -> Result<&'static T, &'static Link> {
    let mut link = chain(name);
    while let Some(node) = link.get() {
        if let Some(value) = node.value_of(name) {
            return Ok(value);
        }
        link = &node.next;
    }
    Err(link)
}

#[cold]
fn add<T: Any + Clone + Send + Sync>(mut link: &'static Link, name: &str, value: T) -> T {
    let mut node = Box::new(Node {
        name: name.into(),
        kind: TypeId::of::<T>(),
        value: Box::new(value.clone()),
        next: OnceLock::new(),
    });
    while let Err(back) = link.set(node) {
        // Another thread has added a node meanwhile, perhaps this one.
        let Some(other) = link.get() else { return value };
        if let Some(value) = other.value_of::<T>(name) {
            return value.clone();
        }
        (node, link) = (back, &other.next);
    }
    value
}

/// Returns the chain of a name, by its length and its end: the names of a program often share their beginning.
#[inline]
fn chain(name: &str) -> &'static Link {
    const LAST: usize = size_of::<u64>();
    let bytes = name.as_bytes();
    let last = match bytes.last_chunk::<LAST>() {
        Some(last) => u64::from_le_bytes(*last),
        None => bytes.iter().fold(0, |last, byte| (last << 8) | u64::from(*byte)),
    };
    // Fibonacci hashing: the upper bits depend on all others.
    let hash = (last ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    &TABLE[(hash >> 32) as usize % CHAINS]
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;
    use std::thread;

    use super::*;

    #[test]
    fn the_first_value_of_a_name_and_type_is_kept() {
        assert_eq!(remembered("table_a", || 1_u32), 1);
        assert_eq!(remembered("table_a", || 2_u32), 1);
        assert_eq!(remembered("table_a", || 3_u64), 3);
        assert_eq!(remembered("table_b", || 4_u32), 4);
        assert_eq!(remembered("table_c", || u64::from(remembered("table_c", || 5_u8)) + 1), 6);
    }

    #[test]
    fn concurrent_threads_share_one_value_for_each_name() {
        let values: Vec<Vec<usize>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|thread| {
                    scope.spawn(move || (0..500).map(|n| remembered(&format!("table_{n}"), || thread)).collect())
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(values.iter().all(|list: &Vec<usize>| *list == values[0]));
        let names: Vec<String> = (0..500).map(|n| format!("table_{n}")).collect();
        assert!(names.iter().zip(&values[0]).all(|(name, value)| remembered(name, || 9_usize) == *value));
    }
}
