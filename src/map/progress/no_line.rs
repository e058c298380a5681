//! What `progress: true` is without feature `progress`: a compile error.

use super::Sink;

/// The line that is not there without feature `progress`.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoLine;

impl Sink for bool {
    type Report = NoLine;

    fn report(self) -> Option<NoLine> {
        None
    }
}
