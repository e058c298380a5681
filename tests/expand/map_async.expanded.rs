async fn map_async(questions: &[u32]) -> Vec<Result<u32, Error<String>>> {
    async {
        ::opero::map::Map::future(
            ::opero::map::Map::new_async("map_async:8").workers(
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
            async |&question, _| {
                async {
                    {
                        let _ = ::opero::Options { workers: (), retries: (), ..::opero::Options::ALL };
                        {
                            let call = || {
                                ::opero::__private::future("map_async:8", {
                                    static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                                    &SITE
                                })
                                .retries(2)
                            };
                            let mut op = async |_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                                {
                                    let result: ::opero::__private::Result<_, _> = { ask(question).await };
                                    result
                                }
                            };
                            'call: {
                                let started = match ::opero::Call::start(&call().of_async(&op)) {
                                    ::opero::__private::Ok(started) => started,
                                    ::opero::__private::Err(error) => break 'call ::opero::__private::Err(error),
                                };
                                let mut error = match op(::opero::policy::Execution::FIRST).await {
                                    ::opero::__private::Ok(value) => {
                                        ::opero::Call::succeeded(&call().of_async(&op), started);
                                        break 'call ::opero::__private::Ok(value);
                                    }
                                    ::opero::__private::Err(error) => error,
                                };
                                let mut recovery = ::opero::__private::Recovery::new(call().of_async(&op), started);
                                loop {
                                    match ::opero::__private::Recovery::pause(
                                        &mut recovery,
                                        ::opero::Failure::Error(error),
                                    )
                                    .await
                                    {
                                        ::opero::__private::Err(error) => break ::opero::__private::Err(error),
                                        ::opero::__private::Ok(execution) => match op(execution).await {
                                            ::opero::__private::Ok(value) => break ::opero::__private::Ok(value),
                                            ::opero::__private::Err(next) => error = next,
                                        },
                                    }
                                }
                            }
                        }
                    }
                }
                .await
            },
        )
        .await
    }
    .await
}
