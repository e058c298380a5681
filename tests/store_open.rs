//! Stores that are chosen at run time by a text.

// With any of these features, so that it also tests the messages about those that are off.
#![cfg(any(feature = "disk", feature = "redis", feature = "sqlite"))]

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use opero::cache::{DynStore, Entry, Key, Store, open};
use opero::opero;

/// A directory that is removed when this is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let directory = env::temp_dir().join(format!("opero-open-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory");
        Directory(directory)
    }

    /// The path as it is written in the text: a space is `%20`.
    fn file(&self, name: &str) -> String {
        format!("//{}/{name}", self.0.display())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn value(store: &dyn DynStore<String>, key: &Key<'_>) -> Option<String> {
    store.get(key).expect("it answers").map(Entry::into_value)
}

fn mistake(url: &str) -> String {
    match open::<String>(url) {
        Ok(_) => panic!("{url} is opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_store_by_its_text_is_a_store_like_any_other() {
    let directory = Directory::new("each");
    let mut urls = vec![String::from("memory:?capacity=100")];
    if cfg!(feature = "disk") {
        urls.push(format!("disk:{}?capacity=100&max_bytes=10MB&io_timeout=1s", directory.file("disk%20file")));
    }
    if cfg!(feature = "sqlite") {
        urls.push(format!(
            "sqlite:{}?max_value_bytes=1MB&single_flight=true&lease_time=5s",
            directory.file("a%3Fb.db")
        ));
    }
    for url in urls {
        let store = open::<String>(&url).unwrap();
        let ask = || opero! { cache: 60s, store: &store, key: (), name: "open" => Ok::<_, String>("kept".to_owned()) };
        assert_eq!((ask(), ask()), (Ok("kept".into()), Ok("kept".into())));
        let key = Key::new("opero", "open", &());
        assert_eq!(value(&*store, &key).as_deref(), Some("kept"), "{url}");
        assert!(store.get(&key).unwrap().unwrap().time_left() > Some(Duration::from_secs(50)));
        assert_eq!(store.clear("opero"), Ok(1));
    }
    assert_eq!(directory.0.join("disk file").exists(), cfg!(feature = "disk"));
    assert_eq!(directory.0.join("a?b.db").exists(), cfg!(feature = "sqlite"));
}

#[test]
fn mistakes_are_named_without_repeating_the_text() {
    for (url, says) in [
        (
            "mysql://h",
            "`mysql:` is no store: write `memory:`, `disk:path`, `sqlite:path` or `redis://host:port/database`",
        ),
        ("memory:?io_timeout=1s", "option `io_timeout` is unknown to this store, which has `capacity`"),
        ("memory:?capacity=many", "option `capacity`: `many` is not a count"),
        ("sqlite://h/x?single_flight=1", "option `single_flight`: write `true` or `false`"),
    ] {
        assert!(mistake(url).contains(says), "{}", mistake(url));
    }
    let mistake = mistake("redis://app:hunter2@h:1/0?capcity=7");
    assert!(mistake.contains("`capcity`") && !mistake.contains("hunter2"), "{mistake}");
}

#[test]
fn a_store_whose_feature_is_off_names_it() {
    for (feature, is_on, url) in [
        ("disk", cfg!(feature = "disk"), "disk:/no such directory/x"),
        ("sqlite", cfg!(feature = "sqlite"), "sqlite:/no such directory/x"),
        ("redis", cfg!(feature = "redis"), "redis://h:port/0"),
    ] {
        let mistake = mistake(url);
        assert_eq!(mistake.contains(&format!("needs the feature `{feature}`")), !is_on, "{mistake}");
    }
}

#[cfg(feature = "redis")]
#[test]
fn with_a_server_that_is_down_a_call_only_loses_its_cache() {
    let store = open::<u32>("redis://u:hunter2@127.0.0.1:1/0?io_timeout=200ms&single_flight=true").unwrap();
    let ask = || opero! { cache: 60s, store: &store, key: (), name: "open down" => Ok::<_, String>(7) };
    assert_eq!((ask(), ask()), (Ok(7), Ok(7)));
    let error = store.get(&Key::new("opero", "open down", &())).unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
}
