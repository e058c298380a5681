fn no_option(question: u32) -> Result<u32, Error<String>> {
    {
        static __SITE: ::opero::__private::Site = ::opero::__private::Site::new("no_option:8");
        (&__SITE).once(|_| ::opero::bounds::IsResult::opero_result(ask(question)))
    }
}
