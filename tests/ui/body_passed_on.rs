use opero::{opero, opmap};

macro_rules! retried {
    ($body:expr) => {
        opero! { retries: 3 => $body }
    };
}

macro_rules! mapped {
    ($body:expr) => {
        opmap! { _n in 0..3 => $body }
    };
}

fn main() {
    let _ = retried!(async { "1".parse::<u32>() });
    let _ = retried!(|text: &str| text.parse::<u32>());
    let _ = mapped!(async { "1".parse::<u32>() });
}
