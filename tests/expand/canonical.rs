use opero::{Error, opero};

fn ask(model: &str, question: u32) -> Result<u32, String> {
    question.checked_add(1).ok_or_else(|| format!("{model} has no answer"))
}

fn canonical(question: u32) -> Result<u32, Error<String>> {
    opero! { retries: 3, cache: 60s, rate: 10/s, fallback: model in ["a", "b"] => ask(model, question) }
}
