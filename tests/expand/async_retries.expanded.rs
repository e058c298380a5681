async fn async_retries(question: u32) -> Result<u32, Error<String>> {
    {
        async {
            {
                let mut __course = {
                    static __SITE: ::opero::__private::Site =
                        ::opero::__private::Site::retried("async_retries:8").retries(3);
                    (&__SITE).course()
                };
                loop {
                    if let ::opero::__private::Break(__outcome) =
                        ::opero::__private::Course::turn(&mut __course, async {
                            let __result: ::opero::__private::Result<_, _> = { ask(question).await };
                            __result
                        })
                        .await
                    {
                        break __outcome;
                    }
                }
            }
        }
    }
    .await
}
