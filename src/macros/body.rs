//! Second stage: the shape of the body.

/// Tells the shapes of a body apart.
#[doc(hidden)]
#[macro_export]
macro_rules! __body {
    // A cache and nothing but literals: the usual calls of a function by its name.
    ({ lean $b:ident $n:tt $w:tt once [] [$($h:tt)+] $t:tt } $f:ident ($a0:expr $(,)?)) => {
        $crate::__lean! { blocking [__a $a0,] $b $n $w once [] [$($h)+] $t (const { $f })(__a) }
    };
    ({ lean $b:ident $n:tt $w:tt once [] [$($h:tt)+] $t:tt } $f:ident ($a0:expr, $a1:expr $(,)?)) => {
        $crate::__lean! { blocking [__a $a0, __b $a1,] $b $n $w once [] [$($h)+] $t (const { $f })(__a, __b) }
    };
    ({ lean $b:ident $n:tt $w:tt again $l:tt [$($h:tt)+] $t:tt } $f:ident ($($arg:ident),* $(,)?)) => {
        $crate::__lean! { blocking [] [$($arg)*] $b $n $w again $l [$($h)+] $t (const { $f })($($arg),*) }
    };
    ({ lean $b:ident $n:tt $w:tt once [] [$($h:tt)+] $t:tt } async { $f:ident ($a0:expr $(,)?).await }) => {
        $crate::__lean! { future [__a $a0,] $b $n $w once [] [$($h)+] $t { (const { $f })(__a).await } }
    };
    ({ lean $b:ident $n:tt $w:tt once [] [$($h:tt)+] $t:tt } async { $f:ident ($a0:expr, $a1:expr $(,)?).await }) => {
        $crate::__lean! {
            future [__a $a0, __b $a1,] $b $n $w once [] [$($h)+] $t { (const { $f })(__a, __b).await }
        }
    };
    ({ lean $b:ident $n:tt $w:tt again $l:tt [$($h:tt)+] $t:tt } async { $f:ident ($($arg:ident),* $(,)?).await }) => {
        $crate::__lean! { future [] [$($arg)*] $b $n $w again $l [$($h)+] $t { (const { $f })($($arg),*).await } }
    };
    // Any other body of theirs.
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [$($h:tt)+] $t:tt } $($body:tt)+) => {
        $crate::__full! { [] [__body] [$($body)+] $b $n $w $r $l [$($h)+] $t }
    };
    // An async block, whole. Where a cache needs to know what the result depends on, its key comes first.
    ({ key [on $why:ident $($met:tt)*] [] $($s:tt)* } async { $($call:tt)* }) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [async] [] $($call)* }
    };
    ({ key [on $why:ident $($met:tt)*] [] $($s:tt)* } async move { $($call:tt)* }) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [async move] [] $($call)* }
    };
    ($state:tt async $body:block) => { $crate::__expand! { @future [] [] $state () $body } };
    ($state:tt async move $body:block) => { $crate::__expand! { @move_future [] [] $state () $body } };
    // A callable: its arguments end at the next `|`.
    ($state:tt | $($rest:tt)+) => { $crate::__args! { $state blocking [] [] $($rest)+ } };
    ($state:tt || $($rest:tt)+) => { $crate::__args! { $state blocking [] [] | $($rest)+ } };
    ($state:tt move | $($rest:tt)+) => { $crate::__args! { $state blocking [move] [] $($rest)+ } };
    ($state:tt move || $($rest:tt)+) => { $crate::__args! { $state blocking [move] [] | $($rest)+ } };
    ($state:tt async | $($rest:tt)+) => { $crate::__args! { $state async_fn [async] [] $($rest)+ } };
    ($state:tt async || $($rest:tt)+) => { $crate::__args! { $state async_fn [async] [] | $($rest)+ } };
    ($state:tt async move | $($rest:tt)+) => { $crate::__args! { $state async_fn [async move] [] $($rest)+ } };
    ($state:tt async move || $($rest:tt)+) => { $crate::__args! { $state async_fn [async move] [] | $($rest)+ } };
    // A function item.
    ($state:tt $(#[$meta:meta])* $vis:vis fn $name:ident $($rest:tt)*) => {
        $crate::__function! { $state blocking [$(#[$meta])* $vis fn] $name [] $($rest)* }
    };
    ($state:tt $(#[$meta:meta])* $vis:vis async fn $name:ident $($rest:tt)*) => {
        $crate::__function! { $state async_fn [$(#[$meta])* $vis async fn] $name [] $($rest)* }
    };
    // A body that runs in a child: what the parent does in its place, and the body itself, which says the key.
    ({ key [on $why:ident $($met:tt)*] [] $($s:tt)* } @child $remote:tt $($call:tt)+) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [child blocking $remote] [] $($call)+ }
    };
    ($state:tt @child $remote:tt $($call:tt)+) => { $crate::__expand! { @blocking [] [] $state () $remote } };
    ({ key [on $why:ident $($met:tt)*] [] $($s:tt)* } @child_future $remote:tt { $($call:tt)* }) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [child future $remote] [] $($call)* }
    };
    ($state:tt @child_future $remote:tt $body:tt) => { $crate::__expand! { @future [] [] $state () $remote } };
    // Any other expression.
    ({ key [on $why:ident $($met:tt)*] [] $($s:tt)* } $($call:tt)+) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [] [] $($call)+ }
    };
    ($state:tt $body:expr) => { $crate::__expand! { @blocking [] [] $state () $body } };
    ($state:tt $($other:tt)*) => {
        $crate::__private::compile_error! {
            "the body is one expression, callable or function: put braces around more than one statement"
        }
    };
}

/// Collects the arguments of a callable.
#[doc(hidden)]
#[macro_export]
macro_rules! __args {
    ({ key [on $why:ident $($met:tt)*] [] $($s:tt)* } $mode:ident $kind:tt [] $($rest:tt)*) => {
        $crate::__own! { { { key [on $why $($met)*] [] $($s)* } $mode $kind [] [] [] [] } $($rest)* }
    };
    ($state:tt $mode:ident [$($kind:tt)*] [$($args:tt)*] | -> $output:ty $body:block) => {
        $($kind)* |$($args)*| $crate::__expand! { @$mode [] [] $state (-> $output) $body }
    };
    ($state:tt $mode:ident [$($kind:tt)*] [$($args:tt)*] | $body:expr) => {
        $($kind)* |$($args)*| $crate::__expand! { @$mode [] [] $state () $body }
    };
    ($state:tt $mode:ident $kind:tt [$($args:tt)*] $name:ident: $type:ty, $($rest:tt)*) => {
        $crate::__args! { $state $mode $kind [$($args)* $name: $type,] $($rest)* }
    };
    ($state:tt $mode:ident $kind:tt [$($args:tt)*] $name:ident: $type:ty | $($rest:tt)*) => {
        $crate::__args! { $state $mode $kind [$($args)* $name: $type] | $($rest)* }
    };
    ($state:tt $mode:ident $kind:tt [$($args:tt)*] $arg:tt $($rest:tt)*) => {
        $crate::__args! { $state $mode $kind [$($args)* $arg] $($rest)* }
    };
    ($state:tt $mode:ident $kind:tt [$($args:tt)*]) => {
        $crate::__private::compile_error! { "the callable has no body: write `|args| expression`" }
    };
}

/// Takes a function item apart: generics, arguments, result, `where` clause, block.
#[doc(hidden)]
#[macro_export]
macro_rules! __function {
    // The clause ends at the last token, the block. Four tokens at a time keep a long one below the recursion limit.
    (@where $state:tt $mode:ident $head:tt $name:ident $generics:tt $args:tt $output:tt $clause:tt $body:block) => {
        $crate::__function! { @emit $state $mode $head $name $generics $args $output $clause $body }
    };
    (@where $state:tt $mode:ident $head:tt $name:ident $generics:tt $args:tt $output:tt [$($clause:tt)*]
        $a:tt $b:tt $c:tt $d:tt $($rest:tt)+) => {
        $crate::__function! { @where $state $mode $head $name $generics $args $output [$($clause)* $a $b $c $d] $($rest)+ }
    };
    (@where $state:tt $mode:ident $head:tt $name:ident $generics:tt $args:tt $output:tt [$($clause:tt)*]
        $token:tt $($rest:tt)*) => {
        $crate::__function! { @where $state $mode $head $name $generics $args $output [$($clause)* $token] $($rest)* }
    };

    // What cannot fail gives what its block gives.
    (@emit { key $k:tt $p:tt $c:tt hashed $x:ident told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident chooses [infallible $only:ident] }
        $mode:ident [$($head:tt)*] $name:ident [$($generics:tt)*] $args:tt [$output:ty] [$($clause:tt)*] $body:block) => {
        $($head)* $name $($generics)* $args -> $output $($clause)* {
            $crate::__named! {
                {
                    key $k $p $c hashed $x told $n $e plan $b $w calls $v judge $j list $l
                    attempt $a runs $r cache $h $hw $hc rate $t $tw $tc $scope chooses [infallible $only]
                }
                $args @$mode (-> $output, $crate::__private::stringify!($name)) $body
            }
        }
    };
    (@emit $state:tt $mode:ident [$($head:tt)*] $name:ident [$($generics:tt)*] $args:tt [$output:ty] [$($clause:tt)*] $body:block) => {
        $($head)* $name $($generics)* $args -> $output $($clause)* {
            $crate::__private::decorated::<$output, _>(
                $crate::__named!($state $args @$mode (-> $output, $crate::__private::stringify!($name)) $body)
            )
        }
    };

    // No generics, or all of them taken.
    ($state:tt $mode:ident $head:tt $name:ident [$($generics:tt)*] ($($args:tt)*) -> $output:ty $body:block) => {
        $crate::__function! { @emit $state $mode $head $name [$($generics)*] ($($args)*) [$output] [] $body }
    };
    ($state:tt $mode:ident $head:tt $name:ident [$($generics:tt)*] ($($args:tt)*) -> $output:ty where $($rest:tt)*) => {
        $crate::__function! { @where $state $mode $head $name [$($generics)*] ($($args)*) [$output] [where] $($rest)* }
    };
    ({ key $k:tt $p:tt $c:tt hashed $x:ident told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident chooses [infallible $only:ident] }
        $mode:ident $head:tt $name:ident [] ($($args:tt)*) $($rest:tt)*) => {
        $crate::__private::compile_error! {
            $crate::__private::concat!(
                "the function `", $crate::__private::stringify!($name), "` must return a value, which is what is kept"
            )
        }
    };
    ($state:tt $mode:ident $head:tt $name:ident [] ($($args:tt)*) $($rest:tt)*) => {
        $crate::__private::compile_error! {
            $crate::__private::concat!(
                "the function `", $crate::__private::stringify!($name), "` must return `Result<T, opero::Error<E>>`"
            )
        }
    };
    // The generics end at the bracket that a group of arguments follows.
    ($state:tt $mode:ident $head:tt $name:ident [$($generics:tt)*] > ($($args:tt)*) -> $($rest:tt)*) => {
        $crate::__function! { $state $mode $head $name [$($generics)* >] ($($args)*) -> $($rest)* }
    };
    ($state:tt $mode:ident $head:tt $name:ident [$($generics:tt)*] >> ($($args:tt)*) -> $($rest:tt)*) => {
        $crate::__function! { $state $mode $head $name [$($generics)* >>] ($($args)*) -> $($rest)* }
    };
    ($state:tt $mode:ident $head:tt $name:ident [$($generics:tt)*] $token:tt $($rest:tt)*) => {
        $crate::__function! { $state $mode $head $name [$($generics)* $token] $($rest)* }
    };
    ($state:tt $mode:ident $head:tt $name:ident $generics:tt) => {
        $crate::__private::compile_error! {
            $crate::__private::concat!(
                "the function `", $crate::__private::stringify!($name),
                "` must be written `fn name(args) -> Result<T, opero::Error<E>> { … }`"
            )
        }
    };
}
