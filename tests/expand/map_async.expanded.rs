async fn map_async(questions: &[u32]) -> Vec<Result<u32, Error<String>>> {
    async {
        ::opero::map::Map::future(
            ::opero::map::Map::new_async("map_async:8").workers({
                #[allow(non_camel_case_types, reason = "it is the name of an option")]
                fn __literal<workers: ::opero::__private::several::Literal<0, ()>>() {
                    <workers as ::opero::__private::several::Literal<
                        { ::opero::__private::several::mistake("8") },
                        _,
                    >>::HERE
                }
                ::opero::__private::several::read("8")
            }),
            questions,
            async |&question, _| {
                {
                    async {
                        {
                            let mut __course = ::opero::__private::Site::course({
                                static __SITE: ::opero::__private::Site =
                                    ::opero::__private::Site::retried("map_async:8").retries(2);
                                &__SITE
                            });
                            loop {
                                if let ::opero::__private::Break(__outcome) =
                                    ::opero::__private::Course::turn(&mut __course, async {
                                        {
                                            let __result: ::opero::__private::Result<_, _> = { ask(question).await };
                                            __result
                                        }
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
            },
        )
        .await
    }
    .await
}
