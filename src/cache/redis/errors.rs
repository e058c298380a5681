//! What an error of the client means: is the server down, or did only this request fail?

use core::fmt;
use core::time::Duration;

use ::redis::{ErrorKind, RedisError};

use super::super::StoreError;
use super::super::external::Fault;
use super::address::Address;
use crate::error::Rounded;

/// Why a request on a connection failed.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection has ended. Another may work.
    Lost(Fault),
    /// The answer is an error, or does not arrive.
    Answered(Fault),
}

impl Broken {
    pub(super) fn into_fault(self) -> Fault {
        match self {
            Broken::Lost(fault) | Broken::Answered(fault) => fault,
        }
    }
}

/// Classifies an error. The server's full message is not repeated: it may contain keys and values.
pub(super) fn read(error: &RedisError, address: &Address, timeout: Duration) -> Broken {
    if error.is_timeout() {
        return Broken::Answered(no_answer(address, timeout));
    }
    let down = |why: fmt::Arguments<'_>| Fault::Down(StoreError::new(format_args!("{address}: {why}")));
    match error.kind() {
        ErrorKind::Io if error.is_connection_refusal() => Broken::Lost(down(format_args!("the connection is refused"))),
        ErrorKind::Io if error.is_connection_dropped() => Broken::Lost(down(format_args!("the connection is lost"))),
        ErrorKind::Io => Broken::Lost(down(format_args!("the connection fails: {error}"))),
        ErrorKind::AuthenticationFailed => Broken::Answered(down(format_args!("the user or the password is wrong"))),
        ErrorKind::RESP3NotSupported => Broken::Answered(down(format_args!("the server does not support RESP3"))),
        // An answer that is cut off is reported as unreadable, unless the socket itself reports the error.
        ErrorKind::Parse if error.detail().is_some_and(|detail| detail.contains("end of input")) => {
            Broken::Lost(down(format_args!("the connection is lost")))
        }
        ErrorKind::Parse => Broken::Answered(down(format_args!("the answer is not from a Redis server"))),
        ErrorKind::Server(_) | ErrorKind::Extension => {
            // Of several commands, the first that was refused is the reason for the others.
            let errors = error.clone().into_server_errors();
            let first = errors.as_ref().and_then(|errors| errors.first());
            Broken::Answered(refused(first.map_or("", |(_, error)| error.code()), address))
        }
        ErrorKind::UnexpectedReturnType => Broken::Answered(unexpected(address)),
        _ => Broken::Answered(down(format_args!("the client fails: {}", error.category()))),
    }
}

pub(super) fn no_answer(address: &Address, timeout: Duration) -> Fault {
    Fault::Down(StoreError::new(format_args!("{address}: no answer within {}", Rounded(timeout))))
}

pub(super) fn unexpected(address: &Address) -> Fault {
    Fault::Here(StoreError::new(format_args!("{address}: the answer does not fit the command")))
}

pub(super) fn panicked(address: &Address) -> Fault {
    Fault::Down(StoreError::new(format_args!("{address}: the client has panicked")))
}

/// Returns the fault for an error that the server answers, by its code.
fn refused(code: &str, address: &Address) -> Fault {
    let is_code = !code.is_empty() && code.len() <= 16 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let code = if is_code { code } else { "an error" };
    let (is_down, why) = match code {
        "OOM" => (false, ": it is out of memory"),
        "READONLY" => (false, ": it is a read-only replica"),
        "WRONGTYPE" => (false, ": the key holds another type"),
        "NOPERM" => (false, ": the user has no permission"),
        "MISCONF" => (false, ": it cannot save to its disk"),
        "NOREPLICAS" => (false, ": it has too few replicas"),
        "MOVED" | "ASK" | "CROSSSLOT" => (false, ": it is part of a cluster, which this store does not support"),
        "LOADING" => (true, ": it is still reading its data"),
        "MASTERDOWN" => (true, ": it is a replica without its master"),
        "BUSY" => (true, ": a script keeps it busy"),
        "NOAUTH" | "WRONGPASS" => (true, ": it requires a password"),
        "CLUSTERDOWN" => (true, ": its cluster is down"),
        _ => (false, ""),
    };
    let error = StoreError::new(format_args!("{address}: the server answers {code}{why}"));
    if is_down { Fault::Down(error) } else { Fault::Here(error) }
}
