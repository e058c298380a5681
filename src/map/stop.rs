//! Why a map ends before its last item.

use core::fmt;

/// Why a map started no further item: see [`Summary::stopped`](super::Summary::stopped).
///
/// As text it is what stopped the map, such as `its deadline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// An option has an invalid value.
    Configuration,
    /// Its [`deadline`](super::Map::deadline) has passed, or that of the body it stands in.
    Deadline,
    /// So many items have failed as [`max_failures`](super::Map::max_failures) says.
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
