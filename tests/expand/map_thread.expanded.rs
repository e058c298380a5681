fn map_thread(questions: &[u32]) -> Vec<Result<u32, Error<String>>> {
    ::opero::map::Map::thread(
        ::opero::map::Map::new("map_thread:8").workers({
            #[allow(non_camel_case_types, reason = "it is the name of an option")]
            fn __literal<workers: ::opero::__private::several::Literal<0, ()>>() {
                <workers as
                        ::opero::__private::several::Literal<{
                            ::opero::__private::several::mistake("8")
                        }, _>>::HERE
            }
            ::opero::__private::several::read("8")
        }),
        questions,
        |&question, _| {
            ::opero::__private::Site::again(
                {
                    static __SITE: ::opero::__private::Site =
                        ::opero::__private::Site::retried("map_thread:8").retries(2);
                    &__SITE
                },
                |_| -> ::opero::__private::Result<_, _> { ask(question) },
            )
        },
    )
}
