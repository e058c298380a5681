async fn async_limits(question: u32) -> Result<u32, Error<String>> {
    ::opero::__private::Course::once(
        ::opero::__private::Site::course({
            static __SITE: ::opero::__private::Site = ::opero::__private::Site::new("async_limits:8")
                .timeout({
                    #[allow(non_camel_case_types, reason = "it is the name of an option")]
                    fn __literal<timeout: ::opero::__private::limit::Literal<0, ()>>() {
                        <timeout as ::opero::__private::limit::Literal<
                            { ::opero::__private::limit::mistake("2s") },
                            _,
                        >>::HERE
                    }
                    ::opero::__private::limit::read("2s")
                })
                .deadline({
                    #[allow(non_camel_case_types, reason = "it is the name of an option")]
                    fn __literal<deadline: ::opero::__private::limit::Literal<0, ()>>() {
                        <deadline as ::opero::__private::limit::Literal<
                            { ::opero::__private::limit::mistake("1m") },
                            _,
                        >>::HERE
                    }
                    ::opero::__private::limit::read("1m")
                });
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
