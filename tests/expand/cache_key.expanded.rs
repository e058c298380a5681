fn cache_key(question: u32) -> Result<u32, Error<String>> {
    ::opero::__private::Use::once(
        ::opero::__private::Site::at(
            {
                static __SITE: ::opero::__private::Site<::opero::__private::CacheSite, ()> =
                    ::opero::__private::Site::new("cache_key:8")
                        .layers(::opero::__private::CacheSite::new().cache(::opero::__private::Plan::NEVER), ());
                &__SITE
            },
            ::opero::__private::Key::in_memory().part(&question).finish(),
        ),
        |_| -> ::opero::__private::Result<_, _> { ask(question).map(|answer| answer * 2) },
    )
}
