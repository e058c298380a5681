//! Items whose body crashes, hangs, leaks or panics, and the result of each.
//!
//! ```sh
//! cargo run --example crashing --features process
//! ```

use std::process::{abort, exit};
use std::time::Instant;

use opero::{Error, opmap};

/// What a parser in a C library may do to its program.
fn parse(document: &str) -> Result<usize, String> {
    match document {
        "aborts" => abort(),
        "exits" => exit(3),
        "hangs" => loop {
            std::hint::spin_loop();
        },
        "leaks" => {
            let mut kept = Vec::new();
            loop {
                kept.push(vec![1_u8; 1 << 20]);
            }
        }
        "panics" => panic!("the document has no root"),
        "is wrong" => Err("line 7: no closing tag".to_owned()),
        other => Ok(other.len()),
    }
}

fn main() {
    opero::process::init();

    let documents = ["is fine", "aborts", "exits", "hangs", "leaks", "panics", "is wrong", "is fine, too"];
    let began = Instant::now();
    let results = opmap! { document in documents.map(String::from), mode: process, timeout: 2s, retries: 1, min_delay: 10ms,
    retry_if: |_: &String| false, max_child_memory: 300MB, recycle_after: 100, name: "parse" => parse(&document) };

    for (document, result) in documents.iter().zip(results) {
        println!("{document:>12}: {}", told(result));
    }
    println!("after {:.1?}, and this program is still running", began.elapsed());
}

/// Formats a result on one line.
fn told(result: Result<usize, Error<String>>) -> String {
    match result {
        Ok(length) => format!("{length} bytes"),
        Err(error @ Error::Panicked(_)) => error.to_string(),
        Err(error) => {
            let attempts: Vec<_> = error.attempts().iter().map(|attempt| attempt.failure().to_string()).collect();
            attempts.join("; again: ")
        }
    }
}
