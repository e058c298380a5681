fn infallible(question: u32) -> u32 {
    {
        #[allow(non_camel_case_types, reason = "each is the name of an option")]
        type __Names<infallible, cache> = (infallible, cache);
        ::opero::__private::Use::infallible(
            ::opero::__private::Site::at(
                {
                    static __SITE: ::opero::__private::Site<::opero::__private::CacheSite, ()> =
                        ::opero::__private::Site::new("infallible").layers(
                            ::opero::__private::CacheSite::new().cache({
                                #[allow(non_camel_case_types, reason = "it is the name of an option")]
                                fn __literal<cache: ::opero::__private::time_to_live::Literal<0, ()>>() {
                                    <cache as ::opero::__private::time_to_live::Literal<
                                        { ::opero::__private::time_to_live::mistake("60s") },
                                        _,
                                    >>::HERE
                                }
                                ::opero::__private::time_to_live::read("60s")
                            }),
                            (),
                        );
                    &__SITE
                },
                {
                    let mut __key = ::opero::__private::Key::in_memory();
                    ::opero::__private::KeyPart::feed(&question, &mut __key);
                    __key.finish()
                },
            ),
            || -> u32 { { question.wrapping_mul(question) } },
        )
    }
}
