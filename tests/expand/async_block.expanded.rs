async fn async_block(question: u32) -> Result<u32, Error<String>> {
    async {
        {
            let call = || {
                ::opero::__private::future("async_block:8", {
                    static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                    &SITE
                })
            };
            let op = ::opero::__private::async_once(
                async |_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                    {
                        let result: ::opero::__private::Result<_, _> = { ask(question).await };
                        result
                    }
                },
            );
            match ::opero::Call::start(&call()) {
                ::opero::__private::Err(error) => ::opero::__private::Err(error),
                ::opero::__private::Ok(started) => match op(::opero::policy::Execution::FIRST).await {
                    ::opero::__private::Ok(value) => {
                        ::opero::Call::succeeded(&call(), started);
                        ::opero::__private::Ok(value)
                    }
                    ::opero::__private::Err(error) => {
                        ::opero::__private::Err(::opero::Call::failed(call(), started, ::opero::Failure::Error(error)))
                    }
                },
            }
        }
    }
    .await
}
