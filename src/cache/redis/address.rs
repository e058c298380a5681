//! The address of a server, and how it is printed.

use alloc::format;
use alloc::string::String;
use core::fmt;

use ::redis::io::tcp::TcpSettings;
use ::redis::{Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo};

use super::super::StoreError;

/// The address from a URL. It prints without its password.
pub(super) struct Address {
    pub(super) client: Client,
    text: String,
}

impl Address {
    /// Reads a URL. An error does not repeat it: any part of an invalid URL may be the password.
    pub(super) fn read(url: &str) -> Result<Self, StoreError> {
        let Some(parsed) = ::redis::parse_redis_url(url) else {
            return Err(StoreError::new(
                "this is not the URL of a Redis server; write one such as `redis://127.0.0.1:6379/0`",
            ));
        };
        let needs_tls = matches!(parsed.scheme(), "rediss" | "valkeys");
        let info = parsed.into_connection_info().map_err(|_| unreadable(needs_tls))?;
        let text = masked(&info);
        // A request is one write; Nagle's algorithm would delay it until the answer to the one before.
        let info = info.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = Client::open(info).map_err(|_| unreadable(needs_tls))?;
        Ok(Address { client, text })
    }
}

/// The client's own error is not shown: it may repeat parts of the URL.
fn unreadable(needs_tls: bool) -> StoreError {
    if needs_tls && !has_tls() {
        return StoreError::new(
            "`rediss://` needs TLS: enable the feature `smol-rustls-comp` of crate `redis`, and `tokio-rustls-comp` beside \
             opero's feature `tokio`",
        );
    }
    StoreError::new(
        "the URL of a Redis server has a host, a port and the number of a database, as `redis://127.0.0.1:6379/0`",
    )
}

/// Is TLS enabled in the client?
fn has_tls() -> bool {
    let tls = ConnectionAddr::TcpTls { host: String::new(), port: 0, insecure: false, tls_params: None };
    tls.is_supported()
}

fn masked(info: &ConnectionInfo) -> String {
    let redis = info.redis_settings();
    let scheme = match info.addr() {
        ConnectionAddr::TcpTls { .. } => "rediss",
        ConnectionAddr::Unix(_) => "redis+unix",
        _ => "redis",
    };
    let user = redis.username().unwrap_or_default();
    let login = match redis.password() {
        Some(_) => format!("{user}:***@"),
        None if user.is_empty() => String::new(),
        None => format!("{user}@"),
    };
    format!("{scheme}://{login}{}/{}", info.addr(), redis.db())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_url_prints_without_its_password() {
        for (url, text) in [
            ("redis://127.0.0.1", "redis://127.0.0.1:6379/0"),
            ("redis://:hunter2@localhost:7/3", "redis://:***@localhost:7/3"),
            ("redis://me:hunter2@[::1]/?protocol=resp3", "redis://me:***@::1:6379/0"),
            ("redis://me@localhost", "redis://me@localhost:6379/0"),
            ("unix:///run/redis?pass=hunter2&db=2", "redis+unix://:***@/run/redis/2"),
        ] {
            let address = Address::read(url).unwrap();
            assert_eq!((format!("{address}"), format!("{address:?}")), (text.into(), text.into()));
        }
    }

    #[test]
    fn a_url_that_is_none_is_refused_without_being_repeated() {
        for url in [
            "",
            "hunter2",
            "http://hunter2@x/",
            "redis://:hunter2@localhost:x",
            "redis://u:hunter2@localhost/x",
            "redis://:hunter2@/",
        ] {
            let error = Address::read(url).unwrap_err();
            assert!(error.to_string().contains("redis://127.0.0.1:6379/0"), "{url}: {error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
        let error = Address::read("rediss://:hunter2@localhost").unwrap_err().to_string();
        assert!(error.contains("`rediss://` needs TLS") && !error.contains("hunter2"), "{error}");
    }
}
