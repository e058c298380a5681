use opero::{Error, opero};

async fn ask(question: u32) -> Result<u32, String> {
    question.checked_add(1).ok_or_else(|| String::from("too much"))
}

async fn async_retries(question: u32) -> Result<u32, Error<String>> {
    opero! { retries: 3 => async { ask(question).await } }.await
}
