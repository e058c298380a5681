use opero::opero;

struct Client;

fn get(_client: &Client, path: &str) -> Result<String, String> {
    Ok(path.to_owned())
}

fn half(n: f64) -> Result<f64, String> {
    Ok(n / 2.0)
}

async fn get_later(_client: &Client, path: &str) -> Result<String, String> {
    Ok(path.to_owned())
}

opero! { cache => fn twice(n: f64) -> Result<f64, opero::Error<String>> { Ok(n * 2.0) } }

impl Client {
    opero! { cache => fn load(&self, path: &str) -> Result<String, opero::Error<String>> { Ok(path.to_owned()) } }
}

fn main() {
    let client = Client;
    let _ = opero! { cache => get(&client, "news.txt") };
    let _ = opero! { cache: 60s => half(0.5) };
    let _ = opero! { cache => async { get_later(&client, "news.txt").await } };
    let _ = opero! { cache, key: 0.5 => half(0.5) };
    let _ = opero! { cache, key: (&client, "news.txt") => get(&client, "news.txt") };
    let _ = opero! { cache => |n: f64| half(n) };
    let _ = opero! { cache, fallback: n in [0.5, 1.5] => half(*n) };
}
