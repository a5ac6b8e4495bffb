//! Which session does a verb run on? Its own, where it meets many tenants.
//!
//! A session pays for the first meeting with each tenant, with a millisecond and with memory. The pool hands its sessions
//! out by turns, so each of them would meet every tenant; a verb that comes back to one meets most tenants once. (Of two
//! that are under way at once the second takes one of the pool.)

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgPool;
use sqlx::{Error, PgConnection, Postgres};

use super::visits::Visits;
use super::{BELIEVED, give_sign};

/// For how long one is kept: as long as the pool lets a connection live by its default, which counts from its beginning.
const LONGEST: Duration = Duration::from_secs(30 * 60);

/// A place where one session is kept between uses.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pool: PgPool,
    visits: Visits,
    kept: Arc<Mutex<Option<Session>>>,
}

/// A connection of the pool. One that is dropped goes back there.
#[derive(Debug)]
pub(super) struct Session {
    conn: PoolConnection<Postgres>,
    taken_at: Instant,
    used_at: Instant,
}

impl Session {
    /// The connection.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.conn
    }
}

async fn gives_sign(session: &mut Session) -> bool {
    give_sign(&mut session.conn).await.unwrap_or(false)
}

impl Own {
    /// A place for a session of this pool, which is replaced after so many tenants.
    pub fn of(pool: PgPool, visits: Visits) -> Self {
        Self { pool, visits, kept: Arc::default() }
    }

    /// The session; another one of the pool while somebody uses it, or when it is dead or has met too many tenants.
    pub async fn take(&self) -> Result<Session, Error> {
        let kept = self.kept.lock().take();
        if let Some(mut session) = kept {
            let kept_for = session.taken_at.elapsed();
            let is_fit = kept_for < LONGEST && !self.visits.are_too_many(kept_for);
            if is_fit && (session.used_at.elapsed() < BELIEVED || gives_sign(&mut session).await) {
                return Ok(session);
            }
            // Not back to the pool, where somebody else would pay for what it remembers.
            session.conn.close_on_drop();
        }
        let conn = self.pool.acquire().await?;
        let now = Instant::now();
        Ok(Session { conn, taken_at: now, used_at: now })
    }

    /// Keeps it for the next use, unless another one is kept already.
    pub fn keep(&self, session: Session) {
        let mut kept = self.kept.lock();
        if kept.is_none() && !self.pool.is_closed() {
            *kept = Some(Session { used_at: Instant::now(), ..session });
        }
    }

    /// Gives it back to the pool.
    pub fn let_go(&self) {
        let kept = self.kept.lock().take();
        drop(kept);
    }
}
