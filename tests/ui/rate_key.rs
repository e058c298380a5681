use opero::{opero, opmap};

fn ask(model: &str) -> Result<u32, String> {
    model.parse().map_err(|_| model.to_owned())
}

fn main() {
    let model = "1";
    let _ = opero! { cache: 1h, key: model, rate: 1/s, scope: per_args => ask(model) };
    let _ = opero! { scope: per_args, rate: 1/s, cache, key: model => ask(model) };
    let _ = opero! { scope: per_args, key: model, rate: 1/s, cache: 1h => ask(model) };
    let _ = opmap! { model in ["1"], cache, key: model, rate: 1/s, scope: per_args => ask(model) };
    let _ = opero! { rate: 1/s, scope: per_key(model), key: model, capacity: 10 => ask(model) };
    let _ = opero! { scope: per_key(model), capacity: 10 => ask(model) };
    let _ = opero! { rate: 1/s, scope: per_key(1.5) => ask(model) };
    let _ = opero! { rate: 1/s, scope: per_key => ask(model) };
    let _ = opero! { rate: 1/s, scope: per_key() => ask(model) };
    let _ = opero! { rate: 1/s, capacity: 10 => ask(model) };
}
