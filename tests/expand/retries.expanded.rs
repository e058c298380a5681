fn retries(question: u32) -> Result<u32, Error<String>> {
    {
        static __SITE: ::opero::__private::Site = ::opero::__private::Site::retried("retries:8").retries(3);
        (&__SITE).again(|_| ::opero::bounds::IsResult::opero_result(ask(question)))
    }
}
