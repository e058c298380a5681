use opero::opero;

fn load(path: &str, times: usize) -> Result<String, String> {
    Ok(path.repeat(times))
}

async fn load_later(path: String) -> Result<String, String> {
    Ok(path)
}

async fn path() -> String {
    "news.txt".to_owned()
}

fn count(text: &str) -> Result<usize, String> {
    Ok(text.len())
}

fn main() {
    let _ = opero! { cache => load("news.txt") };
    let _ = opero! { cache => load("news.txt", "2") };
    let _ = opero! { cache => async { load_later(path().await).await } };
    let _ = opero! { cache => load("news.txt", count("ab")?) };
    let mut paths = ["a", "b"].iter();
    let _ = opero! { cache, retries: 2 => load(paths.next().unwrap(), 1) };
    let _ = opero! { cache: 60s, fallback: path in ["a"] => load(path, path.len()) };
    let _ = opero! { rate: 1/s, scope: per_args, retries: 2 => load(&format!("a"), { 1 }) };
    let _ = opero! { retries: 2, cache => async { load_later(path().await).await } };
}
