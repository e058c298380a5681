//! The last stage for a call that cannot fail.

/// Reports options that such a call does not take, and writes the call.
#[doc(hidden)]
#[macro_export]
macro_rules! __infallible {
    // Each name is passed twice: once for matching, once for its span.
    (@beside [] [] $e:tt [$($before:tt)*] [$($s:tt)*] [$($more:tt)*] $as:tt $body:expr) => {
        $crate::__expand! { $($before)* { $($s)* $e $($more)* } $as $body }
    };
    (@beside [infallible $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__infallible! { @taken [$($n)*] $names $($rest)* } };
    (@beside [cache $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__infallible! { @taken [$($n)*] $names $($rest)* } };
    (@beside [key $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__infallible! { @taken [$($n)*] $names $($rest)* } };
    (@beside [namespace $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__infallible! { @taken [$($n)*] $names $($rest)* } };
    (@beside [capacity $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__infallible! { @taken [$($n)*] $names $($rest)* } };
    (@beside [store $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__infallible! { @taken [$($n)*] $names $($rest)* } };
    (@beside [name $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__infallible! { @taken [$($n)*] $names $($rest)* } };
    (@beside [clock $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__infallible! { @taken [$($n)*] $names $($rest)* } };
    (@beside [$other:tt $($n:tt)*] [$name:tt $($names:tt)*] [$($e:tt)*] $($rest:tt)*) => {
        $crate::__infallible! { @beside [$($n)*] [$($names)*] [$($e)* [BesideInfallible $name]] $($rest)* }
    };
    (@taken $n:tt [$name:tt $($names:tt)*] $($rest:tt)*) => { $crate::__infallible! { @beside $n [$($names)*] $($rest)* } };

    // Only literals: the method is one of the static.
    (@blocking $n:tt [$use:expr] $p:tt $as:tt $body:expr) => {
        $crate::__check! {
            blocking $n $crate::__private::Use::infallible($use, || -> $crate::__infallible!(@type $as) { $body })
        }
    };
    (@async_fn $n:tt [$use:expr] $p:tt $as:tt $body:expr) => {
        $crate::__check! {
            async_fn $n $crate::__private::Use::infallible_async($use, async { $crate::__infallible!(@value $as $body) }).await
        }
    };
    // Only the body holds what it consumes; a block around it would hold a second copy. The key is computed outside of it.
    (@(future $async:tt) $n:tt [$use:expr] [] $as:tt $body:expr) => {
        $crate::__check! {
            future $n $crate::__private::Use::infallible_async($use, $async { $crate::__infallible!(@value $as $body) })
        }
    };
    (@(future $async:tt) $n:tt [$use:expr] $p:tt $as:tt $body:expr) => {
        { $async { $crate::__infallible! { @async_fn $n [$use] $p $as $body } } }
    };
    (@move_future $n:tt [$use:expr] $p:tt $as:tt $body:expr) => {
        $crate::__check! {
            move_future $n
            $crate::__private::Use::infallible_async($use, async move { $crate::__infallible!(@value $as $body) })
        }
    };

    // Other values. A `match` keeps the temporaries that they borrow.
    (@built blocking $h:tt $s:tt $v:tt $hc:tt $c:tt $key:tt $site:tt $list:ident $as:tt $body:expr) => {
        $crate::Call::infallible($crate::__call!(call $h $s [] $v $hc [] $c $key $site $list))
            .run(|| -> $crate::__infallible!(@type $as) { $body })
    };
    (@built async_fn $h:tt $s:tt $v:tt $hc:tt $c:tt $key:tt $site:tt $list:ident $as:tt $body:expr) => {
        match $crate::Call::infallible($crate::__call!(call_async $h $s [] $v $hc [] $c $key $site $list)).split() {
            (__owned, __parts) => __parts.run(&__owned, async { $crate::__infallible!(@value $as $body) }).await,
        }
    };
    (@built move_future $h:tt $s:tt $v:tt $hc:tt $c:tt $key:tt $site:tt $list:ident $as:tt $body:expr) => {
        match $crate::Call::infallible($crate::__call!(call_async $h $s [] $v $hc [] $c $key $site $list)).split() {
            (__owned, __parts) => async move {
                __parts.run(&__owned, async { $crate::__infallible!(@value $as $body) }).await
            },
        }
    };

    (@type ()) => { _ };
    (@type (-> $output:ty $(, $name:expr)?)) => { $output };
    (@value () $body:expr) => { $body };
    (@value (-> $output:ty $(, $name:expr)?) $body:expr) => {{
        let __value: $output = $body;
        __value
    }};
}
