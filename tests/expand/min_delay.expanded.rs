fn min_delay(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { retries: (), min_delay: (), ..::opero::Options::ALL };
        ::opero::Call::run(
            ::opero::__private::blocking("min_delay:8", {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            })
            .retries((3))
            .min_delay(
                ({
                    const TEXT: &::opero::__private::str = "250ms";
                    const VALUE: ::opero::__private::duration::Value = ::opero::__private::duration::value(TEXT);
                    ::opero::__private::Literal::<
                        ::opero::__private::duration::Value,
                        { ::opero::__private::duration::is(TEXT) },
                    >::HERE
                        .min_delay(VALUE)
                }),
            ),
            |_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> { ask(question) },
        )
    }
}
