//! Who takes all connections of Postgres? A crowd that connects, says who it is, and then says nothing.

use std::net::SocketAddr;

use anyhow::{Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::cluster::DATABASE;
use super::postgres::ROLE;

/// Version 3.0 of the protocol.
const PROTOCOL: i32 = 3 << 16;
/// More than any server of the run takes.
const MOST: usize = 200;

/// Connects until the server refuses; the connections stand as long as they are held.
pub async fn gather(server: SocketAddr) -> Result<Vec<TcpStream>> {
    let mut crowd = Vec::new();
    while crowd.len() < MOST {
        match connect(server).await? {
            Some(socket) => crowd.push(socket),
            None => return Ok(crowd),
        }
    }
    bail!("the server takes more than {MOST} connections")
}

/// A session; `None` when the server has no room for it.
async fn connect(server: SocketAddr) -> Result<Option<TcpStream>> {
    let mut socket = TcpStream::connect(server).await?;
    let parameters = format!("user\0{ROLE}\0database\0{DATABASE}\0\0");
    let length = i32::try_from(parameters.len() + 8)?;
    socket.write_i32(length).await?;
    socket.write_i32(PROTOCOL).await?;
    socket.write_all(parameters.as_bytes()).await?;
    loop {
        let kind = socket.read_u8().await?;
        let length = usize::try_from(socket.read_i32().await?)?.saturating_sub(4);
        let mut message = vec![0; length];
        socket.read_exact(&mut message).await?;
        match kind {
            b'Z' => return Ok(Some(socket)),
            b'E' => return Ok(None),
            _ => {}
        }
    }
}
