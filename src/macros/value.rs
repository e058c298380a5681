//! First stage: the value of an option: a literal, by its option, and any other by its shape.

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

/// The shapes of values. Each ends at `,` or before `=>`, and adds to the state.
#[doc(hidden)]
#[macro_export]
macro_rules! __value {
    // A predicate, straight into the full state.
    (@expr judge $bare:ident { map $g:tt key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt
        judge [$($j:tt)*] list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried $w calls $v
                judge [$($j)* .$name($value)] list $l attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (@expr judge $bare:ident { map $g:tt key $k:tt $p:tt $c:tt hashed $x:ident told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt
        judge [$($j:tt)*] list $l:tt attempt $a:tt runs $r:ident $($s:tt)* } $name:ident: $value:expr
        => $($rest:tt)*) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried $w calls $v
                judge [$($j)* .$name($value)] list $l attempt $a runs again $($s)*
            }
            => $($rest)*
        }
    };
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

    // Where the results of a map go.
    (@output $each:ident $state:tt $name:ident: $value:expr, $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] [$($rest)*] }
    };
    (@output $each:ident $state:tt $name:ident: $value:expr => $($rest:tt)*) => {
        $crate::__state! { output $state $name [$each $value] [=> $($rest)*] }
    };
    (@output $each:ident $($rest:tt)*) => { $crate::__value! { @bare needed $($rest)* } };

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
        $crate::__value! { @complain Unterminated $state $name $($rest)* }
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
        $crate::__cache_state! { cache $s $name [.$name($crate::__private::Plan::NEVER)] [] $rest }
    };
    // What is so anyway.
    ($plain:ident $s:tt $name:ident $rest:tt) => {
        $crate::__state! { nothing $s $name $rest }
    };
}

/// Scopes that a feature brings.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "cache")]
macro_rules! __keyed_scope {
    ($state:tt $name:ident [$value:expr], $($rest:tt)*) => { $crate::__state! { scope_by $state $name [$value] [$($rest)*] } };
    ($state:tt $name:ident [$value:expr] => $($rest:tt)*) => { $crate::__state! { scope_by $state $name [$value] [=> $($rest)*] } };
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
