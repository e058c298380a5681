//! User macros around the macros of opero. Fragments that they pass on are single tokens, whatever was written.
//!
//! An `async` block matched as `$body:expr` cannot be distinguished from any other expression. Matched as `$body:block`
//! after a written `async`, or as tokens, it can.

use std::time::Duration;

use resil::policy::Rate;
use resil::time::ManualClock;
use resil::{Error, opero, opmap};

macro_rules! twice {
    ($body:expr) => {
        opero! { retries: 1, min_delay: 0s => $body }
    };
}

macro_rules! twice_later {
    (async $body:block) => {
        opero! { retries: 1, min_delay: 0s => async $body }
    };
    (async move $body:block) => {
        opero! { retries: 1, min_delay: 0s => async move $body }
    };
}

macro_rules! twice_as_written {
    ($($body:tt)+) => {
        opero! { retries: 1, min_delay: 0s => $($body)+ }
    };
}

/// An expression, blocks and tokens.
///
/// # Errors
/// The text is not a number.
pub async fn bodies(text: &str) -> Result<u32, Error<std::num::ParseIntError>> {
    let blocking = twice!(text.parse::<u32>())?;
    let block = twice!({
        let text = text.trim();
        text.parse::<u32>()
    })?;
    let borrowing = twice_later!(async { text.parse::<u32>() }).await?;
    let owning = twice_later!(async move { text.parse::<u32>() }).await?;
    let as_written = twice_as_written!(async { text.parse::<u32>() }).await?;
    let callable = twice_as_written!(|text: &str| text.parse::<u32>());
    Ok(blocking + block + borrowing + owning + as_written + callable(text)?)
}

macro_rules! decorated {
    (
        [$($options:tt)*]
        $(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),*) -> $output:ty $body:block
    ) => {
        opero! { $($options)* => $(#[$meta])* $vis fn $name($($arg: $type),*) -> $output $body }
    };
    (
        [$($options:tt)*]
        $(#[$meta:meta])* $vis:vis async fn $name:ident($($arg:ident: $type:ty),*) -> $output:ty $body:block
    ) => {
        opero! { $($options)* => $(#[$meta])* $vis async fn $name($($arg: $type),*) -> $output $body }
    };
}

decorated! { [retries: 1, min_delay: 0s, cache: 60s]
    /// A function whose signature another macro has read.
    ///
    /// # Errors
    /// The text is not a number.
    pub fn parsed(text: &str, radix: u32) -> Result<u32, Error<std::num::ParseIntError>> {
        u32::from_str_radix(text, radix)
    }
}

decorated! { [retries: 1, min_delay: 0s, cache: 60s]
    /// An async function whose signature another macro has read.
    ///
    /// # Errors
    /// The text is not a number.
    pub async fn parsed_later(text: &str, radix: u32) -> Result<u32, Error<std::num::ParseIntError>> {
        u32::from_str_radix(text, radix)
    }
}

macro_rules! by_literals {
    ($delay:literal, $times:literal, $name:literal, $clock:expr => $body:expr) => {
        opero! {
            retries: $times, min_delay: $delay, max_delay: $delay, cache: $delay, key: (), timeout: $delay, name: $name,
            clock: $clock => $body
        }
    };
}

macro_rules! by_expressions {
    ($delay:expr, $times:expr, $rate:expr, $name:expr, $body:expr) => {
        opero! {
            retries: $times, min_delay: $delay, max_delay: $delay, cache: $delay, key: (), timeout: $delay,
            deadline: $delay, rate: $rate, burst: $times, name: $name => $body
        }
    };
}

macro_rules! later_by_values {
    ($timeout:literal, $deadline:expr, $body:block) => {
        opero! { timeout: $timeout, deadline: $deadline => async $body }
    };
}

/// Values, as literals and as expressions. A literal matched as an expression is still parsed as a literal.
///
/// # Errors
/// The number is 0.
pub async fn values(number: u32) -> Result<u32, Error<&'static str>> {
    let one = || if number == 0 { Err("nothing") } else { Ok(1) };
    let literals = by_literals!(250ms, 1, "literals", ManualClock::new() => one())?;
    let as_expressions = by_expressions!(250ms, 1, Rate::new(1000, Duration::from_secs(1)), "literals", one())?;
    let hour = Duration::new(3600, 0);
    let expressions =
        by_expressions!(hour / 2, number, Rate::new(1000, Duration::from_secs(1)), format!("{number}"), one())?;
    let later = later_by_values!(1h, 2h, { one() }).await? + later_by_values!(1h, hour * 2, { one() }).await?;
    Ok(literals + as_expressions + expressions + later)
}

macro_rules! by_parts {
    ($binding:ident in $list:expr, $error:pat, $key:expr => $body:expr) => {
        opero! { min_delay: 0s, retry_on: $error, cache, key: $key, fallback: $binding in $list => $body }
    };
}

/// A binding and its list, a pattern, a key.
///
/// # Errors
/// The text is not a number in any base.
pub fn parts(text: &str) -> Result<u32, Error<std::num::ParseIntError>> {
    by_parts!(base in [2, 10], _, text => u32::from_str_radix(text, *base))
}

macro_rules! each_of {
    ($item:pat in $items:expr, $deadline:literal => $body:expr) => {
        opmap! { $item in $items, deadline: $deadline => $body }
    };
    ($item:ident among $items:expr, $deadline:expr => $body:expr) => {
        opmap! { $item in $items, mode: rayon, deadline: $deadline => $body }
    };
}

macro_rules! each_as_written {
    ($item:pat in $items:expr => $($body:tt)+) => {
        opmap! { $item in $items, retries: 1, min_delay: 0s => $($body)+ }
    };
}

macro_rules! each_later {
    ($item:pat in $items:expr, $deadline:literal => async $body:block) => {
        opmap! { $item in $items, deadline: $deadline => async $body }
    };
    ($item:pat in $items:expr, $deadline:literal => async move $body:block) => {
        opmap! { $item in $items, deadline: $deadline => async move $body }
    };
}

/// Maps.
pub async fn maps(texts: &[&str]) -> Vec<Vec<Result<u32, Error<std::num::ParseIntError>>>> {
    let hour = Duration::new(3600, 0);
    let by_literal = each_of!(&text in texts, 1h => text.parse());
    let by_expression = each_of!(text among texts, hour * 2 => text.parse());
    let as_written = each_as_written!(&text in texts => async { text.parse() }).await;
    let borrowing = each_later!(&text in texts, 1h => async { text.parse() }).await;
    let owning = each_later!(&text in texts, 1h => async move { text.parse() }).await;
    vec![by_literal, by_expression, as_written, borrowing, owning]
}

#[cfg(test)]
mod tests {
    use futures_lite::future::block_on;

    use super::*;

    #[test]
    fn bodies_run_as_written() {
        assert_eq!(block_on(bodies("7")), Ok(42));
        assert_eq!(block_on(bodies("x")).unwrap_err().attempts().len(), 2);
    }

    #[test]
    fn functions_are_decorated() {
        for _ in 0..2 {
            assert_eq!((parsed("10", 2), parsed("10", 10)), (Ok(2), Ok(10)));
            assert_eq!((block_on(parsed_later("10", 2)), block_on(parsed_later("10", 10))), (Ok(2), Ok(10)));
        }
        assert_eq!(parsed("x", 2).unwrap_err().attempts().len(), 2);
        assert_eq!(block_on(parsed_later("x", 2)).unwrap_err().name(), "parsed_later");
    }

    #[test]
    fn values_are_evaluated_as_written() {
        assert_eq!(block_on(values(1)), Ok(5));
        let clock = ManualClock::new();
        let error = by_literals!(1.5s, 2, "thrice", &clock => Err::<(), _>("nothing")).unwrap_err();
        assert_eq!((error.attempts().len(), error.name()), (3, "thrice"));
        assert_eq!(clock.elapsed(), Duration::from_secs(3));
    }

    #[test]
    fn other_parts_are_passed_on_unchanged() {
        assert_eq!((parts("101"), parts("12")), (Ok(5), Ok(12)));
        assert_eq!(parts("x").unwrap_err().attempts().len(), 8);
    }

    #[test]
    fn maps_map() {
        for results in block_on(maps(&["1", "x", "3"])) {
            assert_eq!((&results[0], results[1].is_err(), &results[2]), (&Ok(1), true, &Ok(3)));
        }
    }
}
