fn no_option(question: u32) -> Result<u32, Error<String>> {
    ::opero::Call::run_once(
        ::opero::__private::blocking("no_option:8", {
            static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
            &SITE
        }),
        |_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> { ask(question) },
    )
}
