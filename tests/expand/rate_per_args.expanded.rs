fn rate_per_args(question: u32) -> Result<u32, Error<String>> {
    match (::opero::__private::arg(question),) {
        (__arg,) => ::opero::__private::Use::once(
            ::opero::__private::Site::at(
                {
                    static __SITE: ::opero::__private::Site<
                        (),
                        ::opero::__private::RateSite<::opero::__private::KeyedLimiter>,
                    > = ::opero::__private::Site::new("rate_per_args:8").layers(
                        (),
                        ::opero::__private::RateSite::new(::opero::__private::KeyedLimiter::NEW).rate(
                            ::opero::__private::rate::Literal::<{ ::opero::__private::rate::is("10/s") }>.rate("10/s"),
                        ),
                    );
                    &__SITE
                },
                ::opero::__private::Key::in_memory().part(&__arg).finish(),
            ),
            |_| -> ::opero::__private::Result<_, _> { (const { ask })(__arg) },
        ),
    }
}
