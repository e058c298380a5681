fn rate(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { rate: (), ..::opero::Options::ALL };
        {
            let site = {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            };
            let (context, call) = ::opero::Call::split(::opero::__private::blocking("rate:8", site));
            let cached = ();
            let rated = ::opero::__private::Rated::new(::opero::__private::Site::limiter(site)).rate(
                ({
                    const TEXT: &::opero::__private::str = "10/s";
                    const VALUE: ::opero::__private::rate::Value = ::opero::__private::rate::value(TEXT);
                    ::opero::__private::Literal::<::opero::__private::rate::Value,
                                    { ::opero::__private::rate::is(TEXT) }>::HERE.rate(VALUE)
                }),
            );
            let op = ::opero::__private::once(|_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                ask(question)
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
