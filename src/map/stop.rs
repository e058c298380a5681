//! Why a map ended before its last item.

use core::fmt;

/// Why no further item of a map started: see [`Summary::stopped`](super::Summary::stopped).
///
/// It displays as what stopped the map, such as `its deadline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// An option has an invalid value.
    Configuration,
    /// Its [`deadline`](super::Map::deadline), or that of the enclosing body, has passed.
    Deadline,
    /// The number of failed items has reached [`max_failures`](super::Map::max_failures).
    MaxFailures,
    /// The closure of `each` has returned [`ControlFlow::Break`](core::ops::ControlFlow::Break).
    BrokenOff,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::Configuration => "an invalid option",
            StopReason::Deadline => "its deadline",
            StopReason::MaxFailures => "`max_failures`",
            StopReason::BrokenOff => "`each`",
        })
    }
}
