fn callable(questions: [u32; 2]) -> [Result<u32, Error<String>>; 2] {
    let call = |question: u32| {
        static __SITE: ::opero::__private::Site = ::opero::__private::Site::retried("callable:8").retries(3);
        (&__SITE).again(|_| ask(question))
    };
    questions.map(call)
}
