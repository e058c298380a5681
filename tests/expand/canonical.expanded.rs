fn canonical(question: u32) -> Result<u32, Error<String>> {
    {
        #[allow(non_camel_case_types, reason = "each is the name of an option")]
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
                    ::opero::__private::CacheSite::new().cache({
                        #[allow(non_camel_case_types, reason = "it is the name of an option")]
                        fn __literal<cache: ::opero::__private::time_to_live::Literal<0, ()>>() {
                            <cache as ::opero::__private::time_to_live::Literal<
                                { ::opero::__private::time_to_live::mistake("60s") },
                                _,
                            >>::HERE
                        }
                        ::opero::__private::time_to_live::read("60s")
                    }),
                    ::opero::__private::RateSite::new(::opero::__private::Limiter::NEW).rate({
                        #[allow(non_camel_case_types, reason = "it is the name of an option")]
                        fn __literal<rate: ::opero::__private::rate::Literal<0, ()>>() {
                            <rate as ::opero::__private::rate::Literal<
                                { ::opero::__private::rate::mistake("10/s") },
                                _,
                            >>::HERE
                        }
                        ::opero::__private::rate::read("10/s")
                    }),
                );
                &__SITE
            }
            .at({
                let model = ::opero::__private::Listed(__list);
                let _ = &model;
                {
                    let mut __key = ::opero::__private::Key::in_memory();
                    ::opero::__private::KeyPart::feed(&model, &mut __key);
                    ::opero::__private::KeyPart::feed(&question, &mut __key);
                    __key.finish()
                }
            })
            .over("model", ::opero::__private::Candidates(__list).opero_counted(), |__attempt| {
                let model = {
                    use ::opero::__private::Bind as _;
                    ::opero::__private::candidate(__list, __attempt).opero_bind()
                };
                ::opero::bounds::IsCachedResult::opero_result((const { ask })(model, question))
            })
        }
    }
}
