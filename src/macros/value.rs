//! First stage: the value of an option that is no literal, by its shape.

/// The shapes of values. Each ends at `,` or before `=>`, and adds to the state.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    // An expression.
    (@expr $into:ident $bare:ident $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { $into $state $name [] [.$name($value)] [$($rest)*] }
    };
    (@expr $into:ident $bare:ident $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { $into $state $name [] [.$name($value)] [=> $($rest)*] }
    };
    (@expr $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // The same, for the map too where there is one.
    (@shared $into:ident $bare:ident $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { $into $state $name [] [.$name($value)] [.$name($value)] [$($rest)*] }
    };
    (@shared $into:ident $bare:ident $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { $into $state $name [] [.$name($value)] [.$name($value)] [=> $($rest)*] }
    };
    (@shared $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // One of four words, or an expression in which these words are known.
    (@jitter $state:tt $name:ident: none $end:tt $($rest:tt)*) => {
        $crate::__jitter! { $state $name (none) [.$name($crate::__private::Jitter::None)] $end $($rest)* }
    };
    (@jitter $state:tt $name:ident: full $end:tt $($rest:tt)*) => {
        $crate::__jitter! { $state $name (full) [.$name($crate::__private::Jitter::Full)] $end $($rest)* }
    };
    (@jitter $state:tt $name:ident: equal $end:tt $($rest:tt)*) => {
        $crate::__jitter! { $state $name (equal) [.$name($crate::__private::Jitter::Equal)] $end $($rest)* }
    };
    (@jitter $state:tt $name:ident: decorrelated $end:tt $($rest:tt)*) => {
        $crate::__jitter! {
            $state $name (decorrelated) [.$name($crate::__private::Jitter::Decorrelated)] $end $($rest)*
        }
    };
    (@jitter $($rest:tt)*) => { $crate::__value! { @word $($rest)* } };
    (@word $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { retry $state $name [] [.$name({ use $crate::__private::jitter::*; $value })] [$($rest)*] }
    };
    (@word $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { retry $state $name [] [.$name({ use $crate::__private::jitter::*; $value })] [=> $($rest)*] }
    };
    (@word $($rest:tt)*) => { $crate::__value! { @bare jitter $($rest)* } };

    // A pattern over the error, with or without a guard: a predicate of the builder method `$method`.
    (@pattern $method:ident $bare:ident $state:tt $name:ident: $pattern:pat $(if $guard:expr)?, $($rest:tt)*) => {
        $crate::__state! { $method $state $name [$pattern $(if $guard)?] [$($rest)*] }
    };
    (@pattern $method:ident $bare:ident $state:tt $name:ident: $pattern:pat $(if $guard:expr)? => $($rest:tt)*) => {
        $crate::__state! { $method $state $name [$pattern $(if $guard)?] [=> $($rest)*] }
    };
    (@pattern $method:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A name for the body.
    (@attempt $state:tt $name:ident: $binding:ident, $($rest:tt)*) => {
        $crate::__state! { attempt $state $name [$binding] [$($rest)*] }
    };
    (@attempt $state:tt $name:ident: $binding:ident => $($rest:tt)*) => {
        $crate::__state! { attempt $state $name [$binding] [=> $($rest)*] }
    };
    (@attempt $($rest:tt)*) => { $crate::__value! { @complain NoName $($rest)* } };
    (@fallback $state:tt $name:ident: $binding:ident in $list:expr, $($rest:tt)*) => {
        $crate::__state! { fallback $state $name [$binding $list] [$($rest)*] }
    };
    (@fallback $state:tt $name:ident: $binding:ident in $list:expr => $($rest:tt)*) => {
        $crate::__state! { fallback $state $name [$binding $list] [=> $($rest)*] }
    };
    (@fallback $($rest:tt)*) => { $crate::__value! { @complain NoList $($rest)* } };

    // What a rate is shared by.
    (@scope $state:tt $name:ident: global $($rest:tt)*) => { $crate::__global_scope! { $state $name $($rest)* } };
    (@scope $state:tt $name:ident: per_args $($rest:tt)*) => { $crate::__keyed_scope! { $state $name $($rest)* } };
    (@scope $state:tt $name:ident: per_function, $($rest:tt)*) => {
        $crate::__state! { scope $state $name per_function [$($rest)*] }
    };
    (@scope $state:tt $name:ident: per_function => $($rest:tt)*) => {
        $crate::__state! { scope $state $name per_function [=> $($rest)*] }
    };
    (@scope $state:tt $name:ident: $($rest:tt)*) => { $crate::__value! { @complain NoScope $state $name $($rest)* } };
    (@scope $($rest:tt)*) => { $crate::__value! { @bare plain $($rest)* } };

    // How a map goes about its work, and where its results go.
    (@mode $state:tt $name:ident: $mode:tt, $($rest:tt)*) => {
        $crate::__state! { mode $state $name $mode [$($rest)*] }
    };
    (@mode $state:tt $name:ident: $mode:tt => $($rest:tt)*) => {
        $crate::__state! { mode $state $name $mode [=> $($rest)*] }
    };
    (@mode $($rest:tt)*) => { $crate::__value! { @complain NoMode $($rest)* } };
    (@each $state:tt $name:ident: async $($rest:tt)*) => {
        $crate::__value! { @output each_async $state $name: async $($rest)* }
    };
    (@each $($rest:tt)*) => { $crate::__value! { @output each $($rest)* } };
    (@output $each:ident $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] [$($rest)*] }
    };
    (@output $each:ident $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] [=> $($rest)*] }
    };
    (@output $each:ident $($rest:tt)*) => { $crate::__value! { @bare needed $($rest)* } };
    (@stream $state:tt $name:ident, $($rest:tt)*) => {
        $crate::__state! { output $state $name [stream] [$($rest)*] }
    };
    (@stream $state:tt $name:ident => $($rest:tt)*) => {
        $crate::__state! { output $state $name [stream] [=> $($rest)*] }
    };
    (@stream $($rest:tt)*) => { $crate::__value! { @complain NoValue $($rest)* } };

    // A bare name: it turns a layer on, or says what is so anyway, or it needs a value.
    (@bare needed $state:tt $name:ident, $($rest:tt)*) => {
        $crate::__value! { @complain Bare $state $name, $($rest)* }
    };
    (@bare needed $state:tt $name:ident => $($rest:tt)*) => {
        $crate::__value! { @complain Bare $state $name => $($rest)* }
    };
    (@bare $bare:ident $state:tt $name:ident, $($rest:tt)*) => {
        $crate::__bare! { $bare $state $name [$($rest)*] }
    };
    (@bare $bare:ident $state:tt $name:ident => $($rest:tt)*) => {
        $crate::__bare! { $bare $state $name [=> $($rest)*] }
    };
    // Where nothing follows, the body is missing.
    (@bare $bare:ident $state:tt $name:ident) => { $crate::__options! { $state } };
    (@bare $bare:ident $state:tt $name:ident : $value:expr) => { $crate::__options! { $state } };
    (@bare $bare:ident $state:tt $name:ident : $($rest:tt)*) => {
        $crate::__value! { @complain Unended $state $name $($rest)* }
    };
    (@bare $bare:ident $state:tt $name:ident $other:tt $($rest:tt)*) => {
        $crate::__private::compile_error! {
            $crate::__private::concat!(
                "expected `,`, `:` or `=>` after `", $crate::__private::stringify!($name),
                "`, found `", $crate::__private::stringify!($other), "`"
            )
        }
    };

    // An option that cannot be taken: the complaint is noted, the value skipped.
    (@complain $complaint:ident $state:tt $name:ident => $($rest:tt)*) => {
        $crate::__state! { complaint $state $name $complaint [=> $($rest)*] }
    };
    (@complain $complaint:ident $state:tt $name:ident, $($rest:tt)*) => {
        $crate::__state! { complaint $state $name $complaint [$($rest)*] }
    };
    (@complain $complaint:ident $state:tt $name:ident) => { $crate::__options! { $state } };
    (@complain $complaint:ident $state:tt $name:ident $skipped:tt $($rest:tt)*) => {
        $crate::__value! { @complain $complaint $state $name $($rest)* }
    };
}

/// What an option without a value says.
#[doc(hidden)]
#[macro_export]
macro_rules! __bare {
    (retries $s:tt $name:ident $rest:tt) => {
        $crate::__state! { retry $s $name [.$name(3)] [] $rest }
    };
    (retry $s:tt $name:ident $rest:tt) => {
        $crate::__state! { retry $s $name [] [] $rest }
    };
    (backoff $s:tt $name:ident $rest:tt) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Plan::NEW.backoff)] [] $rest }
    };
    (min_delay $s:tt $name:ident $rest:tt) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Plan::NEW.min_delay)] [] $rest }
    };
    (max_delay $s:tt $name:ident $rest:tt) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Plan::NEW.max_delay)] [] $rest }
    };
    (jitter $s:tt $name:ident $rest:tt) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::None)] [] $rest }
    };
    (fallback_delay $s:tt $name:ident $rest:tt) => {
        $crate::__state! { between $s $name [] [] $rest }
    };
    (cache $s:tt $name:ident $rest:tt) => {
        $crate::__state! { cache $s $name [.$name($crate::__private::Plan::NEVER)] [] $rest }
    };
    (flag $s:tt $name:ident $rest:tt) => {
        $crate::__state! { map $s $name [] [.$name(true)] $rest }
    };
    // What is so anyway.
    ($plain:ident $s:tt $name:ident $rest:tt) => {
        $crate::__state! { nothing $s $name $rest }
    };
}

/// A word of option `jitter`, if it is all there is of the value.
#[doc(hidden)]
#[macro_export]
macro_rules! __jitter {
    ($state:tt $name:ident $word:tt $words:tt , $($rest:tt)*) => {
        $crate::__state! { retry $state $name $words [] [$($rest)*] }
    };
    ($state:tt $name:ident $word:tt $words:tt => $($rest:tt)*) => {
        $crate::__state! { retry $state $name $words [] [=> $($rest)*] }
    };
    ($state:tt $name:ident ($word:ident) $words:tt $($rest:tt)*) => {
        $crate::__value! { @word $state $name: $word $($rest)* }
    };
}

/// Scopes that a feature brings.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "cache")]
macro_rules! __keyed_scope {
    ($state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { scope $state $name per_args [$($rest)*] } };
    ($state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { scope $state $name per_args [=> $($rest)*] } };
    ($state:tt $name:ident $($rest:tt)*) => { $crate::__value! { @complain NoScope $state $name $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "cache"))]
macro_rules! __keyed_scope {
    ($($rest:tt)*) => { $crate::__value! { @complain NoCacheFeature $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "std")]
macro_rules! __global_scope {
    ($state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { scope $state $name global [$($rest)*] } };
    ($state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { scope $state $name global [=> $($rest)*] } };
    ($state:tt $name:ident $($rest:tt)*) => { $crate::__value! { @complain NoScope $state $name $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "std"))]
macro_rules! __global_scope {
    ($($rest:tt)*) => { $crate::__value! { @complain NoStdFeature $($rest)* } };
}
