//! The last stage of `opmap!`: the map. Its operation on an item is what `opero!` would write.

/// Tells the bodies of a map apart, and checks that the mode suits them.
#[doc(hidden)]
#[macro_export]
macro_rules! __map {
    // Mistakes in the options.
    ($m:tt { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt [$($e:tt)+] $($s:tt)* } $($body:tt)+) => {
        $crate::__check! { $n [$($e)+] }
    };

    ($m:tt $state:tt async move { $($body:tt)* }) => { $crate::__map! { @async [async move] $m $state { $($body)* } } };
    ($m:tt $state:tt async { $($body:tt)* }) => { $crate::__map! { @async [async] $m $state { $($body)* } } };
    // A block that a macro of the user passes on.
    ($m:tt $state:tt async move $body:block) => { $crate::__map! { @async [async move] $m $state $body } };
    ($m:tt $state:tt async $body:block) => { $crate::__map! { @async [async] $m $state $body } };
    ($m:tt $state:tt $(async)? $(move)? | $($body:tt)+) => { $crate::__map! { @callable } };
    ($m:tt $state:tt $(async)? $(move)? || $($body:tt)+) => { $crate::__map! { @callable } };
    ($m:tt $state:tt $(#[$meta:meta])* $vis:vis fn $name:ident $($body:tt)+) => { $crate::__map! { @callable } };
    ([[$item:tt $items:tt [$(thread $name:tt)?] $out:tt $until:tt] $calls:tt] $state:tt $($body:tt)+) => {
        $crate::__map! {
            @blocking [thread thread_each thread_stream] $until $out $item $items $calls $state $($body)+
        }
    };
    ([[$item:tt $items:tt [rayon $name:tt] $out:tt $until:tt] $calls:tt] $state:tt $($body:tt)+) => {
        $crate::__rayon! {
            @blocking [rayon rayon_each rayon_stream] $until $out $item $items $calls $state $($body)+
        }
    };
    ([[$item:tt $items:tt [process $name:tt $($child:tt)*] $out:tt $until:tt] $calls:tt] $state:tt $($body:tt)+) => {
        $crate::__process! { $until $out $item $items $calls $state [$($body)+] }
    };
    ([[$item:tt $items:tt [async $name:tt] $($m:tt)*] $calls:tt] $state:tt $($body:tt)+) => {
        $crate::__map! { @complain $state [BlockingBody $name] }
    };
    ([[$item:tt $items:tt [async_process $name:tt $($child:tt)*] $($m:tt)*] $calls:tt] $state:tt $($body:tt)+) => {
        $crate::__map! { @complain $state [BlockingBodyInChild $name] }
    };
    ([[$item:tt $items:tt $mode:tt $($m:tt)*] $calls:tt] $state:tt $($body:tt)+) => {
        $crate::__map! { @mode $mode $state }
    };

    (@async $kind:tt [[$item:tt $items:tt [$(async $name:tt)?] $out:tt $until:tt] $calls:tt] $state:tt $body:tt) => {
        $crate::__futures! { $kind $until $out $item $items $calls $state $body }
    };
    (@async $kind:tt [[$item:tt $items:tt [thread $name:tt] $($m:tt)*] $calls:tt] $state:tt $body:tt) => {
        $crate::__map! { @complain $state [AsyncBody $name] }
    };
    (@async $kind:tt [[$item:tt $items:tt [rayon $name:tt] $($m:tt)*] $calls:tt] $state:tt $body:tt) => {
        $crate::__map! { @complain $state [AsyncBody $name] }
    };
    (@async $kind:tt [[$item:tt $items:tt [process $name:tt $($child:tt)*] $($m:tt)*] $calls:tt] $state:tt $body:tt) => {
        $crate::__map! { @complain $state [AsyncBodyInChild $name] }
    };
    (@async $kind:tt [[$item:tt $items:tt [async_process $name:tt $($child:tt)*] $out:tt $until:tt] $calls:tt]
        $state:tt $body:tt) => {
        $crate::__async_process! { $kind $until $out $item $items $calls $state $body }
    };
    (@async $kind:tt [[$item:tt $items:tt $mode:tt $($m:tt)*] $calls:tt] $state:tt $body:tt) => {
        $crate::__map! { @mode $mode $state }
    };
    // Options of child processes in a map without any.
    (@mode [$(thread $name:tt)? child $option:tt $($more:tt)*] $state:tt) => {
        $crate::__map! { @complain $state [Childless $option] }
    };
    (@mode [rayon $name:tt child $option:tt $($more:tt)*] $state:tt) => {
        $crate::__map! { @complain $state [Childless $option] }
    };
    (@mode [async $name:tt child $option:tt $($more:tt)*] $state:tt) => {
        $crate::__map! { @complain $state [Childless $option] }
    };
    (@mode [$mode:tt $name:tt $($child:tt)*] $state:tt) => { $crate::__map! { @complain $state [NoMode $name] } };
    (@complain { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $($s:tt)* } $complaint:tt) => {
        $crate::__check! { $n [$complaint] }
    };
    (@callable) => {
        $crate::__private::compile_error! {
            "the body of a map runs for each item: write an expression, or `async { … }`"
        }
    };

    // The item, and for a deadline its context.
    (@blocking $methods:tt [] $out:tt $item:tt $items:tt $calls:tt $state:tt $($body:tt)+) => {
        $crate::__results! { $methods $out $items $calls [|$item, _|] $crate::__of_map! { $out [] $state $($body)+ } }
    };
    (@blocking $methods:tt [until] $out:tt $item:tt $items:tt $calls:tt $state:tt $($body:tt)+) => {
        $crate::__results! {
            $methods $out $items $calls [|$item, __item: $crate::map::ItemContext|]
            $crate::__of_map! { $out [.until(__item.deadline())] $state $($body)+ }
        }
    };
}

/// The call of an item. Its cache entries are apart from those of other calls. If the map gives a summary, and the cache or another
/// attempt may save an item, the plan marks the call as that of an item.
#[doc(hidden)]
#[macro_export]
macro_rules! __of_map {
    ([each $each:expr] $until:tt $state:tt $($body:tt)+) => {
        $crate::__of_map! { @[.of_item()] $until $state $($body)+ }
    };
    ([each_async $each:expr] $until:tt $state:tt $($body:tt)+) => {
        $crate::__of_map! { @[.of_item()] $until $state $($body)+ }
    };
    ([$(stream)?] $until:tt $state:tt $($body:tt)+) => { $crate::__of_map! { @[] $until $state $($body)+ } };
    (@[$($item:tt)*] [$($until:tt)*] { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident [$($w:tt)*]
        calls [$($v:tt)*] judge $j:tt list $l:tt attempt $a:tt runs $r:ident cache [on new $($h:tt)*] $($s:tt)* }
        $first:tt $($body:tt)*) => {
        $crate::__body! {
            {
                key $k $p $c hashed $x told $n $e plan $b [$($w)* $($item)*] calls [$($until)* $($v)*] judge $j list $l
                attempt $a runs $r cache [on of_map $($h)*] $($s)*
            }
            $first $first $($body)*
        }
    };
    (@[$($item:tt)*] [$($until:tt)*] { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident [$($w:tt)*]
        calls [$($v:tt)*] judge $j:tt list $l:tt attempt $a:tt runs again $($s:tt)* } $first:tt $($body:tt)*) => {
        $crate::__body! {
            {
                key $k $p $c hashed $x told $n $e plan $b [$($w)* $($item)*] calls [$($until)* $($v)*] judge $j list $l
                attempt $a runs again $($s)*
            }
            $first $first $($body)*
        }
    };
    (@$item:tt [$($until:tt)*] { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt
        calls [$($v:tt)*] $($s:tt)* } $first:tt $($body:tt)*) => {
        $crate::__body! {
            { key $k $p $c hashed $x told $n $e plan $b $w calls [$($until)* $($v)*] $($s)* } $first $first $($body)*
        }
    };
}

/// A map of a blocking body. Its mode has a method for each way to return the results.
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
        $crate::__private::compile_error! { "`each` has an async closure, but the body is not async: put the body into `async { … }`" }
    };
}

/// A map of an async body.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "async")]
macro_rules! __futures {
    ($kind:tt [] $out:tt $item:tt $items:tt $calls:tt $state:tt $body:tt) => {
        $crate::__futures! { @$out $kind $items $calls [async |$item, _|] $crate::__of_map! { $out [] $state async $body } }
    };
    ($kind:tt [until] $out:tt $item:tt $items:tt $calls:tt $state:tt $body:tt) => {
        $crate::__futures! {
            @$out $kind $items $calls [async |$item, __item: $crate::map::ItemContext|]
            $crate::__of_map! { $out [.until(__item.deadline())] $state async $body }
        }
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
    // The items are evaluated outside of the future, which would own what they borrow otherwise.
    (@await [async move] $items:tt [$($calls:tt)*] $method:ident [$($op:tt)+]) => {
        match ($crate::__new_map!(new_async $($calls)*), $items) {
            (__map, __items) => async move { $crate::map::Map::$method(__map, __items, $($op)+).await },
        }
    };
    (@[stream] [async] $items:tt [$($calls:tt)*] [$($args:tt)*] $body:expr) => {
        $crate::map::Map::future_stream($crate::__new_map!(new_async $($calls)*), $items, $($args)* { $body.await })
    };
    // Like the above, for bodies in child processes.
    (@child [] $kind:tt $items:tt $calls:tt [$($args:tt)*] $body:expr) => {
        $crate::__futures! { @await $kind $items $calls future_process [$($args)* { $body }] }
    };
    (@child [each $each:expr] $kind:tt $items:tt $calls:tt [$($args:tt)*] $body:expr) => {
        $crate::__futures! { @await $kind $items $calls future_process_each [$($args)* { $body }, $each] }
    };
    (@child [each_async $each:expr] $kind:tt $items:tt $calls:tt [$($args:tt)*] $body:expr) => {
        $crate::__futures! { @await $kind $items $calls future_process_each_async [$($args)* { $body }, $each] }
    };
    (@child [stream] [async] $items:tt [$($calls:tt)*] [$($args:tt)*] $body:expr) => {
        $crate::map::Map::future_process_stream($crate::__new_map!(new_async $($calls)*), $items, $($args)* { $body })
    };
    (@child [stream] [async move] $items:tt [$($calls:tt)*] [async $($args:tt)*] $body:expr) => {
        $crate::map::Map::future_process_stream(
            $crate::__new_map!(new_async $($calls)*), $items, move $($args)* async move { $body }
        )
    };
    // Not an async closure: its future would borrow what the closure has copied.
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

/// A map whose bodies run in child processes: what the parent does for an item. The body is a function that captures nothing.
#[doc(hidden)]
#[macro_export]
#[cfg(all(feature = "process", unix))]
macro_rules! __process {
    // The predicates judge the error of the body. An attempt in a child can also fail in other ways.
    ($until:tt $out:tt $item:tt $items:tt $calls:tt
        { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt
            judge [$(.$judge:ident($($j:tt)*))*] list $l:tt attempt $a:tt $($s:tt)* } $body:tt) => {
        $crate::__process! {
            @candidate $l $a $until $out $item $items $calls
            {
                key $k $p $c hashed $x told $n $e plan $b $w calls $v judge [$(.in_child().$judge($($j)*))*] list $l
                attempt $a $($s)*
            }
            $body
        }
    };
    // What the body takes in addition to its item.
    (@candidate [$binding:ident {$($list:tt)*} $($l:tt)*] [$attempt:ident $($a:tt)*] $($rest:tt)*) => {
        $crate::__process! { @item [$binding, $attempt] [$binding, $attempt] $($rest)* }
    };
    (@candidate [$binding:ident {$($list:tt)*} $($l:tt)*] [] $($rest:tt)*) => {
        $crate::__process! { @item [$binding, 1] [$binding, _] $($rest)* }
    };
    (@candidate $l:tt [$attempt:ident $($a:tt)*] $($rest:tt)*) => {
        $crate::__process! { @item [&(), $attempt] [_, $attempt] $($rest)* }
    };
    (@candidate $l:tt [] $($rest:tt)*) => {
        $crate::__process! { @item [&(), 1] [_, _] $($rest)* }
    };

    (@item [$candidate:expr, $number:expr] [$($args:tt)*] [] $out:tt $item:tt $items:tt $calls:tt $state:tt [$($body:tt)+]) => {
        $crate::__results! {
            [process process_each process_stream] $out $items $calls
            [|__it, _, __children: &$crate::process::Children|] {
                let __sent = $crate::process::Children::pack(__children, &__it);
                #[allow(unused, clippy::all, clippy::pedantic, reason = "it is there for the options")]
                let $item = __it;
                $crate::__of_map! {
                    $out [] $state
                    @child {
                        $crate::process::Children::run_item(
                            __children, &__sent, $candidate, $number,
                            |$item, $($args)*| -> $crate::__private::Result<_, _> { $($body)+ },
                        )
                    }
                    $($body)+
                }
            }
        }
    };
    (@item [$candidate:expr, $number:expr] [$($args:tt)*] [until] $out:tt $item:tt $items:tt $calls:tt $state:tt [$($body:tt)+]) => {
        $crate::__results! {
            [process process_each process_stream] $out $items $calls
            [|__it, __item: $crate::map::ItemContext, __children: &$crate::process::Children|] {
                let __sent = $crate::process::Children::pack(__children, &__it);
                #[allow(unused, clippy::all, clippy::pedantic, reason = "it is there for the options")]
                let $item = __it;
                $crate::__of_map! {
                    $out [.until(__item.deadline())] $state
                    @child {
                        $crate::process::Children::run_item(
                            __children, &__sent, $candidate, $number,
                            |$item, $($args)*| -> $crate::__private::Result<_, _> { $($body)+ },
                        )
                    }
                    $($body)+
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(all(feature = "process", unix)))]
macro_rules! __process {
    ($($rest:tt)*) => {
        $crate::__private::compile_error! { "`mode: process` needs feature `process` of the crate opero" }
    };
}

/// A map whose bodies are futures in child processes: what the parent does for an item. The body is a function that captures nothing.
#[doc(hidden)]
#[macro_export]
#[cfg(all(feature = "async", feature = "process", unix))]
macro_rules! __async_process {
    // The predicates judge the error of the body. An attempt in a child can also fail in other ways.
    ($kind:tt $until:tt $out:tt $item:tt $items:tt $calls:tt
        { key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt
            judge [$(.$judge:ident($($j:tt)*))*] list $l:tt attempt $a:tt $($s:tt)* } $body:tt) => {
        $crate::__async_process! {
            @candidate $l $a $until $kind $out $item $items $calls
            {
                key $k $p $c hashed $x told $n $e plan $b $w calls $v judge [$(.in_child().$judge($($j)*))*] list $l
                attempt $a $($s)*
            }
            $body
        }
    };
    // What the body takes in addition to its item.
    (@candidate [$binding:ident {$($list:tt)*} $($l:tt)*] [$attempt:ident $($a:tt)*] $($rest:tt)*) => {
        $crate::__async_process! { @until [$binding, $attempt] [$attempt] [$binding] $($rest)* }
    };
    (@candidate [$binding:ident {$($list:tt)*} $($l:tt)*] [] $($rest:tt)*) => {
        $crate::__async_process! { @until [$binding, 1] [_] [$binding] $($rest)* }
    };
    (@candidate $l:tt [$attempt:ident $($a:tt)*] $($rest:tt)*) => {
        $crate::__async_process! { @until [&(), $attempt] [$attempt] [] $($rest)* }
    };
    (@candidate $l:tt [] $($rest:tt)*) => {
        $crate::__async_process! { @until [&(), 1] [_] [] $($rest)* }
    };

    (@until $sent:tt $number:tt $binding:tt [] $($rest:tt)*) => {
        $crate::__async_process! { @item [] [_] $sent $number $binding $($rest)* }
    };
    (@until $sent:tt $number:tt $binding:tt [until] $($rest:tt)*) => {
        $crate::__async_process! {
            @item [.until(__item.deadline())] [__item: $crate::map::ItemContext] $sent $number $binding $($rest)*
        }
    };
    (@item [$($until:tt)*] [$($context:tt)*] [$candidate:expr, $attempt:expr] [$number:tt] [$($binding:ident)?]
        $kind:tt $out:tt $item:tt $items:tt $calls:tt $state:tt $body:tt) => {
        $crate::__futures! {
            @child $out $kind $items $calls
            [async |__it, $($context)*, __children: $crate::process::AsyncChildren|]
            {
                let __sent = $crate::process::AsyncChildren::pack(&__children, &__it);
                #[allow(unused, clippy::all, clippy::pedantic, reason = "it is there for the options")]
                let $item = __it;
                $crate::__of_map! {
                    $out [$($until)*] $state
                    @child_future {
                        $crate::process::AsyncChildren::run_item(
                            &__children, &__sent, $candidate, $attempt,
                            |$item, __candidate, $number| async move {
                                $(let $binding = $crate::process::Candidate::get(&__candidate);)?
                                let _ = &__candidate;
                                $body
                            },
                        ).await
                    }
                    $body
                }.await
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(all(feature = "async", feature = "process", unix)))]
macro_rules! __async_process {
    ($($rest:tt)*) => {
        $crate::__private::compile_error! { "`mode: async_process` needs features `async` and `process` of the crate opero" }
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
