//! What can be done with schedules? On behalf of their tenant.

use super::Engine;
use crate::id::{RunId, ScheduleId};
use crate::schedule::{
    self, Definition, Run, RunPage, RunState, Schedule, ScheduleChange, ScheduleError, SchedulePage,
};
use crate::tenant::Tenant;

impl Engine {
    /// Makes a schedule, as long as the tenant has fewer than `limit`.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub async fn create_schedule(
        &self,
        tenant: &Tenant,
        new: &Definition,
        limit: u32,
    ) -> Result<Schedule, ScheduleError> {
        let made = schedule::create(self, tenant, new, i64::from(limit)).await?;
        Ok(self.catalog.shown_schedule(made))
    }

    /// A page of a tenant's schedules, the oldest first.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub async fn schedules(
        &self,
        tenant: &Tenant,
        after: Option<ScheduleId>,
        limit: u16,
    ) -> Result<SchedulePage, ScheduleError> {
        let page = schedule::list(&self.db, tenant, after, limit).await?;
        let items = page.items.into_iter().map(|item| self.catalog.shown_schedule(item)).collect();
        Ok(SchedulePage { items, ..page })
    }

    /// One schedule.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub async fn schedule(&self, tenant: &Tenant, id: ScheduleId) -> Result<Schedule, ScheduleError> {
        Ok(self.catalog.shown_schedule(schedule::read(&self.db, tenant, id).await?))
    }

    /// Changes a schedule.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub async fn change_schedule(
        &self,
        tenant: &Tenant,
        id: ScheduleId,
        change: &ScheduleChange,
    ) -> Result<Schedule, ScheduleError> {
        let changed = schedule::change(self, tenant, id, change).await?;
        Ok(self.catalog.shown_schedule(changed))
    }

    /// Removes a schedule with its history; its jobs stay.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub async fn remove_schedule(&self, tenant: &Tenant, id: ScheduleId) -> Result<(), ScheduleError> {
        schedule::remove(self, tenant, id).await
    }

    /// Runs a schedule now, by the rules of its overlap; `most_waiting` of its runs may wait.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub async fn run_schedule(
        &self,
        tenant: &Tenant,
        id: ScheduleId,
        most_waiting: usize,
    ) -> Result<Run, ScheduleError> {
        schedule::run_now(self, tenant, id, most_waiting).await
    }

    /// A page of what became of a schedule's due instants, newest first.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub async fn schedule_runs(
        &self,
        tenant: &Tenant,
        id: ScheduleId,
        state: Option<RunState>,
        after: Option<RunId>,
        limit: u16,
    ) -> Result<RunPage, ScheduleError> {
        schedule::history(&self.db, tenant, id, state, after, limit).await
    }
}
