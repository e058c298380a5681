fn function_cache(question: u32) -> Result<u32, Error<String>> {
    ::opero::__private::decorated::<Result<u32, Error<String>>, _>(::opero::__private::Use::once(
        ::opero::__private::Site::at(
            {
                static __SITE:
                        ::opero::__private::Site<::opero::__private::CacheSite, ()>
                        =
                        ::opero::__private::Site::new("function_cache").layers(::opero::__private::CacheSite::new().cache(::opero::__private::time_to_live::Literal::<{
                                            ::opero::__private::time_to_live::is("60s")
                                        }>.cache("60s")), ());
                &__SITE
            },
            ::opero::__private::Key::in_memory().part(&question).finish(),
        ),
        |_| -> <Result<u32, Error<String>> as ::opero::__private::Decorated>::Body {
            { question.checked_add(1).ok_or_else(|| String::from("too much")) }
        },
    ))
}
