//! The first stage: what the options of the cache say.

/// Like `__state!`, for the options of the cache, which needs a feature: the option that turns it on, and those that need it.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "cache")]
macro_rules! __cache_state {
    (cache { lean $b:ident [$($n:tt)*] $w:tt $r:ident $l:tt [] $t:tt } $name:tt [$($word:tt)+] [] [$($rest:tt)*]) => {
        $crate::__options! { { lean $b [$($n)* $name] $w $r $l [$name new $($word)*] $t } $($rest)* }
    };
    ($effect:ident { lean $($s:tt)* } $($rest:tt)*) => { $crate::__full! { [] [__cache_state $effect] [$($rest)*] $($s)* } };

    (cache { map $g:tt key $k:tt [{key $($p:tt)*}] $c:tt hashed $x:tt told [$($n:tt)*] [$($e:tt)*] plan $b:ident $w:tt calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident cache $on:tt $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt per_args $($s:tt)* }
        $name:tt $word:tt $call:tt [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key [on $name] [{key $($p)*}] $c hashed $x told [$($n)* $name] [$($e)* [KeyOfCache $name]] plan $b $w calls $v
                judge $j list $l attempt $a runs $r cache [on new] $hw $hc rate $t $tw $tc per_args $($s)*
            }
            $($rest)*
        }
    };
    (cache { map $g:tt key [$($k:tt)*] $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache $on:tt [$($hw:tt)*] [$($hc:tt)*] $($s:tt)* }
        $name:tt [$($word:tt)*] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key [on $name] $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache [on new] [$($hw)* $($word)*] [$($hc)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    (cached { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache [$($on:tt)*] [$($hw:tt)*] [$($hc:tt)*] $($s:tt)* }
        $name:tt [$($word:tt)*] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache [$($on)* [Uncached $name]] [$($hw)* $($word)*] [$($hc)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    // A store needs its own kind of keys, and a name. The name of the option goes into the state, for an error there.
    (store { map $g:tt key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache [$($on:tt)*] $hw:tt [$($hc:tt)*] $($s:tt)* }
        $name:tt [] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key $k $p $c hashed $name told [$($n)* $name] $e plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache [$($on)* [Uncached $name]] $hw [$($hc)* $($call)*] $($s)*
            }
            $($rest)*
        }
    };
    // A body that cannot fail. `expand.rs` finds the options that do not go with it.
    (infallible { map [] key $k:tt $p:tt $c:tt hashed $x:tt told [$($n:tt)*] $e:tt plan $b:ident $w:tt calls $v:tt judge $j:tt list $l:tt
        attempt $a:tt runs $r:ident cache [$($on:tt)*] $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt $scope:ident chooses $o:tt }
        $name:tt [] [] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map [] key $k $p $c hashed $x told [$($n)* $name] $e plan $b $w calls $v judge $j list $l
                attempt $a runs $r cache [$($on)* [Uncached $name]] $hw $hc rate $t $tw $tc $scope chooses [infallible $name]
            }
            $($rest)*
        }
    };
    (infallible $state:tt $name:tt [] [] $rest:tt) => {
        $crate::__state! { complaint $state $name InfallibleMap $rest }
    };
    // The key, of the cache or of a rate.
    (key { map $g:tt key [on $($k:tt)*] [] $c:tt hashed $x:tt told [$($n:tt)*] [$($e:tt)*] plan $b:ident $w:tt calls $v:tt judge $j:tt
        list $l:tt attempt $a:tt runs $r:ident cache [on $($h:tt)*] $hw:tt $hc:tt rate $t:tt $tw:tt $tc:tt per_args $($s:tt)* }
        $name:tt [] [.key($($value:tt)*)] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key [on $($k)*] [{key $($value)*}] $c hashed $x told [$($n)* $name] [$($e)* [KeyOfCache $name]] plan $b $w calls $v
                judge $j list $l attempt $a runs $r cache [on $($h)*] $hw $hc rate $t $tw $tc per_args $($s)*
            }
            $($rest)*
        }
    };
    (key { map $g:tt key [$($k:tt)*] [$($p:tt)*] $c:tt hashed $x:tt told [$($n:tt)*] $($s:tt)* }
        $name:tt [] [.key($($value:tt)*)] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key [$($k)* [Unkeyed $name]] [$($p)* {key $($value)*}] $c hashed $x told [$($n)* $name] $($s)*
            }
            $($rest)*
        }
    };
    (capacity { map $g:tt key [$($k:tt)*] $p:tt [$($c:tt)*] hashed $x:tt told [$($n:tt)*] $($s:tt)* }
        $name:tt [$($word:tt)*] [$($call:tt)*] [$($rest:tt)*]) => {
        $crate::__options! {
            {
                map $g key [$($k)* [Unbounded $name]] $p [$($c)* [$($word)*] [$($call)*]] hashed $x told [$($n)* $name] $($s)*
            }
            $($rest)*
        }
    };
}

#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "cache"))]
macro_rules! __cache_state {
    ($into:ident $s:tt $name:tt $words:tt $calls:tt [$($rest:tt)*]) => {
        $crate::__state! { complaint $s $name NoCacheFeature [$($rest)*] }
    };
}
