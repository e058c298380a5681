//! A body that depends on its receiver.

use opero::{Error, opero};

struct Client {
    factor: u32,
}

impl Client {
    fn get(&self, n: u32) -> Result<u32, String> {
        Ok(n * self.factor)
    }

    async fn later(&self, n: u32) -> Result<u32, String> {
        self.get(n)
    }

    fn expression(&self, n: u32) {
        let _ = opero! { cache => self.get(n) };
        let _ = opero! { cache => async { self.later(n).await } };
    }

    opero! { cache => fn by_reference(&self, n: u32) -> Result<u32, Error<String>> { self.get(n) } }

    opero! { cache => fn by_unique_reference(&mut self, n: u32) -> Result<u32, Error<String>> { self.get(n) } }

    opero! { cache => fn by_value(self, n: u32) -> Result<u32, Error<String>> { self.get(n) } }

    opero! { cache => fn by_mutable_value(mut self, n: u32) -> Result<u32, Error<String>> { self.get(n) } }

    opero! { cache => async fn in_future(&self, n: u32) -> Result<u32, Error<String>> { self.later(n).await } }

    opero! { rate: 10/s, scope: per_args => fn limited(&self, n: u32) -> Result<u32, Error<String>> { self.get(n) } }
}

fn main() {
    let (client, n) = (Client { factor: 2 }, 1);
    let _ = opero! { cache => client.get(n) };
    let _ = opero! { cache => async { client.later(n).await } };
    let _ = opero! { rate: 10/s, scope: per_args => client.get(n) };
    let _ = opero! { cache, key: n, n => client.get(n) };
    let _ = opero! { cache, key: &client.factor, n => client.get(n) };
    let _ = opero! { cache, key: n, &client.factor, retries: 3 => client.get(n) };
    let _ = opero! { cache, key: n, client.factor => client.get(n) };
    let _ = opero! { cache, key: 1.5 => client.get(n) };
    let _ = opero! { cache, key: &client => client.get(n) };
}
