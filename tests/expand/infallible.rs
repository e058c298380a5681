use opero::opero;

opero! { infallible, cache: 60s =>
    fn infallible(question: u32) -> u32 {
        question.wrapping_mul(question)
    }
}
