//! The third stage: the key of a call without option `key`.
//!
//! A key is a list of parts. `{key value}` is hashed as it is. `{bound value}` is an argument that is bound before the call.
//! `{name value}` is an argument of a body that may run again; if it is the binding of the fallback, the whole list is hashed.
//! `{each value}` is an argument that may contain the binding, and is hashed for every candidate.

/// A plain call `path::f(a, b)`, awaited or not, is keyed by its arguments. The function must be a constant: a variable could be a
/// closure, which captures what the arguments do not show.
#[doc(hidden)]
#[macro_export]
macro_rules! __plain {
    // The path, segment by segment.
    ($state:tt $shape:tt [$($path:tt)*] $segment:ident ($($args:tt)*) $($end:tt)*) => {
        $crate::__plain! { @call $state $shape [$($path)* $segment] ($($args)*) $($end)* }
    };
    ($state:tt $shape:tt [$($path:tt)*] $segment:ident :: < $($rest:tt)+) => {
        $crate::__plain! { @generics $state $shape [$($path)* $segment :: <] $($rest)+ }
    };
    ($state:tt $shape:tt [$($path:tt)*] $segment:ident :: $($rest:tt)+) => {
        $crate::__plain! { $state $shape [$($path)* $segment ::] $($rest)+ }
    };
    ($state:tt $shape:tt [] :: $($rest:tt)+) => { $crate::__plain! { $state $shape [::] $($rest)+ } };
    // A method, whose result may depend on its receiver.
    ({ $($s:tt)* } $shape:tt [] self . $method:ident ($arg:ident) $($end:tt)*) => {
        $crate::__plain! { @unknown { $($s)* } OfSelfAndArgument [$arg] }
    };
    ({ $($s:tt)* } $shape:tt [] self . $method:ident ($($args:tt)*) $($end:tt)*) => {
        $crate::__plain! { @unknown { $($s)* } OfSelf [] }
    };
    ({ $($s:tt)* } $shape:tt [] $receiver:ident . $method:ident ($arg:ident) $($end:tt)*) => {
        $crate::__plain! { @unknown { $($s)* } OfReceiverAndArgument [$receiver $arg] }
    };
    ({ $($s:tt)* } $shape:tt [] $receiver:ident . $method:ident (& $arg:ident) $($end:tt)*) => {
        $crate::__plain! { @unknown { $($s)* } OfReceiverAndArgument [$receiver $arg] }
    };
    ({ $($s:tt)* } $shape:tt [] $receiver:ident . $method:ident ($($args:tt)*) $($end:tt)*) => {
        $crate::__plain! { @unknown { $($s)* } OfReceiver [$receiver] }
    };
    ({ $($s:tt)* } $($other:tt)*) => { $crate::__plain! { @unknown { $($s)* } } };

    // Generic arguments end at the bracket before the arguments or another segment.
    (@generics $state:tt $shape:tt [$($path:tt)*] > ($($args:tt)*) $($end:tt)*) => {
        $crate::__plain! { @call $state $shape [$($path)* >] ($($args)*) $($end)* }
    };
    (@generics $state:tt $shape:tt [$($path:tt)*] >> ($($args:tt)*) $($end:tt)*) => {
        $crate::__plain! { @call $state $shape [$($path)* >>] ($($args)*) $($end)* }
    };
    (@generics $state:tt $shape:tt [$($path:tt)*] > :: $($rest:tt)+) => {
        $crate::__plain! { $state $shape [$($path)* > ::] $($rest)+ }
    };
    (@generics $state:tt $shape:tt [$($path:tt)*] >> :: $($rest:tt)+) => {
        $crate::__plain! { $state $shape [$($path)* >> ::] $($rest)+ }
    };
    (@generics $state:tt $shape:tt [$($path:tt)*] $token:tt $($rest:tt)*) => {
        $crate::__plain! { @generics $state $shape [$($path)* $token] $($rest)* }
    };
    (@generics $state:tt $($other:tt)*) => { $crate::__plain! { @unknown $state } };

    // The call is the whole body.
    (@call { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident $($s:tt)* } [] $path:tt ($($args:tt)*)) => {
        $crate::__plain! {
            @args $r
            {
                [key $k] [$c hashed $x told $n $e plan $b $w calls $v judge $j list $l attempt $a runs $r $($s)*]
                [] $path [] [] []
            }
            $($args)*
        }
    };
    (@call { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident $($s:tt)* } [async $($move:tt)?] $path:tt ($($args:tt)*) . await) => {
        $crate::__plain! {
            @args $r
            {
                [key $k] [$c hashed $x told $n $e plan $b $w calls $v judge $j list $l attempt $a runs $r $($s)*]
                [async $($move)?] $path [] [] []
            }
            $($args)*
        }
    };
    // For a child, the arguments are evaluated in the child, and in the parent for the key.
    (@call { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident $($s:tt)* } [child blocking $remote:tt] $path:tt ($($args:tt)*)) => {
        $crate::__plain! {
            @args again
            {
                [key $k] [$c hashed $x told $n $e plan $b $w calls $v judge $j list $l attempt $a runs $r $($s)*]
                [child blocking $remote] $path [] [] []
            }
            $($args)*
        }
    };
    (@call { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident $($s:tt)* } [child (future $async:tt) $remote:tt] $path:tt ($($args:tt)*) . await) => {
        $crate::__plain! {
            @args again
            {
                [key $k] [$c hashed $x told $n $e plan $b $w calls $v judge $j list $l attempt $a runs $r $($s)*]
                [child (future $async) $remote] $path [] [] []
            }
            $($args)*
        }
    };
    (@call $state:tt $($other:tt)*) => { $crate::__plain! { @unknown $state } };

    // The arguments of a body that runs once are evaluated once, and the body may consume them. Hygiene makes the `__arg` of each
    // step a different name.
    (@args once { $key:tt $s:tt $shape:tt $path:tt [$($bound:tt)*] [$($value:tt)*] [$($part:tt)*] }
        $new:expr $(, $($rest:tt)*)?) => {
        $crate::__plain! {
            @args once
            { $key $s $shape $path [$($bound)* __arg $new,] [$($value)* __arg,] [$($part)* {bound __arg}] } $($($rest)*)?
        }
    };
    // The arguments of a body that may run again stay in the call: a literal, which gets its type from the call; a name, borrowed
    // or not; and any other expression.
    (@args again { $key:tt $s:tt $shape:tt $path:tt [$($bound:tt)*] [$($value:tt)*] [$($part:tt)*] }
        $new:literal $(, $($rest:tt)*)?) => {
        $crate::__plain! {
            @args again
            { $key $s $shape $path [$($bound)* __arg $new,] [$($value)* __arg,] [$($part)* {bound __arg}] } $($($rest)*)?
        }
    };
    (@args again { $key:tt $s:tt $shape:tt $path:tt $bound:tt [$($value:tt)*] [$($part:tt)*] }
        $new:ident $(, $($rest:tt)*)?) => {
        $crate::__plain! {
            @args again { $key $s $shape $path $bound [$($value)* $new,] [$($part)* {name $new}] } $($($rest)*)?
        }
    };
    (@args again { $key:tt $s:tt $shape:tt $path:tt $bound:tt [$($value:tt)*] [$($part:tt)*] }
        & $new:ident $(, $($rest:tt)*)?) => {
        $crate::__plain! {
            @args again { $key $s $shape $path $bound [$($value)* &$new,] [$($part)* {name $new}] } $($($rest)*)?
        }
    };
    (@args again { [key [on $why:tt $($k:tt)*]] $s:tt [child $mode:tt {$($remote:tt)*}] $path:tt $bound:tt $value:tt [$($part:tt)*] }
        $new:expr $(, $($rest:tt)*)?) => {
        $crate::__plain! {
            @args again
            {
                [key [on $why $($k)*]] $s
                [child $mode {
                    $crate::__require! { MayChange $why $crate::__private::is_the_same_again($crate::__private::stringify!($new)) };
                    $($remote)*
                }]
                $path $bound $value [$($part)* {each $new}]
            }
            $($($rest)*)?
        }
    };
    // Any other expression is evaluated each time, so it must have the same value each time.
    (@args again { [key [on $why:tt $($k:tt)*]] $s:tt $shape:tt [$($path:tt)*] $bound:tt [$($value:tt)*] [$($part:tt)*] }
        $new:expr $(, $($rest:tt)*)?) => {
        $crate::__plain! {
            @args again
            {
                [key [on $why $($k)*]] $s $shape
                [
                    $crate::__require! { MayChange $why $crate::__private::is_the_same_again($crate::__private::stringify!($new)) };
                    $($path)*
                ]
                $bound [$($value)* $new,] [$($part)* {each $new}]
            }
            $($($rest)*)?
        }
    };
    (@args once { $key:tt [$c:tt hashed $x:tt $($s:tt)*] $shape:tt $path:tt [$($bound:tt)+] $value:tt [$($part:tt)+] }) => {
        $crate::__plain! {
            @args bound
            { $key [$c hashed $x $($s)*] $shape $path [fed $x __key $($bound)+] $value [{fed __key}] }
        }
    };
    (@args $r:ident { [$($key:tt)*] [$($s:tt)*] [] [$($path:tt)*] $bound:tt [$($value:tt)*] $parts:tt }) => {
        $crate::__expand! {
            @blocking $bound [] { $($key)* $parts $($s)* } () (const { $($path)* })($($value)*)
        }
    };
    (@args $r:ident { [$($key:tt)*] [$($s:tt)*] [async ($async:tt)] [$($path:tt)*] $bound:tt [$($value:tt)*] $parts:tt }) => {
        $crate::__expand! {
            @(future $async) $bound [] { $($key)* $parts $($s)* } () { (const { $($path)* })($($value)*).await }
        }
    };
    (@args $r:ident { [$($key:tt)*] [$($s:tt)*] [async move] [$($path:tt)*] $bound:tt [$($value:tt)*] $parts:tt }) => {
        $crate::__expand! {
            @move_future $bound [] { $($key)* $parts $($s)* } () { (const { $($path)* })($($value)*).await }
        }
    };

    (@args $r:ident { [$($key:tt)*] [$($s:tt)*] [child $mode:tt $remote:tt] $path:tt $bound:tt $value:tt $parts:tt }) => {
        $crate::__expand! { @$mode $bound [] { $($key)* $parts $($s)* } () $remote }
    };

    (@unknown $state:tt) => { $crate::__plain! { @unknown $state Keyless [] } };
    (@unknown { key [on $why:tt $($k:tt)*] $p:tt $c:tt hashed $x:tt told $n:tt [$($e:tt)*] $($s:tt)* } $complaint:ident $about:tt) => {
        $crate::__check! { $n [$($e)* [$complaint $why $about]] }
    };
}

/// A callable is keyed by its arguments, and has entries of its own. A second closure around it owns them, since the user's closure
/// may borrow everything it captures.
#[doc(hidden)]
#[macro_export]
macro_rules! __own {
    // All arguments are taken. Without a cache there is nothing to own.
    ({ { key $k:tt [] $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache [] $($s:tt)* } $mode:ident [$($kind:tt)*] [$($inner:tt)*] $outer:tt
        $pass:tt $parts:tt } | -> $output:ty $body:block) => {
        $($kind)* |$($inner)*| $crate::__expand! {
            @$mode [] []
            { key $k $parts $c hashed $x told $n $e plan $b $w calls $v judge $j list $l attempt $a runs $r
                cache [] $($s)* }
            (-> $output) $body
        }
    };
    ({ { key $k:tt [] $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache [] $($s:tt)* } $mode:ident [$($kind:tt)*] [$($inner:tt)*] $outer:tt
        $pass:tt $parts:tt } | $body:expr) => {
        $($kind)* |$($inner)*| $crate::__expand! {
            @$mode [] []
            { key $k $parts $c hashed $x told $n $e plan $b $w calls $v judge $j list $l attempt $a runs $r
                cache [] $($s)* }
            () $body
        }
    };
    ({ { key $k:tt [] $($s:tt)* } $mode:ident $kind:tt [$($inner:tt)*] $outer:tt $pass:tt $parts:tt }
        | -> $output:ty $body:block) => {
        $crate::__own! {
            @$mode $kind $outer $pass |__slots: &$crate::__private::Slots, $($inner)*|
            $crate::__expand! { @$mode [] [__slots] { key $k $parts $($s)* } (-> $output) $body }
        }
    };
    ({ { key $k:tt [] $($s:tt)* } $mode:ident $kind:tt [$($inner:tt)*] $outer:tt $pass:tt $parts:tt } | $body:expr) => {
        $crate::__own! {
            @$mode $kind $outer $pass |__slots: &$crate::__private::Slots, $($inner)*|
            $crate::__expand! { @$mode [] [__slots] { key $k $parts $($s)* } () $body }
        }
    };
    (@blocking [$($kind:tt)*] [$($outer:tt)*] [$($pass:tt)*] $($body:tt)+) => {{
        let __slots = $crate::__private::Slots::new();
        #[allow(unused_mut, reason = "the body may change what it captures")]
        let mut __body = $($kind)* $($body)+;
        move |$($outer)*| __body(&__slots, $($pass)*)
    }};
    (@async_fn [$($kind:tt)*] [$($outer:tt)*] [$($pass:tt)*] $($body:tt)+) => {{
        let __slots = $crate::__private::Slots::new();
        #[allow(unused_mut, reason = "the body may change what it captures")]
        let mut __body = $($kind)* $($body)+;
        async move |$($outer)*| __body(&__slots, $($pass)*).await
    }};

    // One argument: with `mut` or without, with a type or without, and the last one or not.
    ($s:tt mut $name:ident: $type:ty, $($rest:tt)*) => {
        $crate::__own! { @push $s [mut $name] $name [: $type] $($rest)* }
    };
    ($s:tt mut $name:ident: $type:ty | $($rest:tt)*) => {
        $crate::__own! { @push $s [mut $name] $name [: $type] | $($rest)* }
    };
    ($s:tt mut $name:ident, $($rest:tt)*) => { $crate::__own! { @push $s [mut $name] $name [] $($rest)* } };
    ($s:tt mut $name:ident | $($rest:tt)*) => { $crate::__own! { @push $s [mut $name] $name [] | $($rest)* } };
    ($s:tt $name:ident: $type:ty, $($rest:tt)*) => {
        $crate::__own! { @push $s [$name] $name [: $type] $($rest)* }
    };
    ($s:tt $name:ident: $type:ty | $($rest:tt)*) => {
        $crate::__own! { @push $s [$name] $name [: $type] | $($rest)* }
    };
    ($s:tt $name:ident, $($rest:tt)*) => { $crate::__own! { @push $s [$name] $name [] $($rest)* } };
    ($s:tt $name:ident | $($rest:tt)*) => { $crate::__own! { @push $s [$name] $name [] | $($rest)* } };
    // Hygiene makes the `__arg` of each step a different name.
    (@push { $state:tt $mode:ident $kind:tt [$($inner:tt)*] [$($outer:tt)*] [$($pass:tt)*] [$($part:tt)*] }
        [$($pattern:tt)*] $name:ident [$($type:tt)*] $($rest:tt)*) => {
        $crate::__own! {
            {
                $state $mode $kind [$($inner)* $($pattern)* $($type)*,] [$($outer)* __arg $($type)*,]
                [$($pass)* __arg,] [$($part)* {key $name}]
            }
            $($rest)*
        }
    };

    // A pattern, which is not one name to hash.
    ({ $state:tt $($s:tt)* } $($other:tt)*) => { $crate::__plain! { @unknown $state } };
}

/// A function item is keyed by its arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __named {
    ({ key [on $why:tt $($met:tt)*] [] $($s:tt)* } ($($args:tt)*) $($call:tt)*) => {
        $crate::__named! { @args { key [on $why $($met)*] $($s)* } [] [$($call)*] $($args)* }
    };
    ($state:tt $args:tt @$mode:ident $as:tt $body:block) => { $crate::__expand!(@$mode [] [] $state $as $body) };

    (@args { key $k:tt $($s:tt)* } $parts:tt [@$mode:ident $as:tt $body:block]) => {
        $crate::__expand!(@$mode [] [] { key $k $parts $($s)* } $as $body)
    };
    // The forms of `self`, the only argument without a type.
    (@args $state:tt [$($part:tt)*] $call:tt $(& $($life:lifetime)?)? mut $this:ident $(, $($rest:tt)*)?) => {
        $crate::__named! {
            @args $state [$($part)* {key $crate::bounds::IsKeySelf::opero_part(&$this)}] $call $($($rest)*)?
        }
    };
    (@args $state:tt [$($part:tt)*] $call:tt $(& $($life:lifetime)?)? $this:ident $(, $($rest:tt)*)?) => {
        $crate::__named! {
            @args $state [$($part)* {key $crate::bounds::IsKeySelf::opero_part(&$this)}] $call $($($rest)*)?
        }
    };
    (@args $state:tt [$($part:tt)*] $call:tt mut $name:ident: $type:ty $(, $($rest:tt)*)?) => {
        $crate::__named! { @args $state [$($part)* {key $name}] $call $($($rest)*)? }
    };
    (@args $state:tt [$($part:tt)*] $call:tt $name:ident: $type:ty $(, $($rest:tt)*)?) => {
        $crate::__named! { @args $state [$($part)* {key $name}] $call $($($rest)*)? }
    };
    (@args { key $k:tt $($s:tt)* } $($other:tt)*) => { $crate::__plain! { @unknown { key $k [] $($s)* } } };
}

/// Computes the fingerprint of a key.
#[doc(hidden)]
#[macro_export]
macro_rules! __key {
    // A key without parts.
    (in_memory [] $binding:tt $list:ident) => { 0 };
    (store [] $binding:tt $list:ident) => { $crate::__store_key!().finish() };
    ($hashed:ident [{fed $key:ident}] $binding:tt $list:ident) => { $key.finish() };
    (in_memory [$({$how:ident $value:expr})*] [] $list:ident) => {
        {
            let mut __key = $crate::__private::Key::in_memory();
            $($crate::__private::KeyPart::feed(&$value, &mut __key);)*
            __key.finish()
        }
    };
    (in_memory $parts:tt $binding:tt $list:ident) => {
        $crate::__key!(@feed ($crate::__private::Key::in_memory()) $parts $binding $list)
    };
    (store $parts:tt $binding:tt $list:ident) => {
        $crate::__key!(@feed_store ($crate::__store_key!()) $parts $binding $list)
    };
    (limiter [] $binding:tt $list:ident) => { 0 };
    (limiter $parts:tt $binding:tt $list:ident) => {
        $crate::__key!(@feed_store ($crate::__private::StoreKey::of_rate()) $parts $binding $list)
    };
    (@$feed:ident ($key:expr) [$({$how:ident $value:expr})*] [] $list:ident) => {{
        let mut __key = $key;
        $($crate::__private::KeyPart::$feed(&$value, &mut __key);)*
        __key.finish()
    }};
    (@$feed:ident ($key:expr) [$($part:tt)*] [$binding:ident] $list:ident) => {{
        let mut __key = $key;
        $($crate::__part!($feed __key $part $binding $list);)*
        __key.finish()
    }};
}

/// Begins a key of a store, for this instance of the function around the call. The type name of a closure has the types of the
/// instance, the type name of an item has none.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_key {
    () => {
        $crate::__private::StoreKey::new(|| {}, {
            fn __here() {}
            __here
        })
    };
}

/// Hashes one part of the key of a call with a fallback.
#[doc(hidden)]
#[macro_export]
macro_rules! __part {
    // Here, the binding is the list.
    ($feed:ident $key:ident {name $value:expr} $binding:ident $list:ident) => {{
        let $binding = $crate::__private::Listed($list);
        let _ = &$binding;
        $crate::__private::KeyPart::$feed(&$value, &mut $key);
    }};
    ($feed:ident $key:ident {each $value:expr} $binding:ident $list:ident) => {
        for __item in $list {
            use $crate::__private::Bind as _;
            let $binding = $crate::__private::Item(__item).opero_bind();
            let _ = &$binding;
            $crate::__private::KeyPart::$feed(&$value, &mut $key);
        }
    };
    ($feed:ident $key:ident {$how:ident $value:expr} $binding:ident $list:ident) => {
        $crate::__private::KeyPart::$feed(&$value, &mut $key)
    };
}
