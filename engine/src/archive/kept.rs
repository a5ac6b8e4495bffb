//! Does the copy keep what its archive has? The files that its rows name must be the objects, with as many bytes, and its
//! ledger must say that it keeps just them: the storage limit is held against the ledger, and not against the files.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::ArchiveError;
use super::manifest::Manifest;
use crate::usage::kept;

/// Compares rows and ledger with the objects, in the tenant's transaction that copied them; keys begin with `prefix` by now.
pub(super) async fn check_kept(
    conn: &mut PgConnection,
    manifest: &Manifest,
    prefix: &str,
) -> Result<(), ArchiveError> {
    let unfit = |why: String| Err(ArchiveError::Unfit(why));
    let mut objects = BTreeMap::new();
    let mut bytes = 0_u64;
    for listed in &manifest.entries {
        let Some(key) = &listed.key else { continue };
        bytes = bytes.saturating_add(listed.bytes);
        if objects.insert(format!("{prefix}{key}"), listed.bytes).is_some() {
            return unfit(format!("{} has the key of another object", listed.name));
        }
    }
    let files = sqlx::query!(
        r#"select object_key as "key!", bytes as "bytes!" from artifacts union all select object_key, bytes from uploads"#
    )
    .fetch_all(&mut *conn)
    .await?;
    for file in files {
        if objects.remove(&file.key).map(i64::try_from) != Some(Ok(file.bytes)) {
            return unfit(format!("a file of {} bytes has no such object", file.bytes));
        }
    }
    if let Some(key) = objects.keys().next() {
        return unfit(format!("the object {key} is of no file"));
    }
    match kept(conn).await? {
        sum if u64::try_from(sum) == Ok(bytes) => Ok(()),
        sum => unfit(format!("its ledger keeps {sum} bytes, and its objects have {bytes}")),
    }
}
