//! First stage: the options.

/// Takes one option, or the arrow that ends them.
#[doc(hidden)]
#[macro_export]
macro_rules! __options {
    // The arrow: what follows is the body.
    ({ [$w:tt $key:tt $capacity:tt []] $($s:tt)* } => $($body:tt)+) => {
        $crate::__body! { { [$w $key $capacity] $($s)* } $($body)+ }
    };
    ($state:tt => $($body:tt)+) => { $crate::__map! { $state $($body)+ } };
    ($state:tt =>) => {
        $crate::__private::compile_error! { "the body is missing: write the expression to run after `=>`" }
    };
    ($state:tt) => {
        $crate::__private::compile_error! { "the body is missing: write `=>` and the expression to run" }
    };
    // `name…`: the row of the name decides. It goes along twice, since a matched name loses its place in the source.
    ($state:tt $name:ident $($rest:tt)*) => { $crate::__row! { $name $state $name $($rest)* } };
    ($state:tt $other:tt $($rest:tt)*) => {
        $crate::__private::compile_error! {
            $crate::__private::concat!("expected an option or `=>`, found `", $crate::__private::stringify!($other), "`")
        }
    };
}

/// The rows of the grammar: which shape the value of an option has.
#[doc(hidden)]
#[macro_export]
#[rustfmt::skip]
macro_rules! __row {
    (retries $($rest:tt)*) => { $crate::__value! { @take [count retry value] $($rest)* } };
    (backoff $($rest:tt)*) => { $crate::__value! { @take [factor retry value] $($rest)* } };
    (min_delay $($rest:tt)*) => { $crate::__value! { @take [duration retry value] $($rest)* } };
    (max_delay $($rest:tt)*) => { $crate::__value! { @take [duration retry value] $($rest)* } };
    (jitter $($rest:tt)*) => { $crate::__value! { @word jitter retry $($rest)* } };
    (retry_on $($rest:tt)*) => { $crate::__value! { @pattern retry_if retry $($rest)* } };
    (retry_if $($rest:tt)*) => { $crate::__value! { @predicate retry $($rest)* } };
    (retry_after $($rest:tt)*) => { $crate::__value! { @predicate needed $($rest)* } };
    (attempt $($rest:tt)*) => { $crate::__value! { @attempt $($rest)* } };
    (fallback $($rest:tt)*) => { $crate::__value! { @fallback $($rest)* } };
    (fallback_delay $($rest:tt)*) => { $crate::__value! { @take [duration plain between] $($rest)* } };
    (fallback_on $($rest:tt)*) => { $crate::__value! { @pattern fallback_on plain $($rest)* } };
    (name $($rest:tt)*) => { $crate::__value! { @take [any needed shared] $($rest)* } };
    (clock $($rest:tt)*) => { $crate::__value! { @take [any needed shared] $($rest)* } };

    (timeout $($rest:tt)*) => { $crate::__value! { @take [limit needed limit] $($rest)* } };
    (deadline $($rest:tt)*) => { $crate::__value! { @take [limit needed deadline] $($rest)* } };
    (memory $($rest:tt)*) => { $crate::__memory_row! { @take [memory needed memory] $($rest)* } };

    (cache $($rest:tt)*) => { $crate::__cache_row! { @take [time_to_live cache cache] $($rest)* } };
    (namespace $($rest:tt)*) => { $crate::__cache_row! { @take [any plain cached] $($rest)* } };
    (store $($rest:tt)*) => { $crate::__cache_row! { @take [any needed cached] $($rest)* } };
    (key $($rest:tt)*) => { $crate::__cache_row! { @take [any needed key] $($rest)* } };
    (capacity $($rest:tt)*) => { $crate::__cache_row! { @take [entries plain capacity] $($rest)* } };

    (rate $($rest:tt)*) => { $crate::__value! { @rate $($rest)* } };
    (burst $($rest:tt)*) => { $crate::__value! { @take [burst plain rated] $($rest)* } };
    (max_wait $($rest:tt)*) => { $crate::__value! { @take [duration needed rated] $($rest)* } };
    (scope $($rest:tt)*) => { $crate::__value! { @scope $($rest)* } };
    (breaker $($rest:tt)*) => { $crate::__value! { @complain Later $($rest)* } };
    (hedge $($rest:tt)*) => { $crate::__value! { @complain Later $($rest)* } };
    (budget $($rest:tt)*) => { $crate::__value! { @complain Later $($rest)* } };
    (concurrency $($rest:tt)*) => { $crate::__value! { @complain Later $($rest)* } };
    (stale_if_error $($rest:tt)*) => { $crate::__value! { @complain Later $($rest)* } };
    (refresh_ahead $($rest:tt)*) => { $crate::__value! { @complain Later $($rest)* } };

    (mode $($rest:tt)*) => { $crate::__value! { @mode $($rest)* } };
    (workers $($rest:tt)*) => { $crate::__value! { @take [several needed map] $($rest)* } };
    (ordered $($rest:tt)*) => { $crate::__value! { @take [any flag map] $($rest)* } };
    (progress $($rest:tt)*) => { $crate::__value! { @take [any flag map] $($rest)* } };
    (chunk_size $($rest:tt)*) => { $crate::__value! { @take [several needed map] $($rest)* } };
    (max_failures $($rest:tt)*) => { $crate::__value! { @take [several needed map] $($rest)* } };
    (each $($rest:tt)*) => { $crate::__value! { @each $($rest)* } };
    (stream $($rest:tt)*) => { $crate::__value! { @stream $($rest)* } };
    (spread $($rest:tt)*) => { $crate::__value! { @complain Later $($rest)* } };

    // No row: `Options` has no such field, and rustc knows which one is near.
    ($unknown:ident $($rest:tt)*) => { $crate::__value! { @complain Unknown $($rest)* } };
}

/// The rows that a feature brings.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "cache")]
macro_rules! __cache_row {
    ($($row:tt)*) => { $crate::__value! { $($row)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "cache"))]
macro_rules! __cache_row {
    (@take $shape:tt $($rest:tt)*) => { $crate::__value! { @complain NoCacheFeature $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "cache")]
macro_rules! __keyed_scope {
    ($state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { scope $state $name [per_args] $($rest)* } };
    ($state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { scope $state $name [per_args] => $($rest)* } };
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
    ($state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { scope $state $name [global] $($rest)* } };
    ($state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { scope $state $name [global] => $($rest)* } };
    ($state:tt $name:ident $($rest:tt)*) => { $crate::__value! { @complain NoScope $state $name $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "std"))]
macro_rules! __global_scope {
    ($($rest:tt)*) => { $crate::__value! { @complain NoStdFeature $($rest)* } };
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
    (@take $shape:tt $($rest:tt)*) => { $crate::__value! { @complain NoMemoryFeature $($rest)* } };
}

/// The shapes of values. Each ends at `,` or before `=>`, and adds to the state.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    // The most frequent of the arms below, each with what `__state` would make of it: one step less of the recursion limit.
    (@take [$kind:ident $bare:ident value] { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident: $value:literal, $next:ident $($rest:tt)*) => {
        $crate::__row! {
            $next { $k [$($n)* $name] $c [$($v)* .$name(($crate::__literal!($kind $name ($value) $value)))] $($s)* }
            $next $($rest)*
        }
    };
    (@take [$kind:ident $bare:ident value] { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident: $value:literal, $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c [$($v)* .$name(($crate::__literal!($kind $name ($value) $value)))] $($s)* } $($rest)* }
    };
    (@take [$kind:ident $bare:ident value] { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident: $value:literal => $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c [$($v)* .$name(($crate::__literal!($kind $name ($value) $value)))] $($s)* } => $($rest)* }
    };
    (@take [$kind:ident $bare:ident limit] { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $p:tt $f:tt $a:tt $l:tt $($s:tt)* } $name:ident: $value:literal, $($rest:tt)*) => {
        $crate::__options! {
            {
                $k [$($n)* $name] $c [$($v)* .$name(($crate::__literal!($kind $name ($value) $value)))]
                $p $f $a [@limited] $($s)*
            }
            $($rest)*
        }
    };
    (@take [$kind:ident $bare:ident limit] { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $p:tt $f:tt $a:tt $l:tt $($s:tt)* } $name:ident: $value:literal => $($rest:tt)*) => {
        $crate::__options! {
            {
                $k [$($n)* $name] $c [$($v)* .$name(($crate::__literal!($kind $name ($value) $value)))]
                $p $f $a [@limited] $($s)*
            }
            => $($rest)*
        }
    };
    (@take [$kind:ident $bare:ident rated] { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$($on:tt)*] [$($r:tt)*] $scope:tt] } $name:ident: $value:literal, $($rest:tt)*) => {
        $crate::__options! {
            {
                $k [$($n)* $name] $c $v $p $f $a $l $o
                [[$($on)* [Unlimited $name]] [$($r)* .$name(($crate::__literal!($kind $name ($value) $value)))] $scope]
            }
            $($rest)*
        }
    };
    (@take [$kind:ident $bare:ident rated] { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$($on:tt)*] [$($r:tt)*] $scope:tt] } $name:ident: $value:literal => $($rest:tt)*) => {
        $crate::__options! {
            {
                $k [$($n)* $name] $c $v $p $f $a $l $o
                [[$($on)* [Unlimited $name]] [$($r)* .$name(($crate::__literal!($kind $name ($value) $value)))] $scope]
            }
            => $($rest)*
        }
    };

    // A value that may be a literal of the kind `$kind`.
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:literal, $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name [($crate::__literal!($kind $name ($value) $value))] $($rest)*
        }
    };
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:literal => $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name [($crate::__literal!($kind $name ($value) $value))] => $($rest)*
        }
    };
    // `1.5.2s`, which is no expression.
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:literal . $more:literal, $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name [($crate::__literal!($kind $name ($value . $more) $value))] $($rest)*
        }
    };
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:literal . $more:literal => $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name [($crate::__literal!($kind $name ($value . $more) $value))] => $($rest)*
        }
    };
    (@take [$kind:ident $bare:ident value] { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c [$($v)* .$name($value)] $($s)* } $($rest)* }
    };
    (@take [$kind:ident $bare:ident value] { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c [$($v)* .$name($value)] $($s)* } => $($rest)* }
    };
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { $into $state $name [$value] $($rest)* }
    };
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { $into $state $name [$value] => $($rest)* }
    };
    (@take [$kind:ident $bare:ident $into:ident] $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A rate is two literals, or an expression.
    (@rate $state:tt $name:ident: $count:literal / $unit:tt, $($rest:tt)*) => {
        $crate::__state! {
            rate $state $name [($crate::__literal!(rate $name ($count / $unit) $count))] $($rest)*
        }
    };
    (@rate $state:tt $name:ident: $count:literal / $unit:tt => $($rest:tt)*) => {
        $crate::__state! {
            rate $state $name [($crate::__literal!(rate $name ($count / $unit) $count))] => $($rest)*
        }
    };
    (@rate $state:tt $name:ident: $count:literal /, $($rest:tt)*) => {
        $crate::__state! { rate $state $name [($crate::__literal!(rate $name ($count /) $count))] $($rest)* }
    };
    (@rate $state:tt $name:ident: $count:literal / => $($rest:tt)*) => {
        $crate::__state! { rate $state $name [($crate::__literal!(rate $name ($count /) $count))] => $($rest)* }
    };
    (@rate $($rest:tt)*) => { $crate::__value! { @take [rate needed rate] $($rest)* } };
    // What a rate is shared by.
    (@scope $state:tt $name:ident: global $($rest:tt)*) => { $crate::__global_scope! { $state $name $($rest)* } };
    (@scope $state:tt $name:ident: per_args $($rest:tt)*) => { $crate::__keyed_scope! { $state $name $($rest)* } };
    (@scope $state:tt $name:ident: per_function, $($rest:tt)*) => { $crate::__state! { scope $state $name [] $($rest)* } };
    (@scope $state:tt $name:ident: per_function => $($rest:tt)*) => { $crate::__state! { scope $state $name [] => $($rest)* } };
    (@scope $state:tt $name:ident: $($rest:tt)*) => { $crate::__value! { @complain NoScope $state $name $($rest)* } };
    (@scope $($rest:tt)*) => { $crate::__value! { @bare plain $($rest)* } };

    // One of a few words, or an expression.
    (@word $kind:ident $bare:ident $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { value $state $name [{ use $crate::__private::$kind::*; $value }] $($rest)* }
    };
    (@word $kind:ident $bare:ident $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { value $state $name [{ use $crate::__private::$kind::*; $value }] => $($rest)* }
    };
    (@word $kind:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A pattern over the error, with or without a guard: a predicate of the builder method `$method`.
    (@pattern $method:ident $bare:ident $state:tt $name:ident: $pattern:pat $(if $guard:expr)?, $($rest:tt)*) => {
        $crate::__state! { pattern $state $name $method [$pattern $(if $guard)?] $($rest)* }
    };
    (@pattern $method:ident $bare:ident $state:tt $name:ident: $pattern:pat $(if $guard:expr)? => $($rest:tt)*) => {
        $crate::__state! { pattern $state $name $method [$pattern $(if $guard)?] => $($rest)* }
    };
    (@pattern $method:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A closure over the error.
    (@predicate $bare:ident { $k:tt [$($n:tt)*] $c:tt $v:tt [$($p:tt)*] $($s:tt)* } $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c $v [$($p)* .$name($value)] $($s)* } $($rest)* }
    };
    (@predicate $bare:ident { $k:tt [$($n:tt)*] $c:tt $v:tt [$($p:tt)*] $($s:tt)* } $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c $v [$($p)* .$name($value)] $($s)* } => $($rest)* }
    };
    (@predicate $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A name for the body.
    (@attempt $state:tt $name:ident: $binding:ident, $($rest:tt)*) => {
        $crate::__state! { attempt $state $name [$binding] $($rest)* }
    };
    (@attempt $state:tt $name:ident: $binding:ident => $($rest:tt)*) => {
        $crate::__state! { attempt $state $name [$binding] => $($rest)* }
    };
    (@attempt $($rest:tt)*) => { $crate::__value! { @complain NoName $($rest)* } };
    (@fallback $state:tt $name:ident: $binding:ident in $list:expr, $($rest:tt)*) => {
        $crate::__state! { fallback $state $name [$binding $list] $($rest)* }
    };
    (@fallback $state:tt $name:ident: $binding:ident in $list:expr => $($rest:tt)*) => {
        $crate::__state! { fallback $state $name [$binding $list] => $($rest)* }
    };
    (@fallback $($rest:tt)*) => { $crate::__value! { @complain NoList $($rest)* } };

    // How a map goes about its work, and where its results go.
    (@mode $state:tt $name:ident: $mode:tt, $($rest:tt)*) => { $crate::__state! { mode $state $name [$mode] $($rest)* } };
    (@mode $state:tt $name:ident: $mode:tt => $($rest:tt)*) => { $crate::__state! { mode $state $name [$mode] => $($rest)* } };
    (@mode $($rest:tt)*) => { $crate::__value! { @complain NoMode $($rest)* } };
    (@each $state:tt $name:ident: async $($rest:tt)*) => { $crate::__value! { @each_async $state $name: async $($rest)* } };
    (@each $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { output $state $name [each $value] $($rest)* }
    };
    (@each $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { output $state $name [each $value] => $($rest)* }
    };
    (@each $($rest:tt)*) => { $crate::__value! { @bare needed $($rest)* } };
    (@each_async $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { output $state $name [each_async $value] $($rest)* }
    };
    (@each_async $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { output $state $name [each_async $value] => $($rest)* }
    };
    (@each_async $($rest:tt)*) => { $crate::__value! { @bare needed $($rest)* } };
    (@stream $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { output $state $name [stream] $($rest)* } };
    (@stream $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { output $state $name [stream] => $($rest)* } };
    (@stream $($rest:tt)*) => { $crate::__value! { @complain NoValue $($rest)* } };

    // A bare name: it turns a layer on, or says what is so anyway, or it needs a value.
    (@bare retry $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { retry $state $name [] $($rest)* } };
    (@bare retry $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { retry $state $name [] => $($rest)* } };
    (@bare cache $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { cache $state $name [] $($rest)* } };
    (@bare cache $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { cache $state $name [] => $($rest)* } };
    (@bare flag $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { map $state $name [true] $($rest)* } };
    (@bare flag $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { map $state $name [true] => $($rest)* } };
    (@bare plain $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { nothing $state $name [] $($rest)* } };
    (@bare plain $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { nothing $state $name [] => $($rest)* } };
    (@bare needed $state:tt $name:ident, $($rest:tt)*) => { $crate::__value! { @complain Bare $state $name, $($rest)* } };
    (@bare needed $state:tt $name:ident => $($rest:tt)*) => {
        $crate::__value! { @complain Bare $state $name => $($rest)* }
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
        $crate::__state! { complaint $state $name $complaint => $($rest)* }
    };
    (@complain $complaint:ident $state:tt $name:ident, $($rest:tt)*) => {
        $crate::__state! { complaint $state $name $complaint $($rest)* }
    };
    (@complain $complaint:ident $state:tt $name:ident) => { $crate::__options! { $state } };
    (@complain $complaint:ident $state:tt $name:ident $skipped:tt $($rest:tt)*) => {
        $crate::__value! { @complain $complaint $state $name $($rest)* }
    };
}

/// Adds what an option says to the state, and goes on with the next.
#[doc(hidden)]
#[macro_export]
macro_rules! __state {
    (value { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c [$($v)* .$name($($value)*)] $($s)* } $($rest)* }
    };
    (limit { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $p:tt $f:tt $a:tt $l:tt $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c [$($v)* .$name($($value)*)] $p $f $a [@limited] $($s)* } $($rest)* }
    };
    (pattern { $k:tt [$($n:tt)*] $c:tt $v:tt [$($p:tt)*] [$($f:tt)*] $($s:tt)* } $name:ident fallback_on [$($pattern:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            {
                $k [$($n)* $name] $c $v [$($p)* .fallback_on(|error: &_| $crate::__private::matches!(error, $($pattern)*))]
                [$($f)* [Lonely $name]] $($s)*
            }
            $($rest)*
        }
    };
    (pattern { $k:tt [$($n:tt)*] $c:tt $v:tt [$($p:tt)*] $($s:tt)* } $name:ident $method:ident [$($pattern:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            { $k [$($n)* $name] $c $v [$($p)* .$method(|error: &_| $crate::__private::matches!(error, $($pattern)*))] $($s)* }
            $($rest)*
        }
    };
    (attempt { $k:tt $n:tt $c:tt $v:tt $p:tt $f:tt [$binding:ident] $($s:tt)* } $name:ident $second:tt $($rest:tt)*) => {
        $crate::__state! { complaint { $k $n $c $v $p $f [$binding] $($s)* } $name Second $($rest)* }
    };
    (attempt { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $($s:tt)* } $name:ident $binding:tt $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c $v $p $f $binding $($s)* } $($rest)* }
    };
    (fallback { $k:tt $n:tt $c:tt $v:tt $p:tt [$binding:ident $($f:tt)*] $($s:tt)* } $name:ident $list:tt $($rest:tt)*) => {
        $crate::__state! { complaint { $k $n $c $v $p [$binding $($f)*] $($s)* } $name Second $($rest)* }
    };
    (fallback { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $($s:tt)* } $name:ident $list:tt $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c $v $p $list $($s)* } $($rest)* }
    };
    (cache { [$w:tt $($k:tt)*] [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt [$on:tt [$($h:tt)*]] $r:tt } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            { [[on $name] $($k)*] [$($n)* $name] $c $v $p $f $a $l [[on] [$($h)* $(.$name($value))*]] $r } $($rest)*
        }
    };
    (cached { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt [[$($on:tt)*] [$($h:tt)*]] $r:tt } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            { $k [$($n)* $name] $c $v $p $f $a $l [[$($on)* [Uncached $name]] [$($h)* .$name($($value)*)]] $r } $($rest)*
        }
    };
    (rate { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [$on:tt [$($r:tt)*] $scope:tt] } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c $v $p $f $a $l $o [[on] [$($r)* .$name($($value)*)] $scope] } $($rest)* }
    };
    (rated { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$($on:tt)*] [$($r:tt)*] $scope:tt] } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            { $k [$($n)* $name] $c $v $p $f $a $l $o [[$($on)* [Unlimited $name]] [$($r)* .$name($($value)*)] $scope] } $($rest)*
        }
    };
    (scope { [$w:tt $($k:tt)*] [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$($on:tt)*] $r:tt $scope:tt] } $name:ident [per_args] $($rest:tt)*) => {
        $crate::__options! {
            { [[on $name] $($k)*] [$($n)* $name] $c $v $p $f $a $l $o [[$($on)* [Unlimited $name]] $r [per_args]] } $($rest)*
        }
    };
    (scope { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$($on:tt)*] $r:tt $scope:tt] } $name:ident $new:tt $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c $v $p $f $a $l $o [[$($on)* [Unlimited $name]] $r $new] } $($rest)* }
    };
    (key { [[$($w:tt)*] $key:tt $($k:tt)*] [$($n:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            { [[$($w)* [Unkeyed $name]] [by {key $($value)*}] $($k)*] [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (capacity { [[$($w:tt)*] $key:tt $capacity:tt $map:tt] [$($n:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! { { [[$($w)* [Unkeyed $name]] $key [$($value)*] $map] [$($n)* $name] $($s)* } $($rest)* }
    };
    // What the call of an expression has, and the whole of a map.
    (shared { [$w:tt $key:tt $capacity:tt []] [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            { [$w $key $capacity []] [$($n)* $name] $c [$($v)* .$name($($value)*)] $($s)* } $($rest)*
        }
    };
    (shared { [$w:tt $key:tt $capacity:tt [$head:tt [$($m:tt)*]]] [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            {
                [$w $key $capacity [$head [$($m)* .$name($($value)*)]]] [$($n)* $name] $c
                [$($v)* .$name($($value)*)] $($s)*
            }
            $($rest)*
        }
    };
    (memory { $k:tt $n:tt $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $($s:tt)* } $($rest:tt)*) => {
        $crate::__state! { shared { $k $n $c $v $p $f $a [@limited] $($s)* } $($rest)* }
    };
    (deadline { [$w:tt $key:tt $capacity:tt []] $($s:tt)* } $($rest:tt)*) => {
        $crate::__state! { limit { [$w $key $capacity []] $($s)* } $($rest)* }
    };
    (deadline { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt $mode:tt $out:tt $until:tt] [$($m:tt)*]]] [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            {
                [$w $key $capacity [[$item $items $mode $out [until]] [$($m)* .$name($($value)*)]]]
                [$($n)* $name] $c $v $p $f $a [@limited] $($s)*
            }
            $($rest)*
        }
    };
    (map { [$w:tt $key:tt $capacity:tt [$head:tt [$($m:tt)*]]] [$($n:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            { [$w $key $capacity [$head [$($m)* .$name($($value)*)]]] [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (map $state:tt $name:ident $value:tt $($rest:tt)*) => { $crate::__state! { complaint $state $name MapOnly $($rest)* } };
    (mode { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt $mode:tt $($m:tt)*] $calls:tt]] [$($n:tt)*] $($s:tt)* } $name:ident [$new:tt] $($rest:tt)*) => {
        $crate::__options! {
            { [$w $key $capacity [[$item $items [$new $name] $($m)*] $calls]] [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (mode $state:tt $name:ident $value:tt $($rest:tt)*) => { $crate::__state! { complaint $state $name MapOnly $($rest)* } };
    (output { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt $mode:tt [] $until:tt] $calls:tt]] [$($n:tt)*] $($s:tt)* } $name:ident $out:tt $($rest:tt)*) => {
        $crate::__options! {
            { [$w $key $capacity [[$item $items $mode $out $until] $calls]] [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (output { [$w:tt $key:tt $capacity:tt []] $($s:tt)* } $name:ident $out:tt $($rest:tt)*) => {
        $crate::__state! { complaint { [$w $key $capacity []] $($s)* } $name MapOnly $($rest)* }
    };
    (output $state:tt $name:ident $out:tt $($rest:tt)*) => { $crate::__state! { complaint $state $name SecondOutput $($rest)* } };
    (between { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $p:tt [$($f:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__options! {
            { $k [$($n)* $name] $c [$($v)* .$name($($value)*)] $p [$($f)* [Lonely $name]] $($s)* } $($rest)*
        }
    };
    (retry { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident [] $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $c [$($v)* .with_retry()] $($s)* } $($rest)* }
    };
    (nothing { $k:tt [$($n:tt)*] $($s:tt)* } $name:ident [] $($rest:tt)*) => {
        $crate::__options! { { $k [$($n)* $name] $($s)* } $($rest)* }
    };
    (complaint { $k:tt $n:tt [$($c:tt)*] $($s:tt)* } $name:ident $complaint:ident $($rest:tt)*) => {
        $crate::__options! { { $k $n [$($c)* [$complaint $name]] $($s)* } $($rest)* }
    };
}

/// The value of a literal, read in const context. Judged twice: the type underlines the option where the literal is wrong,
/// the constant quotes it.
#[doc(hidden)]
#[macro_export]
macro_rules! __literal {
    (any $name:ident ($($text:tt)*) $value:literal) => { $value };
    ($kind:ident $name:ident ($($text:tt)*) $value:literal) => {{
        const TEXT: &$crate::__private::str = $crate::__private::concat!($($crate::__private::stringify!($text)),*);
        const VALUE: $crate::__private::$kind::Value = $crate::__private::$kind::value(TEXT);
        const OK: $crate::__private::bool = $crate::__private::$kind::is(TEXT);
        $crate::__private::Literal::<$crate::__private::$kind::Value, OK>::HERE.$name(VALUE)
    }};
}
