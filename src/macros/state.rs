//! The first stage: what the options say so far.
//!
//! The state is one group. Each of its parts begins with its name. While there are only literals, it is lean:
//! ```text
//! lean BASE [names] [literals] once|again [binding {list}] [cache NEW literals] [rate NEW literals]
//! ```
//! After any other value, it is full:
//! ```text
//! map [[item items mode out until] [its values]]
//! key [the options that need one] [its parts] [capacity] hashed in_memory|store|limiter
//! told [the names of the options] [the complaints]
//! plan BASE [the literals of the call]
//! calls [its other values]
//! judge [its predicates]
//! list [binding {list, and how it is lent}] attempt [binding] runs once|again
//! cache [on] [literals] [other values]
//! rate [on] [literals] [other values] scope
//! chooses [the option that chooses the numbers of the retry, or `infallible` and its name]
//! ```
//! The groups with `on`, the list and the options that need a key also collect complaints about the options that depend on these.
//! A group that has only complaints in the end is reported.

/// Adds what an option says to the state, and continues with the rest of the tokens.
#[doc(hidden)]
#[macro_export]
macro_rules! __state {
    // Only literals so far.
    (retry { lean $b:ident [$($n:tt)*] [$($w:tt)*] $r:ident $($s:tt)* } $name:tt [$($word:tt)*] [] [$($rest:tt)*]) => {
        $crate::__options! { { lean retried [$($n)* $name] [$($w)* $($word)*] again $($s)* } $($rest)* }
    };
    (call { lean $b:ident [$($n:tt)*] [$($w:tt)*] $($s:tt)* } $name:tt [$($word:tt)+] [] [$($rest:tt)*]) => {
        $crate::__options! { { lean $b [$($n)* $name] [$($w)* $($word)*] $($s)* } $($rest)* }
    };
    (deadline { lean $b:ident [$($n:tt)*] [$($w:tt)*] $($s:tt)* }
        $name:tt [$($word:tt)+] [] $of_map:tt [$($rest:tt)*]) => {
        $crate::__options! { { lean $b [$($n)* $name] [$($w)* $($word)*] $($s)* } $($rest)* }
    };
    (shared { lean $b:ident [$($n:tt)*] [$($w:tt)*] $($s:tt)* }
        $name:tt [$($word:tt)+] [] $of_map:tt [$($rest:tt)*]) => {
        $crate::__options! { { lean $b [$($n)* $name] [$($w)* $($word)*] $($s)* } $($rest)* }
    };
    (fallback { lean $b:ident [$($n:tt)*] $w:tt $r:ident [] $($s:tt)* } $name:tt $list:tt [$($rest:tt)*]) => {
        $crate::__options! { { lean $b [$($n)* $name] $w again $list $($s)* } $($rest)* }
    };
    (rate { lean $b:ident [$($n:tt)*] $w:tt $r:ident $l:tt $h:tt [] } $name:tt [$($word:tt)+] [] [$($rest:tt)*]) => {
        $crate::__options! { { lean $b [$($n)* $name] $w $r $l $h [$name new $($word)*] } $($rest)* }
    };
    // Anything else: the full state.
    ($effect:ident { lean $($s:tt)* } $($rest:tt)*) => { $crate::__full! { [] [__state $effect] [$($rest)*] $($s)* } };

    // An option of the call itself.
    (call { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls [$($v:tt)*] $($s:tt)* }
        $name:tt [$($word:tt)*] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b [$($w)* $($word)*] calls [$($v)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    // An option that turns retries on, so that the body may run again.
    (retry { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls [$($v:tt)*] judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident $($s:tt)* } $name:tt [$($word:tt)*] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried [$($w)* $($word)*] calls [$($v)* $($call)*] judge $j list $l
                attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    // Together with `infallible`. The last stage reports this.
    (adaptive { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident chooses [infallible $only:tt] }
        $name:ident [] $call:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache $h $hw $hc rate $t $tw $tc $scope chooses [infallible $only]
            }
            $($rest)*
        }
    };
    // `adaptive`, which chooses the numbers of the retry, and is a layer.
    (adaptive { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls [$($v:tt)*] judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident chooses $o:tt }
        $name:tt [] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls [$($v)* $($call)*] judge $j list $l
                attempt $a runs again cache $h $hw $hc rate $t $tw $tc $scope chooses [$name]
            }
            $($rest)*
        }
    };
    // A predicate about retries.
    (judge { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge [$($j:tt)*] list $l:tt
        attempt $a:tt runs $r:ident $($s:tt)* } $name:tt [] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried $w calls $v judge [$($j)* $($call)*] list $l
                attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (retry_if { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge [$($j:tt)*] list $l:tt
        attempt $a:tt runs $r:ident $($s:tt)* } $name:tt [$($pattern:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan retried $w calls $v
                judge [$($j)* .retry_if(|__error: &_| $crate::__matches!(__error, $($pattern)*))] list $l
                attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    // A listener.
    (listen { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt
        judge [$($j:tt)*] $($s:tt)* } $name:tt [] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge [$($j)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    // A predicate about the fallback.
    (fallback_on { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge [$($j:tt)*]
        list [$($l:tt)*] $($s:tt)* } $name:tt [$($pattern:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v
                judge [$($j)* .fallback_on(|__error: &_| $crate::__matches!(__error, $($pattern)*))]
                list [$($l)* [WithoutFallback $name]] $($s)*
            }
            $($rest)*
        }
    };
    // A value about the fallback.
    (between { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*] calls [$($v:tt)*] judge $j:tt
        list [$($l:tt)*] $($s:tt)* } $name:tt [$($word:tt)*] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b [$($w)* $($word)*] calls [$($v)* $($call)*] judge $j
                list [$($l)* [WithoutFallback $name]] $($s)*
            }
            $($rest)*
        }
    };
    (fallback { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt
        list [$binding:ident $($l:tt)*] $($s:tt)* } $name:tt $list:tt $rest:tt) => {
        $crate::__state! {
            complaint
            { map $g key $k $p $c hashed $x told $n $e plan $b $w calls $v judge $j list [$binding $($l)*] $($s)* } $name Second $rest
        }
    };
    (fallback { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident $($s:tt)* } $name:tt $list:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $list
                attempt $a runs again $($s)*
            }
            $($rest)*
        }
    };
    (attempt { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt [$first:ident] $($s:tt)* } $name:tt $binding:tt $rest:tt) => {
        $crate::__state! {
            complaint
            { map $g key $k $p $c hashed $x told $n $e plan $b $w calls $v judge $j list $l attempt [$first] $($s)* } $name Second $rest
        }
    };
    (attempt { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt [] $($s:tt)* } $name:tt $binding:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l attempt $binding $($s)*
            }
            $($rest)*
        }
    };

    // An option of a call, or of a whole map.
    (shared { map [] key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*]
        calls [$($v:tt)*] $($s:tt)* } $name:tt [$($word:tt)*] [$($call:tt)*] $of_map:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [] key $k $p $c hashed $x told [$($n)* $name] $e plan $b [$($w)* $($word)*] calls [$($v)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    (shared { map [$head:tt [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident [$($w:tt)*]
        calls [$($v:tt)*] $($s:tt)* } $name:tt [$($word:tt)*] [$($call:tt)*] [$($of_map:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [$head [$($m)* $($of_map)*]] key $k $p $c hashed $x told [$($n)* $name] $e
                plan $b [$($w)* $($word)*] calls [$($v)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    // The deadline of a map is one for all its items.
    (deadline { map [[$item:tt $items:tt $mode:tt $out:tt $until:tt] [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:tt
        told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt $($s:tt)* }
        $name:tt $word:tt $call:tt [$($of_map:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [[$item $items $mode $out [until]] [$($m)* $($of_map)*]] key $k $p $c hashed $x
                told [$($n)* $name] $e plan $b $w calls $v $($s)*
            }
            $($rest)*
        }
    };
    (deadline $state:tt $name:tt $word:tt $call:tt $of_map:tt $rest:tt) => {
        $crate::__state! { call $state $name $word $call $rest }
    };

    // The rate: the option that turns it on, and those that need it.
    (rate { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate $on:tt [$($tw:tt)*] [$($tc:tt)*] $($s:tt)* }
        $name:tt [$($word:tt)*] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l attempt $a runs $r
                cache $h $hw $hc rate [on new] [$($tw)* $($word)*] [$($tc)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    (rated { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt
        rate [$($on:tt)*] [$($tw:tt)*] [$($tc:tt)*] $($s:tt)* }
        $name:tt [$($word:tt)*] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l attempt $a runs $r
                cache $h $hw $hc rate [$($on)* [Unlimited $name]] [$($tw)* $($word)*] [$($tc)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    // The limiter comes first in the call, since the other options are those of its layer. Its keys are hashed like those of a store.
    (limiter { map $g:tt key $k:tt $p:tt $c:tt hashed in_memory told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls [$($v:tt)*]
        judge $j:tt list $l:tt attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate [$($on:tt)*] $($s:tt)* }
        $name:tt [] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed limiter told [$($n)* $name] $e plan $b $w calls [$($v)* $($call)*]
                judge $j list $l attempt $a runs $r cache $h $hw $hc rate [$($on)* [Unlimited $name]] $($s)*
            }
            $($rest)*
        }
    };
    (limiter { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls [$($v:tt)*]
        judge $j:tt list $l:tt attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate [$($on:tt)*] $($s:tt)* }
        $name:tt [] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls [$($v)* $($call)*]
                judge $j list $l attempt $a runs $r cache $h $hw $hc rate [$($on)* [Unlimited $name]] $($s)*
            }
            $($rest)*
        }
    };
    // With a cache, `key` is the key of the cache.
    (scope { map $g:tt key [on $($k:tt)*] [{key $($p:tt)*}] $c:tt hashed $x:tt told $n:tt $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident cache [on $($h:tt)*] $($s:tt)* } $name:tt per_args $rest:tt) => {
        $crate::__state! {
            complaint
            {
                map $g key [on $($k)*] [{key $($p)*}] $c hashed $x told $n $e plan $b $w calls $v judge $j list $l attempt $a runs $r
                cache [on $($h)*] $($s)*
            }
            $name KeyOfCache $rest
        }
    };
    (scope { map $g:tt key [$($k:tt)*] $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate [$($on:tt)*] $tw:tt $tc:tt $scope:ident $($s:tt)* }
        $name:tt per_args [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key [on $name $($k)*] $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache $h $hw $hc
                rate [$($on)* [Unlimited $name]] $tw $tc per_args $($s)*
            }
            $($rest)*
        }
    };
    (scope { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate [$($on:tt)*] $tw:tt $tc:tt $scope:ident $($s:tt)* }
        $name:tt $new:ident [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache $h $hw $hc
                rate [$($on)* [Unlimited $name]] $tw $tc $new $($s)*
            }
            $($rest)*
        }
    };

    (scope_by { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $h:tt $hw:tt $hc:tt rate [$($on:tt)*] $tw:tt [$($tc:tt)*] $scope:ident $($s:tt)* }
        $name:tt [$value:expr] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache $h $hw $hc
                rate [$($on)* [Unlimited $name]] $tw
                [$($tc)* .per_key({
                    let __key = $crate::__private::scope_key(&$value);
                    __key
                })] per_key $($s)*
            }
            $($rest)*
        }
    };

    // An option of a map.
    (map { map [$head:tt [$($m:tt)*]] key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $($s:tt)* }
        $name:tt [] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            { map [$head [$($m)* $($call)*]] key $k $p $c hashed $x told [$($n)* $name] $($s)* } $($rest)*
        }
    };
    (map $state:tt $name:tt $word:tt $call:tt $rest:tt) => {
        $crate::__state! { complaint $state $name MapOnly $rest }
    };
    // An option of child processes, which needs such a mode.
    (child { map [[$item:tt $items:tt [$($mode:tt)*] $($m:tt)*] [$($of_map:tt)*]] key $k:tt $p:tt $c:tt hashed $x:tt
        told [$($n:tt)*] $($s:tt)* } $name:tt [] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [[$item $items [$($mode)* child $name] $($m)*] [$($of_map)* $($call)*]] key $k $p $c hashed $x
                told [$($n)* $name] $($s)*
            }
            $($rest)*
        }
    };
    (child $state:tt $name:tt $word:tt $call:tt $rest:tt) => {
        $crate::__state! { complaint $state $name MapOnly $rest }
    };
    (mode { map [[$item:tt $items:tt [child $($child:tt)+] $out:tt $until:tt] $m:tt] key $k:tt $p:tt $c:tt hashed $x:tt
        told [$($n:tt)*] $($s:tt)* } $name:tt $new:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [[$item $items [$new $name child $($child)+] $out $until] $m] key $k $p $c hashed $x
                told [$($n)* $name] $($s)*
            }
            $($rest)*
        }
    };
    (mode { map [[$item:tt $items:tt $mode:tt $out:tt $until:tt] $m:tt] key $k:tt $p:tt $c:tt hashed $x:tt
        told [$($n:tt)*] $($s:tt)* } $name:tt $new:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [[$item $items [$new $name] $out $until] $m] key $k $p $c hashed $x told [$($n)* $name] $($s)*
            }
            $($rest)*
        }
    };
    (mode $state:tt $name:tt $new:tt $rest:tt) => { $crate::__state! { complaint $state $name MapOnly $rest } };
    (output { map [[$item:tt $items:tt $mode:tt [] $until:tt] $m:tt] key $k:tt $p:tt $c:tt hashed $x:tt
        told [$($n:tt)*] $($s:tt)* } $name:tt $out:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [[$item $items $mode $out $until] $m] key $k $p $c hashed $x told [$($n)* $name] $($s)*
            }
            $($rest)*
        }
    };
    (output { map [] $($s:tt)* } $name:tt $out:tt $rest:tt) => {
        $crate::__state! { complaint { map [] $($s)* } $name MapOnly $rest }
    };
    (output $state:tt $name:tt $out:tt $rest:tt) => {
        $crate::__state! { complaint $state $name SecondOutput $rest }
    };

    // An option that changes nothing, and one that is a mistake.
    (nothing { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $($s:tt)* } $name:tt [$($rest:tt)*]) => {
        $crate::__options! { { map $g key $k $p $c hashed $x told [$($n)* $name] $($s)* } $($rest)* }
    };
    (complaint { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told $n:tt [$($e:tt)*] $($s:tt)* } $name:tt $complaint:ident [$($rest:tt)*]) => {
        $crate::__options! { { map $g key $k $p $c hashed $x told $n [$($e)* [$complaint $name]] $($s)* } $($rest)* }
    };
}

/// Turns a lean state into a full one, and continues.
#[doc(hidden)]
#[macro_export]
macro_rules! __full {
    ($map:tt [$next:ident $($before:tt)*] [$($after:tt)*] $b:ident $n:tt $w:tt $r:ident $list:tt
        [$($why:tt $cache:ident $($hw:tt)*)?] [$($rated:tt $rate:ident $($tw:tt)*)?]) => {
        $crate::__full! {
            @$next [$($before)*] [$($after)*]
            {
                map $map key [$(on $why)?] [] [] hashed in_memory told $n [] plan $b $w calls [] judge [] list $list
                attempt [] runs $r cache [$(on $cache)?] [$($($hw)*)?] [] rate [$(on $rate)?] [$($($tw)*)?] [] per_function
                chooses []
            }
        }
    };
    (@__state [$effect:ident] [$($rest:tt)*] $state:tt) => { $crate::__state! { $effect $state $($rest)* } };
    (@__cache_state [$effect:ident] [$($rest:tt)*] $state:tt) => { $crate::__cache_state! { $effect $state $($rest)* } };
    (@__expand [$($before:tt)*] [$($after:tt)*] { map [] $($s:tt)* }) => {
        $crate::__expand! { $($before)* { $($s)* } $($after)* }
    };
    (@__body [] [$($after:tt)*] { map [] $($s:tt)* }) => { $crate::__body! { { $($s)* } $($after)* } };
}
