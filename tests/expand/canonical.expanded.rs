fn canonical(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { retries: (), cache: (), rate: (), fallback: (), ..::opero::Options::ALL };
        match ["a", "b"] {
            list => {
                let site = {
                    static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                    &SITE
                };
                let (context, call) = ::opero::Call::split(
                    ::opero::__private::blocking("canonical:8", site)
                        .fallback("model", ::opero::__private::Iterator::count(list.iter()))
                        .retries((3)),
                );
                let cached = ::opero::__private::Cached::new(::opero::__private::Site::slots(site), "opero")
                    .cache(
                        ({
                            const TEXT: &::opero::__private::str = "60s";
                            const VALUE: ::opero::__private::time_to_live::Value =
                                ::opero::__private::time_to_live::value(TEXT);
                            ::opero::__private::Literal::<
                                ::opero::__private::time_to_live::Value,
                                { ::opero::__private::time_to_live::is(TEXT) },
                            >::HERE
                                .cache(VALUE)
                        }),
                    )
                    .key(|hasher: &mut ::opero::__private::Fingerprinter| {
                        let arg = ::opero::__private::Argument::new();
                        let arg = ::opero::__private::Argument::new();
                        if false {
                            for item in list.iter() {
                                use ::opero::__private::Bind as _;
                                let model = ::opero::__private::Item(item).opero_bind();
                                let _ = &model;
                                {
                                    let _ = (const { ask })(model, question);
                                }
                            }
                        };
                        {
                            let model = ::opero::__private::List(|| list.iter());
                            let _ = &model;
                            ::opero::__private::key(&model, hasher);
                            let _ = ::opero::__private::Argument::is(&arg, ::opero::__private::Argument::<()>::new());
                        };
                        {
                            let model = ::opero::__private::List(|| list.iter());
                            let _ = &model;
                            ::opero::__private::key(&question, hasher);
                            let _ = ::opero::__private::Argument::is(&arg, ::opero::__private::Argument::<()>::new());
                        };
                    });
                let rated = ::opero::__private::Rated::new(::opero::__private::Site::limiter(site)).rate(
                    ({
                        const TEXT: &::opero::__private::str = "10/s";
                        const VALUE: ::opero::__private::rate::Value = ::opero::__private::rate::value(TEXT);
                        ::opero::__private::Literal::<
                            ::opero::__private::rate::Value,
                            { ::opero::__private::rate::is(TEXT) },
                        >::HERE
                            .rate(VALUE)
                    }),
                );
                let op = ::opero::__private::repeated(
                    |execution: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                        let model = {
                            use ::opero::__private::Bind as _;
                            ::opero::__private::candidate(list.iter(), execution).opero_bind()
                        };
                        (const { ask })(model, question)
                    },
                );
                {
                    let cached = cached.of(&op);
                    match ::opero::__private::Cached::look(&cached, &context) {
                        ::opero::__private::Some(value) => ::opero::__private::Ok(value),
                        _ => {
                            let call = call.of(&op);
                            ::opero::__private::Cached::run(cached, &context, || {
                                ::opero::__private::Rated::run(rated, &context, |now| {
                                    ::opero::Call::run(call.within(&context, now), op)
                                })
                            })
                        }
                    }
                }
            }
        }
    }
}
