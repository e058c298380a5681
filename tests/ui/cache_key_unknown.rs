use opero::opero;

fn load(path: &str) -> Result<String, String> {
    Ok(path.to_owned())
}

struct Client;

impl Client {
    fn get(&self, path: &str) -> Result<String, String> {
        load(path)
    }
}

fn main() {
    let (client, path) = (Client, "news.txt");
    let _ = opero! { cache => { let text = load(path)?; Ok(text) } };
    let _ = opero! { cache: 60s => client.get(path) };
    let _ = opero! { retries: 3, cache => load(path)? };
    let _ = opero! { cache => load(path).map(|text| text.len()) };
    let _ = opero! { cache => if path.is_empty() { Err("no path") } else { Ok(path) } };
    let _ = opero! { cache => opero! { retries: 1 => load(path) } };
    let _ = opero! { cache => async { client.get(path) } };
    let _ = opero! { cache => async { let text = load(path)?; Ok(text) } };
    let _ = opero! { cache => |(path, times): (&str, usize)| load(path).map(|text| text.repeat(times)) };
    let _ = opero! { cache => async |&path: &&str| load(path) };
    let _ = opero! { cache => Ok::<_, String>(path) };
}

opero! { cache =>
    fn sum((a, b): (u32, u32)) -> Result<u32, opero::Error<String>> { Ok(a + b) }
}
