//! The first stage for values that are literals, by option.

/// The rows of the grammar for literals: the kind of each literal, and its place in the state.
#[doc(hidden)]
#[macro_export]
#[rustfmt::skip]
macro_rules! __literal {
    // Directly into the full state: one step less keeps a use with all options below the recursion limit.
    (retries { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* .$name($value)] calls $v judge $j
                list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (min_delay { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* .$name(
                    $crate::__read!(duration $name $text)
                )] calls $v judge $j
                list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (max_delay { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* .$name(
                    $crate::__read!(duration $name $text)
                )] calls $v judge $j
                list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (backoff { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* .$name($crate::__read!(factor $name $text))] calls $v judge $j
                list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (timeout { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] $($s:tt)* }
        $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b [$($w)* .$name(
                    $crate::__read!(limit $name $text)
                )] $($s)*
            }
            $($rest)*
        }
    };
    (workers { map [$head:tt [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $($s:tt)* }
        $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            { map [$head [$($m)* .$name($crate::__read!(several $name $text))]] key $k $p $c hashed $x told [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (chunk_size { map [$head:tt [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $($s:tt)* }
        $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            { map [$head [$($m)* .$name($crate::__read!(several $name $text))]] key $k $p $c hashed $x told [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (max_failures { map [$head:tt [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $($s:tt)* }
        $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            { map [$head [$($m)* .$name($crate::__read!(several $name $text))]] key $k $p $c hashed $x told [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (deadline { map [[$item:tt $items:tt $mode:tt $out:tt $until:tt] [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:tt
        told [$($n:tt)*] $($s:tt)* } $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [
                    [$item $items $mode $out [until]]
                    [$($m)* .$name($crate::__private::Duration::from_nanos($crate::__read!(limit $name $text)))]
                ]
                key $k $p $c hashed $x told [$($n)* $name] $($s)*
            }
            $($rest)*
        }
    };
    // Directly into the lean state: a step less for the usual options.
    (retries { lean $b:ident [$($n:tt)*] [$($w:tt)*] $r:ident $($s:tt)* } $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! { { lean retried [$($n)* $name] [$($w)* .$name($value)] again $($s)* } $($rest)* }
    };
    (min_delay { lean $b:ident [$($n:tt)*] [$($w:tt)*] $r:ident $($s:tt)* } $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            { lean retried [$($n)* $name] [$($w)* .$name($crate::__read!(duration $name $text))] again $($s)* } $($rest)*
        }
    };
    (timeout { lean $b:ident [$($n:tt)*] [$($w:tt)*] $($s:tt)* } $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! { { lean $b [$($n)* $name] [$($w)* .$name($crate::__read!(limit $name $text))] $($s)* } $($rest)* }
    };
    // With `__state!`, which handles both.
    (retries $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($value)] [] $($rest)* }
    };
    (cache $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__cache_state! { cache $s $name [.$name(
            $crate::__read!(time_to_live $name $text)
        )] [] $($rest)* }
    };
    (timeout $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { call $s $name [.$name(
            $crate::__read!(limit $name $text)
        )] [] $($rest)* }
    };
    (min_delay $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name(
            $crate::__read!(duration $name $text)
        )] [] $($rest)* }
    };
    (max_delay $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name(
            $crate::__read!(duration $name $text)
        )] [] $($rest)* }
    };
    (backoff $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__read!(factor $name $text))] [] $($rest)* }
    };
    (deadline $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! {
            deadline $s $name [.$name($crate::__read!(limit $name $text))]
            [] [.$name($crate::__private::Duration::from_nanos($crate::__read!(limit $name $text)))] $($rest)*
        }
    };
    (name $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { shared $s $name [.$name({ let __value: &'static $crate::__private::str = $value; __value })] [] [.$name($value)] $($rest)* }
    };
    (fallback_delay $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! {
            between $s $name []
            [.$name($crate::__private::Duration::from_nanos($crate::__read!(duration $name $text)))] $($rest)*
        }
    };
    (memory $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__memory_state! {
            $s $name [] [.$name($crate::__read!(memory $name $text))] [.$name($crate::__read!(memory $name $text))] $($rest)*
        }
    };
    (namespace $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__cache_state! { cached $s $name [.$name({ let __value: &'static $crate::__private::str = $value; __value })] [] $($rest)* }
    };
    (capacity $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__cache_state! { capacity $s $name [.$name($crate::__read!(entries $name $text))] [] $($rest)* }
    };
    (burst $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { rated $s $name [.$name($crate::__read!(burst $name $text))] [] $($rest)* }
    };
    (max_wait $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { rated $s $name [.$name(
            $crate::__read!(duration $name $text)
        )] [] $($rest)* }
    };
    (rate $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { rate $s $name [.$name($crate::__read!(rate $name $text))] [] $($rest)* }
    };
    (workers $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($crate::__read!(several $name $text))] $($rest)* }
    };
    (chunk_size $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($crate::__read!(several $name $text))] $($rest)* }
    };
    (max_failures $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($crate::__read!(several $name $text))] $($rest)* }
    };
    (recycle_after $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__child_state! { $s $name [] [.$name($crate::__read!(several $name $text))] $($rest)* }
    };
    (max_child_memory $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__child_state! { $s $name [] [.$name($crate::__read!(memory $name $text))] $($rest)* }
    };
    (ordered $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($value)] $($rest)* }
    };
    (progress $s:tt $name:tt $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($value)] $($rest)* }
    };
    // Options that do not take a literal.
    (retry_if $s:tt $name:tt $value:tt $text:tt $rest:tt) => { $crate::__state! { complaint $s $name NoPredicate $rest } };
    (retry_after $s:tt $name:tt $value:tt $text:tt $rest:tt) => { $crate::__state! { complaint $s $name NoPredicate $rest } };
    (each $s:tt $name:tt $value:tt $text:tt $rest:tt) => { $crate::__state! { complaint $s $name NoClosure $rest } };
    (adaptive $s:tt $name:tt $value:tt $text:tt $rest:tt) => { $crate::__state! { complaint $s $name NoPolicies $rest } };
    (store $s:tt $name:tt $value:tt $text:tt $rest:tt) => { $crate::__state! { complaint $s $name NoStore $rest } };
    (limiter $s:tt $name:tt $value:tt $text:tt $rest:tt) => { $crate::__state! { complaint $s $name NoLimiter $rest } };
    (jitter $s:tt $name:tt $value:tt $text:tt $rest:tt) => { $crate::__state! { complaint $s $name NoJitter $rest } };
    // Options that handle a literal like any other value.
    ($option:tt $s:tt $name:tt $value:tt $text:tt [=> $($rest:tt)*]) => {
        $crate::__row! { $option $s $name: $value => $($rest)* }
    };
    ($option:tt $s:tt $name:tt $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__row! { $option $s $name: $value, $($rest)* }
    };
}

/// Two literals with `/`: a rate in option `rate`, a division in any other.
#[doc(hidden)]
#[macro_export]
macro_rules! __literal_rate {
    (rate { lean $b:ident [$($n:tt)*] $w:tt $r:ident $l:tt $h:tt [] } $name:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! { { lean $b [$($n)* $name] $w $r $l $h [$name new .$name($crate::__read!(rate $name $text))] } $($rest)* }
    };
    (rate $s:tt $name:tt $text:tt $rest:tt) => {
        $crate::__state! { rate $s $name [.$name($crate::__read!(rate $name $text))] [] $rest }
    };
    ($option:tt $s:tt $name:tt ($($text:tt)*) [=> $($rest:tt)*]) => {
        $crate::__row! { $option $s $name: $($text)* => $($rest)* }
    };
    ($option:tt $s:tt $name:tt ($($text:tt)*) [$($rest:tt)*]) => {
        $crate::__row! { $option $s $name: $($text)*, $($rest)* }
    };
}

/// Parses a literal in the static of a use. First it checks the literal in a function whose type parameter is the name of the
/// option, so that rustc underlines the name.
#[doc(hidden)]
#[macro_export]
macro_rules! __read {
    ($kind:ident $name:tt ($text:tt)) => {{
        #[allow(non_camel_case_types, reason = "it is the name of an option")]
        fn __literal<$name: $crate::__private::$kind::Literal<0, ()>>() {
            <$name as $crate::__private::$kind::Literal<
                { $crate::__private::$kind::mistake($crate::__private::stringify!($text)) },
                _,
            >>::HERE
        }
        $crate::__private::$kind::read($crate::__private::stringify!($text))
    }};
    ($kind:ident $name:tt ($($text:tt)*)) => {{
        #[allow(non_camel_case_types, reason = "it is the name of an option")]
        fn __literal<$name: $crate::__private::$kind::Literal<0, ()>>() {
            <$name as $crate::__private::$kind::Literal<
                { $crate::__private::$kind::mistake($crate::__private::concat!($($crate::__private::stringify!($text)),*)) },
                _,
            >>::HERE
        }
        $crate::__private::$kind::read($crate::__private::concat!($($crate::__private::stringify!($text)),*))
    }};
}
