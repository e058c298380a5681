fn fallback(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { retries: (), fallback: (), ..::opero::Options::ALL };
        match ["a", "b"] {
            list => ::opero::Call::run(
                ::opero::__private::blocking("fallback:8", {
                    static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                    &SITE
                })
                .fallback("model", ::opero::__private::Iterator::count(list.iter()))
                .retries((3)),
                |execution: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                    let model = {
                        use ::opero::__private::Bind as _;
                        ::opero::__private::candidate(list.iter(), execution).opero_bind()
                    };
                    ask(model, question)
                },
            ),
        }
    }
}
