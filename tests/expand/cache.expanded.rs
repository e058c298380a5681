fn cache(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { cache: (), ..::opero::Options::ALL };
        {
            let site = {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            };
            let (context, call) = ::opero::Call::split(::opero::__private::blocking("cache:8", site));
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
                    if false {
                        let _ = (const { ask })(::opero::__private::Argument::value(&arg));
                    };
                    ::opero::__private::Argument::is(&arg, ::opero::__private::part(question, hasher));
                });
            let rated = ();
            let op = ::opero::__private::once(|_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                (const { ask })(question)
            });
            {
                let cached = cached.of(&op);
                match ::opero::__private::Cached::look(&cached, &context) {
                    ::opero::__private::Some(value) => ::opero::__private::Ok(value),
                    _ => {
                        let call = call.of(&op);
                        ::opero::__private::Cached::run(cached, &context, || {
                            ::opero::Call::run_once(call.within(&context, ::opero::__private::None), op)
                        })
                    }
                }
            }
        }
    }
}
