//! Every cache option with every shape of a body, by the renamed crate.

use std::fmt::Debug;
use std::hash::Hash;

use resil::cache::{Key, Memory, Store};
use resil::{Error, opero};

fn length(text: &str, times: usize) -> Result<usize, String> {
    if text.is_empty() { Err("nothing".to_owned()) } else { Ok(text.len() * times) }
}

async fn length_later(text: &str, times: usize) -> Result<usize, String> {
    length(text, times)
}

/// Expressions: a plain call, and one with every option.
///
/// # Errors
/// The text is empty.
pub fn expressions(text: &str, shared: &Memory<usize>) -> Result<usize, Error<String>> {
    let plain = opero! { cache: 60s => length(text, 2) }?;
    let full = opero! {
        cache: 1h, key: (text, plain), namespace: "service", capacity: 100, store: shared, name: "full"
        => length(text, plain)
    }?;
    Ok(plain + full)
}

/// Blocks that borrow, and one that owns.
///
/// # Errors
/// The text is empty.
pub async fn blocks(text: &str, shared: &Memory<usize>) -> Result<usize, Error<String>> {
    let owned = text.to_owned();
    let plain = opero! { cache => async { length_later(text, 2).await } };
    let full = opero! {
        cache: 1h, key: text, namespace: "service", capacity: 100, store: shared, name: "full block"
        => async { length_later(text, 3).await }
    };
    let owning = opero! { cache, key: text => async move { length_later(&owned, 4).await } };
    Ok(plain.await? + full.await? + owning.await?)
}

/// Callables, blocking and async.
///
/// # Errors
/// The text is empty.
pub async fn callables(text: &str, shared: &Memory<usize>) -> Result<usize, Error<String>> {
    let more = 1;
    let plain = opero! { cache: 60s, capacity: 10 => |text: &str, mut n: usize| { n += more; length(text, n) } };
    let full =
        opero! { cache, store: shared, namespace: "service", name: "full callable" => |n: usize| length(text, n) };
    let later = opero! { cache => async |n: usize| length_later(text, n).await };
    let owning = opero! { cache, key: n % 2 => async move |n: usize| length_later(text, n + more).await };
    Ok(plain(text, 1)? + plain(text, 1)? + full(3)? + later(4).await? + owning(1).await? + owning(3).await?)
}

opero! { cache: 60s, capacity: 100, namespace: "service" =>
    /// A function with a very long signature.
    ///
    /// # Errors
    /// The list is empty.
    pub fn longest<'list, 'item, T, U, const N: usize>(
        list: &'list [Vec<Option<&'item [U; N]>>],
        mut at_least: usize,
        fallback: Option<&'item T>,
    ) -> Result<Option<Vec<(T, usize)>>, Error<String>>
    where
        T: Clone + Debug + Hash + Send + Sync + 'static,
        U: Hash + Into<u64> + Copy,
        Vec<Option<&'item [U; N]>>: Debug,
        'item: 'list,
    {
        at_least += N;
        let longest = list.iter().map(Vec::len).max().ok_or_else(|| format!("{list:?}"))?;
        Ok(fallback.filter(|_| longest >= at_least).map(|item| vec![(item.clone(), longest)]))
    }
}

opero! { cache =>
    /// An async function.
    ///
    /// # Errors
    /// The text is empty.
    pub async fn function_later<T: AsRef<str> + Hash + Send + Sync>(text: T, times: usize) -> Result<usize, Error<String>> {
        length_later(text.as_ref(), times).await
    }
}

/// Methods.
#[derive(Debug, Clone, Copy, Hash)]
pub struct Scale(pub usize);

impl Scale {
    opero! { cache: 60s =>
        /// Measures on this scale.
        ///
        /// # Errors
        /// The text is empty.
        pub fn measure(&self, text: &str) -> Result<usize, Error<String>> {
            length(text, self.0)
        }
    }

    opero! { cache, key: (self.0, text) =>
        /// Measures on this scale, and consumes it.
        ///
        /// # Errors
        /// The text is empty.
        pub async fn measure_later(mut self, text: &str) -> Result<usize, Error<String>> {
            self.0 += 1;
            length_later(text, self.0).await
        }
    }
}

/// The name of an entry of [`expressions`] in the store.
#[must_use]
pub fn key_of_full(text: &str) -> Key<'static> {
    Key::new("service", "full", &(text, text.len() * 2))
}

/// Clears the entries of this service in `shared`.
///
/// # Errors
/// The store is out of order.
pub fn forget<S: Store<usize>>(shared: &S) -> Result<usize, S::Error> {
    shared.clear("service")
}

#[cfg(test)]
mod tests {
    use futures_lite::future::block_on;
    use resil::cache::{self, Entry};

    use super::*;

    #[test]
    fn every_shape_is_answered_from_its_entry_the_second_time() {
        let shared = Memory::new();
        for _ in 0..2 {
            assert_eq!(expressions("ab", &shared), Ok(4 + 8));
            assert_eq!(block_on(blocks("ab", &shared)), Ok(4 + 6 + 8));
            assert_eq!(block_on(callables("ab", &shared)), Ok(4 + 4 + 6 + 8 + 4 + 4));
            assert_eq!(block_on(function_later("ab", 3)), Ok(6));
            assert_eq!((Scale(2).measure("ab"), Scale(3).measure("ab")), (Ok(4), Ok(6)));
            assert_eq!(block_on(Scale(2).measure_later("ab")), Ok(6));
        }
        assert_eq!(shared.get(&key_of_full("ab")).map(|entry| entry.map(Entry::into_value)), Ok(Some(8)));
        for name in ["full", "full block", "function_later", "measure_later"] {
            let stats = cache::stats(name);
            assert_eq!((stats.misses, stats.hits, stats.errors), (1, 1, 0), "{name}");
        }
        assert_eq!((cache::stats("measure").misses, cache::stats("measure").hits), (2, 2));
        assert_eq!(cache::stats("full callable"), cache::Stats::default(), "its counts go with it");
        assert_eq!(forget(&shared), Ok(3));
        assert!(expressions("", &shared).is_err());
    }

    #[test]
    fn a_long_signature_is_keyed_by_its_arguments() {
        let list = [vec![], vec![Some(&[1_u8]), None]];
        assert_eq!(longest(&list, 1, Some(&7)), Ok(Some(vec![(7, 2)])));
        assert_eq!(longest(&list, 1, Some(&7)), Ok(Some(vec![(7, 2)])));
        assert_eq!((longest(&list, 2, Some(&7)), longest::<u8, u8, 1>(&list, 1, None)), (Ok(None), Ok(None)));
        assert!(longest::<u8, u8, 0>(&[], 0, None).is_err());
        assert_eq!(cache::stats("longest").hits, 1);
    }
}
