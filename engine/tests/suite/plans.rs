//! Do the hot statements use their indexes when there is much to look through?

use esteira_engine::job::Decision;
use esteira_engine::queue;
use esteira_engine::tenant::Tenant;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres};

use crate::harness::{Harness, KIND, outcome};

async fn plan(h: &Harness, sql: &str) -> String {
    let mut conn = h.pool.acquire().await.unwrap();
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    let lines: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *conn).await.unwrap();
    lines.join("\n")
}

#[tokio::test]
async fn picking_the_next_jobs_and_lanes_scans_an_index_and_sorts_nothing() {
    let h = Harness::new().await;
    sqlx::query(
        "insert into esteira.queue (job_id, tenant_id, kind, state, priority, ready_at, max_attempts, timeout_seconds)
         select gen_random_uuid(), n % 1000, 'test.noop', 'queued', 0, now(), 5, 60 from generate_series(1, 100000) as n",
    )
    .execute(&h.pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into esteira.lanes (tenant_id, kind, served, active) select n, 'test.noop', random(), true from generate_series(0, 999) as n",
    )
    .execute(&h.pool)
    .await
    .unwrap();
    sqlx::query("analyze esteira.queue, esteira.lanes").execute(&h.pool).await.unwrap();
    let next = plan(
        &h,
        "explain select job_id from esteira.queue where kind = 'test.noop' and tenant_id = 7 and state = 'queued'
         order by priority desc, seq limit 10 for update skip locked",
    )
    .await;
    assert!(next.contains("queue_next") && !next.contains("Sort"), "{next}");
    let lanes = plan(
        &h,
        "explain select tenant_id from esteira.lanes where kind = 'test.noop' and active
         order by served limit 10 for update skip locked",
    )
    .await;
    assert!(lanes.contains("lanes_turn") && !lanes.contains("Sort"), "{lanes}");
    let due = plan(
        &h,
        "explain select job_id from esteira.queue where state = 'scheduled' and ready_at <= esteira.now()
         order by ready_at limit 10",
    )
    .await;
    assert!(due.contains("queue_due") && !due.contains("Sort"), "{due}");
    // The jobs before another one: both ends of the range are conditions of the index, nothing is filtered.
    let before = plan(
        &h,
        "explain select from esteira.queue where kind = 'test.noop' and tenant_id = 7 and state = 'queued'
         and priority = 0 and seq < 90000 limit 1000",
    )
    .await;
    assert!(before.contains("queue_next") && !before.contains("Filter"), "{before}");
    let own =
        plan(&h, "explain select kind, state, count(*) from esteira.queue where tenant_id = 7 group by 1, 2")
            .await;
    assert!(own.contains("queue_of_tenant"), "{own}");
}

#[tokio::test]
async fn whether_a_batch_goes_on_is_one_look_at_the_back_of_its_index() {
    let h = Harness::new().await;
    let sql = "insert into esteira.queue (job_id, tenant_id, kind, state, priority, ready_at, max_attempts, \
               timeout_seconds, batch_id) select gen_random_uuid(), 1, 'test.noop', 'queued', 0, now(), 5, 60, \
               md5((n % 10)::text)::uuid from generate_series(1, 10000) as n";
    sqlx::query(sql).execute(&h.pool).await.unwrap();
    sqlx::query("analyze esteira.queue").execute(&h.pool).await.unwrap();
    let look = plan(
        &h,
        "explain select from esteira.queue as q where q.batch_id = md5('7')::uuid and q.tenant_id = 1
         order by q.batch_id desc, q.tenant_id desc, q.seq desc limit 1 for key share skip locked",
    )
    .await;
    assert!(look.contains("Backward using queue_of_batch"), "{look}");
    assert!(!look.contains("Sort") && !look.contains("Filter"), "{look}");
}

#[tokio::test]
async fn one_live_job_is_found_without_the_other_live_jobs_of_its_tenant() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.flood(&acme, 500).await;
    let id = h.submit(&acme).await;
    // Nor does it read the other tenants.
    let others = "insert into esteira.tenants (slug, role_name) select 't' || n, 'role_' || n from generate_series(1, 5000) as n";
    sqlx::query(others).execute(&h.pool).await.unwrap();
    sqlx::query("analyze esteira.tenants").execute(&h.pool).await.unwrap();
    let mut conn = h.pool.acquire().await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("set role {}", acme.role))).execute(&mut *conn).await.unwrap();
    let one = format!(
        "select q.state from tenant_acme_schema.jobs as j left join lateral esteira.live_job(j.id) as q on true
         where j.id = any (array['{id}'::uuid])"
    );
    let one = blocks(&mut conn, &one).await;
    let all = blocks(&mut conn, "select * from esteira.live_jobs").await;
    assert!(one < all, "{one} blocks for one job, {all} for all");
    assert!(one <= 12, "{one} blocks");
}

/// What a page may read: its jobs, and the way to them.
const A_PAGE: u64 = 60;

#[tokio::test]
async fn a_page_of_live_jobs_costs_the_page_with_a_kind_and_without() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.flood(&acme, 20_000).await;
    // A few of another kind, older than all others.
    let few = "update esteira.queue set kind = 'test.other' where job_id in \
               (select job_id from esteira.queue order by job_id limit 3)";
    sqlx::query(few).execute(&h.pool).await.unwrap();
    sqlx::query("vacuum analyze esteira.queue").execute(&h.pool).await.unwrap();
    let mut conn = as_tenant(&h, &acme).await;
    let middle: uuid::Uuid = sqlx::query_scalar("select id from jobs order by id offset 10000 limit 1")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    let all = blocks(&mut conn, "select * from esteira.live_jobs").await;
    assert!(all > 2 * A_PAGE, "{all}");
    let (newest, oldest) = (uuid::Uuid::max(), uuid::Uuid::nil());
    for (state, kind, below, expected) in [
        ("queued", "null", newest, 51),
        ("queued", "null", middle, 51),
        ("queued", "'test.noop'", middle, 51),
        ("queued", "'test.other'", newest, 3),
        ("queued", "null", oldest, 0),
        ("blocked", "null", newest, 0),
        ("running", "'test.noop'", newest, 0),
    ] {
        let page = format!("select esteira.live_ids('{state}', {kind}, '{below}', 51)");
        let found = sqlx::query(sqlx::AssertSqlSafe(page.clone())).fetch_all(&mut *conn).await.unwrap();
        assert_eq!(found.len(), expected, "{page}");
        let read = blocks(&mut conn, &page).await;
        assert!(read <= A_PAGE, "{read} blocks: {page}");
    }
}

#[tokio::test]
async fn a_page_of_any_jobs_costs_the_page_wherever_it_begins() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let mut conn = as_tenant(&h, &acme).await;
    // Ids as of one job a second; of ten kinds, in batches of a thousand, some failed, a few of one customer.
    let jobs = "insert into jobs (id, kind, input, input_bytes, metadata, priority, max_attempts, timeout_seconds, run_at, batch_id)
                select (lpad(to_hex(1700000000000 + n * 1000), 12, '0') || '7000800000000000' || lpad(to_hex(n), 4, '0'))::uuid,
                       'kind.' || n % 10, '{}', 2, jsonb_build_object('all', 'yes', 'customer', (n / 10)::text), 0, 5, 60, now(),
                       md5((n / 1000)::text)::uuid
                from generate_series(1, 20000) as n";
    sqlx::query(jobs).execute(&mut *conn).await.unwrap();
    let outcomes = "insert into outcomes (job_id, state, attempt)
                    select id, case when kind = 'kind.7' then 'failed' else 'succeeded' end, 1 from jobs";
    sqlx::query(outcomes).execute(&mut *conn).await.unwrap();
    sqlx::query("vacuum analyze jobs, outcomes").execute(&mut *conn).await.unwrap();
    let middle: uuid::Uuid = sqlx::query_scalar("select id from jobs order by id offset 10000 limit 1")
        .fetch_one(&mut *conn)
        .await
        .unwrap();
    // As the engine asks, whatever the values are.
    sqlx::query("set plan_cache_mode = force_generic_plan").execute(&mut *conn).await.unwrap();
    for (number, (sql, types, values)) in [
        ("select id from jobs where id < $1 order by id desc limit $2", "", ""),
        ("select job_id from outcomes where job_id < $1 order by job_id desc limit $2", "", ""),
        (
            "select id from jobs where kind >= $3 and (kind, id) < ($3, $1) order by kind desc, id desc limit $2",
            ", text",
            ", 'kind.3'",
        ),
        (
            "select id from jobs where batch_id >= $3 and (batch_id, id) < ($3, $1) and batch_id is not null
             order by batch_id desc, id desc limit $2",
            ", uuid",
            ", md5('5')::uuid",
        ),
        (
            "select job_id from outcomes where state >= $3 and (state, job_id) < ($3, $1) and state <> 'succeeded'
             order by state desc, job_id desc limit $2",
            ", text",
            ", 'failed'",
        ),
        (
            "select job_id from outcomes where state >= $3 and (state, job_id) < ($3, $1) and state <> 'succeeded'
             order by state desc, job_id desc limit $2",
            ", text",
            ", 'cancelled'",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let prepare = format!("prepare page_{number} (uuid, bigint{types}) as {sql}");
        sqlx::query(sqlx::AssertSqlSafe(prepare)).execute(&mut *conn).await.unwrap();
        let page = format!("execute page_{number} ('{middle}', 51{values})");
        let read = blocks(&mut conn, &page).await;
        assert!(read <= A_PAGE, "{read} blocks: {sql}");
    }
    let rare = blocks(&mut conn, "select esteira.ids_by_metadata('{\"customer\": \"77\"}', 2000)").await;
    assert!(rare <= A_PAGE, "{rare} blocks for ten jobs");
}

/// A session of a tenant's, as its transactions see the database.
async fn as_tenant(h: &Harness, tenant: &Tenant) -> PoolConnection<Postgres> {
    let mut conn = h.pool.acquire().await.unwrap();
    let become_it = format!("set role {}", tenant.role);
    sqlx::query(sqlx::AssertSqlSafe(become_it)).execute(&mut *conn).await.unwrap();
    let path = format!("set search_path = {}, pg_temp", tenant.slug.schema());
    sqlx::query(sqlx::AssertSqlSafe(path)).execute(&mut *conn).await.unwrap();
    conn
}

#[tokio::test]
async fn a_drained_queue_leaves_no_row_behind() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    h.flood(&acme, 30).await;
    let worker = h.worker().await;
    loop {
        let leases = h.claim(worker, 10).await;
        if leases.is_empty() {
            break;
        }
        for lease in leases {
            queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
        }
    }
    assert_eq!(h.count("select count(*) from esteira.queue").await, 0);
    assert_eq!(h.engine.jobs(&acme, &Default::default(), None, 100).await.unwrap().items.len(), 30);
}

#[tokio::test]
async fn a_transaction_that_is_held_open_does_not_make_the_verbs_read_what_it_keeps() {
    let h = Harness::new().await;
    let acme = h.tenant("acme").await;
    let worker = h.worker().await;
    let mut held = h.pool.begin().await.unwrap();
    sqlx::query("set transaction isolation level repeatable read").execute(&mut *held).await.unwrap();
    sqlx::query("select count(*) from esteira.queue").execute(&mut *held).await.unwrap();
    let claim = format!("select * from esteira.claim('{worker}', '{KIND}', 1, 0.01, 0.1)");
    let lane = format!("select esteira.lane_at({}, '{KIND}')", acme.id);
    let time = format!("select esteira.virtual_time('{KIND}')");
    let nobody = "array['00000000-0000-7000-8000-000000000000']::uuid[]";
    let settle = format!(
        "select * from esteira.settle('{worker}', {nobody}, '{{1}}', '{{succeed}}', '{{0}}', '{{false}}', '{{null}}', \
         '{{0}}', '{{null}}', null, null)"
    );
    let again = settle.replace("succeed", "retry");
    let overruns = format!("select esteira.charge_overruns('{worker}', {nobody})");
    let beat = format!("select * from esteira.leases_of('{worker}', {nobody})");
    // Each turn leaves dead versions of the lane, of the virtual time and of the job.
    let mut read = Vec::new();
    for turns in [20, 600] {
        for _ in 0..turns {
            h.flood(&acme, 1).await;
            let lease = h.claim(worker, 1).await.pop().unwrap();
            queue::settle(&h.db, &acme, &lease, &outcome(Decision::Succeed, "succeeded")).await.unwrap();
        }
        h.flood(&acme, 4).await;
        for _ in 0..2 {
            // As if a second had passed: the next claim looks at all lanes, and counts from what the last one saw.
            let passed = "update esteira.virtual_times set looked_at = '-infinity'";
            sqlx::query(passed).execute(&h.pool).await.unwrap();
            assert_eq!(h.claim(worker, 1).await.len(), 1);
        }
        // As autovacuum does, which finds hardly any live row among all the dead ones: an estimate that plans must bear.
        sqlx::query("vacuum analyze esteira.queue").execute(&h.pool).await.unwrap();
        let mut conn = h.pool.acquire().await.unwrap();
        sqlx::query("discard plans").execute(&mut *conn).await.unwrap();
        let mut due = h.pool.begin().await.unwrap();
        let schedule = "update esteira.queue set state = 'scheduled' where state = 'queued'";
        sqlx::query(schedule).execute(&mut *due).await.unwrap();
        // Once for the session to know the statement: how much of the catalog that reads depends on what it did before.
        sqlx::query("savepoint unknown").execute(&mut *due).await.unwrap();
        sqlx::query("select esteira.promote(10)").execute(&mut *due).await.unwrap();
        sqlx::query("rollback to savepoint unknown").execute(&mut *due).await.unwrap();
        let promote = blocks_once(&mut due, "select esteira.promote(10)").await;
        due.rollback().await.unwrap();
        read.push([
            blocks(&mut conn, &settle).await,
            blocks(&mut conn, &again).await,
            blocks(&mut conn, &overruns).await,
            blocks(&mut conn, &beat).await,
            promote,
            blocks(&mut conn, &lane).await,
            blocks(&mut conn, &time).await,
            blocks(&mut conn, &claim).await,
            blocks(&mut conn, "select esteira.unknown_workers()").await,
        ]);
    }
    let [few, many] = read[..] else { panic!("{read:?}") };
    assert!(
        many.iter().zip(few).all(|(many, few)| *many <= few + 30),
        "blocks by a settle, a retry, a charge, a heartbeat, a look for due jobs, a lane, the time, a claim, a look for lives without a row: {read:?}"
    );
    held.rollback().await.unwrap();
}

#[tokio::test]
async fn a_statement_that_names_jobs_finds_them_by_no_index_but_that_of_their_ids() {
    let h = Harness::new().await;
    h.flood(&h.tenant("acme").await, 50).await;
    sqlx::query("vacuum analyze esteira.queue").execute(&h.pool).await.unwrap();
    let mut tx = h.pool.begin().await.unwrap();
    // With next to no live rows, the planner takes every index for one page. None but this one may be a choice then.
    sqlx::query("alter table esteira.queue drop constraint queue_pkey").execute(&mut *tx).await.unwrap();
    sqlx::query("set local enable_seqscan = off").execute(&mut *tx).await.unwrap();
    let sql = "explain delete from esteira.queue where job_id = any (array[gen_random_uuid()])";
    let lines: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut *tx).await.unwrap();
    let without = lines.join("\n");
    assert!(without.contains("Seq Scan"), "{without}");
    tx.rollback().await.unwrap();
}

/// How many blocks a statement reads, those of the functions that it calls included, once the session knows it.
async fn blocks(conn: &mut PgConnection, sql: &str) -> u64 {
    blocks_once(conn, sql).await;
    blocks_once(conn, sql).await
}

/// How many blocks a statement reads this time.
async fn blocks_once(conn: &mut PgConnection, sql: &str) -> u64 {
    let sql = format!("explain (analyze, buffers, costs off, timing off, summary off) {sql}");
    let explain = sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql));
    let text = explain.fetch_all(&mut *conn).await.unwrap().join("\n");
    let hits = text.split("shared hit=").nth(1).unwrap_or_else(|| panic!("{text}"));
    hits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

#[tokio::test]
async fn no_two_tenants_have_a_function_of_the_same_name() {
    // Postgres reads all functions of a name to find the one that is meant: what is called for one tenant would cost
    // more with each other that there is.
    let h = Harness::new().await;
    for slug in ["acme", "other"] {
        h.tenant(slug).await;
    }
    let functions: Vec<(String, i64)> = sqlx::query_as(
        "select p.proname::text, count(*) from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
         where n.nspname like 'tenant%' group by 1 order by 2 desc, 1",
    )
    .fetch_all(&h.pool)
    .await
    .unwrap();
    assert!(functions.iter().any(|(name, _)| name == "keep_ends_acme"), "{functions:?}");
    assert_eq!(
        functions.iter().filter(|(_, times)| *times > 1).collect::<Vec<_>>(),
        [] as [&(String, i64); 0]
    );
}
