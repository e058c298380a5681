//! A request to a server. Each may be sent twice: when a connection breaks, it is unknown whether the request was
//! carried out.

use alloc::string::String;

use ::redis::aio::MultiplexedConnection;
use ::redis::{Cmd, Connection, ErrorKind, Pipeline, RedisResult, ServerErrorKind, ToRedisArgs, Value, cmd};

use crate::sync::OnceLock;

/// A script in Lua, which the server runs atomically.
#[derive(Debug)]
pub(crate) struct Script {
    code: &'static str,
    hash: OnceLock<String>,
}

impl Script {
    /// Creates a script. It must be safe to run twice for one request.
    pub(crate) const fn new(code: &'static str) -> Self {
        Script { code, hash: OnceLock::new() }
    }

    fn hash(&self) -> &str {
        self.hash.get_or_init(|| ::redis::Script::new(self.code).get_hash().into())
    }
}

/// Several commands, which the server runs one after another, and none of another connection between them.
///
/// `MULTI` and `EXEC` are commands of it, since a [`Pipeline`] that is [atomic](Pipeline::atomic) panics, with overflow
/// checks, where the server refuses `MULTI`: as one that requires a password does.
pub(super) struct Transaction {
    commands: Pipeline,
    ignored: usize,
}

impl Transaction {
    /// Creates a transaction, of which the results of the first commands are ignored.
    pub(super) fn new(ignored: usize, all: impl IntoIterator<Item = Cmd>) -> Self {
        let mut commands = Pipeline::with_capacity(5);
        commands.cmd("MULTI").ignore();
        for command in all {
            commands.add_command(command).ignore();
        }
        commands.cmd("EXEC");
        Transaction { commands, ignored }
    }

    /// Returns the results of the commands, which the answer to `EXEC` has.
    fn results(&self, answer: Value) -> Value {
        match answer {
            Value::Array(mut answers) => match answers.pop() {
                Some(Value::Array(mut results)) if results.len() >= self.ignored => {
                    Value::Array(results.split_off(self.ignored))
                }
                other => other.unwrap_or(Value::Nil),
            },
            other => other,
        }
    }
}

/// One request.
pub(super) enum Question {
    One(Cmd),
    Transaction(Transaction),
    Script { by_hash: Cmd, code: &'static str },
}

impl Question {
    /// Creates a request that runs a script.
    pub(super) fn script(script: &Script, keys: &[impl ToRedisArgs], args: &[impl ToRedisArgs]) -> Self {
        let mut by_hash = cmd("EVALSHA");
        by_hash.arg(script.hash()).arg(keys.len());
        for key in keys {
            by_hash.arg(key);
        }
        for arg in args {
            by_hash.arg(arg);
        }
        Question::Script { by_hash, code: script.code }
    }

    /// Sends it on a connection, and waits for the answer.
    pub(super) fn put(&self, connection: &mut Connection) -> RedisResult<Value> {
        match self {
            Question::One(command) => command.query(connection),
            Question::Transaction(transaction) => {
                transaction.commands.query(connection).map(|answer| transaction.results(answer))
            }
            Question::Script { by_hash, code } => match by_hash.query(connection) {
                Err(error) if is_unknown(&error) => {
                    load(code).exec(connection)?;
                    by_hash.query(connection)
                }
                answer => answer,
            },
        }
    }

    /// Like `put`, without blocking the thread.
    pub(super) async fn put_async(&self, connection: &mut MultiplexedConnection) -> RedisResult<Value> {
        match self {
            Question::One(command) => command.query_async(connection).await,
            Question::Transaction(transaction) => {
                transaction.commands.query_async(connection).await.map(|answer| transaction.results(answer))
            }
            Question::Script { by_hash, code } => match by_hash.query_async(connection).await {
                Err(error) if is_unknown(&error) => {
                    load(code).exec_async(connection).await?;
                    by_hash.query_async(connection).await
                }
                answer => answer,
            },
        }
    }
}

/// Does the server not have the script, as after a restart?
fn is_unknown(error: &::redis::RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

fn load(code: &str) -> Cmd {
    let mut command = cmd("SCRIPT");
    command.arg("LOAD").arg(code);
    command
}
