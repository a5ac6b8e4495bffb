//! Are the files that new jobs read still there? They are, and stay, until the transaction ends that writes the jobs.
//!
//! Whoever prunes a file locks its row, looks which unfinished jobs name it, and deletes the row. A submit locks the row
//! too: it either comes first, and its job is seen, or finds nothing, and says so.

use std::collections::HashSet;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{NewJob, Standing, SubmitError};
use crate::artifact::ResolveError;
use crate::db::{DatabaseError, become_engine, become_tenant};
use crate::job::{FileUri, InputError};
use crate::tenant::Tenant;

/// Holds the uploads and the finished jobs whose files some new jobs read.
///
/// # Errors
/// When one of them was pruned since the check.
pub(super) async fn hold(
    conn: &mut PgConnection,
    tenant: &Tenant,
    jobs: &[&NewJob],
    standing: &Standing,
) -> Result<(), SubmitError> {
    let (mut uploads, mut makers) = (Vec::new(), Vec::new());
    for job in jobs {
        for file in job.files() {
            match &file.uri {
                FileUri::Upload(id) => uploads.push(id.0),
                // One that is not over yet has nothing that could be pruned.
                FileUri::Artifact { job: maker, .. } if !standing.is_live(*maker) => makers.push(maker.0),
                FileUri::Artifact { .. } | FileUri::S3 { .. } | FileUri::Web(_) => {}
            }
        }
    }
    if uploads.is_empty() && makers.is_empty() {
        return Ok(());
    }
    become_tenant(conn, tenant).await?;
    let held = rows(conn, &uploads, &makers).await?;
    become_engine(conn).await?;
    let faults: Vec<InputError> = jobs.iter().flat_map(|job| gone(job, &held, standing)).collect();
    if faults.is_empty() { Ok(()) } else { Err(SubmitError::BadInput(faults)) }
}

/// Locks the rows, in the order of their ids as the prune does; gives those that are there.
async fn rows(
    conn: &mut PgConnection,
    uploads: &[Uuid],
    makers: &[Uuid],
) -> Result<HashSet<Uuid>, DatabaseError> {
    let mut held = HashSet::new();
    if !uploads.is_empty() {
        let there =
            sqlx::query_scalar!("select id from uploads where id = any ($1) order by id for share", uploads);
        held.extend(there.fetch_all(&mut *conn).await?);
    }
    if !makers.is_empty() {
        let there = sqlx::query_scalar!(
            "select job_id from outcomes where job_id = any ($1) order by job_id for share",
            makers
        );
        held.extend(there.fetch_all(conn).await?);
    }
    Ok(held)
}

/// A fault for each file of a job that is gone.
fn gone(job: &NewJob, held: &HashSet<Uuid>, standing: &Standing) -> Vec<InputError> {
    let fault = |file: &crate::job::FileReference| {
        let why = match &file.uri {
            FileUri::Upload(id) if !held.contains(&id.0) => ResolveError::NoUpload,
            FileUri::Artifact { job: maker, .. } if !standing.is_live(*maker) && !held.contains(&maker.0) => {
                ResolveError::NoArtifact
            }
            _ => return None,
        };
        Some(InputError::new(file.pointer.clone(), why.to_string()))
    };
    job.files().iter().filter_map(fault).collect()
}
