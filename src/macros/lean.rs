//! The last stage for uses whose options are all literals, which are the most common. It writes what `expand.rs` would write, in
//! fewer steps, since each step costs compile time.

/// Writes the call.
///
/// ```text
/// mode [arguments bound before the call] [parts of the key] BASE [names] [literals] once|again [binding and list]
///     [cache] [rate] body
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __lean {
    // Each option is the name of a type parameter, so rustc reports an option that is given twice.
    ($mode:tt $bound:tt $parts:tt $b:ident [$first:tt $($more:tt)+] $($rest:tt)*) => {{
        #[allow(non_camel_case_types, reason = "each is the name of an option")]
        type __Names<$first, $($more),+> = ($first, $($more),+);
        $crate::__lean! { $mode $bound $parts $b [] $($rest)* }
    }};
    // Arguments that the body consumes are hashed before.
    (blocking [$($arg:ident $value:expr,)+] $($rest:tt)*) => {{
        let mut __key = $crate::__private::Key::in_memory();
        match ($($crate::__private::KeyPart::fed($value, &mut __key),)+) {
            ($($arg,)+) => $crate::__lean! { blocking [] [@ __key] $($rest)* },
        }
    }};
    ((future $async:tt) [$($arg:ident $value:expr,)+] $($rest:tt)*) => {{
        $async {
            let mut __key = $crate::__private::Key::in_memory();
            match ($($crate::__private::KeyPart::fed($value, &mut __key),)+) {
                ($($arg,)+) => $crate::__lean! { async_fn [] [@ __key] $($rest)* },
            }
        }
    }};

    // Blocking.
    (blocking [] [] $b:ident $n:tt $w:tt $r:ident [] [] [] $body:expr) => {{
        static __SITE: $crate::__private::Site = $crate::__new_site!($b $w);
        (&__SITE).$r(|_| $body)
    }};
    (blocking [] [] $b:ident $n:tt $w:tt again [$binding:ident {$list:tt $($method:tt)*}] [] [] $body:expr) => {{
        use $crate::__private::{Iterated as _, List as _, Unprinted as _};
        let mut __list = $list;
        let __list = &__list$($method)*;
        static __SITE: $crate::__private::Site = $crate::__new_site!($b $w);
        (&__SITE).over(
            $crate::__private::stringify!($binding),
            $crate::__private::Candidates(__list).opero_counted(),
            |__attempt| {
                let $binding = {
                    use $crate::__private::Bind as _;
                    $crate::__private::candidate(__list, __attempt).opero_bind()
                };
                $body
            },
        )
    }};
    (blocking [] [$($part:tt)*] $b:ident $n:tt $w:tt $r:ident [] $h:tt $t:tt $body:expr) => {
        $crate::__lean_site!($b $w $h $t)
            .at($crate::__lean_key!($($part)*))
            .$r(|_| $body)
    };
    (blocking [] [$($part:tt)*] $b:ident $n:tt $w:tt again [$binding:ident {$list:tt $($method:tt)*}] $h:tt $t:tt $body:expr) => {{
        use $crate::__private::{Iterated as _, List as _, Unprinted as _};
        let mut __list = $list;
        let __list = &__list$($method)*;
        $crate::__lean_site!($b $w $h $t)
        .at({
            let $binding = $crate::__private::Listed(__list);
            let _ = &$binding;
            $crate::__lean_key!($($part)*)
        })
        .over(
            $crate::__private::stringify!($binding),
            $crate::__private::Candidates(__list).opero_counted(),
            |__attempt| {
                let $binding = {
                    use $crate::__private::Bind as _;
                    $crate::__private::candidate(__list, __attempt).opero_bind()
                };
                $body
            },
        )
    }};

    // A future.
    ((future $async:tt) [] [] $b:ident $n:tt $w:tt once [] [] [] $body:expr) => {
        $crate::__private::Course::once(
            {
                static __SITE: $crate::__private::Site = $crate::__new_site!($b $w);
                (&__SITE).course()
            },
            $async {
                let __result: $crate::__private::Result<_, _> = $body;
                __result
            },
        )
    };
    // Without a block around it, which would hold a second copy of what the body consumes.
    ((future $async:tt) [] [] $b:ident $n:tt $w:tt once [] $h:tt $t:tt $body:expr) => {
        $crate::__private::Use::once_async($crate::__lean_site!($b $w $h $t).at(0), $async {
            let __result: $crate::__private::Result<_, _> = $body;
            __result
        })
    };
    // In a block, since lints take a bare `async` for one that the user wrote around a call.
    ((future $async:tt) [] $($rest:tt)*) => {{ $async { $crate::__lean! { async_fn [] $($rest)* } } }};
    (async_fn [] [] $b:ident $n:tt $w:tt again [] [] [] $body:expr) => {{
        let mut __course = {
            static __SITE: $crate::__private::Site = $crate::__new_site!($b $w);
            (&__SITE).course()
        };
        loop {
            if let $crate::__private::Break(__outcome) = $crate::__private::Course::turn(&mut __course, async {
                let __result: $crate::__private::Result<_, _> = $body;
                __result
            })
            .await
            {
                break __outcome;
            }
        }
    }};
    (async_fn [] [$($part:tt)*] $b:ident $n:tt $w:tt once [] $h:tt $t:tt $body:expr) => {
        $crate::__private::Use::once_async(
            $crate::__lean_site!($b $w $h $t).at($crate::__lean_key!($($part)*)),
            async {
                let __result: $crate::__private::Result<_, _> = $body;
                __result
            },
        )
        .await
    };
    (async_fn [] [$($part:tt)*] $b:ident $n:tt $w:tt again [] $h:tt $t:tt $body:expr) => {
        $crate::__turns! {
            Journey ($crate::__lean_site!($b $w $h $t).at($crate::__lean_key!($($part)*)).course())
            again [] [] __list () $body
        }
    };
    (async_fn [] [] $b:ident $n:tt $w:tt again [$binding:ident {$list:tt $($method:tt)*}] [] [] $body:expr) => {{
        use $crate::__private::{Iterated as _, List as _, Unprinted as _};
        let mut __list = $list;
        let __list = &__list$($method)*;
        match $crate::__turns! {
            Course
            ({
                static __SITE: $crate::__private::Site = $crate::__new_site!($b $w);
                (&__SITE).course_over(
                    $crate::__private::stringify!($binding), $crate::__private::count(__list),
                )
            })
            again [$binding] [] __list () $body
        } {
            __outcome => $crate::__private::Candidates(__list).opero_tell(__outcome),
        }
    }};
    (async_fn [] [$($part:tt)*] $b:ident $n:tt $w:tt again [$binding:ident {$list:tt $($method:tt)*}] $h:tt $t:tt $body:expr) => {{
        use $crate::__private::{Iterated as _, List as _, Unprinted as _};
        let mut __list = $list;
        let __list = &__list$($method)*;
        match $crate::__turns! {
            Journey
            ($crate::__lean_site!($b $w $h $t)
                .at({
                    let $binding = $crate::__private::Listed(__list);
                    let _ = &$binding;
                    $crate::__lean_key!($($part)*)
                })
                .course_over(
                    $crate::__private::stringify!($binding), $crate::__private::count(__list),
                ))
            again [$binding] [] __list () $body
        } {
            __outcome => $crate::__private::Candidates(__list).opero_tell(__outcome),
        }
    }};
}

/// The value of the static.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "observe"))]
macro_rules! __new_site {
    ($b:ident [$($w:tt)*]) => {
        $crate::__private::Site::$b($crate::__private::concat!(
            $crate::__private::module_path!(), ":", $crate::__private::line!()
        ))$($w)*
    };
}

/// The value of the static, with its module.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "observe")]
macro_rules! __new_site {
    ($b:ident [$($w:tt)*]) => {
        $crate::__private::Site::$b($crate::__private::concat!(
            $crate::__private::module_path!(), ":", $crate::__private::line!()
        ))$($w)*.within($crate::__private::module_path!())
    };
}

/// Creates the static of a use with layers, and refers to it.
#[doc(hidden)]
#[macro_export]
macro_rules! __lean_site {
    ($b:ident $w:tt [$why:tt $cache:ident $($h:tt)*] []) => {{
        static __SITE: $crate::__private::Site<$crate::__private::CacheSite> =
            $crate::__new_site!($b $w).layers($crate::__private::CacheSite::$cache()$($h)*, ());
        &__SITE
    }};
    ($b:ident $w:tt [] [$on:tt $rate:ident $($t:tt)*]) => {{
        static __SITE: $crate::__private::Site<(), $crate::__private::RateSite<$crate::__private::Limiter>> =
            $crate::__new_site!($b $w)
                .layers((), $crate::__private::RateSite::$rate($crate::__private::Limiter::NEW)$($t)*);
        &__SITE
    }};
    ($b:ident $w:tt [$why:tt $cache:ident $($h:tt)*] [$on:tt $rate:ident $($t:tt)*]) => {{
        static __SITE: $crate::__private::Site<
            $crate::__private::CacheSite,
            $crate::__private::RateSite<$crate::__private::Limiter>,
        > = $crate::__new_site!($b $w).layers(
            $crate::__private::CacheSite::$cache()$($h)*,
            $crate::__private::RateSite::$rate($crate::__private::Limiter::NEW)$($t)*,
        );
        &__SITE
    }};
}

/// Computes the fingerprint of a key.
#[doc(hidden)]
#[macro_export]
macro_rules! __lean_key {
    () => { 0 };
    (@ $key:ident) => { $key.finish() };
    ($($part:ident)+) => {{
        let mut __key = $crate::__private::Key::in_memory();
        $($crate::__private::KeyPart::feed(&$part, &mut __key);)+
        __key.finish()
    }};
}
