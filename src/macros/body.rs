//! The second stage: the shape of the body.

/// Tells the shapes of a body apart.
#[doc(hidden)]
#[macro_export]
macro_rules! __body {
    // A cache, only literals, and the usual call: a function by its name.
    ({ lean $b:ident $n:tt $w:tt once [] [$($h:tt)+] $t:tt } $first:tt $f:ident ($a0:expr $(,)?)) => {
        $crate::__lean! {
            blocking [__a $a0,] $b $n $w once [] [$($h)+] $t $crate::bounds::IsCachedResult::opero_result((const { $f })(__a))
        }
    };
    ({ lean $b:ident $n:tt $w:tt once [] [$($h:tt)+] $t:tt } $first:tt $f:ident ($a0:expr, $a1:expr $(,)?)) => {
        $crate::__lean! {
            blocking [__a $a0, __b $a1,] $b $n $w once [] [$($h)+] $t
            $crate::bounds::IsCachedResult::opero_result((const { $f })(__a, __b))
        }
    };
    ({ lean $b:ident $n:tt $w:tt again $l:tt [$($h:tt)+] $t:tt } $first:tt $f:ident ($($arg:ident),* $(,)?)) => {
        $crate::__lean! {
            blocking [] [$($arg)*] $b $n $w again $l [$($h)+] $t
            $crate::bounds::IsCachedResult::opero_result((const { $f })($($arg),*))
        }
    };
    ({ lean $b:ident $n:tt $w:tt once [] [$($h:tt)+] $t:tt } $first:tt async { $f:ident ($a0:expr $(,)?).await }) => {
        $crate::__lean! {
            (future $first) [__a $a0,] $b $n $w once [] [$($h)+] $t
            { $crate::bounds::IsCachedResult::opero_result((const { $f })(__a).await) }
        }
    };
    ({ lean $b:ident $n:tt $w:tt once [] [$($h:tt)+] $t:tt } $first:tt async { $f:ident ($a0:expr, $a1:expr $(,)?).await }) => {
        $crate::__lean! {
            (future $first) [__a $a0, __b $a1,] $b $n $w once [] [$($h)+] $t
            { $crate::bounds::IsCachedResult::opero_result((const { $f })(__a, __b).await) }
        }
    };
    ({ lean $b:ident $n:tt $w:tt again $l:tt [$($h:tt)+] $t:tt } $first:tt async { $f:ident ($($arg:ident),* $(,)?).await }) => {
        $crate::__lean! {
            (future $first) [] [$($arg)*] $b $n $w again $l [$($h)+] $t
            { $crate::bounds::IsCachedResult::opero_result((const { $f })($($arg),*).await) }
        }
    };
    // Any other body with a cache and only literals.
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [$($h:tt)+] $t:tt } $first:tt $($body:tt)+) => {
        $crate::__full! { [] [__body] [$first $($body)+] $b $n $w $r $l [$($h)+] $t }
    };
    // A whole async block. If a cache needs a key, the key is found first.
    ({ key [on $why:tt $($met:tt)*] [] $($s:tt)* } $first:tt async { $($call:tt)* }) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [async ($first)] [] $($call)* }
    };
    ({ key [on $why:tt $($met:tt)*] [] $($s:tt)* } $first:tt async move { $($call:tt)* }) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [async move] [] $($call)* }
    };
    ($state:tt $first:tt async $body:block) => { $crate::__expand! { @(future $first) [] [] $state () $body } };
    ($state:tt $first:tt async move $body:block) => { $crate::__expand! { @move_future [] [] $state () $body } };
    // The type of a plain call is known, so a trait can report that it is not a `Result`. Other expressions, such as `Ok(…)`, may
    // need the expected type to infer theirs.
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt Ok $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t Ok $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt Err $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t Err $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt unsafe $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t unsafe $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt loop $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t loop $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt return $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t return $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt $value:tt . collect $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $value . collect $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt $value:tt . into $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $value . into $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt $value:tt . sum $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $value . sum $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt $value:tt . product $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $value . product $args }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt $f:ident $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $crate::bounds::IsResult::opero_result($f $args) }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt $value:tt . $f:ident $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $crate::bounds::IsResult::opero_result($value . $f $args) }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt $path:tt :: $f:ident $args:tt) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $crate::bounds::IsResult::opero_result($path :: $f $args) }
    };
    ({ lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } $first:tt $value:literal) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $crate::bounds::IsResult::opero_result($value) }
    };
    // A callable: its arguments end at the next `|`. Its bars come from the user, so rustc proposes `move` there.
    ($state:tt $first:tt | $($rest:tt)+) => { $crate::__args! { $state blocking [] [$first] [$first] [] $($rest)+ } };
    ($state:tt $first:tt || $($rest:tt)+) => { $crate::__args! { $state blocking [] [$first] [] [] | $($rest)+ } };
    ($state:tt $first:tt move | $($rest:tt)+) => { $crate::__args! { $state blocking [move] [|] [|] [] $($rest)+ } };
    ($state:tt $first:tt move || $($rest:tt)+) => { $crate::__args! { $state blocking [move] [||] [] [] | $($rest)+ } };
    ($state:tt $first:tt async | $($rest:tt)+) => { $crate::__args! { $state async_fn [$first] [|] [|] [] $($rest)+ } };
    ($state:tt $first:tt async || $($rest:tt)+) => { $crate::__args! { $state async_fn [$first] [||] [] [] | $($rest)+ } };
    ($state:tt $first:tt async move | $($rest:tt)+) => { $crate::__args! { $state async_fn [async move] [|] [|] [] $($rest)+ } };
    ($state:tt $first:tt async move || $($rest:tt)+) => { $crate::__args! { $state async_fn [async move] [||] [] [] | $($rest)+ } };
    // A function item.
    ($state:tt $first:tt $(#[$meta:meta])* $vis:vis fn $name:tt $($rest:tt)*) => {
        $crate::__function! { $state blocking [$(#[$meta])* $vis fn] $name [] $($rest)* }
    };
    ($state:tt $first:tt $(#[$meta:meta])* $vis:vis async fn $name:tt $($rest:tt)*) => {
        $crate::__function! { $state async_fn [$(#[$meta])* $vis async fn] $name [] $($rest)* }
    };
    ($state:tt $first:tt $(#[$meta:meta])* $vis:vis $(async)? unsafe $(extern $($abi:literal)?)? fn $name:tt $($rest:tt)*) => {
        $crate::__function! { {not UnsafeFn} blocking [$(#[$meta])* $vis fn] $name [] $($rest)* }
    };
    ($state:tt $first:tt $(#[$meta:meta])* $vis:vis extern $($abi:literal)? fn $name:tt $($rest:tt)*) => {
        $crate::__function! { {not ExternFn} blocking [$(#[$meta])* $vis fn] $name [] $($rest)* }
    };
    ($state:tt $first:tt $(#[$meta:meta])* $vis:vis const $(unsafe)? fn $name:tt $($rest:tt)*) => {
        $crate::__function! { {not ConstFn} blocking [$(#[$meta])* $vis fn] $name [] $($rest)* }
    };
    // A body that awaits but is not async.
    ($state:tt $first:tt $f:tt ($($args:tt)*) . await $($rest:tt)*) => { $crate::__complain! { NotAsync $f } };
    ($state:tt $first:tt $a:tt . $f:tt ($($args:tt)*) . await $($rest:tt)*) => { $crate::__complain! { NotAsync $f } };
    ($state:tt $first:tt $a:tt :: $f:tt ($($args:tt)*) . await $($rest:tt)*) => { $crate::__complain! { NotAsync $f } };
    // A body that runs in a child: what the parent does instead, and the body itself, for the key.
    ({ key [on $why:tt $($met:tt)*] [] $($s:tt)* } $first:tt @child $remote:tt $($call:tt)+) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [child blocking $remote] [] $($call)+ }
    };
    ($state:tt $first:tt @child $remote:tt $($call:tt)+) => { $crate::__expand! { @blocking [] [] $state () $remote } };
    ({ key [on $why:tt $($met:tt)*] [] $($s:tt)* } $first:tt @child_future $remote:tt { $($call:tt)* }) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [child (future async) $remote] [] $($call)* }
    };
    ($state:tt $first:tt @child_future $remote:tt $body:tt) => { $crate::__expand! { @(future async) [] [] $state () $remote } };
    // Any other expression.
    ({ key [on $why:tt $($met:tt)*] [] $($s:tt)* } $first:tt $($call:tt)+) => {
        $crate::__plain! { { key [on $why $($met)*] [] $($s)* } [] [] $($call)+ }
    };
    ($state:tt $first:tt $body:expr) => { $crate::__expand! { @blocking [] [] $state () $body } };
    ($state:tt $first:tt $($other:tt)*) => {
        $crate::__private::compile_error! {
            "the body must be one expression, callable or function: put braces around several statements"
        }
    };
}

/// Collects the arguments of a callable.
#[doc(hidden)]
#[macro_export]
macro_rules! __args {
    ({ key [on $why:tt $($met:tt)*] [] $($s:tt)* } $mode:ident $kind:tt $open:tt $close:tt [] $($rest:tt)*) => {
        $crate::__own! { { { key [on $why $($met)*] [] $($s)* } $mode $kind [] [] [] [] } $($rest)* }
    };
    ($state:tt $mode:ident [$($kind:tt)*] [$($open:tt)*] [$($close:tt)*] [$($args:tt)*] | -> $output:ty $body:block) => {
        $($kind)* $($open)* $($args)* $($close)* $crate::__expand! { @$mode [] [] $state (-> $output) $body }
    };
    ($state:tt $mode:ident [$($kind:tt)*] [$($open:tt)*] [$($close:tt)*] [$($args:tt)*] | $body:expr) => {
        $($kind)* $($open)* $($args)* $($close)* $crate::__expand! { @$mode [] [] $state () $body }
    };
    ($state:tt $mode:ident $kind:tt $open:tt $close:tt [$($args:tt)*] $name:ident: $type:ty, $($rest:tt)*) => {
        $crate::__args! { $state $mode $kind $open $close [$($args)* $name: $type,] $($rest)* }
    };
    ($state:tt $mode:ident $kind:tt $open:tt $close:tt [$($args:tt)*] $name:ident: $type:ty | $($rest:tt)*) => {
        $crate::__args! { $state $mode $kind $open $close [$($args)* $name: $type] | $($rest)* }
    };
    ($state:tt $mode:ident $kind:tt $open:tt $close:tt [$($args:tt)*] $arg:tt $($rest:tt)*) => {
        $crate::__args! { $state $mode $kind $open $close [$($args)* $arg] $($rest)* }
    };
    ($state:tt $mode:ident $kind:tt $open:tt $close:tt [$($args:tt)*]) => {
        $crate::__private::compile_error! { "the callable has no body: write `|args| expression`" }
    };
}

/// Takes a function item apart: generics, arguments, result, `where` clause, block.
#[doc(hidden)]
#[macro_export]
macro_rules! __function {
    // The clause ends at the last token, the block. Taking four tokens at a time keeps a long clause below the recursion limit.
    (@where $state:tt $mode:ident $head:tt $name:tt $generics:tt $args:tt $output:tt $clause:tt $body:block) => {
        $crate::__function! { @emit $state $mode $head $name $generics $args $output $clause $body }
    };
    (@where $state:tt $mode:ident $head:tt $name:tt $generics:tt $args:tt $output:tt [$($clause:tt)*]
        $a:tt $b:tt $c:tt $d:tt $($rest:tt)+) => {
        $crate::__function! { @where $state $mode $head $name $generics $args $output [$($clause)* $a $b $c $d] $($rest)+ }
    };
    (@where $state:tt $mode:ident $head:tt $name:tt $generics:tt $args:tt $output:tt [$($clause:tt)*]
        $token:tt $($rest:tt)*) => {
        $crate::__function! { @where $state $mode $head $name $generics $args $output [$($clause)* $token] $($rest)* }
    };

    // A function that cannot fail returns what its block gives.
    (@emit { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident chooses [infallible $only:tt] }
        $mode:ident [$($head:tt)*] $name:tt [$($generics:tt)*] $args:tt [$output:ty] [$($clause:tt)*] $body:block) => {
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
    // A function that cannot be decorated: the complaint becomes its block.
    (@emit {not $complaint:ident} $mode:ident [$($head:tt)*] $name:tt [$($generics:tt)*] $args:tt [$output:ty] [$($clause:tt)*] $body:block) => {
        $($head)* $name $($generics)* $args -> $output $($clause)* {
            $crate::__complain! { $complaint $name }
        }
    };
    (@emit $state:tt $mode:ident [$($head:tt)*] $name:tt [$($generics:tt)*] $args:tt [$output:ty] [$($clause:tt)*] $body:block) => {
        $($head)* $name $($generics)* $args -> $output $($clause)* {
            <$output as $crate::__private::FunctionResult<_>>::of(
                $crate::__named!($state $args @$mode (-> $output, $crate::__private::stringify!($name)) $body)
            )
        }
    };

    ({ key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache [on $($h:tt)*] $($s:tt)* } $mode:ident [$($head:tt)*] $name:tt [] ($($args:tt)*) -> Result < & $borrowed:ident $($rest:tt)*) => {
        $($head)* $name ($($args)*) {
            $crate::__complain! { Borrows $name }
        }
    };
    ({ key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache [on $($h:tt)*] $($s:tt)* } $mode:ident [$($head:tt)*] $name:tt [] ($($args:tt)*) -> & $borrowed:ident $($rest:tt)*) => {
        $($head)* $name ($($args)*) {
            $crate::__complain! { Borrows $name }
        }
    };
    ($state:tt $mode:ident [$($head:tt)*] $name:tt [] ($($args:tt)*) -> impl $($rest:tt)*) => {
        $($head)* $name ($($args)*) {
            $crate::__complain! { ReturnsImpl $name }
        }
    };
    // No generics, or all of them are taken.
    ($state:tt $mode:ident $head:tt $name:tt [$($generics:tt)*] ($($args:tt)*) -> $output:ty $body:block) => {
        $crate::__function! { @emit $state $mode $head $name [$($generics)*] ($($args)*) [$output] [] $body }
    };
    ($state:tt $mode:ident $head:tt $name:tt [$($generics:tt)*] ($($args:tt)*) -> $output:ty where $($rest:tt)*) => {
        $crate::__function! { @where $state $mode $head $name [$($generics)*] ($($args)*) [$output] [where] $($rest)* }
    };
    ($state:tt $mode:ident $head:tt $name:tt [] ($($args:tt)*) -> $output:ty ; $($rest:tt)*) => {
        $crate::__function! { @emit {not Blockless} $mode $head $name [] ($($args)*) [$output] [] {} }
    };
    ($state:tt $mode:ident $head:tt $name:tt [] ($($args:tt)*) -> $output:ty { $($body:tt)* } $($more:tt)+) => {
        $crate::__function! { @emit {not NotAlone} $mode $head $name [] ($($args)*) [$output] [] {} }
    };
    ({ key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident chooses [infallible $only:tt] }
        $mode:ident [$($head:tt)*] $name:tt [] ($($args:tt)*) $($rest:tt)*) => {
        $($head)* $name ($($args)*) {
            $crate::__complain! { KeepsNothing $name }
        }
    };
    ($state:tt $mode:ident [$($head:tt)*] $name:tt [] ($($args:tt)*) $($rest:tt)*) => {
        $($head)* $name ($($args)*) {
            $crate::__complain! { ReturnsNothing $name }
        }
    };
    // The generics end at the bracket before the arguments.
    ($state:tt $mode:ident $head:tt $name:tt [$($generics:tt)*] > ($($args:tt)*) -> $($rest:tt)*) => {
        $crate::__function! { $state $mode $head $name [$($generics)* >] ($($args)*) -> $($rest)* }
    };
    ($state:tt $mode:ident $head:tt $name:tt [$($generics:tt)*] >> ($($args:tt)*) -> $($rest:tt)*) => {
        $crate::__function! { $state $mode $head $name [$($generics)* >>] ($($args)*) -> $($rest)* }
    };
    ($state:tt $mode:ident $head:tt $name:tt [$($generics:tt)*] $token:tt $($rest:tt)*) => {
        $crate::__function! { $state $mode $head $name [$($generics)* $token] $($rest)* }
    };
    ($state:tt $mode:ident $head:tt $name:tt $generics:tt) => {
        $crate::__private::compile_error! {
            $crate::__private::concat!(
                "the function `", $crate::__private::stringify!($name),
                "` must be written `fn name(args) -> Result<T, opero::Error<E>> { … }`"
            )
        }
    };
}
