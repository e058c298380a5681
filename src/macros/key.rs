//! Between the shapes of a body and the call: what calls are told apart by, where no option `key` says it.
//!
//! A key is a list of parts: `{key value}` is hashed as it stands. Of a plain call, `{call …}` gives its arguments the types
//! they have in it; `{name arg value}` is the whole list where the name is the fallback binding, `{once arg value}` knows
//! of no binding, and `{each arg value}` is hashed for every candidate.

/// A plain call `path::f(a, b)`, or one that is awaited, is keyed by its arguments. The function is made a constant, since
/// a variable might capture what the arguments do not show.
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
    ({ $($s:tt)* } $($other:tt)*) => { $crate::__plain! { @unknown { $($s)* } } };

    // Generic arguments end at the bracket that arguments or a further segment follow.
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

    // The call is all there is.
    (@call $state:tt [] $path:tt ($($args:tt)*)) => {
        $crate::__plain! { @args { $state [] $path [] [] [] [] [] } $($args)* }
    };
    (@call $state:tt [async $($move:tt)?] $path:tt ($($args:tt)*) . await) => {
        $crate::__plain! { @args { $state [async $($move)?] $path [] [] [] [] [] } $($args)* }
    };
    (@call $state:tt $($other:tt)*) => { $crate::__plain! { @unknown $state } };

    // The arguments: a name, borrowed or not, which may be the fallback binding; a literal; or an expression, which may
    // hold the binding, as a group may.
    (@args $s:tt $name:ident $(, $($rest:tt)*)?) => { $crate::__plain! { @name $s [$name] $($($rest)*)? } };
    (@args $s:tt ($($value:tt)*) $(, $($rest:tt)*)?) => { $crate::__plain! { @value each $s [($($value)*)] $($($rest)*)? } };
    (@args $s:tt [$($value:tt)*] $(, $($rest:tt)*)?) => { $crate::__plain! { @value each $s [[$($value)*]] $($($rest)*)? } };
    (@args $s:tt {$($value:tt)*} $(, $($rest:tt)*)?) => { $crate::__plain! { @value each $s [{$($value)*}] $($($rest)*)? } };
    (@args $s:tt $value:tt $(, $($rest:tt)*)?) => { $crate::__plain! { @value once $s [$value] $($($rest)*)? } };
    // The two tokens go along twice: whatever is matched by more than `tt` loses its place in the source.
    (@args $s:tt $sign:tt $name:tt $(, $($rest:tt)*)?) => { $crate::__plain! { @sign $s [$sign $name] $sign $name $($($rest)*)? } };
    (@args $s:tt $value:expr $(, $($rest:tt)*)?) => { $crate::__plain! { @value each $s [$value] $($($rest)*)? } };
    (@args {
        { [$w:tt $m:tt] $($s:tt)* } [$($async:tt)*] [$($path:tt)*]
        [$($value:tt)*] [$($arg:ident)*] [$($part:tt)*] [$($typed:tt)*] [$($named:tt)*]
    }) => {
        $crate::__plain! { @body
            {
                [
                    $w
                    [by {call [$($arg)*] (const { $($path)* })($($typed)*); (const { $($path)* })($($named)*)} $($part)*]
                    $m
                ]
                $($s)*
            }
            [$($async)*] (const { $($path)* })($($value)*)
        }
    };
    (@sign $s:tt [$($value:tt)+] & $name:ident $($rest:tt)*) => { $crate::__plain! { @name $s [$($value)+] $($rest)* } };
    (@sign $s:tt [$($value:tt)+] $sign:tt $name:tt $($rest:tt)*) => { $crate::__plain! { @value each $s [$($value)+] $($rest)* } };
    (@body $state:tt [] $($call:tt)*) => { $crate::__body! { $state $($call)* } };
    (@body $state:tt [$($async:tt)+] $($call:tt)*) => { $crate::__body! { $state $($async)+ { $($call)*.await } } };
    // Each step's `arg` is a name of its own, by hygiene.
    (@name {
        $state:tt $shape:tt $path:tt [$($value:tt)*] [$($arg:ident)*] [$($part:tt)*] [$($typed:tt)*] [$($named:tt)*]
    } [$($new:tt)+] $($rest:tt)*) => {
        $crate::__plain! { @args
            {
                $state $shape $path [$($value)* $($new)+,] [$($arg)* arg] [$($part)* {name arg $($new)+}]
                [$($typed)* $crate::__private::Argument::value(&arg),] [$($named)* $($new)+,]
            }
            $($rest)*
        }
    };
    (@value $times:ident {
        $state:tt $shape:tt $path:tt [$($value:tt)*] [$($arg:ident)*] [$($part:tt)*] [$($typed:tt)*] [$($named:tt)*]
    } [$($new:tt)+] $($rest:tt)*) => {
        $crate::__plain! { @args
            {
                $state $shape $path [$($value)* $($new)+,] [$($arg)* arg] [$($part)* {$times arg $($new)+}]
                [$($typed)* $crate::__private::Argument::value(&arg),]
                [$($named)* $crate::__private::Argument::value(&arg),]
            }
            $($rest)*
        }
    };

    (@unknown { [[on $why:ident] $m:tt] $n:tt [$($c:tt)*] $($s:tt)* }) => {
        $crate::__check! { $n [$($c)* [Keyless $why]] }
    };
}

/// A callable is keyed by its arguments and has entries of its own. They are owned by a second closure around it, since
/// the one the user wrote may borrow all it captures.
#[doc(hidden)]
#[macro_export]
macro_rules! __own {
    // The arguments are taken.
    ({ { [$w:tt $m:tt] $($s:tt)* } $mode:ident $kind:tt [$($inner:tt)*] $outer:tt $pass:tt [$($part:tt)*] } | -> $output:ty $body:block) => {
        $crate::__own! { @$mode $kind $outer $pass
            |slots: &$crate::__private::Slots, $($inner)*|
            $crate::__expand! { @$mode { [$w [in slots $($part)*] $m] $($s)* } (-> $output) $body }
        }
    };
    ({ { [$w:tt $m:tt] $($s:tt)* } $mode:ident $kind:tt [$($inner:tt)*] $outer:tt $pass:tt [$($part:tt)*] } | $body:expr) => {
        $crate::__own! { @$mode $kind $outer $pass
            |slots: &$crate::__private::Slots, $($inner)*|
            $crate::__expand! { @$mode { [$w [in slots $($part)*] $m] $($s)* } () $body }
        }
    };
    (@blocking [$($kind:tt)*] [$($outer:tt)*] [$($pass:tt)*] $($body:tt)+) => {{
        let slots = $crate::__private::Slots::new();
        #[allow(unused_mut, reason = "the body may change what it captures")]
        let mut body = $($kind)* $($body)+;
        move |$($outer)*| body(&slots, $($pass)*)
    }};
    (@async_fn [$($kind:tt)*] [$($outer:tt)*] [$($pass:tt)*] $($body:tt)+) => {{
        let slots = $crate::__private::Slots::new();
        #[allow(unused_mut, reason = "the body may change what it captures")]
        let mut body = $($kind)* $($body)+;
        async move |$($outer)*| body(&slots, $($pass)*).await
    }};

    // One argument: `mut` or not, with its type or without, and more to come or not.
    ($s:tt mut $name:ident: $type:ty, $($rest:tt)*) => { $crate::__own! { @push $s [mut $name] $name [: $type] $($rest)* } };
    ($s:tt mut $name:ident: $type:ty | $($rest:tt)*) => { $crate::__own! { @push $s [mut $name] $name [: $type] | $($rest)* } };
    ($s:tt mut $name:ident, $($rest:tt)*) => { $crate::__own! { @push $s [mut $name] $name [] $($rest)* } };
    ($s:tt mut $name:ident | $($rest:tt)*) => { $crate::__own! { @push $s [mut $name] $name [] | $($rest)* } };
    ($s:tt $name:ident: $type:ty, $($rest:tt)*) => { $crate::__own! { @push $s [$name] $name [: $type] $($rest)* } };
    ($s:tt $name:ident: $type:ty | $($rest:tt)*) => { $crate::__own! { @push $s [$name] $name [: $type] | $($rest)* } };
    ($s:tt $name:ident, $($rest:tt)*) => { $crate::__own! { @push $s [$name] $name [] $($rest)* } };
    ($s:tt $name:ident | $($rest:tt)*) => { $crate::__own! { @push $s [$name] $name [] | $($rest)* } };
    // Each step's `arg` is a name of its own, by hygiene.
    (@push { $state:tt $mode:ident $kind:tt [$($inner:tt)*] [$($outer:tt)*] [$($pass:tt)*] [$($part:tt)*] }
        [$($pattern:tt)*] $name:ident [$($type:tt)*] $($rest:tt)*) => {
        $crate::__own! {
            {
                $state $mode $kind
                [$($inner)* $($pattern)* $($type)*,] [$($outer)* arg $($type)*,] [$($pass)* arg,] [$($part)* {key $name}]
            }
            $($rest)*
        }
    };

    // A pattern, which has no one name to hash.
    ({ $state:tt $($s:tt)* } $($other:tt)*) => { $crate::__plain! { @unknown $state } };
}

/// A function item is keyed by its arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __named {
    ({ [[on $why:ident $($met:tt)*] [] $m:tt] $($s:tt)* } ($($args:tt)*) $($call:tt)*) => {
        $crate::__named! { @args { [[on $why] $m] $($s)* } [] [$($call)*] $($args)* }
    };
    ($state:tt $args:tt @$mode:ident $as:tt $body:block) => { $crate::__expand!(@$mode $state $as $body) };

    (@args { [$w:tt $m:tt] $($s:tt)* } [$($part:tt)*] [@$mode:ident $as:tt $body:block]) => {
        $crate::__expand!(@$mode { [$w [by $($part)*] $m] $($s)* } $as $body)
    };
    // `self` in its forms: the only argument without a type.
    (@args $state:tt [$($part:tt)*] $call:tt $(& $($life:lifetime)?)? mut $this:ident $(, $($rest:tt)*)?) => {
        $crate::__named! { @args $state [$($part)* {key $this}] $call $($($rest)*)? }
    };
    (@args $state:tt [$($part:tt)*] $call:tt $(& $($life:lifetime)?)? $this:ident $(, $($rest:tt)*)?) => {
        $crate::__named! { @args $state [$($part)* {key $this}] $call $($($rest)*)? }
    };
    (@args $state:tt [$($part:tt)*] $call:tt mut $name:ident: $type:ty $(, $($rest:tt)*)?) => {
        $crate::__named! { @args $state [$($part)* {key $name}] $call $($($rest)*)? }
    };
    (@args $state:tt [$($part:tt)*] $call:tt $name:ident: $type:ty $(, $($rest:tt)*)?) => {
        $crate::__named! { @args $state [$($part)* {key $name}] $call $($($rest)*)? }
    };
    (@args $state:tt $($other:tt)*) => { $crate::__plain! { @unknown $state } };
}

/// The function that feeds a hasher with the parts of a key.
#[doc(hidden)]
#[macro_export]
macro_rules! __key {
    ([$($part:tt)*] $binding:tt $list:ident) => {
        |hasher: &mut $crate::__private::Fingerprinter| { $($crate::__part!(hasher $part $binding $list);)* }
    };
}

/// One part. The call is never made: it gives the arguments that are hashed apart from it the types they have in it.
#[doc(hidden)]
#[macro_export]
macro_rules! __part {
    ($hasher:ident {key $value:expr} $binding:tt $list:ident) => {
        $crate::__private::key(&$value, $hasher);
    };
    ($hasher:ident {call [$($arg:ident)*] $typed:expr; $named:expr} [] $list:ident) => {
        $(let $arg = $crate::__private::Argument::new();)*
        if false {
            let _ = $typed;
        }
    };
    ($hasher:ident {call [$($arg:ident)*] $typed:expr; $named:expr} [$binding:ident] $list:ident) => {
        $(let $arg = $crate::__private::Argument::new();)*
        if false {
            $crate::__for_each!($binding $list { let _ = $named; });
        }
    };
    // The binding is a list here, and no argument of the call.
    ($hasher:ident {name $arg:ident $value:expr} [$binding:ident] $list:ident) => {{
        let $binding = $crate::__private::List(|| $list.iter());
        let _ = &$binding;
        $crate::__private::key(&$value, $hasher);
        let _ = $crate::__private::Argument::is(&$arg, $crate::__private::Argument::<()>::new());
    }};
    ($hasher:ident {each $arg:ident $value:expr} [$binding:ident] $list:ident) => {
        $crate::__for_each!($binding $list {
            $crate::__private::Argument::is(&$arg, $crate::__private::part($value, $hasher))
        })
    };
    ($hasher:ident {$times:ident $arg:ident $value:expr} $binding:tt $list:ident) => {
        $crate::__private::Argument::is(&$arg, $crate::__private::part($value, $hasher));
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __for_each {
    ($binding:ident $list:ident $do:block) => {
        for item in $list.iter() {
            use $crate::__private::Bind as _;
            let $binding = $crate::__private::Item(item).opero_bind();
            let _ = &$binding;
            $do
        }
    };
}
