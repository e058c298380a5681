use opero::{Error, opero};

#[derive(Debug)]
enum Fault {
    Busy(u32),
    Gone,
}

fn ask(question: u32) -> Result<u32, Fault> {
    question.checked_add(1).ok_or(if question.is_power_of_two() { Fault::Gone } else { Fault::Busy(question) })
}

fn retry_on(question: u32) -> Result<u32, Error<Fault>> {
    opero! { retry_on: Fault::Busy(n) if *n > 1 => ask(question) }
}
