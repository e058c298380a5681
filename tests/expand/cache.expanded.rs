fn cache(question: u32) -> Result<u32, Error<String>> {
    match (::opero::__private::arg(question),) {
        (__a,) => {
            static __SITE: ::opero::__private::Site<::opero::__private::CacheSite> =
                ::opero::__private::Site::new("cache:8").layers(
                    ::opero::__private::CacheSite::new().cache(
                        ::opero::__private::time_to_live::Literal::<{ ::opero::__private::time_to_live::is("60s") }>
                            .cache("60s"),
                    ),
                    (),
                );
            &__SITE
        }
        .at(::opero::__private::Key::in_memory().part(&__a).finish())
        .once(|_| -> ::opero::__private::Result<_, _> { (const { ask })(__a) }),
    }
}
