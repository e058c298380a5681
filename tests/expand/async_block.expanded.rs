async fn async_block(question: u32) -> Result<u32, Error<String>> {
    ::opero::__private::Course::once(
        {
            static __SITE: ::opero::__private::Site = ::opero::__private::Site::new("async_block:8");
            (&__SITE).course()
        },
        async {
            let __result: ::opero::__private::Result<_, _> = { ask(question).await };
            __result
        },
    )
    .await
}
