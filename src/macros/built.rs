//! The last stage for options that are not literals: the call as a value.

/// Builds the call as a value, with the options that are not literals. A `match` keeps the temporaries that its values borrow.
#[doc(hidden)]
#[macro_export]
macro_rules! __built {
    ({ $mode:ident $s:tt $h:tt [] infallible [] [] $v:tt [] $hc:tt [] $c:tt $key:tt $site:tt } $list:ident $as:tt $body:expr) => {
        $crate::__infallible! { @built $mode $h $s $v $hc $c $key $site $list $as $body }
    };
    ({ blocking $s:tt $h:tt $t:tt once $a:tt $b:tt $v:tt $j:tt $hc:tt $tc:tt $c:tt $key:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::Call::run_once(
            $crate::__call!(call $h $s $b $v $hc $tc $c $key $site $list),
            $crate::__op!([] $as [] $a $list $body),
        )
    };
    ({ blocking $s:tt $h:tt $t:tt again $a:tt $b:tt $v:tt [] $hc:tt $tc:tt $c:tt $key:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        $crate::Call::run(
            $crate::__call!(call $h $s $b $v $hc $tc $c $key $site $list),
            $crate::__op!([] $as $b $a $list $body),
        )
    };
    ({ blocking $s:tt $h:tt $t:tt again $a:tt $b:tt $v:tt [$($j:tt)*] $hc:tt $tc:tt $c:tt $key:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        match $crate::__call!(call $h $s $b $v $hc $tc $c $key $site $list) {
            __call => {
                let __op = $crate::__private::repeated($crate::__op!([] $as $b $a $list $body));
                let __call = __call.of(&__op)$($j)*;
                $crate::Call::run(__call, __op)
            }
        }
    };
    ({ async_fn $s:tt $h:tt $t:tt $r:ident $a:tt $b:tt $v:tt [] $hc:tt $tc:tt $c:tt $key:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        match $crate::Call::split($crate::__call!(call_async $h $s $b $v $hc $tc $c $key $site $list)) {
            (__owned, __parts) => $crate::__built! { @turns $h $t __owned __parts $r $b $a $list $as $body },
        }
    };
    ({ move_future $s:tt $h:tt $t:tt $r:ident $a:tt $b:tt $v:tt [] $hc:tt $tc:tt $c:tt $key:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        match $crate::Call::split($crate::__call!(call_async $h $s $b $v $hc $tc $c $key $site $list)) {
            (__owned, __parts) => async move {
                $crate::__built! { @turns $h $t __owned __parts $r $b $a $list $as $body }
            },
        }
    };
    // The predicates get the type of the error from a closure of the body.
    ({ async_fn $s:tt $h:tt $t:tt $r:ident $a:tt $b:tt $v:tt [$($j:tt)+] $hc:tt $tc:tt $c:tt $key:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        match $crate::__call!(call_async $h $s $b $v $hc $tc $c $key $site $list) {
            __call => {
                let mut __op = $crate::__op!([async] $as $b $a $list $body);
                let (__owned, __parts) = $crate::Call::split(__call.of_async(&__op)$($j)+);
                $crate::__built! { @judged $h $t __owned __parts __op }
            }
        }
    };
    ({ move_future $s:tt $h:tt $t:tt $r:ident $a:tt $b:tt $v:tt [$($j:tt)+] $hc:tt $tc:tt $c:tt $key:tt $site:tt }
        $list:ident $as:tt $body:expr) => {
        match $crate::__call!(call_async $h $s $b $v $hc $tc $c $key $site $list) {
            __call => {
                let mut __op = $crate::__op!([async move] $as $b $a $list $body);
                let (__owned, __parts) = $crate::Call::split(__call.of_async(&__op)$($j)+);
                async move { $crate::__built! { @judged $h $t __owned __parts __op } }
            }
        }
    };
    (@turns [] [] $owned:ident $parts:ident $($turns:tt)*) => {
        $crate::__turns! { Course ($crate::__private::Parts::course($parts, &$owned)) $($turns)* }
    };
    (@turns $h:tt $t:tt $owned:ident $parts:ident $($turns:tt)*) => {
        $crate::__turns! { Journey ($crate::__private::Parts::journey($parts, &$owned)) $($turns)* }
    };
    (@judged [] [] $owned:ident $parts:ident $op:ident) => {
        $crate::__built! { @loop Course ($crate::__private::Parts::course($parts, &$owned)) $op }
    };
    (@judged $h:tt $t:tt $owned:ident $parts:ident $op:ident) => {
        $crate::__built! { @loop Journey ($crate::__private::Parts::journey($parts, &$owned)) $op }
    };
    (@loop $kind:ident ($course:expr) $op:ident) => {{
        let mut __course = $course;
        loop {
            let __attempt = $crate::__private::$kind::attempt(&__course);
            if let $crate::__private::Break(__outcome) =
                $crate::__private::$kind::turn(&mut __course, $op(__attempt)).await
            {
                break __outcome;
            }
        }
    }};
}

/// The call with its values, in the order in which they are evaluated.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    ($call:ident [] $slots:tt $binding:tt $values:tt $hc:tt $tc:tt $capacity:tt {$hashed:ident []} $site:tt
        $list:ident) => {
        $crate::__call!(@values $call $slots $binding $values $hc $tc $capacity $site $list [])
    };
    ($call:ident $cache:tt $slots:tt $binding:tt $values:tt $hc:tt $tc:tt $capacity:tt {$hashed:ident $parts:tt}
        $site:tt $list:ident) => {
        $crate::__call!(
            @values $call $slots $binding $values $hc $tc $capacity $site $list
            [.keyed($crate::__key!($hashed $parts $binding $list))]
        )
    };
    (@values $call:ident [$($slots:ident)?] [$($binding:ident)?] [$($value:tt)*] [$($hc:tt)*] [$($tc:tt)*]
        [$($word:tt [$($capacity:tt)*])*] $site:tt $list:ident [$($keyed:tt)*]) => {
        $crate::__private::Site::$call($crate::__site!($site))
            $(.fallback($crate::__private::stringify!($binding), $crate::__private::count($list)))?
            $($value)*$($hc)*$($($capacity)*)*$(.slots($slots))?$($keyed)*$($tc)*
    };
}
