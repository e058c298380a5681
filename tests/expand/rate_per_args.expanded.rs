fn rate_per_args(question: u32) -> Result<u32, Error<String>> {
    {
        let mut __key = ::opero::__private::Key::in_memory();
        match (::opero::__private::KeyPart::fed(question, &mut __key),) {
            (__arg,) => ::opero::__private::Use::once(
                ::opero::__private::Site::at(
                    {
                        static __SITE: ::opero::__private::Site<
                            (),
                            ::opero::__private::RateSite<::opero::__private::KeyedLimiter>,
                        > = ::opero::__private::Site::new("rate_per_args:8").layers(
                            (),
                            ::opero::__private::RateSite::new(::opero::__private::KeyedLimiter::NEW).rate({
                                #[allow(non_camel_case_types, reason = "it is the name of an option")]
                                fn __literal<rate: ::opero::__private::rate::Literal<0, ()>>() {
                                    <rate as ::opero::__private::rate::Literal<
                                        { ::opero::__private::rate::mistake("10/s") },
                                        _,
                                    >>::HERE
                                }
                                ::opero::__private::rate::read("10/s")
                            }),
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
