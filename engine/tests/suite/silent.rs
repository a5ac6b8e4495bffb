//! What if a connection leads nowhere, and nobody says so? The callers give up, and the pool gives it up as well.

use std::net::SocketAddr;
use std::time::Duration;

use esteira_engine::db::{DatabaseOptions, Db};
use esteira_engine::id::WorkerId;
use esteira_engine::queue;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::harness::Harness;

/// Longer than any statement of these tests takes on a connection that works.
const IMPATIENT: Duration = Duration::from_millis(500);

/// A way to Postgres whose present connections can be made to lead nowhere.
struct Way {
    address: SocketAddr,
    /// What came before this many passes of the gate is silent.
    silent: watch::Sender<usize>,
    accepted: watch::Receiver<usize>,
}

impl Way {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (silent, from_silent) = watch::channel(0);
        let (count, accepted) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                count.send_modify(|count| *count += 1);
                let born = *count.borrow();
                tokio::spawn(carry(client, server.clone(), born, from_silent.clone()));
            }
        });
        Self { address, silent, accepted }
    }

    fn fall_silent(&self) {
        self.silent.send_replace(*self.accepted.borrow());
    }
}

async fn carry(mut client: TcpStream, server: String, born: usize, mut silent: watch::Receiver<usize>) {
    let mut server = TcpStream::connect(server).await.unwrap();
    let falls_silent = async { silent.wait_for(|silent| *silent >= born).await.map(drop) };
    tokio::select! {
        _ended = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
        _ = falls_silent => {}
    }
    // Both stay open, and nothing moves.
    std::future::pending::<()>().await;
}

/// A pool of two connections on a way of its own; both have been used.
async fn pool(h: &Harness) -> (Db, Way) {
    let (user, rest) = h.database.url.split_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let way = Way::to(server.to_owned()).await;
    let mut options = DatabaseOptions::new(format!("{user}@{}/{database}", way.address));
    options.max_connections = 2;
    let db = Db::open(&options).unwrap();
    while *way.accepted.borrow() < 2 {
        let (one, other) = tokio::join!(queue::promote(&db), queue::promote(&db));
        one.and(other).unwrap();
    }
    (db, way)
}

#[tokio::test]
async fn a_pool_whose_connections_lead_nowhere_makes_new_ones() {
    let h = Harness::new().await;
    let (db, way) = pool(&h).await;
    way.fall_silent();
    let impatient = || timeout(IMPATIENT, queue::promote(&db));
    let (one, other) = tokio::join!(impatient(), impatient());
    assert!(one.is_err() && other.is_err(), "they were asked on connections that lead nowhere");
    queue::promote(&db).await.unwrap();
}

#[tokio::test]
async fn a_pool_closes_although_a_connection_leads_nowhere() {
    let h = Harness::new().await;
    let (db, way) = pool(&h).await;
    way.fall_silent();
    let waits = tokio::spawn({
        let db = db.clone();
        async move { queue::promote(&db).await }
    });
    // It has its connection before the pool closes.
    assert!(timeout(IMPATIENT, queue::promote(&db)).await.is_err());
    timeout(Duration::from_secs(20), db.close()).await.unwrap();
    waits.abort();
}

#[tokio::test]
async fn a_server_that_goes_away_in_the_middle_of_a_greeting_is_away() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            // What a load balancer without a server behind it does: it listens first, and closes then.
            let _greeting = client.read_u64().await;
        }
    });
    let mut options = DatabaseOptions::new(format!("postgres://nobody@{address}/nothing"));
    options.acquire_timeout = IMPATIENT;
    let db = Db::open(&options).unwrap();
    let error = queue::promote(&db).await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
}

#[tokio::test]
async fn a_caller_that_goes_away_while_its_transaction_begins_leaves_none_open() {
    let h = Harness::new().await;
    let (db, _way) = pool(&h).await;
    for _ in 0..20 {
        // Asked once, and gone before there can be an answer.
        let _gone = timeout(Duration::ZERO, db.begin()).await;
    }
    let lease = Duration::from_secs(10);
    queue::register(&db, WorkerId::new(), "here", &serde_json::json!({}), lease).await.unwrap();
    assert_eq!(h.count("select count(*) from esteira.workers").await, 1, "others see what was written");
}
