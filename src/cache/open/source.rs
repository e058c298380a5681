//! Reads the text that names a store. It opens nothing.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use super::super::StoreError;
use crate::literal;

/// A store, and its options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) place: Place,
    pub(super) options: Options,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    Memory,
    /// A path.
    Disk(String),
    /// A path.
    Sqlite(String),
    /// A URL, without the options that are read here.
    Redis(String),
}

/// Hides the URL, which may contain a password.
impl core::fmt::Debug for Place {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Place::Memory => "memory",
            Place::Disk(_) => "disk",
            Place::Sqlite(_) => "sqlite",
            Place::Redis(_) => "redis",
        })
    }
}

/// The options that are set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(dead_code, reason = "each store uses some of them")]
pub(super) struct Options {
    pub(super) capacity: Option<usize>,
    pub(super) max_bytes: Option<u64>,
    pub(super) max_value_bytes: Option<u64>,
    pub(super) io_timeout: Option<Duration>,
    pub(super) single_flight: Option<bool>,
    pub(super) lease_time: Option<Duration>,
}

/// A kind of store: its options, and those that its client reads itself.
struct Kind {
    options: &'static [&'static str],
    of_client: &'static [&'static str],
}

const MEMORY: Kind = Kind { options: &["capacity"], of_client: &[] };
const DISK: Kind = Kind { options: &["capacity", "max_bytes", "max_value_bytes", "io_timeout"], of_client: &[] };
const SQLITE: Kind = Kind {
    options: &["capacity", "max_bytes", "max_value_bytes", "io_timeout", "single_flight", "lease_time"],
    of_client: &[],
};
const REDIS: Kind = Kind {
    options: &["capacity", "max_value_bytes", "io_timeout", "single_flight", "lease_time"],
    of_client: &["db", "user", "pass", "protocol"],
};

const STORES: &str =
    "write `memory:`, `disk:path`, `sqlite:path` or `redis://host:port/database`, where options follow a `?`";

impl Source {
    pub(super) fn read(url: &str) -> Result<Self, StoreError> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(StoreError::new(format_args!("this names no store: {STORES}")));
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        match scheme {
            "memory" if matches!(rest, "" | "//") => {
                let (options, _) = Options::read(query, &MEMORY)?;
                Ok(Source { place: Place::Memory, options })
            }
            "memory" => Err(StoreError::new("after `memory:` only options may follow, as in `memory:?capacity=1000`")),
            "disk" => {
                let (options, _) = Options::read(query, &DISK)?;
                Ok(Source { place: Place::Disk(path(scheme, rest)?), options })
            }
            "sqlite" => {
                let (options, _) = Options::read(query, &SQLITE)?;
                Ok(Source { place: Place::Sqlite(path(scheme, rest)?), options })
            }
            "redis" | "rediss" | "redis+unix" | "unix" | "valkey" | "valkeys" | "valkey+unix" => {
                let (options, others) = Options::read(query, &REDIS)?;
                let mark = if others.is_empty() { "" } else { "?" };
                Ok(Source { place: Place::Redis(format!("{scheme}:{rest}{mark}{others}")), options })
            }
            other if is_word(other) => Err(StoreError::new(format_args!("`{other}:` is no store: {STORES}"))),
            _ => Err(StoreError::new(format_args!("this names no store: {STORES}"))),
        }
    }
}

impl Options {
    /// Reads the part after the `?`. Also returns the options that the client of the store reads itself.
    fn read(query: &str, kind: &Kind) -> Result<(Self, String), StoreError> {
        // This may be a part of a URL whose password contains a `?`, so nothing of it may be repeated.
        if query.contains(['@', '?']) {
            return Err(StoreError::new(
                "options must not contain `@` or `?`; in a path or a password write `%40` and `%3F`",
            ));
        }
        let (mut options, mut others, mut seen) = (Options::default(), String::new(), Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if seen.contains(&name) {
                return Err(refused(name, "is set twice", kind));
            }
            seen.push(name);
            if kind.of_client.contains(&name) {
                let join = if others.is_empty() { "" } else { "&" };
                others = format!("{others}{join}{pair}");
            } else if kind.options.contains(&name) {
                options
                    .set(name, value)
                    .map_err(|problem| StoreError::new(format_args!("option `{name}`: {problem}")))?;
            } else {
                return Err(refused(name, "is unknown to this store", kind));
            }
        }
        Ok((options, others))
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let text = |error: literal::LiteralError<'_>| error.to_string();
        match name {
            "capacity" => self.capacity = Some(literal::entries(value).map_err(text)?),
            "max_bytes" => self.max_bytes = Some(literal::memory(value).map_err(text)?),
            "max_value_bytes" => self.max_value_bytes = Some(literal::memory(value).map_err(text)?),
            "io_timeout" => self.io_timeout = Some(time(value)?),
            "lease_time" => self.lease_time = Some(time(value)?),
            _ => self.single_flight = Some(truth(value)?),
        }
        Ok(())
    }
}

/// Repeats the name only if it cannot be a secret.
fn refused(name: &str, problem: &str, kind: &Kind) -> StoreError {
    let options = kind.options.join("`, `");
    if is_word(name) {
        return StoreError::new(format_args!("option `{name}` {problem}, which has `{options}`"));
    }
    StoreError::new(format_args!("an option {problem}, which has `{options}`"))
}

/// Is it a short lower-case word, and so no secret?
fn is_word(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || b"_+".contains(&byte))
}

fn time(text: &str) -> Result<Duration, String> {
    match literal::duration(text) {
        Ok(Duration::ZERO) => Err(format!("`{text}` is not longer than 0s")),
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| String::from("write `true` or `false`"))
}

/// Returns the path after a scheme.
fn path(scheme: &str, rest: &str) -> Result<String, StoreError> {
    let problem = |problem: &str| StoreError::new(format_args!("the path after `{scheme}:` {problem}"));
    let rest = match rest.strip_prefix("//") {
        Some(rest) if rest.starts_with('/') => rest,
        Some(_) => {
            return Err(problem(
                "begins with two slashes: write a relative path, or three slashes before an absolute one",
            ));
        }
        None => rest,
    };
    let path =
        decoded(rest).ok_or_else(|| problem("has a `%` without two hexadecimal digits after it; write `%25`"))?;
    let path = String::from_utf8(path).map_err(|_| problem("is not UTF-8"))?;
    if path.is_empty() {
        return Err(problem("is empty"));
    }
    if path.contains('\0') {
        return Err(problem("contains a zero byte"));
    }
    Ok(if cfg!(windows) { without_slash(path) } else { path })
}

/// Turns `/C:/cache` into `C:/cache` on systems with drives.
fn without_slash(path: String) -> String {
    match path.as_bytes() {
        [b'/', drive, b':', ..] if drive.is_ascii_alphabetic() => path.chars().skip(1).collect(),
        _ => path,
    }
}

/// Decodes the bytes that are written `%` and two digits.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    let (mut bytes, mut decoded) = (text.bytes(), Vec::with_capacity(text.len()));
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?,
            byte => byte,
        };
        decoded.push(byte);
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn place(url: &str) -> Option<Place> {
        Source::read(url).ok().map(|source| source.place)
    }

    fn mistake(url: &str) -> String {
        Source::read(url).expect_err(url).to_string()
    }

    #[test]
    fn each_scheme_names_a_store() {
        let text = String::from;
        for (url, expected) in [
            ("memory:", Place::Memory),
            ("memory://", Place::Memory),
            ("disk:cache", Place::Disk(text("cache"))),
            ("disk:/var/cache", Place::Disk(text("/var/cache"))),
            ("sqlite:///var/a%20b%3F.db", Place::Sqlite(text("/var/a b?.db"))),
            ("sqlite:./a:b.db", Place::Sqlite(text("./a:b.db"))),
            ("redis://h:1/0", Place::Redis(text("redis://h:1/0"))),
            ("rediss://u:p%3F@h", Place::Redis(text("rediss://u:p%3F@h"))),
            (
                "redis+unix:///run/r.sock?capacity=7&db=1&pass=x",
                Place::Redis(text("redis+unix:///run/r.sock?db=1&pass=x")),
            ),
        ] {
            assert!(place(url) == Some(expected), "{url}");
        }
    }

    #[test]
    fn options_are_literals() {
        let url = "sqlite:a?capacity=1_000&max_bytes=1GB&max_value_bytes=1KiB&io_timeout=200ms&single_flight=true&lease_time=5s";
        let options = Options {
            capacity: Some(1000),
            max_bytes: Some(1_000_000_000),
            max_value_bytes: Some(1024),
            io_timeout: Some(Duration::from_millis(200)),
            single_flight: Some(true),
            lease_time: Some(Duration::from_secs(5)),
        };
        assert_eq!(Source::read(url).map(|source| source.options), Ok(options));
        assert_eq!(Source::read("disk:a?").map(|source| source.options), Ok(Options::default()));
    }

    #[test]
    fn an_error_says_what_is_accepted() {
        for (url, says) in [
            ("cache.db", "this names no store: write `memory:`, `disk:path`"),
            ("ftp://h", "`ftp:` is no store: write"),
            ("memory:x", "after `memory:` only options may follow"),
            ("sqlite:", "the path after `sqlite:` is empty"),
            ("sqlite://cache.db", "begins with two slashes"),
            ("disk:a%2", "has a `%` without two hexadecimal digits after it"),
            ("disk:a%FF", "is not UTF-8"),
            ("disk:a%00", "contains a zero byte"),
            ("memory:?max_bytes=1GB", "option `max_bytes` is unknown to this store, which has `capacity`"),
            ("disk:a?capcity=1", "option `capcity` is unknown to this store, which has `capacity`, `max_bytes`"),
            ("disk:a?capacity=1&capacity=2", "option `capacity` is set twice"),
            ("disk:a?capacity=0", "option `capacity`: `0` leaves no room; write a whole number"),
            ("disk:a?capacity", "option `capacity`: `` is not a count; write a whole number"),
            ("disk:a?max_bytes=1", "option `max_bytes`: `1` is not a size; write a number and its unit"),
            ("disk:a?io_timeout=0s", "option `io_timeout`: `0s` is not longer than 0s"),
            ("redis://h?single_flight=yes", "option `single_flight`: write `true` or `false`"),
        ] {
            assert!(mistake(url).contains(says), "{url}: {}", mistake(url));
        }
    }

    #[test]
    fn no_error_repeats_a_password() {
        for url in [
            "redis://u:hunter2?x@h/0",
            "redis://u:p?capacity=hunter2@h/0",
            "redis://u:p?hunter2?capacity=x",
            "redis://u:hunter2@h/0?capacity=none",
            "redis://u:hunter2@h/0?wrong=1",
            "redis://h?Hunter2=hunter2",
            "hunter2hunter2hunter2://h",
            "hunter2@h",
        ] {
            assert!(!mistake(url).to_lowercase().contains("hunter2"), "{}", mistake(url));
        }
        let source = Source::read("redis://u:hunter2@h/0").unwrap();
        assert!(!format!("{source:?}").contains("hunter2"));
    }

    #[test]
    fn the_slash_before_a_drive_is_removed() {
        let paths = ["/C:/cache", "/var/cache", "C:/cache", "/1:/x"].map(|path| without_slash(path.into()));
        assert_eq!(paths, ["C:/cache", "/var/cache", "C:/cache", "/1:/x"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            for scheme in ["", "memory:", "disk:", "sqlite://", "redis://"] {
                let _ = Source::read(&format!("{scheme}{text}"));
            }
        }

        #[test]
        fn any_path_can_be_written(path in "[^\u{0}]{1,20}") {
            let written = path.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
            let read = place(&format!("disk:{written}"));
            prop_assert!(read == Some(Place::Disk(path)));
        }

        #[test]
        fn any_count_is_read_back(n in 1..u32::MAX) {
            let source = Source::read(&format!("disk:x?capacity={n}")).unwrap();
            prop_assert_eq!(source.options.capacity, Some(n as usize));
        }
    }
}
