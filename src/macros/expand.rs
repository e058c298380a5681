//! Last stage: the call.

/// Writes the call in one of its modes: blocking; a future that borrows; a future that owns; inside an async function.
/// The values come first, since the body may own or change what they read; the predicates after the body, which tells
/// the type of the error.
#[doc(hidden)]
#[macro_export]
macro_rules! __expand {
    (@blocking $state:tt $as:tt $body:expr) => { $crate::__expand!(@list match [] blocking $state $as $body) };
    (@async_fn $state:tt $as:tt $body:expr) => { $crate::__expand!(@list match [async] future $state $as $body) };
    (@future $state:tt $as:tt $body:expr) => { async { $crate::__expand!(@async_fn $state $as $body) } };
    (@move_future $state:tt $as:tt $body:expr) => { $crate::__expand!(@list let [async move] future $state $as $body) };

    // Options that wait for a list or for a cache, and there is none.
    (@list $how:ident $kind:tt $mode:ident { $n:tt [$($c:tt)*] $v:tt $p:tt [$([$($lonely:tt)*])+] $($s:tt)* } $($rest:tt)*) => {
        $crate::__check! { $n [$($c)* $([$($lonely)*])+] }
    };
    (@list $how:ident $kind:tt $mode:ident { $n:tt [$($c:tt)*] $v:tt $p:tt $f:tt $a:tt [$([$($lonely:tt)*])+] $($s:tt)* } $($rest:tt)*) => {
        $crate::__check! { $n [$($c)* $([$($lonely)*])+] }
    };
    (@list $how:ident $kind:tt $mode:ident { $n:tt $c:tt $v:tt $p:tt [] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__check! { $n $c $crate::__expand!(@run $kind $mode { $v $p [] $($s)* } $as list $body) }
    };
    // Where the list is borrowed, a `match` keeps what its expression borrows from; an owned list is moved into the body.
    (@list match $kind:tt $mode:ident { $n:tt $c:tt $v:tt $p:tt [$binding:ident $list:expr] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__check! { $n $c match $list {
            list => $crate::__expand!(@run $kind $mode { $v $p [$binding] $($s)* } $as list $body),
        } }
    };
    (@list let $kind:tt $mode:ident { $n:tt $c:tt $v:tt $p:tt [$binding:ident $list:expr] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__check! { $n $c {
            let list = $list;
            $crate::__expand!(@run $kind $mode { $v $p [$binding] $($s)* } $as list $body)
        } }
    };

    (@run [] blocking { $values:tt [] $binding:tt $attempt:tt [] $h:tt $k:tt } $as:tt $list:ident $body:expr) => {
        $crate::Call::run(
            $crate::__call!(blocking [$crate::__site!()] $as $binding $list $values),
            $crate::__op!([] $as $binding $list $attempt $body),
        )
    };
    (@run [] blocking { $values:tt [$($predicates:tt)*] $binding:tt $attempt:tt [] $h:tt $k:tt } $as:tt $list:ident $body:expr) => {{
        let call = $crate::__call!(blocking [$crate::__site!()] $as $binding $list $values);
        let op = $crate::__op!([] $as $binding $list $attempt $body);
        $crate::Call::run(call.of(&op)$($predicates)*, op)
    }};
    // Constants need no place in the future: it makes the call anew where it needs it.
    (@run $kind:tt future { [$(.$name:ident(($($value:tt)*)))*] [] [] $attempt:tt [] $h:tt $k:tt } $as:tt $list:ident $body:expr) => {{
        let call = || $crate::__call!(future [$crate::__site!()] $as [] $list [$(.$name($($value)*))*]);
        let mut op = $crate::__op!($kind $as [] $list $attempt $body);
        $crate::__expand!(@drive $kind @each call().of_async(&op), op)
    }};
    (@run $kind:tt future { $values:tt [$($predicates:tt)*] $binding:tt $attempt:tt [] $h:tt $k:tt } $as:tt $list:ident $body:expr) => {{
        let call = $crate::__call!(future [$crate::__site!()] $as $binding $list $values);
        let mut op = $crate::__op!($kind $as $binding $list $attempt $body);
        let call = call.of_async(&op)$($predicates)*;
        $crate::__expand!(@drive $kind call, op)
    }};
    (@drive [async] $($drive:tt)*) => { $crate::__drive!($($drive)*) };
    (@drive [async move] $($drive:tt)*) => { async move { $crate::__drive!($($drive)*) } };
    (@run $kind:tt $mode:ident { $values:tt $predicates:tt $binding:tt $attempt:tt [on $cache:ident] $h:tt $k:tt } $as:tt $list:ident $body:expr) => {{
        let site = $crate::__site!();
        let (context, call) = $crate::Call::split($crate::__call!($mode [site] $as $binding $list $values));
        let cached = $crate::__cached!(site $h $k $binding $list);
        let op = $crate::__op!($kind $as $binding $list $attempt $body);
        $crate::__through_cache!($kind $predicates context call cached op)
    }};
}

/// The cache of the call, with its key.
#[doc(hidden)]
#[macro_export]
macro_rules! __cached {
    ($site:ident [$($h:tt)*] [by $($part:tt)*] $($list:tt)*) => {
        $crate::__private::Cached::new($crate::__private::Site::slots($site), "opero")$($h)*
            .key($crate::__key!([by $($part)*] $($list)*))
    };
    ($site:ident [$($h:tt)*] [in $slots:ident $($part:tt)*] $($list:tt)*) => {
        $crate::__private::Cached::new($slots, "opero")$($h)*
            .key($crate::__key!([by $($part)*] $($list)*))
    };
}

/// The call behind its cache.
#[doc(hidden)]
#[macro_export]
macro_rules! __through_cache {
    ([] [$($predicates:tt)*] $context:ident $call:ident $cached:ident $op:ident) => {{
        let cached = $cached.of(&$op);
        match $crate::__private::Cached::look(&cached, &$context) {
            $crate::__private::Some(value) => $crate::__private::Ok(value),
            _ => {
                let call = $call.of(&$op)$($predicates)*;
                $crate::__private::Cached::run(cached, &$context, || $crate::Call::run(call.within(&$context), $op))
            }
        }
    }};
    ([async] [$($predicates:tt)*] $context:ident $call:ident $cached:ident $op:ident) => {{
        let mut op = $op;
        let cached = $cached.of(&op);
        let call = $call.of_async(&op)$($predicates)*;
        $crate::__through_cache!(@future $context call cached op)
    }};
    ([async move] [$($predicates:tt)*] $context:ident $call:ident $cached:ident $op:ident) => {{
        let mut op = $op;
        let cached = $cached.of(&op);
        let call = $call.of_async(&op)$($predicates)*;
        async move { $crate::__through_cache!(@future $context call cached op) }
    }};
    (@future $context:ident $call:ident $cached:ident $op:ident) => {
        match $crate::__private::Cached::look_at_once(&$cached, &$context) {
            $crate::__private::Some(value) => $crate::__private::Ok(value),
            _ => match $crate::__private::Cached::enter($cached, &$context).await {
                $crate::__private::Err(error) => $crate::__private::Err(error),
                $crate::__private::Ok($crate::__private::Entered::Answered(value)) => $crate::__private::Ok(value),
                $crate::__private::Ok($crate::__private::Entered::Runner(landing)) => {
                    match $crate::__drive!($call.within(&$context), $op) {
                        $crate::__private::Err(error) => $crate::__private::Err(error),
                        $crate::__private::Ok(value) => {
                            $crate::__private::Ok($crate::__private::Landing::land(landing, value, &$context).await)
                        }
                    }
                }
            },
        }
    };
}

/// The call, or in its place the complaints about it: they have no type, so nothing is said about what follows from them.
#[doc(hidden)]
#[macro_export]
macro_rules! __check {
    ([] [] $($call:tt)*) => { $($call)* };
    ([$($name:ident)*] [] $($call:tt)*) => {{
        let _ = $crate::Options { $($name: (),)* ..$crate::Options::ALL };
        $($call)*
    }};
    ($names:tt [$([$complaint:ident $about:ident])+] $($call:tt)*) => {{
        $($crate::__complain! { $complaint $about });+
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __complain {
    (Unknown $name:ident) => {
        $crate::Options::ALL.$name
    };
    ($complaint:ident $about:ident) => {
        $crate::__private::words::Complaint::<$crate::__private::words::$complaint>::HERE.$about()
    };
}

/// What the use keeps between its calls.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    () => {{
        static SITE: $crate::__private::Site = $crate::__private::Site::new();
        &SITE
    }};
}

/// The call with its values. The list of candidates, if any, is in the variable `$list`.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    ($mode:ident [$site:expr] $as:tt [] $list:ident [$($values:tt)*]) => {
        $crate::__private::$mode($crate::__name!($as), $site)$($values)*
    };
    ($mode:ident $site:tt $as:tt [$binding:ident] $list:ident [$($values:tt)*]) => {
        $crate::__call!($mode $site $as [] $list [
            .fallback($crate::__private::stringify!($binding), $crate::__private::Iterator::count($list.iter()))$($values)*
        ])
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __name {
    ((-> $output:ty, $name:expr)) => {
        $name
    };
    ($as:tt) => {
        $crate::__private::concat!($crate::__private::module_path!(), ":", $crate::__private::line!())
    };
}

/// The body as a closure over the execution.
#[doc(hidden)]
#[macro_export]
macro_rules! __op {
    ([$($kind:tt)*] $as:tt [] $items:ident [] $body:expr) => {
        $($kind)* |_: $crate::policy::Execution| -> $crate::__output!($as) {
            $crate::__result!([$($kind)*] $as $body)
        }
    };
    ([$($kind:tt)*] $as:tt [] $items:ident [$attempt:ident] $body:expr) => {
        $($kind)* |execution: $crate::policy::Execution| -> $crate::__output!($as) {
            let $attempt = execution.number();
            $crate::__result!([$($kind)*] $as $body)
        }
    };
    ([$($kind:tt)*] $as:tt [$binding:ident] $items:ident [$($attempt:ident)?] $body:expr) => {
        $($kind)* |execution: $crate::policy::Execution| -> $crate::__output!($as) {
            let $binding = {
                use $crate::__private::Bind as _;
                $crate::__private::candidate($items.iter(), execution).opero_bind()
            };
            $(let $attempt = execution.number();)?
            $crate::__result!([$($kind)*] $as $body)
        }
    };
}

/// The result of the body. Where it is none, rustc underlines it in a closure, but in an async closure only if its type
/// is told here.
#[doc(hidden)]
#[macro_export]
macro_rules! __result {
    ([] $as:tt $body:expr) => {
        $body
    };
    ([$($kind:tt)+] $as:tt $body:expr) => {{
        let result: $crate::__output!($as) = $body;
        result
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __output {
    (()) => { $crate::__private::Result<_, _> };
    ((-> $output:ty $(, $name:expr)?)) => { <$output as $crate::__private::Decorated>::Body };
}
