use opero::opero;

fn send(text: String) -> Result<u32, String> {
    Err(text)
}

fn blocking(text: String) {
    let _ = opero! { retries: 3 => send(text) };
}

fn judged(text: String) {
    let _ = opero! { retries: 3, retry_if: |_| true => send(text) };
}

fn limited(text: String) {
    let _ = opero! { retries: 3, rate: 10/s => send(text) };
}

fn future(text: String) {
    let _ = opero! { retries: 3 => async { send(text) } };
}

fn owning_future(text: String) {
    let _ = opero! { retries: 3 => async move { send(text) } };
}

fn main() {}
