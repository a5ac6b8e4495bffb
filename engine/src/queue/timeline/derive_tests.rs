//! Which timelines follow from which rows?

use super::*;
use crate::child::protocol::LogLevel;
use crate::queue::LogLine;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn submitted() -> Facts {
    Facts {
        created_at: at(0),
        run_at: at(0),
        needs_others: false,
        freed_at: None,
        live: None,
        end: None,
        attempts: Vec::new(),
    }
}

fn live(state: JobState, lease: i32, ready_at: i64) -> Option<Live> {
    let started_at = (state == JobState::Running).then(|| at(ready_at + 1));
    Some(Live { state, lease, attempt: i16::try_from(lease).unwrap(), ready_at: at(ready_at), started_at })
}

fn ended(state: JobState, lease: i32, started_at: Option<i64>, finished_at: i64) -> Option<End> {
    Some(End {
        state,
        lease,
        attempt: 1,
        error: None,
        ready_at: started_at.map(at),
        started_at: started_at.map(at),
        finished_at: at(finished_at),
    })
}

fn attempt(lease: i32, ended_as: Option<&str>, times: (i64, i64)) -> Attempt {
    Attempt {
        lease,
        attempt: i16::try_from(lease).unwrap(),
        fraction: None,
        stage: None,
        message: None,
        ended_as: ended_as.map(str::to_owned),
        error: None,
        log: Vec::new(),
        started_at: Some(at(times.0)),
        finished_at: ended_as.map(|_| at(times.1)),
        report: None,
        report_ms: None,
    }
}

/// Each event as `place what@seconds`.
fn told(facts: &Facts) -> Vec<String> {
    let events = events(facts);
    assert!(events.is_sorted_by_key(|event| event.place));
    let what = |event: &Event| match &event.what {
        Happening::State { state, .. } => state.to_string(),
        Happening::Progress(progress) => progress.stage.clone(),
        Happening::Log { message, .. } => message.clone(),
    };
    events.iter().map(|event| format!("{} {}@{}", event.place, what(event), event.at.timestamp())).collect()
}

#[test]
fn a_job_that_waits_for_others_and_then_for_its_time() {
    let mut facts = Facts { needs_others: true, run_at: at(10), ..submitted() };
    facts.live = live(JobState::Blocked, 0, 10);
    assert_eq!(told(&facts), ["0.3.0 blocked@0"]);
    (facts.live, facts.freed_at) = (live(JobState::Scheduled, 0, 10), Some(at(4)));
    assert_eq!(told(&facts), ["0.3.0 blocked@0", "0.4.0 scheduled@4"]);
    facts.live = live(JobState::Queued, 0, 10);
    assert_eq!(told(&facts), ["0.3.0 blocked@0", "0.4.0 scheduled@4", "0.5.0 queued@10"]);
}

#[test]
fn a_job_whose_needs_were_met_before_was_never_blocked() {
    let facts = Facts {
        needs_others: true,
        freed_at: Some(at(-1)),
        live: live(JobState::Queued, 0, 0),
        ..submitted()
    };
    assert_eq!(told(&facts), ["0.5.0 queued@0"]);
}

#[test]
fn a_success_without_an_attempts_row_is_told_whole() {
    let facts = Facts { end: ended(JobState::Succeeded, 1, Some(1), 2), ..submitted() };
    assert_eq!(told(&facts), ["0.5.0 queued@0", "1.0.0 running@1", "1.2.0 succeeded@2"]);
}

#[test]
fn a_failure_a_hand_over_and_a_success() {
    let mut facts = Facts { live: live(JobState::Scheduled, 1, 9), ..submitted() };
    facts.attempts.push(attempt(1, Some("failed"), (1, 2)));
    let first = ["0.5.0 queued@0", "1.0.0 running@1", "1.4.0 scheduled@2"];
    assert_eq!(told(&facts), first);
    facts.live = live(JobState::Running, 2, 9);
    let second = ["1.5.0 queued@9", "2.0.0 running@10"];
    assert_eq!(told(&facts), [&first[..], &second].concat());
    facts.attempts.push(attempt(2, Some("released"), (10, 12)));
    (facts.live, facts.end) = (None, ended(JobState::Succeeded, 3, Some(14), 15));
    let third = ["2.0.0 running@10", "2.5.0 queued@12", "3.0.0 running@14", "3.2.0 succeeded@15"];
    assert_eq!(told(&facts), [&first[..], &third].concat());
}

#[test]
fn a_retry_by_hand_begins_a_new_life_after_the_old_end() {
    let mut facts = Facts { end: ended(JobState::Failed, 1, Some(1), 2), ..submitted() };
    facts.attempts.push(attempt(1, Some("failed"), (1, 2)));
    let first = ["0.5.0 queued@0", "1.0.0 running@1", "1.2.0 failed@2"];
    assert_eq!(told(&facts), first);
    (facts.end, facts.live) = (None, live(JobState::Queued, 2, 7));
    assert_eq!(told(&facts), [&first[..], &["2.5.0 queued@7"]].concat());
    facts.live = live(JobState::Running, 3, 7);
    assert_eq!(told(&facts), [&first[..], &["2.5.0 queued@7", "3.0.0 running@8"]].concat());
}

#[test]
fn a_retry_by_hand_may_wait_for_others_again() {
    let mut facts = Facts { needs_others: true, freed_at: Some(at(-1)), ..submitted() };
    facts.attempts.push(attempt(1, Some("failed"), (1, 2)));
    facts.live = live(JobState::Blocked, 2, 7);
    assert_eq!(told(&facts), ["0.5.0 queued@0", "1.0.0 running@1", "1.2.0 failed@2", "2.3.0 blocked@7"]);
}

#[test]
fn a_job_that_is_cancelled_while_it_waits() {
    let facts = Facts { end: ended(JobState::Cancelled, 0, None, 3), ..submitted() };
    assert_eq!(told(&facts), ["0.5.0 queued@0", "0.6.0 cancelled@3"]);
    let mut facts = Facts { end: ended(JobState::Cancelled, 1, None, 3), ..submitted() };
    facts.attempts.push(attempt(1, Some("failed"), (1, 2)));
    let after_one = ["0.5.0 queued@0", "1.0.0 running@1", "1.4.0 scheduled@2", "1.6.0 cancelled@3"];
    assert_eq!(told(&facts), after_one);
}

#[test]
fn reports_stand_in_their_order_between_the_beginning_and_the_end() {
    let line = |number, message: &str| LogLine {
        level: LogLevel::Info,
        message: message.to_owned(),
        number,
        after_ms: 2_000,
    };
    let mut row = Attempt { fraction: Some(0.5), report: Some(2), ..attempt(1, None, (1, 0)) };
    (row.stage, row.message) = (Some("half".to_owned()), Some(String::new()));
    (row.log, row.report_ms) = (vec![line(1, "one"), line(3, "three")], Some(2_500));
    let mut facts = Facts { live: live(JobState::Running, 1, 0), attempts: vec![row], ..submitted() };
    let reports = ["1.1.1 one@3", "1.1.2 half@3", "1.1.3 three@3"];
    let running = [&["0.5.0 queued@0", "1.0.0 running@1"][..], &reports].concat();
    assert_eq!(told(&facts), running);
    facts.attempts[0].ended_as = Some("succeeded".to_owned());
    facts.attempts[0].finished_at = Some(at(9));
    (facts.live, facts.end) = (None, ended(JobState::Succeeded, 1, Some(1), 9));
    assert_eq!(told(&facts), [&running[..], &["1.2.0 succeeded@9"]].concat());
}
