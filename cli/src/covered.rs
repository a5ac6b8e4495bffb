//! Has every operation of the API its command? The list of both, which must be whole on either side.

use std::collections::BTreeSet;

use clap::CommandFactory;
use serde_json::Value;

use crate::Esteira;

/// An operation, by its `operationId`, and the command that calls it.
const COMMANDS: &[(&str, &str)] = &[
    ("submit_job", "job submit"),
    ("list_jobs", "job list"),
    ("get_job", "job get"),
    ("explain_job", "job why"),
    ("watch_job", "job watch"),
    ("list_documents", "document list"),
    ("get_document", "document get"),
    ("search_documents", "search"),
    ("cancel_job", "job cancel"),
    ("retry_job", "job retry"),
    ("get_artifact", "artifact get"),
    ("preview_artifact", "artifact preview"),
    ("submit_batch", "batch submit"),
    ("get_batch", "batch get"),
    ("upload_file", "file put"),
    ("create_upload", "file put"),
    ("complete_upload", "file put"),
    ("get_upload", "file get"),
    ("get_me", "whoami"),
    ("get_queue", "queue mine"),
    ("list_kinds", "kind list"),
    ("get_kind", "kind show"),
    ("get_usage", "usage"),
    ("get_tenant_usage", "usage"),
    ("create_tenant", "tenant create"),
    ("list_tenants", "tenant list"),
    ("get_tenant", "tenant show"),
    ("change_tenant", "tenant limit"),
    ("change_tenant", "tenant suspend"),
    ("change_tenant", "tenant resume"),
    ("remove_tenant", "tenant delete"),
    ("grant_submit", "tenant grant-submit"),
    ("revoke_submit", "tenant revoke-submit"),
    ("create_key", "key create"),
    ("list_keys", "key list"),
    ("revoke_key", "key revoke"),
    ("list_operator_keys", "key list"),
    ("revoke_operator_key", "key revoke"),
    ("list_queues", "queue stats"),
    ("pause_queues", "queue pause"),
    ("resume_queues", "queue resume"),
    ("list_workers", "worker list"),
    ("drain_worker", "worker drain"),
    ("resume_worker", "worker resume"),
    ("create_schedule", "schedule create"),
    ("list_schedules", "schedule list"),
    ("get_schedule", "schedule show"),
    ("change_schedule", "schedule update"),
    ("change_schedule", "schedule pause"),
    ("change_schedule", "schedule resume"),
    ("remove_schedule", "schedule delete"),
    ("run_schedule", "schedule run"),
    ("list_schedule_runs", "schedule runs"),
    ("create_webhook", "webhook create"),
    ("list_webhooks", "webhook list"),
    ("get_webhook", "webhook show"),
    ("change_webhook", "webhook update"),
    ("remove_webhook", "webhook delete"),
    ("list_deliveries", "webhook deliveries"),
    ("get_delivery", "webhook delivery"),
    ("redeliver", "webhook redeliver"),
    ("test_webhook", "webhook test"),
    ("get_health", "health"),
    ("get_readiness", "health"),
];

#[test]
fn every_operation_of_the_api_has_its_command() {
    let api: Value = serde_json::from_str(&esteira_api::description()).unwrap();
    let paths = api["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|item| item.as_object().unwrap().values());
    let operations: BTreeSet<_> = operations.map(|said| said["operationId"].as_str().unwrap()).collect();
    let covered: BTreeSet<_> = COMMANDS.iter().map(|(operation, _)| *operation).collect();
    assert_eq!(operations.difference(&covered).collect::<Vec<_>>(), [&""; 0], "have no command");
    assert_eq!(covered.difference(&operations).collect::<Vec<_>>(), [&""; 0], "are no operations");
}

#[test]
fn every_command_of_the_list_is_one() {
    let esteira = Esteira::command();
    for (operation, words) in COMMANDS {
        let found = words.split(' ').try_fold(&esteira, |command, word| command.find_subcommand(word));
        assert!(found.is_some_and(|command| !command.is_hide_set()), "{operation}: esteira {words}");
    }
}
