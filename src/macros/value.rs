//! The first stage for values that are not literals, by shape.

/// The shapes of values. Each ends at `,` or before `=>`, and adds to the state.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    // A predicate, directly into the full state.
    (@expr judge $bare:ident { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt
        judge [$($j:tt)*] list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried $w calls $v
                judge [$($j)* .$name($value)] list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (@expr judge $bare:ident { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt
        judge [$($j:tt)*] list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:tt: $value:expr
        => $($rest:tt)*) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried $w calls $v
                judge [$($j)* .$name($value)] list $l attempt $a runs again $($s)*
            }
            => $($rest)*
        }
    };
    // A plain value, such as a number or a duration. Its temporaries are dropped before the call. Its type is stated here, so that
    // rustc underlines a value of another type.
    (@plain $into:ident $bare:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name []
            [.$name({ let __value: $crate::__private::value::$name = $value; __value })]
            [$($rest)*]
        }
    };
    (@plain $into:ident $bare:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name []
            [.$name({ let __value: $crate::__private::value::$name = $value; __value })]
            [=> $($rest)*]
        }
    };
    (@plain $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };
    // An expression, unchanged.
    (@expr $into:ident $bare:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__state! { $into $state $name [] [.$name($value)] [$($rest)*] }
    };
    (@expr $into:ident $bare:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__state! { $into $state $name [] [.$name($value)] [=> $($rest)*] }
    };
    (@expr $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // Like the above, for the map too in an `opmap!`.
    (@plain_shared $into:ident $bare:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name []
            [.$name({ let __value: $crate::__private::value::$name = $value; __value })]
            [.$name({ let __value: $crate::__private::value::$name = $value; __value })]
            [$($rest)*]
        }
    };
    (@plain_shared $into:ident $bare:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__state! {
            $into $state $name []
            [.$name({ let __value: $crate::__private::value::$name = $value; __value })]
            [.$name({ let __value: $crate::__private::value::$name = $value; __value })]
            [=> $($rest)*]
        }
    };
    (@plain_shared $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };
    (@shared $into:ident $bare:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__state! { $into $state $name [] [.$name($value)] [.$name($value)] [$($rest)*] }
    };
    (@shared $into:ident $bare:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__state! { $into $state $name [] [.$name($value)] [.$name($value)] [=> $($rest)*] }
    };
    (@shared $into:ident $bare:ident $($rest:tt)*) => { $crate::__value! { @bare $bare $($rest)* } };

    // Where the results of a map go.
    (@output $each:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] [$($rest)*] }
    };
    (@output $each:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] [=> $($rest)*] }
    };
    (@output $each:ident $($rest:tt)*) => { $crate::__value! { @bare needed $($rest)* } };

    // A bare name: it turns a layer on, or changes nothing, or needs a value.
    (@bare needed $state:tt $name:tt, $($rest:tt)*) => {
        $crate::__value! { @complain Bare $state $name, $($rest)* }
    };
    (@bare needed $state:tt $name:tt => $($rest:tt)*) => {
        $crate::__value! { @complain Bare $state $name => $($rest)* }
    };
    (@bare $bare:ident $state:tt $name:tt, $($rest:tt)*) => {
        $crate::__bare! { $bare $state $name [$($rest)*] }
    };
    (@bare $bare:ident $state:tt $name:tt => $($rest:tt)*) => {
        $crate::__bare! { $bare $state $name [=> $($rest)*] }
    };
    // If nothing follows, the body is missing.
    (@bare $bare:ident $state:tt $name:tt $(: $value:expr)?) => {
        $crate::__state! { complaint $state $name Bodiless [=> ()] }
    };
    (@bare $bare:ident $state:tt $name:tt : $($rest:tt)*) => {
        $crate::__value! { @complain Unterminated $state $name $($rest)* }
    };
    (@bare $bare:ident $state:tt $name:tt $($rest:tt)+) => {
        $crate::__value! { @complain NoColon $state $name $($rest)+ }
    };

    // A mistake: the complaint is recorded, and the value is skipped.
    (@complain $complaint:ident $state:tt $name:tt => $($rest:tt)*) => {
        $crate::__state! { complaint $state $name $complaint [=> $($rest)*] }
    };
    (@complain $complaint:ident $state:tt $name:tt, $($rest:tt)*) => {
        $crate::__state! { complaint $state $name $complaint [$($rest)*] }
    };
    (@complain $complaint:ident $state:tt $name:tt) => { $crate::__state! { complaint $state $name $complaint [=> ()] } };
    (@complain $complaint:ident $state:tt $name:tt $skipped:tt $($rest:tt)*) => {
        $crate::__value! { @complain $complaint $state $name $($rest)* }
    };
}

/// A value that may borrow, such as a name or a clock. If it begins with `&`, its temporaries live as long as the call. Those of any
/// other value are dropped before.
#[doc(hidden)]
#[macro_export]
macro_rules! __lent {
    ($row:ident $shape:ident $into:ident $state:tt $name:tt: & $($rest:tt)*) => {
        $crate::$row! { @$shape $into needed $state $name: & $($rest)* }
    };
    // Without temporaries.
    ($row:ident $shape:ident $into:ident $state:tt $name:tt: $value:ident, $($rest:tt)*) => {
        $crate::$row! { @$shape $into needed $state $name: $value, $($rest)* }
    };
    ($row:ident $shape:ident $into:ident $state:tt $name:tt: $value:ident => $($rest:tt)*) => {
        $crate::$row! { @$shape $into needed $state $name: $value => $($rest)* }
    };
    ($row:ident $shape:ident $into:ident $state:tt $name:tt: $value:literal, $($rest:tt)*) => {
        $crate::$row! { @$shape $into needed $state $name: $value, $($rest)* }
    };
    ($row:ident $shape:ident $into:ident $state:tt $name:tt: $value:literal => $($rest:tt)*) => {
        $crate::$row! { @$shape $into needed $state $name: $value => $($rest)* }
    };
    ($row:ident $shape:ident $into:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::$row! { @$shape $into needed $state $name: { let __value = $value; __value }, $($rest)* }
    };
    ($row:ident $shape:ident $into:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::$row! { @$shape $into needed $state $name: { let __value = $value; __value } => $($rest)* }
    };
    ($row:ident $shape:ident $into:ident $($rest:tt)*) => { $crate::__value! { @bare needed $($rest)* } };
}

/// A value that must be a clock. If it is not, its type is unknown, so rustc reports only that.
#[doc(hidden)]
#[macro_export]
macro_rules! __clock {
    (@$shape:ident $into:ident $bare:ident $state:tt $name:tt: $value:expr, $($rest:tt)*) => {
        $crate::__value! { @$shape $into $bare $state $name: $crate::bounds::IsClock::opero_clock($value), $($rest)* }
    };
    (@$shape:ident $into:ident $bare:ident $state:tt $name:tt: $value:expr => $($rest:tt)*) => {
        $crate::__value! { @$shape $into $bare $state $name: $crate::bounds::IsClock::opero_clock($value) => $($rest)* }
    };
}

/// What an option without a value means.
#[doc(hidden)]
#[macro_export]
macro_rules! __bare {
    (retries $s:tt $name:tt $rest:tt) => {
        $crate::__state! { retry $s $name [.$name(3)] [] $rest }
    };
    (retry $s:tt $name:tt $rest:tt) => {
        $crate::__state! { retry $s $name [] [] $rest }
    };
    (backoff $s:tt $name:tt $rest:tt) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Plan::NEW.backoff)] [] $rest }
    };
    (min_delay $s:tt $name:tt $rest:tt) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Plan::NEW.min_delay)] [] $rest }
    };
    (max_delay $s:tt $name:tt $rest:tt) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Plan::NEW.max_delay)] [] $rest }
    };
    (jitter $s:tt $name:tt $rest:tt) => {
        $crate::__state! { retry $s $name [.$name($crate::__private::Jitter::None)] [] $rest }
    };
    (fallback_delay $s:tt $name:tt $rest:tt) => {
        $crate::__state! { between $s $name [] [] $rest }
    };
    (cache $s:tt $name:tt $rest:tt) => {
        $crate::__cache_state! { cache $s $name [.$name($crate::__private::Plan::NEVER)] [] $rest }
    };
    (namespace $s:tt $name:tt $rest:tt) => {
        $crate::__cache_state! { cached $s $name [] [] $rest }
    };
    (capacity $s:tt $name:tt $rest:tt) => {
        $crate::__cache_state! { capacity $s $name [] [] $rest }
    };
    (burst $s:tt $name:tt $rest:tt) => {
        $crate::__state! { rated $s $name [] [] $rest }
    };
    // An option that changes nothing.
    ($plain:ident $s:tt $name:tt $rest:tt) => {
        $crate::__state! { nothing $s $name $rest }
    };
}

/// The scopes that need a feature.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "cache")]
macro_rules! __keyed_scope {
    ($state:tt $name:tt [$value:expr], $($rest:tt)*) => { $crate::__state! { scope_by $state $name [$value] [$($rest)*] } };
    ($state:tt $name:tt [$value:expr] => $($rest:tt)*) => { $crate::__state! { scope_by $state $name [$value] [=> $($rest)*] } };
    ($state:tt $name:tt, $($rest:tt)*) => { $crate::__state! { scope $state $name per_args [$($rest)*] } };
    ($state:tt $name:tt => $($rest:tt)*) => { $crate::__state! { scope $state $name per_args [=> $($rest)*] } };
    ($state:tt $name:tt $($rest:tt)*) => { $crate::__value! { @complain NoScope $state $name $($rest)* } };
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
    ($state:tt $name:tt, $($rest:tt)*) => { $crate::__state! { scope $state $name global [$($rest)*] } };
    ($state:tt $name:tt => $($rest:tt)*) => { $crate::__state! { scope $state $name global [=> $($rest)*] } };
    ($state:tt $name:tt $($rest:tt)*) => { $crate::__value! { @complain NoScope $state $name $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "std"))]
macro_rules! __global_scope {
    ($($rest:tt)*) => { $crate::__value! { @complain NoStdFeature $($rest)* } };
}

/// Does the error match the pattern? If the pattern is only a name, it must be a constant, a unit struct or a variant, since any
/// other name would match any error.
#[doc(hidden)]
#[macro_export]
macro_rules! __matches {
    ($error:ident, $only:ident) => {
        match $error {
            $only if $crate::bounds::IsPattern::opero_is_pattern(($error, &$only)) => true,
            _ => false,
        }
    };
    ($($matches:tt)+) => { $crate::__private::matches!($($matches)+) };
}
