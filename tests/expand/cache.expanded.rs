fn cache(question: u32) -> Result<u32, Error<String>> {
    {
        let mut __key = ::opero::__private::Key::in_memory();
        match (::opero::__private::KeyPart::fed(question, &mut __key),) {
            (__a,) => {
                static __SITE: ::opero::__private::Site<::opero::__private::CacheSite> =
                    ::opero::__private::Site::new("cache:8").layers(
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
            }
            .at(__key.finish())
            .once(|_| ::opero::bounds::IsCachedResult::opero_result((const { ask })(__a))),
        }
    }
}
