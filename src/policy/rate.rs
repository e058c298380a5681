//! How often: a number of permits in a period.

use core::time::Duration;

/// So many permits in a period, as `10/s` or `100/min` in source.
///
/// Any value can be made; a rate of zero permits or of no period is refused where it is used.
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
    /// `permits` in each `per`.
    #[must_use]
    pub const fn new(permits: u32, per: Duration) -> Self {
        Rate { permits, per }
    }

    /// How many permits there are in a period.
    #[must_use]
    pub const fn permits(self) -> u32 {
        self.permits
    }

    /// The period.
    #[must_use]
    pub const fn per(self) -> Duration {
        self.per
    }
}
