fn rate(question: u32) -> Result<u32, Error<String>> {
    {
        static __SITE: ::opero::__private::Site<(), ::opero::__private::RateSite<::opero::__private::Limiter>> =
            ::opero::__private::Site::new("rate:8").layers(
                (),
                ::opero::__private::RateSite::new(::opero::__private::Limiter::NEW).rate({
                    #[allow(non_camel_case_types, reason = "it is the name of an option")]
                    fn __literal<rate: ::opero::__private::rate::Literal<0, ()>>() {
                        <rate as
                                        ::opero::__private::rate::Literal<{
                                            ::opero::__private::rate::mistake("10/s")
                                        }, _>>::HERE
                    }
                    ::opero::__private::rate::read("10/s")
                }),
            );
        &__SITE
    }
    .at(0)
    .once(|_| ::opero::bounds::IsResult::opero_result(ask(question)))
}
