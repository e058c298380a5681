fn min_delay(question: u32) -> Result<u32, Error<String>> {
    {
        #[allow(non_camel_case_types, reason = "each is the name of an option")]
        type __Names<retries, min_delay> = (retries, min_delay);
        {
            static __SITE: ::opero::__private::Site =
                ::opero::__private::Site::retried("min_delay:8").retries(3).min_delay({
                    #[allow(non_camel_case_types, reason = "it is the name of an option")]
                    fn __literal<min_delay: ::opero::__private::duration::Literal<0, ()>>() {
                        <min_delay as ::opero::__private::duration::Literal<
                            { ::opero::__private::duration::mistake("250ms") },
                            _,
                        >>::HERE
                    }
                    ::opero::__private::duration::read("250ms")
                });
            (&__SITE).again(|_| ::opero::bounds::IsResult::opero_result(ask(question)))
        }
    }
}
