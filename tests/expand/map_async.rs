use opero::{Error, opmap};

async fn ask(question: u32) -> Result<u32, String> {
    question.checked_add(1).ok_or_else(|| String::from("too much"))
}

async fn map_async(questions: &[u32]) -> Vec<Result<u32, Error<String>>> {
    opmap! { &question in questions, workers: 8, retries: 2 => async { ask(question).await } }.await
}
