fn rate_per_args(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { rate: (), scope: (), ..::opero::Options::ALL };
        {
            let site = {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            };
            let (context, call) = ::opero::Call::split(::opero::__private::blocking("rate_per_args:8", site));
            let cached = ();
            let rated = ::opero::__private::Rated::new(
                ::opero::__private::PerArgs::new(::opero::__private::Site::limiters(site)).key(
                    |hasher: &mut ::opero::__private::Fingerprinter| {
                        let arg = ::opero::__private::Argument::new();
                        if false {
                            let _ = (const { ask })(::opero::__private::Argument::value(&arg));
                        };
                        ::opero::__private::Argument::is(&arg, ::opero::__private::part(question, hasher));
                    },
                ),
            )
            .rate(
                ({
                    const TEXT: &::opero::__private::str = "10/s";
                    const VALUE: ::opero::__private::rate::Value = ::opero::__private::rate::value(TEXT);
                    ::opero::__private::Literal::<::opero::__private::rate::Value,
                                    { ::opero::__private::rate::is(TEXT) }>::HERE.rate(VALUE)
                }),
            );
            let op = ::opero::__private::once(|_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                (const { ask })(question)
            });
            {
                let call = call.of(&op);
                ::opero::__private::Rated::run(rated, &context, |now| {
                    ::opero::Call::run_once(call.within(&context, now), op)
                })
            }
        }
    }
}
