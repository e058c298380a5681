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

    // Options that wait for what is not there: a key to be wanted, a list, a cache, a rate.
    (@list $how:ident $kind:tt $mode:ident { [[$([$($lonely:tt)*])+] $($k:tt)*] $n:tt [$($c:tt)*] $($s:tt)* } $($rest:tt)*) => {
        $crate::__expand!(@list $how $kind $mode { [[] $($k)*] $n [$($c)* $([$($lonely)*])+] $($s)* } $($rest)*)
    };
    (@list $how:ident $kind:tt $mode:ident { $k:tt $n:tt [$($c:tt)*] $v:tt $p:tt [$([$($lonely:tt)*])+] $($s:tt)* } $($rest:tt)*) => {
        $crate::__expand!(@list $how $kind $mode { $k $n [$($c)* $([$($lonely)*])+] $v $p [] $($s)* } $($rest)*)
    };
    (@list $how:ident $kind:tt $mode:ident { $k:tt $n:tt [$($c:tt)*] $v:tt $p:tt $f:tt $a:tt $l:tt [[$([$($lonely:tt)*])+] $h:tt] $($s:tt)* } $($rest:tt)*) => {
        $crate::__expand!(@list $how $kind $mode { $k $n [$($c)* $([$($lonely)*])+] $v $p $f $a $l [[] $h] $($s)* } $($rest)*)
    };
    (@list $how:ident $kind:tt $mode:ident { $k:tt $n:tt [$($c:tt)*] $v:tt $p:tt $f:tt $a:tt $l:tt $o:tt [[$([$($lonely:tt)*])+] $($r:tt)*] } $($rest:tt)*) => {
        $crate::__check! { $n [$($c)* $([$($lonely)*])+] }
    };
    (@list $how:ident $kind:tt $mode:ident { $k:tt $n:tt [$($c:tt)+] $($s:tt)* } $($rest:tt)*) => { $crate::__check! { $n [$($c)+] } };
    (@list $how:ident $kind:tt $mode:ident { $k:tt $n:tt [] $v:tt $p:tt [] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__check! { $n [] $crate::__expand!(@run $kind $mode { $k $v $p [] $($s)* } $as list $body) }
    };
    // Where the list is borrowed, a `match` keeps what its expression borrows from; an owned list is moved into the body.
    (@list match $kind:tt $mode:ident { $k:tt $n:tt [] $v:tt $p:tt [$binding:ident $list:tt $($met:tt)*] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__check! { $n [] match $list {
            list => $crate::__expand!(@run $kind $mode { $k $v $p [$binding] $($s)* } $as list $body),
        } }
    };
    (@list let $kind:tt $mode:ident { $k:tt $n:tt [] $v:tt $p:tt [$binding:ident $list:tt $($met:tt)*] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__check! { $n [] {
            let list = $list;
            $crate::__expand!(@run $kind $mode { $k $v $p [$binding] $($s)* } $as list $body)
        } }
    };

    // No layer around the call.
    (@run [] blocking { $k:tt $values:tt [] $binding:tt $attempt:tt [$run:ident $($l:tt)*] [[] $h:tt] [[] $($r:tt)*] } $as:tt $list:ident $body:expr) => {
        $crate::Call::$run(
            $crate::__call!(blocking [$crate::__site!()] $as $binding $list $values),
            $crate::__op!([] $as $binding $list $attempt $body),
        )
    };
    (@run [] blocking { $k:tt $values:tt [$($predicates:tt)*] $binding:tt $attempt:tt $l:tt [[] $h:tt] [[] $($r:tt)*] } $as:tt $list:ident $body:expr) => {{
        let call = $crate::__call!(blocking [$crate::__site!()] $as $binding $list $values);
        let op = $crate::__kind!([] run $crate::__op!([] $as $binding $list $attempt $body));
        $crate::Call::run(call.of(&op)$($predicates)*, op)
    }};
    // Constants need no place in the future: it makes the call anew where it needs it.
    (@run $kind:tt future { $k:tt [$(.$name:ident(($($value:tt)*)))*] [] [] $attempt:tt [run_once []] [[] $h:tt] [[] $($r:tt)*] } $as:tt $list:ident $body:expr) => {{
        let call = || $crate::__call!(future [$crate::__site!()] $as [] $list [$(.$name($($value)*))*]);
        let op = $crate::__private::async_once($crate::__op!($kind $as [] $list $attempt $body));
        $crate::__expand!(@drive $kind run_once @each call(), op)
    }};
    (@run $kind:tt future { $k:tt [$(.$name:ident(($($value:tt)*)))*] [] [] $attempt:tt [run []] [[] $h:tt] [[] $($r:tt)*] } $as:tt $list:ident $body:expr) => {{
        let call = || $crate::__call!(future [$crate::__site!()] $as [] $list [$(.$name($($value)*))*]);
        let mut op = $crate::__op!($kind $as [] $list $attempt $body);
        $crate::__expand!(@drive $kind run @each call().of_async(&op), op)
    }};
    (@run $kind:tt future { $k:tt $values:tt [$($predicates:tt)*] $binding:tt $attempt:tt [$run:ident [$($limited:tt)*]] [[] $h:tt] [[] $($r:tt)*] } $as:tt $list:ident $body:expr) => {{
        let call = $crate::__call!(future [$crate::__site!()] $as $binding $list $values);
        let mut op = $crate::__kind!($kind $run $crate::__op!($kind $as $binding $list $attempt $body));
        let call = $crate::__of_async!($run call, op)$($predicates)*;
        $crate::__expand!(@drive $kind $run $($limited)* call, op)
    }};
    (@drive [async] $($drive:tt)*) => { $crate::__drive!($($drive)*) };
    (@drive [async move] $($drive:tt)*) => { async move { $crate::__drive!($($drive)*) } };
    // Layers around it, which share its name, its clock and its limits.
    (@run $kind:tt $mode:ident { $k:tt $values:tt $predicates:tt $binding:tt $attempt:tt [$run:ident $($l:tt)*] [$cache:tt $h:tt] [$rate:tt $($r:tt)*] } $as:tt $list:ident $body:expr) => {{
        let site = $crate::__site!();
        let (context, call) = $crate::Call::split($crate::__call!($mode [site] $as $binding $list $values));
        let cached = $crate::__cached!(site $cache $h $k $binding $list);
        let rated = $crate::__rated!(site cached $cache $rate $($r)* $k $binding $list);
        let op = $crate::__kind!($kind $run $crate::__op!($kind $as $binding $list $attempt $body));
        $crate::__through!($kind $cache $rate [$predicates [$run $($l)*] context call cached rated op])
    }};
}

/// The cache of the call, with its key.
#[doc(hidden)]
#[macro_export]
macro_rules! __cached {
    ($site:ident [] $($none:tt)*) => { () };
    ($site:ident [on $($met:tt)*] [$($h:tt)*] [$w:tt [by $($part:tt)*] [$($capacity:tt)*]] $($list:tt)*) => {
        $crate::__private::Cached::new($crate::__private::Site::slots($site), "opero")$($h)*$(.capacity($capacity))*
            .key($crate::__key!([$($part)*] $($list)*))
    };
    ($site:ident [on $($met:tt)*] [$($h:tt)*] [$w:tt [in $slots:ident $($part:tt)*] [$($capacity:tt)*]] $($list:tt)*) => {
        $crate::__private::Cached::new($slots, "opero")$($h)*$(.capacity($capacity))*
            .key($crate::__key!([$($part)*] $($list)*))
    };
}

/// The rate of the call, with what shares it.
#[doc(hidden)]
#[macro_export]
macro_rules! __rated {
    ($site:ident $cached:ident $cache:tt [] $($none:tt)*) => { () };
    ($site:ident $cached:ident $cache:tt [on $($met:tt)*] [$($r:tt)*] [] $($key:tt)*) => {
        $crate::__private::Rated::new($crate::__private::Site::limiter($site))$($r)*
    };
    ($site:ident $cached:ident $cache:tt [on $($met:tt)*] [$($r:tt)*] [global] $($key:tt)*) => {
        $crate::__private::Rated::new($crate::__private::Global)$($r)*
    };
    // The cache has the key already.
    ($site:ident $cached:ident [on $($met:tt)*] [on $($also:tt)*] [$($r:tt)*] [per_args] $($key:tt)*) => {
        $crate::__private::Rated::new(
            $crate::__private::PerArgs::of($crate::__private::Site::limiters($site), &$cached)
        )$($r)*
    };
    ($site:ident $cached:ident [] [on $($met:tt)*] [$($r:tt)*] [per_args] [$w:tt [$from:ident $($part:tt)*] [$($capacity:tt)*]] $($list:tt)*) => {
        $crate::__private::Rated::new(
            $crate::__private::PerArgs::new($crate::__private::Site::limiters($site))$(.capacity($capacity))*
                .key($crate::__keyed_by!($from [$($part)*] $($list)*))
        )$($r)*
    };
}

/// What a callable keeps its entries in is of no use to a rate.
#[doc(hidden)]
#[macro_export]
macro_rules! __keyed_by {
    (by $($key:tt)*) => { $crate::__key!($($key)*) };
    (in [$slots:ident $($part:tt)*] $($list:tt)*) => {{
        let _ = $slots;
        $crate::__key!([$($part)*] $($list)*)
    }};
}

/// The call behind its layers, from the outside in: cache, rate. A hit makes nothing of what is further in.
#[doc(hidden)]
#[macro_export]
macro_rules! __through {
    ([] [] $rate:tt [[$($predicates:tt)*] [$run:ident $($l:tt)*] $context:ident $call:ident $cached:ident $rated:ident $op:ident]) => {{
        let call = $call.of(&$op)$($predicates)*;
        $crate::__through!(@rated $run $rate $context call $rated $op)
    }};
    ([] [on $($met:tt)*] $rate:tt [[$($predicates:tt)*] [$run:ident $($l:tt)*] $context:ident $call:ident $cached:ident $rated:ident $op:ident]) => {{
        let cached = $cached.of(&$op);
        match $crate::__private::Cached::look(&cached, &$context) {
            $crate::__private::Some(value) => $crate::__private::Ok(value),
            _ => {
                let call = $call.of(&$op)$($predicates)*;
                $crate::__private::Cached::run(
                    cached,
                    &$context,
                    || $crate::__through!(@rated $run $rate $context call $rated $op),
                )
            }
        }
    }};
    (@rated $run:ident [] $context:ident $call:ident $rated:ident $op:ident) => {
        $crate::Call::$run($call.within(&$context, $crate::__private::None), $op)
    };
    (@rated $run:ident [on $($met:tt)*] $context:ident $call:ident $rated:ident $op:ident) => {
        $crate::__private::Rated::run($rated, &$context, |now| $crate::Call::$run($call.within(&$context, now), $op))
    };

    ([async] $cache:tt $rate:tt [[$($predicates:tt)*] [$run:ident $($l:tt)*] $context:ident $call:ident $cached:ident $rated:ident $op:ident]) => {{
        let mut op = $op;
        let cached = $crate::__through!(@of $cache $cached op);
        let call = $crate::__of_async!($run $call, op)$($predicates)*;
        $crate::__through!(@future $cache $rate [[$run $($l)*] $context call cached $rated op])
    }};
    ([async move] $cache:tt $rate:tt [[$($predicates:tt)*] [$run:ident $($l:tt)*] $context:ident $call:ident $cached:ident $rated:ident $op:ident]) => {{
        let mut op = $op;
        let cached = $crate::__through!(@of $cache $cached op);
        let call = $crate::__of_async!($run $call, op)$($predicates)*;
        async move { $crate::__through!(@future $cache $rate [[$run $($l)*] $context call cached $rated op]) }
    }};
    (@of [] $cached:ident $op:ident) => { $cached };
    (@of [on $($met:tt)*] $cached:ident $op:ident) => { $cached.of(&$op) };
    (@future [] $rate:tt [$l:tt $context:ident $call:ident $cached:ident $rated:ident $op:ident]) => {
        $crate::__through!(@future_rated $rate $l $context $call $rated $op)
    };
    (@future [on $($met:tt)*] $rate:tt [$l:tt $context:ident $call:ident $cached:ident $rated:ident $op:ident]) => {
        match $crate::__private::Cached::look_at_once(&$cached, &$context) {
            $crate::__private::Some(value) => $crate::__private::Ok(value),
            _ => match $crate::__private::Cached::enter($cached, &$context).await {
                $crate::__private::Err(error) => $crate::__private::Err(error),
                $crate::__private::Ok($crate::__private::Entered::Answered(value)) => $crate::__private::Ok(value),
                $crate::__private::Ok($crate::__private::Entered::Runner(landing)) => {
                    match $crate::__through!(@future_rated $rate $l $context $call $rated $op) {
                        $crate::__private::Err(error) => $crate::__private::Err(error),
                        $crate::__private::Ok(value) => {
                            $crate::__private::Ok($crate::__private::Landing::land(landing, value, &$context).await)
                        }
                    }
                }
            },
        }
    };
    (@future_rated [] [$run:ident [$($limited:tt)*]] $context:ident $call:ident $rated:ident $op:ident) => {
        $crate::__drive!($run $($limited)* $call.within(&$context, $crate::__private::None), $op)
    };
    (@future_rated [on $($met:tt)*] [$run:ident [$($limited:tt)*]] $context:ident $call:ident $rated:ident $op:ident) => {
        match $crate::__private::Rated::pass_async(&$rated, &$context).await {
            $crate::__private::Err(error) => $crate::__private::Err(error),
            $crate::__private::Ok(now) => $crate::__drive!($run $($limited)* $call.within(&$context, now), $op),
        }
    };
}

/// The call, which learns the type of the error from an async body: from one that may run again, or from one that runs once.
#[doc(hidden)]
#[macro_export]
macro_rules! __of_async {
    (run $call:ident, $op:ident) => {
        $call.of_async(&$op)
    };
    (run_once $call:ident, $op:ident) => {
        $call.of_async_once(&$op)
    };
}

/// How often a closure may run is told where it stands. Else rustc takes one that runs once for one that may run again, out
/// of which no borrow of what it captures mutably can be given, and complains of the whole use where a body that may run
/// again consumes what it captures.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind {
    ([] run $op:expr) => {
        $crate::__private::repeated($op)
    };
    ($kind:tt run $op:expr) => {
        $op
    };
    ([] run_once $op:expr) => {
        $crate::__private::once($op)
    };
    ($kind:tt run_once $op:expr) => {
        $crate::__private::async_once($op)
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
        static SITE: $crate::__private::Site = $crate::__private::Site::NEW;
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
    ($mode:ident [$site:expr] $as:tt [$binding:ident] $list:ident [$($values:tt)*]) => {
        $crate::__private::$mode($crate::__name!($as), $site)
            .fallback($crate::__private::stringify!($binding), $crate::__private::Iterator::count($list.iter()))
            $($values)*
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
