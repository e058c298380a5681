//! Stands between a client and a server, counts connections, and misbehaves on demand.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

/// What happens to the answers of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They go on to the client.
    Through,
    /// No answer is sent.
    Silence,
    /// This is sent instead.
    Instead(&'static [u8]),
    /// The connection ends in the middle of the answer.
    Half,
    /// New connections are closed.
    HangUp,
}

pub struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
}

struct Shared {
    way: Mutex<Way>,
    connections: AtomicU32,
    is_over: AtomicBool,
}

impl Proxy {
    /// Creates a proxy for the server at this port.
    pub fn before(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let (way, connections, is_over) = (Mutex::new(Way::Through), AtomicU32::new(0), AtomicBool::new(false));
        let shared = Arc::new(Shared { way, connections, is_over });
        spawn({
            let shared = shared.clone();
            move || {
                for client in listener.incoming() {
                    if shared.is_over.load(SeqCst) {
                        return;
                    }
                    shared.connections.fetch_add(1, SeqCst);
                    let Ok(client) = client else { continue };
                    if shared.way() != Way::HangUp {
                        connect(client, port, &shared);
                    }
                }
            }
        });
        Proxy { shared, address }
    }

    pub fn url(&self) -> String {
        format!("redis://{}/0", self.address)
    }

    /// Returns the number of connections so far.
    pub fn connections(&self) -> u32 {
        self.shared.connections.load(SeqCst)
    }

    /// Sets what happens from now on.
    pub fn go(&self, way: Way) {
        *self.shared.way.lock().unwrap() = way;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn way(&self) -> Way {
        *self.way.lock().unwrap()
    }
}

fn connect(client: TcpStream, port: u16, shared: &Arc<Shared>) {
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return };
    let (mut from_client, mut to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let shared = shared.clone();
    spawn(move || {
        let _ = answer(server, &client, &shared);
        let _ = client.shutdown(Shutdown::Both);
    });
}

fn answer(mut server: TcpStream, mut client: &TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let length = server.read(&mut bytes)?;
        if length == 0 {
            return Ok(());
        }
        match shared.way() {
            Way::Through => client.write_all(&bytes[..length])?,
            Way::Silence => {}
            Way::Instead(other) => client.write_all(other)?,
            Way::Half => return client.write_all(&bytes[..length / 2]),
            Way::HangUp => return Ok(()),
        }
    }
}
