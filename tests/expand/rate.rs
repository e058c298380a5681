use opero::{Error, opero};

fn ask(question: u32) -> Result<u32, String> {
    question.checked_add(1).ok_or_else(|| String::from("too much"))
}

fn rate(question: u32) -> Result<u32, Error<String>> {
    opero! { rate: 10/s => ask(question) }
}
