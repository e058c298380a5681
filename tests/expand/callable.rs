use opero::{Error, opero};

fn ask(question: u32) -> Result<u32, String> {
    question.checked_add(1).ok_or_else(|| String::from("too much"))
}

fn callable(questions: [u32; 2]) -> [Result<u32, Error<String>>; 2] {
    let call = opero! { retries: 3 => |question: u32| ask(question) };
    questions.map(call)
}
