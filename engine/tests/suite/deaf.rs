//! What if a settle happens and its answer is lost? A way to Postgres that loses it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use esteira_engine::tenant::Tenant;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::Harness;

/// What a connection is known by that writes the end of a job.
const SETTLES: &[u8] = b"esteira.settle(";

/// A proxy that loses one answer: that to the settle which makes a job of the tenant final.
pub struct Deaf {
    pub url: String,
    lost: Arc<AtomicBool>,
}

impl Deaf {
    pub async fn between(h: &Harness, tenant: &Tenant) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (user, rest) = h.database.url.split_once('@').unwrap();
        let (server, database) = rest.split_once('/').unwrap();
        let lost = Arc::new(AtomicBool::new(false));
        let over = Over {
            pool: PgPool::connect(&h.database.superuser_url).await.unwrap(),
            sql: format!("select exists (select from {}.outcomes)", tenant.slug.schema()),
            lost: Arc::clone(&lost),
        };
        let server = server.to_owned();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect(&server).await.unwrap();
                tokio::spawn(forward(client, server, over.clone()));
            }
        });
        Self { url: format!("{user}@{address}/{database}"), lost }
    }

    /// Whether the answer was lost.
    pub fn has_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }
}

#[derive(Clone)]
struct Over {
    pool: PgPool,
    sql: String,
    lost: Arc<AtomicBool>,
}

impl Over {
    /// Whether the next answer is the one to lose.
    async fn is_the_moment(&self) -> bool {
        let over: bool =
            sqlx::query_scalar(AssertSqlSafe(self.sql.clone())).fetch_one(&self.pool).await.unwrap();
        over && !self.lost.swap(true, Ordering::SeqCst)
    }
}

/// Forwards both ways until one side ends.
async fn forward(client: TcpStream, server: TcpStream, over: Over) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let settles = AtomicBool::new(false);
    let questions = async {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            let found = buffer[..read].windows(SETTLES.len()).any(|part| part == SETTLES);
            settles.fetch_or(found, Ordering::SeqCst);
            if to_server.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    let answers = async {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            let lose = settles.load(Ordering::SeqCst) && over.is_the_moment().await;
            if lose || to_client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = questions => {}
        () = answers => {}
    }
}
