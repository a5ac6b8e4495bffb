//! Which kinds may a submit by SQL name? Those that `esteira migrate` wrote down.
//!
//! The migration and not each worker writes them: it runs once a deploy, before the workers, so that two versions
//! of workers that are at work at the same time do not undo each other's defaults.

use crate::db::{DatabaseError, Db};
use crate::job::Catalog;

/// Makes the catalog's kinds, and no others, known to `esteira.submit`; harmless when they are.
///
/// # Errors
/// When the database is away.
pub async fn publish_kinds(db: &Db, catalog: &Catalog) -> Result<(), DatabaseError> {
    let (mut names, mut attempts, mut timeouts) = (Vec::new(), Vec::new(), Vec::new());
    for entry in catalog.iter() {
        let defaults = &entry.info.defaults;
        names.push(entry.info.name.to_owned());
        attempts.push(i16::try_from(defaults.max_attempts).unwrap_or(i16::MAX));
        timeouts.push(i32::try_from(defaults.timeout.as_secs()).unwrap_or(i32::MAX));
    }
    let mut tx = db.begin().await?;
    sqlx::query!("delete from esteira.kinds where name <> all ($1)", &names).execute(tx.conn()).await?;
    sqlx::query!(
        "insert into esteira.kinds (name, max_attempts, timeout_seconds)
         select * from unnest($1::text[], $2::smallint[], $3::integer[])
         on conflict (name) do update
         set max_attempts = excluded.max_attempts, timeout_seconds = excluded.timeout_seconds",
        &names,
        &attempts,
        &timeouts
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}
