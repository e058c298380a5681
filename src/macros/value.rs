//! First stage: the value of an option, by its shape.

/// The shapes of values. Each ends at `,` or before `=>`, and adds to the state. A name after the comma leads to its row at
/// once, and so goes along twice as in `__options`; whatever else is there, `__options` judges.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    // A value that may be a literal of the kind `$kind`.
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:literal, $next:ident $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name [($crate::__literal!($kind $name ($value) $value))] $next $next $($rest)*
        }
    };
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
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:literal . $more:literal, $next:ident $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name [($crate::__literal!($kind $name ($value . $more) $value))] $next $next $($rest)*
        }
    };
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
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:expr, $next:ident $($rest:tt)*) => {
        $crate::__state! { $into $state $name [$value] $next $next $($rest)* }
    };
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { $into $state $name [$value] $($rest)* }
    };
    (@take [$kind:ident $bare:ident $into:ident] $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { $into $state $name [$value] => $($rest)* }
    };
    (@take [$kind:ident $bare:ident $into:ident] $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A rate is two literals, or an expression.
    (@rate $state:tt $name:ident: $count:literal / $unit:tt, $next:ident $($rest:tt)*) => {
        $crate::__state! {
            rate $state $name [($crate::__literal!(rate $name ($count / $unit) $count))] $next $next $($rest)*
        }
    };
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
    (@rate $state:tt $name:ident: $count:literal /, $next:ident $($rest:tt)*) => {
        $crate::__state! { rate $state $name [($crate::__literal!(rate $name ($count /) $count))] $next $next $($rest)* }
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
    (@scope $state:tt $name:ident: per_function, $next:ident $($rest:tt)*) => { $crate::__state! { scope $state $name [] $next $next $($rest)* } };
    (@scope $state:tt $name:ident: per_function, $($rest:tt)*) => { $crate::__state! { scope $state $name [] $($rest)* } };
    (@scope $state:tt $name:ident: per_function => $($rest:tt)*) => { $crate::__state! { scope $state $name [] => $($rest)* } };
    (@scope $state:tt $name:ident: $($rest:tt)*) => { $crate::__value! { @complain NoScope $state $name $($rest)* } };
    (@scope $($rest:tt)*) => { $crate::__value! { @bare plain $($rest)* } };

    // One of a few words, or an expression.
    (@word $kind:ident $bare:ident $state:tt $name:ident: $value:expr, $next:ident $($rest:tt)*) => {
        $crate::__state! { value $state $name [{ use $crate::__private::$kind::*; $value }] $next $next $($rest)* }
    };
    (@word $kind:ident $bare:ident $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { value $state $name [{ use $crate::__private::$kind::*; $value }] $($rest)* }
    };
    (@word $kind:ident $bare:ident $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { value $state $name [{ use $crate::__private::$kind::*; $value }] => $($rest)* }
    };
    (@word $kind:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A pattern over the error, with or without a guard: a predicate of the builder method `$method`.
    (@pattern $method:ident $bare:ident $state:tt $name:ident: $pattern:pat $(if $guard:expr)?, $next:ident $($rest:tt)*) => {
        $crate::__state! { pattern $state $name $method [$pattern $(if $guard)?] $next $next $($rest)* }
    };
    (@pattern $method:ident $bare:ident $state:tt $name:ident: $pattern:pat $(if $guard:expr)?, $($rest:tt)*) => {
        $crate::__state! { pattern $state $name $method [$pattern $(if $guard)?] $($rest)* }
    };
    (@pattern $method:ident $bare:ident $state:tt $name:ident: $pattern:pat $(if $guard:expr)? => $($rest:tt)*) => {
        $crate::__state! { pattern $state $name $method [$pattern $(if $guard)?] => $($rest)* }
    };
    (@pattern $method:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A closure over the error.
    (@predicate $bare:ident $state:tt $name:ident: $value:expr, $next:ident $($rest:tt)*) => {
        $crate::__state! { predicate $state $name [.$name($value)] $next $next $($rest)* }
    };
    (@predicate $bare:ident $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { predicate $state $name [.$name($value)] $($rest)* }
    };
    (@predicate $bare:ident $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { predicate $state $name [.$name($value)] => $($rest)* }
    };
    (@predicate $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // A name for the body.
    (@attempt $state:tt $name:ident: $binding:ident, $next:ident $($rest:tt)*) => {
        $crate::__state! { attempt $state $name [$binding] $next $next $($rest)* }
    };
    (@attempt $state:tt $name:ident: $binding:ident, $($rest:tt)*) => {
        $crate::__state! { attempt $state $name [$binding] $($rest)* }
    };
    (@attempt $state:tt $name:ident: $binding:ident => $($rest:tt)*) => {
        $crate::__state! { attempt $state $name [$binding] => $($rest)* }
    };
    (@attempt $($rest:tt)*) => { $crate::__value! { @complain NoName $($rest)* } };
    (@fallback $state:tt $name:ident: $binding:ident in $list:expr, $next:ident $($rest:tt)*) => {
        $crate::__state! { fallback $state $name [$binding $list] $next $next $($rest)* }
    };
    (@fallback $state:tt $name:ident: $binding:ident in $list:expr, $($rest:tt)*) => {
        $crate::__state! { fallback $state $name [$binding $list] $($rest)* }
    };
    (@fallback $state:tt $name:ident: $binding:ident in $list:expr => $($rest:tt)*) => {
        $crate::__state! { fallback $state $name [$binding $list] => $($rest)* }
    };
    (@fallback $($rest:tt)*) => { $crate::__value! { @complain NoList $($rest)* } };

    // How a map goes about its work, and where its results go.
    (@mode $state:tt $name:ident: $mode:tt, $next:ident $($rest:tt)*) => { $crate::__state! { mode $state $name [$mode] $next $next $($rest)* } };
    (@mode $state:tt $name:ident: $mode:tt, $($rest:tt)*) => { $crate::__state! { mode $state $name [$mode] $($rest)* } };
    (@mode $state:tt $name:ident: $mode:tt => $($rest:tt)*) => { $crate::__state! { mode $state $name [$mode] => $($rest)* } };
    (@mode $($rest:tt)*) => { $crate::__value! { @complain NoMode $($rest)* } };
    (@each $state:tt $name:ident: async $($rest:tt)*) => { $crate::__value! { @output each_async $state $name: async $($rest)* } };
    (@each $($rest:tt)*) => { $crate::__value! { @output each $($rest)* } };
    (@output $each:ident $state:tt $name:ident: $value:expr, $next:ident $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] $next $next $($rest)* }
    };
    (@output $each:ident $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] $($rest)* }
    };
    (@output $each:ident $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] => $($rest)* }
    };
    (@output $each:ident $($rest:tt)*) => { $crate::__value! { @bare needed $($rest)* } };
    (@stream $state:tt $name:ident, $next:ident $($rest:tt)*) => { $crate::__state! { output $state $name [stream] $next $next $($rest)* } };
    (@stream $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { output $state $name [stream] $($rest)* } };
    (@stream $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { output $state $name [stream] => $($rest)* } };
    (@stream $($rest:tt)*) => { $crate::__value! { @complain NoValue $($rest)* } };

    // A bare name: it turns a layer on, or says what is so anyway, or it needs a value.
    (@bare retry $state:tt $name:ident, $next:ident $($rest:tt)*) => { $crate::__state! { retry $state $name [] $next $next $($rest)* } };
    (@bare retry $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { retry $state $name [] $($rest)* } };
    (@bare retry $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { retry $state $name [] => $($rest)* } };
    (@bare cache $state:tt $name:ident, $next:ident $($rest:tt)*) => { $crate::__state! { cache $state $name [] $next $next $($rest)* } };
    (@bare cache $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { cache $state $name [] $($rest)* } };
    (@bare cache $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { cache $state $name [] => $($rest)* } };
    (@bare flag $state:tt $name:ident, $next:ident $($rest:tt)*) => { $crate::__state! { map $state $name [true] $next $next $($rest)* } };
    (@bare flag $state:tt $name:ident, $($rest:tt)*) => { $crate::__state! { map $state $name [true] $($rest)* } };
    (@bare flag $state:tt $name:ident => $($rest:tt)*) => { $crate::__state! { map $state $name [true] => $($rest)* } };
    (@bare plain $state:tt $name:ident, $next:ident $($rest:tt)*) => { $crate::__state! { nothing $state $name [] $next $next $($rest)* } };
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
    (@complain $complaint:ident $state:tt $name:ident, $next:ident $($rest:tt)*) => {
        $crate::__state! { complaint $state $name $complaint $next $next $($rest)* }
    };
    (@complain $complaint:ident $state:tt $name:ident, $($rest:tt)*) => {
        $crate::__state! { complaint $state $name $complaint $($rest)* }
    };
    (@complain $complaint:ident $state:tt $name:ident) => { $crate::__options! { $state } };
    (@complain $complaint:ident $state:tt $name:ident $skipped:tt $($rest:tt)*) => {
        $crate::__value! { @complain $complaint $state $name $($rest)* }
    };
}

/// Scopes that a feature brings.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "cache")]
macro_rules! __keyed_scope {
    ($state:tt $name:ident, $next:ident $($rest:tt)*) => { $crate::__state! { scope $state $name [per_args] $next $next $($rest)* } };
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
    ($state:tt $name:ident, $next:ident $($rest:tt)*) => { $crate::__state! { scope $state $name [global] $next $next $($rest)* } };
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

/// The value of a literal, read in const context. Judged twice: the type underlines the option where the literal is wrong,
/// the constant quotes it. What is a literal of Rust's as it stands, its compiler judges.
#[doc(hidden)]
#[macro_export]
macro_rules! __literal {
    (any $name:ident ($($text:tt)*) $value:literal) => { $value };
    ($kind:ident $name:ident ($($text:tt)*) $value:literal) => {{
        const TEXT: &$crate::__private::str = $crate::__private::concat!($($crate::__private::stringify!($text)),*);
        const VALUE: $crate::__private::$kind::Value = $crate::__private::$kind::value(TEXT);
        $crate::__private::Literal::<$crate::__private::$kind::Value, { $crate::__private::$kind::is(TEXT) }>::HERE
            .$name(VALUE)
    }};
}
