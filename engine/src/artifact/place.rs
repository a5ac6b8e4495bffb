//! Where does an object lie, and whose is one that lies there? The layout of keys, both ways.

use crate::id::{JobId, TenantId, UploadId};

/// Every key begins so, below the store's own prefix.
pub(crate) const TENANTS: &str = "tenants/";
/// Where the number of a lease would stand, which is none.
const CHECKPOINTS: &str = "checkpoints";
/// The same, of what a service makes, and its one object.
const SERVICE: &str = "service";
const RESULT: &str = "result.json";

/// Everything of a tenant lies below this key.
pub(crate) fn tenant_prefix(tenant: TenantId) -> String {
    format!("{TENANTS}{tenant}/")
}

/// What one lease of a job makes lies below this key, so that a late one overwrites nothing.
pub(crate) fn lease_prefix(tenant: TenantId, job: JobId, lease: i32) -> String {
    format!("{}jobs/{job}/{lease}/", tenant_prefix(tenant))
}

/// What is kept of a job for its next attempt lies below this key, beside its leases.
pub(crate) fn checkpoint_prefix(tenant: TenantId, job: JobId) -> String {
    format!("{}jobs/{job}/{CHECKPOINTS}/", tenant_prefix(tenant))
}

/// The key of a piece of it, which a lease wrote under this number.
pub(crate) fn checkpoint_key(tenant: TenantId, job: JobId, lease: i32, number: u32) -> String {
    format!("{}{lease}/{number}", checkpoint_prefix(tenant, job))
}

/// The key of what a service has made for a job: the same for all its attempts.
pub(crate) fn service_key(tenant: TenantId, job: JobId) -> String {
    format!("{}jobs/{job}/{SERVICE}/{RESULT}", tenant_prefix(tenant))
}

/// The key of an upload.
pub(crate) fn upload_key(tenant: TenantId, upload: UploadId) -> String {
    format!("{}uploads/{upload}", tenant_prefix(tenant))
}

/// What a key says of its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The tenant.
    pub tenant: TenantId,
    /// What of the tenant's it belongs to.
    pub owner: Owner,
}

/// What an object belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A lease of a job, which made a file of this name.
    Lease(JobId, i32, String),
    /// A lease of a job, which kept this piece of its checkpoints.
    Checkpoint(JobId, i32, u32),
    /// A job for which a service has made it.
    Service(JobId),
    /// An upload.
    Upload(UploadId),
}

impl Place {
    /// Reads a key; `None` when it is none of ours.
    pub fn of(key: &str) -> Option<Self> {
        let (tenant, rest) = key.strip_prefix(TENANTS)?.split_once('/')?;
        let owner = match rest.split_once('/')? {
            ("jobs", rest) => {
                let (job, rest) = rest.split_once('/')?;
                let (lease, name) = rest.split_once('/')?;
                if lease == SERVICE {
                    Owner::Service(job.parse().ok().filter(|_| name == RESULT)?)
                } else if lease == CHECKPOINTS {
                    let (lease, number) = name.split_once('/')?;
                    Owner::Checkpoint(job.parse().ok()?, lease.parse().ok()?, number.parse().ok()?)
                } else {
                    Owner::Lease(job.parse().ok()?, lease.parse().ok()?, name.to_owned())
                }
            }
            ("uploads", upload) => Owner::Upload(upload.parse().ok()?),
            _ => return None,
        };
        Some(Self { tenant: TenantId(tenant.parse().ok()?), owner })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_whose_it_is() {
        let (tenant, job, upload) = (TenantId(7), JobId::new(), UploadId::new());
        let key = format!("{}hls/0.m4s", lease_prefix(tenant, job, 3));
        let owner = Owner::Lease(job, 3, "hls/0.m4s".to_owned());
        assert_eq!(Place::of(&key), Some(Place { tenant, owner }));
        let owner = Owner::Checkpoint(job, 3, 12);
        assert_eq!(Place::of(&checkpoint_key(tenant, job, 3, 12)), Some(Place { tenant, owner }));
        let owner = Owner::Service(job);
        assert_eq!(Place::of(&service_key(tenant, job)), Some(Place { tenant, owner }));
        let owner = Owner::Upload(upload);
        assert_eq!(Place::of(&upload_key(tenant, upload)), Some(Place { tenant, owner }));
    }

    #[test]
    fn what_others_put_into_the_bucket_is_nobodys() {
        for key in
            ["", "x", "tenants/", "tenants/7/backup.tar", "tenants/a/uploads/b", "tenants/7/jobs/x/1/y"]
        {
            assert_eq!(Place::of(key), None, "{key}");
        }
    }
}
