//! What is remembered for the names of variables, for as long as the process runs.

use alloc::boxed::Box;
use core::any::{Any, TypeId};
// Of the system in models too: it is in a static, and no model is about it.
use std::sync::OnceLock;

/// How many chains there are: programs read a few dozen variables.
const CHAINS: usize = 64;

type Link = OnceLock<Box<Node>>;

static TABLE: [Link; CHAINS] = [const { OnceLock::new() }; CHAINS];

/// What is remembered for a name, by its type. Nodes are added at the end of their chain and never removed, so that whoever
/// looks one up takes no lock.
struct Node {
    name: Box<str>,
    /// The type of the value, which is told sooner than by asking it.
    kind: TypeId,
    value: Box<dyn Any + Send + Sync>,
    next: Link,
}

impl Node {
    /// What is remembered here, if it is for this name.
    #[inline]
    fn value_of<T: Any>(&self, name: &str) -> Option<&T> {
        if self.kind == TypeId::of::<T>() && *self.name == *name { self.value.downcast_ref() } else { None }
    }
}

/// What is remembered for `name`, or else what `make` gives, from now on.
///
/// Two threads may make it at once, and the value of the first is that of both. `make` may remember other things.
#[inline]
pub(super) fn remembered<T: Any + Clone + Send + Sync>(name: &str, make: impl FnOnce() -> T) -> T {
    match find(name) {
        Ok(value) => T::clone(value),
        Err(end) => add(end, name, make()),
    }
}

/// What there is for `name`, or the end of its chain.
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
        // Another has been added meanwhile, and perhaps it is this one.
        let Some(other) = link.get() else { return value };
        if let Some(value) = other.value_of::<T>(name) {
            return value.clone();
        }
        (node, link) = (back, &other.next);
    }
    value
}

/// Where the names are that are as long and end alike: names of a program have their beginning in common.
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
    fn what_is_made_first_is_remembered_for_its_name_and_type() {
        assert_eq!(remembered("table_a", || 1_u32), 1);
        assert_eq!(remembered("table_a", || 2_u32), 1);
        assert_eq!(remembered("table_a", || 3_u64), 3);
        assert_eq!(remembered("table_b", || 4_u32), 4);
        assert_eq!(remembered("table_c", || u64::from(remembered("table_c", || 5_u8)) + 1), 6);
    }

    #[test]
    fn threads_that_come_at_once_have_one_value_each_name() {
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
