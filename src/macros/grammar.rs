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
    ($state:tt $name:ident $($rest:tt)*) => { $crate::__row! { $state $name $name $($rest)* } };
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
    // No name: the end, to which every use comes. Rustc tries the rows in their order, so this is the first.
    ($s:tt => $($rest:tt)*) => { $crate::__options! { $s => $($rest)* } };

    ($s:tt retries $($rest:tt)*) => { $crate::__value! { @take [any retry value] $s $($rest)* } };
    ($s:tt backoff $($rest:tt)*) => { $crate::__value! { @take [factor retry value] $s $($rest)* } };
    ($s:tt min_delay $($rest:tt)*) => { $crate::__value! { @take [duration retry value] $s $($rest)* } };
    ($s:tt max_delay $($rest:tt)*) => { $crate::__value! { @take [duration retry value] $s $($rest)* } };
    ($s:tt jitter $($rest:tt)*) => { $crate::__value! { @word jitter retry $s $($rest)* } };
    ($s:tt retry_on $($rest:tt)*) => { $crate::__value! { @pattern retry_if retry $s $($rest)* } };
    ($s:tt retry_if $($rest:tt)*) => { $crate::__value! { @predicate retry $s $($rest)* } };
    ($s:tt retry_after $($rest:tt)*) => { $crate::__value! { @predicate needed $s $($rest)* } };
    ($s:tt attempt $($rest:tt)*) => { $crate::__value! { @attempt $s $($rest)* } };
    ($s:tt fallback $($rest:tt)*) => { $crate::__value! { @fallback $s $($rest)* } };
    ($s:tt fallback_delay $($rest:tt)*) => { $crate::__value! { @take [duration plain between] $s $($rest)* } };
    ($s:tt fallback_on $($rest:tt)*) => { $crate::__value! { @pattern fallback_on plain $s $($rest)* } };
    ($s:tt name $($rest:tt)*) => { $crate::__value! { @take [any needed shared] $s $($rest)* } };
    ($s:tt clock $($rest:tt)*) => { $crate::__value! { @take [any needed shared] $s $($rest)* } };

    ($s:tt timeout $($rest:tt)*) => { $crate::__value! { @take [limit needed limit] $s $($rest)* } };
    ($s:tt deadline $($rest:tt)*) => { $crate::__value! { @take [limit needed deadline] $s $($rest)* } };
    ($s:tt memory $($rest:tt)*) => { $crate::__memory_row! { @take [memory needed memory] $s $($rest)* } };

    ($s:tt cache $($rest:tt)*) => { $crate::__cache_row! { @take [time_to_live cache cache] $s $($rest)* } };
    ($s:tt namespace $($rest:tt)*) => { $crate::__cache_row! { @take [any plain cached] $s $($rest)* } };
    ($s:tt store $($rest:tt)*) => { $crate::__cache_row! { @take [any needed cached] $s $($rest)* } };
    ($s:tt key $($rest:tt)*) => { $crate::__cache_row! { @take [any needed key] $s $($rest)* } };
    ($s:tt capacity $($rest:tt)*) => { $crate::__cache_row! { @take [entries plain capacity] $s $($rest)* } };

    ($s:tt rate $($rest:tt)*) => { $crate::__value! { @rate $s $($rest)* } };
    ($s:tt burst $($rest:tt)*) => { $crate::__value! { @take [burst plain rated] $s $($rest)* } };
    ($s:tt max_wait $($rest:tt)*) => { $crate::__value! { @take [duration needed rated] $s $($rest)* } };
    ($s:tt scope $($rest:tt)*) => { $crate::__value! { @scope $s $($rest)* } };
    ($s:tt breaker $($rest:tt)*) => { $crate::__value! { @complain Later $s $($rest)* } };
    ($s:tt hedge $($rest:tt)*) => { $crate::__value! { @complain Later $s $($rest)* } };
    ($s:tt budget $($rest:tt)*) => { $crate::__value! { @complain Later $s $($rest)* } };
    ($s:tt concurrency $($rest:tt)*) => { $crate::__value! { @complain Later $s $($rest)* } };
    ($s:tt stale_if_error $($rest:tt)*) => { $crate::__value! { @complain Later $s $($rest)* } };
    ($s:tt refresh_ahead $($rest:tt)*) => { $crate::__value! { @complain Later $s $($rest)* } };

    ($s:tt mode $($rest:tt)*) => { $crate::__value! { @mode $s $($rest)* } };
    ($s:tt workers $($rest:tt)*) => { $crate::__value! { @take [several needed map] $s $($rest)* } };
    ($s:tt ordered $($rest:tt)*) => { $crate::__value! { @take [any flag map] $s $($rest)* } };
    ($s:tt progress $($rest:tt)*) => { $crate::__value! { @take [any flag map] $s $($rest)* } };
    ($s:tt chunk_size $($rest:tt)*) => { $crate::__value! { @take [several needed map] $s $($rest)* } };
    ($s:tt max_failures $($rest:tt)*) => { $crate::__value! { @take [several needed map] $s $($rest)* } };
    ($s:tt each $($rest:tt)*) => { $crate::__value! { @each $s $($rest)* } };
    ($s:tt stream $($rest:tt)*) => { $crate::__value! { @stream $s $($rest)* } };
    ($s:tt spread $($rest:tt)*) => { $crate::__value! { @complain Later $s $($rest)* } };

    // No row: `Options` has no such field, and rustc knows which one is near.
    ($s:tt $unknown:ident $($rest:tt)*) => { $crate::__value! { @complain Unknown $s $($rest)* } };
    // Nothing, or what is no option.
    ($($rest:tt)*) => { $crate::__options! { $($rest)* } };
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

/// Adds what an option says to the state, and goes on with the next row.
#[doc(hidden)]
#[macro_export]
macro_rules! __state {
    (value { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $p:tt $f:tt $a:tt [$run:ident $limited:tt] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $c [$($v)* .$name($($value)*)] $p $f $a [run $limited] $($s)* } $($rest)* }
    };
    (limit { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $p:tt $f:tt $a:tt [$run:ident $limited:tt] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $c [$($v)* .$name($($value)*)] $p $f $a [$run [@limited]] $($s)* } $($rest)* }
    };
    (pattern { $k:tt [$($n:tt)*] $c:tt $v:tt [$($p:tt)*] [$($f:tt)*] $($s:tt)* } $name:ident fallback_on [$($pattern:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            {
                $k [$($n)* $name] $c $v [$($p)* .fallback_on(|error: &_| $crate::__private::matches!(error, $($pattern)*))]
                [$($f)* [Lonely $name]] $($s)*
            }
            $($rest)*
        }
    };
    (pattern $state:tt $name:ident $method:ident [$($pattern:tt)*] $($rest:tt)*) => {
        $crate::__state! {
            predicate $state $name [.$method(|error: &_| $crate::__private::matches!(error, $($pattern)*))] $($rest)*
        }
    };
    (predicate { $k:tt [$($n:tt)*] $c:tt $v:tt [$($p:tt)*] $f:tt $a:tt [$run:ident $limited:tt] $($s:tt)* } $name:ident [$($predicate:tt)*] $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $c $v [$($p)* $($predicate)*] $f $a [run $limited] $($s)* } $($rest)* }
    };
    (attempt { $k:tt $n:tt $c:tt $v:tt $p:tt $f:tt [$binding:ident] $($s:tt)* } $name:ident $second:tt $($rest:tt)*) => {
        $crate::__state! { complaint { $k $n $c $v $p $f [$binding] $($s)* } $name Second $($rest)* }
    };
    (attempt { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $($s:tt)* } $name:ident $binding:tt $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $c $v $p $f $binding $($s)* } $($rest)* }
    };
    (fallback { $k:tt $n:tt $c:tt $v:tt $p:tt [$binding:ident $($f:tt)*] $($s:tt)* } $name:ident $list:tt $($rest:tt)*) => {
        $crate::__state! { complaint { $k $n $c $v $p [$binding $($f)*] $($s)* } $name Second $($rest)* }
    };
    (fallback { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt [$run:ident $limited:tt] $($s:tt)* } $name:ident $list:tt $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $c $v $p $list $a [run $limited] $($s)* } $($rest)* }
    };
    (cache { [$w:tt $($k:tt)*] [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt [$on:tt [$($h:tt)*]] $r:tt } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            { [[on $name] $($k)*] [$($n)* $name] $c $v $p $f $a $l [[on] [$($h)* $(.$name($value))*]] $r } $($rest)*
        }
    };
    (cached { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt [[$($on:tt)*] [$($h:tt)*]] $r:tt } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            { $k [$($n)* $name] $c $v $p $f $a $l [[$($on)* [Uncached $name]] [$($h)* .$name($($value)*)]] $r } $($rest)*
        }
    };
    (rate { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [$on:tt [$($r:tt)*] $scope:tt] } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $c $v $p $f $a $l $o [[on] [$($r)* .$name($($value)*)] $scope] } $($rest)* }
    };
    (rated { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$($on:tt)*] [$($r:tt)*] $scope:tt] } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            { $k [$($n)* $name] $c $v $p $f $a $l $o [[$($on)* [Unlimited $name]] [$($r)* .$name($($value)*)] $scope] } $($rest)*
        }
    };
    (scope { [$w:tt $($k:tt)*] [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$($on:tt)*] $r:tt $scope:tt] } $name:ident [per_args] $($rest:tt)*) => {
        $crate::__row! {
            { [[on $name] $($k)*] [$($n)* $name] $c $v $p $f $a $l $o [[$($on)* [Unlimited $name]] $r [per_args]] } $($rest)*
        }
    };
    (scope { $k:tt [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$($on:tt)*] $r:tt $scope:tt] } $name:ident $new:tt $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $c $v $p $f $a $l $o [[$($on)* [Unlimited $name]] $r $new] } $($rest)* }
    };
    (key { [[$($w:tt)*] $key:tt $($k:tt)*] [$($n:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            { [[$($w)* [Unkeyed $name]] [by {key $($value)*}] $($k)*] [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (capacity { [[$($w:tt)*] $key:tt $capacity:tt $map:tt] [$($n:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! { { [[$($w)* [Unkeyed $name]] $key [$($value)*] $map] [$($n)* $name] $($s)* } $($rest)* }
    };
    // What the call of an expression has, and the whole of a map.
    (shared { [$w:tt $key:tt $capacity:tt []] [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            { [$w $key $capacity []] [$($n)* $name] $c [$($v)* .$name($($value)*)] $($s)* } $($rest)*
        }
    };
    (shared { [$w:tt $key:tt $capacity:tt [$head:tt [$($m:tt)*]]] [$($n:tt)*] $c:tt [$($v:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            {
                [$w $key $capacity [$head [$($m)* .$name($($value)*)]]] [$($n)* $name] $c
                [$($v)* .$name($($value)*)] $($s)*
            }
            $($rest)*
        }
    };
    (memory { $k:tt $n:tt $c:tt $v:tt $p:tt $f:tt $a:tt [$run:ident $limited:tt] $($s:tt)* } $($rest:tt)*) => {
        $crate::__state! { shared { $k $n $c $v $p $f $a [$run [@limited]] $($s)* } $($rest)* }
    };
    (deadline { [$w:tt $key:tt $capacity:tt []] $($s:tt)* } $($rest:tt)*) => {
        $crate::__state! { limit { [$w $key $capacity []] $($s)* } $($rest)* }
    };
    (deadline { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt $mode:tt $out:tt $until:tt] [$($m:tt)*]]] [$($n:tt)*] $c:tt $v:tt $p:tt $f:tt $a:tt [$run:ident $limited:tt] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            {
                [$w $key $capacity [[$item $items $mode $out [until]] [$($m)* .$name($($value)*)]]]
                [$($n)* $name] $c $v $p $f $a [$run [@limited]] $($s)*
            }
            $($rest)*
        }
    };
    (map { [$w:tt $key:tt $capacity:tt [$head:tt [$($m:tt)*]]] [$($n:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            { [$w $key $capacity [$head [$($m)* .$name($($value)*)]]] [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (map $state:tt $name:ident $value:tt $($rest:tt)*) => { $crate::__state! { complaint $state $name MapOnly $($rest)* } };
    (mode { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt $mode:tt $($m:tt)*] $calls:tt]] [$($n:tt)*] $($s:tt)* } $name:ident [$new:tt] $($rest:tt)*) => {
        $crate::__row! {
            { [$w $key $capacity [[$item $items [$new $name] $($m)*] $calls]] [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (mode $state:tt $name:ident $value:tt $($rest:tt)*) => { $crate::__state! { complaint $state $name MapOnly $($rest)* } };
    (output { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt $mode:tt [] $until:tt] $calls:tt]] [$($n:tt)*] $($s:tt)* } $name:ident $out:tt $($rest:tt)*) => {
        $crate::__row! {
            { [$w $key $capacity [[$item $items $mode $out $until] $calls]] [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (output { [$w:tt $key:tt $capacity:tt []] $($s:tt)* } $name:ident $out:tt $($rest:tt)*) => {
        $crate::__state! { complaint { [$w $key $capacity []] $($s)* } $name MapOnly $($rest)* }
    };
    (output $state:tt $name:ident $out:tt $($rest:tt)*) => { $crate::__state! { complaint $state $name SecondOutput $($rest)* } };
    (between { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $p:tt [$($f:tt)*] $($s:tt)* } $name:ident [$($value:tt)*] $($rest:tt)*) => {
        $crate::__row! {
            { $k [$($n)* $name] $c [$($v)* .$name($($value)*)] $p [$($f)* [Lonely $name]] $($s)* } $($rest)*
        }
    };
    (retry { $k:tt [$($n:tt)*] $c:tt [$($v:tt)*] $p:tt $f:tt $a:tt [$run:ident $limited:tt] $($s:tt)* } $name:ident [] $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $c [$($v)* .with_retry()] $p $f $a [run $limited] $($s)* } $($rest)* }
    };
    (nothing { $k:tt [$($n:tt)*] $($s:tt)* } $name:ident [] $($rest:tt)*) => {
        $crate::__row! { { $k [$($n)* $name] $($s)* } $($rest)* }
    };
    (complaint { $k:tt $n:tt [$($c:tt)*] $($s:tt)* } $name:ident $complaint:ident $($rest:tt)*) => {
        $crate::__row! { { $k $n [$($c)* [$complaint $name]] $($s)* } $($rest)* }
    };
}
