fn rate(question: u32) -> Result<u32, Error<String>> {
    {
        static __SITE: ::opero::__private::Site<(), ::opero::__private::RateSite<::opero::__private::Limiter>> =
            ::opero::__private::Site::new("rate:8").layers(
                (),
                ::opero::__private::RateSite::new(::opero::__private::Limiter::NEW)
                    .rate(::opero::__private::rate::Literal::<{ ::opero::__private::rate::is("10/s") }>.rate("10/s")),
            );
        &__SITE
    }
    .at(0)
    .once(|_| -> ::opero::__private::Result<_, _> { ask(question) })
}
