fn function_cache(question: u32) -> Result<u32, Error<String>> {
    <Result<u32, Error<String>> as ::opero::__private::FunctionResult<_>>::of(::opero::__private::Use::once(
        ::opero::__private::Site::at(
            {
                static __SITE: ::opero::__private::Site<::opero::__private::CacheSite, ()> =
                    ::opero::__private::Site::new("function_cache").layers(
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
        |_| -> <Result<u32, Error<String>> as ::opero::__private::Decorated>::Body {
            { question.checked_add(1).ok_or_else(|| String::from("too much")) }
        },
    ))
}
