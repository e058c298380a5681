use std::cell::Cell;
use std::rc::Rc;

use opero::cache::Memory;
use opero::opero;

struct Page;

fn page(_path: &str) -> Result<Page, String> {
    Ok(Page)
}

async fn page_later(path: &str) -> Result<Page, String> {
    page(path)
}

fn shared(path: &str) -> Result<Rc<str>, String> {
    Ok(path.into())
}

fn counter(n: u32) -> Result<Cell<u32>, String> {
    Ok(Cell::new(n))
}

fn first_word(text: &str) -> Result<&str, String> {
    text.split(' ').next().ok_or_else(|| "empty".to_owned())
}

fn first_of(text: &str) -> Option<usize> {
    let owned = text.to_owned();
    opero! { cache => first_word(&owned) }.ok().map(str::len)
}

fn main() {
    let _ = opero! { cache => page("news.txt") };
    let _ = opero! { cache: 60s => shared("news.txt") };
    let _ = opero! { cache => counter(1) };
    let _ = opero! { cache => async { page_later("news.txt").await } };
    let _ = opero! { cache => |path: &str| page(path) };
    let pages = Memory::<String>::new();
    let _ = opero! { cache, store: &pages, name: "pages" => counter(1) };
    let numbers = Memory::<u32>::new();
    let _ = opero! { cache, store: &numbers, name: "numbers", key: () => Ok::<_, String>(String::new()) };
}

opero! { cache => fn decorated(path: &str) -> Result<Page, opero::Error<String>> { page(path) } }
