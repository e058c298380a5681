async fn async_limits(question: u32) -> Result<u32, Error<String>> {
    ::opero::__private::Course::once(
        ::opero::__private::Site::course({
            static __SITE: ::opero::__private::Site = ::opero::__private::Site::new("async_limits:8")
                .timeout(::opero::__private::limit::Literal::<{ ::opero::__private::limit::is("2s") }>.timeout("2s"))
                .deadline(::opero::__private::limit::Literal::<{ ::opero::__private::limit::is("1m") }>.deadline("1m"));
            &__SITE
        }),
        async move {
            {
                let __result: ::opero::__private::Result<_, _> = { ask(question).await };
                __result
            }
        },
    )
    .await
}
