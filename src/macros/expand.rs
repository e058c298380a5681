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

    // Options that wait for a list, and there is none.
    (@list $how:ident $kind:tt $mode:ident { $n:tt [$($c:tt)*] $v:tt $p:tt [$([$($lonely:tt)*])+] $a:tt } $($rest:tt)*) => {
        $crate::__check! { $n [$($c)* $([$($lonely)*])+] }
    };
    (@list $how:ident $kind:tt $mode:ident { $n:tt $c:tt $v:tt $p:tt [] $a:tt } $as:tt $body:expr) => {
        $crate::__check! { $n $c $crate::__expand!(@run $kind $mode { $v $p [] $a } $as list $body) }
    };
    // Where the list is borrowed, a `match` keeps what its expression borrows from; an owned list is moved into the body.
    (@list match $kind:tt $mode:ident { $n:tt $c:tt $v:tt $p:tt [$binding:ident $list:expr] $a:tt } $as:tt $body:expr) => {
        $crate::__check! { $n $c match $list {
            list => $crate::__expand!(@run $kind $mode { $v $p [$binding] $a } $as list $body),
        } }
    };
    (@list let $kind:tt $mode:ident { $n:tt $c:tt $v:tt $p:tt [$binding:ident $list:expr] $a:tt } $as:tt $body:expr) => {
        $crate::__check! { $n $c {
            let list = $list;
            $crate::__expand!(@run $kind $mode { $v $p [$binding] $a } $as list $body)
        } }
    };

    (@run [] blocking { $values:tt [] $binding:tt $attempt:tt } $as:tt $list:ident $body:expr) => {
        $crate::Call::run(
            $crate::__call!(blocking $as $binding $list $values),
            $crate::__op!([] $as $binding $list $attempt $body),
        )
    };
    (@run [] blocking { $values:tt [$($predicates:tt)*] $binding:tt $attempt:tt } $as:tt $list:ident $body:expr) => {{
        let call = $crate::__call!(blocking $as $binding $list $values);
        let op = $crate::__op!([] $as $binding $list $attempt $body);
        $crate::Call::run(call.of(&op)$($predicates)*, op)
    }};
    (@run [async] future { $values:tt [$($predicates:tt)*] $binding:tt $attempt:tt } $as:tt $list:ident $body:expr) => {{
        let call = $crate::__call!(future $as $binding $list $values);
        let mut op = $crate::__op!([async] $as $binding $list $attempt $body);
        let call = call.of_async(&op)$($predicates)*;
        $crate::__drive!(call, op)
    }};
    (@run [async move] future { $values:tt [$($predicates:tt)*] $binding:tt $attempt:tt } $as:tt $list:ident $body:expr) => {{
        let call = $crate::__call!(future $as $binding $list $values);
        let mut op = $crate::__op!([async move] $as $binding $list $attempt $body);
        let call = call.of_async(&op)$($predicates)*;
        async move { $crate::__drive!(call, op) }
    }};
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

/// The call with its values. The list of candidates, if any, is in the variable `$list`.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    ($mode:ident $as:tt [] $list:ident [$($values:tt)*]) => {
        $crate::__private::$mode($crate::__name!($as), {
            static PACE: $crate::__private::Pace = $crate::__private::pace();
            &PACE
        })$($values)*
    };
    ($mode:ident $as:tt [$binding:ident] $list:ident [$($values:tt)*]) => {
        $crate::__call!($mode $as [] $list [
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
