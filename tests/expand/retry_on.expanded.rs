fn retry_on(question: u32) -> Result<u32, Error<Fault>> {
    {
        let _ = ::opero::Options { retry_on: (), ..::opero::Options::ALL };
        {
            let call = ::opero::__private::blocking("retry_on:14", {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            });
            let op =
                ::opero::__private::repeated(|_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                    ask(question)
                });
            ::opero::Call::run(
                call.of(&op).retry_if(|error: &_| #[allow(non_exhaustive_omitted_patterns)]
                match error {
                    Fault::Busy(n) if *n > 1 => true,
                    _ => false,
                }),
                op,
            )
        }
    }
}
