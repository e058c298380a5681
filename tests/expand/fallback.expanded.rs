fn fallback(question: u32) -> Result<u32, Error<String>> {
    {
        #[allow(non_camel_case_types, reason = "each is the name of an option")]
        type __Names<retries, fallback> = (retries, fallback);
        {
            use ::opero::__private::{Iterated as _, List as _, Unprinted as _};
            let mut __list = ["a", "b"];
            let __list = &__list;
            static __SITE: ::opero::__private::Site = ::opero::__private::Site::retried("fallback:8").retries(3);
            (&__SITE).over("model", ::opero::__private::Candidates(__list).opero_counted(), |__attempt| {
                let model = {
                    use ::opero::__private::Bind as _;
                    ::opero::__private::candidate(__list, __attempt).opero_bind()
                };
                ::opero::bounds::IsResult::opero_result(ask(model, question))
            })
        }
    }
}
