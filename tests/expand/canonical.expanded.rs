fn canonical(question: u32) -> Result<u32, Error<String>> {
    {
        #[allow(unused, non_camel_case_types, clippy::all, clippy::pedantic, reason = "it is there for the names")]
        type __Names<retries, cache, rate, fallback> = (retries, cache, rate, fallback);
        {
            use ::opero::__private::{Iterated as _, List as _, Unprinted as _};
            let mut __list = ["a", "b"];
            let __list = &__list;
            {
                static __SITE: ::opero::__private::Site<
                    ::opero::__private::CacheSite,
                    ::opero::__private::RateSite<::opero::__private::Limiter>,
                > = ::opero::__private::Site::retried("canonical:8").retries(3).layers(
                    ::opero::__private::CacheSite::new().cache(
                        ::opero::__private::time_to_live::Literal::<{ ::opero::__private::time_to_live::is("60s") }>
                            .cache("60s"),
                    ),
                    ::opero::__private::RateSite::new(::opero::__private::Limiter::NEW).rate(
                        ::opero::__private::rate::Literal::<{ ::opero::__private::rate::is("10/s") }>.rate("10/s"),
                    ),
                );
                &__SITE
            }
            .at({
                let model = ::opero::__private::Listed(__list);
                let _ = &model;
                {
                    let mut __key = ::opero::__private::Key::in_memory();
                    ::opero::__private::feed(&mut __key, &model);
                    ::opero::__private::feed(&mut __key, &question);
                    __key.finish()
                }
            })
            .over(
                "model",
                ::opero::__private::Candidates(__list).opero_counted(),
                |__attempt| -> ::opero::__private::Result<_, _> {
                    let model = {
                        use ::opero::__private::Bind as _;
                        ::opero::__private::candidate(__list, __attempt).opero_bind()
                    };
                    (const { ask })(model, question)
                },
            )
        }
    }
}
