fn infallible(question: u32) -> u32 {
    {
        #[allow(unused, non_camel_case_types, clippy::all, clippy::pedantic, reason = "it is there for the names")]
        type __Names<infallible, cache> = (infallible, cache);
        ::opero::__private::Use::infallible(
            ::opero::__private::Site::at(
                {
                    static __SITE: ::opero::__private::Site<::opero::__private::CacheSite, ()> =
                        ::opero::__private::Site::new("infallible").layers(
                            ::opero::__private::CacheSite::new().cache(
                                ::opero::__private::time_to_live::Literal::<
                                    { ::opero::__private::time_to_live::is("60s") },
                                >
                                    .cache("60s"),
                            ),
                            (),
                        );
                    &__SITE
                },
                {
                    let mut __key = ::opero::__private::Key::in_memory();
                    ::opero::__private::feed(&mut __key, &question);
                    __key.finish()
                },
            ),
            || -> u32 { { question.wrapping_mul(question) } },
        )
    }
}
