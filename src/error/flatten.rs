//! One list of attempts for a call and the calls in its body.

use alloc::vec::Vec;

use super::{AllFailed, Attempt, Attempts, Error, Failure, Timeout};

impl<E> Error<Error<E>> {
    /// Merges the error of a call whose body is a call into one error.
    ///
    /// The attempts of the inner calls replace the outer attempts in which they ran, in order, so no error of a body is lost.
    /// The rules:
    ///
    /// - The variant, the name, the limit and the reason are those of the outer error. An outer error without attempts does not
    ///   change.
    /// - An inner error without attempts, such as [`Error::RateLimit`] or [`Error::Configuration`], becomes one entry of the
    ///   list: [`Failure::Refused`], with its [`refusal`](Attempt::refusal). So does any other failure of the outer call, such
    ///   as [`Failure::Timeout`].
    /// - The entries are numbered from 1. [`retry`](Attempt::retry) is the round of the outer call. The candidate is the inner one, or
    ///   the outer one where the inner call has no list. [`offset`](Attempt::offset) counts from the first outer attempt; what
    ///   an inner call waited for before its first attempt, as a permit, is not in it.
    /// - Where every outer attempt failed with an inner error that holds no attempts, there is no list to give: the last of these
    ///   errors is the result. So `is_rate_limit` answers for a call that was refused inside another. An outer
    ///   [`Error::Timeout`] stays one.
    ///
    /// # Examples
    /// ```
    /// use opero::opero;
    ///
    /// let error = opero! { retries: 1, min_delay: 0s, name: "outer" => {
    ///     opero! { retries: 1, min_delay: 0s, name: "inner" => "x".parse::<u8>() }
    /// } }
    /// .unwrap_err();
    /// assert_eq!(error.attempts().len(), 2);
    ///
    /// let error = error.flatten();
    /// assert_eq!(error.attempts().len(), 4);
    /// assert!(error.to_string().starts_with("All 4 attempts failed for outer"));
    /// ```
    #[must_use]
    pub fn flatten(self) -> Error<E> {
        match self.retyped() {
            Ok(error) => error,
            Err(Held::AllFailed(failed)) => {
                let failed = failed.with_attempts(flat);
                refusal(failed.attempts()).unwrap_or(Error::AllFailed(failed))
            }
            Err(Held::Timeout(timeout)) => Error::Timeout(timeout.with_attempts(flat)),
        }
    }
}

/// Types that have attempts.
enum Held<E> {
    AllFailed(AllFailed<E>),
    Timeout(Timeout<E>),
}

impl<E> Error<E> {
    /// The same as an error of another body, unless it has attempts.
    fn retyped<F>(self) -> Result<Error<F>, Held<E>> {
        Ok(match self {
            Error::AllFailed(failed) => return Err(Held::AllFailed(failed)),
            Error::Timeout(timeout) if !timeout.attempts().is_empty() => return Err(Held::Timeout(timeout)),
            Error::Timeout(timeout) => Error::Timeout(timeout.with_attempts(|_| Attempts::default())),
            Error::Configuration(configuration) => Error::Configuration(configuration),
            Error::Cache(cache) => Error::Cache(cache),
            Error::RateLimit(limit) => Error::RateLimit(limit),
            Error::Panicked(panicked) => Error::Panicked(panicked),
            Error::Skipped(skipped) => Error::Skipped(skipped),
        })
    }
}

/// The last error, if all calls were refused.
fn refusal<E>(attempts: &[Attempt<E>]) -> Option<Error<E>> {
    if attempts.iter().any(|attempt| attempt.refusal().is_none()) {
        return None;
    }
    attempts.last()?.refusal()?.clone().retyped().ok()
}

/// The attempts of the inner calls, in place of the outer attempts.
fn flat<E>(outer: Attempts<Error<E>>) -> Attempts<E> {
    let mut list = Vec::new();
    for attempt in outer.into_vec() {
        let (place, failure) = attempt.split();
        match failure {
            Failure::Error(error) => match error.retyped() {
                Ok(refused) => list.push(place.refused(refused)),
                Err(Held::AllFailed(failed)) => extend(&mut list, &place, failed.into_attempts()),
                Err(Held::Timeout(timeout)) => extend(&mut list, &place, timeout.into_attempts()),
            },
            Failure::Timeout(limit) => list.push(place.failed(Failure::Timeout(limit))),
            Failure::Refused => list.push(place.failed(Failure::Refused)),
            #[cfg(all(feature = "process", unix))]
            Failure::Crashed(crash) => list.push(place.failed(Failure::Crashed(crash))),
            #[cfg(all(feature = "process", unix))]
            Failure::Serialization(problem) => list.push(place.failed(Failure::Serialization(problem))),
        }
    }
    for (attempt, number) in list.iter_mut().zip(1..) {
        attempt.renumber(number);
    }
    list.into_iter().collect()
}

fn extend<E>(list: &mut Vec<Attempt<E>>, place: &Attempt<()>, inner: Attempts<E>) {
    list.extend(inner.into_vec().into_iter().map(|attempt| attempt.within(place)));
}
