//! The first stage: the options.

/// Takes one option, or the arrow after them. It tells a literal from other values, for every option.
#[doc(hidden)]
#[macro_export]
macro_rules! __options {
    // The arrow: the body follows. Its first token is passed twice: once for matching, once for its span.
    ({ map [] $($s:tt)* } => $first:tt $($body:tt)*) => { $crate::__body! { { $($s)* } $first $first $($body)* } };
    ({ map $m:tt $($s:tt)* } => $($body:tt)+) => { $crate::__map! { $m { $($s)* } $($body)+ } };
    ($lean:tt => $first:tt $($body:tt)*) => { $crate::__body! { $lean $first $first $($body)* } };
    // `name: literal`, and a rate of two literals. The name is passed twice: once for matching, which loses its span, and once for
    // the span. The literal is also passed as tokens, for quoting.
    ($state:tt $name:tt: $value:literal, $($rest:tt)*) => {
        $crate::__literal! { $name $state $name $value ($value) [$($rest)*] }
    };
    ($state:tt $name:tt: $value:literal => $($rest:tt)*) => {
        $crate::__literal! { $name $state $name $value ($value) [=> $($rest)*] }
    };
    ($state:tt $name:tt: $count:literal / $unit:tt, $($rest:tt)*) => {
        $crate::__literal_rate! { $name $state $name ($count / $unit) [$($rest)*] }
    };
    ($state:tt $name:tt: $count:literal / $unit:tt => $($rest:tt)*) => {
        $crate::__literal_rate! { $name $state $name ($count / $unit) [=> $($rest)*] }
    };
    // `1.5.2s`, and a rate without a period, which are not expressions.
    ($state:tt $name:tt: $value:literal . $more:literal, $($rest:tt)*) => {
        $crate::__literal! { $name $state $name $value ($value . $more) [$($rest)*] }
    };
    ($state:tt $name:tt: $value:literal . $more:literal => $($rest:tt)*) => {
        $crate::__literal! { $name $state $name $value ($value . $more) [=> $($rest)*] }
    };
    ($state:tt $name:tt: $count:literal /, $($rest:tt)*) => {
        $crate::__literal_rate! { $name $state $name ($count /) [$($rest)*] }
    };
    ($state:tt $name:tt: $count:literal / => $($rest:tt)*) => {
        $crate::__literal_rate! { $name $state $name ($count /) [=> $($rest)*] }
    };
    // No body. The error is reported at the first option.
    ({ lean $b:ident [$name:tt $($n:tt)*] $($s:tt)* } $(=>)?) => {
        $crate::__state! { complaint { lean $b [$name $($n)*] $($s)* } $name Bodiless [=> ()] }
    };
    ({ map $m:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$name:tt $($n:tt)*] $($s:tt)* } $(=>)?) => {
        $crate::__state! {
            complaint { map $m key $k $p $c hashed $x told [$name $($n)*] $($s)* } $name Bodiless [=> ()]
        }
    };
    ($state:tt $(=>)?) => {
        $crate::__private::compile_error! { "the body is missing: write `=>` and the expression to run" }
    };
    // Any other value: the row of its option decides.
    ($state:tt $name:tt $($rest:tt)*) => { $crate::__row! { $name $state $name $($rest)* } };
}

/// The rows of the grammar for values that are not literals: the shape of the value of each option.
#[doc(hidden)]
#[macro_export]
#[rustfmt::skip]
macro_rules! __row {
    (retries $s:tt $($rest:tt)*) => { $crate::__value! { @plain retry retries $s $($rest)* } };
    (backoff $s:tt $($rest:tt)*) => { $crate::__value! { @plain retry backoff $s $($rest)* } };
    (min_delay $s:tt $($rest:tt)*) => { $crate::__value! { @plain retry min_delay $s $($rest)* } };
    (max_delay $s:tt $($rest:tt)*) => { $crate::__value! { @plain retry max_delay $s $($rest)* } };
    (jitter $s:tt $name:tt: none, $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::None)] [] [$($rest)*] }
    };
    (jitter $s:tt $name:tt: none => $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::None)] [] [=> $($rest)*] }
    };
    (jitter $s:tt $name:tt: full, $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::Full)] [] [$($rest)*] }
    };
    (jitter $s:tt $name:tt: full => $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::Full)] [] [=> $($rest)*] }
    };
    (jitter $s:tt $name:tt: equal, $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::Equal)] [] [$($rest)*] }
    };
    (jitter $s:tt $name:tt: equal => $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::Equal)] [] [=> $($rest)*] }
    };
    (jitter $s:tt $name:tt: decorrelated, $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::Decorrelated)] [] [$($rest)*] }
    };
    (jitter $s:tt $name:tt: decorrelated => $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::Decorrelated)] [] [=> $($rest)*] }
    };
    (jitter $s:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__state! { retry $s $name [] [.$name({
            use $crate::__private::jitter::*;
            let __value: $crate::__private::Jitter = $value;
            __value
        })] [$($rest)*] }
    };
    (jitter $s:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__state! { retry $s $name [] [.$name({
            use $crate::__private::jitter::*;
            let __value: $crate::__private::Jitter = $value;
            __value
        })] [=> $($rest)*] }
    };
    (jitter $s:tt $($rest:tt)*) => { $crate::__value! { @bare jitter $s $($rest)* } };
    (retry_on $s:tt $name:tt: | $error:tt | true $($rest:tt)*) => { $crate::__value! { @complain NoPattern $s $name $($rest)* } };
    (retry_on $s:tt $name:tt: | $error:tt | false $($rest:tt)*) => { $crate::__value! { @complain NoPattern $s $name $($rest)* } };
    (retry_on $s:tt $name:tt: | $error:tt | matches ! $($rest:tt)*) => {
        $crate::__value! { @complain NoPattern $s $name $($rest)* }
    };
    (retry_on $s:tt $name:tt: $only:ident, $($rest:tt)*) => { $crate::__state! { retry_if $s $name [$only] [$($rest)*] } };
    (retry_on $s:tt $name:tt: $only:ident => $($rest:tt)*) => { $crate::__state! { retry_if $s $name [$only] [=> $($rest)*] } };
    (retry_on $s:tt $name:tt: $pattern:pat $(if $guard:expr)?, $($rest:tt)*) => {
        $crate::__state! { retry_if $s $name [$pattern $(if $guard)?] [$($rest)*] }
    };
    (retry_on $s:tt $name:tt: $pattern:pat $(if $guard:expr)? => $($rest:tt)*) => {
        $crate::__state! { retry_if $s $name [$pattern $(if $guard)?] [=> $($rest)*] }
    };
    (retry_on $s:tt $name:tt: | $($rest:tt)*) => { $crate::__value! { @complain NoPattern $s $name $($rest)* } };
    (retry_on $s:tt $($rest:tt)*) => { $crate::__value! { @bare retry $s $($rest)* } };
    (retry_if $s:tt $($rest:tt)*) => { $crate::__value! { @expr judge retries $s $($rest)* } };
    (retry_after $s:tt $($rest:tt)*) => { $crate::__value! { @expr judge needed $s $($rest)* } };
    (adaptive $s:tt $($rest:tt)*) => { $crate::__lent! { __observe_row expr adaptive $s $($rest)* } };
    (attempt $s:tt $name:tt: $binding:ident, $($rest:tt)*) => {
        $crate::__state! { attempt $s $name [$binding] [$($rest)*] }
    };
    (attempt $s:tt $name:tt: $binding:ident => $($rest:tt)*) => {
        $crate::__state! { attempt $s $name [$binding] [=> $($rest)*] }
    };
    (attempt $s:tt $($rest:tt)*) => { $crate::__value! { @complain NoName $s $($rest)* } };
    // An array is a list itself.
    (fallback $s:tt $name:tt: $binding:ident in [$($item:tt)*], $($rest:tt)*) => {
        $crate::__state! { fallback $s $name [$binding {[$($item)*]}] [$($rest)*] }
    };
    (fallback $s:tt $name:tt: $binding:ident in [$($item:tt)*] => $($rest:tt)*) => {
        $crate::__state! { fallback $s $name [$binding {[$($item)*]}] [=> $($rest)*] }
    };
    (fallback $s:tt $name:tt: $binding:ident in $list:literal, $($rest:tt)*) => {
        $crate::__state! { complaint $s $name NoList [$($rest)*] }
    };
    (fallback $s:tt $name:tt: $binding:ident in $list:literal => $($rest:tt)*) => {
        $crate::__state! { complaint $s $name NoList [=> $($rest)*] }
    };
    (fallback $s:tt $name:tt: $binding:ident in $list:expr, $($rest:tt)*) => {
        $crate::__state! { fallback $s $name [$binding {$list .opero_list()}] [$($rest)*] }
    };
    (fallback $s:tt $name:tt: $binding:ident in $list:expr => $($rest:tt)*) => {
        $crate::__state! { fallback $s $name [$binding {$list .opero_list()}] [=> $($rest)*] }
    };
    (fallback $s:tt $($rest:tt)*) => { $crate::__value! { @complain NoList $s $($rest)* } };
    (fallback_delay $s:tt $($rest:tt)*) => { $crate::__value! { @plain between fallback_delay $s $($rest)* } };
    (fallback_on $s:tt $name:tt: | $error:tt | true $($rest:tt)*) => { $crate::__value! { @complain NoPattern $s $name $($rest)* } };
    (fallback_on $s:tt $name:tt: | $error:tt | false $($rest:tt)*) => { $crate::__value! { @complain NoPattern $s $name $($rest)* } };
    (fallback_on $s:tt $name:tt: | $error:tt | matches ! $($rest:tt)*) => {
        $crate::__value! { @complain NoPattern $s $name $($rest)* }
    };
    (fallback_on $s:tt $name:tt: $only:ident, $($rest:tt)*) => { $crate::__state! { fallback_on $s $name [$only] [$($rest)*] } };
    (fallback_on $s:tt $name:tt: $only:ident => $($rest:tt)*) => { $crate::__state! { fallback_on $s $name [$only] [=> $($rest)*] } };
    (fallback_on $s:tt $name:tt: $pattern:pat $(if $guard:expr)?, $($rest:tt)*) => {
        $crate::__state! { fallback_on $s $name [$pattern $(if $guard)?] [$($rest)*] }
    };
    (fallback_on $s:tt $name:tt: $pattern:pat $(if $guard:expr)? => $($rest:tt)*) => {
        $crate::__state! { fallback_on $s $name [$pattern $(if $guard)?] [=> $($rest)*] }
    };
    (fallback_on $s:tt $name:tt: | $($rest:tt)*) => { $crate::__value! { @complain NoPattern $s $name $($rest)* } };
    (fallback_on $s:tt $($rest:tt)*) => { $crate::__value! { @bare plain $s $($rest)* } };
    (on_event $s:tt $($rest:tt)*) => { $crate::__observe_row! { @expr listen needed $s $($rest)* } };
    (name $s:tt $($rest:tt)*) => { $crate::__lent! { __value shared shared $s $($rest)* } };
    (clock $s:tt $($rest:tt)*) => { $crate::__lent! { __clock shared shared $s $($rest)* } };
    (timeout $s:tt $($rest:tt)*) => { $crate::__value! { @plain call needed $s $($rest)* } };
    (deadline $s:tt $($rest:tt)*) => { $crate::__value! { @plain_shared deadline needed $s $($rest)* } };
    (memory $s:tt $($rest:tt)*) => { $crate::__memory_row! { @plain_shared shared needed $s $($rest)* } };

    (cache $s:tt $($rest:tt)*) => { $crate::__cache_row! { @time cache cache $s $($rest)* } };
    (namespace $s:tt $name:tt, $($rest:tt)*) => { $crate::__cache_row! { @expr cached namespace $s $name, $($rest)* } };
    (namespace $s:tt $name:tt => $($rest:tt)*) => { $crate::__cache_row! { @expr cached namespace $s $name => $($rest)* } };
    (namespace $s:tt $($rest:tt)*) => { $crate::__lent! { __cache_row expr cached $s $($rest)* } };
    (store $s:tt $($rest:tt)*) => { $crate::__lent! { __cache_row expr store $s $($rest)* } };
    (key $s:tt $name:tt: $value:expr, $more:ident $(, $($rest:tt)*)?) => {
        $crate::__key_of_many! { $more $s $name [$value] $more [$(, $($rest)*)?] }
    };
    (key $s:tt $name:tt: $value:expr, $more:ident => $($rest:tt)*) => {
        $crate::__key_of_many! { $more $s $name [$value] $more [=> $($rest)*] }
    };
    (key $s:tt $name:tt: $value:expr, & $($rest:tt)*) => { $crate::__value! { @complain ManyKeys $s $name $($rest)* } };
    (key $s:tt $name:tt: $value:expr, $more:ident . $($rest:tt)*) => { $crate::__value! { @complain ManyKeys $s $name $($rest)* } };
    (key $s:tt $name:tt: $value:expr, $more:literal $($rest:tt)*) => { $crate::__value! { @complain ManyKeys $s $name $($rest)* } };
    (key $s:tt $($rest:tt)*) => { $crate::__cache_row! { @expr key needed $s $($rest)* } };
    (capacity $s:tt $($rest:tt)*) => { $crate::__cache_row! { @plain capacity capacity $s $($rest)* } };
    (infallible $s:tt $name:tt, $($rest:tt)*) => { $crate::__cache_state! { infallible $s $name [] [] [$($rest)*] } };
    (infallible $s:tt $name:tt => $($rest:tt)*) => { $crate::__cache_state! { infallible $s $name [] [] [=> $($rest)*] } };
    (infallible $s:tt $($rest:tt)*) => { $crate::__value! { @complain NoValue $s $($rest)* } };

    (rate $s:tt $name:tt: $count:literal per $($rest:tt)*) => {
        $crate::__value! { @complain NotARate $s $name $($rest)* }
    };
    (rate $s:tt $($rest:tt)*) => { $crate::__value! { @plain rate needed $s $($rest)* } };
    (burst $s:tt $($rest:tt)*) => { $crate::__value! { @plain rated burst $s $($rest)* } };
    (max_wait $s:tt $($rest:tt)*) => { $crate::__value! { @plain rated needed $s $($rest)* } };
    (limiter $s:tt $name:tt: $(opero ::)? Limiter :: new () $($rest:tt)*) => {
        $crate::__value! { @complain NoLimiter $s $name $($rest)* }
    };
    (limiter $s:tt $($rest:tt)*) => { $crate::__lent! { __value expr limiter $s $($rest)* } };
    (on_fault $s:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__state! { rated $s $name [] [.$name({
            use $crate::__private::on_fault::*;
            let __value: $crate::OnFault = $value;
            __value
        })] [$($rest)*] }
    };
    (on_fault $s:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__state! { rated $s $name [] [.$name({
            use $crate::__private::on_fault::*;
            let __value: $crate::OnFault = $value;
            __value
        })] [=> $($rest)*] }
    };
    (on_fault $s:tt $($rest:tt)*) => { $crate::__value! { @bare needed $s $($rest)* } };
    (scope $s:tt $name:tt: global $($rest:tt)*) => { $crate::__global_scope! { $s $name $($rest)* } };
    (scope $s:tt $name:tt: per_args $($rest:tt)*) => { $crate::__keyed_scope! { $s $name $($rest)* } };
    (scope $s:tt $name:tt: per_key ($value:expr $(,)?) $($rest:tt)*) => { $crate::__keyed_scope! { $s $name [$value] $($rest)* } };
    (scope $s:tt $name:tt: per_function, $($rest:tt)*) => {
        $crate::__state! { scope $s $name per_function [$($rest)*] }
    };
    (scope $s:tt $name:tt: per_function => $($rest:tt)*) => {
        $crate::__state! { scope $s $name per_function [=> $($rest)*] }
    };
    (scope $s:tt $name:tt: $($rest:tt)*) => { $crate::__value! { @complain NoScope $s $name $($rest)* } };
    (scope $s:tt $($rest:tt)*) => { $crate::__value! { @bare plain $s $($rest)* } };

    (mode $s:tt $name:tt: $mode:tt, $($rest:tt)*) => {
        $crate::__state! { mode $s $name $mode [$($rest)*] }
    };
    (mode $s:tt $name:tt: $mode:tt => $($rest:tt)*) => {
        $crate::__state! { mode $s $name $mode [=> $($rest)*] }
    };
    (mode $s:tt $($rest:tt)*) => { $crate::__value! { @complain NoMode $s $($rest)* } };
    (workers $s:tt $($rest:tt)*) => { $crate::__value! { @plain map needed $s $($rest)* } };
    (ordered $s:tt $name:tt, $($rest:tt)*) => { $crate::__state! { map $s $name [] [.$name(true)] [$($rest)*] } };
    (ordered $s:tt $name:tt => $($rest:tt)*) => { $crate::__state! { map $s $name [] [.$name(true)] [=> $($rest)*] } };
    (ordered $s:tt $($rest:tt)*) => { $crate::__value! { @plain map needed $s $($rest)* } };
    (progress $s:tt $name:tt, $($rest:tt)*) => { $crate::__state! { map $s $name [] [.$name(true)] [$($rest)*] } };
    (progress $s:tt $name:tt => $($rest:tt)*) => { $crate::__state! { map $s $name [] [.$name(true)] [=> $($rest)*] } };
    (progress $s:tt $($rest:tt)*) => { $crate::__lent! { __value expr map $s $($rest)* } };
    (chunk_size $s:tt $($rest:tt)*) => { $crate::__value! { @plain map needed $s $($rest)* } };
    (max_failures $s:tt $($rest:tt)*) => { $crate::__value! { @plain map needed $s $($rest)* } };
    (init_child $s:tt $($rest:tt)*) => { $crate::__child_row! { @expr child needed $s $($rest)* } };
    (recycle_after $s:tt $($rest:tt)*) => { $crate::__child_row! { @plain child needed $s $($rest)* } };
    (max_child_memory $s:tt $($rest:tt)*) => { $crate::__child_row! { @plain child needed $s $($rest)* } };
    (each $s:tt $name:tt: async $($rest:tt)*) => { $crate::__value! { @output each_async $s $name: async $($rest)* } };
    (each $s:tt $($rest:tt)*) => { $crate::__value! { @output each $s $($rest)* } };
    (stream $s:tt $name:tt, $($rest:tt)*) => {
        $crate::__state! { output $s $name [stream] [$($rest)*] }
    };
    (stream $s:tt $name:tt => $($rest:tt)*) => {
        $crate::__state! { output $s $name [stream] [=> $($rest)*] }
    };
    (stream $s:tt $($rest:tt)*) => { $crate::__value! { @complain NoValue $s $($rest)* } };

    (breaker $s:tt $($rest:tt)*) => { $crate::__value! { @complain NotBuilt $s $($rest)* } };
    (hedge $s:tt $($rest:tt)*) => { $crate::__value! { @complain NotBuilt $s $($rest)* } };
    (budget $s:tt $($rest:tt)*) => { $crate::__value! { @complain NotBuilt $s $($rest)* } };
    (concurrency $s:tt $($rest:tt)*) => { $crate::__value! { @complain NotBuilt $s $($rest)* } };
    (stale_if_error $s:tt $($rest:tt)*) => { $crate::__value! { @complain NotBuilt $s $($rest)* } };
    (refresh_ahead $s:tt $($rest:tt)*) => { $crate::__value! { @complain NotBuilt $s $($rest)* } };
    (spread $s:tt $($rest:tt)*) => { $crate::__value! { @complain NotBuilt $s $($rest)* } };
    // Not an option.
    ($other:ident $s:tt $($rest:tt)*) => { $crate::__foreign! { $other $s $($rest)* } };
    ($other:tt $s:tt $($rest:tt)*) => {
        $crate::__private::compile_error! {
            $crate::__private::concat!(
                "expected an option, or `=>` and the body, found `", $crate::__private::stringify!($other), "`"
            )
        }
    };
}

/// The rows that need a feature.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "cache")]
macro_rules! __cache_row {
    (@expr $into:ident $bare:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__cache_state! { $into $state $name [] [.$name($value)] [$($rest)*] }
    };
    (@expr $into:ident $bare:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__cache_state! { $into $state $name [] [.$name($value)] [=> $($rest)*] }
    };
    (@plain $into:ident $bare:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__cache_state! {
            $into $state $name [] [.$name({ let __value: $crate::__private::value::$name = $value; __value })] [$($rest)*]
        }
    };
    (@plain $into:ident $bare:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__cache_state! {
            $into $state $name [] [.$name({ let __value: $crate::__private::value::$name = $value; __value })] [=> $($rest)*]
        }
    };
    // A time to live, or `None`.
    (@time $into:ident $bare:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__cache_state! {
            $into $state $name [] [.$name({ let __value = $crate::__private::value::$name($value); __value })] [$($rest)*]
        }
    };
    (@time $into:ident $bare:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__cache_state! {
            $into $state $name [] [.$name({ let __value = $crate::__private::value::$name($value); __value })] [=> $($rest)*]
        }
    };
    (@$shape:ident $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "cache"))]
macro_rules! __cache_row {
    (@$shape:ident $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @complain NoCacheFeature $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(all(feature = "process", unix))]
macro_rules! __child_row {
    ($($row:tt)*) => { $crate::__value! { $($row)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(all(feature = "process", unix)))]
macro_rules! __child_row {
    (@$shape:ident $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @complain NoProcessFeature $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "observe")]
macro_rules! __observe_row {
    ($($row:tt)*) => { $crate::__value! { $($row)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "observe"))]
macro_rules! __observe_row {
    (@$shape:ident $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @complain NoObserveFeature $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "memory")]
macro_rules! __memory_row {
    ($($row:tt)*) => { $crate::__value! { $($row)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "memory"))]
macro_rules! __memory_row {
    (@plain_shared $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @complain NoMemoryFeature $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(all(feature = "process", unix))]
macro_rules! __child_state {
    ($($state:tt)*) => { $crate::__state! { child $($state)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(all(feature = "process", unix)))]
macro_rules! __child_state {
    ($s:tt $name:tt $words:tt $calls:tt $rest:tt) => {
        $crate::__state! { complaint $s $name NoProcessFeature $rest }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "memory")]
macro_rules! __memory_state {
    ($($state:tt)*) => { $crate::__state! { shared $($state)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "memory"))]
macro_rules! __memory_state {
    ($s:tt $name:tt $words:tt $calls:tt $of_map:tt $rest:tt) => {
        $crate::__state! { complaint $s $name NoMemoryFeature $rest }
    };
}
