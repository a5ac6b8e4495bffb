//! What can be done with webhooks? On behalf of their tenant.

use super::Engine;
use crate::id::{DeliveryId, WebhookId};
use crate::tenant::Tenant;
use crate::webhook::{
    self, Delivery, DeliveryPage, DeliveryState, NewWebhook, Webhook, WebhookChange, WebhookError,
};

impl Engine {
    /// Makes a webhook, as long as the tenant has fewer than `limit`.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn create_webhook(
        &self,
        tenant: &Tenant,
        new: &NewWebhook,
        limit: u32,
    ) -> Result<Webhook, WebhookError> {
        webhook::create(&self.db, tenant, new, i64::from(limit)).await
    }

    /// A tenant's webhooks, the oldest first.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn webhooks(&self, tenant: &Tenant) -> Result<Vec<Webhook>, WebhookError> {
        webhook::list(&self.db, tenant).await
    }

    /// One webhook.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn webhook(&self, tenant: &Tenant, id: WebhookId) -> Result<Webhook, WebhookError> {
        webhook::read(&self.db, tenant, id).await
    }

    /// Changes a webhook.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn change_webhook(
        &self,
        tenant: &Tenant,
        id: WebhookId,
        change: &WebhookChange,
    ) -> Result<Webhook, WebhookError> {
        webhook::change(&self.db, tenant, id, change).await
    }

    /// Removes a webhook; nothing more is sent to it.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn remove_webhook(&self, tenant: &Tenant, id: WebhookId) -> Result<(), WebhookError> {
        webhook::remove(&self.db, tenant, id).await
    }

    /// A page of what a webhook was told, newest first.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn deliveries(
        &self,
        tenant: &Tenant,
        id: WebhookId,
        state: Option<DeliveryState>,
        after: Option<DeliveryId>,
        limit: u16,
    ) -> Result<DeliveryPage, WebhookError> {
        webhook::deliveries(&self.db, tenant, id, state, after, limit).await
    }

    /// One delivery, with its body.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn delivery(
        &self,
        tenant: &Tenant,
        id: WebhookId,
        delivery: DeliveryId,
    ) -> Result<Delivery, WebhookError> {
        webhook::delivery(&self.db, tenant, id, delivery).await
    }

    /// Lets a delivery be sent once more.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn redeliver(
        &self,
        tenant: &Tenant,
        id: WebhookId,
        delivery: DeliveryId,
    ) -> Result<Delivery, WebhookError> {
        webhook::redeliver(&self.db, tenant, id, delivery).await
    }

    /// Sends a webhook a message of no meaning.
    ///
    /// # Errors
    /// See [`WebhookError`].
    pub async fn test_webhook(&self, tenant: &Tenant, id: WebhookId) -> Result<Delivery, WebhookError> {
        webhook::test(&self.db, tenant, id).await
    }
}
