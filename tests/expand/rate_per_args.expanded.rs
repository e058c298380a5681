fn rate_per_args(question: u32) -> Result<u32, Error<String>> {
    {
        let mut __key = ::opero::__private::Key::in_memory();
        match (::opero::__private::fed(&mut __key, question),) {
            (__arg,) => ::opero::__private::Use::once(
                ::opero::__private::Site::at(
                    {
                        static __SITE: ::opero::__private::Site<
                            (),
                            ::opero::__private::RateSite<::opero::__private::KeyedLimiter>,
                        > = ::opero::__private::Site::new("rate_per_args:8").layers(
                            (),
                            ::opero::__private::RateSite::new(::opero::__private::KeyedLimiter::NEW).rate(
                                ::opero::__private::rate::Literal::<{ ::opero::__private::rate::is("10/s") }>
                                    .rate("10/s"),
                            ),
                        );
                        &__SITE
                    },
                    __key.finish(),
                ),
                |_| -> ::opero::__private::Result<_, _> { (const { ask })(__arg) },
            ),
        }
    }
}
