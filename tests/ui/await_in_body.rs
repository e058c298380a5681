//! A body that is not async, but awaits or calls an async function.

use opero::opero;

async fn ask(n: u32) -> Result<u32, String> {
    Ok(n)
}

async fn find(n: u32) -> Option<u32> {
    Some(n)
}

struct Client;

impl Client {
    async fn get(&self, n: u32) -> Result<u32, String> {
        Ok(n)
    }
}

async fn awaited(client: Client) {
    let _ = opero! { retries: 3 => ask(1).await };
    let _ = opero! { retries: 3, timeout: 2s => ask(1).await };
    let _ = opero! { retries: 3 => client.get(1).await };
    let _ = opero! { retries: 3 => Client::get(&client, 1).await };
    let _ = opero! { cache => ask(1).await };
    let _ = opero! { cache, key: 1 => ask(1).await };
    let _ = opero! { timeout: std::time::Duration::MAX => ask(1).await };
    let _ = opero! { retries: 3 => ask(1).await.map(|n| n + 1) };
    let _ = opero! { retries: 3 => Ok::<_, String>(ask(1).await?) };
    let _ = opero! { retries: 3 => { ask(1).await } };
    let _ = opero! { retries: 3 => |n: u32| ask(n).await };
}

fn called(client: Client) {
    let _ = opero! { retries: 3 => ask(1) };
    let _ = opero! { retries: 3, timeout: 2s => ask(1) };
    let _ = opero! { retries: 3 => client.get(1) };
    let _ = opero! { rate: 10/s => Client::get(&client, 1) };
    let _ = opero! { cache => ask(1) };
    let _ = opero! { timeout: std::time::Duration::MAX => ask(1) };
    let _ = opero! { retries: 3 => { ask(1) } };
}

async fn another() {
    let _ = opero! { retries: 3 => async { ask(1) } }.await;
    let _ = opero! { retries: 3 => async { find(1).await } }.await;
}

fn main() {}
