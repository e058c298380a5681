//! What `progress: true` is without feature `progress`: a compile error.

use super::Sink;

/// Stands for the live line without feature `progress`. It is no [`Report`](super::Report), so the option does not
/// compile.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoLine;

impl Sink for bool {
    type Report = NoLine;

    fn report(self) -> Option<NoLine> {
        None
    }
}

/// There is none.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Screen {}

/// Of no screen.
#[derive(Debug)]
pub(crate) enum OnScreen {}

impl Screen {
    pub(in crate::map) fn aside(&self) -> OnScreen {
        match *self {}
    }
}
