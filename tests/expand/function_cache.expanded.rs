fn function_cache(question: u32) -> Result<u32, Error<String>> {
    ::opero::__private::decorated::<Result<u32, Error<String>>, _>({
        let _ = ::opero::Options { cache: (), ..::opero::Options::ALL };
        {
            let site = {
                static SITE: ::opero::__private::Site = ::opero::__private::Site::NEW;
                &SITE
            };
            let (context, call) = ::opero::Call::split(::opero::__private::blocking("function_cache", site));
            let cached = ::opero::__private::Cached::new(::opero::__private::Site::slots(site), "opero")
                .cache(
                    ({
                        const TEXT: &::opero::__private::str = "60s";
                        const VALUE: ::opero::__private::time_to_live::Value =
                            ::opero::__private::time_to_live::value(TEXT);
                        ::opero::__private::Literal::<
                            ::opero::__private::time_to_live::Value,
                            { ::opero::__private::time_to_live::is(TEXT) },
                        >::HERE
                            .cache(VALUE)
                    }),
                )
                .key(|hasher: &mut ::opero::__private::Fingerprinter| {
                    ::opero::__private::key(&question, hasher);
                });
            let rated = ();
            let op = ::opero::__private::once(
                |_: ::opero::policy::Execution| -> <Result<u32, Error<String>> as ::opero::__private::Decorated>::Body {
                    { question.checked_add(1).ok_or_else(|| String::from("too much")) }
                },
            );
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
    })
}
