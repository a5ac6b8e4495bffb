//! Which jobs must succeed before a new one runs? Those it names, and those whose artifacts it reads.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Submission, SubmitError};
use crate::artifact::{Located, ResolveError, Store, locate_all};
use crate::db::{DatabaseError, Db};
use crate::id::JobId;
use crate::job::{CheckedInput, FileUri, InputError, JobState};
use crate::tenant::Tenant;

/// What one submission of several needs: jobs, or why they cannot be.
type Needs = Result<Vec<JobId>, SubmitError>;

/// The jobs that each of some submissions needs: those it names, and those whose artifacts it reads and that are not
/// over. A fault where it names a job that there is not, or in its input a file that there is not and that no running
/// job could still make.
///
/// # Errors
/// When the database is away.
pub(super) async fn of_all(
    db: &Db,
    store: &Store,
    tenant: &Tenant,
    asked: &[(&Submission, &CheckedInput)],
) -> Result<Vec<Needs>, DatabaseError> {
    let files: Vec<&FileUri> =
        asked.iter().flat_map(|(_, input)| &input.files).map(|file| &file.uri).collect();
    let mut named: BTreeSet<JobId> = files.iter().filter_map(|file| maker(file)).collect();
    named.extend(asked.iter().flat_map(|(submission, _)| submission.depends_on.iter().copied()));
    // In this order: what is not there after its job was over never will be. The other way round, a job that ends in
    // between would have made nothing and be over.
    let states = if named.is_empty() { HashMap::new() } else { states(db, tenant, &named).await? };
    let places = locate_all(db, store, tenant, files).await?;
    Ok(asked.iter().map(|(submission, input)| of_one(submission, input, &states, &places)).collect())
}

fn of_one(
    submission: &Submission,
    input: &CheckedInput,
    states: &HashMap<JobId, JobState>,
    places: &HashMap<FileUri, Result<Located, ResolveError>>,
) -> Needs {
    let mut needs: BTreeSet<JobId> = submission.depends_on.iter().copied().collect();
    // One with a unique key may be there already, whatever it needs: that is seen when it is written.
    if submission.unique_key.is_none()
        && let Some(missing) = needs.iter().find(|job| !states.contains_key(job))
    {
        return Err(missing_need(*missing));
    }
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

/// A job is named that the tenant does not have.
pub(super) fn missing_need(job: JobId) -> SubmitError {
    SubmitError::BadField { field: "depends_on", message: format!("there is no job {job}") }
}

/// The job that makes an artifact.
fn maker(uri: &FileUri) -> Option<JobId> {
    match uri {
        FileUri::Artifact { job, .. } => Some(*job),
        FileUri::Upload(_) | FileUri::S3 { .. } | FileUri::Web(_) => None,
    }
}

async fn states(
    db: &Db,
    tenant: &Tenant,
    jobs: &BTreeSet<JobId>,
) -> Result<HashMap<JobId, JobState>, DatabaseError> {
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.0).collect();
    let mut tx = db.begin_as(tenant).await?;
    let found = crate::queue::read::states(tx.conn(), &ids).await?;
    tx.commit().await?;
    Ok(found)
}

/// What the needed jobs of one that is about to be queued are like at that moment.
#[derive(Debug, Default)]
pub(in crate::queue) struct Standing {
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

    /// Whether a needed job is still to end, and cannot before this transaction does.
    pub fn is_live(&self, job: JobId) -> bool {
        self.of(job).is_some_and(|state| !state.is_final())
    }

    /// What a needed job is like; `None` where there is none.
    pub fn of(&self, job: JobId) -> Option<JobState> {
        self.states.get(&job).copied()
    }
}
