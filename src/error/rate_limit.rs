//! The refusal of a rate. It is cheap to create, since an overloaded service creates many.

use core::fmt;
use core::time::Duration;

use super::duration::Rounded;
#[cfg(feature = "observe")]
use super::origin::Origin;
use super::storage::{Kept, MaybeBoxed, Text};
use crate::call::NameRef;
#[cfg(all(target_pointer_width = "64", not(feature = "observe")))]
use crate::time::nanos;

/// The error of a call that would have to wait too long for its permit.
#[derive(Clone)]
pub struct RateLimit(Refusal);

/// Both variants fit into an error of two words.
#[derive(Clone)]
enum Refusal {
    /// The refusal of a use whose name is in its static, with a wait of up to two years. It has no room for an origin.
    #[cfg(all(target_pointer_width = "64", not(feature = "observe")))]
    Brief { wait: [u8; 7], name: &'static &'static str },
    /// All others.
    Full(MaybeBoxed<Kept<(Text, Duration)>>),
}

impl RateLimit {
    /// Creates the error of a call `name` that can have its permit only after `retry_after`.
    pub(crate) fn new(name: NameRef<'_>, retry_after: Duration) -> Self {
        #[cfg(all(target_pointer_width = "64", not(feature = "observe")))]
        if let (NameRef::OfUse(name), [wait @ .., 0]) = (name, nanos(retry_after).to_le_bytes()) {
            return RateLimit(Refusal::Brief { wait, name });
        }
        RateLimit(Refusal::Full(Kept::new((name.text(), retry_after)).into()))
    }

    /// The name of the call.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            #[cfg(all(target_pointer_width = "64", not(feature = "observe")))]
            Refusal::Brief { name, .. } => name,
            Refusal::Full(full) => &full.0,
        }
    }

    /// The time from the refusal until the next permit.
    #[must_use]
    pub fn retry_after(&self) -> Duration {
        match &self.0 {
            #[cfg(all(target_pointer_width = "64", not(feature = "observe")))]
            Refusal::Brief { wait, .. } => {
                let mut nanos = [0; 8];
                nanos[..wait.len()].copy_from_slice(wait);
                Duration::from_nanos(u64::from_le_bytes(nanos))
            }
            Refusal::Full(full) => full.1,
        }
    }

    /// Where and when it was created.
    #[cfg(feature = "observe")]
    pub(super) fn origin(&self) -> &Origin {
        let Refusal::Full(full) = &self.0;
        full.origin()
    }
}

/// Two are equal if they have the same name and time.
impl PartialEq for RateLimit {
    fn eq(&self, other: &Self) -> bool {
        (self.name(), self.retry_after()) == (other.name(), other.retry_after())
    }
}

impl Eq for RateLimit {}

/// Prints the same as `Display`.
impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rate limit reached for {}: try again in {}", self.name(), Rounded(self.retry_after()))
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    const NAME: &&str = &"ask";

    #[test]
    fn both_representations_are_equal() {
        for wait in [0, 1, 59_123_456_789, (1 << 56) - 1, 1 << 56, u64::MAX].map(Duration::from_nanos) {
            let limits = [NameRef::of_use(NAME), NameRef::Static("ask")].map(|name| RateLimit::new(name, wait));
            for limit in &limits {
                assert_eq!((limit.name(), limit.retry_after()), ("ask", wait));
                let text = format!("Rate limit reached for ask: try again in {}", Rounded(wait));
                assert_eq!((format!("{limit}"), format!("{limit:?}")), (text.clone(), text));
                assert_eq!(limit, &limits[0].clone());
            }
        }
        assert_ne!(
            RateLimit::new(NameRef::Static("a"), Duration::ZERO),
            RateLimit::new(NameRef::Static("b"), Duration::ZERO)
        );
    }
}
