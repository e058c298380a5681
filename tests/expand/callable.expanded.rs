fn callable(questions: [u32; 2]) -> [Result<u32, Error<String>>; 2] {
    let call = |question: u32| {
        let _ = ::opero::Options { retries: (), ..::opero::Options::ALL };
        ::opero::Call::run(
            ::opero::__private::blocking("callable:8", {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            })
            .retries((3)),
            |_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> { ask(question) },
        )
    };
    questions.map(call)
}
