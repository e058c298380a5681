fn min_delay(question: u32) -> Result<u32, Error<String>> {
    {
        #[allow(unused, non_camel_case_types, clippy::all, clippy::pedantic, reason = "it is there for the names")]
        type __Names<retries, min_delay> = (retries, min_delay);
        {
            static __SITE: ::opero::__private::Site =
                ::opero::__private::Site::retried("min_delay:8").retries(3).min_delay(
                    ::opero::__private::duration::Literal::<{ ::opero::__private::duration::is("250ms") }>
                        .min_delay("250ms"),
                );
            (&__SITE).again(|_| -> ::opero::__private::Result<_, _> { ask(question) })
        }
    }
}
