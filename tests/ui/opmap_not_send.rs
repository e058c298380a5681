//! An input that cannot leave its thread: the error says what to write instead.

use std::io::stdin;

use opero::opmap;

fn main() {
    let _ = opmap! { line in stdin().lines() => Ok::<_, String>(line) };
    let _ = opmap! { line in stdin().lines(), mode: rayon, each: |_| () => Ok::<_, String>(line) };
    let _ = opmap! { line in stdin().lines(), stream => Ok::<_, String>(line) };
}
