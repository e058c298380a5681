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
}
