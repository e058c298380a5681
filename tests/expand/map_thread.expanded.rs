fn map_thread(questions: &[u32]) -> Vec<Result<u32, Error<String>>> {
    ::opero::map::Map::thread(
        ::opero::map::Map::new("map_thread:8").workers(
            ({
                const TEXT: &::opero::__private::str = "8";
                const VALUE: ::opero::__private::several::Value = ::opero::__private::several::value(TEXT);
                ::opero::__private::Literal::<
                    ::opero::__private::several::Value,
                    { ::opero::__private::several::is(TEXT) },
                >::HERE
                    .workers(VALUE)
            }),
        ),
        questions,
        |&question, _| {
            let _ = ::opero::Options { workers: (), retries: (), ..::opero::Options::ALL };
            ::opero::Call::run(
                ::opero::__private::blocking("map_thread:8", {
                    static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                    &SITE
                })
                .retries((2)),
                |_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> { ask(question) },
            )
        },
    )
}
