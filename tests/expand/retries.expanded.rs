fn retries(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { retries: (), ..::opero::Options::ALL };
        ::opero::Call::run(
            ::opero::__private::blocking("retries:8", {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            })
            .retries((3)),
            |_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> { ask(question) },
        )
    }
}
