fn retry_on(question: u32) -> Result<u32, Error<Fault>> {
    match ::opero::__private::Site::call({
        static __SITE: ::opero::__private::Site = ::opero::__private::Site::retried("retry_on:14");
        &__SITE
    }) {
        __call => {
            let __op = ::opero::__private::repeated(|_| -> ::opero::__private::Result<_, _> { ask(question) });
            let __call = __call.of(&__op).retry_if(|__error: &_| #[allow(non_exhaustive_omitted_patterns)]
            match __error {
                Fault::Busy(n) if *n > 1 => true,
                _ => false,
            });
            ::opero::Call::run(__call, __op)
        }
    }
}
