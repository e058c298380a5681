use opero::opero;

fn main() {
    let _ = opero! { retries: 3, backoff: 2, retries: 4 => "1".parse::<u32>() };
    let _ = opero! { fallback: a in ["1"], fallback: b in ["2"] => a.parse::<u32>() };
    let _ = opero! { attempt: a, attempt: b => Err::<(), _>(a) };
}
