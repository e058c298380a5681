use opero::{Error, opero};

opero! { cache: 60s =>
    fn function_cache(question: u32) -> Result<u32, Error<String>> {
        question.checked_add(1).ok_or_else(|| String::from("too much"))
    }
}
