//! Which settings exist? All of them stand in this table, and nowhere else.

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Text,
    /// A whole number.
    Number,
    /// A whole number of days, or `forever`.
    Days,
    /// `true` or `false`.
    Flag,
    /// Texts; in the environment with commas between them.
    List,
    /// Names and numbers; in the environment as `name=number,name=number`.
    Counts,
    /// Names and texts; in the environment as `name=text,name=text`.
    Pairs,
}

/// What holds where nobody says anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// Nothing: the setting is optional.
    Unset,
    /// A text.
    Text(&'static str),
    /// A number.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// Texts.
    List(&'static [&'static str]),
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its place in the TOML file, `section.name`.
    pub key: &'static str,
    /// Its variable in the environment.
    pub env: &'static str,
    /// What it holds.
    pub form: Form,
    /// What holds by default.
    pub default: Fallback,
    /// Whether it is never shown.
    pub secret: bool,
    /// Its manual.
    pub doc: &'static str,
}

const fn setting(
    key: &'static str,
    env: &'static str,
    form: Form,
    default: Fallback,
    doc: &'static str,
) -> Setting {
    Setting { key, env, form, default, secret: false, doc }
}

const fn secret(key: &'static str, env: &'static str, doc: &'static str) -> Setting {
    Setting { key, env, form: Form::Text, default: Fallback::Unset, secret: true, doc }
}

const fn text(key: &'static str, env: &'static str, default: &'static str, doc: &'static str) -> Setting {
    setting(key, env, Form::Text, Fallback::Text(default), doc)
}

const fn optional(key: &'static str, env: &'static str, doc: &'static str) -> Setting {
    setting(key, env, Form::Text, Fallback::Unset, doc)
}

const fn number(key: &'static str, env: &'static str, default: u64, doc: &'static str) -> Setting {
    setting(key, env, Form::Number, Fallback::Number(default), doc)
}

const fn days(key: &'static str, env: &'static str, default: u64, doc: &'static str) -> Setting {
    setting(key, env, Form::Days, Fallback::Number(default), doc)
}

const fn list(
    key: &'static str,
    env: &'static str,
    default: &'static [&'static str],
    doc: &'static str,
) -> Setting {
    setting(key, env, Form::List, Fallback::List(default), doc)
}

const fn flag(key: &'static str, env: &'static str, default: bool, doc: &'static str) -> Setting {
    setting(key, env, Form::Flag, Fallback::Flag(default), doc)
}

/// Every setting, in the order in which a person would look for it.
///
/// `[kinds."NAME"]` is not here: its tables `settings` and `resources` are the kinds' own, which
/// `esteira config --explain` lists after these.
pub const SETTINGS: &[Setting] = &[
    secret(
        "operator_key",
        "ESTEIRA_OPERATOR_KEY",
        "An API key with the scope `operator`, `est_` and at least 43 characters. `esteira migrate` makes it valid.",
    ),
    secret(
        "database.url",
        "DATABASE_URL",
        "Postgres, `postgres://user:password@host:port/database`. A pooler in transaction mode may stand there.",
    ),
    secret(
        "database.direct_url",
        "ESTEIRA_DIRECT_DATABASE_URL",
        "Postgres without a pooler, for LISTEN and migrations. Without it `database.url` serves.",
    ),
    number(
        "database.pool_size",
        "ESTEIRA_DATABASE_POOL_SIZE",
        4,
        "Connections of a process, besides the one that listens.",
    ),
    number(
        "database.acquire_seconds",
        "ESTEIRA_DATABASE_ACQUIRE_SECONDS",
        5,
        "How long a caller waits for a free connection before the database counts as away.",
    ),
    flag(
        "database.named_statements",
        "ESTEIRA_DATABASE_NAMED_STATEMENTS",
        true,
        "Whether a session keeps prepared statements. Turn it off behind PgBouncer before 1.21, and let that forget them after each transaction: server_reset_query = DEALLOCATE ALL, server_reset_query_always = 1.",
    ),
    number(
        "database.tenants_a_connection",
        "ESTEIRA_DATABASE_TENANTS_A_CONNECTION",
        500,
        "After so many tenants a connection is replaced: the server keeps in its memory what it learnt of each. Behind a pooler its own limit counts, such as `server_lifetime` of PgBouncer.",
    ),
    number(
        "migrate.connections",
        "ESTEIRA_MIGRATE_CONNECTIONS",
        4,
        "Tenants that are migrated at the same moment, each over a connection of its own besides `database.pool_size`.",
    ),
    number(
        "migrate.lock_ms",
        "ESTEIRA_MIGRATE_LOCK_MS",
        1_000,
        "How long a migration waits for a tenant's table that is in use, and so makes that tenant's requests wait, before it lets them pass and tries again.",
    ),
    number(
        "migrate.tries",
        "ESTEIRA_MIGRATE_TRIES",
        10,
        "How often a tenant is tried whose tables are in use, or whose database is away, before it is set aside.",
    ),
    optional("s3.bucket", "ESTEIRA_S3_BUCKET", "The bucket that holds uploads and artifacts."),
    text("s3.region", "ESTEIRA_S3_REGION", "us-east-1", "The bucket's region."),
    text(
        "s3.prefix",
        "ESTEIRA_S3_PREFIX",
        "",
        "Goes before every key, for a bucket that is shared with others. Bucket and prefix belong to one database, which the object `esteira.json` there names; with another one every role refuses to start.",
    ),
    optional("s3.endpoint", "ESTEIRA_S3_ENDPOINT", "A server other than AWS, as this process reaches it."),
    optional(
        "s3.public_endpoint",
        "ESTEIRA_S3_PUBLIC_ENDPOINT",
        "The same server as clients reach it; presigned links are signed for it.",
    ),
    flag(
        "s3.path_style",
        "ESTEIRA_S3_PATH_STYLE",
        false,
        "Whether the bucket stands in the path rather than in the host's name, as most servers other than AWS want it.",
    ),
    secret(
        "s3.access_key",
        "ESTEIRA_S3_ACCESS_KEY",
        "Access key id. Without it the AWS default chain is asked (AWS_ACCESS_KEY_ID, a profile, the task's role).",
    ),
    secret("s3.secret_key", "ESTEIRA_S3_SECRET_KEY", "Secret access key, together with `s3.access_key`."),
    text("api.listen", "ESTEIRA_LISTEN", "127.0.0.1:8080", "Address and port of the HTTP server."),
    number("api.json_bytes", "ESTEIRA_API_JSON_BYTES", 2 << 20, "Largest JSON body of a request."),
    number("api.batch_bytes", "ESTEIRA_API_BATCH_BYTES", 16 << 20, "Largest body of `POST /v1/jobs/batch`."),
    number(
        "api.batch_jobs",
        "ESTEIRA_API_BATCH_JOBS",
        10_000,
        "Most jobs of a batch, which one transaction writes; 10,000 at most.",
    ),
    number("api.file_bytes", "ESTEIRA_API_FILE_BYTES", 100 << 20, "Largest body of `POST /v1/files`."),
    number(
        "api.upload_bytes",
        "ESTEIRA_API_UPLOAD_BYTES",
        4 << 30,
        "Largest file that `POST /v1/uploads` announces; one that is larger than `worker.staged_file_bytes` is of no use to jobs.",
    ),
    number(
        "api.upload_hours",
        "ESTEIRA_API_UPLOAD_HOURS",
        24,
        "How long such an upload may take; 168 at most, as S3 has it. Links that are signed with a role's passing credentials end with those.",
    ),
    number(
        "api.max_unfinished_uploads",
        "ESTEIRA_API_MAX_UNFINISHED_UPLOADS",
        1_000,
        "Uploads of one tenant that are announced and not completed; 0 for no limit.",
    ),
    number(
        "api.request_seconds",
        "ESTEIRA_API_REQUEST_SECONDS",
        30,
        "How long an answer may take, waits asked for by `?wait=` not counted.",
    ),
    number(
        "api.long_request_seconds",
        "ESTEIRA_API_LONG_REQUEST_SECONDS",
        3_600,
        "The same for an upload, the look at one that is completed, and the removal of a tenant.",
    ),
    number(
        "api.body_idle_seconds",
        "ESTEIRA_API_BODY_IDLE_SECONDS",
        15,
        "How long a client may be silent in the middle of a body.",
    ),
    number(
        "api.answer_idle_seconds",
        "ESTEIRA_API_ANSWER_IDLE_SECONDS",
        60,
        "How long a client may take nothing of its answer before its connection is given up.",
    ),
    number(
        "api.head_seconds",
        "ESTEIRA_API_HEAD_SECONDS",
        75,
        "How long a client may take for the head of a request, and how long a kept connection may be idle; longer than the load balancer before it.",
    ),
    number("api.head_bytes", "ESTEIRA_API_HEAD_BYTES", 32 << 10, "Largest head of a request."),
    number(
        "api.max_connections",
        "ESTEIRA_API_MAX_CONNECTIONS",
        2_048,
        "Connections served at the same moment.",
    ),
    number(
        "api.max_connections_per_peer",
        "ESTEIRA_API_MAX_CONNECTIONS_PER_PEER",
        256,
        "Those of one client address; 0 for no limit, as behind a load balancer, whose address all clients share.",
    ),
    number(
        "api.first_head_seconds",
        "ESTEIRA_API_FIRST_HEAD_SECONDS",
        10,
        "How long a new connection may be silent before its first request.",
    ),
    number(
        "api.max_waits_per_tenant",
        "ESTEIRA_API_MAX_WAITS_PER_TENANT",
        200,
        "Requests with `?wait=` of one tenant at the same moment; 0 for no limit.",
    ),
    number(
        "api.max_uploads_per_tenant",
        "ESTEIRA_API_MAX_UPLOADS_PER_TENANT",
        16,
        "Files that one tenant brings at the same moment; 0 for no limit.",
    ),
    number(
        "api.max_searches_per_tenant",
        "ESTEIRA_API_MAX_SEARCHES_PER_TENANT",
        20,
        "Searches of one tenant at the same moment; 0 for no limit. About a quarter of `database.pool_size` of them run, one at least, and the others wait.",
    ),
    number(
        "api.max_body_bytes",
        "ESTEIRA_API_MAX_BODY_BYTES",
        128 << 20,
        "Bytes of JSON bodies under way at the same moment, of those that have more than 64 KiB; 0 for no limit. What is made of them takes up to nine times as much memory, and twice that for a moment.",
    ),
    number(
        "api.max_body_bytes_per_tenant",
        "ESTEIRA_API_MAX_BODY_BYTES_PER_TENANT",
        32 << 20,
        "Those of one tenant; 0 for no limit.",
    ),
    number(
        "api.max_streams",
        "ESTEIRA_API_MAX_STREAMS",
        1_000,
        "Open streams of events (`GET /v1/jobs/{id}/events`); 0 for no limit. Each takes a connection of `api.max_connections`.",
    ),
    number(
        "api.max_streams_per_tenant",
        "ESTEIRA_API_MAX_STREAMS_PER_TENANT",
        200,
        "Those of one tenant; 0 for no limit.",
    ),
    number(
        "api.max_timelines_per_tenant",
        "ESTEIRA_API_MAX_TIMELINES_PER_TENANT",
        8,
        "Timelines of jobs (the same, as JSON) that one tenant reads at the same moment; 0 for no limit. Each may take some 40 MB of memory until it is sent.",
    ),
    number(
        "api.preview_bytes",
        "ESTEIRA_API_PREVIEW_BYTES",
        16 * 1024 * 1024,
        "How much of an artifact its preview shows, in bytes. Links to artifacts have no such end.",
    ),
    number(
        "api.max_previews_per_tenant",
        "ESTEIRA_API_MAX_PREVIEWS_PER_TENANT",
        16,
        "Previews of artifacts that one tenant reads at the same moment; 0 for no limit.",
    ),
    number(
        "api.stream_seconds",
        "ESTEIRA_API_STREAM_SECONDS",
        900,
        "How long a stream may be open before its watcher has to come again, with a token that is still good.",
    ),
    number(
        "api.stream_keep_alive_seconds",
        "ESTEIRA_API_STREAM_KEEP_ALIVE_SECONDS",
        15,
        "How long a stream is silent before a comment says that it is still there; shorter than the idle time of the load balancer before it.",
    ),
    number(
        "api.drain_seconds",
        "ESTEIRA_API_DRAIN_SECONDS",
        5,
        "How long after SIGTERM new connections are still taken while `/readyz` fails already; longer than a load balancer takes to see it. `esteira up` has no load balancer and waits for none.",
    ),
    number(
        "api.shutdown_seconds",
        "ESTEIRA_API_SHUTDOWN_SECONDS",
        20,
        "How long requests under way may go on after that.",
    ),
    optional(
        "api.tls_certificate",
        "ESTEIRA_API_TLS_CERTIFICATE",
        "A PEM file with the certificate and its chain: the API then speaks TLS itself. Without it TLS ends at a load balancer.",
    ),
    optional(
        "api.tls_key",
        "ESTEIRA_API_TLS_KEY",
        "The PEM file with the private key, together with `api.tls_certificate`.",
    ),
    number(
        "api.tls_reload_seconds",
        "ESTEIRA_API_TLS_RELOAD_SECONDS",
        30,
        "How often both files are read again; a changed pair that fits is used from then on.",
    ),
    number(
        "api.hsts_seconds",
        "ESTEIRA_API_HSTS_SECONDS",
        31_536_000,
        "How long a browser shall come by TLS only (Strict-Transport-Security), said where the API speaks TLS itself; 0 says nothing.",
    ),
    setting(
        "api.cors_origins",
        "ESTEIRA_API_CORS_ORIGINS",
        Form::List,
        Fallback::Unset,
        "Web pages of other origins that may call the API from a browser, such as `https://app.example.com`, or `*` for all. Without one there is no CORS.",
    ),
    number("api.max_wait_seconds", "ESTEIRA_API_MAX_WAIT_SECONDS", 60, "The longest `?wait=`."),
    number(
        "api.queue_full_retry_seconds",
        "ESTEIRA_API_QUEUE_FULL_RETRY_SECONDS",
        30,
        "What `Retry-After` says when a tenant's queue is full.",
    ),
    number(
        "api.caller_seconds",
        "ESTEIRA_API_CALLER_SECONDS",
        5,
        "How long a revoked key or a suspended tenant may still work in a process that the database cannot tell of it, since its listening connection is away; others hear of it at once. 0 asks the database at each request.",
    ),
    optional(
        "jwt.issuer",
        "ESTEIRA_JWT_ISSUER",
        "The OIDC issuer whose tokens are taken besides API keys, exactly as their `iss` says it: `https://cognito-idp.REGION.amazonaws.com/POOL` for Amazon Cognito. Without it no JWT is taken.",
    ),
    optional(
        "jwt.jwks_url",
        "ESTEIRA_JWT_JWKS_URL",
        "Where the issuer's keys are. Without it `/.well-known/jwks.json` under the issuer, as Cognito has it.",
    ),
    setting(
        "jwt.audiences",
        "ESTEIRA_JWT_AUDIENCES",
        Form::List,
        Fallback::Unset,
        "Whom a token must be for: `aud`, or `client_id` where it has no `aud`. For Cognito the ids of the app clients.",
    ),
    list(
        "jwt.token_use",
        "ESTEIRA_JWT_TOKEN_USE",
        &["access", "id"],
        "Which `token_use` is taken; `none` also takes a token that says nothing of it, as those of issuers other than Cognito.",
    ),
    text(
        "jwt.tenant_claim",
        "ESTEIRA_TENANT_CLAIM",
        "custom:tenant",
        "The claim that holds the tenant's slug. Whoever can write it chooses the tenant, so no user may.",
    ),
    setting(
        "jwt.client_tenants",
        "ESTEIRA_JWT_CLIENT_TENANTS",
        Form::Pairs,
        Fallback::Unset,
        "The tenant of a token without that claim, by its `client_id` or `azp`, as `client=slug,client=slug`: for machines, whose tokens name no user.",
    ),
    text(
        "jwt.groups_claim",
        "ESTEIRA_JWT_GROUPS_CLAIM",
        "cognito:groups",
        "The claim that lists a user's groups; a group with the name of a scope gives that scope.",
    ),
    text(
        "jwt.scope_prefix",
        "ESTEIRA_JWT_SCOPE_PREFIX",
        "api/",
        "What may stand before a scope's name in `scope` and in a group: the resource server's identifier and a slash.",
    ),
    flag(
        "jwt.operator",
        "ESTEIRA_JWT_OPERATOR",
        false,
        "Whether a token with the scope `operator` and without a tenant is an operator's. Otherwise only an API key is.",
    ),
    number(
        "jwt.leeway_seconds",
        "ESTEIRA_JWT_LEEWAY_SECONDS",
        30,
        "How far our clock and the issuer's may be apart when `exp` and `nbf` are looked at.",
    ),
    number("jwt.token_bytes", "ESTEIRA_JWT_TOKEN_BYTES", 16 << 10, "Longest token that is looked at."),
    number(
        "jwt.keys_seconds",
        "ESTEIRA_JWT_KEYS_SECONDS",
        3_600,
        "How long the issuer's keys are used before they are fetched anew; while that fails, the last ones stay in use.",
    ),
    number(
        "jwt.refetch_seconds",
        "ESTEIRA_JWT_REFETCH_SECONDS",
        30,
        "How long after a fetch the next may come, also for a token with an unknown key.",
    ),
    number(
        "jwt.fetch_seconds",
        "ESTEIRA_JWT_FETCH_SECONDS",
        5,
        "How long the issuer may take to give its keys.",
    ),
    optional(
        "console.client_id",
        "ESTEIRA_CONSOLE_CLIENT_ID",
        "The id under which the issuer knows the web page of /console, a public client without a secret. With it, console.authorize_url and console.token_url, people sign in there; without, by API keys alone.",
    ),
    optional(
        "console.authorize_url",
        "ESTEIRA_CONSOLE_AUTHORIZE_URL",
        "The issuer's `authorization_endpoint`.",
    ),
    optional(
        "console.token_url",
        "ESTEIRA_CONSOLE_TOKEN_URL",
        "The issuer's `token_endpoint`, which must allow calls from the page's origin.",
    ),
    text(
        "console.scope",
        "ESTEIRA_CONSOLE_SCOPE",
        "openid",
        "The scopes that the page asks for, with spaces between them.",
    ),
    text(
        "console.token",
        "ESTEIRA_CONSOLE_TOKEN",
        "id",
        "Which of the issuer's tokens is shown to the API: `id`, in which Cognito writes a user's tenant, or `access`.",
    ),
    setting(
        "worker.concurrency",
        "ESTEIRA_WORKER_CONCURRENCY",
        Form::Counts,
        Fallback::Unset,
        "Jobs of a kind that run at once, by the kind's name; 0 leaves the kind to other workers.",
    ),
    number(
        "worker.default_concurrency",
        "ESTEIRA_WORKER_DEFAULT_CONCURRENCY",
        1,
        "The same for every kind that `worker.concurrency` does not name.",
    ),
    number(
        "worker.lease_seconds",
        "ESTEIRA_WORKER_LEASE_SECONDS",
        10,
        "A worker that is silent for this long counts as dead, and its jobs run elsewhere.",
    ),
    number(
        "worker.heartbeat_seconds",
        "ESTEIRA_WORKER_HEARTBEAT_SECONDS",
        3,
        "How often a worker renews its leases; at most a third of the lease.",
    ),
    number(
        "worker.poll_ms",
        "ESTEIRA_WORKER_POLL_MS",
        1_000,
        "How often a worker looks for due jobs and retries, for silent workers, and for work of which no notification came.",
    ),
    number(
        "worker.cancel_poll_ms",
        "ESTEIRA_WORKER_CANCEL_POLL_MS",
        1_000,
        "How often a busy worker looks whether a running job was cancelled, where no notification arrives.",
    ),
    number(
        "worker.grace_seconds",
        "ESTEIRA_WORKER_GRACE_SECONDS",
        20,
        "How long running jobs may go on after SIGTERM before they are handed back.",
    ),
    number(
        "worker.kill_ms",
        "ESTEIRA_WORKER_KILL_MS",
        1_000,
        "How long a child that was told to stop may take before it is killed.",
    ),
    optional(
        "worker.work_dir",
        "ESTEIRA_WORK_DIR",
        "Where attempts have their work directories: inputs, outputs and scratch data. Without it `/var/tmp/esteira`, and the data folder under `esteira up`.",
    ),
    number(
        "worker.spare_children",
        "ESTEIRA_WORKER_SPARE_CHILDREN",
        1,
        "Child processes started ahead, so that a claimed job begins at once.",
    ),
    flag(
        "worker.child_template",
        "ESTEIRA_WORKER_CHILD_TEMPLATE",
        true,
        "Whether child processes are forked from one that is linked once for many, instead of being executed each. They start at a tenth of the cost, and share where their code lies in memory.",
    ),
    number(
        "worker.parallelism",
        "ESTEIRA_WORKER_PARALLELISM",
        0,
        "Threads that a child computes with; 0 for the number of processors.",
    ),
    number(
        "worker.staged_file_bytes",
        "ESTEIRA_WORKER_STAGED_FILE_BYTES",
        4 << 30,
        "Largest file that an input may name.",
    ),
    number(
        "worker.artifact_bytes",
        "ESTEIRA_WORKER_ARTIFACT_BYTES",
        16 << 30,
        "Most bytes of all artifacts of a job.",
    ),
    number(
        "worker.checkpoint_bytes",
        "ESTEIRA_WORKER_CHECKPOINT_BYTES",
        256 << 20,
        "Most bytes of the checkpoints of a job, from which its next attempt goes on; 0 keeps none. What goes beyond is left out, and the job's log says so.",
    ),
    number(
        "worker.checkpoint_count",
        "ESTEIRA_WORKER_CHECKPOINT_COUNT",
        10_000,
        "Most checkpoints of a job, each under a key of its own.",
    ),
    number(
        "worker.checkpoint_ms",
        "ESTEIRA_WORKER_CHECKPOINT_MS",
        2_000,
        "How long a checkpoint waits for others to be brought to the bucket with it; what a worker that dies may lose is little more.",
    ),
    setting(
        "inputs.http_hosts",
        "ESTEIRA_INPUTS_HTTP_HOSTS",
        Form::List,
        Fallback::Unset,
        "Hosts whose files an input may name as `https://…` or `http://…`: `media.example.org` on ports 80 and 443, `media.example.org:8443` on that one, `*.example.org` for all below it. Public addresses alone are connected to, whatever stands here. Every process of API and workers needs the same; without it no file is fetched from the web.",
    ),
    number(
        "inputs.http_bytes",
        "ESTEIRA_INPUTS_HTTP_BYTES",
        4 << 30,
        "Largest file that is fetched from such a host.",
    ),
    number(
        "inputs.http_seconds",
        "ESTEIRA_INPUTS_HTTP_SECONDS",
        900,
        "How long one such file may take, from the look-up of the name to the last byte, redirects included.",
    ),
    number(
        "inputs.http_redirects",
        "ESTEIRA_INPUTS_HTTP_REDIRECTS",
        5,
        "Redirects that are followed, each held to the same rules; none leads from https to http.",
    ),
    text(
        "sandbox.mode",
        "ESTEIRA_SANDBOX",
        "best_effort",
        "`require` refuses to start where the kernel lacks a part of the sandbox; `best_effort` warns once.",
    ),
    setting(
        "sandbox.read_only",
        "ESTEIRA_SANDBOX_READ_ONLY",
        Form::List,
        Fallback::Unset,
        "Directories that children may read besides libraries and fonts, for example of models.",
    ),
    number(
        "sandbox.first_user",
        "ESTEIRA_SANDBOX_FIRST_USER",
        60_578,
        "Where the worker runs as root, each child becomes another user, from this number on.",
    ),
    number(
        "sandbox.users",
        "ESTEIRA_SANDBOX_USERS",
        128,
        "How many such users there are; 0 keeps the worker's own user.",
    ),
    days(
        "retention.jobs_days",
        "ESTEIRA_RETENTION_JOBS_DAYS",
        30,
        "Days that finished jobs are kept with their artifacts, or `forever`; a tenant's `retention_days` goes before it.",
    ),
    days(
        "retention.uploads_days",
        "ESTEIRA_RETENTION_UPLOADS_DAYS",
        30,
        "Days that uploads are kept, or `forever`; longer while an unfinished job names them. A tenant's `upload_retention_days` goes before it.",
    ),
    days(
        "retention.deliveries_days",
        "ESTEIRA_RETENTION_DELIVERIES_DAYS",
        14,
        "Days that deliveries of webhooks are kept after their end, or `forever`.",
    ),
    number(
        "retention.idempotency_hours",
        "ESTEIRA_RETENTION_IDEMPOTENCY_HOURS",
        24,
        "How long the answer to a request with an `Idempotency-Key` is kept, and given again to the same request.",
    ),
    number(
        "retention.prune_minutes",
        "ESTEIRA_RETENTION_PRUNE_MINUTES",
        60,
        "How often each tenant is looked at for what is kept no longer.",
    ),
    number(
        "retention.batch_rows",
        "ESTEIRA_RETENTION_BATCH_ROWS",
        200,
        "Jobs, or uploads, that one transaction prunes at most.",
    ),
    number(
        "retention.sweep_hours",
        "ESTEIRA_RETENTION_SWEEP_HOURS",
        24,
        "How often the bucket is searched for objects that no job and no upload names.",
    ),
    number(
        "retention.orphan_hours",
        "ESTEIRA_RETENTION_ORPHAN_HOURS",
        48,
        "How old such an object must be to be deleted; at least 25, since an attempt may take a day.",
    ),
    number("schedules.max_per_tenant", "ESTEIRA_SCHEDULES_MAX_PER_TENANT", 1_000, "Schedules of one tenant."),
    number(
        "schedules.max_waiting",
        "ESTEIRA_SCHEDULES_MAX_WAITING",
        100,
        "Runs of one schedule that may wait for the one before; with fewer than 100, `catch_up` runs fewer too.",
    ),
    number(
        "schedules.lease_seconds",
        "ESTEIRA_SCHEDULES_LEASE_SECONDS",
        15,
        "How long the process that looks after schedules may be silent before another one takes over.",
    ),
    number(
        "schedules.grace_seconds",
        "ESTEIRA_SCHEDULES_GRACE_SECONDS",
        60,
        "How late a due time may be looked at without being missed, which is for `catch_up`; at least two leases.",
    ),
    number(
        "schedules.poll_ms",
        "ESTEIRA_SCHEDULES_POLL_MS",
        1_000,
        "The longest pause between two looks at what is due; a schedule that was just made may be late by that.",
    ),
    number("schedules.batch", "ESTEIRA_SCHEDULES_BATCH", 50, "Schedules that are fired by one transaction."),
    flag(
        "webhooks.allow_http",
        "ESTEIRA_WEBHOOKS_ALLOW_HTTP",
        false,
        "Whether a webhook may be of plain HTTP, where others on the way can read along.",
    ),
    text(
        "webhooks.ports",
        "ESTEIRA_WEBHOOKS_PORTS",
        "80,443",
        "Ports that webhooks may have, with commas between.",
    ),
    setting(
        "webhooks.allowed_hosts",
        "ESTEIRA_WEBHOOKS_ALLOWED_HOSTS",
        Form::List,
        Fallback::Unset,
        "Hosts that webhooks may reach though they are private: `hooks.internal` on every port, `10.0.0.7:8080` on that one.",
    ),
    number("webhooks.max_per_tenant", "ESTEIRA_WEBHOOKS_MAX_PER_TENANT", 20, "Webhooks of one tenant."),
    number(
        "webhooks.old_secret_hours",
        "ESTEIRA_WEBHOOKS_OLD_SECRET_HOURS",
        24,
        "How long the secret before signs beside a new one, where the request does not say.",
    ),
    number(
        "webhooks.places",
        "ESTEIRA_WEBHOOKS_PLACES",
        64,
        "Deliveries under way at the same moment, in the process that leads; a quarter is kept for tenants that have none.",
    ),
    number(
        "webhooks.places_per_tenant",
        "ESTEIRA_WEBHOOKS_PLACES_PER_TENANT",
        8,
        "Deliveries of one tenant at the same moment.",
    ),
    number(
        "webhooks.places_per_webhook",
        "ESTEIRA_WEBHOOKS_PLACES_PER_WEBHOOK",
        4,
        "Deliveries to one webhook at the same moment.",
    ),
    number(
        "webhooks.timeout_seconds",
        "ESTEIRA_WEBHOOKS_TIMEOUT_SECONDS",
        15,
        "How long one attempt may take, from the look-up of the name to the answer.",
    ),
    number(
        "webhooks.answer_bytes",
        "ESTEIRA_WEBHOOKS_ANSWER_BYTES",
        1024,
        "How much of an answer is kept to be shown.",
    ),
    number(
        "webhooks.retry_hours",
        "ESTEIRA_WEBHOOKS_RETRY_HOURS",
        24,
        "For how long a delivery is tried before it is given up.",
    ),
    number(
        "webhooks.failures_to_open",
        "ESTEIRA_WEBHOOKS_FAILURES_TO_OPEN",
        10,
        "After so many failures in a row a webhook is left alone for a while.",
    ),
    number(
        "webhooks.open_seconds",
        "ESTEIRA_WEBHOOKS_OPEN_SECONDS",
        30,
        "For how long at first; after each trial that fails, twice as long.",
    ),
    number(
        "webhooks.longest_open_seconds",
        "ESTEIRA_WEBHOOKS_LONGEST_OPEN_SECONDS",
        900,
        "And for how long at most.",
    ),
    number(
        "webhooks.poll_ms",
        "ESTEIRA_WEBHOOKS_POLL_MS",
        500,
        "How often the process that leads looks for what is to be delivered.",
    ),
    secret(
        "mail.url",
        "ESTEIRA_MAIL_URL",
        "The SMTP server of webhooks that are `mailto:` addresses, as `smtps://name:password@mail.example.com` or `smtp://localhost:25`; without it no e-mail is sent.",
    ),
    setting(
        "mail.from",
        "ESTEIRA_MAIL_FROM",
        Form::Text,
        Fallback::Unset,
        "Who sends, as `Esteira <reports@example.com>`.",
    ),
    setting(
        "mail.domains",
        "ESTEIRA_MAIL_DOMAINS",
        Form::List,
        Fallback::Unset,
        "The domains to which tenants may have e-mail sent, with commas between; `*` for every one.",
    ),
    text(
        "mail.locale",
        "ESTEIRA_MAIL_LOCALE",
        "pt-BR",
        "The language of e-mail about jobs whose output names none: `pt-BR` or `en-US`.",
    ),
    number(
        "mail.attach_bytes",
        "ESTEIRA_MAIL_ATTACH_BYTES",
        5_242_880,
        "Files of a job that are attached, in bytes together; what does not fit has a link. 0 for links alone.",
    ),
    number(
        "mail.link_hours",
        "ESTEIRA_MAIL_LINK_HOURS",
        72,
        "For how long links are good, 168 at most; whoever has one can read the file. 0 for none.",
    ),
    number(
        "search.timeout_ms",
        "ESTEIRA_SEARCH_TIMEOUT_MS",
        5_000,
        "How long Postgres may take for a search before it is given up; a question of very common words is what takes long.",
    ),
    number(
        "search.question_characters",
        "ESTEIRA_SEARCH_QUESTION_CHARACTERS",
        500,
        "Longest `q` of a search.",
    ),
    number(
        "search.document_bytes",
        "ESTEIRA_SEARCH_DOCUMENT_BYTES",
        64 << 20,
        "Bytes of text of one document that can be searched; what goes beyond is left out, and the document says so.",
    ),
    number(
        "search.document_passages",
        "ESTEIRA_SEARCH_DOCUMENT_PASSAGES",
        200_000,
        "Passages (pages, or stretches of a recording) of one document that can be searched.",
    ),
    secret(
        "search.opensearch_url",
        "ESTEIRA_OPENSEARCH_URL",
        "A search server, OpenSearch or one that speaks like it, that is told of every document besides; workers tell it. `GET /v1/search` asks Postgres alone.",
    ),
    optional(
        "search.opensearch_user",
        "ESTEIRA_OPENSEARCH_USER",
        "User of the search server, together with `search.opensearch_password`.",
    ),
    secret("search.opensearch_password", "ESTEIRA_OPENSEARCH_PASSWORD", "Password of the search server."),
    text(
        "search.opensearch_prefix",
        "ESTEIRA_OPENSEARCH_PREFIX",
        "esteira-",
        "What the names of the tenants' aliases and indices there begin with: `esteira-acme-7` is the alias of tenant acme, number 7.",
    ),
    number(
        "search.opensearch_bulk_bytes",
        "ESTEIRA_OPENSEARCH_BULK_BYTES",
        4 << 20,
        "Bytes of passages that are sent to the search server at once, about.",
    ),
    number(
        "search.opensearch_timeout_seconds",
        "ESTEIRA_OPENSEARCH_TIMEOUT_SECONDS",
        30,
        "How long one call of the search server may take.",
    ),
    number(
        "search.opensearch_longest_pause_seconds",
        "ESTEIRA_OPENSEARCH_LONGEST_PAUSE_SECONDS",
        300,
        "The longest pause between two tries while the search server is away or refuses.",
    ),
    optional(
        "metrics.listen",
        "ESTEIRA_METRICS_LISTEN",
        "Where each role tells its metrics, `GET /metrics`, such as `0.0.0.0:9600`, for the operator's network alone: it asks for no key and names tenants. `off`: nowhere. Without it 127.0.0.1:9600, or any free port of this machine where that is taken.",
    ),
    number(
        "metrics.tenants",
        "ESTEIRA_METRICS_TENANTS",
        20,
        "Tenants with a label of their own in the metrics, the busiest by processing seconds; the others share `other`.",
    ),
    number(
        "metrics.window_minutes",
        "ESTEIRA_METRICS_WINDOW_MINUTES",
        60,
        "Over how long it is looked which tenants are the busiest.",
    ),
    number(
        "metrics.look_seconds",
        "ESTEIRA_METRICS_LOOK_SECONDS",
        15,
        "How often one process of all looks at the whole queue for the metrics; less often where a look takes long, so that it costs a fiftieth of a processor at most.",
    ),
    number(
        "metrics.starved_seconds",
        "ESTEIRA_METRICS_STARVED_SECONDS",
        600,
        "After how long a tenant counts as starved of which nothing runs, though a job of its could.",
    ),
    number(
        "metrics.emf_seconds",
        "ESTEIRA_METRICS_EMF_SECONDS",
        0,
        "How often metrics are written to standard output in CloudWatch's embedded metric format, for logs that go there; 0: never.",
    ),
    text(
        "metrics.emf_namespace",
        "ESTEIRA_METRICS_EMF_NAMESPACE",
        "Esteira",
        "Their namespace in CloudWatch.",
    ),
    list(
        "metrics.emf_names",
        "ESTEIRA_METRICS_EMF_NAMES",
        &[
            "esteira_queue_jobs",
            "esteira_queue_oldest_ready",
            "esteira_queue_slots",
            "esteira_queue_starved",
            "esteira_jobs_finished",
            "esteira_rescues",
            "esteira_crashes",
            "esteira_schedules_late",
            "esteira_webhook_oldest_due",
            "esteira_postgres_errors",
            "esteira_leader",
        ],
        "What the names of metrics begin with that are written so. CloudWatch has a price for each of them with each set of labels.",
    ),
    optional(
        "traces.otlp_endpoint",
        "ESTEIRA_OTLP_ENDPOINT",
        "A collector of OpenTelemetry traces that is told by OTLP over HTTP, `http://127.0.0.1:4318`. Without it there are no traces.",
    ),
    secret(
        "traces.otlp_authorization",
        "ESTEIRA_OTLP_AUTHORIZATION",
        "What is sent to the collector as `Authorization`, where it asks for that.",
    ),
    number(
        "traces.sample_percent",
        "ESTEIRA_TRACES_SAMPLE_PERCENT",
        100,
        "Of a hundred requests, so many are traced; where callers are trusted, of those without a `traceparent` of their own.",
    ),
    flag(
        "traces.trust_callers",
        "ESTEIRA_TRACES_TRUST_CALLERS",
        false,
        "Whether a request is a part of the trace that its `traceparent` names, and is traced or not as that says. Otherwise its own trace only names the caller's: whoever calls from outside must not decide what is recorded, or where it is found.",
    ),
    setting(
        "traces.attributes",
        "ESTEIRA_TRACES_ATTRIBUTES",
        Form::Pairs,
        Fallback::Unset,
        "What each trace says of its process besides, such as `deployment.environment.name=production`.",
    ),
    text("log.format", "ESTEIRA_LOG_FORMAT", "text", "`text` for people, `json` for machines."),
    text(
        "log.level",
        "ESTEIRA_LOG",
        "info",
        "What is logged: `error`, `warn`, `info`, `debug`, or by part, as in `info,esteira_engine=debug`.",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_and_variables_are_unique_and_documented() {
        let keys: BTreeSet<_> = SETTINGS.iter().map(|s| s.key).collect();
        let variables: BTreeSet<_> = SETTINGS.iter().map(|s| s.env).collect();
        assert_eq!((keys.len(), variables.len()), (SETTINGS.len(), SETTINGS.len()));
        for setting in SETTINGS {
            assert!(setting.doc.ends_with('.'), "{}: a full sentence", setting.key);
        }
    }
}
