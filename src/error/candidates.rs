//! The texts of candidates, which an error gets after its call has failed.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use super::attempt::Extra;
use super::{Attempt, Error};

impl<E> Error<E> {
    /// Sets the [text](Attempt::candidate_text) of each attempt's candidate from the list of candidates.
    ///
    /// The macros call it. A [`Call`](crate::Call) knows only the number of its candidates.
    ///
    /// # Examples
    /// ```
    /// use opero::Call;
    ///
    /// let models = ["opus", "sonnet"];
    /// let error = Call::new("ask")
    ///     .fallback("model", models.len())
    ///     .run(|attempt| Err::<(), _>(models[attempt.candidate()].len()))
    ///     .map_err(|error| error.with_candidates(models))
    ///     .unwrap_err();
    /// assert_eq!(error.attempts()[1].candidate_text(), Some("sonnet"));
    /// ```
    #[must_use]
    pub fn with_candidates<I: IntoIterator<Item: fmt::Display>>(mut self, candidates: I) -> Self {
        let last = self.attempts().iter().filter_map(Attempt::candidate).max();
        let needed = last.map_or(0, |last| last.saturating_add(1));
        for (place, candidate) in candidates.into_iter().take(needed).enumerate() {
            self.name_candidate(place, &candidate);
        }
        self
    }

    fn name_candidate(&mut self, place: usize, candidate: &dyn fmt::Display) {
        let attempts = match self {
            Error::AllFailed(failed) => failed.attempts_mut(),
            Error::Timeout(timeout) => timeout.attempts_mut(),
            _ => return,
        };
        let mut name = None;
        for attempt in attempts.iter_mut().filter(|attempt| attempt.candidate() == Some(place)) {
            // A candidate is printed once, and only if it was tried.
            attempt.name_candidate(name.get_or_insert_with(|| print(candidate)).clone());
        }
    }
}

/// The text of a candidate; `None` if its `Display` fails.
fn print(candidate: &dyn fmt::Display) -> Option<Arc<Extra>> {
    let print = || {
        let mut text = String::new();
        fmt::write(&mut text, format_args!("{candidate}")).ok().map(|()| text.into_boxed_str())
    };
    // The error of the call must not be lost because the `Display` of a candidate panics.
    let text = std::panic::catch_unwind(core::panic::AssertUnwindSafe(print)).ok().flatten()?;
    Some(Arc::new(Extra { candidate_text: Some(text), refusal: None }))
}
