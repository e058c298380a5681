//! Makes `progress: true` a compile error without feature `progress`.

use super::Sink;

/// Takes the place of the live line without feature `progress`. It does not implement [`Report`](super::Report), so the
/// option does not compile.
#[doc(hidden)]
#[derive(Debug)]
pub struct NoLine;

impl Sink for bool {
    type Report = NoLine;

    fn report(self) -> Option<NoLine> {
        None
    }
}

/// Without feature `progress` there is no screen.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Screen {}

/// Without feature `progress` there is no line on it.
#[derive(Debug)]
pub(crate) enum OnScreen {}

impl Screen {
    pub(in crate::map) fn aside(&self) -> OnScreen {
        match *self {}
    }
}
