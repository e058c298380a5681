//! The last stage: the call.
//!
//! It is one static, one method and one body. If all values are literals, they are in the static, and the method is one of the
//! static. Otherwise the static creates a [`Call`](crate::Call), which gets the other values. An async body is in a loop, and each
//! pass gives it to the course of the call.

/// Writes the call in one of its modes: blocking; a future that borrows; a future that owns; inside an async function.
/// `$bound` has names and their values in the body, `$slots` the place of the entries of a callable.
#[doc(hidden)]
#[macro_export]
macro_rules! __expand {
    // Only literals.
    (@blocking [] [] { lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } () $body:expr) => {
        $crate::__lean! { blocking [] [] $b $n $w $r $l [] $t $body }
    };
    (@(future $async:tt) [] [] { lean $b:ident $n:tt $w:tt $r:ident $l:tt [] $t:tt } () $body:expr) => {
        $crate::__lean! { (future $async) [] [] $b $n $w $r $l [] $t $body }
    };
    (@$mode:tt $bound:tt $slots:tt { lean $($s:tt)* } $($rest:tt)*) => {
        $crate::__full! { [] [__expand @$mode $bound $slots] [$($rest)*] $($s)* }
    };
    // No complaints: options that need another one have it. With a cache, the result is checked.
    (@$mode:tt $bound:tt $slots:tt
        { key [$(on $($k:tt)*)?] $p:tt $c:tt hashed $x:tt told $n:tt [] plan $b:ident $w:tt calls $v:tt judge $j:tt
            list [$($binding:ident $list:tt $($l:tt)*)?] attempt $a:tt runs $r:ident
            cache [on $h:ident $($hm:tt)*] $hw:tt $hc:tt rate [$(on $t:ident $($tm:tt)*)?] $tw:tt $tc:tt $scope:ident
            chooses [$(on $o:tt)?] }
        $as:tt $body:expr) => {
        $crate::__list! {
            $mode $bound [$($binding $list)?]
            {
                $mode $slots [on] [$(on $t)? $($o)?] $r $a [$($binding)?] $v $j $hc $tc $c { $x $p } $n
                { $as $b $w [on $h] $hw [$(on $t)?] $tw $scope $c }
            }
            $as $crate::__kept!($r $as $body)
        }
    };
    (@$mode:tt $bound:tt $slots:tt
        { key [$(on $($k:tt)*)?] $p:tt $c:tt hashed $x:tt told $n:tt [] plan $b:ident $w:tt calls $v:tt judge $j:tt
            list [$($binding:ident $list:tt $($l:tt)*)?] attempt $a:tt runs $r:ident
            cache [] $hw:tt $hc:tt rate [$(on $t:ident $($tm:tt)*)?] $tw:tt $tc:tt $scope:ident
            chooses [$(on $o:tt)?] }
        $as:tt $body:expr) => {
        $crate::__list! {
            $mode $bound [$($binding $list)?]
            {
                $mode $slots [] [$(on $t)? $($o)?] $r $a [$($binding)?] $v $j $hc $tc $c { $x $p } $n
                { $as $b $w [] $hw [$(on $t)?] $tw $scope $c }
            }
            $as $body
        }
    };
    // `adaptive` chooses the numbers of the retry, so they are not allowed with it.
    (@$mode:tt $bound:tt $slots:tt
        { key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt
            list $l:tt attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident
            chooses [$name:tt] }
        $as:tt $body:expr) => {
        $crate::__chosen! {
            [$($n)*] [$($n)*] $e [@$mode $bound $slots] [key $k $p $c hashed $x told [$($n)*]]
            [plan $b $w calls $v judge $j list $l attempt $a runs $r cache $h $hw $hc rate $t $tw $tc $scope chooses [on $name]]
            $as $body
        }
    };
    // The call cannot fail, so most options are not allowed with this one.
    (@$mode:tt $bound:tt $slots:tt
        { key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt
            list $l:tt attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident
            chooses [infallible $name:tt] }
        $as:tt $body:expr) => {
        $crate::__infallible! {
            @beside [$($n)*] [$($n)*] $e [@$mode $bound $slots] [key $k $p $c hashed $x told [$($n)*]]
            [plan $b $w calls $v judge $j list $l attempt $a runs infallible cache $h $hw $hc rate $t $tw $tc $scope chooses []]
            $as $body
        }
    };
    // An option needs something that is not there: a use of its key, a list, a cache or a rate. Rates with the scope `per_key` take
    // a capacity, but no key.
    (@$mode:tt $bound:tt $slots:tt
        { key [$([$($lonely:tt)*])+] $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt
            list $l:tt attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt per_key $($s:tt)* }
        $as:tt $body:expr) => {
        $crate::__bounded! {
            $e [$([$($lonely)*])+] [@$mode $bound $slots] [$p $c hashed $x told $n]
            [plan $b $w calls $v judge $j list $l attempt $a runs $r cache $h $hw $hc rate $t $tw $tc per_key $($s)*] $as $body
        }
    };
    (@$mode:tt $bound:tt $slots:tt
        { key [$([$($lonely:tt)*])+] $p:tt $c:tt hashed $x:tt told $n:tt [$($e:tt)*] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__expand! {
            @$mode $bound $slots
            { key [] $p $c hashed $x told $n [$($e)* $([$($lonely)*])+] $($s)* } $as $body
        }
    };
    (@$mode:tt $bound:tt $slots:tt
        { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt [$($e:tt)*] plan $b:ident $w:tt calls $v:tt judge $j:tt
            list [$([$($lonely:tt)*])+] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__expand! {
            @$mode $bound $slots
            { key $k $p $c hashed $x told $n [$($e)* $([$($lonely)*])+] plan $b $w calls $v judge $j list [] $($s)* }
            $as $body
        }
    };
    (@$mode:tt $bound:tt $slots:tt
        { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt [$($e:tt)*] plan $b:ident $w:tt calls $v:tt judge $j:tt
            list $l:tt attempt $a:tt runs $r:ident cache [$([$($lonely:tt)*])+] $($s:tt)* }
        $as:tt $body:expr) => {
        $crate::__expand! {
            @$mode $bound $slots
            { key $k $p $c hashed $x told $n [$($e)* $([$($lonely)*])+] plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache [] $($s)* }
            $as $body
        }
    };
    (@$mode:tt $bound:tt $slots:tt
        { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt [$($e:tt)*] plan $b:ident $w:tt calls $v:tt judge $j:tt
            list $l:tt attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt
            rate [$([$($lonely:tt)*])+] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__check! { $n [$($e)* $([$($lonely)*])+] }
    };
    (@$mode:tt $bound:tt $slots:tt
        { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt [$($e:tt)+] $($s:tt)* } $as:tt $body:expr) => {
        $crate::__check! { $n [$($e)+] }
    };
}

/// A body whose result is cached. If its type is stated, rustc reports a value that cannot be cached without this check.
#[doc(hidden)]
#[macro_export]
macro_rules! __kept {
    (infallible $as:tt $body:expr) => { $body };
    ($runs:ident () $body:expr) => { $crate::bounds::IsCachedResult::opero_result($crate::__result!(() $body)) };
    ($runs:ident $as:tt $body:expr) => { $body };
}

/// Entries in a store need a name. Rates of a limiter may have one.
#[doc(hidden)]
#[macro_export]
macro_rules! __stored {
    (limiter $names:tt) => { () };
    ($store:tt [$($n:tt)*]) => {
        $crate::__require! { Nameless $store $crate::__private::is_named(&[$($crate::__private::stringify!($n)),*]) }
    };
}

/// Finds the numbers of the retry among the names of the options. Each name is passed twice: once for matching, once for its
/// span.
#[doc(hidden)]
#[macro_export]
macro_rules! __chosen {
    ([] [] $e:tt [$($before:tt)*] [$($s:tt)*] [$($more:tt)*] $as:tt $body:expr) => {
        $crate::__expand! { $($before)* { $($s)* $e $($more)* } $as $body }
    };
    ([retries $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__chosen! { @beside [$($n)*] $names $($rest)* } };
    ([backoff $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__chosen! { @beside [$($n)*] $names $($rest)* } };
    ([min_delay $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__chosen! { @beside [$($n)*] $names $($rest)* } };
    ([max_delay $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__chosen! { @beside [$($n)*] $names $($rest)* } };
    ([jitter $($n:tt)*] $names:tt $($rest:tt)*) => { $crate::__chosen! { @beside [$($n)*] $names $($rest)* } };
    ([$other:ident $($n:tt)*] [$name:tt $($names:tt)*] $($rest:tt)*) => {
        $crate::__chosen! { [$($n)*] [$($names)*] $($rest)* }
    };
    (@beside $n:tt [$name:tt $($names:tt)*] [$($e:tt)*] $($rest:tt)*) => {
        $crate::__chosen! { $n [$($names)*] [$($e)* [BesideAdaptive $name]] $($rest)* }
    };
}

/// Adds the complaints about a missing key to the others, except those about the capacity.
#[doc(hidden)]
#[macro_export]
macro_rules! __bounded {
    ($e:tt [[Unbounded $about:tt] $($more:tt)*] $($rest:tt)*) => { $crate::__bounded! { $e [$($more)*] $($rest)* } };
    ([$($e:tt)*] [$lonely:tt $($more:tt)*] $($rest:tt)*) => { $crate::__bounded! { [$($e)* $lonely] [$($more)*] $($rest)* } };
    ($e:tt [] [$($before:tt)*] [$($s:tt)*] [$($more:tt)*] $as:tt $body:expr) => {
        $crate::__expand! { $($before)* { key [] $($s)* $e $($more)* } $as $body }
    };
}

/// Evaluates the arguments that the body consumes, and the list of candidates, before the call. A `match` keeps the temporaries of
/// the arguments; a list is evaluated as in a `let`. Owned values are moved into the future.
#[doc(hidden)]
#[macro_export]
macro_rules! __list {
    // A reference to the list. The names of the methods are unlikely in a trait of the user.
    (@list $bound:tt $list:ident [$($method:tt)*] $call:tt $as:tt $body:expr) => {{
        use $crate::__private::{Iterated as _, List as _, Unprinted as _};
        let $list = &$list$($method)*;
        match $crate::__list! { @bound $bound $list $call $as $body } {
            __outcome => $crate::__private::Candidates($list).opero_tell(__outcome),
        }
    }};
    (@bound [] $list:ident $call:tt $as:tt $body:expr) => { $crate::__run! { $call $list $as $body } };
    // The arguments of a body that runs once are hashed before they are moved into it.
    (@bound [fed in_memory $key:ident $($arg:ident $value:expr,)+] $list:ident $call:tt $as:tt $body:expr) => {{
        let mut $key = $crate::__private::Key::in_memory();
        match ($($crate::__private::KeyPart::fed($value, &mut $key),)+) {
            ($($arg,)+) => $crate::__run! { $call $list $as $body },
        }
    }};
    (@bound [fed store $key:ident $($arg:ident $value:expr,)+] $list:ident $call:tt $as:tt $body:expr) => {{
        let mut $key = $crate::__store_key!();
        match ($($crate::__private::KeyPart::fed_store($value, &mut $key),)+) {
            ($($arg,)+) => $crate::__run! { $call $list $as $body },
        }
    }};
    (@bound [fed limiter $key:ident $($arg:ident $value:expr,)+] $list:ident $call:tt $as:tt $body:expr) => {{
        let mut $key = $crate::__private::StoreKey::of_rate();
        match ($($crate::__private::KeyPart::fed_store($value, &mut $key),)+) {
            ($($arg,)+) => $crate::__run! { $call $list $as $body },
        }
    }};
    (@bound [$($arg:ident $value:expr,)+] $list:ident $call:tt $as:tt $body:expr) => {
        match ($($value,)+) {
            ($($arg,)+) => $crate::__run! { $call $list $as $body },
        }
    };

    ($mode:tt [] [] $call:tt $as:tt $body:expr) => { $crate::__run! { $call __list $as $body } };
    (move_future [$($bound:tt)+] [] { move_future $($call:tt)* } $as:tt $body:expr) => {
        async move {
            $crate::__list! { async_fn [$($bound)+] [] { async_fn $($call)* } $as $body }
        }
    };
    ((future $async:tt) $bound:tt $list:tt { (future $same:tt) $($call:tt)* } $as:tt $body:expr) => {
        { $async { $crate::__list! { async_fn $bound $list { async_fn $($call)* } $as $body } } }
    };
    (move_future $bound:tt [$binding:ident {$list:tt $($method:tt)*}] { move_future $($call:tt)* } $as:tt $body:expr) => {{
        let mut __list = $list;
        async move {
            $crate::__list! { @list $bound __list [$($method)*] { async_fn $($call)* } $as $body }
        }
    }};
    ($mode:tt $bound:tt [$binding:ident {$list:tt $($method:tt)*}] $call:tt $as:tt $body:expr) => {{
        let mut __list = $list;
        $crate::__list! { @list $bound __list [$($method)*] $call $as $body }
    }};
    ($mode:tt $bound:tt [] $call:tt $as:tt $body:expr) => {
        $crate::__list! { @bound $bound __list $call $as $body }
    };
}

/// Writes the call for its mode and its layers, and for literals or other values.
///
/// ```text
/// { mode [slots] [cache] [rate] once|again [attempt] [binding] [values] [predicates] [of the cache] [of the rate] [capacity]
///   {hashed key} [names] {static} }
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __run {
    // A call that cannot fail, with only literals.
    ({ $mode:tt [] $h:tt [] infallible [] [] [] [] [] [] [$($c:tt [])*] {$x:tt $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__infallible! {
            @$mode $n [$crate::__private::Site::at($crate::__site!($site), $crate::__key!($x $p [] $list))] $p $as $body
        }
    };
    // A future without layers.
    ({ (future $async:tt) [] [] [] once [] [] [] [] [] [] [] $key:tt $n:tt $site:tt } $list:ident $as:tt $body:expr) => {
        $crate::__private::Course::once(
            $crate::__private::Site::course($crate::__site!($site)),
            $async { $crate::__result!($as $body) },
        )
    };
    ({ move_future [] [] [] once [] [] [] [] [] [] [] $key:tt $n:tt $site:tt } $list:ident $as:tt $body:expr) => {
        $crate::__private::Course::once(
            $crate::__private::Site::course($crate::__site!($site)),
            async move { $crate::__result!($as $body) },
        )
    };
    // Only the body holds what it consumes; a block around it would hold a second copy. The key is computed outside of it.
    ({ (future $async:tt) [] $h:tt $t:tt once [] [] [] [] [] [] [$($c:tt [])*] {$x:tt []} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__private::Use::once_async(
            $crate::__private::Site::at($crate::__site!($site), 0),
            $async { $crate::__result!($as $body) },
        )
    };
    ({ move_future [] $h:tt $t:tt once [] [] [] [] [] [] [$($c:tt [])*] {$x:tt $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__private::Use::once_async(
            $crate::__private::Site::at($crate::__site!($site), $crate::__key!($x $p [] $list)),
            async move { $crate::__result!($as $body) },
        )
    };
    ({ (future $async:tt) $($call:tt)* } $list:ident $as:tt $body:expr) => {
        { $async { $crate::__run! { { async_fn $($call)* } $list $as $body } } }
    };
    ({ move_future $s:tt [] [] $r:ident $a:tt $b:tt [] [] [] [] [] $($call:tt)* } $list:ident $as:tt $body:expr) => {
        async move { $crate::__run! { { async_fn $s [] [] $r $a $b [] [] [] [] [] $($call)* } $list $as $body } }
    };

    // Literals, and no layer.
    ({ blocking [] [] [] once $a:tt [] [] [] [] [] [] $key:tt $n:tt $site:tt } $list:ident $as:tt $body:expr) => {
        $crate::__private::Site::once($crate::__site!($site), $crate::__op!([] $as [] $a $list $body))
    };
    ({ blocking [] [] [] again $a:tt [] [] [] [] [] [] $key:tt $n:tt $site:tt } $list:ident $as:tt $body:expr) => {
        $crate::__private::Site::again($crate::__site!($site), $crate::__op!([] $as [] $a $list $body))
    };
    ({ blocking [] [] [] again $a:tt [$binding:ident] [] [] [] [] [] $key:tt $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__private::Site::over(
            $crate::__site!($site),
            $crate::__private::stringify!($binding),
            $crate::__private::count($list),
            $crate::__op!([] $as [$binding] $a $list $body),
        )
    };
    ({ async_fn [] [] [] once [] [] [] [] [] [] [] $key:tt $n:tt $site:tt } $list:ident $as:tt $body:expr) => {
        $crate::__private::Course::once(
            $crate::__private::Site::course($crate::__site!($site)),
            async { $crate::__result!($as $body) },
        )
        .await
    };
    ({ async_fn [] [] [] $r:ident $a:tt [] [] [] [] [] [] $key:tt $n:tt $site:tt } $list:ident $as:tt $body:expr) => {
        $crate::__turns! {
            Course ($crate::__private::Site::course($crate::__site!($site))) $r [] $a $list $as $body
        }
    };
    ({ async_fn [] [] [] again $a:tt [$binding:ident] [] [] [] [] [] $key:tt $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__turns! {
            Course
            ($crate::__private::Site::course_over(
                $crate::__site!($site),
                $crate::__private::stringify!($binding),
                $crate::__private::count($list),
            ))
            again [$binding] $a $list $as $body
        }
    };

    // Literals, and layers.
    ({ blocking [] $h:tt $t:tt once $a:tt [] [] [] [] [] [$($c:tt [])*] {$x:tt $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__private::Use::once(
            $crate::__private::Site::at($crate::__site!($site), $crate::__key!($x $p [] $list)),
            $crate::__op!([] $as [] $a $list $body),
        )
    };
    ({ blocking [] $h:tt $t:tt again $a:tt [] [] [] [] [] [$($c:tt [])*] {$x:tt $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__private::Use::again(
            $crate::__private::Site::at($crate::__site!($site), $crate::__key!($x $p [] $list)),
            $crate::__op!([] $as [] $a $list $body),
        )
    };
    ({ blocking [] $h:tt $t:tt again $a:tt [$binding:ident] [] [] [] [] [$($c:tt [])*] {$x:tt $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__private::Use::over(
            $crate::__private::Site::at($crate::__site!($site), $crate::__key!($x $p [$binding] $list)),
            $crate::__private::stringify!($binding),
            $crate::__private::count($list),
            $crate::__op!([] $as [$binding] $a $list $body),
        )
    };
    ({ async_fn [] $h:tt $t:tt once [] [] [] [] [] [] [$($c:tt [])*] {$x:tt $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__private::Use::once_async(
            $crate::__private::Site::at($crate::__site!($site), $crate::__key!($x $p [] $list)),
            async { $crate::__result!($as $body) },
        )
        .await
    };
    ({ async_fn [] $h:tt $t:tt $r:ident $a:tt [] [] [] [] [] [$($c:tt [])*] {$x:tt $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__turns! {
            Journey
            ($crate::__private::Use::course(
                $crate::__private::Site::at($crate::__site!($site), $crate::__key!($x $p [] $list)),
            ))
            $r [] $a $list $as $body
        }
    };
    ({ async_fn [] $h:tt $t:tt again $a:tt [$binding:ident] [] [] [] [] [$($c:tt [])*] {$x:tt $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__turns! {
            Journey
            ($crate::__private::Use::course_over(
                $crate::__private::Site::at($crate::__site!($site), $crate::__key!($x $p [$binding] $list)),
                $crate::__private::stringify!($binding),
                $crate::__private::count($list),
            ))
            again [$binding] $a $list $as $body
        }
    };

    // Any values.
    ({ $mode:ident $s:tt $h:tt $t:tt $r:ident $a:tt $b:tt $v:tt $j:tt $hc:tt $tc:tt $c:tt {in_memory $p:tt} $n:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::__check! {
            $mode $n
            $crate::__built! { { $mode $s $h $t $r $a $b $v $j $hc $tc $c {in_memory $p} $site } $list $as $body }
        }
    };
    // Entries in a store are found by a name: a function has its path, anything else needs option `name`. Rates of a limiter are
    // found by a name too, but there `name` is optional.
    ({ $mode:ident $s:tt $h:tt $t:tt $r:ident $a:tt $b:tt [$($v:tt)*] $j:tt $hc:tt $tc:tt $c:tt {$store:tt $p:tt}
        [$($n:tt)*] { (-> $output:ty, $function:expr) $($site:tt)* } } $list:ident $as:tt $body:expr) => {
        $crate::__check! {
            $mode [$($n)*]
            $crate::__built! {
                {
                    $mode $s $h $t $r $a $b
                    [
                        .placed::<{ $crate::__private::is_named(&[$($crate::__private::stringify!($n)),*]) }, _>({
                            fn __here() {}
                            __here
                        })
                        $($v)*
                    ]
                    $j $hc $tc $c {$store $p} { (-> $output, $function) $($site)* }
                }
                $list $as $body
            }
        }
    };
    ({ $mode:ident $s:tt $h:tt $t:tt $r:ident $a:tt $b:tt [$($v:tt)*] $j:tt $hc:tt $tc:tt $c:tt {$store:tt $p:tt}
        [$($n:tt)*] $site:tt } $list:ident $as:tt $body:expr) => {
        $crate::__check! {
            $mode [$($n)*]
            $crate::__built! {
                {
                    $mode $s $h $t $r $a $b
                    [
                        .stored($crate::__stored!($store [$($n)*]))
                        $($v)*
                    ]
                    $j $hc $tc $c {$store $p} $site
                }
                $list $as $body
            }
        }
    };
}
