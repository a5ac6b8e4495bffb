//! Are the servers fit that the settings name? Each is asked once.

use esteira_engine::artifact::{BindError, Unmarked};
use esteira_engine::config::Config;
use esteira_engine::db::{DatabaseError, Db};
use esteira_engine::migrate;
use esteira_engine::tenant::valid_operator_keys;

use super::Finding;
use crate::out::causes;
use crate::serve;

/// Postgres, and whether its schema is of this version.
pub async fn database(config: &Config, about_to_migrate: bool) -> Finding {
    const PART: &str = "database";
    // The bucket plays no part here, and may not be set for `migrate`.
    let db = match serve::open_database(config, 1) {
        Ok(db) => db,
        Err(error) => return Finding::unfit(PART, causes(error.as_ref()), "set DATABASE_URL"),
    };
    let looked = look(&db).await;
    let place = db.place();
    db.close().await;
    match looked {
        Ok(Look { without_create_role: Some(role), .. }) => Finding::unfit(
            PART,
            format!("{place}: the role {role} may not create roles, and each tenant needs one"),
            format!("let a superuser run `alter role {role} createrole`"),
        ),
        Ok(Look { behind: 0, operator_keys: 0, .. }) => Finding::weak(
            PART,
            format!("{place} is up to date; no operator's key is valid, so nobody can make tenants"),
            "set ESTEIRA_OPERATOR_KEY and run `esteira migrate`",
        ),
        Ok(Look { behind: 0, without_statistics: Some(role), .. }) => Finding::weak(
            PART,
            format!(
                "{place} is up to date; the role {role} may not see others' sessions, so no metric counts them"
            ),
            format!("let a superuser run `grant pg_read_all_stats to {role}`"),
        ),
        Ok(Look { behind: 0, .. }) => Finding::fit(PART, format!("{place} answers, and is up to date")),
        Ok(Look { behind, .. }) if about_to_migrate => {
            Finding::fit(PART, format!("{place} answers; {behind} migrations to apply"))
        }
        Ok(Look { behind, .. }) => {
            Finding::unfit(PART, format!("{place} is {behind} migrations behind"), "run `esteira migrate`")
        }
        Err(error) => Finding::unfit(
            PART,
            format!("{place}: {}", causes(&error)),
            "check DATABASE_URL, and that Postgres runs",
        ),
    }
}

/// What is looked at in a database.
struct Look {
    without_create_role: Option<String>,
    without_statistics: Option<String>,
    behind: i32,
    /// Those that are valid; of a database that is behind it is not known.
    operator_keys: i64,
}

async fn look(db: &Db) -> Result<Look, DatabaseError> {
    db.check().await?;
    let without_create_role = migrate::without_create_role(db).await?;
    let without_statistics = migrate::without_statistics(db).await?;
    let behind = migrate::behind(db).await?;
    let operator_keys = if behind == 0 { valid_operator_keys(db).await? } else { 0 };
    Ok(Look { without_create_role, without_statistics, behind, operator_keys })
}

/// The bucket.
pub async fn store(config: &Config) -> Finding {
    const PART: &str = "object store";
    const CURE: &str = "check ESTEIRA_S3_BUCKET, its region and endpoint, and the credentials";
    let store = match serve::open_store(config).await {
        Ok(store) => store,
        Err(error) => return Finding::unfit(PART, causes(error.as_ref()), CURE),
    };
    if let Err(error) = store.check().await {
        return Finding::unfit(PART, causes(&error), CURE);
    }
    let Ok(db) = serve::open_database(config, 1) else {
        return Finding::fit(PART, "the bucket answers");
    };
    let bound = store.bind(&db, Unmarked::Refuse).await;
    db.close().await;
    match bound {
        Ok(()) => Finding::fit(PART, "the bucket answers, and is this database's"),
        // What is wrong with the database is told above.
        Err(BindError::Database(_)) => Finding::fit(PART, "the bucket answers"),
        Err(error @ BindError::Store(_)) => Finding::unfit(PART, causes(&error), CURE),
        Err(error) => Finding::unfit(PART, causes(&error), "one bucket and prefix belong to one database"),
    }
}

/// The address of the API.
pub async fn address(config: &Config) -> Finding {
    const PART: &str = "address";
    match serve::listen(config.api.listen).await {
        Ok(_) => Finding::fit(PART, format!("{} is free", config.api.listen)),
        Err(error) => Finding::unfit(PART, causes(&error), "stop what listens there, or set ESTEIRA_LISTEN"),
    }
}
