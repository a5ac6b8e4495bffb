//! How does the engine speak to Postgres? As itself on the control schema, as a tenant's role elsewhere.
//!
//! A transaction is either an [`EngineTx`] or a [`TenantTx`]; each is turned into the other, never
//! copied, so a statement cannot run under the wrong role by accident. Inside a [`TenantTx`] the
//! role *and* the search path are the tenant's: even a wrong query finds no other tenant's table, and
//! if it named one in full, Postgres would refuse it.
//!
//! The role is set with `set_config(…, true)`, which ends with the transaction: safe behind a pooler
//! in transaction mode, and one statement text serves every tenant.

mod fault;
mod own;
mod single;
mod visits;

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection, Postgres, Transaction};
use tokio::time::timeout;

use crate::id::TenantId;
use crate::metrics::{Meter, Pool};
use crate::tenant::Tenant;
use own::Own;
use single::{Counted, Single};
use visits::Visits;

/// A connection that was idle for longer is asked whether it still is one before it is used. One that was used just
/// now is believed: the question would cost every statement a round trip.
const BELIEVED: Duration = Duration::from_secs(1);

/// A database that takes longer for one of our verbs hangs, or the way to it does.
pub(crate) const ONE_ANSWER: Duration = Duration::from_secs(30);
/// A connection that takes longer for nothing at all is dead.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);
/// With fewer connections than this, none is kept for claims and none for settles: others need two at least.
const ENOUGH_FOR_OWN: u32 = 4;
/// What connections get to end in order.
const FAREWELL: Duration = Duration::from_secs(5);

/// Postgres refused or could not be reached.
#[derive(Debug)]
pub struct DatabaseError(sqlx::Error);

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            sqlx::Error::Configuration(_) => {
                "the database's URL cannot be read (it looks like postgres://user:password@host:port/database)"
            }
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) => "the database cannot be reached",
            sqlx::Error::PoolTimedOut => "the database gave no connection in time",
            sqlx::Error::Database(_) => "the database refused",
            _ => "the database did not answer as expected",
        })
    }
}

impl Error for DatabaseError {
    /// What sqlx would say and then repeat as its own cause.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            sqlx::Error::PoolTimedOut => None,
            sqlx::Error::Database(error) => Some(error.as_error()),
            sqlx::Error::Io(error) => Some(error),
            sqlx::Error::Tls(error) | sqlx::Error::Configuration(error) => Some(&**error),
            other => Some(other),
        }
    }
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}

impl DatabaseError {
    /// Whether the database is away (restart, failover, no free connection) rather than offended:
    /// worth another try, and a 503 at the door.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match &self.0 {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            // A server that goes away while a connection is made is taken for one that talks nonsense.
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            // Class 08 connection, 53 resources, 57P shutdown or crash, 25006 a standby after a failover; and 40, a
            // transaction that Postgres gave up for the sake of another one, as in a deadlock.
            sqlx::Error::Database(error) => error.code().is_some_and(|code| {
                ["08", "53", "57P", "40"].iter().any(|class| code.starts_with(class)) || code == "25006"
            }),
            _ => false,
        }
    }

    /// Whether somebody else was in the way: a lock that did not come in time, or a transaction that was given up for
    /// the sake of another one. Worth another try on its own.
    #[must_use]
    pub(crate) fn is_contention(&self) -> bool {
        match &self.0 {
            // Class 40 is a transaction that Postgres gave up, 55P03 a lock that did not come.
            sqlx::Error::Database(error) => {
                error.code().is_some_and(|code| code.starts_with("40") || code == "55P03")
            }
            _ => false,
        }
    }

    /// Whether a statement took longer than it may (57014, a statement that was cancelled).
    #[must_use]
    pub(crate) fn is_out_of_time(&self) -> bool {
        match &self.0 {
            sqlx::Error::Database(error) => error.code().as_deref() == Some("57014"),
            _ => false,
        }
    }

    /// Whether Postgres could not go on for a reason that it has no code for (XX000).
    #[must_use]
    pub(crate) fn is_internal(&self) -> bool {
        match &self.0 {
            sqlx::Error::Database(error) => error.code().as_deref() == Some("XX000"),
            _ => false,
        }
    }

    /// The named constraint that a row broke, if that is what happened.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match &self.0 {
            sqlx::Error::Database(error) => error.constraint(),
            _ => None,
        }
    }

    /// The database did not answer in time: as good as away.
    pub(crate) fn timed_out() -> Self {
        Self(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))
    }
}

/// How to reach Postgres.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    /// URL for short transactions; a transaction-pooling proxy may stand there.
    pub url: String,
    /// URL for LISTEN and migrations; the server itself.
    pub direct_url: Option<String>,
    /// Connections of this process besides the one that listens.
    pub max_connections: u32,
    /// How long a caller waits for a free connection.
    pub acquire_timeout: Duration,
    /// Whether a session keeps prepared statements; off behind PgBouncer before 1.21, which has to forget them after each
    /// transaction (`server_reset_query = DEALLOCATE ALL`, `server_reset_query_always = 1`).
    pub named_statements: bool,
    /// After so many tenants a connection is replaced: the server keeps for each what it learnt of every table.
    pub tenants_a_connection: usize,
}

impl DatabaseOptions {
    /// Defaults for a server at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            direct_url: None,
            max_connections: 4,
            acquire_timeout: Duration::from_secs(5),
            named_statements: true,
            tenants_a_connection: 500,
        }
    }
}

/// The database of one Esteira.
#[derive(Debug, Clone)]
pub struct Db {
    pool: PgPool,
    single: Single,
    claims: Single,
    settles: Single,
    keeps_own: bool,
    named_statements: bool,
    direct: PgConnectOptions,
    visits: Visits,
    meter: Meter,
}

impl Db {
    /// Prepares a pool; connections are made when they are needed.
    ///
    /// # Errors
    /// When a URL cannot be read.
    pub fn open(options: &DatabaseOptions) -> Result<Self, DatabaseError> {
        Self::open_counting(options, Meter::default())
    }

    /// The same, for a process that counts what it does with this meter.
    ///
    /// # Errors
    /// When a URL cannot be read.
    pub fn open_counting(options: &DatabaseOptions, meter: Meter) -> Result<Self, DatabaseError> {
        let mut pooled = PgConnectOptions::from_str(&options.url)?.application_name("esteira");
        if !options.named_statements {
            pooled = pooled.statement_cache_capacity(0);
        }
        let direct = match &options.direct_url {
            Some(url) => PgConnectOptions::from_str(url)?.application_name("esteira"),
            None => pooled.clone(),
        };
        let visits = Visits::new(options.tenants_a_connection);
        let met = visits.clone();
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections)
            .acquire_timeout(options.acquire_timeout)
            .idle_timeout(Duration::from_secs(300))
            .test_before_acquire(false)
            .before_acquire(|conn, meta| {
                Box::pin(
                    async move { if meta.idle_for > BELIEVED { give_sign(conn).await } else { Ok(true) } },
                )
            })
            .after_release(move |conn, meta| {
                let keep = !met.are_too_many(meta.age);
                Box::pin(async move { if keep { give_sign(conn).await } else { Ok(false) } })
            })
            .connect_lazy_with(pooled);
        let named_statements = options.named_statements;
        let counted = |word| Counted { meter: meter.clone(), word };
        let single = Single::new(pool.clone(), named_statements, counted("statement"));
        let keeps_own = named_statements && options.max_connections >= ENOUGH_FOR_OWN;
        let own = |word| {
            if keeps_own {
                Single::own(pool.clone(), Own::of(pool.clone(), visits.clone()), counted(word))
            } else {
                Single::new(pool.clone(), named_statements, counted(word))
            }
        };
        let (claims, settles) = (own("claim"), own("settle"));
        Ok(Self { pool, single, claims, settles, keeps_own, named_statements, direct, visits, meter })
    }

    /// Where the database is: `host:port/name`.
    #[must_use]
    pub fn place(&self) -> String {
        let options = self.pool.connect_options();
        let name = options.get_database().unwrap_or(options.get_username());
        format!("{}:{}/{name}", options.get_host(), options.get_port())
    }

    /// Whether the database lets us in. It makes a connection of its own: the pool would try until its time is over,
    /// and then not say why.
    ///
    /// # Errors
    /// When it does not.
    pub async fn check(&self) -> Result<(), DatabaseError> {
        let options = self.pool.connect_options();
        let connect = PgConnection::connect_with(&options);
        let longest = self.pool.options().get_acquire_timeout();
        let conn = tokio::time::timeout(longest, connect).await.map_err(|_| DatabaseError::timed_out())??;
        Ok(conn.close().await?)
    }

    /// Begins a transaction on the control schema.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn begin(&self) -> Result<EngineTx, DatabaseError> {
        let counted = Counted { meter: self.meter.clone(), word: "transaction" };
        let tx = counted.seen(begin(&self.pool).await)?;
        Ok(EngineTx(tx, counted))
    }

    /// What this process counts.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// How the pool stands. What claims and settles keep for themselves counts as used.
    pub(crate) fn pool_now(&self) -> Pool {
        let (open, idle) = (self.pool.size(), u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX));
        Pool { busy: open.saturating_sub(idle), idle, most: self.pool.options().get_max_connections() }
    }

    /// Begins a transaction on behalf of a tenant.
    ///
    /// # Errors
    /// When the database is away, or the tenant's role is gone.
    pub async fn begin_as(&self, tenant: &Tenant) -> Result<TenantTx, DatabaseError> {
        self.meet([tenant.id]);
        self.begin().await?.enter(tenant).await
    }

    /// A connection of the pool is about to use these tenants' tables.
    pub(crate) fn meet(&self, tenants: impl IntoIterator<Item = TenantId>) {
        for tenant in tenants {
            self.visits.add(tenant);
        }
    }

    /// Where single statements on the control schema go.
    pub(crate) fn pool(&self) -> &Single {
        &self.single
    }

    /// The same for claims.
    pub(crate) fn claims(&self) -> &Single {
        &self.claims
    }

    /// The same for settles.
    pub(crate) fn settles(&self) -> &Single {
        &self.settles
    }

    /// A connection for one statement that is a transaction of its own; `None` where a statement needs a transaction
    /// around it.
    ///
    /// # Errors
    /// When the database is away.
    pub(crate) async fn for_one_statement(&self) -> Result<Option<PoolConnection<Postgres>>, DatabaseError> {
        if !self.named_statements {
            return Ok(None);
        }
        let counted = Counted { meter: self.meter.clone(), word: "statement" };
        Ok(Some(counted.seen(self.pool.acquire().await)?))
    }

    /// How many connections of the pool are for everybody: claims and settles may keep one each.
    pub(crate) fn connections(&self) -> usize {
        let kept = if self.keeps_own { 2 } else { 0 };
        usize::try_from(self.pool.options().get_max_connections() - kept).unwrap_or(usize::MAX)
    }

    /// How to connect past a pooler: LISTEN and migrations need a session of their own.
    pub(crate) fn direct(&self) -> &PgConnectOptions {
        &self.direct
    }

    /// Closes every connection; callers that still wait get an error. One that leads nowhere ends with the process.
    pub async fn close(&self) {
        let closing = async {
            // From here on none is kept that comes back.
            let closed = self.pool.close();
            self.claims.let_go();
            self.settles.let_go();
            closed.await;
        };
        if timeout(FAREWELL, closing).await.is_err() {
            tracing::warn!("some connections to the database did not close");
        }
    }
}

/// Begins a transaction, by a task of its own which goes on when the caller is dropped in the middle (a client that went
/// away, a time that was over): a transaction that began unheard would stay open on its connection, and the next user's
/// statements would be part of it, and lost with it.
async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let pool = pool.clone();
    tokio::spawn(async move { pool.begin().await }).await.map_err(|_| DatabaseError::timed_out().0)?
}

/// Asks a connection whether it lives. The pool would wait for ever on one whose other end is gone without a word,
/// or whose caller gave up on it in the middle of a statement, and its place would be lost.
async fn give_sign(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    timeout(SIGN_OF_LIFE, conn.ping()).await.map_err(|_| DatabaseError::timed_out().0)?.map(|()| true)
}

/// Waits for an answer, and not for ever: a connection that nobody cut, and that leads nowhere, stays silent.
pub(crate) async fn answered<T>(
    asked: impl Future<Output = Result<T, DatabaseError>>,
) -> Result<T, DatabaseError> {
    timeout(ONE_ANSWER, asked).await.unwrap_or_else(|_| Err(DatabaseError::timed_out()))
}

/// A transaction under the engine's own role.
pub struct EngineTx(Transaction<'static, Postgres>, Counted);

impl EngineTx {
    /// The connection, for statements on the control schema.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    /// Goes on under a tenant's role and search path.
    ///
    /// # Errors
    /// When the role is gone or the database is away.
    pub async fn enter(mut self, tenant: &Tenant) -> Result<TenantTx, DatabaseError> {
        become_tenant(&mut self.0, tenant).await?;
        Ok(TenantTx(self.0, self.1))
    }

    /// Makes it so.
    ///
    /// # Errors
    /// When the database is away; it is then unknown whether the commit happened.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        let committed = self.0.commit().await;
        self.1.failing(committed)
    }
}

/// A transaction under a tenant's role.
pub struct TenantTx(Transaction<'static, Postgres>, Counted);

impl TenantTx {
    /// The connection, for statements on the tenant's own tables.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    /// Goes on under the engine's role.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn leave(mut self) -> Result<EngineTx, DatabaseError> {
        become_engine(&mut self.0).await?;
        Ok(EngineTx(self.0, self.1))
    }

    /// Makes it so.
    ///
    /// # Errors
    /// When the database is away; it is then unknown whether the commit happened.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        let committed = self.0.commit().await;
        self.1.failing(committed)
    }
}

/// Sets role and search path for the rest of the transaction. `pg_temp` is named last, since it would
/// otherwise be searched first.
pub(crate) async fn become_tenant(conn: &mut PgConnection, tenant: &Tenant) -> Result<(), DatabaseError> {
    let path = format!("{}, pg_temp", tenant.slug.schema());
    sqlx::query!(
        "select set_config('role', $1, true) as role, set_config('search_path', $2, true) as path",
        tenant.role,
        path
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// Undoes [`become_tenant`].
pub(crate) async fn become_engine(conn: &mut PgConnection) -> Result<(), DatabaseError> {
    sqlx::query!(
        "select set_config('role', 'none', true) as role, set_config('search_path', 'pg_catalog', true) as path"
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}
