//! A call that fails twice and is retried: `cargo run --example retry`

use opero::opero;

/// A service that is down for its first two requests.
fn ask(requests: &mut u32) -> Result<String, String> {
    *requests += 1;
    println!("request {requests}");
    if *requests < 3 { Err(format!("request {requests}: down")) } else { Ok("hello".to_owned()) }
}

fn main() {
    let mut requests = 0;
    let answer = opero! { retries: 3, min_delay: 50ms => ask(&mut requests) };
    println!("{answer:?}");

    // One retry is not enough. The error holds both attempts.
    let mut requests = 0;
    let answer = opero! { name: "ask", retries: 1, min_delay: 50ms => ask(&mut requests) };
    match answer {
        Ok(answer) => println!("{answer}"),
        Err(error) => println!("{error}"),
    }
}
