//! A rate: a number of permits in a period.

use core::time::Duration;

/// A number of permits in a period, such as `10/s` or `100/min` in source.
///
/// Any value can be created. A call refuses a rate of zero permits or a period of zero.
///
/// # Examples
/// ```
/// # use core::time::Duration;
/// use opero::policy::Rate;
///
/// let rate = Rate::new(10, Duration::from_millis(250));
/// assert_eq!(rate.permits(), 10);
/// assert_eq!(opero::literal::rate("10/250ms"), Ok(rate));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    permits: u32,
    per: Duration,
}

impl Rate {
    /// Creates a rate of `permits` in each period `per`.
    #[must_use]
    pub const fn new(permits: u32, per: Duration) -> Self {
        Rate { permits, per }
    }

    /// Returns the number of permits in a period.
    #[must_use]
    pub const fn permits(self) -> u32 {
        self.permits
    }

    /// Returns the period.
    #[must_use]
    pub const fn per(self) -> Duration {
        self.per
    }
}
