//! A Redis server for one test, on a free port of loopback, which ends with the test.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
// The unit tests use these, as the crate is `no_std`.
#[allow(unused_imports, reason = "elsewhere they are there")]
use std::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

/// A server, which is killed when this is dropped.
pub struct Server {
    child: Option<Child>,
    port: u16,
    directory: PathBuf,
    options: Vec<String>,
}

impl Server {
    /// Starts a server that answers.
    pub fn start() -> Self {
        Server::with(&[])
    }

    /// Starts a server with these additional options, such as `--maxmemory` and `1mb`.
    pub fn with(options: &[&str]) -> Self {
        // Another process may take the free port before the server does: then the next one is tried.
        for _ in 0..20 {
            let port = free_port();
            let directory = std::env::temp_dir().join(format!("opero-redis-{}-{port}", std::process::id()));
            std::fs::create_dir_all(&directory).expect("a directory for the server");
            let options = options.iter().map(ToString::to_string).collect();
            let mut server = Server { child: None, port, directory, options };
            if server.restart() {
                return server;
            }
        }
        panic!("the server does not start");
    }

    /// Returns its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the id of its process.
    pub fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Kills the server. Its data is lost.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again on the same port, and returns whether it answers.
    pub fn restart(&mut self) -> bool {
        self.stop();
        let child = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(&self.directory)
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("these tests need `redis-server`: install the Debian package of that name"));
        let end = Instant::now() + Duration::from_secs(10);
        while Instant::now() < end {
            if self.is_ours() {
                return true;
            }
            if self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_)) | Err(_))) {
                return false;
            }
            sleep(Duration::from_millis(5));
        }
        false
    }

    /// Sends one command, and returns the raw answer.
    pub fn ask(&self, command: &[&str]) -> String {
        self.try_ask(command).expect("the server is there")
    }

    fn try_ask(&self, command: &[&str]) -> io::Result<String> {
        let mut wire = TcpStream::connect_timeout(&self.address(), Duration::from_secs(5))?;
        let mut text = format!("*{}\r\n", command.len());
        for word in command {
            text.extend(["$", &word.len().to_string(), "\r\n", word, "\r\n"]);
        }
        wire.write_all(text.as_bytes())?;
        wire.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut answer = vec![0; 1 << 16];
        let length = wire.read(&mut answer).unwrap_or(0);
        Ok(String::from_utf8_lossy(&answer[..length]).into_owned())
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Does the child answer here, and not another process that has the port?
    fn is_ours(&self) -> bool {
        let Ok(info) = self.try_ask(&["INFO", "server"]) else {
            return false;
        };
        // A server that requires a password does not identify itself. But no other process can have its port, or the
        // child would have ended.
        let is_secret = info.starts_with("-NOAUTH");
        is_secret || info.contains(&format!("process_id:{}\r\n", self.id()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Returns a port of loopback that no process listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}
