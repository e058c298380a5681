//! The last stage of `opmap!`: the map, with what `opero!` would write as the operation on its items.

/// Tells the bodies of a map apart, and whether its mode suits them.
#[doc(hidden)]
#[macro_export]
macro_rules! __map {
    // Mistakes, which the body has nothing to do with.
    ({ $k:tt $n:tt [$($c:tt)+] $($s:tt)* } $($body:tt)+) => { $crate::__check! { $n [$($c)+] } };

    ($state:tt async move { $($body:tt)* }) => { $crate::__map! { @async [async move] $state { $($body)* } } };
    ($state:tt async { $($body:tt)* }) => { $crate::__map! { @async [async] $state { $($body)* } } };
    ($state:tt $(async)? $(move)? | $($body:tt)+) => { $crate::__map! { @callable } };
    ($state:tt $(async)? $(move)? || $($body:tt)+) => { $crate::__map! { @callable } };
    ($state:tt $(#[$meta:meta])* $vis:vis fn $name:ident $($body:tt)+) => { $crate::__map! { @callable } };
    ({ [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt [$(thread $name:ident)?] $out:tt $until:tt] $calls:tt]] $($s:tt)* } $($body:tt)+) => {
        $crate::__map! {
            @blocking [thread thread_each thread_stream] $until $out $item $items $calls
            { [$w $key $capacity] $($s)* } $($body)+
        }
    };
    ({ [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt [rayon $name:ident] $out:tt $until:tt] $calls:tt]] $($s:tt)* } $($body:tt)+) => {
        $crate::__rayon! {
            @blocking [rayon rayon_each rayon_stream] $until $out $item $items $calls
            { [$w $key $capacity] $($s)* } $($body)+
        }
    };
    ({ [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt [async $name:ident] $($m:tt)*] $calls:tt]] $n:tt $($s:tt)* } $($body:tt)+) => {
        $crate::__check! { $n [[BlockingBody $name]] }
    };
    ({ [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt $mode:tt $($m:tt)*] $calls:tt]] $n:tt $($s:tt)* } $($body:tt)+) => {
        $crate::__map! { @mode $mode $n }
    };

    (@async $kind:tt { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt [$(async $name:ident)?] $out:tt $until:tt] $calls:tt]] $($s:tt)* } $body:tt) => {
        $crate::__futures! { $kind $until $out $item $items $calls { [$w $key $capacity] $($s)* } $body }
    };
    (@async $kind:tt { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt [thread $name:ident] $($m:tt)*] $calls:tt]] $n:tt $($s:tt)* } $body:tt) => {
        $crate::__check! { $n [[AsyncBody $name]] }
    };
    (@async $kind:tt { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt [rayon $name:ident] $($m:tt)*] $calls:tt]] $n:tt $($s:tt)* } $body:tt) => {
        $crate::__check! { $n [[AsyncBody $name]] }
    };
    (@async $kind:tt { [$w:tt $key:tt $capacity:tt [[$item:tt $items:tt $mode:tt $($m:tt)*] $calls:tt]] $n:tt $($s:tt)* } $body:tt) => {
        $crate::__map! { @mode $mode $n }
    };
    (@mode [process $name:ident] $n:tt) => { $crate::__check! { $n [[Later $name]] } };
    (@mode [async_process $name:ident] $n:tt) => { $crate::__check! { $n [[Later $name]] } };
    (@mode [$mode:tt $name:ident] $n:tt) => { $crate::__check! { $n [[NoMode $name]] } };
    (@callable) => {
        $crate::__private::compile_error! {
            "the body of a map is run for each item: write an expression, or `async { … }`"
        }
    };

    // The item, and where it stands, which a deadline asks for.
    (@blocking $methods:tt [] $out:tt $item:tt $items:tt $calls:tt { $k:tt $n:tt $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt [$on:tt [$($h:tt)*]] $r:tt } $($body:tt)+) => {
        $crate::__results! { $methods $out $items $calls [|$item, _|] $crate::__body! {
            { $k $n $c $v $p $f $a $l [$on [.of_map()$($h)*]] $r } $($body)+
        } }
    };
    (@blocking $methods:tt [until] $out:tt $item:tt $items:tt $calls:tt { $k:tt $n:tt $c:tt [$($v:tt)*] $p:tt $f:tt $a:tt $l:tt [$on:tt [$($h:tt)*]] $r:tt } $($body:tt)+) => {
        $crate::__results! { $methods $out $items $calls [|$item, item_context: $crate::map::ItemContext|] $crate::__body! {
            { $k $n $c [.until(item_context.deadline())$($v)*] $p $f $a $l [$on [.of_map()$($h)*]] $r } $($body)+
        } }
    };
}

/// A map of a blocking body, by where its results go. Its mode has a method for each.
#[doc(hidden)]
#[macro_export]
macro_rules! __results {
    ([$list:ident $each_of:ident $stream:ident] [] $items:tt [$($calls:tt)*] [$($args:tt)*] $body:expr) => {
        $crate::map::Map::$list($crate::__new_map!(new $($calls)*), $items, $($args)* $body)
    };
    ([$list:ident $each_of:ident $stream:ident] [each $each:expr] $items:tt [$($calls:tt)*] [$($args:tt)*] $body:expr) => {
        $crate::map::Map::$each_of($crate::__new_map!(new $($calls)*), $items, $($args)* $body, $each)
    };
    ([$list:ident $each_of:ident $stream:ident] [stream] $items:tt [$($calls:tt)*] [$($args:tt)*] $body:expr) => {
        $crate::map::Map::$stream($crate::__new_map!(new $($calls)*), $items, move $($args)* $body)
    };
    ($methods:tt [each_async $each:expr] $($rest:tt)*) => {
        $crate::__private::compile_error! { "`each` has an async closure here, and the body is not async" }
    };
}

/// The map of an async body.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "async")]
macro_rules! __futures {
    ($kind:tt [] $out:tt $item:tt $items:tt $calls:tt { $k:tt $n:tt $c:tt $v:tt $p:tt $f:tt $a:tt $l:tt [$on:tt [$($h:tt)*]] $r:tt } $body:tt) => {
        $crate::__futures! { @$out $kind $items $calls [async |$item, _|] $crate::__body! {
            { $k $n $c $v $p $f $a $l [$on [.of_map()$($h)*]] $r } async $body
        } }
    };
    ($kind:tt [until] $out:tt $item:tt $items:tt $calls:tt { $k:tt $n:tt $c:tt [$($v:tt)*] $p:tt $f:tt $a:tt $l:tt [$on:tt [$($h:tt)*]] $r:tt } $body:tt) => {
        $crate::__futures! { @$out $kind $items $calls [async |$item, item_context: $crate::map::ItemContext|] $crate::__body! {
            { $k $n $c [.until(item_context.deadline())$($v)*] $p $f $a $l [$on [.of_map()$($h)*]] $r } async $body
        } }
    };
    (@[] $kind:tt $items:tt $calls:tt [$($args:tt)*] $body:expr) => {
        $crate::__futures! { @await $kind $items $calls future [$($args)* { $body.await }] }
    };
    (@[each $each:expr] $kind:tt $items:tt $calls:tt [$($args:tt)*] $body:expr) => {
        $crate::__futures! { @await $kind $items $calls future_each [$($args)* { $body.await }, $each] }
    };
    (@[each_async $each:expr] $kind:tt $items:tt $calls:tt [$($args:tt)*] $body:expr) => {
        $crate::__futures! { @await $kind $items $calls future_each_async [$($args)* { $body.await }, $each] }
    };
    (@await [async] $items:tt [$($calls:tt)*] $method:ident [$($op:tt)+]) => {
        async { $crate::map::Map::$method($crate::__new_map!(new_async $($calls)*), $items, $($op)+).await }
    };
    // What the items borrow from stays where it is: inside, the future would own it.
    (@await [async move] $items:tt [$($calls:tt)*] $method:ident [$($op:tt)+]) => {
        match ($crate::__new_map!(new_async $($calls)*), $items) {
            (map, items) => async move { $crate::map::Map::$method(map, items, $($op)+).await },
        }
    };
    (@[stream] [async] $items:tt [$($calls:tt)*] [$($args:tt)*] $body:expr) => {
        $crate::map::Map::future_stream($crate::__new_map!(new_async $($calls)*), $items, $($args)* { $body.await })
    };
    // No async closure: what it has copied would be borrowed from it.
    (@[stream] [async move] $items:tt [$($calls:tt)*] [async $($args:tt)*] $body:expr) => {
        $crate::map::Map::future_stream($crate::__new_map!(new_async $($calls)*), $items, move $($args)* async move { $body.await })
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "async"))]
macro_rules! __futures {
    ($($rest:tt)*) => {
        $crate::__private::compile_error! { "a map of an async body needs feature `async` of the crate opero" }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(feature = "rayon")]
macro_rules! __rayon {
    ($($rest:tt)*) => { $crate::__map! { $($rest)* } };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "rayon"))]
macro_rules! __rayon {
    ($($rest:tt)*) => {
        $crate::__private::compile_error! { "`mode: rayon` needs feature `rayon` of the crate opero" }
    };
}

/// The map with its options.
#[doc(hidden)]
#[macro_export]
macro_rules! __new_map {
    ($new:ident $($calls:tt)*) => {
        $crate::map::Map::$new($crate::__name!(()))$($calls)*
    };
}
