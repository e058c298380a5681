fn cache_key(question: u32) -> Result<u32, Error<String>> {
    ::opero::__private::Use::once(
        ::opero::__private::Site::at(
            {
                static __SITE: ::opero::__private::Site<::opero::__private::CacheSite, ()> =
                    ::opero::__private::Site::new("cache_key:8")
                        .layers(::opero::__private::CacheSite::new().cache(::opero::__private::Plan::NEVER), ());
                &__SITE
            },
            {
                let mut __key = ::opero::__private::Key::in_memory();
                ::opero::__private::KeyPart::feed(&question, &mut __key);
                __key.finish()
            },
        ),
        |_| -> ::opero::__private::Result<_, _> {
            ::opero::bounds::IsCachedResult::opero_result({
                let __result: ::opero::__private::Result<_, _> = ask(question).map(|answer| answer * 2);
                __result
            })
        },
    )
}
