//! Are the servers fit that the settings name? Each is asked once.

use std::error::Error;

use esteira_engine::config::Config;

use super::Finding;
use crate::serve;

/// Postgres, and whether its schema is of this version.
pub async fn database(config: &Config, about_to_migrate: bool) -> Finding {
    const PART: &str = "database";
    // The bucket plays no part here, and may not be set for `migrate`.
    let db = match serve::open_database(config, 1) {
        Ok(db) => db,
        Err(error) => return Finding::unfit(PART, format!("{error:#}"), "set DATABASE_URL"),
    };
    let behind = esteira_engine::migrate::behind(&db).await;
    db.close().await;
    match behind {
        Ok(0) => Finding::fit(PART, "answers, and is up to date"),
        Ok(count) if about_to_migrate => Finding::fit(PART, format!("answers; {count} migrations to apply")),
        Ok(count) => Finding::unfit(PART, format!("{count} migrations behind"), "run `esteira migrate`"),
        Err(error) => Finding::unfit(PART, causes(&error), "check DATABASE_URL, and that Postgres runs"),
    }
}

/// The bucket.
pub async fn store(config: &Config) -> Finding {
    const PART: &str = "object store";
    const CURE: &str = "check ESTEIRA_S3_BUCKET, its region and endpoint, and the credentials";
    let store = match serve::open_store(config).await {
        Ok(store) => store,
        Err(error) => return Finding::unfit(PART, format!("{error:#}"), CURE),
    };
    match store.check().await {
        Ok(()) => Finding::fit(PART, "the bucket answers"),
        Err(error) => Finding::unfit(PART, causes(&error), CURE),
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

/// An error with its causes on one line.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
