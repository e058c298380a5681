async fn async_limits(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { timeout: (), deadline: (), ..::opero::Options::ALL };
        {
            let call = ::opero::__private::future("async_limits:8", {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            })
            .timeout(
                ({
                    const TEXT: &::opero::__private::str = "2s";
                    const VALUE: ::opero::__private::limit::Value = ::opero::__private::limit::value(TEXT);
                    ::opero::__private::Literal::<
                        ::opero::__private::limit::Value,
                        { ::opero::__private::limit::is(TEXT) },
                    >::HERE
                        .timeout(VALUE)
                }),
            )
            .deadline(
                ({
                    const TEXT: &::opero::__private::str = "1m";
                    const VALUE: ::opero::__private::limit::Value = ::opero::__private::limit::value(TEXT);
                    ::opero::__private::Literal::<
                        ::opero::__private::limit::Value,
                        { ::opero::__private::limit::is(TEXT) },
                    >::HERE
                        .deadline(VALUE)
                }),
            );
            let mut op = ::opero::__private::async_once(
                async move |_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                    {
                        let result: ::opero::__private::Result<_, _> = { ask(question).await };
                        result
                    }
                },
            );
            let call = call.of_async_once(&op);
            async move {
                match call {
                    mut call => match ::opero::Call::enter(&mut call).await {
                        ::opero::__private::Err(error) => ::opero::__private::Err(error),
                        ::opero::__private::Ok(started) => {
                            match ::opero::Call::limited(&call, started, op(::opero::policy::Execution::FIRST)).await {
                                ::opero::__private::Ok(value) => ::opero::__private::Ok(value),
                                ::opero::__private::Err(failure) => {
                                    ::opero::__private::Err(::opero::Call::failed(call, started, failure))
                                }
                            }
                        }
                    },
                }
            }
        }
    }
    .await
}
