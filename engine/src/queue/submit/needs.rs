//! Which jobs must succeed before a new one runs? Those it names, and those whose artifacts it reads.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Submission, SubmitError};
use crate::artifact::{ResolveError, Store, locate_all};
use crate::db::{DatabaseError, Db};
use crate::id::JobId;
use crate::job::{CheckedInput, FileUri, InputError, JobState};
use crate::tenant::Tenant;

/// The jobs that a submission needs.
///
/// # Errors
/// When its input names a file that there is not and that no running job could still make.
pub(super) async fn of(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    submission: &Submission,
    input: &CheckedInput,
) -> Result<Vec<JobId>, SubmitError> {
    let mut needs: BTreeSet<JobId> = submission.depends_on.iter().copied().collect();
    let makers: Vec<Uuid> = input.files.iter().filter_map(|file| maker(&file.uri)).map(|job| job.0).collect();
    // In this order: what is not there after its job was over never will be. The other way round, a job that ends in
    // between would have made nothing and be over.
    let states = if makers.is_empty() { HashMap::new() } else { states(db, tenant, &makers).await? };
    let places = locate_all(db, store, tenant, input.files.iter().map(|file| &file.uri)).await?;
    let mut faults = Vec::new();
    for file in &input.files {
        let Some(place) = places.get(&file.uri) else { continue };
        match (place, maker(&file.uri)) {
            (Err(ResolveError::NoArtifact), Some(job))
                if states.get(&job).is_some_and(|state| !state.is_final()) =>
            {
                needs.insert(job);
            }
            (Err(fault), _) => faults.push(InputError::new(file.pointer.clone(), fault.to_string())),
            (Ok(_), _) => {}
        }
    }
    if faults.is_empty() { Ok(needs.into_iter().collect()) } else { Err(SubmitError::BadInput(faults)) }
}

/// The job that makes an artifact.
fn maker(uri: &FileUri) -> Option<JobId> {
    match uri {
        FileUri::Artifact { job, .. } => Some(*job),
        FileUri::Upload(_) | FileUri::S3 { .. } => None,
    }
}

async fn states(db: &Db, tenant: &Tenant, jobs: &[Uuid]) -> Result<HashMap<JobId, JobState>, DatabaseError> {
    let mut tx = db.begin_as(tenant).await?;
    let found = crate::queue::read::states(tx.conn(), jobs).await?;
    tx.commit().await?;
    Ok(found)
}

/// What the needed jobs of a new one are like at the moment of writing.
#[derive(Debug, Default)]
pub(super) struct Standing {
    states: HashMap<JobId, JobState>,
}

impl Standing {
    /// Looks at jobs of a tenant, and keeps those that are not over from ending before this transaction does:
    /// a settle deletes their row of the queue, and has to wait.
    pub async fn look(
        conn: &mut PgConnection,
        tenant: &Tenant,
        jobs: &BTreeSet<JobId>,
    ) -> Result<Self, DatabaseError> {
        if jobs.is_empty() {
            return Ok(Self::default());
        }
        let ids: Vec<Uuid> = jobs.iter().map(|job| job.0).collect();
        sqlx::query!(
            "select job_id from esteira.queue where job_id = any ($1) and tenant_id = $2
             order by job_id for key share",
            &ids,
            tenant.id.0
        )
        .fetch_all(&mut *conn)
        .await?;
        crate::db::become_tenant(conn, tenant).await?;
        let states = crate::queue::read::states(conn, &ids).await?;
        crate::db::become_engine(conn).await?;
        Ok(Self { states })
    }

    /// The needed jobs that are not over; `Err` names one that there is not.
    pub fn live(&self, needs: &[JobId]) -> Result<Vec<JobId>, JobId> {
        let mut live = Vec::new();
        for job in needs {
            match self.states.get(job) {
                None => return Err(*job),
                Some(state) if state.is_final() => {}
                Some(_) => live.push(*job),
            }
        }
        Ok(live)
    }

    /// A needed job that has ended otherwise than by success.
    pub fn failed(&self, needs: &[JobId]) -> Option<JobId> {
        let failed =
            |job: &&JobId| matches!(self.states.get(job), Some(JobState::Failed | JobState::Cancelled));
        needs.iter().find(failed).copied()
    }
}
