use opero::{Error, opero};

fn ask(question: u32) -> Result<u32, String> {
    question.checked_add(1).ok_or_else(|| String::from("too much"))
}

fn cache_key(question: u32) -> Result<u32, Error<String>> {
    opero! { cache, key: question => ask(question).map(|answer| answer * 2) }
}
