//! What stands between a process and its server? A TCP proxy that can be told to behave like a bad network.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::canned::answer;

/// Linux waits for a quarter of an hour before it says that nobody acknowledges what was sent. Everything has to work
/// long before that, so it makes no difference here.
const KERNEL_PATIENCE: Duration = Duration::from_secs(150);
const BUFFER: usize = 16 << 10;
const LOCALHOST: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How the network behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// As it should.
    Pass,
    /// New connections are closed at once.
    Refuse,
    /// Nothing moves, and nobody is told.
    Hang,
    /// What the client says arrives; what the server answers does not.
    Deaf,
    /// Each piece takes so long.
    Slow(Duration),
    /// Each new connection gets this answer to its HTTP request, from us.
    Answer(&'static [u8]),
}

#[derive(Debug, Clone, Copy)]
struct State {
    upstream: SocketAddr,
    mode: Mode,
    /// Connections up to this number are cut.
    cut: u64,
    /// Connections up to this number never hear from the other side again.
    abandoned: u64,
}

/// A proxy, until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    /// The number of the newest connection.
    newest: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Proxy {
    /// Starts one before `upstream`.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(LOCALHOST).await?;
        let address = listener.local_addr()?;
        let state = watch::Sender::new(State { upstream, mode: Mode::Pass, cut: 0, abandoned: 0 });
        let newest = Arc::new(AtomicU64::new(0));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&newest), state.subscribe()));
        Ok(Self { address, state, newest, accepting })
    }

    /// Where clients find the server.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Behaves so from now on, on old connections too.
    pub fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// Cuts every connection there is, but for those that are half-open.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.cut = self.newest.load(Relaxed));
    }

    /// Leaves every connection half-open for good: both sides think that it stands, and nothing moves.
    pub fn abandon(&self) {
        self.state.send_modify(|state| state.abandoned = self.newest.load(Relaxed));
    }

    /// Leads to another server from now on, and cuts what leads to the old one.
    pub fn retarget(&self, upstream: SocketAddr) {
        self.state.send_modify(|state| state.upstream = upstream);
        self.cut();
    }
}

async fn accept(listener: TcpListener, newest: Arc<AtomicU64>, state: watch::Receiver<State>) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                let born = newest.fetch_add(1, Relaxed) + 1;
                connections.spawn(carry(client, born, state.clone()));
            }
            // Out of descriptors, which passes.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Carries one connection to its end, whichever that is.
async fn carry(client: TcpStream, born: u64, state: watch::Receiver<State>) {
    let mut cut = state.clone();
    tokio::select! {
        // A peer that goes away is what this is about.
        _broken = connect_and_pump(client, born, state) => {}
        // Who is not told that a connection is dead is not told that it is cut either. An error means that the proxy
        // is gone, and the connection with it.
        _ = cut.wait_for(|state| state.cut >= born && state.abandoned < born) => {}
    }
}

async fn connect_and_pump(client: TcpStream, born: u64, state: watch::Receiver<State>) -> io::Result<()> {
    let State { upstream, mode, .. } = *state.borrow();
    match mode {
        Mode::Refuse => return Ok(()),
        Mode::Answer(bytes) => return answer(client, bytes).await,
        Mode::Pass | Mode::Hang | Mode::Deaf | Mode::Slow(_) => {}
    }
    let server = TcpStream::connect(upstream).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let up = pump(from_client, to_server, born, state.clone(), false);
    let down = pump(from_server, to_client, born, state, true);
    tokio::try_join!(up, down).map(drop)
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    born: u64,
    mut state: watch::Receiver<State>,
    is_answer: bool,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = from.read(&mut buffer).await?;
        let decided = |state: &State| state.mode != Mode::Hang || state.abandoned >= born;
        let Ok(now) = state.wait_for(decided).await.map(|state| *state) else { return Ok(()) };
        if now.abandoned >= born {
            return lead_nowhere(&mut from, is_answer).await;
        }
        if count == 0 {
            return to.shutdown().await;
        }
        match now.mode {
            Mode::Deaf if is_answer => continue,
            Mode::Slow(pause) => sleep(pause).await,
            _ => {}
        }
        to.write_all(buffer.get(..count).unwrap_or_default()).await?;
    }
}

/// A client hears nothing more, not even of the server's end, until its kernel gives up. When the client does, so does
/// the server, as its keepalive would find out in the end.
async fn lead_nowhere(from: &mut OwnedReadHalf, is_answer: bool) -> io::Result<()> {
    if is_answer {
        return std::future::pending().await;
    }
    // It has sent something already, which nobody acknowledges.
    timeout(KERNEL_PATIENCE, tokio::io::copy(from, &mut tokio::io::sink())).await??;
    Err(io::ErrorKind::ConnectionAborted.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that sends back what it gets.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind(LOCALHOST).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = socket.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        address
    }

    async fn round_trip(socket: &mut TcpStream) -> io::Result<u8> {
        socket.write_all(b"x").await?;
        socket.read_u8().await
    }

    #[tokio::test]
    async fn what_hangs_goes_on_and_what_is_cut_is_over() {
        let proxy = Proxy::start(echo().await).await.unwrap();
        let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(round_trip(&mut socket).await.unwrap(), b'x');
        proxy.set(Mode::Hang);
        socket.write_all(b"y").await.unwrap();
        proxy.set(Mode::Pass);
        assert_eq!(socket.read_u8().await.unwrap(), b'y');
        proxy.cut();
        assert!(round_trip(&mut socket).await.is_err());
        let mut other = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(round_trip(&mut other).await.unwrap(), b'x');
    }

    #[tokio::test]
    async fn a_request_is_answered_in_the_place_of_the_server() {
        let proxy = Proxy::start(echo().await).await.unwrap();
        proxy.set(Mode::Answer(b"HTTP/1.1 500 x\r\n\r\n"));
        let mut socket = TcpStream::connect(proxy.address()).await.unwrap();
        socket.write_all(b"PUT /k HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc").await.unwrap();
        let mut said = String::new();
        socket.read_to_string(&mut said).await.unwrap();
        assert_eq!(said, "HTTP/1.1 500 x\r\n\r\n");
    }
}
