//! First stage: the value of an option that is a literal, by its option.

/// The rows of the grammar for literals: what each is read as, and what it is a part of.
#[doc(hidden)]
#[macro_export]
#[rustfmt::skip]
macro_rules! __literal {
    // Straight into the full state: a step less counts where a use has all options, for the recursion limit.
    (retries { map $g:tt key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* .$name($value)] calls $v judge $j
                list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (min_delay { map $g:tt key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* .$name(
                    $crate::__private::duration::Literal::<{ $crate::__private::duration::is($crate::__private::stringify!$text) }>
                        .$name($crate::__private::stringify!$text)
                )] calls $v judge $j
                list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (max_delay { map $g:tt key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* .$name(
                    $crate::__private::duration::Literal::<{ $crate::__private::duration::is($crate::__private::stringify!$text) }>
                        .$name($crate::__private::stringify!$text)
                )] calls $v judge $j
                list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (backoff { map $g:tt key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* .$name($crate::__read!(factor $name $text))] calls $v judge $j
                list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (timeout { map $g:tt key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] $($s:tt)* }
        $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b [$($w)* .$name(
                    $crate::__private::limit::Literal::<{ $crate::__private::limit::is($crate::__private::stringify!$text) }>
                        .$name($crate::__private::stringify!$text)
                )] $($s)*
            }
            $($rest)*
        }
    };
    (workers { map [$head:tt [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $($s:tt)* }
        $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            { map [$head [$($m)* .$name($crate::__read!(several $name $text))]] key $k $p $c hashed $x told [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (chunk_size { map [$head:tt [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $($s:tt)* }
        $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            { map [$head [$($m)* .$name($crate::__read!(several $name $text))]] key $k $p $c hashed $x told [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (max_failures { map [$head:tt [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $($s:tt)* }
        $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__options! {
            { map [$head [$($m)* .$name($crate::__read!(several $name $text))]] key $k $p $c hashed $x told [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (deadline { map [[$item:tt $items:tt $mode:tt $out:tt $until:tt] [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:ident
        told [$($n:tt)*] $($s:tt)* } $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
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
    // By way of `__state!`, which also knows the lean state.
    (retries $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($value)] [] $($rest)* }
    };
    (cache $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__cache_state! { cache $s $name [.$name(
            $crate::__private::time_to_live::Literal::<{ $crate::__private::time_to_live::is($crate::__private::stringify!$text) }>
                .$name($crate::__private::stringify!$text)
        )] [] $($rest)* }
    };
    (timeout $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { call $s $name [.$name(
            $crate::__private::limit::Literal::<{ $crate::__private::limit::is($crate::__private::stringify!$text) }>
                .$name($crate::__private::stringify!$text)
        )] [] $($rest)* }
    };
    (min_delay $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name(
            $crate::__private::duration::Literal::<{ $crate::__private::duration::is($crate::__private::stringify!$text) }>
                .$name($crate::__private::stringify!$text)
        )] [] $($rest)* }
    };
    (max_delay $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name(
            $crate::__private::duration::Literal::<{ $crate::__private::duration::is($crate::__private::stringify!$text) }>
                .$name($crate::__private::stringify!$text)
        )] [] $($rest)* }
    };
    (backoff $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { retry $s $name [.$name($crate::__read!(factor $name $text))] [] $($rest)* }
    };
    (deadline $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! {
            deadline $s $name [.$name($crate::__read!(limit $name $text))]
            [] [.$name($crate::__private::Duration::from_nanos($crate::__read!(limit $name $text)))] $($rest)*
        }
    };
    (name $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { shared $s $name [.$name($value)] [] [.$name($value)] $($rest)* }
    };
    (fallback_delay $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! {
            between $s $name []
            [.$name($crate::__private::Duration::from_nanos($crate::__read!(duration $name $text)))] $($rest)*
        }
    };
    (memory $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__memory_state! {
            $s $name [] [.$name($crate::__read!(memory $name $text))] [.$name($crate::__read!(memory $name $text))] $($rest)*
        }
    };
    (namespace $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__cache_state! { cached $s $name [.$name($value)] [] $($rest)* }
    };
    (capacity $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__cache_state! { capacity $s $name [.$name($crate::__read!(entries $name $text))] [] $($rest)* }
    };
    (burst $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { rated $s $name [.$name($crate::__read!(burst $name $text))] [] $($rest)* }
    };
    (max_wait $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { rated $s $name [.$name(
            $crate::__private::duration::Literal::<{ $crate::__private::duration::is($crate::__private::stringify!$text) }>
                .$name($crate::__private::stringify!$text)
        )] [] $($rest)* }
    };
    (rate $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { rate $s $name [.$name($crate::__read!(rate $name $text))] [] $($rest)* }
    };
    (workers $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($crate::__read!(several $name $text))] $($rest)* }
    };
    (chunk_size $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($crate::__read!(several $name $text))] $($rest)* }
    };
    (max_failures $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($crate::__read!(several $name $text))] $($rest)* }
    };
    (recycle_after $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__child_state! { $s $name [] [.$name($crate::__read!(several $name $text))] $($rest)* }
    };
    (max_child_memory $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__child_state! { $s $name [] [.$name($crate::__read!(memory $name $text))] $($rest)* }
    };
    (ordered $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($value)] $($rest)* }
    };
    (progress $s:tt $name:ident $value:tt $text:tt $($rest:tt)*) => {
        $crate::__state! { map $s $name [] [.$name($value)] $($rest)* }
    };
    // An option to which a literal is a value like any other.
    ($option:ident $s:tt $name:ident $value:tt $text:tt [=> $($rest:tt)*]) => {
        $crate::__row! { $option $s $name: $value => $($rest)* }
    };
    ($option:ident $s:tt $name:ident $value:tt $text:tt [$($rest:tt)*]) => {
        $crate::__row! { $option $s $name: $value, $($rest)* }
    };
}

/// Two literals that are a rate; elsewhere they are a division.
#[doc(hidden)]
#[macro_export]
macro_rules! __literal_rate {
    (rate $s:tt $name:ident $text:tt $rest:tt) => {
        $crate::__state! { rate $s $name [.$name($crate::__read!(rate $name $text))] [] $rest }
    };
    ($option:ident $s:tt $name:ident ($($text:tt)*) [=> $($rest:tt)*]) => {
        $crate::__row! { $option $s $name: $($text)* => $($rest)* }
    };
    ($option:ident $s:tt $name:ident ($($text:tt)*) [$($rest:tt)*]) => {
        $crate::__row! { $option $s $name: $($text)*, $($rest)* }
    };
}

/// A literal in the static of a use: judged by its type, which underlines the name of its option, and read.
#[doc(hidden)]
#[macro_export]
macro_rules! __read {
    ($kind:ident $name:ident ($($text:tt)*)) => {
        $crate::__private::$kind::Literal::<
            { $crate::__private::$kind::is($crate::__private::concat!($($crate::__private::stringify!($text)),*)) },
        >.$name($crate::__private::concat!($($crate::__private::stringify!($text)),*))
    };
}
