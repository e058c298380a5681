fn cache_key(question: u32) -> Result<u32, Error<String>> {
    {
        let _ = ::opero::Options { cache: (), key: (), ..::opero::Options::ALL };
        {
            let site = {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            };
            let (context, call) = ::opero::Call::split(::opero::__private::blocking("cache_key:8", site));
            let cached = ::opero::__private::Cached::new(::opero::__private::Site::slots(site), "opero").key(
                |hasher: &mut ::opero::__private::Fingerprinter| {
                    ::opero::__private::key(&question, hasher);
                },
            );
            let rated = ();
            let op = ::opero::__private::once(|_: ::opero::policy::Execution| -> ::opero::__private::Result<_, _> {
                ask(question).map(|answer| answer * 2)
            });
            {
                let cached = cached.of(&op);
                match ::opero::__private::Cached::look(&cached, &context) {
                    ::opero::__private::Some(value) => ::opero::__private::Ok(value),
                    _ => {
                        let call = call.of(&op);
                        ::opero::__private::Cached::run(cached, &context, || {
                            ::opero::Call::run_once(call.within(&context, ::opero::__private::None), op)
                        })
                    }
                }
            }
        }
    }
}
