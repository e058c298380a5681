//! The last stage: the parts of a call that `expand.rs` and `lean.rs` put together, such as its body, its static and its name.

/// The body of an async call, in the loop of its course.
#[doc(hidden)]
#[macro_export]
macro_rules! __turns {
    ($kind:ident ($course:expr) once [] [$($attempt:ident)?] $list:ident $as:tt $body:expr) => {
        $crate::__private::$kind::once($course, async {
            $(let $attempt = $crate::policy::CurrentAttempt::FIRST.number();)?
            $crate::__result!($as $body)
        })
        .await
    };
    ($kind:ident ($course:expr) again [] [] $list:ident $as:tt $body:expr) => {{
        let mut __course = $course;
        loop {
            if let $crate::__private::Break(__outcome) =
                $crate::__private::$kind::turn(&mut __course, async { $crate::__result!($as $body) }).await
            {
                break __outcome;
            }
        }
    }};
    ($kind:ident ($course:expr) again [$($binding:ident)?] [$($attempt:ident)?] $list:ident $as:tt $body:expr) => {{
        let mut __course = $course;
        loop {
            let __attempt = $crate::__private::$kind::attempt(&__course);
            // Inside the body, which is not polled if the list is empty.
            let __body = async {
                $(let $binding = {
                    use $crate::__private::Bind as _;
                    $crate::__private::candidate($list, __attempt).opero_bind()
                };)?
                $(let $attempt = __attempt.number();)?
                $crate::__result!($as $body)
            };
            if let $crate::__private::Break(__outcome) =
                $crate::__private::$kind::turn(&mut __course, __body).await
            {
                break __outcome;
            }
        }
    }};
}

/// The result of an async body. Its type is stated here, so that rustc underlines a body that is not a `Result`.
#[doc(hidden)]
#[macro_export]
macro_rules! __result {
    ($as:tt $body:expr) => {{
        let __result: $crate::__output!($as) = $body;
        __result
    }};
}

/// The body as a closure over the attempt.
#[doc(hidden)]
#[macro_export]
macro_rules! __op {
    ([] $as:tt [] [] $list:ident $body:expr) => { |_| -> $crate::__output!($as) { $body } };
    ([$($kind:tt)*] $as:tt [$($binding:ident)?] [$($attempt:ident)?] $list:ident $body:expr) => {
        $($kind)* |__attempt: $crate::policy::CurrentAttempt| -> $crate::__output!($as) {
            $(let $binding = {
                use $crate::__private::Bind as _;
                $crate::__private::candidate($list, __attempt).opero_bind()
            };)?
            $(let $attempt = __attempt.number();)?
            $crate::__body_of!([$($kind)*] __attempt $as $body)
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __body_of {
    ([] $attempt:ident $as:tt $body:expr) => {{
        let _ = $attempt;
        $body
    }};
    ([$($kind:tt)+] $attempt:ident $as:tt $body:expr) => {{
        let _ = $attempt;
        $crate::__result!($as $body)
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __output {
    (()) => { $crate::__private::Result<_, _> };
    ((-> $output:ty $(, $name:expr)?)) => { <$output as $crate::__private::Decorated>::Body };
}

/// The static of a use.
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "observe"))]
macro_rules! __site {
    ({ $as:tt $base:ident [$($word:tt)*] [] $hw:tt [] $tw:tt $scope:ident $capacity:tt }) => {{
        static __SITE: $crate::__private::Site = $crate::__private::Site::$base($crate::__name!($as))$($word)*;
        &__SITE
    }};
    // One word for each layer: its type and its value.
    ({ $as:tt $base:ident [$($word:tt)*] $h:tt $hw:tt $t:tt $tw:tt $scope:ident $capacity:tt }) => {{
        static __SITE: $crate::__private::Site<$crate::__cache_part!($h), $crate::__rate_part!($t $scope)> =
            $crate::__private::Site::$base($crate::__name!($as))$($word)*.layers(
                $crate::__cache_part!($h $hw $capacity),
                $crate::__rate_part!($t $scope $tw $capacity),
            );
        &__SITE
    }};
}

/// The static of a use, with its module.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "observe")]
macro_rules! __site {
    ({ $as:tt $base:ident [$($word:tt)*] [] $hw:tt [] $tw:tt $scope:ident $capacity:tt }) => {{
        static __SITE: $crate::__private::Site = $crate::__private::Site::$base($crate::__name!($as))$($word)*
            .within($crate::__private::module_path!());
        &__SITE
    }};
    // One word for each layer: its type and its value.
    ({ $as:tt $base:ident [$($word:tt)*] $h:tt $hw:tt $t:tt $tw:tt $scope:ident $capacity:tt }) => {{
        static __SITE: $crate::__private::Site<$crate::__cache_part!($h), $crate::__rate_part!($t $scope)> =
            $crate::__private::Site::$base($crate::__name!($as))$($word)*
                .within($crate::__private::module_path!())
                .layers(
                $crate::__cache_part!($h $hw $capacity),
                $crate::__rate_part!($t $scope $tw $capacity),
            );
        &__SITE
    }};
}

/// The part of the cache in the static of a use.
#[doc(hidden)]
#[macro_export]
macro_rules! __cache_part {
    ([]) => { () };
    ([on $base:ident]) => { $crate::__private::CacheSite };
    ([] $words:tt $capacity:tt) => { () };
    ([on $base:ident] [$($word:tt)*] [$([$($capacity:tt)*] $call:tt)*]) => {
        $crate::__private::CacheSite::$base()$($word)*$($($capacity)*)*
    };
}

/// The part of the rate in the static of a use.
#[doc(hidden)]
#[macro_export]
macro_rules! __rate_part {
    ([] $scope:ident) => { () };
    ([on $base:ident] $scope:ident) => { $crate::__private::RateSite<$crate::__permits!($scope)> };
    ([] $scope:ident $words:tt $capacity:tt) => { () };
    ([on $base:ident] per_args [$($word:tt)*] [$([$($capacity:tt)*] $call:tt)*]) => {
        $crate::__private::RateSite::$base($crate::__private::KeyedLimiter::NEW)$($word)*$($($capacity)*)*
    };
    ([on $base:ident] per_key [$($word:tt)*] [$([$($capacity:tt)*] $call:tt)*]) => {
        $crate::__private::RateSite::$base($crate::__private::KeyedLimiter::NEW)$($word)*$($($capacity)*)*
    };
    ([on $base:ident] $scope:ident [$($word:tt)*] $capacity:tt) => {
        $crate::__private::RateSite::$base(<$crate::__permits!($scope)>::NEW)$($word)*
    };
}

/// The type that keeps the permits of a scope.
#[doc(hidden)]
#[macro_export]
macro_rules! __permits {
    (per_function) => {
        $crate::__private::Limiter
    };
    (per_args) => {
        $crate::__private::KeyedLimiter
    };
    (per_key) => {
        $crate::__private::KeyedLimiter
    };
    (global) => {
        $crate::__private::Global
    };
}

/// The name of the use, if it has no option `name`.
#[doc(hidden)]
#[macro_export]
macro_rules! __name {
    ((-> $output:ty, $function:expr)) => {
        $function
    };
    ($as:tt) => {
        $crate::__private::concat!($crate::__private::module_path!(), ":", $crate::__private::line!())
    };
}

/// Writes the call, or the complaints instead of it. A complaint has no known type, so rustc reports no errors that follow from it.
/// Each option is the name of a type parameter, so rustc reports an option that is given twice.
#[doc(hidden)]
#[macro_export]
macro_rules! __check {
    ($mode:ident [$($name:tt)?] $($call:tt)*) => { $($call)* };
    // No block around the future: it would drop what the values borrow.
    (move_future [$($name:tt)*] $($call:tt)*) => {
        $crate::__private::named(
            {
                #[allow(non_camel_case_types, reason = "each is the name of an option")]
        type __Names<$($name),*> = ($($name),*);
            },
            $($call)*
        )
    };
    ($mode:ident [$($name:tt)*] $($call:tt)*) => {{
        #[allow(non_camel_case_types, reason = "each is the name of an option")]
        type __Names<$($name),*> = ($($name),*);
        $($call)*
    }};
    ($names:tt [$([$complaint:ident $about:tt $([$($named:tt)*])?])+] $($call:tt)*) => {{
        $($crate::__complain! { $complaint $about $($($named)*)? });+
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __complain {
    (@unit $named:ident) => { () };
    (Unknown $name:tt) => {
        $crate::Options::ALL.$name
    };
    ($complaint:ident $about:tt $($named:ident)*) => {
        $crate::__private::diagnostics::Mistake::<
            {
                #[allow(non_camel_case_types, reason = "it is the name of an option")]
                const fn __mistake<$about $(, $named)*>() -> $crate::__private::usize {
                    <$about as $crate::__private::diagnostics::$complaint<_ $(, $named)*>>::HERE;
                    0
                }
                __mistake::<() $(, $crate::__complain!(@unit $named))*>()
            },
        >
            .value()
    };
}

/// Checks a condition, and complains at the name of an option if it does not hold.
#[doc(hidden)]
#[macro_export]
macro_rules! __require {
    ($complaint:ident $about:tt $holds:expr) => {{
        #[allow(non_camel_case_types, reason = "it is the name of an option")]
        fn __condition<$about: $crate::__private::diagnostics::$complaint<true, ()>>() {
            <$about as $crate::__private::diagnostics::$complaint<{ $holds }, _>>::HERE
        }
    }};
}
